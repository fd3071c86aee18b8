"""Which safe fixes go together, and what a pull request with them says. Pure.

A group holds one rule in one package, so that whoever owns the package reviews one kind of change at a time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.decisions.markers import marker
from bot.reports.inert import fenced, markdown_code, markdown_prose
from bot.reports.markdown_finding import shown_path
from bot.reports.wording import count
from fixers.findings import FixKind, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from fixers.findings import Finding

BODY_LIMIT = 58_000
_FINGERPRINT_DIGITS = 8


@dataclass(frozen=True)
class FixGroup:
    """Findings that one branch fixes: one rule, one package (a folder; empty for the root)."""

    rule: str
    package: str
    findings: tuple[Finding, ...]

    def branch(self, prefix: str) -> str:
        """The branch's name: the rule, and the smallest fingerprint as the group's identity (contract: Words)."""
        smallest = min(finding.fingerprint for finding in self.findings)[:_FINGERPRINT_DIGITS]
        return f"{prefix}{self.rule.replace('/', '-')}-{smallest}"

    def title(self) -> str:
        """The pull request's title, and the commit's first line."""
        noun = self.findings[0].resource
        where = f" in {self.package}" if self.package else ""
        return f"Release what {noun} acquires{where}"


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
    return [FixGroup(rule, package, tuple(members)) for (rule, package), members in sorted(groups.items())]


def _package(path: str, packages: Collection[str]) -> str:
    folder = path.rpartition("/")[0]
    while folder and folder not in packages:
        folder = folder.rpartition("/")[0]
    return folder


def fix_body(group: FixGroup, diffs: Mapping[str, str], before: int, after: int, reproduce: str) -> str:
    """What the pull request of a group says: each leak's path and fix, what was checked, before and after.

    Args:
        group: the group, its findings with the checks that they passed.
        diffs: by finding id.
        before: findings of the rule in the tree before.
        after: and with the fixes.
        reproduce: the command that shows the same on a laptop.
    """
    parts = [
        marker("fix", "_".join(finding.fingerprint for finding in group.findings)),
        f"This releases {count(len(group.findings), 'resource')} that {markdown_code(group.rule)} found open.",
        *(_fix(finding, diffs.get(finding.id, "")) for finding in group.findings),
        _checked(group.findings),
        f"| {markdown_code(group.rule)} | before | after |\n| --- | ---: | ---: |\n| findings | {before} | {after} |",
        "Static only: nothing was executed or measured.",
        f"To see it on your machine:\n\n{fenced(reproduce, 'sh')}",
        "Close this pull request to refuse it; it will not be opened again.",
    ]
    body = "\n\n".join(filter(None, parts)) + "\n"
    return body if len(body) <= BODY_LIMIT else "\n\n".join((parts[0], parts[1], *parts[-5:])) + "\n"


def _fix(finding: Finding, diff: str) -> str:
    steps = "\n".join(
        f"{number}. {shown_path(step.path, step.line)}: "
        f"{'looked for ' if step.role is Role.LOOKED_FOR else ''}{markdown_prose(step.text)}"
        for number, step in enumerate(finding.trail, start=1)
    )
    shown = fenced(diff.partition("\n+++ ")[2].partition("\n")[2], "diff") if diff else ""
    return "\n\n".join(filter(None, (f"#### {markdown_prose(finding.message.removesuffix('.'))}", steps, shown)))


def _checked(findings: Sequence[Finding]) -> str:
    checks = dict.fromkeys(check for finding in findings for check in finding.fix.checks)
    return "Checked before this was written:\n\n" + "\n".join(f"- {check}" for check in checks) if checks else ""
