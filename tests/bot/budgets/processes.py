"""Processes that tests look for by a word in their command line, since nobody may hold on to them."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import psutil

if TYPE_CHECKING:
    from pathlib import Path

DEADLINE_SECONDS: Final = 30


class Marked:
    """A Python program whose processes have a word of their own in the command line."""

    def __init__(self, folder: Path, text: str) -> None:
        self.word = f"marked-{uuid4().hex}"
        self.file = folder / f"{self.word}.py"
        self.file.write_text(text)
        self.command = f"{sys.executable} {self.file}"

    def pids(self) -> list[int]:
        """Those that run."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and self.word in " ".join(process.cmdline()):
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    def wait_for(self, number: int) -> list[int]:
        """Waits until so many run."""
        end = time.monotonic() + DEADLINE_SECONDS
        while len(pids := self.pids()) != number:
            assert time.monotonic() < end, f"{len(pids)} run, not {number}"
            time.sleep(0.02)
        return pids
