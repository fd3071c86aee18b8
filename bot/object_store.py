"""Git objects of many repositories, fetched once and shared by all workers of a machine.

Each repository of GitHub has a bare one here, named by its id, which a rename does not change. Two locks go with it,
held through `flock(2)`, so that they end with whoever holds them: shared by whoever uses it, and exclusive by the one
who changes it. What is in use is never removed; what is damaged, or has grown too large, is condemned, and removed
before it is used again.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.file_locks import CLOSE_ON_EXEC, try_lock
from bot.git import GitError, Repository, printable, run_git

if TYPE_CHECKING:
    from collections.abc import Iterator

STORE_BYTES: Final = 20_000_000_000
"""What all repositories may take; those that were not used for longest are removed first."""
REPOSITORY_BYTES: Final = 4_000_000_000
REPOSITORY_PACKS: Final = 200
"""Each fetch adds a pack, and git looks through all of them; one with more is fetched anew."""
LOCK_SECONDS: Final = 900
_LOOK_SECONDS: Final = 0.05
_CONFIGURATION: Final = (
    "[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n\tbare = true\n\tlogAllRefUpdates = false\n"
    "[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
)


class StoreError(Exception):
    """The store cannot be used; the message says why, and what to do."""


class Stored:
    """One repository of the store, while it is in use."""

    def __init__(self, place: Path) -> None:
        """Point at a repository.

        Args:
            place: where its folder and the files beside it lie, without an ending.
        """
        self.git_dir = place.with_suffix(".git")
        self._place = place

    def repository(self) -> Repository:
        """The repository; nothing of its configuration comes from elsewhere than from here."""
        return Repository(self.git_dir, None)

    def left_out(self, commit: str) -> frozenset[str] | None:
        """The blobs of a commit's tree that were not fetched; None where the commit was not fetched as a whole."""
        try:
            return frozenset(self._note(commit).read_text(encoding="ascii").split())
        except (OSError, ValueError):
            return None

    def remember(self, commit: str, left_out: frozenset[str]) -> None:
        """Notes that a commit was fetched as a whole, but for some blobs.

        Raises:
            StoreError: the disk is full, or the folder cannot be written to.
        """
        note = self._note(commit)
        try:
            note.parent.mkdir(exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=note.parent)
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.writelines(f"{blob}\n" for blob in sorted(left_out))
            Path(name).replace(note)
        except OSError as error:
            raise _unusable(error, note.parent) from None

    def condemn(self) -> None:
        """Has the repository removed as soon as nobody uses it any more, and before anybody uses it again."""
        self._place.with_suffix(".condemned").touch()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Only one at a time changes a repository.

        Raises:
            StoreError: another one takes too long.
        """
        with _locked(self._place.with_suffix(".changes"), exclusive=True):
            # Nobody else is at it, so these were left by one that was killed.
            for lock in (*self.git_dir.glob("*.lock"), *self.git_dir.glob("refs/stanch/*.lock")):
                lock.unlink(missing_ok=True)
            for pack in self.git_dir.glob("objects/pack/tmp_*"):
                pack.unlink(missing_ok=True)
            yield

    def _note(self, commit: str) -> Path:
        return self.git_dir / "stanch" / commit


class ObjectStore:
    """The folder of all repositories."""

    def __init__(self, folder: Path, limit_bytes: int = STORE_BYTES) -> None:
        """Point at a store; the folder is made when it is first used.

        Args:
            folder: where; nobody else may write to it.
            limit_bytes: what all repositories together may take.
        """
        self.folder = folder.absolute()
        self._limit = limit_bytes

    @contextmanager
    def opened(self, repository_id: int) -> Iterator[Stored]:
        """A repository of the store, made where there is none; it is not removed before the end of the block.

        Args:
            repository_id: GitHub's.

        Raises:
            StoreError: the folder cannot be used, or others keep a condemned repository for too long.
        """
        place = self.folder / str(repository_id)
        with ExitStack() as stack:
            try:
                stored = self._enter(place, stack)
            except OSError as error:
                raise _unusable(error, self.folder) from None
            except GitError as error:
                raise StoreError(f"{error} Check the state folder and its disk.") from None
            yield stored
            if _is_too_large(stored.git_dir):
                stored.condemn()

    def _enter(self, place: Path, stack: ExitStack) -> Stored:
        """The repository, with the lock of those who use it on the stack."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        while True:
            self._remove_condemned(place)
            with ExitStack() as attempt:
                attempt.enter_context(_locked(place.with_suffix(".use"), exclusive=False))
                if place.with_suffix(".condemned").exists():
                    continue
                stored = Stored(place)
                self._make(stored)
                os.utime(stored.git_dir)
                stack.enter_context(attempt.pop_all())
                return stored

    def make_room(self) -> None:
        """Removes what was not used for longest, and is not in use, until the store is within its limit."""
        repositories = []
        for git_dir in self.folder.glob("*.git"):
            with suppress(FileNotFoundError):
                repositories.append((git_dir.stat().st_mtime, _size(git_dir), git_dir))
        total = sum(size for _, size, _ in repositories)
        for _, size, git_dir in sorted(repositories):
            if total <= self._limit:
                return
            try:
                with _locked(git_dir.with_suffix(".use"), exclusive=True, seconds=0):
                    shutil.rmtree(git_dir, ignore_errors=True)
            except StoreError:
                continue
            total -= size

    def _make(self, stored: Stored) -> None:
        if (stored.git_dir / "HEAD").is_file():
            return
        with stored.changing():
            if (stored.git_dir / "HEAD").is_file():
                return
            shutil.rmtree(stored.git_dir, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=self.folder) as folder:
                fresh = Path(folder) / "fresh"
                done = run_git(["init", "--quiet", "--bare", "--template=", os.fspath(fresh)], self.folder)
                if done.status:
                    raise GitError(f"git cannot make a repository in {printable(self.folder)}: {done.error}")
                (fresh / "config").write_text(_CONFIGURATION, encoding="ascii")
                fresh.replace(stored.git_dir)

    def _remove_condemned(self, place: Path) -> None:
        mark = place.with_suffix(".condemned")
        if not mark.exists():
            return
        with _locked(place.with_suffix(".use"), exclusive=True):
            shutil.rmtree(place.with_suffix(".git"), ignore_errors=True)
            mark.unlink(missing_ok=True)


def _unusable(error: OSError, folder: Path) -> StoreError:
    where = printable(error.filename or folder)
    return StoreError(f"{where} cannot be used ({error.strerror}); check the state folder and its disk.")


@contextmanager
def _locked(file: Path, *, exclusive: bool, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Holds a lock.

    Raises:
        StoreError: others have kept it all the time.
    """
    # The files stay for good: who removes one takes the lock from whoever opened it before.
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | CLOSE_ON_EXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while not try_lock(descriptor, exclusive=exclusive):
            if time.monotonic() >= deadline:
                raise StoreError(f"{printable(file)} was locked for {seconds:g} seconds; another worker may hang.")
            time.sleep(_LOOK_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _packs(git_dir: Path) -> list[int]:
    """The sizes of the packs and of what lies beside them."""
    sizes = []
    with suppress(FileNotFoundError):
        for entry in os.scandir(git_dir / "objects" / "pack"):
            with suppress(FileNotFoundError):
                sizes.append(entry.stat(follow_symlinks=False).st_size)
    return sizes


def _size(git_dir: Path) -> int:
    return sum(_packs(git_dir))


def _is_too_large(git_dir: Path) -> bool:
    packs = sum(1 for _ in (git_dir / "objects" / "pack").glob("*.pack"))
    return packs > REPOSITORY_PACKS or _size(git_dir) > REPOSITORY_BYTES
