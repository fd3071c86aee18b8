from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixers.paths import is_test_path, path_text

TESTS = [
    "test/a.js",
    "tests/a.py",
    "src/__tests__/a.ts",
    "spec/a.js",
    "pkg/specs/a.js",
    "e2e/login.ts",
    "cypress/a.js",
    "Tests/A.py",
    "src/a.test.ts",
    "src/a.spec.tsx",
    "src/a-test.js",
    "src/a_test.py",
    "src/a.e2e.ts",
    "src/a.cy.ts",
    "test_a.py",
    "pkg/test_a.py",
    "conftest.py",
    "pkg/tests.py",
    "test.js",
    "a.tests.js",
    "src/__mocks__/fs.js",
    "mocks/a.js",
    "a.mock.ts",
    "src/fixtures/a.js",
    "src/__fixtures__/a.js",
    "src/Button.stories.tsx",
    "stories/a.js",
    ".storybook/main.js",
    "a.story.jsx",
    "examples/a.js",
    "pkg/example/main.py",
    "demo/a.js",
    "samples/a.py",
    "example.py",
]

OTHERS = [
    "src/a.js",
    "a.py",
    "src/latest.js",
    "src/contest/a.js",
    "src/attest.py",
    "protest.py",
    "src/inspector.ts",
    "testimony/a.js",
    "src/testable.py",
    "src/stories.ts",
    "user_stories.py",
    "src/history.js",
    "demographics/a.js",
    "exampled.py",
    "src/test",
    "spectrum.js",
    "src/mockingbird.js",
    "mytests/a.py",
    "a.test",
    "src/fastest.py",
    "examples",
    "src/story.js",
]


@pytest.mark.parametrize("path", TESTS)
def test_tests_stories_mocks_and_examples(path: str) -> None:
    assert is_test_path(path)


@pytest.mark.parametrize("path", OTHERS)
def test_other_files(path: str) -> None:
    assert not is_test_path(path)


@pytest.mark.parametrize(
    ("path", "text", "encoded"),
    [
        ("src/a.js", "src/a.js", False),
        ("100%41.js", "100%41.js", False),
        ("é 😀.js", "é 😀.js", False),
        ("a\udcff.js", "a%FF.js", True),
        ("100%41\udc80.js", "100%2541%80.js", True),
        ("new\nline.js", "new\nline.js", False),
    ],
)
def test_bytes_that_are_not_utf8_are_percent_encoded(path: str, text: str, encoded: bool) -> None:
    assert path_text(path) == (text, encoded)


@given(st.binary())
def test_an_encoded_path_can_be_undone(name: bytes) -> None:
    text, encoded = path_text(name.decode("utf-8", "surrogateescape"))
    assert (unquote_to_bytes(text) if encoded else text.encode("utf-8")) == name
