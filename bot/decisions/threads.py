"""The threads of inline comments: which finding each is about, which are done, and which are begun.

A thread is never deleted and its text never rewritten, because somebody may have answered it. A finding that ever had
a thread gets no second one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.decisions.actions import CommentOnFile, CreateReview, ResolveThread
from bot.decisions.keys import file_comment_key, review_key, thread_key
from bot.decisions.markers import marked, marker
from bot.decisions.relevant import has_fingerprint
from bot.decisions.reviews import file_comment, inline_comments
from bot.reports.inert import markdown_code, markdown_text
from bot.reports.wording import shorten
from fixers.findings import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bot.decisions.actions import Refused
    from bot.decisions.reviews import InlineComment
    from bot.github.models import ReviewThread
    from bot.judged import Judged
    from bot.reports.report import Report
    from fixers.findings import Finding

MAX_REASON = 200
# A body that holds this was edited because the thread could not be resolved.
_DONE: Final = "done"


@dataclass(frozen=True)
class Threads:
    """What becomes of the threads.

    `resolved` are done; `review` begins new ones, None where there are none to begin; `on_files` begins those that
    GitHub does not take on their lines; `inline` holds the ids of all findings that have a thread now.
    """

    resolved: tuple[ResolveThread, ...]
    review: CreateReview | None
    on_files: tuple[CommentOnFile, ...]
    inline: frozenset[str]


def decide_threads(
    judged: Judged, threads: Iterable[ReviewThread], number: int, *, refused: Refused, begin: bool
) -> Threads:
    """Decides over all threads of a pull request.

    Args:
        judged: what was found.
        threads: the threads that we began.
        number: of the pull request.
        refused: what GitHub has refused: from a line to the file, and from the file to the sticky comment.
        begin: whether new threads are wanted.
    """
    ours = sorted(
        (thread for thread in threads if marked(thread.body, "id") is not None), key=lambda thread: thread.comment_id
    )
    about, doubles = _matched(judged.report, ours)
    resolved = []
    for thread in ours:
        why = _why_done(judged, thread, about.get(thread.node_id), doubled=thread.node_id in doubles)
        if why and not thread.is_resolved and not _told(thread):
            resolved.append(ResolveThread(_key(number, thread), thread.node_id, thread.comment_id, told(thread, why)))
    done = {action.thread_id for action in resolved}
    standing = [
        about[thread.node_id]
        for thread in ours
        if thread.node_id in about and thread.node_id not in done and not thread.is_resolved
    ]
    threaded = frozenset(finding.id for finding in about.values())
    moved = [item for item in judged.report.findings if item.id in refused.lines - refused.files - threaded]
    on_files = tuple(_on_file(judged, finding, number) for finding in moved) if begin else ()
    wanted = _inline(judged, [*standing, *moved], threaded | refused.lines) if begin else ()
    review = _review(number, judged.head, wanted)
    begun = frozenset(finding_ids(review)) if review is not None else frozenset()
    if begin:
        begun |= {finding.id for finding in moved}
    return Threads(tuple(resolved), review, on_files, frozenset(finding.id for finding in standing) | begun)


def resolved_by_command(
    threads: Iterable[ReviewThread], findings: Iterable[Finding], number: int, reason: str
) -> tuple[ResolveThread, ...]:
    """The ends of the threads on findings that somebody has accepted by command.

    Args:
        threads: the threads that we began.
        findings: what was accepted.
        number: of the pull request.
        reason: why; foreign text.
    """
    ids = {finding.id for finding in findings}
    why = f"**Silenced by command**: {markdown_text(shorten(reason, MAX_REASON))}"
    return tuple(
        ResolveThread(_key(number, thread), thread.node_id, thread.comment_id, told(thread, why))
        for thread in threads
        if marked(thread.body, "id") in ids and not thread.is_resolved
    )


def finding_ids(review: CreateReview) -> list[str]:
    """The ids of the findings that the comments of a review are about, in their order."""
    return [found for comment in review.comments if (found := marked(comment.body, "id"))]


def smaller_reviews(refused: CreateReview) -> tuple[CreateReview, ...]:
    """What to try next where GitHub refuses a review as a whole (422): its two halves.

    Returns:
        Nothing for a review of one comment: its finding (see `finding_ids`) belongs into `Refused.lines`.
    """
    if len(refused.comments) < 2:
        return ()
    middle = len(refused.comments) // 2
    halves = refused.comments[:middle], refused.comments[middle:]
    return tuple(
        replace(refused, key=f"{refused.key}/{half}", comments=comments) for half, comments in enumerate(halves)
    )


def told(thread: ReviewThread, why: str) -> str:
    """The comment's text with the reason for its end before it, for where GitHub does not let us resolve the thread."""
    first, _, rest = thread.body.replace("\r\n", "\n").partition("\n")
    return f"{first}\n{marker(_DONE, 'yes')}\n\n{why}\n\n{rest.lstrip()}"


def _told(thread: ReviewThread) -> bool:
    return marked(thread.body.replace("\r\n", "\n").partition("\n")[2], _DONE) is not None


def _on_file(judged: Judged, finding: Finding, number: int) -> CommentOnFile:
    body = file_comment(finding, judged.fixes.get(finding.id, ""))
    return CommentOnFile(file_comment_key(number, finding.id), number, judged.head, finding.path, body)


def _inline(judged: Judged, standing: Sequence[Finding], without: frozenset[str]) -> tuple[InlineComment, ...]:
    return inline_comments(judged.report, judged.added, judged.fixes, standing=standing, without=without)


def _review(number: int, commit: str, comments: tuple[InlineComment, ...]) -> CreateReview | None:
    if not comments:
        return None
    review = CreateReview("", number, commit, comments)
    # Another round on the same commit, after a command, may have other comments: it is another review.
    digest = hashlib.sha256("\0".join(finding_ids(review)).encode()).hexdigest()[:12]
    return replace(review, key=review_key(number, commit, digest))


def _key(number: int, thread: ReviewThread) -> str:
    return f"{thread_key(number, marked(thread.body, 'id') or '')}/{thread.comment_id}"


def _why_done(judged: Judged, thread: ReviewThread, finding: Finding | None, *, doubled: bool) -> str:
    """Why a thread is done, as Markdown; empty while it is not."""
    if doubled:
        return "**Posted twice** by a fault of mine; the other thread goes on."
    if finding is None:
        unseen = {entry.path for entry in judged.report.skipped}
        gone = f"**Resolved** in {markdown_code(judged.head[:7])}: the leak is gone."
        return "" if thread.path in unseen else gone
    if finding.suppressed is not None:
        return f"**Silenced**: {markdown_text(shorten(finding.suppressed.reason, MAX_REASON))}"
    return ""


def _matched(report: Report, threads: Sequence[ReviewThread]) -> tuple[dict[str, Finding], frozenset[str]]:
    """The finding that each thread is about, by the thread's id, and the threads that are about one that has another.

    First by the finding's id; then by its fingerprint, which several may share; last by place and rule, because a
    rename changes the fingerprint.
    """
    findings = [finding for finding in report.findings if finding.change is not Change.EXISTING or finding.suppressed]
    about: dict[str, Finding] = {}
    doubles: set[str] = set()
    taken: set[str] = set()

    def match(same: Callable[[ReviewThread, Finding], bool]) -> None:
        for thread in threads:
            if thread.node_id in about or thread.node_id in doubles:
                continue
            found = next((item for item in findings if item.id not in taken and same(thread, item)), None)
            if found is not None:
                about[thread.node_id] = found
                taken.add(found.id)

    match(lambda thread, finding: marked(thread.body, "id") == finding.id)
    doubles.update(
        thread.node_id for thread in threads if thread.node_id not in about and marked(thread.body, "id") in taken
    )
    match(lambda thread, finding: has_fingerprint(marked(thread.body, "id") or "", finding.fingerprint))
    match(
        lambda thread, finding: (
            not thread.is_resolved
            and thread.line is not None
            and (thread.path, markdown_code(finding.rule) in thread.body) == (finding.path, True)
            and finding.line <= thread.line <= finding.end_line
        )
    )
    return about, frozenset(doubles)
