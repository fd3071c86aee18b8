"""The signature of a webhook delivery."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def verify(secrets: Sequence[str], body: bytes, header: str | None) -> bool:
    """Whether the header `X-Hub-Signature-256` is that of the body under one of the secrets, in constant time.

    Args:
        secrets: those that are live, two while one takes the place of the other; an empty one is none.
        body: the raw bytes.
        header: as it came.
    """
    sent = (header or "").encode("utf-8", "surrogatepass")
    matches = [hmac.compare_digest(sent, _signature(secret, body)) for secret in secrets if secret]
    return any(matches)


def _signature(secret: str, body: bytes) -> bytes:
    return b"sha256=" + hmac.digest(secret.encode(), body, hashlib.sha256).hex().encode()
