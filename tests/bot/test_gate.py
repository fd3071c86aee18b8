from __future__ import annotations

import pytest

from bot.gate import FailOn
from fixers.findings import Severity
from tests.bot.findings import finding


@pytest.mark.parametrize(
    ("gate", "severities"),
    [
        (FailOn.LEAK, {Severity.LEAK}),
        (FailOn.SHUTDOWN, {Severity.LEAK, Severity.SHUTDOWN}),
        (FailOn.ADVICE, {Severity.LEAK, Severity.SHUTDOWN, Severity.ADVICE}),
        (FailOn.NONE, set()),
    ],
)
def test_what_is_as_grave_as_the_gate_says_fails(gate: FailOn, severities: set[Severity]) -> None:
    assert {severity for severity in Severity if gate.fails(finding(severity=severity))} == severities
