"""What a shell offers after `stanch`, once the line of docs/installing.md is in its start file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli import COMMANDS
from tests.conftest import REQUIRES_ALL
from tests.documents import ROOT

LINES = {
    "bash": 'eval "$(_STANCH_COMPLETE=bash_source stanch)"',
    "zsh": 'eval "$(_STANCH_COMPLETE=zsh_source stanch)"',
    "fish": "_STANCH_COMPLETE=fish_source stanch | source",
}
IN_BASH = """
{line}
COMP_WORDS=({words}); [ -n "{last}" ] || COMP_WORDS+=("")
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_stanch_completion stanch
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
# zsh has no way to ask but to type: a shell in a terminal of its own, and Tab.
IN_ZSH = """
zmodload zsh/zpty
zpty shell zsh -f
zpty -w shell 'PS1=; autoload -U compinit; compinit -u -d {dump}; {line}; print rea""dy'
zpty -r shell answer '*ready*'
zpty -w -n shell $'stanch repl\\t\\C-a: \\C-e; print don""e\\n'
zpty -r shell answer '*done*'
print -r -- "$answer"
"""


def asked(shell: str, script: str) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        [shell, "-c", script],
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize(
    ("words", "last", "offered"),
    [
        ("stanch", "", list(COMMANDS)),
        ("stanch re", "re", ["review", "replay"]),
        ("stanch config", "", ["check"]),
        ("stanch scan --fo", "--fo", ["--format"]),
        ("stanch scan --format s", "s", ["sarif"]),
        ("stanch nonsense --he", "--he", ["--help"]),
    ],
)
def test_bash(words: str, last: str, offered: list[str]) -> None:
    said = asked("bash", IN_BASH.format(line=LINES["bash"], words=words, last=last))
    assert said.splitlines() == offered


@pytest.mark.skipif(shutil.which("zsh") is None and not REQUIRES_ALL, reason="there is no zsh here")
def test_zsh(tmp_path: Path) -> None:
    said = asked("zsh", IN_ZSH.format(line=LINES["zsh"].replace("'", "''"), dump=tmp_path / "dump"))
    assert "replay" in said


@pytest.mark.skipif(shutil.which("fish") is None and not REQUIRES_ALL, reason="there is no fish here")
def test_fish() -> None:
    said = asked("fish", f"{LINES['fish']}; complete -C'stanch repl'; complete -C'stanch scan --format s'")
    assert [line.partition("\t")[0] for line in said.splitlines()] == ["replay", "sarif"]


@pytest.mark.parametrize("shell", LINES)
def test_every_shell_gets_a_script(shell: str) -> None:
    script = asked("sh", f"_STANCH_COMPLETE={shell}_source stanch")
    assert f"_STANCH_COMPLETE={shell}_complete" in script


def test_the_lines_are_those_of_the_guide() -> None:
    text = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    assert [shell for shell, line in LINES.items() if line not in text] == []
