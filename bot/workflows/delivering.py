"""A recorded delivery turned into work: jobs for scans, answers to commands, and what is known of installations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

import structlog

from bot.acting import Actor, Cause
from bot.database import deliveries, installations, pull_requests
from bot.decisions.budgets import CHECK_NAME as BUDGETS_NAME
from bot.decisions.checks import NAME
from bot.decisions.checks import RESCAN as RESCAN_BUTTON
from bot.decisions.default_branch import NAME as BRANCH_NAME
from bot.decisions.state import Pressed, Written
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
from bot.workflows.answering import ANSWERING, Asking, answer, written_inline
from bot.workflows.context import guarded, workplace
from bot.workflows.lanes import PUSH_WINDOW, submit_branch, submit_merge_queue, submit_review

if TYPE_CHECKING:
    from bot.database.deliveries import StoredDelivery
    from bot.github.events import Event
    from bot.github.models import RepositoryRef
    from bot.jobs.lease import Lease
    from bot.jobs.model import Job, Outcome
    from bot.workflows.context import Context

_QUEUED: Final = re.compile(rf"{MERGE_QUEUE}.+/pr-(?P<number>[0-9]{{1,9}})-[0-9a-f]+")
_log = structlog.get_logger("stanch.deliveries")


def deliver(context: Context, job: Job, lease: Lease) -> Outcome:
    """Deals with a delivery, and marks it done when its effect is certain. Argument of the job: `guid`."""
    guid = str(job.arguments["guid"])
    with context.database.begin() as connection:
        delivery = deliveries.load(connection, guid)

    def work() -> None:
        if delivery is not None:
            _Delivery(context, delivery, lease).run()
            with context.database.begin() as connection:
                deliveries.done(connection, guid)

    with structlog.contextvars.bound_contextvars(delivery=guid):
        outcome = guarded(work)
        if isinstance(outcome, Drop):
            # It would be dropped again however often it is taken up.
            lease.check()
            with context.database.begin() as connection:
                deliveries.done(connection, guid)
        return outcome


def give_up(context: Context, job: Job, lease: Lease, reason: str) -> Outcome:
    """Puts a delivery aside that cannot be dealt with, so that it is not taken up for ever."""

    def work() -> None:
        lease.check()
        _log.error("given up", delivery=str(job.arguments["guid"]), reason=reason)
        with context.database.begin() as connection:
            deliveries.done(connection, str(job.arguments["guid"]))

    return guarded(work)


class _Delivery:
    """One delivery."""

    def __init__(self, context: Context, delivery: StoredDelivery, lease: Lease) -> None:
        self._context = context
        self._delivery = delivery
        self._lease = lease

    def run(self) -> None:
        try:
            event = parse_event(self._delivery.event, self._delivery.payload)
        except PayloadError as error:
            _log.warning("not what it should be", reason=str(error))
            return
        if isinstance(event, Ignored):
            _log.info("ignored", reason=event.reason)
            return
        self._handle(event)

    def _handle(self, event: Event) -> None:
        match event:
            case Pinged() | IssueEdited():
                pass
            case PullRequestChanged():
                self._pull_request(event)
            case Pushed():
                self._push(event)
            case Commented():
                if event.is_pull_request and event.is_open:
                    self._command(event.repository, event.number, Written(event.comment))
            case ReviewCommented():
                if event.pull_request.is_open:
                    self._command(
                        event.repository,
                        event.pull_request.number,
                        written_inline(event.comment, self._delivery.received_at),
                        event.pull_request.head.sha,
                    )
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

    def _know(self, ref: RepositoryRef) -> None:
        with self._context.database.begin() as connection:
            installations.meet_repository(connection, ref)

    def _pull_request(self, event: PullRequestChanged) -> None:
        self._know(event.repository)
        repository_id, pull_request = event.repository.repository_id, event.pull_request
        with self._context.database.begin() as connection:
            # A push is told of at once, so that this is when it was made.
            since = pull_request.updated_at if event.action == "synchronize" else None
            pull_requests.want(connection, repository_id, pull_request.number, pull_request.head.sha, since)
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
            self._again(event.repository, event.head_sha, event.pull_requests)

    def _check_run(self, event: CheckRunChanged) -> None:
        self._know(event.repository)
        ours = event.check.app_id == self._context.app.identity().app_id
        if event.action == "completed":
            if event.check.name == BUDGETS_NAME and not ours:
                self._again(event.repository, event.check.head_sha, event.pull_requests)
        elif ours and event.check.name == BRANCH_NAME:
            submit_branch(self._context.queue, event.repository.repository_id, event.check.head_sha, revive=True)
        elif ours and event.check.name == NAME:
            self._about_check(event)

    def _about_check(self, event: CheckRunChanged) -> None:
        """A button of our check was pressed, or the check itself asked for again."""
        identifier = event.identifier or RESCAN_BUTTON.identifier
        if event.action == "rerequested":
            # GitHub offers this to those with write access only.
            self._again(event.repository, event.check.head_sha, event.pull_requests)
            return
        for number in self._numbers(event.repository, event.check.head_sha, event.pull_requests):
            pressed = Pressed(event.check.id, identifier, event.sender, self._delivery.received_at)
            self._command(event.repository, number, pressed)

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

    def _command(self, ref: RepositoryRef, number: int, origin: Written | Pressed, head: str | None = None) -> None:
        self._know(ref)
        author = origin.comment.author if isinstance(origin, Written) else origin.sender
        cause = Cause(author.login, "command", self._delivery.guid)
        with workplace(self._context, ref.repository_id, ANSWERING, Priority.PERSON) as place:
            actor = Actor(place.github, place.app, self._context.database, self._lease, cause, number=number)
            answer(Asking(self._context, place, actor, self._lease), origin, number, head)

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

    def _repositories(self, event: InstallationRepositoriesChanged) -> None:
        with self._context.database.begin() as connection:
            for ref in event.removed:
                installations.remove_repository(connection, ref.repository_id, ref.installation_id)
            for ref in event.added:
                installations.save_repository(connection, ref)

    def _repository(self, event: RepositoryChanged) -> None:
        if event.action == "deleted":
            with self._context.database.begin() as connection:
                installations.forget_everything(connection, event.repository.repository_id)
            return
        with self._context.database.begin() as connection:
            installations.save_repository(connection, event.repository, is_archived=event.is_archived)
        if event.action == "edited":
            submit_branch(self._context.queue, event.repository.repository_id, revive=True)
