"""What happens to the pull requests that fix a repository, step by step, and what has become of them in the end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from bot.config import CONFIG_PATH
from bot.database import fix_pull_requests as ledger
from bot.decisions.fixing_state import UNSETTLED, Purpose, Standing
from bot.workflows.lanes import submit_fixes
from tests.bot.workflows.running import LEAK, MENDED
from tests.github import InstallationHandle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from bot.decisions.fixing_state import FixRecord
    from tests.bot.workflows.hand import Hand
    from tests.github import PullHandle, RepositoryHandle
    from tests.github.git_store import Content

    Steps = Iterator[None]

CONSENT: Final = "version: 1\n"
"""A configuration: three open at once, one an hour."""
HURRY: Final = "fix:\n  per-hour: 100\n"
HOUR: Final = timedelta(hours=1)


def leak(package: str) -> str:
    """A file with a leak that no other package has."""
    return LEAK.replace("Poller", f"{package.title()}Poller")


def mended(package: str) -> str:
    """The same without the leak."""
    return MENDED.replace("Poller", f"{package.title()}Poller")


def package(name: str) -> dict[str, Content]:
    """A package with one leak, whose fix is safe."""
    return {f"{name}/package.json": "{}\n", f"{name}/poll.js": leak(name)}


@dataclass
class FixLife:
    """A repository, and the pull requests that fix it.

    A row of the table is a function of one of these: it does the first step, and yields whenever what follows from it
    is to happen.
    """

    hand: Hand
    names: str
    config: str | None = CONSENT
    files: Mapping[str, Content] = field(default_factory=dict)
    _repository: RepositoryHandle | None = None

    @property
    def repository(self) -> RepositoryHandle:
        """The repository, without the App; it has a package with a leak for each letter of `names`."""
        if self._repository is None:
            number = len(self.hand.github.world.repositories)
            files: dict[str, Content] = {"README.md": "# App\n", **self.files}
            for name in self.names:
                files |= package(name)
            if self.config is not None:
                files[CONFIG_PATH] = self.config
            self._repository = self.hand.github.create_repository(f"octo/app-{number}", files=files)
            self._repository.set_role("alice", "write")
        return self._repository

    def install(self, permissions: Mapping[str, str] | None = None) -> None:
        """The App is installed, which makes it look at the repository."""
        self.hand.app.install(self.repository, permissions=permissions)

    @property
    def installation(self) -> InstallationHandle:
        """The App in this repository."""
        world = self.hand.github.world
        return InstallationHandle(world, world.installations_for(self.repository.repository)[0])

    @property
    def may_write(self) -> bool:
        """Whether the App may still write contents."""
        installed = self.hand.github.world.installations_for(self.repository.repository)
        return any(one.permissions.get("contents") == "write" for one in installed)

    def look(self) -> None:
        """A night has come."""
        submit_fixes(self.hand.queue, self.repository.id, revive=True)

    def pass_hour(self) -> None:
        """Time goes by, and what waited for it is done."""
        self.hand.pass_time(self.repository.id, HOUR)

    @property
    def records(self) -> list[FixRecord]:
        """The ledger's."""
        with self.hand.database.begin() as connection:
            return ledger.records(connection, self.repository.id)

    @property
    def refused(self) -> frozenset[str]:
        """The fingerprints that were refused."""
        with self.hand.database.begin() as connection:
            return ledger.refused(connection, self.repository.id)

    def record(self, name: str) -> FixRecord:
        """The newest record of a package (or of a purpose)."""
        return [record for record in self.records if name in {record.package, record.purpose.value}][-1]

    def pull(self, name: str) -> PullHandle:
        """The newest pull request of a package (or of a purpose)."""
        number = self.record(name).number
        assert number is not None
        return self.repository.pull(number)

    @property
    def ours(self) -> list[PullHandle]:
        """The pull requests that the App has opened."""
        return [pull for pull in self.repository.pulls if pull.issue.app is self.hand.app.app]

    def mend(self, name: str) -> None:
        """Somebody fixes a package on the default branch."""
        self.repository.push({f"{name}/poll.js": mended(name)})

    def change(self, name: str) -> None:
        """Somebody changes the lines that the fix of a package changes, and leaves the leak."""
        other = leak(name).replace("  stop() {\n    this.stopped = true;", "  stop() {\n    this.isStopped = true;")
        self.repository.push({f"{name}/poll.js": other})


@dataclass(frozen=True)
class FixRow:
    """What happens, and how it ends.

    Attributes:
        name: what happens, in words.
        happens: does it.
        ends: how the pull requests stand in the end, in the order in which they were opened: `a open`, and so on.
        refused: how many fingerprints are refused for ever.
        names: the packages that leak, a letter each.
        config: the configuration of the repository; None for none.
        comments: how many comments of ours there are on pull requests of ours.
    """

    name: str
    happens: Callable[[FixLife], Steps]
    ends: str
    refused: int = 0
    names: str = "a"
    config: str | None = CONSENT
    comments: int = 0
    files: Mapping[str, Content] = field(default_factory=dict, repr=False)


def live(hand: Hand, rows: Sequence[FixRow]) -> list[FixLife]:
    """Has all rows happen, one step of each at a time."""
    lives = [FixLife(hand, row.names, row.config, row.files) for row in rows]
    going = [row.happens(life) for row, life in zip(rows, lives, strict=True)]
    while going:
        going = [steps for steps in going if next(steps, _END) is not _END]
        hand.settle()
    return lives


_END = object()


def faults_of(life: FixLife, row: FixRow) -> str:
    """In what a repository has not ended as its row says; empty where it has."""
    faults = list(_faults(life, row))
    return f"{row.name}: {'; '.join(faults)}" if faults else ""


def shown(records: Sequence[FixRecord]) -> str:
    """How the pull requests stand."""
    return ", ".join(
        f"{record.package if record.purpose is Purpose.FIX else record.purpose} {record.standing}" for record in records
    )


def _faults(life: FixLife, row: FixRow) -> Iterator[str]:
    records = life.records
    if shown(records) != row.ends:
        yield f"they stand as {shown(records) or 'none'}"
    if len(life.refused) != row.refused:
        yield f"{len(life.refused)} fingerprints are refused"
    comments = sum(len(pull.comments_by(life.hand.app.app)) for pull in life.ours)
    if comments != row.comments:
        yield f"{comments} comments"
    yield from invariants(life)


def invariants(life: FixLife) -> Iterator[str]:
    """What never is, whatever happens."""
    records = life.records
    numbers = [record.number for record in records if record.number is not None]
    if sorted(numbers) != sorted(pull.number for pull in life.ours):
        yield f"the ledger has {numbers}, GitHub {[pull.number for pull in life.ours]}"
    for pull in life.ours:
        record = next((record for record in records if record.number == pull.number), None)
        is_open = record is not None and record.standing in UNSETTLED
        if (pull.state == "open") != is_open:
            yield f"#{pull.number} is {pull.state}"
    busy = Counter(key for record in records if record.standing in UNSETTLED for key in record.fingerprints)
    if twice := [key for key, times in busy.items() if times > 1]:
        yield f"{twice} are fixed twice"
    if proposed := [key for key in busy if key in life.refused]:
        yield f"{proposed} are proposed though they are refused"
    for record in records:
        there = life.repository.repository.git.branch(record.branch)
        if record.standing not in UNSETTLED and there in record.heads and life.may_write:
            yield f"the branch {record.branch} is left behind"
        if record.standing is Standing.OPEN and there not in record.heads:
            yield f"the branch {record.branch} is not ours"
