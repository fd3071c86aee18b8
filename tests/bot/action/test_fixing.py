"""`fix: true` on the default branch: the pull requests that a job opens, and those that it never opens again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.fix_marks import marked_body, record_of
from bot.decisions.fixing_state import FixRecord, Purpose, Standing
from bot.github.models import Account, BranchTip, PullRequest
from tests.bot.workflows.running import LEAK
from tests.github import Fault

if TYPE_CHECKING:
    from tests.bot.action.jobs import Done, Workflow
    from tests.github import FakeGitHub, PullHandle

FIX: Final = {"contents": "write", "pull_requests": "write", "checks": "write"}
CONFIGURED: Final = {".github/stanch.yml": "version: 1\nfix:\n  per-hour: 2\n"}
LEAKS: Final = {f"packages/{name}/poll.js": LEAK.replace("Poller", name.upper()) for name in "abc"}
PACKAGES: Final = {f"packages/{name}/package.json": "{}\n" for name in "abc"}


def scan(jobs: Workflow, permissions: dict[str, str] = FIX) -> Done:
    done = jobs.on_branch("push", jobs.repository.head(), permissions=permissions, fix="true")
    assert done.code == 0, done.log
    return done


def opened(jobs: Workflow) -> list[PullHandle]:
    return [pull for pull in jobs.repository.pulls if pull.issue.app is jobs.app]


def test_consent_is_asked_for_first(jobs: Workflow) -> None:
    jobs.repository.push(LEAKS)
    scan(jobs)
    scan(jobs)
    (pull,) = opened(jobs)
    assert (pull.title, pull.head_ref) == ("Configure Stanch", "stanch/configure")
    pull.close()
    scan(jobs)
    assert len(opened(jobs)) == 1


def test_as_many_as_the_configuration_allows(jobs: Workflow) -> None:
    jobs.repository.push({**CONFIGURED, **LEAKS, **PACKAGES})
    done = scan(jobs)
    pulls = opened(jobs)
    assert len(pulls) == 2
    assert "GitHub starts no workflow" in done.log
    assert "1 more group waits" in done.summary
    assert "clearInterval(this.timer)" in jobs.repository.git("show", f"{pulls[0].head_sha}:packages/a/poll.js")
    scan(jobs)
    assert len(opened(jobs)) == 2


def test_what_was_closed_is_never_proposed_again(jobs: Workflow, github: FakeGitHub) -> None:
    jobs.repository.push({**CONFIGURED, "poll.js": LEAK})
    scan(jobs)
    (pull,) = opened(jobs)
    pull.close()
    jobs.repository.delete_branch(pull.head_ref)
    jobs.repository.push({"other.js": "export {};\n"})
    done = scan(jobs)
    assert len(opened(jobs)) == 1
    assert "nothing that may be fixed" in done.log


def test_what_another_account_says_of_itself_is_not_believed(jobs: Workflow) -> None:
    jobs.repository.push({**CONFIGURED, "poll.js": LEAK})
    scan(jobs)
    (pull,) = opened(jobs)
    body = pull.body or ""
    pull.edit(body="")
    jobs.repository.push({"poll.js": LEAK + "\n"})
    jobs.repository.open_pull_request("bob", "mine", files={"x.js": "1;\n"}, body=body).close()
    assert "stanch/timer" in pull.head_ref
    done = scan(jobs)
    assert "is there, but no pull request of ours" in done.log


def test_what_github_does_not_let_a_job_open_leaves_no_branch(jobs: Workflow, github: FakeGitHub) -> None:
    jobs.repository.push({**CONFIGURED, "poll.js": LEAK})
    github.faults.add("POST", "/repos/*/pulls", Fault.UNPROCESSABLE)
    done = scan(jobs)
    assert "Allow GitHub Actions to create and approve pull requests" in done.log
    assert "stanch/" not in jobs.repository.git("for-each-ref", "refs/heads")


def test_without_the_permission_it_says_so(jobs: Workflow) -> None:
    jobs.repository.push({**CONFIGURED, "poll.js": LEAK})
    done = scan(jobs, {"contents": "read", "pull_requests": "write", "checks": "write"})
    assert "contents: write" in done.log
    assert opened(jobs) == []


@given(
    rule=st.from_regex(r"[a-z]{3,9}/[a-z]{3,9}(-[a-z]{2,9}){0,3}", fullmatch=True),
    package=st.text(st.characters(codec="utf-8"), max_size=40),
    fingerprints=st.lists(st.from_regex(r"[0-9a-f]{12}", fullmatch=True), min_size=1, max_size=30).map(tuple),
)
def test_what_a_pull_request_says_of_itself_is_read_again(
    rule: str, package: str, fingerprints: tuple[str, ...]
) -> None:
    record = FixRecord(branch="stanch/x", purpose=Purpose.FIX, rule=rule, package=package, fingerprints=fingerprints)
    tip = BranchTip("stanch/x", "a" * 40, 1)
    body = marked_body(record, "text")
    found = record_of(PullRequest(7, "", Account(1, "a"), tip, tip, is_open=True, body=body))
    assert found is not None
    assert (found.rule, found.package, found.fingerprints) == (rule, package, fingerprints)
    assert (found.number, found.standing) == (7, Standing.OPEN)


@given(st.text())
def test_any_body_can_be_read(body: str) -> None:
    tip = BranchTip("x", "a" * 40, 1)
    record_of(PullRequest(7, "", Account(1, "a"), tip, tip, is_open=True, body=f"<!-- stanch:v1 fixes={body} -->\n"))
