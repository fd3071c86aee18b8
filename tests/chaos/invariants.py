"""What has to be true at the end, by a model of its own: it reads GitHub and git, and knows the contract."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from bot.database import audit
from bot.database.tables import JOBS, OPEN_CHECKS
from tests.chaos.markers import field_of
from tests.chaos.people import LEAK_SIGN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.people import Command, People, Workshop
    from tests.chaos.stage import Stage
    from tests.github import CommentHandle, PullHandle

STOPPED: Final = "The worker that ran it stopped."
_LEAKS: Final = re.compile(r"introduces (?P<count>\d+) leaks?")


@dataclass
class Verdict:
    """What was found. `broken`: a sentence for each thing that is not as it has to be."""

    broken: list[str] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)


def check(stage: Stage, people: People) -> Verdict:
    """Holds everything that is there against the model."""
    verdict = Verdict()
    given_up = _given_up(stage, verdict)
    verdict.broken += _of_the_service(stage)
    for workshop in people.workshops:
        verdict.broken += _checks(stage, workshop, verdict)
        verdict.broken += _default_branch(workshop, given_up)
        for pull in workshop.handle.pulls:
            verdict.broken += _conversation(stage, workshop, pull, verdict)
            if (workshop.handle.id, pull.number) not in given_up:
                verdict.broken += _pull_request(stage, workshop, pull)
    by_pull = {(command.repository.id, command.pull.number) for command in people.commands}
    closings = {workshop.handle.id: workshop.closings for workshop in people.workshops}
    for command in people.commands:
        verdict.counted["commands"] += 1
        closed = closings[command.repository.id].get(command.pull.number, 0) > command.closings
        if (command.repository.id, command.pull.number) not in given_up:
            verdict.broken += _command(stage, command, closed=closed)
    verdict.counted["pull requests with commands"] = len(by_pull)
    return verdict


def _given_up(stage: Stage, verdict: Verdict) -> set[tuple[int, int | None]]:
    """Repository and number (None: the default branch) of what was given up because its workers were killed."""
    found: set[tuple[int, int | None]] = set()
    with stage.database.begin() as connection:
        rows = connection.execute(select(JOBS).where(JOBS.c.state == "poison")).all()
    attempts = {attempt.guid: attempt for attempt in stage.github.deliveries}
    for row in rows:
        verdict.counted["given up"] += 1
        if row.reason != STOPPED or row.lane.startswith("upkeep/"):
            verdict.broken.append(f"{row.kind} {row.lane} was given up: {row.reason}")
        if row.kind == "delivery":
            payload = attempts[row.arguments["delivery"]].payload
            subject = payload.get("pull_request") or payload.get("issue") or {}
            found.add((payload["repository"]["id"], subject.get("number")))
        elif "repository" in row.arguments:
            found.add((row.arguments["repository"], row.arguments.get("number")))
    return found


def _of_the_service(stage: Stage) -> Iterator[str]:
    left = stage.left()
    if not left.is_nothing:
        yield f"Something waits: {left}"
    with stage.database.begin() as connection:
        chain = audit.verify(connection)
        still_open = connection.execute(select(OPEN_CHECKS)).all()
    if chain.broken_at is not None:
        yield f"The audit log is broken at row {chain.broken_at}."
    for row in still_open:
        yield f"The database takes check {row.check_id} of {row.repository_id} for open."
    yield from (f"GitHub would not understand: {violation}" for violation in stage.github.violations)
    if stage.github.limits.violations:
        yield f"{stage.github.limits.violations} requests were sent before a limit that was told was over."
    for process in stage.processes:
        log = process.log.read_text("utf-8", "replace")
        for name in ("run failed", "Traceback (most recent call last)"):
            if times := log.count(name):
                yield f"The log of {process.name} has {name!r} {times} times."


def _checks(stage: Stage, workshop: Workshop, verdict: Verdict) -> Iterator[str]:
    name = workshop.handle.full_name
    runs = [run for run in workshop.handle.repository.check_runs.values() if run.app is stage.app.app]
    verdict.counted["checks"] += len(runs)
    for run in runs:
        if run.status != "completed":
            yield f"{name}: check {run.id} ({run.external_id}) is {run.status}."
    for key, times in Counter((run.head_sha, run.external_id) for run in runs).items():
        if times > 1:
            yield f"{name}: check {key[1]} is there {times} times."


def _default_branch(workshop: Workshop, given_up: set[tuple[int, int | None]]) -> Iterator[str]:
    handle = workshop.handle
    if not workshop.pushed_to_default or (handle.id, None) in given_up:
        return
    runs = handle.check_runs(handle.head(), "stanch repository")
    wanted = "neutral" if _leaks_in_tree(workshop) else "success"
    got = runs[0].conclusion if runs else None
    if got != wanted:
        yield f"{handle.full_name}: the check of the default branch at {handle.head()[:7]} says {got}, not {wanted}."


def _leaks_in_tree(workshop: Workshop) -> bool:
    handle = workshop.handle
    files = handle.git("ls-tree", "-r", "--name-only", handle.head()).splitlines()
    return any(LEAK_SIGN in handle.git("show", f"{handle.head()}:{path}") for path in files)


def _introduced(workshop: Workshop, pull: PullHandle) -> set[str]:
    """The files that leak at the head and did not at the merge base."""
    handle = workshop.handle
    base = handle.git("merge-base", pull.base_sha, pull.head_sha)
    found = set()
    for change in pull.files:
        if change.status == "removed" or LEAK_SIGN not in handle.git("show", f"{pull.head_sha}:{change.path}"):
            continue
        before = change.previous or change.path
        there = handle.git("ls-tree", "--name-only", base, before)
        if not there or LEAK_SIGN not in handle.git("show", f"{base}:{before}"):
            found.add(change.path)
    return found


def _conversation(stage: Stage, workshop: Workshop, pull: PullHandle, verdict: Verdict) -> Iterator[str]:
    """Nothing is there twice, whatever became of the pull request."""
    where = f"{workshop.handle.full_name}#{pull.number}"
    ours = pull.comments_by(stage.app.app)
    verdict.counted["comments"] += len(ours)
    for key, times in Counter(field_of(comment.body, "key") for comment in ours).items():
        if key is None:
            yield f"{where}: {times} comments have no key."
        elif times > 1:
            yield f"{where}: comment {key} is there {times} times."
    threads = [thread for thread in pull.threads if thread.comments[0].app is stage.app.app]
    verdict.counted["threads"] += len(threads)
    for finding, times in Counter(field_of(thread.comments[0].body, "id") for thread in threads).items():
        if times > 1:
            yield f"{where}: finding {finding} has {times} threads."


def _pull_request(stage: Stage, workshop: Workshop, pull: PullHandle) -> Iterator[str]:
    """An open pull request tells what its head is like."""
    if pull.state != "open":
        return
    where = f"{workshop.handle.full_name}#{pull.number} at {pull.head_sha[:7]}"
    ignored, paused = _told(stage, workshop, pull)
    leaks = {path for path in _introduced(workshop, pull) if path not in ignored}
    yield from _head_check(workshop, pull, leaks, where)
    stickies = [
        comment
        for comment in pull.comments_by(stage.app.app)
        if field_of(comment.body, "key") == f"pull/{pull.number}/review"
    ]
    if not stickies:
        if leaks and not pull.is_draft and not paused:
            yield f"{where}: {len(leaks)} leaks, and no comment."
        return
    yield from _sticky(stickies[0], pull, leaks, where)
    for thread in pull.threads:
        body = thread.comments[0].body
        is_done = thread.is_resolved or "<!-- stanch:v1 done=yes -->" in body
        if not is_done and thread.anchor.path not in leaks:
            yield f"{where}: the thread on {thread.anchor.path} is open, and nothing leaks there."


def _head_check(workshop: Workshop, pull: PullHandle, leaks: set[str], where: str) -> Iterator[str]:
    runs = workshop.handle.check_runs(pull.head_sha, "stanch")
    wanted = "neutral" if leaks else "success"
    got = (runs[0].status, runs[0].conclusion, runs[0].title) if runs else None
    if got is None or got[:2] != ("completed", wanted):
        yield f"{where}: the check says {got}, not {wanted}."


def _sticky(comment: CommentHandle, pull: PullHandle, leaks: set[str], where: str) -> Iterator[str]:
    if f"`{pull.head_sha[:7]}`" not in comment.body:
        yield f"{where}: the comment is about another commit."
    told = _LEAKS.search(comment.body)
    count = int(told["count"]) if told is not None else 0
    if count != len(leaks):
        yield f"{where}: the comment tells {count} leaks, and there are {len(leaks)}."


def _told(stage: Stage, workshop: Workshop, pull: PullHandle) -> tuple[set[str], bool]:
    """The files that are silenced by command in the repository, and whether this pull request is or was paused."""
    ignored: set[str] = set()
    for other in workshop.handle.pulls:
        for comment in other.comments_by(stage.app.app):
            if comment.body.partition("\n\n")[2].find("**Silenced**: ") >= 0:
                ignored |= set(re.findall(r"src/[a-z0-9-]+\.js", comment.body))
    paused = any("Paused: no new comments" in comment.body for comment in pull.comments_by(stage.app.app))
    return ignored, paused


def _command(stage: Stage, command: Command, *, closed: bool) -> Iterator[str]:
    where = f"{command.repository.full_name}#{command.pull.number} {command.login}: /perf-scan {command.text}"
    ours = command.pull.comments_by(stage.app.app)
    replies = [comment for comment in ours if field_of(comment.body, "key") == f"reply/{command.comment.id}"]
    reactions = sorted(reaction.content for reaction in command.comment.reactions)
    if closed and len(replies) <= 1:
        return
    if command.may:
        if len(replies) != 1:
            yield f"{where}: {len(replies)} replies."
        if reactions not in (["eyes", "rocket"], ["confused", "eyes"]):
            yield f"{where}: the reactions are {reactions}: {[reply.body[-120:] for reply in replies]}"
        return
    prefix = f"refusal/{command.pull.number}/"
    refusals = [comment for comment in ours if (field_of(comment.body, "key") or "").startswith(prefix)]
    if replies:
        yield f"{where}: it was answered, though they may not."
    if not any(f"`{command.login}`" in comment.body for comment in refusals):
        yield f"{where}: nobody told them that they may not."
    if reactions != ["confused"]:
        yield f"{where}: the reactions are {reactions}."
