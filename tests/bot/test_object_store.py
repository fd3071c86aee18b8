"""The shared store of git objects: what is in use stays, what is damaged goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot import object_store
from bot.object_store import ObjectStore, Stored, StoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
COMMIT = "1" * 40
USER = """
import sys
from pathlib import Path
from bot.object_store import ObjectStore
with ObjectStore(Path(sys.argv[1])).opened(int(sys.argv[2])):
    print("in use", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    return ObjectStore(tmp_path / "state" / "objects", limit_bytes=2_500)


@pytest.fixture
def other_user(store: ObjectStore) -> Iterator[subprocess.Popen[str]]:
    """Another process that uses repository 1."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", USER, str(store.folder), "1"]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in use\n"
        yield process
        process.kill()


def fill(stored: Stored, size: int = 1_000) -> None:
    (stored.git_dir / "objects" / "pack" / "pack-1.pack").write_bytes(b"x" * size)


def present(store: ObjectStore) -> set[str]:
    return {path.name for path in store.folder.glob("*.git")}


def test_a_repository_is_made_once_and_kept(store: ObjectStore) -> None:
    for _ in range(2):
        with store.opened(7) as stored:
            assert stored.repository().run(["rev-parse", "--is-bare-repository"]) == b"true\n"
            stored.remember(COMMIT, frozenset({"2" * 40}))
    with store.opened(7) as stored:
        assert stored.left_out(COMMIT) == frozenset({"2" * 40})
        assert stored.left_out("3" * 40) is None
    assert not (stored.git_dir / "hooks").exists()
    assert (store.folder.stat().st_mode & 0o777) == 0o700


def test_room_is_made_from_what_was_not_used_for_longest(store: ObjectStore) -> None:
    for number in (1, 2, 3):
        with store.opened(number) as stored:
            fill(stored)
        os.utime(stored.git_dir, (number, number))
    with store.opened(1):
        store.make_room()
        assert present(store) == {"1.git", "3.git"}


def test_what_another_process_uses_is_not_removed(store: ObjectStore, other_user: subprocess.Popen[str]) -> None:
    for number in (1, 2, 3):
        with store.opened(number) as stored:
            fill(stored, 2_000)
        os.utime(stored.git_dir, (number, number))
    store.make_room()
    assert present(store) == {"1.git"}
    other_user.kill()
    other_user.wait()
    with store.opened(2) as stored:
        fill(stored, 2_000)
        store.make_room()
    assert present(store) == {"2.git"}


def test_what_is_condemned_is_removed_before_it_is_used_again(store: ObjectStore) -> None:
    with store.opened(1) as stored:
        stored.remember(COMMIT, frozenset())
        stored.condemn()
        assert stored.left_out(COMMIT) is not None
    with store.opened(1) as stored:
        assert stored.left_out(COMMIT) is None
    with store.opened(1) as stored:
        assert (stored.git_dir / "HEAD").is_file()


def test_who_waits_for_a_condemned_repository_does_not_wait_for_ever(
    store: ObjectStore, other_user: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.opened(1) as stored:
        stored.condemn()
    monkeypatch.setitem(object_store._locked.__wrapped__.__kwdefaults__, "seconds", 0.1)  # type: ignore[attr-defined]
    with pytest.raises(StoreError, match="another worker may hang"), store.opened(1):
        pass


def test_what_a_killed_fetch_has_left_is_swept(store: ObjectStore) -> None:
    with store.opened(1) as stored:
        left = [stored.git_dir / "shallow.lock", stored.git_dir / "objects" / "pack" / "tmp_pack_x"]
        for path in left:
            path.touch()
        with stored.changing():
            assert not any(path.exists() for path in left)


def test_a_repository_that_is_half_made_is_made_anew(store: ObjectStore) -> None:
    (store.folder / "1.git" / "objects").mkdir(parents=True)
    with store.opened(1) as stored:
        assert stored.repository().run(["for-each-ref"]) == b""


def test_one_that_has_grown_too_large_starts_anew(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(object_store, "REPOSITORY_BYTES", 500)
    with store.opened(1) as stored:
        fill(stored)
    with store.opened(1) as stored:
        assert not list((stored.git_dir / "objects" / "pack").iterdir())


def test_a_folder_that_cannot_be_used_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"), ObjectStore(tmp_path / "file" / "objects").opened(1):
        pass


def test_an_error_of_whoever_uses_it_is_his_own(store: ObjectStore) -> None:
    with pytest.raises(FileNotFoundError), store.opened(1):
        (store.folder / "nothing").read_bytes()


def test_a_note_that_cannot_be_written_is_the_stores_fault(store: ObjectStore) -> None:
    with store.opened(1) as stored:
        (stored.git_dir / "stanch").write_text("in the way")
        with pytest.raises(StoreError, match="cannot be used"):
            stored.remember("a" * 40, frozenset())
