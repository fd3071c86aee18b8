"""Scans that check fixes: each costs as much as the scan of the file, so that their number is limited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fixers.engine import scan_file

if TYPE_CHECKING:
    from fixers.engine import FileResult

MAX_RESCANNED_BYTES: Final = 20_000_000
"""Bytes that are scanned to check the fixes of one file: a thousand times 20 kB, or ten times the largest file."""


class TooManyRescansError(Exception):
    """MAX_RESCANNED_BYTES have been scanned."""


class Rescans:
    """Scans new bytes of one file, as far as its limit goes; the last two results are remembered."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._scanned = 0
        self._known: dict[bytes, FileResult] = {}

    @property
    def is_spent(self) -> bool:
        """Whether the limit is reached."""
        return self._scanned >= MAX_RESCANNED_BYTES

    def __call__(self, data: bytes) -> FileResult:
        """What a scan says of some bytes.

        Raises:
            TooManyRescansError: they are not known, and the limit is reached.
        """
        if data not in self._known and self.is_spent:
            raise TooManyRescansError
        return self.always(data)

    def always(self, data: bytes) -> FileResult:
        """The same, whatever the limit."""
        found = self._known.pop(data, None)
        if found is None:
            found = scan_file(self._path, data)
            self._scanned += len(data)
        self._known = dict([*list(self._known.items())[-1:], (data, found)])
        return found
