from __future__ import annotations

import re

import pytest
from ruamel.yaml import YAML
from vcr.errors import CannotOverwriteExistingCassetteException  # type: ignore[import-untyped]

from bot.github.client import App
from bot.github.limits import Rules
from bot.github.models import Credentials
from bot.github.redaction import redacted
from tests.bot.github.cassette import API_URL, CASSETTE, HTML_URL, Recorder
from tests.bot.github.keys import private_pem
from tests.bot.github.scenario import ANNOTATIONS, review


def player() -> App:
    credentials = Credentials(1, "stanch", private_pem(), (), API_URL, HTML_URL)
    return App(credentials, rules=Rules(seconds_between_writes=0))


def test_a_whole_review_as_it_was_recorded() -> None:
    with Recorder().cassette(record=False) as cassette, player() as app:
        seen = review(app)
    assert cassette.all_played
    assert seen["own_comments"] == seen["replies"] == 1
    assert (seen["threads"], seen["checks"]) == (2, [("neutral", ANNOTATIONS)])
    assert seen["access"] in {"write", "admin"}
    assert re.fullmatch(r"[0-9a-f]{40}", str(seen["merge_base"]))
    assert str(seen["missing"]).startswith("GitHub has nothing for GET /repos/")


def test_no_secret_is_in_the_cassette() -> None:
    text = CASSETTE.read_text(encoding="utf-8")
    assert redacted(text) == text
    interactions = YAML(typ="safe", pure=True).load(text)["interactions"]
    assert len(interactions) > 20
    assert all(interaction["request"]["headers"] == {} for interaction in interactions)
    kept = {name.lower() for interaction in interactions for name in interaction["response"]["headers"]}
    assert kept <= {"content-type", "etag", "link", "location", "x-accepted-github-permissions"}
    assert "127.0.0.1" not in text


def test_what_was_not_recorded_is_not_answered() -> None:
    with Recorder().cassette(record=False), player() as app:
        with pytest.raises(CannotOverwriteExistingCassetteException):
            app.installation(999_999)
        with pytest.raises(CannotOverwriteExistingCassetteException):
            app.redeliver(1)
