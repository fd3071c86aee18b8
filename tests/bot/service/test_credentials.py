"""The credentials: kept whole, for one user, read anew when they change, and never shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr

from bot.github.models import Credentials
from bot.service.credentials import FILE_NAME, CredentialsError, FileCredentials, credentials_store
from bot.settings import Settings
from tests.bot.github.keys import private_pem

if TYPE_CHECKING:
    from pathlib import Path

MADE = Credentials(12, "stanch", private_pem(), ("one", "two"), "https://api.github.com", "https://github.com")


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    store = FileCredentials(tmp_path / "state" / FILE_NAME)
    assert store.load() is None
    store.save(MADE)
    assert store.load() == MADE
    assert FileCredentials(store.path).load() == MADE


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_only_this_user_can_read_them(tmp_path: Path, mask: int) -> None:
    store = FileCredentials(tmp_path / "state" / FILE_NAME)
    before = os.umask(mask)
    try:
        store.save(MADE)
        store.path.chmod(0o644)
        store.save(MADE)
    finally:
        os.umask(before)
    assert store.path.stat().st_mode & 0o777 == 0o600
    assert store.path.parent.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in store.path.parent.iterdir()] == [FILE_NAME]


def test_a_new_secret_in_the_file_needs_no_restart(tmp_path: Path) -> None:
    store = FileCredentials(tmp_path / FILE_NAME)
    store.save(MADE)
    assert store.load() is store.load()
    store.path.write_text(store.path.read_text(encoding="utf-8").replace('"one"', '"the newest"'), encoding="utf-8")
    loaded = store.load()
    assert loaded is not None
    assert loaded.webhook_secrets == ("the newest", "two")
    store.path.unlink()
    assert store.load() is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is damaged"),
        ("{", "is damaged"),
        ("[]", "is damaged"),
        ('{"app_id": "twelve", "slug": "a", "private_key": "k", "webhook_secrets": ["s"]}', "is damaged"),
        ('{"app_id": 12, "slug": "a", "private_key": "k"}', "webhook_secrets"),
        ('{"app_id": 12, "slug": "a", "private_key": "k", "webhook_secrets": []}', "holds no webhook secret"),
        ('{"app_id": 12, "slug": "a", "private_key": "k", "webhook_secrets": ["", "s"]}', "holds no webhook secret"),
        ('{"app_id": 12, "slug": "a", "private_key": "k", "webhook_secrets": ["s"]}', "holds no private key that can"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(CredentialsError, match=words) as error:
        FileCredentials(tmp_path / FILE_NAME).load()
    assert str(tmp_path) in str(error.value)


def test_a_folder_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(CredentialsError, match="cannot be read: Is a directory"):
        FileCredentials(tmp_path / FILE_NAME).load()


def settings_with_key(key: Path) -> Settings:
    return Settings(
        app_id=12,
        private_key_file=key,
        webhook_secrets=(SecretStr("one"), SecretStr("two")),
        github_url="https://github.acme.example",
    )


def test_credentials_of_the_environment(tmp_path: Path) -> None:
    pem = private_pem()
    (tmp_path / "key.pem").write_text(pem, encoding="utf-8")
    store = credentials_store(settings_with_key(tmp_path / "key.pem"))
    assert not isinstance(store, FileCredentials)
    assert store.load() == Credentials(
        12, "", pem, ("one", "two"), "https://github.acme.example/api/v3", "https://github.acme.example"
    )


@pytest.mark.parametrize(
    "content", ["", "junk", "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n"]
)
def test_a_key_that_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.pem").write_text(content, encoding="utf-8")
    with pytest.raises(
        CredentialsError, match=r"STANCH_PRIVATE_KEY_FILE, .*key\.pem, holds no private key; it should be"
    ):
        credentials_store(settings_with_key(tmp_path / "key.pem"))


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="STANCH_PRIVATE_KEY_FILE cannot be read: No such file or directory"):
        credentials_store(settings_with_key(tmp_path / "key.pem"))
