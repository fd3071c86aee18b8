"""The rehearsal of a pull request on a local repository: everything that would be published, and nothing sent.

The way through this file: the head is judged, decisions are made over what was found, and written below a folder.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.branches import Scratch
from bot.changes import ChangedFile, compare
from bot.config import CONFIG_PATH
from bot.decisions.checks import CheckRun, check_json, check_run
from bot.decisions.comments import MAX_LISTED, review_comment
from bot.decisions.fix_requests import fix_body, fix_groups
from bot.decisions.reviews import InlineComment, inline_comments, review_json
from bot.diffs import file_diffs
from bot.fixing import mend_tree, write_each
from bot.linemap import LineMap
from bot.reports.before_after import before_after
from bot.reports.html import report_html
from bot.reports.lines import file_reader, line_reader
from bot.reports.markdown_finding import Material
from bot.reports.report import Report, to_json
from bot.reports.sarif import sarif_log
from bot.results import BEFORE_AFTER, BODIES, BRANCHES, CHECK, COMMENT, HTML, PUBLISHED, REPORT, REVIEW, SARIF, Results
from bot.scans import Inputs, gathered, report_of, scan_change, scan_tree
from bot.selection import package_roots
from bot.trees import GitTree
from bot.workspace import configuration_of
from fixers.engine import at_least, scan_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from bot.cache import ResultCache
    from bot.changes import Changes
    from bot.decisions.fix_requests import FixGroup
    from bot.git import Repository
    from bot.scans import Scanned
    from fixers.engine import FileResult
    from fixers.findings import Finding

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
    html: str
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
    with GitTree(repository, head) as tree:
        if base is None:
            found = _whole(tree, head, today, cache, progress)
        else:
            found = _change(repository, tree, base, head, today, cache, progress)
        fixable = _Fixable(tree, found)
        review = _review(found, fixable, repository.tree_id(head))
        results.clear(PUBLISHED)
        _write(review, results)
        return replace(review, branches=tuple(_write_branches(repository, head, fixable, results)))


@dataclass(frozen=True)
class _Found:
    """What was scanned, and what the change makes of it.

    Attributes:
        base: the merge base's commit id; None where the whole tree counts as new.
        inputs: what was in force.
        scanned: what the head gave.
        changes: its findings by their relation to the base.
        results: what each of its files gave.
        added: the lines that the change adds, by path.
        listed: how many findings the comment shows in full.
    """

    base: str | None
    inputs: Inputs
    scanned: Scanned
    changes: Changes
    results: Mapping[str, FileResult]
    added: Mapping[str, frozenset[int]]
    listed: int


def _change(
    repository: Repository,
    tree: GitTree,
    base: str,
    head: str,
    today: date,
    cache: ResultCache | None,
    progress: Progress,
) -> _Found:
    with GitTree(repository, base) as before:
        inputs = Inputs(configuration_of(before, f"{base[:12]}:{CONFIG_PATH}")[0], today)
        diffs = file_diffs(repository, base, head)
        scanned, changes, results = scan_change(before, tree, diffs, inputs, progress, cache=cache)
    added = {diff.new: LineMap(diff.hunks).added for diff in diffs if diff.new is not None}
    return _Found(base, inputs, scanned, changes, results, added, MAX_LISTED)


def _whole(tree: GitTree, head: str, today: date, cache: ResultCache | None, progress: Progress) -> _Found:
    inputs = Inputs(configuration_of(tree, f"{head[:12]}:{CONFIG_PATH}")[0], today)
    scanned, results = scan_tree(tree, inputs, cache=cache, progress=progress)
    new = ChangedFile(None, LineMap(""))
    changes = compare((), scanned.findings, {finding.path: new for finding in scanned.findings})
    return _Found(None, inputs, scanned, changes, results, {}, WHOLE_TREE_LISTED)


class _Fixable:
    """What was found, with the safe fixes of what the change brings: each written by itself."""

    def __init__(self, tree: GitTree, found: _Found) -> None:
        self.tree = tree
        self.config = found.inputs.config
        self.written = write_each(tree, found.changes.brought, found.results)
        self.changes = replace(found.changes, brought=tuple(self.written.findings))
        self._found = found

    def findings(self) -> list[Finding]:
        """Those of the whole tree."""
        return [*self.changes.brought, *self.changes.existing]

    def offered(self) -> list[Finding]:
        """Those that a fix is offered for: brought, sure enough, and the safe fix has passed its checks."""
        confidence = self.config.scan.confidence
        return [item for item in self.changes.brought if item.id in self.written.diffs and at_least(item, confidence)]

    def after(self, files: Mapping[str, bytes]) -> list[Finding]:
        """Those of the tree with some files patched; the other files keep what they gave."""
        results = self._found.results.items()
        patched = (scan_file(path, files[path]) if path in files else result for path, result in results)
        return gathered(patched, self._found.inputs).findings


def _review(found: _Found, fixable: _Fixable, tree_id: str) -> Review:
    """The decisions."""
    config, diffs = fixable.config, fixable.written.diffs
    brought = fixable.changes.brought
    report = report_of(found.scanned, found.inputs, tree=tree_id, base=found.base, changes=fixable.changes)
    confidence = config.scan.confidence
    paths = [finding.path for finding in brought]
    material = Material(read_line=line_reader(fixable.tree, paths), diffs=diffs)
    read_file = file_reader(fixable.tree, paths)
    return Review(
        report=report,
        # GitHub opens an alert for each result, the suppressed ones included.
        sarif=sarif_log(report, read_file=read_file, confidence=confidence, silenced=False),
        html=report_html(report, material=material, confidence=confidence),
        comment=review_comment(report, material=material, listed=found.listed),
        check=check_run(report, fail_on=config.gate.fail_on, confidence=confidence, material=material),
        inline=inline_comments(report, found.added, diffs),
        before_after=_before_after(fixable),
    )


def _before_after(fixable: _Fixable) -> str:
    """All fixes that are offered, together."""
    mended = mend_tree(fixable.tree, fixable.offered())
    after = fixable.after({path: outcome.data for path, outcome in mended.items()})
    by_id = {finding.id: finding for finding in fixable.changes.brought}
    refused = [(by_id[key], reason) for key, reason in fixable.written.refused.items()]
    return before_after(
        fixable.findings(),
        after,
        [finding for outcome in mended.values() for finding in outcome.fixed],
        refused + [entry for outcome in mended.values() for entry in outcome.refused],
    )


@dataclass(frozen=True)
class _FixRequest:
    """A group of fixes, written: the new bytes by path, and how many findings its rule has before and after."""

    group: FixGroup
    files: Mapping[str, bytes]
    before: int
    after: int


def _fix_requests(fixable: _Fixable) -> Iterator[_FixRequest]:
    config = fixable.config.fix
    offered = [item for item in fixable.offered() if config.enabled and item.family in config.families]
    for group in fix_groups(offered, package_roots(fixable.tree.paths())):
        mended = mend_tree(fixable.tree, group.findings)
        fixed = tuple(finding for outcome in mended.values() for finding in outcome.fixed)
        files = {path: outcome.data for path, outcome in mended.items() if outcome.fixed}
        if fixed:
            before = sum(finding.rule == group.rule for finding in fixable.findings())
            after = sum(finding.rule == group.rule for finding in fixable.after(files))
            yield _FixRequest(replace(group, findings=fixed), files, before, after)


def _write(review: Review, results: Results) -> None:
    documents = {
        COMMENT: None if review.comment is None else _utf8(review.comment),
        CHECK: check_json(review.check),
        REVIEW: review_json(review.inline),
        REPORT: to_json(review.report),
        SARIF: review.sarif,
        HTML: _utf8(review.html),
        BEFORE_AFTER: _utf8(review.before_after),
    }
    for name, data in documents.items():
        if data is not None:
            results.fresh(name).write_bytes(data)


def _write_branches(repository: Repository, head: str, fixable: _Fixable, results: Results) -> Iterator[FixBranch]:
    """Commits each group of fixes on a branch of its own in a scratch repository below the results."""
    requests = list(_fix_requests(fixable))
    if not requests:
        return
    scratch = Scratch.beside(repository, head, results.fresh(BRANCHES))
    bodies = results.fresh(BODIES)
    bodies.mkdir()
    for request in requests:
        group = request.group
        branch = FixBranch(
            name=group.branch(fixable.config.fix.branch_prefix),
            title=group.title(),
            body=fix_body(group, fixable.written.diffs, request.before, request.after, head),
        )
        scratch.commit(branch.name, head, request.files, f"{branch.title}\n")
        (bodies / f"{branch.name.replace('/', '_')}.md").write_bytes(_utf8(branch.body))
        yield branch


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "replace")
