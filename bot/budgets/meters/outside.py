"""What any program holds, as the operating system tells it: nothing in the program has to help, or notices."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

from bot.budgets.meters.model import Reading, Series
from bot.config.budgets import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC: Final = Path("/proc")
_IS_LINUX: Final = psutil.LINUX and _PROC.is_dir()
_TICK: Final = os.sysconf("SC_CLK_TCK") if _IS_LINUX else 1
_PAGE: Final = os.sysconf("SC_PAGE_SIZE") if _IS_LINUX else 1
_MAX_NAMED: Final = 5
_KINDS: Final = ("file", "socket", "pipe", "other")
_PROTOCOLS: Final = ("tcp", "tcp6", "udp", "udp6", "unix")


def read_tree(pid: int, *, protocols: bool = False) -> Reading:
    """What a process and all that it has started hold now.

    Open files are counted as often as processes have them open, sockets once. CPU seconds include those of children
    that ended. On Linux a reading costs about a millisecond for each process (measured with 150 open files); elsewhere
    it is what psutil can tell.

    Args:
        pid: the first process.
        protocols: also count sockets by protocol; that reads the tables of the whole machine.

    Returns:
        The amounts; without those that may not be read, and with a fault for these, or where the process is gone.
    """
    tree = _Tree()
    for member in _members(pid):
        try:
            _read_linux(member, tree, protocols) if _IS_LINUX else _read_elsewhere(member, tree)
        except (ProcessLookupError, FileNotFoundError, psutil.NoSuchProcess):
            continue
    if not tree.processes:
        return Reading(faults=(f"The process {pid} is gone.",))
    return tree.reading(pid)


@dataclass
class _Tree:
    """Sums over the processes so far."""

    processes: int = 0
    threads: int = 0
    rss: int = 0
    cpu: float = 0
    descriptors: Counter[str] = field(default_factory=Counter)
    sockets: set[str] = field(default_factory=set)
    protocols: dict[str, str] = field(default_factory=dict)
    unreadable: list[int] = field(default_factory=list)

    def reading(self, pid: int) -> Reading:
        values: dict[Series, float] = {
            Series(Metric.THREADS): self.threads,
            Series(Metric.CHILDREN): self.processes - 1,
            Series(Metric.RSS): self.rss,
            Series(Metric.CPU): self.cpu,
        }
        if self.unreadable:
            which = ", ".join(map(str, self.unreadable[:_MAX_NAMED]))
            fault = f"The open files of process {which} may not be read, so that those of {pid} are not counted."
            return Reading(values, faults=(fault,))
        values[Series(Metric.OPEN_FILES)] = self.descriptors.total()
        if _IS_LINUX:
            values |= {Series(Metric.OPEN_FILES, kind): self.descriptors[kind] for kind in _KINDS}
        values[Series(Metric.SOCKETS)] = len(self.sockets)
        known = Counter(self.protocols[socket] for socket in self.sockets if socket in self.protocols)
        values |= {Series(Metric.SOCKETS, protocol): number for protocol, number in known.items()}
        return Reading(values)


def _members(pid: int) -> Iterator[int]:
    """A process and its descendants; those that end meanwhile may be missing."""
    queue = [pid]
    while queue:
        member = queue.pop()
        yield member
        queue += _children(member)


def _children(pid: int) -> list[int]:
    try:
        if (_PROC / f"{pid}/task/{pid}/children").exists():
            listed = [(task / "children").read_text("ascii") for task in (_PROC / f"{pid}/task").iterdir()]
            return [int(child) for line in listed for child in line.split()]
        return [child.pid for child in psutil.Process(pid).children()]
    except (OSError, psutil.Error):
        return []


def _read_linux(pid: int, tree: _Tree, protocols: bool) -> None:
    folder = _PROC / str(pid)
    # The second field is the name, in brackets, and may hold anything.
    fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    if fields[0] in "ZX":
        return
    resident = int((folder / "statm").read_text("ascii").split()[1])
    tree.processes += 1
    tree.threads += int(fields[17])
    tree.rss += resident * _PAGE
    tree.cpu += sum(map(int, fields[11:15])) / _TICK
    try:
        targets = list(_descriptors(folder / "fd"))
    except PermissionError:
        tree.unreadable.append(pid)
        return
    for target in targets:
        tree.descriptors[_kind(target)] += 1
    tree.sockets |= {target for target in targets if target.startswith("socket:")}
    if protocols:
        tree.protocols |= _protocols(folder / "net")


def _descriptors(folder: Path) -> Iterator[str]:
    for entry in os.scandir(folder):
        try:
            yield os.readlink(entry.path)  # noqa: PTH115 - a third of the time, ten times a second
        except FileNotFoundError:
            continue


def _kind(target: str) -> str:
    if target.startswith("socket:"):
        return "socket"
    if target.startswith("pipe:"):
        return "pipe"
    return "file" if target.startswith("/") and not target.startswith("/dev/") else "other"


def _protocols(folder: Path) -> dict[str, str]:
    """The protocol of each socket of the machine, or of the namespace of a process."""
    found: dict[str, str] = {}
    for protocol in _PROTOCOLS:
        try:
            lines = (folder / protocol).read_text("utf-8", "replace").splitlines()[1:]
        except OSError:
            continue
        column = 6 if protocol == "unix" else 9
        for line in lines:
            words = line.split()
            if len(words) > column:
                found[f"socket:[{words[column]}]"] = protocol.removesuffix("6")
    return found


def _read_elsewhere(pid: int, tree: _Tree) -> None:
    process = psutil.Process(pid)
    with process.oneshot():
        if process.status() == psutil.STATUS_ZOMBIE:
            return
        tree.processes += 1
        tree.rss += process.memory_info().rss
        tree.threads += process.num_threads()
        tree.cpu += sum(process.cpu_times()[:4])
        try:
            tree.descriptors["other"] += process.num_fds()
            tree.sockets |= {f"{pid}:{connection.fd}" for connection in process.net_connections("all")}
        except psutil.AccessDenied:
            tree.unreadable.append(pid)
