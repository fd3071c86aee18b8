"""A report as SARIF 2.1.0, for GitHub's code scanning and whatever else reads it.

What GitHub's code scanning takes and shows is in its "SARIF support for code scanning"; a log stays within it. Levels
are chosen for it: a leak is a `warning`, all else a `note`, because an `error` would fail the check of a pull request,
and whether it does is for the owner's gate to say.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bot.reports.line_hashes import line_hashes
from bot.reports.lines import ReadFile, no_files
from bot.reports.sarif_result import artifact_location, baseline_state, message, result, suppressions
from bot.reports.sarif_rules import driver_rules
from bot.reports.wording import CUT_SHORT_CODES, UNSEEN_CODES, count, gravest_first
from fixers.findings import Confidence
from fixers.source import SkipCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.reports.report import Report
    from fixers.findings import Finding
    from fixers.source import Skipped

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MAX_RESULTS: Final = 25_000
MAX_BYTES: Final = 10_000_000
"""GitHub takes 10 MB after compression; what has them before it has them on every machine, whatever compresses."""
MAX_NOTIFICATIONS: Final = 1_000
MAX_NOTIFICATION_BYTES: Final = 2_000_000
_CATEGORY: Final = "stanch"
_ROOT: Final = "The root of the repository, or the folder that was scanned where there is none."
_SKIPPED: Final = {
    SkipCode.BINARY: "The file is binary.",
    SkipCode.GENERATED: "The file says that it is generated.",
    SkipCode.MINIFIED: "The file is minified.",
    SkipCode.TOO_LARGE: "The file is too large.",
    SkipCode.SYNTAX: "A part of the file has syntax that the grammar does not know.",
    SkipCode.TOO_DEEP: "A part of the file is nested too deeply.",
    SkipCode.PYTHON2: "The file is Python 2.",
    SkipCode.LIMIT: "A limit kept the file, or a part of it, unseen.",
    SkipCode.CRASH: "A crash kept the file unseen.",
}
_LEFT_OUT: Final = "left-out"


def sarif_log(
    report: Report,
    *,
    read_file: ReadFile = no_files,
    confidence: Confidence = Confidence.HIGH,
    silenced: bool = True,
    max_results: int = MAX_RESULTS,
    max_bytes: int = MAX_BYTES,
) -> bytes:
    """The report as one SARIF log with one run: compact, keys sorted, a line end at the end, no clock in it.

    Args:
        report: the report.
        read_file: the scanned files, for snippets, the places of edits and GitHub's own fingerprint.
        confidence: findings less sure than this are left out.
        silenced: whether silenced findings are in it, as suppressed results. GitHub does not know `suppressions` and
            opens an alert for each, so that a log for GitHub is made without.
        max_results: how many results, the gravest first.
        max_bytes: the largest size; results that would exceed it are left out, and a notification says how many.
    """
    wanted = [
        finding
        for finding in report.findings
        if finding.confidence.rank <= confidence.rank and (silenced or finding.suppressed is None)
    ]
    notifications = _notifications(report.skipped)
    run = _run(report, wanted, notifications)
    room = max_bytes - len(_log(run, [])) - len(msgspec.json.encode(_left_out(len(wanted)))) - 2
    encoded = _that_fit(report, gravest_first(wanted)[:max_results], read_file, room)
    results = [encoded[finding.id] for finding in wanted if finding.id in encoded]
    if len(results) < len(wanted):
        notifications.append(_left_out(len(wanted) - len(results)))
    return _log(run, results)


def with_category(log: bytes, job: str) -> bytes:
    """A log whose category tells one job of a workflow apart from others; `job` empty: as it was.

    GitHub takes a second log of the same tool and category for a newer one (docs.github.com, "SARIF support for code
    scanning", runAutomationDetails object).
    """
    if not job:
        return log
    document = msgspec.json.decode(log)
    for run in document["runs"]:
        run["automationDetails"]["id"] += f"{job}/"
    return msgspec.json.encode(document, order="sorted") + b"\n"


def _that_fit(report: Report, findings: Sequence[Finding], read_file: ReadFile, room: int) -> dict[str, bytes]:
    """The results by finding id."""
    # Where one result says how it relates to a base, or that it is suppressed, all do (SARIF 3.27.23, 3.27.24).
    compared = any(finding.change is not None for finding in report.findings)
    suppressing = any(finding.suppressed is not None for finding in findings)
    # File by file, so that each is read once; what is left out is decided by gravity all the same.
    encoded = {}
    for path, group in groupby(sorted(findings, key=attrgetter("path")), attrgetter("path")):
        members = list(group)
        data = read_file(path)
        hashes = {} if data is None else line_hashes(data, {finding.line for finding in members})
        for finding in members:
            made = result(finding, read_file, line_hash=hashes.get(finding.line), engine=report.engine)
            if compared:
                made["baselineState"] = baseline_state(finding)
            if suppressing:
                made["suppressions"] = suppressions(finding)
            encoded[finding.id] = msgspec.json.encode(made, order="sorted")
    fitting = {}
    for finding in findings:
        room -= len(encoded[finding.id]) + 1
        if room < 0:
            break
        fitting[finding.id] = encoded[finding.id]
    return fitting


def _log(run: dict[str, Any], results: Sequence[bytes]) -> bytes:
    complete = {**run, "results": list(map(msgspec.Raw, results))}
    return msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [complete]}, order="sorted") + b"\n"


def _run(report: Report, findings: Sequence[Finding], notifications: list[dict[str, Any]]) -> dict[str, Any]:
    prefix = f"{report.prefix}/" if report.prefix else ""
    return {
        "tool": {
            "driver": {
                "name": "Stanch",
                "version": report.engine.version,
                "semanticVersion": report.engine.version,
                "rules": driver_rules(finding.rule for finding in findings),
                "notifications": [
                    *(_descriptor(f"skipped/{code}", words) for code, words in _SKIPPED.items()),
                    _descriptor(_LEFT_OUT, "Something does not fit into what GitHub takes."),
                ],
            }
        },
        # The slash at the end makes all of it the category, and none of it the id of this run.
        "automationDetails": {"id": f"{_CATEGORY}/{prefix}"},
        "columnKind": "unicodeCodePoints",
        "defaultEncoding": "utf-8",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": _ROOT}}},
        "invocations": [
            {
                "executionSuccessful": not any(entry.code in CUT_SHORT_CODES for entry in report.skipped),
                "toolExecutionNotifications": notifications,
            }
        ],
        "properties": {
            "tree": report.tree,
            "dirty": report.dirty,
            "prefix": report.prefix,
            "base": report.base,
            "config": report.config,
            "ignores": report.ignores,
            "asOf": report.as_of,
            "options": report.options,
            "complete": report.complete,
            "totals": report.totals,
        },
    }


def _descriptor(name: str, words: str) -> dict[str, Any]:
    """What a notification is; GitHub wants all three texts."""
    said = {"text": words}
    return {"id": name, "shortDescription": said, "fullDescription": said, "help": said}


def _notifications(skipped: Sequence[Skipped]) -> list[dict[str, Any]]:
    """One for each skipped file as long as there is room, those that matter first; a last one says how many more."""
    said: list[dict[str, Any]] = []
    room = MAX_NOTIFICATION_BYTES
    for entry in sorted(skipped, key=lambda entry: entry.code not in UNSEEN_CODES):
        notification = _notification(entry)
        room -= len(msgspec.json.encode(notification))
        if len(said) == MAX_NOTIFICATIONS or room < 0:
            break
        said.append(notification)
    if len(said) < len(skipped):
        more = count(len(skipped) - len(said), "more file was", "more files were")
        said.append(
            {
                "descriptor": {"id": _LEFT_OUT},
                "level": "note",
                "message": {"text": f"{more} not judged; `stanch scan --format json` lists them all."},
            }
        )
    return said


def _notification(entry: Skipped) -> dict[str, Any]:
    return {
        "descriptor": {"id": f"skipped/{entry.code}"},
        "level": _notification_level(entry),
        "message": message(f"Not judged, {entry.code}: {entry.detail}"),
        "locations": [{"physicalLocation": {"artifactLocation": artifact_location(entry)}}],
    }


def _notification_level(entry: Skipped) -> str:
    if entry.code in CUT_SHORT_CODES:
        return "error"
    return "warning" if entry.code in UNSEEN_CODES else "note"


def _left_out(number: int) -> dict[str, Any]:
    more = count(number, "more finding does", "more findings do")
    return {
        "descriptor": {"id": _LEFT_OUT},
        "level": "warning",
        "message": {
            "text": f"{more} not fit into what GitHub takes ({MAX_RESULTS:,} results, {MAX_BYTES // 1_000_000} MB); "
            "the gravest are here, and `stanch scan --format json` lists them all."
        },
    }
