"""The files of a work tree as a tree object, made outside the repository that they lie in."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.git import Repository

_CONFIGURATION = (
    # A split index would keep its larger half in the repository (git-update-index: SPLIT INDEX).
    ("core.splitIndex", "false"),
    # A file whose line endings do not survive the round trip is to be looked at all the same.
    ("core.safecrlf", "false"),
)


class Snapshot(NamedTuple):
    """A tree of a work tree's files, and a repository that has it beside everything that was there before."""

    repository: Repository
    tree: str


@contextmanager
def snapshot(repository: Repository, wanted: Callable[[str], bool]) -> Iterator[Snapshot]:
    """What a commit of everything would hold, untracked files that git does not ignore included.

    The index is a copy, new objects go into a temporary folder: nothing is written to the repository, not even the
    time of an object that it has already.

    Args:
        repository: the repository, with a work tree.
        wanted: which of the changed and untracked files matter; the others are taken as the index has them, so that
            no large file is copied for nothing.

    Raises:
        GitError: the repository is bare, its index is damaged, or a file cannot be read.
    """
    repository.files_root()
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        index, objects = Path(folder) / "index", Path(folder) / "objects"
        objects.mkdir()
        with suppress(FileNotFoundError):
            # With its time: git takes a file for unchanged only where it is older than the index (git: racy-git).
            shutil.copy2(repository.git_dir / "index", index)
        own_objects = os.fsdecode(repository.run(["rev-parse", "--git-path", "objects"]).removesuffix(b"\n"))
        environment = (("GIT_INDEX_FILE", os.fspath(index)), ("GIT_OBJECT_DIRECTORY", os.fspath(objects)))
        writer = replace(
            repository, configuration=(*repository.configuration, *_CONFIGURATION), environment=environment
        )
        alternates = ("GIT_ALTERNATE_OBJECT_DIRECTORIES", _quoted(os.path.join(repository.folder, own_objects)))  # noqa: PTH118 - "objects" may be absolute
        reader = replace(writer, environment=(*environment, alternates))

        changed = b"".join(path + b"\0" for path in _changed(reader) if wanted(os.fsdecode(path)))
        # Without the objects of the repository, git would touch those that a file turns out to be equal to.
        writer.run(["update-index", "--add", "--remove", "-z", "--stdin"], stdin=changed)
        tree = writer.run(["write-tree", "--missing-ok"]).decode().strip()
        yield Snapshot(reader, tree)


def _changed(reader: Repository) -> list[bytes]:
    """The paths that differ from the index, are sides of a conflict, or are not in it."""
    # Its status says only that some file differs.
    reader.attempt(["update-index", "-q", "--refresh", "--unmerged", "--ignore-submodules"])
    questions = (["--modified", "--deleted"], ["--unmerged"], ["--others", "--exclude-standard"])
    lists = [reader.run(["ls-files", "-z", "--full-name", *question]).split(b"\0")[:-1] for question in questions]
    conflicts = [entry.partition(b"\t")[2] for entry in lists[1]]
    # A name that ends in a slash is a repository of its own.
    return sorted({path for path in (*lists[0], *conflicts, *lists[2]) if not path.endswith(b"/")})


def _quoted(folder: str) -> str:
    """A folder for a list of them (git: GIT_ALTERNATE_OBJECT_DIRECTORIES)."""
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
