"""`/perf-scan fix` and the check's button: one commit where that may be, else a pull request, and one reply."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import pytest

from bot.config import CONFIG_PATH
from bot.database import pull_requests
from bot.github.manifest import PERMISSIONS, Size
from bot.workflows import lanes
from fixers.engine import scan_file
from tests.bot.workflows.fix_lives import leak
from tests.bot.workflows.hand import Hand, a_hand
from tests.bot.workflows.traps import Fate, Trap, Traps
from tests.github import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.database.embedded import EmbeddedPostgres
    from tests.github import CommentHandle, PullHandle, RepositoryHandle
    from tests.github.git_store import Content

BASE: Final[dict[str, Content]] = {"a/package.json": "{}\n", CONFIG_PATH: "version: 1\n"}
LEAKS: Final[dict[str, Content]] = {"a/poll.js": leak("a"), "a/b.js": leak("b")}
ASK: Final = "/perf-scan fix"


def fixed(name: str) -> str:
    """What our fix makes of a leak."""
    return leak(name).replace("this.stopped", "clearInterval(this.timer);\n    this.stopped").removesuffix("\n")


@pytest.fixture(scope="module")
def traps() -> Traps:
    """The traps of this module."""
    return Traps()


@pytest.fixture(scope="module")
def hand(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory, traps: Traps) -> Iterator[Hand]:
    """A hand that the tests of this module share, each with repositories of its own."""
    with a_hand(postgres, tmp_path_factory.mktemp("asked")) as hand, pytest.MonkeyPatch.context() as patch:
        traps.spring(patch)
        yield hand


def a_repository(hand: Hand, files: dict[str, Content] | None = None) -> RepositoryHandle:
    number = len(hand.github.world.repositories)
    repository = hand.github.create_repository(f"octo/app-{number}", files={**BASE, **(files or {})})
    repository.set_role("alice", "write")
    hand.app.install(repository)
    hand.settle()
    return repository


def a_pull(hand: Hand, *, fork: bool = False, files: dict[str, Content] | None = None) -> PullHandle:
    repository = a_repository(hand, files)
    pull = repository.open_pull_request("alice", "feature", files=LEAKS, fork=fork)
    hand.settle()
    return pull


def repository_of(hand: Hand, pull: PullHandle) -> RepositoryHandle:
    return hand.github.repository(pull.repository.full_name)


def ask(hand: Hand, pull: PullHandle, body: str = ASK, by: str = "alice") -> CommentHandle:
    comment = pull.comment(by, body)
    hand.settle()
    return comment


def reply(hand: Hand, pull: PullHandle) -> str:
    (comment,) = pull.comments_by(hand.app.app)
    return comment.body


def reactions(comment: CommentHandle) -> list[str]:
    return sorted(reaction.content for reaction in comment.reactions)


def stacked(hand: Hand, pull: PullHandle) -> list[PullHandle]:
    return [one for one in repository_of(hand, pull).pulls if one.issue.app is hand.app.app]


def test_one_commit_on_the_branch(hand: Hand) -> None:
    pull = a_pull(hand, files={"run.js": ("executable", "x\n")})
    before = pull.head_sha
    comment = ask(hand, pull)
    repository = repository_of(hand, pull)
    assert repository.git("rev-parse", f"{pull.head_sha}^") == before
    assert repository.git("show", f"{pull.head_sha}:a/poll.js") == fixed("a")
    assert repository.git("show", f"{pull.head_sha}:a/b.js") == fixed("b")
    assert repository.git("diff", "--name-only", before, pull.head_sha).split() == ["a/b.js", "a/poll.js"]
    assert reactions(comment) == ["eyes", "rocket"]
    assert f"Pushed {pull.head_sha} with 2 safe fixes." in reply(hand, pull)
    assert stacked(hand, pull) == []


def test_a_program_stays_a_program(hand: Hand) -> None:
    repository = a_repository(hand)
    pull = repository.open_pull_request("alice", "feature", files={"a/poll.js": ("executable", leak("a"))})
    hand.settle()
    ask(hand, pull)
    assert repository.git("ls-tree", pull.head_sha, "a/poll.js").startswith("100755")
    assert repository.git("show", f"{pull.head_sha}:a/poll.js") == fixed("a")


def test_one_finding_by_its_fingerprint(hand: Hand) -> None:
    pull = a_pull(hand)
    comment = ask(hand, pull, "/perf-scan fix nothing-like-it")
    assert reactions(comment) == ["confused", "eyes"]
    before = pull.head_sha
    (finding,) = scan_file("a/b.js", leak("b").encode()).findings
    ask(hand, pull, f"/perf-scan fix {finding.fingerprint}")
    assert repository_of(hand, pull).git("diff", "--name-only", before, pull.head_sha) == "a/b.js"


def test_the_button_of_the_check(hand: Hand) -> None:
    """It is about the commit of its check, wherever the branch is by now."""
    pull = a_pull(hand)
    repository = repository_of(hand, pull)
    with hand.doing(lanes.REVIEW):
        hand.settle()
    (check,) = repository.check_runs(pull.head_sha, "stanch")
    repository.press_button(check, "fix", "mallory")
    hand.settle()
    assert pull.head_sha == check.head_sha
    repository.press_button(check, "fix", "alice")
    hand.settle()
    assert repository.git("rev-parse", f"{pull.head_sha}^") == check.head_sha
    answers = [comment.body for comment in pull.comments_by(hand.app.app)]
    assert sum(f"Pushed {pull.head_sha} with 2 safe fixes." in answer for answer in answers) == 1
    head = pull.head_sha
    repository.press_button(check, "fix", "alice")
    hand.settle()
    assert pull.head_sha == head


def test_the_default_branch_is_not_pushed_to(hand: Hand) -> None:
    repository = a_repository(hand)
    repository.create_branch("release")
    repository.push(LEAKS)
    pull = repository.open_pull_request("alice", "main", "release")
    hand.settle()
    before = repository.head()
    ask(hand, pull)
    (fix,) = stacked(hand, pull)
    assert (repository.head(), fix.pull.base_ref) == (before, "main")
    assert "to which Stanch never pushes" in reply(hand, pull)


def test_a_head_that_has_moved(hand: Hand) -> None:
    """The commit is that of the time of the command."""
    pull = a_pull(hand)
    old = pull.head_sha
    hand.github.advance(5)
    comment = pull.comment("alice", ASK)
    hand.github.advance(5)
    new = pull.push({"other.md": "text\n"})
    hand.settle()
    assert pull.head_sha == new
    assert f"does not stand at `{old[:7]}` any more" in reply(hand, pull)
    assert reactions(comment) == ["confused", "eyes"]


def a_protected_pull(hand: Hand) -> PullHandle:
    """One to whose branch GitHub lets nobody push."""
    pull = a_pull(hand)
    repository_of(hand, pull).protect("feature")
    return pull


def test_a_protected_branch(hand: Hand) -> None:
    pull = a_protected_pull(hand)
    before = pull.head_sha
    comment = ask(hand, pull)
    (fix,) = stacked(hand, pull)
    assert (pull.head_sha, fix.pull.base_ref, fix.state) == (before, "feature", "open")
    assert fix.title == f"Fix 2 leaks of #{pull.number}"
    assert repository_of(hand, pull).git("diff", "--name-only", before, fix.head_sha).split() == ["a/b.js", "a/poll.js"]
    assert f"#{fix.number} has 2 safe fixes. GitHub does not let Stanch push to its branch." in reply(hand, pull)
    assert reactions(comment) == ["eyes", "rocket"]


def test_a_fork(hand: Hand) -> None:
    pull = a_pull(hand, fork=True)
    repository = repository_of(hand, pull)
    before, branches = pull.head_sha, repository.git("for-each-ref", "refs/heads")
    comment = ask(hand, pull)
    # A branch with its commits would run them in workflows of the repository, with the repository's secrets.
    assert repository.git("for-each-ref", "refs/heads") == branches
    assert (pull.head_sha, stacked(hand, pull)) == (before, [])
    assert reactions(comment) == ["confused", "eyes"]
    assert "Stanch does not bring a fork's commits into this repository" in reply(hand, pull)
    assert "+    clearInterval" in reply(hand, pull) or "+  clearInterval" in reply(hand, pull)


def test_who_asks_for_the_same_again_gets_the_same(hand: Hand) -> None:
    pull = a_protected_pull(hand)
    ask(hand, pull)
    (fix,) = stacked(hand, pull)
    ask(hand, pull)
    assert [one.number for one in stacked(hand, pull)] == [fix.number]


def test_a_stacked_one_ends_with_its_pull_request(hand: Hand) -> None:
    pull = a_protected_pull(hand)
    ask(hand, pull)
    (fix,) = stacked(hand, pull)
    pull.close()
    hand.settle()
    assert fix.state == "closed"
    assert "is closed, so it is not needed any more" in fix.comments_by(hand.app.app)[0].body
    with pytest.raises(KeyError):
        repository_of(hand, pull).head(fix.head_ref)


def test_a_stacked_one_that_was_closed_is_not_opened_again(hand: Hand) -> None:
    pull = a_protected_pull(hand)
    ask(hand, pull)
    (fix,) = stacked(hand, pull)
    fix.close()
    hand.settle()
    comment = ask(hand, pull)
    assert len(stacked(hand, pull)) == 1
    assert f"#{fix.number} had these fixes, and is closed or merged." in pull.comments_by(hand.app.app)[-1].body
    assert reactions(comment) == ["confused", "eyes"]


@pytest.mark.parametrize(("by", "says"), [("mallory", "needs write access"), ("trudy", "needs write access")])
def test_who_may_not(hand: Hand, by: str, says: str) -> None:
    pull = a_pull(hand)
    repository_of(hand, pull).set_role("trudy", "triage")
    before = pull.head_sha
    comment = ask(hand, pull, by=by)
    assert (pull.head_sha, reactions(comment)) == (before, ["confused"])
    assert says in reply(hand, pull)
    assert stacked(hand, pull) == []


def test_paused(hand: Hand) -> None:
    pull = a_pull(hand)
    before = pull.head_sha
    ask(hand, pull, "/perf-scan pause")
    comment = ask(hand, pull)
    assert (pull.head_sha, reactions(comment)) == (before, ["confused", "eyes"])
    assert "Fixing is paused" in pull.comments_by(hand.app.app)[-1].body


def test_switched_off(hand: Hand) -> None:
    pull = a_pull(hand, files={CONFIG_PATH: "fix:\n  enabled: false\n"})
    before = pull.head_sha
    comment = ask(hand, pull)
    assert (pull.head_sha, reactions(comment)) == (before, ["confused", "eyes"])
    assert "Fixing is off in the configuration" in reply(hand, pull)


def test_not_permitted(hand: Hand) -> None:
    repository = hand.github.create_repository("octo/review-only", files=BASE)
    repository.set_role("alice", "write")
    hand.app.install(repository, permissions=PERMISSIONS[Size.REVIEW])
    pull = repository.open_pull_request("alice", "feature", files=LEAKS)
    before = pull.head_sha
    comment = ask(hand, pull)
    assert (pull.head_sha, reactions(comment)) == (before, ["confused", "eyes"])
    assert "not switched on in this installation" in reply(hand, pull)


def test_two_commands_at_once(hand: Hand) -> None:
    pull = a_pull(hand)
    before = pull.head_sha
    first, second = pull.comment("alice", ASK), pull.comment("alice", ASK)
    hand.settle()
    assert repository_of(hand, pull).git("rev-parse", f"{pull.head_sha}^") == before
    assert reactions(first) == ["eyes", "rocket"]
    # Commits that are made of the same in the same second are the same.
    assert reactions(second) in (["confused", "eyes"], ["eyes", "rocket"])
    assert len(pull.comments_by(hand.app.app)) == 2


@pytest.mark.parametrize("kind", ["commit", "stacked"])
def test_a_worker_that_is_killed_between_any_two_writes(hand: Hand, traps: Traps, kind: str) -> None:
    wrong = []
    for fate in (Fate.KILLED_BEFORE, Fate.KILLED_AFTER):
        at = 0
        while True:
            at += 1
            pull = a_pull(hand) if kind == "commit" else a_protected_pull(hand)
            before = pull.head_sha
            name = pull.repository.full_name
            traps.set[name] = Trap(at, fate, partial(_another, hand))
            hand.github.advance(2)
            comment = ask(hand, pull)
            if traps.set.pop(name, None) is not None:
                break
            moved = repository_of(hand, pull).git("rev-list", "--count", f"{before}..{pull.head_sha}")
            came = moved, len(stacked(hand, pull)), len(pull.comments_by(hand.app.app)), reactions(comment)
            expected = ("1", 0) if kind == "commit" else ("0", 1)
            if came != (*expected, 1, ["eyes", "rocket"]) or "2 safe fixes" not in reply(hand, pull):
                wrong.append(f"{fate.value} write {at}: {came} {reply(hand, pull)}")
        assert at > 5
    assert not wrong, "\n".join(["", *wrong])


@pytest.mark.parametrize(
    "fault", [Fault.ERROR_AFTER, Fault.DROP_AFTER, Fault.BAD_GATEWAY], ids=lambda fault: fault.name
)
def test_writes_that_fail(hand: Hand, fault: Fault) -> None:
    wrong = []
    for method, path in (("POST", "issues/*/comments"), ("PATCH", "git/refs/*"), ("PATCH", "issues/comments/*")):
        pull = a_pull(hand)
        before = pull.head_sha
        hand.github.faults.add(method, f"/repos/{pull.repository.full_name}/{path}", fault)
        hand.github.advance(2)
        comment = ask(hand, pull)
        moved = repository_of(hand, pull).git("rev-list", "--count", f"{before}..{pull.head_sha}")
        came = moved, len(pull.comments_by(hand.app.app)), reactions(comment), stacked(hand, pull)
        if came != ("1", 1, ["eyes", "rocket"], []) or "2 safe fixes" not in reply(hand, pull):
            wrong.append(f"{method} {path}: {came}")
    assert not wrong, "\n".join(["", *wrong])


def test_the_push_is_heard_of_before_the_command_is_done_with(hand: Hand, traps: Traps) -> None:
    """Times are told in whole seconds, so that the commit of the command has to be remembered."""
    pull = a_pull(hand)
    before = pull.head_sha

    def heard() -> None:
        with hand.database.begin() as connection:
            pull_requests.want(connection, pull.repository.id, pull.number, pull.head_sha, hand.github.now())
        _another(hand)

    # Eyes, the reply, the commit, and then the branch is moved.
    traps.set[pull.repository.full_name] = Trap(4, Fate.STALLED_AFTER, heard)
    comment = ask(hand, pull)
    assert pull.repository.full_name not in traps.set
    assert repository_of(hand, pull).git("rev-parse", f"{pull.head_sha}^") == before
    assert f"Pushed {pull.head_sha} with 2 safe fixes." in reply(hand, pull)
    assert reactions(comment) == ["eyes", "rocket"]


def _another(hand: Hand) -> None:
    hand.take_over()
    hand.settle()
