"""Settings: each fault is a sentence that names its variable and holds no secret."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.settings import (
    SYSTEM_STATE,
    Settings,
    SettingsError,
    api_url_of,
    default_state_folder,
    load_settings,
    unknown_variables,
    variable_of,
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(variable_of(field), raising=False)


def test_everything_has_a_default() -> None:
    settings = load_settings()
    assert settings.body_limit == 25_000_000
    assert settings.api_url == "https://api.github.com"
    assert (settings.sandbox, settings.log_format, settings.api_docs) == ("required", "json", False)


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"XDG_STATE_HOME": "/srv/state", "HOME": "/home/robin"}, "/srv/state/stanch"),
        ({"XDG_STATE_HOME": "state", "HOME": "/home/robin"}, "/home/robin/.local/state/stanch"),
        ({"HOME": "/home/robin"}, "/home/robin/.local/state/stanch"),
        ({"HOME": "/"}, str(SYSTEM_STATE)),
    ],
)
def test_where_the_state_is(environ: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert default_state_folder() == Path(folder)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_state_folder() == SYSTEM_STATE


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("STANCH_STATE_FOLDER", "state", "STANCH_STATE_FOLDER: write the whole path, from `/` on."),
        ("STANCH_PORT", "x", "STANCH_PORT: write a whole number."),
        ("STANCH_PORT", "65536", "STANCH_PORT: input should be less than or equal to 65535."),
        ("STANCH_PUBLIC_URL", "stanch", "STANCH_PUBLIC_URL: write an address such as `https://stanch.example.com`."),
        ("STANCH_PUBLIC_URL", "https://u:p@stanch.example.com", "STANCH_PUBLIC_URL: write an address such as"),
        ("STANCH_PUBLIC_URL", "https://stanch.example.com:port", "STANCH_PUBLIC_URL: write an address such as"),
        ("STANCH_GITHUB_URL", "https://github.acme.example/api/v3", "STANCH_GITHUB_URL: write the address only"),
        ("STANCH_GITHUB_URL", "github", "STANCH_GITHUB_URL: write an address such as `https://github.example.com`."),
        ("STANCH_METRICS_PORT", "0", "STANCH_METRICS_PORT: input should be greater than or equal to 1."),
        ("DATABASE_URL", "mysql://robin:password1@host/name", "DATABASE_URL: write `postgresql://"),
        ("STANCH_SANDBOX", "off", "STANCH_SANDBOX: input should be 'required' or 'if-available'."),
        ("STANCH_BODY_LIMIT", "25 metres", "STANCH_BODY_LIMIT: write a size such as `25MB`."),
        ("STANCH_BODY_LIMIT", "1kB", "STANCH_BODY_LIMIT: input should be greater than or equal to 1000000."),
        ("STANCH_API_DOCS", "perhaps", "STANCH_API_DOCS: write `true` or `false`."),
        ("STANCH_APP_ID", "12", "STANCH_PRIVATE_KEY_FILE and STANCH_WEBHOOK_SECRETS are missing beside STANCH_APP_ID"),
        ("STANCH_WEBHOOK_SECRETS", "password1", "STANCH_APP_ID and STANCH_PRIVATE_KEY_FILE are missing beside"),
        ("STANCH_WEBHOOK_SECRETS", "password1,b,c", "STANCH_WEBHOOK_SECRETS: write one secret, or two"),
    ],
)
def test_a_fault_is_a_sentence(name: str, value: str, sentence: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(sentence)
    assert str(error.value).endswith(".")
    assert "password1" not in str(error.value)


def test_every_fault_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCH_PORT", "x")
    monkeypatch.setenv("STANCH_SCAN_SECONDS", "1")
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert [line.partition(":")[0] for line in str(error.value).splitlines()] == ["STANCH_PORT", "STANCH_SCAN_SECONDS"]


def test_an_app_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCH_APP_ID", "12")
    monkeypatch.setenv("STANCH_PRIVATE_KEY_FILE", "/run/secrets/key.pem")
    monkeypatch.setenv("STANCH_WEBHOOK_SECRETS", " the new one , the old one,")
    monkeypatch.setenv("DATABASE_URL", "postgres://robin:password1@host/name")
    settings = load_settings()
    assert [secret.get_secret_value() for secret in settings.webhook_secrets] == ["the new one", "the old one"]
    assert "the old one" not in repr(settings)
    assert "password1" not in repr(settings)


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STANCH_PUBLIC_URL", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert (load_settings().public_url, load_settings().database_url) == (None, None)


@pytest.mark.parametrize(
    ("github_url", "api_url"),
    [
        ("https://github.com", "https://api.github.com"),
        ("https://acme.ghe.com", "https://api.acme.ghe.com"),
        ("https://github.acme.example", "https://github.acme.example/api/v3"),
        ("https://github.acme.example:8443", "https://github.acme.example:8443/api/v3"),
    ],
)
def test_the_api_of_each_github(github_url: str, api_url: str) -> None:
    assert api_url_of(github_url) == api_url


def test_a_variable_that_is_no_setting() -> None:
    environ = {"STANCH_PROT": "", "STANCH_PORT": "", "HOME": "", "DATABASE_URL": ""}
    assert unknown_variables(environ) == ["STANCH_PROT is not a setting, did you mean `STANCH_PORT`?"]
