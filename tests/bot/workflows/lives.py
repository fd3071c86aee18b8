"""What happens to pull requests in a table of their lives, step by step, all rows side by side."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.acting import SupersededError
from bot.workflows import judging, reviewing
from tests.bot.workflows.running import install, wait_for
from tests.github import InstallationHandle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pytest

    from bot.decisions.state import Fault
    from bot.judged import Judged
    from bot.workflows.context import Context, Workplace
    from bot.workflows.judging import Ask
    from tests.bot.workflows.running import Service
    from tests.github import PullHandle, RepositoryHandle
    from tests.github.git_store import Content
    from tests.github.state import CheckRun, Thread

    Steps = Iterator[None]


@dataclass
class Life:
    """A pull request in a repository of its own.

    A row of the table is a function of one of these: it does the first step, and yields whenever the service is to
    deal with everything so far. `held` repositories are not scanned until they are let go.
    """

    service: Service
    held: dict[int, threading.Event]
    files: Mapping[str, Content] | None = None
    _repository: RepositoryHandle | None = None
    _pull: PullHandle | None = None

    @property
    def repository(self) -> RepositoryHandle:
        """The repository, made with the App installed when it is first asked for."""
        if self._repository is None:
            self._repository = install(self.service.github, self.service, self.files)
        return self._repository

    @property
    def pull(self) -> PullHandle:
        """The pull request."""
        assert self._pull is not None, "the first step opens it"
        return self._pull

    @property
    def installation(self) -> InstallationHandle:
        """The App in this repository."""
        world = self.service.github.world
        return InstallationHandle(world, world.installations_for(self.repository.repository)[0])

    def open(self, files: Mapping[str, Content], *, fork: bool = False, draft: bool = False) -> PullHandle:
        """Open the pull request."""
        self._pull = self.repository.open_pull_request("alice", "feature", files=files, fork=fork, draft=draft)
        return self._pull

    @property
    def runs(self) -> list[CheckRun]:
        """The checks on the head, newest first."""
        return self.repository.check_runs(self.pull.head_sha, "stanch")

    def hold(self) -> None:
        """Scans of this repository that begin from now on do not end."""
        self.held[self.repository.id] = threading.Event()

    def wait_for_scan(self) -> None:
        """Wait until the scan of the head has begun."""
        wait_for(lambda: bool(self.repository.check_runs(self.pull.head_sha, "stanch")))

    def let_go(self) -> None:
        """Scans end again."""
        self.held.pop(self.repository.id).set()


@dataclass(frozen=True)
class Row:
    """What happens to a pull request, and how it ends.

    Attributes:
        name: what happens, in words.
        happens: does it.
        title: what the comment begins with, None for no comment.
        conclusion: of the newest check on the head; None for no check.
        open_threads: inline comments that are not done with.
        says: what the comment says besides.
        check_says: what title, summary or annotations of the check say.
        files: of the base.
    """

    name: str
    happens: Callable[[Life], Steps | None]
    title: str | None
    conclusion: str | None
    open_threads: int
    says: tuple[str, ...] = ()
    check_says: tuple[str, ...] = ()
    files: Mapping[str, Content] | None = field(default=None, repr=False)


def live(service: Service, rows: Sequence[Row], held: dict[int, threading.Event]) -> list[Life]:
    """Has all rows happen, one step of each at a time."""
    lives = [Life(service, held, row.files) for row in rows]
    going = [row.happens(life) for row, life in zip(rows, lives, strict=True)]
    while going:
        going = [steps for steps in going if steps is not None and next(steps, _END) is not _END]
        service.settle()
    return lives


_END = object()


def held_scans(patch: pytest.MonkeyPatch) -> dict[int, threading.Event]:
    """Makes scans hold on in repositories whose ids are in what is returned, until the event is set."""
    held: dict[int, threading.Event] = {}
    judge = judging.judge

    def judged(context: Context, place: Workplace, ask: Ask, stop: Callable[[], bool]) -> Judged | Fault:
        event = held.get(place.ref.repository_id)
        if event is not None:
            wait_for(lambda: event.is_set() or stop())
            if stop():
                raise SupersededError
        return judge(context, place, ask, stop)

    patch.setattr(reviewing, "judge", judged)
    return held


def faults_of(life: Life, row: Row) -> str:
    """In what a pull request has not ended as its row says, and what its comment and check say."""
    faults = list(_faults(life, row))
    if not faults:
        return ""
    told = [comment.body for comment in life.pull.comments] + list(map(text_of, life.runs))
    return "\n".join((f"{row.name}: {'; '.join(faults)}", *told))


def _faults(life: Life, row: Row) -> Iterator[str]:
    bodies = [comment.body for comment in life.pull.comments_by(life.service.app.app)]
    if list(map(title_of, bodies)) != ([] if row.title is None else [row.title]):
        yield f"{len(bodies)} comments, or another title"
    yield from (f"the comment does not say {text!r}" for text in row.says if text not in "".join(bodies))
    newest = life.runs[0] if life.runs else None
    if (newest.conclusion if newest else None) != row.conclusion:
        yield f"the check is {newest.conclusion if newest else None}"
    shown = text_of(newest) if newest else ""
    yield from (f"the check does not say {text!r}" for text in row.check_says if text not in shown)
    left = [run.name for run in life.repository.repository.check_runs.values() if run.status != "completed"]
    if left:
        yield f"checks have not ended: {left}"
    threads = sum(not is_done(thread) for thread in life.pull.threads)
    if threads != row.open_threads:
        yield f"{threads} threads are open"


def text_of(check: CheckRun) -> str:
    """All that a check says."""
    annotations = [f"{item['path']}:{item['start_line']}: {item['message']}" for item in check.annotations]
    return "\n".join([check.title or "", check.summary or "", *annotations])


def is_done(thread: Thread) -> bool:
    """Resolved, or said to be: a Review App may not resolve."""
    return thread.is_resolved or "done" in thread.comments[0].body.partition("\n")[2]


def title_of(body: str) -> str:
    """What a comment says first, without its markup and what follows."""
    line = next(line for line in body.splitlines() if line and not line.startswith("<!--"))
    return re.split(r"[;.]", line.removeprefix("### ").replace("**", ""))[0]
