"""Commits on branches of a scratch clone, written with git's plumbing: no work tree, no index of the user's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bot.git import GitError, printable, run_git

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_IDENTITY = {
    "GIT_AUTHOR_NAME": "stanch",
    "GIT_AUTHOR_EMAIL": "stanch@users.noreply.github.com",
    "GIT_COMMITTER_NAME": "stanch",
    "GIT_COMMITTER_EMAIL": "stanch@users.noreply.github.com",
}
_CLONE_PROTOCOLS = "file:https:http:ssh:git"


def clone(source: str, target: Path) -> None:
    """Clones a repository, bare, into a new folder; nothing of it is checked out, and no hook or filter runs.

    Args:
        source: a path, or anything that `git clone` takes.
        target: a folder that does not exist yet.

    Raises:
        GitError: git cannot clone it.
    """
    target = target.absolute()
    words = ["clone", "--quiet", "--bare", "--template=", "--", source, os.fspath(target)]
    environment = {"GIT_ALLOW_PROTOCOL": _CLONE_PROTOCOLS, "GIT_NO_LAZY_FETCH": "0"}
    done = run_git(words, target.parent, environment=environment)
    if done.status:
        raise GitError(f"git cannot clone {printable(source)}: {done.error}")


class Scratch:
    """A bare clone into which branches are written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    def commit(self, branch: str, parent: str, files: Mapping[str, bytes], message: str, date: str) -> str:
        """Commits changed files on a new branch, the mode of each kept; returns the commit's id.

        Args:
            branch: its name, without `refs/heads/`; moved if it exists.
            parent: the commit that it stands on.
            files: the new bytes by path; each is in the parent.
            message: the commit's message.
            date: of author and committer, as git takes it, so that equal inputs give equal ids.

        Raises:
            GitError: git fails.
        """
        index = {"GIT_INDEX_FILE": os.fspath(self.folder / "stanch-index")}
        self._run(["read-tree", parent], environment=index)
        for path, data in sorted(files.items()):
            mode = self._run(["ls-tree", "-z", "--full-tree", parent, "--", f":(literal){path}"]).split(b" ", 1)[0]
            blob = self._run(["hash-object", "-w", "--stdin", "--no-filters"], stdin=data).strip()
            line = mode + b" " + blob + b"\t" + path.encode("utf-8", "surrogateescape") + b"\0"
            self._run(["update-index", "-z", "--index-info"], stdin=line, environment=index)
        tree = self._run(["write-tree"], environment=index).decode().strip()
        dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        made = self._run(
            ["commit-tree", tree, "-p", parent], stdin=message.encode(), environment={**_IDENTITY, **dates}
        )
        commit = made.decode().strip()
        self._run(["update-ref", f"refs/heads/{branch}", commit])
        return commit

    def date_of(self, commit: str) -> str:
        """A commit's committer date, as git takes it."""
        return self._run(["show", "--no-patch", "--format=%cI", commit]).decode().strip()

    def _run(
        self, arguments: Sequence[str], *, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes:
        done = run_git([f"--git-dir={self.folder}", *arguments], self.folder, stdin=stdin, environment=environment)
        if done.status:
            raise GitError(f"git {arguments[0]} failed in {printable(self.folder)}: {done.error}")
        return done.output
