"""A repository on GitHub as jobs see it: each method is a request or a few, and speaks in the words of models.py."""

from __future__ import annotations

import base64
import gzip
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import msgspec

from bot.decisions.actions import Subject
from bot.github import answers, checks, threads
from bot.github.errors import Forbidden, GitHubError, Limited, NotFound, Unavailable, Unprocessable
from bot.github.fixes import FixWriter
from bot.github.issues import IssueWriter
from bot.github.limits import Kind
from bot.github.models import Access, DefaultBranch
from bot.github.paths import segment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from bot.decisions.actions import Reaction
    from bot.decisions.checks import CheckRun
    from bot.decisions.reviews import InlineComment
    from bot.github.api import Api
    from bot.github.auth import Token
    from bot.github.models import (
        Account,
        AppIdentity,
        ChangedFile,
        CheckRunState,
        IssueComment,
        PullRequest,
        RepositoryRef,
        ReviewComment,
        ReviewThread,
    )
    from bot.github.transport import Transport

MAX_SARIF_BYTES: Final = 10_000_000
"""What GitHub takes of a packed report (docs.github.com, "SARIF support for code scanning")."""
FILE_PAGES: Final = 30
"""GitHub lists at most 3,000 files of a pull request."""

_COMMENTS_OF: Final = {Subject.ISSUE_COMMENT: "issues/comments", Subject.REVIEW_COMMENT: "pulls/comments"}


class RepositoryClient:
    """What a job may do in one repository. For one thread; closing it revokes its token.

    Every method raises GitHubError, of the kind that tells what can be done about it (bot.github.errors).
    """

    def __init__(
        self,
        ref: RepositoryRef,
        *,
        api: Api,
        token: Token,
        transport: Transport,
        html_url: str,
        identity: Callable[[], AppIdentity],
    ) -> None:
        """`App.repository` and `workflow.repository` make these. `identity` tells which threads are ours."""
        self.ref = ref
        self._api = api
        self._token = token
        self._transport = transport
        self._html_url = html_url
        self._identity = identity
        self._path = f"/repos/{quote(ref.full_name)}"

    def __repr__(self) -> str:
        return f"RepositoryClient({self.ref.full_name!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def calls(self) -> int:
        """How many requests were made for this job, those for its token included."""
        return self._transport.calls

    def fixing(self) -> FixWriter:
        """What opens and keeps pull requests of ours."""
        return FixWriter(self._api, self._path)

    def issues(self) -> IssueWriter:
        """What opens and edits issues."""
        return IssueWriter(self._api, self._path)

    def token(self) -> str:
        """A token for git (user `x-access-token`), good for ten minutes at least; not to be kept."""
        return self._token.value()

    def clone_url(self) -> str:
        """Where git fetches from; without the token."""
        return f"{self._html_url}/{self.ref.full_name}.git"

    def close(self) -> None:
        """Revokes the token and closes the connection. What cannot be revoked ends within the hour."""
        self._token.revoke(self._api)
        self._transport.close()

    # Reading

    def pull_request(self, number: int) -> PullRequest:
        """A pull request as it is now."""
        return answers.pull_request(self._api.get(f"{self._path}/pulls/{number}", answers.Pull))

    def open_pull_requests(self) -> Iterator[PullRequest]:
        """All open pull requests, newest first."""
        for page in self._api.pages(f"{self._path}/pulls", list[answers.Pull], {"state": "open"}):
            yield from map(answers.pull_request, page)

    def pull_requests_with_head(self, sha: str) -> tuple[PullRequest, ...]:
        """The open pull requests whose head is this commit.

        GitHub's list of a commit's pull requests leaves some from forks out, so that an empty one is not believed.
        """
        with suppress(NotFound, Unprocessable):
            pages = self._api.pages(f"{self._path}/commits/{segment(sha)}/pulls", list[answers.Pull])
            associated = (answers.pull_request(pull) for page in pages for pull in page)
            if found := tuple(pull for pull in associated if pull.head.sha == sha and pull.is_open):
                return found
        return tuple(pull for pull in self.open_pull_requests() if pull.head.sha == sha)

    def changed_files(self, number: int) -> Iterator[ChangedFile]:
        """The files of a pull request as GitHub shows them, at most 3,000."""
        for page in self._api.pages(f"{self._path}/pulls/{number}/files", list[answers.FilePart], most=FILE_PAGES):
            yield from map(answers.changed_file, page)

    def compare_base(self, base: str, head: str) -> str:
        """The merge base of two commits, either of which may be of a fork."""
        between = f"{segment(base)}...{segment(head)}"
        # The first page carries up to 300 patches, which we do not want; every page has the merge base.
        comparison = self._api.get(f"{self._path}/compare/{between}", answers.Comparison, {"page": 2, "per_page": 1})
        return comparison.merge_base_commit.sha

    def full_name(self) -> str:
        """`owner/name` as it is now; what was a name before leads there."""
        return self._api.get(self._path, answers.WholeRepository).full_name

    def default_branch(self) -> DefaultBranch:
        """The default branch, and the commit it stands at now."""
        name = self._api.get(self._path, answers.WholeRepository).default_branch
        branch = self._api.get(f"{self._path}/branches/{segment(name)}", answers.Branch)
        return DefaultBranch(branch.name, branch.commit.sha)

    def issue_comments(self, number: int) -> Iterator[IssueComment]:
        """The conversation of a pull request or issue, oldest first."""
        for page in self._api.pages(f"{self._path}/issues/{number}/comments", list[answers.Comment]):
            yield from map(answers.issue_comment, page)

    def issue_comment(self, comment_id: int) -> IssueComment:
        """One comment of a conversation."""
        return answers.issue_comment(self._api.get(f"{self._path}/issues/comments/{comment_id}", answers.Comment))

    def review_comments(self, number: int) -> Iterator[ReviewComment]:
        """The inline comments of a pull request, answers included, oldest first."""
        for page in self._api.pages(f"{self._path}/pulls/{number}/comments", list[answers.InlineCommentPart]):
            yield from map(answers.review_comment, page)

    def review_threads(self, number: int) -> Iterator[ReviewThread]:
        """The threads of inline comments that we began."""
        return threads.own_threads(self._api, self.ref.full_name, number, self._identity())

    def check_runs(self, sha: str, name: str | None = None) -> Iterator[CheckRunState]:
        """The check runs on a commit, of all Apps; those of a name only, if one is given."""
        parameters = {"filter": "all", "check_name": name}
        path = f"{self._path}/commits/{segment(sha)}/check-runs"
        for page in self._api.pages(path, answers.CheckPage, parameters):
            for check in page.check_runs:
                if name is None or check.name == name:
                    yield answers.check_run(check)

    def access(self, login: str, account_id: int | None = None) -> Access:
        """What somebody may do here; nothing, where GitHub does not say.

        Args:
            login: whom it is about.
            account_id: whose login it should be: a login can pass to somebody else, an id cannot.

        Raises:
            Limited, Unavailable: GitHub could not be asked; until it is, the answer is no.
        """
        try:
            path = f"{self._path}/collaborators/{segment(login)}/permission"
            permission = self._api.get(path, answers.Permission)
        except (NotFound, Forbidden, Unprocessable):
            return Access.NONE
        if account_id is not None and (permission.user is None or permission.user.id != account_id):
            return Access.NONE
        return answers.access(permission)

    def known_access(self, author: Account) -> Access | None:
        """What somebody may do here; None where it is an error that GitHub answers.

        Raises:
            Limited, Unavailable: as of `access`.
        """
        try:
            return self.access(author.login, author.id)
        except (Limited, Unavailable):
            raise
        except GitHubError:
            return None

    # Writing

    def create_comment(self, number: int, body: str) -> int:
        """A new comment in the conversation of a pull request or issue; returns its id."""
        path = f"{self._path}/issues/{number}/comments"
        return self._api.send("POST", path, answers.Created, {"body": body}, kind=Kind.CONTENT).id

    def edit_comment(self, comment_id: int, body: str) -> None:
        """Other text in a comment of a conversation."""
        self._api.send("PATCH", f"{self._path}/issues/comments/{comment_id}", answers.Created, {"body": body})

    def create_review(self, number: int, commit: str, comments: Sequence[InlineComment]) -> int:
        """Inline comments on a commit, all or none; returns the review's id.

        Raises:
            Unprocessable: one of the comments has no place in the diff; GitHub does not say which.
        """
        body = {
            "commit_id": commit,
            "event": "COMMENT",
            "comments": [msgspec.to_builtins(comment) for comment in comments],
        }
        path = f"{self._path}/pulls/{number}/reviews"
        return self._api.send("POST", path, answers.Created, body, kind=Kind.CONTENT).id

    def create_file_comment(self, number: int, commit: str, path: str, body: str) -> int:
        """A comment on a changed file as a whole; returns its id."""
        content = {"commit_id": commit, "path": path, "body": body, "subject_type": "file"}
        address = f"{self._path}/pulls/{number}/comments"
        return self._api.send("POST", address, answers.Created, content, kind=Kind.CONTENT).id

    def edit_review_comment(self, comment_id: int, body: str) -> None:
        """Other text in an inline comment."""
        self._api.send("PATCH", f"{self._path}/pulls/comments/{comment_id}", answers.Created, {"body": body})

    def reply_in_thread(self, number: int, comment_id: int, body: str) -> int:
        """An answer below the first comment of a thread; returns its id."""
        path = f"{self._path}/pulls/{number}/comments/{comment_id}/replies"
        return self._api.send("POST", path, answers.Created, {"body": body}, kind=Kind.CONTENT).id

    def resolve_thread(self, thread_id: str) -> None:
        """Resolves a thread of inline comments.

        Raises:
            Forbidden: GitHub asks for more permission than the installation gave.
        """
        threads.resolve(self._api, thread_id)

    def create_check(
        self, name: str, head_sha: str, external_id: str, check: CheckRun | None = None, text: str = ""
    ) -> int:
        """A check run on a commit, in progress, or finished where there is a result; returns its id."""
        return checks.create(self._api, self._path, name, head_sha, external_id, check, text)

    def update_check(self, check_id: int, check: CheckRun, external_id: str | None = None, text: str = "") -> None:
        """Finishes a check run; doing it again with the same result changes nothing."""
        checks.finish(self._api, self._path, check_id, check, external_id, text)

    def react(self, subject: Subject, comment_id: int, reaction: Reaction) -> None:
        """A reaction of ours to a comment; GitHub keeps one of each kind."""
        path = f"{self._path}/{_COMMENTS_OF[subject]}/{comment_id}/reactions"
        self._api.send("POST", path, answers.Created, {"content": reaction.value}, repeatable=True)

    def upload_sarif(self, commit: str, ref: str, sarif: bytes) -> str:
        """A report for code scanning; returns the id of the upload. A later one for the commit takes its place.

        Raises:
            Unprocessable: it is larger than GitHub takes.
        """
        packed = gzip.compress(sarif, mtime=0)
        if len(packed) > MAX_SARIF_BYTES:
            raise Unprocessable(f"The SARIF report has {len(packed):,} bytes packed; GitHub takes {MAX_SARIF_BYTES:,}.")
        body = {"commit_sha": commit, "ref": ref, "sarif": base64.b64encode(packed).decode(), "tool_name": "Stanch"}
        path = f"{self._path}/code-scanning/sarifs"
        return self._api.send("POST", path, answers.SarifReceipt, body, repeatable=True).id
