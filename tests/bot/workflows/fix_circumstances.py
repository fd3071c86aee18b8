"""What happens around the pull requests that fix, in rows of their table: branches, names, permissions, consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import CONFIG_PATH
from bot.database import fix_pull_requests as ledger
from fixers.engine import scan_file
from tests.bot.workflows.fix_happenings import installed
from tests.bot.workflows.fix_lives import CONSENT, leak
from tests.github import Fault
from tests.github.state import Kind

if TYPE_CHECKING:
    from tests.bot.workflows.fix_lives import FixLife, Steps


def name_taken(life: FixLife) -> Steps:
    """Somebody has a branch that is called as ours would be: as if there had been a ledger before this one."""
    (finding,) = scan_file("a/poll.js", leak("a").encode()).findings
    life.repository.create_branch(f"stanch/timer-forgotten-by-teardown-{finding.fingerprint[:8]}")
    yield from installed(life)


def pushed_to_before_it_is_open(life: FixLife) -> Steps:
    life.hand.github.faults.add("POST", f"/repos/{life.repository.full_name}/pulls", Fault.UNPROCESSABLE)
    yield from installed(life)
    life.repository.push({"a/mine.md": "text\n"}, life.record("a").branch)
    for _ in range(2):
        life.look()
        yield
        life.pass_hour()


def branch_deleted_before_it_is_open(life: FixLife) -> Steps:
    life.hand.github.faults.add("POST", f"/repos/{life.repository.full_name}/pulls", Fault.UNPROCESSABLE)
    yield from installed(life)
    life.repository.delete_branch(life.record("a").branch)
    life.look()
    yield


def fixed_elsewhere_before_it_is_open(life: FixLife) -> Steps:
    life.hand.github.faults.add("POST", f"/repos/{life.repository.full_name}/pulls", Fault.UNPROCESSABLE)
    yield from installed(life)
    life.mend("a")
    life.look()
    yield


def renamed(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.rename(f"{life.repository.repository.name}-renamed")
    yield
    life.look()
    yield
    life.pass_hour()
    yield


def renamed_and_closed(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.rename(f"{life.repository.repository.name}-moved")
    life.pull("a").close()
    yield
    life.look()
    yield


def archived(life: FixLife) -> Steps:
    life.install()
    life.repository.archive()
    yield
    life.look()
    yield


def archived_later(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.archive()
    yield
    life.pass_hour()
    life.look()
    yield


def unarchived(life: FixLife) -> Steps:
    yield from archived(life)
    life.repository.unarchive()
    yield
    life.look()
    yield


def never_permitted(life: FixLife) -> Steps:
    life.install({"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"})
    yield
    life.look()
    yield


def permitted_later(life: FixLife) -> Steps:
    yield from never_permitted(life)
    life.installation.accept_permissions(None)
    life.look()
    yield


def permission_lost(life: FixLife) -> Steps:
    yield from installed(life)
    life.installation.accept_permissions(
        {"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write", "issues": "read"}
    )
    life.mend("a")
    yield
    life.pass_hour()
    life.look()
    yield


def permission_lost_and_closed(life: FixLife) -> Steps:
    """A no is heard also by who may do nothing about it."""
    yield from permission_lost(life)
    life.pull("a").close()
    yield


def permission_back_after_closed(life: FixLife) -> Steps:
    yield from permission_lost_and_closed(life)
    life.installation.accept_permissions(None)
    life.look()
    yield
    assert life.repository.repository.git.branch(life.record("a").branch) is None


def closed_by_a_bot(life: FixLife) -> Steps:
    """As those do that close what nobody has looked at for long."""
    yield from installed(life)
    with life.hand.github.world.lock:
        life.hand.github.world.account("stale[bot]", Kind.BOT)
    life.pull("a").close("stale[bot]")
    yield
    life.pass_hour()
    life.look()
    yield


def closed_by_a_bot_and_asked(life: FixLife) -> Steps:
    yield from closed_by_a_bot(life)
    with life.hand.database.begin() as connection:
        ledger.ask(connection, life.repository.id, life.record("a").fingerprints, "alice")
    life.look()
    yield


def switched_off_later(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.push({CONFIG_PATH: "fix:\n  enabled: false\n"})
    life.pass_hour()
    life.look()
    yield


def faulty_configuration(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.push({CONFIG_PATH: "fix:\n  max-opn: 3\n"})
    life.pass_hour()
    life.look()
    yield


def onboarding_merged(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("onboarding").merge()
    yield


def onboarding_closed(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("onboarding").close()
    yield
    life.pass_hour()
    life.look()
    yield


def configured_by_hand(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.push({CONFIG_PATH: CONSENT})
    life.look()
    yield


def configured_on_the_branch(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("onboarding").push({CONFIG_PATH: "fix:\n  max-open: 1\n  per-hour: 9\n"})
    yield
    life.pull("onboarding").merge()
    yield


def configuration_removed(life: FixLife) -> Steps:
    yield from onboarding_merged(life)
    life.repository.push({CONFIG_PATH: None})
    life.pass_hour()
    life.look()
    yield


def uninstalled(life: FixLife) -> Steps:
    yield from installed(life)
    life.installation.delete()
    yield
    life.look()
    yield


def event_lost(life: FixLife) -> Steps:
    """The night finds out what no delivery has told."""
    yield from installed(life)
    issue, world = life.pull("a").issue, life.hand.github.world
    with world.lock:
        issue.state, issue.closed_by = "closed", world.account("alice")
    yield
    life.look()
    yield
