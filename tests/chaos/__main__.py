"""`python -m tests.chaos`: see the package."""

from __future__ import annotations

import argparse
import logging
import math
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.database.embedded import start
from tests.chaos.run import Plan, run

if TYPE_CHECKING:
    from tests.chaos.run import Result

EVENTS_A_REPOSITORY: Final = 400


def main() -> int:
    """Runs it, prints a table, and says by the exit code whether all is as it has to be."""
    options = _options()
    # Whoever ends it ends its processes too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    # Of connections that are dropped on purpose.
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    repositories = max(2, options.events // EVENTS_A_REPOSITORY)
    organisations = max(2, min(12, repositories // 3))
    plan = Plan(
        events=options.events,
        seed=options.seed,
        organisations=organisations,
        repositories=-(-repositories // organisations),
        workers=options.workers,
        minutes=options.minutes,
        kills=options.kills if options.kills is not None else max(4, options.events // 60),
    )
    folder = options.folder or Path(tempfile.gettempdir()) / f"stanch-chaos-{os.getpid()}"
    server = start(folder, {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})
    try:
        result = run(plan, folder / "run", server.url())
    finally:
        server.close()
        print(f"Seed {plan.seed}; logs and repositories are in {folder}.", flush=True)
    print(table(result))
    if result.verdict.broken:
        return 1
    if options.folder is None:
        shutil.rmtree(folder)
    return 0


def table(result: Result) -> str:
    """What has happened, for a person."""
    rows: list[tuple[str, object]] = [
        ("events", result.events),
        ("deliveries, repetitions and echoes included", result.deliveries),
        ("requests to GitHub", result.requests),
        ("processes killed", result.kills),
        ("faults", sum(result.faults.values())),
        *((f"  {name}", times) for name, times in result.faults.items()),
        ("actions", sum(result.done.values())),
        *((f"  {name}", times) for name, times in sorted(result.done.items())),
        *((f"runs of {kind}", times) for kind, times in sorted(result.jobs.items())),
        *((f"{name} in the end", times) for name, times in sorted(result.verdict.counted.items())),
        ("seconds", f"{result.seconds:.0f}"),
        ("seconds of them to settle", f"{result.settling_seconds:.0f}"),
        ("not as it has to be", len(result.verdict.broken)),
    ]
    lines = [f"{name:<46}{value:>10}" for name, value in rows]
    return "\n".join([*lines, *(f"- {sentence}" for sentence in result.verdict.broken)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description="The service under faults and kills.")
    parser.add_argument("--events", type=int, default=10_000, help="how many webhooks people cause (10000)")
    parser.add_argument("--seed", type=int, default=1, help="of what happens (1); what overlaps is up to the machine")
    parser.add_argument("--workers", type=int, default=1, help="processes that run jobs, beside the one that serves")
    parser.add_argument("--kills", type=int, help="how many processes are killed (one every 60 events)")
    parser.add_argument("--minutes", type=float, default=math.inf, help="end with fewer events after so many minutes")
    parser.add_argument("--folder", type=Path, help="where to work; kept (a temporary one, kept only after a failure)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
