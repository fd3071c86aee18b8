"""One tree, or two, scanned: which files, what they gave, and the report of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from bot.changes import ChangedFile, Changes, compare
from bot.config import rule_matches
from bot.ignores import accept
from bot.linemap import LineMap
from bot.pool import scan_files
from bot.reports.paths import with_printable_paths
from bot.reports.report import Engine, Report, totals_of
from bot.reports.wording import CUT_SHORT_CODES
from bot.selection import package_roots, selected
from bot.suppressions import date_matters, suppress
from fixers.results import FileResult, numbered
from fixers.source import SkipCode, language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from bot.cache import ResultCache
    from bot.config import Config
    from bot.diffs import FileDiff
    from bot.ignores import Ignores
    from fixers.findings import Finding
    from fixers.source import Skipped
    from fixers.tree import FileTree

_INCOMPLETE_CODES = CUT_SHORT_CODES | {
    SkipCode.SYNTAX,
    SkipCode.TOO_DEEP,
    SkipCode.TOO_LARGE,
    SkipCode.PYTHON2,
}
"""What makes `complete` false (contract: Exit codes); binary, minified and generated files do not."""


@dataclass(frozen=True)
class Inputs:
    """What an answer depends on beside the tree (contract: The report).

    Args:
        config: the configuration in force.
        today: the UTC date.
        named: files and folders that the user named, relative to the tree's root.
        options: only what changes findings.
        ignores: findings that were accepted by command.
    """

    config: Config
    today: date
    named: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    ignores: Ignores | None = None


@dataclass
class Scanned:
    """What one tree gave: findings with ids, in byte order, suppressed ones marked.

    The rest are suppressions that cover nothing: pragmas by path and line, entries of the configuration's `ignore` and
    of the ignores by index.
    """

    findings: list[Finding] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    files: int = 0
    parsed: int = 0
    unused_pragmas: list[tuple[str, int]] = field(default_factory=list)
    unused_ignores: list[int] = field(default_factory=list)
    unused_commands: list[int] = field(default_factory=list)


def wanted_paths(tree: FileTree, inputs: Inputs) -> list[str]:
    """The files of a tree that are scanned, in byte order."""
    everything = list(tree.paths())
    roots = package_roots(everything)
    scan = inputs.config.scan
    return [
        path
        for path in everything
        if language_of(path) is not None
        and selected(path, include=scan.include, exclude=scan.exclude, named=inputs.named, package_roots=roots)
    ]


def scan_tree(
    tree: FileTree,
    inputs: Inputs,
    *,
    only: Iterable[str] | None = None,
    known: Mapping[str, FileResult] | None = None,
    jobs: int | None = None,
    cache: ResultCache | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Scanned, dict[str, FileResult]]:
    """Scans a tree.

    Args:
        tree: the files.
        inputs: what is in force.
        only: look at these of its files only.
        known: results of files that need not be read again, by path.
        jobs: how many worker processes, see `bot.pool.scan_files`.
        cache: results of earlier runs; it gets those of this one.
        progress: told how many of how many files are done.

    Returns:
        What it gave, and each file's own result.

    Raises:
        PoolError: no worker process can be started.
    """
    wanted = wanted_paths(tree, inputs)
    if only is not None:
        chosen = set(only)
        wanted = [path for path in wanted if path in chosen]
    known = known or {}
    missing = [path for path in wanted if path not in known]
    fresh = scan_files(tree, missing, jobs=jobs, cache=cache, progress=progress)
    results = {path: fresh[path] if path in fresh else known[path] for path in wanted}
    return gathered(results.values(), inputs), results


def gathered(results: Iterable[FileResult], inputs: Inputs) -> Scanned:
    """The results of files as one: rules that are off left out, findings numbered, accepted ones marked."""
    results = list(results)
    scanned = Scanned(
        skipped=[entry for result in results for entry in result.skipped],
        files=len(results),
        parsed=sum(result.parsed for result in results),
        unused_pragmas=[(result.path, line) for result in results for line in result.unused_pragmas],
    )
    rules = inputs.config.scan.rules
    found = [item for result in results for item in result.findings if rule_matches(rules, item.rule)]
    findings, scanned.unused_ignores = suppress(numbered(found), inputs.config, inputs.today)
    scanned.findings, scanned.unused_commands = accept(findings, inputs.ignores, inputs.today)
    return scanned


def changed_files(diffs: Iterable[FileDiff]) -> dict[str, ChangedFile]:
    """The files of the head that differ from the base and may have findings, as `compare` wants them."""
    return {
        diff.new: ChangedFile(diff.old, LineMap(diff.hunks))
        for diff in diffs
        if diff.new is not None and language_of(diff.new) is not None
    }


def scan_change(
    base: FileTree,
    head: FileTree,
    diffs: Sequence[FileDiff],
    inputs: Inputs,
    progress: Callable[[int, int], None] | None = None,
    *,
    jobs: int | None = None,
    cache: ResultCache | None = None,
) -> tuple[Scanned, Changes, dict[str, FileResult]]:
    """Scans two trees and tells their findings apart; files that are equal in both are judged once.

    Args:
        base: the files before.
        head: the files after.
        diffs: how they differ.
        inputs: what is in force, the base's.
        progress: as for `scan_tree`.
        jobs: as for `scan_tree`.
        cache: as for `scan_tree`.

    Raises:
        PoolError: no worker process can be started.
    """
    after, results = scan_tree(head, inputs, jobs=jobs, cache=cache, progress=progress)
    touched = {path for diff in diffs for path in (diff.old, diff.new) if path is not None}
    known = {path: result for path, result in results.items() if path not in touched}
    # What a sparse checkout leaves out differs in nothing, and is not gone.
    comparable = [path for path in base.paths() if path in touched or head.exists(path)]
    before, _ = scan_tree(base, inputs, only=comparable, known=known, jobs=jobs, cache=cache)
    unseen = {entry.path for entry in before.skipped}
    return after, compare(before.findings, after.findings, changed_files(diffs), unseen), results


@cache
def engine() -> Engine:
    """This engine, as reports name it."""
    return Engine(version=version("stanch"))


def is_complete(skipped: Iterable[Skipped]) -> bool:
    """Whether everything that could have been judged was."""
    return not any(entry.code in _INCOMPLETE_CODES for entry in skipped)


def cut_short(skipped: Iterable[Skipped]) -> Iterator[Skipped]:
    """What a limit or a crash kept unseen (exit code 3)."""
    return (entry for entry in skipped if entry.code in CUT_SHORT_CODES)


def report_of(
    scanned: Scanned,
    inputs: Inputs,
    *,
    tree: str | None,
    dirty: bool = False,
    prefix: str = "",
    base: str | None = None,
    changes: Changes | None = None,
) -> Report:
    """The report of a scan, or of a comparison where `changes` are given.

    Args:
        scanned: what the tree (the head) gave.
        inputs: what was in force.
        tree: the root tree id, None when dirty or without git.
        dirty: whether the work tree differs from its commit.
        prefix: the folder scanned, if not all.
        base: the merge base's commit id.
        changes: the comparison with the base.
    """
    listed = tuple(scanned.findings) if changes is None else changes.brought
    resolved = () if changes is None else changes.resolved
    dated = date_matters(inputs.config) or (inputs.ignores is not None and inputs.ignores.date_matters())
    return with_printable_paths(
        Report(
            engine=engine(),
            tree=tree,
            dirty=dirty,
            prefix=prefix,
            base=base,
            config=inputs.config.digest(),
            ignores=None if inputs.ignores is None else inputs.ignores.digest(),
            as_of=inputs.today.isoformat() if dated else None,
            options=dict(inputs.options),
            complete=is_complete(scanned.skipped),
            findings=listed,
            resolved=resolved,
            skipped=tuple(scanned.skipped),
            totals=totals_of(
                listed,
                files=scanned.files,
                parsed=scanned.parsed,
                resolved=resolved,
                existing=() if changes is None else changes.existing,
            ),
        )
    )
