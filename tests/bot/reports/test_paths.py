"""Paths of any bytes: marked in every part of a report, and percent-encoded once where they are addresses."""

from __future__ import annotations

import json
from urllib.parse import unquote_to_bytes, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.reports.paths import printable_path, uri_path, with_printable_paths
from bot.reports.report import from_json, to_json
from fixers.source import Skipped
from tests.bot.reports.samples import HEARTBEAT_FINDING, make_report

ODD = "src/\udcff 100%.ts"
PRINTED = "src/%FF 100%25.ts"


def test_every_part_that_names_a_file_says_that_its_path_is_encoded() -> None:
    replace = msgspec.structs.replace
    finding = replace(
        HEARTBEAT_FINDING,
        path=ODD,
        owner=replace(HEARTBEAT_FINDING.owner, path=ODD),
        trail=(replace(HEARTBEAT_FINDING.trail[0], path=ODD), HEARTBEAT_FINDING.trail[1]),
        fix=replace(HEARTBEAT_FINDING.fix, edits=(replace(HEARTBEAT_FINDING.fix.edits[0], path=ODD),)),
    )
    report = make_report((finding,), resolved=(finding,), skipped=(Skipped(ODD, "binary", "holds NUL bytes"),))
    written = json.loads(to_json(with_printable_paths(report)))
    for found in (*written["findings"], *written["resolved"]):
        for part in (found, found["owner"], found["trail"][0], *found["fix"]["edits"]):
            assert (part["path"], part["path_encoded"]) == (PRINTED, True)
        assert found["trail"][1]["path"] == HEARTBEAT_FINDING.path
        assert "path_encoded" not in found["trail"][1]
    assert [(entry["path"], entry["path_encoded"]) for entry in written["skipped"]] == [(PRINTED, True)]
    assert from_json(to_json(with_printable_paths(report))) == with_printable_paths(report)


def test_a_path_that_is_utf8_has_no_mark() -> None:
    report = make_report()
    assert with_printable_paths(report) == report
    assert b"path_encoded" not in to_json(report)


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("src/poll.ts", "src/poll.ts"),
        ("a b#c?.js", "a%20b%23c%3F.js"),
        ("100%41.js", "100%2541.js"),
        ("c:/x.js", "c%3A/x.js"),
        ("é/😀.py", "%C3%A9/%F0%9F%98%80.py"),
        ("new\nline.js", "new%0Aline.js"),
        (ODD, "src/%FF%20100%25.ts"),
    ],
)
def test_a_path_as_an_address(path: str, uri: str) -> None:
    (entry,) = with_printable_paths(make_report((), skipped=(Skipped(path, "binary", ""),))).skipped
    assert uri_path(entry) == uri


@given(st.binary(min_size=1).filter(lambda name: b"\0" not in name and not name.startswith(b"/")))
def test_an_address_gives_the_bytes_back(name: bytes) -> None:
    (entry,) = with_printable_paths(
        make_report((), skipped=(Skipped(name.decode("utf-8", "surrogateescape"), "binary", ""),))
    ).skipped
    address = uri_path(entry)
    assert unquote_to_bytes(address) == name
    assert (urlsplit(address).scheme, urlsplit(address).path) == ("", address)
    assert printable_path(entry.path) == entry.path
