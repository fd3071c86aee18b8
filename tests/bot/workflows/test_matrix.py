"""Whose pull request it is, what may be seen of the repository, and what has happened: one table for the App.

The same table for the Action is tests/bot/action/test_matrix.py. To the App all are one: it has a token of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

from tests.bot.workflows.running import LEAK, install
from tests.github.state import Kind

if TYPE_CHECKING:
    from tests.bot.workflows.running import Service
    from tests.github import PullHandle, RepositoryHandle

LEAKS: Final = {"src/poll.js": LEAK}
ORIGINS: Final = ("same repository", "fork", "Dependabot")
VISIBILITIES: Final = ("public", "private")
EVENTS: Final = ("pull_request", "issue_comment", "merge_group")


class Ends(NamedTuple):
    """How a cell ends: our comments, answers apart; the check of the commit; inline comments; answers to commands."""

    comments: int
    check: str | None
    threads: int
    replies: int = 0


EXPECTED: Final = {
    "pull_request": Ends(1, "neutral", 1),
    "issue_comment": Ends(1, "neutral", 1, 1),
    "merge_group": Ends(1, "neutral", 1),
}
_ended: dict[str, dict[tuple[str, str, str], Ends]] = {}


@pytest.fixture
def ended(shared: Service) -> dict[tuple[str, str, str], Ends]:
    """How each cell ended; all of them happen side by side, once."""
    found = _ended.setdefault(shared.url, {})
    if not found:
        cells = {
            (origin, visibility, event): opened(shared, origin, visibility)
            for origin in ORIGINS
            for visibility in VISIBILITIES
            for event in EVENTS
        }
        shared.settle()
        heads = {cell: happens(repository, pull, cell[2]) for cell, (repository, pull) in cells.items()}
        shared.settle()
        found.update({cell: seen(shared, *there, heads[cell]) for cell, there in cells.items()})
    return found


@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.parametrize("origin", ORIGINS)
@pytest.mark.parametrize("event", EVENTS)
def test_a_pull_request(ended: dict[tuple[str, str, str], Ends], event: str, origin: str, visibility: str) -> None:
    assert ended[origin, visibility, event] == EXPECTED[event]


@pytest.mark.parametrize("visibility", VISIBILITIES)
def test_a_push(shared: Service, visibility: str) -> None:
    repository = install(shared.github, shared, private=visibility == "private")
    head = repository.push(LEAKS)
    shared.settle()
    assert [(run.name, run.conclusion) for run in repository.check_runs(head)] == [("stanch repository", "neutral")]


def opened(service: Service, origin: str, visibility: str) -> tuple[RepositoryHandle, PullHandle]:
    """A pull request that leaks, in a repository of its own."""
    repository = install(service.github, service, private=visibility == "private")
    repository.set_role("bob", "read")
    match origin:
        case "fork":
            return repository, repository.open_pull_request("bob", files=LEAKS, fork=True)
        case "Dependabot":
            service.github.world.account("dependabot[bot]", Kind.BOT)
            return repository, repository.open_pull_request("dependabot[bot]", "dependabot/npm/x", files=LEAKS)
        case _:
            return repository, repository.open_pull_request("alice", files=LEAKS)


def happens(repository: RepositoryHandle, pull: PullHandle, event: str) -> str:
    """What happens then; returns the commit that it is about."""
    if event == "issue_comment":
        pull.comment("alice", "/perf-scan")
    elif event == "merge_group":
        return repository.merge_queue(pull)[1]
    return pull.head_sha


def seen(service: Service, repository: RepositoryHandle, pull: PullHandle, head: str) -> Ends:
    """How it ended."""
    bodies = [comment.body for comment in pull.comments_by(service.app.app)]
    replies = sum("key=reply/" in body for body in bodies)
    runs = repository.check_runs(head, "stanch")
    return Ends(len(bodies) - replies, runs[0].conclusion if runs else None, len(pull.threads), replies)
