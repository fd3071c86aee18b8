"""The rehearsal of a pull request on a local repository: everything that would be published, and nothing sent.

The way through this file: the head is judged, decisions are made over what was found, and written below a folder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.atomic import replace_file
from bot.branches import Scratch
from bot.config import CONFIG_PATH
from bot.decisions.checks import CheckRun, check_json, check_run
from bot.decisions.comments import MAX_LISTED, review_comment
from bot.decisions.fix_requests import FixGroup, fix_body
from bot.decisions.reviews import InlineComment, inline_comments, review_json
from bot.judging import Terms, judge_change, judge_tree
from bot.reports.markdown_finding import Material
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

WHOLE_TREE_LISTED = 10
"""How many findings of a whole tree are shown in full."""


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
    say. `before_after` is the report of all safe fixes together, as
    Markdown.
    """

    report: Report
    sarif: bytes
    html: bytes
    comment: str | None
    check: CheckRun
    inline: tuple[InlineComment, ...]
    before_after: str
    branches: tuple[FixBranch, ...] = ()


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
    """Reviews BASE..HEAD and writes what would be published below `output`.

    Written: comment.md (absent when there is nothing to say), check.json, review.json, report.json, report.sarif,
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
    terms = Terms(today=today, groups=True, cache=cache, progress=progress)
    judged = judge_tree(repository, head, terms) if base is None else judge_change(repository, base, head, terms)
    review = _review(judged)
    results.clear(PUBLISHED)
    _write(review, results)
    return replace(review, branches=tuple(_write_branches(repository, judged, results)))


def _check_configuration(repository: Repository, commit: str) -> None:
    with GitTree(repository, commit) as tree:
        configuration_of(tree, f"{commit[:12]}:{CONFIG_PATH}")


def _review(judged: Judged) -> Review:
    """The decisions."""
    config, fixes = judged.config, judged.fixes
    material = Material(read_line=judged.read_line, diffs=fixes)
    listed = WHOLE_TREE_LISTED if judged.base is None else MAX_LISTED
    return Review(
        report=judged.report,
        sarif=judged.sarif,
        html=judged.html,
        comment=review_comment(judged.report, material=material, listed=listed),
        check=check_run(
            judged.report, fail_on=config.gate.fail_on, confidence=config.scan.confidence, material=material
        ),
        inline=inline_comments(judged.report, judged.added, fixes),
        before_after=judged.before_after,
    )


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
    head, findings = judged.head, {finding.id: finding for finding in judged.report.findings}
    scratch = Scratch.beside(repository, head, results.fresh(BRANCHES))
    bodies = results.fresh(BODIES)
    bodies.mkdir()
    for written in judged.groups:
        group = FixGroup(
            written.rule, text(written.package), tuple(map(findings.__getitem__, written.findings)), written.part
        )
        branch = FixBranch(
            name=group.branch(judged.config.fix.branch_prefix),
            title=group.title(),
            body=fix_body(group, judged.fixes, written.before, written.after, head),
        )
        files = {text(file.path): file.data for file in written.files}
        scratch.commit(branch.name, head, files, f"{branch.title}\n")
        (bodies / f"{branch.name.replace('/', '_')}.md").write_bytes(_utf8(branch.body))
        yield branch


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
