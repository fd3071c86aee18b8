"""REST: commits, comparisons, commit statuses."""

from __future__ import annotations

from typing import Any, Final

from tests.github.answers import Answer, Refusal
from tests.github.rest.call import Call, operation
from tests.github.shapes.basics import repository_json, repository_url
from tests.github.shapes.commits import commit_json, status_json
from tests.github.shapes.conversations import files_json, simple_pull_json
from tests.github.state import Status
from tests.github.world import commit_of

MOST_FILES: Final = 300
MOST_COMMITS: Final = 250


@operation("repos/list-commits", contents="read")
def _(call: Call) -> Answer:
    start = commit_of(call.repository, call.query.get("sha", call.repository.default_branch))
    commits = call.repository.git.commits(start)
    return call.page(commits, lambda commit: commit_json(call.world, call.repository, commit))


@operation("repos/get-commit", contents="read")
def _(call: Call) -> Answer:
    git = call.repository.git
    sha = commit_of(call.repository, call.params["ref"])
    if "sha" in call.headers.get("accept", ""):
        return Answer(200, sha, content_type="application/vnd.github.sha; charset=utf-8")
    commit = git.commit_of(sha)
    changes = git.changes(commit.parents[0], sha)[:MOST_FILES] if commit.parents else ()
    added, removed = sum(one.additions for one in changes), sum(one.deletions for one in changes)
    body = {
        **commit_json(call.world, call.repository, commit),
        "stats": {"additions": added, "deletions": removed, "total": added + removed},
        "files": files_json(call.world, call.repository, sha, changes),
    }
    return Answer(200, body)


@operation("repos/list-pull-requests-associated-with-commit", pull_requests="read")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["commit_sha"])
    git = call.repository.git
    found = [
        pull
        for pull in call.repository.pulls.values()
        if pull.head_sha == sha or (pull.issue.state == "open" and git.merge_base(sha, pull.head_sha) == sha)
        if not pull.from_fork or pull.head_sha == sha
        if git.merge_base(sha, pull.base_sha) != sha
    ]
    return call.page(found, lambda pull: simple_pull_json(call.world, pull))


@operation("repos/compare-commits-with-basehead", contents="read")
def _(call: Call) -> Answer:
    first, dots, second = call.params["basehead"].partition("...")
    if not dots:
        raise Refusal(404)
    git, repository = call.repository.git, call.repository
    # `owner:branch` names a fork's branch; its objects are here.
    base, head = (_resolved(call, revision) for revision in (first, second))
    merge_base = git.merge_base(base, head)
    if merge_base is None:
        raise Refusal(404, f"No common ancestor between {first} and {second}.")
    ahead, behind = git.distance(base, head)
    states = {(True, True): "diverged", (True, False): "ahead", (False, True): "behind", (False, False): "identical"}
    url = f"{repository_url(call.world, repository)}/compare/{call.params['basehead']}"
    html = f"{call.world.addresses.html}/{repository.full_name}/compare/{call.params['basehead']}"
    commits = git.commits(f"-{MOST_COMMITS}", "--reverse", head, f"^{base}") if ahead else []

    def shown(sha: str) -> dict[str, Any]:
        return commit_json(call.world, repository, git.commit_of(sha))

    page = call.page(commits, lambda commit: commit_json(call.world, repository, commit))
    changes = git.changes(merge_base, head)[:MOST_FILES]
    body = {
        "url": url,
        "html_url": html,
        "permalink_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "base_commit": shown(base),
        "merge_base_commit": shown(merge_base),
        "status": states[ahead > 0, behind > 0],
        "ahead_by": ahead,
        "behind_by": behind,
        "total_commits": ahead,
        "commits": page.body,
    }
    # Only the first page lists files.
    if call.query.get("page", "1") == "1":
        body["files"] = files_json(call.world, repository, head, changes)
    return Answer(200, body, page.headers)


def _resolved(call: Call, revision: str) -> str:
    owner, colon, branch = revision.rpartition(":")
    repository = call.repository
    if colon and owner.lower() != repository.owner.login.lower():
        forks = (one for one in call.world.repositories.values() if one.fork_of is repository)
        repository = next((one for one in forks if one.owner.login == owner), repository)
    sha = repository.git.resolve(branch)
    if sha is None:
        raise Refusal(404)
    return sha


@operation("repos/create-commit-status", statuses="write")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["sha"])
    body = call.body
    status = Status(
        id=call.world.next_id(),
        sha=sha,
        state=body["state"],
        context=body.get("context", "default"),
        description=body.get("description"),
        target_url=body.get("target_url"),
        creator=call.actor.account,
        created_at=call.world.now(),
    )
    call.repository.statuses.append(status)
    return Answer(201, status_json(call.world, call.repository, status))


@operation("repos/list-commit-statuses-for-ref", statuses="read")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["ref"])
    found = [status for status in reversed(call.repository.statuses) if status.sha == sha]
    return call.page(found, lambda status: status_json(call.world, call.repository, status))


@operation("repos/get-combined-status-for-ref", statuses="read")
def _(call: Call) -> Answer:
    sha = commit_of(call.repository, call.params["ref"])
    latest = {status.context: status for status in call.repository.statuses if status.sha == sha}
    states = {status.state for status in latest.values()}
    worst = "failure" if states & {"error", "failure"} else "pending" if states != {"success"} else "success"
    url = repository_url(call.world, call.repository)
    body = {
        "state": worst,
        "statuses": [status_json(call.world, call.repository, status) for status in latest.values()],
        "sha": sha,
        "total_count": len(latest),
        "repository": repository_json(call.world, call.repository),
        "commit_url": f"{url}/commits/{sha}",
        "url": f"{url}/commits/{sha}/status",
    }
    return Answer(200, body)
