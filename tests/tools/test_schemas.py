"""The published schemas are current, valid, and what is written fits them."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from bot.budgets.documents import to_json as to_json_of_budgets
from bot.budgets.monitoring.samples import Alert, AlertKind, Sample, to_line
from bot.config.budgets import Metric
from bot.decisions.checks import check_json, check_run
from bot.decisions.reviews import inline_comments, review_json
from bot.ignores import Ignored, Ignores
from bot.reports.report import Report, to_json
from bot.rules import all_rules
from tests.bot.decisions.states import GROWING, KEPT, NOISY, budgets
from tests.bot.reports.samples import CLEAN_REPORT, SOURCES, fix_diffs, make_report
from tools.schemas import DOCUMENTS, schema_bytes, schema_of, schema_path

IGNORES = Ignores(
    ignores=(
        Ignored(fingerprint="0123456789ab", reason="known"),
        Ignored(fingerprint="0123456789ab.2", path="a.py", reason="known", until=date(2026, 12, 31)),
    )
)
SAMPLE = Sample(
    seconds=5.0,
    pid=7,
    metrics={"rss": 5e6},
    alerts=(Alert(kind=AlertKind.GROWTH, metric=Metric.RSS, since=1.0, value=5e6, per_minute=3e6),),
)
EVERY_LINE = {path: set(range(1, text.count("\n") + 1)) for path, text in SOURCES.items()}


def written(name: str, report: Report) -> Any:
    match name:
        case "report":
            return json.loads(to_json(report))
        case "check":
            return json.loads(check_json(check_run(report)))
        case "ignores":
            return json.loads(msgspec.json.encode(IGNORES))
        case "rules":
            return json.loads(msgspec.json.encode(all_rules()))
        case "budget":
            return json.loads(to_json_of_budgets(budgets(GROWING, KEPT, NOISY)))
        case "sample":
            return json.loads(to_line(SAMPLE))
        case _:
            return json.loads(review_json(inline_comments(report, EVERY_LINE, fix_diffs())))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_published_schema_is_current(name: str) -> None:
    assert schema_path(name).read_bytes() == schema_bytes(name), "run `python -m tools.schemas`"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_is_a_valid_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))


@pytest.mark.parametrize("report", [make_report(), CLEAN_REPORT], ids=["findings", "clean"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_written_fits_the_schema(name: str, report: Report) -> None:
    Draft202012Validator(schema_of(name)).validate(written(name, report))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_key_that_is_always_written_is_required(name: str) -> None:
    document = written(name, make_report())
    for key in document:
        validator = Draft202012Validator(schema_of(name))
        assert not validator.is_valid({other: document[other] for other in document if other != key})
