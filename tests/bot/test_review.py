"""The rehearsal of a pull request: what is written, and on which branches."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest

from bot.config import ConfigError
from bot.git import Repository
from bot.review import Review, rehearse
from bot.trees import GitTree
from fixers.engine import scan_tree
from tests.bot.footprint import footprint
from tests.bot.leaks import CLEAN_POLLER, POLLER, RULE, SETTINGS
from tests.bot.reports.github_markdown import live_links
from tests.repos import Repo, git

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 3, 4)
NAMES = [
    "-rf.js",
    "new\nline.js",
    "`tick`.js",
    'qu"ote.js',
    "a b/@you #1.js",
    "\udcff.js",
    "é.js",
    "*.js",
    "a\\b.js",
    "<b>|.js",
]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    made = Repo(tmp_path / "repo")
    made.commit({"README.md": "hello\n", "old.js": POLLER})
    made.branch("topic")
    return made


def review(repo: Repo, output: Path, base: str | None = "main", head: str = "HEAD") -> Review:
    repository = Repository.open(repo.root)
    start = None if base is None else repository.merge_base(base, head)
    return rehearse(repository, start, repository.resolve(head), output, today=TODAY)


def test_what_a_change_brings(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher"), "settings.py": SETTINGS})
    before = footprint(repo.root)
    done = review(repo, tmp_path / "out")
    assert footprint(repo.root) == before
    assert [(item.path, item.fix.kind) for item in done.report.findings] == [
        ("new.js", "safe"),
        ("settings.py", "safe"),
    ]
    assert all(item.fix.edits and item.fix.checks for item in done.report.findings)
    assert done.comment is not None and "introduces 2 leaks; all have a safe fix" in done.comment
    assert [branch.title for branch in done.branches] == [
        "Fix a leak in settings.py: file/never-released",
        "Fix a leak in new.js: timer/forgotten-by-teardown",
    ]
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {
        "comment.md",
        "check.json",
        "review.json",
        "report.json",
        "before-after.md",
        "fixes",
        "fixes.git",
    } <= written
    assert (tmp_path / "out" / "comment.md").read_text() == done.comment
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["totals"]["introduced"] == 2
    assert len(json.loads((tmp_path / "out" / "review.json").read_bytes())["comments"]) == 2


def test_what_the_app_would_not_comment_is_no_comment(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({".github/stanch.yml": "comment:\n  enabled: false\n"})
    repo.branch("topic")
    repo.commit({"new.js": POLLER})
    done = review(repo, tmp_path / "out")
    assert (done.comment, done.inline) == (None, ())
    assert not (tmp_path / "out" / "comment.md").exists()
    assert done.as_read() == "No comment. The check says: 1 leak introduced, 1 with a safe fix.\n"
    assert "`comment.enabled` is false" in done.check.output.summary
    assert [annotation.path for annotation in done.check.output.annotations] == ["new.js"]


def test_a_configuration_that_the_head_brings_is_told(repo: Repo, tmp_path: Path) -> None:
    repo.commit({".github/stanch.yml": "scan:\n  exlude: [old.js]\n"})
    done = review(repo, tmp_path / "out")
    assert done.comment is not None
    assert "`.github/stanch.yml` has 1 fault in this pull request" in done.comment
    assert [(item.path, item.start_line) for item in done.check.output.annotations] == [(".github/stanch.yml", 2)]


def test_a_branch_holds_its_group_and_nothing_else(repo: Repo, tmp_path: Path) -> None:
    (repo.root / "run.js").write_text(POLLER.replace("Poller", "Runner"))
    (repo.root / "run.js").chmod(0o755)
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher").replace("\n", "\r\n"), "settings.py": SETTINGS})
    done = review(repo, tmp_path / "out")
    folder = tmp_path / "out" / "fixes.git"
    head = repo.git("rev-parse", "HEAD")
    (timer,) = [branch for branch in done.branches if RULE in branch.title]
    assert git(folder, "diff", "--name-only", head, timer.name).split() == ["new.js", "run.js"]
    assert git(folder, "ls-tree", timer.name, "run.js").startswith("100755 ")
    assert git(folder, "diff", "--numstat", head, timer.name).split() == ["1", "0", "new.js", "1", "0", "run.js"]
    assert "clearInterval(this.timer);\r\n" in git(folder, "show", f"{timer.name}:new.js")
    with GitTree(Repository.open(folder), git(folder, "rev-parse", timer.name)) as tree:
        left = [(item.path, item.rule) for result in scan_tree(tree, tree.paths()) for item in result.findings]
    assert left == [("old.js", RULE), ("settings.py", "file/never-released")]


def test_bodies_lie_beside_the_branches(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher")})
    (branch,) = review(repo, tmp_path / "out").branches
    (body,) = (tmp_path / "out" / "fixes").iterdir()
    assert body.name == f"{branch.name.replace('/', '_')}.md"
    assert body.read_text() == branch.body
    assert f"| `{RULE}` | 2 | 1 |" in branch.body


def test_old_findings_are_not_fixed_by_the_way(repo: Repo, tmp_path: Path) -> None:
    text = POLLER + "\n" + POLLER.replace("Poller", "Watcher")
    repo.commit({"old.js": text})
    (branch,) = review(repo, tmp_path / "out").branches
    shown = git(tmp_path / "out" / "fixes.git", "show", "--format=", branch.name)
    assert (shown.count("\n+ "), "@@ export class Watcher" in shown or "class Watcher" in shown) == (1, True)


def test_nothing_to_say_removes_the_earlier_comment(repo: Repo, tmp_path: Path) -> None:
    output = tmp_path / "out"
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher")})
    review(repo, output)
    (output / "mine.txt").write_text("mine")
    (output / "fixes" / "more").mkdir()
    repo.commit({"new.js": CLEAN_POLLER})
    done = review(repo, output)
    assert (done.comment, done.branches) == (None, ())
    names = {path.name for path in output.iterdir()}
    assert not {"comment.md", "fixes", "fixes.git"} & names
    assert {"report.json", "before-after.md", "mine.txt"} <= names


def test_what_somebody_else_keeps_there_is_not_overwritten(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.js": POLLER})
    (tmp_path / "out" / "fixes").mkdir(parents=True)
    (tmp_path / "out" / "fixes" / "work.txt").write_text("a year of work")
    before = footprint(tmp_path / "out")
    with pytest.raises(FileExistsError):
        review(repo, tmp_path / "out")
    assert footprint(tmp_path / "out") == before


def test_a_link_in_the_results_is_not_followed(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher")})
    output, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    review(repo, output)
    elsewhere.mkdir()
    (elsewhere / "work.md").write_text("a year of work")
    before = footprint(elsewhere)
    for name in ("fixes", "fixes.git", "comment.md"):
        (output / name).rename(tmp_path / f"moved-{name}")
        (output / name).symlink_to(elsewhere / "work.md" if name.endswith(".md") else elsewhere)
    assert len(review(repo, output).branches) == 1
    assert footprint(elsewhere) == before


def test_the_base_s_configuration_is_in_force(repo: Repo, tmp_path: Path) -> None:
    repo.commit({".github/stanch.yml": "fix:\n  enabled: false\n", "new.js": POLLER.replace("Poller", "Watcher")})
    assert len(review(repo, tmp_path / "one").branches) == 1
    repo.git("branch", "--force", "main")
    repo.commit({"more.js": POLLER.replace("Poller", "Other")})
    done = review(repo, tmp_path / "two")
    assert (len(done.report.findings), done.branches) == (1, ())


@pytest.mark.parametrize(
    ("setting", "expected"),
    [
        ("families: [file]", {"stanch/file-never-released"}),
        ("branch-prefix: bots/perf.", {"bots/perf.file-never-released", "bots/perf.timer-forgotten-by-teardown"}),
        ("branch-prefix: main", {"mainfile-never-released", "maintimer-forgotten-by-teardown"}),
        ("branch-prefix: main/", {"main/file-never-released", "main/timer-forgotten-by-teardown"}),
    ],
)
def test_branches_are_as_configured(tmp_path: Path, setting: str, expected: set[str]) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({".github/stanch.yml": f"fix:\n  {setting}\n"})
    repo.branch("topic")
    repo.commit({"new.js": POLLER, "settings.py": SETTINGS})
    done = review(repo, tmp_path / "out")
    assert {branch.name.rpartition("-")[0] for branch in done.branches} == expected


def test_a_configuration_with_a_fault_says_where(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "--quiet", "main")
    base = repo.commit({".github/stanch.yml": "fix:\n  branch-prefix: a..b\n"})
    with pytest.raises(ConfigError, match=f"{base[:12]}:.github/stanch.yml:2"):
        review(repo, tmp_path / "out", base="main", head="main")
    with pytest.raises(ConfigError, match=f"{base[:12]}:.github/stanch.yml:2"):
        review(repo, tmp_path / "out", base=None, head="main")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", NAMES)
def test_any_name(repo: Repo, tmp_path: Path, name: str) -> None:
    repo.commit({name: POLLER.replace("Poller", "Watcher")})
    done = review(repo, tmp_path / "out")
    (branch,) = done.branches
    folder = tmp_path / "out" / "fixes.git"
    assert git(folder, "diff", "-z", "--name-only", "HEAD", branch.name) == f"{name}\0"
    for document in (*(tmp_path / "out").glob("*.*"), *(tmp_path / "out" / "fixes").iterdir()):
        if document.is_file():
            document.read_text(encoding="utf-8")
    assert live_links(done.comment or "") == live_links(branch.body) == []


def test_the_whole_tree_shows_ten_in_full(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    repo.commit({f"src/p{number:02}.js": POLLER.replace("Poller", f"P{number}") for number in range(14)})
    done = review(repo, tmp_path / "out", base=None)
    assert done.comment is not None
    assert "### 14 leaks in the whole tree; all have a safe fix" in done.comment
    assert done.comment.count("\n#### ") == 10
    assert "4 more findings are not shown here; `stanch scan` lists them all." in done.comment
    assert done.report.base is None
    assert [branch.title for branch in done.branches] == [f"Fix 14 leaks in src: {RULE}"]


def test_results_do_not_depend_on_the_run(repo: Repo, tmp_path: Path) -> None:
    repo.commit({"new.js": POLLER.replace("Poller", "Watcher"), "settings.py": SETTINGS})
    seen = []
    for name in ("one", "two"):
        review(repo, tmp_path / name)
        documents = {path.name: path.read_bytes() for path in (tmp_path / name).glob("*.*") if path.is_file()}
        seen.append((documents, git(tmp_path / name / "fixes.git", "for-each-ref")))
    assert seen[0] == seen[1]
