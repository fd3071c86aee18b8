"""The resources' own examples: what Stanch makes of a leaking one is exactly what it says."""

from __future__ import annotations

import pytest

from fixers.findings import FixKind
from fixers.mending import mend_file
from fixers.resources import resources
from fixers.resources.model import Example, Tables
from tests.js_parser import syntax_errors

EXAMPLES = [example for resource in resources(Tables.JAVASCRIPT) for example in resource.leaking]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.path}:{example.verdict}")
def test_an_example_is_fixed_as_it_says(example: Example) -> None:
    mended = mend_file(example.path, example.leaking.encode(), lambda finding: finding.fix.kind is FixKind.SAFE)
    assert mended.refused == []
    assert mended.data.decode() == (example.leaking if example.fixed is None else example.fixed)


def test_an_independent_parser_reads_the_examples() -> None:
    files = {
        f"{number}-{example.path.replace('/', '-')}": example.fixed
        for number, example in enumerate(EXAMPLES)
        if example.fixed is not None and not example.path.endswith((".vue", ".svelte"))
    }
    assert syntax_errors(files) == {}
    assert files
