"""What a decision on pull requests that fix asks for: each action is a few writes to GitHub and to the ledger, which
may be done again at any time, whatever of it was done before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.decisions.fixing_state import FixRecord, Standing
    from bot.judged import PatchedFile


@dataclass(frozen=True, kw_only=True)
class OpenFix:
    """A branch with one commit, and a pull request from it.

    Attributes:
        record: the ledger's; its branch is ours alone.
        parent: the commit that the branch begins at.
        base: the branch that the pull request is to be merged into.
        title: its title.
        message: the commit's.
        body: its text.
        files: what the commit changes.
        labels: of the pull request.
        reviewers: users, and teams as `organisation/team`; who cannot be asked is not.
        draft: whether it is a draft.
    """

    record: FixRecord
    parent: str
    base: str
    title: str
    message: str
    body: str
    files: tuple[PatchedFile, ...]
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False


@dataclass(frozen=True)
class RefreshFix:
    """One new commit in the place of ours, on another parent; nothing where the branch is not at ours any more."""

    record: FixRecord
    parent: str
    message: str
    files: tuple[PatchedFile, ...]


@dataclass(frozen=True)
class CloseFix:
    """A pull request of ours is not needed any more: a comment says why, it is closed, its branch is deleted."""

    record: FixRecord
    comment: str


@dataclass(frozen=True)
class LeaveFix:
    """Somebody works on a pull request of ours: a comment says that we leave it alone (none where it is empty)."""

    record: FixRecord
    comment: str = ""


@dataclass(frozen=True)
class DeleteFixBranch:
    """The branch is not needed any more; it stays where it is not at a commit of ours."""

    record: FixRecord


@dataclass(frozen=True)
class SettleFix:
    """The ledger says how the record stands. What is refused is remembered for ever; what is reopened no longer is."""

    record: FixRecord
    standing: Standing


@dataclass(frozen=True)
class VerifyFix:
    """The ledger says whether what was merged has fixed what it was to fix."""

    record: FixRecord
    is_verified: bool


FixAction = OpenFix | RefreshFix | CloseFix | LeaveFix | DeleteFixBranch | SettleFix | VerifyFix
