"""Issues, the comments in a conversation, labels and reactions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.github.answers import Refusal, invalid, too_long
from tests.github.shapes.basics import label_json
from tests.github.shapes.conversations import comment_json, issue_json, pull_json
from tests.github.state import Comment, Issue, Label, Reaction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.github.state import Repository, ReviewComment
    from tests.github.world import Actor, World

LONGEST_BODY: Final = 65_536
LONGEST_TITLE: Final = 256


def check_body(resource: str, body: str | None) -> None:
    """A body above 65,536 characters is refused.

    Raises:
        Refusal: 422.
    """
    if body is not None and len(body) > LONGEST_BODY:
        raise too_long(resource)


def next_number(repository: Repository) -> int:
    """The number of the next issue or pull request."""
    return max(repository.issues, default=0) + 1


def new_issue(world: World, repository: Repository, actor: Actor, title: str, body: str | None) -> Issue:
    """An issue without an event: also the issue side of a pull request.

    Raises:
        Refusal: 422, a text is empty or too long.
    """
    check_body("Issue", body)
    if not title:
        raise invalid("Issue", "title", code="missing_field")
    if len(title) > LONGEST_TITLE:
        raise invalid("Issue", "title", f"title is too long (maximum is {LONGEST_TITLE} characters)")
    now = world.now()
    number = next_number(repository)
    issue = Issue(world.next_id(), number, repository, actor.account, actor.app, title, body, now, now)
    repository.issues[number] = issue
    return issue


def open_issue(
    world: World, repository: Repository, actor: Actor, title: str, body: str | None, labels: Iterable[str] = ()
) -> Issue:
    """A new issue."""
    issue = new_issue(world, repository, actor, title, body)
    issue.labels = [label_named(world, repository, name) for name in labels]
    emit_issue(world, issue, "opened", actor)
    return issue


def emit_issue(world: World, issue: Issue, action: str, actor: Actor, **extra: Any) -> None:
    """Tell of an issue that changed."""
    world.emit(
        "issues",
        action,
        actor.account,
        lambda: {"issue": issue_json(world, issue), **extra},
        repository=issue.repository,
    )


def edit_issue(world: World, issue: Issue, actor: Actor, changes: dict[str, Any]) -> None:
    """Change title, body, state, labels or assignees of an issue; pull requests are told of as such.

    Raises:
        Refusal: 422, a text is too long.
    """
    check_body("Issue", changes.get("body"))
    before = {name: getattr(issue, name) for name in ("title", "body") if name in changes}
    changed = {name: {"from": old or ""} for name, old in before.items() if changes[name] != old}
    for name in changed:
        setattr(issue, name, changes[name])
    issue.updated_at = world.now()
    if changed:
        tell(world, issue, "edited", actor, changes=changed)
    if "labels" in changes:
        names = [one if isinstance(one, str) else one["name"] for one in changes["labels"]]
        issue.labels = [label_named(world, issue.repository, name) for name in names]
    if "assignees" in changes:
        issue.assignees = [world.account(one if isinstance(one, str) else one["login"]) for one in changes["assignees"]]
    set_state(world, issue, actor, changes.get("state"), changes.get("state_reason"))


def set_state(world: World, issue: Issue, actor: Actor, state: str | None, reason: str | None = None) -> None:
    """Close or reopen an issue, if that is a change."""
    if state is None or state == issue.state:
        return
    is_closing = state == "closed"
    issue.state = state
    issue.state_reason = (reason or "completed") if is_closing and issue.pull is None else None
    issue.closed_at = world.now() if is_closing else None
    issue.closed_by = actor.account if is_closing else None
    issue.updated_at = world.now()
    tell(world, issue, "closed" if is_closing else "reopened", actor)


def tell(world: World, issue: Issue, action: str, actor: Actor, **extra: Any) -> None:
    """An event of an issue, or of the pull request that it belongs to."""
    pull = issue.pull
    if pull is None:
        emit_issue(world, issue, action, actor, **extra)
        return
    world.emit(
        "pull_request",
        action,
        actor.account,
        lambda: {"number": pull.number, "pull_request": pull_json(world, pull, in_webhook=True), **extra},
        repository=issue.repository,
    )


def label_named(world: World, repository: Repository, name: str) -> Label:
    """A label of a repository, made when it is not there yet."""
    key = name.lower()
    if key not in repository.labels:
        repository.labels[key] = Label(world.next_id(), name, "ededed", None)
    return repository.labels[key]


def add_label(world: World, issue: Issue, actor: Actor, name: str) -> None:
    """Label an issue."""
    label = label_named(world, issue.repository, name)
    if label not in issue.labels:
        issue.labels.append(label)
        tell(world, issue, "labeled", actor, label=label_json(world, issue.repository, label))


def remove_label(world: World, issue: Issue, actor: Actor, name: str) -> None:
    """Take a label off an issue.

    Raises:
        Refusal: 404, it has none of this name.
    """
    label = issue.repository.labels.get(name.lower())
    if label is None or label not in issue.labels:
        raise Refusal(404, "Label does not exist")
    issue.labels.remove(label)
    tell(world, issue, "unlabeled", actor, label=label_json(world, issue.repository, label))


def add_comment(world: World, issue: Issue, actor: Actor, body: str) -> Comment:
    """A new comment.

    Raises:
        Refusal: 422, the body is empty or too long.
    """
    check_body("IssueComment", body)
    if not body.strip():
        raise invalid("IssueComment", "body", "body cannot be blank", "unprocessable")
    now = world.now()
    comment = Comment(world.next_id(), issue, actor.account, actor.app, body, now, now)
    issue.comments.append(comment)
    issue.updated_at = now
    issue.repository.comments[comment.id] = comment
    _emit_comment(world, comment, "created", actor)
    return comment


def edit_comment(world: World, comment: Comment, actor: Actor, body: str) -> None:
    """Other text in a comment.

    Raises:
        Refusal: 422, the body is too long.
    """
    check_body("IssueComment", body)
    old = comment.body
    comment.body, comment.updated_at = body, world.now()
    comment.edits += 1
    _emit_comment(world, comment, "edited", actor, changes={"body": {"from": old}})


def delete_comment(world: World, comment: Comment, actor: Actor) -> None:
    """Take a comment away."""
    comment.issue.comments.remove(comment)
    del comment.issue.repository.comments[comment.id]
    _emit_comment(world, comment, "deleted", actor)


def _emit_comment(world: World, comment: Comment, action: str, actor: Actor, **extra: Any) -> None:
    world.emit(
        "issue_comment",
        action,
        actor.account,
        lambda: {"issue": issue_json(world, comment.issue), "comment": comment_json(world, comment), **extra},
        repository=comment.issue.repository,
    )


def react(world: World, subject: Comment | ReviewComment, actor: Actor, content: str) -> tuple[Reaction, bool]:
    """A reaction, and whether it is new: each account has one of a kind."""
    for reaction in subject.reactions:
        if reaction.user is actor.account and reaction.content == content:
            return reaction, False
    reaction = Reaction(world.next_id(), actor.account, content, world.now())
    subject.reactions.append(reaction)
    return reaction, True
