"""Pull requests from opening to closing, against the fake GitHub: each ends in the right state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.decisions.budgets import CHECK_NAME, GITHUB_ACTIONS, embedded
from bot.workflows.lanes import RECONCILE
from tests.bot.decisions import states
from tests.bot.workflows.lives import Life, Row, faults_of, held_scans, live
from tests.bot.workflows.running import LEAK, MENDED, install
from tests.github import Fault
from tests.github.domain.checks import create_run
from tests.github.world import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from bot.decisions.budgets import Budgets
    from tests.bot.workflows.lives import Steps
    from tests.bot.workflows.running import Service
    from tests.github import FakeGitHub
    from tests.github.git_store import Content

POLL: Final = "src/poll.js"
LEAKS: Final = {POLL: LEAK}
CLEAN: Final = {POLL: MENDED}
OTHER: Final = {"src/other.js": "export {};\n"}
ANOTHER_LEAK: Final = {"src/beat.js": LEAK.replace("Poller", "Heart")}
IGNORED: Final = LEAK.replace(
    "    this.timer", "    // stanch-ignore timer/forgotten-by-teardown: It ends with the process\n    this.timer"
)
BUDGETED: Final = (
    "profiles:\n- name: poll\n  command: node a.js\n  workload:\n    run: x\nbudgets:\n  poll:\n    timers: 10\n"
)


def opened(life: Life) -> None:
    life.open(LEAKS)


def clean(life: Life) -> None:
    life.open(CLEAN)


def mended(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.push(CLEAN)


def pushed_before_it_was_read(life: Life) -> None:
    life.open(LEAKS)
    for number in range(5):
        life.pull.push({"src/other.js": f"export const n = {number};\n"})


def force_pushed(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.force_push(CLEAN)


def force_pushed_while_scanned(life: Life) -> None:
    life.hold()
    life.open(LEAKS)
    life.wait_for_scan()
    life.pull.force_push(CLEAN)
    life.let_go()


def rebased(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.push({"README.md": "# App\n"})
    life.pull.rebase()


def base_force_pushed(life: Life) -> Steps:
    first = life.repository.head()
    life.repository.push({"README.md": "# App\n"})
    life.open(LEAKS)
    yield
    life.repository.push({"README.md": "# Another app\n"}, onto=first)
    yield
    life.pull.push(OTHER)


def renamed_file(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.push({POLL: None, "src/poller.js": LEAK})


def renamed_branch(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.rename_head("improvement")
    yield
    life.pull.push(CLEAN)


def renamed_base_branch(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.rename_branch("main", "trunk")
    yield
    life.pull.push(CLEAN)


def closed(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.close()


def merged(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.merge()


def merged_while_scanned(life: Life) -> None:
    life.hold()
    life.open(LEAKS)
    life.wait_for_scan()
    life.pull.merge()
    life.let_go()


def reopened(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.close()
    yield
    life.pull.reopen()


def draft(life: Life) -> None:
    life.open(LEAKS, draft=True)


def made_ready(life: Life) -> Steps:
    life.open(LEAKS, draft=True)
    yield
    life.pull.mark_ready()


def made_draft(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.convert_to_draft()
    life.pull.push(ANOTHER_LEAK)


def from_fork(life: Life) -> None:
    life.open(LEAKS, fork=True)


def locked(life: Life) -> Steps:
    life.open(OTHER)
    yield
    life.pull.lock()
    life.pull.push(LEAKS)


def locked_with_comment(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.lock()
    life.pull.push(CLEAN)


def retargeted(life: Life) -> Steps:
    """The new base has the leak already, and the head was made from it."""
    life.repository.push(LEAKS)
    life.repository.create_branch("release")
    life.repository.push(CLEAN)
    life.open(LEAKS)
    yield
    life.pull.retarget("release")


def moved_lines(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.pull.push({POLL: f"// A poller.\n\n{LEAK}"})


def many_files(life: Life) -> None:
    life.open({f"src/{number}.js": f"export const n = {number};\n" for number in range(2_999)} | LEAKS)


def many_leaks(life: Life) -> None:
    life.open({f"src/{name}.js": LEAK.replace("Poller", f"Poller{name.upper()}") for name in "abcdefghijkl"})


def several_packages(life: Life) -> None:
    package = '{"type": "module"}\n'
    life.open(
        {
            "packages/a/package.json": package,
            "packages/a/poll.js": LEAK,
            "packages/b/package.json": package,
            "packages/b/poll.js": LEAK,
        }
    )


def one_comment_refused(life: Life) -> None:
    path = f"/repos/{life.repository.full_name}/pulls/*/reviews"

    def is_about_b(body: object) -> bool:
        return isinstance(body, dict) and any(comment["path"] == "src/b.js" for comment in body["comments"])

    life.service.github.faults.add("POST", path, Fault.UNPROCESSABLE, times=None, only_if=is_about_b)
    life.open({f"src/{name}.js": LEAK.replace("Poller", f"Poller{name.upper()}") for name in "abc"})


def may_not_comment(life: Life) -> Steps:
    life.installation.accept_permissions({"contents": "read", "pull_requests": "read", "checks": "write"})
    yield
    life.open(LEAKS)


def may_no_longer_comment(life: Life) -> Steps:
    """The event that tells of it is on its way yet."""
    life.open(OTHER)
    yield
    life.installation.installation.permissions["pull_requests"] = "read"
    life.pull.push(LEAKS)


def suspended(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.installation.suspend()
    life.pull.push(CLEAN)
    yield
    life.installation.unsuspend()
    yield
    life.service.submit(RECONCILE)


def uninstalled(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.installation.delete()
    life.pull.push(CLEAN)
    yield
    life.service.app.install(life.repository)
    yield
    life.service.submit(RECONCILE)


def archived(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.archive()
    life.service.submit(RECONCILE)
    yield
    life.repository.unarchive()
    life.pull.push(CLEAN)


def archived_while_scanned(life: Life) -> Steps:
    life.hold()
    life.open(LEAKS)
    life.wait_for_scan()
    life.repository.archive()
    life.let_go()
    yield
    life.repository.unarchive()
    life.pull.push(CLEAN)


def renamed_repository(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.rename(f"application-{life.repository.id}")
    life.pull.push(CLEAN)


def transferred(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.transfer("nautilus")
    yield
    life.service.app.install(life.repository)
    yield
    life.pull.push(CLEAN)


def deleted(life: Life) -> Steps:
    life.open(LEAKS)
    yield
    life.repository.delete()
    life.service.submit(RECONCILE)


def deleted_while_scanned(life: Life) -> None:
    life.hold()
    life.open(OTHER)
    life.wait_for_scan()
    run = life.repository.check_runs(life.pull.head_sha, "stanch")[0]
    life.repository.delete()
    life.let_go()
    # Nobody can end it, and nobody sees it.
    del life.repository.repository.check_runs[run.id]


def measured(life: Life) -> Steps:
    life.open(CLEAN)
    yield
    hand_in(life, states.budgets(states.GROWING, commit=life.pull.head_sha))


def measured_elsewhere(life: Life) -> Steps:
    life.open(CLEAN)
    yield
    hand_in(life, states.budgets(states.GROWING))


def hand_in(life: Life, budgets: Budgets) -> None:
    """What the Action does when it has measured."""
    world = life.service.github.world
    with world.lock:
        action = next((app for app in world.apps.values() if app.slug == "github-actions"), None)
        if action is None:
            action = life.service.github.register_app({"checks": "write"}, slug="github-actions").app
            action.id = GITHUB_ACTIONS
        output = {"title": "Measured", "summary": "Measured.", "text": embedded(budgets)}
        body = {"name": CHECK_NAME, "head_sha": life.pull.head_sha, "status": "completed", "conclusion": "success"}
        create_run(world, life.repository.repository, action, Actor(action.bot, action), {**body, "output": output})


def opens(files: Mapping[str, Content]) -> Callable[[Life], None]:
    """A row's only step."""

    def happens(life: Life) -> None:
        life.open(files)

    return happens


ONE = "This pull request introduces 1 leak"
NONE = "No leaks: what was reported here is gone"

ROWS = [
    Row("opened with a leak", opened, ONE, "neutral", 1),
    Row("opened without one", clean, None, "success", 0),
    Row("mended by a push", mended, NONE, "success", 0),
    Row("pushed to five times at once", pushed_before_it_was_read, ONE, "neutral", 1),
    Row("force-pushed", force_pushed, NONE, "success", 0),
    Row("force-pushed while it is scanned", force_pushed_while_scanned, None, "success", 0),
    Row("rebased onto a newer base", rebased, ONE, "neutral", 1),
    Row("its base force-pushed", base_force_pushed, ONE, "neutral", 1),
    Row("its file renamed", renamed_file, ONE, "neutral", 1),
    Row("its branch renamed", renamed_branch, NONE, "success", 0),
    Row("its base branch renamed", renamed_base_branch, NONE, "success", 0),
    Row("its leak moved to other lines", moved_lines, ONE, "neutral", 1),
    Row("closed", closed, ONE, "neutral", 1),
    Row("closed and reopened", reopened, ONE, "neutral", 1),
    Row("merged", merged, ONE, "neutral", 1),
    Row("merged while it is scanned", merged_while_scanned, None, "neutral", 0, check_says=("was merged",)),
    Row("a draft", draft, None, "neutral", 0, check_says=("this is a draft", f"{POLL}:3: ")),
    Row("a draft made ready", made_ready, ONE, "neutral", 1),
    Row("made a draft with its comment there", made_draft, "This pull request introduces 2 leaks", "neutral", 1),
    Row("from a fork", from_fork, ONE, "neutral", 1),
    Row("locked", locked, None, "neutral", 0, check_says=("the conversation is locked", f"{POLL}:3: ")),
    Row("locked with its comment there", locked_with_comment, NONE, "success", 0),
    Row("onto another base that has the leak", retargeted, NONE, "success", 0),
    Row("of 3,000 files", many_files, ONE, "neutral", 1),
    Row("with 12 leaks", many_leaks, "This pull request introduces 12 leaks", "neutral", 10, says=("src/l.js",)),
    Row("in two packages", several_packages, "This pull request introduces 2 leaks", "neutral", 2),
    Row("without a leak, binary", opens({"logo.png": b"\x89PNG\0\0"}), None, "success", 0),
    Row("without a leak, only a mode", opens({POLL: ("executable", LEAK)}), None, "success", 0, files=LEAKS),
    Row("a leak of the base renamed", opens({POLL: None, "src/p.js": LEAK}), None, "success", 0, files=LEAKS),
    Row("without a leak, a submodule", opens({"vendored": ("submodule", "1" * 40)}), None, "success", 0),
    Row(
        "with a file of 3 MB",
        opens({"src/big.js": "export const x = 1;\n" * 150_000} | LEAKS),
        ONE,
        "neutral",
        1,
        says=("`src/big.js` (too-large)",),
    ),
    Row(
        "whose configuration is broken",
        opens({CONFIG_PATH: "gate:\n  fail-onn: leak\n"} | LEAKS),
        f"{ONE}",
        "neutral",
        1,
        says=("its configuration has 1 fault", f"{CONFIG_PATH}:2:3", "did you mean `fail-on`?", "stays in force"),
        check_says=(f"{CONFIG_PATH}:2: ",),
    ),
    Row(
        "whose configuration has another effect",
        opens({CONFIG_PATH: "gate:\n  fail-on: leak\n"} | LEAKS),
        ONE,
        "neutral",
        1,
        says=("The check then fails on `leak`.", "It is in force once it is merged."),
    ),
    Row(
        "whose base has a broken configuration",
        opened,
        ONE,
        "neutral",
        1,
        check_says=("of the base cannot be used", "did you mean `fail-on`?"),
        files={CONFIG_PATH: "gate:\n  fail-onn: leak\n"},
    ),
    Row("at a gate", opened, ONE, "failure", 1, files={CONFIG_PATH: "gate:\n  fail-on: leak\n"}),
    Row(
        "where comments are off",
        opened,
        None,
        "neutral",
        0,
        check_says=("`comment.enabled` is false", f"{POLL}:3: "),
        files={CONFIG_PATH: "comment:\n  enabled: false\n"},
    ),
    Row(
        "that silences its leak",
        opens({POLL: IGNORED}),
        "This pull request silences 1 leak and introduces no other",
        "success",
        0,
        says=("It ends with the process",),
    ),
    Row("that causes a leak at an old line", opened, ONE, "neutral", 0, says=(f"{POLL}:3",), files=CLEAN),
    Row("that ends a leak", clean, None, "success", 0, check_says=("1 old leak resolved",), files=LEAKS),
    Row(
        "that ends a leak and brings another",
        opens(CLEAN | ANOTHER_LEAK),
        ONE,
        "neutral",
        1,
        says=("Thank you: this change also ends 1 old leak",),
        files=LEAKS,
    ),
    Row(
        "one of whose inline comments is refused",
        one_comment_refused,
        "This pull request introduces 3 leaks",
        "neutral",
        2,
        says=("src/b.js:3",),
    ),
    Row(
        "where nothing may be commented",
        may_not_comment,
        None,
        "neutral",
        0,
        check_says=("does not grant", f"{POLL}:3: "),
    ),
    Row("where commenting was forbidden unheard of", may_no_longer_comment, None, "neutral", 0, (), (f"{POLL}:3: ",)),
    Row("in an installation suspended for a while", suspended, NONE, "success", 0),
    Row("where the App was away for a while", uninstalled, NONE, "success", 0),
    Row("in a repository archived for a while", archived, NONE, "success", 0),
    Row("in a repository archived while it is scanned", archived_while_scanned, None, "success", 0),
    Row("in a repository that is renamed", renamed_repository, NONE, "success", 0),
    Row("in a repository given to somebody else", transferred, NONE, "success", 0),
    Row("in a repository that is deleted", deleted, ONE, "neutral", 1),
    Row("in a repository deleted while it is scanned", deleted_while_scanned, None, None, 0),
    Row(
        "measured, a budget not kept",
        measured,
        "No leaks · 1 budget not kept",
        "neutral",
        0,
        says=("timers",),
        check_says=("1 budget not kept", "timers"),
        files={CONFIG_PATH: BUDGETED},
    ),
    Row("measured, no budget set", measured, None, "success", 0, check_says=("timers",)),
    Row("measured at another commit", measured_elsewhere, None, "success", 0, check_says=("name another commit",)),
]

OF_THE_APP = {"/app", "/app/hook/deliveries"}
"""What the service asks for on its own, whatever the reviews."""


def test_how_pull_requests_end(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    lives = live(shared, ROWS, held_scans(monkeypatch))
    found = {row.name: list(faults_of(life, row)) for row, life in zip(ROWS, lives, strict=True)}
    wrong = [f"{name}: {fault}" for name, faults in found.items() for fault in faults]
    assert not wrong, "\n".join(["", *wrong])


def test_how_many_requests_a_review_takes(github: FakeGitHub, service: Service) -> None:
    repository = install(github, service)
    service.settle()
    github.forget_requests()
    repository.open_pull_request("alice", "feature", files=LEAKS)
    service.settle()
    of_review = [item for item in github.requests if ".git" not in item.path and item.path not in OF_THE_APP]
    assert 8 <= len(of_review) <= 15, [f"{item.method} {item.path}" for item in of_review]
