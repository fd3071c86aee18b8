"""JavaScript lowered for a test, its facts as text, and tables of cases read from text."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Final, NamedTuple

from fixers.facts import Class, Export, FileFacts, Import
from fixers.source import Language, Source
from fixers.syntax.javascript import lower
from tests.fixers.facts_text import facts_text, value_text

FOLDER: Final = Path(__file__).parent / "javascript_constructs"


class Case(NamedTuple):
    """A construct: what it is, the language it is written in, the code, what it becomes."""

    name: str
    language: Language
    code: str
    expected: str


def constructs() -> list[Case]:
    """The cases of the folder. A title may begin with the language: `(typescript) parameter properties`."""
    cases = []
    for path in sorted(FOLDER.glob("*.txt")):
        for case in path.read_text(encoding="utf-8").removeprefix("=== ").split("\n\n=== "):
            title, rest = case.split("\n", 1)
            code, expected = rest.split("\n---\n")
            word = title[1 : title.index(")")] if title.startswith("(") else "javascript"
            cases.append(Case(f"{path.stem}: {title}", Language(word), code + "\n", expected.strip("\n")))
    return cases


def facts_of(code: str | bytes, language: Language = Language.JAVASCRIPT) -> FileFacts:
    """The facts of a file with this code, which may be indented as a whole."""
    data = code if isinstance(code, bytes) else dedent(code).encode()
    return lower(Source("m", data, language))


def described(facts: FileFacts) -> str:
    """Facts as text: the functions (the head of the only one left out), then classes, imports and exports."""
    text = facts_text(facts).strip("\n")
    if len(facts.functions) == 1:
        text = text.split("\n", 1)[1]
    parts = [class_text(index, class_) for index, class_ in enumerate(facts.classes)]
    names = [import_text(item) for item in facts.imports] + [export_text(item) for item in facts.exports]
    return "\n\n".join([text, *parts, *(["\n".join(names)] if names else [])])


def class_text(index: int, class_: Class) -> str:
    """A class: its head, then a line a member."""
    head = f"class {index} {class_.kind} {class_.name or '-'}"
    if class_.bases:
        head += f" of {', '.join(map(value_text, class_.bases))}"
    if class_.outer is not None:
        head += f" as {class_.outer_key} of class {class_.outer}"
    lines = [head + "".join(f" @{value_text(decorator)}" for decorator in class_.decorators)]
    for member in class_.members:
        line = f"  {'static ' if member.static else ''}{member.kind} {member.name}"
        line += f": {member.type}" if member.type else ""
        line += f" = function {member.function}" if member.function is not None else ""
        lines.append(line + "".join(f" @{value_text(decorator)}" for decorator in member.decorators))
    return "\n".join(lines)


def import_text(item: Import) -> str:
    """An import on one line."""
    return f"import {item.binding} = {item.name} of {item.module}"


def export_text(item: Export) -> str:
    """An export on one line."""
    if item.module is not None:
        return f"export {item.exported} = {item.name} of {item.module}"
    return f"export {item.exported} = {value_text(item.value)}"
