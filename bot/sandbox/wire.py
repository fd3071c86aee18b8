"""How the two sides of the sandbox speak: a call in, an answer or a failure out, and the exit codes between."""

from __future__ import annotations

from typing import IO, Final

import msgspec

# msgspec reads the annotations at run time.
from bot.sandbox.limits import Limits

ANSWER: Final = b"\x01"
FAILURE: Final = b"\x02"
TOO_MUCH_MEMORY: Final = 101
TOO_MANY_PROCESSES: Final = 102
SIGNAL_BASE: Final = 128
"""A process that a signal has killed gives this and the signal's number, as in a shell."""
_LENGTH_BYTES: Final = 8


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A function of ours to be called in the sandbox.

    Attributes:
        function: `module:name`; it takes a payload and the means in force, and gives an answer, all as bytes.
        payload: what it is given; never a secret.
        readable: the files and folders that it reads, absolute.
        limits: what it may use.
        unconfined: whether it is called even where nothing keeps it from the network.
    """

    function: str
    payload: bytes
    readable: tuple[str, ...] = ()
    limits: Limits = Limits()
    unconfined: bool = False


def send(pipe: IO[bytes], call: Call) -> None:
    """Sends a call; the pipe stays open."""
    message = msgspec.msgpack.encode(call)
    pipe.write(len(message).to_bytes(_LENGTH_BYTES, "big") + message)
    pipe.flush()


def receive(pipe: IO[bytes]) -> Call | None:
    """The call; None where the pipe ends before it does."""
    length = int.from_bytes(pipe.read(_LENGTH_BYTES), "big")
    message = pipe.read(length)
    return msgspec.msgpack.decode(message, type=Call) if length and len(message) == length else None
