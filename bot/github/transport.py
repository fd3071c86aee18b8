"""One exchange with GitHub: a request out through PyGithub's requester, an answer in. No retry, no judgement.

PyGithub's own retry repeats POSTs and sleeps up to an hour, its pacing is per connection, and where it follows a
redirect it loses the query: all three are off here, and `bot.github.api` does what they should (measured with PyGithub
2.10: a comment answered by 502 was posted 11 times).
"""

from __future__ import annotations

import logging
import threading
from importlib.metadata import version
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

import requests
from github.Auth import Auth
from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from urllib3.exceptions import NewConnectionError

from bot.github.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github.Requester import RequestsResponse

API_VERSION: Final = "2022-11-28"
"""The version that GitHub Enterprise Server has too; what `X-GitHub-Api-Version` says."""
TIMEOUT_SECONDS: Final = 15
USER_AGENT: Final = f"stanch/{version('stanch')}"

_SAFE: Final = frozenset({"GET"})

# PyGithub writes answers, tokens among them, into its log when it is on.
logging.getLogger("github").setLevel(logging.WARNING)


class Answer(NamedTuple):
    """What GitHub answered; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


class _Authorization(Auth):
    """The header of the request that is about to be made."""

    header = ""

    @property
    def token_type(self) -> str:
        return self.header.partition(" ")[0]

    @property
    def token(self) -> str:
        return self.header.partition(" ")[2]

    def authentication(self, headers: dict[str, str]) -> None:
        if self.header:
            headers["Authorization"] = self.header


class _HttpConnection(HTTPRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _not_followed(super().getresponse())


class _HttpsConnection(HTTPSRequestsConnectionClass):
    def getresponse(self) -> RequestsResponse:
        return _not_followed(super().getresponse())


def _not_followed(response: RequestsResponse) -> RequestsResponse:
    """A 301 as the 308 that GitHub means by it: PyGithub follows only the former."""
    if response.status == 301:
        response.status = 308
    return response


class _Requester(Requester):
    """PyGithub's, with connections of its own: others in this process keep theirs."""


_Requester.injectConnectionClasses(_HttpConnection, _HttpsConnection)


class Transport:
    """A connection to GitHub's API. Threads take turns; a job has one of its own.

    Attributes:
        calls: how many requests were made.
        date: what the last answer said of the time.
    """

    def __init__(self, api_url: str) -> None:
        """`api_url` without a slash at its end, such as `https://api.github.com` or `https://HOST/api/v3`."""
        self._authorization = _Authorization()
        self._lock = threading.Lock()
        self._host = urlsplit(api_url).netloc
        self._requester = _Requester(
            auth=self._authorization,
            base_url=api_url,
            timeout=TIMEOUT_SECONDS,
            user_agent=USER_AGENT,
            per_page=100,
            verify=True,
            retry=0,
            pool_size=None,
            seconds_between_requests=None,
            seconds_between_writes=None,
            api_version=API_VERSION,
        )
        self.calls = 0
        self.date: str | None = None

    @property
    def graphql_url(self) -> str:
        """Where GraphQL is asked."""
        return self._requester.graphql_url

    def exchange(
        self,
        verb: str,
        url: str,
        *,
        authorization: str,
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> Answer:
        """Sends a request once and gives whatever comes back.

        Args:
            verb: the HTTP method.
            url: a path below the API's URL with its query, or a whole URL of the same host.
            authorization: the header's value.
            headers: further ones.
            body: sent as JSON, unless None.

        Raises:
            Unavailable: there was no answer, or the URL leads elsewhere.
        """
        if not url.startswith("/") and urlsplit(url).netloc != self._host:
            raise Unavailable(f"GitHub sent us from {self._host} to another server, {url[:200]}.", maybe_done=False)
        with self._lock:
            self._authorization.header = authorization
            self.calls += 1
            try:
                status, answered, text = self._requester.requestJson(
                    verb,
                    url,
                    None,
                    {"Accept": "application/vnd.github+json", **(headers or {})},
                    body,
                )
            except requests.RequestException as error:
                what = f"{verb} {urlsplit(url).path}: {_reason(error)}"
                maybe_done = verb not in _SAFE and not _never_sent(error)
                raise Unavailable(f"GitHub at {self._host} did not answer {what}.", maybe_done=maybe_done) from None
            except (RuntimeError, AssertionError, ValueError, LookupError):
                message = f"GitHub at {self._host} answered {verb} {urlsplit(url).path} with what cannot be read."
                raise Unavailable(message, maybe_done=verb not in _SAFE) from None
            finally:
                self._authorization.header = ""
        self.date = answered.get("date")
        return Answer(status, answered, text)

    def close(self) -> None:
        """Closes the connection."""
        self._requester.close()


def _never_sent(error: requests.RequestException) -> bool:
    """Whether there was not even a connection to GitHub that it could have been sent over."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), NewConnectionError) or _is_bad_certificate(error)


def _is_bad_certificate(error: requests.RequestException) -> bool:
    return isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error)


def _reason(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return f"no answer in {TIMEOUT_SECONDS} s"
    if _is_bad_certificate(error):
        return "its certificate is not known here; REQUESTS_CA_BUNDLE may name the file of the CA that it is from"
    return "there is no connection" if _never_sent(error) else "the connection broke"
