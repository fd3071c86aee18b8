"""`stanch fix`: write the fixes, as a diff, into files, or on a branch."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from bot.atomic import replace_file
from bot.cli import options
from bot.cli.console import is_terminal, remark, write_result
from bot.cli.exits import FOUND, OK, UsageError
from bot.cli.remarks import not_looked_at
from bot.cli.scanning import Answer, Question, answer
from bot.commits import author, commit_on_new_branch, free_branch
from bot.fixing import mend_tree
from bot.patches import patch
from bot.reports.inert import terminal_text
from bot.reports.paths import printable_path
from bot.reports.wording import count
from fixers.findings import Confidence, Finding, FixKind
from fixers.fixes.edits import apply
from fixers.mending import mend_finding, with_fix
from fixers.tree import PatchedTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


@dataclass
class _Outcome:
    """Files with fixes, before and after; the findings that went away; those whose fix was refused, and why."""

    files: dict[str, tuple[bytes, bytes]] = field(default_factory=dict)
    fixed: list[Finding] = field(default_factory=list)
    refused: list[tuple[Finding, str]] = field(default_factory=list)


@click.command()
@options.paths
@click.option("--write", is_flag=True, help="Change the files.")
@click.option("--branch", metavar="NAME", help="Commit on a new branch; the work tree stays as it is.")
@click.option("--id", "identifiers", metavar="ID", multiple=True, help="Only this finding; may be repeated.")
@click.option("--suggested", is_flag=True, help="The fixes that need a person's judgement.")
@click.option("--witness", is_flag=True, help="Measure the budget profiles without the fixes and with them.")
@click.option("--allow-dirty", is_flag=True, help="With --write: change files with uncommitted changes too.")
@options.output
@options.base
@options.baseline
@options.confidence
@options.ignores
@options.as_of
@options.jobs
@options.no_cache
@options.quiet
def fix(
    paths: tuple[Path, ...],
    write: bool,
    branch: str | None,
    identifiers: tuple[str, ...],
    suggested: bool,
    witness: bool,
    allow_dirty: bool,
    output: Path | None,
    base: str | None,
    baseline: Path | None,
    confidence: options.ConfidenceChoice | None,
    ignores: Path | None,
    as_of: str | None,
    jobs: int | None,
    no_cache: bool,
    quiet: bool,
) -> int:
    """Write the safe fixes: a diff, or with --write the files, or with --branch a commit on a new branch.

    Exit codes: 0 written, or nothing to fix; 1 the diff is not empty; 2 wrong usage or configuration.
    """
    if write and branch is not None:
        raise UsageError("--write and --branch exclude each other; choose one.")
    if output is not None and (write or branch is not None):
        raise UsageError("--output takes a diff, and --write and --branch make none; choose one.")
    at_head = branch is not None
    question = Question(paths, base, baseline, ignores, as_of, jobs, quiet, at_head, cached=not no_cache)
    kind = FixKind.SUGGESTED if suggested else FixKind.SAFE
    with ExitStack() as stack:
        given = answer(question, stack)
        remark(not_looked_at(given), quiet=quiet)
        if len(identifiers) == 1:
            outcome = _fix_one(given, _named(given, identifiers[0]), kind)
        elif identifiers:
            outcome = _fix_these(given, [_named(given, identifier) for identifier in identifiers], kind)
        else:
            outcome = _fix_all(given, kind, Confidence(confidence or "high"))
        remark(_refusals(outcome), quiet=quiet)
        measured = _measured(given, outcome, quiet=quiet) if witness and outcome.files else []
        if write:
            _write_files(given, outcome, allow_dirty=allow_dirty)
        elif branch is not None:
            _commit(given, outcome, branch, measured)
        else:
            _write_diff(outcome, output)
        remark(measured, quiet=quiet)
    if not outcome.files:
        remark([_nothing(given, kind)], quiet=quiet)
    return FOUND if outcome.files and not write and branch is None else OK


def _named(given: Answer, identifier: str) -> Finding:
    found = [finding for finding in given.listed if identifier in {finding.id, finding.fingerprint}]
    if not found:
        raise UsageError(f"No finding here has the ID `{terminal_text(identifier)}`; `stanch scan` lists them.")
    if len(found) > 1:
        raise UsageError(f"The ID `{identifier}` is that of several findings: {', '.join(item.id for item in found)}.")
    return found[0]


def _fix_one(given: Answer, finding: Finding, kind: FixKind) -> _Outcome:
    outcome = _Outcome()
    if finding.fix.kind is not kind:
        outcome.refused.append((finding, _wrong_kind(finding)))
        return outcome
    data = given.found.tree.read(finding.path)
    edits, reason = mend_finding(finding.path, data, finding, given.found.results[finding.path])
    if reason is not None:
        outcome.refused.append((finding, reason))
        return outcome
    outcome.files[finding.path] = (data, apply(data, edits))
    outcome.fixed.append(with_fix(finding, edits))
    return outcome


def _fix_these(given: Answer, findings: Sequence[Finding], kind: FixKind) -> _Outcome:
    named = {finding.id: finding for finding in findings}.values()
    outcome = _fix_together(given, [finding for finding in named if finding.fix.kind is kind], kind)
    outcome.refused += [(finding, _wrong_kind(finding)) for finding in named if finding.fix.kind is not kind]
    return outcome


def _wrong_kind(finding: Finding) -> str:
    match finding.fix.kind:
        case FixKind.NONE:
            return f"Stanch has no fix for it; {_reason(finding)}" if finding.fix.why else "Stanch has no fix for it"
        case FixKind.SAFE:
            return "it is a safe fix; leave out --suggested"
        case FixKind.SUGGESTED:
            return f"it needs a person: {_reason(finding)}; add --suggested to see it"


def _reason(finding: Finding) -> str:
    why = (finding.fix.why or "no reason was given").removesuffix(".")
    return why[:1].lower() + why[1:]


def _fix_all(given: Answer, kind: FixKind, confidence: Confidence) -> _Outcome:
    wanted = [
        finding
        for finding in given.listed
        if finding.fix.kind is kind and finding.suppressed is None and finding.confidence.rank <= confidence.rank
    ]
    return _fix_together(given, wanted, kind)


def _fix_together(given: Answer, wanted: Sequence[Finding], kind: FixKind) -> _Outcome:
    outcome = _Outcome()
    originals = {path: given.found.tree.read(path) for path in sorted({finding.path for finding in wanted})}
    # The bytes as they were read once, so that a diff or a write starts from what was fixed.
    for path, mended in mend_tree(PatchedTree(given.found.tree, originals), wanted, kind).items():
        if mended.data != originals[path]:
            outcome.files[path] = (originals[path], mended.data)
        outcome.fixed += mended.fixed
        outcome.refused += mended.refused
    return outcome


def _refusals(outcome: _Outcome) -> Iterator[str]:
    for finding, reason in outcome.refused:
        yield f"{printable_path(finding.path)}:{finding.line}: {finding.rule} is not fixed: {reason.removesuffix('.')}."


def _nothing(given: Answer, kind: FixKind) -> str:
    others = sum(finding.fix.kind is FixKind.SUGGESTED and finding.suppressed is None for finding in given.listed)
    if kind is FixKind.SAFE and others:
        return f"nothing to fix; {count(others, 'fix needs', 'fixes need')} a person, see --suggested."
    return "nothing to fix."


def _write_diff(outcome: _Outcome, output: Path | None) -> None:
    diff = "".join(patch(path, before, after) for path, (before, after) in sorted(outcome.files.items()))
    if output is None and is_terminal():
        # What a stranger wrote must not drive the terminal; a pipe or a file gets the bytes for `git apply`.
        diff = "".join(f"{_harmless(line)}\n" for line in diff.split("\n")[:-1])
    write_result(diff, output)


def _harmless(line: str) -> str:
    return "\t".join(map(terminal_text, line.removesuffix("\r").split("\t")))


def _write_files(given: Answer, outcome: _Outcome, *, allow_dirty: bool) -> None:
    repository = given.workspace.repository
    if repository is not None and not allow_dirty:
        dirty = sorted(repository.uncommitted() & outcome.files.keys())
        if dirty:
            raise UsageError(
                f"{count(len(dirty), 'file has', 'files have')} uncommitted changes ({_some(dirty)}); "
                "commit or stash them, or add --allow-dirty."
            )
    root = given.workspace.root
    try:
        for path, (before, after) in sorted(outcome.files.items()):
            replace_file(root / path, after, expected=before)
    except BaseException:
        # A full disk, a file that was changed meanwhile, Ctrl-C: those before it are done, and the user is told which.
        written = {path for path, (_, after) in outcome.files.items() if _holds(root / path, after)}
        write_result("".join(f"{line}\n" for line in _done(item for item in outcome.fixed if item.path in written)))
        remark([f"{len(written)} of {count(len(outcome.files), 'file')} written; the others are as they were."])
        raise
    write_result("".join(f"{line}\n" for line in _done(outcome.fixed)))


def _holds(file: Path, data: bytes) -> bool:
    try:
        return file.read_bytes() == data
    except OSError:
        return False


def _measured(given: Answer, outcome: _Outcome, *, quiet: bool) -> list[str]:
    """What the budget profiles count without the fixes and with them, a sentence for each metric."""
    from bot.cli.witness import measured_lines  # noqa: PLC0415 - runs programs, as nothing else here does

    return measured_lines(given, outcome.files, quiet=quiet)


def _commit(given: Answer, outcome: _Outcome, name: str, measured: Sequence[str] = ()) -> None:
    repository = given.workspace.repository
    if repository is None:
        raise UsageError(f"{terminal_text(str(given.workspace.root))} lies in no git repository; use --write.")
    reference = free_branch(repository, name)
    if not outcome.files:
        return
    files = {path: after for path, (_, after) in outcome.files.items()}
    message = "\n".join(
        [f"Fix {count(len(outcome.fixed), 'resource leak')}", "", *_done(outcome.fixed), *_told(measured), ""]
    )
    commit = commit_on_new_branch(repository, reference, repository.resolve("HEAD"), files, message, author(repository))
    lines = [*_done(outcome.fixed), f"committed {commit[:12]} on the new branch {name}"]
    write_result("".join(f"{line}\n" for line in lines))


def _told(measured: Sequence[str]) -> list[str]:
    return ["", "Measured:", *measured] if measured else []


def _done(fixed: Iterable[Finding]) -> Iterator[str]:
    for finding in fixed:
        yield terminal_text(f"{printable_path(finding.path)}:{finding.line}: {finding.fix.summary}")


def _some(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    return terminal_text(", ".join(map(printable_path, paths[:3]))) + more
