"""What a decision asks for: each action is one write to GitHub, with a key under which it happens once.

The key is what a repeated decision for the same state says again, and what the ledger and the artefact itself (a
marker, a check's external id) are looked up by before the write.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from bot.decisions.checks import CheckRun
    from bot.decisions.reviews import InlineComment


class Reaction(StrEnum):
    """The reactions that answer a command, by GitHub's names."""

    EYES = "eyes"
    ROCKET = "rocket"
    CONFUSED = "confused"


class Subject(StrEnum):
    """What a reaction stands on."""

    ISSUE_COMMENT = "issue_comment"
    REVIEW_COMMENT = "review_comment"


@dataclass(frozen=True)
class CreateComment:
    """A new comment in the conversation of a pull request or issue; the body holds the key's marker."""

    key: str
    number: int
    body: str


@dataclass(frozen=True)
class EditComment:
    """Other text in a comment of ours."""

    key: str
    comment_id: int
    body: str


@dataclass(frozen=True)
class StartCheck:
    """A check run in progress on a commit; the key becomes its external id."""

    key: str
    name: str
    head_sha: str


@dataclass(frozen=True)
class FinishCheck:
    """The result of a check run. `check_id` is None where it was not started yet: it is created finished.

    The annotations are all that there should be, in an order that is the same every time; GitHub adds those of each
    request to those that are there, so that whoever writes sends only the rest. `text` stands below the summary.
    """

    key: str
    check_id: int | None
    head_sha: str
    check: CheckRun
    text: str = ""


@dataclass(frozen=True)
class CreateReview:
    """Inline comments on the lines of a commit, each of them found again by the marker in its body."""

    key: str
    number: int
    commit: str
    comments: tuple[InlineComment, ...]


@dataclass(frozen=True)
class CommentOnFile:
    """A comment on a file that the pull request changes, found again by the marker in its body."""

    key: str
    number: int
    commit: str
    path: str
    body: str


@dataclass(frozen=True)
class Refused:
    """Ids of findings whose comments GitHub does not take: on their lines, and on their files."""

    lines: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def __or__(self, other: Refused) -> Refused:
        return Refused(self.lines | other.lines, self.files | other.files)


NOTHING_REFUSED: Final = Refused()


@dataclass(frozen=True)
class EditInlineComment:
    """Other text in an inline comment of ours."""

    key: str
    comment_id: int
    body: str


@dataclass(frozen=True)
class ResolveThread:
    """A thread of ours is done. `otherwise` is the comment's new text where GitHub does not let us resolve it."""

    key: str
    thread_id: str
    comment_id: int
    otherwise: str


@dataclass(frozen=True)
class React:
    """A reaction to a comment; GitHub keeps one of a kind."""

    key: str
    subject: Subject
    comment_id: int
    reaction: Reaction


@dataclass(frozen=True)
class ReplyInThread:
    """An answer below an inline comment."""

    key: str
    number: int
    comment_id: int
    body: str


@dataclass(frozen=True)
class UploadSarif:
    """A report for code scanning; `ref` is a full name such as `refs/heads/main`."""

    key: str
    commit: str
    ref: str
    sarif: bytes


Action = (
    CreateComment
    | EditComment
    | StartCheck
    | FinishCheck
    | CreateReview
    | CommentOnFile
    | EditInlineComment
    | ResolveThread
    | React
    | ReplyInThread
    | UploadSarif
)
