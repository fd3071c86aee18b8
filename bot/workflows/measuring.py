"""What budget profiles have counted on the branches of pull requests that fix, told in their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from bot.decisions.budgets import Budgets
from bot.decisions.fix_bodies import measured_body
from bot.decisions.fixing_state import Standing
from bot.decisions.keys import fix_key
from bot.decisions.own import same_text
from bot.github.errors import Forbidden, NotFound, Unprocessable
from bot.workflows.judging import measured_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.acting import Actor
    from bot.decisions.fixing_state import Seen
    from bot.workflows.context import Context, Workplace

_log = structlog.get_logger("stanch.measuring")


def tell_measured(context: Context, place: Workplace, actor: Actor, seen: Iterable[Seen]) -> None:
    """Writes what was measured on our commits into the bodies of open pull requests of ours.

    Raises:
        GitHubError: GitHub could not be asked; the job is to be tried again.
        LeaseLost: nothing more is to be written now.
    """
    if not place.sees_checks:
        return
    for item in seen:
        record, pull = item.record, item.pull
        if record.standing is not Standing.OPEN or pull is None or not pull.is_open or pull.head not in record.heads:
            continue
        budgets = measured_on(context, place, pull.head)
        if not isinstance(budgets, Budgets):
            continue
        key = fix_key(record.branch, "measured")
        actor.check()
        try:
            # GitHub has a pull request's text in the issue of its number too.
            there = place.github.issues().read(pull.number).body
            body = measured_body(there, budgets)
            if not same_text(there, body):
                place.github.fixing().edit_pull_request(pull.number, body=body)
                actor.audit(key, "done")
        except (Forbidden, NotFound, Unprocessable) as error:
            _log.warning("GitHub refused", key=key, reason=str(error))
            actor.audit(key, f"refused: {type(error).__name__}")
