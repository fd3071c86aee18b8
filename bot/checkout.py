"""Commits fetched from GitHub into the object store, so that everything that a scan reads is there before it starts.

Only the trees of the commits themselves are fetched, by id and without history; blobs that are too large to be judged
are left out. Nothing is written to a work tree, so no hook, filter, submodule or large-file storage has a say. The
token goes to git in its environment: it is in no argument, in no file, and in no process that looks at code.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import msgspec

from bot.git import GitError, printable
from bot.git_environment import connection_environment, safe_environment
from bot.process_limits import limit_process
from bot.tree_listing import MAX_ENTRIES, TreeTooLargeError, tree_entries
from fixers.source import TOO_LARGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from bot.git import Repository
    from bot.object_store import ObjectStore, Stored

_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_LOOK_SECONDS: Final = 0.25
_MAX_DETAIL: Final = 500


class CheckoutFault(StrEnum):
    """Why commits cannot be had."""

    GONE = "gone"
    REFUSED = "refused"
    MOVED = "moved"
    UNAVAILABLE = "unavailable"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    STOPPED = "stopped"
    DISK = "disk"
    FAILED = "failed"


_SENTENCES: Final = {
    CheckoutFault.GONE: "GitHub has the commit no longer; a force-push may have replaced it.",
    CheckoutFault.REFUSED: "GitHub does not let Stanch read the repository; check that the App is installed there and "
    "may read its contents.",
    CheckoutFault.MOVED: "The repository has another name or another address by now.",
    CheckoutFault.STOPPED: "The fetch was stopped before its end.",
    CheckoutFault.UNAVAILABLE: "GitHub could not be reached to fetch the commit, or ended the connection.",
    CheckoutFault.DISK: "The disk of the machine that runs Stanch is full.",
    CheckoutFault.FAILED: "The commit could not be fetched from GitHub.",
}

_STARVED: Final = "Out of memory|Cannot allocate memory"
# What git says in English (LC_ALL=C), first match first.
_SIGNS: Final = (
    (re.compile(r"No space left on device|Disk quota exceeded"), CheckoutFault.DISK),
    (re.compile(rf"File too large|died of signal 25|SIGXFSZ|{_STARVED}"), CheckoutFault.TOO_LARGE),
    (
        re.compile(r"not our ref|couldn't find remote ref|unadvertised object|no such remote ref", re.IGNORECASE),
        CheckoutFault.GONE,
    ),
    (re.compile(r"returned error: 30[1278]"), CheckoutFault.MOVED),
    (
        re.compile(
            r"Authentication failed|could not read (?:Username|Password)|returned error: (?:40[134]|451)"
            r"|repository .* not found",
            re.IGNORECASE,
        ),
        CheckoutFault.REFUSED,
    ),
    (
        re.compile(
            r"returned error: (?:429|5\d\d)|Could not resolve|Failed to connect|Couldn't connect"
            r"|Connection (?:timed out|reset|refused|died)|Operation (?:timed out|too slow)|RPC failed|early EOF"
            r"|hung up|unexpected disconnect|Empty reply|transfer closed|SSL|TLS|certificate|(?:Recv|Send) failure"
            r"|invalid index-pack output|not valid: is this a git repository|expected flush|bad line length"
            r"|protocol error",
            re.IGNORECASE,
        ),
        CheckoutFault.UNAVAILABLE,
    ),
)
_LATER: Final = frozenset(
    {CheckoutFault.MOVED, CheckoutFault.UNAVAILABLE, CheckoutFault.TOO_SLOW, CheckoutFault.DISK, CheckoutFault.FAILED}
)


class CheckoutError(Exception):
    """Commits cannot be had. The message is a sentence of ours; `detail` is what git said, for the log."""

    def __init__(self, fault: CheckoutFault, sentence: str, detail: str = "") -> None:
        self.fault = fault
        self.detail = detail
        super().__init__(sentence)

    @property
    def rerun_helps(self) -> bool:
        """Whether the same may succeed later."""
        return self.fault in _LATER


class FetchLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What one fetch may take: seconds of the clock, bytes that it stores, and bytes of memory of each process."""

    seconds: float = 600
    stored_bytes: int = 2_000_000_000
    memory_bytes: int = 1_000_000_000


@dataclass(frozen=True)
class Source:
    """Where a repository is fetched from.

    Attributes:
        repository_id: GitHub's, which a rename does not change.
        url: its address for git, http or https, without credentials.
        token: an installation token that may read its contents; empty for none.
    """

    repository_id: int
    url: str
    token: str = field(default="", repr=False)


@dataclass(frozen=True)
class Checkout:
    """Commits that are there as a whole, but for the blobs in `left_out`, which are too large to be judged."""

    stored: Stored
    left_out: frozenset[str]

    @property
    def repository(self) -> Repository:
        """The repository that has them."""
        return self.stored.repository()


def _never() -> bool:
    return False


@contextmanager
def checkout(
    store: ObjectStore,
    source: Source,
    commits: Sequence[str],
    limits: FetchLimits | None = None,
    stop: Callable[[], bool] | None = None,
) -> Iterator[Checkout]:
    """Makes sure that commits are there; they stay until the end of the block.

    The head of a fork's pull request is fetched from the repository that it is for, which has it too (GitHub:
    `refs/pull/N/head`), so that no access to the fork is needed.

    Args:
        store: where they are kept.
        source: where they come from.
        commits: their ids.
        limits: what one fetch may take.
        stop: asked several times a second; when it says yes, the fetch is ended.

    Raises:
        CheckoutError: they cannot be had.
        StoreError: the store cannot be used.
    """
    _check(source, commits)
    limits = limits or FetchLimits()
    for last in (False, True):
        with store.opened(source.repository_id) as stored:
            try:
                left_out = _present(stored, source, commits, limits, stop or _never)
            except CheckoutError as error:
                if last or error.fault is not CheckoutFault.FAILED:
                    raise
                # What git says of damage here has no end of forms; with a fresh repository it is gone.
                stored.condemn()
                continue
            store.make_room()
            yield Checkout(stored, left_out)
            return


def _check(source: Source, commits: Sequence[str]) -> None:
    address = urlsplit(source.url)
    if address.scheme not in {"http", "https"} or not address.hostname or "@" in address.netloc:
        raise CheckoutError(CheckoutFault.FAILED, "A repository is fetched by http or https, without credentials.")
    if not all(map(_COMMIT.fullmatch, commits)):
        raise CheckoutError(CheckoutFault.GONE, "A commit to be fetched is named by something that is no commit id.")


def _present(
    stored: Stored, source: Source, commits: Sequence[str], limits: FetchLimits, stop: Callable[[], bool]
) -> frozenset[str]:
    """The blobs that are left out of the commits, which are fetched where they are not there."""
    if any(stored.left_out(commit) is None for commit in commits):
        with stored.changing():
            missing = [commit for commit in dict.fromkeys(commits) if stored.left_out(commit) is None]
            if missing:
                _fetch(stored, source, missing, limits, stop)
            for commit in missing:
                stored.remember(commit, _left_out(stored, commit, limits))
    return frozenset().union(*(stored.left_out(commit) or () for commit in commits))


def _left_out(stored: Stored, commit: str, limits: FetchLimits) -> frozenset[str]:
    """The blobs of a commit's tree that are not there. Git can fetch none of them: it knows of no remote now."""
    try:
        entries = tree_entries(stored.repository(), commit, limits.memory_bytes)
        return frozenset(entry.object_id for entry in entries if entry.kind == b"blob" and entry.size is None)
    except TreeTooLargeError:
        sentence = f"The commit has more than {MAX_ENTRIES:,} files, which is more than can be looked at."
        raise CheckoutError(CheckoutFault.TOO_LARGE, sentence) from None
    except GitError as error:
        raise CheckoutError(CheckoutFault.FAILED, _SENTENCES[CheckoutFault.FAILED], str(error)) from None


def _fetch(
    stored: Stored, source: Source, commits: Sequence[str], limits: FetchLimits, stop: Callable[[], bool]
) -> None:
    command = [
        "git",
        f"--git-dir={stored.git_dir}",
        "fetch",
        "--quiet",
        "--depth=1",
        "--no-tags",
        "--no-write-fetch-head",
    ]
    command += ["--no-recurse-submodules", "--no-auto-maintenance", "--refmap=", "origin"]
    command += [f"{commit}:refs/stanch/{commit}" for commit in commits]
    try:
        process = subprocess.Popen(
            command,
            cwd=stored.git_dir,
            env=_environment(source),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        raise CheckoutError(CheckoutFault.FAILED, f"git could not be run ({error.strerror}); install git.") from None
    try:
        with suppress(ProcessLookupError):
            # What comes is one file, and its writer is started later, as a child. Git holds a commit or a tree in
            # memory as a whole, and a megabyte on the wire can be a gigabyte of it.
            limit_process(process.pid, memory_bytes=limits.memory_bytes, file_bytes=limits.stored_bytes)
        said = _awaited(process, limits, stop)
    finally:
        _end(process)
    if process.returncode:
        filled = any(pack.stat().st_size >= limits.stored_bytes for pack in stored.git_dir.glob("objects/pack/tmp_*"))
        raise _error(printable(said.decode("utf-8", "replace")), limits, filled=filled)


def _awaited(process: subprocess.Popen[bytes], limits: FetchLimits, stop: Callable[[], bool]) -> bytes:
    """What git says of errors, once it has ended."""
    deadline = time.monotonic() + limits.seconds
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            sentence = f"Fetching the commit from GitHub took more than {limits.seconds:g} seconds and was ended."
            raise CheckoutError(CheckoutFault.TOO_SLOW, sentence)
        if stop():
            raise CheckoutError(CheckoutFault.STOPPED, _SENTENCES[CheckoutFault.STOPPED])
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=min(left, _LOOK_SECONDS))[1]


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends git with whatever it has started; the group's id is its own until somebody has waited for it."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _error(said: str, limits: FetchLimits, *, filled: bool) -> CheckoutError:
    fault = next((fault for sign, fault in _SIGNS if sign.search(said)), CheckoutFault.FAILED)
    # Who is killed at the limit says nothing any more.
    fault = CheckoutFault.TOO_LARGE if filled else fault
    detail = said.strip()[:_MAX_DETAIL]
    if fault is CheckoutFault.TOO_LARGE and not filled and re.search(_STARVED, said):
        size = f"{limits.memory_bytes // 1_000_000:,} MB"
        return CheckoutError(
            fault, f"Reading the commit takes more than {size} of memory, so it was not fetched.", detail
        )
    if fault is CheckoutFault.TOO_LARGE:
        size = f"{limits.stored_bytes // 1_000_000:,} MB"
        return CheckoutError(fault, f"The files of the commit take more than {size}, so it was not fetched.", detail)
    return CheckoutError(fault, _SENTENCES[fault], detail)


def _environment(source: Source) -> dict[str, str]:
    settings = [
        # The remote is known to this command alone: later ones have nowhere to fetch from.
        ("remote.origin.url", source.url),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", f"blob:limit={TOO_LARGE_BYTES + 1}"),
        ("transfer.unpackLimit", "1"),
        ("transfer.bundleURI", "false"),
        # Git would take the header with the token to wherever it is sent, to other servers too.
        ("http.followRedirects", "false"),
        ("http.lowSpeedLimit", "1000"),
        ("http.lowSpeedTime", "60"),
    ]
    if source.token:
        credentials = base64.b64encode(f"x-access-token:{source.token}".encode()).decode()
        address = urlsplit(source.url)
        settings.append(
            (f"http.{address.scheme}://{address.netloc}/.extraHeader", f"Authorization: Basic {credentials}")
        )
    return {**safe_environment(settings), **connection_environment(), "GIT_ALLOW_PROTOCOL": "http:https"}
