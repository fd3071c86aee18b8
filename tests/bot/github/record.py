"""`python -m tests.bot.github.record`: record the client's cassette anew, against the fake GitHub or a real one.

For a real one: STANCH_RECORD_URL (its API), STANCH_RECORD_APP_ID, STANCH_RECORD_KEY (a file) and
STANCH_RECORD_REPOSITORY (`owner/name`). Its newest open pull request must add the first line of its first file; it gets
comments and a check.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from bot.github.client import App
from bot.github.models import Credentials
from tests.bot.github.cassette import CASSETTE, Recorder
from tests.bot.github.places import place
from tests.bot.github.scenario import review


def record_fake() -> None:
    """Records against a fake GitHub of its own."""
    with tempfile.TemporaryDirectory() as folder, place(Path(folder)) as here:
        here.repository.set_role("alice", "write")
        here.repository.open_pull_request(
            "alice", "feature", files={"src/poll.ts": "setInterval(poll, 9);\nexport {};\n"}
        )
        with Recorder(here.github.api_url, here.github.html_url).cassette(record=True):
            review(here.app)


def record_real(api_url: str) -> None:
    """Records against the GitHub whose API is there."""
    names = ("APP_ID", "KEY", "REPOSITORY")
    app_id, key, repository = (os.environ[f"STANCH_RECORD_{name}"] for name in names)
    html_url = "https://github.com" if api_url == "https://api.github.com" else api_url.removesuffix("/api/v3")
    credentials = Credentials(int(app_id), "", Path(key).read_text(encoding="ascii"), (), api_url, html_url)
    with Recorder(api_url, html_url).cassette(record=True), App(credentials) as app:
        review(app, repository)


def main() -> None:
    """Records, and says where."""
    CASSETTE.unlink(missing_ok=True)
    api_url = os.environ.get("STANCH_RECORD_URL", "")
    try:
        record_real(api_url.rstrip("/")) if api_url else record_fake()
    except KeyError as missing:
        sys.exit(f"Set {missing.args[0]}; see the first lines of {__file__}.")
    print(f"Recorded {CASSETTE}.")


if __name__ == "__main__":
    main()
