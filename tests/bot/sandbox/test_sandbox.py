"""What a process in the sandbox tries, and what comes of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import psutil
import pytest

from bot.sandbox.limits import Limits
from bot.sandbox.means import Means
from bot.sandbox.outcomes import Failure, FailureKind
from bot.sandbox.parent import in_force, run
from bot.sandbox.setup import module_path
from bot.sandbox.wire import Call

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[3]
LIMITS = Limits(seconds=30, memory_bytes=400_000_000, address_bytes=2_000_000_000, processes=20, cpu_seconds=20)


def called(name: str, payload: bytes = b"", limits: Limits = LIMITS) -> bytes | Failure:
    function = f"tests.bot.sandbox.targets:{name}"
    return run(Call(function=function, payload=payload, readable=(str(ROOT / "tests"),), limits=limits))


def failed(name: str, limits: Limits = LIMITS) -> Failure:
    outcome = called(name, limits=limits)
    assert isinstance(outcome, Failure), outcome
    assert outcome.sentence.endswith(".")
    return outcome


def alive(mark: str) -> bool:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        found += [mark in word for word in process.info["cmdline"] or []]
    return any(found)


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Sockets of this process to connect to, by family and type."""
    path = str(tmp_path / "socket")
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        udp.bind(("127.0.0.1", 0))
        unix.bind(path)
        unix.listen()
        yield {
            "AF_INET|SOCK_STREAM": f"127.0.0.1|{tcp.getsockname()[1]}",
            "AF_INET|SOCK_DGRAM": f"127.0.0.1|{udp.getsockname()[1]}",
            "AF_INET6|SOCK_STREAM": f"::1|{tcp.getsockname()[1]}",
            "AF_INET6|SOCK_DGRAM": f"::1|{udp.getsockname()[1]}",
            "AF_UNIX|SOCK_STREAM": f"{path}|0",
        }


def test_an_answer_comes_back() -> None:
    payload = bytes(range(256)) * 20_000
    assert called("echo", payload) == payload


def test_this_machine_has_means() -> None:
    means = in_force()
    assert isinstance(means, Means)
    assert means.keeps_from_network
    assert means.sentence().startswith("Scans run without a network, by ")


def test_nobody_can_be_reached(listening: dict[str, str]) -> None:
    for kind, address in listening.items():
        assert called("connect", f"{kind}|{address}".encode()) == b"EACCES", kind


def test_no_secret_is_at_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STANCH_TOKEN", "secret")
    secret = tmp_path / "key.pem"
    secret.write_text("secret")
    with secret.open() as opened:
        os.set_inheritable(opened.fileno(), True)
        names = called("environment")
        numbers = called("descriptors")
    assert isinstance(names, bytes) and isinstance(numbers, bytes)
    assert set(msgspec.msgpack.decode(names)) <= {"PATH", "LC_ALL", "HOME", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE"}
    # The pipe for the answer, and /dev/null.
    assert len(msgspec.msgpack.decode(numbers)) <= 2


@pytest.mark.skipif(not getattr(in_force(), "landlock", 0), reason="the kernel has no Landlock")
def test_files_outside_are_out_of_reach(tmp_path: Path) -> None:
    secret = tmp_path / "key.pem"
    secret.write_text("secret")
    link = tmp_path / "link"
    link.symlink_to(secret)
    for path in (secret, link, Path("/etc/passwd"), Path("/proc/self/environ"), Path(f"/proc/{os.getpid()}/environ")):
        assert called("read", str(path).encode()) == b"EACCES", path
    assert called("read", str(ROOT / "bot" / "git.py").encode()) == b"done"
    assert called("read", str(ROOT / "pyproject.toml").encode()) == b"EACCES"


def test_nothing_is_written(tmp_path: Path) -> None:
    for path in (tmp_path / "new", ROOT / "tests" / "new.txt", Path("/dev/shm/stanch-test")):
        assert called("write", str(path).encode()) in {b"EACCES", b"EFBIG"}
        assert not path.exists() or path.stat().st_size == 0
    assert called("write", b"/dev/null") == b"done"


def test_processes_outside_are_out_of_reach() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        assert called("kill", str(victim.pid).encode()) in {b"ESRCH", b"EPERM"}
        assert called("kill", str(os.getpid()).encode()) in {b"ESRCH", b"EPERM"}
        assert victim.poll() is None
        victim.kill()


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers are those of x86_64")
def test_calls_of_another_architecture_kill() -> None:
    numbers = msgspec.msgpack.encode([0x40000000 + 39])
    outcome = called("system_calls", numbers)
    assert isinstance(outcome, Failure)
    assert (outcome.kind, "SIGSYS" in outcome.sentence) == (FailureKind.KILLED, True)
    refused = called("system_calls", msgspec.msgpack.encode([41, 53, 425, 101, 272, 308, 165, 321, 298, 310]))
    assert refused == msgspec.msgpack.encode([13] * 10)


@pytest.mark.parametrize(
    ("name", "limits", "kind"),
    [
        ("bomb", LIMITS, FailureKind.PROCESSES),
        ("eat_memory", LIMITS, FailureKind.MEMORY),
        ("reserve_memory", LIMITS, FailureKind.MEMORY),
        ("spin", msgspec.structs.replace(LIMITS, cpu_seconds=1), FailureKind.CPU),
        ("sleep", msgspec.structs.replace(LIMITS, seconds=1), FailureKind.TIME),
        ("talk", msgspec.structs.replace(LIMITS, answer_bytes=1_000_000), FailureKind.ANSWER_SIZE),
        ("fault", LIMITS, FailureKind.CRASH),
        ("segfault", LIMITS, FailureKind.KILLED),
        ("leave", LIMITS, FailureKind.CRASH),
        ("nothing", LIMITS, FailureKind.CRASH),
    ],
)
def test_every_end_has_its_sentence(name: str, limits: Limits, kind: FailureKind) -> None:
    assert failed(name, limits).kind is kind


def test_a_defect_tells_its_place_and_nothing_of_the_code() -> None:
    assert "ValueError in targets.py:" in failed("fault").sentence
    assert "secret" not in failed("fault").sentence


@pytest.mark.parametrize("wish", ["stop", "raise"])
def test_what_nobody_waits_for_any_more_is_ended(wish: str) -> None:
    mark = f"wait-{os.getpid()}-{time.monotonic_ns()}"
    seen = threading.Event()

    def stop() -> bool:
        if alive(mark):
            seen.set()
            if wish == "raise":
                raise KeyError(mark)
        return seen.is_set()

    call = Call(
        function="tests.bot.sandbox.targets:hide",
        payload=mark.encode(),
        readable=(str(ROOT / "tests"),),
        limits=LIMITS,
    )
    if wish == "raise":
        with pytest.raises(KeyError):
            run(call, stop)
    else:
        outcome = run(call, stop)
        assert isinstance(outcome, Failure) and outcome.kind is FailureKind.STOPPED
    assert eventually(lambda: not alive(mark))


def test_no_process_is_left_behind() -> None:
    mark = f"done-{os.getpid()}-{time.monotonic_ns()}"
    assert called("hide", mark.encode()) == b"done"
    assert eventually(lambda: not alive(mark))


PROGRAM = """
import sys
from tests.bot.sandbox.test_sandbox import called
print(called(sys.argv[1], sys.argv[2].encode()), flush=True)
"""
WITHOUT_NAMESPACES = """
import ctypes
from bot.sandbox import seccomp
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
assert seccomp.install(stays_in_group=False)
"""
OTHER_MACHINE = "import platform\nplatform.machine = lambda: 'riscv64'\n"


def started(name: str, payload: str, *, before: str = "", extra_path: str = "") -> subprocess.Popen[str]:
    path = os.pathsep.join(filter(None, (extra_path, str(ROOT), module_path())))
    return subprocess.Popen(
        [sys.executable, "-c", before + PROGRAM, name, payload],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("before", ["", WITHOUT_NAMESPACES])
def test_the_sandbox_ends_with_a_parent_that_is_killed(before: str) -> None:
    mark = f"wait-{os.getpid()}-{time.monotonic_ns()}"
    with started("hide", mark, before=before) as parent:
        inside = [sys.executable, "-c", "import time\nwhile True: time.sleep(60)", mark]
        assert eventually(
            lambda: any(process.info["cmdline"] == inside for process in psutil.process_iter(["cmdline"]))
        )
        parent.kill()
    assert eventually(lambda: not alive(mark))


@pytest.mark.parametrize(
    ("name", "payload", "expected"),
    [
        ("echo", "hello", "b'hello'"),
        ("connect", "AF_INET|SOCK_STREAM|127.0.0.1|1", "b'EACCES'"),
        ("hide", "done-without-namespaces", "b'done'"),
        ("bomb", "", "kind=<FailureKind.PROCESSES"),
    ],
)
def test_without_namespaces_the_filter_does_it(name: str, payload: str, expected: str) -> None:
    with started(name, payload, before=WITHOUT_NAMESPACES) as parent:
        assert expected in parent.communicate()[0]
    assert eventually(lambda: not alive("done-without-namespaces"))


def test_with_no_means_nothing_runs(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(OTHER_MACHINE)
    with started("echo", "hello", extra_path=str(tmp_path)) as parent:
        assert parent.communicate()[0] == "b'hello'\n"
    before = "import os, platform\nplatform.machine = lambda: os.uname().machine\n" + WITHOUT_NAMESPACES
    with started("echo", "hello", before=before, extra_path=str(tmp_path)) as parent:
        assert "FailureKind.UNCONFINED" in parent.communicate()[0]
