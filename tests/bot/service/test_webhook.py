"""The door: what is taken, what is refused and why, and that a delivery is never answered before it is recorded."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.models import Credentials
from tests.bot.service.doubles import BODY, CREDENTIALS, GUID, SECRET, MemoryCredentials, make_web, signed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LIMIT = 100_000


async def chunked(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 7_000):
        yield body[start : start + 7_000]


def test_a_delivery_is_recorded() -> None:
    web = make_web()
    answer = web.deliver()
    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    assert web.deliveries.recorded == {GUID: ("pull_request", BODY)}


def test_a_replay_is_harmless() -> None:
    web = make_web()
    assert [web.deliver().status_code for _ in range(3)] == [202, 202, 202]
    assert len(web.deliveries.recorded) == 1


def test_an_event_that_nobody_wants_is_taken_and_forgotten() -> None:
    web = make_web()
    answer = web.deliver(event="star")
    assert (answer.status_code, answer.json()) == (202, {"status": "ignored"})
    assert web.deliveries.recorded == {}


@pytest.mark.parametrize(
    ("changed", "code", "status"),
    [
        ({"X_Hub_Signature_256": None}, 401, "unsigned"),
        ({"X_Hub_Signature_256": ""}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": "sha256="}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": "sha256=" + "0" * 64}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": signed(BODY)["X-Hub-Signature-256"][:-1]}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": signed(BODY)["X-Hub-Signature-256"].removeprefix("sha256=")}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": signed(BODY, secret="")["X-Hub-Signature-256"]}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": signed(BODY + b" ")["X-Hub-Signature-256"]}, 401, "wrong-signature"),
        ({"X_Hub_Signature_256": None, "X_Hub_Signature": "sha1=" + "0" * 40}, 401, "unsigned"),
        ({"X_GitHub_Delivery": None}, 400, "malformed"),
        ({"X_GitHub_Delivery": ""}, 400, "malformed"),
        ({"X_GitHub_Delivery": "../../etc/passwd"}, 400, "malformed"),
        ({"X_GitHub_Delivery": "a" * 101}, 400, "malformed"),
        ({"X_GitHub_Event": None}, 400, "malformed"),
        ({"X_GitHub_Event": "Push"}, 400, "malformed"),
        ({"Content_Type": None}, 415, "not-json"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415, "not-json"),
        ({"Content_Length": "-5"}, 400, "malformed"),
        ({"Content_Length": "9" * 30}, 413, "too-large"),
        ({"Content_Length": str(LIMIT + 1)}, 413, "too-large"),
    ],
)
def test_what_is_refused(changed: dict[str, str | None], code: int, status: str) -> None:
    web = make_web(body_limit=LIMIT)
    answer = web.deliver(BODY, "pull_request", **changed)
    assert (answer.status_code, answer.json()["status"]) == (code, status)
    assert answer.json()["detail"].endswith(".")
    assert web.deliveries.recorded == {}


@pytest.mark.parametrize(
    "change", [lambda body: body[:-1], lambda body: body + b"\n", lambda body: body.replace(b"3", b"4"), lambda _: b""]
)
def test_a_body_that_is_not_the_signed_one_is_refused(change: object) -> None:
    assert callable(change)
    web = make_web()
    answer = web.client.post("/webhook", content=change(BODY), headers=signed(BODY))
    assert (answer.status_code, web.deliveries.recorded) == (401, {})


@pytest.mark.parametrize(("size", "code"), [(LIMIT, 202), (LIMIT + 1, 413), (10 * LIMIT, 413)])
@pytest.mark.parametrize("declared", [True, False], ids=["with a length", "in chunks"])
def test_the_largest_body(size: int, code: int, declared: bool) -> None:
    web = make_web(body_limit=LIMIT)
    body = b"x" * size
    answer = web.client.post("/webhook", content=body if declared else chunked(body), headers=signed(body))
    assert answer.status_code == code
    assert bool(web.deliveries.recorded) == (code == 202)


def test_large_bodies_leave_their_room_when_they_go() -> None:
    web = make_web(body_limit=LIMIT)
    codes = [web.client.post("/webhook", content=chunked(b"x" * size), headers=signed(b"")).status_code
             for size in [LIMIT + 1, LIMIT] * 20]  # fmt: skip
    assert codes == [413, 401] * 20
    assert web.deliver().status_code == 202


def test_a_body_of_25_megabytes_is_refused_without_a_signature() -> None:
    web = make_web(body_limit=25_000_000)
    body = b"x" * 25_000_000
    assert web.client.post("/webhook", content=body, headers=signed(b"")).status_code == 401
    assert web.client.post("/webhook", content=body + b"x", headers=signed(body + b"x")).status_code == 413


def test_both_secrets_are_live_while_one_is_changed() -> None:
    store = MemoryCredentials(Credentials(12, "stanch", "pem", ("the new one", SECRET)))
    web = make_web(credentials=store)
    assert web.deliver().status_code == 202
    assert web.deliver(X_Hub_Signature_256=signed(BODY, secret="the new one")["X-Hub-Signature-256"]).is_success
    assert web.deliver(X_Hub_Signature_256=signed(BODY, secret="another")["X-Hub-Signature-256"]).is_error


def test_before_setup_nothing_is_taken() -> None:
    web = make_web(credentials=MemoryCredentials(None))
    assert (web.deliver().status_code, web.deliver().json()["status"]) == (503, "not-set-up")
    web.credentials.save(CREDENTIALS)
    assert web.deliver().status_code == 202


def test_a_database_that_is_away_is_no_reason_to_forget_a_delivery() -> None:
    web = make_web()
    web.deliveries.failing = ConnectionError("connection to 10.0.0.7 refused")
    answer = web.deliver()
    assert (answer.status_code, answer.json()["status"]) == (503, "database-away")
    assert "10.0.0.7" not in answer.text
    web.deliveries.failing = None
    assert web.deliver().status_code == 202


def test_only_post_is_taken() -> None:
    answer = make_web().client.get("/webhook")
    assert (answer.status_code, answer.json(), answer.headers["allow"]) == (
        405,
        {"status": "method-not-allowed"},
        "POST",
    )


def test_every_answer_is_counted_by_event_and_word(caplog: pytest.LogCaptureFixture) -> None:
    web = make_web()
    with caplog.at_level(logging.CRITICAL):
        web.deliver()
        web.deliver(event="star")
        web.deliver(X_Hub_Signature_256=None)
        web.deliver(X_GitHub_Delivery=None)
    text = web.client.get("/metrics").text
    assert 'stanch_deliveries_total{answer="accepted",event="pull_request"} 1.0' in text
    assert 'stanch_deliveries_total{answer="ignored",event="other"} 1.0' in text
    assert 'stanch_deliveries_total{answer="unsigned",event="pull_request"} 1.0' in text
    assert 'stanch_deliveries_total{answer="malformed",event="other"} 1.0' in text
    assert "stanch_delivery_seconds_count 4.0" in text


header_text = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=120)


@given(guid=header_text, event=header_text, signature=header_text, kind=header_text)
def test_no_header_makes_the_door_fail(guid: str, event: str, signature: str, kind: str) -> None:
    web = make_web()
    sent = {
        "X-GitHub-Delivery": guid,
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": signature,
        "Content-Type": kind,
    }
    headers = [(name.encode(), value.strip().encode("latin-1")) for name, value in sent.items()]
    answer = web.client.post("/webhook", content=BODY, headers=headers)
    assert answer.status_code in {400, 401, 415}
    assert web.deliveries.recorded == {}


@given(st.binary(max_size=300))
def test_any_signed_body_is_recorded_as_it_is(body: bytes) -> None:
    web = make_web()
    assert web.deliver(body).status_code == 202
    assert web.deliveries.recorded[GUID] == ("pull_request", body)
