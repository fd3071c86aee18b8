"""What is known of a process that is watched: its base, its peaks, its alerts. Pure, and of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bot.budgets.limits import limits
from bot.budgets.meters.model import Series, unit
from bot.budgets.monitoring.samples import Alert, AlertKind, Observed, Sample
from bot.budgets.monitoring.trends import Floor, Trend
from bot.budgets.records import amount, total
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.config.budgets import Budget

MAX_POINTS: Final = 120
MAX_ALERTS: Final = 20
"""How many alerts of a metric are remembered: the first ones."""
_MEGABYTE: Final = 1_000_000
_FLOORS: Final = {Metric.RSS: Floor(2 * _MEGABYTE, 10 * _MEGABYTE)}
"""What growth of a process's size has to exceed: 2 MB a minute, 10 MB in the window."""
_FLOOR_OF_COUNTS: Final = Floor(0.0, 3.0)
_MAX_SERIES: Final = 500


class History:
    """A series of bounded length: when it is full, every second value is dropped, and from then on half are taken."""

    def __init__(self) -> None:
        self.points: list[float] = []
        self._step = 1
        self._count = 0

    def take(self, value: float) -> None:
        """Takes a value."""
        if self._count % self._step == 0:
            self.points.append(value)
            if len(self.points) == MAX_POINTS:
                del self.points[1::2]
                self._step *= 2
        self._count += 1


class _Watched:
    """One metric."""

    def __init__(self, metric: Metric, value: float, limit: float | None) -> None:
        self.metric = metric
        self.base = self.last = self.peak = value
        self.limit = limit
        self.history = History()
        self.alerts: list[Alert] = []
        self._trend = None if metric is Metric.CPU else Trend(_FLOORS.get(metric, _FLOOR_OF_COUNTS))
        self._since: dict[AlertKind, float] = {}

    def take(self, seconds: float, value: float) -> list[Alert]:
        """Takes a value, and says what is wrong."""
        self.last = value
        self.peak = max(self.peak, value)
        self.history.take(value)
        if self._trend is not None:
            self._trend.take(seconds, value)
        return [alert for kind in AlertKind if (alert := self._alert(kind, seconds)) is not None]

    def per_minute(self) -> float | None:
        """How fast it grows at least."""
        return self._trend.per_minute() if self._trend is not None else None

    def _alert(self, kind: AlertKind, seconds: float) -> Alert | None:
        rate = self.per_minute()
        over = self.limit is not None and self.last > self.limit
        if not (over if kind is AlertKind.OVER_BUDGET else rate is not None):
            self._since.pop(kind, None)
            return None
        is_new = kind not in self._since
        alert = Alert(
            kind=kind,
            metric=self.metric,
            since=self._since.setdefault(kind, seconds),
            value=self.last,
            limit=self.limit if kind is AlertKind.OVER_BUDGET else None,
            per_minute=rate if kind is AlertKind.GROWTH else None,
        )
        if is_new and len(self.alerts) < MAX_ALERTS:
            self.alerts.append(alert)
        return alert


class Watch:
    """A process that is watched."""

    def __init__(self, pid: int, budget: Budget) -> None:
        """`budget`: what it may hold."""
        self._pid = pid
        self._limits = limits(budget)
        self._watched: dict[Metric, _Watched] = {}
        self._parts: dict[tuple[Metric, str], float] = {}
        self._alerts: tuple[Alert, ...] = ()

    def take(self, seconds: float, reading: Mapping[Series, float]) -> Sample:
        """Takes a reading.

        Args:
            seconds: since the start, increasing.
            reading: what is held.
        """
        alerts: list[Alert] = []
        for metric in Metric:
            value = total(reading, metric)
            if value is None:
                continue
            if metric not in self._watched:
                whole = next((item.most for item in self._limits if item[:2] == (metric, "")), None)
                self._watched[metric] = _Watched(metric, value, whole)
            alerts += self._watched[metric].take(seconds, value)
        alerts += self._over_in_parts(seconds, reading)
        self._alerts = tuple(alerts)
        shown = sorted(reading.items())[:_MAX_SERIES]
        metrics = {" ".join(filter(None, (series.metric.value, series.detail))): value for series, value in shown}
        return Sample(seconds=round(seconds, 3), pid=self._pid, metrics=metrics, alerts=self._alerts)

    def observed(self) -> list[Observed]:
        """What became of each metric."""
        return [
            Observed(
                metric=item.metric,
                unit=unit(item.metric),
                base=item.base,
                last=item.last,
                peak=item.peak,
                limit=item.limit,
                alerts=tuple(item.alerts),
            )
            for item in self._watched.values()
        ]

    def alerts(self) -> tuple[Alert, ...]:
        """What is wrong at the moment."""
        return self._alerts

    def points(self, metric: Metric) -> list[float]:
        """Values of a metric over the whole time, at most `MAX_POINTS`."""
        return self._watched[metric].history.points

    def unmeasured(self) -> list[str]:
        """The budgets that cannot be held against what is measured from outside."""
        return sorted({item.metric.value for item in self._limits if item.metric not in self._watched})

    def _over_in_parts(self, seconds: float, reading: Mapping[Series, float]) -> list[Alert]:
        """Alerts of parts with a budget of their own, such as a table's rows."""
        alerts = []
        for metric, detail, most in self._limits:
            held = amount(reading, Series(metric, detail)) if detail else None
            if held is None or held <= most:
                self._parts.pop((metric, detail), None)
                continue
            since = self._parts.setdefault((metric, detail), seconds)
            alerts.append(
                Alert(kind=AlertKind.OVER_BUDGET, metric=metric, detail=detail, since=since, value=held, limit=most)
            )
        return alerts
