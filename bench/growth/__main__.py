"""`python -m bench.growth`: how the cost of judging a file grows with each thing that it may hold many of."""

from __future__ import annotations

import argparse
import gc
import sys
from typing import TYPE_CHECKING, Final

from bench.growth.measuring import Cost, cost, exponent
from bench.growth.programs import DIMENSIONS, Dimension
from fixers.engine import judge_file

if TYPE_CHECKING:
    from collections.abc import Sequence

SIZES: Final = (250, 500, 1_000, 2_000, 4_000)
ABOVE_LINEAR: Final = 1.3


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints a table of all dimensions; 1 where one of them grows above linear."""
    options = _parser().parse_args(arguments)
    chosen = [item for item in DIMENSIONS if not options.only or any(word in _name(item) for word in options.only)]
    for path in {item.path for item in DIMENSIONS}:
        judge_file(path, b"")
    gc.freeze()
    print(f"| dimension | {' | '.join(f'{size:,}' for size in options.sizes)} | exponent | memory | not judged |")
    print(f"| --- |{' ---: |' * len(options.sizes)} ---: | ---: | --- |", flush=True)
    above = 0
    for item in chosen:
        costs = {size: _cost(item, size, options) for size in options.sizes}
        known = {size: found for size, found in costs.items() if found is not None}
        power = exponent({size: found.seconds for size, found in known.items()})
        is_above = len(known) < len(costs) or (power is not None and power > options.above)
        above += is_above
        if is_above or options.all:
            print(_row(item, costs, power), flush=True)
    print(f"\n{above} of {len(chosen)} grow with a power above {options.above}, or did not end.")
    return 1 if above else 0


def _cost(item: Dimension, size: int, options: argparse.Namespace) -> Cost | None:
    return cost(item.path, item.program(size).encode(), mend=options.mend, patience=options.patience)


def _name(item: Dimension) -> str:
    return f"{item.path.rpartition('.')[2]}: {item.name}"


def _row(item: Dimension, costs: dict[int, Cost | None], power: float | None) -> str:
    times = " | ".join("-" if found is None else f"{found.seconds:.2f}" for found in costs.values())
    known = [found for found in costs.values() if found is not None]
    memory = f"{known[-1].bytes / 1e6:.0f} MB" if known else "-"
    limits = known[-1].limits[0] if known and known[-1].limits else ""
    return f"| {_name(item)} | {times} | {'' if power is None else f'{power:.1f}'} | {memory} | {limits} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.growth", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="how many of a thing")
    parser.add_argument("--only", nargs="+", metavar="WORD", help="only dimensions whose name holds one of these")
    parser.add_argument("--above", type=float, default=ABOVE_LINEAR, metavar="POWER", help="default: %(default)s")
    parser.add_argument("--all", action="store_true", help="print those that grow as they should, too")
    parser.add_argument("--mend", action="store_true", help="write all fixes rather than judge")
    parser.add_argument("--patience", type=int, default=30, metavar="S", help="processor seconds for one file")
    return parser


if __name__ == "__main__":
    sys.exit(main())
