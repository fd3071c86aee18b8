"""The document `stanch.budget/1` of what was measured."""

from __future__ import annotations

import os
import platform
import re
from itertools import islice
from typing import TYPE_CHECKING

import msgspec

from bot.decisions.budgets import MAX_RESULTS, Budgets, Environment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.decisions.budgets import Result


def document(
    results: Iterable[Result], runtimes: Iterable[str], *, commit: str, base: str | None = None, dirty: bool = False
) -> Budgets:
    """What was measured, of all profiles.

    Args:
        results: what is said of each metric.
        runtimes: what ran the programs, as the meters name it.
        commit: the commit that was measured, or that the measured files differ from.
        base: the commit that it was compared with.
        dirty: whether files differ from the commit.
    """
    bounded = tuple(islice(results, MAX_RESULTS))
    return Budgets(commit=commit, dirty=dirty, base=base, environment=environment(runtimes), results=bounded)


def environment(runtimes: Iterable[str]) -> Environment:
    """On what it was measured; `runtimes` as the meters name them."""
    return Environment(
        os=_name(f"{platform.system()} {platform.machine()}"),
        runtime=_name(" + ".join(sorted(runtimes)) or "any program"),
        cores=os.cpu_count(),
    )


def to_json(budgets: Budgets) -> bytes:
    """The document as bytes, keys sorted."""
    return msgspec.json.format(msgspec.json.encode(budgets, order="sorted"), indent=2) + b"\n"


def _name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9 ._+-]", "-", text)[:64]
