"""Reviews and their comments: only on lines that a hunk of the pull request's diff shows, all or none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.github.answers import Refusal, invalid
from tests.github.diffs import excerpt
from tests.github.domain.heads import move_threads
from tests.github.domain.issues import check_body
from tests.github.shapes.conversations import pull_changes, review_comment_json, review_json, simple_pull_json
from tests.github.state import Anchor, Review, ReviewComment, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.github.diffs import Change
    from tests.github.state import Pull
    from tests.github.world import Actor, World

STATES: Final = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED", None: "PENDING"}


def create_review(
    world: World,
    pull: Pull,
    actor: Actor,
    *,
    event: str | None,
    body: str,
    commit: str | None,
    comments: Sequence[tuple[Anchor, str]],
) -> Review:
    """A review with its comments, or nothing at all when one of them cannot stand.

    Raises:
        Refusal: 422; for a line outside the diff it does not say which comment it was.
    """
    check_body("PullRequestReview", body)
    sha = commit or pull.head_sha
    if pull.repository.git.resolve(sha) != sha:
        raise Refusal(422, f"No commit found for SHA: {sha}")
    if event in ("REQUEST_CHANGES", "COMMENT") and not body and not comments:
        raise Refusal(422, "Unprocessable Entity", [f"Can not have an empty body for {event}"])
    if event == "APPROVE" and actor.account is pull.issue.author:
        raise Refusal(422, "Unprocessable Entity", ["Can not approve your own pull request"])
    for _, text in comments:
        check_body("PullRequestReviewComment", text)
    changes = _changes_at(pull, sha)
    threads = [_thread(world, pull, changes, anchor, sha) for anchor, _ in comments]
    if None in threads:
        raise Refusal(422, "Unprocessable Entity", ["Line could not be resolved"])
    submitted = world.now() if event else None
    review = Review(world.next_id(), pull, actor.account, actor.app, body, STATES[event], sha, submitted)
    pull.reviews.append(review)
    for thread, (_, text) in zip(threads, comments, strict=True):
        if thread is not None:
            pull.threads.append(thread)
            _add(world, thread, review, actor, text, None)
    # A review of an older commit: its comments follow to the newest head at once.
    move_threads(pull)
    _emit_review(world, review, actor)
    return review


def create_comment(
    world: World, pull: Pull, actor: Actor, anchor: Anchor, body: str, commit: str | None = None
) -> ReviewComment:
    """A single comment on a line or file, a review of its own.

    Raises:
        Refusal: 422, the place is not in the diff.
    """
    check_body("PullRequestReviewComment", body)
    sha = commit or pull.head_sha
    if pull.repository.git.resolve(sha) != sha:
        raise invalid("PullRequestReviewComment", "commit_id")
    thread = _thread(world, pull, _changes_at(pull, sha), anchor, sha)
    if thread is None:
        named = "pull_request_review_thread.line" if anchor.line is not None else "pull_request_review_thread.path"
        raise invalid("PullRequestReviewComment", named, f"{named} must be part of the diff")
    review = _empty_review(world, pull, actor, sha)
    pull.threads.append(thread)
    comment = _add(world, thread, review, actor, body, None)
    move_threads(pull)
    _emit_review(world, review, actor)
    return comment


def reply(world: World, thread: Thread, actor: Actor, body: str) -> ReviewComment:
    """An answer below a comment.

    Raises:
        Refusal: 422, the body is too long or empty.
    """
    check_body("PullRequestReviewComment", body)
    if not body.strip():
        raise invalid("PullRequestReviewComment", "body", "body cannot be blank")
    review = _empty_review(world, thread.pull, actor, thread.commit_id)
    return _add(world, thread, review, actor, body, thread.comments[0])


def edit_comment(world: World, comment: ReviewComment, actor: Actor, body: str) -> None:
    """Other text in a review comment.

    Raises:
        Refusal: 422, the body is too long.
    """
    check_body("PullRequestReviewComment", body)
    old = comment.body
    comment.body, comment.updated_at = body, world.now()
    comment.edits += 1
    _emit_comment(world, comment, "edited", actor, changes={"body": {"from": old}})


def delete_comment(world: World, comment: ReviewComment, actor: Actor) -> None:
    """Take a review comment away, and its thread with the last one."""
    thread = comment.thread
    thread.comments.remove(comment)
    comment.review.comments.remove(comment)
    del thread.pull.repository.review_comments[comment.id]
    if not thread.comments:
        thread.pull.threads.remove(thread)
    _emit_comment(world, comment, "deleted", actor)


def set_resolved(world: World, thread: Thread, actor: Actor, *, resolved: bool) -> None:
    """Resolve a thread, or open it again."""
    if thread.is_resolved == resolved:
        return
    thread.is_resolved = resolved
    thread.resolved_by = actor.account if resolved else None
    world.emit(
        "pull_request_review_thread",
        "resolved" if resolved else "unresolved",
        actor.account,
        lambda: {
            "pull_request": simple_pull_json(world, thread.pull),
            "thread": {
                "node_id": thread.node_id,
                "comments": [review_comment_json(world, comment) for comment in thread.comments],
            },
        },
        repository=thread.pull.repository,
    )


def _changes_at(pull: Pull, sha: str) -> dict[str, Change]:
    git = pull.repository.git
    if sha == pull.head_sha:
        changes = pull_changes(pull)
    else:
        changes = git.changes(git.merge_base(pull.base_sha, sha) or pull.base_sha, sha)
    return {change.path: change for change in changes}


def _thread(world: World, pull: Pull, changes: dict[str, Change], anchor: Anchor, sha: str) -> Thread | None:
    """The thread that a comment would begin; None where it cannot stand."""
    change = changes.get(anchor.path)
    if change is None:
        return None
    text, position = "", 1
    if anchor.line is not None:
        hunk = change.hunk_of(anchor.line, anchor.side)
        if hunk is None:
            return None
        if anchor.start_line is not None:
            start = change.hunk_of(anchor.start_line, anchor.start_side or anchor.side)
            if start is not hunk or anchor.start_line >= anchor.line:
                return None
        text, position = excerpt(hunk, anchor.line, anchor.side)
    return Thread(world.next_id(), pull, anchor, sha, sha, anchor.line, anchor.start_line, text, position)


def _empty_review(world: World, pull: Pull, actor: Actor, sha: str) -> Review:
    review = Review(world.next_id(), pull, actor.account, actor.app, "", "COMMENTED", sha, world.now())
    pull.reviews.append(review)
    return review


def _add(
    world: World, thread: Thread, review: Review, actor: Actor, body: str, in_reply_to: ReviewComment | None
) -> ReviewComment:
    now = world.now()
    comment = ReviewComment(
        world.next_id(), thread, review, actor.account, actor.app, body, now, now, in_reply_to=in_reply_to
    )
    thread.comments.append(comment)
    review.comments.append(comment)
    thread.pull.repository.review_comments[comment.id] = comment
    thread.pull.issue.updated_at = now
    if review.submitted_at:
        _emit_comment(world, comment, "created", actor)
    return comment


def _emit_comment(world: World, comment: ReviewComment, action: str, actor: Actor, **extra: Any) -> None:
    pull = comment.thread.pull
    world.emit(
        "pull_request_review_comment",
        action,
        actor.account,
        lambda: {
            "comment": review_comment_json(world, comment),
            "pull_request": simple_pull_json(world, pull),
            **extra,
        },
        repository=pull.repository,
    )


def _emit_review(world: World, review: Review, actor: Actor) -> None:
    if review.submitted_at is None:
        return
    world.emit(
        "pull_request_review",
        "submitted",
        actor.account,
        lambda: {
            "review": {**review_json(world, review), "state": review.state.lower()},
            "pull_request": simple_pull_json(world, review.pull),
        },
        repository=review.pull.repository,
    )
