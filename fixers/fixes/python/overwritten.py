"""A field that is given a new handle while the old one may be open: the old one is released first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixers.fixes.python.changes import Draft, Insert, Insertions, nothing
from fixers.fixes.python.fields import field_of, receiver_of
from fixers.fixes.python.layout import statement_around
from fixers.fixes.python.releasing import release_of, verb_of
from fixers.fixes.python.sites import Site
from fixers.fixes.python.teardown import release_code

if TYPE_CHECKING:
    from fixers.leaks import Leak
    from fixers.lifetimes import Judge


def draft(leak: Leak, judge: Judge, site: Site) -> Draft:
    """How the old handle of a field is released before it is overwritten."""
    field = field_of(leak, judge, site.layout)
    release = release_of(leak.resource)
    function = judge.facts.functions[leak.function]
    receiver = receiver_of(function)
    if field is None or release is None or receiver is None or leak.lost is None:
        return nothing("The old handle cannot be reached by a plain field.")
    if release.awaited and not function.is_async:
        return nothing("The release must be awaited, and this method is not async.")
    handle = f"{receiver}.{field.name}"
    node = site.layout.root.descendant_for_byte_range(*leak.lost.span)
    if node is None:
        return nothing("The assignment cannot be found.")
    statement = statement_around(node)
    target = Site(site.layout, site.call, site.expression, statement, None, plainly=False)
    if statement.type != "expression_statement" or not target.alone:
        return nothing("The assignment has no line of its own.")
    if site.layout.text(statement).count(handle) != 1:
        return nothing("The old handle is still used when the new one is acquired.")
    code = release_code(field, receiver, release, resets=False)
    doubt = None
    if field.is_foreign:
        doubt = f"`{handle}` may also hold something that this class did not acquire."
    elif not field.is_initialised:
        doubt = f"`{handle}` is not set from the start; set it to None in `__init__`."
    change = Insertions((Insert(target.path, target.number, code),))
    return Draft(
        f"{verb_of(leak.resource)} the {leak.resource.noun} in `{handle}` before it is overwritten", change, doubt
    )
