"""Findings that the configuration accepts (contract: Suppression). Pure; the date is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.config import rule_matches
from bot.globs import matches
from fixers.findings import Finding, Suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from bot.config import Config
    from bot.config.models import Ignore


def suppress(findings: Iterable[Finding], config: Config, today: date) -> tuple[list[Finding], list[int]]:
    """Marks what the configuration's `ignore` covers.

    Args:
        findings: of one tree.
        config: what is in force.
        today: the UTC date, against which `until` is held; the last day counts.

    Returns:
        The findings in the same order, and the indices of `config.ignore` entries that cover none or have expired.
    """
    used: set[int] = set()
    result = []
    for finding in findings:
        covering = _covering(finding, config.ignore, today)
        if covering is None or finding.suppressed is not None:
            result.append(finding)
            continue
        used.add(covering)
        entry = config.ignore[covering]
        until = entry.until.isoformat() if entry.until is not None else None
        suppressed = Suppressed(by="config", reason=entry.reason, until=until)
        result.append(msgspec.structs.replace(finding, suppressed=suppressed))
    return result, [index for index in range(len(config.ignore)) if index not in used]


def _covering(finding: Finding, entries: Sequence[Ignore], today: date) -> int | None:
    for index, entry in enumerate(entries):
        if expired(entry, today):
            continue
        if entry.paths and not any(matches(pattern, finding.path) for pattern in entry.paths):
            continue
        if entry.rules and not rule_matches(entry.rules, finding.rule):
            continue
        if entry.fingerprints and not {finding.id, finding.fingerprint} & set(entry.fingerprints):
            continue
        return index
    return None


def expired(entry: Ignore, today: date) -> bool:
    """Whether the last day of an entry is over."""
    return entry.until is not None and today > entry.until


def date_matters(config: Config) -> bool:
    """Whether any `until` is in force, so that the date is an input of the answer."""
    return any(entry.until is not None for entry in config.ignore)
