"""Where the Action works: the repository by the job's token, and what the token turns out to be good for."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from bot.decisions.actions import FinishCheck, StartCheck, UploadSarif
from bot.decisions.keys import run_of
from bot.decisions.venue import ACTION_PREFIX
from bot.decisions.venue import action as action_venue
from bot.github.errors import Forbidden, NotFound
from bot.performing import Performer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import TypeVar

    from bot.action.event import Where
    from bot.action.inputs import Inputs
    from bot.action.telling import Log
    from bot.decisions.actions import Action
    from bot.decisions.venue import Venue
    from bot.github.errors import GitHubError
    from bot.github.models import AppIdentity, CheckRunState, IssueComment
    from bot.github.repository import RepositoryClient

    Found = TypeVar("Found")

HOPED_FOR: Final = {"checks": "write", "pull_requests": "write"}
"""No token says what it is good for; these are tried, and given up where GitHub refuses."""


@dataclass
class Place:
    """A job at work.

    Attributes:
        inputs: what the workflow asks for.
        where: the repository.
        github: the client.
        app: in whose name the token writes.
        folder: the job's own, for what is fetched and for results.
        workspace: the job's work tree, if it has one.
        log: what the job's log shows.
        permissions: what the token is good for, as far as is known by now.
    """

    inputs: Inputs
    where: Where
    github: RepositoryClient
    app: AppIdentity
    folder: Path
    workspace: Path
    log: Log
    permissions: dict[str, str] = field(default_factory=lambda: dict(HOPED_FOR))

    @property
    def venue(self) -> Venue:
        """The Action, in this job."""
        return action_venue(self.inputs.key)

    def performer(self) -> Writer:
        """What writes here."""
        return Writer(self)

    def check_runs(self, commit: str, name: str) -> tuple[CheckRunState, ...]:
        """The check runs of a name on a commit, of all Apps; none where the token may not read them."""
        return self.read(lambda: tuple(self.github.check_runs(commit, name)), ())

    def own_check_runs(self, commit: str, name: str) -> list[CheckRunState]:
        """The check runs of a name on a commit that the Action has made."""
        return [run for run in self.check_runs(commit, name) if self.made(run)]

    def made(self, run: CheckRunState) -> bool:
        """Whether the Action has made a check run, in this job or another."""
        return run.app_id == self.app.app_id and self.venue.is_ours(run.external_id)

    def comments(self, number: int) -> tuple[IssueComment, ...]:
        """The conversation of a pull request; what we wrote is known by its author too.

        Nobody else can have a login with `[bot]`, and not every server says which App has written a comment.
        """
        return tuple(
            replace(comment, app_id=self.app.app_id) if comment.author.login == self.app.login else comment
            for comment in self.github.issue_comments(number)
        )

    def read(self, ask: Callable[[], Found], otherwise: Found) -> Found:
        """What GitHub says, or something else where the token may not read it."""
        try:
            return ask()
        except (Forbidden, NotFound):
            return otherwise

    def is_about(self, path: str) -> bool:
        """Whether a file is one of those that this job looks at."""
        paths = self.inputs.paths
        return not paths or any(path == place or path.startswith(f"{place}/") for place in paths)

    def without(self, permission: str) -> None:
        """The token is not good for this."""
        self.permissions.pop(permission, None)


def has_app(checks: Iterable[CheckRunState], ours: AppIdentity) -> bool:
    """Whether the App of Stanch looks after a commit: its check is there, by the id that only the App gives.

    A job of the Action that has the token of another App gives ids of the Action.
    """
    return any(
        check.app_id not in {None, ours.app_id}
        and run_of(check.external_id)
        and not check.external_id.startswith(ACTION_PREFIX)
        for check in checks
    )


class Writer(Performer):
    """Writes for a job, and learns from what GitHub refuses what its token is not good for."""

    def __init__(self, place: Place) -> None:
        super().__init__(place.github, place.app)
        self._place = place
        self.lacks: set[str] = set()
        """The permissions that were refused."""

    def refused(self, action: Action, error: GitHubError) -> None:
        """Remembers what is missing; what is refused for another reason is logged."""
        if isinstance(error, Forbidden):
            self.lacks.add(_permission_of(action))
            self._place.without(_permission_of(action))
        else:
            self._place.log.notice(f"GitHub refused a part of the result. {error}")


def _permission_of(action: Action) -> str:
    match action:
        case StartCheck() | FinishCheck():
            return "checks"
        case UploadSarif():
            return "security_events"
        case _:
            return "pull_requests"
