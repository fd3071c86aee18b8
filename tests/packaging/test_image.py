"""The Dockerfile: linted, without rights, and from the lock. `make image` does its steps."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from bot.settings import SYSTEM_STATE, Settings, variable_of
from tests.documents import ROOT
from tests.packaging.programs import said
from tools.image.recipe import RecipeError, ignored, read
from tools.image.trial import TrialError, check_sbom

if TYPE_CHECKING:
    from pathlib import Path

DOCKERFILE = ROOT / "Dockerfile"
STAGES = read(DOCKERFILE)
IMAGE = STAGES[-1]


def test_hadolint_has_nothing_to_say() -> None:
    assert said("hadolint", "--no-color", DOCKERFILE) == ""


def test_hadolint_would_say_something(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM debian\nRUN cd /tmp && apt-get install git\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="DL3006"):
        said("hadolint", bad)


def test_it_runs_without_rights() -> None:
    uid, gid = map(int, IMAGE.user.split(":"))
    assert min(uid, gid) > 0
    (creation,) = (step.value for step in IMAGE.steps if "useradd" in step.value)
    assert f"--uid {uid} " in creation
    assert f"--gid {gid} " in creation
    assert [str(SYSTEM_STATE)] == IMAGE.volumes == [IMAGE.environment["STANCH_STATE_FOLDER"]]


def test_its_settings_are_settings() -> None:
    names = {name for name in IMAGE.environment if name.startswith("STANCH_")}
    assert names <= {variable_of(field) for field in Settings.model_fields}
    assert Settings(**{name.removeprefix("STANCH_").lower(): IMAGE.environment[name] for name in names})  # type: ignore[arg-type]


def test_nothing_is_installed_without_a_hash() -> None:
    commands = [part.strip() for stage in STAGES for step in stage.steps for part in step.value.split("&&")]
    installs = [command for command in commands if re.search(r"\bpip\b.* install ", command)]
    assert len(installs) == 3
    assert all("--require-hashes" in command or "--no-index" in command for command in installs)


def test_what_is_copied_is_there_and_not_ignored() -> None:
    patterns = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    copies = [step.value.split() for stage in STAGES for step in stage.steps if step.instruction == "COPY"]
    origins = [origin for words in copies if not words[0].startswith("--from=") for origin in words[:-1]]
    assert [path for path in origins if path != "." and (ignored(patterns, path) or not (ROOT / path).exists())] == []
    assert any(words[:2] == ["--from=build", "/opt/stanch"] for words in copies)


@pytest.mark.parametrize("path", [".git/config", ".venv/bin/python", "tests/conftest.py", "credentials.json", ".env"])
def test_nothing_else_goes_into_the_build(path: str) -> None:
    assert ignored((ROOT / ".dockerignore").read_text(encoding="utf-8"), path)


@pytest.mark.parametrize(
    ("patterns", "path", "answer"),
    [
        ("*\n!bot", "bot/cli/scan.py", False),
        ("*\n!bot\n**/__pycache__", "bot/cli/__pycache__/scan.pyc", True),
        ("*\n!bot", "robot/a.py", True),
        ("# bot\n\nbot/", "bot/a.py", True),
        ("*.md\n!README.md", "README.md", False),
        ("*.md", "docs/a.md", False),
        ("a?c", "abc", True),
        ("a?c", "a/c", False),
    ],
)
def test_the_reader_of_dockerignore(patterns: str, path: str, answer: bool) -> None:
    assert ignored(patterns, path) is answer


def test_the_reader_of_dockerfiles(tmp_path: Path) -> None:
    file = tmp_path / "Dockerfile"
    file.write_text(
        'FROM debian:trixie-slim AS base\nENV A=1 B="two words"\nRUN one \\\n    && two\n'
        "FROM base\nWORKDIR /a\nWORKDIR b\nCOPY x y/\nUSER 1:2\n"
        'VOLUME /v\nHEALTHCHECK --timeout=1s CMD ["ask"]\nENTRYPOINT ["go"]\nCMD ["there"]\n',
        encoding="utf-8",
    )
    base, last = read(file)
    assert (base.name, [step.value.split() for step in base.steps]) == ("base", [["one", "&&", "two"]])
    (copy,) = last.steps
    assert (copy.line, copy.folder, copy.environment) == (8, "/a/b", {"A": "1", "B": "two words"})
    assert (last.user, last.volumes, last.health, last.entrypoint, last.command) == (
        "1:2",
        ["/v"],
        ["ask"],
        ["go"],
        ["there"],
    )


@pytest.mark.parametrize("text", ["RUN a\n", "FROM a\nADD b c\n", "FROM a\nONBUILD RUN b\n"])
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "Dockerfile").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError, match=r"Dockerfile, line \d: \w+ is not known here"):
        read(tmp_path / "Dockerfile")


@pytest.fixture
def installed(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A document that names two packages, the folder where they are installed, and their lock."""
    for name, text in (("Ruamel.YAML", "0.19.1"), ("stanch", "1.2.0")):
        folder = tmp_path / "packages" / f"{name}-{text}.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {name}\nVersion: {text}\n", encoding="utf-8")
    sbom = {
        "metadata": {"component": {"name": "stanch", "version": "1.2.0"}},
        "components": [{"name": "ruamel.yaml", "version": "0.19.1"}],
    }
    (tmp_path / "sbom.json").write_text(json.dumps(sbom), encoding="utf-8")
    (tmp_path / "lock.txt").write_text(
        "ruamel-yaml==0.19.1 \\\n    --hash=sha256:0\ntzdata==1 ; sys_platform == 'win32'\n"
    )
    return tmp_path / "sbom.json", tmp_path / "packages", tmp_path / "lock.txt"


def test_an_sbom_that_fits(installed: tuple[Path, Path, Path]) -> None:
    assert check_sbom(*installed) == 2


@pytest.mark.parametrize("number", [0, 2])
def test_an_sbom_that_does_not(installed: tuple[Path, Path, Path], number: int) -> None:
    file = installed[number]
    file.write_text(file.read_text(encoding="utf-8").replace("0.19.1", "0.19.0"), encoding="utf-8")
    with pytest.raises(TrialError, match="differ"):
        check_sbom(*installed)


def test_a_pattern_that_takes_back_a_part_is_refused() -> None:
    with pytest.raises(RecipeError, match="is not known here"):
        ignored("*\n!docs/man", "docs/man/a")
