from __future__ import annotations

import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from bot.diffs import changed_paths, file_diffs
from bot.git import GitError, NotARepositoryError, Repository, printable, run_git
from bot.objects import ObjectReader
from bot.trees import GitTree, WorkTree
from tests.repos import Repo, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"a.js": "1\n", "src/b.js": "2\n"})
    return made


def clone(source: Repo, folder: Path, *options: str) -> Repository:
    git(source.root, "config", "uploadpack.allowFilter", "true")
    git(source.root.parent, "clone", "--quiet", *options, f"file://{source.root}", str(folder))
    return Repository.open(folder)


def error_of(action: Callable[[], object]) -> str:
    with pytest.raises(GitError) as caught:
        action()
    return str(caught.value)


@pytest.mark.parametrize("place", ["", "src", "src/b.js"])
def test_a_repository_is_found_from_anything_in_it(repo: Repo, place: str) -> None:
    opened = Repository.open(repo.root / place)
    assert (opened.work_tree, opened.git_dir) == (repo.root, repo.root / ".git")


def test_a_link_to_a_repository_leads_to_it(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo.root)
    assert Repository.open(tmp_path / "link" / "src").work_tree == repo.root


def test_a_linked_work_tree_is_a_repository_of_its_own_files(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    opened = Repository.open(tmp_path / "linked")
    assert opened.work_tree == tmp_path / "linked"
    assert opened.resolve("other") == repo.git("rev-parse", "main")


def test_a_folder_in_no_repository_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotARepositoryError, match="lies in no git repository"):
        Repository.open(tmp_path)


def test_a_missing_folder_is_said_so(tmp_path: Path) -> None:
    assert "There is no folder" in error_of(lambda: Repository.open(tmp_path / "gone" / "deeper"))


def test_the_git_folder_is_not_a_work_tree(repo: Repo) -> None:
    assert "inside a .git folder" in error_of(lambda: Repository.open(repo.root / ".git" / "objects"))


def test_a_bare_repository_has_revisions_and_no_files(repo: Repo, tmp_path: Path) -> None:
    opened = clone(repo, tmp_path / "bare.git", "--bare")
    assert opened.work_tree is None
    assert opened.resolve("main") == repo.git("rev-parse", "main")
    assert "is bare" in error_of(opened.is_dirty)


@pytest.mark.parametrize("elsewhere", ["/", ".."])
def test_a_configuration_cannot_move_the_work_tree(repo: Repo, elsewhere: str) -> None:
    Repo(repo.root.parent).commit({"secret.js": "1\n"})
    repo.git("config", "core.worktree", elsewhere if elsewhere == "/" else str(repo.root.parent))
    assert "core.worktree" in error_of(lambda: Repository.open(repo.root))


def test_a_submodule_s_own_files_are_a_repository(repo: Repo, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "outer")
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{repo.root}", "sub")
    outer.commit()
    assert Repository.open(outer.root / "sub" / "src").work_tree == outer.root / "sub"


def test_the_caller_s_git_variables_do_not_count(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repo(tmp_path / "other")
    monkeypatch.setenv("GIT_DIR", str(other.root / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    opened = Repository.open(repo.root)
    assert opened.work_tree == repo.root
    assert not opened.is_dirty()


@pytest.mark.parametrize("revision", ["HEAD", "@", "main", "v1", "refs/heads/main", "HEAD^{commit}"])
def test_revisions_become_commit_ids(repo: Repo, revision: str) -> None:
    repo.git("tag", "-m", "one", "v1")
    opened = Repository.open(repo.root)
    assert opened.resolve(revision) == repo.git("rev-parse", "main")
    assert opened.tree_id(revision) == repo.git("rev-parse", "main^{tree}")


@pytest.mark.parametrize(
    "revision",
    ["", "-rf", "--help", "nothing", "HEAD~7", "a.js", "HEAD:a.js", "0" * 40, "a\0b", "a\nb", "\udcff", "x" * 9999],
)
def test_unknown_revisions_are_named(repo: Repo, revision: str) -> None:
    message = error_of(lambda: Repository.open(repo.root).resolve(revision))
    assert "knows no commit called" in message
    assert "check the spelling" in message
    assert str(repo.root) in message


def test_a_revision_named_like_an_option_is_a_revision(repo: Repo) -> None:
    commit = repo.git("rev-parse", "main")
    repo.git("update-ref", "refs/heads/-rf", commit)
    assert Repository.open(repo.root).resolve("-rf") == commit


def test_a_repository_without_a_commit_is_said_so(tmp_path: Path) -> None:
    opened = Repository.open(Repo(tmp_path / "new").root)
    assert "make a first commit" in error_of(lambda: opened.resolve("HEAD"))
    assert "make a first commit" in error_of(opened.default_branch)


def test_the_merge_base_is_where_two_branches_part(repo: Repo) -> None:
    base = repo.git("rev-parse", "main")
    repo.branch("topic")
    repo.commit({"a.js": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"src/b.js": "3\n"})
    assert Repository.open(repo.root).merge_base("main", "topic") == base


def test_unrelated_histories_have_no_merge_base(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--orphan", "island")
    repo.commit(message="Alone")
    opened = Repository.open(repo.root)
    assert "no common ancestor" in error_of(lambda: opened.merge_base("main", "island"))


def test_a_shallow_clone_says_how_to_deepen_it(repo: Repo, tmp_path: Path) -> None:
    repo.branch("topic")
    repo.commit({"a.js": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"src/b.js": "3\n"})
    shallow = clone(repo, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    assert shallow.is_shallow()
    assert "--unshallow" in error_of(lambda: shallow.resolve("HEAD~1"))
    assert "--unshallow" in error_of(lambda: shallow.merge_base("main", "origin/topic"))


def test_a_partial_clone_says_what_it_lacks_and_fetches_nothing(repo: Repo, tmp_path: Path) -> None:
    partial = clone(repo, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    blob = repo.git("rev-parse", "main:a.js")
    assert partial.is_partial()
    assert "partial clone" in error_of(lambda: partial.run(["cat-file", "blob", blob]))
    with ObjectReader(partial) as reader:
        assert "partial clone" in error_of(lambda: reader.read(blob))
        assert reader.read(repo.git("rev-parse", "main")).startswith(b"tree ")
        assert "partial clone" in error_of(lambda: reader.read(blob))


def test_objects_are_read_by_id(repo: Repo) -> None:
    big = bytes(range(256)) * 5000
    repo.commit({"big.bin": big, "empty.js": ""})
    with ObjectReader(Repository.open(repo.root)) as reader:
        assert reader.read(repo.git("rev-parse", "HEAD:big.bin")) == big
        assert reader.read(repo.git("rev-parse", "HEAD:empty.js")) == b""
        assert reader.read(repo.git("rev-parse", "HEAD:a.js")) == b"1\n"
        assert "git fsck" in error_of(lambda: reader.read("1" * 40))
        assert reader.read(repo.git("rev-parse", "HEAD:a.js")) == b"1\n"


@pytest.mark.parametrize("object_id", ["HEAD", "", "1" * 39, "1" * 40 + "\n" + "2" * 40])
def test_only_ids_are_read(repo: Repo, object_id: str) -> None:
    with ObjectReader(Repository.open(repo.root)) as reader:
        assert "is no object id" in error_of(lambda: reader.read(object_id))


def test_a_replaced_object_keeps_its_own_bytes(repo: Repo) -> None:
    original = repo.git("rev-parse", "main:a.js")
    repo.git("replace", original, repo.git("rev-parse", "main:src/b.js"))
    with ObjectReader(Repository.open(repo.root)) as reader:
        assert reader.read(original) == b"1\n"


@pytest.mark.parametrize(
    ("branches", "expected"),
    [
        (["topic", "main", "master"], "refs/heads/main"),
        (["topic", "master"], "refs/heads/master"),
        (["topic"], "refs/heads/topic"),
    ],
)
def test_the_default_branch_without_a_remote(tmp_path: Path, branches: list[str], expected: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.git("symbolic-ref", "HEAD", f"refs/heads/{branches[0]}")
    commit = repo.commit({"a.js": "1\n"})
    for name in branches[1:]:
        repo.git("branch", name, commit)
    assert Repository.open(repo.root).default_branch() == expected


def test_the_default_branch_of_a_clone_is_the_remote_s(repo: Repo, tmp_path: Path) -> None:
    repo.branch("trunk")
    assert clone(repo, tmp_path / "clone").default_branch() == "refs/remotes/origin/trunk"


def test_a_dangling_origin_head_is_passed_over(repo: Repo) -> None:
    repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert Repository.open(repo.root).default_branch() == "refs/heads/main"


def test_a_detached_head_may_have_no_branch_at_all(repo: Repo) -> None:
    repo.git("checkout", "--quiet", "--detach")
    repo.git("branch", "-D", "main")
    assert Repository.open(repo.root).default_branch() == "HEAD"


def _edit(repo: Repo) -> None:
    repo.write({"a.js": "2\n"})


def _stage(repo: Repo) -> None:
    _edit(repo)
    repo.git("add", "a.js")


def _remove(repo: Repo) -> None:
    repo.write({"a.js": None})


def _add(repo: Repo) -> None:
    repo.write({"new.js": "1\n"})


def _ignored(repo: Repo) -> None:
    repo.write({".git/info/exclude": "out/\n", "out/a.js": "1\n"})


def _touched(repo: Repo) -> None:
    os.utime(repo.root / "a.js", (1, 1))


@pytest.mark.parametrize(
    ("change", "dirty"),
    [(_edit, True), (_stage, True), (_remove, True), (_add, True), (_ignored, False), (_touched, False)],
)
def test_a_dirty_work_tree_is_one_that_differs(repo: Repo, change: Callable[[Repo], None], dirty: bool) -> None:
    opened = Repository.open(repo.root)
    assert not opened.is_dirty()
    change(repo)
    assert opened.is_dirty() is dirty


def test_a_repository_of_another_user_needs_trust(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # git's own tests set this variable to pretend; a wrapper does, because nothing of GIT_* is handed on.
    wrapper = tmp_path / "bin" / "git"
    wrapper.parent.mkdir()
    wrapper.write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec {shutil.which("git")} "$@"\n')
    wrapper.chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("PATH", f"{wrapper.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    message = error_of(lambda: Repository.open(repo.root))
    assert "another user owns it" in message
    assert f"safe.directory {repo.root}" in message
    (home / ".gitconfig").write_text(f"[safe]\n\tdirectory = {repo.root}\n")
    assert Repository.open(repo.root).resolve("main")


def test_a_missing_git_is_said_so(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repo.root))
    assert "install git" in error_of(lambda: Repository.open(repo.root))


def test_a_failing_command_names_itself_and_the_place(repo: Repo) -> None:
    message = error_of(lambda: Repository.open(repo.root).run(["ls-tree", "nothing"]))
    assert "git ls-tree failed" in message
    assert str(repo.root) in message


def test_a_protocol_is_allowed_only_by_name(repo: Repo, tmp_path: Path) -> None:
    order = ["clone", "--quiet", f"file://{repo.root}", str(tmp_path / "copy")]
    assert "not allowed" in run_git(order, tmp_path).error
    assert run_git(order, tmp_path, environment={"GIT_ALLOW_PROTOCOL": "file"}).status == 0


def test_messages_hold_no_control_characters() -> None:
    assert printable("a\x1b[31m\r\udcffé") == "a\\x1b[31m\\r\\udcffé"


def _trap(folder: Path) -> str:
    """A program that leaves a mark, in `folder`."""
    program = folder / "trap"
    program.write_text(f"#!/bin/sh\ntouch '{folder / 'sprung'}'\nexit 1\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


# A setting that names a program, and a careless command that runs it.
TRAPS = {
    "core.fsmonitor": ["status"],
    "filter.evil.clean": ["status"],
    "filter.evil.process": ["status"],
    "filter.e.v=il.clean": ["status"],
    "diff.external": ["diff"],
    "diff.evil.command": ["diff"],
    "diff.evil.textconv": ["diff"],
    "remote.origin.uploadpack": ["cat-file", "-e", "1" * 40],
    "hooks/post-index-change": ["add", "new.js"],
    "inner core.fsmonitor": ["status"],
    "core.sshCommand": ["fetch", "ssh://example.org/x"],
    "credential.helper": ["credential", "fill"],
}


@pytest.fixture
def trapped(repo: Repo) -> Repo:
    """A repository in which every command of `TRAPS` has something to look at: changed files, a nested repository."""
    Repo(repo.root / "inner").commit({"c.js": "1\n"})
    repo.commit({"t.ts": "1\n"})
    attributes = "*.js diff=evil filter=evil\n*.ts diff=evil filter=e.v=il\n"
    repo.commit({"a.js": "2\n", "t.ts": "2\n", ".gitattributes": attributes})
    for name, value in (
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", str(repo.root / "inner")),
    ):
        repo.git("config", name, value)
    repo.write({"a.js": "3\n", "inner/c.js": "3\n", "t.ts": "3\n", "new.js": "1\n"})
    return repo


def _set_trap(repo: Repo, name: str, program: str) -> None:
    if name.startswith("hooks/"):
        hook = repo.root / ".git" / name
        hook.parent.mkdir(exist_ok=True)
        shutil.copy(program, hook)
    else:
        folder, _, setting = name.rpartition(" ")
        git(repo.root / folder, "config", setting, program)
        if setting.startswith("filter."):
            git(repo.root, "config", f"{setting.rpartition('.')[0]}.required", "true")


def _read_everything(repo: Repo) -> None:
    opened = Repository.open(repo.root / "src")
    base, head = opened.resolve("HEAD~1"), opened.resolve("HEAD")
    assert opened.is_dirty()
    assert opened.merge_base(base, head) == base
    assert opened.default_branch() == "refs/heads/main"
    assert changed_paths(opened, base, head)
    assert {diff.new for diff in file_diffs(opened, base, head)} == {".gitattributes", "a.js", "t.ts"}
    assert WorkTree(opened).read("a.js") == b"3\n"
    with GitTree(opened, head) as tree:
        assert tree.read("a.js") == b"2\n"
    with ObjectReader(opened) as reader:
        assert "partial clone" in error_of(lambda: reader.read("1" * 40))
    assert "knows no commit" in error_of(lambda: opened.resolve("1" * 40))


@pytest.mark.parametrize("name", TRAPS)
def test_a_program_that_a_repository_names_is_not_run(trapped: Repo, tmp_path: Path, name: str) -> None:
    _set_trap(trapped, name, _trap(tmp_path))
    _read_everything(trapped)
    assert not (tmp_path / "sprung").exists()
    # Asked without care, the same repository does run it: the trap is a real one.
    careless = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_TERMINAL_PROMPT": "0"}
    request = b"protocol=https\nhost=example.org\n\n"
    subprocess.run(
        ["git", *TRAPS[name]], cwd=trapped.root, env=careless, input=request, capture_output=True, check=False
    )
    assert (tmp_path / "sprung").exists()


def test_nothing_is_run_where_everything_is_a_trap(trapped: Repo, tmp_path: Path) -> None:
    program = _trap(tmp_path)
    for name in TRAPS:
        _set_trap(trapped, name, program)
    for name in ("core.askPass", "core.gitProxy", "core.editor", "core.alternateRefsCommand", "gpg.program"):
        _set_trap(trapped, name, program)
    for command in ("status", "ls-files", "ls-tree", "diff-tree", "cat-file", "rev-parse", "config"):
        _set_trap(trapped, f"alias.{command}", f"!{program}")
        _set_trap(trapped, f"pager.{command}", program)
    _read_everything(trapped)
    assert not (tmp_path / "sprung").exists()
