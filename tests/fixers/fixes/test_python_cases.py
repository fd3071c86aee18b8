from __future__ import annotations

import pytest

from fixers.findings import FixKind
from fixers.resources import resources
from fixers.resources.model import Example, Tables
from tests.fixers.fixes.python_fixes import Case, cases, fixed, proposals


@pytest.mark.parametrize(
    "case", [case for file in ("local", "inline", "fields") for case in cases(file)], ids=lambda case: case.name
)
def test_case(case: Case) -> None:
    found = proposals(case.before.encode())
    said = " | ".join(f"{proposal.summary}: {proposal.why}" for _, proposal in found)
    assert found
    assert case.kind in {proposal.kind for _, proposal in found}, said
    assert case.said in said
    if case.kind is FixKind.NONE:
        assert fixed(case.before) == case.before
        return
    assert fixed(case.before, {FixKind.SAFE, case.kind}) == case.after


def examples() -> list[Example]:
    return [example for resource in resources(Tables.PYTHON) for example in resource.leaking]


@pytest.mark.parametrize("example", examples(), ids=lambda example: f"{example.path}:{example.verdict}")
def test_the_examples_of_the_resources_are_fixed_as_they_say(example: Example) -> None:
    assert fixed(example.leaking) == (example.leaking if example.fixed is None else example.fixed)
