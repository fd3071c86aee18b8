"""A budget in the configuration as numbers by metric. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from bot.config.budgets import Metric

if TYPE_CHECKING:
    from datetime import date

    from bot.config.budgets import Allowance, Budget


class Limit(NamedTuple):
    """The most that may be held at a quiet moment; `detail` names a part of the metric, or is empty."""

    metric: Metric
    detail: str
    most: float


def limits(budget: Budget) -> list[Limit]:
    """What the program may hold."""
    levels = {
        Metric.HEAP: budget.heap_after_gc,
        Metric.RSS: budget.rss,
        Metric.OPEN_FILES: budget.open_files,
        Metric.SOCKETS: budget.sockets,
        Metric.TIMERS: budget.timers,
        Metric.LISTENERS_PER_EMITTER: budget.listeners_per_emitter,
        Metric.THREADS: budget.threads,
        Metric.CHILDREN: budget.children,
        Metric.DATABASE_PAGES: budget.database_pages,
    }
    found = [Limit(metric, "", most) for metric, most in levels.items() if most is not None]
    return [*found, *(Limit(Metric.ROWS, row.table, row.max) for row in budget.rows)]


def allowed_growth(budget: Budget) -> dict[Metric, float]:
    """What an iteration may add, of each metric whose growth is judged."""
    growth = budget.growth
    rates = {
        Metric.TIMERS: growth.timers,
        Metric.LISTENERS: growth.listeners,
        Metric.SOCKETS: growth.sockets,
        Metric.OPEN_FILES: growth.open_files,
        Metric.COLLECTIONS: growth.collections,
        Metric.THREADS: growth.threads,
        Metric.CHILDREN: growth.children,
        Metric.SERVERS: growth.servers,
        Metric.WORKERS: growth.workers,
        Metric.HANDLES: growth.handles,
        Metric.TASKS: growth.tasks,
        Metric.CLIENTS: growth.clients,
        Metric.CONNECTIONS: growth.connections,
        Metric.UNCLOSED: growth.unclosed,
        Metric.ROWS: growth.rows,
        Metric.OBJECTS: growth.objects,
        Metric.HEAP: growth.heap,
        Metric.RSS: growth.rss,
    }
    return {metric: float(most) for metric, most in rates.items() if most is not None}


def in_force(budget: Budget, today: date) -> list[Allowance]:
    """The growth that is accepted on a day."""
    return [entry for entry in budget.allow if entry.until is None or today <= entry.until]
