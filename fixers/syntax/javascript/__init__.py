"""JavaScript, TypeScript, JSX, and the scripts of Vue, Svelte and HTML files: tree-sitter trees -> facts.

`lower` is the way in. `files` goes through a file, `grammar` parses; `lowering` holds the state and the tables that the
modules named after what they lower fill, each for its nodes.
"""

from __future__ import annotations

from fixers.syntax.javascript import calls, classes, conditions, functions, jsx, literals, loops, objects, patterns
from fixers.syntax.javascript.files import lower

__all__ = [
    "calls",
    "classes",
    "conditions",
    "functions",
    "jsx",
    "literals",
    "loops",
    "lower",
    "objects",
    "patterns",
]
