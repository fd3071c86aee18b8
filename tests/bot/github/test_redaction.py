from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.github.errors import GitHubError, Unprocessable
from bot.github.redaction import REDACTED, redacted

CLASSIC = "ghs_" + "aB3" * 12
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NSIsImlhdCI6MX0.c2lnbmF0dXJl-_c2lnbmF0dXJl"
STATELESS = f"ghs_12345_{JWT}"
KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\n+/x=\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "secret",
    [CLASSIC, STATELESS, JWT, KEY, "ghp_" + "a" * 36, "github_pat_" + "1a_" * 20, "gho_" + "Z" * 40],
)
@pytest.mark.parametrize("around", ["{}", "Bearer {}", "token={}&x=1", '"{}"', "a {} b", "({})"])
def test_nothing_of_a_secret_is_left(secret: str, around: str) -> None:
    assert redacted(around.format(secret)) == around.format(REDACTED)


@pytest.mark.parametrize(
    "secret", [CLASSIC, STATELESS, JWT, "github_pat_" + "1a_" * 20], ids=lambda secret: secret[:10]
)
@pytest.mark.parametrize("before", ["\\n", "\\t", "https://x-access-token%3A", "token_", "prefix"])
def test_a_letter_before_a_secret_does_not_hide_it(secret: str, before: str) -> None:
    assert redacted(f"remote said:{before}{secret} ") == f"remote said:{before}{REDACTED} "


def test_nothing_of_a_key_that_was_cut_is_left() -> None:
    assert redacted(f"the key {KEY[:50]}") == f"the key {REDACTED}"
    assert redacted(repr(KEY)) == f"'{REDACTED}'"


def test_a_header_with_a_token_is_a_secret() -> None:
    credentials = base64.b64encode(b"x-access-token:ghs_" + b"a" * 36).decode()
    assert redacted(f"Authorization: Basic {credentials}") == f"Authorization: Basic {REDACTED}"
    assert redacted(rf"\nBasic {credentials}") == rf"\nBasic {REDACTED}"


def test_the_password_of_a_url_is_a_secret() -> None:
    url = f"https://x-access-token:{STATELESS}@github.com/octo/app.git"
    assert redacted(f"fatal: {url} not found") == f"fatal: https://{REDACTED}@github.com/octo/app.git not found"
    assert redacted("https://user:hunter2@example.com/") == f"https://{REDACTED}@example.com/"


@pytest.mark.parametrize(
    "text",
    ["", "ghs_", "ghs_short", "sighs_and_whispers_of_the_night", "https://example.com:8080/a@b", "eyJ", "a.b.c"],
)
def test_other_text_stays(text: str) -> None:
    assert redacted(text) == text


@given(st.text(alphabet="abcXYZ019_.-", min_size=40, max_size=600))
def test_a_token_of_any_length_goes_whole(rest: str) -> None:
    assert redacted(f"<ghs_{rest}>") == f"<{REDACTED}>"


def test_long_text_takes_linear_time() -> None:
    text = (
        "-----BEGIN PRIVATE KEY-----" * 2_000
        + "ghs_" * 100_000
        + "eyJ." * 100_000
        + "eyJ" * 100_000
        + "xghs_" * 100_000
        + "://a:" * 100_000
    )
    assert len(redacted(text)) <= len(text)


def test_errors_say_no_secrets() -> None:
    error = Unprocessable(f"no {CLASSIC}", errors=(f"bad {STATELESS}",))
    assert CLASSIC not in f"{error} {error!r} {error.args}"
    assert STATELESS not in repr(error.errors)
    assert str(GitHubError(f"fatal: {STATELESS}")) == f"fatal: {REDACTED}"
