"""What can go wrong between us and GitHub: a few kinds, by what the caller can do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.github.redaction import redacted

if TYPE_CHECKING:
    from datetime import datetime


class GitHubError(Exception):
    """GitHub did not do what it was asked; the message is a sentence, without secrets."""

    def __init__(self, message: str) -> None:
        super().__init__(redacted(message))


class NotFound(GitHubError):  # noqa: N818 - a name for the state of affairs, as GitHub has it
    """What was asked for is not there, or not for us to see."""


class Forbidden(GitHubError):  # noqa: N818
    """The installation does not allow it.

    Attributes:
        missing: the permissions that are needed, as `name: level`, one or all of them; empty where GitHub does not say.
    """

    def __init__(self, message: str, missing: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.missing = missing


class Unauthorized(GitHubError):  # noqa: N818
    """GitHub does not take our key or token."""


class Unprocessable(GitHubError):  # noqa: N818
    """GitHub understood the request and refuses its content: the same request would be refused again.

    Attributes:
        status: the HTTP status, mostly 422; 409 is a conflict with the state of the repository.
        errors: what GitHub says is wrong, one sentence each.
    """

    def __init__(self, message: str, status: int = 422, errors: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.errors = tuple(map(redacted, errors))


class Limited(GitHubError):  # noqa: N818
    """A rate limit, GitHub's or our own share of it: nothing was done.

    Attributes:
        not_before: when it may be tried again.
    """

    def __init__(self, message: str, not_before: datetime) -> None:
        super().__init__(message)
        self.not_before = not_before


class Unavailable(GitHubError):  # noqa: N818
    """GitHub did not answer, or answered nonsense or a fault of its own.

    Attributes:
        maybe_done: the request may have taken effect; look before it is made again.
    """

    def __init__(self, message: str, *, maybe_done: bool) -> None:
        super().__init__(message)
        self.maybe_done = maybe_done
