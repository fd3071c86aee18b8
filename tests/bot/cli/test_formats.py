"""`--format sarif` and `--format html`: the same findings, with their fixes written."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import written_fixes
from tests.bot.leaks import POLLER, RULE
from tests.bot.reports.sarif_schema import valid

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


class _Words(HTMLParser):
    def __init__(self, document: str) -> None:
        super().__init__()
        self.words = ""
        self.feed(document)

    def handle_data(self, data: str) -> None:
        self.words += data


def words_of(document: str) -> str:
    return _Words(document).words


def by_bytes(data: bytes, fix: Any) -> bytes:
    ((change,),) = [fix["artifactChanges"]]
    for replacement in reversed(change["replacements"]):
        region = replacement["deletedRegion"]
        start = region["byteOffset"]
        data = data[:start] + replacement["insertedContent"]["text"].encode() + data[start + region["byteLength"] :]
    return data


def test_sarif_holds_the_fix_that_fix_writes(stanch: Stanch, repo: Repo) -> None:
    done = stanch(repo.root, "scan", "--format", "sarif")
    assert (done.code, done.err) == (1, "")
    run = valid(done.out)
    (result,) = run["results"]
    assert result["ruleId"] == RULE
    assert "primaryLocationLineHash" in result["partialFingerprints"]
    file = repo.root / "src" / "poller.js"
    fixed = by_bytes(file.read_bytes(), result["fixes"][0])
    assert stanch(repo.root, "fix", "--write").code == 0
    assert file.read_bytes() == fixed


def test_html_shows_the_fix_that_fix_writes(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    done = stanch(repo.root, "scan", "--format", "html", "--output", str(target))
    assert (done.code, done.out) == (1, b"")
    document = target.read_text(encoding="utf-8")
    added = [line for line in stanch(repo.root, "fix").text.splitlines() if line.startswith("+ ")]
    assert added
    assert all(line in words_of(document) for line in added)
    assert "<mark>setInterval(" in document


@pytest.mark.parametrize("report_format", ["sarif", "html"])
def test_equal_inputs_give_equal_bytes(stanch: Stanch, repo: Repo, report_format: str) -> None:
    runs = [
        stanch(repo.root, "scan", "--format", report_format),
        stanch(repo.root / "src", "scan", "--format", report_format, "--jobs", "2"),
    ]
    assert runs[0].out == runs[1].out
    assert str(repo.root).encode() not in runs[0].out


def test_fixes_beyond_the_limit_are_named_only(stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(written_fixes.with_written_fixes, "__kwdefaults__", {"limit": 10})
    done = stanch(repo.root, "scan", "--format", "sarif")
    (result,) = valid(done.out)["results"]
    assert result["fixes"] == []
    assert "Safe fix: " in result["message"]["text"]
    assert "1 safe fix is named in the report and not written into it" in done.err


@pytest.mark.parametrize("report_format", ["sarif", "html"])
def test_names_of_any_bytes(stanch: Stanch, repo: Repo, report_format: str) -> None:
    repo.commit({"src/poller.js": None, "src/<b> & '\"\n100% \udcff.js": POLLER})
    done = stanch(repo.root, "scan", "--format", report_format)
    assert done.code == 1
    if report_format == "sarif":
        (result,) = valid(done.out)["results"]
        location = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert location["uri"] == "src/%3Cb%3E%20%26%20%27%22%0A100%25%20%FF.js"
        assert result["fixes"][0]["artifactChanges"][0]["artifactLocation"] == location
    else:
        assert "src/<b> & '\"\\n100%25 %FF.js" in words_of(done.text)
        assert "<mark>setInterval(" in done.text


def test_a_silenced_finding_is_suppressed_in_sarif_and_not_in_that_of_a_review(
    stanch: Stanch, repo: Repo, tmp_path: Path
) -> None:
    silenced = POLLER.replace("setInterval(", "/* stanch-ignore timer: closed anyway */ setInterval(", 1)
    repo.branch("topic")
    repo.commit({"src/poller.js": silenced, "new.js": POLLER})
    results = valid(stanch(repo.root, "scan", "--format", "sarif").out)["results"]
    reasons = [[said["justification"] for said in result["suppressions"]] for result in results]
    assert sorted(reasons) == [[], ["closed anyway"]]
    output = tmp_path / "out"
    assert stanch(repo.root, "review", "--base", "main", "--output", str(output)).code == 1
    (result,) = valid((output / "report.sarif").read_bytes())["results"]
    assert result["baselineState"] == "new"
    assert result["fixes"]
    assert "1 leak introduced by this change" in words_of((output / "report.html").read_text(encoding="utf-8"))
