"""What pull requests that fix look like on GitHub, and that there are few: many findings, faults, and two workers."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pytest

from bot.config import CONFIG_PATH
from tests.bot.jobs.support import working
from tests.bot.workflows.fix_lives import CONSENT, HURRY, FixLife, invariants, leak, shown
from tests.bot.workflows.hand import Hand, a_hand
from tests.bot.workflows.running import wait_for
from tests.github import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres

LEAKS: Final = 1_000
WRITES: Final = {
    "commits": ("POST", "git/commits"),
    "branch": ("POST", "git/refs"),
    "pull request": ("POST", "pulls"),
    "labels": ("POST", "issues/*/labels"),
    "reviewers": ("POST", "pulls/*/requested_reviewers"),
}
LATER: Final = {
    "comment": ("POST", "issues/*/comments", "a obsolete"),
    "close": ("PATCH", "pulls/*", "a obsolete"),
    "delete": ("DELETE", "git/refs/*", "a obsolete"),
    "refresh": ("PATCH", "git/refs/*", "a open"),
}
FAULTS: Final = (Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.BAD_GATEWAY)
DRESSED: Final = """\
fix:
  labels: [leak, stanch]
  reviewers: [alice, nobody, octo/reviewers]
  draft: true
  branch-prefix: bots/stanch--
"""


@pytest.fixture(scope="module")
def hand(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hand]:
    """A hand that the tests of this module share, each with repositories of its own."""
    with a_hand(postgres, tmp_path_factory.mktemp("floods")) as hand:
        yield hand


def test_what_is_opened(hand: Hand) -> None:
    life = FixLife(hand, "a", DRESSED, {"a/b.js": ("executable", leak("b"))})
    life.install()
    hand.settle()
    pull = life.pull("a")
    files = life.repository.git("diff", "--name-only", "main", pull.head_sha).split()
    assert files == ["a/b.js", "a/poll.js"]
    assert life.repository.git("ls-tree", pull.head_sha, "a/b.js").startswith("100755")
    assert life.repository.git("rev-parse", f"{pull.head_sha}^") == life.repository.head()
    assert pull.head_ref.startswith("bots/stanch--timer-forgotten-by-teardown-")
    assert (pull.title, pull.is_draft, sorted(pull.labels)) == (
        "Fix 2 leaks in a: timer/forgotten-by-teardown",
        True,
        ["leak", "stanch"],
    )
    # Whoever cannot be asked is not, and the others are.
    assert [one.login for one in pull.pull.requested_reviewers] == ["alice"]
    assert pull.pull.requested_teams == ["reviewers"]
    for fingerprint in life.record("a").fingerprints:
        assert fingerprint in (pull.body or "").splitlines()[0]


def test_reviewers_are_the_owners_of_the_code(hand: Hand) -> None:
    owners = {"CODEOWNERS": "* @bob\n/a/ @alice\n"}
    life = FixLife(hand, "a", CONSENT, owners)
    life.install()
    hand.settle()
    assert [one.login for one in life.pull("a").pull.requested_reviewers] == ["alice"]


def test_a_refreshed_one_is_one_commit_on_the_new_head(hand: Hand) -> None:
    life = FixLife(hand, "a")
    life.install()
    hand.settle()
    life.change("a")
    life.look()
    hand.settle()
    pull = life.pull("a")
    assert life.repository.git("rev-parse", f"{pull.head_sha}^") == life.repository.head()
    assert "clearInterval" in life.repository.git("show", f"{pull.head_sha}:a/poll.js")
    assert "isStopped" in life.repository.git("show", f"{pull.head_sha}:a/poll.js")


def test_the_configuration_that_is_proposed(hand: Hand) -> None:
    life = FixLife(hand, "ab", None)
    life.install()
    hand.settle()
    pull = life.pull("onboarding")
    assert life.repository.git("diff", "--name-only", "main", pull.head_sha) == CONFIG_PATH
    assert pull.head_ref == "stanch/configure"


def test_workflows_are_never_touched(hand: Hand) -> None:
    life = FixLife(hand, "", CONSENT, {".github/workflows/poll.js": leak("a")})
    life.install()
    hand.settle()
    assert life.ours == []


def test_a_thousand_findings(hand: Hand) -> None:
    """Three, though as many an hour may be opened as there are."""
    life = FixLife(hand, "", HURRY, {f"poll{at}.js": leak(f"n{at}") for at in range(LEAKS)})
    life.install()
    hand.settle()
    assert [record.standing for record in life.records] == ["open", "open", "open"]
    assert [*invariants(life)] == []


def test_writes_that_fail(hand: Hand) -> None:
    """Each way of failing for each write, in repositories of their own."""
    lives = {}
    for name, (method, path) in WRITES.items():
        for fault in FAULTS:
            life = lives[name, fault] = FixLife(hand, "a", DRESSED)
            hand.github.faults.add(method, f"/repos/{life.repository.full_name}/{path}", fault)
            life.install()
    hand.settle()
    wrong = []
    for (name, fault), life in lives.items():
        pull = life.ours[0] if life.ours else None
        came = shown(life.records), sorted(pull.labels) if pull else [], [*invariants(life)]
        if came != ("a open", ["leak", "stanch"], []):
            wrong.append(f"{name}, {fault.value}: {came}")
    assert not wrong, "\n".join(["", *wrong])


def test_what_github_refuses_to_open(hand: Hand) -> None:
    """Where there are no drafts it is opened without; else it is opened another night."""
    drafted, plain = FixLife(hand, "a", DRESSED), FixLife(hand, "a")
    for life in (drafted, plain):
        hand.github.faults.add("POST", f"/repos/{life.repository.full_name}/pulls", Fault.UNPROCESSABLE)
        life.install()
    hand.settle()
    assert (shown(drafted.records), drafted.pull("a").is_draft) == ("a open", False)
    assert (shown(plain.records), plain.ours) == ("a wanted", [])
    plain.look()
    hand.settle()
    assert shown(plain.records) == "a open"
    assert [*invariants(plain)] == []


def test_later_writes_that_fail(hand: Hand) -> None:
    """The same for what becomes of pull requests that are there."""
    lives = {}
    for name, (_, _, ends) in LATER.items():
        for fault in FAULTS:
            life = lives[name, fault, ends] = FixLife(hand, "a")
            life.install()
    hand.settle()
    for (name, fault, ends), life in lives.items():
        method, path, _ = LATER[name]
        hand.github.faults.add(method, f"/repos/{life.repository.full_name}/{path}", fault)
        if ends == "a open":
            life.change("a")
        else:
            life.mend("a")
        life.look()
    hand.settle()
    wrong = []
    for (name, fault, ends), life in lives.items():
        comments = sum(len(pull.comments_by(hand.app.app)) for pull in life.ours)
        came = shown(life.records), comments, [*invariants(life)]
        if came != (ends, int(ends != "a open"), []):
            wrong.append(f"{name}, {fault.value}: {came}")
    assert not wrong, "\n".join(["", *wrong])


def test_two_workers_at_once(hand: Hand) -> None:
    lives = [FixLife(hand, "abc", HURRY) for _ in range(4)]
    for life in lives:
        life.install()
    hand.github.settle()
    kinds = dict(hand.kinds)
    with working(hand.queue, kinds, workers=2, lease=timedelta(seconds=30)):
        for _ in range(3):
            for life in lives:
                life.look()
        wait_for(lambda: all(shown(life.records) == "a open, b open, c open" for life in lives), 60)
    assert [fault for life in lives for fault in invariants(life)] == []
