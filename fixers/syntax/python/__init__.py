"""Python -> facts: a survey of scopes, functions and classes first, then each function's graph."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import EXIT_BLOCK, Block, ExitKind, Export, FileFacts, Function, Place, Pragma, Ref
from fixers.source import SkipCode, Skipped, Span
from fixers.syntax.python.functions import lower_functions
from fixers.syntax.python.grammar import depth, parse, span_of
from fixers.syntax.python.survey import survey

if TYPE_CHECKING:
    from fixers.source import Source
    from fixers.syntax.python.file import File

__all__ = ["MAX_DEPTH", "lower"]

MAX_DEPTH: Final = 10_000
"""A file whose nodes nest deeper is not lowered (skipped as `too-deep`)."""
_PRAGMA: Final = "stanch-ignore"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_MARK: Final = re.compile(r"#+\s*")


def lower(source: Source) -> FileFacts:
    """What a Python file says.

    Never raises, whatever the bytes. A file in Python 2 or nested beyond MAX_DEPTH gives a module without content; what
    a syntax error or a limit costs is a function with `whole` false. `FileFacts.skipped` tells of both.
    """
    tree, encoding = parse(source.data)
    root = tree.root_node
    if depth(root, MAX_DEPTH) > MAX_DEPTH:
        return _without_content(source, Skipped(source.path, SkipCode.TOO_DEEP, f"nested beyond {MAX_DEPTH} levels"))
    file = survey(source, encoding, root)
    if file.python2 is not None:
        offset, sign = file.python2
        detail = f"line {source.line_of(offset)}: {sign}"
        return _without_content(source, Skipped(source.path, SkipCode.PYTHON2, detail))
    lower_functions(file)
    return FileFacts(
        source.language,
        file.functions,
        file.classes,
        file.imports,
        _exports(file),
        _pragmas(file),
        file.skipped,
    )


def _without_content(source: Source, why: Skipped) -> FileFacts:
    whole = Span(0, len(source.data))
    module = Function("", "module", whole, whole, Span(0, 0), None, None, whole=False)
    module.blocks = [Block([], (EXIT_BLOCK[ExitKind.NORMAL],))]
    return FileFacts(source.language, [module], [], [], [], [], [why])


def _exports(file: File) -> list[Export]:
    """Every name of a module can be imported from it; a star import gives away what another module has."""
    exports = [Export(name, span, Ref(Place(name, 0))) for name, span in file.first_bound.items()]
    exports.extend(Export("*", span, module=module, name="*") for module, span in file.stars)
    return exports


def _pragmas(file: File) -> list[Pragma]:
    return [
        Pragma(_MARK.sub("", text, count=1).rstrip(), span_of(node), _follows_code(file.source, node.start_byte))
        for node in file.comments
        if _PRAGMA in (text := file.text(node))
    ]


def _follows_code(source: Source, offset: int) -> bool:
    start = source.line_starts[source.line_of(offset) - 1]
    return bool(source.data[start:offset].removeprefix(_BYTE_ORDER_MARK).strip())
