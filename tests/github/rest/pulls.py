"""REST: pull requests, their files and commits, requested reviewers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.github.answers import Answer, Refusal, invalid
from tests.github.domain import pulls
from tests.github.rest.call import Call, operation
from tests.github.shapes.commits import commit_json
from tests.github.shapes.conversations import files_json, pull_changes, pull_json, simple_pull_json
from tests.github.world import pull_of, role_in

if TYPE_CHECKING:
    from tests.github.state import Pull, Repository

MOST_FILES: Final = 3000
MOST_FILES_IN_DIFF: Final = 300
MOST_COMMITS: Final = 250
DIFF_TYPE: Final = "application/vnd.github.diff"


def _pull(call: Call) -> Pull:
    return pull_of(call.repository, call.number("pull_number"))


@operation("pulls/list", pull_requests="read")
def _(call: Call) -> Answer:
    state, head, base = call.query.get("state", "open"), call.query.get("head"), call.query.get("base")
    found = [
        pull
        for pull in call.repository.pulls.values()
        if state in ("all", pull.issue.state)
        and head in (None, f"{pull.head_repository.owner.login}:{pull.head_ref}")
        and base in (None, pull.base_ref)
    ]
    by_update = call.query.get("sort") == "updated"
    found.sort(
        key=lambda pull: (pull.issue.updated_at if by_update else pull.issue.created_at, pull.number),
        reverse=call.query.get("direction", "asc" if "sort" in call.query and not by_update else "desc") == "desc",
    )
    return call.page(found, lambda pull: simple_pull_json(call.world, pull))


@operation("pulls/get", pull_requests="read")
def _(call: Call) -> Answer:
    pull = _pull(call)
    if "diff" in call.headers.get("accept", ""):
        if len(pull_changes(pull)) > MOST_FILES_IN_DIFF:
            message = f"Sorry, the diff exceeded the maximum number of files ({MOST_FILES_IN_DIFF})."
            raise Refusal(406, message, [{"resource": "PullRequest", "field": "diff", "code": "too_large"}])
        git = pull.repository.git
        base = git.merge_base(pull.base_sha, pull.head_sha) or pull.base_sha
        text = git.run("diff", "-M", base, pull.head_sha).decode("utf-8", "replace")
        return Answer(200, text, content_type=f"{DIFF_TYPE}; charset=utf-8")
    return Answer(200, pull_json(call.world, pull))


@operation("pulls/create", pull_requests="write")
def _(call: Call) -> Answer:
    body = call.body
    owner, _, ref = body["head"].rpartition(":")
    source = _head_repository(call, owner)
    title = body.get("title")
    if title is None:
        raise invalid("PullRequest", "title", code="missing_field")
    pull = pulls.open_pull(
        call.world,
        call.repository,
        call.actor,
        head=(source, ref),
        base=body["base"],
        title=title,
        body=body.get("body"),
        draft=body.get("draft", False),
    )
    answer = pull_json(call.world, pull)
    return Answer(201, answer, {"Location": answer["url"]})


def _head_repository(call: Call, owner: str) -> Repository:
    if owner in ("", call.repository.owner.login):
        return call.repository
    for repository in call.world.repositories.values():
        if repository.fork_of is call.repository and repository.owner.login == owner and not repository.deleted:
            return repository
    raise invalid("PullRequest", "head")


@operation("pulls/update", pull_requests="write")
def _(call: Call) -> Answer:
    pull = _pull(call)
    pulls.edit_pull(call.world, pull, call.actor, call.body or {})
    return Answer(200, pull_json(call.world, pull))


@operation("pulls/list-files", pull_requests="read")
def _(call: Call) -> Answer:
    pull = _pull(call)
    answer = call.page(pull_changes(pull)[:MOST_FILES], lambda change: change)
    head = pull.repository if pull.head_repository.deleted else pull.head_repository
    answer.body = files_json(call.world, head, pull.head_sha, tuple(answer.body))
    return answer


@operation("pulls/list-commits", pull_requests="read")
def _(call: Call) -> Answer:
    pull = _pull(call)
    git = pull.repository.git
    commits = git.commits(f"-{MOST_COMMITS}", "--reverse", pull.head_sha, f"^{pull.base_sha}")
    return call.page(commits, lambda commit: commit_json(call.world, call.repository, commit))


@operation("pulls/request-reviewers", pull_requests="write")
def _(call: Call) -> Answer:
    pull = _pull(call)
    wanted = (call.body or {}).get("reviewers", [])
    if pull.issue.author.login in wanted:
        raise Refusal(422, "Review cannot be requested from pull request author.")
    if any(role_in(call.repository, call.world.account(login)).base in {"none", "read"} for login in wanted):
        raise Refusal(422, "Reviews may only be requested from collaborators.")
    pulls.request_reviewers(call.world, pull, call.actor, wanted)
    pull.requested_teams += (call.body or {}).get("team_reviewers", [])
    return Answer(201, simple_pull_json(call.world, pull))


@operation("pulls/remove-requested-reviewers", pull_requests="write")
def _(call: Call) -> Answer:
    pull = _pull(call)
    pulls.remove_reviewers(call.world, pull, call.actor, call.body["reviewers"])
    return Answer(200, simple_pull_json(call.world, pull))
