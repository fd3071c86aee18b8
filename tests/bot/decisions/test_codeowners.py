"""Whose files are whose, as docs.github.com says in "About code owners"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.decisions.codeowners import MAX_RULES, owners_of

EXAMPLE = """\
# The example of the documentation, shortened.
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com @docs-owner
apps/ @octocat
/scripts/ @doctocat @octocat
**/logs @logs-owner
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "owners"),
    [
        ("README.md", ("global-owner1", "global-owner2")),
        ("src/deep/a.js", ("js-owner",)),
        ("main.go", ()),
        ("notes.txt", ("octo-org/octocats",)),
        ("build/logs/a/b.py", ("logs-owner",)),
        ("docs/getting-started.md", ("docs-owner",)),
        ("docs/build-app/troubleshooting.md", ("global-owner1", "global-owner2")),
        ("lib/docs/a.md", ("global-owner1", "global-owner2")),
        ("src/apps/a.py", ("octocat",)),
        ("src/apps", ("global-owner1", "global-owner2")),
        ("scripts/a/b.js", ("doctocat", "octocat")),
        ("lib/scripts/b.py", ("global-owner1", "global-owner2")),
        ("deeply/nested/logs/a.py", ("logs-owner",)),
        ("apps/github/a.py", ()),
        ("apps/other/a.py", ("octocat",)),
    ],
)
def test_the_example_of_the_documentation(path: str, owners: tuple[str, ...]) -> None:
    assert owners_of(EXAMPLE, [path]) == owners


@pytest.mark.parametrize(
    ("line", "covered", "others"),
    [
        ("/*", ["a.py"], ["src/a.py"]),
        ("src/*", ["src/a.py"], ["src/deep/a.py", "lib/src/a.py"]),
        ("**/src/*", ["src/a.py", "lib/src/a.py"], ["src/deep/a.py"]),
        ("src", ["src/a.py", "lib/src/x/a.py", "src"], ["srcs/a.py"]),
        ("/src", ["src/a.py"], ["lib/src/a.py"]),
        ("src/", ["src/a.py", "lib/src/a.py"], ["src", "lib/src"]),
        ("/src/", ["src/a/b.py"], ["lib/src/a.py", "src"]),
        ("src/**/a.py", ["src/a.py", "src/x/y/a.py"], ["src/b.py"]),
        ("*.test.?s", ["a.test.js", "x/b.test.ts"], ["a.test.mjs"]),
        (r"my\ folder/", ["my folder/a.py"], ["my/a.py", "folder/a.py"]),
        (r"\*.py", ["*.py"], ["a.py"]),
        ("Src/", ["Src/a.py"], ["src/a.py"]),
        ("!src/", [], ["src/a.py", "!src/a.py"]),
        (r"\#a.py", [], ["#a.py", r"\#a.py"]),
        ("#a.py", [], ["#a.py"]),
        ("[ab].py", [], ["a.py", "[ab].py"]),
    ],
)
def test_patterns(line: str, covered: list[str], others: list[str]) -> None:
    assert [path for path in covered if owners_of(f"{line} @you", [path]) != ("you",)] == []
    assert [path for path in others if owners_of(f"{line} @you", [path]) != ()] == []


@pytest.mark.parametrize(
    ("owners", "expected"),
    [
        ("@a @b @a", ("a", "b")),
        ("@org/team.x", ("org/team.x",)),
        ("a@example.org @b", ("b",)),
        ("@a\t@b\r", ("a", "b")),
        ("nobody", ()),
        ("@a @-b", ()),
        ("@a @b/c/d", ()),
        ("@a<script>", ()),
        ("", ()),
    ],
)
def test_owners(owners: str, expected: tuple[str, ...]) -> None:
    assert owners_of(f"* {owners}", ["a.py"]) == expected


def test_a_line_that_github_refuses_is_as_if_it_were_not_there() -> None:
    assert owners_of("* @a\n[ab].py @b\n*.py @-\n", ["a.py"]) == ("a",)


def test_several_files_have_the_owners_of_each() -> None:
    assert owners_of(EXAMPLE, ["scripts/b.py", "a.js", "b.js"]) == ("js-owner", "doctocat", "octocat")
    assert owners_of(EXAMPLE, []) == ()


def test_a_file_of_too_many_rules_names_nobody() -> None:
    assert owners_of("/*a*a*a*a*a*a*a*b/x @you\n" * (MAX_RULES - 1) + "a* @me", ["a" * 200, "b" * 200]) == ("me",)
    assert owners_of("* @you\n" * (MAX_RULES + 1), ["a"]) == ()


@given(st.text(alphabet="ab*?[]!/\\#@ \n\t.-é\udcff"), st.lists(st.text("ab/.*"), max_size=3))
def test_any_text_is_read(text: str, paths: list[str]) -> None:
    assert all(name and not name.startswith("@") for name in owners_of(text, paths))


@given(st.lists(st.sampled_from(["a", "b", "*"]), min_size=1, max_size=4), st.sampled_from(["a/b", "b", "a/a/a"]))
def test_the_last_line_that_covers_wins(names: list[str], path: str) -> None:
    lines = [f"{name} @owner{at}" for at, name in enumerate(names)]
    alone = [owners_of(line, [path]) for line in lines]
    expected = next((owners for owners in reversed(alone) if owners), ())
    assert owners_of("\n".join(lines), [path]) == expected
