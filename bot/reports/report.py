"""The report: what a scan answers, as plain data with one JSON form (contract: The report)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from fixers.findings import FINGERPRINT_VERSION, Change, Finding, FixKind
from fixers.source import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SCHEMA: Literal["stanch.report/1"] = "stanch.report/1"


class ReportError(ValueError):
    """A document is not a report that this version can read; the message says why."""


class Engine(msgspec.Struct, frozen=True, kw_only=True):
    """Which engine answered."""

    name: str = "stanch"
    version: str
    fingerprint_version: int = FINGERPRINT_VERSION


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over the findings that are not suppressed, those of the base included.

    `introduced` counts what the change brings (introduced and caused), `fixable` the listed findings with a safe fix.
    """

    files: int
    parsed: int
    findings: int
    by_severity: dict[str, int]
    by_family: dict[str, int]
    introduced: int
    resolved: int
    fixable: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What one scan found, with everything that its answer depends on.

    Findings, resolved findings and skipped files are in one order however they were given, so that equal reports have
    equal bytes.
    """

    schema: Literal["stanch.report/1"] = SCHEMA
    engine: Engine
    tree: str | None
    dirty: bool
    prefix: str
    base: str | None
    config: str
    ignores: str | None
    as_of: str | None
    options: dict[str, Any]
    complete: bool
    findings: tuple[Finding, ...]
    resolved: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    totals: Totals

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "findings", tuple(sorted(self.findings, key=_finding_order)))
        msgspec.structs.force_setattr(self, "resolved", tuple(sorted(self.resolved, key=_finding_order)))
        msgspec.structs.force_setattr(self, "skipped", tuple(sorted(self.skipped, key=_skipped_order)))


def totals_of(
    findings: Iterable[Finding],
    *,
    files: int,
    parsed: int,
    resolved: Sequence[Finding] = (),
    existing: Iterable[Finding] = (),
) -> Totals:
    """The totals of a report.

    Args:
        findings: the listed findings.
        files: how many files the scan considered.
        parsed: how many of them it parsed.
        resolved: the findings of the base that are gone.
        existing: findings that the base has too: counted, not listed.
    """
    listed = [finding for finding in findings if finding.suppressed is None]
    counted = [*listed, *(finding for finding in existing if finding.suppressed is None)]
    return Totals(
        files=files,
        parsed=parsed,
        findings=len(counted),
        by_severity=dict(Counter(finding.severity.value for finding in counted)),
        by_family=dict(Counter(finding.family.value for finding in counted)),
        introduced=sum(finding.change in (Change.INTRODUCED, Change.CAUSED) for finding in listed),
        resolved=len(resolved),
        fixable=sum(finding.fix.kind is FixKind.SAFE for finding in listed),
    )


def to_json(report: Report) -> bytes:
    """The report's one JSON form: keys sorted, indented, a line end at the end. Equal reports give equal bytes."""
    return msgspec.json.format(msgspec.json.encode(report, order="sorted"), indent=2) + b"\n"


def from_json(data: bytes) -> Report:
    """Read a report back.

    Raises:
        ReportError: the bytes are no JSON, another document, or a report with a part missing or of the wrong type.
    """
    try:
        schema = msgspec.json.decode(data, type=_Header).schema
    except msgspec.MsgspecError as error:
        raise ReportError(f"This is no report ({error}); expected what `stanch scan --format json` writes.") from error
    if schema != SCHEMA:
        raise ReportError(f"This is a document of the schema {schema!r}; expected {SCHEMA!r}.")
    try:
        return msgspec.json.decode(data, type=Report)
    except msgspec.MsgspecError as error:
        raise ReportError(f"The report does not fit the schema {SCHEMA}: {error}.") from error


class _Header(msgspec.Struct, frozen=True):
    schema: str


def _finding_order(finding: Finding) -> tuple[bytes, int, str, str]:
    return (_path_bytes(finding.path), finding.start_byte, finding.rule, finding.id)


def _skipped_order(skipped: Skipped) -> tuple[bytes, str, str]:
    return (_path_bytes(skipped.path), skipped.code, skipped.detail)


def _path_bytes(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
