"""`python -m bot.action`: the step of the Action that scans."""

from __future__ import annotations

import io
import os
import signal
import sys
from typing import NoReturn

from bot.action.running import main


def _end(_number: int, _frame: object) -> NoReturn:
    """A job that is cancelled is killed some seconds after this; meanwhile its check can be ended."""
    raise KeyboardInterrupt


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _end)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    variables = dict(os.environ)
    # What is started from here on needs no token.
    os.environ.pop("INPUT_TOKEN", None)
    sys.exit(main(variables, sys.stdout))
