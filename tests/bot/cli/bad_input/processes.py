"""The command in a process of its own: with a limit on the size of files, or with a fault built in."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_LIMITED = """\
import resource, runpy, sys
limit = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""


def start(
    folder: Path,
    *arguments: str,
    file_bytes: int | None = None,
    startup: str = "",
    stdout: IO[bytes] | int = subprocess.PIPE,
    **variables: str,
) -> subprocess.Popen[bytes]:
    """Starts `stanch`.

    Args:
        folder: the current folder.
        arguments: what follows `stanch`.
        file_bytes: no file may grow beyond this, as if the disk were full.
        startup: Python that runs first, here and in worker processes.
        stdout: where its result goes.
        variables: of its environment.
    """
    environment = {**os.environ, **variables}
    if startup:
        place = folder.parent / f"{folder.name}-startup"
        place.mkdir()
        (place / "sitecustomize.py").write_text(startup)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(place), os.environ.get("PYTHONPATH"))))
    program = ["-m", "bot"] if file_bytes is None else ["-c", _LIMITED, str(file_bytes)]
    return subprocess.Popen(
        [sys.executable, *program, *arguments], cwd=folder, env=environment, stdout=stdout, stderr=subprocess.PIPE
    )


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str, str]:
    """The exit code of a process that ends by itself, and what it wrote on stdout and stderr."""
    out, err = process.communicate()
    return process.returncode, (out or b"").decode(), err.decode()
