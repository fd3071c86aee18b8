"""Work that is not committed, and files that change while they are fixed: `fix --write` never overwrites them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot import fixing
from bot.cli import fix as command
from fixers.mending import Mended
from tests.bot.cli.bad_input.processes import ended, start
from tests.bot.leaks import CLEAN_POLLER, POLLER

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch
    from tests.repos import Repo


@pytest.mark.parametrize("tracked", [True, False])
def test_uncommitted_changes_are_not_mixed_with_fixes(stanch: Stanch, repo: Repo, tracked: bool) -> None:
    changed = "src/poller.js" if tracked else "new.js"
    repo.write({changed: "// Mine.\n" + POLLER})
    done = stanch(repo.root, "fix", "--write")
    assert (done.code, done.out) == (2, b"")
    assert f"1 file has uncommitted changes ({changed}); commit or stash them, or add --allow-dirty." in done.err
    assert (repo.root / "src/poller.js").read_text().endswith(POLLER)
    assert stanch(repo.root, "fix", "--write", "--allow-dirty").code == 0
    assert (repo.root / changed).read_text().startswith("// Mine.\n")
    assert stanch(repo.root, "scan").code == 0


def test_what_is_staged_is_uncommitted_too(stanch: Stanch, repo: Repo) -> None:
    repo.write({"src/poller.js": "// Mine.\n" + POLLER})
    repo.git("add", "--all")
    done = stanch(repo.root, "fix", "--write")
    assert (done.code, "1 file has uncommitted changes (src/poller.js)" in done.err) == (2, True)
    assert (repo.root / "src/poller.js").read_text() == "// Mine.\n" + POLLER


def test_uncommitted_changes_elsewhere_are_left_alone(stanch: Stanch, repo: Repo) -> None:
    repo.write({"README.md": "# Mine\n", "notes.js": "let mine;\n"})
    assert stanch(repo.root, "fix", "--write").code == 0
    assert ((repo.root / "README.md").read_text(), (repo.root / "notes.js").read_text()) == ("# Mine\n", "let mine;\n")


def test_a_file_that_changed_meanwhile_is_left_alone(
    stanch: Stanch, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(*arguments: object) -> dict[str, Mended]:
        mended = fixing.mend_tree(*arguments)  # type: ignore[arg-type]
        (repo.root / "src/poller.js").write_text("// Saved by an editor.\n")
        return mended

    monkeypatch.setattr(command, "mend_tree", meanwhile)
    done = stanch(repo.root, "fix", "--write", "--allow-dirty")
    assert done.code == 2
    assert done.err.splitlines() == [
        "stanch: 0 of 1 file written; the others are as they were.",
        f"stanch: {repo.root / 'src/poller.js'} has changed since it was read; run the command again.",
    ]
    assert (repo.root / "src/poller.js").read_text() == "// Saved by an editor.\n"


def test_two_fixes_at_once_leave_every_file_whole(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    names = [f"{number}.js" for number in range(20)]
    for name in names:
        (folder / name).write_text(POLLER)
    runs = [start(folder, "fix", "--write", "--no-cache", ".") for _ in range(2)]
    for code, _, err in map(ended, runs):
        assert code == 0 or (code == 2 and "has changed since it was read; run the command again." in err)
    assert {path.name for path in folder.iterdir()} == set(names)
    assert {(folder / name).read_text() for name in names} <= {POLLER, CLEAN_POLLER}
    assert ended(start(folder, "fix", "--write", "--no-cache", "."))[0] == 0
    assert {(folder / name).read_text() for name in names} == {CLEAN_POLLER}
