"""A class with a teardown that forgets a field: the release goes into it, beside those of its other fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from fixers.facts import Call
from fixers.fixes.python.changes import Draft, Insert, Insertions, nothing
from fixers.fixes.python.fields import Field, class_functions, field_of, mentions_field
from fixers.fixes.python.layout import descendants, leaving_jumps, lines, path_to
from fixers.fixes.python.releasing import release_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from fixers.facts import Function, Member
    from fixers.fixes.python.sites import Site
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge

_DONE: Final = re.compile(r"clos|stop|shut|dispos|finish|done|clean|exit|quit|end|terminat|torn", re.IGNORECASE)
_ENDS_A_START: Final = frozenset({"stop", "disconnect", "on_stop", "logout", "leave", "exit", "unload", "deactivate"})
"""Teardowns after which only a new start may follow; `reset` or `clear` may be called in the middle of things."""
_ABSTRACT: Final = frozenset({"abstractmethod", "abstractproperty", "overload"})


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """Where the class's teardown releases the field."""
    field = field_of(leak, judge, site.layout)
    if field is None:
        return nothing("The handle lies in a container of the instance.")
    drafts = [_in_member(member, field, leak, judge, site) for member in leak.teardown_members]
    possible = [found for found in drafts if found.change is not None]
    safe = [found for found in possible if found.why is None]
    return (safe or possible or drafts or [nothing("The class has no teardown of its own.")])[0]


def _in_member(member: Member, field: Field, leak: Leak, judge: Judge, site: Site) -> Draft:
    release = release_of(leak.resource)
    if member.function is None or release is None:
        return nothing("The teardown is not a method.")
    function = judge.facts.functions[member.function]
    acquirer = judge.facts.functions[leak.function]
    body = site.layout.body_of(function.span)
    receiver = _receiver(function)
    if body is None or receiver is None or function.class_ != leak.owner.class_:
        return nothing(f"`{member.name}` is not a method of this class.")
    if receiver != _receiver(acquirer) and leak.function_is_method:
        return nothing(f"`{member.name}` belongs to the class, the field to its instances.")
    if release.awaited and not function.is_async:
        return nothing(f"The release must be awaited, and `{member.name}` is not async.")
    suite = lines(body)
    if not all(site.layout.opens_line(line[0]) for line in suite):
        return nothing(f"`{member.name}` has no lines of its own.")
    if _is_abstract(function, suite, site):
        return nothing(f"`{member.name}` is left to subclasses.")
    return _inserted(member, function, suite, field, leak, judge, site)
