from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from bot.config import Config, effective_text, from_canonical, load, rule_matches
from bot.config.budgets import Metric
from bot.config.schema import schema, schema_text
from fixers.findings import Confidence, Family

PUBLISHED = Path(__file__).parents[3] / "docs" / "schemas" / "config.schema.json"

FULL = """\
# Everything that can be set
version: 1
scan:
  include: [src/**, "*.py"]
  exclude:
    - src/gen
  rules: [timer/never-released, "socket/*"]
  confidence: medium
gate: {fail-on: leak}
comment: {enabled: false}
fix:
  enabled: false
  families: [timer, socket]
  max-open: 5
  per-hour: 2
  labels: [performance, "needs review"]
  reviewers: [ada, org/team-a]
  draft: true
  branch-prefix: bots/stanch-
budgets:
  api:
    heap-after-gc: 50 MB
    rss: 150000000
    open-files: 40
    sockets: 10
    timers: 3
    listeners-per-emitter: 10
    threads: 8
    children: 0
    rows: [{database: data/app.db, table: jobs, max: 500}]
    database-pages: 1000
    growth:
      timers: 0
      listeners: 0.5
      collections: 1
      heap: 1 KiB
      rss: 2 KB
      rows: 2.5
      objects: 4
      sockets: 1
      threads: 0
      children: 0
      servers: 0
      workers: 0
      handles: 0
      tasks: 1
      clients: 0
      connections: 0
      unclosed: 0
    allow:
      - {metric: collections, site: "src/cache.ts:12", reason: "bounded by its users", until: 2027-01-31}
      - {metric: heap, class: LRU, reason: "fills up"}
    fail-on: any-growth
profiles:
  - name: api
    command: node dist/server.js --port 8080
    cwd: web
    env: {NODE_ENV: production}
    ready: {url: "http://127.0.0.1:8080/health"}
    setup: npm ci
    beside: [{command: redis-server, cwd: deploy, env: {A: b}, ready: {line: "Ready to accept"}}]
    databases: [data/app.db, "postgresql://127.0.0.1/app"]
    workload:
      requests:
        - url: /poll
        - {method: POST, url: /jobs, headers: {content-type: application/json}, body: "{\\"a\\": \\"é\\\\n\\"}"}
    iterations-per-batch: 50
    warm-up-batches: 1
    stages: 2
    pairs: 5
    timeout: 60
    concurrency: 4
  - {name: job, command: python job.py, workload: {run: ./once}}
ignore:
  - paths: [src/legacy/**]
    rules: [listener/*]
    fingerprints: [abcdef0123456789]
    reason: "will be deleted: #12"
    until: 2026-12-31
"""


@pytest.mark.parametrize("nothing", [b"", b"# only a comment\n", b"\xef\xbb\xbf", b"---\n", b"{}\n", b"version: 1\n"])
def test_nothing_written_is_the_defaults(nothing: bytes) -> None:
    config, _ = load(nothing, "c")
    assert config == Config()
    assert config.digest() == Config().digest()


def test_the_defaults_are_those_of_the_contract() -> None:
    config = Config()
    assert config.scan.confidence is Confidence.HIGH
    assert config.gate.fail_on == "none"
    assert (config.fix.max_open, config.fix.per_hour, config.fix.branch_prefix) == (3, 1, "stanch/")
    assert config.fix.families == tuple(Family)
    assert config.budgets == {}
    assert config.ignore == ()


def test_every_key_is_read() -> None:
    config, _ = load(FULL.encode(), "c")
    assert config.scan.include == ("src/**", "*.py")
    assert config.scan.confidence is Confidence.MEDIUM
    assert config.fix.families == (Family.TIMER, Family.SOCKET)
    assert config.fix.labels == ("performance", "needs review")
    budget = config.budgets["api"]
    assert (budget.heap_after_gc, budget.rss, budget.growth.heap) == (50_000_000, 150_000_000, 1024)
    assert budget.allow[0].metric is Metric.COLLECTIONS
    assert budget.allow[1].class_ == "LRU"
    assert config.profiles[0].workload.requests[1].body == '{"a": "é\\n"}'
    assert config.profiles[1].iterations_per_batch == 100
    assert config.ignore[0].until == date(2026, 12, 31)


def test_the_full_example_leaves_no_key_out() -> None:
    """A key that is added without being added to the example would be tested nowhere."""
    written = json.dumps(YAML(typ="safe", pure=True).load(FULL), default=str)
    keys = {key for part in [schema(), *schema()["$defs"].values()] for key in part.get("properties", {})}
    assert {key for key in keys if f'"{key}":' not in written} == {"port"}


def test_origins_are_the_lines_of_the_file() -> None:
    _, origins = load(FULL.encode(), "c")
    assert origins["fix", "max-open"] == (14, 3)
    assert origins["scan", "exclude", 0] == (6, 7)
    assert origins["budgets", "api", "growth", "heap"] == (36, 7)
    assert ("profiles", 1, "cwd") not in origins


def test_the_effective_configuration_says_where_each_setting_comes_from() -> None:
    config, origins = load(b"scan:\n  confidence: low\nignore:\n- {paths: [a], reason: 'no # comment'}\n", "stanch.yml")
    lines = effective_text(config, origins, "stanch.yml").splitlines()
    assert "  confidence: low  # stanch.yml:2" in lines
    assert "  include: []  # default" in lines
    assert "  - paths: [a]  # stanch.yml:4" in lines
    assert '    reason: "no # comment"  # stanch.yml:4' in lines
    assert "    until: null  # default" in lines


@pytest.mark.parametrize("written", ["", FULL])
def test_the_effective_configuration_can_be_read_again(written: str) -> None:
    config, origins = load(written.encode(), "c")
    again, _ = load(effective_text(config, origins, "c").encode(), "c")
    assert again == config
    assert again.digest() == config.digest()


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200),
    st.text("ab:#'\"\\{}[]%@`|>&*!-?~ ", min_size=1),
)
def test_any_text_survives_being_printed(body: str, pattern: str) -> None:
    request = {"url": "/", "body": body, "headers": {"x": "y"}}
    profile = {"name": "null", "command": body, "env": {"true": body}, "workload": {"requests": [request]}}
    config = from_canonical(json.dumps({"profiles": [profile]}))
    again, _ = load(effective_text(config, {}, pattern.replace("\n", "")).encode(), "c")
    assert again == config


@pytest.mark.parametrize("written", ["", FULL])
def test_the_canonical_text_can_be_read_again(written: str) -> None:
    config, _ = load(written.encode(), "c")
    assert from_canonical(config.canonical()) == config


def test_the_digest_of_the_defaults_stays() -> None:
    """Reports name it: another digest says that another configuration was in force."""
    assert Config().digest() == "6d79612848c2dac9fc22ee607b8d29eb76219a5f89003e468f25e5475395829e"


def test_the_digest_is_of_what_is_in_force_not_of_how_it_is_written() -> None:
    same = [b"fix: {max-open: 4, draft: false}\n", b"# x\nfix:\n  draft: false\n  max-open: 4\nversion: 1\n"]
    first, second = (load(written, "c")[0].digest() for written in same)
    assert first == second != Config().digest()
    growth = b"{name: a, command: b, workload: {run: c}}]\nbudgets: {a: {growth: {timers: 0, heap: 100 B}}}\n"
    plain = b"{name: a, command: b, workload: {run: c}}]\nbudgets: {a: {}}\n"
    assert load(b"profiles: [" + growth, "c")[0].digest() == load(b"profiles: [" + plain, "c")[0].digest()
    assert len(first) == 64


@pytest.mark.parametrize(
    ("patterns", "rule", "expected"),
    [
        (["*"], "timer/never-released", True),
        (["timer/*"], "timer/never-released", True),
        (["timer/never-released"], "timer/never-released", True),
        (["timer/unbounded", "socket/*"], "timer/never-released", False),
        ([], "timer/never-released", False),
    ],
)
def test_patterns_of_rules(patterns: list[str], rule: str, expected: bool) -> None:
    assert rule_matches(patterns, rule) is expected


def test_the_published_schema_is_current() -> None:
    assert PUBLISHED.read_text() == schema_text()


def test_the_schema_takes_what_is_read_and_refuses_what_is_not() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    validator = jsonschema.Draft202012Validator(schema())
    written = json.loads(json.dumps(YAML(typ="safe", pure=True).load(FULL), default=str))
    validator.validate(written)
    validator.validate(json.loads(Config().canonical()))
    for broken in (
        '{"budgts": {}}',
        '{"fix": {"max_open": 3}}',
        '{"version": 2}',
        '{"scan": {"confidence": "x"}}',
        '{"ignore": [{}]}',
    ):
        assert not validator.is_valid(json.loads(broken))


def test_the_schema_closes_every_mapping_and_writes_keys_with_hyphens() -> None:
    whole = schema()
    for part in [whole, *whole["$defs"].values()]:
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert not [key for key in part["properties"] if "_" in key]
