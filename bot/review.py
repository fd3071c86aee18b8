"""The rehearsal of a pull request on a local repository: everything that would be published, and nothing sent."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bot.branches import Scratch, clone
from bot.changes import ChangedFile, compare
from bot.decisions.checks import CheckRun, check_json, check_run
from bot.decisions.comments import MAX_LISTED, review_comment
from bot.decisions.fix_requests import FixGroup, fix_body, fix_groups
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
from bot.scans import Inputs, gathered, report_of, scan_change, scan_tree
from bot.selection import package_roots
from bot.trees import GitTree
from bot.workspace import configuration_of
from fixers.engine import at_least, scan_file
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path

    from bot.changes import Changes
    from bot.git import Repository
    from bot.scans import Scanned
    from fixers.findings import Finding

WHOLE_TREE_LISTED = 10
"""How many findings of a whole tree are shown in full."""


@dataclass(frozen=True)
class FixBranch:
    """A branch that would be pushed, and the body of its pull request."""

    name: str
    title: str
    body: str
    commit: str


@dataclass
class Review:
    """What would be published for BASE..HEAD.

    `comment` is None when there is nothing to say. `diffs` are the safe fixes by finding id; `refused` the fixes
    that did not pass their checks, and why. `before_after` is the report of all safe fixes together, as Markdown.
    """

    report: Report
    sarif: bytes
    html: str
    comment: str | None
    check: CheckRun
    inline: tuple[InlineComment, ...]
    diffs: Mapping[str, str]
    refused: Mapping[str, str]
    before_after: str
    branches: list[FixBranch] = field(default_factory=list)


def rehearse(
    repository: Repository,
    base: str | None,
    head: str,
    output: Path,
    *,
    today: date,
    progress: Callable[[int, int], None] | None = None,
) -> Review:
    """Reviews BASE..HEAD and writes what would be published below `output`.

    Written: comment.md (absent when there is nothing to say), check.json, review.json, report.json, report.sarif,
    report.html, before-after.md, fixes.git (a bare clone with the fix branches) and fixes/*.md (their bodies).

    Args:
        repository: where both are; it is only read.
        base: the merge base's commit id, whose configuration is in force; None: the whole tree of `head` as if all
            of it were new, under its own configuration.
        head: the commit id of the pull request's head.
        output: a folder; files of an earlier rehearsal in it are replaced.
        today: the UTC date, for `until`.
        progress: told how many of how many files are scanned.

    Raises:
        ConfigError: the configuration in force is not valid.
        GitError: objects are missing, or git fails.
    """
    with GitTree(repository, head) as tree:
        gathering = _Gathering(repository, tree, head, today, progress)
        if base is None:
            gathering.whole()
        else:
            with GitTree(repository, base) as before:
                gathering.change(before, base)
        review = gathering.review()
        _write(review, output)
        review.branches = _write_branches(gathering, review, output)
    return review


class _Gathering:
    """State gathered for a review: scans, comparison, fixes."""

    def __init__(
        self,
        repository: Repository,
        tree: GitTree,
        head: str,
        today: date,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self.repository = repository
        self.tree = tree
        self.head = head
        self.today = today
        self.progress = progress
        self.listed = MAX_LISTED
        self.added: dict[str, frozenset[int]] = {}

    def change(self, before: GitTree, base: str) -> None:
        """The change from a base commit, under the base's configuration."""
        self.inputs = Inputs(configuration_of(before)[0], self.today)
        diffs = file_diffs(self.repository, base, self.head)
        scanned, changes, self.results = scan_change(before, self.tree, diffs, self.inputs, self.progress)
        self.added = {diff.new: LineMap(diff.hunks).added for diff in diffs if diff.new is not None}
        self._conclude(scanned, changes, base)

    def whole(self) -> None:
        """The whole tree, as if all of it were new."""
        self.inputs = Inputs(configuration_of(self.tree)[0], self.today)
        self.listed = WHOLE_TREE_LISTED
        scanned, self.results = scan_tree(self.tree, self.inputs, progress=self.progress)
        new = ChangedFile(None, LineMap(""))
        changes = compare((), scanned.findings, {finding.path: new for finding in scanned.findings})
        self._conclude(scanned, changes, None)

    def _conclude(self, scanned: Scanned, changes: Changes, base: str | None) -> None:
        self.written = write_each(self.tree, changes.brought, self.results)
        changes = replace(changes, brought=tuple(self.written.findings))
        tree_id = self.repository.tree_id(self.head)
        self.findings = [*changes.brought, *changes.existing]
        self.report = report_of(scanned, self.inputs, tree=tree_id, base=base, changes=changes)
        self.mendable = [
            finding
            for finding in changes.brought
            if finding.fix.kind is FixKind.SAFE
            and finding.id in self.written.diffs
            and at_least(finding, self.inputs.config.scan.confidence)
        ]

    def after(self, files: Mapping[str, bytes]) -> list[Finding]:
        """The findings of the tree with some files patched; others keep what they gave."""
        results = [scan_file(path, files[path]) if path in files else result for path, result in self.results.items()]
        return gathered(results, self.inputs).findings

    def review(self) -> Review:
        """The decisions over what was gathered."""
        config = self.inputs.config
        confidence = config.scan.confidence
        paths = [finding.path for finding in self.findings]
        material = Material(read_line=line_reader(self.tree, paths), diffs=self.written.diffs)
        mended = mend_tree(self.tree, self.mendable)
        fixed = [finding for outcome in mended.values() for finding in outcome.fixed]
        after = self.after({path: outcome.data for path, outcome in mended.items()})
        return Review(
            report=self.report,
            # GitHub opens an alert for each result, the suppressed ones included.
            sarif=sarif_log(
                self.report, read_file=file_reader(self.tree, paths), confidence=confidence, silenced=False
            ),
            html=report_html(self.report, material=material, confidence=confidence),
            comment=review_comment(self.report, material=material, listed=self.listed),
            check=check_run(self.report, fail_on=config.gate.fail_on, confidence=confidence, material=material),
            inline=inline_comments(self.report, self.added, self.written.diffs),
            diffs=self.written.diffs,
            refused=self.written.refused,
            before_after=before_after(self.findings, after, fixed, self.written.refused),
        )


def _write(review: Review, output: Path) -> None:
    output.mkdir(parents=True, exist_ok=True)
    (output / "report.json").write_bytes(to_json(review.report))
    (output / "report.sarif").write_bytes(review.sarif)
    (output / "report.html").write_text(review.html, encoding="utf-8")
    (output / "check.json").write_bytes(check_json(review.check))
    (output / "review.json").write_bytes(review_json(review.inline))
    (output / "before-after.md").write_text(review.before_after, encoding="utf-8", errors="surrogateescape")
    comment = output / "comment.md"
    comment.unlink(missing_ok=True)
    if review.comment is not None:
        comment.write_text(review.comment, encoding="utf-8", errors="surrogateescape")


def _write_branches(gathering: _Gathering, review: Review, output: Path) -> list[FixBranch]:
    """Commits each group of safe fixes on a branch of a scratch clone below `output`."""
    bodies, bare = output / "fixes", output / "fixes.git"
    for earlier in (bodies, bare):
        shutil.rmtree(earlier, ignore_errors=True)
    groups = fix_groups(gathering.mendable, package_roots(gathering.tree.paths()))
    if not groups:
        return []
    bodies.mkdir()
    clone(str(gathering.repository.folder), bare)
    scratch = Scratch(bare)
    date = scratch.date_of(gathering.head)
    branches = []
    for group in groups:
        branch = _branch(gathering, review, group, scratch, date)
        if branch is not None:
            branches.append(branch)
            (bodies / f"{branch.name.replace('/', '_')}.md").write_text(branch.body, encoding="utf-8")
    return branches


def _branch(gathering: _Gathering, review: Review, group: FixGroup, scratch: Scratch, date: str) -> FixBranch | None:
    mended = mend_tree(gathering.tree, group.findings)
    files = {path: outcome.data for path, outcome in mended.items() if outcome.fixed}
    if not files:
        return None
    before = sum(finding.rule == group.rule for finding in gathering.findings)
    after = sum(finding.rule == group.rule for finding in gathering.after(files))
    reproduce = " ".join(f"stanch explain {finding.id}" for finding in group.findings[:1])
    name = group.branch(gathering.inputs.config.fix.branch_prefix)
    body = fix_body(group, review.diffs, before, after, reproduce)
    commit = scratch.commit(name, gathering.head, files, f"{group.title()}\n\nFound by {group.rule}.\n", date)
    return FixBranch(name, group.title(), body, commit)
