"""The form of a lifecycle entry: who ends, when its parts run, and where its teardown is. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixers.source import Language, Tables


class Runs(StrEnum):
    """When a function handed to a hook runs."""

    NOW = "now"
    OFTEN = "often"
    """Later, any number of times: per request, per connection, per event."""
    EFFECT = "effect"
    """At set-up, and again when its inputs change; what it returns runs before the next time and at the end."""
    SETUP = "setup"
    """Once, when its component starts."""
    TEARDOWN = "teardown"
    """Once, when its component, or the object that emits, ends."""
    SHUTDOWN = "shutdown"
    """Once, when the process is told to end."""


@dataclass(frozen=True)
class Hook:
    """A function that is handed a function and runs it at a known time.

    `paths` are access paths, `*.name` a method of any receiver. `events` restricts it to calls whose first argument
    is one of these strings (then the function is the second argument).
    """

    paths: frozenset[str]
    runs: Runs
    tables: Tables
    argument: int = 0
    events: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Component:
    """What makes a function a component or a composable: it calls one of these hooks, or has one of these kinds.

    `kinds` are kinds of `facts.Function`. `noun` is for people.
    """

    noun: str
    hooks: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Handler:
    """A function that runs per request, known by the customary names of its first two parameters."""

    tables: Tables
    requests: frozenset[str]
    responses: frozenset[str]


@dataclass(frozen=True)
class ObjectForm:
    """Object literals from which a framework makes instances: how they are known, and what is their own.

    Args:
        given_to: access paths of functions that get one among their arguments; `*.name` a function of any origin.
        default_export_of: languages whose files have one as their default export.
        marks: keys one of which has a function without parameters in an object that is one, whoever gets it;
        marks_beside: it has another one of these keys, too.
        shares_this: keys of objects within, whose functions have the same `this`, at any depth.
        mixins: keys under which further such objects stand.
        setup: keys of functions that set an instance up with hooks of their own.
    """

    given_to: frozenset[str]
    default_export_of: frozenset[Language] = frozenset()
    marks: frozenset[str] = frozenset()
    marks_beside: frozenset[str] = frozenset()
    shares_this: frozenset[str] = frozenset()
    mixins: frozenset[str] = frozenset()
    setup: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ClassLifecycle:
    """A kind of class and its teardown.

    Args:
        noun: for people: `React component`.
        tables: the language.
        final: methods that end an instance for good, in the order in which a fix prefers them.
        pausing: methods that end what a matching start began; the instance may be started again.
        bases: access paths of base classes, or their last names where a framework is known by name (`*Element`: names
            that end so); an argument of a mixin counts too.
        decorators: access paths of decorators that mark such a class.
        members: methods any of which marks such a class; they have this meaning nowhere else.
        objects: how object literals are known to be of this kind; None: they never are.
        parts: fields that hold what ends together with the instance: `$el`.
        roots: names of classes of which there is one by convention, as long as the page: `AppComponent`.
        called_by_framework: somebody surely calls the teardown.
        written_as: how a teardown is added where there is none; empty where only a person can decide who would call it.

    One without bases, decorators, members and objects is any class.
    """

    noun: str
    tables: Tables
    final: tuple[str, ...]
    pausing: tuple[str, ...] = ()
    bases: frozenset[str] = frozenset()
    decorators: frozenset[str] = frozenset()
    members: frozenset[str] = frozenset()
    objects: ObjectForm | None = None
    parts: frozenset[str] = frozenset()
    roots: frozenset[str] = frozenset()
    called_by_framework: bool = False
    written_as: str = ""

    @property
    def is_any(self) -> bool:
        """Whether it describes every class that no framework is known for."""
        return not (self.bases or self.decorators or self.members or self.objects)
