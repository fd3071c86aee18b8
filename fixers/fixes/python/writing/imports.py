"""Adds `from module import name` where the file's own imports would have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import libcst as cst

from fixers.fixes.python.writing.tree import Statement, leading

if TYPE_CHECKING:
    from collections.abc import Sequence


_STANDARD: Final = frozenset(
    [
        "abc",
        "argparse",
        "ast",
        "asyncio",
        "base64",
        "bisect",
        "collections",
        "concurrent",
        "configparser",
        "contextlib",
        "copy",
        "csv",
        "ctypes",
        "dataclasses",
        "datetime",
        "decimal",
        "difflib",
        "email",
        "enum",
        "errno",
        "fnmatch",
        "functools",
        "getpass",
        "glob",
        "gzip",
        "hashlib",
        "heapq",
        "hmac",
        "html",
        "http",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "mimetypes",
        "multiprocessing",
        "operator",
        "os",
        "pathlib",
        "pickle",
        "platform",
        "pprint",
        "queue",
        "random",
        "re",
        "sched",
        "select",
        "shelve",
        "shlex",
        "shutil",
        "signal",
        "socket",
        "sqlite3",
        "ssl",
        "stat",
        "string",
        "struct",
        "subprocess",
        "sys",
        "tarfile",
        "tempfile",
        "textwrap",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "unittest",
        "urllib",
        "uuid",
        "warnings",
        "weakref",
        "xml",
        "zipfile",
        "zlib",
        "zoneinfo",
    ]
)
"""The commonest modules of the standard library: enough to tell its section among the imports."""


def with_import(module: cst.Module, source: str, name: str, *, is_all: bool) -> cst.Module:
    """The top of a file with `from source import name`.

    Args:
        module: the file up to its first statement that is no import.
        source, name: what to import.
        is_all: nothing follows in the file.
    """
    lines = list(module.body)
    for number, line in enumerate(lines):
        if _from_module(line) == source:
            extended = _with_alias(line, name)
            if extended is not None:
                return module.with_changes(body=[*lines[:number], extended, *lines[number + 1 :]])
    new = cst.parse_statement(f"from {source} import {name}", config=module.config_for_parsing)
    assert isinstance(new, cst.SimpleStatementLine)
    sections = _sections(lines)
    if sections:
        return module.with_changes(body=_placed(lines, sections, new, source))
    if lines:
        return module.with_changes(body=[*lines, new.with_changes(leading_lines=[cst.EmptyLine(indent=False)])])
    after = [] if is_all else [cst.EmptyLine(indent=False), cst.EmptyLine(indent=False)]
    return module.with_changes(body=[new], footer=[*after, *module.footer])


def _from_module(line: Statement) -> str | None:
    """The module of a `from module import ...` line."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    imported = line.body[0]
    if not isinstance(imported, cst.ImportFrom) or imported.module is None or imported.relative:
        return None
    return _dotted(imported.module)


def _imported(line: Statement) -> str | None:
    """The module that an `import module` line names first."""
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return None
    imported = line.body[0]
    return _dotted(imported.names[0].name) if isinstance(imported, cst.Import) else None


def _dotted(name: cst.BaseExpression) -> str:
    parts: list[str] = []
    while isinstance(name, cst.Attribute):
        parts.append(name.attr.value)
        name = name.value
    if isinstance(name, cst.Name):
        parts.append(name.value)
    return ".".join(reversed(parts))


def _with_alias(line: Statement, name: str) -> Statement | None:
    """A `from` line with one more name, in order where its names are; None where a comment stands among them."""
    statement = cst.ensure_type(line, cst.SimpleStatementLine)
    imported = cst.ensure_type(statement.body[0], cst.ImportFrom)
    if isinstance(imported.names, cst.ImportStar):
        return None
    space: cst.BaseParenthesizableWhitespace = cst.SimpleWhitespace(" ")
    if imported.lpar is not None and isinstance(imported.lpar.whitespace_after, cst.ParenthesizedWhitespace):
        space = imported.lpar.whitespace_after
        if space.first_line.comment is not None or space.empty_lines:
            return None
    aliases = list(imported.names)
    ending = aliases[-1].comma
    position = next((number for number, alias in enumerate(aliases) if _dotted(alias.name) > name), len(aliases))
    aliases.insert(position, cst.ImportAlias(cst.Name(name)))
    separator = cst.Comma(whitespace_after=space)
    names = [_separated(alias, separator, keeps=number != position - 1) for number, alias in enumerate(aliases[:-1])]
    names.append(aliases[-1].with_changes(comma=ending))
    return statement.with_changes(body=[imported.with_changes(names=names)])


def _separated(alias: cst.ImportAlias, separator: cst.Comma, *, keeps: bool) -> cst.ImportAlias:
    """A name that is not the last: with its own comma, or with a new one."""
    return alias if keeps and isinstance(alias.comma, cst.Comma) else alias.with_changes(comma=separator)


def _placed(
    lines: list[Statement], sections: list[range], new: cst.SimpleStatementLine, source: str
) -> Sequence[Statement]:
    """The lines with a new import: in the section of the standard library, else in one of its own before the others."""
    for section in sections:
        if any((_module_of(line) or "").split(".")[0] in _STANDARD for line in lines[section.start : section.stop]):
            position = section.start + _position(lines[section.start : section.stop], source)
            return _inserted(lines, position, new, first=position == section.start)
    start = sections[0].start
    first = lines[start].with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    own = new.with_changes(leading_lines=leading(lines[start]))
    return [*lines[:start], own, first, *lines[start + 1 :]]


def _module_of(line: Statement) -> str | None:
    return _from_module(line) or _imported(line)


def _sections(lines: list[Statement]) -> list[range]:
    """Runs of import lines, told apart by blank lines; those from `__future__` are left out."""
    found: list[range] = []
    for number, line in enumerate(lines):
        module = _module_of(line)
        if module is None and not _is_relative(line):
            if number == 0 and _is_docstring(line):
                continue
            break
        if module == "__future__":
            continue
        joined = found and found[-1].stop == number and not any(empty.comment is None for empty in leading(line))
        if joined:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def _is_relative(line: Statement) -> bool:
    if not isinstance(line, cst.SimpleStatementLine) or len(line.body) != 1:
        return False
    imported = line.body[0]
    return isinstance(imported, cst.ImportFrom) and bool(imported.relative)


def _is_docstring(line: Statement) -> bool:
    if not isinstance(line, cst.SimpleStatementLine) or not isinstance(line.body[0], cst.Expr):
        return False
    return isinstance(line.body[0].value, cst.SimpleString | cst.ConcatenatedString)


def _position(section: list[Statement], source: str) -> int:
    """Where in a section a `from` import belongs: after plain imports where those come first, else by module."""
    kinds = [_from_module(line) is not None for line in section]
    plain_first = kinds == sorted(kinds)
    position = 0
    for number, line in enumerate(section):
        is_from = kinds[number]
        name = (_module_of(line) or "").lower()
        if (plain_first and not is_from) or name < source:
            position = number + 1
    return position


def _inserted(
    lines: list[Statement], position: int, new: cst.SimpleStatementLine, *, first: bool
) -> Sequence[Statement]:
    """The lines with a new one; the first of a section takes over the blank lines and comments before it."""
    if not first:
        return [*lines[:position], new, *lines[position:]]
    own = new.with_changes(leading_lines=leading(lines[position]))
    return [*lines[:position], own, lines[position].with_changes(leading_lines=[]), *lines[position + 1 :]]
