"""The configuration that a commit holds: where it lies, and what may lie in its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.config import CONFIG_PATH, Config
from bot.configurations import read_configuration
from bot.git import Repository
from bot.trees import GitTree
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from bot.configurations import Read


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """An empty repository."""
    return Repo(tmp_path / "repo")


def read(repo: Repo) -> Read:
    repository = Repository.open(repo.root)
    commit = repository.resolve("HEAD")
    with GitTree(repository, commit) as tree:
        return read_configuration(repository, tree, commit)


def test_other_files_and_folders_beside_it_are_none(repo: Repo) -> None:
    repo.commit({".github/workflows/ci.yml": "on: push\n", ".github/actions/a/action.yml": "name: a\n"})
    assert read(repo) == (Config(), (), {})


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({f"{CONFIG_PATH}/a.yml": "a\n"}, f"`{CONFIG_PATH}` is a folder"),
        ({CONFIG_PATH: "fix:\n  max-opn: 1\n"}, "did you mean"),
    ],
)
def test_what_is_no_configuration_is_a_fault(repo: Repo, files: dict[str, str], says: str) -> None:
    repo.commit(files)
    found = read(repo)
    assert found.config == Config()
    assert says in found.faults[0].message


def test_a_link_is_not_followed(repo: Repo) -> None:
    (repo.root / ".github").mkdir(exist_ok=True)
    (repo.root / CONFIG_PATH).symlink_to("../other.yml")
    repo.commit({"other.yml": "version: 1\n"})
    assert f"`{CONFIG_PATH}` is a link" in read(repo).faults[0].message
