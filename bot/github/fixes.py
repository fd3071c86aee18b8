"""What a fix needs of GitHub: a commit made of files, a branch, a pull request. Without the permission to write
contents, all of it is Forbidden.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from bot.github import answers
from bot.github.errors import NotFound, Unprocessable
from bot.github.limits import Kind
from bot.github.paths import segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.github.api import Api
    from bot.github.models import Account, PullRequest
    from bot.judged import PatchedFile


@dataclass(frozen=True)
class FileChange:
    """A file of a commit. `content` None: it is deleted."""

    path: str
    content: bytes | None
    mode: Literal["100644", "100755", "120000"] = "100644"


def changes_of(files: Iterable[PatchedFile]) -> Iterator[FileChange]:
    """The files of a fix as files of a commit; their paths must be UTF-8."""
    for file in files:
        mode: Literal["100644", "100755"] = "100755" if file.is_executable else "100644"
        yield FileChange(file.path.decode(), file.data, mode)


class _Reference(msgspec.Struct):
    object: answers.CommitPart


class _CommitTree(msgspec.Struct):
    tree: answers.CommitPart


class _Numbered(msgspec.Struct):
    number: answers.Id


class _Closed(msgspec.Struct):
    closed_by: answers.User | None = None


class FixWriter:
    """Writes commits, branches and pull requests of one repository; `RepositoryClient.fixing` makes these.

    Every method raises GitHubError, of the kind that tells what can be done about it (bot.github.errors).
    """

    def __init__(self, api: Api, path: str) -> None:
        """`path`: the repository's, below the API's URL."""
        self._api = api
        self._path = path

    def commit(self, parent: str, message: str, changes: Iterable[FileChange]) -> str:
        """Makes a commit on top of another one, on no branch yet; returns its id.

        GitHub signs it in the name of the App, because no author is given. Made again, it is another commit that
        nobody sees.
        """
        base = self._api.get(f"{self._path}/git/commits/{segments(parent)}", _CommitTree).tree.sha
        tree = {"base_tree": base, "tree": [self._entry(change) for change in changes]}
        made = self._made("trees", tree)
        return self._made("commits", {"message": message, "tree": made, "parents": [parent]})

    def _entry(self, change: FileChange) -> dict[str, str | None]:
        sha = None if change.content is None else self._blob(change.content)
        return {"path": change.path, "mode": change.mode, "type": "blob", "sha": sha}

    def _blob(self, content: bytes) -> str:
        return self._made("blobs", {"content": base64.b64encode(content).decode(), "encoding": "base64"})

    def _made(self, kind: str, body: object) -> str:
        # Objects have their content for a name: making one twice is making it once.
        return self._api.send("POST", f"{self._path}/git/{kind}", answers.CommitPart, body, repeatable=True).sha

    def branch_head(self, branch: str) -> str | None:
        """The commit that a branch stands at; None where there is no such branch."""
        try:
            return self._api.get(f"{self._path}/git/ref/heads/{segments(branch)}", _Reference).object.sha
        except NotFound:
            return None

    def create_branch(self, branch: str, sha: str) -> None:
        """Makes a branch that stands at a commit.

        Raises:
            Unprocessable: there is one of that name that stands elsewhere.
        """
        body = {"ref": f"refs/heads/{branch}", "sha": sha}
        try:
            self._api.send("POST", f"{self._path}/git/refs", object, body, repeatable=True)
        except Unprocessable:
            if self.branch_head(branch) != sha:
                raise

    def move_branch(self, branch: str, sha: str, *, force: bool = False) -> None:
        """Lets a branch stand at another commit; without `force` only at a later one."""
        path = f"{self._path}/git/refs/heads/{segments(branch)}"
        self._api.send("PATCH", path, object, {"sha": sha, "force": force})

    def delete_branch(self, branch: str) -> None:
        """Deletes a branch, if there is one."""
        if self.branch_head(branch) is not None:
            with suppress(NotFound, Unprocessable):
                self._api.send("DELETE", f"{self._path}/git/refs/heads/{segments(branch)}", object)

    def pull_requests_of(self, owner: str, branch: str) -> Iterator[PullRequest]:
        """The pull requests from a branch of an owner's repository, open or not, newest first."""
        parameters = {"head": f"{owner}:{branch}", "state": "all"}
        for page in self._api.pages(f"{self._path}/pulls", list[answers.Pull], parameters):
            yield from (pull for pull in map(answers.pull_request, page) if pull.head.ref == branch)

    def pull_requests_by(self, login: str) -> Iterator[PullRequest]:
        """The pull requests that an account has opened from branches of this repository, open or not, newest first."""
        for page in self._api.pages(f"{self._path}/pulls", list[answers.Pull], {"state": "all"}):
            yield from (
                pull for pull in map(answers.pull_request, page) if pull.author.login == login and not pull.from_fork
            )

    def open_pull_request(self, branch: str, base: str, title: str, body: str, *, draft: bool = False) -> int:
        """Opens a pull request from a branch of this repository; returns its number."""
        request = {"head": branch, "base": base, "title": title, "body": body, "draft": draft}
        return self._api.send("POST", f"{self._path}/pulls", _Numbered, request, kind=Kind.CONTENT).number

    def edit_pull_request(
        self, number: int, *, title: str | None = None, body: str | None = None, is_open: bool | None = None
    ) -> None:
        """Changes what is given of a pull request."""
        state = None if is_open is None else "open" if is_open else "closed"
        changes = {"title": title, "body": body, "state": state}
        request = {name: value for name, value in changes.items() if value is not None}
        self._api.send("PATCH", f"{self._path}/pulls/{number}", _Numbered, request)

    def add_labels(self, number: int, labels: Sequence[str]) -> None:
        """Adds labels to a pull request or issue; those that the repository does not have yet are made."""
        path = f"{self._path}/issues/{number}/labels"
        self._api.send("POST", path, object, {"labels": [*labels]}, repeatable=True)

    def request_reviewers(self, number: int, reviewers: Sequence[str]) -> None:
        """Asks people and teams (`organisation/team`) to review a pull request.

        Raises:
            Unprocessable: one of them cannot be asked; then nobody was.
        """
        path = f"{self._path}/pulls/{number}/requested_reviewers"
        people = [reviewer for reviewer in reviewers if "/" not in reviewer]
        teams = [reviewer.partition("/")[2] for reviewer in reviewers if "/" in reviewer]
        self._api.send("POST", path, object, {"reviewers": people, "team_reviewers": teams}, repeatable=True)

    def closed_by(self, number: int) -> Account | None:
        """Who closed a pull request; None where it is open, or GitHub does not say."""
        closer = self._api.get(f"{self._path}/issues/{number}", _Closed).closed_by
        return None if closer is None else answers.account(closer)
