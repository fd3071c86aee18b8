"""What is known of a handle on its way through a function, and what became of it in the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from fixers.facts import Assign, ExitKind, Place

if TYPE_CHECKING:
    from fixers.source import Span


class Effect(Enum):
    """What a callee does with a handle that it gets or captures."""

    BORROWS = "borrows"
    RELEASES = "releases"
    KEEPS = "keeps"


class State(NamedTuple):
    """What is known of the handle at a point: where it is (`aliases`), what lives on it, and which guards hold.

    `failing`: an error is on its way, or was caught; `unforeseen`: no handler around was written for it.
    """

    born: bool
    aliases: frozenset[Place]
    dependents: frozenset[Place] = frozenset()
    known: frozenset[tuple[Place, str]] = frozenset()
    unforeseen: bool = False
    failing: bool = False

    def knowing(self, known: frozenset[tuple[Place, str]]) -> State:
        """The same with other guards known to hold."""
        return self if known is self.known else self._replace(known=known)

    def failed(self) -> State:
        """The same on the way of an error."""
        return self if self.failing else self._replace(failing=True)


class Leaving(NamedTuple):
    """An exit that the handle passes while open: how, and at which operation.

    `unforeseen`: an error that none of the surrounding handlers, which there are, is written for. `after_error`: an
    error came first, caught or not.
    """

    kind: ExitKind
    span: Span
    homes: frozenset[Place]
    unforeseen: bool = False
    after_error: bool = False


@dataclass
class Fate:
    """What becomes of a handle in one function.

    `open_exits`: exits passed with the handle open; `homes` of such an exit are the places beyond the function that
    hold it then. `lost`: assignments that dropped the last name of an open handle. `released`: spans of releases
    met; `released_normally`: one of them on a way without errors. `given`: spans where it was handed on;
    `disposers`: functions handed on that release it; `users`: those that only use it. `bindings`: local names it had.
    `methods`: methods of it that are called.
    """

    open_exits: list[Leaving] = field(default_factory=list)
    lost: list[Assign] = field(default_factory=list)
    released: list[Span] = field(default_factory=list)
    released_normally: bool = False
    given: list[Span] = field(default_factory=list)
    returned: list[Span] = field(default_factory=list)
    disposers: list[int] = field(default_factory=list)
    users: list[int] = field(default_factory=list)
    bindings: list[Assign] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)

    def homes(self) -> set[Place]:
        """Every place beyond the function that holds the open handle at some exit."""
        return {home for leaving in self.open_exits for home in leaving.homes}

    def leaks(self, kind: ExitKind) -> list[Leaving]:
        """The exits of a kind where nobody holds the open handle any more."""
        return [leaving for leaving in self.open_exits if leaving.kind is kind and not leaving.homes]

    def note_release(self, span: Span, state: State) -> None:
        """Remembers a release met in a state."""
        self.released.append(span)
        self.released_normally |= not state.failing
