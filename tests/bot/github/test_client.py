from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.decisions.actions import Reaction, Subject
from bot.decisions.checks import CheckRun, Output
from bot.decisions.reviews import InlineComment
from bot.github.client import App
from bot.github.errors import Forbidden, NotFound, Unauthorized
from bot.github.limits import MemoryLimitStore, Priority
from bot.github.manifest import PERMISSIONS, Size, default_events
from tests.bot.github.places import FakeClock, Place, place
from tests.bot.github.scripted import unused_url

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

REVIEW = PERMISSIONS[Size.REVIEW]
CODE = "setInterval(poll, 9);\nexport {};\n"
CLEAN = CheckRun(conclusion="success", output=Output(title="0", summary="0", annotations=()), actions=())


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    with place(tmp_path / "github", permissions=REVIEW) as made:
        yield made


def test_who_the_app_is(here: Place) -> None:
    identity = here.app.identity()
    assert (identity.app_id, identity.login) == (here.handle.id, f"{here.handle.slug}[bot]")
    asked = here.app.calls
    assert here.app.identity() is identity
    assert here.app.calls == asked
    registration = here.app.registration()
    assert (registration.identity, registration.permissions) == (identity, {**REVIEW})
    assert registration.webhook_url is None
    skew = here.app.clock_skew()
    assert skew is not None
    assert abs(skew) < timedelta(seconds=5)


def test_where_the_app_is_installed(here: Place) -> None:
    here.installation.add(here.github.create_repository("octo/other"))
    elsewhere = here.github.create_repository("acme/tool")
    suspended = here.handle.install(elsewhere, permissions={"metadata": "read", "contents": "read"})
    suspended.suspend()
    installations = {installation.account.login: installation for installation in here.app.installations()}
    assert installations.keys() == {"octo", "acme"}
    assert (installations["octo"].permissions, installations["octo"].is_suspended) == ({**REVIEW}, False)
    assert installations["acme"].is_suspended
    assert here.app.installation(suspended.id).permissions == {"metadata": "read", "contents": "read"}
    repositories = [*here.app.repositories_of(here.installation.id)]
    assert [ref.full_name for ref in repositories] == ["octo/app", "octo/other"]
    assert repositories[0] == here.ref
    assert here.github.count("DELETE", "/installation/token", status=204) == 1
    with pytest.raises(Forbidden, match="suspended"):
        next(here.app.repositories_of(suspended.id))
    with pytest.raises(NotFound):
        here.app.installation(999_999)


def test_an_installation_may_give_less_than_is_asked(here: Place) -> None:
    elsewhere = here.github.create_repository("acme/tool")
    installation = here.handle.install(elsewhere, permissions={"metadata": "read", "contents": "read"})
    with here.app.repository(installation.ref(elsewhere), REVIEW) as repository:
        with pytest.raises(Forbidden, match="checks: write or issues: read or pull_requests: write") as caught:
            repository.default_branch()
        assert caught.value.missing == ("checks: write", "issues: read", "pull_requests: write")
    installation.accept_permissions(REVIEW)
    with here.app.repository(installation.ref(elsewhere), REVIEW) as repository:
        assert repository.default_branch().name == "main"


def test_an_app_that_is_gone_or_out_of_time(here: Place) -> None:
    here.installation.delete()
    with here.client(REVIEW) as client, pytest.raises(NotFound):
        client.default_branch()
    here.github.advance(3600)
    late = App(here.handle.credentials)
    with pytest.raises(Unauthorized, match="this machine's clock"):
        late.identity()


def test_failed_deliveries_are_found_and_sent_again(tmp_path: Path) -> None:
    with place(tmp_path / "github", permissions=REVIEW) as here:
        nobody = unused_url()
        handle = here.github.register_app(REVIEW, default_events(REVIEW), f"{nobody}/webhook", slug="heard")
        handle.install(here.repository)
        pull = here.repository.open_pull_request("alice", "feature", files={"src/poll.ts": CODE})
        for number in range(120):
            pull.comment("alice", f"remark {number}")
        here.github.settle()
        began = here.github.now()
        with App(handle.credentials, clock=FakeClock(here.github)) as app:
            deliveries = [*app.deliveries(began - timedelta(hours=1))]
            assert len({delivery.id for delivery in deliveries}) == len(deliveries) > 120
            assert all(delivery.status != "OK" and not delivery.redelivery for delivery in deliveries)
            assert {delivery.event for delivery in deliveries} >= {"pull_request", "issue_comment"}
            assert deliveries == sorted(deliveries, key=lambda delivery: delivery.id, reverse=True)
            assert [*app.deliveries(here.github.now() + timedelta(hours=1))] == []
            app.redeliver(deliveries[0].id)
            here.github.settle()
            (again,) = [delivery for delivery in app.deliveries(began) if delivery.redelivery]
            assert again.guid == deliveries[0].guid
            assert app.registration().webhook_url == f"{nobody}/webhook"


def test_deliveries_are_listed_to_the_end_however_many_there_are(tmp_path: Path) -> None:
    with place(tmp_path / "github", permissions=REVIEW) as here:
        handle = here.github.register_app(REVIEW, default_events(REVIEW), f"{unused_url()}/webhook", slug="heard")
        handle.install(here.repository)
        here.github.settle()
        log = here.github.deliveries
        first = log[-1]
        log.extend(replace(first, id=first.id + number, guid=f"guid-{number}") for number in range(1, 10_100))
        with App(handle.credentials, clock=FakeClock(here.github)) as app:
            guids = {delivery.guid for delivery in app.deliveries(here.github.now() - timedelta(hours=1))}
    assert {first.guid, "guid-1", "guid-10099"} <= guids


def test_a_normal_review_takes_at_most_fifteen_calls(here: Place) -> None:
    pull = here.repository.open_pull_request("alice", "feature", files={"src/poll.ts": CODE})
    inline = InlineComment(path="src/poll.ts", line=1, side="RIGHT", body="a leak")
    here.app.identity()
    client = here.client(REVIEW)
    with client:
        seen = client.pull_request(pull.number)
        client.compare_base(seen.base.sha, seen.head.sha)
        assert [*client.check_runs(seen.head.sha, "stanch")] == []
        check_id = client.create_check("stanch", seen.head.sha, "key")
        assert [*client.issue_comments(pull.number)] == []
        assert [*client.review_threads(pull.number)] == []
        client.pull_request(pull.number)
        client.create_comment(pull.number, "1 leak")
        client.create_review(pull.number, seen.head.sha, [inline])
        client.update_check(check_id, CLEAN)
    assert client.calls == len([request for request in here.github.requests if request.path != "/app"])
    assert client.calls <= 15


def test_jobs_run_side_by_side(here: Place) -> None:
    limits = MemoryLimitStore()
    pulls = [
        here.repository.open_pull_request("alice", f"feature-{number}", files={f"{number}.ts": CODE})
        for number in range(6)
    ]
    seen: list[tuple[int, int]] = []
    with App(here.handle.credentials, limits=limits, clock=FakeClock(here.github)) as app:

        def work(number: int) -> None:
            with app.repository(here.ref, REVIEW, Priority.PERSON) as client:
                seen.extend((number, client.pull_request(number).number) for _ in range(5))
                command = pulls[0].comment("alice", "/perf-scan")
                client.react(Subject.ISSUE_COMMENT, command.id, Reaction.EYES)
                assert app.identity().slug == here.handle.slug

        workers = [threading.Thread(target=work, args=(pull.number,)) for pull in pulls]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    assert len(seen) == 30
    assert all(asked == answered for asked, answered in seen)
    assert sum(len(comment.reactions) for comment in pulls[0].comments) == 6
    assert limits.load(here.installation.id).minutes
