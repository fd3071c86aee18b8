"""One finding as HTML: what leaks, its code with the place marked, the exit and the search, the trail, the fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.reports.excerpt import MAX_COLUMNS, MAX_LINES
from bot.reports.fix_diffs import shown_diff
from bot.reports.html_elements import Html, code_text, element, joined, prose
from bot.reports.inert import terminal_text
from bot.reports.paths import Placed, uri_path
from bot.reports.wording import CAUSED, count, searched, shorten
from fixers.findings import Change, Confidence, FixKind, Role, Severity

if TYPE_CHECKING:
    from bot.reports.markdown_finding import Material
    from fixers.findings import Finding, Step

MAX_PROSE: Final = 400
MAX_PATH: Final = 300
MAX_STEPS: Final = 50
MAX_DIFF_LINES: Final = 200
MAX_DIFF_CHARACTERS: Final = 20_000
_LINE_CLASS: Final = {"+": "added", "-": "removed", "@": "hunk"}


def finding_html(finding: Finding, material: Material) -> Html:
    """The finding as an article."""
    return element(
        "article",
        element("h3", prose(_short(finding.message))),
        _notes(finding, material),
        _code(finding, material),
        _reasons(finding),
        _diff(finding, material),
        _trail(finding),
        id=f"finding-{finding.id}",
    )


def place(part: Placed, line: int, material: Material) -> Html:
    """`path:line` as code, and as a link where there is something to link to."""
    shown = element("code", f"{shown_path(part.path)}:{line}")
    if not material.blob_url:
        return shown
    return element("a", shown, href=f"{material.blob_url}/{uri_path(part)}#L{line}", rel="noreferrer")


def shown_path(path: str) -> str:
    """The path, or only the end of one that is longer than anybody reads."""
    shown = terminal_text(path)
    return shown if len(shown) <= MAX_PATH else "…" + shown[1 - MAX_PATH :]


def _notes(finding: Finding, material: Material) -> Html:
    notes = [
        element("span", finding.severity.value, class_=f"badge {finding.severity.value}"),
        element("span", "safe fix", class_="badge safe") if finding.fix.kind is FixKind.SAFE else "",
        _badge(f"{finding.confidence.value} confidence") if finding.confidence is not Confidence.HIGH else "",
        place(finding, finding.line, material),
        CAUSED if finding.change is Change.CAUSED else "",
        "matters only when the process ends" if finding.severity is Severity.SHUTDOWN else "",
    ]
    shown = [note for note in notes if note]
    return element("p", *(piece for note in shown for piece in (" ", note)), class_="quiet")


def _badge(words: str) -> Html:
    return element("span", words, class_="badge plain")


def _code(finding: Finding, material: Material) -> Html:
    """The lines that acquire, as they are numbered in the file, with the acquiring expression marked."""
    numbers = range(finding.line, min(finding.end_line, finding.line + MAX_LINES - 1) + 1)
    lines = [(number, material.read_line(finding.path, number)) for number in numbers]
    known = [(number, line.rstrip()) for number, line in lines if line is not None]
    if not known:
        return Html("")
    margin = min((len(line) - len(line.lstrip()) for _, line in known if line), default=0)
    rows = [_row(finding, number, line, margin) for number, line in known]
    return element("pre", element("code", *rows))


def _row(finding: Finding, number: int, line: str, margin: int) -> Html:
    start = finding.column - 1 if number == finding.line else 0
    end = finding.end_column - 1 if number == finding.end_line else len(line)
    cut = line[: margin + MAX_COLUMNS]
    start, end = (min(max(at, margin), len(cut)) for at in (start, end))
    marked = element("mark", code_text(cut[start:end])) if end > start else Html("")
    return element(
        "span",
        element("span", f"{number} ", class_="number"),
        code_text(cut[margin:start]),
        marked,
        code_text(cut[end:]),
        " …" if len(cut) < len(line) else "",
        class_="line",
    )


def _reasons(finding: Finding) -> Html:
    exits = [step for step in finding.trail if step.role is Role.EXIT] or [
        step for step in finding.trail if step.role is Role.OWNER_END
    ]
    searches = [step for step in finding.trail if step.role is Role.LOOKED_FOR]
    rows: list[Html] = []
    if exits:
        others = f" (and {count(len(exits) - 1, 'more exit')})" if len(exits) > 1 else ""
        rows += _pair("Not released", f"at {_where(exits[0], finding)}: {_short(exits[0].text)}{others}")
    if searches:
        rows += _pair("Looked for", "; ".join(_short(searched(step)) for step in searches[:2]))
    if finding.witness is not None:
        rows += _pair("Measured", f"{_short(finding.witness.rate)} ({finding.witness.profile})")
    rows += _fix(finding)
    return element("dl", *rows) if rows else Html("")


def _fix(finding: Finding) -> list[Html]:
    fix = finding.fix
    if fix.kind is FixKind.NONE:
        return []
    if fix.kind is FixKind.SAFE:
        return _pair("Safe fix", f"{_short(fix.summary)}; `stanch fix --id {finding.id}`")
    why = f" (not automatic: {_short(fix.why)})" if fix.why else ""
    return _pair("Possible fix", f"{_short(fix.summary)}{why}")


def _pair(term: str, description: str) -> list[Html]:
    return [element("dt", term), element("dd", prose(description))]


def _trail(finding: Finding) -> Html:
    steps = [_step(step, finding) for step in finding.trail[:MAX_STEPS]]
    more = len(finding.trail) - len(steps)
    if more > 0:
        words = f"and {count(more, 'more step')}; `stanch explain {finding.id}` lists them all"
        steps.append(element("li", prose(words)))
    codes = [element("code", word) for word in (finding.rule, finding.resource_id, finding.id)]
    identity = joined([codes[0], " · ", codes[1], " · ID ", codes[2]])
    return element(
        "details",
        element("summary", "How it was judged"),
        element("ol", *steps, class_="steps"),
        element("p", identity, class_="quiet"),
        class_="trail",
    )


def _step(step: Step, finding: Finding) -> Html:
    words = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    return element("li", element("span", f"{_where(step, finding)} ", class_="where"), prose(_short(words)))


def _where(step: Step, finding: Finding) -> str:
    same = (step.path, step.path_encoded) == (finding.path, finding.path_encoded)
    return f"line {step.line}" if same else f"{shown_path(step.path)}:{step.line}"


def _diff(finding: Finding, material: Material) -> Html:
    diff = material.diffs.get(finding.id, "")
    if not diff:
        return Html("")
    shown = shown_diff(diff, finding.path)
    lines = shown.split("\n")
    if len(lines) > MAX_DIFF_LINES or len(shown) > MAX_DIFF_CHARACTERS:
        return element("p", prose(f"The fix has {count(len(lines), 'line')}; `stanch fix --id {finding.id}` shows it."))
    rows = [element("span", code_text(line) or " ", class_=f"line {_LINE_CLASS.get(line[:1], '')}") for line in lines]
    return element("pre", element("code", *rows))


def _short(words: str) -> str:
    return shorten(words, MAX_PROSE).removesuffix(".")
