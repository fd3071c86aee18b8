"""Every entry's own examples are tests: leaking ones leak as they say, fixed and clean ones are silent."""

from __future__ import annotations

import pytest

from fixers.engine import opens_gate, scan_file
from fixers.findings import Confidence, FixKind
from fixers.mending import mend_file
from fixers.resources import resources
from fixers.resources.model import Clean, Example, Resource, Tables
from fixers.source import language_of
from fixers.suppression import rule_matches
from tests.fixers.judging import scanned

ENTRIES = [entry for tables in Tables for entry in resources(tables)]
LEAKING = [(entry, example) for entry in ENTRIES for example in entry.leaking]
FIXED = [(entry, example, example.fixed) for entry, example in LEAKING if example.fixed is not None]
CLEAN = [(entry, example) for entry in ENTRIES for example in entry.clean]


def name_of(value: object) -> str:
    if isinstance(value, Resource):
        return value.id
    return value.path if isinstance(value, Example | Clean) else ""


@pytest.mark.parametrize(("entry", "example"), LEAKING, ids=name_of)
def test_a_leaking_example_has_exactly_its_finding(entry: Resource, example: Example) -> None:
    (finding,) = scanned(example.path, example.leaking.encode()).findings
    assert (finding.resource_id, finding.rule) == (entry.id, f"{entry.family}/{example.verdict}")
    assert finding.confidence is Confidence.HIGH


@pytest.mark.parametrize(("entry", "example", "fixed"), FIXED, ids=name_of)
def test_a_fixed_example_is_clean(entry: Resource, example: Example, fixed: str) -> None:
    assert scanned(example.path, fixed.encode()).findings == []


@pytest.mark.parametrize(("entry", "example", "fixed"), FIXED, ids=name_of)
def test_a_fixed_example_is_what_the_fix_writes(entry: Resource, example: Example, fixed: str) -> None:
    mended = mend_file(example.path, example.leaking.encode(), lambda finding: finding.fix.kind is FixKind.SAFE)
    assert mended.refused == []
    assert mended.data.decode() == fixed


@pytest.mark.parametrize(("entry", "example"), CLEAN, ids=name_of)
def test_a_clean_example_is_silent(entry: Resource, example: Clean) -> None:
    result = scanned(example.path, example.code.encode())
    assert result.parsed
    assert result.findings == []
    assert example.why


@pytest.mark.parametrize("entry", ENTRIES, ids=name_of)
def test_an_entry_is_whole(entry: Resource) -> None:
    assert entry.acquired_by
    assert entry.released_by
    assert entry.words
    assert rule_matches(entry.family, f"{entry.family}/never-released")
    examples: list[Example | Clean] = [*entry.leaking, *entry.clean]
    for example in examples:
        language = language_of(example.path)
        assert language is not None
        assert language.tables is entry.tables


@pytest.mark.parametrize(("entry", "example"), LEAKING, ids=name_of)
def test_the_words_of_an_entry_stand_in_its_examples(entry: Resource, example: Example) -> None:
    language = language_of(example.path)
    assert language is not None
    assert any(word in example.leaking.encode() for word in entry.words)
    assert opens_gate(language, example.leaking.encode())


def test_ids_are_unique() -> None:
    assert len({entry.id for entry in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("tables", list(Tables))
def test_every_family_of_the_language_has_a_leaking_and_a_clean_example(tables: Tables) -> None:
    for family in {entry.family for entry in resources(tables)}:
        of_family = [entry for entry in resources(tables) if entry.family is family]
        assert any(entry.leaking for entry in of_family)
        assert any(entry.clean for entry in of_family)


def test_a_file_that_no_entry_concerns_is_not_parsed() -> None:
    assert not scan_file("src/a.js", b"export const one = 1;\n").parsed
