from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from bot.diffs import FileDiff, file_diffs
from bot.git import GitError, Repository
from bot.snapshots import snapshot
from bot.trees import GitTree, WorkTree
from tests.bot.test_git import TRAPS, _set_trap, _trap
from tests.bot.test_trees import STRANGE_NAMES
from tests.repos import Repo, git

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"a.js": "1\n", "src/b.js": "2\n", "gone.js": "3\n", "big.bin": "4\n"})
    return made


def content(repo: Repo, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, bytes]:
    with snapshot(Repository.open(repo.root), wanted) as (scratch, tree), GitTree(scratch, tree) as files:
        return {path: files.read(path) for path in files.paths()}


def on_disk(repo: Repo) -> dict[str, bytes]:
    files = WorkTree(Repository.open(repo.root))
    return {path: files.read(path) for path in files.paths()}


def everything(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        # git gives the larger half of a split index a new time whenever it reads it, whoever asks.
        time = 0 if path.name.startswith("sharedindex.") else status.st_mtime_ns
        found[str(path)] = (time, status.st_mode, path.read_bytes() if path.is_file() else b"")
    return found


def _clean(_: Repo) -> None:
    return None


def _edited(repo: Repo) -> None:
    repo.write({"a.js": "one\n", "src/b.js": None})


def _staged(repo: Repo) -> None:
    repo.write({"a.js": "one\n", "new.js": "new\n"})
    repo.git("add", "--all")


def _staged_and_edited_again(repo: Repo) -> None:
    _staged(repo)
    repo.write({"a.js": "two\n", "new.js": None})


def _staged_and_taken_back(repo: Repo) -> None:
    _staged(repo)
    repo.write({"a.js": "1\n"})


def _untracked(repo: Repo) -> None:
    repo.write({name: f"{number}\n" for number, name in enumerate(STRANGE_NAMES)})


def _removed_from_the_index(repo: Repo) -> None:
    repo.git("rm", "--quiet", "--cached", "a.js")


def _intended(repo: Repo) -> None:
    repo.write({"new.js": "new\n"})
    repo.git("add", "--intent-to-add", "new.js")


def _touched(repo: Repo) -> None:
    os.utime(repo.root / "a.js", (1, 1))


def _same_size_in_the_same_moment(repo: Repo) -> None:
    index = (repo.root / ".git/index").stat().st_mtime_ns
    repo.write({"a.js": "9\n"})
    os.utime(repo.root / "a.js", ns=(index, index))


def _conflict(repo: Repo) -> None:
    entries = "".join(f"100644 {repo.git('rev-parse', 'HEAD:a.js')} {stage}\ta.js\n" for stage in (1, 2, 3))
    repo.git("update-index", "--index-info", stdin=f"0 {'0' * 40}\ta.js\n{entries}".encode())
    repo.write({"a.js": "<<<<<<<\n"})


def _no_index(repo: Repo) -> None:
    (repo.root / ".git/index").unlink()


def _split_index(repo: Repo) -> None:
    repo.git("update-index", "--split-index")
    _staged(repo)


def _executable(repo: Repo) -> None:
    (repo.root / "a.js").chmod(0o755)


def _nested(repo: Repo) -> None:
    Repo(repo.root / "inner").commit({"c.js": "1\n"})


STATES = [
    _clean,
    _edited,
    _staged,
    _staged_and_edited_again,
    _staged_and_taken_back,
    _untracked,
    _removed_from_the_index,
    _intended,
    _touched,
    _same_size_in_the_same_moment,
    _conflict,
    _no_index,
    _split_index,
    _executable,
    _nested,
]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__.strip("_"))
def test_a_snapshot_is_what_lies_on_disk_and_touches_nothing(repo: Repo, state: Callable[[Repo], None]) -> None:
    state(repo)
    before = everything(repo.root)
    assert content(repo) == on_disk(repo)
    assert everything(repo.root) == before


def test_a_linked_work_tree_has_its_own_snapshot(repo: Repo, tmp_path: Path) -> None:
    repo.git("worktree", "add", "--quiet", "-b", "other", str(tmp_path / "linked"))
    (tmp_path / "linked/a.js").write_text("linked\n")
    with snapshot(Repository.open(tmp_path / "linked"), lambda _: True) as (scratch, tree):
        assert file_diffs(scratch, "main", tree) == [FileDiff("a.js", "a.js", "@@ -1 +1 @@\n-1\n+linked\n")]


def test_a_name_with_a_quote_is_a_place_for_objects(tmp_path: Path) -> None:
    repo = Repo(tmp_path / 'a"b\\c:d')
    repo.commit({"a.js": "1\n", "b.js": "1\n"})
    repo.write({"a.js": "2\n"})
    assert content(repo) == {"a.js": b"2\n", "b.js": b"1\n"}


def test_only_what_is_wanted_is_read(repo: Repo) -> None:
    repo.write({"a.js": "one\n", "big.bin": "changed\n", "new.bin": "new\n", "gone.js": None})
    assert content(repo, lambda path: path.endswith(".js")) == {
        "a.js": b"one\n",
        "big.bin": b"4\n",
        "src/b.js": b"2\n",
    }


def test_links_are_links(repo: Repo) -> None:
    (repo.root / "a.js").unlink()
    (repo.root / "a.js").symlink_to("/etc/passwd")
    (repo.root / "new.js").symlink_to("src/b.js")
    assert set(content(repo)) == set(on_disk(repo)) == {"big.bin", "gone.js", "src/b.js"}


@pytest.mark.parametrize("name", TRAPS)
def test_a_program_that_a_repository_names_is_not_run(repo: Repo, tmp_path: Path, name: str) -> None:
    Repo(repo.root / "inner").commit({"c.js": "1\n"})
    repo.commit({".gitattributes": "*.js diff=evil filter=evil\n*.ts diff=evil filter=e.v=il\n"})
    repo.write({"a.js": "3\n", "t.ts": "3\n"})
    _set_trap(repo, name, _trap(tmp_path))
    assert content(repo)["a.js"] == b"3\n"
    assert not (tmp_path / "sprung").exists()


def test_a_bare_repository_has_no_files(repo: Repo, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), "bare.git")
    with pytest.raises(GitError, match="is bare"), snapshot(Repository.open(tmp_path / "bare.git"), lambda _: True):
        pass
