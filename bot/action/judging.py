"""Commits fetched by their ids and judged, as the App does it: no work tree, and nothing of the code is run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from bot.checkout import CheckoutError, Source
from bot.decisions.state import Fault
from bot.object_store import ObjectStore, StoreError
from bot.reports.wording import series
from bot.sandbox.jobs import Change, judge_fetched
from bot.sandbox.outcomes import Failure

if TYPE_CHECKING:
    from bot.action.inputs import Inputs
    from bot.action.place import Place
    from bot.judged import Grouping, Judged

_SHOWN: Final = 3


def judge(place: Place, base: str | None, head: str, groups: Grouping | None = None) -> Judged | Fault:
    """Fetches what a judgement needs, and judges it; in the sandbox where the machine has one.

    Args:
        place: the job.
        base: the merge base's commit id; None: the whole tree of `head`.
        head: the commit id.
        groups: which safe fixes are written for pull requests; None: none.

    Returns:
        What was found, under the configuration of the base with what the inputs say otherwise; or why nothing was.
    """
    where, inputs = place.where, place.inputs
    change = Change(
        base=base,
        head=head,
        today=datetime.now(tz=UTC).date(),
        groups=groups,
        blob_url=f"{where.html_url}/blob/{head}",
        named=inputs.paths,
        config_path=inputs.config,
    )
    source = Source(where.repository_id, place.github.clone_url(), place.github.token())
    try:
        found = judge_fetched(ObjectStore(place.folder / "objects"), source, change, unconfined=True)
    except CheckoutError as error:
        place.log.say(error.detail or str(error))
        return Fault(str(error), rerun_helps=error.rerun_helps)
    except StoreError as error:
        return Fault(str(error))
    if isinstance(found, Failure):
        return Fault(found.sentence, rerun_helps=found.rerun_helps)
    totals = found.report.totals
    if inputs.paths and not totals.files and not totals.resolved:
        shown = series([f"`{path}`" for path in inputs.paths[:_SHOWN]])
        return Fault(f"There is nothing to scan below {shown}.", rerun_helps=False)
    return _with_inputs(found, inputs)


def _with_inputs(judged: Judged, inputs: Inputs) -> Judged:
    """The judgement with the gate and the confidence that the workflow wants; what was found stays as it is."""
    if inputs.fail_on is None and inputs.confidence is None:
        return judged
    config = judged.config
    if inputs.fail_on is not None:
        config = replace(config, gate=replace(config.gate, fail_on=inputs.fail_on))
    if inputs.confidence is not None:
        config = replace(config, scan=replace(config.scan, confidence=inputs.confidence))
    return replace(judged, effective=config.canonical())
