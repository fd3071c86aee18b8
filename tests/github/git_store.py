"""The bare git repositories behind the fake GitHub: commits are written with `git fast-import`, one process each.

What is derived from commit ids (merge bases, diffs, commits) never changes and is kept. Forks share the object store of
what they were forked from, as on GitHub, so that `refs/pull/N/head` needs no copying.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from tests.github.diffs import Change, parse_changes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

Special = tuple[Literal["link", "executable", "submodule", "blob", "program"], str]
"""`("link", target)`, `("executable", text)`, `("submodule", commit)`; and of an object that is there `("blob", id)`,
or `("program", id)` where it is executable.
"""
Content = str | bytes | Special | None
"""What a file becomes; None removes it."""

ZERO: Final = "0" * 40
ENVIRONMENT: Final = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "HOME": os.devnull,
}
_CONFIGURATION: Final = """[core]
\trepositoryformatversion = 0
\tbare = true
[gc]
\tauto = 0
[receive]
\tautogc = false
\thideRefs = refs/pull
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""


class GitFailedError(Exception):
    """A git command did not end well; the message is what it wrote."""


@dataclass(frozen=True)
class Person:
    """Who wrote a commit, and when."""

    name: str
    email: str
    date: datetime


@dataclass(frozen=True)
class Commit:
    """A commit, as GitHub tells of it."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: tuple[str, str, str]
    committer: tuple[str, str, str]
    message: str


class BareRepository:
    """A bare repository in a folder of its own."""

    def __init__(self, folder: Path, *, fork_of: BareRepository | None = None) -> None:
        self.folder = folder
        (folder / "refs" / "heads").mkdir(parents=True)
        if fork_of is None:
            (folder / "objects").mkdir()
        else:
            (folder / "objects").symlink_to(fork_of.folder / "objects", target_is_directory=True)
            shutil.copytree(fork_of.folder / "refs" / "heads", folder / "refs" / "heads", dirs_exist_ok=True)
        (folder / "config").write_text(_CONFIGURATION, "utf-8")
        self.set_head("main")
        self._changes: dict[tuple[str, str], tuple[Change, ...]] = {}
        self._merge_bases: dict[tuple[str, str], str | None] = {}
        self._commits: dict[str, Commit] = {}
        self._distances: dict[tuple[str, str], tuple[int, int]] = {}
        self._merges: dict[tuple[str, str], str | None] = {}

    def set_head(self, branch: str) -> None:
        """Make a branch the one that a clone checks out."""
        (self.folder / "HEAD").write_text(f"ref: refs/heads/{branch}\n", "utf-8")

    def attempt(self, *arguments: str, stdin: bytes = b"") -> tuple[int, bytes, str]:
        """Status, output and error text of a git command."""
        done = subprocess.run(
            ["git", f"--git-dir={self.folder}", *arguments],
            env=ENVIRONMENT,
            input=stdin,
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr.decode("utf-8", "replace")

    def run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """The output of a git command.

        Raises:
            GitFailedError: it failed.
        """
        status, output, error = self.attempt(*arguments, stdin=stdin)
        if status:
            raise GitFailedError(f"git {' '.join(arguments)}: {error}")
        return output

    def ref(self, name: str) -> str | None:
        """The commit of a full ref name; refs are always loose here."""
        path = self.folder / name
        if ".." in Path(name).parts or not path.is_file():
            return None
        return path.read_text("ascii").strip()

    def branch(self, name: str) -> str | None:
        """The commit of a branch."""
        return self.ref(f"refs/heads/{name}")

    def refs(self, prefix: str = "refs/") -> dict[str, str]:
        """Full names and commits of all refs whose name starts with `prefix`."""
        found = (path for path in (self.folder / "refs").rglob("*") if path.is_file() and path.suffix != ".lock")
        names = {path.relative_to(self.folder).as_posix(): path for path in found}
        return {name: names[name].read_text("ascii").strip() for name in sorted(names) if name.startswith(prefix)}

    def set_ref(self, name: str, sha: str | None) -> None:
        """Point a ref to a commit, or delete it.

        Raises:
            GitFailedError: the name is no ref's name, or there is no such object.
        """
        self.run("update-ref", *(("-d", name) if sha is None else (name, sha)))

    def resolve(self, revision: str) -> str | None:
        """The commit that a branch, tag, full ref, or full or short id names."""
        if (direct := self.branch(revision)) or (direct := self.ref(f"refs/{revision}")):
            return direct
        if revision in self._commits:
            return revision
        if not revision or revision.startswith("-"):
            return None
        status, output, _ = self.attempt("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        return output.decode().strip() if status == 0 else None

    def commit(
        self,
        ref: str | None,
        parents: Sequence[str],
        files: Mapping[str, Content],
        message: str,
        author: Person,
        *,
        orphan_tree: bool = False,
    ) -> str:
        """Write a commit onto its first parent's tree (or an empty one), and point `ref` to it."""
        target = ref or "refs/stanch/scratch"
        who = f"{author.name} <{author.email}> {int(author.date.timestamp())} +0000"
        text = message.encode("utf-8", "surrogateescape")
        lines = [f"reset {target}\n".encode()] if not parents else []
        lines.append(f"commit {target}\nmark :1\nauthor {who}\ncommitter {who}\n".encode())
        lines.append(b"data %d\n%s\n" % (len(text), text))
        lines += [f"{'merge' if index else 'from'} {parent}\n".encode() for index, parent in enumerate(parents)]
        if orphan_tree:
            lines.append(b"deleteall\n")
        # Removals first: a file may become a folder.
        for path, content in sorted(files.items(), key=lambda item: item[1] is not None):
            lines.append(_modification(path, content))
        lines.append(b"\nget-mark :1\ndone\n")
        output = self.run("fast-import", "--quiet", "--force", "--done", stdin=b"".join(lines))
        if ref is None:
            self.set_ref(target, None)
        return output.decode().strip()

    def commits(self, *arguments: str) -> list[Commit]:
        """The commits that `git log` lists for its arguments."""
        fields = "%H%x00%T%x00%P%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x00%B%x00%x01"
        text = self.run("log", f"--format={fields}", *arguments, "--").decode("utf-8", "replace")
        found = []
        for record in text.split("\0\1")[:-1]:
            sha, tree, parents, *people, message = record.removeprefix("\n").split("\0")
            author, committer = tuple(people[:3]), tuple(people[3:])
            commit = Commit(
                sha,
                tree,
                tuple(parents.split()),
                (author[0], author[1], _utc(author[2])),
                (committer[0], committer[1], _utc(committer[2])),
                message.removesuffix("\n"),
            )
            self._commits[sha] = commit
            found.append(commit)
        return found

    def commit_of(self, sha: str) -> Commit:
        """One commit.

        Raises:
            GitFailedError: there is no such commit.
        """
        if sha not in self._commits:
            self.commits("-1", sha)
        return self._commits[sha]

    def merge_base(self, first: str, second: str) -> str | None:
        """The best common ancestor of two commits."""
        if (first, second) not in self._merge_bases:
            status, output, _ = self.attempt("merge-base", first, second)
            self._merge_bases[first, second] = output.decode().split("\n", 1)[0] if status == 0 else None
        return self._merge_bases[first, second]

    def distance(self, base: str, head: str) -> tuple[int, int]:
        """How many commits `head` is ahead of, and behind, `base`."""
        if (base, head) not in self._distances:
            output = self.run("rev-list", "--left-right", "--count", f"{base}...{head}").decode().split()
            self._distances[base, head] = int(output[1]), int(output[0])
        return self._distances[base, head]

    def changes(self, base: str, head: str) -> tuple[Change, ...]:
        """What differs between two commits, renames found, with true patches."""
        if (base, head) not in self._changes:
            options = ("-r", "-M", "-z", "--raw", "--numstat", "-p", "--full-index", "--no-color", "--no-commit-id")
            self._changes[base, head] = parse_changes(self.run("diff-tree", *options, base, head))
        return self._changes[base, head]

    def diff_of(self, base: str, head: str, path: str) -> bytes:
        """The differences of one file, without context lines."""
        return self.run("diff-tree", "-r", "-p", "-U0", "--no-color", base, head, "--", f":(literal){path}")

    def merged_tree(self, base: str, head: str) -> str | None:
        """The tree of a merge; None where there are conflicts or nothing in common."""
        if (base, head) not in self._merges:
            status, output, _ = self.attempt("merge-tree", "--write-tree", base, head)
            self._merges[base, head] = output.decode().split("\n", 1)[0].strip() if status == 0 else None
        return self._merges[base, head]

    def commit_tree(self, tree: str, parents: Sequence[str], message: str, author: Person) -> str:
        """A commit of a tree that is there."""
        stamp = f"{int(author.date.timestamp())} +0000"
        who = f"{author.name} <{author.email}> {stamp}"
        header = "".join([f"tree {tree}\n", *(f"parent {parent}\n" for parent in parents)])
        text = f"{header}author {who}\ncommitter {who}\n\n{message}".encode("utf-8", "surrogateescape")
        return self.run("hash-object", "-t", "commit", "-w", "--stdin", stdin=text).decode().strip()


def _utc(date: str) -> str:
    return date.removesuffix("+00:00") + "Z" if date.endswith("+00:00") else date


def _modification(path: str, content: Content) -> bytes:
    name = _quoted(path)
    if content is None:
        return b"D %s\n" % name
    mode, data = b"100644", b""
    match content:
        case str():
            data = content.encode("utf-8", "surrogateescape")
        case bytes():
            data = content
        case ("link", target):
            mode, data = b"120000", target.encode("utf-8", "surrogateescape")
        case ("executable", text):
            mode, data = b"100755", text.encode("utf-8", "surrogateescape")
        case ("submodule", commit):
            return b"M 160000 %s %s\n" % (commit.encode(), name)
        case (kind, blob):
            return b"M %s %s %s\n" % (b"100755" if kind == "program" else b"100644", blob.encode(), name)
    return b"M %s inline %s\ndata %d\n%s\n" % (mode, name, len(data), data)


def _quoted(path: str) -> bytes:
    escaped = path.encode("utf-8", "surrogateescape").replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + escaped.replace(b"\n", b"\\n") + b'"'
