"""How the HTML report looks (html_report.css), and the policy that lets nothing but that style apply."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from typing import Final

STYLE: Final = files("bot.reports").joinpath("html_report.css").read_text("utf-8")
"""For a screen, wide or narrow, in light or dark, and for paper."""

_HASH: Final = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY: Final = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""The content security policy of the report: nothing is loaded, nothing runs, and no other style applies."""
