"""Findings with a safe fix, and what was written of them, made by hand for tests of pull requests that fix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from bot.decisions.fix_groups import FixGroup
from bot.judged import WrittenFixes, WrittenGroup
from bot.reports.paths import printable_path
from fixers.findings import Change, Finding, Fix, FixKind, Role, Step
from tests.bot.decisions.states import judged
from tests.bot.findings import finding
from tests.bot.reports.samples import make_report

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.judged import Judged

SAFE = Fix(kind=FixKind.SAFE, summary="clear the interval in `close()`", checks=("the file parses", "it is gone"))
RULE = "timer/never-released"


def leak(path: str = "a.js", line: int = 1, fingerprint: str = "aaaaaaaaaaaa", **changes: Any) -> Finding:
    """An interval that is never cleared, with a safe fix; `changes` are fields of it."""
    trail = (
        Step(role=Role.ACQUIRE, path=path, line=line, column=1, text="an interval starts here"),
        Step(role=Role.LOOKED_FOR, path=path, line=9, column=3, text="`clearInterval` in `close()`"),
    )
    made = finding(path, line, fingerprint, trail=trail, fix=SAFE, change=Change.INTRODUCED)
    return msgspec.structs.replace(made, **changes)


def leaks(number: int, **changes: Any) -> list[Finding]:
    """So many of them, each on its line and with its fingerprint."""
    return [leak(line=at + 1, fingerprint=f"{at:012x}", id=f"{at:012x}.1", **changes) for at in range(number)]


def report_path(text: str) -> str:
    """Any text as the name of a file or folder, as a report has it."""
    return printable_path(text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogateescape"))


def tree(*findings: Finding, diffs: Mapping[str, str] | None = None, **changes: Any) -> Judged:
    """A default branch with these findings; all of them have a written fix, unless `diffs` says which."""
    shown = {item.id: "" for item in findings} if diffs is None else diffs
    encoded = {key: diff.encode("utf-8", "surrogateescape") for key, diff in shown.items()}
    report = make_report(findings, resolved=(), skipped=(), complete=True)
    return judged(report=report, base=None, diffs=encoded, **changes)


def fixes(*findings: Finding, **changes: Any) -> WrittenFixes:
    """What was written of findings that are the only ones of their tree; `changes` are fields of it."""
    made = WrittenFixes(
        findings=tuple(item.id for item in findings),
        files=(),
        changed_lines=len(findings),
        before={RULE: len(findings)},
        after={},
    )
    return msgspec.structs.replace(made, **changes)


def group(*findings: Finding, package: str = "", **changes: Any) -> tuple[FixGroup, WrittenGroup]:
    """A group of findings, and what was written of it; `changes` are fields of the latter."""
    raw = package.encode("utf-8", "surrogateescape")
    fields = msgspec.structs.asdict(fixes(*findings, **changes))
    return FixGroup(RULE, package, findings), WrittenGroup(rule=RULE, package=raw, part=0, **fields)
