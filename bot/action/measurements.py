"""Measurements that the job was given: read, believed in nothing but their form, and published as the check that the
App reads them from.

What measures runs the code of a pull request, so it does that in a step, or a job, of its own: here are only numbers
and ids of the document `stanch.budget/1`, which a stranger may have written.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from bot.decisions.actions import FinishCheck
from bot.decisions.budget_table import budgets_markdown, budgets_title
from bot.decisions.budgets import CHECK_NAME, Budgets, BudgetsError, budgets_of, decode_budgets, embedded, failing
from bot.decisions.checks import CheckRun, Output
from bot.gate import FailOn
from bot.judged import Judged

if TYPE_CHECKING:
    from bot.action.place import Place
    from bot.config import Config
    from bot.decisions.budgets import Measured

MAX_BYTES: Final = 1_000_000
FILE: Final = "budgets.json"
HANDED_ON: Final = "stanch-measured"
"""The folder into which `action.yml` puts what the workflow that has ended has measured."""


def measured_on(place: Place, commit: str) -> Measured:
    """What a job has published of a commit; None too where the token may not read it."""
    return budgets_of(place.check_runs(commit, CHECK_NAME), commit, actions_app=place.app.app_id)


def publish_measurements(place: Place, judged: object, commit: str) -> Measured:
    """Publishes what the job was given, if it is about this commit; returns it.

    Args:
        place: the job.
        judged: what was found; the configuration that was in force says what fails.
        commit: the commit.
    """
    measured = _given(place, commit)
    if isinstance(measured, Budgets) and isinstance(judged, Judged):
        name = place.venue.check_name(CHECK_NAME)
        check = budgets_check(measured, judged.config, name)
        action = FinishCheck(place.venue.check_key(name, commit), None, commit, check, embedded(measured))
        place.performer().act(lambda _: (action,))
    return measured


def budgets_check(budgets: Budgets, config: Config, name: str = CHECK_NAME) -> CheckRun:
    """The check of measurements. It fails on budgets that are not kept, unless the gate is off.

    Args:
        budgets: what was measured.
        config: what is in force.
        name: of the check.
    """
    failed = failing(budgets, config)
    gate = config.gate.fail_on is not FailOn.NONE
    title = budgets_title(failed) or "No budget fails"
    output = Output(title=title[:1].upper() + title[1:], summary=budgets_markdown(budgets, config), annotations=())
    conclusion = "failure" if failed and gate else "neutral" if failed else "success"
    return CheckRun(name=name, conclusion=conclusion, output=output, actions=())  # type: ignore[arg-type]


def keep_measurements(place: Place, budgets: Budgets) -> Path:
    """Writes measurements for another workflow, and returns the file."""
    file = place.folder / FILE
    file.write_bytes(msgspec.json.encode(budgets, order="sorted") + b"\n")
    return file


def _given(place: Place, commit: str) -> Measured:
    """The document that an input names, or that was handed on; whoever has written it."""
    named = place.inputs.budgets
    file = place.workspace / named if named else place.folder.parent / HANDED_ON / FILE
    if not named and not file.exists():
        return None
    try:
        budgets = decode_budgets(_read(file))
    except BudgetsError as error:
        return error
    except OSError as error:
        return BudgetsError(f"The file of the measurements cannot be read: {error.strerror}.")
    if budgets.commit != commit:
        return BudgetsError("The results of the measurements name another commit.")
    return budgets


def _read(file: Path) -> bytes:
    """A plain file that is not too large.

    Raises:
        BudgetsError, OSError: it is none, or cannot be read.
    """
    status = os.lstat(file)
    if not stat.S_ISREG(status.st_mode):
        raise BudgetsError("The file of the measurements is no plain file.")
    if status.st_size > MAX_BYTES:
        raise BudgetsError(
            f"The file of the measurements has {status.st_size:,} bytes; at most {MAX_BYTES:,} are read."
        )
    return file.read_bytes()
