"""What happens to the pull requests of the table in test_reviewing.py: each function is the steps of a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.decisions.budgets import CHECK_NAME, GITHUB_ACTIONS, embedded
from bot.workflows.lanes import RECONCILE
from tests.bot.decisions import states
from tests.bot.workflows.running import LEAK, MENDED
from tests.github import Fault
from tests.github.domain.checks import create_run
from tests.github.world import Actor

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.decisions.budgets import Budgets
    from tests.bot.workflows.lives import Life, Steps
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
    timers = {f"src/{name}.js": LEAK.replace("Poller", f"Poller{name.upper()}") for name in "abcdef"}
    files = {
        f"src/{name}.py": f"def {name}(path):\n    file = open(path)\n    return file.read()\n" for name in "ghijkl"
    }
    life.open(timers | files)


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


def one_line_refused(life: Life) -> None:
    path = f"/repos/{life.repository.full_name}/pulls/*/reviews"

    def is_about_b(body: object) -> bool:
        return isinstance(body, dict) and any(comment["path"] == "src/b.js" for comment in body["comments"])

    life.service.github.faults.add("POST", path, Fault.UNPROCESSABLE, times=None, only_if=is_about_b)
    life.open({f"src/{name}.js": LEAK.replace("Poller", f"Poller{name.upper()}") for name in "abc"})


def one_file_refused(life: Life) -> None:
    path = f"/repos/{life.repository.full_name}/pulls/*/comments"
    life.service.github.faults.add("POST", path, Fault.UNPROCESSABLE, times=None)
    one_line_refused(life)


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
