"""Injected faults and rate limits: what the client sees, and what was done all the same."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.github import Fault

if TYPE_CHECKING:
    from tests.github.conftest import Site

COMMENTS = "/repos/octo/app/issues/1/comments"


@pytest.mark.parametrize(
    ("fault", "status", "header", "done"),
    [
        (Fault.ERROR_BEFORE, 500, None, False),
        (Fault.ERROR_AFTER, 500, None, True),
        (Fault.BAD_GATEWAY, 502, None, False),
        (Fault.UNPROCESSABLE, 422, None, False),
        (Fault.NOT_FOUND, 404, None, False),
        (Fault.UNAUTHORIZED, 401, None, False),
        (Fault.FORBIDDEN_RETRY_AFTER, 403, ("Retry-After", "7"), False),
        (Fault.FORBIDDEN_BARE, 403, None, False),
        (Fault.TOO_MANY, 429, ("Retry-After", "7"), False),
        (Fault.PRIMARY_LIMIT, 403, ("X-RateLimit-Remaining", "0"), False),
        (Fault.DROP_BEFORE, None, None, False),
        (Fault.DROP_AFTER, None, None, True),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else None,
)
def test_a_fault(
    site: Site, client: httpx.Client, fault: Fault, status: int | None, header: tuple[str, str] | None, done: bool
) -> None:
    pull = site.pull()
    site.github.faults.add("POST", "/repos/*/issues/*/comments", fault, seconds=7)
    if status is None:
        with pytest.raises(httpx.TransportError):
            client.post(COMMENTS, json={"body": "x"})
    else:
        answer = client.post(COMMENTS, json={"body": "x"})
        assert answer.status_code == status
        assert header is None or answer.headers[header[0]] == header[1]
        assert fault is not Fault.FORBIDDEN_BARE or "Retry-After" not in answer.headers
    assert [comment.body for comment in pull.comments] == (["x"] if done else [])
    assert (site.github.requests[-1].fault, site.github.requests[-1].status) == (fault, status or 0)


def test_the_hour_is_used_up(site: Site, client: httpx.Client) -> None:
    site.github.faults.add("GET", "/repos/octo/app", Fault.PRIMARY_LIMIT)
    assert client.get("/repos/octo/app").status_code == 403
    refused = client.get("/repos/octo/app")
    assert (refused.status_code, refused.headers["X-RateLimit-Remaining"]) == (403, "0")
    site.github.advance(int(refused.headers["X-RateLimit-Reset"]) - site.github.world.timestamp() + 1)
    with site.client() as later:
        assert later.get("/repos/octo/app").status_code == 200


def test_a_slow_answer(site: Site, client: httpx.Client) -> None:
    site.github.faults.add("*", "*", Fault.SLOW, seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        client.get("/repos/octo/app", timeout=httpx.Timeout(20, read=0.05))
    assert client.get("/repos/octo/app").status_code == 200


def test_the_nth_of_some(site: Site, client: httpx.Client) -> None:
    rule = site.github.faults.add("GET", "/repos/octo/*", Fault.ERROR_BEFORE, nth=2, times=2)
    statuses = [client.get("/repos/octo/app").status_code for _ in range(5)]
    assert statuses == [200, 500, 500, 200, 200]
    assert (rule.seen, rule.happened) == (5, 2)


def test_only_requests_that_say_something(site: Site, client: httpx.Client) -> None:
    pull = site.pull()
    site.github.faults.add(
        "POST", "*", Fault.ERROR_BEFORE, only_if=lambda body: isinstance(body, dict) and body.get("body") == "bad"
    )
    statuses = [client.post(COMMENTS, json={"body": body}).status_code for body in ("good", "bad", "bad")]
    assert statuses == [201, 500, 201]
    assert len(pull.comments) == 2


def test_chance_is_the_same_for_the_same_seed(site: Site, client: httpx.Client) -> None:
    def statuses() -> list[int]:
        site.github.faults.clear()
        site.github.faults.reseed(5)
        site.github.faults.add("*", "*", Fault.ERROR_BEFORE, probability=0.5)
        return [client.get("/repos/octo/app").status_code for _ in range(20)]

    first = statuses()
    assert set(first) == {200, 500}
    assert statuses() == first


def test_requests_are_counted(site: Site, client: httpx.Client) -> None:
    site.pull()
    client.post(COMMENTS, json={"body": "x"})
    client.get(COMMENTS)
    assert site.github.count("POST", COMMENTS, status=201) == 1
    assert site.github.count("*", "/repos/*") == 2
    last = site.github.requests[-2]
    assert (last.operation, last.app, last.repository) == ("issues/create-comment", "stanch-review", "octo/app")
    assert last.body == {"body": "x"}
    site.github.forget_requests()
    assert site.github.requests == []


def test_the_hourly_limit(site: Site, client: httpx.Client) -> None:
    site.github.limits.hourly = 3
    statuses = [client.get("/repos/octo/app").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 403, 403]
    # The second refusal was told already.
    assert site.github.limits.violations == 1


def test_content_a_minute(site: Site, client: httpx.Client) -> None:
    site.pull()
    site.github.limits.content_per_minute = 80
    answers = [client.post(COMMENTS, json={"body": "x"}) for _ in range(81)]
    assert [answer.status_code for answer in answers].count(201) == 80
    assert int(answers[-1].headers["Retry-After"]) <= 61
    assert "secondary rate limit" in answers[-1].json()["message"]
    assert client.get(COMMENTS).status_code == 200
    site.github.advance(61)
    assert client.post(COMMENTS, json={"body": "x"}).status_code == 201


def test_points_a_minute(site: Site, client: httpx.Client) -> None:
    site.pull()
    site.github.limits.points_per_minute = 12
    assert [client.post(COMMENTS, json={"body": "x"}).status_code for _ in range(3)] == [201, 201, 403]
    assert client.get(COMMENTS).status_code == 200


def test_faults_strike_git_and_graphql_as_well(site: Site, client: httpx.Client) -> None:
    site.github.faults.add("POST", "/graphql", Fault.BAD_GATEWAY)
    assert client.post("/graphql", json={"query": "{ viewer { login } }"}).status_code == 502
    site.github.faults.add("GET", "/octo/app.git/info/refs", Fault.DROP_BEFORE)
    with contextlib.suppress(httpx.TransportError), httpx.Client(trust_env=False, verify=False) as git:
        git.get(f"{site.repository.clone_url}/info/refs", params={"service": "git-upload-pack"})
    assert site.github.requests[-1].fault is Fault.DROP_BEFORE
