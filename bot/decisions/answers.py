"""What each command is answered with, and what it sets going. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from bot.config import CONFIG_PATH
from bot.config.nearest import did_you_mean
from bot.decisions.actions import Reaction
from bot.decisions.authority import needed
from bot.decisions.budget_table import budgets_markdown
from bot.decisions.explanation import explanation
from bot.decisions.grammar import Command, Incomplete, Unknown, Verb
from bot.decisions.relevant import brought_by_change, has_fingerprint, with_ignored
from bot.decisions.requests import FixRequested, Forget, Remember, Rescan, SetPaused
from bot.decisions.state import Fault
from bot.decisions.threads import resolved_by_command
from bot.decisions.to_configure import REMEMBERED, TO_CONFIGURE, lines_to_add
from bot.decisions.venue import APP
from bot.reports.excerpt import no_lines
from bot.reports.inert import fenced, markdown_code, markdown_prose, markdown_text
from bot.reports.markdown_finding import Material, shown_path
from bot.reports.wording import count, counts_by_severity, series
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.decisions.actions import Action
    from bot.decisions.requests import Request
    from bot.decisions.state import CommandState
    from bot.decisions.venue import Venue
    from bot.judged import Judged
    from bot.reports.report import Report
    from fixers.findings import Finding

MAX_CONFIG = 30_000
MAX_PLACES = 5
ANNOUNCEMENT = "Scanning "
"""What the reply to a rescan begins with until there is a result; then the commit follows, shortened, as code."""


@dataclass(frozen=True)
class Answer:
    """What is replied (nothing where something else shows it), the last reaction, and what follows.

    `reaction` is None while the answer is not the last one.
    """

    text: str
    reaction: Reaction | None = Reaction.ROCKET
    actions: tuple[Action, ...] = ()
    requests: tuple[Request, ...] = ()


def answer(state: CommandState, asked: Command | Incomplete | Unknown, *, again: bool = False) -> Answer:
    """The answer to somebody who may ask.

    Args:
        state: who asks, where, and what is known.
        asked: what.
        again: whether it was answered before and what follows may not have been done to the end, after a crash.
    """
    if isinstance(asked, Unknown):
        return _unknown(asked)
    if isinstance(asked, Incomplete):
        return _no(f"{markdown_prose(asked.problem)} Write {markdown_code(asked.verb.usage)}.")
    match asked.verb:
        case Verb.RESCAN | Verb.FULL:
            return _rescan(state)
        case Verb.HELP:
            return Answer(help_text(state.venue))
        case Verb.CONFIG:
            return _config(state)
        case Verb.BUDGET:
            return _budget(state)
        case Verb.EXPLAIN:
            return _explain(state, asked.ids[0])
        case verb if verb in REMEMBERED and not state.venue.remembers:
            return _to_configure(state, asked)
        case Verb.IGNORE:
            return _ignore(state, asked.ids[0], asked.reason)
        case Verb.UNIGNORE:
            return _unignore(state, asked.ids[0], again)
        case Verb.FIX:
            return _fix(state, asked.ids)
        case Verb.PAUSE | Verb.RESUME if state.on_issue:
            return _no("This is for pull requests; who closes this issue switches it off.")
        case Verb.PAUSE:
            return _pause(state)
        case Verb.RESUME:
            return _resume(state, again)


def refusal(state: CommandState, asked: Command | Incomplete | Unknown) -> str:
    """The answer to somebody who may not ask."""
    if state.access is None:
        return (
            f"GitHub did not say what {markdown_code(state.author.login)} may do here, so nothing was done. Try again."
        )
    verb = Verb.HELP if isinstance(asked, Unknown) else asked.verb
    command, who = markdown_code(verb.usage.partition(" [")[0]), markdown_code(state.author.login)
    return (
        f"{command} needs {needed(verb)}, which {who} does not have here; nothing was done. "
        "`/perf-scan help` lists what everybody may ask. More of this today gets a reaction only."
    )


def help_text(venue: Venue = APP) -> str:
    """All commands, and who may give them."""
    does = {
        Verb.RESCAN: "scans the newest commit again",
        Verb.FULL: "the same: no scan here relies on an earlier one",
        Verb.EXPLAIN: "tells why a finding was made",
        Verb.CONFIG: "shows the configuration in force, and where it comes from",
        Verb.BUDGET: "shows the latest measurement",
        Verb.IGNORE: "silences a finding from now on",
        Verb.UNIGNORE: "shows it again",
        Verb.FIX: "commits the safe fixes here, or proposes them where that is not possible",
        Verb.PAUSE: "no new comments and no fixes here; the check goes on",
        Verb.RESUME: "ends the pause",
        Verb.HELP: "shows this",
    }
    if not venue.remembers:
        does |= dict.fromkeys((verb for verb in does if verb in REMEMBERED), TO_CONFIGURE)
    rows = [f"| {markdown_code(verb.usage)} | {what} | {needed(verb)} |" for verb, what in does.items()]
    return "\n".join(("| command | what it does | who may |", "| --- | --- | --- |", *rows))


def _no(text: str) -> Answer:
    return Answer(text, Reaction.CONFUSED)


def _unknown(asked: Unknown) -> Answer:
    hint = f"Did you mean {markdown_code(asked.nearest.usage)}?" if asked.nearest else "`/perf-scan help` lists all."
    return _no(f"There is no command {markdown_code(asked.word[:60])}. {hint}")


def _rescan(state: CommandState) -> Answer:
    if state.on_issue:
        text = "The default branch is scanned again; its check and this issue follow."
        return Answer(text, requests=(Rescan(state.commit),))
    commit = markdown_code(state.commit[:7])
    head = state.pull_request.head.sha
    if head != state.commit:
        return Answer(f"Commit {commit} is no longer the newest; {markdown_code(head[:7])} is scanned by itself.")
    if state.judged is None:
        return Answer(f"{ANNOUNCEMENT}{commit} …", None, requests=(Rescan(state.commit),))
    if isinstance(state.judged, Fault):
        return _no(f"Commit {commit} could not be scanned: {markdown_prose(state.judged.sentence)}")
    report = with_ignored(state.judged.report, state.ignored)
    counted = counts_by_severity(brought_by_change(report))
    rest = "check" if state.sees_checks else "comment"
    return Answer(f"Commit {commit} was scanned again: {counted} introduced. The {rest} tells the rest.")


def _config(state: CommandState) -> Answer:
    text = state.config_text
    shown = text[:MAX_CONFIG].rpartition("\n")[0] if len(text) > MAX_CONFIG else text
    cut = "" if shown == text else "\n\nThe rest is too long to be shown; `stanch config check` shows all of it."
    base = markdown_code(state.pull_request.base.ref)
    return Answer(f"In force here is the configuration of {base}:\n\n{fenced(shown, 'yaml')}{cut}")


def _budget(state: CommandState) -> Answer:
    if not state.sees_checks:
        return _no("Measurements cannot be read here: the installation does not grant `checks: read`.")
    again = "`stanch measure` measures on your machine; the Action measures each commit where its workflow says so."
    if state.budgets is None:
        return Answer(f"No budget was measured on {markdown_code(state.commit[:7])}. {again}")
    config = state.judged.config if _scanned(state.judged) else None
    return Answer(f"{budgets_markdown(state.budgets, config)}\n\n{again}")


def _explain(state: CommandState, name: str) -> Answer:
    judged = state.judged
    if not _scanned(judged):
        return _not_scanned(judged)
    report = with_ignored(judged.report, state.ignored)
    for commit, findings in ((judged.head, report.findings), (judged.base or judged.head, report.resolved)):
        found = _named(findings, name)
        if found:
            blob_url = f"{state.html_url}/blob/{commit}" if state.html_url else ""
            read_line = judged.read_line if commit == judged.head else no_lines
            material = Material(read_line=read_line, diffs=judged.fixes, blob_url=blob_url)
            return Answer(explanation(found[0], material, commit))
    return _no_such(report, name)


def _ignore(state: CommandState, name: str, reason: str) -> Answer:
    judged = state.judged
    if not _scanned(judged):
        return _not_scanned(judged)
    report = with_ignored(judged.report, state.ignored)
    named = _named(report.findings, name)
    if not named:
        return _no_such(report, name)
    number, login = state.pull_request.number, state.author.login
    same = {entry.fingerprint for entry in state.ignored if (entry.login, entry.reason) == (login, reason)}
    found = [item for item in named if item.suppressed is None or same & {item.id, item.fingerprint}]
    if not found:
        return _no(f"{markdown_code(name)} is silenced already.")
    text = (
        f"**Silenced**: {_places(found)}. Reason: {markdown_text(reason)}\n\n"
        f"{markdown_code(f'/perf-scan unignore {name}')} shows it again. The comment and the check follow."
    )
    return Answer(
        text,
        actions=resolved_by_command(state.threads, found, number, reason),
        requests=(Remember(_remembered(report, found, name), reason, login, found[0].rule), Rescan(state.commit)),
    )


def _to_configure(state: CommandState, asked: Command) -> Answer:
    judged = state.judged
    if asked.verb is not Verb.IGNORE:
        return Answer(lines_to_add(asked, (), CONFIG_PATH if not _scanned(judged) else judged.config_path))
    if not _scanned(judged):
        return _not_scanned(judged)
    named = _named(judged.report.findings, asked.ids[0])
    return Answer(lines_to_add(asked, named, judged.config_path)) if named else _no_such(judged.report, asked.ids[0])


def _remembered(report: Report, found: list[Finding], name: str) -> str:
    """The fingerprint, which outlives changes around the finding; the id where copies of it are to be heard of."""
    copies = [finding for finding in report.findings if finding.fingerprint == found[0].fingerprint]
    return found[0].fingerprint if len(copies) == 1 or name == found[0].fingerprint else name


def _unignore(state: CommandState, name: str, again: bool) -> Answer:
    fits = (item for item in state.ignored if name == item.fingerprint or has_fingerprint(name, item.fingerprint))
    entry = next(fits, None)
    if entry is None and again:
        return Answer("", requests=(Rescan(state.commit),))
    if entry is None:
        hint = did_you_mean(name, [item.fingerprint for item in state.ignored]) if state.ignored else ""
        near = markdown_prose(hint) if hint.startswith(", did") else ""
        return _no(f"{markdown_code(name)} was not silenced by command{near or '.'}")
    text = (
        f"{markdown_code(entry.fingerprint)} is heard of again. It was silenced by {markdown_code(entry.login)}: "
        f"{markdown_text(entry.reason)}"
    )
    return Answer(text, requests=(Forget(entry.fingerprint), Rescan(state.commit)))


def _fix(state: CommandState, ids: tuple[str, ...]) -> Answer:
    judged = state.judged
    if state.fixed is not None:
        return Answer(state.fixed.text, Reaction.ROCKET if state.fixed.is_done else Reaction.CONFUSED)
    if not state.fixing:
        which = "".join(f" --id {key}" for key in ids)
        return _no(
            f"{state.venue.no_fixes} "
            f"{markdown_code(f'stanch fix{which}')} shows the safe fixes on your machine, and `--write` applies them."
        )
    if state.paused:
        return _no("Fixing is paused in this pull request; `/perf-scan resume` ends that.")
    if not _scanned(judged):
        return _not_scanned(judged)
    if not judged.config.fix.enabled:
        return _no("Fixing is off in the configuration (`fix: enabled`).")
    if state.on_issue and not judged.is_configured:
        return _no(f"Nothing is opened before {markdown_code(CONFIG_PATH)} is on the default branch.")
    findings = brought_by_change(with_ignored(judged.report, state.ignored), confidence=judged.config.scan.confidence)
    missing = [name for name in ids if not _named(findings, name)]
    if missing:
        return _no_such(judged.report, missing[0])
    wanted = [finding for name in ids for finding in _named(findings, name)] if ids else findings
    offered = [finding for finding in wanted if finding.fix.kind is FixKind.SAFE and finding.id in judged.diffs]
    if not offered:
        what = "it" if ids else "what the default branch has" if state.on_issue else "what this change brings"
        return _no(f"There is no safe fix for {what}.")
    fixes = count(len(offered), "safe fix", "safe fixes")
    request = FixRequested(state.commit, tuple(finding.id for finding in offered))
    return Answer(f"Writing {fixes}: {_places(offered)} …", None, requests=(request,))


def _pause(state: CommandState) -> Answer:
    if state.paused:
        return Answer("It is paused here already; `/perf-scan resume` ends that.")
    text = "Paused: no new comments and no fixes in this pull request. The check goes on; `/perf-scan resume` ends it."
    return Answer(text, requests=(SetPaused(True),))


def _resume(state: CommandState, again: bool) -> Answer:
    if not state.paused and again:
        return Answer("", requests=(Rescan(state.commit),))
    if not state.paused:
        return Answer("Nothing is paused here.")
    return Answer("Resumed.", requests=(SetPaused(False), Rescan(state.commit)))


def _scanned(judged: Judged | Fault | None) -> TypeGuard[Judged]:
    return judged is not None and not isinstance(judged, Fault)


def _not_scanned(judged: Judged | Fault | None) -> Answer:
    why = f": {markdown_prose(judged.sentence)}" if isinstance(judged, Fault) else "."
    return _no(f"This commit was not scanned{why} `/perf-scan` scans it.")


def _named(findings: Iterable[Finding], name: str) -> list[Finding]:
    """The findings with an ID, or all with a fingerprint."""
    return [finding for finding in findings if name in {finding.id, finding.fingerprint}]


def _no_such(report: Report, name: str) -> Answer:
    hint = did_you_mean(name, [finding.id for finding in report.findings])
    near = markdown_prose(hint) if hint.startswith(", did") else "; the comment and the check show the IDs."
    whose = "the default branch" if report.base is None else "this pull request"
    return _no(f"No finding of {whose} has the ID {markdown_code(name)}{near}")


def _places(findings: list[Finding]) -> str:
    places = [f"{shown_path(item.path, item.line)} ({markdown_code(item.rule)})" for item in findings[:MAX_PLACES]]
    if len(findings) > MAX_PLACES:
        places.append(f"{len(findings) - MAX_PLACES} more")
    return series(places)
