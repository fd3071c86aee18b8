"""One engine, one answer: command line, rehearsal and service say the same of the same commits, byte for byte."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import pytest

from bot.cli import run
from bot.decisions.actions import CreateComment, CreateReview, FinishCheck
from bot.decisions.checks import check_json
from bot.decisions.pull_request import decide_review
from bot.decisions.reviews import review_json
from bot.decisions.state import ReviewState
from bot.example_repository import BASE, build
from bot.git import Repository
from bot.github.models import Account, AppIdentity, BranchTip, PullRequest
from bot.judged import Judged
from bot.reports.report import to_json
from bot.sandbox.jobs import Change, judge
from fixers.findings import FixKind
from fixers.resources import resources
from fixers.resources.model import Tables
from tests.bot.leaks import POLLER, RULE, SETTINGS
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from fixers.findings import Fix

TODAY = "2026-03-04"
NUMBER = 7


class Answers(NamedTuple):
    """What was said of one change: by `stanch scan`, in the folder of `stanch review`, in the service's sandbox."""

    scanned: bytes
    reviewed: Path
    judged: Judged


def example(folder: Path) -> Path:
    """The example that `make run` rehearses."""
    return build(folder).path


def every_resource(folder: Path) -> Path:
    """The examples of all resources, dealt out: to the base, to the change, or first leaking and then mended."""
    deal = random.Random(4)
    base: dict[str, str | bytes | None] = {}
    head: dict[str, str | bytes | None] = {}
    for tables in Tables:
        for entry in resources(tables):
            for number, leaking in enumerate(entry.leaking):
                path = f"{tables}/{entry.family}/{entry.id.replace(':', '_').replace('/', '_')}/{number}/{leaking.path}"
                match deal.randrange(4):
                    case 0:
                        base[path] = leaking.leaking
                    case 1:
                        base[path], head[path] = leaking.leaking, leaking.fixed or "\n"
                    case 2:
                        base[path], head[f"moved/{path}"], head[path] = leaking.leaking, leaking.leaking, None
                    case _:
                        head[path] = leaking.leaking
    return of(folder, base, head)


def odd_files(folder: Path) -> Path:
    """Names, encodings and syntax that something may stumble over, under a configuration that the head replaces."""
    config = f"scan:\n  exclude: [left/**]\nignore:\n  - rules: [{RULE}]\n    paths: [quiet/**]\n    reason: a demo\n"
    until = config + "    until: 2099-01-01\n"
    base: dict[str, str | bytes | None] = {".github/stanch.yml": until, "old.js": POLLER}
    leaks = [
        *("-rf.js", "new\nline.js", "a b/@you #1.js", "\udcff.js", "é.js", "*.js", "left/out.js", "quiet/demo.js"),
        *("test/x.js", "node_modules/m/x.js", "page.vue"),
    ]
    head: dict[str, str | bytes | None] = {name: named(POLLER, number) for number, name in enumerate(leaks)}
    head |= {
        ".github/stanch.yml": "scan:\n  rules: [file/*]\n",
        "page.vue": f"<script>\n{POLLER}</script>\n",
        "crlf.js": POLLER.replace("\n", "\r\n"),
        "latin.py": SETTINGS.encode() + b"# caf\xe9\n",
        "broken.js": f"{named(POLLER, 20)}\nfunction (((\n",
        "two.py": 'print "Python 2"\n',
        "blob.js": b"\0\1\2setInterval",
        "deep.js": "(" * 20_000 + POLLER,
        "silenced.js": POLLER.replace("5000);", f"5000); // stanch-ignore {RULE}: it ends with the page"),
    }
    return of(folder, base, head)


def named(poller: str, number: int) -> str:
    return poller.replace("Poller", f"Poller{number}")


def of(folder: Path, base: dict[str, str | bytes | None], head: dict[str, str | bytes | None]) -> Path:
    made = Repo(folder)
    made.commit(base)
    made.branch("topic")
    made.commit(head)
    return folder


@pytest.fixture(scope="module", params=[example, every_resource, odd_files], ids=lambda make: make.__name__)
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    scratch = tmp_path_factory.mktemp("answers")
    folder = request.param(scratch / "repository")
    report, output = scratch / "report.json", scratch / "out"
    common = ("--base", BASE, "--fail-on", "none", "--as-of", TODAY, "--no-cache", "--quiet")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(["scan", "--format", "json", "--output", str(report), *common]) == 0
        assert run(["review", "--output", str(output), *common]) == 0
    repository = Repository.open(folder)
    head = repository.resolve("HEAD")
    change = Change(
        base=repository.merge_base(BASE, head),
        head=head,
        today=datetime.fromisoformat(TODAY).astimezone(UTC).date(),
        git_dir=str(repository.git_dir),
    )
    judged = judge(change)
    assert isinstance(judged, Judged), judged
    assert len(judged.report.findings) > 3
    return Answers(report.read_bytes(), output, judged)


def unwritten(judged: Judged) -> bytes:
    """The report as `stanch scan` gives it, which names fixes and neither writes nor checks them: none is refused."""

    def named_only(fix: Fix, *, refused: bool) -> Fix:
        bare = msgspec.structs.replace(fix, edits=(), checks=())
        return msgspec.structs.replace(bare, kind=FixKind.SAFE, why=None) if refused else bare

    report = judged.report
    findings = tuple(
        msgspec.structs.replace(item, fix=named_only(item.fix, refused=item.id in judged.refused))
        for item in report.findings
    )
    totals = msgspec.structs.replace(report.totals, fixable=report.totals.fixable + len(judged.refused))
    return to_json(msgspec.structs.replace(report, findings=findings, totals=totals))


def test_command_line_and_app_find_the_same(answers: Answers) -> None:
    assert (answers.reviewed / "report.json").read_bytes() == to_json(answers.judged.report)
    assert answers.scanned == unwritten(answers.judged)


def test_what_is_rehearsed_is_what_the_app_would_publish(answers: Answers) -> None:
    judged = answers.judged
    pull_request = PullRequest(
        number=NUMBER,
        title="Poll",
        author=Account(3, "alice"),
        head=BranchTip("topic", judged.head, 1),
        base=BranchTip("main", judged.base or "", 1),
        is_open=True,
    )
    granted = {"checks": "write", "pull_requests": "write"}
    state = ReviewState(pull_request, judged.head, AppIdentity(9, "stanch"), granted)
    (started,) = decide_review(state)
    assert started
    actions = decide_review(replace(state, judged=judged))
    (comment,) = (action for action in actions if isinstance(action, CreateComment))
    (review,) = (action for action in actions if isinstance(action, CreateReview))
    (check,) = (action for action in actions if isinstance(action, FinishCheck))
    rehearsed = (answers.reviewed / "comment.md").read_text(encoding="utf-8")
    assert rehearsed.replace("key=pull/0/review", f"key=pull/{NUMBER}/review", 1) == comment.body
    assert (answers.reviewed / "review.json").read_bytes() == review_json(review.comments)
    assert (answers.reviewed / "check.json").read_bytes() == check_json(check.check)
    assert (answers.reviewed / "report.sarif").read_bytes() == judged.sarif
    assert (answers.reviewed / "report.html").read_bytes() == judged.html
    assert (answers.reviewed / "before-after.md").read_text(encoding="utf-8") == judged.before_after
