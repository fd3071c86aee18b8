"""Which safe fixes go into one pull request, and what its branch and its title are. Pure.

A group holds one rule in one package, so that whoever owns the package reviews one kind of change, and a small one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain
from itertools import count as numbers
from pathlib import PurePosixPath
from posixpath import commonpath
from typing import TYPE_CHECKING, Final

from bot.reports.wording import count
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from bot.judged import Judged, WrittenGroup
    from fixers.findings import Finding

MAX_CHANGED_LINES: Final = 20
"""Lines added and removed, as GitHub counts them, that a pull request changes without being asked for."""
_FINGERPRINT_DIGITS: Final = 8
# What a name may hold to stand in a title, where nothing can be escaped: no mention, reference or space.
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._/-]{1,80}")


@dataclass(frozen=True)
class FixGroup:
    """Findings that one branch fixes: one rule, one package.

    Attributes:
        rule: the rule.
        package: the package's folder; empty for the root.
        findings: what is fixed.
        part: numbers the groups of a package that has more findings of the rule than one of them takes, from 0.
        is_large: it changes more than MAX_CHANGED_LINES, and is opened only when somebody asks for it.
    """

    rule: str
    package: str
    findings: tuple[Finding, ...]
    part: int = 0
    is_large: bool = False

    def branch(self, prefix: str, taken: Collection[str] = ()) -> str:
        """The branch's name: the rule, and the start of the smallest fingerprint.

        Copies of one piece of code in two packages have one fingerprint, so that the name may be taken by another
        group; then a number follows.

        Args:
            prefix: what the names of all branches begin with.
            taken: names of branches that are other groups'.
        """
        smallest = min(finding.fingerprint for finding in self.findings)
        name = f"{prefix}{self.rule.replace('/', '-')}-{smallest[:_FINGERPRINT_DIGITS]}"
        others = (f"{name}-{number}" for number in numbers(2))
        return next(free for free in chain((name,), others) if free not in taken)

    def title(self) -> str:
        """The pull request's title, and the commit's first line."""
        leaks = "a leak" if len(self.findings) == 1 else count(len(self.findings), "leak")
        return f"Fix {leaks}{self._where()}: {self.rule}"

    def _where(self) -> str:
        """The file, where all is in one; else the folder that holds them all, or the package; nothing where no such
        name could stand in a title.
        """
        paths = sorted({finding.path for finding in self.findings})
        names = (paths[0], PurePosixPath(paths[0]).name) if len(paths) == 1 else (commonpath(paths),)
        plain = next(filter(_PLAIN_NAME.fullmatch, (*names, self.package)), "")
        return f" in {plain}" if plain else ""


def fix_groups(
    findings: Iterable[Finding], packages: Collection[str], changed_lines: Mapping[str, int]
) -> list[FixGroup]:
    """Groups findings with a safe fix, in order of rule and package.

    Args:
        findings: of one tree.
        packages: the folders that are roots of packages.
        changed_lines: how many lines the fix of each finding adds and removes, by finding id.
    """
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.fix.kind is FixKind.SAFE and finding.suppressed is None:
            groups[finding.rule, _package(finding.path, packages)].append(finding)
    return [
        FixGroup(rule, package, members, part, sum(changed_lines[item.id] for item in members) > MAX_CHANGED_LINES)
        for (rule, package), found in sorted(groups.items(), key=lambda group: group[0])
        for part, members in enumerate(_parts(found, changed_lines))
    ]


def group_of(judged: Judged, written: WrittenGroup) -> FixGroup:
    """The group that was written."""
    by_id = {finding.id: finding for finding in judged.report.findings}
    package = written.package.decode("utf-8", "surrogateescape")
    findings = tuple(map(by_id.__getitem__, written.findings))
    return FixGroup(written.rule, package, findings, written.part, written.changed_lines > MAX_CHANGED_LINES)


def _package(path: str, packages: Collection[str]) -> str:
    folder = path.rpartition("/")[0]
    while folder and folder not in packages:
        folder = folder.rpartition("/")[0]
    return folder


def _parts(findings: Iterable[Finding], changed_lines: Mapping[str, int]) -> Iterator[tuple[Finding, ...]]:
    """Cuts findings into parts that are small enough, in order; what is too large by itself is a part by itself."""
    part: list[Finding] = []
    room = MAX_CHANGED_LINES
    for finding in findings:
        lines = changed_lines[finding.id]
        if lines > MAX_CHANGED_LINES:
            yield (finding,)
            continue
        if part and lines > room:
            yield tuple(part)
            part, room = [], MAX_CHANGED_LINES
        part.append(finding)
        room -= lines
    if part:
        yield tuple(part)
