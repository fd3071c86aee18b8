from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import jwt
import pytest

from bot.github.client import App
from bot.github.errors import Forbidden, NotFound, Unauthorized, Unavailable
from bot.github.models import Credentials, RepositoryRef
from tests.bot.github.clocks import TestClock
from tests.bot.github.keys import private_key, private_pem
from tests.bot.github.scripted import Scripted, ScriptedGitHub

if TYPE_CHECKING:
    from collections.abc import Iterator

REF = RepositoryRef(3, 7, "octo/app")
PERMISSIONS = {"checks": "write", "contents": "read"}
CLASSIC = "ghs_" + "aB3" * 12
STATELESS = "ghs_12_" + ".".join(["eyJ" + "a-_B" * 30, "eyJ" + "c" * 200, "d-" * 60])
MINTED = Scripted(201, {"token": CLASSIC, "expires_at": "2026-11-24T13:00:00Z", "permissions": PERMISSIONS})
SHA = "0123456789" * 4
PULL = {
    "number": 5,
    "title": "Poll",
    "state": "open",
    "head": {"ref": "feature", "sha": SHA},
    "base": {"ref": "main", "sha": SHA, "repo": {"id": 7}},
}
REVOKED = Scripted(204)


def app_at(url: str, clock: TestClock, key: str | None = None) -> App:
    return App(Credentials(12, "stanch", key or private_pem(), ("secret",), api_url=url, html_url=url), clock=clock)


@pytest.fixture
def app(github: ScriptedGitHub, clock: TestClock) -> Iterator[App]:
    with app_at(github.url, clock) as made:
        yield made


def test_a_token_is_narrowed_used_and_revoked(app: App, github: ScriptedGitHub) -> None:
    github.answers.extend([MINTED, Scripted(200, PULL), REVOKED])
    with app.repository(REF, PERMISSIONS) as repository:
        assert repository.pull_request(5).number == 5
        assert repository.token() == CLASSIC
        assert repository.calls == 2
    assert github.asked == [
        "POST /app/installations/3/access_tokens",
        "GET /repos/octo/app/pulls/5",
        "DELETE /installation/token",
    ]
    assert github.requests[0].body == {"repository_ids": [7], "permissions": PERMISSIONS}
    assert [request.headers["authorization"] for request in github.requests[1:]] == [f"Bearer {CLASSIC}"] * 2


def test_what_needs_no_token_asks_for_none(app: App, github: ScriptedGitHub) -> None:
    with app.repository(REF, PERMISSIONS) as repository:
        assert repository.clone_url() == f"{github.url}/octo/app.git"
    assert github.requests == []


def test_the_jwt_is_the_apps_and_short(app: App, github: ScriptedGitHub, clock: TestClock) -> None:
    github.answers.append(Scripted(200, {"id": 12, "slug": "stanch"}))
    assert app.identity().login == "stanch[bot]"
    assert app.identity().app_id == 12
    (request,) = github.requests
    scheme, token = request.headers["authorization"].split()
    public = private_key().public_key()
    claims = jwt.decode(token, public, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    now = int(clock.now().timestamp())
    assert (scheme, claims) == ("Bearer", {"iat": now - 60, "exp": now + 300, "iss": "12"})


def test_a_jwt_serves_until_it_is_about_to_end(app: App, github: ScriptedGitHub, clock: TestClock) -> None:
    for seconds in (0, 200, 60, -600):
        clock.advance(seconds)
        github.answers.append(Scripted(200, {"id": 3}))
        app.installation(3)
    sent = [request.headers["authorization"] for request in github.requests]
    assert sent[0] == sent[1]
    assert len({*sent}) == 3


def test_a_token_is_renewed_before_it_ends(app: App, github: ScriptedGitHub, clock: TestClock) -> None:
    renewed = Scripted(201, {"token": STATELESS, "expires_at": "2026-11-24T14:00:00Z"})
    github.answers.extend([MINTED, renewed, REVOKED])
    with app.repository(REF, PERMISSIONS) as repository:
        assert repository.token() == CLASSIC
        clock.advance(49 * 60)
        assert repository.token() == CLASSIC
        clock.advance(60)
        assert repository.token() == STATELESS
    assert github.requests[-1].headers["authorization"] == f"Bearer {STATELESS}"


def test_a_token_that_was_revoked_elsewhere_is_replaced(app: App, github: ScriptedGitHub) -> None:
    other = Scripted(201, {"token": STATELESS, "expires_at": "2026-11-24T13:00:00Z"})
    github.answers.extend([MINTED, Scripted(401), other, Scripted(200, PULL), REVOKED])
    with app.repository(REF, PERMISSIONS) as repository:
        repository.pull_request(5)
    assert github.requests[3].headers["authorization"] == f"Bearer {STATELESS}"


@pytest.mark.parametrize("answer", [Scripted(500), Scripted(401), Scripted(404), Scripted(drop=True)])
def test_what_cannot_be_revoked_hinders_nobody(app: App, github: ScriptedGitHub, answer: Scripted) -> None:
    github.answers.extend([MINTED, *[answer] * 9])
    with app.repository(REF, PERMISSIONS) as repository:
        repository.token()
    assert repository.calls <= 6


def test_minting_is_tried_again(app: App, github: ScriptedGitHub) -> None:
    github.answers.extend([Scripted(502), Scripted(drop=True), MINTED, REVOKED])
    with app.repository(REF, PERMISSIONS) as repository:
        assert repository.token() == CLASSIC


def test_a_permission_that_was_not_granted_is_named(app: App, github: ScriptedGitHub) -> None:
    refused = {"message": "The permissions requested are not granted to this installation."}
    granted = {"id": 3, "permissions": {"contents": "write", "checks": "read"}}
    github.answers.extend([Scripted(422, refused), Scripted(200, granted)])
    with pytest.raises(Forbidden, match="lacks the permission checks: write, needed for the check") as caught:
        app.repository(REF, PERMISSIONS).token()
    assert caught.value.missing == ("checks: write",)


def test_a_repository_that_was_taken_out_is_not_found(app: App, github: ScriptedGitHub) -> None:
    refused = {"message": "There is at least one repository that does not exist or is not accessible."}
    granted = {"id": 3, "permissions": {"contents": "write", "checks": "admin"}}
    github.answers.extend([Scripted(422, refused), Scripted(200, granted)])
    with pytest.raises(NotFound, match="Installation 3 has no repository 7"):
        app.repository(REF, PERMISSIONS).token()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Scripted(403, {"message": "This installation has been suspended"}), Forbidden),
        (Scripted(404, {"message": "Not Found"}), NotFound),
        (Scripted(401, {"message": "A JSON web token could not be decoded"}), Unauthorized),
        (Scripted(201, {"token": CLASSIC}), Unavailable),
        (Scripted(201, {"token": [CLASSIC], "expires_at": CLASSIC}), Unavailable),
    ],
)
def test_why_there_is_no_token(app: App, github: ScriptedGitHub, answer: Scripted, kind: type[Exception]) -> None:
    github.answers.append(answer)
    with pytest.raises(kind) as caught:
        app.repository(REF, PERMISSIONS).token()
    assert CLASSIC not in str(caught.value)


@pytest.mark.parametrize("key", ["", "secret words", private_pem()[:200], private_pem()[:300] + "x" * 50])
def test_a_key_that_is_none_is_not_shown(github: ScriptedGitHub, clock: TestClock, key: str) -> None:
    app = App(Credentials(12, "stanch", key, (), api_url=github.url), clock=clock)
    with pytest.raises(Unauthorized, match="The private key of App 12 cannot be read") as caught:
        app.identity()
    assert caught.value.__cause__ is None
    assert github.requests == []


@pytest.mark.parametrize("token", [CLASSIC, STATELESS])
def test_tokens_are_shown_nowhere(
    app: App, github: ScriptedGitHub, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    caplog.set_level(logging.DEBUG)
    minted = {"token": token, "expires_at": "2026-11-24T13:00:00Z"}
    github.answers.extend([Scripted(201, minted), Scripted(418, {"message": f"no {token}"}), REVOKED])
    with app.repository(REF, PERMISSIONS) as repository:
        with pytest.raises(Exception, match="no \\[redacted\\]"):
            repository.pull_request(5)
        seen = f"{app!r} {repository!r} {vars(repository)!r} {vars(app)!r}"
    for secret in (token, private_pem(), *private_pem().splitlines()[1:-1]):
        assert secret not in seen
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Tue, 24 Nov 2026 11:58:00 GMT", timedelta(minutes=2)),
        ("Tue, 24 Nov 2026 12:00:05 GMT", timedelta(seconds=-5)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_the_clocks_are_compared(app: App, github: ScriptedGitHub, date: str, expected: timedelta | None) -> None:
    github.answers.append(Scripted(200, {"id": 12, "slug": "stanch"}, {"Date": date}))
    assert app.clock_skew() == expected
