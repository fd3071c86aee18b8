"""Rules in words, for a terminal: what is found, in what, how it ends, with examples."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from bot.reports.wording import count

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from bot.rules import Rule, RuleResource


def table(rules: Iterable[Rule]) -> Iterator[str]:
    """One line for each rule, by family: its verdict, and what it is about."""
    for family, members in groupby(rules, key=lambda rule: rule.family):
        yield family.value
        for rule in members:
            labels = ", ".join(dict.fromkeys(resource.label for resource in rule.resources))
            yield f"  {rule.verdict.value:<24}{labels}"
        yield ""


def explained(rules: Sequence[Rule], *, examples: bool) -> Iterator[str]:
    """Each rule with its meaning and its resources, and their examples where these are wanted, each once."""
    told: set[str] = set()
    for number, rule in enumerate(rules):
        yield from ("", "") if number else ()
        yield rule.rule
        yield f"  {rule.meaning}"
        for resource in rule.resources:
            yield ""
            yield from _resource(resource, told, examples=examples)


def _resource(resource: RuleResource, told: set[str], *, examples: bool) -> Iterator[str]:
    yield f"  {resource.label} ({resource.id})"
    yield f"    acquired by  {', '.join(resource.acquired_by)}"
    yield f"    ended by     {', '.join(resource.released_by)}"
    if resource.source:
        yield f"    source       {resource.source}"
    if not examples:
        mended = sum(example.fixed is not None for example in resource.examples)
        if mended:
            yield f"    fixed        {count(mended, 'example')} with a fix, see --verbose"
        return
    for example in resource.examples:
        yield from _code(f"leaks ({example.path}):", example.leaking)
        if example.fixed is not None:
            yield from _code("fixed:", example.fixed)
        else:
            yield "    A person must choose how to mend this."
    for look_alike in resource.clean:
        # The rules of a family share them.
        if look_alike.code not in told:
            told.add(look_alike.code)
            yield from _code(f"no leak ({look_alike.path}): {look_alike.why}", look_alike.code)


def _code(title: str, code: str) -> Iterator[str]:
    yield ""
    yield f"    {title}"
    yield from (f"      | {line}".rstrip() for line in code.removesuffix("\n").split("\n"))
