"""`make bench`: measures Stanch and its peers, prints the tables, and keeps them in `bench/results/`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.speed import peers, sizes, tables
from bench.speed.measuring import Measured, measure, peak_memory
from bench.speed.sets import SourceSet, files_of, prepare, source_sets
from bench.speed.stanch import Changer, floors_on, opened_by_gate, scan, stanch_on
from fixers.source import Tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.speed.measuring import Command

ROOT: Final = Path(__file__).resolve().parent.parent
RESULTS: Final = ROOT / "bench" / "results"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the bench.

    Args:
        arguments: the command line; the process's own by default.

    Returns:
        0 when everything was measured, 1 when a set or a peer could not be fetched.
    """
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--cache", type=Path, default=ROOT / ".bench", help="where packages and peers lie")
    parser.add_argument("--rounds", type=int, default=5, help="how often the quick ones run")
    parser.add_argument("--timeout", type=float, default=900, help="seconds that a run may take")
    parser.add_argument("--language", choices=[*Tables], help="one language only")
    parser.add_argument("--no-peers", action="store_true", help="Stanch and the floors only")
    options = parser.parse_args(arguments)
    cache: Path = options.cache.resolve()
    cache.mkdir(parents=True, exist_ok=True)
    try:
        parts = list(_parts(options, cache))
    except subprocess.CalledProcessError as error:
        print(f"make bench: {error}; its reason stands above.", file=sys.stderr)
        return 1
    text = "\n".join(parts)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{datetime.now(tz=UTC):%Y-%m-%d-%H%M%S}.md").write_text(text, encoding="utf-8")
    print(text)
    return 0


def _parts(options: argparse.Namespace, cache: Path) -> Iterator[str]:
    yield f"# Speed\n\nStanch {version('stanch')} on {os.cpu_count()} processors. {peers.versions()}.\n"
    aims: list[tables.Aim] = []
    for source_set in source_sets():
        if options.language in {None, source_set.language}:
            yield from _of_set(source_set, options, cache, aims)
    yield "## Aims\n"
    yield tables.aims_table(aims)


def _of_set(source_set: SourceSet, options: argparse.Namespace, cache: Path, aims: list[tables.Aim]) -> Iterator[str]:
    language = source_set.language
    files = prepare(source_set, cache)
    paths = files_of(files)
    opened, opened_bytes = opened_by_gate(language, files)
    yield (
        f"## {language}: {len(paths):,} files, {sum(path.stat().st_size for path in paths):,} bytes\n\n"
        f"{', '.join(f'{package.name} {package.version}' for package in source_set.packages)}. "
        f"The gate lets {opened:,} files of {opened_bytes:,} bytes in.\n"
    )
    change = Changer(files, Tables(language))
    commands = [*floors_on(language, files), *stanch_on(files, cache, change)]
    if not options.no_peers:
        commands += peers.peers_of(language, files, cache)
    try:
        measured = _measured(commands, options)
    finally:
        change.restore()
    yield tables.speed_table(measured)
    aims += tables.aims_of(language, measured)
    by_size = {
        "lines": sizes.long_files(files, Tables(language), cache / "sizes" / language / "lines"),
        "files": sizes.repositories(files, cache / "sizes" / language / "files"),
    }
    grown = {unit: _grown(folders, unit, options, cache) for unit, folders in by_size.items()}
    for unit, entries in grown.items():
        yield "\n" + tables.growth_table(unit, entries)
    aims += tables.growth_aims(language, grown["lines"], grown["files"])


def _measured(commands: Sequence[Command], options: argparse.Namespace) -> list[Measured]:
    measured = measure(commands, rounds=options.rounds, timeout=options.timeout)
    for entry in measured:
        # What took minutes is not run once more for its memory.
        if entry.seconds is not None and entry.seconds < 60 and not entry.command.tells_time:
            print(f"memory: {entry.command.name}", file=sys.stderr)
            entry.peak_bytes = peak_memory(entry.command, options.timeout)
    return measured


def _grown(folders: dict[int, Path], unit: str, options: argparse.Namespace, cache: Path) -> dict[int, Measured]:
    commands = [
        scan(f"{size:,} {unit}", ["--no-cache", f"--jobs={1 if unit == 'lines' else 2}", "."], folder, cache, rounds=3)
        for size, folder in folders.items()
    ]
    return dict(zip(folders, _measured(commands, options), strict=True))


if __name__ == "__main__":
    sys.exit(main())
