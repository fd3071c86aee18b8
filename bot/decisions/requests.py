"""What a command asks of the rest of Stanch: each request is work for a workflow, not a write to GitHub."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rescan:
    """Scan this commit of the pull request again."""

    commit: str


@dataclass(frozen=True)
class FixRequested:
    """Write the safe fixes of these findings of `commit`, by their ids: for its branch, and for nothing else."""

    commit: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Remember:
    """Accept a finding from now on: of which rule it is, who said so (a login), and why."""

    fingerprint: str
    reason: str
    login: str
    rule: str


@dataclass(frozen=True)
class Forget:
    """Accept a finding no longer."""

    fingerprint: str


@dataclass(frozen=True)
class SetPaused:
    """Be silent in this pull request, or no longer."""

    paused: bool


Request = Rescan | FixRequested | Remember | Forget | SetPaused
