"""REST: reviews and review comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.answers import Answer, Refusal
from tests.github.domain import reviews
from tests.github.rest.call import Call, operation
from tests.github.shapes.conversations import review_comment_json, review_json
from tests.github.state import Anchor
from tests.github.world import pull_of

if TYPE_CHECKING:
    from tests.github.state import Pull, Review, ReviewComment


def _pull(call: Call) -> Pull:
    return pull_of(call.repository, call.number("pull_number"))


def _review(call: Call) -> Review:
    number = call.number("review_id")
    for review in _pull(call).reviews:
        if review.id == number:
            return review
    raise Refusal(404)


def _comment(call: Call) -> ReviewComment:
    comment = call.repository.review_comments.get(call.number("comment_id"))
    if comment is None:
        raise Refusal(404)
    return comment


def _anchor(body: dict[str, Any]) -> Anchor:
    if body.get("subject_type") == "file":
        return Anchor(body["path"])
    if "line" not in body:
        # `position` is deprecated: a client of ours never sends it.
        raise Refusal(422, "Unprocessable Entity", ["line is missing"])
    return Anchor(body["path"], body["line"], body.get("side", "RIGHT"), body.get("start_line"), body.get("start_side"))


@operation("pulls/list-reviews", pull_requests="read")
def _(call: Call) -> Answer:
    shown = [review for review in _pull(call).reviews if review.submitted_at]
    return call.page(shown, lambda review: review_json(call.world, review))


@operation("pulls/get-review", pull_requests="read")
def _(call: Call) -> Answer:
    return Answer(200, review_json(call.world, _review(call)))


@operation("pulls/create-review", pull_requests="write")
def _(call: Call) -> Answer:
    body = call.body or {}
    review = reviews.create_review(
        call.world,
        _pull(call),
        call.actor,
        event=body.get("event"),
        body=body.get("body", ""),
        commit=body.get("commit_id"),
        comments=[(_anchor(comment), comment["body"]) for comment in body.get("comments", [])],
    )
    return Answer(200, review_json(call.world, review))


@operation("pulls/list-comments-for-review", pull_requests="read")
def _(call: Call) -> Answer:
    return call.page(_review(call).comments, lambda comment: review_comment_json(call.world, comment))


@operation("pulls/list-review-comments", pull_requests="read")
def _(call: Call) -> Answer:
    comments = [comment for thread in _pull(call).threads for comment in thread.comments]
    comments = [comment for comment in comments if comment.review.submitted_at]
    comments.sort(key=lambda comment: comment.id, reverse=call.query.get("direction") == "desc")
    return call.page(comments, lambda comment: review_comment_json(call.world, comment))


@operation("pulls/create-review-comment", pull_requests="write")
def _(call: Call) -> Answer:
    body = call.body
    if "in_reply_to" in body:
        return _reply(call, body["in_reply_to"])
    comment = reviews.create_comment(
        call.world, _pull(call), call.actor, _anchor(body), body["body"], body["commit_id"]
    )
    return Answer(201, review_comment_json(call.world, comment))


@operation("pulls/create-reply-for-review-comment", pull_requests="write")
def _(call: Call) -> Answer:
    return _reply(call, call.number("comment_id"))


def _reply(call: Call, comment_id: int) -> Answer:
    pull = _pull(call)
    first = call.repository.review_comments.get(comment_id)
    if first is None or first.thread.pull is not pull:
        raise Refusal(404)
    if first.in_reply_to is not None:
        raise Refusal(422, "Unprocessable Entity", ["Replies to replies are not supported"])
    comment = reviews.reply(call.world, first.thread, call.actor, call.body["body"])
    return Answer(201, review_comment_json(call.world, comment))


@operation("pulls/get-review-comment", pull_requests="read")
def _(call: Call) -> Answer:
    return Answer(200, review_comment_json(call.world, _comment(call)))


@operation("pulls/update-review-comment", pull_requests="write")
def _(call: Call) -> Answer:
    comment = _comment(call)
    reviews.edit_comment(call.world, comment, call.actor, call.body["body"])
    return Answer(200, review_comment_json(call.world, comment))


@operation("pulls/delete-review-comment", pull_requests="write")
def _(call: Call) -> Answer:
    reviews.delete_comment(call.world, _comment(call), call.actor)
    return Answer(204)
