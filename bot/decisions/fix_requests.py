"""Which safe fixes go together, and what a pull request with them says. Pure.

A group holds one rule in one package, so that whoever owns the package reviews one kind of change at a time.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from bot.decisions.markers import marker
from bot.reports.fix_diffs import shown_diff
from bot.reports.inert import fenced, markdown_code, markdown_prose
from bot.reports.markdown_finding import MAX_PROSE, shown_path
from bot.reports.wording import count, searched, shorten
from fixers.findings import FixKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from fixers.findings import Finding, Step

BODY_LIMIT = 58_000
MAX_FINDINGS = 100
"""More than this nobody reviews at once."""
MAX_OPEN = 3
MAX_STEPS = 12
MAX_DIFF_LINES = 80
MAX_DIFF_CHARACTERS = 8_000
# The tags of a fold, and the sentence on what is left out.
_ROOM_FOR_FOLD = 400
# What a name may hold to stand in a title, where nothing can be escaped: no mention, reference or space.
_PLAIN_PACKAGE = re.compile(r"[A-Za-z0-9._/-]{1,80}")


@dataclass(frozen=True)
class FixGroup:
    """Findings that one branch fixes: one rule, one package (a folder; empty for the root).

    `part` numbers the groups of a package that has more findings of the rule than one of them takes.
    """

    rule: str
    package: str
    findings: tuple[Finding, ...]
    part: int = 0

    def branch(self, prefix: str) -> str:
        """The branch's name: the rule, and a digest of what tells the group from others: its package, its part and
        its smallest fingerprint. (Copies of one piece of code in two packages have one fingerprint.)
        """
        smallest = min(finding.fingerprint for finding in self.findings)
        identity = f"{self.package}\0{self.part}\0{smallest}".encode("utf-8", "surrogateescape")
        return f"{prefix}{self.rule.replace('/', '-')}-{hashlib.sha256(identity).hexdigest()[:8]}"

    def title(self) -> str:
        """The pull request's title, and the commit's first line."""
        leaks = "a leak" if len(self.findings) == 1 else count(len(self.findings), "leak")
        where = f" in {self.package}" if _PLAIN_PACKAGE.fullmatch(self.package) else ""
        part = f" (part {self.part + 1})" if self.part else ""
        return f"Fix {leaks}{where}: {self.rule}{part}"


def fix_groups(findings: Iterable[Finding], packages: Collection[str]) -> list[FixGroup]:
    """Groups findings with a safe fix, in order of rule and package.

    Args:
        findings: of one tree.
        packages: the folders that are roots of packages.
    """
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.fix.kind is FixKind.SAFE and finding.suppressed is None:
            groups[finding.rule, _package(finding.path, packages)].append(finding)
    return [
        FixGroup(rule, package, tuple(members[start : start + MAX_FINDINGS]), part)
        for (rule, package), members in sorted(groups.items(), key=lambda group: group[0])
        for part, start in enumerate(range(0, len(members), MAX_FINDINGS))
    ]


def _package(path: str, packages: Collection[str]) -> str:
    folder = path.rpartition("/")[0]
    while folder and folder not in packages:
        folder = folder.rpartition("/")[0]
    return folder


def fix_body(group: FixGroup, diffs: Mapping[str, str], before: int, after: int, head: str) -> str:
    """What the pull request of a group says: before and after, each leak's path and fix, what was checked.

    Args:
        group: the group, its findings with the checks that they passed.
        diffs: by finding id.
        before: findings of the rule in the tree before.
        after: and with the fixes.
        head: the commit that was looked at.
    """
    first = [
        marker("fix", "_".join(dict.fromkeys(finding.fingerprint for finding in group.findings))),
        _introduction(group, before, after),
    ]
    last = [
        _checked(group.findings),
        f"To see it on your machine:\n\n{fenced(_commands(group.findings[0], head), 'sh')}",
        "Close this pull request to refuse it; it will not be opened again.",
    ]
    room = BODY_LIMIT - sum(len(part) + 2 for part in (*first, *last)) - _ROOM_FOR_FOLD
    return "\n\n".join(filter(None, (*first, *_fixes(group.findings, diffs, room), *last))) + "\n"


def _introduction(group: FixGroup, before: int, after: int) -> str:
    leaks = count(len(group.findings), "leak")
    where = f" in {markdown_code(group.package)}" if group.package else ""
    rule = markdown_code(group.rule)
    return (
        f"This fixes {leaks}{where}, found by the rule {rule}.\n\n"
        f"| {rule} | before | after |\n| --- | ---: | ---: |\n| findings in the repository | {before:,} | {after:,} |"
    )


def _fixes(findings: Sequence[Finding], diffs: Mapping[str, str], room: int) -> Iterator[str]:
    """As many findings as fit, the first few open, the others folded, and one line each for those that do not fit."""
    blocks = []
    for number, finding in enumerate(findings, start=1):
        block = _fix(finding, diffs.get(finding.id, ""), number if len(findings) > 1 else None)
        # What follows needs a line each.
        room_for_lines = sum(len(_line(rest)) + 1 for rest in findings[number:])
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
        room -= len(_line(finding)) + 1
        if room < 0:
            break
        lines.append(_line(finding))
    if lines:
        yield f"{'Fixed too' if blocks else 'Fixed'}, in short:\n\n" + "\n".join(lines)
    left_out = len(findings) - len(blocks) - len(lines)
    if left_out:
        yield f"{count(left_out, 'more fix is', 'more fixes are')} in the diff and not described here."


def _fix(finding: Finding, diff: str, number: int | None) -> str:
    steps = [f"{at}. {_step(step)}" for at, step in enumerate(islice(finding.trail, MAX_STEPS), start=1)]
    if len(finding.trail) > MAX_STEPS:
        steps.append(f"{MAX_STEPS + 1}. and {count(len(finding.trail) - MAX_STEPS, 'more step')}")
    prefix = "" if number is None else f"{number}. "
    parts = (
        f"#### {prefix}{_prose(finding.message)}",
        "\n".join(steps),
        f"**Fix**: {_prose(finding.fix.summary)}",
        _diff_block(diff, finding.path) if diff else "",
    )
    return "\n\n".join(filter(None, parts))


def _step(step: Step) -> str:
    words = f"looked for {searched(step)}" if step.role is Role.LOOKED_FOR else step.text
    return f"{shown_path(step.path, step.line)}: {_prose(words)}"


def _diff_block(diff: str, path: str) -> str:
    shown = shown_diff(diff, path)
    lines = shown.count("\n") + 1
    if lines > MAX_DIFF_LINES or len(shown) > MAX_DIFF_CHARACTERS:
        return f"Its diff has {count(lines, 'line')} and is not repeated here."
    return fenced(shown, "diff")


def _line(finding: Finding) -> str:
    return f"- {shown_path(finding.path, finding.line)}: {_prose(finding.fix.summary)}"


def _prose(text: str) -> str:
    return markdown_prose(shorten(text, MAX_PROSE).removesuffix("."))


def _commands(finding: Finding, head: str) -> str:
    return f"git checkout {head}\nstanch explain {finding.id}\nstanch fix --id {finding.id}"


def _checked(findings: Sequence[Finding]) -> str:
    checks = dict.fromkeys(check for finding in findings for check in finding.fix.checks)
    listed = "\n".join(f"- {check}" for check in checks)
    return f"Checked before this was written, by reading the code; nothing was executed:\n\n{listed}" if checks else ""
