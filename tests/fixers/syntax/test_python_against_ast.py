"""An independent parser agrees: the standard library's `ast` finds the same functions, classes and calls."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import pytest

from fixers.facts import Call, FileFacts
from fixers.source import Language, Source, Span, unreadable
from fixers.syntax.python import lower

_STDLIB = Path(sysconfig.get_paths()["stdlib"])
_MODULES = [
    *("argparse", "ast", "contextlib", "dataclasses", "datetime", "doctest", "enum", "functools", "inspect", "mailbox"),
    *("pathlib", "pickle", "shutil", "smtplib", "socket", "ssl", "subprocess", "tarfile", "tempfile", "threading"),
    *("tokenize", "typing", "zipfile", "asyncio/base_events", "asyncio/streams", "asyncio/tasks", "http/client"),
    *("concurrent/futures/thread", "multiprocessing/pool", "logging/handlers", "unittest/case", "urllib/request"),
]
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _files() -> list[Path]:
    paths = [_STDLIB / f"{name}.py" for name in _MODULES]
    return [path for path in paths if path.exists() and unreadable(path.name, path.read_bytes()) is None]


def _lowered(path: Path) -> tuple[ast.Module, bytes, FileFacts]:
    data = path.read_bytes()
    return ast.parse(data), data, lower(Source(path.name, data, Language.PYTHON))


def _unlowered(tree: ast.Module) -> set[ast.AST]:
    """Nodes whose calls are not compared: annotations are no operations, f-strings have no exact place before 3.12."""
    roots: list[ast.AST] = []
    for node in ast.walk(tree):
        roots.extend(note for name in ("annotation", "returns") if (note := getattr(node, name, None)) is not None)
        if isinstance(node, ast.JoinedStr | ast.pattern):
            roots.append(node)
    return {inner for root in roots for inner in ast.walk(root)}


def _span(node: ast.expr, starts: list[int]) -> Span:
    assert node.end_lineno is not None
    assert node.end_col_offset is not None
    return Span(starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset)


@pytest.mark.parametrize("path", _files(), ids=lambda path: path.stem)
def test_functions_classes_and_calls_are_those_of_ast(path: Path) -> None:
    tree, data, facts = _lowered(path)
    nodes = list(ast.walk(tree))
    assert facts.skipped == []
    functions = [item for item in facts.functions if item.kind not in {"module", "class-body"}]
    assert len(functions) == sum(isinstance(node, _FUNCTIONS) for node in nodes)
    assert len(facts.classes) == sum(isinstance(node, ast.ClassDef) for node in nodes)
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    elsewhere = _unlowered(tree)
    expected = {_span(node, starts) for node in nodes if isinstance(node, ast.Call) and node not in elsewhere}
    found = {op.span for function in facts.functions for op in function.ops() if isinstance(op, Call)}
    missing = [data[span.start : span.end].decode() for span in sorted(expected - found)]
    assert missing == []
