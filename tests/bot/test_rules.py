from __future__ import annotations

import pytest

from bot.rules import MEANING, all_rules, rules_named, verdicts_of
from fixers.findings import Family, Verdict
from fixers.resources import resources
from fixers.resources.model import Resource, Tables

ENTRIES = [entry for tables in Tables for entry in resources(tables)]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_examples_of_a_resource_are_of_its_rules(entry: Resource) -> None:
    assert {example.verdict for example in entry.leaking} <= set(verdicts_of(entry))


def test_every_verdict_of_a_rule_is_explained() -> None:
    assert {rule.verdict for rule in all_rules().rules} == set(MEANING)


def test_rules_are_in_the_order_of_the_contract() -> None:
    order = [(list(Family).index(rule.family), list(Verdict).index(rule.verdict)) for rule in all_rules().rules]
    assert order == sorted(set(order))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("file/never-released", ["file/never-released"]),
        ("file/*", ["file"]),
        ("file", ["file"]),
        ("file/unbounded", []),
        ("*", []),
        ("", []),
    ],
)
def test_rules_by_name(name: str, found: list[str]) -> None:
    rules = rules_named(name)
    assert {name for rule in rules for name in (rule.rule, rule.family) if name in found} == set(found)
    assert bool(rules) is bool(found)


def test_how_a_resource_is_ended_is_written_as_people_write_it() -> None:
    ended = {resource.id: resource.released_by for rule in all_rules().rules for resource in rule.resources}
    assert ended["builtins.open"] == ("with", "….close()")
    assert ended["aiohttp.ClientSession"][:2] == ("async with", "await ….close()")
    assert ended["dom:EventTarget.addEventListener"] == ("….removeEventListener(the same arguments)",)
    assert "clearInterval(…)" in ended["node:timers.setInterval"]
