"""Git objects by id, through one long-lived process."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Self

from bot.git import GitError, printable

if TYPE_CHECKING:
    import subprocess
    from types import TracebackType

    from bot.git import Repository


class ObjectReader:
    """Reads objects by id through one long-lived `git cat-file --batch`. Belongs to one thread of one process."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, object_id: str) -> bytes:
        """The bytes of an object.

        Raises:
            GitError: it is not in the repository, or git ended before it answered.
        """
        if not re.fullmatch(r"[0-9a-f]{40,64}", object_id):
            raise GitError(f"{printable(object_id)!r} is no object id; resolve the revision first.")
        process = self._process = self._process or self._repository.start(["cat-file", "--batch"])
        if process.stdin is None or process.stdout is None:
            raise AssertionError("cat-file runs with pipes")
        try:
            process.stdin.write(object_id.encode() + b"\n")
            process.stdin.flush()
        except BrokenPipeError:
            self.close()
            raise self._repository.missing(f"Object {object_id}") from None
        header = process.stdout.readline().split()
        if len(header) != 3:
            # "<id> missing", or git has ended, as it does where it would have to fetch.
            self.close()
            raise self._repository.missing(f"Object {object_id}")
        data = process.stdout.read(int(header[2]) + 1)
        if len(data) != int(header[2]) + 1:
            self.close()
            raise self._repository.missing(f"A part of object {object_id}")
        return data[:-1]

    def close(self) -> None:
        """End the process; reading again starts another."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()
