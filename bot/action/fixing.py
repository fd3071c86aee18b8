"""Pull requests that fix the default branch, opened by a job: as many as the App would open, known by what they say.

The job remembers nothing, so all that it knows of earlier ones is on GitHub: what is open, what was merged, and what
was closed, which is never proposed again. One that is there is not touched any more.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.action.fixing_asked import NO_WORKFLOWS, OWN_TOKEN
from bot.decisions.fix_actions import OpenFix
from bot.decisions.fix_marks import marked_body, record_of
from bot.decisions.fixing_new import decide_new
from bot.decisions.fixing_state import UNSETTLED, FixingState, Outcomes, Purpose, Seen, Standing
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.fixes import changes_of
from bot.judged import Grouping
from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.action.place import Place
    from bot.decisions.fixing_state import FixRecord
    from bot.github.fixes import FixWriter
    from bot.github.models import DefaultBranch
    from bot.judged import Judged

_WANTED: Final = {"contents": "write", "pull_requests": "write"}
_REFUSED: Final = (
    "GitHub does not let the job open pull requests. It needs `permissions: contents: write` and `pull-requests: "
    "write`, and, for the job's own token, the setting “Allow GitHub Actions to create and approve pull requests”; or "
    "give the token of a GitHub App. {}"
)
_TAKEN: Final = "The branch {} is there, but no pull request of ours is from it; delete it to have the fix proposed."
_NOTHING: Final = "No pull request was opened: there is nothing that may be fixed now."


def known(place: Place) -> tuple[FixRecord, ...]:
    """What this account has opened here so far, and how it stands."""
    pulls = place.github.fixing().pull_requests_by(place.app.login)
    return tuple(record for pull in pulls if (record := record_of(pull)) is not None)


def grouping(records: Sequence[FixRecord]) -> Grouping:
    """What is written for new ones."""
    settled = _refused(records) | {key for record in records if _is_busy(record) for key in record.fingerprints}
    return Grouping(withheld=settled)


def open_fixes(place: Place, branch: DefaultBranch, judged: Judged, records: Sequence[FixRecord]) -> str:
    """Opens what is to be opened next.

    Args:
        place: the job.
        branch: the default branch, at the commit that was judged.
        judged: what was found there, its safe fixes grouped by `grouping`.
        records: what was opened so far.

    Returns:
        What became of it, in sentences.
    """
    state = FixingState(
        branch=branch,
        permissions=_WANTED,
        judged=judged,
        seen=tuple(map(Seen, records)),
        now=datetime.now(tz=UTC),
        refused=_refused(records),
        outcomes=_outcomes(records),
        html_url=place.where.html_url,
    )
    new = decide_new(state)
    said = [_opened(place, action) for action in new.actions if isinstance(action, OpenFix)]
    if new.waiting:
        said.append(f"{count(len(new.waiting), 'more group waits', 'more groups wait')} for their turn.")
    return " ".join(said) or _NOTHING


def _opened(place: Place, action: OpenFix) -> str:
    writer, branch = place.github.fixing(), action.record.branch
    try:
        if writer.branch_head(branch) is not None:
            return _TAKEN.format(branch)
        commit = writer.commit(action.parent, action.message, changes_of(action.files))
        writer.create_branch(branch, commit)
    except (Forbidden, NotFound, Unprocessable) as error:
        return _REFUSED.format(error)
    try:
        number = _pull_request(writer, action)
    except (Forbidden, NotFound, Unprocessable) as error:
        # A branch without its pull request would be in the way of the next attempt.
        writer.delete_branch(branch)
        return _REFUSED.format(error)
    for dress in _dresses(writer, action, number):
        with suppress(Forbidden, NotFound, Unprocessable):
            dress()
    also = f" {NO_WORKFLOWS}" if place.app.slug == OWN_TOKEN else ""
    return f"Opened pull request {number}, “{action.title}”.{also}"


def _pull_request(writer: FixWriter, action: OpenFix) -> int:
    body = marked_body(action.record, action.body)
    open_it = partial(writer.open_pull_request, action.record.branch, action.base, action.title, body)
    try:
        return open_it(draft=action.draft)
    except Unprocessable:
        if not action.draft:
            raise
        # Not every repository has drafts (docs.github.com, "About pull requests").
        return open_it()


def _dresses(writer: FixWriter, action: OpenFix, number: int) -> Iterator[partial[None]]:
    if action.labels:
        yield partial(writer.add_labels, number, action.labels)
    if action.reviewers:
        yield partial(writer.request_reviewers, number, action.reviewers)


def _is_busy(record: FixRecord) -> bool:
    return record.standing in UNSETTLED


def _refused(records: Sequence[FixRecord]) -> frozenset[str]:
    return frozenset(key for record in records if record.standing is Standing.REFUSED for key in record.fingerprints)


def _outcomes(records: Sequence[FixRecord]) -> dict[str, Outcomes]:
    ended = Counter((record.rule, record.standing) for record in records if record.purpose is Purpose.FIX)
    rules = {rule for rule, _ in ended}
    return {
        rule: Outcomes(merged=ended[rule, Standing.MERGED], refused=ended[rule, Standing.REFUSED]) for rule in rules
    }
