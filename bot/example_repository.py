"""The git repository that the rehearsal uses when no other is named, made from the folder `examples/`.

`examples/<name>/` is what stands on `main`, `examples/<name>.branch/` what a feature branch adds or replaces. Ids are
the same on every machine, because everything that goes into a commit is fixed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.git import GitError, run_git

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLES: Final = Path(__file__).resolve().parent.parent / "examples"
BASE: Final = "main"
HEAD: Final = "feature/live-presence"

_BRANCH_SUFFIX: Final = ".branch"
_LEFT_OUT: Final = frozenset({"__pycache__", "node_modules"})
_AUTHOR: Final = ("Robin Example", "robin@example.org")
_BASE_COMMIT: Final = ("Chat server and feed collector", "2025-03-03T09:00:00+00:00")
_HEAD_COMMIT: Final = ("Show who is present, and tell the chat about new items", "2025-03-05T16:30:00+00:00")


@dataclass(frozen=True)
class ExampleRepository:
    """A repository with the branches `base` and `head`, one folder for each example; `head` is checked out."""

    path: Path
    base: str
    head: str


def example_names(examples: Path = EXAMPLES) -> list[str]:
    """The examples in a folder, sorted: those that have a branch beside them.

    Raises:
        FileNotFoundError: there is none, as in an installed package, which ships no examples.
    """
    branches = examples.glob(f"*{_BRANCH_SUFFIX}")
    names = sorted(branch.name.removesuffix(_BRANCH_SUFFIX) for branch in branches if branch.with_suffix("").is_dir())
    if not names:
        raise FileNotFoundError(f"There is no example in {examples}; run from a clone of Stanch, or name a repository.")
    return names


def build(target: Path, names: Sequence[str] | None = None, examples: Path = EXAMPLES) -> ExampleRepository:
    """Make the example repository.

    Args:
        target: where; a folder that does not exist yet, or is empty.
        names: the examples that it holds; all of them by default.
        examples: the folder that holds the examples.

    Raises:
        FileExistsError: `target` is not empty.
        FileNotFoundError: there is no such example.
        GitError: git is not installed, or fails.
    """
    chosen = example_names(examples) if names is None else sorted(names)
    missing = [name for name in chosen if not (examples / name).is_dir()]
    if missing:
        raise FileNotFoundError(f"There is no example {missing[0]!r} in {examples}.")
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise FileExistsError(f"{target} is not empty; name a new folder for the example repository.")

    _git(target, "init", "--quiet", "--template=", "--object-format=sha1", f"--initial-branch={BASE}")
    for name in chosen:
        _copy(examples / name, target / name)
    _commit(target, *_BASE_COMMIT)
    _git(target, "checkout", "--quiet", "-b", HEAD)
    for name in chosen:
        _copy(examples / f"{name}{_BRANCH_SUFFIX}", target / name)
    _commit(target, *_HEAD_COMMIT)
    return ExampleRepository(target, BASE, HEAD)


def _copy(source: Path, target: Path) -> None:
    for file in sorted(source.rglob("*")):
        relative = file.relative_to(source)
        if file.is_file() and _LEFT_OUT.isdisjoint(relative.parts):
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            (target / relative).write_bytes(file.read_bytes())


def _commit(folder: Path, message: str, date: str) -> None:
    name, email = _AUTHOR
    people = {
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in (("NAME", name), ("EMAIL", email), ("DATE", date))
    }
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--no-verify", "--message", message, environment=people)


def _git(folder: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
    done = run_git(arguments, folder, configuration=[("core.autocrlf", "false")], environment=environment)
    if done.status:
        raise GitError(f"git {arguments[0]} failed in {folder}: {done.error}")
