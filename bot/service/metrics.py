"""What is counted, for Prometheus. No name of a repository or person is ever a label."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prometheus_client.core import Metric

    from bot.jobs.numbers import Depth

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_DOOR_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CALLS: Final = (1, 2, 5, 8, 10, 12, 15, 20, 30, 50, 100)
_READABLE: Final = ("stanch_queue_readable", "Whether the queue can be read.")
_log = structlog.get_logger("stanch.metrics")


@dataclass(frozen=True)
class QueueNumbers:
    """The queue at one moment: how much there is of each kind of job, and how often runs ended how, ever."""

    depths: Mapping[str, Depth] = field(default_factory=dict)
    outcomes: Mapping[tuple[str, str], int] = field(default_factory=dict)


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._deliveries = Counter(
            "stanch_deliveries", "Deliveries by event and answer.", ["event", "answer"], registry=self._registry
        )
        self._door = Histogram(
            "stanch_delivery_seconds",
            "How long the door took to answer.",
            buckets=_DOOR_SECONDS,
            registry=self._registry,
        )
        self._calls_per_job = Histogram(
            "stanch_github_requests_per_job",
            "Requests to GitHub that one job made.",
            ["kind"],
            buckets=_CALLS,
            registry=self._registry,
        )
        self._job_seconds = Histogram(
            "stanch_job_seconds", "How long a job ran.", ["kind", "outcome"], registry=self._registry
        )

    def watch(self, queue: Callable[[], QueueNumbers]) -> None:
        """Shows the queue too: `queue` is called for each scrape, in a thread, and may raise."""
        self._registry.register(_QueueCollector(queue))

    def delivered(self, event: str, answer: str, seconds: float) -> None:
        """A delivery was answered.

        Args:
            event: its event, of those that are recorded; else `other`.
            answer: one word for it.
            seconds: from its first byte to its answer.
        """
        self._deliveries.labels(event, answer).inc()
        self._door.observe(seconds)

    def job_ended(self, kind: str, outcome: str, seconds: float, calls: int) -> None:
        """A job of this process has ended, after `seconds` and with `calls` requests to GitHub."""
        self._job_seconds.labels(kind, outcome).observe(seconds)
        self._calls_per_job.labels(kind).observe(calls)

    @contextmanager
    def listening(self, host: str, port: int) -> Iterator[None]:
        """Answers Prometheus at a port of its own until the end of the block, in a process that has no web side.

        Raises:
            OSError: the address is taken, or not this machine's.
        """
        server, thread = start_http_server(port, host, self._registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def text(self) -> bytes:
        """All of it in Prometheus' text format."""
        return generate_latest(self._registry)


class _QueueCollector(Collector):
    def __init__(self, queue: Callable[[], QueueNumbers]) -> None:
        self._queue = queue

    def describe(self) -> Iterator[Metric]:
        """Nothing in advance, so that registering does not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """The queue as it is now; only that it cannot be read, where it cannot."""
        try:
            numbers = self._queue()
        except Exception as error:
            _log.warning("the queue cannot be read", reason=str(error))
            yield GaugeMetricFamily(*_READABLE, value=0)
            return
        yield GaugeMetricFamily(*_READABLE, value=1)
        jobs = GaugeMetricFamily("stanch_queue_jobs", "Jobs by kind and state.", labels=["kind", "state"])
        oldest = GaugeMetricFamily(
            "stanch_queue_oldest_seconds", "For how long the oldest job that is due has been so.", labels=["kind"]
        )
        for kind, depth in numbers.depths.items():
            jobs.add_metric([kind, "waiting"], depth.waiting)
            jobs.add_metric([kind, "running"], depth.running)
            jobs.add_metric([kind, "poison"], depth.poison)
            oldest.add_metric([kind], depth.oldest_due_seconds)
        runs = CounterMetricFamily("stanch_runs", "Runs of jobs by how they ended.", labels=["kind", "outcome"])
        for (kind, outcome), times in numbers.outcomes.items():
            runs.add_metric([kind, outcome], times)
        yield from (jobs, oldest, runs)
