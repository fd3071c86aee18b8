from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.bot.leaks import POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo

UNSURE = """\
export function watch(run) {
  window.addEventListener("resize", run);
}
"""


@pytest.mark.parametrize("name", ["timer/never-released", "timer", "timer/*"])
def test_a_rule_is_explained_with_its_resources_and_an_example(stanch: Stanch, tmp_path: Path, name: str) -> None:
    done = stanch(tmp_path, "explain", name)
    assert (done.code, done.err) == (0, "")
    assert "setInterval (node:timers.setInterval)" in done.text
    assert "ended by     clearInterval(…)" in done.text or "clearInterval(…)" in done.text
    assert "| " in done.text
    assert ("timer/overwritten-while-open" in done.text) is (name != "timer/never-released")


def test_a_finding_is_explained(stanch: Stanch, repo: Repo) -> None:
    finding = stanch(repo.root, "scan", "--format", "json").report["findings"][0]
    done = stanch(repo.root, "explain", finding["id"])
    assert done.code == 0
    for expected in (
        "src/poller.js:4:18  timer/forgotten-by-teardown",
        finding["message"],
        "this.timer = setInterval(",
        *(f"{step['path']}:{step['line']}:{step['column']}  [{step['role']}]" for step in finding["trail"]),
        "looked for",
        "the instance `Poller` (src/poller.js:1-10)",
        "high confidence",
        finding["fix"]["summary"],
        "Safe: ",
        "- a rescan shows no new finding",
        f"id {finding['id']}",
    ):
        assert expected in done.text, expected


def test_what_is_not_certain_is_said(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    repo.commit({"src/poller.js": UNSURE})
    done = stanch(repo.root, "scan", "--format", "json")
    identifier = done.report["findings"][0]["id"]
    assert "not certain: how often this function runs is not known" in stanch(repo.root, "explain", identifier).text
    report = tmp_path / "report.json"
    report.write_bytes(done.out)
    repo.commit({"src/poller.js": None})
    done = stanch(tmp_path, "explain", identifier, "--report", str(report))
    assert (done.code, "A report does not hold what is not certain" in done.text) == (0, True)


def test_a_fingerprint_explains_all_its_findings(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/copy.js": POLLER})
    mark = stanch(repo.root, "scan", "--format", "json").report["findings"][0]["fingerprint"]
    done = stanch(repo.root, "explain", mark)
    assert "src/copy.js:4:18" in done.text
    assert "src/poller.js:4:18" in done.text


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("timer/never-relased", "did you mean `timer/never-released`?"),
        ("compute", "There is no rule `compute`"),
        ("0123456789ab.1", "no finding here has this ID"),
        ("\x1b[2J", "is no rule"),
    ],
)
def test_a_name_that_is_none_is_said_so(stanch: Stanch, repo: Repo, name: str, sentence: str) -> None:
    done = stanch(repo.root, "explain", name)
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1)
    assert sentence in done.err
    assert "\x1b" not in done.err
