from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bot.example_repository import BASE, EXAMPLES, HEAD, build, example_names
from fixers.findings import Change, Family, Verdict
from fixers.source import Language, language_of
from tests.example_expectations import Expectation, expectations
from tests.js_parser import syntax_errors


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "core.quotePath=false", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("example") / "repository").path


def files_of(repository: Path, revision: str) -> dict[str, str]:
    paths = git(repository, "ls-tree", "-r", "--name-only", revision).splitlines()
    return {path: git(repository, "show", f"{revision}:{path}") for path in paths}


def test_ids_are_the_same_on_every_machine(repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Somebody\n[core]\n\tautocrlf = true\n[init]\n\tdefaultBranch = x\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody Else")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    again = build(tmp_path / "again").path
    monkeypatch.delenv("GIT_DIR")
    for revision in (BASE, HEAD):
        assert git(again, "rev-parse", revision) == git(repository, "rev-parse", revision)


def test_the_branch_is_checked_out_and_clean(repository: Path) -> None:
    assert git(repository, "branch", "--show-current").strip() == HEAD
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "merge-base", BASE, HEAD) == git(repository, "rev-parse", BASE)


@pytest.mark.parametrize("name", example_names())
def test_one_example_alone(name: str, tmp_path: Path) -> None:
    example = build(tmp_path / "one", [name])
    assert {path.split("/")[0] for path in files_of(example.path, example.head)} == {name}


def test_a_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    with pytest.raises(FileExistsError, match="not empty"):
        build(tmp_path)


def test_an_unknown_example_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no-such-example"):
        build(tmp_path / "new", ["no-such-example"])


def test_without_the_folder_of_examples_the_error_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="from a clone"):
        build(tmp_path / "new", examples=tmp_path)


@pytest.mark.parametrize("revision", [BASE, HEAD])
def test_everything_parses(repository: Path, revision: str) -> None:
    files = files_of(repository, revision)
    scripts = {path: text for path, text in files.items() if language_of(path) not in (None, Language.PYTHON)}
    modules = {path: text for path, text in files.items() if language_of(path) is Language.PYTHON}
    assert syntax_errors(scripts) == {}
    for path, text in modules.items():
        compile(text, path, "exec", dont_inherit=True)
    assert len(scripts) >= 10
    assert len(modules) >= 8


@pytest.mark.parametrize("expected", expectations(), ids=lambda it: f"{it.path}:{it.text.strip()[:40]}")
def test_expectations_name_what_the_pull_request_holds(repository: Path, expected: Expectation) -> None:
    head = git(repository, "show", f"{HEAD}:{expected.path}")
    line = head.splitlines()[expected.line(head) - 1]
    assert expected.text.strip() in line
    assert expected.path.startswith(f"{expected.example}/")
    assert expected.family in set(Family)
    if not expected.leak:
        assert (expected.verdict, expected.change) == (None, None)
        return
    assert expected.verdict in set(Verdict)
    added = [
        text[1:]
        for text in git(repository, "diff", "-U0", BASE, HEAD, "--", expected.path).splitlines()
        if text[:1] == "+"
    ]
    assert expected.change == (Change.INTRODUCED if line in added else Change.CAUSED)


def test_the_table_for_people_says_the_same() -> None:
    table = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    for expected in expectations():
        path = expected.path.removeprefix(f"{expected.example}/")
        (row,) = [line for line in table.splitlines() if line.startswith(f"| `{path}` | `{expected.text.strip()}` |")]
        said = f"**{expected.family}, {expected.verdict}**" if expected.leak else "look-alike"
        assert said in row
        assert expected.why in row
