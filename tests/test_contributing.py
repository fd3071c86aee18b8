"""The worked examples of CONTRIBUTING.md, followed in a copy of the source: each gives what the document says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.documents import ROOT, Block, blocks, follow, write_files

EXAMPLES: Final = ("Add a resource", "Add a framework", "Add a language")
WHERE_ADDITIONS_GO: Final = {
    "Add a resource": {"fixers/resources"},
    "Add a framework": {"fixers/lifecycles", "tests/fixers/lifetimes/scopes"},
    "Add a language": {"fixers/syntax", "fixers/resources"},
}
PARTS_OF_MAKE_TEST: Final = frozenset({"pytest", "ruff", "mypy"})
COPIED: Final = ("fixers", "tests", "tools", "pyproject.toml")


def example(heading: str) -> list[Block]:
    return [block for block in blocks(ROOT / "CONTRIBUTING.md") if block.heading == heading]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The source as a contributor has it."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("node_modules", "__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return tmp_path


def add(heading: str, copy: Path) -> None:
    found = example(heading)
    write_files(found, copy)
    for block in found:
        if block.language == "diff":
            subprocess.run(["git", "apply", "-"], cwd=copy, input=block.text, encoding="utf-8", check=True)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_the_example_works(heading: str, copy: Path) -> None:
    add(heading, copy)
    commands = [block for block in example(heading) if block.language == "sh"]
    assert commands
    for block in commands:
        follow(block, copy)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_the_example_is_needed(heading: str, copy: Path) -> None:
    """Its tests see what the example adds: without the addition they fail."""
    for block in example(heading):
        if block.path.startswith("tests/"):
            write_files([block], copy)
    (*_, last) = (block for block in example(heading) if block.language == "sh")
    with pytest.raises(AssertionError):
        follow(last, copy)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_an_addition_is_where_the_design_says(heading: str) -> None:
    added = [block.path for block in example(heading) if block.path]
    assert {path.rpartition("/")[0] for path in added} == WHERE_ADDITIONS_GO[heading]
    assert not any((ROOT / path).exists() for path in added), "it is there by now; choose another example"
    changed = [block.text for block in example(heading) if block.language == "diff"]
    assert len(changed) == (heading == "Add a language")
    assert all(text.startswith("--- a/fixers/source.py\n+++ b/fixers/source.py\n@@") for text in changed)
    assert all(text.count("\n--- ") == 0 for text in changed)


@pytest.mark.parametrize("heading", EXAMPLES)
def test_the_example_keeps_the_style(heading: str, copy: Path) -> None:
    add(heading, copy)
    files = [block.path for block in example(heading) if block.path.endswith(".py")] + ["fixers/source.py"]
    for arguments in (["check"], ["format", "--check"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--quiet", *files]
        done = subprocess.run(command, cwd=copy, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stdout


def test_other_commands_are_those_of_tested_tools() -> None:
    others = [block for block in blocks(ROOT / "CONTRIBUTING.md") if block.language == "sh"]
    others = [block for block in others if block.heading not in EXAMPLES]
    assert others
    for line in (line for block in others for line in block.text.splitlines()):
        for command in line.partition("#")[0].split("&&"):
            program, *arguments = command.split()
            if program == ".venv/bin/python":
                assert arguments[:2] == ["-m", "tools.preview"], line
            else:
                assert program.removeprefix(".venv/bin/") in PARTS_OF_MAKE_TEST, line
                assert all((ROOT / argument).exists() for argument in arguments if "/" in argument), line
