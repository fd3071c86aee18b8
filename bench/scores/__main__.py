"""`python -m bench.scores --clones DIR`: the scores on the labelled leaks, and the labels one by one."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.scores import details, tables
from bench.scores.labels import LabelsError, read_labels
from bench.scores.outcomes import outcomes_of
from bot.git import GitError

if TYPE_CHECKING:
    from collections.abc import Sequence

LABELS = Path(__file__).parent.parent / "labels"


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: 0, or 2 where the labels or the clones cannot be used."""
    options = _parser().parse_args(arguments)
    started = time.perf_counter()
    try:
        labels = read_labels(options.labels)
        kinds = set(options.kind or ())
        unknown = kinds - {label.kind for label in labels}
        if unknown:
            known = ", ".join(sorted({label.kind for label in labels}))
            raise LabelsError(f"No label is of kind {', '.join(sorted(unknown))}; the kinds are {known}.")
        if not options.clones.is_dir():
            raise LabelsError(f"There is no folder {options.clones}; see docs/benchmark.md for how to make clones.")
        chosen = [label for label in labels if not kinds or label.kind in kinds]
        outcomes = outcomes_of(options.clones, chosen, jobs=options.jobs)
    except (LabelsError, GitError) as error:
        print(error, file=sys.stderr)
        return 2
    output: Path = options.output
    output.mkdir(parents=True, exist_ok=True)
    (output / "scores.md").write_text(tables.document(outcomes), encoding="utf-8")
    (output / "misses.md").write_text(details.misses(outcomes), encoding="utf-8")
    (output / "flags.md").write_text(details.flags(outcomes), encoding="utf-8")
    (output / "fixes.md").write_text(details.fixes(outcomes), encoding="utf-8")
    (output / "outcomes.jsonl").write_bytes(details.outcome_lines(outcomes))
    print(tables.totals(outcomes))
    print(f"\n{len(outcomes)} labels in {time.perf_counter() - started:.0f} s. Tables and details in {output}/:")
    print("scores.md, misses.md, flags.md, fixes.md, outcomes.jsonl")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.scores", description="The scores on labelled leaks.")
    parser.add_argument(
        "--clones",
        type=Path,
        required=True,
        metavar="DIR",
        help="a folder of clones: <owner>+<name> or <owner>+<name>/repo, bare or not",
    )
    parser.add_argument(
        "--labels", type=Path, default=LABELS, metavar="DIR", help="label files (default: bench/labels)"
    )
    parser.add_argument("--kind", action="append", metavar="KIND", help="only labels of this kind; may be repeated")
    parser.add_argument("--output", type=Path, default=Path("out/scores"), metavar="DIR", help="default: out/scores")
    parser.add_argument("--jobs", type=int, metavar="N", help="processes (default: one a processor)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
