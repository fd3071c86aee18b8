"""The script that counts false alarms: what is kept is not done again, and the table says what is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.false_alarms.__main__ import CASES, PROGRAMS, main, table

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def outcome(case: str, found: str, *, leaks: bool = False) -> dict[str, object]:
    return {"case": case, "leaks": leaks, "outcome": found, "growing": [], "reason": "", "runs": 3, "seconds": 4.0}


def test_the_bound_is_that_of_the_binomial_distribution() -> None:
    clean = {"node": [outcome("node", "green")] * 59, "python, a file per request": [outcome("x", "red", leaks=True)]}
    text = table(clean)
    # 0 of 59: 1 - 0.05 ** (1 / 59) is 4.95 %.
    assert "False alarms: 0 of 59 comparisons without a leak; so at most 5.0% (95% confidence)." in text
    assert "| node | 59 | 0 | 0 | 0 | 4 |" in text
    assert "False alarms: 1 of 2" in table({"node": [outcome("node", "red"), outcome("node", "green")]})


def test_what_is_done_is_not_done_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = tmp_path / "state.jsonl"
    lines = [outcome(case.name, "red" if case.leaks else "green", leaks=case.leaks) for case in CASES]
    state.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert main(["--runs", "1", "--state", str(state)]) == 0
    assert "False alarms: 0 of 6" in capsys.readouterr().out
    state.write_text(json.dumps(outcome("node", "red")) + "\n", encoding="utf-8")
    assert main(["--runs", "1", "--state", str(state), "--only", "no such case"]) == 1


def test_every_case_has_its_program() -> None:
    assert {case.file for case in CASES} <= {path.name for path in PROGRAMS.iterdir()}
    assert len({case.file for case in CASES if not case.leaks and case.mode == "clean"}) >= 4
