"""What the tracking issue needs of GitHub: issues that are found, opened and edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bot.github import answers
from bot.github.limits import Kind
from bot.github.models import Issue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.github.api import Api


class _Something(msgspec.Struct):
    """What matters only by being there."""


class _IssuePart(msgspec.Struct):
    number: answers.Id
    state: str
    body: str | None = None
    user: answers.User | None = None
    pull_request: _Something | None = None


class IssueWriter:
    """Reads and writes issues of one repository; `RepositoryClient.issues` makes these.

    Every method raises GitHubError, of the kind that tells what can be done about it (bot.github.errors).
    """

    def __init__(self, api: Api, path: str) -> None:
        """`path`: the repository's, below the API's URL."""
        self._api = api
        self._path = f"{path}/issues"

    def opened_by(self, login: str) -> Iterator[Issue]:
        """The issues that somebody has opened, closed ones included, the oldest first; no pull requests."""
        parameters = {"creator": login, "state": "all", "direction": "asc"}
        for page in self._api.pages(self._path, list[_IssuePart], parameters):
            yield from (_issue(part) for part in page if part.pull_request is None)

    def read(self, number: int) -> Issue:
        """An issue as it is now."""
        return _issue(self._api.get(f"{self._path}/{number}", _IssuePart))

    def open(self, title: str, body: str) -> int:
        """Opens an issue; returns its number."""
        request = {"title": title, "body": body}
        return self._api.send("POST", self._path, _IssuePart, request, kind=Kind.CONTENT).number

    def edit(self, number: int, body: str) -> None:
        """Other text in an issue."""
        self._api.send("PATCH", f"{self._path}/{number}", _IssuePart, {"body": body})


def _issue(part: _IssuePart) -> Issue:
    return Issue(part.number, answers.account(part.user), part.state == "open", part.body or "")
