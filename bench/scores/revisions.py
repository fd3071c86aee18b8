"""The files of a commit, each read from git's objects when it is asked for: no checkout, no list of the whole tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bot.git import GitError, NotARepositoryError, Repository
from bot.trees import raw, text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bot.objects import ObjectReader

_FOLDER_MODE: Final = b"40000"
_FILE_MODES: Final = (b"100644", b"100755", b"100664")


class _Entry(NamedTuple):
    mode: bytes
    object_id: str


class CommitTree:
    """A `fixers.tree.FileTree` of a commit. Folders are read once; links and submodules are not files."""

    def __init__(self, objects: ObjectReader, commit: str) -> None:
        """Find the commit's root.

        Args:
            objects: reads the repository's objects.
            commit: its id.

        Raises:
            GitError: the repository has no such commit.
        """
        self._objects = objects
        header = objects.read(commit).split(b"\n", 1)[0]
        if not header.startswith(b"tree "):
            raise GitError(f"Object {commit} is no commit; name one.")
        self._folders: dict[bytes, dict[bytes, _Entry]] = {b"": self._listed(header[5:].decode())}

    def paths(self) -> Iterator[str]:
        """See `fixers.tree.FileTree`."""
        found: list[bytes] = []
        folders = [b""]
        while folders:
            folder = folders.pop()
            for name, entry in (self._folder(folder) or {}).items():
                path = folder + b"/" + name if folder else name
                if entry.mode == _FOLDER_MODE:
                    folders.append(path)
                elif entry.mode in _FILE_MODES:
                    found.append(path)
        return (text(path) for path in sorted(found))

    def exists(self, path: str) -> bool:
        """See `fixers.tree.FileTree`."""
        return self._file(path) is not None

    def blob_id(self, path: str) -> str:
        """See `fixers.tree.FileTree`."""
        entry = self._file(path)
        if entry is None:
            raise FileNotFoundError(path)
        return entry.object_id

    def size(self, path: str) -> int:
        """See `fixers.tree.FileTree`."""
        return len(self.read(path))

    def read(self, path: str) -> bytes:
        """See `fixers.tree.FileTree`.

        Raises:
            FileNotFoundError: the commit has no such file.
            GitError: the object is missing, as in a partial clone.
        """
        return self._objects.read(self.blob_id(path))

    def _file(self, path: str) -> _Entry | None:
        folder, _, name = raw(path).rpartition(b"/")
        entry = (self._folder(folder) or {}).get(name)
        return entry if entry is not None and entry.mode in _FILE_MODES else None

    def _folder(self, path: bytes) -> dict[bytes, _Entry] | None:
        """The entries of a folder; None where there is none."""
        at = b""
        entries = self._folders[b""]
        for name in path.split(b"/") if path else ():
            entry = entries.get(name)
            if entry is None or entry.mode != _FOLDER_MODE:
                return None
            at = at + b"/" + name if at else name
            if at not in self._folders:
                self._folders[at] = self._listed(entry.object_id)
            entries = self._folders[at]
        return entries

    def _listed(self, tree: str) -> dict[bytes, _Entry]:
        """A tree object's entries: mode, space, name, NUL, and the id in binary (git: Documentation/gitformat-pack)."""
        data, width, at = self._objects.read(tree), len(tree) // 2, 0
        entries = {}
        while at < len(data):
            end = data.index(b"\0", at)
            mode, _, name = data[at:end].partition(b" ")
            at = end + 1 + width
            entries[name] = _Entry(mode, data[end + 1 : at].hex())
        return entries


def clone_of(clones: Path, repo: str) -> Repository | None:
    """The clone of `owner/name`: `<owner>+<name>/repo` or `<owner>+<name>`, bare or not. None where there is none.

    Raises:
        GitError: git refuses to open it.
    """
    folder = clones / repo.replace("/", "+")
    for place in (folder / "repo", folder):
        if not place.is_dir():
            continue
        try:
            found = Repository.open(place)
        except NotARepositoryError:
            continue
        # A folder of clones may lie in a repository itself, which git would find by looking upwards.
        if found.folder.resolve() == place.resolve():
            return found
    return None
