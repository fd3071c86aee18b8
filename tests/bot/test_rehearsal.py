"""`make run`: on the example, and on any repository."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.cli import run
from bot.git import Repository
from bot.rehearsal import main
from bot.trees import GitTree
from fixers.engine import scan_tree
from fixers.source import Language, language_of
from tests.bot.footprint import footprint
from tests.bot.hostile import hostile
from tests.bot.leaks import POLLER, RULE
from tests.example_expectations import expectations
from tests.js_parser import syntax_errors
from tests.repos import Repo, git

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True)
class Rehearsed:
    """The example, rehearsed once."""

    output: Path
    printed: str

    @property
    def comment(self) -> str:
        return (self.output / "comment.md").read_text(encoding="utf-8")

    @property
    def findings(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads((self.output / "report.json").read_bytes())["findings"]
        return found

    @property
    def branches(self) -> list[str]:
        return git(self.output / "fixes.git", "for-each-ref", "--format=%(refname:short)").split()


def documents(output: Path) -> dict[str, bytes]:
    found = {path.name: path.read_bytes() for path in output.iterdir() if path.is_file()}
    found |= {f"fixes/{path.name}": path.read_bytes() for path in (output / "fixes").iterdir()}
    return found | {"branches": git(output / "fixes.git", "for-each-ref").encode()}


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    output = tmp_path_factory.mktemp("rehearsal") / "out"
    command = [sys.executable, "-m", "bot.rehearsal", "--output", str(output)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    return Rehearsed(output, done.stdout)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "my repo")
    made.commit({"src/index.js": "export const x = 1;\n"})
    made.branch("topic")
    made.commit({"src/new.js": POLLER})
    return made


def rehearsed(tmp_path: Path, *arguments: str) -> str:
    """The comment of a rehearsal that works; empty when there is nothing to say."""
    assert main(["--output", str(tmp_path / "out"), *arguments]) == 0
    comment = tmp_path / "out" / "comment.md"
    return comment.read_text() if comment.exists() else ""


def places(found: list[dict[str, Any]]) -> set[tuple[str, int]]:
    return {(finding["path"], finding["line"]) for finding in found}


def expected(example: Rehearsed, *, leak: bool) -> set[tuple[str, int]]:
    sources = example.output / "example"
    return {(it.path, it.line((sources / it.path).read_text())) for it in expectations() if it.leak is leak}


def test_the_example_s_leaks_are_shown_and_its_look_alikes_are_not(example: Rehearsed) -> None:
    leaks, alike = expected(example, leak=True), expected(example, leak=False)
    assert places(example.findings) == leaks
    assert all(f"`{path}:{line}`" in example.comment for path, line in leaks)
    assert not any(f"`{path}:{line}`" in example.comment for path, line in alike)
    assert f"introduces {len(leaks)} leaks; all have a safe fix" in example.comment


def test_every_leak_of_the_example_has_a_safe_fix(example: Rehearsed) -> None:
    assert len(example.findings) == 16
    assert {finding["fix"]["kind"] for finding in example.findings} == {"safe"}
    assert all(finding["fix"]["edits"] and finding["fix"]["checks"] for finding in example.findings)
    assert "| **all** | **16** | **0** |" in (example.output / "before-after.md").read_text()


def test_it_prints_the_comment_and_where_everything_lies(example: Rehearsed) -> None:
    inline = json.loads((example.output / "review.json").read_bytes())["comments"]
    read, listed = example.printed.split("\nResults in ")
    assert read.startswith(example.comment)
    assert len(inline) == 10
    assert all(f"{comment['line']} ---\n\n{comment['body']}" in read for comment in inline)
    for name in ("comment.md", "check.json", "review.json", "report.json", "before-after.md", "fixes/", "fixes.git"):
        assert f"  {name} " in listed
        assert (example.output / name).exists()
    assert all(f"    {branch} " in listed for branch in example.branches)


def test_a_run_from_another_folder_gives_the_same_bytes(
    example: Rehearsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        assert main(["--output", "results/here"]) == 0
        assert documents(tmp_path / "results" / "here") == documents(example.output)


def test_each_fix_branch_parses_and_ends_its_group(example: Rehearsed) -> None:
    folder = example.output / "fixes.git"
    repository = Repository.open(folder)
    head = git(folder, "rev-parse", "HEAD")
    with GitTree(repository, head) as tree:
        before = [item for result in scan_tree(tree, tree.paths()) for item in result.findings]
    scripts: dict[str, str] = {}
    fixed: list[str] = []
    for branch in example.branches:
        commit = git(folder, "rev-parse", branch)
        rule = git(folder, "show", "--no-patch", "--format=%s", branch).rpartition(": ")[2]
        assert git(folder, "rev-parse", f"{branch}^") == head
        with GitTree(repository, commit) as tree:
            after = [item for result in scan_tree(tree, tree.paths()) for item in result.findings]
        gone = sorted({item.fingerprint for item in before} - {item.fingerprint for item in after})
        body = (example.output / "fixes" / f"{branch.replace('/', '_')}.md").read_text()
        assert sorted(body.split("fix=")[1].split(" ")[0].split("_")) == gone
        assert {item.rule for item in before if item.fingerprint in gone} == {rule}
        assert len(after) == len(before) - len(gone)
        fixed += gone
        changed = git(folder, "diff-tree", "-r", "--no-commit-id", commit).splitlines()
        assert {line.split()[0] for line in changed} == {":100644"}
        for line in changed:
            path = line.split("\t")[1]
            text = git(folder, "show", f"{branch}:{path}")
            if language_of(path) is Language.PYTHON:
                compile(text, path, "exec", dont_inherit=True)
            else:
                scripts[f"{branch}/{path}"] = text
    assert syntax_errors(scripts) == {}
    assert sorted(fixed) == sorted(item.fingerprint for item in before)


def test_the_commands_of_a_body_work(
    example: Rehearsed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    git(tmp_path, "clone", "--quiet", str(example.output / "example"), "clone")
    monkeypatch.chdir(tmp_path / "clone")
    for body in sorted((example.output / "fixes").iterdir())[:3]:
        checkout, command = body.read_text().split("```sh\n")[1].split("\n```")[0].split(" && ")
        git(tmp_path / "clone", "checkout", "--quiet", checkout.removeprefix("git checkout "))
        assert command.startswith("stanch fix --id ")
        assert run(command.split()[1:]) == 1
    assert b"diff --git" in capsysbinary.readouterr().out


def test_a_repository_by_path_is_only_read(repo: Repo, tmp_path: Path) -> None:
    repo.git("update-index", "--refresh")
    (repo.root / "src" / "new.js").touch()
    before = footprint(repo.root)
    assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", str(repo.root))
    assert footprint(repo.root) == before


@pytest.mark.parametrize("prefix", ["", "file://"])
def test_nothing_that_a_repository_names_is_run(repo: Repo, tmp_path: Path, prefix: str) -> None:
    mark = hostile(repo, tmp_path)
    mark.unlink(missing_ok=True)
    before = footprint(repo.root)
    assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", f"{prefix}{repo.root}")
    assert not mark.exists()
    assert footprint(repo.root) == before


@pytest.mark.parametrize("form", ["relative", "sub-folder", "bare", "address", "mirror by path"])
def test_the_forms_of_a_repository(repo: Repo, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(repo.root), "bare.git")
    given = {
        "relative": "my repo",
        "sub-folder": str(repo.root / "src"),
        "bare": str(tmp_path / "bare.git"),
        "address": f"file://{repo.root}",
        "mirror by path": "./bare.git",
    }[form]
    assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", given)
    assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", given, "--base", "main", "--head", "topic")


@pytest.mark.parametrize(
    ("arguments", "title"),
    [
        ([], "introduces 1 leak"),
        (["--base", "main"], "introduces 1 leak"),
        (["--base", "HEAD~1", "--head", "topic"], "introduces 1 leak"),
        (["--head", "main"], ""),
        (["--base", "topic"], ""),
    ],
)
def test_the_range(repo: Repo, tmp_path: Path, arguments: list[str], title: str) -> None:
    comment = rehearsed(tmp_path, "--repo", str(repo.root), *arguments)
    assert title in comment if title else comment == ""


@pytest.mark.parametrize("name", ["main", "master", "trunk"])
def test_on_the_default_branch_the_whole_tree_counts(tmp_path: Path, name: str) -> None:
    repo = Repo(tmp_path / "repo")
    repo.git("checkout", "--quiet", "-b", name)
    repo.commit({"a.js": POLLER})
    repo.commit({"b.md": "later\n"})
    assert "### 1 leak in the whole tree" in rehearsed(tmp_path, "--repo", str(repo.root))
    assert rehearsed(tmp_path, "--repo", str(repo.root), "--base", name) == ""


def test_the_remote_says_which_branch_is_the_default(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.git("checkout", "--quiet", "-b", "trunk")
    repo.commit({"a.js": "export {};\n"})
    git(tmp_path, "clone", "--quiet", str(repo.root), "clone")
    clone = Repo(tmp_path / "clone")
    clone.branch("topic")
    clone.commit({"a.js": POLLER})
    clone.git("branch", "main")
    assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", str(clone.root))


def unborn(tmp_path: Path) -> Iterator[str]:
    Repo(tmp_path / "unborn")
    yield from ("--repo", str(tmp_path / "unborn"))


def shallow(tmp_path: Path) -> Iterator[str]:
    repo = Repo(tmp_path / "deep")
    repo.commit({"a.js": "1\n"})
    repo.branch("topic")
    repo.commit({"b.js": "2\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit({"c.js": "3\n"})
    git(tmp_path, "clone", "--quiet", "--depth=1", "--no-single-branch", f"file://{repo.root}", "shallow")
    yield from ("--repo", str(tmp_path / "shallow"), "--base", "origin/topic", "--head", "origin/main")


def partial(tmp_path: Path) -> Iterator[str]:
    repo = Repo(tmp_path / "whole")
    repo.commit({".github/stanch.yml": "version: 1\n"})
    repo.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--no-checkout", "--filter=blob:none", f"file://{repo.root}", "partial")
    yield from ("--repo", str(tmp_path / "partial"))


def no_repository(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "plain").mkdir()
    yield from ("--repo", str(tmp_path / "plain"))


def option_like_revision(tmp_path: Path) -> Iterator[str]:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n"})
    yield from ("--repo", str(repo.root), "--head=--output=/x")


def unrelated(tmp_path: Path) -> Iterator[str]:
    repo = Repo(tmp_path / "repo")
    repo.commit({"a.js": "1\n"})
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"b.js": "1\n"})
    yield from ("--repo", str(repo.root))


def faulty_configuration(tmp_path: Path) -> Iterator[str]:
    repo = Repo(tmp_path / "repo")
    repo.commit({".github/stanch.yml": "fixx: {}\n"})
    yield from ("--repo", str(repo.root))


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (unborn, "has no commit on its current branch; make a first commit."),
        (shallow, "a shallow clone; run `git fetch --unshallow`"),
        (partial, "was left out of the partial clone at"),
        (option_like_revision, "knows no commit called '--output=/x'"),
        (no_repository, "lies in no git repository"),
        (unrelated, "have no common ancestor in"),
        (faulty_configuration, ".github/stanch.yml:1:1"),
        (lambda _: ("--repo", "nowhere"), "There is no repository at nowhere; check the path."),
        (lambda _: ("--repo", "file:///nowhere"), "git cannot clone file:///nowhere"),
        (lambda _: ("--base", "nowhere"), "knows no commit called 'nowhere'"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    make: Any, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main(["--output", str(tmp_path / "out"), *make(tmp_path)])
    error = capsys.readouterr().err
    assert (code, sentence in error, "Traceback" in error) == (2, True, False), error
    assert not (tmp_path / "out" / "report.json").exists()


def test_an_output_that_is_a_link_is_followed_and_nothing_else(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "large disk").mkdir()
    (tmp_path / "large disk" / "mine.txt").write_text("mine")
    (tmp_path / "out").symlink_to(tmp_path / "large disk")
    for _ in range(2):
        assert "introduces 1 leak" in rehearsed(tmp_path, "--repo", str(repo.root))
    assert (tmp_path / "large disk" / "mine.txt").read_text() == "mine"
    assert (tmp_path / "out").is_symlink()


@pytest.mark.parametrize("name", ["example", "clone.git", "fixes", "fixes.git"])
def test_a_folder_of_the_user_s_is_not_deleted(
    repo: Repo, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / name / "work.txt").write_text("a year of work")
    before = footprint(tmp_path / "out")
    source = [] if name == "example" else ["--repo", f"file://{repo.root}"]
    assert main(["--output", str(tmp_path / "out"), *source]) == 2
    assert "was not made by a rehearsal" in capsys.readouterr().err
    assert {path for path in footprint(tmp_path / "out") if path in before} == set(before)
    assert (tmp_path / "out" / name / "work.txt").read_text() == "a year of work"


def test_a_finding_of_a_whole_clone_can_be_fetched(repo: Repo, tmp_path: Path) -> None:
    rehearsed(tmp_path, "--repo", f"file://{repo.root}")
    (branch,) = git(tmp_path / "out" / "fixes.git", "for-each-ref", "--format=%(refname:short)").split()
    repo.git("fetch", "--quiet", str(tmp_path / "out" / "fixes.git"), branch)
    repo.git("merge", "--quiet", "--ff-only", "FETCH_HEAD")
    assert "clearInterval(this.timer)" in (repo.root / "src" / "new.js").read_text()
    assert repo.git("show", "--no-patch", "--format=%s") == f"Fix a leak in src/new.js: {RULE}"
