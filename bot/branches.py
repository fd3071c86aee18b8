"""Scratch repositories: clones of an address, and bare ones that take the branches with fixes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bot.commits import Person, commit_on_new_branch
from bot.git import GitError, Repository, printable, run_git
from bot.git_environment import connection_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

_BOT = Person("stanch", "stanch@users.noreply.github.com")
_CLONE_PROTOCOLS = "file:https:http:ssh:git"


def clone(source: str, target: Path) -> Repository:
    """Clones a repository, bare, into a new folder; nothing of it is checked out, and no hook or filter runs.

    Objects that the source itself would have to fetch are not fetched: a command that a stranger's configuration
    names would do that (CVE-2024-32004).

    Args:
        source: anything that `git clone` takes.
        target: a folder that does not exist yet; the folder it lies in does.

    Raises:
        GitError: git cannot clone it.
    """
    target = target.absolute()
    place = Path(source)
    if place.exists():
        source = os.fspath(place.absolute())
    elif ":" not in source:
        raise GitError(f"There is no repository at {printable(source)}; check the path.")
    environment = {**connection_environment(), "GIT_ALLOW_PROTOCOL": _CLONE_PROTOCOLS}
    words = ["clone", "--quiet", "--bare", "--template=", "--", source, os.fspath(target)]
    done = run_git(words, target.parent, environment=environment)
    if done.status:
        raise GitError(f"git cannot clone {printable(source)}: {done.error}")
    return Repository.open(target)


class Scratch:
    """A bare repository for branches. It borrows the objects of another one, to which nothing is written."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository

    @classmethod
    def beside(cls, lender: Repository, head: str, folder: Path) -> Scratch:
        """Makes one.

        Args:
            lender: whose objects it borrows; as long as it is used, that must stay where it is.
            head: the commit id at which its HEAD stands.
            folder: a folder that does not exist yet; the folder it lies in does.

        Raises:
            GitError: git fails.
        """
        folder = folder.absolute()
        object_format = lender.run(["rev-parse", "--show-object-format"]).decode().strip()
        words = ["init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", os.fspath(folder)]
        done = run_git(words, folder.parent)
        if done.status:
            raise GitError(f"git cannot make a repository at {printable(folder)}: {done.error}")
        alternates = folder / "objects" / "info" / "alternates"
        alternates.parent.mkdir(exist_ok=True)
        alternates.write_bytes(_alternate(_path_of(lender, "objects")))
        shallow = _path_of(lender, "shallow")
        if shallow.is_file():
            (folder / "shallow").write_bytes(shallow.read_bytes())
        repository = Repository.open(folder)
        repository.run(["update-ref", "--no-deref", "HEAD", head])
        return cls(repository)

    def commit(self, branch: str, parent: str, files: Mapping[str, bytes], message: str) -> str:
        """Commits changed files on a new branch; each keeps its mode, and equal inputs give equal ids.

        Args:
            branch: its name, without `refs/heads/`.
            parent: the commit that it stands on, whose date it gets.
            files: the new bytes by path; the parent has each of them.
            message: the commit's message.

        Returns:
            The commit's id.

        Raises:
            GitError: there is such a branch already, or git fails.
        """
        date = self._repository.run(["show", "--no-patch", "--format=%ct", parent]).decode().strip()
        reference = f"refs/heads/{branch}"
        return commit_on_new_branch(self._repository, reference, parent, files, message, _BOT, f"@{date or 0} +0000")


def _path_of(repository: Repository, name: str) -> Path:
    """Where a part of a repository lies; a linked work tree shares most of them with its main one."""
    found = repository.run(["rev-parse", "--path-format=absolute", "--git-path", name])
    return Path(os.fsdecode(found.removesuffix(b"\n")))


def _alternate(objects: Path) -> bytes:
    """The line of `objects/info/alternates` for a folder (gitrepository-layout); it may be quoted as C quotes text."""
    raw = os.fsencode(objects)
    if not raw.startswith(b'"') and b"\n" not in raw:
        return raw + b"\n"
    quoted = b"".join(b"\\%03o" % byte if byte < 32 or byte in b'"\\' else bytes([byte]) for byte in raw)
    return b'"' + quoted + b'"\n'
