from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, ConfigError, load

PROFILE = "profiles: [{name: api, command: node a.js, workload: {run: ./load}}]\n"

# What is written; where the fault is; what its sentence must hold, the hint included.
BROKEN: list[tuple[str | bytes, tuple[int, int], str]] = [
    # Keys
    ("budgts: {}\n", (1, 1), "unknown key `budgts`, did you mean `budgets`?"),
    ("version: 1\nscan:\n  excude: [a]\n", (3, 3), "unknown key `excude`, did you mean `exclude`?"),
    ("fix: {max_open: 3}\n", (1, 7), "unknown key `max_open`, did you mean `max-open`?"),
    ("gate: {x: 1}\n", (1, 8), "unknown key `x`; known: fail-on"),
    ("fix:\n  Draft: true\n", (2, 3), "did you mean `draft`?"),
    (PROFILE + "budgets: {api: {heap-aftr-gc: 1}}\n", (2, 17), "did you mean `heap-after-gc`?"),
    (PROFILE + "budgets: {api: {growth: {timer: 1}}}\n", (2, 26), "did you mean `timers`?"),
    ("profiles:\n- {name: a, command: b, workload: {run: c}, setp: d}\n", (2, 45), "did you mean `setup`?"),
    ("profiles:\n- {name: a, workload: {run: c}}\n", (2, 3), "`profiles[1]` lacks `command`; add it"),
    ("ignore:\n- paths: [a]\n", (2, 3), "`ignore[1]` lacks `reason`; add it"),
    ("scan: {include: [a]}\nscan: {exclude: [b]}\n", (2, 1), "`scan` is set a second time, first in line 1; keep one"),
    ("1: a\n", (1, 1), "the key 1 is not text; quote it"),
    ("? [a]\n: b\n", (1, 3), "a key must be text"),
    # Values
    ("version: 2\n", (1, 10), "`2` is not known here; this Stanch reads version 1"),
    ("version: true\n", (1, 10), "`true` is not a whole number"),
    ("scan: {confidence: hihg}\n", (1, 20), "`hihg` is not known, did you mean `high`?"),
    ("gate:\n  fail-on: error\n", (2, 12), "known: leak, shutdown, advice, none"),
    ("fix: {families: [timer, sokcet]}\n", (1, 25), "`fix.families[2]`: `sokcet` is not known, did you mean `socket`?"),
    ("fix: {max-open: '3'}\n", (1, 17), "`fix.max-open`: `3` is not a whole number"),
    ("fix: {max-open: -1}\n", (1, 17), "greater than or equal to 0"),
    ("fix: {per-hour: 1.5}\n", (1, 17), "`1.5` is not a whole number"),
    ("fix: {draft: yes}\n", (1, 14), "`yes` is not true or false"),
    ("fix:\n", (1, 1), "`fix`: it has no value; give it one, or remove the key"),
    ("fix: true\n", (1, 6), "`true` is not a mapping"),
    ("scan: {include: src}\n", (1, 17), "`src` is not a list"),
    ("scan: {include: [3]}\n", (1, 18), "`3` is not text; quote it"),
    ("- a\n", (1, 1), 'the file: `["a"]` is not a mapping'),
    ("comment: {enabled: .inf}\n", (1, 20), ".inf is not a number that can be used here"),
    (f"fix: {{max-open: {'9' * 5000}}}\n", (1, 17), "is not a number that can be used here"),
    # Patterns, rules, names
    ("scan: {exclude: ['!a']}\n", (1, 18), "must not start with `!`"),
    ("scan: {exclude: ['a\\b']}\n", (1, 18), "must be written with `/`"),
    ("scan: {exclude: [../a]}\n", (1, 18), "covers no file of the repository"),
    ("scan: {exclude: [/]}\n", (1, 18), "covers no file of the repository"),
    ("scan: {rules: [timr/*]}\n", (1, 16), "unknown family `timr`, did you mean `timer`?"),
    (
        "scan: {rules: [timer/never-relesed]}\n",
        (1, 16),
        "unknown verdict `never-relesed`, did you mean `never-released`?",
    ),
    ("scan: {rules: [timer]}\n", (1, 16), "names no verdict; write `timer/*`"),
    ("fix: {branch-prefix: -x}\n", (1, 22), "has characters that cannot be here"),
    ("fix: {branch-prefix: a..b}\n", (1, 22), "cannot begin the name of a git branch"),
    ("fix: {reviewers: ['@ada']}\n", (1, 19), "has characters that cannot be here"),
    # Ignores
    ("ignore: [{reason: r}]\n", (1, 10), "it ignores nothing; give `paths`, `rules` or `fingerprints`"),
    ("ignore: [{paths: [a], reason: ' '}]\n", (1, 31), "it is empty; write something"),
    ('ignore: [{paths: [a], reason: "a\\nb"}]\n', (1, 31), "one line without control characters"),
    ("ignore: [{paths: [a], reason: r, until: soon}]\n", (1, 41), "`soon` is not a date, such as 2026-12-31"),
    ("ignore: [{paths: [a], reason: r, until: 2026-02-30}]\n", (1, 41), "is not a date"),
    # Profiles and budgets
    (PROFILE + "budgets: {aip: {}}\n", (2, 11), "no profile of this name, did you mean `api`?"),
    (PROFILE + "budgets: {api: {rss: 4 zb}}\n", (2, 22), "`4 zb` is not a size, such as `50 MB`"),
    (PROFILE + f"budgets: {{api: {{rss: '{'9' * 400} MB'}}}}\n", (2, 22), "it is too large"),
    (PROFILE + "budgets: {'a\tb': {}}\n", (2, 11), "has characters that cannot be here"),
    ("profiles:\n- &a\n", (2, 3), "anchors (&a) are not allowed"),
    ("profiles:\n- {name: a, command: b, workload: {}}\n", (2, 35), "give exactly one of `requests` and `run`"),
    (
        "profiles:\n- {name: a, command: b, workload: {run: c}, cwd: ../x}\n",
        (2, 50),
        "must be a path inside the repository",
    ),
    (
        "profiles:\n- {name: a, command: b, workload: {run: c}}\n- {name: a, command: b, workload: {run: c}}\n",
        (3, 10),
        "a second profile is called `a`; rename one",
    ),
    (
        "profiles:\n- {name: a, command: b, workload: {run: c}, ready: {line: x, port: 1}}\n",
        (2, 52),
        "give exactly one of `line`, `url` and `port`",
    ),
    # YAML that a configuration does not need
    ("scan: &s {include: [a]}\n", (1, 7), "anchors (&s) are not allowed"),
    ("scan: *s\n", (1, 7), "aliases (*s) are not allowed"),
    ("scan:\n  <<: {include: [a]}\n", (2, 3), "merge keys (<<) are not allowed"),
    ("scan: !!python/object:os.system {}\n", (1, 7), "tags ("),
    ("version: !!int 1\n", (1, 10), "tags ("),
    ("version: ! 1\n", (1, 10), "tags ("),
    ("%YAML 1.1\n---\nversion: 1\n", (2, 1), "directives"),
    ("version: 1\n---\nversion: 1\n", (2, 1), "a second document"),
    ("scan: " + "[" * 30, (1, 27), "nested deeper than 20 levels"),
    # What is no YAML, or no text
    ("scan: [a\n", (2, 1), "this is not YAML"),
    ("scan: 'a\n", (2, 1), "this is not YAML"),
    ("a: b: c\n", (1, 5), "this is not YAML"),
    ("scan:\n\tinclude: [a]\n", (2, 1), "this is not YAML"),
    ("scan:\n  include: \x07\n", (2, 12), "a control character is not allowed here"),
    (b"# caf\xc3\xa9\n# \xff\n", (2, 3), "the file is not UTF-8 here"),
    (b"version: 1\n" + b"#" * 64_000, (1, 1), "at most 64000 are read"),
]


@pytest.mark.parametrize(("written", "place", "sentence"), BROKEN)
def test_a_fault_has_its_place_and_says_what_to_do(written: str | bytes, place: tuple[int, int], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(written if isinstance(written, bytes) else written.encode(), ".github/stanch.yml")
    assert [(fault.line, fault.column) for fault in caught.value.faults] == [place]
    assert sentence in caught.value.faults[0].message
    assert str(caught.value).startswith(f".github/stanch.yml:{place[0]}:{place[1]}: ")


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    written = b"scan:\n  confidence: hgih\n  rules: [a/b, '*', timer/x]\nfix: {draft: 1}\nfoo: 1\n"
    with pytest.raises(ConfigError) as caught:
        load(written, "c")
    assert [fault[:2] for fault in caught.value.faults] == [(2, 15), (3, 11), (3, 21), (4, 14), (5, 1)]


@pytest.mark.parametrize(
    "unit", ["[", "{", "- ", "? ", "- - ", "[a,", "a:\n ", "!", "&a ", "'", '"', "|\n ", "\\", "*", "%\n", "<<: "]
)
def test_no_file_takes_long(unit: str) -> None:
    written = (unit * 64_000)[:64_000].encode()
    start = time.process_time()
    with pytest.raises(ConfigError):
        load(written, "c")
    assert time.process_time() - start < 5


@given(
    st.one_of(
        st.binary(),
        st.text(st.characters(exclude_categories=["Cs"])).map(str.encode),
        st.text("ab:-[]{}'\"!&*|>%#?,<~01. \n\t").map(str.encode),
        st.lists(
            st.sampled_from(
                [
                    "version",
                    "scan",
                    "ignore",
                    ":",
                    "\n",
                    "-",
                    "[",
                    "]",
                    "{",
                    "}",
                    ",",
                    "1",
                    "null",
                    "'",
                    "rules",
                    "timer/*",
                ]
            )
        )
        .map(" ".join)
        .map(str.encode),
    )
)
def test_any_bytes_are_a_configuration_or_faults(written: bytes) -> None:
    try:
        config, _ = load(written, "c")
    except ConfigError as error:
        assert error.faults
        assert all(fault.line >= 1 and fault.column >= 1 and fault.message for fault in error.faults)
    else:
        assert isinstance(config, Config)
