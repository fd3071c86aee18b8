"""A pull request, decided: from what was gathered about it to what is written on it. Pure.

| the pull request | check | comment | inline comments |
| --- | --- | --- | --- |
| open | yes | from the first thing to say on | on lines that it adds |
| draft, locked, paused, comments off | yes, with all annotations | only edited | only resolved |
| closed or merged, or its head has moved | ended as neutral | no | no |
| not scanned, by a fault of ours | neutral, with the reason | only edited: a note at its head | no |

Paused is said by command, off in the configuration. A draft is work that nobody has asked anybody to look at, and a
comment would send mail; the check tells whoever looks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from bot.decisions.budget_table import budgets_markdown, budgets_title
from bot.decisions.budgets import failing
from bot.decisions.check_runs import finished, given_up, may_write_checks, started
from bot.decisions.checks import NAME, Besides, check_run, neutral_check
from bot.decisions.comments import Around, review_comment
from bot.decisions.configuration import fault_annotations, faults_note, proposal_markdown, proposal_title
from bot.decisions.keys import sticky_key
from bot.decisions.relevant import with_ignored
from bot.decisions.state import Fault
from bot.decisions.sticky import decide_sticky, sticky, with_note
from bot.decisions.threads import decide_threads
from bot.decisions.venue import APP
from bot.reports.inert import markdown_code, markdown_prose, markdown_text
from bot.reports.markdown_finding import Material

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.decisions.actions import Action
    from bot.decisions.checks import CheckRun
    from bot.decisions.state import ReviewState
    from bot.decisions.threads import Threads
    from bot.decisions.venue import Venue
    from bot.judged import Judged

_NOT_YOUR_FAULT = "This is a fault of Stanch's own, or of the server that it runs on; it blocks nothing."


def decide_review(state: ReviewState) -> tuple[Action, ...]:
    """What is to be written now, in this order. What GitHub shows already is not written again.

    Call it when a scan begins (`judged` is None: the check is started), and again with what the scan gave. Where
    GitHub refuses a comment on a line or a file, call it again with its finding in `refused`.
    """
    if state.pull_request.head.sha != state.head:
        return given_up(state, superseded_check(state.pull_request.head.sha))
    if not state.pull_request.is_open:
        return given_up(state, _closed(merged=state.pull_request.is_merged))
    if state.judged is None:
        return started(state, NAME)
    if isinstance(state.judged, Fault):
        return (*_faulty(state, state.judged), *finished(state, fault_check(state.judged, venue=state.venue)))
    judged = msgspec.structs.replace(state.judged, report=with_ignored(state.judged.report, state.ignored))
    return tuple(_reviewed(state, judged))


def fault_check(fault: Fault, name: str = NAME, *, venue: Venue = APP) -> CheckRun:
    """The check of a commit that could not be scanned."""
    again = f"\n\n{venue.again}" if fault.rerun_helps else ""
    summary = f"{markdown_prose(fault.sentence)}\n\n{_NOT_YOUR_FAULT}{again}\n"
    return neutral_check(name, "This commit could not be scanned", summary, rescan=fault.rerun_helps)


def superseded_check(now: str, name: str = NAME) -> CheckRun:
    """The check of a commit that is not the newest any more; `now`: the one that is."""
    shown = now[:7]
    return neutral_check(
        name, f"Superseded by {shown}", f"A newer commit is scanned instead: {markdown_code(shown)}.\n"
    )


def small_print(sentence: str) -> tuple[str, ...]:
    """A sentence for the end of a check, where there is one."""
    return (f"<sub>{markdown_text(sentence)}</sub>",) if sentence else ()


class _Silence(NamedTuple):
    """Whether new comments and threads are wanted, and why not."""

    why: str = ""

    @property
    def begin(self) -> bool:
        return not self.why


def _reviewed(state: ReviewState, judged: Judged) -> Iterator[Action]:
    silence = _silence(state, judged)
    threads = decide_threads(
        judged, state.threads, state.pull_request.number, refused=state.refused, begin=silence.begin
    )
    if _may_comment(state):
        yield from threads.resolved
        if threads.review is not None:
            yield threads.review
        yield from threads.on_files
        yield from decide_sticky(state, _comment(state, judged, threads.inline), begin=silence.begin)
    yield from finished(state, _check(state, judged, threads, silence))


def _comment(state: ReviewState, judged: Judged, inline: frozenset[str]) -> str | None:
    headlines = budgets_title(failing(state.budgets, judged.config)), proposal_title(judged.proposal)
    return review_comment(
        judged.report,
        key=sticky_key(state.pull_request.number, state.venue.key),
        material=_material(state, judged),
        published=sticky(state) is not None,
        around=Around(
            commit=state.head,
            headlines=tuple(filter(None, headlines)),
            sections=_sections(state, judged),
            who={entry.fingerprint: entry.login for entry in state.ignored},
            inline=inline,
            base_url=f"{state.html_url}/blob/{judged.base}" if state.html_url and judged.base else "",
            hints=state.venue.hints,
            fixing=state.fixing and not state.pull_request.from_fork,
            notes=()
            if may_write_checks(state.permissions)
            else (f"There is no check here: {state.venue.not_granted('checks')}.",),
        ),
    )


def _check(state: ReviewState, judged: Judged, threads: Threads, silence: _Silence) -> CheckRun:
    config = judged.config
    base_fault = faults_note(judged.faults, "the base", judged.config_path)
    return check_run(
        judged.report,
        fail_on=config.gate.fail_on,
        confidence=config.scan.confidence,
        material=_material(state, judged),
        besides=Besides(
            inline=threads.inline if _may_comment(state) else frozenset(),
            notes=tuple(filter(None, (silence.why, base_fault))),
            sections=(*_sections(state, judged), *small_print(state.confinement)),
            annotations=fault_annotations(judged.proposal, judged.config_path),
            over_budget=len(failing(state.budgets, config)),
            doubtful=bool(judged.faults),
        ),
    )


def _sections(state: ReviewState, judged: Judged) -> tuple[str, ...]:
    proposal = proposal_markdown(judged.proposal, judged.config, judged.config_path)
    return tuple(filter(None, (budgets_markdown(state.budgets, judged.config), proposal)))


def _material(state: ReviewState, judged: Judged) -> Material:
    blob_url = f"{state.html_url}/blob/{state.head}" if state.html_url else ""
    return Material(read_line=judged.read_line, diffs=judged.fixes, blob_url=blob_url)


def _silence(state: ReviewState, judged: Judged) -> _Silence:
    if not _may_comment(state):
        return _Silence(f"Nothing is commented: {state.venue.not_granted('pull_requests')}.")
    if state.quiet:
        return _Silence(state.quiet)
    if state.paused:
        return _Silence("Nothing new is commented: paused here by command; `/perf-scan resume` ends that.")
    if not judged.config.comment.enabled:
        return _Silence("Nothing is commented: `comment.enabled` is false in the configuration.")
    if state.pull_request.is_locked:
        return _Silence("Nothing new is commented: the conversation is locked.")
    if state.pull_request.is_draft:
        return _Silence("Nothing new is commented: this is a draft.")
    return _Silence()


def _may_comment(state: ReviewState) -> bool:
    return state.permissions.get("pull_requests") == "write"


def _faulty(state: ReviewState, fault: Fault) -> Iterator[Action]:
    """The comment that is there tells an older commit, so it says that; a fault alone is worth no comment."""
    there = sticky(state)
    if there is None or not _may_comment(state):
        return
    sentences = (
        f"**Commit {markdown_code(state.head[:7])} could not be scanned**: {markdown_prose(fault.sentence)}",
        state.venue.retry if fault.rerun_helps else "",
        "What follows is about an earlier commit.",
    )
    note = " ".join(filter(None, sentences))
    yield from decide_sticky(state, with_note(there.body, note), begin=False)


def _closed(*, merged: bool) -> CheckRun:
    what = "merged" if merged else "closed"
    return neutral_check(
        NAME, f"The pull request was {what}", f"The pull request was {what} before this commit was scanned.\n"
    )
