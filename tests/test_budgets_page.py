"""docs/budgets.md is true: its commands print what it shows, its tables say what the code says."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

from bot.budgets.records import BATCHES, GROWTH_OF_STAGES
from bot.budgets.verdicts import FASTER
from bot.config import load
from bot.config.budgets import Budget, Profile, Workload
from bot.decisions.budgets import Precision, State
from tests.documents import ROOT, blocks, follow, table_after, write_files
from tests.node import NODE

PAGE: Final = ROOT / "docs" / "budgets.md"


def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), str(NODE.parent), os.environ["PATH"]])
    write_files(blocks(PAGE), tmp_path)
    for block in blocks(PAGE):
        if block.language == "console":
            follow(block, tmp_path, {"PATH": path, "PYTHONPATH": str(ROOT)})


def test_every_configuration_is_valid() -> None:
    found = [load(block.text.encode(), str(block))[0] for block in blocks(PAGE) if block.language == "yaml"]
    assert [list(config.budgets) for config in found] == [["news"], ["server"]]


def test_the_tables_are_complete() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in text.splitlines() if line[:1] == "|"]
    names = [row[0].strip("`") for row in rows]
    assert [name for name in names if name in set(Precision)] == list(Precision)
    assert {name for name in names if name in set(State)} == set(State)
    keys = {key.strip("` ") for row in table_after(PAGE, "Keys") for key in row[0].split(",")}
    assert keys == {field.replace("_", "-") for field in Profile.__struct_fields__}
    assert all(f"`{field.replace('_', '-')}`" in text for field in Budget.__struct_fields__)


def test_the_numbers_are_those_of_the_code() -> None:
    profile = Profile(name="a", command="b", workload=Workload(run="c"))
    (defaults,) = [row[1] for row in table_after(PAGE, "Keys") if row[0].startswith("`iterations-per-batch`")]
    numbers = (profile.iterations_per_batch, profile.warm_up_batches, profile.stages, profile.pairs)
    assert defaults == f"{', '.join(map(str, numbers))}, and {profile.timeout} seconds for a run"
    assert (BATCHES, GROWTH_OF_STAGES, FASTER) == (3, 3, 1.25)
    growth = Budget().growth
    assert (growth.heap, growth.rss, growth.rows) == (100, 1000, None)
