"""Where the Action's virtual environment lies, and the key under which it is kept between jobs.

It is run by whatever Python is there, before anything is installed, so that it imports nothing of ours. An environment
is good for one interpreter at one place, and for one version of the Action at one place, so that all of these are in
the key.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_INSTALLED = ("requirements/run.txt", "pyproject.toml")
ROOT = Path(__file__).resolve().parent.parent.parent


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The outputs of the step that names the environment.

    Args:
        variables: the environment of the step.
    """
    folder = Path(variables["RUNNER_TEMP"]) / "stanch-environment"
    program = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    parts = (
        *(hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in _INSTALLED),
        str(ROOT),
        str(folder),
        sys.version,
        sys.base_prefix,
    )
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return {
        "folder": str(folder),
        "installed": str(folder.joinpath(*program)),
        "key": f"stanch-{platform.system()}-{platform.machine()}-{digest[:32]}",
    }


if __name__ == "__main__":
    lines = "".join(f"{name}={value}\n" for name, value in environment(os.environ).items())
    # As bytes, because Windows would end the lines otherwise.
    sys.stdout.buffer.write(lines.encode())
