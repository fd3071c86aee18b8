"""Results of measurements, as the Action publishes them in its check run: numbers and ids, nothing that is believed.

The document `stanch.budget/1` stands between two lines of the check's text. It was made in a job that ran the code of
the pull request, so that everything in it may be forged; it is bounded, and what is shown of it is rendered here.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final, Literal

import msgspec

from bot.config.budgets import GrowthVerdict, Metric

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.config import Config
    from bot.github.models import CheckRunState

CHECK_NAME: Final = "stanch budgets"
GITHUB_ACTIONS: Final = 15368
"""The id of the App in whose name workflows of github.com write; a server of one's own has another one."""
OPENING: Final = "<!-- stanch:v1 budgets"
CLOSING: Final = "stanch:v1 end -->"

MAX_RESULTS = 200
MAX_POINTS = 60
MAX_GROWN = 20

_Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,63}$")]
_Commit = Annotated[str, msgspec.Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$")]
_Number = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_Points = Annotated[tuple[_Number, ...], msgspec.Meta(max_length=MAX_POINTS)]
# Without what would end the cell of a table.
_Path = Annotated[str, msgspec.Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f|\\]+$")]
_Detail = Annotated[str, msgspec.Meta(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f|\\]+$")]
_Reason = Annotated[str, msgspec.Meta(max_length=500)]
_Line = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]


class State(StrEnum):
    """What became of one metric of one profile."""

    PASS = "pass"
    OVER_BUDGET = "over-budget"
    NEW_GROWTH = "new-growth"
    GROWTH_IN_BASE = "growth-in-base"
    INCONCLUSIVE = "inconclusive"
    NOT_MEASURED = "not-measured"


class Precision(StrEnum):
    """How far a number may be trusted."""

    EXACT = "exact"
    NEAR_EXACT = "near-exact"
    STATISTICAL = "statistical"


class Unit(StrEnum):
    """What is counted."""

    COUNT = "count"
    BYTES = "bytes"
    SECONDS = "seconds"


class Site(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where what grows is created; columns are the runtime's own."""

    path: _Path
    line: _Line
    column: _Line | None = None


class Grown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a metric that grows with every iteration.

    `detail`: which part, such as `Bus#tick`; None: the metric as a whole. `rate`: growth per iteration. `whole`: every
    iteration adds the same whole number. `finding`: the id of the static finding at the site.
    """

    detail: _Detail | None = None
    rate: _Number
    whole: bool = False
    site: Site | None = None
    finding: _Id | None = None


class Environment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On what it was measured."""

    os: _Id
    runtime: _Id
    cores: Annotated[int, msgspec.Meta(ge=1, le=100_000)] | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One metric of one profile.

    `detail`: a part of the metric with a budget of its own, such as a table; None: all of it. `base` and `head`: the
    most that was held at a quiet moment; None: not measured. `limit`: the budget for it. `rate`, `base_rate`: growth
    per iteration. `runs`: how often the head was run, `iterations` how long each. `grown`: what of it grows, the
    fastest first. `site`: where the fastest is created. `base_points`, `head_points`: what was held at the end of each
    batch. `reason`: why there is no result.
    """

    profile: _Id
    metric: Metric
    detail: _Detail | None = None
    unit: Unit
    precision: Precision = msgspec.field(name="class")
    state: State
    base: _Number | None = None
    head: _Number | None = None
    limit: _Number | None = None
    rate: _Number | None = None
    base_rate: _Number | None = None
    site: Site | None = None
    grown: Annotated[tuple[Grown, ...], msgspec.Meta(max_length=MAX_GROWN)] = ()
    runs: Annotated[int, msgspec.Meta(ge=0, le=1000)]
    iterations: Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000_000)] = 0
    base_points: _Points = ()
    head_points: _Points = ()
    reason: _Reason | None = None


class Budgets(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The results of one measured commit; `dirty`: of files that differ from it."""

    schema: Literal["stanch.budget/1"] = "stanch.budget/1"
    commit: _Commit
    dirty: bool = False
    base: _Commit | None = None
    environment: Environment
    results: Annotated[tuple[Result, ...], msgspec.Meta(max_length=MAX_RESULTS)]


class BudgetsError(ValueError):
    """A check run does not hold results that can be read; the message says why."""


Measured = Budgets | BudgetsError | None
"""Results, why they cannot be read, or None where nothing was measured (yet)."""


def embedded(budgets: Budgets) -> str:
    """The text of the check run that carries these results."""
    # In JSON every `>` may be escaped, so that nothing in it can end the comment early.
    document = msgspec.json.encode(budgets, order="sorted").decode().replace(">", "\\u003e")
    return f"{OPENING}\n{document}\n{CLOSING}\n"


def parse_budgets(text: str) -> Budgets:
    """The results in the text of a check run.

    Raises:
        BudgetsError: there are none, or they do not fit the schema.
    """
    opening = text.find(OPENING)
    closing = text.find(CLOSING, opening)
    if opening < 0 or closing < 0:
        raise BudgetsError("The check run holds no results of measurements.")
    return decode_budgets(text[opening + len(OPENING) : closing].encode("utf-8", "replace"))


def decode_budgets(document: bytes) -> Budgets:
    """The results in a document `stanch.budget/1`.

    Raises:
        BudgetsError: it does not fit the schema.
    """
    try:
        return msgspec.json.decode(document, type=Budgets)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BudgetsError(f"The results of the measurements do not fit the schema stanch.budget/1: {error}.") from None


def budgets_of(checks: Iterable[CheckRunState], commit: str, *, actions_app: int = GITHUB_ACTIONS) -> Measured:
    """The results that the Action has published for a commit; None when there are none yet.

    Args:
        checks: the check runs named `CHECK_NAME` on the commit, whoever has written them.
        commit: the commit; results that name another one are refused.
        actions_app: the id of the App in whose name workflows write here; check runs of others are ignored.
    """
    written = [
        check
        for check in checks
        if check.name == CHECK_NAME and check.app_id == actions_app and check.status == "completed"
    ]
    if not written:
        return None
    try:
        budgets = parse_budgets(max(written, key=lambda check: check.id).text)
    except BudgetsError as error:
        return error
    if budgets.dirty or budgets.commit != commit:
        return BudgetsError("The results of the measurements name another commit.")
    return budgets


def held(budgets: Measured) -> dict[str, float]:
    """What a commit held, by metric and profile, such as `timers poll`; nothing where nothing was measured."""
    results = budgets.results if isinstance(budgets, Budgets) else ()
    return {
        " ".join(filter(None, (result.metric, result.detail, result.profile))): result.head
        for result in results
        if result.head is not None
    }


def failing(budgets: Measured, config: Config) -> list[Result]:
    """The results that fail the check, by the configuration in force; none where nothing was measured.

    Only metrics that are exact or nearly so can fail anything, and only in profiles that have a budget there.
    """
    found: list[Result] = []
    if not isinstance(budgets, Budgets):
        return found
    for result in budgets.results:
        budget = config.budgets.get(result.profile)
        if budget is None or result.precision is Precision.STATISTICAL:
            continue
        failing_states = {State.OVER_BUDGET}
        if budget.fail_on is not GrowthVerdict.NEVER:
            failing_states.add(State.NEW_GROWTH)
        if budget.fail_on is GrowthVerdict.ANY_GROWTH:
            failing_states.add(State.GROWTH_IN_BASE)
        if result.state in failing_states:
            found.append(result)
    return found
