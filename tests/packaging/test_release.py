"""What may be released, and what is said of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.documents import ROOT
from tests.packaging.test_workflows import OWN
from tests.test_walls import committed_files
from tools.release import ReleaseError, main, release_notes, version

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = '[project]\nname = "stanch"\nversion = "1.2.0"\n'
CHANGELOG = """# Changelog

## [Unreleased]

## [1.2.0] - 2026-12-01

### Added

- A thing.

## [1.1.0] - 2026-11-01

- An older thing.
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, encoding="utf-8")
    return tmp_path


def test_the_notes_are_the_section_of_the_version(project: Path) -> None:
    assert release_notes("v1.2.0", project) == "### Added\n\n- A thing.\n"


@pytest.mark.parametrize("tag", ["v1.1.0", "1.2.0", "v1.2.0-rc1", "v1.2.00", "V1.2.0", "v1.2.0\n", ""])
def test_a_tag_that_is_not_the_versions_is_refused(project: Path, tag: str) -> None:
    with pytest.raises(ReleaseError, match=re.escape("is not `v1.2.0`")):
        release_notes(tag, project)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("## [1.2.0] - 2026-12-01", "## [1.2.0] - unreleased", "write the day"),
        ("## [1.2.0] - 2026-12-01", "## [1.2.0]", "write the day"),
        ("## [1.2.0] - 2026-12-01", "## [1.2.1] - 2026-12-01", "says nothing of"),
        ("### Added\n\n- A thing.\n", "", "says nothing of"),
    ],
)
def test_what_is_not_told_is_not_released(project: Path, old: str, new: str, said: str) -> None:
    (project / "CHANGELOG.md").write_text(CHANGELOG.replace(old, new), encoding="utf-8")
    with pytest.raises(ReleaseError, match=re.escape(said)):
        release_notes("v1.2.0", project)


@pytest.mark.parametrize("line", ['dynamic = ["version"]', "version = 1.2", 'version = "1.2"', 'version = "latest"'])
def test_the_version_is_a_literal(project: Path, line: str) -> None:
    (project / "pyproject.toml").write_text(PROJECT.replace('version = "1.2.0"', line), encoding="utf-8")
    with pytest.raises(ReleaseError, match="write a literal"):
        version(project)


def test_ours_is_one_and_the_changelog_knows_it() -> None:
    assert f"\n## [{version()}]" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the release workflow checks out, of a version whose day is in the changelog."""
    folder = tmp_path / "checkout"
    for file in committed_files():
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy, follow_symlinks=False)
    changelog = folder / "CHANGELOG.md"
    text = re.sub(r"(?m)^(## \[[\d.]+\]) - unreleased$", r"\1 - 2026-12-31", changelog.read_text(encoding="utf-8"))
    changelog.write_text(text, encoding="utf-8")
    return folder


def build_job(checkout: Path, tag: str) -> int:
    """Runs the commands of the workflow's job that builds, as its runner would; the exit code of the one that fails.

    What installs is left out: it asks the index, and what it would install is here.
    """
    temporary = checkout.parent / "temporary"
    (temporary / "build" / "bin").mkdir(parents=True)
    python = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'
    (temporary / "build" / "bin" / "python").write_text(python, encoding="utf-8")
    (temporary / "build" / "bin" / "python").chmod(0o755)
    (release,) = (found for found in OWN if found.name.endswith("/release.yml"))
    environment = {**os.environ, "GITHUB_REF_NAME": tag, "RUNNER_TEMP": str(temporary), "PYTHONPATH": ""}
    environment["PATH"] = f"{temporary / 'build' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    for step in release.jobs["build"]["steps"]:
        if "run" in step and "pip" not in step["run"]:
            command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
            code = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, check=False).returncode
            if code:
                return code
    return 0


def test_the_workflow_builds_what_it_releases(checkout: Path) -> None:
    assert build_job(checkout, f"v{version()}") == 0
    built = {path.relative_to(checkout / "dist").as_posix() for path in (checkout / "dist").rglob("*.*")}
    name = f"packages/stanch-{version()}"
    assert built == {"notes.md", f"{name}-py3-none-any.whl", f"{name}.tar.gz"}
    assert (checkout / "dist" / "notes.md").read_text(encoding="utf-8").startswith("### Added\n")


@pytest.mark.parametrize("tag", ["v9.9.9", "v1", "v$(touch hacked)"])
def test_the_workflow_refuses_another_tag(checkout: Path, tag: str) -> None:
    assert build_job(checkout, tag) == 1
    assert not (checkout / "dist" / "packages").exists()
    assert not (checkout / "hacked").exists()


def test_the_command_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v0.0.0"]) == 1
    assert capsys.readouterr().err.startswith("tools.release: The tag 'v0.0.0' is not `v")
    assert main([]) == 2
