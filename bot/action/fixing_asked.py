"""Fixes that somebody has asked for in a pull request: one commit on its branch, by the job's token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.action.judging import judge
from bot.action.reviewing import UNREADABLE
from bot.decisions.fix_bodies import commit_message, fork_answer
from bot.decisions.fixing_new import may_be_sent
from bot.decisions.state import Fault, Fixed
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.github.fixes import changes_of
from bot.judged import Grouping
from bot.reports.inert import markdown_code, markdown_prose
from bot.reports.wording import count

if TYPE_CHECKING:
    from bot.action.place import Place
    from bot.decisions.requests import FixRequested
    from bot.decisions.state import CommandState
    from bot.judged import Judged, WrittenFixes

OWN_TOKEN: Final = "github-actions"
"""The App in whose name a job's own token writes."""
NO_WORKFLOWS: Final = (
    "The job's own token has pushed it, for which GitHub starts no workflow; the token of a GitHub App in the input "
    "`token` would have them run."
)
_UNSENDABLE: Final = "They would change a workflow, or a file whose name GitHub's API does not take; nothing was done."
_TOGETHER: Final = "These fixes cannot be written together, so nothing was done."
_MOVED: Final = "The branch does not stand at {} any more, for which this was asked. Nothing was pushed; ask again."


def fix_asked(place: Place, state: CommandState, request: FixRequested) -> Fixed:
    """Writes what was asked for, once: what is on the branch already is found no more, and asked for in vain.

    Args:
        place: the job.
        state: the command, and the pull request as it is now.
        request: what is to be fixed.

    Returns:
        What became of it.
    """
    try:
        base = place.github.compare_base(state.pull_request.base.sha, request.commit)
    except (Forbidden, NotFound, Unprocessable):
        return Fixed(UNREADABLE, is_done=False)
    groups = Grouping(wanted=frozenset(request.ids), together=True)
    judged = judge(place, base, request.commit, groups)
    if isinstance(judged, Fault):
        return Fixed(f"Nothing was done. {markdown_prose(judged.sentence)}", is_done=False)
    if judged.together is None:
        return Fixed(_TOGETHER, is_done=False)
    if not may_be_sent(judged.together):
        return Fixed(_UNSENDABLE, is_done=False)
    if state.pull_request.from_fork:
        return Fixed(fork_answer(judged, judged.together), is_done=False)
    try:
        return _pushed(place, state, judged, judged.together)
    except (Forbidden, NotFound, Unprocessable) as error:
        text = f"GitHub refused it, so nothing was done. {markdown_prose(str(error))} It needs `contents: write`."
        return Fixed(text, is_done=False)


def _pushed(place: Place, state: CommandState, judged: Judged, written: WrittenFixes) -> Fixed:
    writer, branch = place.github.fixing(), state.pull_request.head.ref
    moved = Fixed(_MOVED.format(markdown_code(judged.head[:7])), is_done=False)
    if writer.branch_head(branch) != judged.head:
        return moved
    commit = writer.commit(judged.head, commit_message(judged, written), changes_of(written.files))
    try:
        # Without force it fails where the branch has moved meanwhile.
        writer.move_branch(branch, commit)
    except Unprocessable:
        if writer.branch_head(branch) == judged.head:
            raise
        return moved
    fixes = count(len(written.findings), "safe fix", "safe fixes")
    also = f" {NO_WORKFLOWS}" if place.app.slug == OWN_TOKEN else ""
    return Fixed(f"Pushed {commit} with {fixes}.{also}", is_done=True)
