"""What an answer that is no success means: which error it is, and what it said of rate limits."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from bot.github.errors import Forbidden, GitHubError, NotFound, Unauthorized, Unavailable, Unprocessable
from bot.github.limits import Heard, Quota

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.transport import Answer

FEATURES: Final[Mapping[str, str]] = {
    "checks": "the check",
    "contents": "reading code, and with write access opening fixes",
    "issues": "answering commands, and with write access the tracking issue",
    "metadata": "everything",
    "pull_requests": "comments on pull requests",
    "security_events": "results in code scanning",
}
"""What a permission is for, in the words of somebody who may have to grant it."""

GRAPHQL_LIMITS: Final = frozenset({"RATE_LIMIT", "RATE_LIMITED"})
"""The types of GraphQL's errors that are about rate limits."""

_LONGEST_MESSAGE: Final = 300
_LIMIT_MESSAGES: Final = ("rate limit", "abuse detection", "wait a few minutes before you try again")


class _Detail(msgspec.Struct):
    resource: str = ""
    field: str = ""
    code: str = ""
    message: str = ""


class _Body(msgspec.Struct):
    message: str = ""
    errors: Any = None


def heard_in(answer: Answer) -> Heard:
    """What an answer says of rate limits."""
    headers = answer.headers
    numbers = [_number(headers.get(f"x-ratelimit-{name}")) for name in ("limit", "remaining", "reset")]
    limit, remaining, reset = numbers
    quota = None
    if limit is not None and remaining is not None and reset is not None:
        quota = Quota(int(limit), int(remaining), _time(reset))
    refused = _is_limit(answer, quota)
    resource = headers.get("x-ratelimit-resource", "core")[:50]
    return Heard(resource, quota, refused, _number(headers.get("retry-after")) if refused else None)


def error_in(answer: Answer, what: str, *, maybe_done: bool) -> GitHubError:
    """The error that an answer with a status of 300 or more stands for; rate limits apart.

    Args:
        answer: GitHub's.
        what: the request, such as `GET /app`.
        maybe_done: what to say of a fault of GitHub's: the request may have taken effect.
    """
    body = _body(answer.text)
    said = body.message[:_LONGEST_MESSAGE]
    match answer.status:
        case 401:
            return Unauthorized(
                f"GitHub does not accept our credentials for {what}: {said or 'no reason given'}. "
                "Check the App's id, its private key and this machine's clock."
            )
        case 403:
            return _forbidden(answer.headers.get("x-accepted-github-permissions", ""), what, said)
        case 404 | 410 | 451:
            return NotFound(f"GitHub has nothing for {what}: {said or answer.status}.")
        case status if status >= 500:
            return Unavailable(f"GitHub failed at {what} with status {status}.", maybe_done=maybe_done)
        case status:
            errors = _sentences(body.errors)
            detail = f" ({'; '.join(errors)})" if errors else ""
            message = f"GitHub refuses {what} with status {status}: {said or 'no reason given'}{detail}."
            return Unprocessable(message[:1000], status, errors)


def graphql_error(errors: Any, what: str, *, maybe_done: bool) -> GitHubError:
    """The error that the `errors` of a GraphQL answer stand for."""
    try:
        first = msgspec.convert(errors, list[dict[str, Any]])[0]
    except (msgspec.ValidationError, IndexError):
        first = {}
    said = str(first.get("message", "no reason given"))[:_LONGEST_MESSAGE]
    match first.get("type"):
        case "NOT_FOUND":
            return NotFound(f"GitHub has nothing for {what}: {said}.")
        case "FORBIDDEN" | "INSUFFICIENT_SCOPES":
            return Forbidden(f"GitHub does not let this installation {what}: {said}.")
        case str():
            return Unprocessable(f"GitHub refuses to {what}: {said}.", 422, (said,))
        case _:
            return Unavailable(f"GitHub failed to {what}: {said}.", maybe_done=maybe_done)


def permission_sentence(missing: tuple[str, ...]) -> str:
    """Which permissions are missing, and what does not work without them."""
    features = [
        FEATURES[name] for name in dict.fromkeys(need.partition(":")[0] for need in missing) if name in FEATURES
    ]
    purpose = f", needed for {'; '.join(features)}" if features else ""
    return f"The installation lacks the permission {' or '.join(missing)}{purpose}."


def _forbidden(accepted: str, what: str, said: str) -> Forbidden:
    missing = _permissions(accepted)
    if missing and "not accessible" in said.lower():
        return Forbidden(f"GitHub does not allow {what}. {permission_sentence(missing)}", missing)
    return Forbidden(f"GitHub does not allow {what}: {said or 'no reason given'}.", missing)


def _permissions(accepted: str) -> tuple[str, ...]:
    """`issues=write; pull_requests=write` are two alternatives, `contents=write,workflows=write` are both needed."""
    needs = [part.strip().partition("=") for part in accepted[:1000].replace(";", ",").split(",")]
    return tuple(f"{name}: {level}" for name, equals, level in needs if equals and name.replace("_", "").isalpha())


def _is_limit(answer: Answer, quota: Quota | None) -> bool:
    if answer.status == 429:
        return True
    if answer.status != 403:
        return False
    said = _body(answer.text).message.lower()
    if "retry-after" in answer.headers or any(words in said for words in _LIMIT_MESSAGES):
        return True
    return quota is not None and quota.remaining == 0 and "not accessible" not in said


def _body(text: str) -> _Body:
    try:
        return msgspec.json.decode(text.encode("utf-8", "replace"), type=_Body)
    except (msgspec.DecodeError, RecursionError):
        return _Body()


def _sentences(errors: Any) -> tuple[str, ...]:
    if not isinstance(errors, list):
        return (str(errors)[:_LONGEST_MESSAGE],) if errors else ()
    sentences = []
    for error in errors[:20]:
        try:
            detail = msgspec.convert(error, _Detail)
        except msgspec.ValidationError:
            sentences.append(str(error)[:_LONGEST_MESSAGE])
            continue
        parts = (detail.message, f"{detail.resource} {detail.field} {detail.code}".strip())
        sentences.append(next((part for part in parts if part), str(error))[:_LONGEST_MESSAGE])
    return tuple(sentences)


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _time(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
