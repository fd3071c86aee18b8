"""What is done in the sandbox: judging a change or a tree."""

from __future__ import annotations

import platform
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bot.checkout import CheckoutError, CheckoutFault, checkout
from bot.config import CONFIG_PATH
from bot.git import GitError, Repository
from bot.ignores import Ignores
from bot.judged import Grouping, Judged, JudgedError, decode, encode
from bot.sandbox.limits import Limits
from bot.sandbox.means import Means
from bot.sandbox.outcomes import Failure, FailureKind, failure
from bot.sandbox.parent import run
from bot.sandbox.wire import Call

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.checkout import FetchLimits, Source
    from bot.judging import Terms
    from bot.object_store import ObjectStore

_NO_MEANS: Final = Means(namespaces=True, seccomp=False, landlock=0)
"""Without a sandbox nothing keeps worker processes from being started."""
_JUDGE: Final = "bot.sandbox.jobs:judge_inside"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A change or, without a base, a tree that is to be judged; see `bot.judging`.

    Attributes:
        base: the merge base's commit id, if it is a change.
        head: the commit id of the head.
        today: the UTC date.
        git_dir: the repository that has all its objects.
        ignores: findings that were accepted by command.
        blob_url: where the head's files can be read, without a slash at the end.
        groups: which safe fixes are written for pull requests; None: none.
        left_out: ids of blobs that are not there because they are too large.
        named: the files and folders that are scanned, relative to the root; none: everything.
        config_path: where the configuration lies.
    """

    base: str | None
    head: str
    today: date
    git_dir: str = ""
    ignores: Ignores | None = None
    blob_url: str = ""
    groups: Grouping | None = None
    left_out: frozenset[str] = frozenset()
    named: tuple[str, ...] = ()
    config_path: str = CONFIG_PATH

    def terms(self, jobs: int | None) -> Terms:
        """How it is judged; `jobs`: with how many worker processes."""
        from bot.judging import Terms  # noqa: PLC0415 - the service itself needs no engine

        return Terms(
            today=self.today,
            ignores=self.ignores,
            blob_url=self.blob_url,
            groups=self.groups,
            left_out=self.left_out,
            jobs=jobs,
            named=self.named,
            config_path=self.config_path,
        )


def judge(
    change: Change, *, limits: Limits | None = None, unconfined: bool = False, stop: Callable[[], bool] | None = None
) -> Judged | Failure:
    """Judges in the sandbox.

    Args:
        change: what.
        limits: what it may use.
        unconfined: whether it is done even where nothing keeps it from the network; where there is no sandbox at all,
            in this process.
        stop: asked several times a second; when it says yes (or raises), the work is ended.

    Returns:
        What was found, or why nothing was.
    """
    limits = limits or Limits()
    if unconfined and platform.system() != "Linux":
        return _judge_here(change, limits)
    call = Call(
        function=_JUDGE,
        payload=msgspec.msgpack.encode(change),
        readable=(change.git_dir,),
        limits=limits,
        unconfined=unconfined,
    )
    answer = run(call) if stop is None else run(call, stop)
    if isinstance(answer, Failure):
        return answer
    try:
        return decode(answer)
    except JudgedError:
        return failure(FailureKind.CRASH, limits, "its answer cannot be read")


def judge_fetched(
    store: ObjectStore,
    source: Source,
    change: Change,
    *,
    fetch: FetchLimits | None = None,
    limits: Limits | None = None,
    unconfined: bool = False,
    stop: Callable[[], bool] | None = None,
) -> Judged | Failure:
    """Fetches what is needed and judges it in the sandbox; what turns out to be damaged is fetched once more.

    Args:
        store: where objects are kept.
        source: where they come from.
        change: what is judged; its `git_dir` and `left_out` are filled in here.
        fetch: what a fetch may take.
        limits: what the scan may use.
        unconfined: see `judge`.
        stop: see `judge`.

    Raises:
        CheckoutError: the commits cannot be had.
        StoreError: the store cannot be used.
    """
    commits = [commit for commit in (change.base, change.head) if commit is not None]
    for last in (False, True):
        try:
            with checkout(store, source, commits, fetch, stop) as fetched:
                here = msgspec.structs.replace(change, git_dir=str(fetched.stored.git_dir), left_out=fetched.left_out)
                outcome = judge(here, limits=limits, unconfined=unconfined, stop=stop)
                damaged = isinstance(outcome, Failure) and outcome.kind is FailureKind.INPUT
                if last or not damaged:
                    return outcome
                fetched.stored.condemn()
        except CheckoutError as error:
            if error.fault is not CheckoutFault.STOPPED:
                raise
            return failure(FailureKind.STOPPED, limits or Limits())
    raise AssertionError("the last of two attempts is answered")


def _judge_here(change: Change, limits: Limits) -> Judged | Failure:
    try:
        return decode(judge_inside(msgspec.msgpack.encode(change), _NO_MEANS))
    except GitError as error:
        return failure(FailureKind.INPUT, limits, str(error))


def judge_inside(payload: bytes, means: Means) -> bytes:
    """Judges within the sandbox."""
    from bot.judging import judge_change, judge_tree  # noqa: PLC0415 - the service itself needs no engine
    from bot.pool import MISSING  # noqa: PLC0415

    change = msgspec.msgpack.decode(payload, type=Change)
    repository = Repository(Path(change.git_dir), None)
    # Without a namespace of process ids a worker of the pool could not make a session of its own.
    terms = change.terms(None if means.namespaces else 1)
    if change.base is None:
        judged = judge_tree(repository, change.head, terms)
    else:
        judged = judge_change(repository, change.base, change.head, terms)
    # Everything was fetched before, so what is missing is damage, and no limit.
    if any(entry.detail == MISSING for entry in judged.report.skipped):
        raise GitError(f"Objects of {change.head} are missing or damaged.")
    return encode(judged)
