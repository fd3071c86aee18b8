"""Patterns of rules in the configuration: `timer/never-released`, `timer/*`, `*`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from bot.config.nearest import did_you_mean
from bot.config.section import Check
from fixers.findings import Family, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


def rule_matches(patterns: Iterable[str], rule: str) -> bool:
    """Whether one of the patterns covers a rule (`<family>/<verdict>`)."""
    family = rule.partition("/")[0]
    return any(pattern in {"*", rule, f"{family}/*"} for pattern in patterns)


def _checked(pattern: str) -> str:
    family, slash, verdict = pattern.partition("/")
    if pattern == "*":
        return pattern
    if family not in set(Family):
        raise ValueError(f"unknown family `{family}`{did_you_mean(family, Family)}")
    if not slash:
        raise ValueError(f"`{pattern}` names no verdict; write `{pattern}/*` for all of the family")
    if verdict != "*" and verdict not in set(Verdict):
        raise ValueError(f"unknown verdict `{verdict}`{did_you_mean(verdict, Verdict)}")
    return pattern


RulePattern = Annotated[str, Check(_checked)]
