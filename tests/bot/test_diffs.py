from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.diffs import FileDiff, changed_paths, file_diffs
from bot.git import GitError, Repository
from tests.bot.test_trees import STRANGE_NAMES
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

LINES = "".join(f"line {number}\n" for number in range(1, 21))


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def test_every_kind_of_change_is_a_pair_of_paths(repo: Repo) -> None:
    base = repo.commit({"edited.js": LINES, "moved.js": LINES + "x\n", "gone.js": "gone\n", "copied.js": "copied\n"})
    (repo.root / "edited.js").chmod(0o755)
    edited = LINES.replace("line 7", "LINE 7")
    files = {
        "edited.js": edited,
        "moved.js": None,
        "dir/moved.ts": LINES + "y\n",
        "gone.js": None,
        "copy.js": "copied\n",
    }
    head = repo.commit(files)
    opened = Repository.open(repo.root)
    assert changed_paths(opened, base, head) == [
        (None, "copy.js"),
        ("moved.js", "dir/moved.ts"),
        ("edited.js", "edited.js"),
        ("gone.js", None),
    ]
    assert [(diff.old, diff.new) for diff in file_diffs(opened, base, head)] == changed_paths(opened, base, head)


def test_hunks_are_those_of_the_file(repo: Repo) -> None:
    base = repo.commit({"a.js": LINES})
    head = repo.commit({"a.js": LINES.replace("line 7", "LINE 7")})
    opened = Repository.open(repo.root)
    assert file_diffs(opened, base, head, context=0) == [
        FileDiff("a.js", "a.js", "@@ -7 +7 @@ line 6\n-line 7\n+LINE 7\n"),
    ]
    assert file_diffs(opened, base, head)[0].hunks.startswith("@@ -4,7 +4,7 @@ line 3\n line 4\n")


def test_a_change_of_the_name_or_the_mode_has_no_hunks(repo: Repo) -> None:
    base = repo.commit({"a.js": LINES, "b.js": "1\n"})
    repo.git("mv", "a.js", "c.js")
    repo.git("update-index", "--chmod=+x", "b.js")
    repo.git("commit", "--quiet", "-m", "Change")
    opened = Repository.open(repo.root)
    assert file_diffs(opened, base, opened.resolve("HEAD")) == [
        FileDiff("b.js", "b.js", ""),
        FileDiff("a.js", "c.js", ""),
    ]


def test_strange_names_keep_their_own_hunks(repo: Repo) -> None:
    base = repo.commit(dict.fromkeys(STRANGE_NAMES, "old\n"))
    head = repo.commit({name: f"new {number}\n" for number, name in enumerate(STRANGE_NAMES)})
    found = {diff.new: diff.hunks for diff in file_diffs(Repository.open(repo.root), base, head)}
    assert found == {name: f"@@ -1 +1 @@\n-old\n+new {number}\n" for number, name in enumerate(STRANGE_NAMES)}


def test_content_that_looks_like_a_diff_is_content(repo: Repo) -> None:
    fake = "diff --git a/b.js b/b.js\n@@ -1 +1 @@\n--- a/b.js\n+++ b/b.js\n"
    base = repo.commit({"a.js": "x\n" + fake, "b.js": "1\n"})
    head = repo.commit({"a.js": fake, "b.js": "2\n"})
    first, second = file_diffs(Repository.open(repo.root), base, head, context=9)
    assert first.hunks == "@@ -1,5 +1,4 @@\n-x\n" + "".join(f" {line}\n" for line in fake.splitlines())
    assert second.hunks == "@@ -1 +1 @@\n-1\n+2\n"


def test_links_and_submodules_are_no_files_on_their_side(repo: Repo) -> None:
    (repo.root / "link.js").symlink_to("a.js")
    (repo.root / "other.js").symlink_to("a.js")
    base = repo.commit({"file.js": "was a file\n"})
    (repo.root / "link.js").unlink()
    (repo.root / "other.js").unlink()
    repo.write({"file.js": None})
    (repo.root / "file.js").symlink_to("a.js")
    (repo.root / "other.js").symlink_to("b.js")
    head = repo.commit({"link.js": "now a file\n"})
    diffs = file_diffs(Repository.open(repo.root), base, head)
    assert diffs == [
        FileDiff("file.js", None, "@@ -1 +0,0 @@\n-was a file\n"),
        FileDiff(None, "link.js", "@@ -0,0 +1 @@\n+now a file\n"),
    ]
    assert changed_paths(Repository.open(repo.root), base, head) == [("file.js", None), (None, "link.js")]


def test_attributes_and_configuration_cannot_hide_or_alter_a_change(repo: Repo) -> None:
    base = repo.commit({"a.js": LINES, ".gitattributes": "*.js -diff\n"})
    head = repo.commit({"a.js": LINES.replace("line 7", "LINE 7")})
    opened = Repository.open(repo.root)
    before = file_diffs(opened, base, head)
    assert "+LINE 7" in before[0].hunks
    for name, value in (
        ("diff.noprefix", "true"),
        ("diff.renames", "false"),
        ("diff.context", "9"),
        ("diff.interHunkContext", "9"),
        ("diff.algorithm", "patience"),
        ("diff.suppressBlankEmpty", "true"),
        ("diff.orderFile", "/dev/null"),
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("core.quotePath", "false"),
        ("core.abbrev", "4"),
        ("diff.wsErrorHighlight", "all"),
        ("diff.relative", "true"),
    ):
        repo.git("config", name, value)
    assert file_diffs(Repository.open(repo.root / ".git" / ".."), base, head) == before


def test_only_the_asked_kinds_of_file_are_compared(repo: Repo) -> None:
    base = repo.commit({"a.js": "1\n", "b.PY": "1\n", "c.bin": b"\0" * 99, "d/e.js": "1\n", "js": "1\n"})
    head = repo.commit({"a.js": "2\n", "b.PY": "2\n", "c.bin": b"\1" * 99, "d/e.js": "2\n", "js": "2\n"})
    found = file_diffs(Repository.open(repo.root), base, head, suffixes=("js", "py"))
    assert [diff.new for diff in found] == ["a.js", "b.PY", "d/e.js"]


def test_equal_trees_do_not_differ(repo: Repo) -> None:
    base = repo.commit({"a.js": "1\n"})
    opened = Repository.open(repo.root)
    assert file_diffs(opened, base, base) == []
    assert changed_paths(opened, base, base) == []
    with pytest.raises(GitError, match="diff-tree failed"):
        file_diffs(opened, base, "1" * 40)
