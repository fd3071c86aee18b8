"""The rehearsal of a pull request on a local repository: everything that would be published, and nothing sent.

The way through this file: the head is judged, the App's own decision is made over what was found and over a pull
request that nobody has opened yet, and what it would write is written below a folder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from bot.atomic import replace_file
from bot.branches import Scratch
from bot.config import CONFIG_PATH
from bot.decisions.actions import CreateComment, CreateReview, FinishCheck
from bot.decisions.checks import CheckRun, check_json
from bot.decisions.fix_bodies import commit_message, fix_body
from bot.decisions.fix_groups import group_of
from bot.decisions.pull_request import decide_review
from bot.decisions.reviews import InlineComment, review_json
from bot.decisions.state import ReviewState
from bot.github.models import Account, AppIdentity, BranchTip, PullRequest
from bot.judged import Grouping
from bot.judging import Terms, judge_change, judge_tree
from bot.reports.inert import terminal_text
from bot.reports.report import Report, to_json
from bot.results import BEFORE_AFTER, BODIES, BRANCHES, CHECK, COMMENT, HTML, PUBLISHED, REPORT, REVIEW, SARIF, Results
from bot.trees import GitTree, text
from bot.workspace import configuration_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import date
    from pathlib import Path

    from bot.cache import ResultCache
    from bot.git import Repository
    from bot.judged import Judged

    Progress = Callable[[int, int], None] | None

NUMBER: Final = 0
"""GitHub counts pull requests from 1, so that a rehearsal's comment is never taken for a real one's."""
_GRANTED: Final = {"checks": "write", "pull_requests": "write"}
_NOBODY: Final = 0


@dataclass(frozen=True)
class FixBranch:
    """A branch that would be pushed, and its pull request."""

    name: str
    title: str
    body: str


@dataclass(frozen=True)
class Review:
    """What would be published for BASE..HEAD.

    `sarif` and `html` are the report for code scanning and for a browser. `comment` is None when there is nothing to
    say, or the configuration wants no comments. `before_after` is the report of all safe fixes together, as Markdown.
    """

    report: Report
    sarif: bytes
    html: bytes
    comment: str | None
    check: CheckRun
    inline: tuple[InlineComment, ...]
    before_after: str
    branches: tuple[FixBranch, ...] = ()

    def as_read(self) -> str:
        """What people would read in the pull request, one after the other: the comment, then the inline comments."""
        if self.comment is None:
            return f"No comment. The check says: {self.check.output.title}.\n"
        return "\n".join((self.comment, *(f"{_heading(comment)}\n\n{comment.body}" for comment in self.inline)))


def rehearse(
    repository: Repository,
    base: str | None,
    head: str,
    output: Path,
    *,
    today: date,
    cache: ResultCache | None = None,
    progress: Progress = None,
) -> Review:
    """Reviews BASE..HEAD and writes what the App would publish below `output`.

    It is what the App decides when it sees a pull request for the first time, to the letter, but for what only GitHub
    gives: a number, links, results of budgets, and the App's sentence on its sandbox.

    A whole tree is judged as a pull request that brings all of it, and so has a comment, which a scan of the default
    branch has not: whoever tries Stanch on a repository wants to read what it says of leaks, and there is no earlier
    scan to compare with. It has no diff, and so no inline comments.

    Written: comment.md (absent when there is no comment), check.json, review.json, report.json, report.sarif,
    report.html, before-after.md, fixes.git (a bare repository with the fix branches, which borrows the objects of
    `repository`) and fixes/*.md (their bodies).

    Args:
        repository: where both are; it is only read.
        base: the merge base's commit id, whose configuration is in force; None: the whole tree of `head` as if all
            of it were new, under its own configuration.
        head: the commit id of the pull request's head.
        output: a folder; files of an earlier rehearsal in it are replaced, and nothing else in it is touched.
        today: the UTC date, for `until`.
        cache: results of earlier runs; it gets those of this one.
        progress: told how many of how many files are scanned.

    Raises:
        ConfigError: the configuration in force is not valid.
        FileExistsError: something lies below `output` under a name that is needed, and no rehearsal has made it.
        GitError: objects are missing, or git fails.
        PoolError: no worker process can be started.
    """
    results = Results(output)
    results.check(PUBLISHED)
    _check_configuration(repository, base or head)
    terms = Terms(today=today, groups=Grouping(), cache=cache, progress=progress)
    judged = judge_tree(repository, head, terms) if base is None else judge_change(repository, base, head, terms)
    review = _review(judged)
    results.clear(PUBLISHED)
    _write(review, results)
    return replace(review, branches=tuple(_write_branches(repository, judged, results)))


def _check_configuration(repository: Repository, commit: str) -> None:
    with GitTree(repository, commit) as tree:
        configuration_of(tree, f"{commit[:12]}:{CONFIG_PATH}")


def _review(judged: Judged) -> Review:
    """What the App decides to write, by where it would be seen."""
    actions = decide_review(_first_sight(judged))
    (check,) = (action.check for action in actions if isinstance(action, FinishCheck))
    return Review(
        report=judged.report,
        sarif=judged.sarif,
        html=judged.html,
        comment=next((action.body for action in actions if isinstance(action, CreateComment)), None),
        check=check,
        inline=next((action.comments for action in actions if isinstance(action, CreateReview)), ()),
        before_after=judged.before_after,
    )


def _first_sight(judged: Judged) -> ReviewState:
    """The pull request that is rehearsed, as the App would see it first."""
    pull_request = PullRequest(
        number=NUMBER,
        title="",
        author=Account(_NOBODY, ""),
        head=BranchTip("", judged.head, _NOBODY),
        base=BranchTip("", judged.base or "", _NOBODY),
        is_open=True,
    )
    return ReviewState(pull_request, judged.head, AppIdentity(_NOBODY, ""), _GRANTED, judged)


def _heading(comment: InlineComment) -> str:
    first = f"{comment.start_line}-" if comment.start_line is not None else ""
    return f"--- inline, at {terminal_text(comment.path)}:{first}{comment.line} ---"


def _write(review: Review, results: Results) -> None:
    documents = {
        COMMENT: None if review.comment is None else _utf8(review.comment),
        CHECK: check_json(review.check),
        REVIEW: review_json(review.inline),
        REPORT: to_json(review.report),
        SARIF: review.sarif,
        HTML: review.html,
        BEFORE_AFTER: _utf8(review.before_after),
    }
    for name, data in documents.items():
        if data is not None:
            replace_file(results.fresh(name), data)


def _write_branches(repository: Repository, judged: Judged, results: Results) -> Iterator[FixBranch]:
    """Commits each group of fixes on a branch of its own in a scratch repository below the results."""
    if not judged.groups:
        return
    scratch = Scratch.beside(repository, judged.head, results.fresh(BRANCHES))
    bodies = results.fresh(BODIES)
    bodies.mkdir()
    taken: set[str] = set()
    for written in judged.groups:
        group = group_of(judged, written)
        name = group.branch(judged.config.fix.branch_prefix, taken)
        taken.add(name)
        branch = FixBranch(name, group.title(), fix_body(group, judged, written))
        files = {text(file.path): file.data for file in written.files}
        scratch.commit(name, judged.head, files, commit_message(judged, written, branch.title))
        (bodies / f"{name.replace('/', '_')}.md").write_bytes(_utf8(branch.body))
        yield branch


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
