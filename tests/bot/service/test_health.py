"""Health, readiness and metrics; headers on every answer; nothing that depends on the Host header."""

from __future__ import annotations

import pytest

from bot.jobs.numbers import Depth
from bot.service import health
from bot.service.metrics import Metrics, QueueNumbers
from tests.bot.service.doubles import MemoryCredentials, make_web
from tests.bot.service.test_setup import Scene


def raising() -> str | None:
    raise ConnectionError("password of 10.0.0.7")


def test_the_process_lives() -> None:
    answer = make_web(credentials=MemoryCredentials(None)).client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_ready_when_every_check_is() -> None:
    answer = make_web(checks={"database": lambda: None, "worker": lambda: None}).client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "checks": {"credentials": "ok", "database": "ok", "worker": "ok"}}


def test_not_ready_says_what_is_missing() -> None:
    checks = {"database": raising, "worker": lambda: "No worker was heard of for 3 minutes."}
    answer = make_web(credentials=MemoryCredentials(None), checks=checks).client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "not-ready"
    assert answer.json()["checks"] == {
        "credentials": "There are none; the setup page makes them.",
        "database": "ConnectionError",
        "worker": "No worker was heard of for 3 minutes.",
    }


def test_a_check_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    monkeypatch.setattr(health, "CHECK_SECONDS", 0.05)
    ended = threading.Event()
    web = make_web(checks={"database": lambda: "late" if ended.wait(10) else "never"})
    try:
        assert web.client.get("/readyz").json()["checks"]["database"] == "no answer within 0.05 seconds"
    finally:
        ended.set()


def test_the_metrics() -> None:
    metrics = Metrics()
    metrics.watch(lambda: QueueNumbers({"review": Depth(3, 1, 0, 12.5)}, {("review", "done"): 40}))
    metrics.job_ended("review", "done", 2.5, 11)
    answer = make_web(metrics=metrics).client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    for line in (
        'stanch_queue_jobs{kind="review",state="waiting"} 3.0',
        'stanch_queue_jobs{kind="review",state="running"} 1.0',
        'stanch_queue_jobs{kind="review",state="poison"} 0.0',
        'stanch_queue_oldest_seconds{kind="review"} 12.5',
        'stanch_runs_total{kind="review",outcome="done"} 40.0',
        "stanch_queue_readable 1.0",
        'stanch_github_requests_per_job_bucket{kind="review",le="12.0"} 1.0',
        'stanch_job_seconds_count{kind="review",outcome="done"} 1.0',
    ):
        assert line in answer.text.splitlines()


def test_metrics_survive_a_database_that_is_away() -> None:
    metrics = Metrics()

    def away() -> QueueNumbers:
        raise ConnectionError

    metrics.watch(away)
    text = make_web(metrics=metrics).client.get("/metrics").text
    assert "stanch_queue_readable 0.0" in text
    assert "stanch_queue_jobs" not in text


@pytest.mark.parametrize("path", ["/healthz", "/webhook", "/", "/setup/x", "/docs", "/redoc", "/openapi.json"])
def test_security_headers_are_on_every_answer(path: str) -> None:
    headers = make_web().client.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "server" not in headers
    assert "set-cookie" not in headers


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json", "/healthz/"])
def test_there_is_nothing_else(path: str) -> None:
    answer = make_web().client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"status": "not-found"})


def test_the_interface_is_described_only_when_told() -> None:
    described = make_web(api_docs=True).client.get("/openapi.json").json()
    assert set(described["paths"]) == {"/webhook", "/healthz", "/readyz", "/metrics"}


def test_no_answer_repeats_the_host_header() -> None:
    scene = Scene()
    hostile = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"}
    for path in (scene.path, "/healthz", "/healthz/", "/webhook", "/setup/callback?code=a&state=b", "//evil.example"):
        answer = scene.web.client.get(path, headers=hostile)
        assert "evil.example" not in answer.text
        assert "evil.example" not in str(answer.headers)
