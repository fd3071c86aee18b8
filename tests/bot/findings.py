"""Findings made by hand, for tests of what is done with findings."""

from __future__ import annotations

from typing import Any

import msgspec

from fixers.findings import Confidence, Family, Finding, Owner, OwnerKind, Severity, Suppressed, Verdict


def finding(path: str = "a.js", line: int = 1, fingerprint: str = "aaaaaaaaaaaa", **changes: Any) -> Finding:
    """A high-confidence leak of an interval; `changes` are fields of it."""
    made = Finding(
        id=f"{fingerprint}.1",
        fingerprint=fingerprint,
        rule="timer/never-released",
        family=Family.TIMER,
        verdict=Verdict.NEVER_RELEASED,
        path=path,
        line=line,
        column=1,
        end_line=line,
        end_column=10,
        start_byte=line * 100,
        end_byte=line * 100 + 9,
        resource="setInterval",
        resource_id="node:timers.setInterval",
        handle=None,
        owner=Owner(kind=OwnerKind.NOBODY, name="f", path=path, line=line, end_line=line),
        severity=Severity.LEAK,
        confidence=Confidence.HIGH,
        message="This interval is never cleared.",
        trail=(),
    )
    return msgspec.structs.replace(made, **changes)


BY_PRAGMA = Suppressed(by="pragma", reason="known")
