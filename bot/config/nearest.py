"""The hint at the end of a fault: what was probably meant."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`, did you mean ...?` with the known word nearest to an unknown one, or the list of them all."""
    choices = [str(choice) for choice in known]
    written = {choice.lower().replace("_", "-"): choice for choice in choices}
    near = difflib.get_close_matches(word[:100].lower().replace("_", "-"), written, n=1, cutoff=0.5)
    if near:
        return f", did you mean `{written[near[0]]}`?"
    return f"; known: {', '.join(choices)}" if choices else ""
