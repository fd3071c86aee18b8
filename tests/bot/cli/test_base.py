"""`scan --base`: what a change introduces, causes and resolves, between a commit and the files as they lie there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.bot.leaks import CLEAN_POLLER, POLLER, SETTINGS
from tests.repos import Repo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

REFORMATTED = POLLER.replace("  ", "    ").replace(
    "setInterval(() => this.source.refresh(), 5000);",
    "setInterval(\n      () => this.source.refresh(),\n      5000,\n    );",
)
CAUSING = CLEAN_POLLER.replace("    clearInterval(this.timer);\n", "")
"""The acquiring line is as it was; the release is gone."""
TWO = POLLER + POLLER.replace("Poller", "Watcher")

Files = dict[str, str | None]


def between(stanch: Stanch, repo: Repo, *arguments: str) -> Any:
    return stanch(repo.root, "scan", "--base", "main", "--format", "json", *arguments).report


def summary(report: Any) -> tuple[list[tuple[str, int, str]], list[tuple[str, int]], int]:
    """What is listed, what is resolved, and how many findings there are in all."""
    return (
        [(finding["path"], finding["line"], finding["change"]) for finding in report["findings"]],
        [(finding["path"], finding["line"]) for finding in report["resolved"]],
        report["totals"]["findings"],
    )


CHANGES: Mapping[str, tuple[Files, Files, tuple[object, object, int]]] = {
    "nothing": ({"a.js": POLLER}, {"b.js": CLEAN_POLLER}, ([], [], 1)),
    "a new file": ({}, {"a.js": POLLER}, ([("a.js", 4, "introduced")], [], 1)),
    "new lines": ({"a.js": POLLER}, {"a.js": TWO}, ([("a.js", 14, "introduced")], [], 2)),
    "an old line that leaks now": ({"a.js": CLEAN_POLLER}, {"a.js": CAUSING}, ([("a.js", 4, "caused")], [], 1)),
    "moved within the file": ({"a.js": POLLER}, {"a.js": "\n\n// A remark.\n\n" + POLLER}, ([], [], 1)),
    "reformatted": ({"a.js": POLLER}, {"a.js": REFORMATTED}, ([], [], 1)),
    "renamed file": ({"a.js": POLLER}, {"a.js": None, "b/c.js": POLLER}, ([], [], 1)),
    "renamed and edited file": ({"a.js": POLLER}, {"a.js": None, "b.js": "// A remark.\n" + POLLER}, ([], [], 1)),
    "moved to an old file": (
        {"a.js": TWO, "b.js": CLEAN_POLLER.replace("Poller", "Other")},
        {"a.js": POLLER, "b.js": CLEAN_POLLER.replace("Poller", "Other") + POLLER.replace("Poller", "Watcher")},
        ([], [], 2),
    ),
    "a copy": ({"a.js": POLLER}, {"b.js": POLLER}, ([("b.js", 4, "introduced")], [], 2)),
    "renamed class": ({"a.js": POLLER}, {"a.js": POLLER.replace("Poller", "Beat")}, ([], [], 1)),
    "mended": ({"a.js": POLLER, "b.py": SETTINGS}, {"a.js": CLEAN_POLLER}, ([], [("a.js", 4)], 1)),
    "deleted": ({"a.js": POLLER}, {"a.js": None}, ([], [("a.js", 4)], 0)),
    "one for another": (
        {"a.js": POLLER},
        {"a.js": CLEAN_POLLER, "b.py": SETTINGS},
        ([("b.py", 5, "introduced")], [("a.js", 4)], 1),
    ),
}


def _committed(repo: Repo) -> None:
    repo.commit()


def _staged(repo: Repo) -> None:
    repo.git("add", "--all")


def _unstaged(_: Repo) -> None:
    return None


def _half_staged(repo: Repo) -> None:
    repo.git("add", "--all")
    repo.write({"untracked.js": CLEAN_POLLER})


@pytest.mark.parametrize("how", [_committed, _staged, _unstaged, _half_staged])
@pytest.mark.parametrize("name", CHANGES)
def test_changes(stanch: Stanch, tmp_path: Path, name: str, how: Callable[[Repo], None]) -> None:
    before, after, expected = CHANGES[name]
    repo = Repo(tmp_path / "repo")
    repo.commit({"README.md": "# Here\n", **before})
    repo.branch("topic")
    repo.write(after)
    how(repo)
    assert summary(between(stanch, repo)) == expected


def everything(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else b"")
        for path in sorted(folder.rglob("*"))
    }


def test_nothing_is_written_to_the_repository(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"b.js": CLEAN_POLLER, "c.js": "// 1\n"})
    repo.branch("topic")
    repo.write({"b.js": CAUSING, "new.js": POLLER, "c.js": "// 2\n"})
    repo.git("add", "c.js")
    # Equal to an object that is there already, which git would touch when it adds it.
    repo.write({"c.js": "// 1\n", "copy.js": POLLER})
    before = everything(repo.root)
    assert len(between(stanch, repo)["findings"]) == 3
    assert everything(repo.root) == before


def test_the_base_is_where_the_branches_part(stanch: Stanch, repo: Repo) -> None:
    base = repo.git("rev-parse", "HEAD")
    repo.branch("topic")
    repo.git("checkout", "--quiet", "main")
    repo.commit({"src/poller.js": CLEAN_POLLER})
    repo.git("checkout", "--quiet", "topic")
    report = between(stanch, repo)
    assert (report["base"], summary(report)) == (base, ([], [], 1))


def test_only_introduced_and_caused_findings_are_judged(stanch: Stanch, repo: Repo) -> None:
    repo.branch("topic")
    assert stanch(repo.root, "scan", "--base", "main").code == 0
    repo.write({"new.js": POLLER})
    assert stanch(repo.root, "scan", "--base", "main").code == 1
    assert stanch(repo.root, "scan", "--base", "main", "src").code == 0


def test_the_configuration_of_the_base_is_in_force(stanch: Stanch, repo: Repo) -> None:
    repo.commit({".github/stanch.yml": "scan:\n  rules: [timer/*]\n"})
    repo.branch("topic")
    repo.commit({"b.py": SETTINGS, "b.js": POLLER, ".github/stanch.yml": "scan:\n  rules: [file/*]\n"})
    assert [finding["path"] for finding in between(stanch, repo)["findings"]] == ["b.js"]
    repo.commit({".github/stanch.yml": "scan:\n  rulez: []\n"})
    done = stanch(repo.root, "scan", "--base", "main")
    assert done.code == 1
    assert ".github/stanch.yml:2:3: unknown key `rulez`, did you mean `rules`?" in done.err


def test_a_faulty_configuration_of_the_base_is_a_fault(stanch: Stanch, repo: Repo) -> None:
    base = repo.commit({".github/stanch.yml": "scan:\n  rulez: []\n"})
    repo.branch("topic")
    repo.commit({".github/stanch.yml": ""})
    done = stanch(repo.root, "scan", "--base", "main")
    assert (done.code, done.err.startswith(f"{base[:12]}:.github/stanch.yml:2:3: ")) == (2, True)


def test_what_a_sparse_checkout_leaves_out_is_not_resolved(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"b/b.js": POLLER})
    repo.branch("topic")
    repo.git("sparse-checkout", "set", "b")
    assert not (repo.root / "src").exists()
    assert summary(between(stanch, repo)) == ([], [], 1)
    repo.write({"b/c.js": POLLER})
    assert summary(between(stanch, repo)) == ([("b/c.js", 4, "introduced")], [], 2)


def test_the_sides_of_a_conflict_are_one_file(stanch: Stanch, repo: Repo) -> None:
    repo.branch("topic")
    repo.commit({"src/poller.js": POLLER.replace("5000", "6000")})
    repo.git("checkout", "--quiet", "-b", "other", "main")
    repo.commit({"src/poller.js": POLLER.replace("5000", "7000")})
    with pytest.raises(AssertionError):
        repo.git("merge", "topic")
    repo.write({"src/poller.js": POLLER, "b.py": SETTINGS})
    assert summary(between(stanch, repo)) == ([("b.py", 5, "introduced")], [], 2)


def test_equal_bytes_from_anywhere(stanch: Stanch, repo: Repo) -> None:
    repo.branch("topic")
    repo.write({"src/new.js": POLLER, "src/other.py": SETTINGS})
    command = ["scan", "--base", "main", "--format", "json"]
    runs = [stanch(folder, *command).out for folder in (repo.root, repo.root, repo.root / "src")]
    runs.append(stanch(repo.root, *command, "--jobs", "2").out)
    assert len(set(runs)) == 1


def test_markdown_and_terminal_tell_the_change(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"b.js": CLEAN_POLLER.replace("Poller", "Beat")})
    repo.branch("topic")
    repo.commit({"b.js": CAUSING.replace("Poller", "Beat"), "src/poller.js": CLEAN_POLLER})
    for report_format in ("terminal", "markdown"):
        done = stanch(repo.root, "scan", "--base", "main", "--format", report_format)
        assert done.code == 1
        assert "an old line that leaks because of this change" in done.text
        assert "1 resolved" in done.text
