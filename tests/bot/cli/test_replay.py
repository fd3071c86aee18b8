"""`stanch replay`: what was published is regenerated from the local clone, whoever published it."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.replay import ReplayError, read_published
from tests.bot.leaks import POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo

CLEAN = POLLER.replace("setInterval", "setTimeout")
LINE = "Stanch 0.1.0 · tree `69f7c1918d4a` · base `2de3599ce840` · config `6d79612848c2`"


@pytest.fixture
def published(stanch: Stanch, repo: Repo, tmp_path: Path) -> Path:
    """What `stanch review` publishes of a branch with another leak."""
    repo.git("checkout", "--quiet", "-b", "feature")
    repo.commit({"src/other.js": POLLER.replace("Poller", "Other")})
    assert stanch(repo.root, "review", "--base", "main", "--output", str(tmp_path / "out")).code == 1
    return tmp_path / "out"


@pytest.mark.parametrize("name", ["comment.md", "report.json"])
def test_what_a_review_published_is_found_again(stanch: Stanch, repo: Repo, published: Path, name: str) -> None:
    repo.commit({"src/other.js": "", "src/poller.js": ""}, "Gone by now")
    done = stanch(repo.root, "replay", str(published / name))
    assert (done.code, done.err) == (0, "")
    assert re.fullmatch(r"Equal: Stanch \S+ gives the same answer for the tree [0-9a-f]+\.\n", done.text)


def test_the_text_of_a_check_by_way_of_stdin(
    stanch: Stanch, repo: Repo, published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = json.loads((published / "check.json").read_bytes())["output"]["summary"]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(summary.encode())))
    assert stanch(repo.root, "replay", "-").code == 0


def test_a_comment_as_it_is_copied_from_a_browser(stanch: Stanch, repo: Repo, published: Path) -> None:
    rendered = re.sub(r"[`*#]|<[^>]+>", "", (published / "comment.md").read_text(encoding="utf-8"))
    assert stanch(repo.root, "replay", rendered).code == 0


@pytest.mark.parametrize("arguments", [[], ["--base", "main"]])
def test_the_report_of_a_scan(
    stanch: Stanch, repo: Repo, published: Path, arguments: list[str], tmp_path: Path
) -> None:
    stanch(repo.root, "scan", *arguments, "--format", "json", "--output", str(tmp_path / "scan.json"))
    assert stanch(repo.root, "replay", str(tmp_path / "scan.json")).code == 0


def test_the_report_itself_is_regenerated(stanch: Stanch, repo: Repo, published: Path) -> None:
    done = stanch(repo.root, "replay", str(published / "report.json"), "--format", "json")
    assert done.out == (published / "report.json").read_bytes()
    assert done.err.startswith("stanch: Equal: ")


def test_a_finding_that_is_not_there_is_a_difference(
    stanch: Stanch, repo: Repo, published: Path, tmp_path: Path
) -> None:
    text = (published / "comment.md").read_text(encoding="utf-8")
    (real,) = re.findall(r"ID `([0-9a-f]{12}\.\d+)`", text)
    (tmp_path / "forged.md").write_text(text.replace(real, "0123456789ab.1"), encoding="utf-8")
    done = stanch(repo.root, "replay", str(tmp_path / "forged.md"))
    assert done.code == 1
    assert "1 finding published and not found here: 0123456789ab.1.\n" in done.text
    assert f"1 finding found here and not published: {real}.\n" in done.text


def test_a_report_that_was_changed_says_where(stanch: Stanch, repo: Repo, published: Path, tmp_path: Path) -> None:
    report = json.loads((published / "report.json").read_bytes())
    report["findings"][0]["message"] = "All is well."
    report["totals"]["files"] = 5
    report["engine"]["version"] = "0.0.1"
    (tmp_path / "changed.json").write_text(json.dumps(report), encoding="utf-8")
    done = stanch(repo.root, "replay", str(tmp_path / "changed.json"))
    assert done.code == 1
    assert "The engine's version was 0.0.1, and is " in done.text
    assert f"1 finding found in both, and told in another way: {report['findings'][0]['id']}." in done.text
    assert "Other parts of the report differ: totals." in done.text


@pytest.mark.parametrize(
    ("ref", "sentence"),
    [
        ("https://github.com/a/b/pull/3#issuecomment-1", "an address only names a result; save its text in a file"),
        ("missing.md", "missing.md cannot be read: No such file or directory."),
        (f"{LINE}\n", "No commit of this clone has the tree 69f7c1918d4a; fetch the branch"),
        ("Nothing\nat all", "This text does not say what it was made of"),
        ("Stanch 0.1.0 · uncommitted work tree · config `6d79612848c2`\n", "made of uncommitted files"),
        ('{"schema": "stanch.check/1"}\n', "expected 'stanch.report/1'"),
    ],
)
def test_what_cannot_be_replayed(stanch: Stanch, repo: Repo, ref: str, sentence: str) -> None:
    done = stanch(repo.root, "replay", ref)
    assert (done.code, done.text) == (2, "")
    assert sentence in done.err


def test_what_no_clone_has_is_refused(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    (repo.root / "src" / "poller.js").write_text(CLEAN, encoding="utf-8")
    stanch(repo.root, "scan", "--format", "json", "--output", str(tmp_path / "dirty.json"))
    assert "uncommitted files" in stanch(repo.root, "replay", str(tmp_path / "dirty.json")).err


@pytest.mark.parametrize(
    ("text", "base"),
    [
        (LINE, "2de3599ce840"),
        (LINE.replace("`", ""), "2de3599ce840"),
        (f"<sub>Commit `1234567` · {LINE}</sub>", "2de3599ce840"),
        (LINE.replace(" · base `2de3599ce840`", ""), None),
        (f"{LINE.replace('69', '00')} quoted by somebody\n\n{LINE}", "2de3599ce840"),
    ],
)
def test_the_inputs_are_read_from_the_last_line(text: str, base: str | None) -> None:
    found = read_published(text)
    assert (found.engine, found.tree, found.base, found.config) == ("0.1.0", "69f7c1918d4a", base, "6d79612848c2")


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")) | st.text().map("{{{}".format))
def test_no_text_makes_it_fail(text: str) -> None:
    try:
        read_published(text)
    except ReplayError as error:
        assert str(error)
