"""What happens in the rows of the table of pull requests that fix."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.database import fix_pull_requests as ledger
from tests.bot.workflows.fix_lives import leak, mended, package

if TYPE_CHECKING:
    from tests.bot.workflows.fix_lives import FixLife, Steps


def installed(life: FixLife) -> Steps:
    life.install()
    yield


def looked_at_again(life: FixLife) -> Steps:
    for _ in range(3):
        yield from installed(life) if not life.records else ()
        life.look()
        yield


def hours_go_by(life: FixLife) -> Steps:
    yield from installed(life)
    for _ in range(6):
        life.pass_hour()
        yield


def merged(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("a").merge()
    yield


def merged_and_looked_at(life: FixLife) -> Steps:
    yield from merged(life)
    life.look()
    yield


def merged_and_back(life: FixLife) -> Steps:
    yield from merged(life)
    life.repository.push({"a/poll.js": leak("a")})
    life.pass_hour()
    life.look()
    yield


def closed(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("a").close()
    yield
    life.pass_hour()
    life.look()
    yield


def closed_and_moved(life: FixLife) -> Steps:
    yield from closed(life)
    life.repository.push({"a/poll.js": None, "a/lib/poll.js": leak("a")})
    life.look()
    yield


def closed_and_reopened(life: FixLife) -> Steps:
    yield from installed(life)
    pull = life.pull("a")
    head = pull.head_sha
    pull.close()
    yield
    life.repository.create_branch(pull.head_ref, head)
    pull.reopen()
    yield


def closed_in_a_group(life: FixLife) -> Steps:
    """Both leaks of the package were refused with one pull request, and one of them more is there later."""
    yield from installed(life)
    life.pull("a").close()
    yield
    life.repository.push({"a/more.js": leak("more")})
    life.pass_hour()
    life.look()
    yield


def one_of_two_refused_before(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("a").close()
    yield
    life.repository.push({"a/other.js": leak("other"), "a/third.js": leak("third")})
    life.pass_hour()
    life.look()
    yield
    life.pull("a").close()
    yield
    life.pass_hour()
    life.look()
    yield


def edited_by_a_person(life: FixLife) -> Steps:
    yield from installed(life)
    life.pull("a").push({"a/poll.js": mended("a") + "\n"})
    yield


def edited_and_base_mended(life: FixLife) -> Steps:
    yield from edited_by_a_person(life)
    life.mend("a")
    life.look()
    yield


def edited_and_closed(life: FixLife) -> Steps:
    yield from edited_by_a_person(life)
    life.pull("a").close()
    yield


def edited_and_merged(life: FixLife) -> Steps:
    yield from edited_by_a_person(life)
    life.pull("a").merge()
    yield


def base_moves_elsewhere(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.push({"other.md": "text\n"})
    life.look()
    yield


def base_moves_under_it(life: FixLife) -> Steps:
    yield from installed(life)
    life.change("a")
    life.look()
    yield


def base_moves_under_it_and_github_thinks(life: FixLife) -> Steps:
    yield from installed(life)
    life.change("a")
    life.pull("a").pull.is_mergeability_unknown = True
    life.look()
    yield
    life.pull("a").pull.is_mergeability_unknown = False
    life.look()
    yield


def edited_and_base_moves_under_it(life: FixLife) -> Steps:
    yield from edited_by_a_person(life)
    life.change("a")
    life.look()
    yield


def fixed_elsewhere(life: FixLife) -> Steps:
    yield from installed(life)
    life.mend("a")
    life.look()
    yield


def file_deleted(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.push({"a/poll.js": None})
    life.look()
    yield


def file_broken(life: FixLife) -> Steps:
    """While a file cannot be read, nobody knows what is in it."""
    yield from installed(life)
    life.repository.push({"a/poll.js": "export class Poller {{{{ start() { this.timer = setInterval(() => x, 10\n"})
    life.look()
    yield


def silenced_by_pragma(life: FixLife) -> Steps:
    yield from installed(life)
    silenced = leak("a").replace("    this.timer", "    // stanch-ignore timer/*: it is meant\n    this.timer")
    life.repository.push({"a/poll.js": silenced})
    life.look()
    yield


def fixed_elsewhere_and_back(life: FixLife) -> Steps:
    yield from fixed_elsewhere(life)
    life.repository.push({"a/poll.js": leak("a")})
    life.pass_hour()
    life.look()
    yield


def obsolete_and_reopened(life: FixLife) -> Steps:
    yield from installed(life)
    pull, head = life.pull("a"), life.pull("a").head_sha
    life.mend("a")
    life.look()
    yield
    life.repository.create_branch(pull.head_ref, head)
    pull.reopen()
    yield
    life.look()
    yield


def refused_three_times(life: FixLife) -> Steps:
    """The rule is demoted: the fourth package waits for somebody to ask."""
    yield from installed(life)
    for name in "abc":
        life.pull(name).close()
        yield
    life.repository.push(package("d"))
    life.look()
    yield


def refused_three_times_and_asked(life: FixLife) -> Steps:
    yield from refused_three_times(life)
    fingerprint = _fingerprint_of(life, "a")
    with life.hand.database.begin() as connection:
        ledger.ask(connection, life.repository.id, [fingerprint], "alice")
    life.look()
    yield


def _fingerprint_of(life: FixLife, name: str) -> str:
    return life.record(name).fingerprints[0]


def branch_deleted(life: FixLife) -> Steps:
    yield from installed(life)
    life.repository.delete_branch(life.pull("a").head_ref)
    yield
    life.pass_hour()
    life.look()
    yield


def merged_by_squash_and_tidied(life: FixLife) -> Steps:
    """GitHub, or whoever merges, may delete the branch first."""
    yield from installed(life)
    pull = life.pull("a")
    pull.merge(method="squash")
    life.repository.delete_branch(pull.head_ref)
    yield


def reopened_and_merged(life: FixLife) -> Steps:
    yield from closed_and_reopened(life)
    life.pull("a").merge()
    yield


def reopened_and_closed_again(life: FixLife) -> Steps:
    yield from closed_and_reopened(life)
    life.pull("a").close()
    yield
    life.pass_hour()
    life.look()
    yield
