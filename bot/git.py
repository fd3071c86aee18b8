"""The git command line, for reading: no shell, and nothing that a repository's own configuration names is run.

A repository is untrusted input. Its configuration and attributes can name programs (file system monitors, hooks,
filters, diff drivers, helpers, remotes' upload-pack, those of its submodules too), its `refs/replace` can swap one
object for another, and it can point at a work tree elsewhere. `run_git` starts from an empty git environment, and
`Repository` switches those off by name.
"""

from __future__ import annotations

import os
import re
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.git_environment import safe_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

TIMEOUT_SECONDS = 600

_DAMAGE = ("index file", "corrupt", "bad object", "is empty")
"""What git says of a repository that is damaged."""


class GitError(Exception):
    """Git could not answer; the message says what was wrong, where, and what to do."""


class NotARepositoryError(GitError):
    """The path lies in no git repository."""


@dataclass(frozen=True)
class Completed:
    """How a git command ended."""

    status: int
    output: bytes
    error: str


def run_git(
    arguments: Sequence[str | bytes],
    folder: Path,
    *,
    configuration: Iterable[tuple[str, str]] = (),
    environment: Mapping[str, str] | None = None,
    stdin: bytes = b"",
) -> Completed:
    """Run one git command in `folder` and wait for it.

    Args:
        arguments: what follows `git`; text is passed as UTF-8, surrogates as the bytes they stand for.
        folder: the current folder of the command.
        configuration: names and values that override the repository's, beside those that are always overridden.
        environment: variables that override the safe ones, such as `GIT_ALLOW_PROTOCOL` for a clone.
        stdin: what the command reads.

    Raises:
        GitError: git is not installed, the folder is gone, an argument holds a NUL, or the command takes too long.
    """
    words = [_as_bytes(argument) for argument in arguments]
    if any(b"\0" in word for word in words):
        raise GitError(f"A name for git in {printable(folder)} holds a NUL character; leave it out.")
    variables = {**safe_environment(configuration), **(environment or {})}
    try:
        done = subprocess.run(
            [b"git", b"--no-pager", *words],
            cwd=folder,
            env=variables,
            input=stdin,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitError(
            f"git {_name(arguments)} took more than {TIMEOUT_SECONDS} seconds in {printable(folder)}; "
            f"run it by hand to see what it waits for."
        ) from None
    except OSError as error:
        raise _not_started(folder, error) from None
    return Completed(done.returncode, done.stdout, printable(done.stderr.decode("utf-8", "replace").strip()))


@dataclass(frozen=True)
class Repository:
    """A git repository, opened for reading.

    `git_dir` is absolute. `work_tree` is None in a bare repository. `configuration` switches off the filters that the
    repository's own configuration defines. `environment` holds variables that its commands get beside the safe ones.
    """

    git_dir: Path
    work_tree: Path | None
    configuration: tuple[tuple[str, str], ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    @classmethod
    def open(cls, path: Path) -> Repository:
        """The repository that holds `path`, a file or a folder.

        Raises:
            NotARepositoryError: no repository holds the path.
            GitError: git does not trust the repository's owner, the path lies inside `.git`, or the repository's
                configuration claims another work tree.
        """
        folder = Path(os.path.realpath(path))
        if not folder.is_dir():
            folder = folder.parent
        trust = _trust(folder)
        found = _discover(folder, trust, ["--absolute-git-dir", "--is-bare-repository", "--is-inside-work-tree"])
        location, bare, inside = found.rsplit(b"\n", 2)
        git_dir = Path(os.fsdecode(location))
        filters = _without_filters(git_dir)
        if bare == b"true":
            return cls(git_dir, None, filters)
        if folder.is_relative_to(git_dir):
            raise GitError(f"{printable(path)} lies inside a .git folder; name the repository's own folder instead.")
        root = Path(os.fsdecode(_discover(folder, trust, ["--show-toplevel"]))) if inside == b"true" else None
        if root is None or not _is_git_dir_of(root, git_dir):
            raise GitError(
                f"The configuration of {printable(git_dir)} puts its files elsewhere than {printable(folder)}; "
                f"unset its core.worktree."
            )
        return cls(git_dir, root, filters)

    @property
    def folder(self) -> Path:
        """Where it is, for people and as the current folder of commands."""
        return self.work_tree or self.git_dir

    def files_root(self) -> Path:
        """The folder of the work tree.

        Raises:
            GitError: the repository is bare.
        """
        if self.work_tree is None:
            raise GitError(
                f"The repository at {printable(self.git_dir)} is bare: it has no files to look at; "
                "name a clone of it, or compare two revisions with `stanch review`."
            )
        return self.work_tree

    def attempt(self, arguments: Sequence[str | bytes], stdin: bytes = b"") -> Completed:
        """Run a git command in this repository, whatever it answers.

        Raises:
            GitError: the command could not be run at all.
        """
        return run_git(
            [*self._place(), *arguments],
            self.folder,
            configuration=self.configuration,
            environment=dict(self.environment),
            stdin=stdin,
        )

    def run(self, arguments: Sequence[str | bytes], stdin: bytes = b"") -> bytes:
        """The output of a git command that must succeed.

        Raises:
            GitError: it failed; objects missing from a partial clone have a sentence of their own.
        """
        done = self.attempt(arguments, stdin)
        if done.status:
            raise self._failure(_name(arguments), done.error)
        return done.output

    def start(self, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """A git command that keeps running and answers on a pipe; the caller ends it.

        Raises:
            GitError: it could not be started.
        """
        try:
            return subprocess.Popen(
                ["git", "--no-pager", *self._place(), *arguments],
                cwd=self.folder,
                env={**safe_environment(self.configuration), **dict(self.environment)},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise _not_started(self.folder, error) from None

    def resolve(self, revision: str) -> str:
        """The commit id that a revision names: a branch, a tag, an id, `HEAD~2`.

        Raises:
            GitError: there is no such commit, or no commit at all.
        """
        if commit := self._object(revision):
            return commit
        where = printable(self.folder)
        if revision in {"HEAD", "@"}:
            named = self.attempt(["rev-parse", "--verify", "--quiet", "HEAD"])
            if named.status == 0:
                raise self.missing(f"The commit {named.output.decode()[:12]} of HEAD")
            raise GitError(f"The repository at {where} has no commit on its current branch; make a first commit.")
        sentence = f"The repository at {where} knows no commit called {revision!r}"
        if self.is_shallow():
            raise GitError(
                f"{sentence}, which may lie where this shallow clone is cut off; run `git fetch --unshallow`, or fetch "
                "the branch that has it."
            )
        raise GitError(f"{sentence}; check the spelling, or fetch it with `git fetch`.")

    def tree_id(self, commit: str) -> str:
        """The id of a commit's root tree.

        Raises:
            GitError: there is no such commit, or its tree is missing.
        """
        if tree := self._object(commit, "^{commit}^{tree}"):
            return tree
        raise self.missing(f"The tree of {self.resolve(commit)[:12]}")

    def merge_base(self, first: str, second: str) -> str:
        """The id of the best common ancestor of two revisions.

        Raises:
            GitError: one of them is unknown, or they have none here (a shallow clone may have cut it off).
        """
        done = self.attempt(["merge-base", self.resolve(first), self.resolve(second)])
        if done.status == 0:
            return done.output.decode().split("\n", 1)[0]
        if done.status > 1:
            raise self._failure("merge-base", done.error)
        pair = f"{first!r} and {second!r} have no common ancestor in {printable(self.folder)}"
        if self.is_shallow():
            raise GitError(f"{pair}, a shallow clone; run `git fetch --unshallow`, or check out with fetch-depth: 0.")
        raise GitError(f"{pair}; name another base.")

    def default_branch(self) -> str:
        """The full name of the branch that others start from: origin/HEAD, else main, else master, else the current.

        Raises:
            GitError: none of them has a commit.
        """
        origin = self.attempt(["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"]).output.decode(errors="replace")
        candidates = [origin.strip()] if origin else []
        for name in ("main", "master"):
            candidates += [f"refs/heads/{name}", f"refs/remotes/origin/{name}"]
        found = next((name for name in candidates if self._object(name)), None)
        if found:
            return found
        self.resolve("HEAD")
        return self._current_branch() or "HEAD"

    def is_dirty(self) -> bool:
        """Whether the work tree differs from HEAD, files that git neither tracks nor ignores included.

        Raises:
            GitError: the repository is bare, or its index is damaged.
        """
        self.files_root()
        # A submodule's own configuration is out of our hands, so git must not look into one.
        options = ["--porcelain", "-z", "--untracked-files=normal", "--ignore-submodules=all", "--no-renames"]
        return bool(self.run(["status", *options]))

    def uncommitted(self) -> frozenset[str]:
        """The files that differ from HEAD, or that git does not track and does not ignore.

        Raises:
            GitError: the repository is bare, or its index is damaged.
        """
        self.files_root()
        options = ["--porcelain", "-z", "--untracked-files=all", "--ignore-submodules=all", "--no-renames"]
        entries = self.run(["status", *options]).split(b"\0")[:-1]
        return frozenset(entry[3:].decode("utf-8", "surrogateescape") for entry in entries)

    def is_shallow(self) -> bool:
        """Whether history was cut off when it was cloned."""
        return self.attempt(["rev-parse", "--is-shallow-repository"]).output.strip() == b"true"

    def is_partial(self) -> bool:
        """Whether objects were left out when it was cloned, to be fetched on demand."""
        promisors = [r"^(extensions\.partialclone|remote\..*\.promisor)$"]
        return self.attempt(["config", "--name-only", "--get-regexp", *promisors]).status == 0

    def missing(self, what: str) -> GitError:
        """The error for an object that should be here and is not."""
        where = printable(self.folder)
        if self.is_partial():
            return GitError(
                f"{what} was left out of the partial clone at {where}; run `git fetch --refetch --no-filter`."
            )
        return GitError(f"{what} is missing from the repository at {where}; run `git fsck`, or clone it again.")

    def _place(self) -> list[str]:
        place = [f"--git-dir={self.git_dir}"]
        return [*place, f"--work-tree={self.work_tree}"] if self.work_tree else place

    def _object(self, revision: str, peeled: str = "^{commit}") -> str | None:
        if not revision or "\0" in revision:
            return None
        done = self.attempt(["rev-parse", "--verify", "--quiet", "--end-of-options", revision + peeled])
        return done.output.decode().strip() if done.status == 0 else None

    def _current_branch(self) -> str | None:
        done = self.attempt(["symbolic-ref", "--quiet", "HEAD"])
        return done.output.decode("utf-8", "surrogateescape").strip() if done.status == 0 else None

    def _failure(self, command: str, error: str) -> GitError:
        if "from promisor remote" in error or "lazy fetching disabled" in error:
            return self.missing("An object")
        hint = "; run `git fsck`, or clone it again" if any(sign in error for sign in _DAMAGE) else ""
        reason = (error or "it gave no reason").rstrip(".")
        return GitError(f"git {command} failed in {printable(self.folder)}: {reason}{hint}.")


def printable(text: object) -> str:
    """Text for a message: control characters, which could drive a terminal, and undecodable bytes are escaped."""
    characters = (char if char.isprintable() or char == "\n" else ascii(char)[1:-1] for char in str(text))
    return "".join(characters)


def _as_bytes(argument: str | bytes) -> bytes:
    return argument if isinstance(argument, bytes) else argument.encode("utf-8", "surrogateescape")


def _name(arguments: Sequence[str | bytes]) -> str:
    return next((printable(_as_bytes(word).decode()) for word in arguments if not _as_bytes(word).startswith(b"-")), "")


def _not_started(folder: Path, error: OSError) -> GitError:
    if not folder.is_dir():
        return GitError(f"There is no folder {printable(folder)}; check the path.")
    return GitError(f"git could not be run in {printable(folder)} ({error.strerror}); install git 2.31 or newer.")


def _discover(folder: Path, trust: Iterable[tuple[str, str]], questions: Sequence[str]) -> bytes:
    """What `git rev-parse` answers about the repository around a folder, without the last line's ending."""
    done = run_git(["rev-parse", *questions], folder, configuration=trust)
    where = printable(folder)
    if done.status == 0:
        return done.output.removesuffix(b"\n")
    if "not a git repository" in done.error:
        raise NotARepositoryError(f"{where} lies in no git repository; run `git init`, or name another folder.")
    if "dubious ownership" in done.error or "unsafe repository" in done.error:
        raise GitError(
            f"git does not trust the repository at {where}, because another user owns it; "
            f"if you do, run `git config --global --add safe.directory {where}`."
        )
    raise GitError(f"git cannot read the repository at {where}: {done.error}.")


def _trust(folder: Path) -> list[tuple[str, str]]:
    """The user's own `safe.directory` settings, which an empty global configuration would hide."""
    values: list[bytes] = []
    for file in filter(_may_trust, user_files()):
        question = ["config", "--file", str(file), "--includes", "-z", "--get-all", "safe.directory"]
        values += run_git(question, Path(folder.anchor)).output.split(b"\0")[:-1]
    return [("safe.directory", os.fsdecode(value)) for value in values]


def _may_trust(file: Path) -> bool:
    """Whether a configuration file may hold `safe.directory`, or include one that does."""
    with suppress(OSError):
        return re.search(rb"safe|include", file.read_bytes(), re.IGNORECASE) is not None
    return False


def user_files() -> list[Path]:
    """The configuration files of the machine and of the user, the later ones stronger (git-config: FILES)."""
    home = Path(os.environ.get("HOME", os.sep))
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    own = os.environ.get("GIT_CONFIG_GLOBAL")
    files = [Path("/etc/gitconfig"), *([Path(own)] if own else [xdg / "git" / "config", home / ".gitconfig"])]
    return [file for file in files if file.is_file()]


def _is_git_dir_of(root: Path, git_dir: Path) -> bool:
    """Whether `root` itself says that `git_dir` is its repository, by a `.git` folder or file."""
    if os.path.realpath(root / ".git") == os.path.realpath(git_dir):
        return True
    done = run_git(["rev-parse", "--resolve-git-dir", str(root / ".git")], root)
    answer = os.fsdecode(done.output.removesuffix(b"\n"))
    return done.status == 0 and os.path.realpath(root / answer) == os.path.realpath(git_dir)


def _without_filters(git_dir: Path) -> tuple[tuple[str, str], ...]:
    """Settings that make every filter of the repository's configuration a no-op (gitattributes: filter)."""
    question = [f"--git-dir={git_dir}", "config", "-z", "--name-only", "--get-regexp", r"^filter\."]
    settings: dict[str, str] = {}
    for line in run_git(question, git_dir).output.split(b"\0")[:-1]:
        driver = os.fsdecode(line).rpartition(".")[0]
        settings |= {f"{driver}.{key}": "" for key in ("clean", "smudge", "process")} | {f"{driver}.required": "false"}
    return tuple(settings.items())
