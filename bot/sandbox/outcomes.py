"""How work in the sandbox can fail: always with a kind and a sentence."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from bot.sandbox.limits import Limits


class FailureKind(StrEnum):
    """What kept a call from an answer."""

    STOPPED = "stopped"
    TIME = "time"
    CPU = "cpu"
    MEMORY = "memory"
    PROCESSES = "processes"
    ANSWER_SIZE = "answer-size"
    FILES = "files"
    INPUT = "input"
    KILLED = "killed"
    CRASH = "crash"
    UNCONFINED = "unconfined"
    NOT_STARTED = "not-started"


_RERUN_HELPS = frozenset(
    {FailureKind.STOPPED, FailureKind.KILLED, FailureKind.INPUT, FailureKind.NOT_STARTED, FailureKind.TIME}
)


class Failure(msgspec.Struct, frozen=True):
    """Why there is no answer. The sentence is for people, ends with a full stop and holds nothing of the code."""

    kind: FailureKind
    sentence: str

    @property
    def rerun_helps(self) -> bool:
        """Whether the same work may succeed later."""
        return self.kind in _RERUN_HELPS


def failure(kind: FailureKind, limits: Limits, detail: str = "") -> Failure:
    """A failure with its sentence.

    Args:
        kind: what happened.
        limits: those of the call.
        detail: of a crash, a kill or a failed start: what is known of it.
    """
    about = f" ({detail})" if detail else ""
    match kind:
        case FailureKind.STOPPED:
            sentence = "The work was stopped, because nobody waits for it any more."
        case FailureKind.TIME:
            sentence = f"The scan took longer than {limits.seconds:g} seconds and was ended."
        case FailureKind.CPU:
            sentence = f"The scan used more than {limits.cpu_seconds} seconds of the processor and was ended."
        case FailureKind.MEMORY:
            sentence = f"The scan needed more than {_megabytes(limits.memory_bytes)} of memory and was ended."
        case FailureKind.PROCESSES:
            sentence = f"The scan started more than {limits.processes} processes and was ended."
        case FailureKind.ANSWER_SIZE:
            sentence = f"The scan found more than {_megabytes(limits.answer_bytes)} hold, so its result was refused."
        case FailureKind.FILES:
            sentence = "The commit has more files than can be looked at."
        case FailureKind.INPUT:
            sentence = "Objects of the repository are missing or damaged, or git refuses to read them."
        case FailureKind.KILLED:
            sentence = f"The scan was killed{about}, perhaps because the machine is short of memory."
        case FailureKind.CRASH:
            sentence = f"Stanch has failed{about}; please report it."
        case FailureKind.UNCONFINED:
            sentence = "This machine has no means to keep a scan from the network, so nothing was scanned."
        case FailureKind.NOT_STARTED:
            sentence = f"The scan could not be started{about}."
    return Failure(kind, sentence)


def _megabytes(size: int) -> str:
    return f"{size // 1_000_000:,} MB"
