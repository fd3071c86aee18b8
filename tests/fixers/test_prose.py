from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixers.prose import Prose
from fixers.source import Language, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

WORD = "open"
TEXTS = [
    "# the open one",
    "x = 1  # 'open'",
    "'how to open'",
    '"it\'s open"',
    "x = r'\\' + open'",
    '"""\nHow to\nopen "it".\n"""',
    "'''\n\"\"\" open\n'''",
    "f'{x}'\n'open'",
    "f'''\n{x}\n'''\n# open",
    "if'open':pass",
]
CODE = [
    "open(p)",
    "x = 'a', open(p)",
    "x = '#', open(p)",
    "x = '\\'', open(p), 'a'",
    "# a\ropen(p)",
    '"""A\n"""\nopen(p)',
    'x = """\n# the title""", open(p)',
    "f'{open(p)}'",
    "rf'{open(p)}'",
    "t'{open(p)}'",
    'f"""\n# {open(p)}\n"""',
    "f'{d['a']}{open(p)}'",
    "f'{d['it\"s']}', open(p), '\"'",
    'x = f"{a}" + """\n"""\nopen(p)\nx = """\n"""',
    "x = f'a\\\nb', open(p), 'c'",
    "x = f'a' \\\n'''b''', open(p), 'c'",
    "x = '\nopen(p)\n'",
    "x = f'{\na}' + '''\n'''\nopen(p), '''a'''",
    "f#\nopen(p)",
    '"""\nopen(p)',
]


@pytest.mark.parametrize(("text", "expected"), [*((text, True) for text in TEXTS), *((text, False) for text in CODE)])
def test_what_it_holds(text: str, expected: bool) -> None:
    assert Prose(text.encode()).holds(text.index(WORD) + len(WORD)) is expected


def names(source: Source) -> Iterator[int]:
    """Where the names end that Python looks up."""
    for node in ast.walk(ast.parse(source.data)):
        if isinstance(node, ast.Name) and node.end_lineno is not None and node.end_col_offset is not None:
            yield source.line_starts[node.end_lineno - 1] + node.end_col_offset


def test_it_holds_no_name_of_code() -> None:
    checked = 0
    for path in Path(__file__).parents[2].joinpath("fixers").rglob("*.py"):
        source = Source(str(path), path.read_bytes(), Language.PYTHON)
        prose = Prose(source.data)
        for end in names(source):
            checked += 1
            assert not prose.holds(end), (path, source.line_of(end))
    assert checked > 1000


def test_it_holds_every_docstring() -> None:
    for path in Path(__file__).parents[2].joinpath("fixers").rglob("*.py"):
        data = path.read_bytes()
        if ast.get_docstring(ast.parse(data)) is not None:
            assert Prose(data).holds(data.index(b'"""', 3)), path


@given(
    st.lists(st.sampled_from(["'", '"', '"""', "'''", "#", "\\", "\n", "\r", "f", "{", "}", "open", " ", "r"])),
    st.integers(min_value=0, max_value=40),
)
def test_it_answers_on_any_bytes(parts: list[str], offset: int) -> None:
    assert Prose("".join(parts).encode()).holds(offset) in {True, False}


UNITS = [b'"', b"\\", b'"""\\', b'"\\', b"f'", b"'\\\n", b"f'''", b"# '", b"'\\\r\n'", b"f'{\n", b'\\"\\\n']


@pytest.mark.parametrize("begins", [b"", b"'", b'"', b'"""'])
@pytest.mark.parametrize("unit", UNITS)
def test_its_work_is_linear(unit: bytes, begins: bytes) -> None:
    text = begins + unit * 50_000
    # Were it quadratic, this would take minutes.
    assert Prose(text + b" 'open").holds(len(text) + 6) in {True, False}
