from __future__ import annotations

import ssl
from importlib.metadata import version
from itertools import islice
from typing import TYPE_CHECKING

import pytest

from bot.github.errors import Unauthorized, Unavailable
from tests.bot.github.apis import LIMITS, TOKEN, Thing, api_at, error_of
from tests.bot.github.keys import certificate_pem, private_pem
from tests.bot.github.scripted import Scripted, ScriptedGitHub, unused_url

if TYPE_CHECKING:
    from pathlib import Path

    from bot.github.api import Api
    from tests.bot.github.clocks import TestClock


def test_what_every_request_says(api: Api, github: ScriptedGitHub) -> None:
    github.answers.append(Scripted(200, {"id": 1, "more": "than we read"}))
    assert api.get("/thing", Thing, {"b": 2, "a": "x y", "none": None}) == Thing(1)
    (request,) = github.requests
    assert (request.method, request.path, request.query) == ("GET", "/thing", {"a": "x y", "b": "2"})
    assert request.headers["x-github-api-version"] == "2022-11-28"
    assert request.headers["user-agent"] == f"stanch/{version('stanch')}"
    assert request.headers["accept"] == "application/vnd.github+json"
    assert request.headers["authorization"] == f"Bearer {TOKEN}0"


FAULTS = [Scripted(500), Scripted(502, b"<html>"), Scripted(503), Scripted(504), Scripted(drop=True)]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "drop" if fault.drop else fault.status)
@pytest.mark.parametrize("verb", ["GET", "PATCH", "PUT", "DELETE"])
def test_what_may_be_repeated_is_repeated(
    api: Api, github: ScriptedGitHub, clock: TestClock, verb: str, fault: Scripted
) -> None:
    github.answers.extend([fault, fault, Scripted(200, {"id": 1})])
    got = api.get("/thing", Thing) if verb == "GET" else api.send(verb, "/thing", Thing, {"x": 1})
    assert got == Thing(1)
    assert len(github.requests) == 3
    assert 0.5 in clock.slept
    assert sum(clock.slept) <= 3


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: "drop" if fault.drop else fault.status)
def test_a_post_is_never_repeated_blindly(api: Api, github: ScriptedGitHub, fault: Scripted) -> None:
    github.answers.extend([fault, Scripted(201, {"id": 1})])
    error = error_of(lambda: api.send("POST", "/comments", Thing, {"body": "x"}), Unavailable)
    assert error.maybe_done
    assert github.asked == ["POST /comments"]


def test_a_post_that_sets_a_state_may_be_repeated(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(500), Scripted(201, {"id": 1})])
    assert api.send("POST", "/reactions", Thing, {"content": "eyes"}, repeatable=True) == Thing(1)


def test_headers_that_are_none_are_a_fault_of_githubs(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(200, {"id": 1}, {**LIMITS, "x-ratelimit-reset": "nan"})] * 3)
    error_of(lambda: api.get("/thing", Thing), Unavailable)


def test_giving_up_says_so(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(500)] * 9)
    error = error_of(lambda: api.get("/thing", Thing), Unavailable)
    assert (str(error), error.maybe_done) == ("GitHub failed at GET /thing with status 500.", False)
    assert len(github.requests) == 3
    assert error_of(lambda: api.send("PATCH", "/thing", Thing), Unavailable).maybe_done


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_where_nobody_listens_nothing_is_done(clock: TestClock, verb: str) -> None:
    api = api_at(unused_url(), clock)
    error = error_of(lambda: api.get("/x", Thing) if verb == "GET" else api.send(verb, "/x", Thing), Unavailable)
    assert not error.maybe_done
    assert str(error).endswith(f"did not answer {verb} /x: there is no connection.")


def test_a_certificate_of_ones_own_has_to_be_known(
    tmp_path: Path, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    key.write_text(private_pem())
    certificate.write_text(certificate_pem())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ScriptedGitHub(Scripted(201, {"id": 1}), tls=context) as github:
        error = error_of(lambda: api_at(github.url, clock).send("POST", "/comments", Thing), Unavailable)
        assert not error.maybe_done
        assert "certificate is not known here; REQUESTS_CA_BUNDLE" in str(error)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        assert api_at(github.url, clock).send("POST", "/comments", Thing) == Thing(1)
    assert len(github.requests) == 1


def test_a_tls_conversation_that_breaks_may_have_said_something(github: ScriptedGitHub, clock: TestClock) -> None:
    # The server speaks no TLS: that cannot be told from a connection that broke while the request was on its way.
    api = api_at(github.url.replace("http:", "https:"), clock)
    assert error_of(lambda: api.send("POST", "/comments", Thing), Unavailable).maybe_done
    assert clock.slept == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"id": "1"}', b"\xff", b'{"id": 1, "x": ' + b"[" * 100_000, b"null", b"<html>"],
)
def test_an_answer_that_is_none_is_a_fault_of_githubs(api: Api, github: ScriptedGitHub, body: bytes) -> None:
    github.answers.extend([Scripted(200, body), Scripted(201, body)])
    assert not error_of(lambda: api.get("/thing", Thing), Unavailable).maybe_done
    assert error_of(lambda: api.send("POST", "/thing", Thing), Unavailable).maybe_done


def test_a_token_that_is_not_taken_is_replaced_once(github: ScriptedGitHub, clock: TestClock) -> None:
    github.answers.extend([Scripted(401), Scripted(201, {"id": 1}), Scripted(401), Scripted(401)])
    api = api_at(github.url, clock, spares=1)
    assert api.send("POST", "/thing", Thing) == Thing(1)
    assert [request.headers["authorization"][-1] for request in github.requests] == ["1", "0"]
    error_of(lambda: api.get("/thing", Thing), Unauthorized)
    assert len(github.requests) == 3


def test_what_did_not_change_is_not_sent_again(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend(
        [
            Scripted(200, {"id": 1}, {"etag": 'W/"one"'}),
            Scripted(304, headers={"etag": 'W/"one"'}),
            Scripted(200, {"id": 2}, {"etag": 'W/"two"'}),
            Scripted(304),
            Scripted(200, {"id": 3}),
        ]
    )
    got = [api.get("/thing", Thing).id for _ in range(4)]
    assert got == [1, 1, 2, 2]
    assert api.get("/thing", Thing, {"page": 2}) == Thing(3)
    sent = [request.headers.get("if-none-match") for request in github.requests]
    assert sent == [None, 'W/"one"', 'W/"one"', 'W/"two"', None]


def next_link(url: str) -> dict[str, str]:
    return {"link": f'<{url}>; rel="next", <{url}>; rel="last"'}


def test_pages_are_turned_when_they_are_needed(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend(
        [
            Scripted(200, [{"id": 1}, {"id": 2}], next_link(f"{github.url}/repositories/7/things?page=2&per_page=100")),
            Scripted(200, [{"id": 3}], next_link(f"{github.url}/repositories/7/things?page=3&per_page=100")),
            Scripted(200, []),
        ]
    )
    pages = api.pages("/things", list[Thing], {"state": "open"})
    assert next(pages) == [Thing(1), Thing(2)]
    assert len(github.requests) == 1
    assert [*pages] == [[Thing(3)], []]
    assert [request.query.get("page") for request in github.requests] == [None, "2", "3"]
    assert github.requests[0].query == {"per_page": "100", "state": "open"}


def test_pages_end_where_documentation_says(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(200, [{"id": 1}], next_link(f"{github.url}/things?page=2"))] * 9)
    assert len([*api.pages("/things", list[Thing], most=3)]) == 3
    assert len(github.requests) == 3


@pytest.mark.parametrize("elsewhere", ["http://evil.example/things", "http://127.0.0.1:1/things", "//evil.example/x"])
def test_no_token_goes_elsewhere(api: Api, github: ScriptedGitHub, elsewhere: str) -> None:
    github.answers.append(Scripted(200, [], next_link(elsewhere)))
    error_of(lambda: [*api.pages("/things", list[Thing])], Unavailable)
    github.answers.append(Scripted(307, headers={"location": elsewhere}))
    error_of(lambda: api.send("PATCH", "/things", Thing), Unavailable)
    github.answers.append(Scripted(301, headers={"location": elsewhere.replace("//", "//", 1)}))
    github.answers.append(Scripted(404))
    error_of(lambda: api.get("/other", Thing))
    assert all(request.headers["host"] == github.url.removeprefix("http://") for request in github.requests)


@pytest.mark.parametrize(("verb", "status"), [("GET", 301), ("GET", 307), ("POST", 307), ("PATCH", 308), ("POST", 301)])
def test_a_renamed_repository_is_followed(api: Api, github: ScriptedGitHub, verb: str, status: int) -> None:
    location = {"location": f"{github.url}/repositories/7/things"}
    github.answers.extend([Scripted(status, headers=location), Scripted(200, {"id": 1})])
    got = api.get("/repos/o/r/things", Thing) if verb == "GET" else api.send(verb, "/repos/o/r/things", Thing, {"x": 1})
    assert got == Thing(1)
    assert github.asked == [f"{verb} /repos/o/r/things", f"{verb} /repositories/7/things"]
    assert github.requests[-1].body == (None if verb == "GET" else {"x": 1})


@pytest.mark.parametrize("status", [301, 307])
def test_a_redirect_is_followed_with_its_query(api: Api, github: ScriptedGitHub, status: int) -> None:
    location = {"location": f"{github.url}/repositories/7/things?per_page=100&state=all"}
    github.answers.extend([Scripted(status, headers=location), Scripted(200, [{"id": 1}])])
    assert [*api.pages("/repos/o/r/things", list[Thing], {"state": "all"})] == [[Thing(1)]]
    assert github.asked == ["GET /repos/o/r/things", "GET /repositories/7/things"]
    assert github.requests[-1].query == {"per_page": "100", "state": "all"}


@pytest.mark.parametrize("status", [301, 307])
def test_redirects_in_a_circle_end(api: Api, github: ScriptedGitHub, status: int) -> None:
    github.answers.extend(
        Scripted(status, headers={"location": f"{github.url}/{place}"}) for _ in range(10) for place in ("one", "two")
    )
    error_of(lambda: api.send("POST", "/thing", Thing), Unavailable)
    assert len(github.requests) <= 9


@pytest.mark.parametrize(("prefix", "graphql"), [("", "/graphql"), ("/api/v3", "/api/graphql")])
def test_an_enterprise_server_has_its_own_paths(
    github: ScriptedGitHub, clock: TestClock, prefix: str, graphql: str
) -> None:
    api = api_at(github.url + prefix, clock)
    next_page = next_link(f"{github.url}{prefix}/things?page=2")
    github.answers.extend([Scripted(200, [], next_page), Scripted(200, []), Scripted(200, {"data": {"id": 1}})])
    assert [*api.pages("/things", list[Thing])] == [[], []]
    assert api.query("query Q { id }", {"x": 1}, Thing, "ask") == Thing(1)
    assert github.asked == [f"GET {prefix}/things", f"GET {prefix}/things", f"POST {graphql}"]
    assert github.requests[-1].body == {"query": "query Q { id }", "variables": {"x": 1}}


def test_graphql_is_repeated(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(502), Scripted(200, {"data": {"id": 1}})])
    assert api.query("query Q { id }", {}, Thing, "ask") == Thing(1)


def test_the_cache_of_answers_is_bounded(api: Api, github: ScriptedGitHub) -> None:
    github.answers.extend(Scripted(200, {"id": number}, {"etag": f'"{number}"'}) for number in range(300))
    pages = [api.get("/thing", Thing, {"page": number}).id for number in range(300)]
    assert pages == [*range(300)]
    github.answers.extend([Scripted(200, {"id": 0}), Scripted(304)])
    assert api.get("/thing", Thing, {"page": 0}) == Thing(0)
    assert api.get("/thing", Thing, {"page": 299}) == Thing(299)
    assert [request.headers.get("if-none-match") for request in islice(github.requests, 300, None)] == [None, '"299"']
