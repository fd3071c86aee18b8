"""What was measured, for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from bot.decisions.budget_table import amount, budgets_title, words_of
from bot.decisions.budgets import Precision, State, failing
from bot.reports.inert import terminal_text
from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from bot.config import Config
    from bot.decisions.budgets import Budgets, Grown, Result

_STYLES: Final = {
    State.NEW_GROWTH: "bold red",
    State.OVER_BUDGET: "bold red",
    State.GROWTH_IN_BASE: "yellow",
    State.INCONCLUSIVE: "yellow",
    State.NOT_MEASURED: "yellow",
    State.PASS: "green",
}
_COLUMNS: Final = ("metric", "result", "base", "now", "budget", "per iteration", "class")


def print_budgets(budgets: Budgets, config: Config, console: Console, *, everything: bool = False) -> None:
    """Prints what was measured: what is not well, and how much is.

    Args:
        budgets: what was measured.
        config: what is in force.
        console: where to.
        everything: also each metric that is well.
    """
    failed = failing(budgets, config)
    for profile in dict.fromkeys(result.profile for result in budgets.results):
        results = [result for result in budgets.results if result.profile == profile]
        console.print(Text(terminal_text(profile), style="bold"))
        shown = [result for result in results if everything or _tells(result)]
        if shown:
            console.print(_table(shown, failed))
        for line in _growth_lines(shown):
            console.print(Text(line), soft_wrap=True)
        kept = len(results) - len(shown)
        if kept:
            console.print(Text(f"  {count(kept, 'other metric')} within budget and not growing", style="dim"))
        console.print()
    console.print(Text(_summary(budgets, failed), style="bold red" if failed else ""), soft_wrap=True)


def _tells(result: Result) -> bool:
    return result.state is not State.PASS or result.limit is not None or result.base_rate is not None


def _table(results: Sequence[Result], failed: Sequence[Result]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in _COLUMNS:
        numeric = name in {"base", "now", "budget", "per iteration"}
        table.add_column(name, justify="right" if numeric else "left", header_style="dim", no_wrap=True)
    for result in results:
        word = words_of(result)
        table.add_row(
            f"  {result.metric}" + (f" {terminal_text(result.detail)}" if result.detail else ""),
            Text(f"{word}{'' if result not in failed else ', fails'}", style=_STYLES[result.state]),
            amount(result.base, result.unit),
            amount(result.head, result.unit),
            amount(result.limit, result.unit),
            _rates(result),
            result.precision.value
            if result.precision is not Precision.EXACT
            else f"exact, {count(result.runs, 'run')}",
        )
    return table


def _rates(result: Result) -> str:
    if result.rate is None:
        return ""
    now = _signed(result.rate, result)
    return now if result.base_rate is None else f"{_signed(result.base_rate, result)} -> {now}"


def _signed(rate: float, result: Result) -> str:
    return f"{'+' if rate > 0 else ''}{amount(rate, result.unit)}"


def _growth_lines(results: Sequence[Result]) -> Iterator[str]:
    for result in results:
        for grown in result.grown:
            yield f"    {_grown(result, grown)}"
        if result.reason:
            yield f"    {result.metric}: {terminal_text(result.reason)}"


def _grown(result: Result, grown: Grown) -> str:
    what = f"{result.metric} {terminal_text(grown.detail)}" if grown.detail else f"{result.metric}"
    words = [f"{what}: +{amount(grown.rate, result.unit)} per iteration"]
    if grown.site is not None:
        column = f":{grown.site.column}" if grown.site.column else ""
        words.append(f"created at {terminal_text(grown.site.path)}:{grown.site.line}{column}")
    if grown.finding is not None:
        words.append(f"confirms the finding {grown.finding}")
    return ", ".join(words)


def _summary(budgets: Budgets, failed: Sequence[Result]) -> str:
    unknown = sum(result.state in {State.INCONCLUSIVE, State.NOT_MEASURED} for result in budgets.results)
    title = budgets_title(failed) or ("Nothing fails" if budgets.results else "Nothing was measured")
    if unknown:
        title += f"; {count(unknown, 'metric has', 'metrics have')} no result"
    place = budgets.environment
    what = f"{budgets.commit[:12]}{' with uncommitted changes' if budgets.dirty else ''}"
    against = f" against {budgets.base[:12]}" if budgets.base else ""
    return f"{title}. Measured {what}{against} on {place.os} with {place.runtime}."
