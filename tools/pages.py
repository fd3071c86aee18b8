"""`python -m tools.pages [FOLDER]`: the picture of the setup page in docs/images, made anew from the service itself.

With `--all` every page of setup, in light and dark, wide and narrow: to be looked at before it is changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Final

from bot.github.manifest import convert
from bot.github.models import Credentials
from bot.service.setup.choice import Choice, read_choice
from bot.service.setup.flow import Registered, Setup
from bot.service.setup.pages import confirm_page, done_page, fault_page, form_page
from tools.preview.picture import PreviewError, save_picture

FOLDER: Final = Path(__file__).parent.parent / "docs" / "images"
PUBLIC_URL: Final = "https://stanch.example.com"
WIDTH: Final = 640
NARROW: Final = 320


class _NoCredentials:
    """Nothing is set up, and nothing will be."""

    def load(self) -> None:
        return None

    def save(self, credentials: Credentials) -> None:
        raise NotImplementedError


def pages() -> dict[str, str]:
    """The pages of setup, in the order in which a person meets them."""
    setup = Setup(
        _NoCredentials(),
        convert,
        base_url=PUBLIC_URL,
        public_url=PUBLIC_URL,
        github_url="https://github.com",
        clock=lambda: 0.0,
    )
    wrong = {
        **setup.proposal(),
        "owner": "organisation",
        "organisation": "acme corp",
        "webhook_url": "http://localhost",
    }
    faults = read_choice(wrong)
    assert isinstance(faults, dict)
    relay = "https://smee.io/a1B2c3"
    choice = read_choice({**setup.proposal(), "owner": "organisation", "organisation": "acme", "webhook_url": relay})
    assert isinstance(choice, Choice)
    return {
        "setup": form_page(setup.proposal()),
        "setup-faults": form_page(wrong, faults),
        "setup-confirm": confirm_page(choice, setup.begin(choice)),
        "setup-done": done_page(Registered(Credentials(1, "stanch-acme", "", ()), choice.size)),
        "setup-failed": fault_page("This step began in another browser. Open the setup link again, in this one."),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the pictures; 2 with a sentence on stderr where there is no Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tools.pages", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=FOLDER, help="where (default: docs/images)")
    parser.add_argument("--all", action="store_true", help="every page, also dark and narrow")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        for name, page in pages().items():
            if options.all:
                save_picture(page, options.folder / f"{name}-dark.png", width=WIDTH, scale=1, dark=True)
                save_picture(page, options.folder / f"{name}-narrow.png", width=NARROW, scale=1)
            if options.all or name == "setup":
                save_picture(page, options.folder / f"{name}.png", width=WIDTH, scale=1)
    except PreviewError as error:
        print(f"No picture: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
