from __future__ import annotations

import pytest

from bot.github.signatures import verify

# The example of docs.github.com, "Validating webhook deliveries".
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"
SIGNATURE = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"


@pytest.mark.parametrize(
    ("secrets", "body", "header", "expected"),
    [
        ((SECRET,), BODY, SIGNATURE, True),
        (("new", SECRET), BODY, SIGNATURE, True),
        ((SECRET, "new"), BODY, SIGNATURE, True),
        (("new",), BODY, SIGNATURE, False),
        ((), BODY, SIGNATURE, False),
        ((SECRET,), BODY + b" ", SIGNATURE, False),
        ((SECRET,), BODY, None, False),
        ((SECRET,), BODY, "", False),
        ((SECRET,), BODY, SIGNATURE.removeprefix("sha256="), False),
        ((SECRET,), BODY, SIGNATURE[:-1], False),
        ((SECRET,), BODY, SIGNATURE + "0", False),
        ((SECRET,), BODY, SIGNATURE.upper(), False),
        ((SECRET,), BODY, SIGNATURE.replace("sha256", "sha1"), False),
        ((SECRET,), BODY, "sha256=\u00fc\udcff", False),
        # HMAC takes an empty key; anybody could sign with it.
        (("",), BODY, "sha256=2bbcfa9524f3218c7a34b30e6936f8b1a4516cb097f1a85a1c7d98b5977ec769", False),
    ],
)
def test_a_signature_counts_if_a_live_secret_made_it(
    secrets: tuple[str, ...], body: bytes, header: str | None, expected: bool
) -> None:
    assert verify(secrets, body, header) is expected
