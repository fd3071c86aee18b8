"""Trees over mappings, and trees in which some files have new bytes."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixers.tree import FileTree, MemoryTree, PatchedTree, git_blob_id

FILES = {"b.js": b"two", "a/z.py": b"", "a.js": b"\xff\n", "é.js": b"x", "a\udcff.js": b"y"}


def test_paths_come_in_byte_order() -> None:
    assert list(MemoryTree(FILES).paths()) == ["a.js", "a/z.py", "a\udcff.js", "b.js", "é.js"]


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.binary(max_size=5), max_size=6))
def test_a_tree_holds_what_it_was_given(files: dict[str, bytes]) -> None:
    tree = MemoryTree({path: data for path, data in files.items() if path.isprintable()})
    paths = list(tree.paths())
    assert paths == sorted(paths, key=str.encode)
    for path in paths:
        assert tree.exists(path)
        assert tree.read(path) == files[path]
        assert tree.size(path) == len(files[path])
        assert tree.blob_id(path) == git_blob_id(files[path])


@pytest.mark.parametrize("tree", [MemoryTree(FILES), PatchedTree(MemoryTree(FILES), {})], ids=["memory", "patched"])
def test_a_file_that_is_not_there(tree: FileTree) -> None:
    assert not tree.exists("c.js")
    for ask in (tree.read, tree.size, tree.blob_id):
        with pytest.raises(FileNotFoundError, match=r"^c\.js$"):
            ask("c.js")


def test_a_patched_tree_differs_in_what_was_patched() -> None:
    tree = PatchedTree(MemoryTree(FILES), {"b.js": b"three"})
    assert (tree.read("b.js"), tree.size("b.js")) == (b"three", 5)
    assert tree.blob_id("b.js") == git_blob_id(b"three")
    assert (tree.read("a.js"), tree.size("a.js")) == (b"\xff\n", 2)
    assert tree.blob_id("a.js") == git_blob_id(b"\xff\n")
    assert list(tree.paths()) == list(MemoryTree(FILES).paths())
    assert tree.exists("b.js")


def test_a_patched_tree_keeps_what_it_was_given() -> None:
    changed = {"b.js": b"three"}
    tree = PatchedTree(MemoryTree(FILES), changed)
    changed.clear()
    assert tree.read("b.js") == b"three"


@pytest.mark.parametrize("data", [b"", b"hello\n", b"\0\xff"])
def test_the_blob_id_is_that_of_git(data: bytes) -> None:
    done = subprocess.run(
        ["git", "hash-object", "--stdin", "--no-filters"], input=data, capture_output=True, check=True
    )
    assert git_blob_id(data) == done.stdout.decode().strip()
