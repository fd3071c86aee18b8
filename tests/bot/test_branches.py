"""Scratch repositories: nothing of a stranger's runs, and nothing of the user's changes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest

from bot.branches import Scratch, clone
from bot.git import GitError, Repository
from tests.bot.footprint import footprint
from tests.bot.hostile import MARK, hostile
from tests.repos import Repo, git

HOSTILE_NAMES = [
    "-rf",
    "a b.js",
    "new\nline.js",
    "`tick`.js",
    'qu"ote.js',
    "\udcff.js",
    "é.js",
    ":(glob)**",
    "*.js",
    "a\\b.js",
]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"a.js": "one\n", "src/run.sh": "two\n", "src/b.js": "three\n"})
    (made.root / "src" / "run.sh").chmod(0o755)
    made.commit()
    return made


def test_a_commit_changes_the_files_and_nothing_else(repo: Repo, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    before = footprint(repo.root)
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    commit = scratch.commit("stanch/x", head, {"src/run.sh": b"2\r\n\xff", "a.js": b""}, "Change\n")
    folder = tmp_path / "scratch.git"
    assert git(folder, "rev-parse", "stanch/x", "stanch/x^", "HEAD").split() == [commit, head, head]
    assert git(folder, "diff", "--raw", "--no-abbrev", "HEAD", commit).count("\n") == 1
    assert git(folder, "ls-tree", commit, "src/run.sh").startswith("100755 blob")
    assert git(folder, "cat-file", "-s", f"{commit}:a.js") == "0"
    assert git(folder, "show", "--no-patch", "--format=%an <%ae> %cn %at %ct %s", commit) == (
        "stanch <stanch@users.noreply.github.com> stanch 1767225600 1767225600 Change"
    )
    git(folder, "fsck", "--strict")
    assert footprint(repo.root) == before


def test_equal_inputs_give_equal_ids(repo: Repo, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    commits = {
        Scratch.beside(Repository.open(repo.root), head, tmp_path / name).commit(
            "x", head, {"a.js": b"1\n"}, "Change\n"
        )
        for name in ("one.git", "two.git")
    }
    assert len(commits) == 1


def test_a_branch_is_made_once(repo: Repo, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    scratch.commit("x", head, {"a.js": b"1\n"}, "Change\n")
    with pytest.raises(GitError):
        scratch.commit("x", head, {"a.js": b"2\n"}, "Change\n")


def test_the_user_s_own_branches_are_not_in_the_way(repo: Repo, tmp_path: Path) -> None:
    repo.git("branch", "stanch")
    head = repo.git("rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    scratch.commit("stanch/x", head, {"a.js": b"1\n"}, "Change\n")
    assert git(tmp_path / "scratch.git", "for-each-ref", "--format=%(refname)") == "refs/heads/stanch/x"


def test_the_user_can_fetch_a_branch(repo: Repo, tmp_path: Path) -> None:
    head = repo.git("rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    commit = scratch.commit("stanch/x", head, {"a.js": b"1\n"}, "Change\n")
    repo.git("fetch", "--quiet", str(tmp_path / "scratch.git"), "stanch/x")
    repo.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")
    assert (repo.git("rev-parse", "HEAD"), (repo.root / "a.js").read_bytes()) == (commit, b"1\n")


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_any_name(tmp_path: Path, name: str) -> None:
    repo = Repo(tmp_path / "repo")
    head = repo.commit({name: "one\n", "other.js": "other\n"})
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    commit = scratch.commit("x", head, {name: b"two\n"}, "Change\n")
    folder = tmp_path / "scratch.git"
    assert git(folder, "diff", "-z", "--name-only", head, commit) == f"{name}\0"
    assert git(folder, "show", os.fsencode(f"{commit}:{name}")) == "two"


@pytest.mark.parametrize(
    "place", ["a b/repo", "new\nline", '"quoted"', "back\\slash", "ünï", ":colon:", "#hash", "-rf"]
)
def test_any_place(tmp_path: Path, place: str) -> None:
    repo = Repo(tmp_path / place)
    head = repo.commit({"a.js": "one\n"})
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / f"{place.replace('/', '_')}.git")
    assert scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")


def test_a_linked_work_tree_lends_too(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked"))
    head = repo.git("rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(tmp_path / "linked"), head, tmp_path / "scratch.git")
    assert scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")


def test_a_shallow_clone_lends_too(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repo.root}", "shallow")
    head = git(tmp_path / "shallow", "rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(tmp_path / "shallow"), head, tmp_path / "scratch.git")
    assert scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")
    git(tmp_path / "scratch.git", "log", "x")


def test_a_partial_clone_lends_what_it_has(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repo.root}", "partial")
    head = git(tmp_path / "partial", "rev-parse", "HEAD")
    scratch = Scratch.beside(Repository.open(tmp_path / "partial"), head, tmp_path / "scratch.git")
    assert scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")


def test_objects_of_sha_256(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256", "repo")
    repo = Repo(tmp_path / "repo")
    head = repo.commit({"a.js": "one\n"})
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    assert len(scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")) == 64


def test_a_date_that_git_does_not_take_back(repo: Repo, tmp_path: Path) -> None:
    tree = repo.git("rev-parse", "HEAD^{tree}")
    raw = f"tree {tree}\nauthor A <a@b> 99999999999999999999 +9999\ncommitter A <a@b> nonsense\n\nold\n".encode()
    head = repo.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=raw)
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    assert scratch.commit("x", head, {"a.js": b"two\n"}, "Change\n")


def test_nothing_that_the_repository_names_is_run(repo: Repo, tmp_path: Path) -> None:
    mark = hostile(repo, tmp_path)
    head = repo.git("rev-parse", "HEAD")
    mark.unlink(missing_ok=True)
    before = footprint(repo.root)
    scratch = Scratch.beside(Repository.open(repo.root), head, tmp_path / "scratch.git")
    commit = scratch.commit("x", head, {"a.js": b"1\n"}, "Change\n")
    assert git(tmp_path / "scratch.git", "cat-file", "blob", f"{commit}:a.js") == "1"
    assert not mark.exists()
    assert footprint(repo.root) == before


def test_a_clone_runs_nothing_that_the_source_names(repo: Repo, tmp_path: Path) -> None:
    mark = hostile(repo, tmp_path)
    mark.unlink(missing_ok=True)
    before = footprint(repo.root)
    cloned = clone(f"file://{repo.root}", tmp_path / "clone.git")
    assert cloned.resolve("HEAD") == repo.git("rev-parse", "HEAD")
    assert not mark.exists()
    assert not (tmp_path / "clone.git" / "hooks").exists()
    assert footprint(repo.root) == before


def test_a_clone_never_makes_the_source_fetch(tmp_path: Path) -> None:
    """CVE-2024-32004: a source that lacks an object names the program that would fetch it."""
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "one\n"})
    mark = hostile(repo, tmp_path)
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.partialClone", "origin")
    repo.git("config", "remote.origin.url", f"file://{tmp_path}")
    missing = "1" * 40
    (repo.root / ".git" / "refs" / "heads" / "gone").write_text(f"{missing}\n")
    mark.unlink(missing_ok=True)
    with contextlib.suppress(GitError):
        clone(f"file://{repo.root}", tmp_path / "clone.git")
    assert not mark.exists()


@pytest.mark.parametrize(
    "source",
    [
        "ext::sh -c 'touch touched'",
        "fd::7",
        "nowhere",
        "./no where",
        "-u/bin/sh",
        "--upload-pack=x",
        "file:///nowhere",
        "",
    ],
)
def test_what_cannot_be_cloned_is_said_in_a_sentence(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(GitError, match=r"cannot clone|no repository"):
        clone(source, tmp_path / "clone.git")
    assert not (tmp_path / MARK).exists()


def test_a_bundle_is_cloned_from_the_current_folder(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("bundle", "create", str(tmp_path / "all.bundle"), "--all")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    cloned = clone("all.bundle", Path("elsewhere") / "clone.git")
    assert cloned.resolve("main") == repo.git("rev-parse", "HEAD")
