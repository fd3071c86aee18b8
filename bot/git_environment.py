"""The environment of every git command: nothing of the caller's, and switched off what a repository could have run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT_VARIABLES = ("PATH", "HOME", "TMPDIR", "SYSTEMROOT")

_CONNECTION_VARIABLES = ("SSH_AUTH_SOCK", "SSL_CERT_FILE", "GIT_SSL_CAINFO")
_PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")

_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # git before 2.45 does not know GIT_NO_LAZY_FETCH; with no protocol allowed it cannot fetch either.
    "GIT_ALLOW_PROTOCOL": "",
    # A replaced object would have another object's bytes under its id, and poison every cache keyed by id.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
}

_CONFIGURATION = (
    # Empty, not "false": git before 2.36 takes any other value for the path of a program.
    ("core.fsmonitor", ""),
    ("core.hooksPath", os.devnull),
    ("core.attributesFile", os.devnull),
    # The user's own ignore file would make the set of scanned files differ from machine to machine.
    ("core.excludesFile", os.devnull),
    ("core.alternateRefsCommand", ""),
    ("core.askPass", ""),
    ("credential.helper", ""),
    ("protocol.ext.allow", "never"),
    ("diff.external", ""),
    ("diff.suppressBlankEmpty", "false"),
    ("diff.submodule", "short"),
    ("submodule.recurse", "false"),
)


def safe_environment(configuration: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The variables of a command: none of the caller's own GIT_*, which a hook or an alias would have set.

    Args:
        configuration: names and values that override the repository's, beside those that are always overridden.
    """
    variables = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ} | _ENVIRONMENT
    settings = [*_CONFIGURATION, *configuration]
    variables["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (name, value) in enumerate(settings):
        variables[f"GIT_CONFIG_KEY_{number}"] = name
        variables[f"GIT_CONFIG_VALUE_{number}"] = value
    return variables


def connection_environment() -> dict[str, str]:
    """The variables of this process that say how the network is reached: proxies, keys and certificates."""
    names = [*_CONNECTION_VARIABLES, *_PROXY_VARIABLES, *(name.upper() for name in _PROXY_VARIABLES)]
    return {name: os.environ[name] for name in names if name in os.environ}
