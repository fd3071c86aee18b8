"""The files of a revision, of a work tree and of a folder, as the engine sees them (`fixers.tree.FileTree`).

Inside Stanch a path is text: UTF-8, with surrogates for other bytes (PEP 383). On disk and in git it is bytes.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, NamedTuple, Self

from bot.objects import ObjectReader
from bot.tree_listing import tree_entries
from fixers.source import TOO_LARGE_BYTES
from fixers.tree import git_blob_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

    from bot.git import Repository
    from bot.tree_listing import Entry
    from fixers.tree import FileTree

_EXECUTABLE = b"100755"
_FILE_MODES = (b"100644", _EXECUTABLE, b"100664")


class _Blob(NamedTuple):
    object_id: str
    size: int
    is_executable: bool


class GitTree:
    """The files of a commit or a tree, read from git's object store. Use it as a context manager, in one thread."""

    def __init__(self, repository: Repository, tree: str, left_out: Collection[str] = ()) -> None:
        """List the tree.

        Args:
            repository: where the tree is.
            tree: the id of a commit or a tree.
            left_out: ids of blobs that were not fetched because they are too large to be judged; so is their `size`.

        Raises:
            GitError: there is no such tree, objects are missing, as in a partial clone, or it lists too many files.
        """
        self._blobs = {text(path): blob for path, blob in sorted(_blobs(tree_entries(repository, tree)))}
        self._left_out = left_out
        self._reader = ObjectReader(repository)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End git's process; reading again starts another."""
        self._reader.close()

    def paths(self) -> Iterator[str]:
        """See `FileTree`."""
        return iter(self._blobs)

    def exists(self, path: str) -> bool:
        """See `FileTree`."""
        return path in self._blobs

    def blob_id(self, path: str) -> str:
        """See `FileTree`; in a repository of SHA-256 objects it is that."""
        return self._blob(path).object_id

    def size(self, path: str) -> int:
        """See `FileTree`."""
        blob = self._blob(path)
        return TOO_LARGE_BYTES + 1 if blob.object_id in self._left_out else blob.size

    def is_executable(self, path: str) -> bool:
        """Whether the tree has the file as a program."""
        return self._blob(path).is_executable

    def read(self, path: str) -> bytes:
        """See `FileTree`.

        Raises:
            FileNotFoundError: the tree has no such file.
            GitError: the object is missing.
        """
        return self._reader.read(self.blob_id(path))

    def _blob(self, path: str) -> _Blob:
        try:
            return self._blobs[path]
        except KeyError:
            raise _gone(path) from None


class DiskTree:
    """Regular files below a folder; no link is followed, neither in the last name nor before it."""

    def __init__(self, root: Path, candidates: Iterable[bytes]) -> None:
        """Take those candidates that are regular files.

        Args:
            root: the folder.
            candidates: paths relative to it; what is missing, a link, a folder or a device is left out.
        """
        self._root = os.fsencode(root).rstrip(b"/") + b"/"
        folders: dict[bytes, bool] = {b"": True}
        found = {path: self._regular_file(path, folders) for path in sorted(set(candidates))}
        self._files = {text(path): status for path, status in found.items() if status is not None}
        self._others = [path.rstrip(b"/") for path, status in found.items() if status is None]
        self._blob_ids: dict[str, str] = {}

    def paths(self) -> Iterator[str]:
        """See `FileTree`."""
        return iter(self._files)

    def exists(self, path: str) -> bool:
        """See `FileTree`."""
        return path in self._files

    def blob_id(self, path: str) -> str:
        """See `FileTree`; of the bytes on disk, which git may store otherwise (line endings, filters)."""
        if path not in self._blob_ids:
            self._blob_ids[path] = git_blob_id(self.read(path))
        return self._blob_ids[path]

    def size(self, path: str) -> int:
        """See `FileTree`."""
        return self.status(path).st_size

    def status(self, path: str) -> os.stat_result:
        """What the disk said of a file when the tree was listed.

        Raises:
            FileNotFoundError: the tree has no such file.
        """
        try:
            return self._files[path]
        except KeyError:
            raise _gone(path) from None

    def read(self, path: str) -> bytes:
        """See `FileTree`.

        Raises:
            FileNotFoundError: the tree has no such file, or it has become something else since.
            OSError: the file cannot be read.
        """
        self.size(path)
        # A pipe put in the file's place would block without O_NONBLOCK, a link lead out of the tree.
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            descriptor = os.open(self._root + raw(path), flags)
        except OSError as error:
            raise (_gone(path) if error.errno == errno.ELOOP else error) from None
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _gone(path)
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(descriptor)

    def _regular_file(self, path: bytes, folders: dict[bytes, bool]) -> os.stat_result | None:
        folder = path.rpartition(b"/")[0]
        if not folders.get(folder, False) and not self._is_real_folder(folder, folders):
            return None
        try:
            status = os.lstat(self._root + path)
        except OSError:
            return None
        return status if stat.S_ISREG(status.st_mode) else None

    def _is_real_folder(self, folder: bytes, folders: dict[bytes, bool]) -> bool:
        """Whether a folder is reached without links; `folders` remembers the answers."""
        unknown = []
        while folder not in folders:
            unknown.append(folder)
            folder = folder.rpartition(b"/")[0]
        real = folders[folder]
        for deeper in reversed(unknown):
            try:
                real = real and stat.S_ISDIR(os.lstat(self._root + deeper).st_mode)
            except OSError:
                real = False
            folders[deeper] = real
        return real


class WorkTree(DiskTree):
    """The files of a repository's folder as they lie on disk: the tracked ones, and those that git does not ignore."""

    def __init__(self, repository: Repository) -> None:
        """List the work tree.

        Raises:
            GitError: the repository is bare, or its index is damaged.
        """
        question = ["ls-files", "-z", "--full-name", "--cached", "--others", "--exclude-standard"]
        super().__init__(repository.files_root(), repository.run(question).split(b"\0")[:-1])

    def inner_repositories(self) -> list[str]:
        """The folders that are repositories of their own: submodules that are checked out, and untracked clones."""
        folders: dict[bytes, bool] = {b"": True}
        return [
            text(path)
            for path in self._others
            if self._is_real_folder(path, folders) and os.path.lexists(self._root + path + b"/.git")
        ]


class FolderTree(DiskTree):
    """Every file below a folder that is in no repository; `.git` is left out."""

    def __init__(self, root: Path, places: Iterable[str] = (".",)) -> None:
        """List the folder.

        Args:
            root: the folder.
            places: files and folders in it, relative; only these are listed, and nothing beside them is walked.

        Raises:
            NotADirectoryError: there is no such folder.
        """
        if not root.is_dir():
            raise NotADirectoryError(f"There is no folder {root}; check the path.")
        start = os.fsencode(root)
        super().__init__(root, (path for place in places for path in _walk(start, raw(place.strip("/")))))


class LimitedTree:
    """Those files of another tree that are, or lie in, given paths."""

    def __init__(self, tree: FileTree, places: Iterable[str]) -> None:
        """Limit a tree.

        Args:
            tree: the whole.
            places: files and folders relative to its root; `.` or nothing between the slashes is all of it.
        """
        self._tree = tree
        self._places = frozenset("" if place == "." else place.strip("/") for place in places)

    def paths(self) -> Iterator[str]:
        """See `FileTree`."""
        return (path for path in self._tree.paths() if self._covers(path))

    def exists(self, path: str) -> bool:
        """See `FileTree`."""
        return self._covers(path) and self._tree.exists(path)

    def blob_id(self, path: str) -> str:
        """See `FileTree`."""
        return self._tree.blob_id(self._within(path))

    def size(self, path: str) -> int:
        """See `FileTree`."""
        return self._tree.size(self._within(path))

    def read(self, path: str) -> bytes:
        """See `FileTree`."""
        return self._tree.read(self._within(path))

    def _covers(self, path: str) -> bool:
        while path and path not in self._places:
            path = path.rpartition("/")[0]
        return path in self._places

    def _within(self, path: str) -> str:
        if not self._covers(path):
            raise _gone(path)
        return path


def text(path: bytes) -> str:
    """A path of git or of the disk as text."""
    return path.decode("utf-8", "surrogateescape")


def raw(path: str) -> bytes:
    """A path as git and the disk have it."""
    return path.encode("utf-8", "surrogateescape")


def _gone(path: str) -> FileNotFoundError:
    return FileNotFoundError(errno.ENOENT, "it is gone, or is no plain file", path)


def _blobs(entries: Iterable[Entry]) -> Iterator[tuple[bytes, _Blob]]:
    """The regular files of a tree.

    A crafted tree may hold names that no checkout would write (`..`, `.git`); they are no files either.
    """
    for entry in entries:
        names = entry.path.lower().split(b"/")
        if entry.mode in _FILE_MODES and not any(name in {b"", b".", b"..", b".git"} for name in names):
            # Reading an object that is missing says so.
            yield entry.path, _Blob(entry.object_id, entry.size or 0, entry.mode == _EXECUTABLE)


def _walk(root: bytes, place: bytes) -> Iterator[bytes]:
    """Every name at or below a place that is no folder itself; without recursion, which os.walk has before 3.12."""
    if place not in {b"", b"."} and not os.path.isdir(root + b"/" + place):  # noqa: PTH112 - a path of any bytes
        yield place
        return
    folders = [b"" if place in {b"", b"."} else place + b"/"]
    while folders:
        folder = folders.pop()
        try:
            entries = list(os.scandir(root + b"/" + folder))
        except OSError:
            # A folder that may not be read, or that has gone, holds nothing that could be scanned.
            continue
        for entry in entries:
            if entry.name == b".git":
                continue
            if entry.is_dir(follow_symlinks=False):
                folders.append(folder + entry.name + b"/")
            else:
                yield folder + entry.name
