"""The pages of setup as HTML: what they say is in the templates beside this file."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from bot.config import CONFIG_PATH
from bot.decisions.onboarding import TERMS, onboarding_file
from bot.github.manifest import PERMISSIONS, Size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bot.github.models import Credentials
    from bot.service.setup.choice import Choice
    from bot.service.setup.flow import Begun, Registered

PERMISSION_WORDS: Final = {
    ("metadata", "read"): "see the names of the repositories you choose",
    ("contents", "read"): "read their code",
    ("contents", "write"): "push branches with fixes, which become pull requests",
    ("pull_requests", "write"): "comment on pull requests",
    ("checks", "write"): "show a check on each commit",
    ("issues", "read"): "hear commands such as /perf-scan in comments",
}
"""The permissions of both sizes in plain words."""
SIZE_WORDS: Final = {Size.REVIEW: "Review App", Size.FIX: "Fix App"}

FIELDS: Final = ("size", "owner", "organisation", "github", "github_url", "webhook_url")
_LEVELS: Final = {"read": {"read"}, "write": {"read", "write"}}

_TEMPLATES: Final = Environment(
    loader=PackageLoader("bot.service.setup"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_STYLE: Final = _TEMPLATES.get_template("setup.css").render()
STYLE_SOURCE: Final = f"'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'"
"""The page's style, for its Content-Security-Policy."""


def form_page(values: Mapping[str, str], faults: Mapping[str, str] | None = None) -> str:
    """The choices.

    Args:
        values: what the fields hold.
        faults: by field, what is wrong with it.
    """
    review = what_it_may(Size.REVIEW)
    fix = [line for line in what_it_may(Size.FIX) if line not in review]
    shown, told = ({name: given.get(name, "") for name in FIELDS} for given in (values, faults or {}))
    wrong = sum(map(bool, told.values()))
    return _render("form.html", values=shown, faults=told, wrong=wrong, review=review, fix=fix)


def confirm_page(choice: Choice, begun: Begun) -> str:
    """What was chosen, and the button that sends it to GitHub."""
    may = what_it_may(choice.size)
    manifest = json.dumps(begun.manifest)
    host = urlsplit(choice.github_url).netloc
    return _render(
        "confirm.html", choice=choice, size=SIZE_WORDS[choice.size], may=may, host=host, begun=begun, manifest=manifest
    )


def what_it_may(size: Size) -> list[str]:
    """The permissions of an App, in plain words. Who may write may also read."""
    asked = PERMISSIONS[size]
    return [words for (name, level), words in PERMISSION_WORDS.items() if level in _LEVELS[asked[name]]]


def done_page(registered: Registered) -> str:
    """What to do next, and on what terms there are pull requests that fix."""
    return _render(
        "done.html",
        slug=registered.credentials.slug,
        install_url=install_url(registered.credentials),
        may_fix=registered.size is Size.FIX,
        path=CONFIG_PATH,
        terms=TERMS,
        configuration=onboarding_file().decode(),
    )


def fault_page(sentence: str) -> str:
    """A step that failed, and what to do."""
    return _render("fault.html", sentence=sentence)


def install_url(credentials: Credentials) -> str:
    """Where the App is installed on repositories. GitHub Enterprise Server has Apps at another path than github.com."""
    host = urlsplit(credentials.html_url).hostname or ""
    is_cloud = host == "github.com" or host.endswith(".ghe.com")
    folder = "apps" if is_cloud else "github-apps"
    return f"{credentials.html_url}/{folder}/{quote(credentials.slug, safe='')}/installations/new"


def _render(template: str, **values: object) -> str:
    # The style is this package's own file.
    return _TEMPLATES.get_template(template).render(style=Markup(_STYLE), **values)
