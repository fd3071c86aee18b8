"""`make fuzz`: many inputs through scan and fix. None may crash, and no fix that is written may break anything."""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from bench.fuzz.inputs import input_of
from bench.fuzz.originals import ROOT, default_folders, digest, examples, originals_in
from bench.fuzz.scripts import ScriptReader
from bench.fuzz.tally import Tally
from bench.fuzz.workers import examined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bench.fuzz.inputs import Input
    from bench.fuzz.workers import Examined

AGAIN_EVERY: Final = 20
"""One input in so many is examined twice, in two processes, and must give the same."""
_TELL_SECONDS: Final = 10.0
_TOLD_FAILURES: Final = 20
"""So many are told at once; all are kept."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the fuzzer.

    Args:
        arguments: the command line; the process's own by default.

    Returns:
        0 when every property held of every input, 1 when an input failed; it is kept then.
    """
    options = _parser().parse_args(arguments)
    missing = [folder for folder in options.folder or () if not folder.is_dir()]
    if missing:
        print(f"There is no folder {missing[0]}; name one that holds source files.", file=sys.stderr)
        return 2
    programs = examples()
    originals = originals_in(options.folder or default_folders())

    def made(numbers: Iterable[int]) -> Iterator[Input]:
        return (input_of(options.seed, number, originals, programs) for number in numbers)

    numbers = range(options.start, options.start + options.inputs)
    print(
        f"Seed {options.seed}, inputs {numbers.start} to {numbers.stop - 1}; "
        f"{len(originals)} real files ({digest(originals)}) and {len(programs)} examples.",
        flush=True,
    )
    run = _Run(options.output, options.seed, options.inputs)
    repeated = numbers[::AGAIN_EVERY]
    for done in examined(made(numbers), options.jobs):
        run.add(done, keep_digest=done.input.number in repeated)
    run.read_scripts()
    for done in examined(made(repeated), options.jobs):
        run.compare(done)
    print(f"\n{run.tally.table()}\n")
    print(f"{len(repeated)} inputs were examined twice. {run.verdict()}")
    return 1 if run.failed else 0


class _Run:
    """What is known so far, and the folder of the inputs that failed."""

    def __init__(self, output: Path, seed: int, inputs: int) -> None:
        self.tally = Tally()
        self.failed: set[int] = set()
        self._output = output
        self._seed = seed
        self._inputs = inputs
        self._digests: dict[int, str] = {}
        self._scripts = ScriptReader()
        self._started = self._told = time.monotonic()

    def add(self, done: Examined, *, keep_digest: bool) -> None:
        """An input that was examined for the first time."""
        self.tally.add(done)
        if keep_digest:
            self._digests[done.input.number] = done.outcome.digest
        if done.outcome.failures:
            self._keep(done, done.outcome.failures)
        self._keep_scripts(self._scripts.add(done))
        if time.monotonic() - self._told > _TELL_SECONDS:
            self._told = time.monotonic()
            count = self.tally.total().count
            print(f"{count:,} of {self._inputs:,} inputs, {len(self.failed)} failed", file=sys.stderr, flush=True)

    def read_scripts(self) -> None:
        """Reads the mended scripts that are left."""
        self._keep_scripts(self._scripts.finish())

    def compare(self, done: Examined) -> None:
        """An input that was examined once more, in another process."""
        if done.input.number in self.failed:
            return
        if done.outcome.failures:
            self._keep(done, done.outcome.failures)
        elif done.outcome.digest != self._digests[done.input.number]:
            self._keep(done, ["determinism: another process finds or writes something else"])

    def verdict(self) -> str:
        """The last sentence."""
        seconds = time.monotonic() - self._started
        if not self.failed:
            return f"Nothing failed. It took {seconds:,.0f} s."
        return f"{len(self.failed)} inputs failed; they are in {self._output}/, in folders named seed and number."

    def _keep_scripts(self, found: Iterable[tuple[Examined, str]]) -> None:
        for done, failure in found:
            self._keep(done, [failure])

    def _keep(self, done: Examined, failures: Sequence[str]) -> None:
        number, path = done.input.number, PurePosixPath(done.input.path)
        folder = self._output / f"{self._seed}-{number}"
        if number not in self.failed:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        self.failed.add(number)
        (folder / path.name).write_bytes(done.input.data)
        if done.outcome.written:
            (folder / f"written{path.suffix}").write_bytes(done.outcome.written)
        with (folder / "failures.txt").open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{failure}\n" for failure in failures)
        print(
            f"input {number} ({done.input.kind}, {path.name}): {failures[0].strip().splitlines()[-1]}", file=sys.stderr
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--inputs", type=int, default=100_000, metavar="N", help="how many (default: 100000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="what all inputs follow from (default: 1)")
    parser.add_argument(
        "--start", type=int, default=0, metavar="N", help="the first input's number, to go on or repeat"
    )
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="worker processes (default: 2)")
    parser.add_argument(
        "--folder",
        type=Path,
        action="append",
        metavar="DIR",
        help="real files to mutate; may be repeated (default: the installed packages and the examples)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=ROOT / "out" / "fuzz",
        metavar="DIR",
        help="where inputs that fail are kept (default: out/fuzz)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
