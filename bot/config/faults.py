"""What is wrong with a configuration file, and where; the plain data that such a file is."""

from __future__ import annotations

from typing import NamedTuple

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
Path = tuple[str | int, ...]


class Place(NamedTuple):
    """A 1-based line and column."""

    line: int
    column: int


class Fault(NamedTuple):
    """What is wrong with a configuration, where, and what to do."""

    line: int
    column: int
    message: str


class ConfigError(Exception):
    """A configuration file has faults; `faults` are in the order of the file."""

    def __init__(self, path: str, faults: list[Fault]) -> None:
        self.path = path
        self.faults = sorted(faults)
        super().__init__("\n".join(f"{path}:{line}:{column}: {message}" for line, column, message in self.faults))
