from __future__ import annotations

import os
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from fixers.findings import FixKind
from tests.bot.leaks import CLEAN_POLLER, POLLER
from tests.bot.test_trees import STRANGE_NAMES
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

REPORT = """\
def write_report(path, rows):
    out = open(path, 'w')
    for row in rows:
        out.write(row.text())
    out.close()
"""
STORE = """\
import sqlite3


class Store:
    def open(self, path):
        self.connection = sqlite3.connect(path)

    def close(self):
        pass
"""
"""`close` may be called before `open`, so the fix is for a person to judge."""


@pytest.fixture
def identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A user whose git knows who they are."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".gitconfig").write_text("[user]\n\tname = Grace\n\temail = grace@example.org\n")
    monkeypatch.setenv("HOME", str(home))
    for name in ("GIT_CONFIG_GLOBAL", "XDG_CONFIG_HOME", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)


def apply(repo: Repo, diff: bytes) -> None:
    done = subprocess.run(["git", "apply", "-"], cwd=repo.root, input=diff, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + diff.decode("utf-8", "replace")


@pytest.mark.parametrize(
    "code",
    [POLLER, POLLER.removesuffix("\n"), POLLER.replace("\n", "\r\n"), "\ufeff" + POLLER, "// é\n" + POLLER],
    ids=["plain", "no last newline", "crlf", "byte-order mark", "not ascii"],
)
def test_the_diff_applies_and_leaves_nothing_to_find(stanch: Stanch, repo: Repo, code: str) -> None:
    repo.commit({"src/poller.js": code})
    done = stanch(repo.root, "fix")
    assert done.code == 1
    assert done.out.startswith(
        b"diff --git a/src/poller.js b/src/poller.js\n--- a/src/poller.js\n+++ b/src/poller.js\n@@ "
    )
    assert repo.git("status", "--porcelain") == ""
    apply(repo, done.out)
    assert repo.git("status", "--porcelain") == " M src/poller.js"
    assert stanch(repo.root, "scan").code == 0
    done = stanch(repo.root, "fix")
    assert (done.code, done.out, done.err) == (0, b"", "stanch: nothing to fix.\n")


def test_names_of_any_kind_survive_the_diff(stanch: Stanch, tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    names = [f"{name.removesuffix('.js')}.js" for name in STRANGE_NAMES]
    repo.commit(dict.fromkeys(names, POLLER))
    done = stanch(repo.root, "fix")
    apply(repo, done.out)
    assert stanch(repo.root, "scan").code == 0


def test_python_is_fixed_too(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"report.py": REPORT, "src/poller.js": None})
    done = stanch(repo.root, "fix", "--write")
    assert done.code == 0
    assert "with open(path, 'w') as out:\n" in (repo.root / "report.py").read_text()
    assert stanch(repo.root, "scan").code == 0


def test_written_files_keep_their_mode_and_are_clean(stanch: Stanch, repo: Repo) -> None:
    file = repo.root / "src/poller.js"
    file.chmod(0o750)
    repo.commit()
    done = stanch(repo.root, "fix", "--write")
    assert (done.code, done.text) == (0, "src/poller.js:4: clear the interval in close()\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert sorted(path.name for path in file.parent.iterdir()) == ["poller.js"]
    assert stanch(repo.root, "scan").code == 0
    done = stanch(repo.root, "fix", "--write")
    assert (done.code, done.text) == (0, "")


def test_outside_a_repository_files_can_be_written(stanch: Stanch, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(POLLER)
    assert stanch(tmp_path, "fix", "--write", "a.js").code == 0
    assert stanch(tmp_path, "scan", ".").code == 0


@pytest.mark.usefixtures("identity")
def test_a_branch_leaves_work_tree_and_index_alone(stanch: Stanch, repo: Repo) -> None:
    (repo.root / "src/poller.js").chmod(0o755)
    head = repo.commit()
    repo.write({"src/poller.js": "// Mine.\n", "README.md": "# Staged\n", "new.js": POLLER})
    repo.git("add", "README.md")
    before = (repo.git("status", "--porcelain"), repo.git("diff", "--cached"), repo.git("diff"))
    done = stanch(repo.root, "fix", "--branch", "fixes/timers")
    commit = repo.git("rev-parse", "fixes/timers")
    assert done.code == 0
    assert done.text.endswith(f"committed {commit[:12]} on the new branch fixes/timers\n")
    assert (repo.git("status", "--porcelain"), repo.git("diff", "--cached"), repo.git("diff")) == before
    assert repo.git("rev-parse", "HEAD", "fixes/timers^") == f"{head}\n{head}"
    assert repo.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert repo.git("diff-tree", "-r", "--name-status", head, commit) == "M\tsrc/poller.js"
    assert repo.git("ls-tree", commit, "src/poller.js").startswith("100755 ")
    assert repo.git("log", "-1", "--format=%an <%ae> %cn%n%s", commit) == (
        "Grace <grace@example.org> Grace\nFix 1 resource leak"
    )
    repo.git("checkout", "--quiet", "--force", "fixes/timers")
    assert stanch(repo.root, "scan", "src").code == 0


@pytest.mark.usefixtures("identity")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("main", "There is a branch 'main' already"),
        ("a..b", "'a..b' cannot be the name of a branch"),
        ("-f", "cannot be the name of a branch"),
        ("", "cannot be the name of a branch"),
        ("main/deeper", "update-ref"),
    ],
)
def test_a_branch_that_cannot_be_made_is_said_so(stanch: Stanch, repo: Repo, name: str, sentence: str) -> None:
    done = stanch(repo.root, "fix", f"--branch={name}")
    assert (done.code, sentence in done.err) == (2, True), done.err
    assert repo.git("branch", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.usefixtures("identity")
def test_the_repository_s_own_identity_counts_first(stanch: Stanch, repo: Repo) -> None:
    repo.git("config", "user.name", "Ada")
    stanch(repo.root, "fix", "--branch", "fixes")
    assert repo.git("log", "-1", "--format=%an %ae", "fixes") == "Ada grace@example.org"


def test_without_an_identity_no_commit_is_made(
    stanch: Stanch, repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name in ("XDG_CONFIG_HOME", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("bot.commits.user_files", list)
    done = stanch(repo.root, "fix", "--branch", "fixes")
    assert (done.code, "git does not know who you are" in done.err) == (2, True)
    assert repo.git("branch", "--format=%(refname)") == "refs/heads/main"


@pytest.mark.usefixtures("identity")
def test_no_branch_is_made_for_nothing(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": CLEAN_POLLER})
    done = stanch(repo.root, "fix", "--branch", "fixes")
    assert (done.code, done.err) == (0, "stanch: nothing to fix.\n")
    assert repo.git("branch", "--format=%(refname)") == "refs/heads/main"


def test_one_finding_by_its_id(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": POLLER + POLLER})
    findings = stanch(repo.root, "scan", "--format", "json").report["findings"]
    assert len(findings) == 2
    done = stanch(repo.root, "fix", "--id", findings[1]["id"])
    assert done.code == 1
    assert done.text.count("\n@@ ") == 1
    assert "@@ -1" in done.text
    apply(repo, done.out)
    left = stanch(repo.root, "scan", "--format", "json").report["findings"]
    assert [finding["line"] for finding in left] == [4]
    done = stanch(repo.root, "fix", "--id", findings[0]["fingerprint"].replace("0", "f").replace("1", "e") + "0")
    assert (done.code, "No finding here has the ID" in done.err) == (2, True)


def test_several_findings_by_their_ids(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": POLLER + POLLER, "src/other.js": POLLER.replace("Poller", "Other")})
    findings = stanch(repo.root, "scan", "--format", "json").report["findings"]
    wanted = [finding["id"] for finding in findings if finding["path"] == "src/poller.js"]
    assert len(findings) == 3
    done = stanch(repo.root, "fix", *(word for key in (*wanted, wanted[0]) for word in ("--id", key)))
    assert done.code == 1
    apply(repo, done.out)
    left = stanch(repo.root, "scan", "--format", "json").report["findings"]
    assert [finding["path"] for finding in left] == ["src/other.js"]


def test_of_several_findings_those_that_need_a_person_are_told(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"store.py": STORE, "src/poller.js": POLLER})
    findings = stanch(repo.root, "scan", "--format", "json").report["findings"]
    done = stanch(repo.root, "fix", *(word for finding in findings for word in ("--id", finding["id"])))
    assert (done.code, "store.py:" in done.err, "it needs a person" in done.err) == (1, True, True)
    assert "clearInterval" in done.text


def test_a_fingerprint_of_several_findings_is_not_enough(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"src/poller.js": POLLER, "src/copy.js": POLLER})
    mark = stanch(repo.root, "scan", "--format", "json").report["findings"][0]["fingerprint"]
    done = stanch(repo.root, "fix", "--id", mark)
    assert (done.code, f"{mark}.1, {mark}.2" in done.err) == (2, True)


def test_suggested_fixes_are_only_written_when_asked_for(stanch: Stanch, repo: Repo) -> None:
    repo.commit({"store.py": STORE, "src/poller.js": None})
    finding = stanch(repo.root, "scan", "--format", "json").report["findings"][0]
    assert finding["fix"]["kind"] == FixKind.SUGGESTED
    done = stanch(repo.root, "fix")
    assert (done.code, done.out) == (0, b"")
    assert done.err == "stanch: nothing to fix; 1 fix needs a person, see --suggested.\n"
    done = stanch(repo.root, "fix", "--id", finding["id"])
    assert (done.code, "it needs a person" in done.err) == (0, True)
    done = stanch(repo.root, "fix", "--suggested")
    assert (done.code, b"connection.close()" in done.out) == (1, True)
    apply(repo, done.out)
    assert stanch(repo.root, "scan").code == 0


def test_a_refused_fix_says_why(stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fixers.batches.refusal", lambda *_: "the fix brings a new finding")
    for arguments in ([], ["--id", stanch(repo.root, "scan", "--format", "json").report["findings"][0]["id"]]):
        done = stanch(repo.root, "fix", *arguments)
        assert (done.code, done.out) == (0, b"")
        assert "src/poller.js:4: timer/forgotten-by-teardown is not fixed: the fix brings a new finding." in done.err


def test_only_what_a_change_brings_is_fixed(stanch: Stanch, repo: Repo) -> None:
    repo.branch("topic")
    repo.commit({"new.js": POLLER})
    done = stanch(repo.root, "fix", "--base", "main")
    assert (done.code, b"new.js" in done.out, b"src/poller.js" in done.out) == (1, True, False)


def test_silenced_findings_are_not_fixed(stanch: Stanch, repo: Repo) -> None:
    repo.commit({".github/stanch.yml": "ignore:\n  - paths: [src/**]\n    reason: known\n"})
    assert stanch(repo.root, "fix").out == b""


def test_the_diff_goes_into_a_file(stanch: Stanch, repo: Repo, tmp_path: Path) -> None:
    target = tmp_path / "fixes.diff"
    done = stanch(repo.root, "fix", "--output", str(target))
    assert (done.code, done.out) == (1, b"")
    apply(repo, target.read_bytes())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--write", "--branch", "x"], "--write and --branch exclude each other"),
        (["--write", "--output", "x"], "--output takes a diff"),
    ],
)
def test_options_that_exclude_each_other(stanch: Stanch, repo: Repo, arguments: list[str], sentence: str) -> None:
    done = stanch(repo.root, "fix", *arguments)
    assert (done.code, sentence in done.err) == (2, True)


def test_a_branch_needs_a_repository(stanch: Stanch, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text(POLLER)
    done = stanch(tmp_path, "fix", "--branch", "x", ".")
    assert (done.code, "lies in no git repository" in done.err) == (2, True)
