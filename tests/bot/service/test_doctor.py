"""What the doctor makes of what it sees: each case a state, a sentence, and something to do unless all is well."""

from __future__ import annotations

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.github.manifest import PERMISSIONS, Size, default_events
from bot.github.models import Account, AppIdentity, AppRegistration, Credentials, Delivery, Installation
from bot.sandbox.limits import Limits
from bot.sandbox.means import Means
from bot.sandbox.outcomes import FailureKind, failure
from bot.service.doctor.machine import disk, examine_credentials, file_mode, git_version, sandbox
from bot.service.doctor.reach import knocked
from bot.service.doctor.registration import clock, deliveries, events, installed, permissions
from bot.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.service.doctor.diagnosis import Diagnosis

URL = "https://stanch.example.com/webhook"
REVIEW = PERMISSIONS[Size.REVIEW]
CREDENTIALS = Credentials(12, "stanch", "key", ("secret",))


def assert_says(found: Diagnosis, state: str, *words: str) -> None:
    assert found.state == state, found
    for word in words:
        assert word in f"{found.found} {found.advice}"
    assert found.found.endswith(".")
    assert bool(found.advice) == (state != "ok")


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (None, "fail", "git is not installed"),
        ("git version 2.30.9\n", "fail", "Install git 2.31 or newer"),
        ("git version 2.31\n", "ok", "git version 2.31."),
        ("git version 2.53.0.windows.1\n", "ok", "2.53.0"),
        ("git version 10.0.1 (Apple Git-154)\n", "ok", "10.0.1"),
        ("no number", "fail", "Install git"),
    ],
)
def test_git(answer: str | None, state: str, words: str) -> None:
    assert_says(git_version(answer), state, words)


@pytest.mark.parametrize(
    ("free", "state"), [(10_000, "fail"), (499_999_999, "fail"), (500_000_000, "warn"), (5_000_000_000, "ok")]
)
def test_disk(free: int, state: str) -> None:
    assert_says(disk(Path("/var/lib/stanch"), free), state, "/var/lib/stanch")


@pytest.mark.parametrize(
    ("namespaces", "seccomp", "landlock", "required", "state", "words"),
    [
        (True, True, 7, True, "ok", "Landlock (version 7)"),
        (False, True, 4, True, "ok", "seccomp"),
        (True, False, 0, True, "warn", "Linux 5.13"),
        (False, False, 7, True, "fail", "STANCH_SANDBOX=if-available"),
        (False, False, 0, False, "warn", "Allow user namespaces"),
    ],
)
def test_the_sandbox(namespaces: bool, seccomp: bool, landlock: int, required: bool, state: str, words: str) -> None:
    means = Means(namespaces=namespaces, seccomp=seccomp, landlock=landlock)
    assert_says(sandbox(means, is_required=required), state, words)


def test_a_sandbox_that_does_not_start() -> None:
    found = failure(FailureKind.NOT_STARTED, Limits(), "No space left on device")
    assert_says(sandbox(found, is_required=False), "fail", "No space left on device")


@pytest.mark.parametrize(
    ("mode", "state", "words"),
    [(0o600, "ok", "Only"), (0o400, "ok", "Only"), (0o640, "fail", "chmod 600"), (0o604, "fail", "0604")],
)
def test_the_mode_of_the_key(tmp_path: Path, mode: int, state: str, words: str) -> None:
    key = tmp_path / "key.pem"
    key.touch()
    key.chmod(mode)
    assert_says(file_mode(key, key.stat(), os.geteuid()), state, words)


def test_a_key_of_somebody_else(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.touch(0o600)
    assert_says(file_mode(key, key.stat(), os.geteuid() + 1), "warn", "belongs to another user", "chown")


@pytest.mark.parametrize(
    ("mode", "owner", "user", "state"),
    [
        (0o440, 0, 10001, "ok"),
        (0o640, 0, 10001, "ok"),
        (0o444, 0, 10001, "fail"),
        (0o460, 0, 10001, "fail"),
        (0o440, 10001, 10001, "fail"),
        (0o440, 0, 0, "fail"),
    ],
)
def test_a_key_that_root_lets_a_group_read(tmp_path: Path, mode: int, owner: int, user: int, state: str) -> None:
    status = os.stat_result((stat.S_IFREG | mode, 0, 0, 1, owner, 10001, 0, 0, 0, 0))
    assert file_mode(tmp_path / "key.pem", status, user).state == state


def test_no_credentials_and_damaged_ones(tmp_path: Path) -> None:
    settings = Settings(state_folder=tmp_path)
    credentials, (found,) = examine_credentials(settings)
    assert credentials is None
    assert_says(found, "fail", "not set up yet", "open the link that it prints")
    (tmp_path / "credentials.json").write_text("{", encoding="utf-8")
    credentials, (found,) = examine_credentials(settings)
    assert credentials is None
    assert_says(found, "fail", "is damaged")


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [
        (None, "warn", "does not say"),
        (0, "ok", "right"),
        (-10, "ok", "right"),
        (11, "warn", "11 seconds ahead of GitHub's"),
        (-61, "fail", "61 seconds behind GitHub's"),
        (7200, "fail", "7200 seconds ahead"),
    ],
)
def test_the_clock(seconds: int | None, state: str, words: str) -> None:
    assert_says(clock(None if seconds is None else timedelta(seconds=seconds)), state, words)


def registered(asked: Mapping[str, str] = REVIEW, heard: tuple[str, ...] | None = None) -> AppRegistration:
    return AppRegistration(AppIdentity(12, "stanch"), "Stanch", asked, heard or default_events(asked), URL)


@pytest.mark.parametrize(
    ("asked", "state", "words"),
    [
        (REVIEW, "ok", "review App"),
        (PERMISSIONS[Size.FIX], "ok", "fix App"),
        ({**REVIEW, "issues": "write", "security_events": "write"}, "ok", "review App"),
        ({**REVIEW, "checks": "read"}, "fail", "checks: write"),
        ({name: level for name, level in REVIEW.items() if name != "issues"}, "fail", "issues: read"),
        ({**REVIEW, "workflows": "write", "members": "read"}, "warn", "members, workflows, which Stanch never uses"),
    ],
)
def test_the_permissions(asked: Mapping[str, str], state: str, words: str) -> None:
    assert_says(permissions(registered(asked)), state, words)


def test_the_events() -> None:
    heard = default_events(REVIEW)
    assert_says(events(registered()), "ok", f"all {len(heard)}")
    assert_says(events(registered(heard=(*heard, "star"))), "ok")
    less = tuple(event for event in heard if event not in {"push", "issue_comment"})
    assert_says(events(registered(heard=less)), "fail", "does not hear issue_comment, push")


def delivery(guid: str, status: str, *, redelivery: bool = False) -> Delivery:
    return Delivery(1, guid, "push", None, status, datetime(2026, 1, 1, tzinfo=UTC), redelivery)


@pytest.mark.parametrize(
    ("recent", "state", "words"),
    [
        ([], "ok", "sent nothing"),
        ([delivery("a", "OK"), delivery("b", "OK")], "ok", "last 2 deliveries arrived"),
        ([delivery("a", "OK", redelivery=True), delivery("a", "timed out")], "ok", "last 1"),
        ([delivery("a", "timed out"), delivery("b", "OK")], "warn", "1 of the last 2 deliveries failed: timed out."),
        ([delivery("a", "Invalid HTTP Response: 401")], "fail", "Invalid HTTP Response: 401"),
    ],
)
def test_recent_deliveries(recent: list[Delivery], state: str, words: str) -> None:
    assert_says(deliveries(recent), state, words)


def test_installations() -> None:
    registration = registered()
    (nowhere,) = installed([], registration, CREDENTIALS)
    assert_says(nowhere, "warn", "installed nowhere", "https://github.com/apps/stanch/installations/new")
    octo = Installation(1, Account(7, "octo"), REVIEW, ())
    acme = Installation(2, Account(8, "acme"), {**REVIEW, "checks": "read"}, (), is_suspended=True)
    everywhere, suspended, missing = installed([octo, acme], registration, CREDENTIALS)
    assert_says(everywhere, "ok", "octo, acme")
    assert_says(suspended, "warn", "suspended on acme")
    assert_says(missing, "warn", "acme has not granted checks: write yet")


@pytest.mark.parametrize(
    ("code", "body", "state", "words"),
    [
        (202, b'{"status":"ignored"}', "ok", "knows the App's secret"),
        (401, b'{"status":"wrong-signature","detail":"."}', "fail", "has another secret"),
        (503, b'{"status":"not-set-up"}', "fail", "has no credentials"),
        (200, b'{"status":"ignored"}', "fail", "is not this service (status 200)"),
        (404, b"<html>", "fail", "is not this service (status 404)"),
        (302, b"", "fail", "is not this service (status 302)"),
        (202, b"[]", "fail", "is not this service"),
        (202, b"\xff", "fail", "is not this service"),
    ],
)
def test_what_answers_at_the_door(code: int, body: bytes, state: str, words: str) -> None:
    assert_says(knocked(URL, code, body), state, words)
