"""Results of measurements as Markdown: a table of what is not well, the rest folded, and the worst as a curve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.decisions.budgets import BudgetsError, Precision, State, Unit, failing
from bot.reports.inert import markdown_code, markdown_text
from bot.reports.markdown_finding import shown_path
from bot.reports.wording import count, series, shorten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from bot.config import Config
    from bot.decisions.budgets import Budgets, Measured, Result

MAX_ROWS = 20
MAX_FOLDED = 20
MAX_ERROR = 300
MAX_PLACES = 2
MIN_POINTS = 3

_WORDS: Final = {
    State.NEW_GROWTH: "grows",
    State.OVER_BUDGET: "over budget",
    State.GROWTH_IN_BASE: "grew before",
    State.INCONCLUSIVE: "no clear result",
    State.NOT_MEASURED: "not measured",
    State.PASS: "kept",
}
"""What became of a metric, the gravest first."""
_HEADER: Final = (
    "| profile | metric | result | base | now | budget | per iteration |\n"
    "| --- | --- | --- | ---: | ---: | ---: | ---: |"
)
# A diagram's lines have no legend, so that their colours must be known; Mermaid takes them from a directive.
_DIRECTIVE: Final = (
    '%%%%{init: {"xyChart": {"width": 700, "height": 260}, '
    '"themeVariables": {"xyChart": {"plotColorPalette": "%s"}}}}%%%%'
)
_GREY: Final = "#8c959f"
_RED: Final = "#cf222e"
_KILO: Final = 1000
_SPACE: Final = "\u00a0"


def budgets_markdown(budgets: Measured, config: Config | None) -> str:
    """The section on budgets; empty where nothing was measured.

    Args:
        budgets: what was measured.
        config: what is in force; None where it is not at hand, so that nothing is said of what fails.
    """
    if budgets is None:
        return ""
    if isinstance(budgets, BudgetsError):
        return f"**The budgets of this commit cannot be shown.** {markdown_text(shorten(str(budgets), MAX_ERROR))}"
    if config is None:
        return _section(budgets, _states(budgets), ())
    failed = failing(budgets, config)
    return _section(budgets, _heading(budgets, failed), failed)


def budgets_title(failed: Collection[Result]) -> str:
    """How many budgets are not kept, in a few words; empty where all are."""
    return f"{count(len(failed), 'budget is', 'budgets are')} not kept" if failed else ""


def words_of(result: Result) -> str:
    """What became of a metric, in a few words."""
    word = _WORDS[result.state]
    noisy = result.precision is Precision.STATISTICAL and result.state is not State.PASS
    return f"{word} (too noisy to fail)" if noisy else word


def amount(value: float | None, unit: Unit) -> str:
    """What was measured, as it is shown; a dash where nothing was."""
    if value is None:
        return "–"
    if unit is Unit.BYTES:
        return _size(value)
    if unit is Unit.SECONDS:
        return f"{value:,.1f}{_SPACE}s" if abs(value) >= 1 else f"{value * _KILO:,.2f}{_SPACE}ms"
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _section(budgets: Budgets, heading: str, failed: Collection[Result]) -> str:
    results = sorted(budgets.results, key=lambda result: (result not in failed, list(_WORDS).index(result.state)))
    telling = [result for result in results if result.state is not State.PASS or result in failed]
    kept = [result for result in results if result.state is State.PASS and result not in failed]
    parts = [
        f"#### {heading}",
        _table(telling[:MAX_ROWS], failed),
        f"{count(len(telling) - MAX_ROWS, 'more metric is', 'more metrics are')} not shown here."
        if len(telling) > MAX_ROWS
        else "",
        _curve(results[0]) if results else "",
        _folded(kept, failed),
        f"<sub>Measured on {markdown_code(budgets.environment.os)} with {markdown_code(budgets.environment.runtime)}, "
        f"commit {markdown_code(budgets.commit[:7])}</sub>",
    ]
    return "\n\n".join(filter(None, parts))


def _heading(budgets: Budgets, failed: Collection[Result]) -> str:
    if failed:
        return budgets_title(failed)
    if all(result.state is State.PASS for result in budgets.results):
        return "All budgets are kept"
    return f"No budget fails: {_states(budgets)}"


def _states(budgets: Budgets) -> str:
    states = [result.state for result in budgets.results]
    return series([f"{states.count(state)} {word}" for state, word in _WORDS.items() if state in states])


def _table(results: Sequence[Result], failed: Collection[Result]) -> str:
    return "\n".join((_HEADER, *(_row(result, result in failed) for result in results))) if results else ""


def _row(result: Result, fails: bool) -> str:
    word = words_of(result)
    where = "".join(_places(result))
    cells = (
        markdown_code(result.profile),
        result.metric.value,
        (f"**{word}**" if fails else word) + where,
        amount(result.base, result.unit),
        amount(result.head, result.unit),
        amount(result.limit, result.unit),
        f"+{amount(result.rate, result.unit)}" if result.rate else "",
    )
    return f"| {' | '.join(cells)} |"


def _places(result: Result) -> Iterator[str]:
    """Where what grows is created, and the findings that this confirms."""
    sites = [one for one in result.grown if one.site is not None and result.state is not State.PASS][:MAX_PLACES]
    if not sites and result.site is not None:
        yield f" at {shown_path(result.site.path, result.site.line)}"
    told: set[tuple[str, int]] = set()
    for one in sites:
        if one.site is None or (one.site.path, one.site.line) in told:
            continue
        yield f"{' and' if told else ''} at {shown_path(one.site.path, one.site.line)}"
        if one.finding is not None:
            yield f", confirms {markdown_code(one.finding)}"
        told.add((one.site.path, one.site.line))


def _folded(results: Sequence[Result], failed: Collection[Result]) -> str:
    if not results:
        return ""
    summary = f"{count(len(results), 'budget')} kept"
    table = _table(results[:MAX_FOLDED], failed)
    return f"<details>\n<summary>{summary}</summary>\n\n{table}\n\n</details>"


def _size(value: float) -> str:
    for name in ("B", "kB", "MB"):
        if abs(value) < _KILO:
            return f"{value:,.0f}{_SPACE}B" if name == "B" else f"{value:,.1f}{_SPACE}{name}"
        value /= _KILO
    return f"{value:,.1f}{_SPACE}GB"


def _curve(result: Result) -> str:
    """The held amount after each batch; only where it tells more than the table: the change grows."""
    base, head = result.base_points, result.head_points
    if result.state is not State.NEW_GROWTH or len(head) < MIN_POINTS or len(base) not in {0, len(head)}:
        return ""
    most, least = max(*base, *head), min(0, *base, *head)
    chart = (
        "```mermaid",
        _DIRECTIVE % (f"{_GREY}, {_RED}" if base else _RED),
        "xychart-beta",
        f'    x-axis "batch" [{", ".join(str(batch) for batch in range(1, len(head) + 1))}]',
        f'    y-axis "{result.metric.value}, {result.profile}" {least:g} --> {most:g}',
        *(f"    line [{', '.join(f'{value:g}' for value in points)}]" for points in (base, head) if points),
        "```",
    )
    colours = "red is now, grey the base" if base else "now"
    summary = f"{result.metric.value.capitalize()} held after each batch: {colours}"
    return "\n".join((f"<details>\n<summary>{summary}</summary>\n", *chart, "\n</details>"))
