"""How often Python looks for garbage in circles, which costs a program that ends soon more than it gives."""

from __future__ import annotations

import gc

_YOUNG_OBJECTS = 100_000
"""How many objects more than before make it look; Python's own 700 (2,000 from 3.14) are many looks a scan."""


def collect_seldom() -> None:
    """Looks for garbage in circles less often; for a process that ends with its scan. What was loaded stays anyway."""
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, 20, 50)
