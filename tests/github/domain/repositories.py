"""Repositories and their branches: making, pushing, renaming, and what a push sets off."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.github.domain.checks import request_suites
from tests.github.domain.heads import base_renamed, branch_gone, head_moved, head_renamed
from tests.github.git_store import ZERO, BareRepository
from tests.github.shapes.basics import account_json, installation_json, repository_json
from tests.github.shapes.commits import simple_commit_json
from tests.github.state import Kind, Repository

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.git_store import Content
    from tests.github.state import Account, Installation
    from tests.github.world import Actor, World

MOST_COMMITS_IN_PUSH: Final = 2048
DEFAULT_BRANCH: Final = "main"


def create_repository(
    world: World, owner: Account, name: str, actor: Actor, *, private: bool = False, fork_of: Repository | None = None
) -> Repository:
    """A new repository, empty but for what it was forked from."""
    repository_id = world.next_id()
    git = BareRepository(world.folder / f"{repository_id}.git", fork_of=fork_of.git if fork_of else None)
    now = world.now()
    repository = Repository(repository_id, owner, name, private, git, DEFAULT_BRANCH, now, now, fork_of)
    if fork_of is not None:
        fork_of.forks += 1
        repository.default_branch = fork_of.default_branch
        git.set_head(repository.default_branch)
    world.repositories[repository_id] = repository
    world.names[repository.full_name.lower()] = repository
    emit_repository(world, repository, "created", actor)
    return repository


def emit_repository(world: World, repository: Repository, action: str, actor: Actor, **extra: Any) -> None:
    """Tell of a repository that changed."""
    world.emit("repository", action, actor.account, lambda: extra, repository=repository)


def push_files(
    world: World,
    repository: Repository,
    actor: Actor,
    branch: str,
    files: Mapping[str, Content],
    message: str,
    *,
    onto: str | None = None,
) -> str:
    """Commit files on a branch's tip (or on another commit, which is a forced push), and push that.

    Returns:
        The new commit's id.
    """
    name = f"refs/heads/{branch}"
    before = repository.git.ref(name)
    parent = onto or before
    parents = [parent] if parent else []
    sha = repository.git.commit(name, parents, files, message, world.person(actor.account))
    ref_changed(world, repository, actor, name, before, sha)
    return sha


def set_branch(world: World, repository: Repository, actor: Actor, branch: str, sha: str | None) -> None:
    """Point a branch to a commit that is there, or delete it."""
    name = f"refs/heads/{branch}"
    before = repository.git.ref(name)
    repository.git.set_ref(name, sha)
    ref_changed(world, repository, actor, name, before, sha)


def ref_changed(
    world: World, repository: Repository, actor: Actor, name: str, before: str | None, after: str | None
) -> None:
    """What GitHub does after a ref was pushed: events, check suites, and pull requests follow."""
    if before == after:
        return
    repository.pushed_at = world.now()
    world.emit(
        "push",
        None,
        actor.account,
        lambda: _push_payload(world, repository, actor, name, before, after),
        repository=repository,
    )
    branch = name.removeprefix("refs/heads/")
    if branch == name:
        return
    if after is None:
        branch_gone(world, repository, actor, branch)
        return
    request_suites(world, repository, actor, after, branch)
    head_moved(world, repository, actor, branch, before, after)


def _push_payload(
    world: World, repository: Repository, actor: Actor, name: str, before: str | None, after: str | None
) -> dict[str, Any]:
    git = repository.git
    commits = []
    if after is not None:
        # Of a new branch those are listed that the default branch does not have.
        known = before or git.branch(repository.default_branch)
        limit = f"-{MOST_COMMITS_IN_PUSH}"
        commits = git.commits(limit, "--reverse", after, *([f"^{known}"] if known != after else []))
    forced = bool(before and after) and git.merge_base(str(before), str(after)) != before
    html = f"{world.addresses.html}/{repository.full_name}"

    def shown(sha: str) -> dict[str, Any]:
        commit = git.commit_of(sha)
        changes = git.changes(commit.parents[0], sha) if commit.parents else ()
        paths = {status: [change.path for change in changes if change.status == status] for status in _STATUSES}
        return {
            **simple_commit_json(commit),
            "distinct": True,
            "url": f"{html}/commit/{sha}",
            "author": {"name": commit.author[0], "email": commit.author[1], "username": actor.account.login},
            "committer": {"name": commit.committer[0], "email": commit.committer[1], "username": actor.account.login},
            **paths,
        }

    shown_commits = [shown(commit.sha) for commit in commits]
    return {
        "ref": name,
        "before": before or ZERO,
        "after": after or ZERO,
        "created": before is None,
        "deleted": after is None,
        "forced": forced,
        "base_ref": None,
        "compare": f"{html}/compare/{(before or ZERO)[:12]}...{(after or ZERO)[:12]}",
        "commits": shown_commits,
        "head_commit": shown(after) if after else None,
        "pusher": {"name": actor.account.login, "email": f"{actor.account.login}@users.noreply.github.com"},
    }


_STATUSES: Final = ("added", "removed", "modified")


def rename_branch(world: World, repository: Repository, actor: Actor, old: str, new: str) -> None:
    """Give a branch another name: its open pull requests stay open, and those to it follow."""
    git = repository.git
    sha = git.branch(old)
    assert sha is not None, f"{repository.full_name} has no branch {old}"
    git.set_ref(f"refs/heads/{new}", sha)
    git.set_ref(f"refs/heads/{old}", None)
    if repository.default_branch == old:
        repository.default_branch = new
        git.set_head(new)
        changes = {"default_branch": {"from": old}}
        emit_repository(world, repository, "edited", actor, changes=changes)
    head_renamed(world, repository, old, new)
    base_renamed(world, repository, actor, old, new)


def rename_repository(world: World, repository: Repository, actor: Actor, name: str) -> None:
    """Give a repository another name; the old one leads to it."""
    old = repository.name
    repository.name = name
    world.names[repository.full_name.lower()] = repository
    emit_repository(world, repository, "renamed", actor, changes={"repository": {"name": {"from": old}}})


def transfer_repository(world: World, repository: Repository, actor: Actor, owner: Account) -> None:
    """Give a repository to somebody else: installations of the old owner lose it."""
    old = repository.owner
    leaving = world.installations_for(repository)
    told = repository_json(world, repository)
    repository.owner = owner
    world.names[repository.full_name.lower()] = repository
    for installation in leaving:
        if installation.repositories is not None:
            installation.repositories.pop(repository.id, None)
        tell_removed(world, installation, actor, [told])
    key = "organization" if old.kind is Kind.ORGANIZATION else "user"
    changes = {"owner": {"from": {key: account_json(world, old)}}}
    emit_repository(world, repository, "transferred", actor, changes=changes)


def tell_removed(world: World, installation: Installation, actor: Actor, repositories: list[dict[str, Any]]) -> None:
    """An App is told that it lost repositories."""
    kept = ("id", "node_id", "name", "full_name", "private")
    world.emit(
        "installation_repositories",
        "removed",
        actor.account,
        lambda: {
            "installation": installation_json(world, installation),
            "repository_selection": "all" if installation.repositories is None else "selected",
            "repositories_added": [],
            "repositories_removed": [{name: one[name] for name in kept} for one in repositories],
            "requester": None,
        },
        installation=installation,
    )


def set_archived(world: World, repository: Repository, actor: Actor, *, archived: bool) -> None:
    """Archive a repository, which makes it read-only, or take that back."""
    repository.archived = archived
    emit_repository(world, repository, "archived" if archived else "unarchived", actor)


def set_private(world: World, repository: Repository, actor: Actor, *, private: bool) -> None:
    """Hide a repository from the public, or show it."""
    repository.private = private
    emit_repository(world, repository, "privatized" if private else "publicized", actor)


def delete_repository(world: World, repository: Repository, actor: Actor) -> None:
    """Take a repository away; pull requests from it stay, without a head repository."""
    emit_repository(world, repository, "deleted", actor)
    repository.deleted = True
    for installation in world.installations.values():
        if installation.repositories is not None:
            installation.repositories.pop(repository.id, None)
