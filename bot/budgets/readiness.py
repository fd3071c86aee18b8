"""When a program is ready: it has printed a line, answers at an address, or accepts connections at a port."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from bot.budgets.programs import ProgramError, shown

if TYPE_CHECKING:
    from bot.budgets.programs import Keeper, Program
    from bot.config.budgets import Profile, Ready

LOCAL: Final = "127.0.0.1"
_POLL_SECONDS: Final = 0.02
_ASK_SECONDS: Final = 2.0
_SERVER_ERROR: Final = 500
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def address_of(ready: Ready | None) -> str | None:
    """The address that paths of requests are relative to, without a slash at its end; None where `ready` has none."""
    if ready is None or ready.line is not None:
        return None
    if ready.port is not None:
        return f"http://{LOCAL}:{ready.port}"
    parts = urlsplit(ready.url or "")
    return f"{parts.scheme}://{parts.netloc}"


def check_free(profile: Profile) -> None:
    """Makes sure that it is not another program that will answer.

    Raises:
        ProgramError: something accepts connections where the program, or one beside it, is going to.
    """
    places = [_listening_place(profile), *(_place_of(one.ready) for one in profile.beside)]
    for place in places:
        if place is not None and _accepts(place):
            raise ProgramError(
                f"Something else answers at {place[0]}:{place[1]}, where the profile `{profile.name}` expects its "
                "program; end it, or give the profile another port."
            )


def wait_until_ready(ready: Ready | None, program: Program, keeper: Keeper, deadline: float) -> None:
    """Waits until a program is ready; one that is not said to become so is at once.

    Args:
        ready: how it shows.
        program: the program.
        keeper: what has started it.
        deadline: when to give up, by the monotonic clock.

    Raises:
        ProgramError: it ends, or is not ready in time.
    """
    while ready is not None and not _is_ready(ready, keeper):
        if keeper.wait(program, time.monotonic() + _POLL_SECONDS) is not None:
            raise ProgramError(f"`{shown(program.command)}` ended before it was ready, {program.ended()}.")
        if time.monotonic() > deadline:
            said = keeper.output.last_lines()
            raise ProgramError(
                f"`{shown(program.command)}` was not ready in time ({_awaited(ready)}); "
                + (f"it printed: {said}." if said else "it printed nothing.")
            )


def _is_ready(ready: Ready, keeper: Keeper) -> bool:
    if ready.line is not None:
        return keeper.output.seen.is_set()
    if ready.port is not None:
        return _accepts((LOCAL, ready.port))
    return _answers(ready.url or "")


def _awaited(ready: Ready) -> str:
    if ready.line is not None:
        return f"awaited: the text `{ready.line}` in a line that it prints"
    return f"awaited: {f'port {ready.port}' if ready.port is not None else ready.url}"


def _answers(url: str) -> bool:
    import urllib3  # noqa: PLC0415

    with urllib3.PoolManager(retries=False, timeout=_ASK_SECONDS) as pool:
        try:
            response = pool.request("GET", url, preload_content=False, redirect=False)
            status = response.status
            response.close()
        except urllib3.exceptions.HTTPError:
            return False
    return status < _SERVER_ERROR


def _accepts(place: tuple[str, int]) -> bool:
    try:
        with socket.create_connection(place, timeout=_ASK_SECONDS):
            return True
    except OSError:
        return False


def _listening_place(profile: Profile) -> tuple[str, int] | None:
    if profile.ready is None or profile.ready.line is not None:
        urls = [request.url for request in profile.workload.requests if "://" in request.url]
        return _address(urls[0]) if urls else None
    return _place_of(profile.ready)


def _place_of(ready: Ready | None) -> tuple[str, int] | None:
    if ready is None or ready.line is not None:
        return None
    return (LOCAL, ready.port) if ready.port is not None else _address(ready.url or "")


def _address(url: str) -> tuple[str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None
