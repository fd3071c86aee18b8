"""GitHub as a job of a workflow sees it: one repository, by a token that the job was given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from bot.github import answers
from bot.github.api import Api
from bot.github.auth import GivenToken
from bot.github.clock import SystemClock
from bot.github.errors import Forbidden, NotFound, Unauthorized
from bot.github.governor import Governor
from bot.github.limits import MemoryLimitStore, Priority
from bot.github.models import AppIdentity, RepositoryRef
from bot.github.paths import segment
from bot.github.repository import RepositoryClient
from bot.github.transport import Transport

if TYPE_CHECKING:
    from bot.github.clock import Clock
    from bot.github.limits import Rules

_NO_INSTALLATION: Final = 1
"""The job knows of no number, and has the limits to itself."""
_BOT: Final = "[bot]"
_WHO: Final = "query Who { viewer { login } }"


class _Viewer(msgspec.Struct):
    login: str


class _Who(msgspec.Struct):
    viewer: _Viewer


@dataclass(frozen=True)
class Server:
    """Where GitHub is: its API and its website, without a slash at the end."""

    api_url: str
    html_url: str


def repository(
    server: Server,
    full_name: str,
    repository_id: int,
    token: str,
    *,
    clock: Clock | None = None,
    rules: Rules | None = None,
) -> tuple[RepositoryClient, AppIdentity]:
    """A client for the job's repository, and in whose name the token writes there; close the client in the end.

    Args:
        server: where.
        full_name: `owner/name`.
        repository_id: GitHub's.
        token: of an App, such as the job's own.
        clock: None: the machine's.
        rules: the limits besides those that GitHub's headers tell; None: those of github.com.

    Raises:
        Unauthorized: it is the token of no App, or none that is valid.
        GitHubError: GitHub cannot be asked.
    """
    clock = clock or SystemClock()
    transport = Transport(server.api_url)
    given = GivenToken(token, Governor(MemoryLimitStore(), clock, _NO_INSTALLATION, Priority.PERSON, rules))
    api = Api(transport, given, clock)
    try:
        identity = _identity(api)
    except BaseException:
        transport.close()
        raise
    ref = RepositoryRef(_NO_INSTALLATION, repository_id, full_name)
    client = RepositoryClient(
        ref, api=api, token=given, transport=transport, html_url=server.html_url, identity=lambda: identity
    )
    return client, identity


def _identity(api: Api) -> AppIdentity:
    """Who writes with the token: GraphQL tells a bot's login, which has the App's name in it."""
    login = api.query(_WHO, {}, _Who, "say whose token this is").viewer.login
    slug = login.removesuffix(_BOT)
    if not slug or slug == login:
        raise Unauthorized("The token is a person's. Leave the input `token` away, or give the token of a GitHub App.")
    try:
        return AppIdentity(api.get(f"/apps/{segment(slug)}", answers.AppAnswer).id, slug)
    except (Forbidden, NotFound):
        raise Unauthorized(f"GitHub does not tell the id of the App {slug}, whose token this is.") from None
