"""States made by hand, for tests of decisions: a pull request of the sample code, and what GitHub shows of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from bot.config import Config, Fault, load
from bot.config.budgets import Metric
from bot.decisions.actions import CreateComment, CreateReview, EditComment, FinishCheck, Refused, StartCheck
from bot.decisions.budgets import Budgets, Environment, Precision, Result, Site, State, Unit
from bot.decisions.markers import marker
from bot.decisions.state import CommandState, Ignored, ReviewState, Written
from bot.github.models import (
    Access,
    Account,
    AppIdentity,
    BranchTip,
    CheckRunState,
    IssueComment,
    PullRequest,
    ReviewThread,
)
from bot.judged import Judged, Proposal
from tests.bot.reports.samples import SOURCES, fix_diffs, make_report

if TYPE_CHECKING:
    from bot.decisions.actions import Action
    from bot.reports.report import Report
    from fixers.findings import Finding

HEAD = "5f0c1d2e3b4a59687706f5e4d3c2b1a09f8e7d6c"
NEWER = "a1b2c3d4e5f60718293a4b5c6d7e8f9001122334"
BASE = "9fceb02d0ae598e95dc970b74767f19372d61af8"
HTML_URL = "https://git.example/acme/chat"
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
APP = AppIdentity(app_id=7, slug="stanch-review")
ALICE = Account(1, "alice")
BOB = Account(2, "bob")
ROBOT = Account(9, "renovate[bot]", is_bot=True)
PERMISSIONS = {"checks": "write", "pull_requests": "write", "contents": "read", "issues": "read"}
PULL = PullRequest(
    number=12,
    title="Show who is present",
    author=ALICE,
    head=BranchTip("feature", HEAD, 100),
    base=BranchTip("main", BASE, 100),
    is_open=True,
)
EVERY_LINE = {path: frozenset(range(1, text.count("\n") + 1)) for path, text in SOURCES.items()}
LINES = {path: dict(enumerate(text.split("\n"), start=1)) for path, text in SOURCES.items()}


def nowhere(*findings: Finding) -> Refused:
    """GitHub takes comments on these findings on no line and no file."""
    ids = frozenset(finding.id for finding in findings)
    return Refused(lines=ids, files=ids)


def judged(*findings: Finding, report: Report | None = None, config: Config | None = None, **changes: Any) -> Judged:
    """What the sample code gives with these findings; `changes` are fields of it."""
    made = Judged(
        head=HEAD,
        base=BASE,
        effective=(config or Config()).canonical(),
        faults=(),
        proposal=None,
        report=report or make_report(findings, resolved=(), skipped=(), complete=True),
        diffs={key: diff.encode() for key, diff in fix_diffs().items()},
        refused={},
        added=EVERY_LINE,
        lines=LINES,
        sarif=b"{}",
        html=b"",
        before_after="",
    )
    return msgspec.structs.replace(made, **changes)


def review_state(*findings: Finding, **changes: Any) -> ReviewState:
    """A pull request that was scanned, with a check in progress; `changes` are fields of it."""
    given = {"judged": judged(*findings), "checks": (check_run(),), "html_url": HTML_URL, **changes}
    return ReviewState(**{"pull_request": PULL, "head": HEAD, "app": APP, "permissions": PERMISSIONS, **given})


def check_run(**changes: Any) -> CheckRunState:
    """Our check on the head, in progress."""
    made = CheckRunState(
        id=500,
        name="stanch",
        head_sha=HEAD,
        status="in_progress",
        conclusion=None,
        external_id=f"check/stanch/{HEAD}/1",
        app_id=APP.app_id,
    )
    return replace(made, **changes)


def own_comment(body: str, number: int = 900, app_id: int | None = APP.app_id) -> IssueComment:
    """A comment of ours, unless another App is named."""
    return IssueComment(number, Account(77, APP.login, is_bot=True), app_id, body, NOON)


def thread(finding: Finding, number: int = 1, **changes: Any) -> ReviewThread:
    """An open thread of ours on a finding."""
    body = f"{marker('id', finding.id)}\n\n**{finding.message}**\n\n<sub>`{finding.rule}` · ID `{finding.id}`</sub>\n"
    made = ReviewThread(
        node_id=f"T{number}",
        comment_id=1000 + number,
        path=finding.path,
        line=finding.line,
        body=body,
        is_resolved=False,
        is_outdated=False,
        is_answered=False,
    )
    return replace(made, **changes)


def published(state: ReviewState, actions: tuple[Action, ...]) -> ReviewState:
    """The state as it is read again once the actions were carried out by a GitHub that does what it is told."""
    for action in actions:
        match action:
            case StartCheck(key=key, name=name, head_sha=sha):
                started = check_run(id=501 + len(state.checks), name=name, head_sha=sha, external_id=key)
                state = replace(state, checks=(*state.checks, started))
            case FinishCheck(key=key, check_id=check_id, head_sha=sha, check=check):
                before = next((item for item in state.checks if item.id == check_id), None)
                done = check_run(
                    id=check_id or 600,
                    name=check.name,
                    head_sha=sha,
                    external_id=key,
                    status="completed",
                    conclusion=check.conclusion,
                    title=check.output.title,
                    summary=check.output.summary.rstrip("\n").replace("\n", "\r\n"),
                    annotations=len(check.output.annotations) + (before.annotations if before else 0),
                )
                others = tuple(item for item in state.checks if item.id != done.id)
                state = replace(state, checks=(*others, done))
            case CreateComment(body=body):
                written = own_comment(body.rstrip(), 900 + len(state.comments))
                state = replace(state, comments=(*state.comments, written))
            case CreateReview(comments=comments):
                begun = tuple(
                    ReviewThread(f"N{at}", 2000 + at, item.path, item.line, item.body, False, False, False)
                    for at, item in enumerate(comments)
                )
                state = replace(state, threads=(*state.threads, *begun))
            case _:
                raise AssertionError(action)
    return state


def command_state(
    body: str, *, access: Access | None = Access.WRITE, author: Account = BOB, **changes: Any
) -> CommandState:
    """A comment on the pull request, which was scanned."""
    comment = IssueComment(3001, author, None, body, NOON)
    given = {"origin": Written(comment), "pull_request": PULL, "app": APP, "commit": HEAD, "html_url": HTML_URL}
    return CommandState(**{**given, "access": access, **changes})


def budgets(*results: Result, commit: str = HEAD) -> Budgets:
    """What was measured on the head."""
    environment = Environment(os="linux", runtime="node 24.19.0")
    return Budgets(commit=commit, base=BASE, environment=environment, results=results)


GROWING = Result(
    profile="poll",
    metric=Metric.TIMERS,
    unit=Unit.COUNT,
    precision=Precision.EXACT,
    state=State.NEW_GROWTH,
    base=3,
    head=903,
    limit=10,
    rate=1.0,
    site=Site(path="src/gateway/heartbeat.ts", line=14),
    runs=3,
    base_points=(3, 3, 3, 3, 3, 3, 3, 3, 3),
    head_points=(103, 203, 303, 403, 503, 603, 703, 803, 903),
)
KEPT = Result(
    profile="poll",
    metric=Metric.HEAP,
    unit=Unit.BYTES,
    precision=Precision.NEAR_EXACT,
    state=State.PASS,
    base=18_400_000,
    head=18_900_000,
    limit=50_000_000,
    runs=3,
)
NOISY = Result(
    profile="poll",
    metric=Metric.RSS,
    unit=Unit.BYTES,
    precision=Precision.STATISTICAL,
    state=State.OVER_BUDGET,
    base=148_000_000,
    head=153_000_000,
    limit=150_000_000,
    runs=3,
)
IGNORED_REASON = "the process ends here"


def ignored(finding: Finding) -> Ignored:
    """A finding that Bob has accepted by command."""
    return Ignored(finding.fingerprint, IGNORED_REASON, BOB.login)


OLD_STICKY = own_comment("<!-- stanch:v1 key=pull/12/review -->\n\n### Old\n")
GATE = load(b"gate:\n  fail-on: leak\n", "x")[0]
BUDGETED = load(
    b"profiles:\n- name: poll\n  command: node a.js\n  workload:\n    run: x\nbudgets:\n  poll:\n    timers: 10\n", "x"
)[0]
FAULTS = Proposal(faults=(Fault(3, 1, "unknown key `budgts`, did you mean `budgets`?"),))


def the_check(actions: tuple[Action, ...]) -> FinishCheck:
    """The one check that is finished."""
    (check,) = [action for action in actions if isinstance(action, FinishCheck)]
    return check


def the_comment(actions: tuple[Action, ...]) -> str:
    """The body of the one comment that is written or edited."""
    (body,) = [action.body for action in actions if isinstance(action, CreateComment | EditComment)]
    return body
