"""Code lowered and resolved for a test: its names, calls and owners, and what a call named `probe` is given."""

from __future__ import annotations

from fixers.facts import Call, Ref, Value
from fixers.lifetimes import Judge
from fixers.resources import resources
from fixers.resources.model import Resource, Tables
from fixers.source import Source, language_of
from fixers.syntax import lower
from tests.fixers.judging import program


def judge_of(path: str, code: str) -> Judge:
    """The judge of a file with this code, which may be indented as a whole."""
    language = language_of(path)
    assert language is not None
    facts = lower(Source(path, program(code), language))
    assert facts.skipped == []
    return Judge(facts)


def probes(judge: Judge) -> list[tuple[int, Call]]:
    """The calls of `probe`, each with the function that makes it, in order."""
    return [
        (index, op)
        for index, function in enumerate(judge.facts.functions)
        for op in function.ops()
        if isinstance(op, Call) and isinstance(op.callee, Ref) and str(op.callee.place) == "probe"
    ]


def probed(judge: Judge) -> tuple[int, Value]:
    """The function of the only `probe(value)`, and the value."""
    ((index, call),) = probes(judge)
    return index, call.args[0].value


def function_named(judge: Judge, name: str) -> int:
    """The index of the only function of that name."""
    (index,) = [number for number, body in enumerate(judge.facts.functions) if body.name == name]
    return index


def resource(resource_id: str) -> Resource:
    """A resource by its id."""
    return next(entry for tables in Tables for entry in resources(tables) if entry.id == resource_id)
