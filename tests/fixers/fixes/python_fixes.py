"""Fixes of Python texts, for tests: what is proposed, and what becomes of a file when its fixes are written."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fixers.engine import finding_of, leaks_of, scan_file
from fixers.findings import Finding, FixKind
from fixers.fixes.checks import refusal
from fixers.fixes.edits import apply
from fixers.fixes.python import propose
from fixers.source import Language, Source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from fixers.findings import Edit
    from fixers.fixes.model import Proposal

PATH = "program.py"
CASES = Path(__file__).parent / "python_cases"
SAFE = frozenset({FixKind.SAFE})


def proposals(data: bytes) -> list[tuple[Finding, Proposal]]:
    source = Source(PATH, data, Language.PYTHON)
    judge, leaks = leaks_of(source)
    return [(finding_of(leak, judge, source), propose(leak, judge, source)) for leak in leaks]


def edits_of(text: str) -> tuple[Edit, ...]:
    """The edits of the only proposal."""
    ((_, proposal),) = proposals(text.encode())
    return proposal.write()


def mended(data: bytes, kinds: Collection[FixKind] = SAFE, refusals: Collection[str] = ()) -> bytes:
    """The file after all its fixes of these kinds, each accepted by its checks before the next is written.

    A fix that is refused for a reason that begins with one of `refusals` is left out, as the product leaves it out.
    """
    left_out: set[tuple[str, str]] = set()
    for _ in range(20):
        wanted = [
            (finding, proposal)
            for finding, proposal in proposals(data)
            if proposal.kind in kinds and (finding.fingerprint, finding.rule) not in left_out
        ]
        if not wanted:
            return data
        finding, proposal = wanted[0]
        edits = proposal.write()
        reason = refusal(data, edits, scan_file(PATH, data), [finding], lambda patched: scan_file(PATH, patched))
        if reason is not None and reason.startswith(tuple(refusals)):
            left_out.add((finding.fingerprint, finding.rule))
            continue
        assert reason is None, f"{reason}\n{apply(data, edits).decode()}"
        data = apply(data, edits)
        compile(data, PATH, "exec", dont_inherit=True)
    raise AssertionError(f"the fixes do not come to an end:\n{data.decode()}")


def fixed(text: str, kinds: Collection[FixKind] = SAFE) -> str:
    return mended(text.encode(), kinds).decode()


def fixed_as_far_as_accepted(text: str) -> str:
    """With the safe fixes that do not change what is found elsewhere in the file."""
    return mended(text.encode(), refusals=("the fix also removes another finding",)).decode()


@dataclass(frozen=True)
class Case:
    """`before` becomes `after` by fixes of a kind; `said` is a part of a summary or of a reason."""

    name: str
    before: str
    kind: FixKind
    said: str
    after: str


def cases(file: str) -> Iterator[Case]:
    """The cases of a text file: `### name`, the text before, `--- kind: what is said`, and the text after."""
    text = (CASES / f"{file}.txt").read_text(encoding="utf-8")
    for chunk in text.split("### ")[1:]:
        name, _, rest = chunk.partition("\n")
        before, _, tail = rest.partition("--- ")
        head, _, after = tail.partition("\n")
        kind, _, said = head.partition(":")
        yield Case(name, before, FixKind(kind.strip()), said.strip(), after.rstrip("\n") + "\n")


def flattened(text: str) -> list[str]:
    """Every statement of a program in order, without nesting: here a `with` block around statements changes nothing.

    `with make() as name` counts as `name = make()`; releases are left out.
    """
    found: list[str] = []
    waiting: list[ast.AST] = list(reversed(ast.parse(text).body))
    while waiting:
        node = waiting.pop()
        suites = [getattr(node, name, None) or [] for name in ("body", "handlers", "orelse", "finalbody", "cases")]
        if isinstance(node, ast.With | ast.AsyncWith):
            found.extend(_binding(item) for item in node.items)
        elif not isinstance(node, ast.Expr) or not ast.unparse(node).endswith(".close()"):
            found.append(_header(node))
        waiting.extend(reversed([statement for suite in suites for statement in suite]))
    return found


def _binding(item: ast.withitem) -> str:
    manager = item.context_expr
    if isinstance(manager, ast.Call) and ast.unparse(manager.func) in {"closing", "contextlib.closing"}:
        manager = manager.args[0]
    return (
        ast.unparse(manager)
        if item.optional_vars is None
        else f"{ast.unparse(item.optional_vars)} = {ast.unparse(manager)}"
    )


def _header(node: ast.AST) -> str:
    if any(getattr(node, name, None) for name in ("body", "handlers", "cases")):
        return ast.unparse(node).partition("\n")[0]
    return ast.unparse(node)
