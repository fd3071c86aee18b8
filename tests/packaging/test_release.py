"""What may be released, and what is said of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.documents import ROOT
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


def test_the_command_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v0.0.0"]) == 1
    assert capsys.readouterr().err.startswith("tools.release: The tag 'v0.0.0' is not `v")
    assert main([]) == 2
