"""Handles of repositories."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.github.control.conversations import IssueHandle, PullHandle
from tests.github.domain import checks, issues, pulls, repositories
from tests.github.state import Kind, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.git_store import Content
    from tests.github.state import CheckRun, CheckSuite, Repository, SarifUpload
    from tests.github.world import World


@dataclass
class RepositoryHandle:
    """A repository, as those who work in it have it."""

    world: World
    repository: Repository

    @property
    def id(self) -> int:
        """Its id, which stays."""
        return self.repository.id

    @property
    def full_name(self) -> str:
        """`owner/name` as it is now."""
        return self.repository.full_name

    @property
    def default_branch(self) -> str:
        """The name of the default branch."""
        return self.repository.default_branch

    @property
    def clone_url(self) -> str:
        """Where git fetches it from."""
        return f"{self.world.addresses.html}/{self.full_name}.git"

    def git(self, *arguments: str) -> str:
        """What a git command says in the bare repository."""
        with self.world.lock:
            return self.repository.git.run(*arguments).decode("utf-8", "surrogateescape").removesuffix("\n")

    def head(self, branch: str | None = None) -> str:
        """The commit of a branch, by default of the default branch.

        Raises:
            KeyError: there is no such branch.
        """
        name = branch or self.default_branch
        sha = self.repository.git.branch(name)
        if sha is None:
            raise KeyError(f"{self.full_name} has no branch {name!r}.")
        return sha

    def push(
        self,
        files: Mapping[str, Content],
        branch: str | None = None,
        *,
        author: str = "alice",
        message: str = "Change",
        onto: str | None = None,
    ) -> str:
        """Push a commit to a branch, by default to the default branch; onto another commit than its tip by force.

        Returns:
            The new commit.
        """
        with self.world.lock:
            name = branch or self.default_branch
            actor = self.world.user(author)
            return repositories.push_files(self.world, self.repository, actor, name, files, message, onto=onto)

    def create_branch(self, name: str, sha: str | None = None, by: str = "alice") -> None:
        """Make a branch, by default where the default branch is."""
        with self.world.lock:
            repositories.set_branch(self.world, self.repository, self.world.user(by), name, sha or self.head())

    def delete_branch(self, name: str, by: str = "alice") -> None:
        """Delete a branch: its pull requests are closed."""
        with self.world.lock:
            repositories.set_branch(self.world, self.repository, self.world.user(by), name, None)

    def rename_branch(self, old: str, new: str, by: str = "alice") -> None:
        """Give a branch another name."""
        with self.world.lock:
            repositories.rename_branch(self.world, self.repository, self.world.user(by), old, new)

    def protect(self, branch: str) -> None:
        """Let a branch be changed through pull requests only."""
        with self.world.lock:
            self.repository.protected.add(branch)

    def merge_queue(self, pull: PullHandle, by: str = "alice") -> tuple[str, str]:
        """Put a pull request into the merge queue: a branch with the merge is made, for checks to run on.

        Returns:
            The branch's name and its commit.
        """
        with self.world.lock:
            git, base = self.repository.git, self.head(pull.pull.base_ref)
            tree = git.merged_tree(base, pull.head_sha)
            assert tree is not None, "the pull request has conflicts"
            actor = self.world.user(by)
            parents = [base, pull.head_sha]
            message = f"Merge pull request #{pull.number}"
            sha = git.commit_tree(tree, parents, message, self.world.person(actor.account))
            branch = f"gh-readonly-queue/{pull.pull.base_ref}/pr-{pull.number}-{base}"
            repositories.set_branch(self.world, self.repository, actor, branch, sha)
        return branch, sha

    def set_role(self, login: str, role: str, *, custom: str | None = None) -> None:
        """Give somebody a role: none, read, triage, write, maintain or admin; `custom` is a role's own name on top."""
        with self.world.lock:
            self.world.account(login)
            self.repository.roles[login.lower()] = Role(role, custom or role)

    def open_pull_request(
        self,
        author: str = "alice",
        head: str = "feature",
        base: str | None = None,
        files: Mapping[str, Content] | None = None,
        *,
        title: str = "Change something",
        body: str = "",
        fork: bool = False,
        draft: bool = False,
    ) -> PullHandle:
        """Push files to a new branch (of a fork of the author, if wanted), and open a pull request from it.

        Without files the branch must be there already.
        """
        target = base or self.default_branch
        with self.world.lock:
            actor = self.world.user(author)
            source = self.fork(author).repository if fork else self.repository
            if files is not None:
                onto = None if source.git.branch(head) else self.head(target)
                repositories.push_files(self.world, source, actor, head, files, title, onto=onto)
            pull = pulls.open_pull(
                self.world,
                self.repository,
                actor,
                head=(source, head),
                base=target,
                title=title,
                body=body,
                draft=draft,
            )
        return PullHandle(self.world, pull.issue, pull)

    def fork(self, owner: str) -> RepositoryHandle:
        """Somebody's fork of it, made when there is none."""
        with self.world.lock:
            account = self.world.account(owner)
            for one in self.world.repositories.values():
                if one.fork_of is self.repository and one.owner is account and not one.deleted:
                    return RepositoryHandle(self.world, one)
            actor = self.world.user(owner)
            made = repositories.create_repository(
                self.world, account, self.repository.name, actor, fork_of=self.repository
            )
        return RepositoryHandle(self.world, made)

    def open_issue(self, author: str, title: str, body: str = "") -> IssueHandle:
        """Open an issue."""
        with self.world.lock:
            actor = self.world.user(author)
            return IssueHandle(self.world, issues.open_issue(self.world, self.repository, actor, title, body))

    def issue(self, number: int) -> IssueHandle:
        """An issue by its number."""
        return IssueHandle(self.world, self.repository.issues[number])

    @property
    def issues(self) -> list[IssueHandle]:
        """The issues that are no pull requests."""
        with self.world.lock:
            return [IssueHandle(self.world, one) for one in self.repository.issues.values() if one.pull is None]

    def pull(self, number: int) -> PullHandle:
        """A pull request by its number."""
        pull = self.repository.pulls[number]
        return PullHandle(self.world, pull.issue, pull)

    @property
    def pulls(self) -> list[PullHandle]:
        """The pull requests, oldest first."""
        with self.world.lock:
            return [PullHandle(self.world, one.issue, one) for one in self.repository.pulls.values()]

    def check_runs(self, sha: str, name: str | None = None) -> list[CheckRun]:
        """The check runs on a commit, newest first."""
        with self.world.lock:
            found = [run for run in self.repository.check_runs.values() if run.head_sha == sha]
            return [run for run in reversed(found) if name in (None, run.name)]

    def check_suites(self, sha: str) -> list[CheckSuite]:
        """The check suites on a commit."""
        with self.world.lock:
            return [suite for suite in self.repository.check_suites.values() if suite.head_sha == sha]

    @property
    def sarif_uploads(self) -> list[SarifUpload]:
        """What code scanning was sent."""
        return self.repository.sarif_uploads

    def press_button(self, run: CheckRun, identifier: str, sender: str) -> None:
        """Press a button of a completed check.

        Raises:
            ValueError: it shows no such button.
        """
        with self.world.lock:
            checks.press_button(self.world, run, identifier, self.world.user(sender))

    def rerequest_check(self, run: CheckRun, sender: str) -> None:
        """Press "Re-run" of a check."""
        with self.world.lock:
            checks.rerequest_run(self.world, run, self.world.user(sender))

    def rerequest_suite(self, suite: CheckSuite, sender: str) -> None:
        """Press "Re-run all checks"."""
        with self.world.lock:
            checks.rerequest_suite(self.world, suite, self.world.user(sender))

    def rename(self, name: str, by: str = "founder") -> None:
        """Give it another name."""
        with self.world.lock:
            repositories.rename_repository(self.world, self.repository, self.world.user(by), name)

    def transfer(self, owner: str, by: str = "founder") -> None:
        """Give it to another organisation."""
        with self.world.lock:
            account = self.world.account(owner, Kind.ORGANIZATION)
            repositories.transfer_repository(self.world, self.repository, self.world.user(by), account)

    def archive(self, by: str = "founder") -> None:
        """Make it read-only."""
        with self.world.lock:
            repositories.set_archived(self.world, self.repository, self.world.user(by), archived=True)

    def unarchive(self, by: str = "founder") -> None:
        """Let it be written to again."""
        with self.world.lock:
            repositories.set_archived(self.world, self.repository, self.world.user(by), archived=False)

    def make_private(self, by: str = "founder") -> None:
        """Hide it from the public."""
        with self.world.lock:
            repositories.set_private(self.world, self.repository, self.world.user(by), private=True)

    def delete(self, by: str = "founder") -> None:
        """Take it away."""
        with self.world.lock:
            repositories.delete_repository(self.world, self.repository, self.world.user(by))
