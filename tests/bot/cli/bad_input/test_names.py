"""File names of any bytes: found, shown harmlessly, fixed, and never taken for options."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.bot.cli.bad_input.processes import ended, start
from tests.bot.leaks import POLLER
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

NAMES = {
    "a space.js": "a space.js",
    " first.js": " first.js",
    'double".js': 'double".js',
    "single'.js": "single'.js",
    "new\nline.js": r"new\nline.js",
    "tab\tbed.js": r"tab\tbed.js",
    "colour\x1b[31m.js": r"colour\u{1b}[31m.js",
    "reversed\u202e.js": r"reversed\u{202e}.js",
    "-rf.js": "-rf.js",
    "--output=x.js": "--output=x.js",
    "-rf/a.js": "-rf/a.js",
    "back\\slash.js": r"back\slash.js",
    "$(touch x).js": "$(touch x).js",
    "*.js": "*.js",
    ":(top).js": ":(top).js",
    "e\u0301.js": "e\u0301.js",
}
"""Names, and how the terminal shows them."""
NOT_UTF8 = "latin-\udce9.js"


@pytest.mark.parametrize("name", [*NAMES, NOT_UTF8])
def test_a_name_is_a_name(stanch: Stanch, tmp_path: Path, name: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({name: POLLER, "beside.js": "let a;\n"})
    done = stanch(repo.root, "scan")
    shown = NAMES.get(name, "latin-%E9.js")
    assert (done.code, f"  {shown}:4:18  leak" in done.text) == (1, True), done.text
    assert done.text.replace("\n", "").isprintable()
    assert stanch(repo.root, "scan", "--", name).code == 1
    done = stanch(repo.root, "fix", "--write", "--", name)
    assert (done.code, done.text) == (0, f"{shown}:4: clear the interval in close()\n")
    assert repo.git("status", "--porcelain", "-z").count("\0") == 1
    assert stanch(repo.root, "scan").code == 0


def test_a_name_like_an_option_has_to_follow_two_dashes(stanch: Stanch, tmp_path: Path) -> None:
    (tmp_path / "-rf.js").write_text(POLLER)
    done = stanch(tmp_path, "scan", "-rf.js")
    assert (done.code, done.out, done.err.count("\n")) == (2, b"", 1)
    assert done.err.startswith("stanch: No such option '-r'")


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_bytes_that_are_not_utf8_come_through_the_command_line(tmp_path: Path, locale: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({NOT_UTF8: POLLER})
    name = os.fsdecode(b"latin-\xe9.js")
    code, out, err = ended(start(repo.root, "scan", name, LC_ALL=locale, PYTHONCOERCECLOCALE="0", PYTHONUTF8="0"))
    assert (code, err) == (1, ""), err
    assert "  latin-%E9.js:4:18  leak" in out
    code, out, err = ended(start(repo.root, "scan", "--base", f"{name}", LC_ALL=locale))
    assert (code, out) == (2, "")
    assert r"knows no commit called 'latin-\udce9.js'" in err
