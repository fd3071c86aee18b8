from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.api import Api
from bot.github.errors import Forbidden, GitHubError, Limited, NotFound, Unauthorized, Unavailable, Unprocessable
from bot.github.refusals import error_in, graphql_error, heard_in
from bot.github.transport import Answer
from tests.bot.github.apis import LIMITS, TOKEN, Thing, api_at, error_of
from tests.bot.github.clocks import TestClock
from tests.bot.github.scripted import Scripted, ScriptedGitHub


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        (Scripted(404, {"message": "Not Found"}), NotFound, "GitHub has nothing for GET /thing: Not Found."),
        (Scripted(410), NotFound, "GitHub has nothing for GET /thing: 410."),
        (Scripted(401, {"message": "Bad credentials"}), Unauthorized, "Bad credentials. Check the App's id"),
        (
            Scripted(
                403,
                {"message": "Resource not accessible by integration"},
                {"x-accepted-github-permissions": "checks=write"},
            ),
            Forbidden,
            "GitHub does not allow GET /thing. The installation lacks the permission checks: write, "
            "needed for the check.",
        ),
        (
            Scripted(403, {"message": "This installation has been suspended"}),
            Forbidden,
            "GitHub does not allow GET /thing: This installation has been suspended.",
        ),
        (
            Scripted(422, {"message": "Validation Failed", "errors": [{"resource": "Issue", "code": "missing"}, "x"]}),
            Unprocessable,
            r"GitHub refuses GET /thing with status 422: Validation Failed \(Issue  missing; x\).",
        ),
        (Scripted(409, {"message": "Git Repository is empty."}), Unprocessable, "status 409"),
        (Scripted(418, b"\xff{"), Unprocessable, "status 418: no reason given"),
        (Scripted(422, {"message": f"bad {TOKEN}", "errors": TOKEN}), Unprocessable, r"bad \[redacted\]"),
        (Scripted(422, {"message": [], "errors": {}}), Unprocessable, "no reason given"),
    ],
)
def test_a_refusal_is_an_error_of_its_kind(
    api: Api, github: ScriptedGitHub, answer: Scripted, kind: type[GitHubError], message: str
) -> None:
    github.answers.append(answer)
    with pytest.raises(kind, match=message) as caught:
        api.get("/thing", Thing)
    assert type(caught.value) is kind
    assert len(github.requests) == 1
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "missing"),
    [
        ("contents=read", ("contents: read",)),
        ("issues=write; pull_requests=write", ("issues: write", "pull_requests: write")),
        ("contents=write,workflows=write", ("contents: write", "workflows: write")),
        ("", ()),
        ("=;;,x", ()),
    ],
)
def test_a_missing_permission_is_named(api: Api, github: ScriptedGitHub, header: str, missing: tuple[str, ...]) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.answers.append(Scripted(403, body, {"X-Accepted-GitHub-Permissions": header}))
    assert error_of(lambda: api.get("/thing", Thing), Forbidden).missing == missing


SECONDARY = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}


PRIMARY = {"message": "API rate limit exceeded for installation ID 7."}


SPENT = {"x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-resource": "core"}


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Scripted(403, SECONDARY, {"retry-after": "45"}), 45),
        (Scripted(429, SECONDARY, {"retry-after": "45"}), 45),
        (Scripted(429, {}), 60),
        (Scripted(403, SECONDARY), 60),
        (Scripted(403, SECONDARY, {"retry-after": "soon"}), 60),
        (Scripted(403, PRIMARY, {**SPENT, "x-ratelimit-reset": "@900"}), 900),
        (Scripted(429, PRIMARY, {**SPENT, "x-ratelimit-reset": "@900"}), 900),
        (Scripted(403, {}, {**SPENT, "x-ratelimit-reset": "@900"}), 900),
        (Scripted(403, PRIMARY, {**SPENT, "x-ratelimit-reset": "-1"}), 60),
    ],
)
@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_limit_is_not_fought(
    api: Api, github: ScriptedGitHub, clock: TestClock, answer: Scripted, seconds: int, verb: str
) -> None:
    began = clock.now()
    reset = str(int(began.timestamp()) + 900)
    headers = {name: reset if value == "@900" else value for name, value in answer.headers.items()}
    github.answers.append(Scripted(answer.status, answer.body, headers))

    def ask() -> object:
        return api.get("/x", Thing) if verb == "GET" else api.send(verb, "/x", Thing)

    error = error_of(ask, Limited)
    assert (error.not_before - began).total_seconds() == seconds
    assert len(github.requests) == 1
    assert clock.slept == []
    # Nobody asks again before that; then it goes on.
    error_of(ask, Limited)
    assert len(github.requests) == 1
    clock.advance(seconds)
    github.answers.append(Scripted(200, {"id": 1}))
    assert ask() == Thing(1)


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_short_pause_is_waited_out(api: Api, github: ScriptedGitHub, clock: TestClock, verb: str) -> None:
    github.answers.extend([Scripted(403, SECONDARY, {"retry-after": "2"}), Scripted(200, {"id": 1})])
    assert (api.get("/x", Thing) if verb == "GET" else api.send(verb, "/x", Thing)) == Thing(1)
    assert clock.slept == [2.0]


def test_pauses_do_not_add_up_without_end(api: Api, github: ScriptedGitHub, clock: TestClock) -> None:
    github.answers.extend([Scripted(429, {}, {"retry-after": "2"})] * 9)
    error_of(lambda: api.get("/x", Thing), Limited)
    assert len(github.requests) == 3


def test_a_missing_permission_is_no_limit(api: Api, github: ScriptedGitHub) -> None:
    body = {"message": "Resource not accessible by integration"}
    github.answers.append(Scripted(403, body, {**SPENT, "x-ratelimit-reset": "1795521600"}))
    error_of(lambda: api.get("/thing", Thing), Forbidden)


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        ({"errors": [{"type": "NOT_FOUND", "message": "No node"}]}, NotFound, "nothing for resolve a thread: No node"),
        ({"errors": [{"type": "FORBIDDEN", "message": "no"}]}, Forbidden, "not let this installation resolve a thread"),
        ({"errors": [{"type": "UNPROCESSABLE", "message": "x"}]}, Unprocessable, "refuses to resolve a thread: x"),
        ({"data": None, "errors": [{"message": "Something went wrong"}]}, Unavailable, "failed to resolve a thread"),
        ({"errors": "?"}, Unavailable, "failed to resolve a thread: no reason given"),
        ({"data": {}}, NotFound, "no place for resolve a thread"),
        ({"errors": [{"type": "RATE_LIMITED", "message": "slow"}]}, Limited, "limits refuse to resolve a thread"),
    ],
)
def test_graphql_fails_in_its_own_way(
    api: Api, github: ScriptedGitHub, body: object, kind: type[GitHubError], message: str
) -> None:
    github.answers.append(Scripted(200, body))
    with pytest.raises(kind, match=message):
        api.mutate("mutation M { id }", {}, Thing, "resolve a thread")


def test_primary_limits_are_kept_apart_by_resource(github: ScriptedGitHub, clock: TestClock) -> None:
    reset = str(int(clock.now().timestamp()) + 900)
    spent = {**LIMITS, "x-ratelimit-remaining": "0", "x-ratelimit-reset": reset, "x-ratelimit-resource": "graphql"}
    api = api_at(github.url, clock)
    github.answers.extend([Scripted(200, {"data": {"id": 1}}, spent), Scripted(200, {"id": 2}, LIMITS)])
    api.query("query Q { id }", {}, Thing, "ask")
    error_of(lambda: api.query("query Q { id }", {}, Thing, "ask"), Limited)
    assert api.get("/thing", Thing) == Thing(2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["message", "errors", "code", "type"]) | st.text(max_size=3), inner, max_size=4
        )
    ),
    max_leaves=8,
)


HEADERS = st.dictionaries(
    st.sampled_from(["retry-after", "x-accepted-github-permissions", *LIMITS]), st.text(max_size=12), max_size=5
)


@given(st.integers(300, 599), HEADERS, JSON.map(json.dumps) | st.text(max_size=20))
def test_any_refusal_is_one_sentence(status: int, headers: dict[str, str], text: str) -> None:
    answer = Answer(status, headers, text)
    error = error_in(answer, "GET /thing", maybe_done=False)
    assert "GET /thing" in str(error)
    assert len(str(error)) <= 1_100
    heard = heard_in(answer)
    assert heard.refused or status != 429


@given(JSON)
def test_any_error_of_graphql_is_one_sentence(errors: object) -> None:
    assert "resolve a thread" in str(graphql_error(errors, "resolve a thread", maybe_done=True))
