"""Results of files, kept between runs in the user's cache folder, so that an unchanged file is not judged again.

A file's result is a function of its path, its bytes and the engine, since files are judged by themselves; that is the
key. What is ever judged across files needs the digests of the summaries it used in the key too: `_result_key` is the
place.

A repository has one file of results; the last of two runs at once wins, and what the other found is found again. What
is kept is data (MessagePack, decoded into typed results), carries a checksum, and is worth nothing to another engine: a
damaged, foreign or missing file is an empty cache, never an error.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import time
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

import fixers
from bot.git import printable
from fixers.results import FileResult
from fixers.source import SkipCode

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_FILE_BYTES: Final = 24_000_000
"""What the results of one repository may take; those that were not asked for longest are dropped first."""
MAX_FOLDER_BYTES: Final = 200_000_000
"""What all of them may take; the files that were not used for longest are deleted first."""

_FORMAT: Final = b"stanch.results/2\n"
_DIGEST_BYTES: Final = 16
_SETTLED_NS: Final = 2_000_000_000
"""How old a file's last change must be before its id is remembered; FAT has a clock of two seconds."""
_RESULTS: Final = msgspec.msgpack.Decoder(FileResult)
_ENGINE_PACKAGES: Final = (
    "stanch",
    "msgspec",
    "tree-sitter",
    "tree-sitter-html",
    "tree-sitter-javascript",
    "tree-sitter-python",
    "tree-sitter-typescript",
)


def cache_folder() -> Path | None:
    """Where results are kept (XDG Base Directory Specification); None for a user without a home."""
    # A relative path is to be ignored, says the specification.
    folder = os.environ.get("XDG_CACHE_HOME", "")
    if not folder.startswith("/"):
        home = os.path.expanduser("~")  # noqa: PTH111 - Path.home() raises where there is none
        if not home.startswith("/"):
            return None
        folder = f"{home}/.cache"
    return Path(folder) / "stanch" / "results"


def engine_digest() -> bytes:
    """What tells this engine from every other: its source, its version, the grammars and the Python that runs it.

    Raises:
        OSError: the source cannot be read.
    """
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    for package in _ENGINE_PACKAGES:
        try:
            # Its version is in there; to find it takes longer than all the rest.
            about = distribution(package).read_text("METADATA") or ""
        except PackageNotFoundError:
            about = ""
        digest.update(f"{package} {len(about)}\n{about}".encode())
    digest.update(f"{sys.version}\n".encode())
    root = os.path.dirname(fixers.__file__)  # noqa: PTH120 - whatever is done for 200 files adds up
    for path in sorted(_sources(root)):
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123
            source = file.read()
        digest.update(f"{path.removeprefix(root)} {len(source)}\n".encode())
        digest.update(source)
    return digest.digest()


def _sources(folder: str) -> Iterator[str]:
    """The modules in a folder and below.

    Raises:
        OSError: a folder cannot be read.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                yield entry.path
            elif entry.name != "__pycache__" and entry.is_dir():
                yield from _sources(entry.path)


def open_cache(owner: Path, files: Path | None = None) -> ResultCache:
    """The kept results of a repository or folder.

    Args:
        owner: the repository's git folder, or the folder that is scanned.
        files: where its files lie, if it has any; nothing is ever kept among them.
    """
    folder = cache_folder()
    if folder is None:
        return ResultCache(None, "there is no home folder; set XDG_CACHE_HOME")
    if files is not None and Path(os.path.realpath(folder)).is_relative_to(files):
        return ResultCache(None, f"{printable(folder)} lies among the files that are scanned; set XDG_CACHE_HOME")
    name = hashlib.blake2b(os.fsencode(owner), digest_size=_DIGEST_BYTES).hexdigest()
    return ResultCache(folder / f"{name}.msgpack")


class ResultCache:
    """The kept results of one repository or folder.

    Attributes:
        lost: why results are not kept, for people; empty where they are.
    """

    def __init__(self, file: Path | None, lost: str = "") -> None:
        """Read what is kept.

        Args:
            file: where; None: nowhere.
            lost: why nowhere.
        """
        self.lost = lost
        self._file = file
        self._engine = b""
        self._entries: dict[bytes, bytes] = {}
        self._changed = False
        self._began = time.time_ns()
        if file is None:
            return
        try:
            self._engine = engine_digest()
        except OSError as error:
            self._file = None
            self.lost = f"the engine's own source cannot be read: {error.strerror or error}"
        else:
            self._entries = _entries(_read_own(file), self._engine)

    def blob_id(self, path: str, status: os.stat_result) -> str | None:
        """The id of a file on disk that is as it was when it was read, by all that the disk says of it.

        Args:
            path: relative to the root of the tree.
            status: what the disk says of it now.
        """
        mark = _mark(status)
        value = self._taken(_status_key(path))
        return value[len(mark) :].decode("ascii", "replace") if value.startswith(mark) else None

    def note(self, path: str, status: os.stat_result, blob_id: str) -> None:
        """Remembers a file's id, unless the file is so new that it could change again within a tick of its clock."""
        if max(status.st_mtime_ns, status.st_ctime_ns) < self._began - _SETTLED_NS:
            self._put(_status_key(path), _mark(status) + blob_id.encode())

    def get(self, path: str, blob_id: str) -> FileResult | None:
        """What a file with these bytes at this path gave, if that is known.

        Args:
            path: relative to the root of the tree.
            blob_id: the git object id of its bytes.
        """
        try:
            result = _RESULTS.decode(self._taken(_result_key(path, blob_id)))
        except msgspec.MsgspecError:
            return None
        return result if result.path == path else None

    def put(self, path: str, blob_id: str, result: FileResult) -> None:
        """Keeps what a file gave. A crash is not kept: it may have had its cause elsewhere, in a lack of memory."""
        if any(entry.code == SkipCode.CRASH for entry in result.skipped):
            return
        try:
            value = msgspec.msgpack.encode(result)
        except UnicodeEncodeError:
            # A path with bytes that are not UTF-8 (PEP 383).
            return
        self._put(_result_key(path, blob_id), value)

    def save(self) -> None:
        """Writes what was kept, if anything is new. A full disk or a read-only folder loses it, and `lost` says so."""
        if self._file is None:
            return
        try:
            if self._changed:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _replace(self._file, self._content())
                _make_room(self._file)
            elif self._entries:
                os.utime(self._file)
        except OSError as error:
            self.lost = f"{printable(self._file.parent)}: {error.strerror or error}"

    def _taken(self, key: bytes) -> bytes:
        """The value of a key, which then counts as asked for last; empty where there is none."""
        value = self._entries.pop(key, b"")
        if value:
            self._entries[key] = value
        return value

    def _put(self, key: bytes, value: bytes) -> None:
        if self._file is not None:
            self._entries.pop(key, None)
            self._entries[key] = value
            self._changed = True

    def _content(self) -> bytes:
        kept: list[tuple[bytes, bytes]] = []
        size = 0
        for key, value in reversed(self._entries.items()):
            size += len(key) + len(value)
            if size > MAX_FILE_BYTES:
                break
            kept.append((key, value))
        entries = msgspec.msgpack.encode(dict(reversed(kept)))
        return b"".join([_FORMAT, self._engine, _checksum(self._engine, entries), entries])


def _status_key(path: str) -> bytes:
    return b"status " + path.encode(errors="surrogateescape")


def _result_key(path: str, blob_id: str) -> bytes:
    return f"result {blob_id} {path}".encode(errors="surrogateescape")


def _mark(status: os.stat_result) -> bytes:
    """All that changes with a file's content: a write changes `ctime`, which no program can set."""
    parts = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, status.st_dev)
    return b"%d %d %d %d %d " % parts


def _checksum(engine: bytes, entries: bytes | memoryview) -> bytes:
    digest = hashlib.blake2b(engine, digest_size=_DIGEST_BYTES)
    digest.update(entries)
    return digest.digest()


def _entries(content: bytes, engine: bytes) -> dict[bytes, bytes]:
    """The entries of a file of results; none where it is another engine's, or damaged."""
    head = _FORMAT + engine
    start = len(head) + _DIGEST_BYTES
    entries = memoryview(content)[start:]
    if not content.startswith(head) or content[len(head) : start] != _checksum(engine, entries):
        return {}
    try:
        return msgspec.msgpack.decode(entries, type=dict[bytes, bytes])
    except msgspec.MsgspecError:
        return {}


def _read_own(file: Path) -> bytes:
    """The content of a plain file that only this user may write to; nothing for any other."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return b""
    others = stat.S_IWGRP | stat.S_IWOTH
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & others:
            return b""
        with os.fdopen(descriptor, "rb", closefd=False) as opened:
            return opened.read(2 * MAX_FILE_BYTES)
    except OSError:
        return b""
    finally:
        os.close(descriptor)


def _replace(file: Path, content: bytes) -> None:
    """Gives a file new content in one step. Not forced to the disk: after a power failure the checksum tells."""
    descriptor, name = tempfile.mkstemp(prefix=file.stem, dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _make_room(newest: Path) -> None:
    """Deletes what was not used for longest, leftovers of killed runs too, until the folder is within its bound."""
    found = []
    for entry in os.scandir(newest.parent):
        # Another run may have deleted it.
        with suppress(FileNotFoundError):
            status = entry.stat(follow_symlinks=False)
            if stat.S_ISREG(status.st_mode) and entry.name != newest.name:
                found.append((status.st_mtime_ns, status.st_size, entry.path))
    left = MAX_FOLDER_BYTES - newest.stat().st_size
    for _, size, path in sorted(found, reverse=True):
        left -= size
        if left < 0:
            Path(path).unlink(missing_ok=True)
