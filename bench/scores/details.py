"""The labels one by one: every miss, every false flag and every fix, with what the engine said and its trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from bench.scores.labels import Expected
from bench.scores.looks import Said
from fixers.findings import FixKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.scores.labels import Place
    from bench.scores.looks import Look, Near
    from bench.scores.outcomes import Outcome


def outcome_lines(outcomes: Iterable[Outcome]) -> bytes:
    """One JSON object a label, in the order given, so that `diff` shows what a change of the engine won and lost."""
    encoder = msgspec.json.Encoder(order="sorted")
    return b"".join(encoder.encode(_summary(outcome)) + b"\n" for outcome in outcomes)


def misses(outcomes: Sequence[Outcome]) -> str:
    """Every leak that is not reported, by what the engine said of it."""
    missed = [
        outcome
        for outcome in outcomes
        if outcome.label.expected is not Expected.CLEAN and not outcome.absent and not outcome.hit
    ]
    parts = ["# Misses"]
    for said in Said:
        group = [outcome for outcome in missed if outcome.before.said is said]
        if group:
            parts.append(f"## {said}: {len(group)}")
            parts += ["\n".join([*_head(outcome), *_answer("before", outcome.before)]) for outcome in group]
    return "\n\n".join(parts) + "\n"


def flags(outcomes: Sequence[Outcome]) -> str:
    """Every false flag: look-alikes that are reported, and leaks that still are after their fix."""
    clean = [outcome for outcome in outcomes if outcome.label.expected is Expected.CLEAN and outcome.hit]
    still = [outcome for outcome in outcomes if outcome.after is not None and outcome.after.flagged]
    parts = ["# False flags", f"## Look-alikes: {len(clean)}"]
    parts += ["\n".join([*_head(outcome), *_answer("there", outcome.before)]) for outcome in clean]
    parts.append(f"## Still reported after the fix: {len(still)}")
    for outcome in still:
        answers = [*_answer("before", outcome.before), *_answer("after", outcome.after)]
        parts.append("\n".join([*_head(outcome), *answers]))
    return "\n\n".join(parts) + "\n"


def fixes(outcomes: Sequence[Outcome]) -> str:
    """Every hit with what became of its fix."""
    parts = ["# Fixes of what was found"]
    for outcome in outcomes:
        fix = outcome.before.fix
        if fix is None:
            continue
        lines = [*_head(outcome), f"- rule: {outcome.before.near[0].rule}"]
        lines.append(f"- fix: {fix.kind}{_after(': ', fix.summary)}{_after('; not safe: ', fix.why)}")
        if fix.kind is not FixKind.NONE:
            lines.append(f"- checks: {'passed' if fix.refused is None else f'refused: {fix.refused}'}")
            lines.append(f"- gone after our fix: {'yes' if fix.gone else 'no'}")
        if outcome.after is not None:
            lines.append(f"- gone after theirs: {'yes' if outcome.silent_after else 'no'}")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _summary(outcome: Outcome) -> dict[str, object]:
    label, after, fix = outcome.label, outcome.after, outcome.before.fix
    return {
        "id": label.id,
        "file": label.file,
        "right": outcome.right and not outcome.absent,
        "before": outcome.before.said,
        "before_confidence": outcome.before.confidence,
        "rules": sorted({near.rule for near in outcome.before.near}),
        "after": after.said if after else None,
        "after_confidence": after.confidence if after else None,
        "fix": None if fix is None else {"kind": fix.kind, "refused": fix.refused, "gone": fix.gone},
    }


def _head(outcome: Outcome) -> Iterator[str]:
    label = outcome.label
    old = "" if label.python3 else ", Python 2"
    yield f"### {label.id} {label.kind}, {label.shape}, {label.pattern}, {label.scope}{old}"
    after = f", after the fix {_where(label.after)}" if label.after else ""
    yield f"- {label.repo} {_where(label.before)}{after}"
    yield f"- expression: `{label.expr}`"
    yield f"- {'fine because' if label.expected is Expected.CLEAN else 'missing'}: {label.missing}"
    if label.fix:
        yield f"- their fix: {label.fix}"


def _answer(when: str, look: Look | None) -> Iterator[str]:
    if look is None:
        return
    yield f"- {when}: {look.said}{_after('; ', look.detail)}"
    for near in look.near:
        yield from _finding("near", near)
    for near in look.elsewhere:
        yield from _finding("elsewhere", near)


def _finding(where: str, near: Near) -> Iterator[str]:
    yield (
        f"  - {where}, line {near.line}: {near.rule} {near.resource_id}, {near.severity}, {near.confidence}"
        f"{_after(' because ', near.doubt)}: {near.message}"
    )
    yield from (f"    - {step}" for step in near.trail)


def _where(place: Place) -> str:
    return f"{place.commit[:12]}:{place.path}:{place.line}"


def _after(words: str, text: str | None) -> str:
    return words + text if text else ""
