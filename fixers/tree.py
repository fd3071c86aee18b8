"""How the engine sees files: a tree of paths, blob ids and bytes, whatever it is stored in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class FileTree(Protocol):
    """The files of one revision, of a work tree, or of a folder.

    Paths are relative, use `/`, and are the same on every machine. `read` may be called in any order and
    more than once; the tree does not change while it is in use.
    """

    def paths(self) -> Iterator[str]:
        """Every file's path, in byte order. Links and submodules are not files."""
        ...

    def exists(self, path: str) -> bool:
        """Whether `path` is a file of this tree."""
        ...

    def blob_id(self, path: str) -> str:
        """The git object id (hex SHA-1) of the file's bytes.

        Raises:
            FileNotFoundError: the tree has no such file.
        """
        ...

    def size(self, path: str) -> int:
        """The file's size in bytes.

        Raises:
            FileNotFoundError: the tree has no such file.
        """
        ...

    def read(self, path: str) -> bytes:
        """The file's bytes.

        Raises:
            FileNotFoundError: the tree has no such file.
        """
        ...


def git_blob_id(data: bytes) -> str:
    """The object id that git gives these bytes (gitformat-pack: SHA-1 over `blob <size>\\0` and the bytes)."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


class MemoryTree:
    """A `FileTree` over a mapping of path to bytes: for patched trees, examples and tests."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = {path: files[path] for path in sorted(files, key=lambda p: p.encode(errors="surrogateescape"))}

    def paths(self) -> Iterator[str]:
        """See `FileTree`."""
        return iter(self._files)

    def exists(self, path: str) -> bool:
        """See `FileTree`."""
        return path in self._files

    def blob_id(self, path: str) -> str:
        """See `FileTree`."""
        return git_blob_id(self.read(path))

    def size(self, path: str) -> int:
        """See `FileTree`."""
        return len(self.read(path))

    def read(self, path: str) -> bytes:
        """See `FileTree`."""
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(path) from None


class PatchedTree:
    """A `FileTree` in which some files of another one have new bytes."""

    def __init__(self, base: FileTree, changed: Mapping[str, bytes]) -> None:
        self._base = base
        self._changed = dict(changed)

    def paths(self) -> Iterator[str]:
        """See `FileTree`."""
        return self._base.paths()

    def exists(self, path: str) -> bool:
        """See `FileTree`."""
        return self._base.exists(path)

    def blob_id(self, path: str) -> str:
        """See `FileTree`."""
        return git_blob_id(self._changed[path]) if path in self._changed else self._base.blob_id(path)

    def size(self, path: str) -> int:
        """See `FileTree`."""
        return len(self._changed[path]) if path in self._changed else self._base.size(path)

    def read(self, path: str) -> bytes:
        """See `FileTree`."""
        return self._changed[path] if path in self._changed else self._base.read(path)
