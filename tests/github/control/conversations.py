"""Handles of issues, pull requests and comments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.github.domain import heads, issues, pulls, repositories, reviews
from tests.github.shapes.conversations import pull_changes
from tests.github.state import Anchor

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tests.github.diffs import Change
    from tests.github.git_store import Content
    from tests.github.state import (
        Account,
        App,
        Comment,
        Issue,
        Pull,
        Reaction,
        Repository,
        Review,
        ReviewComment,
        Thread,
    )
    from tests.github.world import World


@dataclass
class CommentHandle:
    """A comment in a conversation."""

    world: World
    comment: Comment

    @property
    def id(self) -> int:
        """The comment's id."""
        return self.comment.id

    @property
    def body(self) -> str:
        """The text as it is now."""
        return self.comment.body

    @property
    def author(self) -> Account:
        """Who wrote it."""
        return self.comment.author

    @property
    def app(self) -> App | None:
        """The App that wrote it, if one did."""
        return self.comment.app

    @property
    def created_at(self) -> datetime:
        """When it was written."""
        return self.comment.created_at

    @property
    def edits(self) -> int:
        """How often it was edited."""
        return self.comment.edits

    @property
    def minimized(self) -> str | None:
        """Why it is folded away, if it is."""
        return self.comment.minimized

    @property
    def reactions(self) -> list[Reaction]:
        """The reactions to it."""
        return self.comment.reactions

    def edit(self, author: str, body: str) -> None:
        """Change the text."""
        with self.world.lock:
            issues.edit_comment(self.world, self.comment, self.world.user(author), body)

    def delete(self, author: str) -> None:
        """Take it away."""
        with self.world.lock:
            issues.delete_comment(self.world, self.comment, self.world.user(author))

    def react(self, author: str, content: str) -> None:
        """React to it."""
        with self.world.lock:
            issues.react(self.world, self.comment, self.world.user(author), content)


@dataclass
class IssueHandle:
    """An issue, or the conversation of a pull request."""

    world: World
    issue: Issue

    @property
    def number(self) -> int:
        """Its number."""
        return self.issue.number

    @property
    def state(self) -> str:
        """`open` or `closed`."""
        return self.issue.state

    @property
    def title(self) -> str:
        """Its title."""
        return self.issue.title

    @property
    def body(self) -> str | None:
        """Its text."""
        return self.issue.body

    @property
    def labels(self) -> list[str]:
        """The names of its labels."""
        return [label.name for label in self.issue.labels]

    @property
    def comments(self) -> list[CommentHandle]:
        """The comments, oldest first."""
        with self.world.lock:
            return [CommentHandle(self.world, comment) for comment in self.issue.comments]

    def comments_by(self, app: App) -> list[CommentHandle]:
        """The comments of an App."""
        return [comment for comment in self.comments if comment.app is app]

    def comment(self, author: str, body: str) -> CommentHandle:
        """Write a comment."""
        with self.world.lock:
            return CommentHandle(self.world, issues.add_comment(self.world, self.issue, self.world.user(author), body))

    def edit(self, by: str = "alice", *, title: str | None = None, body: str | None = None) -> None:
        """Change title or text, as ticking a box in it does."""
        changes = {name: value for name, value in (("title", title), ("body", body)) if value is not None}
        with self.world.lock:
            issues.edit_issue(self.world, self.issue, self.world.user(by), changes)

    def close(self, by: str = "alice") -> None:
        """Close it."""
        with self.world.lock:
            issues.set_state(self.world, self.issue, self.world.user(by), "closed")

    def reopen(self, by: str = "alice") -> None:
        """Open it again."""
        with self.world.lock:
            issues.set_state(self.world, self.issue, self.world.user(by), "open")

    def lock(self) -> None:
        """Let nobody comment any more."""
        self.issue.locked = True

    def label(self, by: str, name: str) -> None:
        """Label it."""
        with self.world.lock:
            issues.add_label(self.world, self.issue, self.world.user(by), name)


@dataclass
class PullHandle(IssueHandle):
    """A pull request, with what its author and reviewers do to it."""

    pull: Pull

    @property
    def repository(self) -> Repository:
        """The repository it wants to change."""
        return self.pull.repository

    @property
    def head_sha(self) -> str:
        """The commit it is at."""
        return self.pull.head_sha

    @property
    def base_sha(self) -> str:
        """The tip of the base branch when it was last pushed to."""
        return self.pull.base_sha

    @property
    def head_ref(self) -> str:
        """The branch it is from."""
        return self.pull.head_ref

    @property
    def is_draft(self) -> bool:
        """Whether it is a draft."""
        return self.pull.draft

    @property
    def is_merged(self) -> bool:
        """Whether it was merged."""
        return self.pull.merged_at is not None

    @property
    def threads(self) -> list[Thread]:
        """The review threads."""
        with self.world.lock:
            return list(self.pull.threads)

    @property
    def reviews(self) -> list[Review]:
        """The reviews."""
        with self.world.lock:
            return list(self.pull.reviews)

    @property
    def files(self) -> tuple[Change, ...]:
        """What it changes."""
        with self.world.lock:
            return pull_changes(self.pull)

    def push(self, files: Mapping[str, Content], message: str = "Change", *, author: str | None = None) -> str:
        """Add a commit.

        Returns:
            The new head.
        """
        pull = self.pull
        with self.world.lock:
            actor = self.world.user(author or pull.issue.author.login)
            return repositories.push_files(self.world, pull.head_repository, actor, pull.head_ref, files, message)

    def force_push(self, files: Mapping[str, Content], message: str = "Change") -> str:
        """Replace what was pushed so far by one commit on the merge base.

        Returns:
            The new head.
        """
        pull = self.pull
        with self.world.lock:
            base = pull.repository.git.merge_base(pull.base_sha, pull.head_sha)
            actor = self.world.user(pull.issue.author.login)
            return repositories.push_files(
                self.world, pull.head_repository, actor, pull.head_ref, files, message, onto=base
            )

    def rebase(self) -> str:
        """Put its changes, as one commit, on the base branch as it is now.

        Returns:
            The new head.
        """
        pull = self.pull
        with self.world.lock:
            files: dict[str, Content] = {}
            for change in pull_changes(pull):
                if change.previous is not None:
                    files[change.previous] = None
                files[change.path] = None if change.status == "removed" else ("blob", change.sha)
            onto = pull.repository.git.branch(pull.base_ref)
            actor = self.world.user(pull.issue.author.login)
            return repositories.push_files(
                self.world, pull.head_repository, actor, pull.head_ref, files, "Rebased", onto=onto
            )

    def retarget(self, base: str, by: str = "alice") -> None:
        """Let it change another branch."""
        with self.world.lock:
            heads.retarget(self.world, self.pull, self.world.user(by), base)

    def rename_head(self, name: str, by: str = "alice") -> None:
        """Give its branch another name."""
        with self.world.lock:
            pull = self.pull
            repositories.rename_branch(self.world, pull.head_repository, self.world.user(by), pull.head_ref, name)

    def reopen(self, by: str = "alice") -> None:
        """Open it again."""
        with self.world.lock:
            pulls.reopen_pull(self.world, self.pull, self.world.user(by))

    def mark_ready(self, by: str = "alice") -> None:
        """It is no draft any more."""
        with self.world.lock:
            pulls.set_draft(self.world, self.pull, self.world.user(by), draft=False)

    def convert_to_draft(self, by: str = "alice") -> None:
        """It is a draft again."""
        with self.world.lock:
            pulls.set_draft(self.world, self.pull, self.world.user(by), draft=True)

    def merge(self, by: str = "alice", method: str = "merge") -> str:
        """Merge it.

        Returns:
            The new commit of the base branch.
        """
        with self.world.lock:
            return pulls.merge_pull(self.world, self.pull, self.world.user(by), method)

    def review_comment(self, author: str, path: str, line: int | None, body: str, side: str = "RIGHT") -> ReviewComment:
        """Comment on a line, or (without one) on a file."""
        with self.world.lock:
            anchor = Anchor(path, line, side)
            return reviews.create_comment(self.world, self.pull, self.world.user(author), anchor, body)

    def reply(self, author: str, thread: Thread, body: str) -> ReviewComment:
        """Answer in a thread."""
        with self.world.lock:
            return reviews.reply(self.world, thread, self.world.user(author), body)

    def resolve(self, by: str, thread: Thread, *, resolved: bool = True) -> None:
        """Resolve a thread, or open it again."""
        with self.world.lock:
            reviews.set_resolved(self.world, thread, self.world.user(by), resolved=resolved)
