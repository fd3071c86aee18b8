"""Pull requests: opening, pushing, drafts, merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.answers import Refusal, invalid
from tests.github.domain.heads import retarget, set_head
from tests.github.domain.issues import check_body, edit_issue, new_issue, tell
from tests.github.domain.repositories import set_branch
from tests.github.shapes.basics import account_json
from tests.github.state import Pull

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.state import Repository
    from tests.github.world import Actor, World


def open_pull(
    world: World,
    repository: Repository,
    actor: Actor,
    *,
    head: tuple[Repository, str],
    base: str,
    title: str,
    body: str | None = None,
    draft: bool = False,
) -> Pull:
    """A new pull request from a branch, perhaps of a fork.

    Raises:
        Refusal: 422, a branch is not there, they do not differ, or there is one already.
    """
    head_repository, ref = head
    head_sha, base_sha = head_repository.git.branch(ref), repository.git.branch(base)
    if head_sha is None:
        raise invalid("PullRequest", "head")
    if base_sha is None:
        raise invalid("PullRequest", "base")
    label = f"{head_repository.owner.login}:{ref}"
    if repository.git.merge_base(base_sha, head_sha) == head_sha:
        message = f"No commits between {base} and {ref}"
        raise Refusal(422, errors=[{"resource": "PullRequest", "code": "custom", "message": message}])
    for pull in repository.pulls.values():
        same = (pull.head_repository, pull.head_ref, pull.base_ref) == (head_repository, ref, base)
        if same and pull.issue.state == "open":
            message = f"A pull request already exists for {label}."
            raise Refusal(422, errors=[{"resource": "PullRequest", "code": "custom", "message": message}])
    issue = new_issue(world, repository, actor, title, body)
    pull = Pull(world.next_id(), issue, head_repository, ref, head_sha, base, base_sha, draft)
    issue.pull = repository.pulls[issue.number] = pull
    repository.git.set_ref(f"refs/pull/{issue.number}/head", head_sha)
    tell(world, issue, "opened", actor)
    return pull


def edit_pull(world: World, pull: Pull, actor: Actor, changes: dict[str, Any]) -> None:
    """Change title, body, state or base of a pull request.

    Raises:
        Refusal: 422, it cannot be so.
    """
    check_body("PullRequest", changes.get("body"))
    if changes.get("state") == "open" and pull.issue.state == "closed":
        reopen_pull(world, pull, actor)
    base = changes.get("base")
    if base and base != pull.base_ref:
        if pull.repository.git.branch(base) is None:
            raise invalid("PullRequest", "base")
        retarget(world, pull, actor, base)
    wanted: dict[str, Any] = {name: changes[name] for name in ("title", "body", "state") if name in changes}
    edit_issue(world, pull.issue, actor, wanted)


def reopen_pull(world: World, pull: Pull, actor: Actor) -> None:
    """Open a closed pull request again; its head follows the branch, which may have moved meanwhile.

    Raises:
        Refusal: 422, it was merged, or its branch is gone.
    """
    tip = None if pull.head_repository.deleted else pull.head_repository.git.branch(pull.head_ref)
    if pull.merged_at or tip is None:
        message = "state cannot be changed. The branch was deleted or merged."
        raise Refusal(422, errors=[{"resource": "PullRequest", "code": "custom", "message": message}])
    if pull.repository.git.merge_base(pull.head_sha, tip) != pull.head_sha:
        message = "state cannot be changed. The branch was force-pushed or recreated."
        raise Refusal(422, errors=[{"resource": "PullRequest", "code": "custom", "message": message}])
    set_head(world, pull, tip)
    edit_issue(world, pull.issue, actor, {"state": "open"})


def set_draft(world: World, pull: Pull, actor: Actor, *, draft: bool) -> None:
    """Make a draft of a pull request, or say that it is ready."""
    if pull.draft != draft:
        pull.draft = draft
        pull.issue.updated_at = world.now()
        tell(world, pull.issue, "converted_to_draft" if draft else "ready_for_review", actor)


def merge_pull(world: World, pull: Pull, actor: Actor, method: str) -> str:
    """Merge a pull request: `merge`, `squash` or `rebase` (as one commit).

    Returns:
        The new commit of the base branch.

    Raises:
        Refusal: 405, there are conflicts, or it is closed.
    """
    git = pull.repository.git
    base = git.branch(pull.base_ref) or pull.base_sha
    tree = git.merged_tree(base, pull.head_sha)
    if tree is None or pull.issue.state != "open":
        raise Refusal(405, "Pull Request is not mergeable")
    parents = [base, pull.head_sha] if method == "merge" else [base]
    title = f"Merge pull request #{pull.number}" if method == "merge" else f"{pull.issue.title} (#{pull.number})"
    sha = git.commit_tree(tree, parents, f"{title}\n", world.person(actor.account))
    issue = pull.issue
    pull.merged_at = issue.closed_at = issue.updated_at = world.now()
    pull.merged_by = issue.closed_by = actor.account
    pull.merge_commit_sha = sha
    issue.state = "closed"
    set_branch(world, pull.repository, actor, pull.base_ref, sha)
    tell(world, issue, "closed", actor)
    return sha


def request_reviewers(world: World, pull: Pull, actor: Actor, logins: Sequence[str]) -> None:
    """Ask people for a review."""
    for login in logins:
        reviewer = world.account(login)
        if reviewer not in pull.requested_reviewers:
            pull.requested_reviewers.append(reviewer)
            tell(world, pull.issue, "review_requested", actor, requested_reviewer=account_json(world, reviewer))


def remove_reviewers(world: World, pull: Pull, actor: Actor, logins: Sequence[str]) -> None:
    """Do not ask people for a review any more."""
    for login in logins:
        reviewer = world.account(login)
        if reviewer in pull.requested_reviewers:
            pull.requested_reviewers.remove(reviewer)
            removed = account_json(world, reviewer)
            tell(world, pull.issue, "review_request_removed", actor, requested_reviewer=removed)
