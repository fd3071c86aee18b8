"""What a person chooses on the setup page, checked field by field."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from bot.github.manifest import Size
from bot.service.webhook import PATH as WEBHOOK_PATH
from bot.settings import GITHUB, api_url_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_ORGANISATION: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,37}[A-Za-z0-9_])?")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_RELAYS: Final = (
    "smee.io",
    "ngrok.io",
    "ngrok.app",
    "ngrok-free.app",
    "ngrok-free.dev",
    "trycloudflare.com",
    "loca.lt",
)
"""Services that pass requests on to a machine that GitHub cannot reach, run by somebody else."""
_LONGEST: Final = 500


@dataclass(frozen=True)
class Choice:
    """An App as it was chosen.

    Attributes:
        size: what it may do (contract: Permissions).
        organisation: who will own it; None for the person's own account.
        github_url: the GitHub it is registered on.
        webhook_url: where that GitHub sends deliveries.
        warning: what the person should know about that address; empty when nothing.
    """

    size: Size
    organisation: str | None
    github_url: str
    webhook_url: str
    warning: str = ""

    @property
    def homepage_url(self) -> str:
        """What the App's page links to: the service's own address."""
        return f"https://{urlsplit(self.webhook_url).netloc}"

    @property
    def api_url(self) -> str:
        """The REST API of that GitHub."""
        return api_url_of(self.github_url)


def read_choice(fields: Mapping[str, str]) -> Choice | dict[str, str]:
    """The choice in a form, or the faults: for each field a sentence that says what to write."""
    faults: dict[str, str] = {}
    size = fields.get("size", "")
    if size not in set(Size):
        faults["size"] = "Choose what the App may do."
    organisation = fields.get("organisation", "").strip() if fields.get("owner") == "organisation" else None
    if fields.get("owner") not in {"person", "organisation"}:
        faults["owner"] = "Choose who will own the App."
    elif organisation is not None and not _ORGANISATION.fullmatch(organisation):
        faults["organisation"] = "Write the organisation's name as it stands in its address: github.com/NAME."
    github_url = GITHUB
    if fields.get("github", "github.com") != "github.com":
        github_url = _origin(fields.get("github_url", ""))
        if not github_url:
            faults["github_url"] = "Write your GitHub's address, such as https://github.example.com."
    webhook_url, fault = _webhook_url(fields.get("webhook_url", ""), is_public=_is_public(github_url))
    if fault:
        faults["webhook_url"] = fault
    if faults:
        return faults
    return Choice(Size(size), organisation, github_url, webhook_url, _warning(webhook_url))


def _origin(text: str) -> str:
    """The address without path of an `https://` address; empty when it is none."""
    try:
        parts = urlsplit(text.strip())
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return ""
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or not _is_host(host) or parts.username is not None or len(text) > _LONGEST:
        return ""
    return "" if parts.path not in {"", "/"} or parts.query or parts.fragment else f"https://{_bracketed(host)}{port}"


def _webhook_url(text: str, *, is_public: bool) -> tuple[str, str]:
    """The address in full, or a fault."""
    try:
        parts = urlsplit(text.strip())
        _ = parts.port
    except ValueError:
        return "", "Write an address such as https://stanch.example.com/webhook."
    host = (parts.hostname or "").lower()
    if parts.scheme == "http":
        return "", "The address must begin with https://: what GitHub sends is nobody else's business."
    if parts.scheme != "https" or not host or len(text) > _LONGEST or any(map(str.isspace, text.strip())):
        return "", "Write an address such as https://stanch.example.com/webhook."
    if parts.username is not None or parts.fragment:
        return "", "Leave out the user and the fragment (`#`) of the address."
    if _is_loopback(host):
        return (
            "",
            f"GitHub cannot reach {host}: that is each machine's name for itself. Write this service's public address.",
        )
    if not _is_host(host):
        return "", f"GitHub cannot reach {host}: it is not the full name of a machine."
    if is_public and _is_private(host):
        return "", f"GitHub cannot reach {host}: it is an address within your network. Write the public one."
    path = parts.path if parts.path not in {"", "/"} else WEBHOOK_PATH
    return urlunsplit(("https", parts.netloc.lower(), path, parts.query, "")), ""


def relay_of(webhook_url: str) -> str | None:
    """The service of somebody else that deliveries to this address come by way of, if it is a known one."""
    host = urlsplit(webhook_url).hostname or ""
    return next((name for name in _RELAYS if host == name or host.endswith(f".{name}")), None)


def _warning(webhook_url: str) -> str:
    relay = relay_of(webhook_url)
    if relay is None:
        return ""
    return (
        f"{relay} passes each delivery through machines of somebody else, who can read it. Use it to try Stanch out, "
        "and change the address in the App's settings before you rely on it."
    )


def _is_public(github_url: str) -> bool:
    """Whether this GitHub is on the internet, not in the person's own network."""
    host = urlsplit(github_url).hostname or ""
    return host == "github.com" or host.endswith(".ghe.com")


def _is_host(host: str) -> bool:
    return bool(_HOST.fullmatch(host)) or _address(host) is not None


def _is_loopback(host: str) -> bool:
    address = _address(host)
    if address is None:
        return host == "localhost" or host.endswith(".localhost")
    return address.is_loopback or address.is_unspecified


def _is_private(host: str) -> bool:
    address = _address(host)
    return address is not None and not address.is_global


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
