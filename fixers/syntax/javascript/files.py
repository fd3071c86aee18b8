"""A whole file: parses its scripts, lowers every function, and notes what syntax errors cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.facts import Block, FileFacts, Function, Place
from fixers.source import Language, SkipCode, Skipped, Source, Span
from fixers.syntax.javascript.embedded import Role, Script, scripts
from fixers.syntax.javascript.grammar import MAX_TREE_DEPTH, Dialect, error_nodes, is_too_deep, parse, parse_script
from fixers.syntax.javascript.hoisting import declare_vars
from fixers.syntax.javascript.imports import declare_imports
from fixers.syntax.javascript.lowering import BODIES, Body, FileLowering, Pending, described, lowers
from fixers.syntax.javascript.pragmas import pragmas
from fixers.syntax.javascript.prototypes import names_with_prototype
from fixers.syntax.javascript.scopes import Scope
from fixers.syntax.javascript.statements import statement_list

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

_DIALECTS: Final = {
    Language.JAVASCRIPT: Dialect.JAVASCRIPT,
    Language.TYPESCRIPT: Dialect.TYPESCRIPT,
    Language.TSX: Dialect.TSX,
}


def lower(source: Source) -> FileFacts:
    """The facts of a JavaScript or TypeScript file, or of the scripts in a Vue, Svelte or HTML file.

    Never raises on any bytes: a syntax error or a limit costs the function around it, a tree deeper than
    `MAX_TREE_DEPTH` the file; both are in `skipped`.
    """
    documents = []
    dialect = _DIALECTS.get(source.language)
    whole = Span(0, len(source.data))
    if dialect is not None:
        written = [Script(whole, dialect, Role.MODULE)]
    else:
        document = parse(source, Dialect.HTML)
        documents.append(document)
        written = scripts(source, document)
    parsed = [parse_script(source, script.dialect, None if dialect is not None else script.span) for script in written]
    roots = [part.root for part in parsed]
    if any(map(is_too_deep, (*documents, *roots))):
        return _too_deep(source)
    file = FileLowering(source, names_with_prototype(source.data))
    for part in parsed:
        file.usings.update(part.usings)
    _lower_scripts(file, written, roots)
    _lose_broken_functions(file, roots)
    _capture_through(file.functions)
    return FileFacts(
        source.language,
        file.functions,
        file.classes,
        list(file.imports.values()),
        file.exports,
        pragmas(source, (*documents, *roots)),
        file.skipped,
    )


def _module(source: Source) -> Function:
    whole = Span(0, len(source.data))
    return Function("", "module", whole, whole, Span(0, 0), None, None)


def _too_deep(source: Source) -> FileFacts:
    module = _module(source)
    module.blocks, module.whole = [Block([], (-1,))], False
    skipped = Skipped(source.path, SkipCode.TOO_DEEP, f"nested deeper than {MAX_TREE_DEPTH} levels")
    return FileFacts(source.language, [module], [], [], [], [], [skipped])


def _lower_scripts(file: FileLowering, written: Sequence[Script], roots: Sequence[Node]) -> None:
    """Lowers module scripts one after another into function 0, each set-up script into a function within it."""
    file.add_function(_module(file.source))
    file.module_scope = Scope(file.names_of(0), None)
    module = Body(file, 0, file.module_scope, Place("this", 0))
    for script, root in zip(written, roots, strict=True):
        if script.role is Role.SETUP:
            _queue_setup(file, script, root)
            for node in root.named_children:
                if node.type == "import_statement":
                    declare_imports(module, node)
    for script, root in zip(written, roots, strict=True):
        if script.role is Role.MODULE:
            module.lower(root, _lower_program)
    module.finish()
    file.drain()
    file.settle_members()


def _queue_setup(file: FileLowering, script: Script, root: Node) -> None:
    start = Span(script.span.start, script.span.start)
    index = file.add_function(Function("setup", "setup", script.span, script.span, start, 0, None))
    file.later(Pending(index, root, file.module_scope, Place("this", index)))


@lowers(BODIES, "program", "ERROR")
def _lower_program(body: Body, root: Node) -> None:
    statements = root.named_children
    declare_vars(body, statements)
    statement_list(body, statements)


def _lose_broken_functions(file: FileLowering, roots: Sequence[Node]) -> None:
    """Marks the innermost function around each syntax error as not whole."""
    errors = [node for root in roots for node in error_nodes(root)]
    if not errors:
        return
    functions = sorted(enumerate(file.functions), key=lambda item: (item[1].span.start, -item[1].span.end, item[0]))
    around: list[tuple[int, Function]] = []
    position = 0
    for node in sorted(errors, key=lambda error: error.start_byte):
        at = node.start_byte
        while position < len(functions) and functions[position][1].span.start <= at:
            around.append(functions[position])
            position += 1
            while len(around) > 1 and around[-2][1].span.end < around[-1][1].span.start:
                del around[-2]
        while len(around) > 1 and around[-1][1].span.end < at:
            around.pop()
        _lose(file, node, around)


def _lose(file: FileLowering, node: Node, around: Sequence[tuple[int, Function]]) -> None:
    """Loses the innermost function around a node, and those of its span (the two kinds of initializer of a class).

    A function that begins where the node does may lie within it; that one may be whole.
    """
    innermost = next((i for i in range(len(around) - 1, 0, -1) if node.end_byte <= around[i][1].span.end), 0)
    span = around[innermost][1].span
    for _, function in reversed(around[: innermost + 1]):
        if function.span != span:
            break
        if function.whole:
            function.whole = False
            what = described(function)
            file.skip(SkipCode.SYNTAX, node.start_byte, f"syntax the grammar does not know; {what} is not judged")


def _capture_through(functions: Sequence[Function]) -> None:
    """What a function captures from beyond its parent, its parent captures too."""
    captures = [dict.fromkeys(function.captures) for function in functions]
    for index in range(len(functions) - 1, 0, -1):
        parent = functions[index].parent
        if parent is not None:
            captures[parent].update((place, None) for place in captures[index] if place.scope != parent)
    for function, places in zip(functions, captures, strict=True):
        function.captures = tuple(places)
