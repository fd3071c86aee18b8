"""What a pull request that fixes says of itself, hidden in its first line, so that it is known again without a ledger.

It is believed only in what our own account has opened. Others may edit it; then what it fixed may be proposed again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bot.decisions.fixing_state import FixRecord, Purpose, Standing
from bot.decisions.markers import marked, marker

if TYPE_CHECKING:
    from bot.github.models import PullRequest

_FIELD: Final = "fixes"
_ROOT: Final = "root"
_ONBOARDING: Final = "nothing"
_VALUE: Final = re.compile(
    r"(?P<rule>[a-z]+/[a-z-]+)/(?P<package>root|(?:[0-9a-f]{2})+)/(?P<fingerprints>[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*)"
)


def marked_body(record: FixRecord, body: str) -> str:
    """The body of a pull request, with what it fixes."""
    if record.purpose is Purpose.ONBOARDING:
        return f"{marker(_FIELD, _ONBOARDING)}\n\n{body}"
    package = record.package.encode("utf-8", "surrogateescape").hex() or _ROOT
    value = f"{record.rule}/{package}/{'.'.join(record.fingerprints)}"
    return f"{marker(_FIELD, value)}\n\n{body}"


def record_of(pull: PullRequest) -> FixRecord | None:
    """What a pull request of ours fixes, and how it stands; None where it says nothing of the kind."""
    value = marked(pull.body, _FIELD)
    if value is None:
        return None
    standing = Standing.OPEN if pull.is_open else Standing.MERGED if pull.is_merged else Standing.REFUSED
    if value == _ONBOARDING:
        purpose, rule, package, fingerprints = Purpose.ONBOARDING, "", "", ()
    elif found := _VALUE.fullmatch(value):
        purpose, rule = Purpose.FIX, found["rule"]
        package = "" if found["package"] == _ROOT else bytes.fromhex(found["package"]).decode("utf-8", "replace")
        fingerprints = tuple(found["fingerprints"].split("."))
    else:
        return None
    return FixRecord(
        branch=pull.head.ref,
        purpose=purpose,
        rule=rule,
        package=package,
        fingerprints=fingerprints,
        number=pull.number,
        standing=standing,
        opened_at=pull.created_at,
    )
