"""Tries an image as people run it: read-only and without rights, the service, two workers and a scan."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.image.roots import Container, inside, started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message

    from tools.image.recipe import Stage

EXAMPLES: Final = Path(__file__).resolve().parent.parent.parent / "examples"
_LOCK: Final = Path(__file__).resolve().parent.parent.parent / "requirements" / "service.txt"
_SBOM: Final = "/opt/stanch/sbom.cdx.json"
_DEADLINE_SECONDS: Final = 180
_STRANGER: Final = 12345
"""A user that the image does not know."""
_WAITS: Final = b"the worker waits"
"""What each part logs once it listens to signals, as long as there are no credentials."""
_SOCKET: Final = "/var/lib/stanch/postgresql/server"


class TrialError(Exception):
    """The image does not do what it should; the message says what."""


def try_image(stage: Stage, root: Path, folder: Path) -> None:
    """Runs everything that docs/installing.md says of the image, and prints what it saw.

    Args:
        stage: the last one of the Dockerfile.
        root: what it made.
        folder: where the state and the output of the trial are kept.

    Raises:
        TrialError: something is not as it should be.
    """
    state = folder / "state"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir(parents=True)
    uid, gid = map(int, stage.user.split(":"))
    os.chown(state, uid, gid)
    (volume,) = stage.volumes
    container = Container(root, stage.user, stage.environment, stage.folder, volumes={volume: state})
    (packages,) = inside(root, "/opt/stanch/lib").glob("python3*/site-packages")
    count = check_sbom(inside(root, _SBOM), packages, _LOCK)
    _say(f"the SBOM names {count} packages: Stanch, and those of the lock")
    found = _scan(stage, root, folder / "source")
    _say(f"a scan by the user {_STRANGER} gave {found} findings in the examples")
    with ExitStack() as stack:
        web = replace(container, environment={**container.environment, "STANCH_PORT": str(_free_port())})
        stack.enter_context(_service(stage, web, [*stage.entrypoint, *stage.command], folder / "web.out"))
        _say("the service is healthy, on an embedded PostgreSQL in its volume")
        database = f"postgresql://postgres@/stanch?host={_SOCKET}"
        _say(_doctor(stage, web))
        for number in (1, 2):
            settings = {"DATABASE_URL": database, "STANCH_METRICS_PORT": str(_free_port())}
            worker = replace(container, environment={**container.environment, **settings})
            output = folder / f"worker-{number}.out"
            stack.enter_context(_service(stage, worker, [*stage.entrypoint, "worker"], output))
            _say(f"worker {number} shows its metrics")


def check_sbom(sbom: Path, packages: Path, lock: Path) -> int:
    """Compares a CycloneDX document with what is installed and with the lock; the number of packages in it.

    Args:
        sbom: the document.
        packages: the folder with the installed packages.
        lock: the requirements that they were installed from.

    Raises:
        TrialError: they are not the same.
    """
    document = json.loads(sbom.read_text(encoding="utf-8"))
    entries = [document["metadata"]["component"], *document["components"]]
    named = {(_normal(entry["name"]), entry["version"]) for entry in entries}
    found = {(_normal(info["Name"]), info["Version"]) for info in map(_metadata, packages.glob("*.dist-info"))}
    pins = re.findall(r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^\s;]+)", lock.read_text(encoding="utf-8"), re.MULTILINE)
    stanch = {pair for pair in found if pair[0] == "stanch"}
    if named != found or found - set(pins) != stanch:
        raise TrialError(f"SBOM, lock and image differ: {sorted(named ^ found)}, {sorted(found - set(pins) - stanch)}")
    return len(named)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _metadata(folder: Path) -> Message:
    return message_from_bytes((folder / "METADATA").read_bytes())


def _scan(stage: Stage, root: Path, source: Path) -> int:
    """How many findings a scan of somebody's repository has, made under its owner's id."""
    shutil.rmtree(source, ignore_errors=True)
    shutil.copytree(EXAMPLES, source)
    git = ["git", "-C", str(source), "-c", "user.name=Robin Example", "-c", "user.email=robin@example.org"]
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Examples"]):
        subprocess.run([*git, *words], check=True)
    for path in (source, *source.rglob("*")):
        os.chown(path, _STRANGER, _STRANGER, follow_symlinks=False)
    shown = Container(root, f"{_STRANGER}:{_STRANGER}", stage.environment, "/src", shown={"/src": source})
    command = shown.command([*stage.entrypoint, "scan", "--format", "json"])
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode != 1:
        raise TrialError(f"`stanch scan` ended with {done.returncode}: {done.stderr[-2000:]}")
    if done.stderr:
        raise TrialError(f"`stanch scan` had something to say: {done.stderr}")
    return len(json.loads(done.stdout)["findings"])


def _doctor(stage: Stage, container: Container) -> str:
    """What the doctor says of the sandbox in there."""
    command = container.command([*stage.entrypoint, "doctor", "--format", "json"])
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    said = {entry["check"]: entry for entry in json.loads(done.stdout)}
    if wrong := [entry for entry in said.values() if entry["state"] == "fail" and entry["check"] != "credentials"]:
        raise TrialError(f"The doctor says: {wrong}")
    return f"the doctor: {said['sandbox']['found']}"


@contextmanager
def _service(stage: Stage, container: Container, words: list[str], output: Path) -> Iterator[None]:
    """A part of the service: waited for until the image's check of health says yes, and told to stop at the end."""
    port = container.environment.get("STANCH_METRICS_PORT", container.environment["STANCH_PORT"])
    asking = replace(container, environment={**container.environment, "STANCH_PORT": port})
    with started(container, words, output) as process:
        _eventually(
            lambda: process.poll() is not None or (_WAITS in output.read_bytes() and _succeeds(asking, stage.health)),
            output,
        )
        if process.poll() is not None:
            raise TrialError(f"It ended with {process.returncode}:\n{output.read_text(encoding='utf-8')[-2000:]}")
        yield
        (child,) = _children(process.pid)
        os.kill(child, 15)
        code = process.wait(_DEADLINE_SECONDS)
        if code != 0:
            raise TrialError(f"Told to stop, it ended with {code}:\n{output.read_text(encoding='utf-8')[-2000:]}")


def _children(parent: int) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()]


def _succeeds(container: Container, words: list[str]) -> bool:
    return subprocess.run(container.command(words), capture_output=True, check=False).returncode == 0


def _eventually(ask: Callable[[], bool], output: Path) -> None:
    end = time.monotonic() + _DEADLINE_SECONDS
    while not ask():
        if time.monotonic() > end:
            raise TrialError(
                f"It is not healthy after {_DEADLINE_SECONDS} seconds:\n{output.read_text(encoding='utf-8')}"
            )
        time.sleep(0.2)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _say(sentence: str) -> None:
    print(f"ok    {sentence}", flush=True)
