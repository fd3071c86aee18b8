from __future__ import annotations

import os
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from bot.git import GitError, Repository
from bot.trees import DiskTree, FolderTree, GitTree, LimitedTree, WorkTree
from fixers.tree import MemoryTree, git_blob_id
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from fixers.tree import FileTree

STRANGE_NAMES = (
    "-rf",
    "--output=x.js",
    " leading space.js",
    'quote".js',
    "quote'.js",
    "new\nline.js",
    "tab\t.js",
    "back\\slash.js",
    "not-utf8-\udcff\udcfe.js",
    "é.js",
    "e\u0301.js",
    "😀/$(touch x).js",
    "*.js",
    ":(top)a.js",
    "%41.js",
    "CON",
    "a.b",
    "a/c",
    "a0",
)


def content(tree: FileTree) -> dict[str, bytes]:
    """Everything of a tree, checked to agree with itself."""
    found = {}
    for path in tree.paths():
        found[path] = tree.read(path)
        assert tree.exists(path)
        assert tree.size(path) == len(found[path])
        assert tree.blob_id(path) == git_blob_id(found[path])
    assert list(found) == sorted(found, key=lambda path: path.encode("utf-8", "surrogateescape"))
    return found


def git_content(repo: Repo, revision: str = "HEAD") -> dict[str, bytes]:
    opened = Repository.open(repo.root)
    with GitTree(opened, opened.resolve(revision)) as tree:
        return content(tree)


def work_content(repo: Repo) -> dict[str, bytes]:
    return content(WorkTree(Repository.open(repo.root)))


def test_strange_names_are_names_in_every_tree(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    files = {name: f"// {number}\n".encode() for number, name in enumerate(STRANGE_NAMES)}
    repo.commit(files)
    assert git_content(repo) == files
    assert work_content(repo) == files
    assert content(FolderTree(repo.root)) == files


def test_bytes_are_those_of_the_file(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    files = {
        "crlf.js": b"a\r\nb\r\n",
        "nul.js": b"\0",
        "empty.js": b"",
        "latin.js": b"\xe9\n",
        "bom.js": b"\xef\xbb\xbfa",
    }
    repo.commit(files)
    assert git_content(repo) == work_content(repo) == files


def test_a_commit_and_its_tree_hold_the_same(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    first = repo.commit({"a.js": "1\n"})
    repo.commit({"a.js": "2\n", "b.js": "3\n"})
    opened = Repository.open(repo.root)
    assert git_content(repo, first) == {"a.js": b"1\n"}
    with GitTree(opened, opened.tree_id("HEAD")) as tree:
        assert content(tree) == {"a.js": b"2\n", "b.js": b"3\n"}


def test_a_commit_says_which_files_are_programs(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"run.js": "1\n", "a.js": "2\n"})
    repo.git("update-index", "--chmod=+x", "run.js")
    repo.git("commit", "--quiet", "--message", "Run it")
    opened = Repository.open(repo.root)
    with GitTree(opened, "HEAD") as tree:
        assert [tree.is_executable(path) for path in ("run.js", "a.js")] == [True, False]


def test_an_unknown_tree_is_an_error(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit()
    with pytest.raises(GitError, match="ls-tree failed"):
        GitTree(Repository.open(repo.root), "1" * 40)


def test_a_tree_can_be_read_after_it_was_closed(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    commit = repo.commit({"a.js": "1\n"})
    tree = GitTree(Repository.open(repo.root), commit)
    for _ in range(2):
        assert tree.read("a.js") == b"1\n"
        tree.close()


def test_a_bare_repository_has_a_git_tree_and_no_work_tree(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    commit = repo.commit({"a.js": "1\n"})
    repo.git("clone", "--quiet", "--bare", str(repo.root), str(tmp_path / "bare.git"))
    opened = Repository.open(tmp_path / "bare.git")
    with GitTree(opened, commit) as tree:
        assert content(tree) == {"a.js": b"1\n"}
    with pytest.raises(GitError, match="is bare"):
        WorkTree(opened)


def test_links_are_no_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key.js").write_text("secret\n")
    repo = Repo(tmp_path / "repo")
    repo.write({"a.js": "1\n"})
    (repo.root / "loop").symlink_to(".")
    (repo.root / "self.js").symlink_to("self.js")
    (repo.root / "out").symlink_to(secret)
    (repo.root / "key.js").symlink_to(secret / "key.js")
    (repo.root / "inside.js").symlink_to("a.js")
    (repo.root / "dangling.js").symlink_to("gone.js")
    repo.commit()
    assert git_content(repo) == work_content(repo) == content(FolderTree(repo.root)) == {"a.js": b"1\n"}


def test_a_tracked_folder_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret" / "deep"
    secret.mkdir(parents=True)
    (secret / "b.js").write_text("secret\n")
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n", "src/deep/b.js": "2\n"})
    repo.write({"src/deep/b.js": None})
    (repo.root / "src" / "deep").rmdir()
    (repo.root / "src").rmdir()
    (repo.root / "src").symlink_to(secret.parent)
    assert work_content(repo) == {"a.js": b"1\n"}


def test_a_file_that_becomes_a_link_later_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret\n")
    root = tmp_path / "root"
    root.mkdir()
    (root / "a.js").write_text("1\n")
    tree = FolderTree(root)
    (root / "a.js").unlink()
    (root / "a.js").symlink_to(tmp_path / "secret")
    with pytest.raises(FileNotFoundError):
        tree.read("a.js")


def test_what_is_no_regular_file_is_left_out_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.js")
    (tmp_path / "a.js").write_text("1\n")
    (tmp_path / "folder.js").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket.js"))
        tree = FolderTree(tmp_path)
        assert content(tree) == {"a.js": b"1\n"}
    (tmp_path / "a.js").unlink()
    os.mkfifo(tmp_path / "a.js")
    with pytest.raises(FileNotFoundError):
        tree.read("a.js")


def test_submodules_are_no_files(tmp_path: Path) -> None:
    inner = Repo(tmp_path / "inner")
    inner.commit({"c.js": "1\n"})
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n"})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.root), "sub")
    repo.commit()
    expected = {"a.js", ".gitmodules"}
    assert set(git_content(repo)) == set(work_content(repo)) == expected
    Repo(repo.root / "untracked").commit({"d.js": "1\n"})
    assert set(work_content(repo)) == expected


def test_names_that_no_checkout_would_write_are_no_files(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"1\n")
    entry = f"100644 blob {blob}\t"
    evil = repo.git("mktree", stdin=f"{entry}config\n".encode())
    names = f"040000 tree {evil}\t..\n040000 tree {evil}\t.GIT\n{entry}a.js\n"
    tree = repo.git("mktree", stdin=names.encode())
    with GitTree(Repository.open(repo.root), tree) as opened:
        assert content(opened) == {"a.js": b"1\n"}


def test_a_work_tree_is_what_is_tracked_or_not_ignored(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit(
        {"kept.js": "1\n", "gone.js": "1\n", "edited.js": "1\n", "logs/forced.js": "1\n", "dir/.gitignore": "x.js\n"}
    )
    repo.write(
        {
            ".gitignore": "logs/\n*.tmp.js\n",
            "gone.js": None,
            "edited.js": "2\n",
            "new.js": "1\n",
            "a.tmp.js": "1\n",
            "dir/x.js": "1\n",
            "dir/y.js": "1\n",
            "logs/b.js": "1\n",
            ".git/info/exclude": "private.js\n",
            "private.js": "1\n",
        }
    )
    found = work_content(repo)
    assert set(found) == {
        "kept.js",
        "edited.js",
        "logs/forced.js",
        "dir/.gitignore",
        ".gitignore",
        "new.js",
        "dir/y.js",
    }
    assert found["edited.js"] == b"2\n"


def test_a_work_tree_is_whole_from_any_folder_of_it(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n", "src/b.js": "2\n"})
    repo.write({"new.js": "3\n"})
    assert set(content(WorkTree(Repository.open(repo.root / "src")))) == {"a.js", "src/b.js", "new.js"}


def test_a_merge_conflict_lists_each_file_once(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n"})
    repo.branch("topic")
    repo.commit({"a.js": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"a.js": "3\n"})
    with pytest.raises(AssertionError):
        repo.git("merge", "--quiet", "topic")
    assert list(work_content(repo)) == ["a.js"]


def test_a_folder_without_a_repository_is_walked(tmp_path: Path) -> None:
    for name in ("a.js", "deep/er/b.js", ".hidden/c.js", "sub/.git/config", "other/d.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1\n")
    (tmp_path / "other" / ".git").write_text("gitdir: elsewhere\n")
    assert set(content(FolderTree(tmp_path))) == {"a.js", "deep/er/b.js", ".hidden/c.js", "other/d.js"}


def test_a_deep_folder_is_walked(tmp_path: Path) -> None:
    parts = ["d"] * 1200
    folder = os.open(tmp_path, os.O_RDONLY)
    for part in parts:
        os.mkdir(part, dir_fd=folder)
        deeper = os.open(part, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = deeper
    os.close(os.open("a.js", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    assert list(FolderTree(tmp_path).paths()) == ["/".join([*parts, "a.js"])]
    # Python's own removal of a folder, which pytest uses to clean up, recurses.
    subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


def test_a_missing_folder_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotADirectoryError, match="check the path"):
        FolderTree(tmp_path / "gone")


def test_candidates_outside_of_the_folder_s_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("1\n")
    assert list(DiskTree(tmp_path, [b"a.js", b"gone.js", b"gone/b.js", b"a.js/c.js"]).paths()) == ["a.js"]


def test_unknown_paths_are_not_found_in_any_tree(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    commit = repo.commit({"a.js": "1\n", "src/b.js": "1\n"})
    opened = Repository.open(repo.root)
    with GitTree(opened, commit) as git_tree:
        trees: list[FileTree] = [git_tree, WorkTree(opened), FolderTree(repo.root), LimitedTree(git_tree, ["src"])]
        for tree in trees:
            for path in ("gone.js", "src", "", "../repo/a.js", "/etc/passwd"):
                assert not tree.exists(path)
                for ask in (tree.read, tree.size, tree.blob_id):
                    with pytest.raises(FileNotFoundError):
                        ask(path)


FILES = {name: name.encode() for name in ("a.js", "src/b.js", "src/deep/c.js", "srcs/d.js")}


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (["src"], {"src/b.js", "src/deep/c.js"}),
        (["src/"], {"src/b.js", "src/deep/c.js"}),
        (["src/deep", "a.js"], {"a.js", "src/deep/c.js"}),
        (["src/b.js/"], {"src/b.js"}),
        (["."], set(FILES)),
        ([""], set(FILES)),
        (["gone"], set()),
        ([], set()),
    ],
)
def test_a_limited_tree_holds_the_places_alone(places: list[str], expected: set[str]) -> None:
    tree = LimitedTree(MemoryTree(FILES), places)
    assert set(content(tree)) == expected
    assert {path for path in FILES if tree.exists(path)} == expected
    for path in set(FILES) - expected:
        with pytest.raises(FileNotFoundError):
            tree.read(path)
