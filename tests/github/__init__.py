"""A GitHub to test against: stateful, with real git repositories behind it, its rules enforced, and faults on demand.

    from tests.github import FakeGitHub, Fault

    with FakeGitHub(tmp_path / "github") as github:
        app = github.register_app({"pull_requests": "write", "checks": "write"}, ["pull_request"], webhook_url)
        repository = github.create_repository("octo/app", files={"src/poll.ts": "export {}\\n"})
        app.install(repository)
        repository.set_role("alice", "write")
        pull = repository.open_pull_request("alice", "feature", files={"src/poll.ts": "setInterval(poll, 9)\\n"})
        command = pull.comment("alice", "/perf-scan")
        github.faults.add("POST", "/repos/*/issues/*/comments", Fault.ERROR_AFTER)
        ...  # run what is tested: it is given github.api_url and app.credentials
        github.settle()
        assert len(pull.comments_by(app.app)) == 1
        assert repository.check_runs(pull.head_sha)[0].conclusion == "neutral"
        assert [reaction.content for reaction in command.reactions] == ["eyes", "rocket"]
        assert github.count("POST", "/repos/octo/app/issues/1/comments", status=201) == 1

Every request and every answer is held against GitHub's OpenAPI description. A request that GitHub would not understand
is answered 422 and noted in `github.violations`; leaving the context manager raises if there are any.

`state` is what it remembers, `domain` what can happen, `rest` and `graphql` the two APIs, `git_http` the git server,
`deliveries` the webhooks, `faults` and `limits` what goes wrong, `control` what tests do.
"""

from tests.github.control.apps import AppHandle, InstallationHandle
from tests.github.control.conversations import CommentHandle, IssueHandle, PullHandle
from tests.github.control.repositories import RepositoryHandle
from tests.github.fake import FakeGitHub
from tests.github.faults import Fault

__all__ = [
    "AppHandle",
    "CommentHandle",
    "FakeGitHub",
    "Fault",
    "InstallationHandle",
    "IssueHandle",
    "PullHandle",
    "RepositoryHandle",
]
