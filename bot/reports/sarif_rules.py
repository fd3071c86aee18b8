"""The rules as SARIF describes them, with their help from the tables of resources."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from bot.reports.excerpt import fence_language
from bot.reports.inert import fenced, markdown_code, markdown_prose
from bot.reports.rule_text import explained
from bot.rules import all_rules
from fixers.findings import Family

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.rules import Rule, RuleResource

_FAMILY: Final[dict[str, str]] = {
    Family.HTTP: "HTTP client",
    Family.DATABASE: "database handle",
    Family.TEMPFILE: "temporary file",
    Family.GROWTH: "collection",
    Family.COMPUTE: "computation",
}
"""What a family is called in a title, where its name alone would not do."""

_COMMON: Final[dict[str, Any]] = {
    "defaultConfiguration": {"level": "warning"},
    "properties": {"precision": "high", "problem.severity": "warning"},
}


def driver_rules(found: Iterable[str]) -> list[dict[str, Any]]:
    """Every rule that there is, the same for each log of this version, and those found that it does not know.

    Args:
        found: the names of the rules of a report, which another version may have written.
    """
    known = {rule.rule: rule for rule in all_rules().rules}
    return [*map(_described, known.values()), *map(_unknown, sorted(set(found) - known.keys()))]


@cache
def _described(rule: Rule) -> dict[str, Any]:
    return {
        **_named(rule.rule),
        "fullDescription": {"text": rule.meaning},
        "help": {
            "text": "\n".join(explained([rule], examples=False)),
            "markdown": "\n\n".join(_help(rule)) + "\n",
        },
    }


def _unknown(name: str) -> dict[str, Any]:
    known_by = f"This version of Stanch has no rule `{name}`; the one that wrote the report explains it."
    return {**_named(name), "fullDescription": {"text": known_by}, "help": {"text": known_by}}


def _named(name: str) -> dict[str, Any]:
    family, _, verdict = name.partition("/")
    words = f"{_FAMILY.get(family, family)} {verdict.replace('-', ' ')}"
    return {
        "id": name,
        "name": "".join(word.capitalize() for word in name.replace("/", "-").split("-")),
        "shortDescription": {"text": words[:1].upper() + words[1:]},
        **_COMMON,
        "properties": {**_COMMON["properties"], "tags": ["resource-leak", family]},
    }


def _help(rule: Rule) -> Iterator[str]:
    yield markdown_prose(rule.meaning)
    for resource in rule.resources:
        yield f"### {markdown_code(resource.label)}"
        yield f"- acquired by {_codes(resource.acquired_by)}\n- ended by {_codes(resource.released_by)}"
        yield from _example(resource)
    yield f"{markdown_code(f'stanch explain {rule.rule}')} says more."


def _example(resource: RuleResource) -> Iterator[str]:
    """The first example, one with a fix if there is one."""
    for example in sorted(resource.examples, key=lambda example: example.fixed is None)[:1]:
        language = fence_language(example.path)
        yield "Leaks:\n\n" + fenced(example.leaking, language)
        if example.fixed is not None:
            yield "Fixed:\n\n" + fenced(example.fixed, language)


def _codes(names: Iterable[str]) -> str:
    return ", ".join(map(markdown_code, dict.fromkeys(names)))
