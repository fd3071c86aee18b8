"""REST: issues, comments in a conversation, labels. A pull request is an issue too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.answers import Answer, Refusal
from tests.github.domain import issues
from tests.github.rest.call import Call, operation
from tests.github.shapes.basics import label_json
from tests.github.shapes.conversations import comment_json, issue_json
from tests.github.state import Label
from tests.github.world import issue_of

if TYPE_CHECKING:
    from tests.github.state import Comment, Issue


def _issue(call: Call, level: str) -> Issue:
    """The issue of the path; for one that is no pull request, the permission for issues is needed itself."""
    issue = issue_of(call.repository, call.number("issue_number"))
    if issue.pull is None:
        call.need(issues=level)
    return issue


def _comment(call: Call, level: str) -> Comment:
    comment = call.repository.comments.get(call.number("comment_id"))
    if comment is None:
        raise Refusal(404)
    if comment.issue.pull is None:
        call.need(issues=level)
    return comment


@operation("issues/list-for-repo", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    state = call.query.get("state", "open")
    labels = [name.lower() for name in call.query.get("labels", "").split(",") if name]
    creator = call.query.get("creator", "").lower()
    found = [
        issue
        for issue in call.repository.issues.values()
        if state in ("all", issue.state)
        and all(name in [label.name.lower() for label in issue.labels] for name in labels)
        and creator in ("", issue.author.login.lower())
    ]
    found.sort(key=lambda issue: issue.number, reverse=call.query.get("direction", "desc") == "desc")
    return call.page(found, lambda issue: issue_json(call.world, issue))


@operation("issues/get", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    return Answer(200, issue_json(call.world, _issue(call, "read")))


@operation("issues/create", issues="write")
def _(call: Call) -> Answer:
    labels = [one if isinstance(one, str) else one["name"] for one in call.body.get("labels", [])]
    issue = issues.open_issue(
        call.world, call.repository, call.actor, str(call.body["title"]), call.body.get("body"), labels
    )
    return Answer(201, issue_json(call.world, issue))


@operation("issues/update", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issue = _issue(call, "write")
    issues.edit_issue(call.world, issue, call.actor, call.body or {})
    return Answer(200, issue_json(call.world, issue))


@operation("issues/list-comments", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    issue = _issue(call, "read")
    return call.page(_since(call, issue.comments), lambda comment: comment_json(call.world, comment))


@operation("issues/list-comments-for-repo", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    comments = _since(call, list(call.repository.comments.values()))
    if call.query.get("direction") == "desc":
        comments.reverse()
    return call.page(comments, lambda comment: comment_json(call.world, comment))


def _since(call: Call, comments: list[Comment]) -> list[Comment]:
    since = call.query.get("since")
    if since is None:
        return list(comments)
    return [comment for comment in comments if comment.updated_at.strftime("%Y-%m-%dT%H:%M:%SZ") >= since]


@operation("issues/create-comment", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issue = _issue(call, "write")
    if issue.locked:
        raise Refusal(403, "Unable to create comment because issue is locked.")
    comment = issues.add_comment(call.world, issue, call.actor, call.body["body"])
    body = comment_json(call.world, comment)
    return Answer(201, body, {"Location": body["url"]})


@operation("issues/get-comment", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    return Answer(200, comment_json(call.world, _comment(call, "read")))


@operation("issues/update-comment", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    comment = _comment(call, "write")
    issues.edit_comment(call.world, comment, call.actor, call.body["body"])
    return Answer(200, comment_json(call.world, comment))


@operation("issues/delete-comment", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issues.delete_comment(call.world, _comment(call, "write"), call.actor)
    return Answer(204)


def _labels(call: Call, issue: Issue) -> Answer:
    return Answer(200, [label_json(call.world, call.repository, label) for label in issue.labels])


def _wanted(call: Call) -> list[str]:
    body = call.body if isinstance(call.body, list) else (call.body or {}).get("labels", [])
    return [one if isinstance(one, str) else one["name"] for one in body]


@operation("issues/list-labels-on-issue", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    issue = _issue(call, "read")
    return call.page(issue.labels, lambda label: label_json(call.world, call.repository, label))


@operation("issues/add-labels", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issue = _issue(call, "write")
    for name in _wanted(call):
        issues.add_label(call.world, issue, call.actor, name)
    return _labels(call, issue)


@operation("issues/set-labels", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issue = _issue(call, "write")
    wanted = _wanted(call)
    for label in list(issue.labels):
        if label.name not in wanted:
            issues.remove_label(call.world, issue, call.actor, label.name)
    for name in wanted:
        issues.add_label(call.world, issue, call.actor, name)
    return _labels(call, issue)


@operation("issues/remove-label", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    issue = _issue(call, "write")
    issues.remove_label(call.world, issue, call.actor, call.params["name"])
    return _labels(call, issue)


@operation("issues/list-labels-for-repo", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    labels = list(call.repository.labels.values())
    return call.page(labels, lambda label: label_json(call.world, call.repository, label))


@operation("issues/get-label", issues="read", pull_requests="read")
def _(call: Call) -> Answer:
    label = call.repository.labels.get(call.params["name"].lower())
    if label is None:
        raise Refusal(404)
    return Answer(200, label_json(call.world, call.repository, label))


@operation("issues/create-label", issues="write", pull_requests="write")
def _(call: Call) -> Answer:
    name = call.body["name"]
    if name.lower() in call.repository.labels:
        raise Refusal(422, errors=[{"resource": "Label", "code": "already_exists", "field": "name"}])
    color, description = call.body.get("color", "ededed"), call.body.get("description")
    label = Label(call.world.next_id(), name, color, description)
    call.repository.labels[name.lower()] = label
    return Answer(201, label_json(call.world, call.repository, label))
