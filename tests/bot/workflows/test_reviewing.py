"""Pull requests from opening to closing, against the fake GitHub: each ends in the right state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import CONFIG_PATH
from tests.bot.workflows import happenings
from tests.bot.workflows.happenings import ANOTHER_LEAK, BUDGETED, CLEAN, IGNORED, LEAKS, POLL
from tests.bot.workflows.lives import Row, faults_of, held_scans, live
from tests.bot.workflows.running import LEAK, install

if TYPE_CHECKING:
    import pytest

    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub

ONE = "This pull request introduces 1 leak"
NONE = "No leaks: what was reported here is gone"

ROWS = [
    Row("opened with a leak", happenings.opened, ONE, "neutral", 1),
    Row("opened without one", happenings.clean, None, "success", 0),
    Row("mended by a push", happenings.mended, NONE, "success", 0),
    Row("pushed to five times at once", happenings.pushed_before_it_was_read, ONE, "neutral", 1),
    Row("force-pushed", happenings.force_pushed, NONE, "success", 0),
    Row("force-pushed while it is scanned", happenings.force_pushed_while_scanned, None, "success", 0),
    Row("rebased onto a newer base", happenings.rebased, ONE, "neutral", 1),
    Row("its base force-pushed", happenings.base_force_pushed, ONE, "neutral", 1),
    Row("its file renamed", happenings.renamed_file, ONE, "neutral", 1),
    Row("its branch renamed", happenings.renamed_branch, NONE, "success", 0),
    Row("its base branch renamed", happenings.renamed_base_branch, NONE, "success", 0),
    Row("its leak moved to other lines", happenings.moved_lines, ONE, "neutral", 1),
    Row("closed", happenings.closed, ONE, "neutral", 1),
    Row("closed and reopened", happenings.reopened, ONE, "neutral", 1),
    Row("merged", happenings.merged, ONE, "neutral", 1),
    Row("merged while it is scanned", happenings.merged_while_scanned, None, "neutral", 0, check_says=("was merged",)),
    Row("a draft", happenings.draft, None, "neutral", 0, check_says=("this is a draft", f"{POLL}:3: ")),
    Row("a draft made ready", happenings.made_ready, ONE, "neutral", 1),
    Row(
        "made a draft with its comment there",
        happenings.made_draft,
        "This pull request introduces 2 leaks",
        "neutral",
        1,
    ),
    Row("from a fork", happenings.from_fork, ONE, "neutral", 1),
    Row("locked", happenings.locked, None, "neutral", 0, check_says=("the conversation is locked", f"{POLL}:3: ")),
    Row("locked with its comment there", happenings.locked_with_comment, NONE, "success", 0),
    Row("onto another base that has the leak", happenings.retargeted, NONE, "success", 0),
    Row("of 3,000 files", happenings.many_files, ONE, "neutral", 1),
    Row(
        "with 12 leaks",
        happenings.many_leaks,
        "This pull request introduces 12 leaks",
        "neutral",
        10,
        says=("src/l.py",),
    ),
    Row("in two packages", happenings.several_packages, "This pull request introduces 2 leaks", "neutral", 2),
    Row("without a leak, binary", happenings.opens({"logo.png": b"\x89PNG\0\0"}), None, "success", 0),
    Row("without a leak, only a mode", happenings.opens({POLL: ("executable", LEAK)}), None, "success", 0, files=LEAKS),
    Row(
        "a leak of the base renamed", happenings.opens({POLL: None, "src/p.js": LEAK}), None, "success", 0, files=LEAKS
    ),
    Row("without a leak, a submodule", happenings.opens({"vendored": ("submodule", "1" * 40)}), None, "success", 0),
    Row(
        "with a file of 3 MB",
        happenings.opens({"src/big.js": "export const x = 1;\n" * 150_000} | LEAKS),
        ONE,
        "neutral",
        1,
        says=("`src/big.js` (too-large)",),
    ),
    Row(
        "whose configuration is broken",
        happenings.opens({CONFIG_PATH: "gate:\n  fail-onn: leak\n"} | LEAKS),
        f"{ONE}",
        "neutral",
        1,
        says=("its configuration has 1 fault", f"{CONFIG_PATH}:2:3", "did you mean `fail-on`?", "stays in force"),
        check_says=(f"{CONFIG_PATH}:2: ",),
    ),
    Row(
        "whose configuration has another effect",
        happenings.opens({CONFIG_PATH: "gate:\n  fail-on: leak\n"} | LEAKS),
        ONE,
        "neutral",
        1,
        says=("The check then fails on `leak`.", "It is in force once it is merged."),
    ),
    Row(
        "whose base has a broken configuration",
        happenings.opened,
        ONE,
        "neutral",
        1,
        check_says=("of the base cannot be used", "did you mean `fail-on`?"),
        files={CONFIG_PATH: "gate:\n  fail-onn: leak\n"},
    ),
    Row("at a gate", happenings.opened, ONE, "failure", 1, files={CONFIG_PATH: "gate:\n  fail-on: leak\n"}),
    Row(
        "where comments are off",
        happenings.opened,
        None,
        "neutral",
        0,
        check_says=("`comment.enabled` is false", f"{POLL}:3: "),
        files={CONFIG_PATH: "comment:\n  enabled: false\n"},
    ),
    Row(
        "that silences its leak",
        happenings.opens({POLL: IGNORED}),
        "This pull request silences 1 leak and introduces no other",
        "success",
        0,
        says=("It ends with the process",),
    ),
    Row("that causes a leak at an old line", happenings.opened, ONE, "neutral", 0, says=(f"{POLL}:3",), files=CLEAN),
    Row("that ends a leak", happenings.clean, None, "success", 0, check_says=("1 old leak resolved",), files=LEAKS),
    Row(
        "that ends a leak and brings another",
        happenings.opens(CLEAN | ANOTHER_LEAK),
        ONE,
        "neutral",
        1,
        says=("Thank you: this change also ends 1 old leak",),
        files=LEAKS,
    ),
    Row(
        "one of whose inline comments is refused on its line",
        happenings.one_line_refused,
        "This pull request introduces 3 leaks",
        "neutral",
        3,
    ),
    Row(
        "one of whose inline comments is refused on its line and its file",
        happenings.one_file_refused,
        "This pull request introduces 3 leaks",
        "neutral",
        2,
        says=("src/b.js:3",),
    ),
    Row(
        "where nothing may be commented",
        happenings.may_not_comment,
        None,
        "neutral",
        0,
        check_says=("does not grant", f"{POLL}:3: "),
    ),
    Row(
        "where commenting was forbidden unheard of",
        happenings.may_no_longer_comment,
        None,
        "neutral",
        0,
        (),
        (f"{POLL}:3: ",),
    ),
    Row("in an installation suspended for a while", happenings.suspended, NONE, "success", 0),
    Row("where the App was away for a while", happenings.uninstalled, NONE, "success", 0),
    Row("in a repository archived for a while", happenings.archived, NONE, "success", 0),
    Row("in a repository archived while it is scanned", happenings.archived_while_scanned, None, "success", 0),
    Row("in a repository that is renamed", happenings.renamed_repository, NONE, "success", 0),
    Row("in a repository given to somebody else", happenings.transferred, NONE, "success", 0),
    Row("in a repository that is deleted", happenings.deleted, ONE, "neutral", 1),
    Row("in a repository deleted while it is scanned", happenings.deleted_while_scanned, None, None, 0),
    Row(
        "measured, a budget not kept",
        happenings.measured,
        "No leaks · 1 budget is not kept",
        "neutral",
        0,
        says=("timers",),
        check_says=("1 budget not kept", "timers"),
        files={CONFIG_PATH: BUDGETED},
    ),
    Row("measured, no budget set", happenings.measured, None, "success", 0, check_says=("timers",)),
    Row(
        "measured at another commit",
        happenings.measured_elsewhere,
        None,
        "success",
        0,
        check_says=("name another commit",),
    ),
]

OF_THE_APP = {"/app", "/app/hook/deliveries"}
"""What the service asks for on its own, whatever the reviews."""


def test_how_pull_requests_end(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    lives = live(shared, ROWS, held_scans(monkeypatch))
    wrong = [fault for row, life in zip(ROWS, lives, strict=True) if (fault := faults_of(life, row))]
    assert not wrong, "\n\n".join(["", *wrong])


def test_how_many_requests_a_review_takes(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    github.forget_requests()
    repository.open_pull_request("alice", "feature", files=LEAKS)
    service.settle()
    of_review = [item for item in github.requests if ".git" not in item.path and item.path not in OF_THE_APP]
    assert 8 <= len(of_review) <= 15, [f"{item.method} {item.path}" for item in of_review]
