"""Diffs of ours, applied by git itself."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.patches import changed_lines, patch
from bot.reports.fix_diffs import replacement, shown_diff
from tests.repos import git

LINES = st.sampled_from(
    [b"a", b"b", b"", b"}", b"\r", b"x\r", b"-- a", b"++ b", b"@@ -1 +1 @@", b"\xff\xfe", b"\0", "é\u2028".encode()]
)
FILES = st.builds(
    lambda lines, end: b"\n".join(lines) + end, st.lists(LINES, max_size=14), st.sampled_from([b"", b"\n"])
)
NAMES = [
    "a.js",
    "sub/a b.js",
    " lead.js",
    "trail .js ",
    'qu"ote.js',
    "back\\slash.js",
    "new\nline.js",
    "tab\t.js",
    "-rf",
    "é.js",
    "\udcff.js",
    "a b/b.js",
    "{x => y}.js",
    "`tick`.js",
    "del\x7f.js",
    "b/a.js",
]


def applied(path: str, before: bytes, diff: str) -> bytes:
    """What `git apply` makes of the file, in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(os.fsdecode(os.fsencode(folder) + b"/" + os.fsencode(path)))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(before)
        data = diff.encode("utf-8", "surrogateescape")
        done = subprocess.run(
            ["git", "apply", "--whitespace=nowarn", "-"],
            cwd=folder,
            input=data,
            env={
                "PATH": os.environ["PATH"],
                "GIT_CEILING_DIRECTORIES": str(Path(folder).parent),
                "GIT_CONFIG_GLOBAL": os.devnull,
            },
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (done.stderr, data)
        return file.read_bytes()


@settings(max_examples=120)
@given(FILES, FILES)
def test_git_makes_exactly_the_new_bytes(before: bytes, after: bytes) -> None:
    diff = patch("a.js", before, after)
    assert (applied("a.js", before, diff) if diff else before) == after


@settings(max_examples=40)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes(before: bytes, after: bytes) -> None:
    if before != after:
        assert applied("a.js", before, patch("a.js", before, after)) == after


@pytest.mark.parametrize("path", NAMES)
def test_any_name(path: str) -> None:
    before, after = b"one\ntwo\nthree\n", b"one\n2\nthree\n"
    assert applied(path, before, patch(path, before, after)) == after


@settings(max_examples=60)
@given(FILES, FILES)
def test_it_reads_as_git_s_own(before: bytes, after: bytes) -> None:
    diff = patch("a.js", before, after)
    for line in diff.split("\n")[3:]:
        assert line[:1] in {"@", " ", "+", "-", "\\", ""}
    if diff:
        shown = shown_diff(diff, "a.js")
        assert set(diff.split("\n")) >= set(shown.split("\n"))


def test_the_text_is_git_s_own(tmp_path: Path) -> None:
    before = b"".join(b"line %d\n" % number for number in range(40))
    after = before.replace(b"line 3\n", b"").replace(b"line 30\n", b"line 30\nmore\n").replace(b"line 39\n", b"end")
    git(tmp_path, "init", "--quiet")
    (tmp_path / "a b.txt").write_bytes(before)
    git(tmp_path, "add", ".")
    (tmp_path / "a b.txt").write_bytes(after)
    expected = git(tmp_path, "diff", "--no-ext-diff").split("\n")
    # git names the enclosing function after the second @@, and the blobs.
    expected = [line[: line.index("@@", 2) + 2] if line.startswith("@@") else line for line in expected]
    assert patch("a b.txt", before, after).removesuffix("\n").split("\n") == [expected[0], *expected[2:]]


def test_equal_bytes_have_no_diff() -> None:
    assert patch("a.js", b"x\n", b"x\n") == ""
    assert changed_lines("") == 0


@settings(max_examples=30)
@given(FILES.filter(lambda data: b"\0" not in data), FILES.filter(lambda data: b"\0" not in data))
def test_changed_lines_are_counted_as_git_counts_them(before: bytes, after: bytes) -> None:
    diff = patch("a\n@@ b.js", before, after)
    data = diff.encode("utf-8", "surrogateescape") or b"\n"
    done = subprocess.run(
        ["git", "apply", "--numstat", "--allow-empty", "-"], input=data, capture_output=True, check=True
    )
    assert sum(map(int, done.stdout.split()[:2])) == changed_lines(diff)


@pytest.mark.parametrize("path", ["src/a.js", "a b/c d.js", "b/a b/b.js", "-rf", "é.js"])
def test_a_suggestion_can_be_read_from_it(path: str) -> None:
    found = replacement(patch(path, b"one\ntwo\nthree\n", b"one\n2\nthree\n"))
    assert found is not None
    assert (found.path, found.first, found.last, found.lines) == (path, 2, 2, ("2",))


def test_a_small_change_of_a_large_file_costs_little() -> None:
    before = b"".join(b"line %d\n" % (number % 7) for number in range(200_000))
    after = before[:700_000] + b"new\n" + before[700_000:]
    start = time.perf_counter()
    assert patch("a.js", before, after).count("\n") < 20
    assert time.perf_counter() - start < 2
