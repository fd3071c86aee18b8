"""Logs: one form for every line, the delivery's id in each, and never a secret."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from bot.service.logs import configure_logging, log_unknown_settings
from tests.bot.service.doubles import BODY, GUID, MemoryCredentials, logging_restored, make_web

if TYPE_CHECKING:
    from collections.abc import Iterator

OLD_TOKEN = "ghs_" + "aB3" * 12
NEW_TOKEN = "ghs_1234567_eyJhbGciOiJSUzI1NiJ9." + "Zm9v_-" * 60 + "." + "c2ln-_" * 14
JWT = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiIxMiJ9.c2lnbmF0dXJl"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nsecretsecret\n-----END RSA PRIVATE KEY-----"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where logs go."""
    with logging_restored():
        yield io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize("secret", [OLD_TOKEN, NEW_TOKEN, JWT, KEY, "github_pat_" + "1aB_" * 20], ids=lambda s: s[:12])
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_is_ever_in_a_line(stream: io.StringIO, form: str, secret: str) -> None:
    configure_logging(form, "debug", stream=stream)
    log = structlog.get_logger("stanch.test")
    log.info(f"message {secret}", field=secret, nested={"deep": [secret]}, header=f"token {secret}")
    log.warning("percent %s", secret)
    logging.getLogger("a.library").warning("asked https://x-access-token:%s@github.com/a/b", secret)
    logging.getLogger("a.library").warning(f"{secret} in the message")
    try:
        raise ValueError(f"bad {secret}")
    except ValueError:
        log.exception("failed")
        logging.getLogger("a.library").exception("failed too")
    text = stream.getvalue()
    assert text.count("[redacted]") >= 8
    for piece in (secret, secret[4:30], secret[-12:], "secretsecret"):
        assert piece not in text or (piece == "secretsecret" and secret is not KEY)


@pytest.mark.parametrize("form", ["json", "console"])
def test_what_is_escaped_in_a_line_hides_no_secret(stream: io.StringIO, form: str) -> None:
    configure_logging(form, "info", stream=stream)
    short = "ghs_" + "a" * 20
    for before in ("\n", "\t", "x-access-token%3A", "token_"):
        structlog.get_logger().warning("not fetched", detail=f"remote said:{before}{OLD_TOKEN}")
    structlog.get_logger().warning("not fetched", detail=f"remote said:\n{short}")
    structlog.get_logger().warning("not fetched", nested=[f"remote said:\n{OLD_TOKEN}"])
    assert stream.getvalue().count("[redacted]") == 6
    assert OLD_TOKEN[4:] not in stream.getvalue()
    assert short not in stream.getvalue()


@pytest.mark.parametrize("name", ["token", "Authorization", "webhook_secret", "private_key", "password"])
def test_a_value_whose_name_says_secret_is_taken_out_whatever_it_is(stream: io.StringIO, name: str) -> None:
    configure_logging("json", "info", stream=stream)
    structlog.get_logger().info("done", **{name: "correct horse"})
    assert "horse" not in stream.getvalue()


def test_every_line_of_a_delivery_has_its_id(stream: io.StringIO) -> None:
    configure_logging("json", "info", stream=stream)
    web = make_web()
    record = web.deliveries.record

    def loud(guid: str, event: str, payload: bytes) -> bool:
        logging.getLogger("a.library").warning("connecting")
        return record(guid, event, payload)

    web.deliveries.record = loud  # type: ignore[method-assign]
    web.deliver()
    web.deliver(X_Hub_Signature_256=None)
    web.deliveries.failing = ConnectionError("away")
    web.deliver()
    found = lines(stream)
    assert [line["delivery"] for line in found] == [GUID] * len(found)
    assert [(line["event"], line["level"]) for line in found] == [
        ("connecting", "warning"),
        ("delivery", "info"),
        ("delivery refused", "warning"),
        ("connecting", "warning"),
        ("delivery not recorded", "error"),
        ("delivery refused", "warning"),
    ]
    assert "ConnectionError: away" in found[-2]["exception"]


def test_what_was_not_signed_writes_no_line_of_its_own(stream: io.StringIO) -> None:
    configure_logging("json", "info", stream=stream)
    make_web(credentials=MemoryCredentials(None)).deliver(BODY, X_GitHub_Delivery='a\n{"event": "forged"}')
    assert [line["event"] for line in lines(stream)] == ["delivery refused"]
    assert "forged" not in stream.getvalue()


def test_a_request_that_fails_is_logged_with_its_route(stream: io.StringIO) -> None:
    configure_logging("json", "info", stream=stream)
    web = make_web()
    web.credentials.load = lambda: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    answer = web.deliver()
    assert (answer.status_code, answer.json()["status"]) == (500, "fault")
    assert "ZeroDivisionError" not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    (line,) = (line for line in lines(stream) if line["event"] == "a request failed")
    assert line["route"] == "/webhook"
    assert "ZeroDivisionError" in line["exception"]


def test_a_setting_that_is_none_is_said(stream: io.StringIO) -> None:
    configure_logging("json", "info", stream=stream)
    log_unknown_settings({"STANCH_PROT": "1", "STANCH_PORT": "2", "PATH": ""})
    assert [line["reason"] for line in lines(stream)] == ["STANCH_PROT is not a setting, did you mean `STANCH_PORT`?"]


def test_the_mildest_level_is_kept(stream: io.StringIO) -> None:
    configure_logging("console", "warning", stream=stream)
    structlog.get_logger("stanch.test").info("quiet")
    structlog.get_logger("stanch.test").warning("loud", number=3)
    assert "quiet" not in stream.getvalue()
    assert "loud" in stream.getvalue()
    assert "number=3" in stream.getvalue()
