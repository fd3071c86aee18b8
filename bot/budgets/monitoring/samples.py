"""The document `stanch.sample/1`: one JSON line for each sample of a process that is watched."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from bot.config.budgets import Metric
from bot.decisions.budgets import Unit


class AlertKind(StrEnum):
    """Why there is an alert."""

    OVER_BUDGET = "over-budget"
    GROWTH = "growth"


class Alert(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is wrong at the moment.

    `since`: for how long, as seconds since the start. `value`: what is held. `limit`: the budget that it exceeds.
    `per_minute`: how fast it grows at least, with 95 % confidence.
    """

    kind: AlertKind
    metric: Metric
    detail: str | None = None
    since: float
    value: float
    limit: float | None = None
    per_minute: float | None = None


class Sample(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a process and its children hold at one moment.

    `seconds`: since the start. `metrics`: amounts by metric and, after a space, part (`open-files socket`); what could
    not be measured is absent. `alerts`: those that hold now.
    """

    schema: Literal["stanch.sample/1"] = "stanch.sample/1"
    seconds: float
    pid: int
    metrics: dict[str, float]
    alerts: tuple[Alert, ...] = ()


class Observed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a metric while it was watched: first, last and highest value, and the alerts that there were."""

    metric: Metric
    unit: Unit
    base: float
    last: float
    peak: float
    limit: float | None = None
    alerts: tuple[Alert, ...] = ()


def to_line(sample: Sample) -> bytes:
    """The sample as a line of JSON, keys sorted."""
    return msgspec.json.encode(sample, order="sorted") + b"\n"
