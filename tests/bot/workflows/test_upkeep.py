"""What the service does unasked: it makes an outage good, finds what is open already, and forgets what is old."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, insert, select, update

import bot.workflows.context
from bot.database import installations
from bot.database.tables import EFFECTS, JOBS, NOW
from bot.github.retries import ATTEMPTS
from bot.jobs.queue import Queue
from bot.workflows import upkeep, wiring
from bot.workflows.lanes import BRANCH, NIGHTLY, RECONCILE, SWEEP, branch_lane, submit_review
from tests.bot.workflows.running import LEAK, install, wait_for
from tests.github import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.workflows.running import Service
    from tests.github import PullHandle, RepositoryHandle

LEAKS = {"src/poll.js": LEAK}
DELIVERIES = "/app/hook/deliveries"


@pytest.fixture(scope="module", autouse=True)
def unscheduled() -> Iterator[None]:
    """Nothing is done unasked but what a test submits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "SCHEDULES", ())
        yield


@pytest.fixture
def punctual(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clocks agree to a second, and a delivery that has failed is asked for again at once."""
    monkeypatch.setattr(upkeep, "_CLOCKS", timedelta(seconds=1))
    monkeypatch.setattr(upkeep, "_AGAIN", timedelta(0))


def sweep(service: Service) -> None:
    service.submit(SWEEP)
    service.settle()


def is_reviewed(repository: RepositoryHandle, pull: PullHandle) -> bool:
    return [check.status for check in repository.check_runs(pull.head_sha, "stanch")] == ["completed"]


@pytest.mark.usefixtures("punctual")
def test_an_outage_is_made_good_though_a_delivery_fails_again(shared: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = install(shared.github, shared)
    shared.settle()
    sweep(shared)
    shared.github.faults.add("EVENT", "pull_request", Fault.DELIVERY_LOST, times=4)
    pulls = [
        repository.open_pull_request("alice", f"feature-{number}", files={f"{number}.js": LEAK}) for number in range(2)
    ]
    sweep(shared)
    failed = shared.github.now()
    # The next sweep leaves them alone, and begins so late that all would be well since if it forgot them.
    wait_for(lambda: shared.github.now() > failed + timedelta(seconds=2))
    with monkeypatch.context() as patient:
        patient.setattr(upkeep, "_AGAIN", timedelta(hours=1))
        sweep(shared)
    assert [is_reviewed(repository, pull) for pull in pulls] == [False, False]
    sweep(shared)
    assert [is_reviewed(repository, pull) for pull in pulls] == [True, True]


@pytest.mark.usefixtures("punctual")
def test_a_sweep_in_quiet_times_lists_one_page(shared: Service) -> None:
    install(shared.github, shared)
    shared.settle()
    sweep(shared)
    newest, ago = shared.github.deliveries[-1], timedelta(hours=1)
    # Ids that GitHub gave before all others.
    old = [
        replace(newest, id=number, guid=f"old-{number}", delivered_at=newest.delivered_at - ago)
        for number in range(1, 251)
    ]
    shared.github.deliveries[:0] = old
    shared.github.forget_requests()
    sweep(shared)
    assert shared.github.count("GET", DELIVERIES) == 1


def test_a_delivery_that_github_does_not_send_again_holds_up_no_other(shared: Service) -> None:
    repository = install(shared.github, shared)
    shared.settle()
    shared.github.faults.add("EVENT", "pull_request", Fault.DELIVERY_LOST, times=2)
    pulls = [
        repository.open_pull_request("alice", f"feature-{number}", files={f"{number}.js": LEAK}) for number in range(2)
    ]
    shared.settle()
    shared.github.faults.add("POST", f"{DELIVERIES}/*/attempts", Fault.UNPROCESSABLE)
    sweep(shared)
    assert sorted(is_reviewed(repository, pull) for pull in pulls) == [False, True]
    sweep(shared)
    assert [is_reviewed(repository, pull) for pull in pulls] == [True, True]


def test_what_is_open_already_is_reviewed_when_the_app_comes(shared: Service) -> None:
    def opened(name: str) -> tuple[RepositoryHandle, PullHandle]:
        repository = shared.github.create_repository(name, files={"src/poll.js": "export {};\n"})
        repository.set_role("alice", "write")
        return repository, repository.open_pull_request("alice", "feature", files=LEAKS)

    repository, pull = opened("octo/old")
    installation = shared.app.install(repository)
    shared.settle()
    assert is_reviewed(repository, pull)

    added, of_added = opened("octo/older")
    installation.add(added)
    shared.settle()
    assert is_reviewed(added, of_added)

    installation.suspend()
    shared.settle()
    pull = repository.open_pull_request("alice", "another", files=LEAKS)
    installation.unsuspend()
    shared.settle()
    assert is_reviewed(repository, pull)


def test_what_was_taken_away_unheard_is_found_out(shared: Service) -> None:
    repositories = [shared.github.create_repository(f"taken-{number}/app") for number in range(3)]
    kept, lessened = shared.app.install(repositories[0]), shared.app.install(repositories[1])
    lessened.add(repositories[2])
    other = shared.github.create_repository("taken-3/app")
    uninstalled = shared.app.install(other)
    shared.settle()
    url, shared.app.webhook_url = shared.app.webhook_url, None
    lessened.remove(repositories[2])
    uninstalled.delete()
    shared.app.webhook_url = url
    shared.submit(RECONCILE)
    shared.settle()
    with shared.database.begin() as connection:
        known = installations.known_installations(connection)
        left = [item.full_name for item in installations.active_repositories(connection)]
    assert {kept.id, lessened.id} <= known
    assert uninstalled.id not in known
    assert [name for name in left if name.startswith("taken-")] == ["taken-0/app", "taken-1/app"]


@pytest.mark.parametrize("path", ["/repos/{}/pulls", "/installation/repositories"])
def test_an_installation_that_cannot_be_asked_holds_up_no_other(
    shared: Service, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing is made good by the job being done again.
    monkeypatch.setattr(bot.workflows.context, "GITHUB_AWAY", timedelta(hours=1))
    repositories = [shared.github.create_repository(f"{path.count('i')}-{number}/app") for number in range(2)]
    for repository in repositories:
        shared.app.install(repository)
    shared.settle()
    url, shared.app.webhook_url = shared.app.webhook_url, None
    pulls = [repository.open_pull_request("alice", "feature", files=LEAKS) for repository in repositories]
    shared.app.webhook_url = url
    # One request, however often it is repeated.
    shared.github.faults.add("GET", path.format(repositories[0].full_name), Fault.BAD_GATEWAY, times=ATTEMPTS)
    shared.submit(RECONCILE)
    shared.settle()
    assert is_reviewed(repositories[1], pulls[1])


def test_a_scan_that_was_given_up_is_tried_again_at_night(shared: Service) -> None:
    repository = install(shared.github, shared, LEAKS)
    shared.settle()
    given_up = {
        "kind": BRANCH,
        "lane": branch_lane(repository.id),
        "arguments": {"repository": repository.id, "head": None},
        "state": "poison",
        "coalesce": True,
        "priority": 0,
        "due_at": NOW,
        "due_by": NOW,
        "finished_at": NOW,
    }
    with shared.database.begin() as connection:
        connection.execute(insert(JOBS).values(**given_up))
    shared.submit(NIGHTLY)
    shared.settle()
    assert [check.status for check in repository.check_runs(repository.head(), "stanch repository")] == ["completed"]


def test_what_was_written_long_ago_is_not_written_again(shared: Service) -> None:
    repository = install(shared.github, shared)
    pull = repository.open_pull_request("alice", "feature", files=LEAKS)
    command = pull.comment("alice", "/perf-scan help")
    shared.settle()
    long_ago = NOW - timedelta(days=91)
    with shared.database.begin() as connection:
        connection.execute(update(EFFECTS).values(begun_at=long_ago, finished_at=long_ago))
    sweep(shared)
    with shared.database.begin() as connection:
        assert connection.execute(select(func.count()).select_from(EFFECTS)).scalar_one() == 0
    submit_review(Queue(shared.database), repository.id, pull.number, pull.head_sha, revive=True)
    shared.settle()
    head = pull.head_sha
    pull.push({"README.md": "# App\n"})
    shared.settle()
    assert len(pull.comments_by(shared.app.app)) == 2
    assert [len(thread.comments) for thread in pull.threads] == [1]
    assert [reaction.content for reaction in command.reactions] == ["eyes", "rocket"]
    keys = [check.external_id for check in repository.check_runs(head, "stanch")]
    assert sorted(keys) == [f"check/stanch/{head}/1", f"check/stanch/{head}/2"]
