"""Who may give which command (contract: Comment commands). What is not known is a no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.decisions.grammar import Verb
from bot.github.models import Access

if TYPE_CHECKING:
    from bot.github.models import Account, PullRequest

_NEEDED: Final = {
    Verb.HELP: Access.NONE,
    Verb.EXPLAIN: Access.NONE,
    Verb.CONFIG: Access.NONE,
    Verb.BUDGET: Access.NONE,
    Verb.RESCAN: Access.TRIAGE,
    Verb.FULL: Access.TRIAGE,
    Verb.IGNORE: Access.WRITE,
    Verb.UNIGNORE: Access.WRITE,
    Verb.FIX: Access.WRITE,
    Verb.PAUSE: Access.WRITE,
    Verb.RESUME: Access.WRITE,
}
_RESCANS: Final = frozenset({Verb.RESCAN, Verb.FULL})


def may(verb: Verb, account: Account, access: Access | None, pull_request: PullRequest) -> bool:
    """Whether somebody may give a command on a pull request.

    Args:
        verb: the command.
        account: who gives it.
        access: what they may do in the repository, as GitHub has answered; None where it has not.
        pull_request: where. The author of one from a fork may have it scanned again; the author of one between two
            branches of the repository has write access, or somebody else has pushed that branch for them.
    """
    if access is None or account.is_bot:
        return False
    if access.rank >= _NEEDED[verb].rank:
        return True
    return verb in _RESCANS and pull_request.from_fork and account.id == pull_request.author.id


def is_open_to_all(verb: Verb) -> bool:
    """Whether everybody may give a command."""
    return _NEEDED[verb] is Access.NONE


def needed(verb: Verb) -> str:
    """What it takes to give a command, in words."""
    match _NEEDED[verb]:
        case Access.NONE:
            return "everybody"
        case Access.TRIAGE:
            return "triage access, or the author of a pull request from a fork"
        case _:
            return "write access"
