"""The command itself: version, help, wrong calls, and what happens when Stanch is at fault."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING, get_args

import pytest

from bot.cli import COMMANDS, options, scanning
from bot.gate import FailOn
from fixers.findings import Confidence
from tests.test_walls import loaded_after

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


def in_a_process(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


def test_the_version_is_that_of_the_distribution(tmp_path: Path) -> None:
    done = in_a_process(tmp_path, "--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"stanch {version('stanch')}\n", "")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_what_needs_no_engine_loads_none(tmp_path: Path, option: str) -> None:
    program = (
        f"import sys, bot.cli\nsys.argv = ['stanch', '{option}']\ntry:\n    bot.cli.main()\nexcept SystemExit: pass"
    )
    loaded = loaded_after(program, tmp_path)
    assert loaded & {"pydantic", "ruamel", "tree_sitter", "msgspec", "rich", "fixers"} == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(stanch: Stanch, tmp_path: Path, name: str) -> None:
    done = stanch(tmp_path, name, "--help")
    assert done.code == 0
    assert done.text.startswith(f"Usage: stanch {name}")


def test_without_a_command_the_help_is_an_error(stanch: Stanch, tmp_path: Path) -> None:
    done = stanch(tmp_path)
    assert (done.code, done.out) == (2, b"")
    assert all(name in done.err for name in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["scna"], "There is no command `scna`; did you mean `scan`?"),
        (["scan", "--fromat", "json"], "No such option '--fromat'. Did you mean '--format'? See `stanch scan --help`"),
        (["scan", "--format", "xml"], "'xml' is not one of"),
        (["scan", "--fail-on", "all"], "'all' is not one of"),
        (["scan", "--confidence", "sure"], "'sure' is not one of"),
        (["scan", "--jobs", "0"], "--jobs"),
        (["scan", "--as-of", "tomorrow", "."], "`tomorrow` is no date; write it like 2026-12-31."),
        (["config"], "Missing command"),
        (["explain"], "Missing argument 'RULE|ID'"),
        (["scan", "\x1b[31m"], "There is no file or folder"),
    ],
)
def test_a_wrong_call_is_one_sentence(stanch: Stanch, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    done = stanch(tmp_path, *arguments)
    assert (done.code, done.out) == (2, b"")
    assert sentence in done.err
    assert done.err.startswith("stanch: ")
    assert done.err.count("\n") == 1
    assert done.err.removesuffix("\n").isprintable()


def test_a_defect_of_stanch_is_not_taken_for_findings(
    stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(scanning, "scan_tree", fail)
    done = stanch(repo.root, "scan")
    assert done.code == 3
    assert "RuntimeError: boom" in done.err
    assert "please report it" in done.err


def test_an_interruption_is_no_result(stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scanning, "scan_tree", interrupt)
    done = stanch(repo.root, "scan")
    assert done.code == 130
    assert "Traceback" not in done.err


def test_a_reader_that_has_seen_enough_is_no_fault(repo: Repo) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "bot", "scan", "--format", "json"]
    done = subprocess.run(command, cwd=repo.root, stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


def test_the_choices_are_those_of_the_engine() -> None:
    assert get_args(options.FailOnChoice) == tuple(FailOn)
    assert get_args(options.ConfidenceChoice) == tuple(Confidence)


def test_a_hostile_folder_lends_no_module(repo: Repo) -> None:
    trap = "raise SystemExit(77)\n"
    files = {f"{name}.py": trap for name in ("msgspec", "json", "multiprocessing", "click")}
    repo.commit({**files, "bot/__init__.py": trap, "fixers/__init__.py": trap})
    program = "import os, sys, bot.cli\nos.chdir(sys.argv.pop(1))\nbot.cli.main()"
    command = [sys.executable, "-P", "-c", program, str(repo.root), "scan", "--format", "json", "--jobs", "2"]
    done = subprocess.run(command, cwd="/", capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 1, done.stderr
