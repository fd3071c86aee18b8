"""Folders that stand for a machine's root: made, worked in, and run as a container would be, without an engine.

What a container engine does with namespaces, mounts and the loss of rights is done here with unshare(1), mount(8),
chroot(1) and setpriv(1). It is not an engine: there is no filter of system calls but our own, no limit of memory, and
the network is the machine's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from tools.image.recipe import RecipeError, ignored

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tools.image.recipe import Stage, Step

_BUNDLE: Final = "/etc/ssl/certs/ca-certificates.crt"
_MACHINE_BUNDLE: Final = "/run/machine.crt"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What engines set where an image sets none."""
_PASSED_ON: Final = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "PIP_INDEX_URL")
# In the new mount namespace: `$0` is the root, `$1` how it is mounted, and then what to mount, up to `--`.
_ENTER: Final = """
set -e
root=$0
mount --make-rprivate /
mount --bind "$root" "$root"
mode=$1; shift
while [ "$1" != -- ]; do
  if [ "$3" = file ]; then touch "$root$2"; else mkdir -p "$root$2"; fi
  mount --bind "$1" "$root$2"
  [ "$3" = volume ] || mount -o remount,bind,ro "$root$2"
  shift 3
done
shift
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
ln -s /proc/self/fd "$root/dev/fd"
if [ "$mode" = ro ]; then
  mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
  mount -o remount,bind,ro "$root"
fi
exec chroot "$root" "$@"
"""
_UNSHARE: Final = ("unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "sh", "-c", _ENTER)
_NO_RIGHTS: Final = ("--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all")


class StepError(Exception):
    """A step failed; the message has its line and the end of what it said."""


@dataclass(frozen=True)
class Container:
    """What is run, and where.

    Attributes:
        root: the folder that is its root, read-only.
        user: `uid:gid`.
        environment: all its variables.
        folder: its current folder.
        volumes: folders of this machine by their place in it, to be written to.
        shown: folders of this machine by their place in it, to be read only.
    """

    root: Path
    user: str
    environment: Mapping[str, str]
    folder: str = "/"
    volumes: Mapping[str, Path] = field(default_factory=dict)
    shown: Mapping[str, Path] = field(default_factory=dict)

    def command(self, words: Sequence[str]) -> list[str]:
        """The command line that runs `words` in it."""
        uid, gid = self.user.split(":")
        binds = [word for place, path in self.volumes.items() for word in (str(path), place, "volume")]
        binds += [word for place, path in self.shown.items() for word in (str(path), place, "shown")]
        rights = ["setpriv", f"--reuid={uid}", f"--regid={gid}", *_NO_RIGHTS]
        return [*_UNSHARE, str(self.root), "ro", *binds, "--", *rights, *_env(self.folder, self.environment), *words]


@contextmanager
def started(container: Container, words: Sequence[str], output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a container, whose output goes to a file; it is ended in any case."""
    with output.open("wb") as file:
        process = subprocess.Popen(container.command(words), stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def make_base(image: str, root: Path) -> None:
    """Makes what stands for a base image: Debian's own smallest system, `debian:SUITE-slim`, by debootstrap(8).

    Raises:
        RecipeError: it is another image.
        StepError: debootstrap failed.
    """
    name, _, tag = image.partition(":")
    suite = tag.removesuffix("-slim")
    if name != "debian" or suite == tag:
        raise RecipeError(f"{image} cannot be made here; `debian:SUITE-slim` can.")
    new = root.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    _run(["debootstrap", "--variant=minbase", suite, str(new)], f"FROM {image}")
    new.rename(root)


def make_stage(stage: Stage, base: Path, root: Path, context: Path, stages: Mapping[str, Path]) -> None:
    """Does the steps of a stage in a copy of what it begins with.

    Args:
        stage: what to do.
        base: the root that it begins with.
        root: where it is made; whatever is there is removed.
        context: the folder that COPY copies from.
        stages: the roots of the stages before, by name.

    Raises:
        RecipeError: a step is not understood here.
        StepError: a step failed.
    """
    shutil.rmtree(root, ignore_errors=True)
    _run(["cp", "--archive", "--reflink=auto", str(base), str(root)], f"FROM {stage.base}")
    for step in stage.steps:
        inside(root, step.folder).mkdir(parents=True, exist_ok=True)
        if step.instruction == "RUN":
            _run(_run_command(root, step), f"line {step.line}")
        else:
            _copy(step, root, context, stages)


def inside(root: Path, path: str) -> Path:
    """The place of an absolute path below a root."""
    return root / path.lstrip("/")


def _run_command(root: Path, step: Step) -> list[str]:
    machine = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    binds = ["/etc/resolv.conf", "/etc/resolv.conf", "file"]
    if Path(_BUNDLE).exists():
        binds += [_BUNDLE, _MACHINE_BUNDLE, "file"]
        machine["PIP_CERT"] = _MACHINE_BUNDLE
    environment = {
        "PATH": _PATH,
        "HOME": "/root",
        "DEBIAN_FRONTEND": "noninteractive",
        **step.environment,
        **machine,
    }
    shell = ["/bin/sh", "-c", step.value]
    return [*_UNSHARE, str(root), "rw", *binds, "--", *_env(step.folder, environment), *shell]


def _env(folder: str, environment: Mapping[str, str]) -> list[str]:
    return ["env", "-i", "-C", folder, *(f"{name}={value}" for name, value in environment.items())]


def _copy(step: Step, root: Path, context: Path, stages: Mapping[str, Path]) -> None:
    words = step.value.split()
    source, patterns = context, (context / ".dockerignore").read_text(encoding="utf-8")
    if words[0].startswith("--from="):
        source, patterns = stages[words.pop(0).removeprefix("--from=")], ""
    if any(word.startswith("--") for word in words):
        raise RecipeError(f"line {step.line}: this form of COPY is not known here.")
    *origins, target = words
    place = inside(root, str(PurePosixPath(step.folder) / target))
    for origin in origins:
        start = inside(source, origin)
        for file in _files(start, source, patterns):
            to = place / (file.name if file == start else file.relative_to(start))
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to, follow_symlinks=False)


def _files(start: Path, source: Path, patterns: str) -> Iterator[Path]:
    """The files to copy, links among them; what the patterns leave out is not looked into."""

    def is_wanted(path: Path) -> bool:
        return not ignored(patterns, path.relative_to(source).as_posix())

    if start.is_file():
        yield from [start] if is_wanted(start) else []
        return
    for place, folders, names in os.walk(start):
        folder = Path(place)
        links = [name for name in folders if (folder / name).is_symlink()]
        folders[:] = [name for name in folders if name not in links and is_wanted(folder / name)]
        yield from filter(is_wanted, (folder / name for name in [*names, *links]))


def _run(command: Sequence[str], what: str) -> None:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False
    )
    if done.returncode:
        raise StepError(f"{what} failed with {done.returncode}:\n" + "\n".join(done.stdout.splitlines()[-20:]))
