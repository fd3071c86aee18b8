"""Names of others as parts of paths below the API's URL."""

from __future__ import annotations

from urllib.parse import quote

from bot.github.errors import NotFound


def segment(text: str) -> str:
    """The text as one segment of a path.

    Raises:
        NotFound: it is one that would lead to another path.
    """
    if text in {"", ".", ".."}:
        raise NotFound(f"GitHub has nothing that is called {text!r}.")
    return quote(text, safe="")


def segments(text: str) -> str:
    """The text as segments of a path, divided by its slashes, as the name of a branch.

    Raises:
        NotFound: one of them would lead to another path.
    """
    return "/".join(map(segment, text.split("/")))
