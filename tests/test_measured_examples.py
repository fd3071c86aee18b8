"""The measured examples: the leaking versions are red against the fixed ones, which keep their budgets."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from bot.cli.exits import FOUND, OK
from bot.config import load
from tests.bot.cli.conftest import stanch  # noqa: F401 - a fixture
from tests.bot.cli.processes import free_port
from tests.node import NODE
from tests.repos import Repo

if TYPE_CHECKING:
    from tests.bot.cli.conftest import Stanch

MEASURED: Final = Path(__file__).resolve().parent.parent / "examples" / "measured"
CONFIG: Final = ".github/stanch.yml"
LEAKS: Final = {
    "news": [("timers", "server.js", "setInterval"), ("listeners", "server.js", "newsroom.on")],
    "visitors": [("timers", "service.py", "threading.Timer"), ("threads", "service.py", "threading.Timer")],
}


def files(version: str) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((MEASURED / version).iterdir())}


def config() -> str:
    """The configuration, with ports that are free."""
    text = (MEASURED / CONFIG).read_text(encoding="utf-8")
    for port in re.findall(r"port: (\d+)", text):
        text = text.replace(port, str(free_port()))
    return text


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repo:
    """The fixed programs on `main`, and the leaking ones on a branch."""
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(NODE.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    made = Repo(tmp_path / "repo")
    made.commit({**files("fixed"), CONFIG: config()})
    made.branch("leaky")
    made.commit(files("leaky"))
    return made


@pytest.mark.parametrize("profile", LEAKS)
def test_the_leaks_are_found_and_located(profile: str, repo: Repo, stanch: Stanch) -> None:  # noqa: F811
    done = stanch(repo.root, "measure", "--base", "main", "--profile", profile, "--format", "json")
    assert done.code == FOUND, done.err
    results = {result["metric"]: result for result in done.report["results"]}
    for metric, path, text in LEAKS[profile]:
        result = results[metric]
        assert (result["state"], result["base_rate"]) == ("new-growth", pytest.approx(0, abs=0.05))
        assert result["site"]["path"] == path
        assert text in (repo.root / path).read_text(encoding="utf-8").splitlines()[result["site"]["line"] - 1]


@pytest.mark.parametrize("profile", LEAKS)
def test_the_fixed_versions_keep_their_budgets(profile: str, repo: Repo, stanch: Stanch) -> None:  # noqa: F811
    repo.git("checkout", "--quiet", "main")
    done = stanch(repo.root, "measure", "--profile", profile)
    assert done.code == OK, done.text + done.err
    assert "Nothing fails" in done.text


def test_the_profiles_are_those_that_are_tested() -> None:
    found, _ = load((MEASURED / CONFIG).read_bytes(), CONFIG)
    assert {profile.name for profile in found.profiles} == set(LEAKS) == set(found.budgets)
