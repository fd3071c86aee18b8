"""What work in the sandbox may use."""

from __future__ import annotations

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What a call may use.

    Attributes:
        seconds: of the clock.
        cpu_seconds: of the processor, for each process.
        memory_bytes: resident, of all its processes together.
        address_bytes: of address space, for each process.
        processes: at once.
        open_files: for each process.
        answer_bytes: how long its answer may be.
    """

    seconds: float = 600
    cpu_seconds: int = 900
    memory_bytes: int = 3_000_000_000
    address_bytes: int = 6_000_000_000
    processes: int = 64
    open_files: int = 256
    answer_bytes: int = 200_000_000
