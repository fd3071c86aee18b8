"""Places and revisions that are none, cut off or damaged: exit code 2 and one sentence, whatever the command.

Links and submodules are not followed, and what they lead to is not written to.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.bot.footprint import footprint
from tests.bot.leaks import POLLER
from tests.repos import Repo, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch


def _in_no_repository(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan"], "lies in no git repository; name files or folders, such as `.`"


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


def _clone(folder: Path, *options: str) -> Path:
    """A clone, in some way less than whole, of a repository with two commits on `main` and one on `topic`."""
    repo = Repo(folder / "origin")
    repo.commit({"a.js": POLLER})
    repo.branch("topic")
    repo.commit({"b.js": POLLER})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.js": POLLER})
    repo.git("config", "uploadpack.allowFilter", "true")
    git(folder, "clone", "--quiet", *options, f"file://{repo.root}", "clone")
    return folder / "clone"


def _shallow_clone(folder: Path) -> tuple[Path, list[str], str]:
    clone = _clone(folder, "--depth=1")
    return (
        clone,
        ["scan", "--base", "HEAD~1"],
        "where this shallow clone is cut off; run `git fetch --unshallow`",
    )


def _shallow_clone_of_one_branch(folder: Path) -> tuple[Path, list[str], str]:
    return _clone(folder, "--depth=1"), ["fix", "--base", "origin/topic"], "or fetch the branch that has it."


def _shallow_clone_without_a_merge_base(folder: Path) -> tuple[Path, list[str], str]:
    clone = _clone(folder, "--depth=1", "--no-single-branch")
    return clone, ["review", "--base", "origin/topic"], "or check out with fetch-depth: 0."


def _partial_clone_without_blobs(folder: Path) -> tuple[Path, list[str], str]:
    clone = _clone(folder, "--filter=blob:none", "--no-checkout")
    return clone, ["scan", "--base", "HEAD~1"], "left out of the partial clone"


def _partial_clone_without_trees(folder: Path) -> tuple[Path, list[str], str]:
    clone = _clone(folder, "--filter=tree:0", "--no-checkout")
    return clone, ["review", "--base", "HEAD~1"], "run `git fetch --refetch --no-filter`."


def _damaged_commit(folder: Path) -> tuple[Path, list[str], str]:
    repo = Repo(folder)
    commit = repo.commit({"a.js": POLLER})
    (folder / ".git/objects" / commit[:2] / commit[2:]).unlink()
    return folder, ["fix", "--branch", "x"], f"The commit {commit[:12]} of HEAD is missing from the repository"


def _damaged_index(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"a.js": POLLER})
    (folder / ".git/index").write_bytes(b"DIRC")
    return folder, ["scan"], "index file smaller than expected; run `git fsck`, or clone it again."


def _damaged_git_configuration(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"a.js": POLLER})
    (folder / ".git/config").write_text("[core\n")
    return folder, ["fix", "--write"], "bad config line 1 in file .git/config."


def _review_into_a_file(folder: Path) -> tuple[Path, list[str], str]:
    Repo(folder).commit({"out": "mine\n", "a.js": POLLER})
    return (
        folder,
        ["review", "--base", "main"],
        "out: it is not a folder, and results need one; choose",
    )


def _output_in_no_folder(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "a.js").write_text(POLLER)
    return (
        folder,
        ["scan", "--output", "gone/a.txt", "."],
        "gone/a.txt: it cannot be written: No such file",
    )


def _output_is_a_folder(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "a.js").write_text(POLLER)
    return folder, ["scan", "--output", ".", "."], ". is not a plain file; it is left alone."


def _missing_path(folder: Path) -> tuple[Path, list[str], str]:
    return folder, ["scan", "gone.js"], "There is no file or folder"


def _broken_link(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "link.js").symlink_to("gone.js")
    return folder, ["scan", "link.js"], "There is no file or folder"


def _link_to_itself(folder: Path) -> tuple[Path, list[str], str]:
    (folder / "link.js").symlink_to("link.js")
    return folder, ["scan", "link.js"], "There is no file or folder"


def _pipe(folder: Path) -> tuple[Path, list[str], str]:
    os.mkfifo(folder / "pipe.js")
    return folder, ["scan", "pipe.js"], "is neither a file nor a folder"


def _two_repositories(folder: Path) -> tuple[Path, list[str], str]:
    for name in ("one", "two"):
        Repo(folder / name).commit({"a.js": POLLER})
    return folder, ["scan", "one", "two"], "scan one repository at a time"


def _repository_and_its_submodule(folder: Path) -> tuple[Path, list[str], str]:
    return _with_submodule(folder).root, ["scan", ".", "sub"], "scan one repository at a time"


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


def _with_submodule(folder: Path) -> Repo:
    inner = Repo(folder / "inner")
    inner.commit({"b.js": POLLER})
    outer = Repo(folder / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub")
    outer.commit({"a.js": POLLER})
    return outer


_HELPERS = (_clone, _with_submodule)
BAD = [
    value
    for name, value in list(globals().items())
    if name.startswith("_") and getattr(value, "__code__", None) and value not in _HELPERS
]


@pytest.mark.parametrize("arrange", BAD, ids=lambda arrange: arrange.__name__.strip("_"))
def test_a_bad_place_is_one_sentence(
    stanch: Stanch, tmp_path: Path, arrange: Callable[[Path], tuple[Path, list[str], str]]
) -> None:
    folder, arguments, sentence = arrange(tmp_path)
    before = footprint(tmp_path, times=False)
    done = stanch(folder, *arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1), done.err
    assert sentence in done.err
    assert done.err.endswith((".\n", "`\n", "?\n"))
    assert ".." not in done.err
    assert footprint(tmp_path, times=False) == before


def test_an_unborn_branch_can_be_scanned(stanch: Stanch, tmp_path: Path) -> None:
    repo = Repo(tmp_path)
    assert stanch(tmp_path, "scan").code == 0
    repo.write({"a.js": POLLER})
    done = stanch(tmp_path, "scan", "--format", "json")
    assert (done.code, done.report["tree"], done.report["dirty"]) == (1, None, True)


@pytest.mark.parametrize("base", ["HEAD", "origin/HEAD"])
def test_a_shallow_clone_can_be_scanned(stanch: Stanch, tmp_path: Path, base: str) -> None:
    clone = _clone(tmp_path, "--depth=1")
    assert stanch(clone, "scan").code == 1
    assert stanch(clone, "scan", "--base", base).code == 0


def test_an_object_that_is_missing_costs_its_file(stanch: Stanch, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": POLLER, "b.js": POLLER.replace("5000", "1")})
    repo.branch("topic")
    repo.commit({"c.js": POLLER})
    lost = repo.git("rev-parse", "HEAD:b.js")
    (repo.root / ".git/objects" / lost[:2] / lost[2:]).unlink()
    done = stanch(repo.root, "review", "--base", "main", "--fail-on", "none", "--output", str(tmp_path / "out"))
    assert (done.code, "`b.js`" in done.text) == (3, True)
    assert "its object is missing here, as in a partial clone" in (tmp_path / "out/report.json").read_text()
    assert "introduces 1 leak" in done.text


def test_links_are_not_followed(stanch: Stanch, tmp_path: Path) -> None:
    folder, secret = tmp_path / "folder", tmp_path / "secret"
    folder.mkdir()
    secret.mkdir()
    (secret / "key.js").write_text(POLLER)
    (folder / "own.js").write_text(POLLER)
    links: dict[str, str | Path] = {
        "loop": ".",
        "self.js": "self.js",
        "gone.js": "nowhere.js",
        "out": secret,
        "key.js": secret / "key.js",
        "again.js": "own.js",
    }
    for name, target in links.items():
        (folder / name).symlink_to(target)
    done = stanch(folder, "scan", ".")
    assert (done.code, done.err) == (1, "")
    assert done.text.endswith("1 leak in 1 file (1 read); 1 safe fix: run `stanch fix`.\n")
    assert stanch(folder, "fix", "--write", ".").text == "own.js:4: clear the interval in close()\n"
    assert (secret / "key.js").read_text() == POLLER


def test_a_submodule_is_scanned_by_itself(stanch: Stanch, tmp_path: Path) -> None:
    outer = _with_submodule(tmp_path)
    done = stanch(outer.root, "scan")
    assert (done.code, "1 leak in 1 file" in done.text) == (1, True)
    assert done.err == "stanch: not looked at: sub, each a repository of its own; name one to scan it.\n"
    assert stanch(outer.root, "scan", "--quiet").err == ""
    assert stanch(outer.root, "scan", "a.js").err == ""
    done = stanch(outer.root, "scan", "sub")
    assert (done.code, done.err, "  b.js:4:18  leak" in done.text) == (1, "", True)
    stanch(outer.root, "fix", "--write")
    assert (outer.root / "sub/b.js").read_text() == POLLER


def test_a_submodule_that_is_not_checked_out_is_nothing_to_scan(stanch: Stanch, tmp_path: Path) -> None:
    outer = _with_submodule(tmp_path)
    git(tmp_path, "clone", "--quiet", str(outer.root), "copy")
    done = stanch(tmp_path / "copy", "scan", "sub")
    assert (done.code, done.err.startswith("stanch: sub: nothing to scan; ")) == (0, True)


def test_an_empty_repository_is_nothing_to_scan(stanch: Stanch, tmp_path: Path) -> None:
    done = stanch(Repo(tmp_path).root, "scan")
    assert (done.code, done.text) == (0, "No leaks in 0 files (0 read).\n")
    assert done.err.startswith("stanch: nothing to scan; no JavaScript, TypeScript or Python is there")
