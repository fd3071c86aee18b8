"""Which finding is the same one as before: a fingerprint that survives moves, renames of files and of locals, and
reformatting.

It is made of the resource, the acquiring expression without the bodies of functions in it, with local names
anonymous, and the qualified name of what encloses it. Brackets, semicolons, commas and quotes do not count, because
formatters change them.
"""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

from fixers.findings import FINGERPRINT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fixers.facts import Call, FileFacts
    from fixers.source import Source

FINGERPRINT_HEX_DIGITS: Final = 12

_TOKEN: Final = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/|\#(?![\w$])[^\n]*)"""
    r"""|(?P<string>[rbuf]{0,2}"(?:\\.|[^"\\])*"|[rbuf]{0,2}'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"""
    r"""|(?P<name>[^\W\d][\w$]*|[$#][\w$]+)"""
    r"""|(?P<number>\d[\w.]*)"""
    r"""|(?P<ignored>[()\[\]{},;])"""
    r"""|(?P<other>.)""",
    re.DOTALL,
)


def fingerprint(resource_id: str, expression: str, enclosing: str) -> str:
    """The fingerprint of an acquisition, as FINGERPRINT_HEX_DIGITS hexadecimal digits.

    Args:
        resource_id: `Resource.id`.
        expression: from `acquiring_expression`.
        enclosing: from `qualified_name`.
    """
    text = "\0".join((str(FINGERPRINT_VERSION), resource_id, expression, enclosing))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:FINGERPRINT_HEX_DIGITS]


def acquiring_expression(source: Source, facts: FileFacts, function: int, acquisition: Call) -> str:
    """The acquiring expression as tokens: bodies of functions left out, local names as `_`."""
    start, end = acquisition.span
    written = (facts.functions[index] for index in facts.functions_within(acquisition.span))
    inner = sorted(body.body for body in written if body.span != acquisition.span)
    pieces: list[bytes] = []
    position = start
    for body in inner:
        if body.start >= position:
            pieces.append(source.data[position : body.start])
            position = body.end
    pieces.append(source.data[position:end])
    text = b" ".join(pieces).decode("utf-8", "replace")
    return " ".join(_tokens(text, _local_names(facts, function, acquisition)))


def _local_names(facts: FileFacts, function: int, acquisition: Call) -> frozenset[str]:
    """Names that a person may rename without changing what the expression is: locals and parameters, not the
    module's.
    """
    names: set[str] = set()
    current: int | None = function
    while current:
        names.update(_names_of(facts, current))
        current = facts.functions[current].parent
    for index in facts.functions_within(acquisition.span):
        names.update(_names_of(facts, index))
    return frozenset(names)


def _names_of(facts: FileFacts, function: int) -> Iterable[str]:
    body = facts.functions[function]
    yield from (name.split("#", 1)[0] for name in body.locals if not name.startswith("#"))
    yield from (param.name for param in body.params)


def _tokens(text: str, local_names: frozenset[str]) -> Iterable[str]:
    after_dot = False
    for match in _TOKEN.finditer(text):
        kind, token = match.lastgroup, match.group()
        if kind in {"space", "ignored"}:
            continue
        if kind == "string":
            yield '"' + token.lstrip("rbuf")[1:-1]
        elif kind == "name" and token in local_names and not after_dot:
            yield "_"
        else:
            yield token
        after_dot = token == "."


def qualified_name(facts: FileFacts, function: int) -> str:
    """What encloses an acquisition, outermost first: `App>useEffect`, `Poller.start`, `server.on('connection')`."""
    names: list[str] = []
    current: int | None = function
    while current:
        body = facts.functions[current]
        name = body.name or body.given_to
        if body.class_ is not None and body.kind not in {"arrow", "lambda", "function"}:
            name = f"{facts.classes[body.class_].name}.{name}"
        names.append(name)
        current = body.parent
    return ">".join(reversed(names))
