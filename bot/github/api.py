"""GitHub's API in the name of somebody: governed, repeated where that is safe, paged through, decoded into types."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from requests.utils import parse_header_links

from bot.github.errors import Limited, NotFound, Unauthorized, Unavailable
from bot.github.etags import EtagCache
from bot.github.limits import Heard, Kind
from bot.github.refusals import GRAPHQL_LIMITS, error_in, graphql_error, heard_in
from bot.github.retries import ATTEMPTS, MAX_REDIRECTS, REDIRECTS, is_repeatable, pause_seconds
from bot.github.transport import Answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from bot.github.clock import Clock
    from bot.github.governor import Governor
    from bot.github.transport import Transport

T = TypeVar("T")

PER_PAGE: Final = 100
MAX_PAGES: Final = 100
"""Where we stop turning pages, unless the endpoint has an end of its own: 10,000 entries."""


class Credential(Protocol):
    """In whose name requests are made."""

    @property
    def governor(self) -> Governor:
        """The turns of whoever it is."""

    def authorization(self) -> str:
        """The value of the header that says so."""

    def renew(self) -> bool:
        """GitHub did not take the last one; whether there can be another."""


class _Request(NamedTuple):
    verb: str
    url: str
    kind: Kind
    repeatable: bool
    body: object = None
    etag: str | None = None
    resource: str = "core"

    @property
    def what(self) -> str:
        """The request as error messages name it."""
        return f"{self.verb} {urlsplit(self.url).path}"


class Api:
    """Requests over a transport in the name of a credential."""

    def __init__(self, transport: Transport, credential: Credential, clock: Clock) -> None:
        self._transport = transport
        self._credential = credential
        self._clock = clock
        self._etags = EtagCache()

    def get(self, path: str, answer: type[T], parameters: Mapping[str, object] | None = None) -> T:
        """Reads something.

        Args:
            path: below the API's URL, quoted.
            answer: what the JSON must fit.
            parameters: the query.

        Raises:
            GitHubError: of the kind that fits.
        """
        url = _with_query(path, parameters)
        return _decoded(self._read(url), answer, f"GET {path}", maybe_done=False)

    def pages(
        self,
        path: str,
        page: type[T],
        parameters: Mapping[str, object] | None = None,
        *,
        most: int | None = MAX_PAGES,
    ) -> Iterator[T]:
        """Reads page after page, each when it is needed, to the last one or the `most` there are by documentation.

        `most` None: GitHub says of no end, and whoever reads stops by himself.
        """
        url: str | None = _with_query(path, {"per_page": PER_PAGE, **(parameters or {})})
        for _ in count() if most is None else range(most):
            if url is None:
                return
            answer = self._read(url)
            yield _decoded(answer, page, f"GET {path}", maybe_done=False)
            url = _next_page(answer.headers.get("link", ""))

    def send(
        self,
        verb: str,
        path: str,
        answer: type[T],
        body: object = None,
        *,
        kind: Kind = Kind.WRITE,
        repeatable: bool | None = None,
    ) -> T:
        """Writes something.

        Args:
            verb: POST, PATCH, PUT or DELETE.
            path: below the API's URL, quoted.
            answer: what the JSON must fit.
            body: sent as JSON.
            kind: what limits see in it.
            repeatable: doing it twice is doing it once; None: as the verb is.

        Raises:
            GitHubError: of the kind that fits. Where it is Unavailable with `maybe_done`, it was not tried again.
        """
        again = is_repeatable(verb) if repeatable is None else repeatable
        request = _Request(verb, path, kind, again, body)
        return _decoded(self._request(request), answer, request.what, maybe_done=True)

    def query(self, query: str, variables: Mapping[str, object], answer: type[T], what: str) -> T:
        """Asks GraphQL; `what` completes the sentence "GitHub refuses to ..."; `answer` is what `data` must fit."""
        return self._graphql(query, variables, answer, what, Kind.READ)

    def mutate(self, mutation: str, variables: Mapping[str, object], answer: type[T], what: str) -> T:
        """Has GraphQL set a state; like `query`, and repeated like it."""
        return self._graphql(mutation, variables, answer, what, Kind.WRITE)

    def _graphql(self, query: str, variables: Mapping[str, object], answer: type[T], what: str, kind: Kind) -> T:
        body = {"query": query, "variables": variables}
        request = _Request("POST", self._transport.graphql_url, kind, True, body, resource="graphql")
        got = self._request(request)
        outcome = _decoded(got, _Outcome, request.what, maybe_done=False)
        if outcome.errors:
            self._hear_limit(outcome.errors, what)
            raise graphql_error(outcome.errors, what, maybe_done=False)
        try:
            return msgspec.convert(outcome.data, answer)
        except msgspec.ValidationError as error:
            raise NotFound(f"GitHub's answer has no place for {what}: {error}.") from None

    def _read(self, url: str) -> Answer:
        kept = self._etags.get(url)
        answer = self._request(_Request("GET", url, Kind.READ, True, etag=kept.etag if kept else None))
        if answer.status == 304 and kept is not None:
            return Answer(200, {**kept.headers}, kept.text)
        self._etags.put(url, answer.headers, answer.text)
        return answer

    def _request(self, request: _Request) -> Answer:
        """The answer to a request that succeeded, after as many attempts as are allowed."""
        for attempt in range(1, ATTEMPTS):
            # A refusal for a limit is waited out here if that is short; else this raises.
            self._take_turn(request)
            try:
                return self._attempt(request)
            except Limited:
                continue
            except Unauthorized:
                if not self._credential.renew():
                    raise
            except Unavailable as error:
                if error.maybe_done and not request.repeatable:
                    raise
                self._clock.sleep(pause_seconds(attempt))
        self._take_turn(request)
        return self._attempt(request)

    def _attempt(self, request: _Request) -> Answer:
        for _ in range(MAX_REDIRECTS):
            answer = self._transport.exchange(
                request.verb,
                request.url,
                authorization=self._credential.authorization(),
                headers={"If-None-Match": request.etag} if request.etag else None,
                body=request.body,
            )
            heard = heard_in(answer)
            blocked_until = self._credential.governor.heard(heard)
            if heard.refused and blocked_until is not None:
                raise Limited(f"GitHub's rate limits refuse {request.what}.", blocked_until)
            if answer.status < 300 or answer.status == 304:
                return answer
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                raise error_in(answer, request.what, maybe_done=request.verb != "GET")
            request = request._replace(url=answer.headers["location"])
            self._take_turn(request)
        raise Unavailable(f"GitHub redirects {request.what} again and again.", maybe_done=False)

    def _hear_limit(self, errors: object, what: str) -> None:
        """GraphQL may say in an answer that succeeded that a limit is reached."""
        first = errors[0] if isinstance(errors, list) and errors else None
        if isinstance(first, dict) and first.get("type") in GRAPHQL_LIMITS:
            blocked_until = self._credential.governor.heard(Heard(resource="graphql", refused=True))
            if blocked_until is not None:
                raise Limited(f"GitHub's rate limits refuse to {what}.", blocked_until)

    def _take_turn(self, request: _Request) -> None:
        self._credential.governor.wait(request.kind, request.resource)


class _Outcome(msgspec.Struct):
    data: Any = None
    errors: Any = None


def _with_query(path: str, parameters: Mapping[str, object] | None) -> str:
    query = urlencode({name: value for name, value in sorted((parameters or {}).items()) if value is not None})
    return f"{path}?{query}" if query else path


def _next_page(link: str) -> str | None:
    """The URL that the header `Link` calls the next one."""
    return next((entry["url"] for entry in parse_header_links(link) if entry.get("rel") == "next"), None)


def _decoded(answer: Answer, wanted: type[T], what: str, *, maybe_done: bool) -> T:
    try:
        return msgspec.json.decode((answer.text or "null").encode("utf-8", "replace"), type=wanted)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unavailable(f"GitHub answered {what} with what we cannot read: {error}.", maybe_done=maybe_done) from None
