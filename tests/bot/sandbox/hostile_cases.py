"""Hostile repositories: each a function that makes the head of a pull request, in a repository that has a base.

The base and the head hold one plain leak each, so that it shows whether the rest kept Stanch from its work.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bot.hostile import hostile
from tests.bot.leaks import POLLER
from tests.bot.sandbox.raw_git import add, blob, commit, entries, tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.repos import Repo

CONFIG = ".github/stanch.yml"
SCRIPT_NAMES = (
    "setup.py",
    "conftest.py",
    "sitecustomize.py",
    "usercustomize.py",
    "noxfile.py",
    "json.py",
    "typing.py",
    "msgspec.py",
    "fixers/__init__.py",
    "bot/__init__.py",
    "bot/judging.py",
    ".venv/lib/python3.11/site-packages/evil.pth",
    ".eslintrc.js",
    "babel.config.js",
    "webpack.config.js",
    "vite.config.ts",
    ".github/workflows/ci.yml",
    ".husky/pre-commit",
    "Makefile",
)

NAMES = (
    "-rf.js",
    "--upload-pack=touch canary.js",
    "new\nline.js",
    "\x1b[2J\x1b]0;title\x07.js",
    "`$(touch canary)`.js",
    "<img src=x onerror=alert(1)>.js",
    "@everyone closes #1.js",
    "[x](javascript:alert).js",
    "\u202egnp.js",
    "\udcff\udcfe.js",
    "a" * 250 + ".js",
    "CON.js",
    " .js",
    "a\\..\\b.js",
    "%2e%2e%2fetc.js",
    "*.js",
)
GIT_NAMES = ("HEAD", "config", "objects", "refs", "index", "GIT_DIR", ".gitconfig", ".env")


@dataclass(frozen=True)
class Place:
    """Where a hostile repository is made: the repository, and the file that nothing may make."""

    repo: Repo
    canary: Path

    def commit(self, files: dict[str, str | bytes | None]) -> None:
        self.repo.commit(files)

    def link(self, name: str, target: str) -> None:
        place = self.repo.root / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)


@dataclass(frozen=True)
class Case:
    """A hostile repository.

    Attributes:
        name: what it tries.
        make: commits the head.
        base: files of the base.
        skipped: what the report says of files, as `path: code`; None: anything.
        says: a word of a configuration fault or failure that has to be told.
        found: whether the plain leak of the head is found nevertheless.
    """

    name: str
    make: Callable[[Place], object]
    base: tuple[tuple[str, str], ...] = ()
    skipped: tuple[str, ...] | None = None
    says: str = ""
    found: bool = True


def files(content: dict[str, str | bytes]) -> Callable[[Place], None]:
    return lambda place: place.commit({**content})


def source(name: str, content: str | bytes) -> Callable[[Place], None]:
    return files({name: content})


def git_bomb(place: Place) -> None:
    """Twelve trees that stand for ten to the twelfth files."""
    repo = place.repo
    inner = tree(repo, [("100644", b"leaf.js", blob(repo, POLLER.encode()))])
    for _ in range(12):
        inner = tree(repo, [("40000", b"d%d" % number, inner) for number in range(10)])
    add(repo, ("40000", b"bomb", inner))


def deep_folders(place: Place) -> None:
    repo = place.repo
    inner = tree(repo, [("100644", b"leaf.js", blob(repo, b"let a = 1;\n"))])
    for _ in range(2_000):
        inner = tree(repo, [("40000", b"d", inner)])
    add(repo, ("40000", b"deep", inner))


def many_files(place: Place) -> None:
    repo = place.repo
    names = [blob(repo, f"let a{number} = {number};\n".encode()) for number in range(20)]
    folder = tree(repo, [("100644", b"f%05d.js" % number, names[number % 20]) for number in range(5_000)])
    add(repo, ("40000", b"many", folder))


def crafted_names(place: Place) -> None:
    repo = place.repo
    evil = blob(repo, POLLER.replace("Poller", "Evil").encode())
    folder = tree(repo, [("100644", b"x.js", evil)])
    add(
        repo,
        ("40000", b"..", folder),
        ("40000", b".", folder),
        ("40000", b".git", folder),
        ("40000", b".GIT", folder),
        ("100644", b"../../outside.js", evil),
        ("100644", b"/etc/outside.js", evil),
    )


def nameless(place: Place) -> None:
    add(place.repo, ("100644", b"", blob(place.repo, b"let a = 1;\n")))


def false_folder(place: Place) -> None:
    add(place.repo, ("40000", b"folder", blob(place.repo, b"let a = 1;\n")))


def twins(place: Place) -> None:
    repo = place.repo
    first, second = blob(repo, b"let a = 1;\n"), blob(repo, b"let b = 1;\n")
    add(repo, ("100644", b"twin.js", first), ("100644", b"twin.js", second), ("40000", b"twin.js", tree(repo, [])))


def odd_modes(place: Place) -> None:
    repo = place.repo
    name = blob(repo, b"let a = 1;\n")
    modes = ("100666", "100600", "777", "0")
    add(repo, *((mode, b"mode%d.js" % number, name) for number, mode in enumerate(modes)))


def missing_objects(place: Place) -> None:
    add(place.repo, ("100644", b"missing.js", "1" * 40))


def missing_tree(place: Place) -> None:
    add(place.repo, ("40000", b"missing", "1" * 40))


def submodules(place: Place) -> None:
    first = (
        f'[submodule "x"]\n\tpath = sub\n\turl = ext::sh -c touch% {place.canary}\n\tupdate = !touch {place.canary}\n'
    )
    second = f'[submodule "y"]\n\tpath = -x\n\turl = --upload-pack=touch {place.canary}\n'
    place.commit({".gitmodules": first + second})
    add(place.repo, ("160000", b"sub", "2" * 40), ("160000", b"sub.js", "2" * 40))


def links(place: Place) -> None:
    place.link("passwd.js", "/etc/passwd")
    place.link("self.js", "self.js")
    place.link("up", "../../..")
    place.link("environ.py", "/proc/self/environ")
    place.link("zero.js", "/dev/zero")
    place.commit({})


def linked_folder(place: Place) -> None:
    place.link(".github", "/etc")
    place.commit({})


def programs(place: Place) -> None:
    """Attributes, hooks and every program that git's configuration can name."""
    (place.repo.root / "x.js").write_text("let a = 1;\n")
    made = hostile(place.repo, place.canary.parent)
    assert made == place.canary


def foreign_objects(place: Place) -> None:
    """A repository that borrows objects, includes configuration and replaces objects."""
    place.commit({"a.js": "let a = 1;\n"})
    repo, git = place.repo, place.repo.root / ".git"
    good, evil = repo.git("rev-parse", "HEAD:a.js"), blob(repo, POLLER.replace("Poller", "Evil").encode())
    repo.git("update-ref", f"refs/replace/{good}", evil)
    (git / "objects" / "info" / "alternates").write_text("/etc\n/proc/self\n../../../..\n")
    (git / "info").mkdir(exist_ok=True)
    (git / "info" / "attributes").write_text("* filter=evil diff=evil\n")
    included = git / "included"
    included.write_text(f'[filter "evil"]\n\tclean = touch {place.canary}\n[diff "evil"]\n\ttextconv = touch\n')
    repo.git("config", "include.path", str(included))
    repo.git("config", "core.alternateRefsCommand", f"touch {place.canary}")


def scripts(place: Place) -> None:
    """Whatever tools run by themselves, all of them leaving a mark."""
    touch = f"import os; os.system('touch {place.canary}')\n"
    script = f"require('child_process').execSync('touch {place.canary}')\n"
    found = {name: touch if name.endswith((".py", ".pth")) else script for name in SCRIPT_NAMES}
    package = f'{{"name": "x", "scripts": {{"preinstall": "touch {place.canary}"}}}}\n'
    project = '[build-system]\nrequires = []\nbuild-backend = "setup"\nbackend-path = ["."]\n'
    place.commit({**found, "package.json": package, "pyproject.toml": project, ".npmrc": "script-shell=./evil\n"})


def odd_commit(place: Place) -> None:
    place.commit({"a.js": "let a = 1;\n"})
    message = b"\xff\xfe \x1b[2J @everyone closes #1 <script>\n" * 20_000
    commit(place.repo, place.repo.git("rev-parse", "HEAD^{tree}"), message, b"<\n> -1 +9999")


def empty_head(place: Place) -> None:
    commit(place.repo, tree(place.repo, []))


def many_renames(place: Place) -> None:
    repo, heads = place.repo, place.repo.root / ".git" / "refs" / "heads"
    rest = entries(repo)
    text = {number: f"let a{number} = {number};\n".encode() for number in range(1_500)}
    before = tree(repo, [("100644", b"f%04d.txt" % number, blob(repo, line * 20)) for number, line in text.items()])
    after = tree(repo, [("100644", b"g%04d.txt" % number, blob(repo, line * 19)) for number, line in text.items()])
    commit(repo, tree(repo, [*(entry for entry in rest if entry[1] != b"late.js"), ("40000", b"old", before)]))
    (heads / "main").write_text((heads / "topic").read_text())
    commit(repo, tree(repo, [*rest, ("40000", b"new", after)]))


def huge_diff(place: Place) -> None:
    text = "".join(f"line {number};\n" for number in range(40_000))
    place.commit({f"data/{number}.json": text.replace("line", f"row{number}") for number in range(20)})


def lfs(place: Place) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "1" * 64 + "\nsize 9000000000\n"
    place.commit({".gitattributes": "*.js filter=lfs diff=lfs merge=lfs -text\n", "big.js": pointer, ".lfsconfig": "x"})


def names(place: Place) -> None:
    evil = POLLER.replace("Poller", "Evil")
    place.commit(dict.fromkeys(NAMES, evil))


def strings(place: Place) -> None:
    """Markup and credentials where a message could quote them."""
    secret = "ghs_" + "A" * 36
    bait = "@everyone closes #1 ![x](http://127.0.0.1/x) </details><script>alert(1)</script> ${STANCH_SECRET}"
    script = f"export function f(el) {{ el.addEventListener('{bait}', () => 1); setInterval(() => '{secret}', 9); }}\n"
    place.commit({"bait.js": script, "bait.py": f"def f():\n    h = open('{bait}')\n    return h.read()  # {secret}\n"})


def environment_names(place: Place) -> None:
    place.commit(dict.fromkeys(GIT_NAMES, "x\n"))


CASES = (
    Case("a tree that stands for a trillion files", git_bomb, says="more files than", found=False),
    Case("folders two thousand levels deep", deep_folders),
    Case("five thousand files", many_files),
    Case("names that lead out of the tree", crafted_names),
    Case("an entry without a name", nameless, says="git refuses", found=False),
    Case("a file that says it is a folder", false_folder, says="git refuses", found=False),
    Case("three entries of one name", twins),
    Case("modes that are none", odd_modes),
    Case("a file whose object is missing", missing_objects, says="missing", found=False),
    Case("a folder whose object is missing", missing_tree, says="missing", found=False),
    Case("submodules with programs for addresses", submodules),
    Case("links to secrets and devices", links),
    Case("a configuration behind a linked folder", linked_folder, says="is a link"),
    Case("programs in git's own configuration", programs),
    Case("borrowed, included and replaced objects", foreign_objects),
    Case("scripts that tools run by themselves", scripts),
    Case("a commit with a megabyte of control characters", odd_commit),
    Case("a head without files", empty_head, found=False),
    Case("fifteen hundred renames with edits", many_renames),
    Case("a diff of many megabytes", huge_diff),
    Case("pointers to large-file storage", lfs),
    Case("names of every kind", names),
    Case("markup and credentials in strings", strings),
    Case("names that git and shells know", environment_names),
    Case("blanks, two megabytes of them", source("a.js", " " * 1_999_990), skipped=("a.js: minified",)),
    Case("a line without end", source("a.py", "a = '" + "x" * 1_900_000), skipped=("a.py: minified",)),
    Case("a file above the limit", source("a.js", "let a;\n" * 300_000), skipped=("a.js: too-large",)),
    Case("brackets, two hundred thousand deep", source("a.js", "setInterval(f);\n" + "[\n" * 200_000)),
    Case("parentheses in Python", source("a.py", "open('x')\n" + "(\n" * 100_000)),
    Case("indentation in Python", source("a.py", "open('x')\n" + "".join(" " * n + "if x:\n" for n in range(1_500)))),
    Case("nested functions", source("a.js", "function f() { setInterval(g);\n" * 5_000)),
    Case("nested templates", source("a.js", "setInterval(f);\n" + "`${\n" * 20_000)),
    Case("nested elements", source("a.jsx", "setInterval(f); let a = " + "<a>\n" * 20_000)),
    Case("nested types", source("a.ts", "setInterval(f); type A = " + "Array<\n" * 50_000)),
    Case(
        "a long chain of calls",
        source("a.js", "setInterval(f); a" + "\n.b()" * 40_000),
    ),
    Case("a chain that is all there is", source("a.js", "a" + "\n.b()" * 60_000)),
    Case("a long sum", source("a.py", "open('x'); a = 1" + " \\\n+ 1" * 5_000)),
    Case(
        "twenty thousand leaks in one file",
        source("a.js", "function f() { setInterval(() => 1, 9); }\n" * 20_000),
    ),
    Case(
        "a thousand leaks in one function", source("a.py", "def f():\n" + "    h = open('x')\n    h.read()\n" * 1_000)
    ),
    Case("five hundred branches", source("a.py", "def f(x):\n    h = open('x')\n" + "    if x: h.read()\n" * 500)),
    Case(
        "nested loops and errors", source("a.py", "def f(x):\n" + "".join(" " * (4 + n) + "try:\n" for n in range(90)))
    ),
    Case("a switch of three thousand", source("a.js", "switch (x) {\n" + "case 1: setInterval(f);\n" * 3_000 + "}\n")),
    Case("nested scripts in a page", source("a.html", "<script>setInterval(f)\n" * 5_000)),
    Case("tags that never end", source("a.vue", "<template>" + "<div\n" * 10_000)),
    Case("bytes that are no text", source("a.js", bytes(range(1, 256)) * 100 + b"\nsetInterval(f);\n")),
    Case("UTF-16", source("a.py", "import os\nopen('x')\n".encode("utf-16"))),
    Case("a coding cookie", source("a.py", "# coding: rot13\nbcra('k')\n# coding: unknown\n")),
    Case("NUL bytes", source("a.js", b"setInterval(f)\0\n"), skipped=("a.js: binary",)),
    Case("text that shows other than it is", source("a.js", "/*\u202e } \u2066if (x)\u2069 */ setInterval(f);\n")),
    Case("half characters", source("a.js", 'setInterval("\\ud800", 9); let \\ud83d = 1;\n')),
    Case(
        "pragmas by the thousand", source("a.js", "// stanch-ignore *: \u202e</b>@you\n" * 1_000 + "setInterval(f);\n")
    ),
    Case("expressions that explode", source("a.js", "setInterval(f); /((a+)+)+$/.test('" + "a" * 200 + "!');\n" * 100)),
    Case("laughs by the billion", source(CONFIG, "a: &a [x]\n" + "b: &b [*a, *a]\n" * 50), says="anchors"),
    Case(
        "a tag that makes an object", source(CONFIG, "fix: !!python/object/apply:os.system ['touch x']\n"), says="tag"
    ),
    Case("a configuration a million bytes long", source(CONFIG, "# x\n" * 250_000), says="shorten it"),
    Case("a configuration of brackets", source(CONFIG, "scan: " + "[" * 20_000), says="nest"),
    Case("unknown keys that hide", source(CONFIG, '"\\u202efix\\ud800\\e[2J": 1\n'), says="surrogate"),
    Case("a configuration that is no text", source(CONFIG, b"\xff\xfe\x00"), says="UTF-8"),
    Case(
        "patterns that explode",
        files({CONFIG: "scan: {}\n", f"{'a/' * 60}b.js": "let a = 1;\n"}),
        base=((CONFIG, "scan:\n  exclude: ['" + "**/a*a*a*a*/" * 30 + "c']\n"),),
    ),
    Case(
        "a base with a broken configuration",
        files({CONFIG: "scan: {}\n"}),
        base=((CONFIG, "scan: [\n"),),
        says="not YAML",
    ),
    Case("packages by the thousand", files({f"p{number}/package.json": "{}" for number in range(2_000)})),
)


def names_of_cases() -> list[str]:
    return [case.name.replace(" ", "-") for case in CASES]


SECRET = f"secret-of-the-service-{os.getpid()}"
