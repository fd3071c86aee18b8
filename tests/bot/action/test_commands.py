"""`/perf-scan` in a workflow on `issue_comment`: who may, what is answered, and what is done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.bot.workflows.running import LEAK, MENDED

if TYPE_CHECKING:
    from tests.bot.action.jobs import Done, Workflow
    from tests.github import PullHandle

LEAKS: Final = {"src/poll.js": LEAK}
FIX: Final = {"contents": "write", "pull_requests": "write", "checks": "write"}


def said(jobs: Workflow, pull: PullHandle) -> list[str]:
    """Our answers."""
    return [comment.body for comment in pull.comments_by(jobs.app) if "key=re" in comment.body.partition("\n")[0]]


def ask(jobs: Workflow, pull: PullHandle, text: str, by: str = "alice", **inputs: str) -> tuple[Done, list[str]]:
    """Writes a comment; returns its job, and the reactions to it."""
    comment = pull.comment(by, text)
    done = jobs.on_comment(pull, comment, FIX, **inputs)
    assert done.code == 0, done.log
    return done, [reaction.content for reaction in comment.reactions]


def finding(jobs: Workflow, pull: PullHandle) -> str:
    """The id of what a pull request leaks."""
    jobs.on_pull_request(pull)
    return pull.threads[0].comments[0].body.partition("=")[2].partition(" ")[0]


@pytest.mark.parametrize(
    ("text", "by", "reactions", "answer"),
    [
        ("/perf-scan", "alice", ["eyes", "rocket"], "was scanned again: 1 leak introduced"),
        ("/perf-scan full", "alice", ["eyes", "rocket"], "was scanned again"),
        ("/perf-scan help", "carol", ["eyes", "rocket"], "| command | what it does | who may |"),
        ("/perf-scan config", "carol", ["eyes", "rocket"], "fail-on: none"),
        ("/perf-scan budget", "carol", ["eyes", "rocket"], "No budget was measured"),
        ("/perf-scan hlep", "alice", ["eyes", "confused"], "Did you mean `/perf-scan help`?"),
        ("/perf-scan", "carol", ["confused"], "needs triage access"),
        ("/perf-scan fix", "carol", ["confused"], "needs write access"),
        ("/perf-scan pause", "alice", ["eyes", "rocket"], "comment:\n  enabled: false"),
        ("/perf-scan resume", "alice", ["eyes", "rocket"], "Take `enabled: false` out"),
        ("/perf-scan unignore abcdef012345", "alice", ["eyes", "rocket"], "out of `ignore`"),
        ("/perf-scan fix", "alice", ["eyes", "confused"], "does not say `fix: true`"),
    ],
)
def test_a_command(jobs: Workflow, text: str, by: str, reactions: list[str], answer: str) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    _, seen = ask(jobs, pull, text, by)
    assert seen == reactions
    (body,) = said(jobs, pull)
    assert answer in body


@pytest.mark.parametrize("text", ["Nice work", "> /perf-scan", "`/perf-scan`", "See /perf-scan", "    /perf-scan"])
def test_no_command(jobs: Workflow, text: str) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    done, reactions = ask(jobs, pull, text)
    assert (reactions, pull.comments_by(jobs.app)) == ([], [])
    assert done.outputs["conclusion"] == "skipped"


def test_the_author_of_a_fork_may_have_it_scanned_again(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("bob", files=LEAKS, fork=True)
    _, reactions = ask(jobs, pull, "/perf-scan", "bob")
    assert reactions == ["eyes", "rocket"]


def test_to_ignore_is_answered_with_what_the_configuration_needs(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    name = finding(jobs, pull)
    ask(jobs, pull, f'/perf-scan ignore {name} It "ends": with @everyone')
    (body,) = said(jobs, pull)
    fingerprint = name.partition(".")[0]
    assert f'ignore:\n- fingerprints: ["{fingerprint}"]\n  reason: "It \\"ends\\": with @everyone"\n' in body
    lines = body.partition("```yaml\n")[2].partition("```")[0]
    jobs.repository.push({".github/stanch.yml": f"version: 1\n{lines}"})
    pull.rebase()
    assert jobs.on_pull_request(pull).outputs["leaks"] == "0"


def test_to_explain(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    ask(jobs, pull, f"/perf-scan explain {finding(jobs, pull)}", "carol")
    assert "Poller.stop()" in said(jobs, pull)[0]


def test_to_fix_pushes_one_commit(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files=LEAKS)
    before = pull.head_sha
    _, reactions = ask(jobs, pull, "/perf-scan fix", fix="true")
    assert reactions == ["eyes", "rocket"]
    assert jobs.repository.git("rev-parse", f"{pull.head_sha}^") == before
    assert "clearInterval(this.timer)" in jobs.repository.git("show", f"{pull.head_sha}:src/poll.js")
    (body,) = said(jobs, pull)
    assert f"Pushed {pull.head_sha} with 1 safe fix" in body
    assert "GitHub starts no workflow" in body


def test_nothing_is_pushed_to_a_fork(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("bob", files=LEAKS, fork=True)
    before = pull.head_sha
    ask(jobs, pull, "/perf-scan fix", fix="true")
    assert pull.head_sha == before
    assert "Nothing was pushed" in said(jobs, pull)[0]


def test_an_issue_is_not_answered(jobs: Workflow) -> None:
    issue = jobs.repository.open_issue("alice", "Leak")
    comment = issue.comment("alice", "/perf-scan")
    done = jobs.on_comment(issue, comment, FIX)
    assert done.outputs["conclusion"] == "skipped"
    assert issue.comments_by(jobs.app) == []


def test_the_same_event_twice_has_one_answer(jobs: Workflow) -> None:
    pull = jobs.repository.open_pull_request("alice", files={"src/poll.js": MENDED})
    comment = pull.comment("alice", "/perf-scan help")
    for _ in range(2):
        jobs.on_comment(pull, comment, FIX)
    assert len(said(jobs, pull)) == 1
