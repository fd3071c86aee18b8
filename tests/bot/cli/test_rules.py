from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema import Draft202012Validator

from fixers.resources import resources
from fixers.resources.model import Tables
from tools.schemas import schema_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.cli.conftest import Stanch

ENTRIES = [entry for tables in Tables for entry in resources(tables)]


def test_every_resource_is_in_the_list(stanch: Stanch, tmp_path: Path) -> None:
    done = stanch(tmp_path, "rules")
    assert done.code == 0
    assert all(entry.label in done.text for entry in ENTRIES)
    assert all(entry.family.value in done.text.splitlines() for entry in ENTRIES)


def test_every_example_is_in_the_long_list(stanch: Stanch, tmp_path: Path) -> None:
    text = stanch(tmp_path, "rules", "--verbose").text
    for entry in ENTRIES:
        for example in entry.leaking:
            assert example.leaking.splitlines()[0] in text
        assert all(clean.why in text for clean in entry.clean)


def test_the_json_holds_every_rule_with_every_resource(stanch: Stanch, tmp_path: Path) -> None:
    listed = stanch(tmp_path, "rules", "--format", "json").report
    Draft202012Validator(schema_of("rules")).validate(listed)
    about = {(rule["rule"], resource["id"]) for rule in listed["rules"] for resource in rule["resources"]}
    assert {(f"{entry.family}/{example.verdict}", entry.id) for entry in ENTRIES for example in entry.leaking} <= about
    assert {entry.id for entry in ENTRIES} == {identifier for _, identifier in about}
    target = tmp_path / "rules.json"
    stanch(tmp_path, "rules", "--format", "json", "--output", str(target))
    assert target.read_bytes() == stanch(tmp_path, "rules", "--format", "json").out
