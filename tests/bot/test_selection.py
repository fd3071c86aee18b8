from __future__ import annotations

import fnmatch
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.globs import literal_segments, matches
from bot.selection import package_roots, selected


@pytest.mark.parametrize(
    ("pattern", "covered", "others"),
    [
        ("*.js", ["a.js", "src/a.js", "x.js/readme"], ["a.ts", "ajs"]),
        ("src", ["src/a.js", "lib/src/a.js", "src"], ["srcs/a.js"]),
        ("src/", ["src/a.js", "lib/src/a.js"], ["srcs/a.js"]),
        ("/src", ["src/a.js"], ["lib/src/a.js"]),
        ("src/*.js", ["src/a.js"], ["src/deep/a.js", "lib/src/a.js"]),
        ("src/**", ["src/a.js", "src/deep/a.js"], ["src", "lib/src/a.js"]),
        ("src/**/a.js", ["src/a.js", "src/x/a.js", "src/x/y/a.js"], ["src/b.js", "a.js"]),
        ("**/deep/*.js", ["deep/a.js", "src/deep/a.js", "deep/deep/a.js"], ["deep.js", "deep/x/a.py"]),
        ("**", ["a.js", "src/a.js"], []),
        ("a/**/b/**/c", ["a/b/c", "a/x/b/y/z/c", "a/b/b/c/c"], ["a/c/b", "a/b"]),
        ("?.js", ["a.js"], ["ab.js", ".js"]),
        ("[ab].js", ["a.js", "src/b.js"], ["c.js"]),
        ("[!a].js", ["b.js"], ["a.js"]),
        ("[", ["["], ["a"]),
        ("a.js", ["a.js", "src/a.js"], ["aXjs", "A.js"]),
        ("src/{a,b}.js", ["src/{a,b}.js"], ["src/a.js"]),
        ("*.js", ["\udcff.js", "new\nline.js"], []),
    ],
)
def test_patterns(pattern: str, covered: list[str], others: list[str]) -> None:
    assert [path for path in covered if not matches(pattern, path)] == []
    assert [path for path in others if matches(pattern, path)] == []


@given(
    st.lists(st.sampled_from(["a", "b", "*", "?", "[ab]", "ab"]), min_size=1).map("".join), st.text("ab", min_size=1)
)
def test_within_a_name_patterns_are_those_of_the_standard_library(pattern: str, name: str) -> None:
    if "**" not in pattern:
        assert matches(pattern, name) == fnmatch.fnmatchcase(name, pattern)


@given(st.text("ab*?[]!/."), st.text("ab/."))
def test_any_text_is_a_pattern(pattern: str, path: str) -> None:
    assert matches(pattern, path) in {True, False}


def test_matching_takes_linear_time() -> None:
    start = time.process_time()
    assert not matches("*a" * 200 + "b", "a" * 4000)
    assert not matches("**/a/" * 90 + "b", "a/" * 2000 + "a")
    assert time.process_time() - start < 2


def test_the_literal_names_of_a_pattern() -> None:
    assert literal_segments("vendor/*/ours/**/[ab]/x?.js") == {"vendor", "ours"}


def test_a_package_is_where_its_manifest_is() -> None:
    paths = ["a.js", "web/package.json", "py/pyproject.toml", "old/py/setup.py", "web/src/build/a.js"]
    assert package_roots(paths) == {"", "web", "py", "old/py"}


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/a/index.js",
        "src/node_modules/a.js",
        "vendor/a.js",
        "lib/vendor/a.js",
        "third_party/a.py",
        "venv/lib/python3.11/site-packages/a.py",
        "jquery.min.js",
        "src/a.min.mjs",
        "dist/a.js",
        "build/a.js",
        "web/dist/a.js",
        "web/build/deep/a.js",
    ],
)
def test_what_others_wrote_or_a_build_made_is_never_scanned_unless_named(path: str) -> None:
    roots = frozenset({"", "web"})
    assert not selected(path, package_roots=roots)
    assert not selected(path, package_roots=roots, include=["**"])
    assert not selected(path, package_roots=roots, named=["."])
    assert selected(path, package_roots=roots, named=[path])
    assert not selected(path, package_roots=roots, named=[path], exclude=["**"])


@pytest.mark.parametrize(
    "path",
    [
        "a.js",
        "src/dist/a.js",
        "src/build/a.py",
        "web/src/build/a.js",
        "vendors/a.js",
        "vendor.js",
        "dist.js",
        "node_modules.js",
        "admin.js",
        "src/min.js",
    ],
)
def test_ordinary_names_are_scanned(path: str) -> None:
    assert selected(path, package_roots=frozenset({"", "web"}))


@pytest.mark.parametrize(
    ("path", "options", "expected"),
    [
        ("src/a.js", {"include": ["src/**"]}, True),
        ("lib/a.js", {"include": ["src/**"]}, False),
        ("lib/a.js", {"include": ["src/**", "lib"]}, True),
        ("src/gen/a.js", {"include": ["src/**"], "exclude": ["gen"]}, False),
        ("src/a.js", {"exclude": ["*.ts"]}, True),
        ("src/a.js", {"named": ["src"]}, True),
        ("src/a.js", {"named": ["src/"]}, True),
        ("src/a.js", {"named": ["src/a.js"]}, True),
        ("src/a.js", {"named": ["sr"]}, False),
        ("src/a.js", {"named": ["lib"]}, False),
        ("src/a.js", {"named": ["lib", "."]}, True),
        ("src/a.js", {"named": [""]}, True),
        ("vendor/a/b.js", {"named": ["vendor"]}, True),
        ("vendor/a/b.js", {"named": ["vendor/a"]}, True),
        ("vendor/a/vendor/b.js", {"named": ["vendor"]}, False),
        ("vendor/a/vendor/b.js", {"named": ["vendor/a/vendor"]}, True),
        ("lib/vendor/b.js", {"named": ["lib"]}, False),
        ("vendor/ours/a.js", {"include": ["vendor/ours/**"]}, True),
        ("vendor/theirs/a.js", {"include": ["vendor/ours/**"]}, False),
        ("vendor/a.js", {"include": ["*/a.js"]}, False),
        ("vendor/a.min.js", {"include": ["vendor/**"]}, False),
        ("lib/a.min.js", {"include": ["lib/*.min.js"]}, True),
        ("lib/a.min.js", {"named": ["lib"]}, False),
        ("dist/a.js", {"include": ["dist"]}, True),
    ],
)
def test_include_exclude_and_named(path: str, options: dict[str, list[str]], expected: bool) -> None:
    assert (
        selected(
            path,
            include=options.get("include", ()),
            exclude=options.get("exclude", ()),
            named=options.get("named", ()),
        )
        is expected
    )
