"""The scores as tables: each figure as a count, of how many, and in per cent."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from bench.scores.labels import Expected
from bench.scores.looks import Said
from fixers.findings import Confidence, FixKind
from fixers.paths import is_test_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from bench.scores.looks import Look
    from bench.scores.outcomes import Outcome

_GROUPS: Final[tuple[tuple[str, Callable[[Outcome], str]], ...]] = (
    ("Kind", lambda outcome: outcome.label.kind),
    ("Shape", lambda outcome: outcome.label.shape),
    ("Pattern", lambda outcome: outcome.label.pattern),
    ("Scope", lambda outcome: outcome.label.scope),
    ("Confidence of the label", lambda outcome: outcome.label.confidence),
)


def share(count: int, of: int) -> str:
    """`3/12 25.0 %`; no per cent of nothing."""
    return f"{count}/{of} {100 * count / of:.1f} %" if of else "0/0"


def document(outcomes: Sequence[Outcome]) -> str:
    """Every table, in Markdown. Files that are only Python 2 are in a row of their own and in no other table."""
    present = [outcome for outcome in outcomes if not outcome.absent]
    main = [outcome for outcome in present if outcome.label.python3]
    parts = ["# Scores", totals(outcomes), "## What the engine said of the labelled line", _said(main)]
    parts += ["## The surest finding near the label", _confidences(main), "## Fixes of what was found", _fixes(main)]
    for language, pairs in _by(_expecting(main, Expected.PAIR), lambda outcome: outcome.label.language):
        for title, key in _GROUPS:
            parts += [f"## {language}: {title[0].lower()}{title[1:]}", _pairs(title, _by(pairs, key))]
    for title, key in (("Language", lambda outcome: outcome.label.language), _GROUPS[0]):
        clean = _by(_expecting(main, Expected.CLEAN), key)
        parts += [f"## Look-alikes: {title.lower()}", _flagged(title, clean)]
    return "\n\n".join(parts) + "\n"


def totals(outcomes: Iterable[Outcome]) -> str:
    """The table of totals, a row for each label file; Python 2 apart."""
    rows = []
    for name, group in _by(outcomes, _file_row):
        present = [outcome for outcome in group if not outcome.absent]
        pairs = _expecting(present, Expected.PAIR)
        leaks = pairs + _expecting(present, Expected.LEAK)
        clean = _expecting(present, Expected.CLEAN)
        rows.append(
            (
                name,
                str(len(group)),
                _share_or_dash(pairs, lambda outcome: outcome.right),
                _share_or_dash(leaks, lambda outcome: outcome.hit),
                _share_or_dash(pairs, lambda outcome: outcome.silent_after),
                _share_or_dash(clean, lambda outcome: outcome.hit),
                str(len(group) - len(present)),
                str(sum(is_test_path(outcome.label.before.path) for outcome in present)),
            )
        )
    heads = ("file", "labels", "pairs right", "hits", "silent after the fix", "clean flagged", "absent", "in tests")
    return _table(heads, rows)


def _file_row(outcome: Outcome) -> str:
    return outcome.label.file if outcome.label.python3 else f"{outcome.label.file}, Python 2"


def _said(outcomes: Sequence[Outcome]) -> str:
    groups = _by(outcomes, lambda outcome: f"{outcome.label.file}, {outcome.label.expected}")
    heads = ("said", *(name for name, _ in groups))
    counted = [Counter(outcome.before.said for outcome in group) for _, group in groups]
    rows = [(str(said), *(str(counts[said]) for counts in counted)) for said in Said if said is not Said.ABSENT]
    return _table(heads, rows)


def _confidences(outcomes: Sequence[Outcome]) -> str:
    pairs = _expecting(outcomes, Expected.PAIR)
    columns: list[tuple[str, list[Look]]] = []
    for language, group in _by(pairs, lambda outcome: outcome.label.language):
        columns.append((f"{language}, before the fix", [outcome.before for outcome in group]))
        columns.append((f"{language}, after the fix", [outcome.after for outcome in group if outcome.after]))
    clean = _by(_expecting(outcomes, Expected.CLEAN), lambda outcome: outcome.label.language)
    columns += [(f"{language}, look-alikes", [outcome.before for outcome in group]) for language, group in clean]
    counted = [Counter(look.confidence for look in looks) for _, looks in columns]
    rows = [(str(level or "none"), *(str(counts[level]) for counts in counted)) for level in (*Confidence, None)]
    return _table(("confidence", *(name for name, _ in columns)), rows)


def _fixes(outcomes: Sequence[Outcome]) -> str:
    rows = []
    for name, group in _by(outcomes, lambda outcome: outcome.label.file):
        tried = [(outcome, outcome.before.fix) for outcome in group if outcome.before.fix]
        if not tried:
            continue
        kinds = Counter(fix.kind for _, fix in tried)
        safe = [(outcome, fix) for outcome, fix in tried if fix.kind is FixKind.SAFE]
        written = [(outcome, fix) for outcome, fix in tried if fix.kind is not FixKind.NONE]
        rows.append(
            (
                name,
                str(len(tried)),
                *(str(kinds[kind]) for kind in (FixKind.SAFE, FixKind.SUGGESTED, FixKind.NONE)),
                share(sum(fix.refused is None for _, fix in safe), len(safe)),
                share(sum(fix.refused is None for _, fix in written), len(written)),
                share(sum(fix.gone for _, fix in written), len(written)),
                share(sum(outcome.silent_after for outcome, _ in written), len(written)),
            )
        )
    heads = ("file", "hits", "safe", "suggested", "none", "safe accepted by the checks", "any accepted")
    return _table((*heads, "gone after our fix", "gone after theirs"), rows)


def _pairs(title: str, groups: Iterable[tuple[str, list[Outcome]]]) -> str:
    rows = []
    for name, group in groups:
        hits, silent, right = (
            sum(map(question, group))
            for question in (lambda one: one.hit, lambda one: one.silent_after, lambda one: one.right)
        )
        size = len(group)
        rows.append((name, str(size), share(right, size), share(hits, size), share(silent, size)))
    rows.sort(key=lambda row: (-int(row[1]), row[0]))
    return _table((title.lower(), "labels", "pairs right", "hits", "silent after the fix"), rows)


def _flagged(title: str, groups: Iterable[tuple[str, list[Outcome]]]) -> str:
    rows = [(name, str(len(group)), share(sum(outcome.hit for outcome in group), len(group))) for name, group in groups]
    return _table((title.lower(), "labels", "flagged"), rows)


def _share_or_dash(group: Sequence[Outcome], question: Callable[[Outcome], bool]) -> str:
    return share(sum(map(question, group)), len(group)) if group else "-"


def _expecting(outcomes: Iterable[Outcome], expected: Expected) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.label.expected is expected]


def _by(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> list[tuple[str, list[Outcome]]]:
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault(key(outcome), []).append(outcome)
    return sorted(groups.items())


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
