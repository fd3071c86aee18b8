"""The gate: which findings fail a run or a check."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from fixers.findings import Severity

if TYPE_CHECKING:
    from fixers.findings import Finding


class FailOn(StrEnum):
    """The mildest severity that fails a run; `none` never does."""

    LEAK = "leak"
    SHUTDOWN = "shutdown"
    ADVICE = "advice"
    NONE = "none"

    def fails(self, finding: Finding) -> bool:
        """Whether the gate fails on this finding."""
        return self is not FailOn.NONE and finding.severity.rank <= Severity(self.value).rank
