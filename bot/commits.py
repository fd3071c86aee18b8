"""Commits in the user's own repository, written with git's plumbing: work tree and index stay as they are."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bot.git import GitError, user_files

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
        raise GitError(f"{name!r} cannot be the name of a branch; choose another.")
    if repository.attempt(["rev-parse", "--verify", "--quiet", "--end-of-options", reference]).status == 0:
        raise GitError(f"There is a branch {name!r} already; choose another name, or delete it.")
    return reference


def commit_on_new_branch(
    repository: Repository,
    reference: str,
    parent: str,
    files: Mapping[str, bytes],
    message: str,
    person: Person,
    date: str | None = None,
) -> str:
    """Commits changed files on a new branch; each keeps its mode.

    Args:
        repository: where to.
        reference: from `free_branch`.
        parent: the commit that it stands on.
        files: the new bytes by path; the parent has each of them.
        message: the commit's message.
        person: author and committer.
        date: when, as git takes it, so that equal inputs give equal ids; now by default.

    Returns:
        The commit's id.

    Raises:
        GitError: the branch has come into being meanwhile, or git fails.
    """
    people = {f"GIT_{role}_NAME": person.name for role in ("AUTHOR", "COMMITTER")}
    people |= {f"GIT_{role}_EMAIL": person.email for role in ("AUTHOR", "COMMITTER")}
    if date is not None:
        people |= {f"GIT_{role}_DATE": date for role in ("AUTHOR", "COMMITTER")}
    with tempfile.TemporaryDirectory(prefix="stanch-") as folder:
        index = ("GIT_INDEX_FILE", os.fspath(Path(folder) / "index"))
        # A split index would leave its larger half in the repository (git-update-index: SPLIT INDEX).
        configuration = (*repository.configuration, ("core.splitIndex", "false"))
        scratch = replace(repository, configuration=configuration, environment=(index, *people.items()))
        scratch.run(["read-tree", parent])
        scratch.run(["update-index", "-z", "--index-info"], stdin=_entries(scratch, files, Path(folder)))
        # A partial clone lacks what it was not asked for; what did not change is not looked at.
        tree = scratch.run(["write-tree", "--missing-ok"]).decode().strip()
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


def _entries(repository: Repository, files: Mapping[str, bytes], folder: Path) -> bytes:
    """The index entries of new blobs, which are written from copies in a scratch folder by one process."""
    modes = _modes(repository, files)
    copies = []
    for number, path in enumerate(sorted(files)):
        copies.append(folder / str(number))
        copies[-1].write_bytes(files[path])
    names = b"".join(os.fsencode(copy) + b"\n" for copy in copies)
    blobs = repository.run(["hash-object", "-w", "--no-filters", "--stdin-paths"], stdin=names).split()
    wanted = (path.encode("utf-8", "surrogateescape") for path in sorted(files))
    return b"".join(modes[name] + b" " + blob + b"\t" + name + b"\0" for name, blob in zip(wanted, blobs, strict=True))


def _setting(repository: Repository, name: str) -> str | None:
    """A setting as the user's own git would see it: the repository's, else the user's, else the machine's."""
    places = [["--local"], *(["--file", str(file), "--includes"] for file in reversed(user_files()))]
    for place in places:
        found = repository.attempt(["config", *place, "--get", name])
        if found.status == 0:
            return found.output.decode("utf-8", "replace").strip()
    return None
