"""The rules, from the tables of resources: what each finds, in what, and how it is mended."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from fixers.findings import Family, Verdict
from fixers.resources import resources
from fixers.resources.model import Function, Handle, Matching, Method, OnExit, Tables

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fixers.resources.model import Release, Resource

MEANING: Final = {
    Verdict.NEVER_RELEASED: "Nothing ends it: its owner ends, or runs again, with the resource open.",
    Verdict.FORGOTTEN_BY_TEARDOWN: "Its owner has a teardown (`close`, an unmount hook), which does not end it.",
    Verdict.OVERWRITTEN_WHILE_OPEN: "The only name of an open resource is given another value.",
    Verdict.NOT_RELEASED_ON_ERROR: "It is ended on the normal way only: an error, or a cancellation, leaves it open.",
    Verdict.ADDED_PER_CALL: "Each call adds another one to a target that outlives the call.",
}
"""What a verdict says, for those that the tables can lead to."""


class RuleExample(msgspec.Struct, frozen=True, kw_only=True):
    """A small file with exactly one finding of the rule; `fixed`: what Stanch makes of it, null where a person must."""

    path: str
    leaking: str
    fixed: str | None


class LookAlike(msgspec.Struct, frozen=True, kw_only=True):
    """A small file that looks like a leak and is none, and why."""

    path: str
    why: str
    code: str


class RuleResource(msgspec.Struct, frozen=True, kw_only=True):
    """A resource that the rule is about."""

    id: str
    language: Tables
    label: str
    noun: str
    acquired_by: tuple[str, ...]
    released_by: tuple[str, ...]
    source: str
    examples: tuple[RuleExample, ...]
    clean: tuple[LookAlike, ...]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """What is found under the name `<family>/<verdict>`."""

    rule: str
    family: Family
    verdict: Verdict
    meaning: str
    resources: tuple[RuleResource, ...]


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Every rule, by family and verdict, in the contract's order of both."""

    schema: Literal["stanch.rules/1"] = "stanch.rules/1"
    rules: tuple[Rule, ...]


@cache
def all_rules() -> Rules:
    """Every rule that the tables lead to."""
    entries = [entry for tables in Tables for entry in resources(tables)]
    found = []
    for family in Family:
        for verdict in Verdict:
            matching = [entry for entry in entries if entry.family is family and verdict in set(verdicts_of(entry))]
            if matching:
                about = tuple(_described(entry, verdict) for entry in matching)
                name = f"{family}/{verdict}"
                found.append(Rule(rule=name, family=family, verdict=verdict, meaning=MEANING[verdict], resources=about))
    return Rules(rules=tuple(found))


def rules_named(name: str) -> list[Rule]:
    """The rules that a name stands for: `timer/never-released`, `timer/*`, `timer`; none where it is no rule."""
    family = name.removesuffix("/*")
    return [rule for rule in all_rules().rules if rule.rule == name or rule.family == family]


def verdicts_of(resource: Resource) -> Iterator[Verdict]:
    """What can be wrong with the lifetime of a resource, by its table entry."""
    yield Verdict.NEVER_RELEASED
    yield Verdict.FORGOTTEN_BY_TEARDOWN
    if resource.handle is Handle.REGISTRATION:
        yield Verdict.ADDED_PER_CALL
    else:
        yield Verdict.OVERWRITTEN_WHILE_OPEN
        if resource.error_leaks:
            yield Verdict.NOT_RELEASED_ON_ERROR


def _described(entry: Resource, verdict: Verdict) -> RuleResource:
    examples = tuple(
        RuleExample(path=example.path, leaking=example.leaking, fixed=example.fixed)
        for example in entry.leaking
        if example.verdict == verdict
    )
    clean = tuple(LookAlike(path=item.path, why=item.why, code=item.code) for item in entry.clean)
    return RuleResource(
        id=entry.id,
        language=entry.tables,
        label=entry.label,
        noun=entry.noun,
        acquired_by=tuple(map(_without_root, entry.acquired_by)),
        released_by=(*_statement(entry), *dict.fromkeys(map(_written, entry.released_by))),
        source=entry.source,
        examples=examples,
        clean=clean,
    )


def _without_root(path: str) -> str:
    return path.removeprefix("global.").removeprefix("builtins.")


def _statement(entry: Resource) -> tuple[str, ...]:
    """The statement at whose end it is released, if there is one."""
    if entry.on_exit is not OnExit.RELEASES:
        return ()
    if entry.tables is Tables.JAVASCRIPT:
        return ("using",)
    is_async = any(isinstance(release, Method) and release.awaited for release in entry.released_by)
    return ("async with" if is_async else "with",)


def _written(release: Release) -> str:
    """How a release is written, `…` standing for the handle or what was registered."""
    match release:
        case Method(name=name, awaited=awaited):
            return f"{'await ' if awaited else ''}….{name}()" if not name.startswith("[") else f"…{name}()"
        case Function(path=path):
            return f"{_without_root(path)}(…)"
        case Matching(name=name, wholesale=wholesale):
            return f"….{name}({'' if wholesale else 'the same arguments'})"
