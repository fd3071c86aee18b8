"""What a pull request with fixes says: each leak and its fix, before and after, the checks, and how to refuse it. Pure.

The same parts make the text of a stacked pull request and the message of a commit.
"""

from __future__ import annotations

import re
from itertools import groupby, islice
from typing import TYPE_CHECKING, Final

from bot.decisions.bodies import assembled
from bot.decisions.budget_table import amount
from bot.decisions.budgets import Budgets
from bot.decisions.markers import marker
from bot.reports.fix_diffs import shown_diff
from bot.reports.inert import fenced, markdown_code, markdown_prose, plain_text
from bot.reports.markdown_finding import MAX_PROSE, Material, place, shown_path
from bot.reports.wording import count, searched, series, shorten
from fixers.findings import Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.decisions.budgets import Measured
    from bot.decisions.fix_groups import FixGroup
    from bot.judged import Judged, WrittenFixes, WrittenGroup
    from fixers.findings import Finding, Step

BODY_LIMIT: Final = 58_000
MAX_OPEN: Final = 3
MAX_IDS: Final = 10
MAX_STEPS: Final = 12
MAX_DIFF_LINES: Final = 80
MAX_DIFF_CHARACTERS: Final = 8_000
MAX_MEASURED: Final = 12
MAX_MESSAGE_LINES: Final = 40
MAX_MESSAGE_LINE: Final = 200
# The tags of a fold, and the sentence on what is left out.
_ROOM_FOR_FOLD: Final = 400
_DIGITS_OF_A_COMMIT: Final = 7
_CHECKED: Final = "**Checked before this was written**"
_STATIC: Final = "static only: nothing was executed"
_MEASURED: Final = "by reading the code; counts were measured"
_SKIPS_CI: Final = re.compile(
    r"(?<=\[)(?=(?:skip|no)[ -](?:ci|actions)|(?:ci|actions)[ -]skip)|(?<=skip-checks)(?=:)", re.IGNORECASE
)
"""Where an instruction to skip workflows (docs.github.com, "Skipping workflow runs") is taken apart."""
_COUNTS: Final = re.compile(r"\n\| measured at [^\n]*\n(?:\|[^\n]*\n)*\Z")
"""The counts of an earlier measurement, at the end of what stands before the checks."""


def fix_body(group: FixGroup, judged: Judged, written: WrittenGroup, *, blob_url: str = "") -> str:
    """What the pull request of a group says.

    Args:
        group: the group.
        judged: the tree that it was written for.
        written: what was written.
        blob_url: where the files of that tree can be read, without a slash at the end; places link there.
    """
    where = f" in {markdown_code(group.package)}" if group.package else ""
    large = f" It changes {written.changed_lines:,} lines, and is here because somebody asked for it."
    introduction = (
        f"This ends {_leaks(len(group.findings))}{where} ({markdown_code(group.rule)})."
        f"{large if group.is_large else ''}"
    )
    refusal = (
        "**To refuse it**, close this pull request: none of these leaks is proposed again. What you commit on its "
        "branch is yours: from then on Stanch leaves the branch alone."
    )
    closing = _reproduced(group.findings, f"git checkout {judged.head}"), refusal
    return _body(introduction, group.findings, judged, written, blob_url, closing)


def stacked_body(judged: Judged, written: WrittenFixes, number: int, *, reason: str, blob_url: str = "") -> str:
    """What a pull request says that brings fixes to another pull request.

    Args:
        judged: the other pull request's change.
        written: what was written for it.
        number: the other pull request's.
        reason: why the fixes are no commit on its branch, in a sentence of Stanch's own.
        blob_url: see `fix_body`.
    """
    findings = _findings(judged, written)
    introduction = f"This ends {_leaks(len(findings))} that #{number} would bring, as was asked there. {reason}"
    refusal = f"**To refuse it**, close this pull request: nothing in #{number} changes."
    closing = _reproduced(findings, f"git fetch origin pull/{number}/head && git checkout {judged.head}"), refusal
    return _body(introduction, findings, judged, written, blob_url, closing)


def fork_answer(judged: Judged, written: WrittenFixes) -> str:
    """The answer to whoever asks for the fixes of a pull request from a fork: why they are not pushed, and the fixes.

    A branch in the repository with a fork's commits starts the repository's workflows on them, with its secrets.

    Args:
        judged: the pull request's change.
        written: what was written for it.
    """
    findings = _findings(judged, written)
    first = (
        "Nothing was pushed: a fork's branch is its author's, and Stanch does not bring a fork's commits into this "
        f"repository, where workflows would run them. Its author can apply {'it' if len(findings) == 1 else 'them'}:",
        _reproduced(findings, f"git checkout {judged.head}"),
    )
    room = BODY_LIMIT - sum(len(part) + 2 for part in first) - _ROOM_FOR_FOLD
    return assembled((*first, *_fixes(findings, Material(diffs=judged.fixes), room)), BODY_LIMIT)


def measured_body(body: str, budgets: Measured) -> str:
    """A body of ours with what was measured on its branch since.

    It stays as it is where nothing was measured, or where somebody has rewritten it so far that there is no place.

    Args:
        body: as it is now; hostile, because others may edit it.
        budgets: what was measured on the branch and on what it is for.
    """
    counts = _measured(budgets)
    # What stands before may quote anything; from here on all is ours.
    before, checked, after = body.replace("\r\n", "\n").rpartition(f"\n{_CHECKED} (")
    if not counts or not checked:
        return body
    return f"{_COUNTS.sub('', before)}\n{counts}\n{checked}{after.replace(_STATIC, _MEASURED, 1)}"


def stacked_title(written: WrittenFixes, number: int) -> str:
    """The title of a pull request that brings fixes to another one, and its commit's first line."""
    return f"Fix {_leaks(len(written.findings))} of #{number}"


def commit_message(judged: Judged, written: WrittenFixes, title: str = "") -> str:
    """The message of a commit with fixes: what is fixed where, a line each.

    Args:
        judged: the tree that the fixes were written for.
        written: what was written.
        title: the first line, of Stanch's own words; without it, how many leaks are fixed.
    """
    findings = _findings(judged, written)
    lines = [
        shorten(f"- {finding.fix.summary} ({finding.path}:{finding.line}, {finding.rule})", MAX_MESSAGE_LINE)
        for finding in findings[:MAX_MESSAGE_LINES]
    ]
    if len(findings) > MAX_MESSAGE_LINES:
        lines.append(f"- and {count(len(findings) - MAX_MESSAGE_LINES, 'more fix', 'more fixes')}")
    return "\n".join((title or f"Fix {_leaks(len(findings))}", "", *map(_in_message, lines))) + "\n"


def _in_message(line: str) -> str:
    """A line of a commit's message that CI takes no order from, such as `[skip ci]` in the name of a file."""
    return _SKIPS_CI.sub("\N{WORD JOINER}", plain_text(line))


def _leaks(number: int) -> str:
    return "a leak" if number == 1 else count(number, "leak")


def _findings(judged: Judged, written: WrittenFixes) -> tuple[Finding, ...]:
    by_id = {finding.id: finding for finding in judged.report.findings}
    return tuple(map(by_id.__getitem__, written.findings))


def _body(
    introduction: str,
    findings: Sequence[Finding],
    judged: Judged,
    written: WrittenFixes,
    blob_url: str,
    closing: tuple[str, ...],
) -> str:
    fingerprints = "_".join(dict.fromkeys(finding.fingerprint for finding in findings))
    first = [marker("fix", fingerprints), introduction]
    last = [_table(findings, written), _checked(findings), *closing]
    room = BODY_LIMIT - sum(len(part) + 2 for part in (*first, *last)) - _ROOM_FOR_FOLD
    material = Material(diffs=judged.fixes, blob_url=blob_url)
    return assembled((*first, *_fixes(findings, material, room), *last), BODY_LIMIT)


def _fixes(findings: Sequence[Finding], material: Material, room: int) -> Iterator[str]:
    """As many findings as fit, the first few open, the others folded, and one line each for those that do not fit."""
    blocks = []
    shown: dict[tuple[str, str], int] = {}
    for number, finding in enumerate(findings, start=1):
        first = shown.setdefault((finding.path, material.diffs.get(finding.id, "")), number)
        block = _fix(finding, material, number if len(findings) > 1 else None, first)
        # What follows needs a line each.
        room_for_lines = sum(len(_line(rest, material)) + 1 for rest in findings[number:])
        if len(block) + 2 > room - room_for_lines:
            break
        room -= len(block) + 2
        blocks.append(block)
    yield from blocks[:MAX_OPEN]
    if blocks[MAX_OPEN:]:
        summary = f"And {count(len(blocks) - MAX_OPEN, 'more leak')}"
        yield "\n\n".join((f"<details>\n<summary>{summary}</summary>", *blocks[MAX_OPEN:], "</details>"))
    lines = []
    for finding in findings[len(blocks) :]:
        room -= len(_line(finding, material)) + 1
        if room < 0:
            break
        lines.append(_line(finding, material))
    if lines:
        yield f"{'Fixed too' if blocks else 'Fixed'}, in short:\n\n" + "\n".join(lines)
    left_out = len(findings) - len(blocks) - len(lines)
    if left_out:
        yield f"{count(left_out, 'more fix is', 'more fixes are')} in the diff and not described here."


def _fix(finding: Finding, material: Material, number: int | None, first: int) -> str:
    """One leak; `first` is the number of the one whose fix is the same."""
    told = list(islice(finding.trail, MAX_STEPS))
    groups = [list(steps) for _, steps in groupby(told, key=lambda step: (step.path, step.text))]
    steps = [f"{at}. {_steps(alike, finding)}" for at, alike in enumerate(groups, start=1)]
    if len(finding.trail) > MAX_STEPS:
        steps.append(f"{len(steps) + 1}. and {count(len(finding.trail) - MAX_STEPS, 'more step')}")
    diff = material.diffs.get(finding.id, "")
    prefix = "" if number is None else f"{number}. "
    is_again = bool(diff) and number not in {None, first}
    same = f", by the same edit as leak {first}" if is_again else ""
    parts = (
        f"#### {prefix}{_prose(finding.message)}",
        place(finding, material),
        "\n".join(steps),
        f"**Fix**: {_prose(finding.fix.summary)}{same}",
        _diff_block(diff, finding.path) if diff and not is_again else "",
    )
    return "\n\n".join(filter(None, parts))


def _steps(steps: Sequence[Step], finding: Finding) -> str:
    """Steps that differ in their lines only."""
    step, numbers = steps[0], list(dict.fromkeys(step.line for step in steps))
    words = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    if step.path != finding.path:
        where = series([shown_path(step.path, number) for number in numbers])
    else:
        where = f"{'line' if len(numbers) == 1 else 'lines'} {series([str(number) for number in numbers])}"
    return f"{where}: {_prose(words)}"


def _diff_block(diff: str, path: str) -> str:
    shown = shown_diff(diff, path)
    lines = shown.count("\n") + 1
    if lines > MAX_DIFF_LINES:
        return f"Its diff has {count(lines, 'line')} and is not repeated here."
    return "Its diff is too long to be repeated here." if len(shown) > MAX_DIFF_CHARACTERS else fenced(shown, "diff")


def _line(finding: Finding, material: Material) -> str:
    return f"- {place(finding, material)}: {_prose(finding.fix.summary)}"


def _prose(text: str) -> str:
    return markdown_prose(shorten(text, MAX_PROSE).removesuffix("."))


def _table(findings: Sequence[Finding], written: WrittenFixes) -> str:
    """Findings before and after: of the rule, if it is one, of each family that is fixed, and all."""
    rules = dict.fromkeys(finding.rule for finding in findings)
    rows = []
    if len(rules) == 1:
        rows += [_row(markdown_code(rule), written.before.get(rule, 0), written.after.get(rule, 0)) for rule in rules]
    for family in dict.fromkeys(rule.partition("/")[0] for rule in rules):
        counts = _of_family(written.before, family), _of_family(written.after, family)
        rows.append(_row(f"family {markdown_code(family)}", *counts))
    rows.append(_row("**all**", sum(written.before.values()), sum(written.after.values())))
    return "\n".join(("| findings in the repository | before | after |", "| --- | ---: | ---: |", *rows))


def _of_family(rules: dict[str, int], family: str) -> int:
    return sum(number for rule, number in rules.items() if rule.startswith(f"{family}/"))


def _row(name: str, before: int, after: int) -> str:
    return _cells(name, f"{before:,}", f"{after:,}")


def _cells(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _measured(budgets: Measured) -> str:
    """What the budget profiles counted without the fixes and with them; empty where none did."""
    if not isinstance(budgets, Budgets):
        return ""
    rows = [
        _cells(
            f"{markdown_code(result.profile)}: {result.metric.value}", *(amount(value, result.unit) for value in both)
        )
        for result in budgets.results
        if None not in (both := (result.base, result.head))
    ]
    if not rows:
        return ""
    header = f"| measured at {markdown_code(budgets.commit[:_DIGITS_OF_A_COMMIT])} | before | after |"
    return "\n".join((header, "| --- | ---: | ---: |", *rows[:MAX_MEASURED]))


def _checked(findings: Sequence[Finding]) -> str:
    checks = dict.fromkeys(check for finding in findings for check in finding.fix.checks)
    listed = "\n".join(f"- {markdown_prose(check)}" for check in checks)
    return f"{_CHECKED} ({_STATIC}):\n\n{listed}" if checks else ""


def _reproduced(findings: Sequence[Finding], checkout: str) -> str:
    """One command for a laptop: it finds the leaks, and shows their fixes as a diff."""
    what = "the leak and its fix" if len(findings) == 1 else "the leaks and their fixes"
    if len(findings) > MAX_IDS:
        what = f"the first {MAX_IDS} leaks and their fixes"
    command = f"{checkout} && stanch fix{''.join(f' --id {finding.id}' for finding in findings[:MAX_IDS])}"
    return f"**To see {what} on your machine**:\n\n{fenced(command, 'sh')}"
