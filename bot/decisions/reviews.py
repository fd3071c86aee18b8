"""Inline comments: the few leaks that are best said at their line, with a suggestion where one click can mend them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec

from bot.decisions.markers import marker
from bot.decisions.relevant import brought_by_change
from bot.reports.fix_diffs import replacement
from bot.reports.inert import fenced, has_hidden, markdown_code, markdown_prose
from bot.reports.markdown_finding import HARD_BREAK, MAX_PROSE, diff_block, exit_and_search, fix_line
from bot.reports.wording import gravest_first, shorten
from fixers.findings import FixKind, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from bot.reports.fix_diffs import Replacement
    from bot.reports.report import Report
    from fixers.findings import Finding

MAX_INLINE = 10
MAX_OF_ONE_RULE = 5
MAX_SUGGESTED_LINES = 20
MAX_SUGGESTED_CHARACTERS = 8_000


class InlineComment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A comment on lines of the new side of the diff; `start_line` only where it spans several."""

    path: str
    start_line: int | None = None
    start_side: Literal["RIGHT"] | None = None
    line: int
    side: Literal["RIGHT"]
    body: str


class Review(msgspec.Struct, frozen=True, kw_only=True):
    """The review that carries the inline comments; the sticky comment tells the rest."""

    schema: Literal["stanch.review/1"] = "stanch.review/1"
    event: Literal["COMMENT"] = "COMMENT"
    body: str = ""
    comments: tuple[InlineComment, ...]


class _Anchor(NamedTuple):
    first: int
    last: int
    suggestion: tuple[str, ...] | None


def inline_comments(
    report: Report,
    added_lines: Mapping[str, AbstractSet[int]],
    fixes: Mapping[str, str],
    *,
    standing: Sequence[Finding] = (),
    without: AbstractSet[str] = frozenset(),
) -> tuple[InlineComment, ...]:
    """At most ten comments, gravest first, at most five of one rule, only on lines that the pull request adds.

    A comment offers a suggestion when its safe fix replaces one run of lines, all of them added; it then stands at
    these lines, else at the line that acquires. Whatever has no such line is left to the sticky comment.

    Args:
        report: the report of the pull request.
        added_lines: per path the lines of the new side that the pull request adds.
        fixes: the safe fixes as unified diffs, by finding id.
        standing: findings that have an open thread already; they count towards both limits.
        without: ids of findings that get no comment, those of `standing` among them.
    """
    of_rule: Counter[str] = Counter(finding.rule for finding in standing)
    taken: set[tuple[str, int]] = set()
    comments: list[InlineComment] = []
    for finding in gravest_first(brought_by_change(report)):
        if len(comments) + len(standing) >= MAX_INLINE:
            break
        if finding.id in without:
            continue
        added = added_lines.get(finding.path, frozenset())
        anchor = _anchor(finding, added, fixes.get(finding.id, ""), taken)
        if anchor is None or finding.severity is Severity.ADVICE or of_rule[finding.rule] >= MAX_OF_ONE_RULE:
            continue
        of_rule[finding.rule] += 1
        if anchor.suggestion is not None:
            taken.update((finding.path, line) for line in range(anchor.first, anchor.last + 1))
        comments.append(_comment(finding, anchor, fixes.get(finding.id, "")))
    return tuple(comments)


def file_comment(finding: Finding, diff: str) -> str:
    """What is said of a finding where GitHub takes no comment on its line: a comment on its file.

    Args:
        finding: what is told.
        diff: its safe fix as a unified diff, or nothing.
    """
    return _body(finding, None, diff)


def review_json(comments: Iterable[InlineComment]) -> bytes:
    """The file review.json: keys sorted, a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(Review(comments=tuple(comments)), order="sorted"), indent=2) + b"\n"


def _anchor(
    finding: Finding, added: AbstractSet[int], diff: str, taken: AbstractSet[tuple[str, int]]
) -> _Anchor | None:
    if finding.path_encoded:
        return None
    run = replacement(diff) if diff and finding.fix.kind is FixKind.SAFE else None
    if run is not None and run.path == finding.path and _may_suggest(run, added, taken):
        return _Anchor(run.first, run.last, run.lines)
    if finding.line not in added:
        return None
    return _Anchor(finding.line, finding.line, None)


def _may_suggest(run: Replacement, added: AbstractSet[int], taken: AbstractSet[tuple[str, int]]) -> bool:
    lines = range(run.first, run.last + 1)
    return (
        len(run.lines) <= MAX_SUGGESTED_LINES
        and len(lines) <= MAX_SUGGESTED_LINES
        and sum(map(len, run.lines)) <= MAX_SUGGESTED_CHARACTERS
        and all(line in added and (run.path, line) not in taken for line in lines)
        # A suggestion is applied to the letter, so nothing in it may be shown other than it is.
        and not any(map(has_hidden, run.lines))
    )


def _comment(finding: Finding, anchor: _Anchor, diff: str) -> InlineComment:
    several = anchor.first < anchor.last
    return InlineComment(
        path=finding.path,
        start_line=anchor.first if several else None,
        start_side="RIGHT" if several else None,
        line=anchor.last,
        side="RIGHT",
        body=_body(finding, anchor, diff),
    )


def _body(finding: Finding, anchor: _Anchor | None, diff: str) -> str:
    is_there = anchor is not None and anchor.first <= finding.line <= anchor.last
    elsewhere = "" if is_there else f" It is acquired in line {finding.line}."
    parts = [
        marker("id", finding.id),
        f"**{markdown_prose(shorten(finding.message, MAX_PROSE))}**{elsewhere}",
        HARD_BREAK.join(filter(None, (*exit_and_search(finding), fix_line(finding)))),
        _fix(finding, anchor, diff),
        f"<sub>{markdown_code(finding.rule)} · ID {markdown_code(finding.id)}</sub>",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _fix(finding: Finding, anchor: _Anchor | None, diff: str) -> str:
    """The safe fix, to be applied by one click where GitHub can do that."""
    if anchor is not None and anchor.suggestion is not None:
        return fenced("\n".join(anchor.suggestion) + "\n", "suggestion")
    return diff_block(diff, finding) if diff and finding.fix.kind is FixKind.SAFE else ""
