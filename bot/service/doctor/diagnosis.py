"""What a check found, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Diagnosis:
    """One line of the doctor's.

    Attributes:
        check: what was looked at, one or two words.
        state: how it stands.
        found: a sentence on what is so.
        advice: what to do; empty where nothing is.
    """

    check: str
    state: State
    found: str
    advice: str = ""


def ok(check: str, found: str) -> Diagnosis:
    """All is well."""
    return Diagnosis(check, State.OK, found)


def warn(check: str, found: str, advice: str) -> Diagnosis:
    """It works, and could work better."""
    return Diagnosis(check, State.WARN, found, advice)


def fail(check: str, found: str, advice: str) -> Diagnosis:
    """It does not work."""
    return Diagnosis(check, State.FAIL, found, advice)
