"""A scan as the user asked for it: which files, compared with what, accepted by whom. For scan, fix and explain."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from bot.baseline import check_baseline, digest, without_known
from bot.cache import open_cache
from bot.changes import Changes
from bot.cli.console import progress
from bot.cli.exits import UsageError
from bot.config import CONFIG_PATH, Config, ConfigError
from bot.diffs import file_diffs
from bot.git import printable
from bot.ignores import IgnoresError, load_ignores
from bot.reports.paths import printable_path
from bot.reports.report import Report, ReportError, from_json
from bot.scans import Inputs, Scanned, report_of, scan_change, scan_tree
from bot.snapshots import snapshot
from bot.trees import GitTree
from bot.workspace import Workspace, configuration_of, open_workspace
from fixers.source import language_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import ExitStack

    from bot.cache import ResultCache
    from bot.diffs import FileDiff
    from bot.git import Repository
    from bot.ignores import Ignores
    from fixers.engine import FileResult
    from fixers.findings import Finding
    from fixers.tree import FileTree

    Progress = Callable[[int, int], None] | None


_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Question:
    """What the user asks for.

    Attributes:
        paths: files and folders; none: the repository around the current folder.
        base: only what differs from where this revision and HEAD part.
        baseline: a report whose findings are old.
        ignores: a file with findings that were accepted by command.
        as_of: the date that `until` is held against.
        jobs: how many worker processes.
        quiet: no progress.
        at_head: look at the files of HEAD instead of those of the work tree.
        cached: use the results of earlier runs, and keep those of this one.
    """

    paths: Sequence[Path] = ()
    base: str | None = None
    baseline: Path | None = None
    ignores: Path | None = None
    as_of: str | None = None
    jobs: int | None = None
    quiet: bool = False
    at_head: bool = False
    cached: bool = True


@dataclass(frozen=True)
class Found:
    """What lies in the files.

    Attributes:
        tree: the files that were looked at.
        tree_id: the id of the root tree, if that says what they are.
        dirty: whether they differ from HEAD.
        inputs: what was in force.
        scanned: everything that was found.
        results: each file's own result.
        base: the merge base's commit id.
        changes: the comparison with it.
        faults_to_come: of the work tree's configuration, where the base's is in force instead.
    """

    tree: FileTree
    tree_id: str | None
    dirty: bool
    inputs: Inputs
    scanned: Scanned
    results: dict[str, FileResult]
    base: str | None = None
    changes: Changes | None = None
    faults_to_come: Sequence[str] = ()


@dataclass(frozen=True)
class Answer:
    """What a scan gave: the report, and its findings with their paths as they are on disk.

    `lost_cache`: why results are not kept for the next run, if they are not.
    """

    workspace: Workspace
    found: Found
    report: Report
    listed: tuple[Finding, ...]
    lost_cache: str = ""


def read_bytes(file: Path) -> bytes:
    """A file that the user named.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror or error}.") from None


def day(as_of: str | None) -> date:
    """The date that the user gave; today's in UTC without one.

    Raises:
        UsageError: it is no date.
    """
    if as_of is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(as_of)
    except ValueError:
        raise UsageError(f"`{printable(as_of)}` is no date; write it like 2026-12-31.") from None


def load_report(file: Path) -> Report:
    """A report that the user named.

    Raises:
        UsageError: it cannot be read.
        ReportError: it is none.
    """
    try:
        return from_json(read_bytes(file))
    except ReportError as error:
        raise ReportError(f"{file}: {error}") from None


def answer(question: Question, stack: ExitStack) -> Answer:
    """Scans what the user asked for.

    Args:
        question: what that is.
        stack: keeps what the trees of the answer need, until the answer is no longer looked at.

    Raises:
        UsageError: a file or date that was named is none, or there is no repository where one is needed.
        WorkspaceError, GitError, ConfigError, IgnoresError, ReportError, PoolError: as their names say.
    """
    today = day(question.as_of)
    ignores = _ignores(question.ignores)
    baseline = load_report(question.baseline) if question.baseline is not None else None
    if baseline is not None:
        check_baseline(baseline)
    workspace = open_workspace(question.paths, Path.cwd())
    options: dict[str, object] = {}
    if workspace.named and not workspace.prefix:
        options["paths"] = [printable_path(place) for place in workspace.named]
    if baseline is not None:
        options["baseline"] = digest(baseline)
    inputs = Inputs(Config(), today, workspace.named, options, ignores)
    cache = cache_of(workspace) if question.cached else None
    with progress("Scanning", quiet=question.quiet) as bar:
        found = (_whole if question.base is None else _compared)(question, workspace, inputs, stack, cache, bar)
    if cache is not None:
        cache.save()
    changes = found.changes
    if baseline is not None:
        changes = _without_baseline(found, baseline)
    report = report_of(
        found.scanned,
        found.inputs,
        tree=found.tree_id,
        dirty=found.dirty,
        prefix=workspace.prefix,
        base=found.base,
        changes=changes,
    )
    listed = tuple(found.scanned.findings) if changes is None else changes.brought
    return Answer(workspace, found, report, listed, cache.lost if cache is not None else "")


def cache_of(workspace: Workspace) -> ResultCache:
    """The kept results of what the user pointed at."""
    repository = workspace.repository
    return open_cache(workspace.root if repository is None else repository.git_dir, workspace.root)


def _ignores(file: Path | None) -> Ignores | None:
    if file is None:
        return None
    try:
        return load_ignores(read_bytes(file))
    except IgnoresError as error:
        raise IgnoresError(f"{file}: {error}") from None


def _tree(question: Question, workspace: Workspace, stack: ExitStack) -> FileTree:
    if not question.at_head:
        return workspace.tree
    if workspace.repository is None:
        raise UsageError(f"{printable(workspace.root)} lies in no git repository, so there is no commit to look at.")
    return stack.enter_context(GitTree(workspace.repository, workspace.repository.resolve("HEAD")))


def _state(question: Question, workspace: Workspace) -> tuple[str | None, bool]:
    if question.at_head and workspace.repository is not None:
        return workspace.repository.tree_id("HEAD"), False
    return workspace.state()


def _whole(
    question: Question, workspace: Workspace, inputs: Inputs, stack: ExitStack, cache: ResultCache | None, bar: Progress
) -> Found:
    inputs = replace(inputs, config=workspace.configuration()[0])
    tree = _tree(question, workspace, stack)
    wait_for_state = _aside(lambda: _state(question, workspace))
    scanned, results = scan_tree(tree, inputs, jobs=question.jobs, cache=cache, progress=bar)
    tree_id, dirty = wait_for_state()
    return Found(tree, tree_id, dirty, inputs, scanned, results)


def _aside(call: Callable[[], _Result]) -> Callable[[], _Result]:
    """Calls a function in a thread; what is returned waits for its result, or raises what it raised."""
    outcome: list[_Result] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            outcome.append(call())
        except BaseException as error:
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result() -> _Result:
        thread.join()
        if failure:
            raise failure[0]
        return outcome[0]

    return result


def _compared(
    question: Question, workspace: Workspace, inputs: Inputs, stack: ExitStack, cache: ResultCache | None, bar: Progress
) -> Found:
    repository = workspace.repository
    if repository is None or question.base is None:
        raise UsageError(f"{printable(workspace.root)} lies in no git repository, so there is no base to compare with.")
    base = repository.merge_base(question.base, "HEAD")
    before = stack.enter_context(GitTree(repository, base))
    inputs = replace(inputs, config=configuration_of(before, f"{base[:12]}:{CONFIG_PATH}")[0])
    tree = _tree(question, workspace, stack)
    tree_id, dirty = _state(question, workspace)
    diffs = _diffs(repository, base, tree_id)
    scanned, changes, results = scan_change(before, tree, diffs, inputs, bar, jobs=question.jobs, cache=cache)
    faults = [] if question.at_head else _faults_to_come(workspace)
    return Found(tree, tree_id, dirty, inputs, scanned, results, base, changes, faults)


def _diffs(repository: Repository, base: str, tree_id: str | None) -> list[FileDiff]:
    if tree_id is not None:
        return file_diffs(repository, base, tree_id)
    with snapshot(repository, lambda path: language_of(path) is not None) as (scratch, tree):
        return file_diffs(scratch, base, tree)


def _faults_to_come(workspace: Workspace) -> list[str]:
    try:
        workspace.configuration()
    except ConfigError as error:
        return str(error).splitlines()
    return []


def _without_baseline(found: Found, baseline: Report) -> Changes:
    earlier = found.changes or Changes(tuple(found.scanned.findings), (), ())
    new = without_known(earlier.brought, baseline)
    return Changes(new.brought, (*earlier.existing, *new.existing), earlier.resolved)
