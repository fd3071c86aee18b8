"""The means by which the sandbox confines a scan, and their words for people."""

from __future__ import annotations

import msgspec

from bot.reports.wording import series


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """Which means are in force.

    Attributes:
        namespaces: the scan has no network, and sees no process but its own.
        seccomp: it can make no socket of any kind.
        landlock: the version of the interface by which it reaches only the files it needs; 0 without.
    """

    namespaces: bool
    seccomp: bool
    landlock: int

    @property
    def keeps_from_network(self) -> bool:
        """Whether the scan can reach nobody."""
        return self.namespaces or self.seccomp

    def sentence(self) -> str:
        """What is in force, for `doctor` and the check."""
        if not self.keeps_from_network:
            return "Scans are not kept from the network here: neither namespaces nor seccomp can be used."
        names = [
            *(["namespaces of its own"] if self.namespaces else []),
            *(["a seccomp filter"] if self.seccomp else []),
            *([f"Landlock (version {self.landlock})"] if self.landlock else []),
        ]
        files = "" if self.landlock else "; without Landlock they can read what this user can"
        return f"Scans run without a network, by {series(names)}{files}."


def probe(_payload: bytes, means: Means) -> bytes:
    """The means that are in force, as a call in the sandbox finds them."""
    return msgspec.msgpack.encode(means)
