"""Places, revisions and files that are none: exit code 2 and one sentence, whatever the command."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.bot.leaks import POLLER
from tests.repos import Repo, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch


def _in_no_repository(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan"], "lies in no git repository; say what to scan: `stanch scan .`"


def _fix_in_no_repository(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["fix"], "lies in no git repository"


def _review_in_no_repository(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["review", "--base", "main"], "lies in no git repository"


def _base_in_no_repository(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "a.js").write_text(POLLER)
    return folder, ["scan", "--base", "main", "."], "so there is no base to compare with"


def _unborn(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).write({"a.js": POLLER})
    return folder, ["scan", "--base", "HEAD"], "make a first commit"


def _unborn_branch(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).write({"a.js": POLLER})
    return folder, ["fix", "--branch", "x"], "make a first commit"


def _unknown_revision(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"a.js": POLLER})
    return folder, ["scan", "--base", "nowhere"], "knows no commit called 'nowhere'"


def _revision_like_an_option(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"a.js": POLLER})
    return folder, ["scan", "--base=--output=x"], "knows no commit called"


def _unrelated_base(folder: Path) -> tuple[Path, list[str], str]:
    repo = Repo(folder)
    repo.commit({"a.js": POLLER})
    repo.git("checkout", "--quiet", "--orphan", "island")
    repo.commit(message="Alone")
    return folder, ["scan", "--base", "main"], "no common ancestor"


def _missing_path(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan", "gone.js"], "There is no file or folder"


def _broken_link(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "link.js").symlink_to("gone.js")
    return folder, ["scan", "link.js"], "There is no file or folder"


def _pipe(folder: Path) -> tuple[Path, list[str], str]:
    os.mkfifo(folder / "pipe.js")
    return folder, ["scan", "pipe.js"], "is neither a file nor a folder"


def _two_repositories(folder: Path) -> tuple[Path, list[str], str]:
    for name in ("one", "two"):
        Repo(folder / name).commit({"a.js": POLLER})
    return folder, ["scan", "one", "two"], "scan one repository at a time"


def _repository_and_none(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder / "one").commit({"a.js": POLLER})
    (folder / "two").mkdir()
    return folder, ["scan", "one/a.js", "two"], "scan one repository at a time"


def _git_folder(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"a.js": POLLER})
    return folder, ["scan", ".git"], "inside a .git folder"


def _bare(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder / "one").commit({"a.js": POLLER})
    git(folder, "clone", "--quiet", "--bare", "one", "two.git")
    return folder / "two.git", ["scan"], "is bare"


def _configuration_is_a_folder(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({".github/stanch.yml/a": "1\n"})
    return folder, ["scan"], "make it a plain file"


def _configuration_is_a_link(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder / "repo").commit({"a.js": POLLER, ".github/x": ""})
    (folder / "elsewhere.yml").write_text("scan:\n  rules: []\n")
    (folder / "repo/.github/stanch.yml").symlink_to("../../elsewhere.yml")
    return folder / "repo", ["scan"], "make it a plain file"


def _configuration_with_a_fault(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({".github/stanch.yml": "scam: {}\n"})
    return folder, ["fix"], ".github/stanch.yml:1:1: unknown key `scam`, did you mean `scan`?"


def _missing_ignores(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan", "--ignores", "gone.json", "."], "gone.json cannot be read"


def _missing_baseline(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan", "--baseline", ".", "."], "cannot be read"


def _missing_report(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["explain", "0123456789ab.1", "--report", "gone.json"], "gone.json cannot be read"


BAD = [value for name, value in list(globals().items()) if name.startswith("_") and getattr(value, "__code__", None)]


@pytest.mark.parametrize("arrange", BAD, ids=lambda arrange: arrange.__name__.strip("_"))
def test_a_bad_place_is_one_sentence(
    stanch: Stanch, tmp_path: Path, arrange: Callable[[Path], tuple[Path, list[str], str]]
) -> None:
    folder, arguments, sentence = arrange(tmp_path)
    done = stanch(folder, *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1), done.err
    assert sentence in done.err


def test_an_unborn_branch_can_be_scanned(stanch: Stanch, tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    assert stanch(tmp_path, "scan").code == 0
    repo.write({"a.js": POLLER})
    done = stanch(tmp_path, "scan", "--format", "json")
    assert (done.code, done.report["tree"], done.report["dirty"]) == (1, None, True)
