"""The whole of the fake GitHub's state, its clock and its ids, and how things in it are found."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Protocol

from tests.github.answers import Refusal
from tests.github.git_store import Person
from tests.github.state import Account, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.github.deliveries import Attempt
    from tests.github.state import App, Installation, Issue, Pull, Repository, Token

ROLES = ("none", "read", "triage", "write", "maintain", "admin")


class Emitter(Protocol):
    """Who sends webhooks; `payload` gives what belongs to the event itself, and is asked only if somebody listens."""

    def __call__(
        self,
        event: str,
        action: str | None,
        sender: Account,
        payload: Callable[[], dict[str, Any]],
        *,
        repository: Repository | None = None,
        installation: Installation | None = None,
        app: App | None = None,
    ) -> None:
        """Send an event to the Apps that hear of it: of the repository, one installation, or one App alone."""


def _nobody(*_: object, **__: object) -> None:
    """Nobody listens yet."""


def _no_attempts(_: App) -> list[Attempt]:
    return []


def _no_rate(_: Token | None) -> dict[str, int]:
    return {}


@dataclass(frozen=True)
class Actor:
    """In whose name something is done: a person, or an App's bot."""

    account: Account
    app: App | None = None


@dataclass
class Addresses:
    """Where the fake GitHub is: the API, the website (git as well), GraphQL."""

    api: str = ""
    html: str = ""
    graphql: str = ""


@dataclass(repr=False)
class World:
    """All state. Whoever reads or changes it holds `lock`."""

    folder: Path
    lock: threading.RLock = field(default_factory=threading.RLock)
    addresses: Addresses = field(default_factory=Addresses)
    emit: Emitter = _nobody
    redeliver: Callable[[Attempt], None] = _nobody
    ping: Callable[[App], None] = _nobody
    attempts_of: Callable[[App], list[Attempt]] = _no_attempts
    rate_of: Callable[[Token | None], dict[str, int]] = _no_rate
    accounts: dict[str, Account] = field(default_factory=dict)
    apps: dict[int, App] = field(default_factory=dict)
    installations: dict[int, Installation] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    repositories: dict[int, Repository] = field(default_factory=dict)
    names: dict[str, Repository] = field(default_factory=dict)
    """By `owner/name` in lower case; old names stay until somebody else takes them."""
    manifest_codes: dict[str, dict[str, Any]] = field(default_factory=dict)
    stateless_tokens: bool = False
    enterprise: bool = False
    _ids: count[int] = field(default_factory=lambda: count(1001))
    _offset: float = 0.0

    def next_id(self) -> int:
        """An id that nothing had before."""
        return next(self._ids)

    def now(self) -> datetime:
        """The time by GitHub's clock, in UTC, in whole seconds as GitHub tells it."""
        return datetime.fromtimestamp(int(self.timestamp()), UTC)

    def timestamp(self) -> float:
        """Seconds since 1970 by GitHub's clock."""
        return time.time() + self._offset

    def advance(self, seconds: float) -> None:
        """Set the clock forward."""
        self._offset += seconds

    def later(self, seconds: float) -> datetime:
        """The time in so many seconds."""
        return self.now() + timedelta(seconds=seconds)

    def account(self, login: str, kind: Kind = Kind.USER) -> Account:
        """The account of this name, made when it is not there yet."""
        key = login.lower()
        if key not in self.accounts:
            self.accounts[key] = Account(self.next_id(), login, kind)
        return self.accounts[key]

    def user(self, login: str) -> Actor:
        """A person who does something."""
        return Actor(self.account(login))

    def person(self, account: Account) -> Person:
        """The account as the author of a commit made now."""
        return Person(account.login, f"{account.id}+{account.login}@users.noreply.github.com", self.now())

    def repository(self, full_name: str) -> Repository:
        """The repository that has, or had, this name.

        Raises:
            Refusal: 404.
        """
        repository = self.names.get(full_name.lower())
        if repository is None or repository.deleted:
            raise Refusal(404)
        return repository

    def installation_of(self, app: App, repository: Repository) -> Installation | None:
        """The installation that gives an App this repository."""
        return next((one for one in self.installations.values() if one.app is app and one.covers(repository)), None)

    def installations_for(self, repository: Repository) -> list[Installation]:
        """All installations that cover a repository."""
        return [one for one in self.installations.values() if one.covers(repository)]

    def repositories_of(self, installation: Installation) -> list[Repository]:
        """What an installation covers, in the order of making."""
        return [one for one in self.repositories.values() if not one.deleted and installation.covers(one)]


def role_in(repository: Repository, account: Account) -> Role:
    """What somebody may do in a repository: everybody reads what is public, the owner administers."""
    if account is repository.owner:
        return Role("admin", "admin")
    given = repository.roles.get(account.login.lower())
    everybody = "none" if repository.private else "read"
    if given is None or ROLES.index(given.base) < ROLES.index(everybody):
        return Role(everybody, everybody)
    return given


def association(repository: Repository, account: Account) -> str:
    """`author_association`: a member of the organisation who hides it is not told from any contributor."""
    if account is repository.owner:
        return "OWNER"
    shown = repository.owner.members.get(account.login.lower())
    if shown:
        return "MEMBER"
    if account.login.lower() in repository.roles and shown is None:
        return "COLLABORATOR"
    has_merged = any(pull.merged_at and pull.issue.author is account for pull in repository.pulls.values())
    return "CONTRIBUTOR" if shown is False or has_merged else "NONE"


def issue_of(repository: Repository, number: int) -> Issue:
    """An issue or pull request.

    Raises:
        Refusal: 404.
    """
    if number not in repository.issues:
        raise Refusal(404)
    return repository.issues[number]


def pull_of(repository: Repository, number: int) -> Pull:
    """A pull request.

    Raises:
        Refusal: 404.
    """
    if number not in repository.pulls:
        raise Refusal(404)
    return repository.pulls[number]


def commit_of(repository: Repository, revision: str) -> str:
    """The id of the commit that a revision names.

    Raises:
        Refusal: 422, as GitHub answers for a commit that is not there.
    """
    sha = repository.git.resolve(revision)
    if sha is None:
        raise Refusal(422, f"No commit found for SHA: {revision}")
    return sha
