"""What a tree lists, read as git writes it, so that a tree which stands for more than fits is noticed and left."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from bot.git import GitError
from bot.process_limits import limit_process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.git import Repository

MAX_ENTRIES: Final = 500_000
MAX_BYTES: Final = 200_000_000
"""A line has about a hundred bytes, and the path."""
_CHUNK_BYTES: Final = 1 << 20


class TreeTooLargeError(GitError):
    """A tree lists more files than anything may look at; a few trees that name each other stand for billions."""


class Entry(NamedTuple):
    """A file, link or submodule of a tree; `size` in bytes, None where the object is missing or has none."""

    mode: bytes
    kind: bytes
    object_id: str
    size: int | None
    path: bytes


def tree_entries(repository: Repository, tree: str, memory_bytes: int | None = None) -> Iterator[Entry]:
    """The entries of a tree and of all trees below it, in git's order.

    Args:
        repository: where it is.
        tree: the id of a commit or a tree.
        memory_bytes: what git may take of memory, which holds the trees on the way to a file as a whole; None for all.

    Raises:
        GitError: there is no such tree, objects are missing, or it takes more memory.
        TreeTooLargeError: it lists too many files.
    """
    arguments = ["ls-tree", "-r", "-z", "-l", "--full-tree", "--end-of-options", tree]
    count, size, rest = 0, 0, b""
    with repository.start(arguments) as process:
        if process.stdout is None:
            raise AssertionError("ls-tree runs with pipes")
        try:
            if memory_bytes is not None:
                with suppress(ProcessLookupError):
                    limit_process(process.pid, memory_bytes=memory_bytes)
            while chunk := process.stdout.read(_CHUNK_BYTES):
                *lines, rest = (rest + chunk).split(b"\0")
                count, size = count + len(lines), size + len(chunk)
                if count > MAX_ENTRIES or size > MAX_BYTES:
                    raise TreeTooLargeError(f"The tree {tree[:12]} lists more than {MAX_ENTRIES:,} files.")
                yield from map(_entry, lines)
        except BaseException:
            process.kill()
            raise
    if process.returncode or rest:
        if memory_bytes is None:
            # Once more, for what git has to say of it.
            repository.run(arguments)
        raise repository.missing(f"A part of the tree {tree[:12]}")


def _entry(line: bytes) -> Entry:
    description, _, path = line.partition(b"\t")
    mode, kind, object_id, size = description.split()
    # Git writes BAD for the size of an object that is missing, and - for a submodule.
    return Entry(mode, kind, object_id.decode(), int(size) if size.isdigit() else None, path)
