"""What is computed over the code of a pull request or a branch, in one value that decisions are made over.

The way through this file: what configuration is in force, what was found, which safe fixes pass their checks, and
what decisions will want to know of the code.
"""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from bot.changes import ChangedFile, compare
from bot.config import CONFIG_PATH
from bot.configurations import Read, read_configuration
from bot.decisions.codeowners import LOCATIONS
from bot.decisions.fix_groups import fix_groups
from bot.diffs import file_diffs
from bot.fixing import mend_tree, write_each
from bot.judged import Grouping, Judged, PatchedFile, Preview, Proposal, WrittenFixes, WrittenGroup
from bot.linemap import LineMap
from bot.patches import changed_lines, patch
from bot.reports.before_after import before_after
from bot.reports.excerpt import MAX_LINES
from bot.reports.html import report_html
from bot.reports.lines import file_reader, line_reader
from bot.reports.markdown_finding import Material
from bot.reports.paths import printable_path
from bot.reports.sarif import sarif_log
from bot.reports.wording import shorten
from bot.scans import Inputs, gathered, report_of, scan_change, scan_tree
from bot.selection import package_roots
from bot.trees import GitTree, raw
from fixers.engine import at_least, scan_file
from fixers.source import TOO_LARGE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date

    from bot.cache import ResultCache
    from bot.changes import Changes
    from bot.config import Config, Fault
    from bot.diffs import FileDiff
    from bot.git import Repository
    from bot.ignores import Ignores
    from bot.reports.excerpt import ReadLine
    from bot.reports.report import Report
    from bot.scans import Scanned
    from fixers.engine import FileResult
    from fixers.findings import Finding

    Progress = Callable[[int, int], None] | None

MAX_LINE = 1_000
"""Excerpts show less of a line."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How a judgement is made.

    Attributes:
        today: the UTC date, for `until`.
        ignores: findings that were accepted by command.
        blob_url: where the head's files can be read, without a slash at the end; places in the HTML link there.
        groups: which fixes are also written for pull requests; None: none.
        left_out: ids of blobs that are not at hand because they are too large to be judged.
        jobs: how many worker processes, see `bot.pool.scan_files`.
        cache: results of earlier runs; it gets those of this one.
        progress: told how many of how many files are scanned.
        named: the files and folders that are scanned, relative to the root; none: everything.
        config_path: where the configuration lies.
    """

    today: date
    ignores: Ignores | None = None
    blob_url: str = ""
    groups: Grouping | None = None
    left_out: frozenset[str] = frozenset()
    jobs: int | None = None
    cache: ResultCache | None = None
    progress: Progress = None
    named: tuple[str, ...] = ()
    config_path: str = CONFIG_PATH


def judge_change(repository: Repository, base: str, head: str, terms: Terms) -> Judged:
    """Judges what a change brings, under the configuration of its base.

    A configuration that the head brings is read as data: its faults and what it would mean are told, and nothing of it
    is in force. Where the base's own is faulty the defaults are in force, and its faults are told.

    Args:
        repository: where both are; it is only read.
        base: the merge base's commit id.
        head: the commit id of the head.
        terms: how.

    Raises:
        GitError: objects are missing, or git fails.
        PoolError: no worker process can be started.
    """
    with ExitStack() as stack:
        before = stack.enter_context(GitTree(repository, base, terms.left_out))
        after = stack.enter_context(GitTree(repository, head, terms.left_out))
        read = read_configuration(repository, before, base, terms.config_path)
        inputs = _inputs(read, after, terms)
        diffs = file_diffs(repository, base, head, left_out=terms.left_out)
        scanned, changes, results = scan_change(
            before, after, diffs, inputs, terms.progress, jobs=terms.jobs, cache=terms.cache
        )
        found = _Found(repository, after, head, base, inputs, scanned, changes, results)
        proposed = read_configuration(repository, after, head, terms.config_path)
        is_other = (
            _blob_id(before, terms.config_path) != _blob_id(after, terms.config_path) or proposed.faults != read.faults
        )
        proposal = _proposal(found, proposed, terms) if is_other else None
        return _judged(found, read.faults, proposal, diffs, terms)


def judge_tree(repository: Repository, commit: str, terms: Terms) -> Judged:
    """Judges the whole tree of a commit as if all of it were new, under its own configuration.

    Args:
        repository: where it is; it is only read.
        commit: its id.
        terms: how.

    Raises:
        GitError: objects are missing, or git fails.
        PoolError: no worker process can be started.
    """
    with GitTree(repository, commit, terms.left_out) as tree:
        read = read_configuration(repository, tree, commit, terms.config_path)
        inputs = _inputs(read, tree, terms)
        scanned, results = scan_tree(tree, inputs, jobs=terms.jobs, cache=terms.cache, progress=terms.progress)
        new = ChangedFile(None, LineMap(""))
        changes = compare((), scanned.findings, {finding.path: new for finding in scanned.findings})
        found = _Found(repository, tree, commit, None, inputs, scanned, changes, results)
        return _judged(found, read.faults, None, (), terms)


@dataclass(frozen=True)
class _Found:
    """What was scanned, and what the change makes of it.

    Attributes:
        repository: where everything is.
        tree: the head's files.
        head: the head's commit id.
        base: the merge base's commit id; None where the whole tree counts as new.
        inputs: what was in force.
        scanned: what the head gave.
        changes: its findings by their relation to the base.
        results: what each of its files gave.
    """

    repository: Repository
    tree: GitTree
    head: str
    base: str | None
    inputs: Inputs
    scanned: Scanned
    changes: Changes
    results: Mapping[str, FileResult]


def _inputs(read: Read, tree: GitTree, terms: Terms) -> Inputs:
    """What is in force; a single folder is the report's prefix, anything else that was named an option of it."""
    options = {} if _prefix(tree, terms) or not terms.named else {"paths": [printable_path(at) for at in terms.named]}
    return Inputs(read.config, terms.today, terms.named, options, terms.ignores)


def _prefix(tree: GitTree, terms: Terms) -> str:
    only = terms.named[0] if len(terms.named) == 1 else ""
    return only if only and any(path.startswith(f"{only}/") for path in tree.paths()) else ""


def _blob_id(tree: GitTree, path: str) -> str | None:
    return tree.blob_id(path) if tree.exists(path) else None


def _proposal(found: _Found, read: Read, terms: Terms) -> Proposal:
    """What the head's configuration would mean for the head."""
    if read.faults:
        return Proposal(faults=read.faults)
    inputs = replace(found.inputs, config=read.config)
    scanned, _ = scan_tree(found.tree, inputs, known=found.results, jobs=terms.jobs, cache=terms.cache)
    before = _shown(found.scanned.findings, found.inputs.config)
    after = _shown(scanned.findings, read.config)
    preview = Preview(
        before=before.total(), after=after.total(), more=_by_rule(after - before), fewer=_by_rule(before - after)
    )
    return Proposal(effective=read.config.canonical(), preview=preview)


def _shown(findings: Iterable[Finding], config: Config) -> Counter[tuple[str, int, str]]:
    """The findings that people hear of, by place and rule: their ids change with what is found beside them."""
    return Counter(
        (finding.path, finding.start_byte, finding.rule)
        for finding in findings
        if finding.suppressed is None and at_least(finding, config.scan.confidence)
    )


def _by_rule(findings: Counter[tuple[str, int, str]]) -> dict[str, int]:
    return dict(sorted(Counter(rule for _, _, rule in findings.elements()).items()))


class _Fixable:
    """What was found, with the safe fixes of what the change brings: each written by itself."""

    def __init__(self, found: _Found) -> None:
        self.tree = found.tree
        self.config = found.inputs.config
        self.written = write_each(found.tree, found.changes.brought, found.results)
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


def _judged(
    found: _Found,
    faults: tuple[Fault, ...],
    proposal: Proposal | None,
    diffs: Iterable[FileDiff],
    terms: Terms,
) -> Judged:
    fixable = _Fixable(found)
    tree_id = found.repository.tree_id(found.head)
    report = report_of(
        found.scanned,
        found.inputs,
        tree=tree_id,
        prefix=_prefix(found.tree, terms),
        base=found.base,
        changes=fixable.changes,
    )
    paths = {finding.path for finding in fixable.changes.brought}
    read_line, read_file = line_reader(found.tree, paths), file_reader(found.tree, paths)
    confidence = fixable.config.scan.confidence
    material = Material(read_line=read_line, diffs=fixable.written.diffs, blob_url=terms.blob_url)
    return Judged(
        head=found.head,
        base=found.base,
        effective=fixable.config.canonical(),
        faults=faults,
        proposal=proposal,
        report=report,
        diffs={key: diff.encode("utf-8", "surrogateescape") for key, diff in fixable.written.diffs.items()},
        refused=fixable.written.refused,
        added={printable_path(diff.new): LineMap(diff.hunks).added for diff in diffs if diff.new in paths},
        lines=_lines(report, read_line),
        # GitHub opens an alert for each result, the suppressed ones included.
        sarif=sarif_log(report, read_file=read_file, confidence=confidence, silenced=False),
        html=report_html(report, material=material, confidence=confidence).encode("utf-8", "replace"),
        before_after=_before_after(fixable).encode("utf-8", "replace").decode(),
        groups=tuple(_groups(fixable, terms.groups)) if terms.groups and not terms.groups.together else (),
        together=_together(fixable, terms.groups) if terms.groups and terms.groups.together else None,
        is_configured=found.base is None and _blob_id(found.tree, terms.config_path) is not None,
        codeowners=_codeowners(found.tree) if found.base is None else "",
        config_path=terms.config_path,
    )


def _codeowners(tree: GitTree) -> str:
    path = next(filter(tree.exists, LOCATIONS), None)
    if path is None or tree.size(path) > TOO_LARGE_BYTES:
        return ""
    return tree.read(path).decode("utf-8", "replace")


def _lines(report: Report, read_line: ReadLine) -> dict[str, dict[int, str]]:
    """What excerpts show of the listed findings; the rest of a long line is nobody's."""
    lines: dict[str, dict[int, str]] = {}
    for finding in report.findings:
        for number in range(finding.line, min(finding.end_line, finding.line + MAX_LINES - 1) + 1):
            line = read_line(finding.path, number)
            if line is not None:
                lines.setdefault(finding.path, {})[number] = shorten(line.rstrip(), MAX_LINE)
    return lines


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


def _together(fixable: _Fixable, grouping: Grouping) -> WrittenFixes | None:
    return _write_fixes(fixable, _wanted(fixable, grouping))


def _groups(fixable: _Fixable, grouping: Grouping) -> Iterator[WrittenGroup]:
    lines = {key: changed_lines(diff) for key, diff in fixable.written.diffs.items()}
    for group in fix_groups(_wanted(fixable, grouping), package_roots(fixable.tree.paths()), lines):
        written = _write_fixes(fixable, group.findings)
        if written is not None:
            yield WrittenGroup(
                rule=group.rule, package=raw(group.package), part=group.part, **msgspec.structs.asdict(written)
            )


def _wanted(fixable: _Fixable, grouping: Grouping) -> list[Finding]:
    config, wanted = fixable.config.fix, grouping.wanted
    if wanted is not None:
        found = [item for item in fixable.changes.brought if item.id in fixable.written.diffs and item.id in wanted]
    else:
        found = [item for item in fixable.offered() if config.enabled and item.family in config.families]
    return [item for item in found if item.fingerprint not in grouping.withheld]


def _write_fixes(fixable: _Fixable, findings: Iterable[Finding]) -> WrittenFixes | None:
    """Writes fixes together; None where none of them can be."""
    tree = fixable.tree
    mended = mend_tree(tree, findings)
    fixed = tuple(finding.id for outcome in mended.values() for finding in outcome.fixed)
    files = {path: outcome.data for path, outcome in mended.items() if outcome.fixed}
    if not fixed:
        return None
    return WrittenFixes(
        findings=fixed,
        files=tuple(PatchedFile(raw(path), data, tree.is_executable(path)) for path, data in files.items()),
        changed_lines=sum(changed_lines(patch(path, tree.read(path), data)) for path, data in files.items()),
        before=_rules(fixable.findings(), fixable.config),
        after=_rules(fixable.after(files), fixable.config),
    )


def _rules(findings: Iterable[Finding], config: Config) -> dict[str, int]:
    return _by_rule(_shown(findings, config))
