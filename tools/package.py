"""`make package`: build the package, and install it as strangers do: by pip, pipx and pre-commit, from the index.

Tests do the same without the index and with the dependencies of the lock; here they are the newest that the package
allows.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tools.release import version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT: Final = Path(__file__).resolve().parent.parent
LEAK: Final = (
    "class Clock {\n  constructor() {\n    this.timer = setInterval(() => this.tick(), 50);\n  }\n\n  close() {}\n}\n"
)
_TOOLS: Final = Path(sys.executable).parent


class PackageError(Exception):
    """Something did not work; the message has the command and what it said."""


def build(folder: Path) -> tuple[Path, Path]:
    """Builds the wheel and the source distribution into a folder, without asking any index.

    Raises:
        PackageError: the build failed.
    """
    run([sys.executable, "-m", "hatchling", "build", "--directory", str(folder)], ROOT)
    (wheel,), (source,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, source


def run(command: Sequence[str], folder: Path, variables: Mapping[str, str] | None = None, *, code: int = 0) -> str:
    """What a command says. It sees none of this checkout's modules, and ends with `code`.

    Raises:
        PackageError: it ends with another one.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**kept, **(variables or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    if done.returncode != code:
        raise PackageError(f"`{' '.join(command)}` ended with {done.returncode}, not {code}:\n{done.stdout[-3000:]}")
    return done.stdout


def make_repository(folder: Path) -> None:
    """A repository with one commit, and a file with a leak that is staged."""
    folder.mkdir()
    git = ["git", "-c", "user.name=Robin Example", "-c", "user.email=robin@example.org"]
    run([*git, "init", "--quiet"], folder)
    run([*git, "commit", "--quiet", "--allow-empty", "--message", "Begin"], folder)
    (folder / "clock.js").write_text(LEAK, encoding="utf-8")
    run([*git, "add", "."], folder)


def try_pip(wheel: Path, folder: Path) -> None:
    """`pip install` of the wheel in a fresh environment.

    Raises:
        PackageError: it cannot be installed, or does not work.
    """
    run([sys.executable, "-m", "venv", str(folder / "fresh")], folder)
    programs = folder / "fresh" / "bin"
    run([str(programs / "pip"), "install", "--quiet", f"stanch[service] @ {wheel.as_uri()}"], folder)
    run([str(programs / "pip"), "check"], folder)
    run([str(programs / "stanch"), "scan", "clock.js"], folder / "repository", code=1)
    state = str(folder / "state")
    run([str(programs / "stanch"), "doctor"], folder, {"STANCH_STATE_FOLDER": state}, code=1)


def try_pipx(folder: Path) -> None:
    """`pipx run` and `pipx install` of this clone.

    Raises:
        PackageError: it does not run.
    """
    homes = {
        "PIPX_HOME": str(folder / "pipx"),
        "PIPX_BIN_DIR": str(folder / "bin"),
        "PIPX_MAN_DIR": str(folder / "man"),
    }
    pipx = [str(_TOOLS / "pipx")]
    if version() not in run([*pipx, "run", "--spec", ".", "stanch", "--version"], ROOT, homes):
        raise PackageError("`pipx run` runs another version.")
    run([*pipx, "install", "."], ROOT, homes)
    if not (folder / "man" / "man1" / "stanch-scan.1").exists():
        raise PackageError("`pipx install` does not show the manual pages.")


def try_pre_commit(folder: Path) -> None:
    """pre-commit's own trial of the hooks in this repository.

    Raises:
        PackageError: a hook does not find what it should.
    """
    home = {"PRE_COMMIT_HOME": str(folder / "pre-commit")}
    for hook in ("stanch", "stanch-all"):
        command = [str(_TOOLS / "pre-commit"), "try-repo", str(ROOT), hook, "--files", "clock.js"]
        said = run(command, folder / "repository", home, code=1)
        if "timer/forgotten-by-teardown" not in said:
            raise PackageError(f"The hook `{hook}` does not find the leak:\n{said}")


def main() -> int:
    """Tries everything; returns the exit code."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            wheel, source = build(folder / "dist")
            print(f"ok    {wheel.name} and {source.name} are built")
            make_repository(folder / "repository")
            try_pip(wheel, folder)
            print("ok    pip installs it, and it works")
            try_pipx(folder)
            print("ok    pipx runs it, and installs its manual pages")
            try_pre_commit(folder)
            print("ok    both hooks of pre-commit find a leak")
        except PackageError as error:
            print(f"tools.package: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
