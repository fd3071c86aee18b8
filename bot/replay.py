"""A published result, regenerated from the objects of a local clone and compared: equal inputs give equal answers.

What was published names its inputs: the tree, the base, the configuration and the engine (`inputs_line`). A report in
JSON is compared in all its parts; of a comment or a check, which tell more than the report, the inputs and the
findings are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bot.decisions.relevant import brought_by_change
from bot.diffs import file_diffs
from bot.git import GitError
from bot.judging import judge_change, judge_tree
from bot.reports.report import Report, ReportError, from_json, to_json
from bot.reports.wording import count, series
from bot.scans import Inputs, report_of, scan_change, scan_tree
from bot.trees import GitTree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bot.git import Repository
    from bot.judging import Terms

_HASH: Final = r"`?([0-9a-f]{7,64})`?"
# In a rendered comment the backticks are gone; in its Markdown the version may hold backslashes.
_INPUTS: Final = re.compile(rf"Stanch (\S{{1,50}}) · tree {_HASH}(?: · base {_HASH})? · config {_HASH}(?![0-9a-f])")
_DIRTY: Final = re.compile(r"Stanch \S{1,50} · uncommitted work tree · ")
_ID: Final = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}\.\d{1,6}(?!\d)")
_CUT: Final = re.compile(r"\bmore findings? (?:do|does|is|are) not (?:fit|shown) here; `?stanch ")
_MOST_NAMED: Final = 10


class ReplayError(ValueError):
    """A text cannot be replayed; the message says why."""


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes:
        engine: the version that answered.
        tree: the id of the tree that was scanned, or how it begins.
        base: that of the merge base, a commit; None where there was none.
        config: the digest of the configuration that was in force, or how it begins.
        ids: of the findings that are named.
        is_cut: it says that it does not name all.
        report: the whole report, where that was published.
    """

    engine: str
    tree: str
    base: str | None
    config: str
    ids: frozenset[str] = frozenset()
    is_cut: bool = False
    report: Report | None = None


def read_published(text: str) -> Published:
    """Reads a report in JSON, or the text of a comment, a check or a Markdown report, as Markdown or as rendered.

    Raises:
        ReplayError: its inputs are not told in it, or nobody else can have them.
    """
    if text.lstrip().startswith("{"):
        try:
            return _of_report(from_json(text.encode("utf-8", "surrogateescape")))
        except ReportError as error:
            raise ReplayError(str(error)) from None
    found = _INPUTS.findall(text)
    if not found:
        if _DIRTY.search(text):
            raise ReplayError("This was made of uncommitted files, which no clone has.")
        raise ReplayError(
            "This text does not say what it was made of; its last line should read like "
            "`Stanch 0.1.0 · tree 1a2b3c4d5e6f · base 0f9e8d7c6b5a · config 123456789abc`."
        )
    # The last line is ours; what stands before it may quote anybody.
    engine, tree, base, config = found[-1]
    return Published(
        engine.replace("\\", ""), tree, base or None, config, frozenset(_ID.findall(text)), bool(_CUT.search(text))
    )


def regenerate(repository: Repository, published: Published, terms: Terms) -> Report:
    """The report of the same inputs by this engine.

    Args:
        repository: the local clone; it is only read.
        published: what is to be regenerated.
        terms: the date, and what was accepted by command.

    Raises:
        GitError: the clone has not got the tree or the base.
        PoolError: no worker process can be started.
    """
    head = _commit_with(repository, published.tree)
    base = None if published.base is None else repository.resolve(published.base)
    judged = judge_tree(repository, head, terms) if base is None else judge_change(repository, base, head, terms)
    if published.report is None or published.report == judged.report:
        return judged.report
    inputs = Inputs(judged.config, terms.today, ignores=terms.ignores)
    return _scanned(repository, base, head, inputs, terms) if _is_of_scan(published.report) else judged.report


def differences(published: Published, report: Report) -> list[str]:
    """A sentence for each difference between what was published and what this engine answers; empty when equal."""
    told = [
        _input("engine's version", published.engine, report.engine.version),
        _input("configuration in force", published.config, report.config),
    ]
    if published.report is None:
        brought = {finding.id for finding in brought_by_change(report)}
        known = {finding.id for finding in (*report.findings, *report.resolved)}
        told.append(_only("published and not found here", published.ids - known))
        if not published.is_cut:
            told.append(_only("found here and not published", brought - published.ids))
    elif to_json(published.report) != to_json(report):
        told += _between(published.report, report)
    return [sentence for sentence in told if sentence]


def _of_report(report: Report) -> Published:
    if report.dirty or report.tree is None:
        raise ReplayError("This report was made of uncommitted files, which no clone has.")
    if report.prefix or report.options:
        raise ReplayError("This report is about a part of a tree only; run `stanch scan` on that part again.")
    return Published(report.engine.version, report.tree, report.base, report.config, report=report)


def _commit_with(repository: Repository, tree: str) -> str:
    """A commit whose root tree this is: which one does not matter, since nothing else of it is looked at."""
    log = repository.run(["log", "--all", "--reflog", "--format=%H %T"]).decode("ascii")
    for line in log.splitlines():
        commit, _, its_tree = line.partition(" ")
        if its_tree.startswith(tree):
            return commit
    raise GitError(
        f"No commit of this clone has the tree {tree}; fetch the branch or the pull request that has it, such as "
        "`git fetch origin pull/123/head`, and check that out."
    )


def _scanned(repository: Repository, base: str | None, head: str, inputs: Inputs, terms: Terms) -> Report:
    """The report as `stanch scan` makes it: it writes no fix."""
    tree_id = repository.tree_id(head)
    with GitTree(repository, head) as tree:
        if base is None:
            return report_of(scan_tree(tree, inputs, cache=terms.cache)[0], inputs, tree=tree_id)
        with GitTree(repository, base) as before:
            diffs = file_diffs(repository, base, head)
            scanned, changes, _ = scan_change(before, tree, diffs, inputs, cache=terms.cache)
        return report_of(scanned, inputs, tree=tree_id, base=base, changes=changes)


def _is_of_scan(report: Report) -> bool:
    if report.base is None and any(finding.change is not None for finding in report.findings):
        return False
    return not any(finding.fix.checks for finding in report.findings)


def _between(published: Report, report: Report) -> list[str]:
    then, now = ({finding.id: finding for finding in each.findings} for each in (published, report))
    changed = {key for key in then.keys() & now.keys() if then[key] != now[key]}
    fields = [
        name
        for name in ("ignores", "as_of", "complete", "resolved", "skipped", "totals")
        if getattr(published, name) != getattr(report, name)
    ]
    return [
        _only("published and not found here", then.keys() - now.keys()),
        _only("found here and not published", now.keys() - then.keys()),
        _only("found in both, and told in another way", changed),
        f"Other parts of the report differ: {series(fields)}." if fields else "",
    ]


def _input(name: str, published: str, here: str) -> str:
    return "" if here.startswith(published) else f"The {name} was {published}, and is {here} here."


def _only(what: str, ids: Iterable[str]) -> str:
    names = sorted(ids)
    if not names:
        return ""
    shown: Sequence[str] = names[:_MOST_NAMED]
    rest = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{count(len(names), 'finding').capitalize()} {what}: {', '.join(shown)}{rest}."
