"""PyGithub, the library under the bot's client, driven against the fake on its common paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import github as pygithub
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from github.Repository import Repository

    from tests.github.conftest import Site

OPTIONS: dict[str, Any] = {
    "api_version": "2022-11-28",
    "seconds_between_requests": 0,
    "seconds_between_writes": 0,
    "retry": None,
}


@pytest.fixture
def remote(site: Site) -> Iterator[Repository]:
    auth = pygithub.Auth.AppAuth(site.app.id, site.app.private_key).get_installation_auth(
        site.installation.id, {"checks": "write", "contents": "write", "issues": "write", "pull_requests": "write"}
    )
    with pygithub.Github(auth=auth, base_url=site.github.api_url, **OPTIONS) as client:
        yield client.get_repo("octo/app")


def test_the_app(site: Site) -> None:
    auth = pygithub.Auth.AppAuth(site.app.id, site.app.private_key)
    with pygithub.GithubIntegration(auth=auth, base_url=site.github.api_url, **OPTIONS) as integration:
        assert integration.get_app().slug == "stanch-review"
        (installation,) = integration.get_installations()
        assert installation.id == integration.get_repo_installation("octo", "app").id
        assert [one.full_name for one in installation.get_repos()] == ["octo/app"]


def test_a_pull_request(site: Site, remote: Repository) -> None:
    opened = site.pull()
    pull = remote.get_pull(1)
    assert (pull.head.sha, pull.mergeable, pull.changed_files, pull.commits) == (opened.head_sha, True, 2, 1)
    assert [file.filename for file in pull.get_files()] == ["new.py", "poll.ts"]
    assert [commit.sha for commit in pull.get_commits()] == [opened.head_sha]
    assert [one.number for one in remote.get_pulls(state="open", base="main")] == [1]
    assert [one.number for one in remote.get_commit(opened.head_sha).get_pulls()] == [1]
    compared = remote.compare("main", opened.head_sha)
    assert (compared.status, compared.merge_base_commit.sha) == ("ahead", site.repository.head())


def test_a_conversation(site: Site, remote: Repository) -> None:
    opened = site.pull()
    pull = remote.get_pull(1)
    comment = pull.create_issue_comment("first")
    comment.edit("second")
    comment.create_reaction("rocket")
    assert comment.minimize("OUTDATED")
    (stored,) = opened.comments
    assert (stored.body, stored.app, stored.minimized) == ("second", site.app.app, "outdated")
    assert [reaction.content for reaction in comment.get_reactions()] == ["rocket"]
    assert [one.user.login for one in pull.get_issue_comments()] == ["stanch-review[bot]"]
    pull.add_to_labels("leak")
    assert opened.labels == ["leak"]
    comment.delete()
    assert opened.comments == []


def test_a_review(site: Site, remote: Repository) -> None:
    opened = site.pull()
    pull = remote.get_pull(1)
    commit = remote.get_commit(opened.head_sha)
    pull.create_review(
        commit=commit, event="COMMENT", comments=[{"path": "poll.ts", "line": 21, "start_line": 20, "body": "leak"}]
    )
    (comment,) = pull.get_review_comments()
    assert (comment.path, comment.line, comment.start_line, comment.side) == ("poll.ts", 21, 20, "RIGHT")
    assert comment.diff_hunk.endswith("+new\n+newer")
    comment.edit("a leak")
    pull.create_review_comment_reply(comment.id, "still")
    comment.create_reaction("eyes")
    (thread,) = opened.threads
    assert [one.body for one in thread.comments] == ["a leak", "still"]
    with pytest.raises(pygithub.GithubException) as raised:
        pull.create_review(commit=commit, event="COMMENT", comments=[{"path": "poll.ts", "line": 1, "body": "x"}])
    assert raised.value.status == 422
    assert [review.state for review in pull.get_reviews()] == ["COMMENTED", "COMMENTED"]


def test_a_check(site: Site, remote: Repository) -> None:
    head = site.pull().head_sha
    run = remote.create_check_run("stanch", head, status="in_progress", external_id="key")
    annotation = {"path": "a", "start_line": 1, "end_line": 1, "annotation_level": "warning", "message": "m"}
    output = {"title": "t", "summary": "s", "annotations": [annotation]}
    actions = [{"label": "Rescan", "description": "Scan again", "identifier": "rescan"}]
    run.edit(status="completed", conclusion="neutral", output=output, actions=actions)
    (found,) = remote.get_commit(head).get_check_runs(check_name="stanch")
    assert (found.external_id, found.conclusion, found.output.annotations_count) == ("key", "neutral", 1)
    assert [one.message for one in found.get_annotations()] == ["m"]
    assert [suite.conclusion for suite in remote.get_commit(head).get_check_suites()] == ["neutral"]


def test_a_commit_and_its_pull_request(site: Site, remote: Repository) -> None:
    head = remote.get_git_commit(remote.get_branch("main").commit.sha)
    element = pygithub.InputGitTreeElement("fix/new.txt", "100644", "blob", content="fixed\n")
    tree = remote.create_git_tree([element], head.tree)
    commit = remote.create_git_commit("Fix", tree, [head])
    ref = remote.create_git_ref("refs/heads/stanch/fix", commit.sha)
    pull = remote.create_pull(base="main", head="stanch/fix", title="Fix", body="b", draft=True)
    site.repository.set_role("alice", "write")
    pull.create_review_request(["alice"])
    pull.edit(title="Fix a leak", state="closed")
    assert site.repository.pull(pull.number).title == "Fix a leak"
    assert [file.filename for file in pull.get_files()] == ["fix/new.txt"]
    assert remote.get_contents("fix/new.txt", ref="stanch/fix").decoded_content == b"fixed\n"  # type: ignore[union-attr]
    ref.delete()
    with pytest.raises(pygithub.UnknownObjectException):
        remote.get_git_ref("heads/stanch/fix")


def test_an_issue(site: Site, remote: Repository) -> None:
    issue = remote.create_issue("Leaks", "- [ ] one", labels=["stanch"])
    issue.edit(body="- [x] one", state="closed", state_reason="completed")
    assert [one.number for one in remote.get_issues(state="all", labels=["stanch"])] == [issue.number]
    assert site.repository.issue(issue.number).body == "- [x] one"


def test_people(site: Site, remote: Repository) -> None:
    site.repository.set_role("carol", "triage", custom="helper")
    assert remote.get_collaborator_permission("carol") == "read"
    assert remote.get_collaborator_role_name("carol") == "helper"


def test_a_moved_repository(site: Site, remote: Repository) -> None:
    site.pull()
    site.repository.rename("application")
    assert remote.get_pull(1).base.repo.full_name == "octo/application"
