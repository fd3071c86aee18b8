"""Recorded traffic of the client: how it is kept without secrets, and how a request is known again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import vcr  # type: ignore[import-untyped]

from bot.github.redaction import REDACTED, redacted

if TYPE_CHECKING:
    from vcr.request import Request  # type: ignore[import-untyped]

CASSETTE: Final = Path(__file__).parent / "cassettes" / "review.yaml"
API_URL: Final = "https://api.github.example"
HTML_URL: Final = "https://github.example"
"""Whatever GitHub was recorded, in the cassette it is here."""

_KEPT_HEADERS: Final = frozenset({"content-type", "etag", "link", "location", "x-accepted-github-permissions"})
_SECRET_FIELDS: Final = frozenset({"token", "pem", "webhook_secret", "client_secret"})
_NEVER: Final = "2126-01-01T00:00:00Z"


class Recorder:
    """A cassette for the GitHub at these addresses.

    Requests match on method, path, query and body; the rest may differ.
    """

    def __init__(self, api_url: str = API_URL, html_url: str = HTML_URL) -> None:
        # The longer address first: that of an enterprise server's API begins with that of its pages.
        graphql_url = f"{api_url.removesuffix('/v3')}/graphql"
        self._addresses = (
            (graphql_url, f"{API_URL}/graphql"),
            (api_url, API_URL),
            (html_url, HTML_URL),
            (urlsplit(html_url).netloc, urlsplit(HTML_URL).netloc),
        )

    def cassette(self, *, record: bool) -> Any:
        """A context in which requests are answered from the cassette, or recorded to it."""
        recorder = vcr.VCR(
            record_mode="all" if record else "none",
            match_on=["method", "path", "query", "body"],
            decode_compressed_response=True,
            before_record_request=self._request,
            before_record_response=self._response,
        )
        return recorder.use_cassette(str(CASSETTE), allow_playback_repeats=False)

    def _request(self, request: Request) -> Request:
        request.uri = self._moved(request.uri)
        request.headers = {}
        if request.body:
            request.body = redacted(request.body.decode() if isinstance(request.body, bytes) else request.body)
        return request

    def _response(self, response: dict[str, Any]) -> dict[str, Any]:
        headers = {
            name: [self._moved(value) for value in values]
            for name, values in response["headers"].items()
            if name.lower() in _KEPT_HEADERS
        }
        body = self._moved(response["body"]["string"].decode())
        try:
            body = json.dumps(_scrubbed(json.loads(body)), ensure_ascii=False)
        except ValueError:
            body = redacted(body)
        return {"status": response["status"], "headers": headers, "body": {"string": body.encode()}}

    def _moved(self, text: str) -> str:
        for old, new in self._addresses:
            text = re.sub(re.escape(old) + r"(?![\w.-])", new, text)
        return text


def _scrubbed(node: Any) -> Any:
    """The JSON without secrets; what replaces a token lasts for ever."""
    if isinstance(node, list):
        return [_scrubbed(item) for item in node]
    if isinstance(node, dict):
        return {name: _field(name, value) for name, value in node.items()}
    return redacted(node) if isinstance(node, str) else node


def _field(name: str, value: Any) -> Any:
    if name in _SECRET_FIELDS:
        return REDACTED
    return _NEVER if name == "expires_at" else _scrubbed(value)
