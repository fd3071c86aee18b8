"""How pull requests follow the branches that they are from and to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.diffs import moved_line
from tests.github.domain.issues import set_state, tell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.github.state import Pull, Repository, Thread
    from tests.github.world import Actor, World


def open_pulls(world: World) -> Iterator[Pull]:
    """Every open pull request of every repository."""
    for repository in list(world.repositories.values()):
        for pull in list(repository.pulls.values()):
            if pull.issue.state == "open" and not repository.deleted:
                yield pull


def head_moved(world: World, repository: Repository, actor: Actor, branch: str, before: str | None, after: str) -> None:
    """A branch was pushed to: the pull requests from it are synchronised."""
    for pull in open_pulls(world):
        if pull.head_repository is repository and pull.head_ref == branch:
            set_head(world, pull, after)
            tell(world, pull.issue, "synchronize", actor, before=before or after, after=after)


def set_head(world: World, pull: Pull, sha: str) -> None:
    """A pull request is at another commit."""
    pull.head_sha = sha
    pull.base_sha = pull.repository.git.branch(pull.base_ref) or pull.base_sha
    pull.repository.git.set_ref(f"refs/pull/{pull.number}/head", sha)
    pull.issue.updated_at = world.now()
    move_threads(pull)


def move_threads(pull: Pull) -> None:
    """Review threads follow their lines to the new head, or become outdated where these were changed."""
    for thread in pull.threads:
        if thread.is_outdated or thread.commit_id == pull.head_sha:
            continue
        if thread.line is None:
            thread.commit_id = pull.head_sha
            continue
        line, start = _moved(pull, thread, thread.line), None
        if thread.start_line is not None:
            start = _moved(pull, thread, thread.start_line)
            line = None if start is None else line
        thread.line, thread.start_line = line, start
        if line is None:
            thread.is_outdated = True
        else:
            thread.commit_id = pull.head_sha


def _moved(pull: Pull, thread: Thread, line: int) -> int | None:
    git = pull.repository.git
    if thread.anchor.side == "LEFT":
        # The base's lines stay where they are as long as the base does.
        return line
    return moved_line(git.diff_of(thread.commit_id, pull.head_sha, thread.path), line)


def branch_gone(world: World, repository: Repository, actor: Actor, branch: str) -> None:
    """A branch was deleted: the pull requests from it and to it are closed."""
    for pull in open_pulls(world):
        from_it = pull.head_repository is repository and pull.head_ref == branch
        if from_it or (pull.repository is repository and pull.base_ref == branch):
            set_state(world, pull.issue, actor, "closed")


def head_renamed(world: World, repository: Repository, old: str, new: str) -> None:
    """A branch has another name: the pull requests from it know."""
    for pull in open_pulls(world):
        if pull.head_repository is repository and pull.head_ref == old:
            pull.head_ref = new


def base_renamed(world: World, repository: Repository, actor: Actor, old: str, new: str) -> None:
    """A branch has another name: the pull requests to it follow."""
    for pull in open_pulls(world):
        if pull.repository is repository and pull.base_ref == old:
            retarget(world, pull, actor, new)


def retarget(world: World, pull: Pull, actor: Actor, base: str) -> None:
    """Let a pull request change another branch."""
    old_ref, old_sha = pull.base_ref, pull.base_sha
    pull.base_ref = base
    pull.base_sha = pull.repository.git.branch(base) or old_sha
    pull.issue.updated_at = world.now()
    changes = {"base": {"ref": {"from": old_ref}, "sha": {"from": old_sha}}}
    tell(world, pull.issue, "edited", actor, changes=changes)
