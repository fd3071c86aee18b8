"""What is seen of a process that is watched: a table with sparklines while it runs, and the report at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from bot.budgets.monitoring.samples import AlertKind
from bot.decisions.budget_table import amount
from bot.decisions.budgets import Unit
from bot.reports.inert import terminal_text
from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from bot.budgets.monitoring.live import Session
    from bot.budgets.monitoring.samples import Alert, Observed

_BARS: Final = "▁▂▃▄▅▆▇█"
_WIDTH: Final = 40


def sparkline(values: Sequence[float], width: int = _WIDTH) -> str:
    """Values as a line of bars from the lowest to the highest, the latest at the right; flat where they are equal.

    Args:
        values: in the order of time.
        width: how many bars at most; more values than that are told by the highest of their neighbours.
    """
    if not values:
        return ""
    size = -(-len(values) // width)
    highest = [max(values[start : start + size]) for start in range(0, len(values), size)]
    low, high = min(highest), max(highest)
    steps = len(_BARS) - 1
    return "".join(_BARS[round((value - low) / (high - low) * steps) if high > low else 0] for value in highest)


def live_table(session: Session, title: str) -> Table:
    """What is known at the moment."""
    table = Table(title=terminal_text(title), title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("metric", "now", "base", "peak", "budget"):
        table.add_column(name, justify="left" if name == "metric" else "right", header_style="dim", no_wrap=True)
    table.add_column(f"the last {session.seconds:,.0f} s", header_style="dim", no_wrap=True)
    table.add_column("", no_wrap=True)
    for item in session.watch.observed():
        alerts = [alert for alert in session.watch.alerts() if alert.metric is item.metric]
        table.add_row(
            item.metric.value,
            Text(amount(item.last, item.unit), style="bold red" if alerts else ""),
            amount(item.base, item.unit),
            amount(item.peak, item.unit),
            amount(item.limit, item.unit),
            sparkline(session.watch.points(item.metric)),
            Text(", ".join(_words(alert, item.unit) for alert in alerts), style="red"),
        )
    return table


def print_report(session: Session, console: Console, title: str) -> None:
    """Prints what there was: base, peak, growth and alerts of each metric."""
    observed = session.watch.observed()
    console.print(Text(terminal_text(title), style="bold"), soft_wrap=True)
    if observed:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("metric", "base", "peak", "end", "growth", "budget", "alerts"):
            table.add_column(name, justify="left" if name == "metric" else "right", header_style="dim", no_wrap=True)
        for item in observed:
            growth = item.last - item.base
            table.add_row(
                item.metric.value,
                amount(item.base, item.unit),
                amount(item.peak, item.unit),
                amount(item.last, item.unit),
                f"{'+' if growth > 0 else ''}{amount(growth, item.unit)}",
                amount(item.limit, item.unit),
                f"{len(item.alerts)}" if item.alerts else "",
            )
        console.print(table)
    for line in _report_lines(session, observed):
        console.print(Text(line), soft_wrap=True)


def _report_lines(session: Session, observed: Sequence[Observed]) -> Iterator[str]:
    for item in observed:
        for alert in item.alerts:
            yield f"{item.metric}: {_words(alert, item.unit)}, after {alert.since:,.0f} s"
    unmeasured = session.watch.unmeasured()
    if unmeasured:
        yield f"Not measured from outside: {', '.join(unmeasured)}; `stanch measure` does."
    for sentence in session.seen:
        yield terminal_text(sentence)
    going = "It is ended with the watching." if session.own else "The process goes on."
    how = "The process has ended." if session.ended else going
    yield f"{count(session.samples, 'sample')} in {session.seconds:,.0f} s. {how}"


def _words(alert: Alert, unit: Unit) -> str:
    if alert.kind is AlertKind.OVER_BUDGET:
        part = f"{terminal_text(alert.detail)}: " if alert.detail else ""
        return f"{part}{amount(alert.value, unit)}, over the budget of {amount(alert.limit, unit)}"
    return f"grows by {_at_least(alert.per_minute or 0, unit)} a minute or more"


def _at_least(rate: float, unit: Unit) -> str:
    return amount(round(rate, 2), unit)
