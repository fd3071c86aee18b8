"""JSON of commits, refs, check suites and runs, statuses, and webhook deliveries' views of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.github.shapes.basics import (
    account_json,
    app_json,
    moment,
    moment_or_none,
    repository_json,
    repository_url,
    text_of,
)

if TYPE_CHECKING:
    from tests.github.git_store import Commit
    from tests.github.state import CheckRun, CheckSuite, Pull, Repository, Status
    from tests.github.world import World

VERIFICATION = {"verified": False, "reason": "unsigned", "signature": None, "payload": None, "verified_at": None}


def commit_json(world: World, repository: Repository, commit: Commit) -> dict[str, Any]:
    """Schema `commit`."""
    url = repository_url(world, repository)
    html = f"{world.addresses.html}/{repository.full_name}/commit"
    author, committer = _account_of(world, commit.author[0]), _account_of(world, commit.committer[0])
    return {
        "sha": commit.sha,
        "node_id": f"C_kwDO{commit.sha}",
        "commit": {
            "author": _signature(commit.author),
            "committer": _signature(commit.committer),
            "message": commit.message,
            "tree": {"sha": commit.tree, "url": f"{url}/git/trees/{commit.tree}"},
            "url": f"{url}/git/commits/{commit.sha}",
            "comment_count": 0,
            "verification": VERIFICATION,
        },
        "url": f"{url}/commits/{commit.sha}",
        "html_url": f"{html}/{commit.sha}",
        "comments_url": f"{url}/commits/{commit.sha}/comments",
        "author": author,
        "committer": committer,
        "parents": [
            {"sha": parent, "url": f"{url}/commits/{parent}", "html_url": f"{html}/{parent}"}
            for parent in commit.parents
        ],
    }


def git_commit_json(world: World, repository: Repository, commit: Commit) -> dict[str, Any]:
    """Schema `git-commit`."""
    url = f"{repository_url(world, repository)}/git"
    html = f"{world.addresses.html}/{repository.full_name}/commit"
    return {
        "sha": commit.sha,
        "node_id": f"C_kwDO{commit.sha}",
        "url": f"{url}/commits/{commit.sha}",
        "html_url": f"{html}/{commit.sha}",
        "author": _signature(commit.author),
        "committer": _signature(commit.committer),
        "tree": {"sha": commit.tree, "url": f"{url}/trees/{commit.tree}"},
        "message": commit.message,
        "parents": [
            {"sha": parent, "url": f"{url}/commits/{parent}", "html_url": f"{html}/{parent}"}
            for parent in commit.parents
        ],
        "verification": VERIFICATION,
    }


def _signature(person: tuple[str, str, str]) -> dict[str, Any]:
    name, email, date = person
    return {"name": name, "email": email, "date": date}


def _account_of(world: World, name: str) -> dict[str, Any] | None:
    account = world.accounts.get(name.lower())
    return account_json(world, account) if account else None


def simple_commit_json(commit: Commit) -> dict[str, Any]:
    """Schema `simple-commit`, as check suites and pushes show a commit."""
    return {
        "id": commit.sha,
        "tree_id": commit.tree,
        "message": commit.message,
        "timestamp": commit.committer[2],
        "author": {"name": commit.author[0], "email": commit.author[1]},
        "committer": {"name": commit.committer[0], "email": commit.committer[1]},
    }


def ref_json(world: World, repository: Repository, name: str, sha: str) -> dict[str, Any]:
    """Schema `git-ref`."""
    url = f"{repository_url(world, repository)}/git"
    return {
        "ref": name,
        "node_id": f"REF_kwDO{repository.id}:{name}",
        "url": f"{url}/{name}",
        "object": {"sha": sha, "type": "commit", "url": f"{url}/commits/{sha}"},
    }


def pull_requests_json(world: World, repository: Repository, sha: str) -> list[dict[str, Any]]:
    """Schema `pull-request-minimal`: the open ones with this head, never those of forks."""
    pulls = (pull for pull in repository.pulls.values() if pull.head_sha == sha and pull.issue.state == "open")
    return [_minimal_pull(world, pull) for pull in pulls if not pull.from_fork]


def _minimal_pull(world: World, pull: Pull) -> dict[str, Any]:
    def side(repository: Repository, ref: str, sha: str) -> dict[str, Any]:
        repo = {"id": repository.id, "url": repository_url(world, repository), "name": repository.name}
        return {"ref": ref, "sha": sha, "repo": repo}

    return {
        "id": pull.id,
        "number": pull.number,
        "url": f"{repository_url(world, pull.repository)}/pulls/{pull.number}",
        "head": side(pull.head_repository, pull.head_ref, pull.head_sha),
        "base": side(pull.repository, pull.base_ref, pull.base_sha),
    }


def check_run_json(world: World, run: CheckRun) -> dict[str, Any]:
    """Schema `check-run`."""
    repository = run.suite.repository
    url = f"{repository_url(world, repository)}/check-runs/{run.id}"
    html = f"{world.addresses.html}/{repository.full_name}/runs/{run.id}"
    return {
        "id": run.id,
        "name": run.name,
        "node_id": f"CR_kwDO{run.id}",
        "head_sha": run.head_sha,
        "external_id": run.external_id,
        "url": url,
        "html_url": html,
        "details_url": run.details_url or html,
        "status": run.status,
        "conclusion": run.conclusion,
        "started_at": moment(run.started_at),
        "completed_at": moment_or_none(run.completed_at),
        "output": {
            "title": run.title,
            "summary": run.summary,
            "text": run.text,
            "annotations_count": len(run.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": run.suite.id},
        "app": app_json(world, run.app),
        "pull_requests": pull_requests_json(world, repository, run.head_sha),
    }


def check_suite_json(world: World, suite: CheckSuite) -> dict[str, Any]:
    """Schema `check-suite`."""
    url = f"{repository_url(world, suite.repository)}/check-suites/{suite.id}"
    git = suite.repository.git
    commit = git.commit_of(suite.head_sha)
    return {
        "id": suite.id,
        "node_id": f"CS_kwDO{suite.id}",
        "head_branch": suite.head_branch,
        "head_sha": suite.head_sha,
        "status": suite.status,
        "conclusion": suite.conclusion,
        "url": url,
        "before": commit.parents[0] if commit.parents else None,
        "after": suite.head_sha,
        "pull_requests": pull_requests_json(world, suite.repository, suite.head_sha),
        "app": app_json(world, suite.app),
        "repository": repository_json(world, suite.repository),
        "created_at": moment(suite.created_at),
        "updated_at": moment(suite.updated_at),
        "rerequestable": True,
        "runs_rerequestable": True,
        "latest_check_runs_count": len(suite.runs),
        "check_runs_url": f"{url}/check-runs",
        "head_commit": simple_commit_json(commit),
    }


def annotation_json(world: World, run: CheckRun, annotation: dict[str, Any]) -> dict[str, Any]:
    """Schema `check-annotation`."""
    page = f"{world.addresses.html}/{run.suite.repository.full_name}/blob/{run.head_sha}/"
    wanted = ("path", "start_line", "end_line", "start_column", "end_column", "annotation_level", "title", "message")
    return {
        **{name: annotation.get(name) for name in wanted},
        "raw_details": annotation.get("raw_details"),
        "blob_href": page + text_of(annotation["path"]),
    }


def status_json(world: World, repository: Repository, status: Status) -> dict[str, Any]:
    """Schema `status`."""
    creator = account_json(world, status.creator)
    return {
        "url": f"{repository_url(world, repository)}/statuses/{status.sha}",
        "avatar_url": creator["avatar_url"],
        "id": status.id,
        "node_id": f"SC_kwDO{status.id}",
        "state": status.state,
        "description": status.description,
        "target_url": status.target_url,
        "context": status.context,
        "created_at": moment(status.created_at),
        "updated_at": moment(status.created_at),
        "creator": creator,
    }
