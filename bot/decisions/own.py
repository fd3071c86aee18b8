"""Our own comments among those of everybody: by who wrote them, then by their marker, never by text alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.decisions.markers import marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.github.models import AppIdentity, IssueComment


def own_comments(comments: Iterable[IssueComment], app: AppIdentity, key: str) -> list[IssueComment]:
    """The comments that we have written under this key, the oldest first; there should be at most one."""
    ours = (comment for comment in comments if comment.app_id == app.app_id and marked(comment.body, "key") == key)
    return sorted(ours, key=lambda comment: comment.id)


def same_text(there: str, wanted: str) -> bool:
    """Whether GitHub shows this text already: it may have changed line ends, and white space at both ends."""
    return _normal(there) == _normal(wanted)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
