"""The manual pages are those of this version, and say all that `--help` says."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from bot.cli import COMMANDS, run
from tests.conftest import REQUIRES_ALL
from tools.manual import FOLDER, manual_pages

PAGES = manual_pages()


def plain(page: str) -> str:
    """A page as it is read."""
    return re.sub(r"\\f[BP]|\\&", "", page).replace(r"\-", "-").replace(r"\e", "\\")


def test_they_are_current() -> None:
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert kept == PAGES, "run `python -m tools.manual`"


def test_there_is_one_for_each_command() -> None:
    assert {"stanch.1", *(f"stanch-{name}.1" for name in COMMANDS)} <= PAGES.keys()
    for name, summary in COMMANDS.items():
        assert summary in plain(PAGES["stanch.1"])
        assert f"\nstanch-{name} - " in plain(PAGES[f"stanch-{name}.1"])


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_told(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    options = set(re.findall(r"(?<!\S)--[a-z-]+", capsys.readouterr().out.partition("Options:")[2])) - {"--help"}
    assert {option for option in options if option not in plain(PAGES[f"stanch-{name}.1"])} == set()


@pytest.mark.skipif(shutil.which("groff") is None and not REQUIRES_ALL, reason="there is no groff here")
@pytest.mark.parametrize("name", PAGES)
def test_groff_can_set_them(name: str) -> None:
    command = ["groff", "-man", "-Tutf8", "-ww", str(FOLDER / name)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    assert done.stderr == ""
