"""GitHub's own fingerprint of a line, the only one by which code scanning knows an alert again.

The algorithm is that of `src/fingerprints.ts` in github/codeql-action: a polynomial hash of the hundred UTF-16 units
that follow the start of the line, blanks left out and line ends made one, and which line with this hash it is. The
upload action computes it for itself and warns of any other value; who uploads through the API has to bring it.
"""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_WINDOW_BYTES = 2 * 100
_FACTOR = 37
_BITS = 64
_END_OF_FILE = "\uffff"


def line_hashes(data: bytes, lines: Collection[int]) -> dict[int, str]:
    """The `primaryLocationLineHash` of these lines of a file; lines that it does not have are left out.

    Args:
        data: the file.
        lines: 1-based; a lone `\\r` ends a line too.
    """
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace(" ", "").replace("\t", "") + _END_OF_FILE
    starts = list(accumulate((len(f"{line}\n".encode("utf-16-le")) for line in text.split("\n")), initial=0))[:-1]
    units = text.encode("utf-16-le") + bytes(_WINDOW_BYTES)
    windows = {line: _window(units, starts[line - 1]) for line in lines if 0 < line <= len(starts)}
    wanted = set(windows.values())
    seen: Counter[bytes] = Counter()
    hashes = {}
    for line, start in enumerate(starts, start=1):
        window = _window(units, start)
        if window in wanted:
            seen[window] += 1
            if line in windows:
                hashes[line] = f"{_hash(window):x}:{seen[window]}"
    return hashes


def _window(units: bytes, start: int) -> bytes:
    return units[start : start + _WINDOW_BYTES]


def _hash(window: bytes) -> int:
    value = 0
    for at in range(0, len(window), 2):
        value = (value * _FACTOR + int.from_bytes(window[at : at + 2], "little")) % (1 << _BITS)
    return value
