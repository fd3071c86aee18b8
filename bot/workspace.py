"""What the user pointed at: the repository or folder, the files in it, and the configuration that is in force."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.config import CONFIG_PATH, Config, Origins, load
from bot.git import GitError, NotARepositoryError, Repository, printable
from bot.trees import DiskTree, FolderTree, WorkTree, raw

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fixers.tree import FileTree


class WorkspaceError(Exception):
    """What the user pointed at cannot be scanned; the message says why, and what to do."""


@dataclass(frozen=True)
class Workspace:
    """A repository's work tree, or a folder that is in none.

    Attributes:
        root: the folder that paths are relative to.
        repository: the repository, if it is one.
        named: the files and folders that the user named, relative to `root`; none: everything.
        prefix: the one folder that was named, else empty.
        tree: the files.
    """

    root: Path
    repository: Repository | None
    named: tuple[str, ...]
    prefix: str
    tree: DiskTree

    def state(self) -> tuple[str | None, bool]:
        """The id of the root tree, None where that does not say what the files are, and whether files differ from it.

        Raises:
            GitError: the repository is damaged.
        """
        if self.repository is None:
            return None, False
        if self.repository.is_dirty():
            return None, True
        try:
            return self.repository.tree_id("HEAD"), False
        except GitError:
            if self.repository.attempt(["rev-parse", "--verify", "--quiet", "HEAD"]).status == 0:
                raise
            return None, False

    def configuration(self) -> tuple[Config, Origins]:
        """The configuration that lies in the work tree, and where each of its settings stands; else the defaults.

        Raises:
            ConfigError: it has faults.
            WorkspaceError: it is no file that can be read.
        """
        place = self.root / CONFIG_PATH
        if not os.path.lexists(place):
            return Config(), {}
        # It need not be tracked, and no link may lead out of the repository.
        tree = DiskTree(self.root, [raw(CONFIG_PATH)])
        if not tree.exists(CONFIG_PATH):
            raise WorkspaceError(f"{printable(place)} is a folder, or reached through a link; make it a plain file.")
        try:
            return configuration_of(tree)
        except OSError as error:
            raise WorkspaceError(f"{printable(place)} cannot be read: {error.strerror}.") from None


def configuration_of(tree: FileTree, name: str = CONFIG_PATH) -> tuple[Config, Origins]:
    """The configuration that a tree holds, and where each of its settings stands; the defaults where it holds none.

    Args:
        tree: the files.
        name: what messages call the file.

    Raises:
        ConfigError: it has faults.
    """
    return load(tree.read(CONFIG_PATH), name) if tree.exists(CONFIG_PATH) else (Config(), {})


def open_workspace(paths: Sequence[Path], here: Path) -> Workspace:
    """The workspace that some paths lie in.

    Args:
        paths: files and folders, relative to `here`; none: the repository around `here`.
        here: the current folder.

    Raises:
        WorkspaceError: a path is no file or folder, two lie in different repositories, or none is given outside of one.
        GitError: git cannot read the repository.
    """
    places = [_real(here / path) for path in paths] or [_real(here)]
    repositories = dict(_repositories(places))
    found = {repository.folder if repository else None for repository in repositories.values()}
    if len(found) > 1:
        raise WorkspaceError(_apart(repositories))
    repository = repositories[places[0]]
    if repository is not None:
        root = repository.files_root()
        named = _relative(places, root) if paths else ()
        return Workspace(root, repository, named, _prefix(places, named), WorkTree(repository))
    if not paths:
        raise WorkspaceError(f"{printable(here)} lies in no git repository; name files or folders, such as `.`")
    root = Path(os.path.commonpath([place if place.is_dir() else place.parent for place in places]))
    named = _relative(places, root)
    return Workspace(root, None, named, "", FolderTree(root, named or (".",)))


def _real(path: Path) -> Path:
    """A path without links.

    Raises:
        WorkspaceError: it is no file or folder.
    """
    place = Path(os.path.realpath(path))
    try:
        mode = place.stat().st_mode
    except (OSError, ValueError):
        raise WorkspaceError(f"There is no file or folder {printable(path)}; check the path.") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise WorkspaceError(f"{printable(path)} is neither a file nor a folder; name one of these.")
    return place


def _repositories(places: Sequence[Path]) -> Iterator[tuple[Path, Repository | None]]:
    """Each place with its repository; git is asked once for those below the same `.git`."""
    opened: dict[Path, Repository | None] = {}
    for place in places:
        folder = place if place.is_dir() else place.parent
        around = next((parent for parent in (folder, *folder.parents) if os.path.lexists(parent / ".git")), folder)
        if around not in opened:
            try:
                opened[around] = Repository.open(folder)
            except NotARepositoryError:
                opened[around] = None
        yield place, opened[around]


def _apart(repositories: dict[Path, Repository | None]) -> str:
    described = {
        repository.folder if repository else None: f"{printable(place)} lies in "
        + (f"the repository {printable(repository.folder)}" if repository else "no repository")
        for place, repository in repositories.items()
    }
    first, second, *_ = described.values()
    return f"{first}, but {second}; scan one repository at a time."


def _relative(places: Sequence[Path], root: Path) -> tuple[str, ...]:
    """Places relative to the root, in order; none where the root itself is all that was named."""
    named = tuple(sorted({place.relative_to(root).as_posix() for place in places}))
    return () if named == (".",) else named


def _prefix(places: Sequence[Path], named: tuple[str, ...]) -> str:
    return named[0] if len(named) == 1 and places[0].is_dir() else ""
