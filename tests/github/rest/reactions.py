"""REST: reactions to comments of both kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.answers import Answer, Refusal
from tests.github.domain.issues import react
from tests.github.rest.call import Call, operation
from tests.github.shapes.basics import reaction_json

if TYPE_CHECKING:
    from tests.github.state import Comment, ReviewComment


def _subject(call: Call, level: str) -> Comment | ReviewComment:
    number = call.number("comment_id")
    if "/pulls/comments/" in call.url:
        found = call.repository.review_comments.get(number)
        if found is None:
            raise Refusal(404)
        return found
    comment = call.repository.comments.get(number)
    if comment is None:
        raise Refusal(404)
    if comment.issue.pull is None:
        call.need(issues=level)
    return comment


def _list(call: Call) -> Answer:
    content = call.query.get("content")
    shown = [one for one in _subject(call, "read").reactions if content in (None, one.content)]
    return call.page(shown, lambda reaction: reaction_json(call.world, reaction))


def _create(call: Call) -> Answer:
    reaction, is_new = react(call.world, _subject(call, "write"), call.actor, call.body["content"])
    return Answer(201 if is_new else 200, reaction_json(call.world, reaction))


def _delete(call: Call) -> Answer:
    subject = _subject(call, "write")
    number = call.number("reaction_id")
    if all(reaction.id != number for reaction in subject.reactions):
        raise Refusal(404)
    subject.reactions[:] = [reaction for reaction in subject.reactions if reaction.id != number]
    return Answer(204)


operation("reactions/list-for-issue-comment", issues="read", pull_requests="read")(_list)
operation("reactions/create-for-issue-comment", issues="write", pull_requests="write")(_create)
operation("reactions/delete-for-issue-comment", issues="write", pull_requests="write")(_delete)
operation("reactions/list-for-pull-request-review-comment", pull_requests="read")(_list)
operation("reactions/create-for-pull-request-review-comment", pull_requests="write")(_create)
operation("reactions/delete-for-pull-request-comment", pull_requests="write")(_delete)
