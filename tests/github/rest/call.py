"""A request as the operations see it, the table of operations, and pages of lists."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlencode

from tests.github.answers import Answer, Refusal
from tests.github.auth import Caller, accepted, allows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.github.state import App, Repository, Token
    from tests.github.world import Actor, World

MOST_PER_PAGE: Final = 100
_Item = TypeVar("_Item")


class Needs(StrEnum):
    """What a request must come with."""

    NOTHING = "nothing"
    APP = "an App's JWT"
    TOKEN = "an installation's token"


@dataclass
class Call:
    """A request to one operation."""

    world: World
    caller: Caller
    url: str
    params: dict[str, str]
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]
    found: Repository | None = None

    @property
    def repository(self) -> Repository:
        """The repository that the path names."""
        assert self.found is not None, "the operation's path names a repository"
        return self.found

    @property
    def actor(self) -> Actor:
        """In whose name it writes."""
        return self.caller.actor

    @property
    def app(self) -> App:
        """The App that asks, by JWT or token."""
        if self.caller.app is not None:
            return self.caller.app
        return self.token.installation.app

    @property
    def token(self) -> Token:
        """The token that it comes with."""
        if self.caller.token is None:
            raise Refusal(401, "Requires authentication")
        return self.caller.token

    def number(self, name: str) -> int:
        """A path parameter that is a number.

        Raises:
            Refusal: 404, it is none.
        """
        if not self.params[name].isdigit():
            raise Refusal(404)
        return int(self.params[name])

    def need(self, **permissions: str) -> None:
        """Refuse unless the token has one of these permissions.

        Raises:
            Refusal: 403.
        """
        if not allows(self.token.permissions, permissions):
            raise Refusal(403, headers={"X-Accepted-GitHub-Permissions": accepted(permissions)})

    def page(
        self,
        items: Sequence[_Item],
        render: Callable[[_Item], Any],
        wrap: Callable[[list[Any], int], Any] | None = None,
    ) -> Answer:
        """One page of a list, with the `Link` header."""
        per_page = min(int(self.query.get("per_page", 30)), MOST_PER_PAGE) or 30
        number = max(int(self.query.get("page", 1)), 1)
        last = max(-(-len(items) // per_page), 1)
        shown = [render(item) for item in items[(number - 1) * per_page : number * per_page]]
        links: dict[str, int] = {}
        if number > 1:
            links |= {"prev": number - 1, "first": 1}
        if number < last:
            links |= {"next": number + 1, "last": last}
        header = ", ".join(f'<{self._url(page)}>; rel="{name}"' for name, page in links.items())
        body = wrap(shown, len(items)) if wrap else shown
        return Answer(200, body, {"Link": header} if header else {})

    def _url(self, page: int) -> str:
        return f"{self.url}?{urlencode({**self.query, 'page': page})}"


@dataclass(frozen=True)
class Implemented:
    """How an operation is answered, and what it asks for; any one of `permissions` will do."""

    answer: Callable[[Call], Answer]
    needs: Needs
    permissions: dict[str, str]


OPERATIONS: Final[dict[str, Implemented]] = {}


def operation(
    operation_id: str, needs: Needs = Needs.TOKEN, **permissions: str
) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Enter a function in the table of operations."""

    def enter(answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        assert operation_id not in OPERATIONS, f"{operation_id} has an answer already"
        OPERATIONS[operation_id] = Implemented(answer, needs, permissions)
        return answer

    return enter
