"""What a path says about a file, and how a path is written for people."""

from __future__ import annotations

import re
from typing import NamedTuple

_TEST_FOLDER = re.compile(
    r"(?:^|/)(?:tests?|__tests?__|specs?|__specs?__|testdata|testing|e2e|cypress|fixtures|__fixtures__"
    r"|mocks?|__mocks__|stories|__stories__|\.storybook|storybook|examples?|samples?|demos?)/",
    re.IGNORECASE,
)
_TEST_NAME = re.compile(
    r"(?:^|/)(?:test_[^/]*\.pyw?|conftest\.py|[^/]+[.\-_](?:tests?|spec|mocks?|examples?)\.[a-z]+"
    r"|[^/]+\.(?:specs|e2e|cy|fixtures?|stories|story)\.[a-z]+|(?:tests?|mocks?|examples?)\.[a-z]+)\Z",
    re.IGNORECASE,
)


class PathText(NamedTuple):
    """A path as text that any reader can hold; `encoded` says that it holds %XX for bytes (contract: The report)."""

    text: str
    encoded: bool


def is_test_path(path: str) -> bool:
    """Whether a file belongs to tests, stories, mocks or examples, where a finding is only advice."""
    return bool(_TEST_FOLDER.search(path) or _TEST_NAME.search(path))


def path_text(path: str) -> PathText:
    """A path for the report: bytes that are not UTF-8 become %XX, and then `%` itself %25, so that it can be undone.

    Args:
        path: as a `FileTree` gives it, with surrogates for undecodable bytes (PEP 383).
    """
    if path.isascii() or not any("\ud800" <= char <= "\udfff" for char in path):
        return PathText(path, encoded=False)
    parts = (
        f"%{ord(char) - 0xDC00:02X}" if "\udc80" <= char <= "\udcff" else char for char in path.replace("%", "%25")
    )
    return PathText("".join(parts), encoded=True)
