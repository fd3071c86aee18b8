"""A pull request of the repository's own, reviewed by the Action."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest

from bot.action import reviewing
from bot.decisions.checks import NAME
from bot.decisions.keys import check_key
from bot.decisions.venue import action
from bot.github.errors import Unavailable
from tests.bot.action.jobs import ALL, WRITE, workflow
from tests.bot.workflows.running import LEAK, MENDED
from tests.github import FakeGitHub, Fault
from tests.github.domain.checks import create_run
from tests.github.world import Actor

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.action.jobs import Workflow

LEAKS: Final = {"src/poll.js": LEAK}


def test_a_leak_has_a_comment_a_check_and_a_summary(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    done = jobs.on_pull_request(pull)
    assert done.code == 0, done.log
    (comment,) = pull.comments_by(jobs.app)
    assert "introduces 1 leak" in comment.body
    (check,) = jobs.repository.check_runs(pull.head_sha)
    assert (check.name, check.conclusion, check.status) == ("stanch", "neutral", "completed")
    assert done.outputs["conclusion"] == "neutral"
    assert (done.outputs["leaks"], done.outputs["fixable"]) == ("1", "1")
    assert "1 leak introduced" in done.summary
    assert done.result("report.json").startswith(b"{")
    assert len(pull.threads) == 1


def test_what_is_mended_is_told_in_the_same_comment(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": LEAK})
    jobs.on_pull_request(pull)
    pull.push({"src/poll.js": MENDED})
    done = jobs.on_pull_request(pull)
    (comment,) = pull.comments_by(jobs.app)
    assert "No leaks" in comment.body
    assert done.outputs["conclusion"] == "success"


@pytest.mark.parametrize(
    ("permissions", "comments", "checks", "annotations"),
    [
        (WRITE, 1, 1, 0),
        ({"contents": "read", "pull_requests": "write", "checks": "read"}, 1, 0, 0),
        ({"contents": "read", "pull_requests": "read", "checks": "write"}, 0, 1, 0),
        ({"contents": "read", "checks": "write"}, 0, 1, 0),
        ({"contents": "read", "pull_requests": "write"}, 1, 0, 0),
        ({"contents": "read"}, 0, 0, 1),
    ],
)
def test_each_permission_is_used_as_far_as_it_goes(
    jobs: Workflow, permissions: dict[str, str], comments: int, checks: int, annotations: int
) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull, permissions)
    assert done.code == 0, done.log
    assert len(pull.comments_by(jobs.app)) == comments
    assert len(jobs.repository.check_runs(pull.head_sha)) == checks
    assert len(done.annotations) == annotations
    assert done.outputs["leaks"] == "1"
    if comments and not checks:
        assert "the job's token does not grant `checks: write`" in pull.comments_by(jobs.app)[0].body
    if checks and not comments:
        assert "does not grant `pull-requests: write`" in done.summary


def test_without_a_right_to_read_nothing_is_scanned_and_nothing_blocked(jobs: Workflow) -> None:
    jobs.repository.make_private()
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull, {"issues": "read"})
    assert (done.code, done.outputs["conclusion"]) == (0, "neutral")
    assert "contents: read" in done.log


def test_ten_pushes_have_one_comment(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    jobs.on_pull_request(pull)
    for number in range(9):
        pull.push({"src/other.js": f"export const n = {number};\n"})
        jobs.on_pull_request(pull)
    (comment,) = pull.comments_by(jobs.app)
    assert pull.head_sha[:7] in comment.body


def test_the_same_commit_again_changes_no_comment(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    jobs.on_pull_request(pull)
    jobs.on_pull_request(pull)
    (comment,) = pull.comments_by(jobs.app)
    assert comment.edits == 0
    assert len(pull.threads) == 1


def test_a_clean_pull_request_has_no_comment(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": MENDED})
    done = jobs.on_pull_request(pull)
    assert pull.comments_by(jobs.app) == []
    assert done.outputs["conclusion"] == "success"


@pytest.mark.parametrize(
    ("configured", "given", "conclusion"),
    [
        ("none", "", "neutral"),
        ("leak", "", "failure"),
        ("leak", "none", "neutral"),
        ("none", "leak", "failure"),
        ("none", "shutdown", "failure"),
    ],
)
def test_the_gate_is_that_of_the_base_unless_the_workflow_names_one(
    jobs: Workflow, configured: str, given: str, conclusion: str
) -> None:
    jobs.repository.push({".github/stanch.yml": f"version: 1\ngate:\n  fail-on: {configured}\n"})
    head = {
        **LEAKS,
        ".github/stanch.yml": "version: 1\ngate:\n  fail-on: none\nignore:\n- paths: ['**']\n  reason: x\n",
    }
    pull = jobs.repository.open_pull_request("alice", files=head)
    done = jobs.on_pull_request(pull, fail_on=given)
    assert (done.code, done.outputs["conclusion"]) == (0, conclusion)
    assert jobs.repository.check_runs(pull.head_sha)[0].conclusion == conclusion


def test_the_app_is_left_alone(jobs: Workflow, github: FakeGitHub) -> None:
    """Only summary, files and outputs, where the App's check is on the commit."""
    app = github.register_app({"checks": "write"}, slug="stanch-review")
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    app.install(jobs.repository)
    with github.world.lock:
        key = check_key(NAME, pull.head_sha)
        body = {"name": NAME, "head_sha": pull.head_sha, "status": "in_progress", "external_id": key}
        create_run(github.world, jobs.repository.repository, app.app, Actor(app.account, app.app), body)
        # GitHub's own, of the job.
        body = {**body, "external_id": "5a1c0a3e-job"}
        create_run(github.world, jobs.repository.repository, jobs.app, Actor(jobs.app.bot, jobs.app), body)
    done = jobs.on_pull_request(pull)
    found = [(run.app.slug, run.status) for run in jobs.repository.check_runs(pull.head_sha)]
    assert sorted(found) == [("github-actions", "in_progress"), ("stanch-review", "in_progress")]
    assert (pull.comments, pull.threads) == ([], [])
    assert (done.outputs["conclusion"], done.outputs["leaks"]) == ("neutral", "1")
    assert "The App of Stanch reviews this pull request too" in done.summary
    assert done.result("report.json")


def test_the_checks_of_jobs_are_not_ours(jobs: Workflow, github: FakeGitHub) -> None:
    """GitHub makes a check run of each job, in the name of the same App, which nobody else can change."""
    pull, queued = (
        jobs.repository.open_pull_request("bob", name, files={f"{name}.js": LEAK}, fork=True) for name in ("one", "two")
    )
    with github.world.lock:
        for head in (pull.head_sha, queued.head_sha):
            body = {"name": NAME, "head_sha": head, "external_id": "5a1c0a3e-job", "status": "completed"}
            body["conclusion"] = "success"
            create_run(github.world, jobs.repository.repository, jobs.app, Actor(jobs.app.bot, jobs.app), body)
    before = [(run.id, run.status, run.conclusion) for run in jobs.repository.check_runs(pull.head_sha)]
    done = jobs.on_queue(f"gh-readonly-queue/main/pr-{queued.number}-{'0' * 40}", queued.head_sha)
    assert done.outputs["conclusion"] == "neutral"
    jobs.on_workflow_run(pull.head_sha)
    runs = jobs.repository.check_runs(pull.head_sha)
    assert [(run.id, run.status, run.conclusion) for run in runs if run.external_id.endswith("-job")] == before
    assert len(pull.comments_by(jobs.app)) == 1
    assert {run.conclusion for run in runs if run.external_id.startswith("action/")} == {"neutral"}


def test_a_job_with_the_token_of_another_app_is_not_the_app_of_stanch(jobs: Workflow, github: FakeGitHub) -> None:
    other = github.register_app({"checks": "write"}, slug="other")
    other.install(jobs.repository)
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    with github.world.lock:
        body = {"name": NAME, "head_sha": pull.head_sha, "status": "in_progress"}
        body["external_id"] = action().check_key(NAME, pull.head_sha)
        create_run(github.world, jobs.repository.repository, other.app, Actor(other.account, other.app), body)
    jobs.on_pull_request(pull)
    assert len(pull.comments_by(jobs.app)) == 1


def test_a_place_where_nothing_is_says_so(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull, paths="source")
    assert done.outputs["conclusion"] == "neutral"
    assert "nothing to scan below `source`" in done.summary


def test_an_error_of_our_own_blocks_nobody(jobs: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("##[error]no space")

    monkeypatch.setattr(reviewing, "judge", broken)
    done = jobs.on_pull_request(jobs.repository.open_pull_request("alice", files=LEAKS))
    assert (done.code, done.outputs["conclusion"]) == (0, "neutral")
    assert "an error of its own (OSError)" in done.summary
    assert "no space" in done.log
    # A runner would obey that anywhere in a line.
    assert "##[" not in done.log


def test_somebody_elses_check_of_the_name_is_not_the_apps(jobs: Workflow, github: FakeGitHub) -> None:
    other = github.register_app({"checks": "write"}, slug="other")
    other.install(jobs.repository)
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    with github.world.lock:
        body = {"name": NAME, "head_sha": pull.head_sha, "status": "in_progress", "external_id": "7"}
        create_run(github.world, jobs.repository.repository, other.app, Actor(other.account, other.app), body)
    jobs.on_pull_request(pull)
    assert len(pull.comments_by(jobs.app)) == 1


def test_a_marker_that_somebody_else_has_written_is_not_ours(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    pull.comment("bob", "<!-- stanch:v1 key=pull/1/review -->\n\nNo leaks")
    jobs.on_pull_request(pull)
    assert len(pull.comments_by(jobs.app)) == 1
    assert pull.comments[0].edits == 0


def test_jobs_of_a_monorepo_are_kept_apart(jobs: Workflow) -> None:
    files = {f"packages/{name}/poll.js": LEAK.replace("Poller", name.upper()) for name in "ab"}
    pull = jobs.repository.open_pull_request("alice", files=files)
    for name in "ab":
        done = jobs.on_pull_request(pull, paths=f"packages/{name}", key=name)
        assert done.outputs["leaks"] == "1"
        category = json.loads(done.result("report.sarif"))["runs"][0]["automationDetails"]["id"]
        assert category == f"stanch/packages/{name}/{name}/"
    comments = pull.comments_by(jobs.app)
    assert [f"packages/{name}/poll.js" in comment.body for comment, name in zip(comments, "ab", strict=True)] == [
        True
    ] * 2
    assert sorted(run.name for run in jobs.repository.check_runs(pull.head_sha)) == ["stanch a", "stanch b"]
    assert sorted(thread.path for thread in pull.threads) == sorted(files)
    pull.push({"packages/a/poll.js": MENDED})
    for name in "ab":
        jobs.on_pull_request(pull, paths=f"packages/{name}", key=name)
    assert ["No leaks" in comment.body for comment in pull.comments_by(jobs.app)] == [True, False]
    told = {thread.path: "done" in thread.comments[0].body for thread in pull.threads}
    assert told == {"packages/a/poll.js": True, "packages/b/poll.js": False}


def test_no_comment_where_the_workflow_wants_none(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull, comment="false")
    assert (pull.comments, pull.threads) == ([], [])
    assert "input `comment`" in done.summary
    assert jobs.repository.check_runs(pull.head_sha)[0].conclusion == "neutral"


def test_a_push_meanwhile_makes_the_result_stale(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    variables = jobs.variables("pull_request", jobs.payload(pull))
    pull.push({"src/poll.js": MENDED})
    done = jobs.run(variables)
    assert done.outputs["conclusion"] == "skipped"
    assert pull.comments_by(jobs.app) == []


def test_a_job_that_is_ended_ends_its_check(jobs: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reviewing, "judge", interrupted)
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    with pytest.raises(KeyboardInterrupt):
        jobs.on_pull_request(pull)
    (check,) = jobs.repository.check_runs(pull.head_sha)
    assert (check.status, check.conclusion) == ("completed", "neutral")


def test_a_check_that_a_killed_job_left_is_ended_by_the_next_one(jobs: Workflow, github: FakeGitHub) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    with github.world.lock:
        body = {"name": NAME, "head_sha": pull.head_sha, "status": "in_progress"}
        body["external_id"] = action().check_key(NAME, pull.head_sha)
        create_run(github.world, jobs.repository.repository, jobs.app, Actor(jobs.app.bot, jobs.app), body)
    jobs.on_pull_request(pull)
    (check,) = jobs.repository.check_runs(pull.head_sha)
    assert check.status == "completed"


def test_github_is_away(jobs: Workflow, github: FakeGitHub) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    variables = jobs.variables("pull_request", jobs.payload(pull))
    github.faults.add("POST", "/repos/*/issues/*/comments", Fault.ERROR_AFTER)
    done = jobs.run(variables)
    assert done.code == 0
    assert len(pull.comments_by(jobs.app)) == 1


def test_a_token_that_github_does_not_take_is_told(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull, token="ghs_" + "x" * 36)
    assert (done.code, done.outputs["conclusion"]) == (0, "neutral")
    assert "credentials" in done.log


def test_an_enterprise_server(tmp_path: Path) -> None:
    with FakeGitHub(tmp_path / "github", enterprise=True) as github:
        made = github.create_repository("octo/app", files={"src/poll.js": "export {};\n"})
        made.set_role("alice", "write")
        jobs = workflow(github, made, tmp_path / "jobs")
        pull = made.open_pull_request("alice", files=LEAKS)
        assert jobs.on_pull_request(pull).outputs["leaks"] == "1"
        assert len(pull.comments_by(jobs.app)) == 1


def test_a_rate_limit_ends_the_check_with_its_reason(jobs: Workflow, monkeypatch: pytest.MonkeyPatch) -> None:
    def limited(*_: object) -> None:
        raise Unavailable("GitHub is away.", maybe_done=False)

    monkeypatch.setattr(reviewing, "judge", limited)
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done = jobs.on_pull_request(pull)
    (check,) = jobs.repository.check_runs(pull.head_sha)
    assert (check.status, check.conclusion) == ("completed", "neutral")
    assert "GitHub is away" in (check.summary or "")
    assert (done.code, done.outputs["conclusion"]) == (0, "neutral")


def test_the_token_of_an_app_writes_in_its_name(jobs: Workflow, github: FakeGitHub) -> None:
    app = github.register_app(ALL, slug="our-bot")
    token = app.install(jobs.repository).token()
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    for _ in range(2):
        jobs.on_pull_request(pull, token=token)
    assert len(pull.comments_by(app.app)) == 1
    assert pull.comments_by(jobs.app) == []
