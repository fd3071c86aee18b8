"""A check that was begun ends, however its job does: one that nobody ends would keep a merge waiting."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bot.decisions.state import Fault
from bot.github.errors import GitHubError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def ended(publish: Callable[[Fault], object]) -> Iterator[None]:
    """A block that is left with a check that has ended.

    Args:
        publish: ends the check without a result, where the block fails or is interrupted; what GitHub refuses then is
            not told, because the block's own end says more.
    """
    try:
        yield
    except BaseException as error:
        reason = str(error) if isinstance(error, GitHubError) else "The job was ended before the scan was."
        with suppress(GitHubError):
            publish(Fault(reason))
        raise
