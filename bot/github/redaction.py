"""Secrets of GitHub's kinds taken out of text before anybody reads it."""

from __future__ import annotations

import re
from typing import Final

REDACTED: Final = "[redacted]"

# Tokens are `ghs_` and 36 characters or, since 2026, `ghs_<app id>_<JWT>` of some 520, with dots and dashes; no length
# is promised, so whatever continues the token is taken with it. What can be no word is a token after a letter too: that
# is what comes before it in a line break escaped by JSON and in `%3A`. The bounds keep the time linear.
_SECRETS: Final = re.compile(
    r"""
    \bgh[a-z]_[A-Za-z0-9_.-]{16,}
    | gh[a-z]_(?:[0-9]{1,20}_eyJ|[A-Za-z0-9]{30})[A-Za-z0-9_.-]*
    | github_pat_[A-Za-z0-9_]{16,}
    | eyJ[A-Za-z0-9_-]{8,400}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?
    | -----BEGIN[ ][A-Z ]{0,20}PRIVATE[ ]KEY-----(?:(?!-----END).){0,20000}(?:-----END[ ][A-Z ]{0,32}-----)?
    | (?<=Basic[ ])[A-Za-z0-9+/]{16,}={0,2}
    | (?<=://)[^\s/@:]{1,100}:[^\s/@]{1,2000}(?=@)
    """,
    re.VERBOSE | re.DOTALL,
)


def redacted(text: str) -> str:
    """The text without tokens of GitHub's, JWTs, private keys and passwords in URLs."""
    return _SECRETS.sub(REDACTED, text)
