"""The documents are true: commands print what they show, tables say what the code says, links lead somewhere."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path
from typing import Final

import pytest

from bot.patches import patch
from bot.rehearsal import main as rehearsal
from bot.rules import MEANING
from fixers.engine import leaks_of, opens_gate, scan_file
from fixers.findings import Family, FixKind
from fixers.fingerprints import acquiring_expression, qualified_name
from fixers.fixes.checks import CHECKS
from fixers.mending import mend_file
from fixers.resources import gate, resources
from fixers.resources.model import Resource, Tables
from fixers.source import Language, Source
from fixers.syntax import lower
from tests.documents import DOCUMENTS, ROOT, Block, blocks, follow, headings, links, table_after, write_files
from tests.fixers.facts_text import facts_text
from tools.pictures import main as make_pictures
from tools.preview.__main__ import main as preview

README: Final = ROOT / "README.md"
COMMANDS: Final = ROOT / "docs" / "commands.md"
CONTRIBUTING: Final = ROOT / "CONTRIBUTING.md"
ENGINE: Final = ROOT / "docs" / "engine.md"
OPERATING: Final = ROOT / "docs" / "operating.md"
INSTALLING: Final = ROOT / "docs" / "installing.md"
BUDGETS: Final = ROOT / "docs" / "budgets.md"
NOT_RUN_HERE: Final = {
    "make run": "it makes an environment; what it does in it is done by `after_make_run`",
    "make test": "this is it",
    "make run REPO=../my-app": "the reader's own repository",
    "make run REPO=../my-app BASE=v1.4.0 HEAD=my-branch": "the reader's own repository",
}
SHELL: Final = frozenset({"sh", "console", "bash", "shell"})


def shell_blocks(document: Path) -> list[Block]:
    return [block for block in blocks(document) if block.language in SHELL]


@pytest.fixture(scope="module")
def after_make_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make run` leaves, without the environment that it makes first."""
    folder = tmp_path_factory.mktemp("clone") / "out"
    assert rehearsal(["--output", str(folder)]) == 0
    return folder


@pytest.mark.parametrize("block", [block for block in shell_blocks(README) if block.language == "console"], ids=str)
def test_the_tour_of_the_readme(block: Block, after_make_run: Path) -> None:
    follow(block, after_make_run / "example")


def test_the_targets_of_the_readme_exist() -> None:
    texts = [block.text for block in shell_blocks(README) if block.language == "sh"]
    lines = [line.partition("#")[0].strip() for text in texts for line in text.splitlines()]
    assert set(lines) == set(NOT_RUN_HERE)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for line in lines:
        assert f"\n{line.split()[1]}: " in makefile
        assert all(f"override {word.partition('=')[0]} := " in makefile for word in line.split()[2:])


def test_the_commands_print_what_is_shown(tmp_path: Path) -> None:
    for block in blocks(COMMANDS):
        if block.path:
            write_files([block], tmp_path)
        elif block.language in SHELL:
            follow(block, tmp_path)


def resource_name(entry: Resource) -> str:
    """As people write it: with its module where the name alone says too little."""
    return f"`{entry.label}`" if ":" in entry.id else f"`{entry.id.removeprefix('builtins.')}`"


def found_rows() -> list[tuple[str, ...]]:
    """Each family with its resources in each language."""
    rows = []
    for family in Family:
        cells = [
            ", ".join(resource_name(entry) for entry in resources(tables) if entry.family is family)
            for tables in Tables
        ]
        if any(cells):
            rows.append((f"{family}", *cells))
    return rows


def test_the_readme_lists_what_is_found() -> None:
    expected = found_rows()
    shown = "\n".join(f"| {' | '.join(row)} |" for row in expected)
    assert table_after(README, "What it finds") == expected, f"the table is now:\n{shown}"


def test_the_map_of_the_house_is_complete() -> None:
    rows = table_after(README, "The map of the house")
    mapped = [name.strip("` ") for folder, _ in rows for name in folder.split(",")]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, encoding="utf-8")
    folders = [Path(name).parent for name in listed.stdout.split("\0") if "/" in name]
    tops = {f"{folder.parts[0]}/" for folder in folders}
    rooms = {"/".join(folder.parts[:2]) + "/" for folder in folders if folder.parts[0] in {"fixers", "bot"}}
    assert set(mapped) == tops | {room for room in rooms if room.count("/") == 2}
    assert len(mapped) == len(set(mapped))
    assert all(text for _, text in rows)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_links_lead_somewhere(document: Path) -> None:
    for target in links(document):
        place, _, anchor = target.partition("#")
        if place.startswith("https://"):
            continue
        file = (document.parent / place).resolve() if place else document
        assert file.exists(), target
        assert ROOT in file.parents, target
        assert not anchor or anchor in headings(file), target


def test_every_document_is_linked_from_the_readme() -> None:
    linked = {(README.parent / target).resolve() for target in links(README) if not target.startswith("https://")}
    assert {*(ROOT / "docs").glob("*.md"), CONTRIBUTING, ROOT / "CHANGELOG.md"} <= linked


@pytest.mark.parametrize(
    "document",
    [item for item in DOCUMENTS if item not in {README, COMMANDS, CONTRIBUTING, OPERATING, INSTALLING, BUDGETS}],
    ids=lambda document: document.name,
)
def test_commands_are_only_where_a_test_follows_them(document: Path) -> None:
    assert not shell_blocks(document)


# How a finding comes about.


@pytest.fixture(scope="module")
def example() -> Source:
    (block,) = (block for block in blocks(ENGINE) if block.path.startswith("src/"))
    return Source(block.path, block.text.encode(), Language.JAVASCRIPT)


def shown(language: str, heading: str) -> str:
    (block,) = (block for block in blocks(ENGINE) if block.language == language and block.heading == heading)
    return block.text


def prose(heading: str) -> str:
    section = ENGINE.read_text(encoding="utf-8").split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return " ".join(section.split())


def test_the_words_that_open_the_gate(example: Source) -> None:
    words = dict.fromkeys(gate(example.language.tables).findall(example.data))
    assert opens_gate(example.language, example.data)
    assert f"The words in the example: {', '.join(f'`{word.decode()}`' for word in words)}." in prose("Gate")


def test_the_facts(example: Source) -> None:
    assert shown("text", "Facts") == facts_text(lower(example))


def test_the_walk(example: Source) -> None:
    judge, _ = leaks_of(example)
    (case,) = (case for case in judge.cases() if case.resource.id == "pg.Pool.connect")
    path = judge.names.path_of(case.acquisition.callee, case.function)
    assert f"access path `{path}`" in prose("Walk")
    lines = [f"released, line {example.line_of(span.start)}" for span in case.fate.released]
    lines += [f"open at {way.kind}, line {example.line_of(way.span.start)}" for way in case.fate.open_exits]
    assert shown("text", "Walk").splitlines() == list(dict.fromkeys(lines))
    assert {home for way in case.fate.open_exits for home in way.homes} == set()


def test_the_verdict(example: Source) -> None:
    (finding,) = scan_file(example.path, example.data).findings
    assert f"`{finding.rule}`, `{finding.confidence}`: {finding.message}" in prose("Verdicts")
    assert table_after(ENGINE, "Verdicts") == [(f"`{verdict}`", meaning) for verdict, meaning in MEANING.items()]


def test_the_fix(example: Source) -> None:
    mended = mend_file(example.path, example.data, lambda finding: finding.fix.kind is FixKind.SAFE)
    diff = patch(example.path, example.data, mended.data)
    assert diff.endswith(f"+++ b/{example.path}\n{shown('diff', 'Fixes')}")


def test_the_checks() -> None:
    assert "".join(f" - {check}" for check in CHECKS) in prose("Checks")


def test_what_a_fingerprint_is_made_of(example: Source) -> None:
    judge, (leak,) = leaks_of(example)
    expression = acquiring_expression(example, judge.facts, leak.function, leak.acquisition)
    enclosing = qualified_name(judge.facts, leak.function)
    text = prose("Fingerprints")
    assert f"- the resource: `{leak.resource.id}`;" in text
    assert f"in the example `{expression}`:" in text
    assert f"what encloses it, by name: `{enclosing}`." in text


@pytest.mark.browser
def test_the_diagram_can_be_drawn(tmp_path: Path) -> None:
    (diagram,) = (block for block in blocks(ENGINE) if block.language == "mermaid")
    (tmp_path / "diagram.md").write_text(f"```mermaid\n{diagram.text}```\n", encoding="utf-8")
    assert preview([str(tmp_path / "diagram.md"), str(tmp_path / "diagram.png")]) == 0
    assert picture_size(tmp_path / "diagram.png")[1] > 300


def picture_size(picture: Path) -> tuple[int, int]:
    header = picture.read_bytes()[:24]
    assert header.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", header[16:])
    return width, height


@pytest.mark.parametrize("picture", sorted((ROOT / "docs" / "images").glob("*.png")), ids=lambda picture: picture.stem)
def test_the_pictures_are_small_and_shown(picture: Path) -> None:
    assert picture.stat().st_size < 200_000
    shown_in = [document for document in DOCUMENTS if f"images/{picture.name}" in document.read_text(encoding="utf-8")]
    assert shown_in


@pytest.mark.browser
def test_the_pictures_can_be_made_anew(tmp_path: Path) -> None:
    assert make_pictures([str(tmp_path)]) == 0
    sizes = {picture.stem: picture_size(picture) for picture in tmp_path.iterdir()}
    assert sizes.keys() == {"comment", "inline", "check", "fix", "onboarding", "tracking"}
    for name, (width, height) in sizes.items():
        assert (width, picture_size(ROOT / "docs" / "images" / f"{name}.png")[0]) == (860, 860)
        assert height > 200
