"""The words that every face of a report uses: counts, places, what a finding is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.findings import Change, Finding, FixKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fixers.findings import Step
    from fixers.source import Skipped

# The others (binary, minified, generated) are files that nobody would review by hand either.
UNSEEN_CODES = frozenset({"syntax", "too-deep", "too-large", "python2", "limit", "crash"})
CUT_SHORT_CODES = frozenset({"limit", "crash"})

CAUSED = "an old line that leaks because of this change"

_NOUN = {
    Severity.LEAK: ("leak", "leaks"),
    Severity.SHUTDOWN: ("unclean shutdown", "unclean shutdowns"),
    Severity.ADVICE: ("leak in tests or examples", "leaks in tests or examples"),
}


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 leak`, `2,400 leaks`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def series(parts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def counts_by_severity(findings: Iterable[Finding]) -> str:
    """`4 leaks and 1 unclean shutdown`, gravest first; `no leaks` when there are none."""
    severities = [finding.severity for finding in findings]
    parts = [count(severities.count(severity), *_NOUN[severity]) for severity in Severity if severity in severities]
    return series(parts) or "no leaks"


def with_safe_fix(findings: Iterable[Finding]) -> int:
    """How many findings have a safe fix."""
    return sum(finding.fix.kind is FixKind.SAFE for finding in findings)


def gravest_first(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by severity; within one severity those on new lines first, then in the order given."""
    return sorted(findings, key=lambda finding: (finding.severity.rank, finding.change is Change.CAUSED))


def searched(step: Step) -> str:
    """What a looked-for step of the trail looked for, without the words `looked for`."""
    return step.text.removeprefix("looked for ")


def shorten(text: str, limit: int) -> str:
    """`text`, at most `limit` characters long; what is cut off shows as an ellipsis."""
    return text if len(text) <= limit else text[: limit - 2].rstrip() + " …"


def unseen(skipped: Iterable[Skipped]) -> list[Skipped]:
    """The files that a reader would expect to be judged and that were not."""
    return [entry for entry in skipped if entry.code in UNSEEN_CODES]
