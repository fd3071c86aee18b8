from __future__ import annotations

from typing import TYPE_CHECKING

from bot.config import load

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


def test_the_effective_configuration_is_printed_with_origins(stanch: Stanch, repo: Repo) -> None:
    repo.commit({".github/stanch.yml": "gate:\n  fail-on: leak\n"})
    done = stanch(repo.root / "src", "config", "check")
    assert (done.code, done.err) == (0, "")
    assert "  fail-on: leak  # .github/stanch.yml:2\n" in done.text
    assert "version: 1  # default\n" in done.text
    assert load(done.out, "again")[0].gate.fail_on == "leak"


def test_without_a_file_everything_is_a_default(stanch: Stanch, repo: Repo) -> None:
    done = stanch(repo.root, "config", "check")
    assert done.code == 0
    assert "there is no .github/stanch.yml" in done.err
    assert done.text.count("# default") == done.text.count("#")
    assert stanch(repo.root, "config", "check", "--quiet").err == ""


def test_every_fault_has_its_line_and_column(stanch: Stanch, repo: Repo) -> None:
    repo.commit({".github/stanch.yml": "gates: {}\nscan:\n  confidence: hi\nfix:\n  max-open: -1\n"})
    done = stanch(repo.root, "config", "check")
    assert (done.code, done.out) == (2, b"")
    lines = done.err.splitlines()
    assert [line.split(" ", 1)[0] for line in lines] == [
        ".github/stanch.yml:1:1:",
        ".github/stanch.yml:3:15:",
        ".github/stanch.yml:5:13:",
    ]
    assert "did you mean `gate`?" in lines[0]


def test_a_file_can_be_named(stanch: Stanch, tmp_path: Path) -> None:
    file = tmp_path / "other.yml"
    file.write_text("comment:\n  enabled: false\n")
    done = stanch(tmp_path, "config", "check", "other.yml")
    assert (done.code, "enabled: false  # other.yml:2" in done.text) == (0, True)
    file.write_text("&a [*a]\n")
    done = stanch(tmp_path, "config", "check", "other.yml")
    assert (done.code, done.err.startswith("other.yml:1:")) == (2, True)
    done = stanch(tmp_path, "config", "check", "gone.yml")
    assert (done.code, "gone.yml cannot be read" in done.err) == (2, True)
