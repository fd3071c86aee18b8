"""A recorded delivery turned into work: jobs for scans, answers to commands, and what is known of installations."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from bot.acting import Actor, Cause, NotYetError
from bot.database import deliveries, fix_pull_requests, installations, pull_requests, tracking_issues
from bot.database.fences import LeaseLost
from bot.decisions.authority import is_open_to_all
from bot.decisions.budgets import CHECK_NAME as BUDGETS_NAME
from bot.decisions.checks import FIX_ALL as FIX_BUTTON
from bot.decisions.checks import NAME
from bot.decisions.checks import RESCAN as RESCAN_BUTTON
from bot.decisions.default_branch import NAME as BRANCH_NAME
from bot.decisions.state import Pressed, Written
from bot.github.errors import Limited, Unauthorized, Unavailable
from bot.github.events import (
    MERGE_QUEUE,
    CheckRunChanged,
    CheckSuiteRequested,
    Commented,
    Ignored,
    InstallationChanged,
    InstallationRepositoriesChanged,
    IssueEdited,
    PayloadError,
    Pinged,
    PullRequestChanged,
    Pushed,
    RepositoryChanged,
    ReviewCommented,
    parse_event,
)
from bot.github.limits import Priority
from bot.jobs.model import Drop
from bot.workflows.answering import ANSWERING, Asking, answer, answer_failure, written_inline
from bot.workflows.context import TRACKING, guarded, workplace
from bot.workflows.lanes import (
    PUSH_WINDOW,
    submit_branch,
    submit_command,
    submit_fixes,
    submit_merge_queue,
    submit_reconcile,
    submit_review,
)
from bot.workflows.tracking import Tracking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.database.deliveries import StoredDelivery
    from bot.decisions.grammar import Verb
    from bot.github.events import Event
    from bot.github.models import RepositoryRef
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context

_TOLD: Final = frozenset({"closed", "reopened", "synchronize"})
"""What may happen to a pull request of ours that we have to hear of."""
_QUEUED: Final = re.compile(rf"{MERGE_QUEUE}.+/pr-(?P<number>[0-9]{{1,9}})-[0-9a-f]+")
_log = structlog.get_logger("stanch.deliveries")


def deliver(context: Context, job: Job, lease: Lease) -> Outcome:
    """Deals with a delivery, and marks it done when its effect is certain. Argument of the job: `delivery`, its GUID.

    A command in it that takes a scan is acknowledged only, and left to `carry_out_command`.
    """
    return _worked_off(context, job, lease, _Delivery.run)


def carry_out_command(context: Context, job: Job, lease: Lease) -> Outcome:
    """Answers the commands of a delivery whatever time it takes, and marks it done. Argument: as of `deliver`."""
    return _worked_off(context, job, lease, _Delivery.carry_out)


def _worked_off(context: Context, job: Job, lease: Lease, step: Callable[[_Delivery], bool]) -> Outcome:
    """Does a step with a delivery that is not done; `step` says whether it is done then."""
    guid = str(job.arguments["delivery"])
    with context.database.begin() as connection:
        delivery = deliveries.load(connection, guid)

    def work() -> None:
        if delivery is not None and step(_Delivery(context, delivery, lease)):
            with context.database.begin() as connection:
                deliveries.done(connection, guid)

    outcome = guarded(work)
    if isinstance(outcome, Drop):
        # It would be dropped again however often it is taken up.
        lease.check()
        with context.database.begin() as connection:
            deliveries.done(connection, guid)
    return outcome


def give_up(context: Context, job: Job, lease: Lease, reason: str) -> Outcome:
    """Puts a delivery aside that cannot be dealt with, and tells whoever gave a command in it."""
    guid = str(job.arguments["delivery"])
    with context.database.begin() as connection:
        delivery = deliveries.load(connection, guid)

    def work() -> None:
        lease.check()
        _log.error("given up", reason=reason)
        if delivery is not None:
            _tell(_Delivery(context, delivery, lease), reason)
        lease.check()
        with context.database.begin() as connection:
            deliveries.done(connection, guid)

    return guarded(work)


def _tell(delivery: _Delivery, reason: str) -> None:
    """Answers the commands of a delivery that was given up, as far as that can be done.

    Raises:
        LeaseLost: somebody else does.
        GitHubError, NotYetError: it can be done later.
    """
    try:
        delivery.fail(reason)
    except (LeaseLost, NotYetError, Limited, Unavailable, Unauthorized):
        raise
    except Exception:
        # What it failed over may be what an answer needs too; it is put aside all the same.
        _log.exception("not answered")


@dataclass(frozen=True)
class _Given:
    """What may be a command: where it was given; `head`: of the pull request then, where the event says it."""

    repository: RepositoryRef
    number: int
    origin: Written | Pressed
    head: str | None = None


class _Delivery:
    """One delivery."""

    def __init__(self, context: Context, delivery: StoredDelivery, lease: Lease) -> None:
        self._context = context
        self._delivery = delivery
        self._lease = lease

    def run(self) -> bool:
        event = self._event()
        if event is None:
            return True
        self._handle(event)
        # A press of one button may be about several pull requests.
        left = [self._leave(given) for given in self._given(event)]
        return not any(left)

    def carry_out(self) -> bool:
        event = self._event()
        for given in self._given(event) if event is not None else ():
            self._answer(given, may_scan=True)
        return True

    def fail(self, reason: str) -> None:
        event = self._event()
        for given in self._given(event) if event is not None else ():
            with self._asking(given) as asking:
                answer_failure(asking, given.origin, given.number, reason)

    def _event(self) -> Event | None:
        try:
            event = parse_event(self._delivery.event, self._delivery.payload)
        except PayloadError as error:
            _log.warning("not what it should be", reason=str(error))
            return None
        if isinstance(event, Ignored):
            _log.info("ignored", reason=event.reason)
            return None
        return event

    def _handle(self, event: Event) -> None:
        match event:
            case Pinged() | Commented() | ReviewCommented():
                pass
            case IssueEdited():
                self._issue(event)
            case PullRequestChanged():
                self._pull_request(event)
            case Pushed():
                self._push(event)
            case CheckRunChanged():
                self._check_run(event)
            case CheckSuiteRequested():
                self._check_suite(event)
            case InstallationChanged():
                self._installation(event)
            case InstallationRepositoriesChanged():
                self._repositories(event)
            case RepositoryChanged():
                self._repository(event)
            case _:
                assert_never(event)

    def _given(self, event: Event) -> Iterator[_Given]:
        """What may be a command in an event."""
        match event:
            case Commented() if event.is_open and (event.is_pull_request or self._is_tracked_in(event)):
                yield _Given(event.repository, event.number, Written(event.comment))
            case ReviewCommented() if event.pull_request.is_open:
                written = written_inline(event.comment, self._delivery.received_at)
                yield _Given(event.repository, event.pull_request.number, written, event.pull_request.head.sha)
            case CheckRunChanged() if event.action == "requested_action" and self._is_ours(event):
                identifier = event.identifier or RESCAN_BUTTON.identifier
                pressed = Pressed(event.check.id, identifier, event.sender, self._delivery.received_at)
                # Fixes are for what the check shows; everything else is about the newest commit.
                head = event.check.head_sha if identifier == FIX_BUTTON.identifier else None
                for number in self._numbers(event.repository, event.check.head_sha, event.pull_requests):
                    yield _Given(event.repository, number, pressed, head)

    def _is_tracked_in(self, event: Commented) -> bool:
        with self._context.database.begin() as connection:
            return tracking_issues.number_of(connection, event.repository.repository_id) == event.number

    def _know(self, ref: RepositoryRef) -> None:
        with self._context.database.begin() as connection:
            installations.meet_repository(connection, ref)

    def _pull_request(self, event: PullRequestChanged) -> None:
        self._know(event.repository)
        repository_id, pull_request = event.repository.repository_id, event.pull_request
        with self._context.database.begin() as connection:
            # It is told of at once, so that this is when it was pushed.
            since = pull_request.updated_at if event.action in {"opened", "synchronize"} else None
            pull_requests.want(connection, repository_id, pull_request.number, pull_request.head.sha, since)
            branch = None if pull_request.from_fork else pull_request.head.ref
            is_ours = fix_pull_requests.concerns(connection, repository_id, pull_request.number, branch)
        if is_ours and event.action in _TOLD:
            submit_fixes(self._context.queue, repository_id, revive=True)
        delay = PUSH_WINDOW if event.action == "synchronize" else PUSH_WINDOW * 0
        # Whoever reopens a pull request or gives it another base asks anew about the same commit.
        submit_review(
            self._context.queue,
            repository_id,
            pull_request.number,
            pull_request.head.sha,
            delay=delay,
            revive=event.action != "synchronize",
        )

    def _issue(self, event: IssueEdited) -> None:
        self._know(event.repository)
        cause = Cause(event.sender.login, "box of the tracking issue", self._delivery.guid)
        with workplace(self._context, event.repository.repository_id, TRACKING, Priority.PERSON) as place:
            actor = Actor(place.github, place.app, self._context.database, self._lease, cause)
            Tracking(self._context, place, actor).hear(event)

    def _push(self, event: Pushed) -> None:
        self._know(event.repository)
        if event.is_default_branch and event.after is not None:
            submit_branch(self._context.queue, event.repository.repository_id, event.after, delay=PUSH_WINDOW)
        elif event.after is not None:
            self._merge_queue(event.repository, event.branch, event.after)

    def _merge_queue(self, ref: RepositoryRef, branch: str | None, head: str) -> bool:
        if not (branch or "").startswith(MERGE_QUEUE):
            return False
        queued = _QUEUED.fullmatch(branch or "")
        number = int(queued["number"]) if queued else 0
        submit_merge_queue(self._context.queue, ref.repository_id, head, number)
        return True

    def _check_suite(self, event: CheckSuiteRequested) -> None:
        self._know(event.repository)
        if self._merge_queue(event.repository, event.head_branch, event.head_sha):
            return
        if event.action == "rerequested":
            if event.is_default_branch:
                submit_branch(self._context.queue, event.repository.repository_id, event.head_sha, revive=True)
            self._again(event.repository, event.head_sha, event.pull_requests)

    def _check_run(self, event: CheckRunChanged) -> None:
        self._know(event.repository)
        head = event.check.head_sha
        if event.action == "completed":
            if event.check.name == BUDGETS_NAME and not self._is_ours(event, BUDGETS_NAME):
                self._again(event.repository, head, event.pull_requests)
                self._told_in_fixes(event)
        elif self._is_ours(event, BRANCH_NAME):
            submit_branch(self._context.queue, event.repository.repository_id, head, revive=True)
        elif event.action == "rerequested" and self._is_ours(event):
            # GitHub offers this to those with write access only.
            self._again(event.repository, head, event.pull_requests)

    def _told_in_fixes(self, event: CheckRunChanged) -> None:
        """What was measured on a branch of ours is told in its pull request."""
        repository_id, branch = event.repository.repository_id, event.head_branch
        with self._context.database.begin() as connection:
            known = branch is not None and fix_pull_requests.find(connection, repository_id, branch) is not None
        if known:
            submit_fixes(self._context.queue, repository_id, revive=True)

    def _is_ours(self, event: CheckRunChanged, name: str = NAME) -> bool:
        return event.check.name == name and event.check.app_id == self._context.app.identity().app_id

    def _again(self, ref: RepositoryRef, head: str, numbers: tuple[int, ...]) -> None:
        for number in self._numbers(ref, head, numbers):
            submit_review(self._context.queue, ref.repository_id, number, head, revive=True)

    def _numbers(self, ref: RepositoryRef, head: str, numbers: tuple[int, ...]) -> tuple[int, ...]:
        """The pull requests of a commit; GitHub names none for those from forks."""
        if numbers:
            return numbers
        wanted = {"pull_requests": "read", "contents": "read"}
        with workplace(self._context, ref.repository_id, wanted, Priority.PERSON) as place:
            return tuple(pull_request.number for pull_request in place.github.pull_requests_with_head(head))

    def _leave(self, given: _Given) -> bool:
        """Answers what may be a command, or leaves it to a job of its own; whether it did that."""
        verb = self._answer(given, may_scan=False)
        if verb is None:
            return False
        submit_command(
            self._context.queue,
            given.repository.repository_id,
            self._delivery.guid,
            is_open_to_all=is_open_to_all(verb),
        )
        return True

    def _answer(self, given: _Given, *, may_scan: bool) -> Verb | None:
        self._know(given.repository)
        with self._asking(given) as asking:
            return answer(asking, given.origin, given.number, given.head, may_scan=may_scan)

    @contextmanager
    def _asking(self, given: _Given) -> Iterator[Asking]:
        origin = given.origin
        author = origin.comment.author if isinstance(origin, Written) else origin.sender
        cause = Cause(author.login, "command", self._delivery.guid)
        with workplace(self._context, given.repository.repository_id, ANSWERING, Priority.PERSON) as place:
            actor = Actor(place.github, place.app, self._context.database, self._lease, cause, number=given.number)
            yield Asking(self._context, place, actor, self._lease)

    def _installation(self, event: InstallationChanged) -> None:
        found = event.installation
        with self._context.database.begin() as connection:
            if event.action == "deleted":
                installations.remove_installation(connection, found.id)
                return
            installations.save_installation(
                connection, found.id, found.account.id, found.account.login, found.permissions
            )
            if event.action == "suspend":
                installations.suspend(connection, found.id)
            elif event.action == "unsuspend":
                installations.unsuspend(connection, found.id)
            for ref in event.repositories:
                installations.save_repository(connection, ref)
        for ref in event.repositories:
            submit_fixes(self._context.queue, ref.repository_id, revive=True)
        if event.action != "suspend":
            # What is open already is reviewed now.
            submit_reconcile(self._context.queue)

    def _repositories(self, event: InstallationRepositoriesChanged) -> None:
        with self._context.database.begin() as connection:
            for ref in event.removed:
                installations.remove_repository(connection, ref.repository_id, ref.installation_id)
            for ref in event.added:
                installations.save_repository(connection, ref)
        for ref in event.added:
            submit_fixes(self._context.queue, ref.repository_id, revive=True)
        if event.added:
            submit_reconcile(self._context.queue)

    def _repository(self, event: RepositoryChanged) -> None:
        if event.action == "deleted":
            with self._context.database.begin() as connection:
                installations.forget_everything(connection, event.repository.repository_id)
            return
        with self._context.database.begin() as connection:
            installations.save_repository(connection, event.repository, is_archived=event.is_archived)
        if event.action == "edited":
            submit_branch(self._context.queue, event.repository.repository_id, revive=True)
