"""The package: the same in every build, and at work in an environment of its own. `make package` asks the index too."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from email import message_from_bytes
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.documents import ROOT
from tests.packaging.programs import said
from tools.manual import FOLDER as MANUAL
from tools.package import build, make_repository
from tools.release import version

if TYPE_CHECKING:
    from pathlib import Path

HOOKS: list[dict[str, Any]] = YAML(typ="safe", pure=True).load(ROOT / ".pre-commit-hooks.yaml")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the source distribution."""
    return build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def programs(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment in which the wheel is installed, on the libraries of the lock."""
    folder = tmp_path_factory.mktemp("fresh")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    place = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"), "--quiet", "install"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--disable-pip-version-check", str(built[0])], check=True)
    # The libraries come behind what is installed here, and the lock's environment has no say with its own path files.
    (place / "lock.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return folder / "bin"


def run(programs: Path, command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment = {**kept, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_two_builds_are_the_same(built: tuple[Path, Path], tmp_path: Path) -> None:
    for first, second in zip(built, build(tmp_path), strict=True):
        assert first.name == second.name
        assert first.read_bytes() == second.read_bytes()


def test_what_the_wheel_holds(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[0]) as wheel:
        names = wheel.namelist()
        metadata = message_from_bytes(wheel.read(f"stanch-{version()}.dist-info/METADATA"))
    assert {name.partition("/")[0] for name in names} == {
        "bot",
        "fixers",
        f"stanch-{version()}.data",
        f"stanch-{version()}.dist-info",
    }
    pages = {name.rpartition("/")[2] for name in names if "/share/man/man1/" in name}
    assert pages == {path.name for path in MANUAL.iterdir()}
    assert metadata["Version"] == version()
    files = {
        path.relative_to(ROOT).as_posix() for path in (ROOT / "bot").rglob("*") if path.suffix in {".sql", ".html"}
    }
    assert files <= set(names)


def test_what_the_source_distribution_holds(built: tuple[Path, Path]) -> None:
    with tarfile.open(built[1]) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"bot/cli/__init__.py", "tests/conftest.py", "requirements/run.txt", "LICENSE", "Makefile"} <= names
    assert not [name for name in names if name.startswith((".venv/", "out/", ".git/", ".image/", "dist/"))]


def test_it_works_where_it_is_installed(programs: Path, tmp_path: Path) -> None:
    make_repository(tmp_path / "repository")
    assert run(programs, ["stanch", "--version"], tmp_path).stdout == f"stanch {version()}\n"
    found = run(programs, ["stanch", "scan", "clock.js"], tmp_path / "repository")
    assert found.returncode == 1
    assert "timer/forgotten-by-teardown" in found.stdout
    place = run(programs, ["python", "-c", "import bot; print(bot.__file__)"], tmp_path).stdout
    assert place.startswith(str(programs.parent))
    assert (programs.parent / "share" / "man" / "man1" / "stanch.1").is_file()


def test_pre_commit_takes_the_hooks() -> None:
    said("pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml")
    guide = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    assert [hook["id"] for hook in HOOKS if f"`{hook['id']}`" not in guide] == []


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_fails_where_there_is_a_leak(hook: dict[str, Any], programs: Path, tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    make_repository(repository)
    command = [*hook["entry"].split(), *(["clock.js"] if hook.get("pass_filenames", True) else [])]
    assert run(programs, command, repository).returncode == 1
    clock = repository / "clock.js"
    clock.write_text(clock.read_text(encoding="utf-8").replace("close() {}", "close() { clearInterval(this.timer); }"))
    subprocess.run(["git", "add", "."], cwd=repository, check=True)
    done = run(programs, command, repository)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "is_left_out"),
    [
        ("src/a.js", False),
        ("vendor/a.js", True),
        ("web/node_modules/a/b.js", True),
        ("static/jquery.min.js", True),
        ("src/vendors.js", False),
        ("src/admin.js", False),
    ],
)
def test_the_hook_for_files_leaves_out_code_of_others(path: str, is_left_out: bool) -> None:
    (hook,) = (hook for hook in HOOKS if hook["id"] == "stanch-all")
    assert (re.search(hook["exclude"], path) is not None) is is_left_out
