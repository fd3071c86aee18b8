"""Commits in the user's own repository, written with git's plumbing: work tree and index stay as they are."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.git import GitError, printable, user_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.git import Repository


class Person(NamedTuple):
    """Who writes a commit."""

    name: str
    email: str


def author(repository: Repository) -> Person:
    """Who the user is, as git would know it: by its variables, the repository's configuration, or the user's.

    Raises:
        GitError: nobody has said.
    """
    name = os.environ.get("GIT_AUTHOR_NAME") or _setting(repository, "user.name")
    email = os.environ.get("GIT_AUTHOR_EMAIL") or _setting(repository, "user.email")
    if not name or not email:
        raise GitError(
            "git does not know who you are, so no commit can be made; "
            "run `git config --global user.name NAME` and `git config --global user.email ADDRESS`."
        )
    return Person(name, email)


def free_branch(repository: Repository, name: str) -> str:
    """The full name of a branch that does not exist yet.

    Raises:
        GitError: it exists, or no branch can be called so.
    """
    reference = f"refs/heads/{name}"
    if name.startswith("-") or repository.attempt(["check-ref-format", reference]).status:
        raise GitError(f"{printable(name)!r} cannot be the name of a branch; choose another.")
    if repository.attempt(["rev-parse", "--verify", "--quiet", "--end-of-options", reference]).status == 0:
        raise GitError(f"There is a branch {printable(name)!r} already; choose another name, or delete it.")
    return reference


def commit_on_new_branch(
    repository: Repository, reference: str, parent: str, files: Mapping[str, bytes], message: str, person: Person
) -> str:
    """Commits changed files on a new branch; each keeps its mode.

    Args:
        repository: where to.
        reference: from `free_branch`.
        parent: the commit that it stands on.
        files: the new bytes by path; the parent has each of them.
        message: the commit's message.
        person: author and committer.

    Returns:
        The commit's id.

    Raises:
        GitError: the branch has come into being meanwhile, or git fails.
    """
    people = {f"GIT_{role}_NAME": person.name for role in ("AUTHOR", "COMMITTER")}
    people |= {f"GIT_{role}_EMAIL": person.email for role in ("AUTHOR", "COMMITTER")}
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        index = ("GIT_INDEX_FILE", os.fspath(Path(folder) / "index"))
        # A split index would leave its larger half in the repository (git-update-index: SPLIT INDEX).
        configuration = (*repository.configuration, ("core.splitIndex", "false"))
        scratch = replace(repository, configuration=configuration, environment=(index, *people.items()))
        scratch.run(["read-tree", parent])
        modes = _modes(scratch, files)
        entries = b"".join(_entry(scratch, modes, path, data) for path, data in sorted(files.items()))
        scratch.run(["update-index", "-z", "--index-info"], stdin=entries)
        tree = scratch.run(["write-tree"]).decode().strip()
        commit = scratch.run(["commit-tree", tree, "-p", parent], stdin=message.encode("utf-8", "replace"))
        identifier = commit.decode().strip()
        # The old value of nothing: the reference must not exist (git-update-ref).
        scratch.run(["update-ref", "-m", "stanch fix", reference, identifier, "0" * len(identifier)])
    return identifier


def _modes(repository: Repository, files: Mapping[str, bytes]) -> dict[bytes, bytes]:
    listed = repository.run(["ls-files", "--stage", "-z", "--full-name"]).split(b"\0")[:-1]
    wanted = {path.encode("utf-8", "surrogateescape") for path in files}
    found = {entry.partition(b"\t")[2]: entry.split(b" ", 1)[0] for entry in listed}
    return {path: mode for path, mode in found.items() if path in wanted}


def _entry(repository: Repository, modes: Mapping[bytes, bytes], path: str, data: bytes) -> bytes:
    name = path.encode("utf-8", "surrogateescape")
    blob = repository.run(["hash-object", "-w", "--stdin", "--no-filters"], stdin=data).strip()
    return modes[name] + b" " + blob + b"\t" + name + b"\0"


def _setting(repository: Repository, name: str) -> str | None:
    """A setting as the user's own git would see it: the repository's, else the user's, else the machine's."""
    places = [["--local"], *(["--file", str(file), "--includes"] for file in reversed(user_files()))]
    for place in places:
        found = repository.attempt(["config", *place, "--get", name])
        if found.status == 0:
            return found.output.decode("utf-8", "replace").strip()
    return None
