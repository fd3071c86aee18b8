"""What no tool can undercut, as programs of their own: `read` reads and hashes every file, `parse` parses every file.

Each prints the seconds and processor seconds that this took, without the start of the program.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from bench.speed.sets import files_of


def read(paths: Sequence[Path]) -> None:
    """Reads and hashes the bytes of every file."""
    for path in paths:
        hashlib.sha1(path.read_bytes(), usedforsecurity=False).digest()


def parse(paths: Sequence[Path]) -> None:
    """Parses every file with tree-sitter, and does nothing with the trees."""
    import tree_sitter_javascript  # noqa: PLC0415 - reading must not wait for the grammars
    import tree_sitter_python  # noqa: PLC0415
    import tree_sitter_typescript  # noqa: PLC0415
    from tree_sitter import Language as Grammar  # noqa: PLC0415
    from tree_sitter import Parser  # noqa: PLC0415

    from fixers.source import Language, language_of  # noqa: PLC0415

    parsers = {
        Language.JAVASCRIPT: Parser(Grammar(tree_sitter_javascript.language())),
        Language.TYPESCRIPT: Parser(Grammar(tree_sitter_typescript.language_typescript())),
        Language.TSX: Parser(Grammar(tree_sitter_typescript.language_tsx())),
        Language.PYTHON: Parser(Grammar(tree_sitter_python.language())),
    }
    for path in paths:
        language = language_of(path.name)
        if language in parsers:
            parsers[language].parse(path.read_bytes())


FLOORS: Final[dict[str, Callable[[Sequence[Path]], None]]] = {"read": read, "parse": parse}


def main(name: str, folder: Path) -> None:
    """Runs one of FLOORS and prints its times."""
    paths = files_of(folder)
    started, used = time.perf_counter(), time.process_time()
    FLOORS[name](paths)
    print(time.perf_counter() - started, time.process_time() - used)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
