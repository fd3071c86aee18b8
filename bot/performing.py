"""Performs the actions of a decision on GitHub, each once; what of it has to be remembered, and where, is another's.

`Performer` remembers nothing: it looks on GitHub for what it is about to make, which is enough where nothing else
writes the same at the same time. `bot.acting.Actor` is one with a ledger.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from bot.decisions.actions import (
    NOTHING_REFUSED,
    CommentOnFile,
    CreateComment,
    CreateReview,
    EditComment,
    EditInlineComment,
    FinishCheck,
    React,
    Refused,
    ReplyInThread,
    ResolveThread,
    StartCheck,
    UploadSarif,
)
from bot.decisions.checks import neutral_check
from bot.decisions.markers import marked
from bot.decisions.own import own_comments
from bot.decisions.threads import finding_ids, smaller_reviews
from bot.github.errors import Forbidden, NotFound, Unavailable, Unprocessable
from bot.github.models import CheckRunState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bot.decisions.actions import Action
    from bot.github.errors import GitHubError
    from bot.github.models import AppIdentity
    from bot.github.repository import RepositoryClient

_UNTOLD: Final = "The result cannot be shown", "GitHub did not take the result, so there is none; it blocks nothing.\n"


class Performer:
    """Performs the actions of one job in one repository."""

    def __init__(self, github: RepositoryClient, app: AppIdentity) -> None:
        """Prepares; nothing is written yet.

        Args:
            github: the client of the job.
            app: who we are, to know our own again.
        """
        self._github = github
        self._app = app
        self.started: list[CheckRunState] = []
        """The check runs that were started here, as GitHub shows them now."""

    def act(self, decide: Callable[[Refused], Sequence[Action]]) -> None:
        """Performs a decision, and decides again where GitHub refuses comments on lines or files.

        Args:
            decide: the actions, given what GitHub has refused.

        Raises:
            GitHubError: GitHub could not be asked; the job is to be tried again.
            Exception: of `check` and `once`: nothing more is to be written now.
        """
        refused = NOTHING_REFUSED
        posted: frozenset[str] = frozenset()
        performed: set[str] = set()
        while True:
            newly = NOTHING_REFUSED
            for action in decide(refused):
                if isinstance(action, CreateReview):
                    new, newly = self._review(_without(action, posted))
                    posted |= new
                elif action.key not in performed:
                    performed.add(action.key)
                    is_taken = self._perform(action)
                    if isinstance(action, CommentOnFile) and not is_taken:
                        newly = Refused(files=frozenset(filter(None, [marked(action.body, "id")])))
                if newly != NOTHING_REFUSED:
                    break
            if newly == NOTHING_REFUSED:
                return
            refused |= newly

    def _perform(self, action: Action) -> bool:
        """Whether GitHub has taken it."""
        try:
            self.check()
            result = self._write(action)
        except (Forbidden, NotFound, Unprocessable) as error:
            # The rest of the decision stands: a check has to end even where a comment may not be written.
            self.refused(action, error)
            self.audit(action.key, f"refused: {type(error).__name__}")
            return False
        self.audit(action.key, result)
        return True

    # What others do otherwise

    def check(self) -> None:
        """Asks whether something may be written now; raises where it may not."""

    def once(self, key: str, find: Callable[[], int | None], make: Callable[[], int]) -> tuple[bool, int]:  # noqa: ARG002
        """Makes something that is made once.

        Args:
            key: of what is made.
            find: looks for what an earlier run has made; gives its id.
            make: makes it, and gives its id.

        Returns:
            Whether this run made it, and its id.
        """
        found = find()
        if found is not None:
            return False, found
        try:
            return True, make()
        except Unavailable as error:
            made = find() if error.maybe_done else None
            if made is None:
                raise
            return True, made

    def audit(self, key: str, result: str) -> None:
        """Is told what became of an action."""

    def refused(self, action: Action, error: GitHubError) -> None:
        """Is told what GitHub does not take."""

    def _check_begun(self, action: StartCheck) -> None:
        """A check run is about to be made."""

    def _check_started(self, action: StartCheck, check_id: int) -> None:
        """A check run was made."""

    def _check_ended(self, key: str) -> None:
        """Nobody has to end a check run any more."""

    # Each action

    def _write(self, action: Action) -> str:
        github = self._github
        match action:
            case CreateComment():
                return self._create_comment(action)
            case ReplyInThread():
                self.once(action.key, lambda: self._find_reply(action), lambda: self._reply(action))
            case CommentOnFile():
                ids = frozenset(filter(None, [marked(action.body, "id")]))
                self.once(action.key, lambda: self._find_thread(action.number, ids), lambda: self._on_file(action))
            case EditComment():
                github.edit_comment(action.comment_id, action.body)
            case EditInlineComment():
                github.edit_review_comment(action.comment_id, action.body)
            case StartCheck():
                self._start_check(action)
            case FinishCheck():
                return self._finish_check(action)
            case ResolveThread():
                return self._resolve(action)
            case React():
                github.react(action.subject, action.comment_id, action.reaction)
            case UploadSarif():
                github.upload_sarif(action.commit, action.ref, action.sarif)
            case CreateReview():
                raise AssertionError("reviews are isolated before they are written")
            case _:
                assert_never(action)
        return "done"

    def _create_comment(self, action: CreateComment) -> str:
        def find() -> int | None:
            found = own_comments(self._github.issue_comments(action.number), self._app, action.key)
            return found[0].id if found else None

        def make() -> int:
            return self._github.create_comment(action.number, action.body)

        made, known = self.once(action.key, find, make)
        if made:
            return "done"
        # It was there before, and the decision did not see it: its list was older, or somebody deleted it.
        try:
            self._github.edit_comment(known, action.body)
        except NotFound:
            return "left away: somebody deleted it"
        return "done"

    def _find_reply(self, action: ReplyInThread) -> int | None:
        comments = self._github.review_comments(action.number)
        ours = (item for item in comments if item.author.login == self._app.login)
        return next((item.id for item in ours if marked(item.body, "key") == action.key), None)

    def _reply(self, action: ReplyInThread) -> int:
        return self._github.reply_in_thread(action.number, action.comment_id, action.body)

    def _find_check(self, action: StartCheck | FinishCheck, name: str) -> int | None:
        runs = self._github.check_runs(action.head_sha, name)
        return next((run.id for run in runs if run.app_id == self._app.app_id and run.external_id == action.key), None)

    def _start_check(self, action: StartCheck) -> None:
        def make() -> int:
            return self._github.create_check(action.name, action.head_sha, action.key)

        # Before it is made: where the answer is lost, somebody has to look for it, even on an old commit.
        self._check_begun(action)
        try:
            _, check_id = self.once(action.key, lambda: self._find_check(action, action.name), make)
        except (Forbidden, NotFound, Unprocessable):
            self._check_ended(action.key)
            raise
        self.started.append(
            CheckRunState(
                id=check_id,
                name=action.name,
                head_sha=action.head_sha,
                status="in_progress",
                conclusion=None,
                external_id=action.key,
                app_id=self._app.app_id,
            )
        )
        self._check_started(action, check_id)

    def _finish_check(self, action: FinishCheck) -> str:
        try:
            self._end_check(action)
        except Unprocessable as error:
            self.refused(action, error)
        else:
            return "done"
        name = action.check.name
        try:
            self.check()
            check_id = action.check_id or self._find_check(action, name)
            self._end_check(replace(action, check_id=check_id, check=neutral_check(name, *_UNTOLD)))
        except Unprocessable:
            # There is nothing left to say that it could end with.
            self._check_ended(action.key)
            raise
        return "ended without its result: Unprocessable"

    def _end_check(self, action: FinishCheck) -> None:
        def make() -> int:
            return self._github.create_check(action.check.name, action.head_sha, action.key, action.check, action.text)

        check_id = action.check_id
        if check_id is None:
            made, check_id = self.once(action.key, lambda: self._find_check(action, action.check.name), make)
            if made:
                return
        try:
            self._github.update_check(check_id, action.check, text=action.text)
        except (Forbidden, NotFound) as error:
            # What is archived may be written to again one day; a permission that is gone is not waited for.
            if isinstance(error, NotFound) or error.missing:
                self._check_ended(action.key)
            raise
        self._check_ended(action.key)

    def _resolve(self, action: ResolveThread) -> str:
        try:
            self._github.resolve_thread(action.thread_id)
        except Forbidden:
            self._github.edit_review_comment(action.comment_id, action.otherwise)
            return "said in the comment: resolving is not permitted"
        return "done"

    def _review(self, action: CreateReview) -> tuple[frozenset[str], Refused]:
        """Posts inline comments; the ids of the findings whose comments are there now, and what is refused."""
        if not action.comments:
            return frozenset(), NOTHING_REFUSED
        ids = frozenset(finding_ids(action))
        try:
            self.check()
            self.once(action.key, lambda: self._find_review(action), lambda: self._create_review(action))
        except (Forbidden, NotFound) as error:
            self.refused(action, error)
            self.audit(action.key, f"refused: {type(error).__name__}")
            # What may not be written on a line may be written nowhere.
            return frozenset(), Refused(lines=ids, files=ids)
        except Unprocessable:
            self.audit(action.key, "refused: Unprocessable")
            halves = [self._review(part) for part in smaller_reviews(action)]
            if not halves:
                return frozenset(), Refused(lines=ids)
            (first, of_first), (second, of_second) = halves
            return first | second, of_first | of_second
        self.audit(action.key, "done")
        return ids, NOTHING_REFUSED

    def _create_review(self, action: CreateReview) -> int:
        return self._github.create_review(action.number, action.commit, action.comments)

    def _find_review(self, action: CreateReview) -> int | None:
        """A review is all or nothing, so that one of its comments stands for all."""
        return self._find_thread(action.number, frozenset(finding_ids(action)))

    def _find_thread(self, number: int, ids: frozenset[str]) -> int | None:
        comments = self._github.review_comments(number)
        ours = (item for item in comments if item.author.login == self._app.login)
        return next((item.id for item in ours if marked(item.body, "id") in ids), None)

    def _on_file(self, action: CommentOnFile) -> int:
        return self._github.create_file_comment(action.number, action.commit, action.path, action.body)


def _without(action: CreateReview, posted: frozenset[str]) -> CreateReview:
    comments = tuple(comment for comment in action.comments if marked(comment.body, "id") not in posted)
    return replace(action, comments=comments)
