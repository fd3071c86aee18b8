"""JSON of issues, pull requests, comments, reviews and review comments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tests.github.diffs import MOST_LINES
from tests.github.shapes.basics import (
    account_json,
    app_json,
    label_json,
    moment,
    moment_or_none,
    reactions_json,
    repository_json,
    repository_url,
    text_of,
)
from tests.github.world import association

if TYPE_CHECKING:
    from tests.github.diffs import Change
    from tests.github.state import Comment, Issue, Pull, Repository, Review, ReviewComment
    from tests.github.world import World


def issue_json(world: World, issue: Issue) -> dict[str, Any]:
    """Schema `issue`."""
    url = f"{repository_url(world, issue.repository)}/issues/{issue.number}"
    kind = "pull" if issue.pull else "issues"
    html = f"{world.addresses.html}/{issue.repository.full_name}/{kind}/{issue.number}"
    assignees = [account_json(world, assignee) for assignee in issue.assignees]
    return {
        "url": url,
        "repository_url": repository_url(world, issue.repository),
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "html_url": html,
        "id": issue.id,
        "node_id": f"I_kwDO{issue.id}",
        "number": issue.number,
        "title": issue.title,
        "user": account_json(world, issue.author),
        "labels": [label_json(world, issue.repository, label) for label in issue.labels],
        "state": issue.state,
        "locked": issue.locked,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "comments": len(issue.comments),
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment_or_none(issue.closed_at),
        "author_association": association(issue.repository, issue.author),
        "active_lock_reason": None,
        "body": issue.body,
        "closed_by": account_json(world, issue.closed_by) if issue.closed_by else None,
        "reactions": reactions_json(url, []),
        "timeline_url": f"{url}/timeline",
        "performed_via_github_app": app_json(world, issue.app) if issue.app else None,
        "state_reason": issue.state_reason,
        **({"draft": issue.pull.draft, "pull_request": _issue_pull(world, issue.pull)} if issue.pull else {}),
    }


def _issue_pull(world: World, pull: Pull) -> dict[str, Any]:
    html = f"{world.addresses.html}/{pull.repository.full_name}/pull/{pull.number}"
    return {
        "url": pull_url(world, pull),
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "merged_at": moment_or_none(pull.merged_at),
    }


def comment_json(world: World, comment: Comment) -> dict[str, Any]:
    """Schema `issue-comment`."""
    repository = comment.issue.repository
    url = f"{repository_url(world, repository)}/issues/comments/{comment.id}"
    kind = "pull" if comment.issue.pull else "issues"
    page = f"{world.addresses.html}/{repository.full_name}/{kind}/{comment.issue.number}"
    return {
        "url": url,
        "html_url": f"{page}#issuecomment-{comment.id}",
        "issue_url": f"{repository_url(world, repository)}/issues/{comment.issue.number}",
        "id": comment.id,
        "node_id": f"IC_kwDO{comment.id}",
        "user": account_json(world, comment.author),
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.updated_at),
        "author_association": association(repository, comment.author),
        "body": comment.body,
        "reactions": reactions_json(url, comment.reactions),
        "performed_via_github_app": app_json(world, comment.app) if comment.app else None,
    }


def pull_url(world: World, pull: Pull) -> str:
    """Where the API has a pull request."""
    return f"{repository_url(world, pull.repository)}/pulls/{pull.number}"


def _side(world: World, repository: Repository, ref: str, sha: str) -> dict[str, Any]:
    return {
        "label": f"{repository.owner.login}:{ref}",
        "ref": ref,
        "sha": sha,
        "user": account_json(world, repository.owner),
        "repo": None if repository.deleted else repository_json(world, repository),
    }


def simple_pull_json(world: World, pull: Pull) -> dict[str, Any]:
    """Schema `pull-request-simple`."""
    issue = pull.issue
    repository = pull.repository
    url, api = pull_url(world, pull), repository_url(world, repository)
    html = f"{world.addresses.html}/{repository.full_name}/pull/{pull.number}"
    assignees = [account_json(world, assignee) for assignee in issue.assignees]
    links = {
        "self": url,
        "html": html,
        "issue": f"{api}/issues/{pull.number}",
        "comments": f"{api}/issues/{pull.number}/comments",
        "review_comments": f"{url}/comments",
        "review_comment": f"{api}/pulls/comments{{/number}}",
        "commits": f"{url}/commits",
        "statuses": f"{api}/statuses/{pull.head_sha}",
    }
    return {
        "url": url,
        "id": pull.id,
        "node_id": f"PR_kwDO{pull.id}",
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        **{f"{name}_url": link for name, link in links.items() if name not in ("self", "html")},
        "number": pull.number,
        "state": issue.state,
        "locked": issue.locked,
        "title": issue.title,
        "user": account_json(world, issue.author),
        "body": issue.body,
        "created_at": moment(issue.created_at),
        "updated_at": moment(issue.updated_at),
        "closed_at": moment_or_none(issue.closed_at),
        "merged_at": moment_or_none(pull.merged_at),
        "merge_commit_sha": pull.merge_commit_sha,
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "requested_reviewers": [account_json(world, reviewer) for reviewer in pull.requested_reviewers],
        "requested_teams": [],
        "labels": [label_json(world, repository, label) for label in issue.labels],
        "milestone": None,
        "draft": pull.draft,
        "head": _side(world, pull.head_repository, pull.head_ref, pull.head_sha),
        "base": _side(world, repository, pull.base_ref, pull.base_sha),
        "_links": {name: {"href": link} for name, link in links.items()},
        "author_association": association(repository, issue.author),
        "auto_merge": None,
        "active_lock_reason": None,
    }


def pull_json(world: World, pull: Pull, *, in_webhook: bool = False) -> dict[str, Any]:
    """Schema `pull-request`; when a webhook is sent GitHub does not know yet whether it can be merged."""
    git = pull.repository.git
    changes = pull_changes(pull)
    mergeable: bool | None = None
    if pull.issue.state == "open" and not in_webhook and not pull.is_mergeability_unknown:
        mergeable = git.merged_tree(git.branch(pull.base_ref) or pull.base_sha, pull.head_sha) is not None
    states = {None: "unknown", True: "draft" if pull.draft else "clean", False: "dirty"}
    return {
        **simple_pull_json(world, pull),
        "merged": pull.merged_at is not None,
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": states[mergeable],
        "merged_by": account_json(world, pull.merged_by) if pull.merged_by else None,
        "comments": len(pull.issue.comments),
        "review_comments": sum(len(thread.comments) for thread in pull.threads),
        "maintainer_can_modify": pull.from_fork,
        "commits": git.distance(pull.base_sha, pull.head_sha)[0],
        "additions": sum(change.additions for change in changes),
        "deletions": sum(change.deletions for change in changes),
        "changed_files": len(changes),
    }


def pull_changes(pull: Pull) -> tuple[Change, ...]:
    """The files of a pull request: from the merge base to the head."""
    git = pull.repository.git
    base = git.merge_base(pull.base_sha, pull.head_sha)
    return git.changes(base or pull.base_sha, pull.head_sha)


def files_json(world: World, repository: Repository, sha: str, changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    """Schema `diff-entry`. Past 20,000 lines in one answer GitHub leaves out the patches without a word."""
    lines = 0
    found = []
    for change in changes:
        lines += change.additions + change.deletions
        found.append(_file_json(world, repository, sha, change, shown=lines <= MOST_LINES))
    return found


def _file_json(world: World, repository: Repository, sha: str, change: Change, *, shown: bool) -> dict[str, Any]:
    path = text_of(change.path)
    page = f"{world.addresses.html}/{repository.full_name}"
    url = f"{repository_url(world, repository)}/contents/{quote(path)}?ref={sha}"
    return {
        "sha": change.sha,
        "filename": path,
        "status": change.status,
        "additions": change.additions if shown else 0,
        "deletions": change.deletions if shown else 0,
        "changes": change.additions + change.deletions if shown else 0,
        "blob_url": f"{page}/blob/{sha}/{quote(path)}",
        "raw_url": f"{page}/raw/{sha}/{quote(path)}",
        "contents_url": url,
        **({"patch": change.patch} if shown and change.patch is not None else {}),
        **({"previous_filename": text_of(change.previous)} if change.previous is not None else {}),
    }


def review_json(world: World, review: Review) -> dict[str, Any]:
    """Schema `pull-request-review`."""
    url = pull_url(world, review.pull)
    html = f"{world.addresses.html}/{review.pull.repository.full_name}/pull/{review.pull.number}"
    html = f"{html}#pullrequestreview-{review.id}"
    return {
        "id": review.id,
        "node_id": f"PRR_kwDO{review.id}",
        "user": account_json(world, review.author),
        "body": review.body,
        "state": review.state,
        "html_url": html,
        "pull_request_url": url,
        "author_association": association(review.pull.repository, review.author),
        "_links": {"html": {"href": html}, "pull_request": {"href": url}},
        "submitted_at": moment_or_none(review.submitted_at) or moment(world.now()),
        "commit_id": review.commit_id,
    }


def review_comment_json(world: World, comment: ReviewComment) -> dict[str, Any]:
    """Schemas `pull-request-review-comment` and `review-comment`."""
    thread = comment.thread
    pull = thread.pull
    anchor = thread.anchor
    url = f"{repository_url(world, pull.repository)}/pulls/comments/{comment.id}"
    html = f"{world.addresses.html}/{pull.repository.full_name}/pull/{pull.number}#discussion_r{comment.id}"
    return {
        "url": url,
        "pull_request_review_id": comment.review.id,
        "id": comment.id,
        "node_id": f"PRRC_kwDO{comment.id}",
        "diff_hunk": thread.diff_hunk,
        "path": text_of(thread.path),
        "commit_id": thread.commit_id,
        "original_commit_id": thread.original_commit_id,
        "user": account_json(world, comment.author),
        "body": comment.body,
        "created_at": moment(comment.created_at),
        "updated_at": moment(comment.updated_at),
        "html_url": html,
        "pull_request_url": pull_url(world, pull),
        "author_association": association(pull.repository, comment.author),
        "_links": {
            "self": {"href": url},
            "html": {"href": html},
            "pull_request": {"href": pull_url(world, pull)},
        },
        "reactions": reactions_json(url, comment.reactions),
        "subject_type": anchor.subject_type,
        "original_position": thread.position,
        "position": None if thread.is_outdated else thread.position,
        "line": thread.line,
        "original_line": anchor.line,
        "side": anchor.side,
        "start_line": thread.start_line,
        "original_start_line": anchor.start_line,
        "start_side": anchor.start_side,
        **({"in_reply_to_id": comment.in_reply_to.id} if comment.in_reply_to else {}),
    }
