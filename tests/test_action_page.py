"""docs/action.md and README.md say of the Action what is: its workflow, its inputs and outputs, its tables."""

from __future__ import annotations

import re
from typing import Any, Final

from ruamel.yaml import YAML

from tests.documents import ROOT, blocks, links, table_after

PAGE: Final = ROOT / "docs" / "action.md"
EXAMPLES: Final = ROOT / "examples" / "workflows"


def definition() -> Any:
    return YAML(typ="safe").load((ROOT / "action.yml").read_text("utf-8"))


def test_the_workflow_is_the_example() -> None:
    example = (EXAMPLES / "stanch.yml").read_text("utf-8")
    for document in (PAGE, ROOT / "README.md"):
        (shown,) = (block.text for block in blocks(document) if block.path == ".github/workflows/stanch.yml")
        assert shown == example


def test_every_example_is_linked_to() -> None:
    linked = {target.rpartition("/")[2] for target in links(PAGE)}
    assert {file.name for file in EXAMPLES.glob("*.yml")} - {"stanch.yml"} <= linked


def test_the_inputs_are_those_of_the_action() -> None:
    assert [row[0].strip("`") for row in table_after(PAGE, "Inputs")] == list(definition()["inputs"])
    assert all("default" in given for given in definition()["inputs"].values())


def test_the_outputs_are_those_of_the_action() -> None:
    (sentence,) = re.findall(r"\nOutputs: (.*?)\n\n", PAGE.read_text("utf-8"), re.DOTALL)
    named = set(re.findall(r"`([a-z]+)`", sentence)) - {"success", "neutral", "failure", "skipped"}
    assert named == set(definition()["outputs"])


def test_the_events_are_those_that_are_read() -> None:
    source = (ROOT / "bot" / "action" / "event.py").read_text("utf-8")
    named = {event for row in table_after(PAGE, "Events") for event in re.findall(r"`([a-z_]+)`", row[0])}
    cases = re.findall(r'^        case ((?:"[a-z_]+"(?: \| )?)+):', source, re.MULTILINE)
    assert named == {event for case in cases for event in re.findall(r"[a-z_]+", case)} - {"pull_request_target"}
