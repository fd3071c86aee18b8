"""The independent parser for JavaScript and TypeScript: the `typescript` package, which the product never uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.node import run_node

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROGRAM: Final = Path(__file__).parent / "js" / "parse.mjs"
_SUFFIXES: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")


def syntax_errors(files: Mapping[str, str]) -> dict[str, list[str]]:
    """The syntax errors of each file that has any, as `line:column: message`, found in one Node process.

    Args:
        files: text by path; the suffix says what the text is. TypeScript's syntax in a `.js` file is an error.

    Raises:
        ValueError: a path has a suffix that the parser does not know (of a Vue file, give its scripts).
    """
    unknown = [path for path in files if not path.endswith(_SUFFIXES)]
    if unknown:
        raise ValueError(f"not JavaScript or TypeScript: {', '.join(unknown)}; give one of {', '.join(_SUFFIXES)}")
    errors: dict[str, list[str]] = json.loads(run_node(_PROGRAM, stdin=json.dumps(dict(files)))) if files else {}
    return errors
