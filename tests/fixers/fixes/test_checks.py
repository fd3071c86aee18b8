"""Which patches are refused, and why: the checks know nothing of how a patch was written."""

from __future__ import annotations

import pytest

from fixers.engine import FileResult, scan_file
from fixers.findings import Edit
from fixers.fixes.checks import CHECKS, refusal

CODE = b"""\
def one(path):
    f = open(path)
    text = f.read()
    return text


def two(path):
    g = open(path)
    return g.read()
"""


def scan(data: bytes) -> FileResult:
    return scan_file("a.py", data)


def replaced(old: str, new: str) -> tuple[Edit, ...]:
    """The edit that replaces a text of CODE."""
    start = CODE.index(old.encode())
    return (Edit(path="a.py", start_byte=start, end_byte=start + len(old.encode()), text=new),)


def judged(edits: tuple[Edit, ...]) -> str | None:
    before = scan(CODE)
    return refusal(CODE, edits, before, [before.findings[0]], scan)


GOOD = replaced("    f = open(path)\n    text = f.read()\n", "    with open(path) as f:\n        text = f.read()\n")


def test_a_patch_that_mends_its_finding_is_accepted() -> None:
    assert judged(GOOD) is None


REFUSED = [
    ("nothing", (), "the fix writes nothing"),
    ("overlapping edits", (*GOOD, *replaced("open(path)\n    text", "x")), "edits overlap or leave the file"),
    ("no change", replaced("text = f.read()", "text = f.read()"), "is still found after the fix"),
    ("a syntax error", replaced("    f = open(path)\n", "    with open(path as f:\n"), "is not read as before"),
    (
        "a new leak",
        replaced(
            "    f = open(path)\n    text",
            "    import socket\n    s = socket.socket()\n    with open(path) as f:\n        text",
        ),
        "brings a new finding: socket/",
    ),
    (
        "another finding is gone too",
        (*GOOD, *replaced("    g = open(path)\n    return g.read()\n", "    return path\n")),
        "also removes another finding",
    ),
]


@pytest.mark.parametrize(("edits", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_a_patch_is_refused(edits: tuple[Edit, ...], reason: str) -> None:
    said = judged(edits)
    assert said is not None
    assert reason in said


def test_checks_are_sentences_for_the_report() -> None:
    assert all(check and check[0].islower() and not check.endswith(".") for check in CHECKS)
