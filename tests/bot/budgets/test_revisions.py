"""The files of a commit in a folder of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from bot.budgets.revisions import exported
from bot.git import Repository
from tests.repos import Repo

if TYPE_CHECKING:
    from pathlib import Path


def test_the_files_are_those_of_the_commit(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    (repo.root / "run.sh").write_text("#!/bin/sh\n")
    (repo.root / "run.sh").chmod(0o755)
    (repo.root / "link").symlink_to("src/a.js")
    commit = repo.commit({"src/a.js": "1\r\n", "caf\udce9.js": b"\x00\xff", ".gitattributes": "*.js filter=x\n"})
    repo.git("config", "filter.x.smudge", f"touch {tmp_path}/ran")
    repo.write({"src/a.js": "changed", "untracked.js": "x"})
    with exported(Repository.open(repo.root), commit) as folder:
        assert (folder / "src/a.js").read_bytes() == b"1\r\n"
        assert (folder / os.fsdecode(b"caf\xe9.js")).read_bytes() == b"\x00\xff"
        assert os.access(folder / "run.sh", os.X_OK)
        assert not os.access(folder / "src/a.js", os.X_OK)
        assert (folder / "link").readlink().as_posix() == "src/a.js"
        assert not (folder / "untracked.js").exists()
        assert not (folder / ".git").exists()
        (folder / "made").mkdir()
        (folder / "made" / "file").write_text("by the program")
        (folder / "made").chmod(0o500)
    assert not folder.exists()
    assert not (tmp_path / "ran").exists()


def test_nothing_is_written_outside_of_the_folder(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    blob = repo.git("hash-object", "-w", "--stdin", stdin=b"evil")
    target = repo.git("hash-object", "-w", "--stdin", stdin=str(tmp_path).encode())
    inner = repo.git("mktree", "--missing", stdin=f"100644 blob {blob}\tescaped\n".encode())
    tree = repo.git("mktree", stdin=f"120000 blob {target}\tout\n040000 tree {inner}\tfolder\n".encode())
    hooks = repo.git("mktree", stdin=f"100755 blob {blob}\tconfig\n".encode())
    forged = repo.git("mktree", stdin=f"040000 tree {hooks}\t.GIT\n040000 tree {tree}\tx\n".encode())
    commit = repo.git("commit-tree", forged, "-m", "x")
    with exported(Repository.open(repo.root), commit) as folder:
        assert sorted(path.name for path in folder.iterdir()) == ["x"]
        assert (folder / "x" / "folder" / "escaped").read_bytes() == b"evil"
    assert not (tmp_path / "escaped").exists()
