"""Programs that the lock brings, run as a person runs them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROGRAMS: Final = Path(sys.executable).parent


def said(
    program: str, *words: str | Path, environment: Mapping[str, str] | None = None, folder: Path | None = None
) -> str:
    """What a program says. It has to succeed."""
    done = subprocess.run(
        [PROGRAMS / program, *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
