"""Which functions can touch a place: no function that does may be missing."""

from __future__ import annotations

import pytest

from fixers.facts import THIS, Place
from fixers.mentions import Mentions
from fixers.names import Names
from tests.fixers.lowered import function_named, judge_of

JAVASCRIPT = """\
let timer = null;
const state = {};
class Poller {
  start() { this.timer = setInterval(run, 1); }
  stop() { clearInterval(this.timer); }
  alias() { const t = this.timer; clearInterval(t); }
  unpack() { const { timer } = this; clearInterval(timer); }
  drop() { delete this.timer; }
  argument() { register({ timer: [this.timer] }); }
  deep() { this.timer.unref(); }
  other() { this.timers.clear(); }
  outer() { later(() => clearInterval(this.timer)); }
}
function write() { timer = setInterval(run, 1); }
function read() { return timer; }
function field() { state.timer = 1; }
function template() { return `${timer}`; }
function shadow(timer) { return timer; }
function nothing() { run(); }
"""
PYTHON = """\
handle = None
class Store:
    def open(self):
        self.file = open("x")
    def close(self):
        self.file.close()
    def other(self):
        self.files.clear()
    def drop(self):
        del self.file
def write():
    global handle
    handle = open("x")
def read():
    return handle
def local():
    handle = 1
    return handle
"""


def names_of(path: str, code: str, place: Place) -> set[str]:
    """The named functions that mention a place; a closure counts as the function it is written in."""
    judge = judge_of(path, code)
    functions = judge.facts.functions
    return {functions[index].name or "=>" for index in Mentions(judge.facts, Names(judge.facts)).of_place(place)}


def test_a_field() -> None:
    found = names_of("a.js", JAVASCRIPT, Place("this", THIS, ("timer",)))
    assert found == {"start", "stop", "alias", "unpack", "drop", "argument", "deep", "=>"}


def test_what_lies_in_a_field_counts_as_the_field() -> None:
    whole = names_of("a.js", JAVASCRIPT, Place("this", THIS, ("timer",)))
    assert names_of("a.js", JAVASCRIPT, Place("this", THIS, ("timer", "unref"))) == whole


@pytest.mark.parametrize(
    ("root", "expected"),
    [("timer", {"", "write", "read", "template"}), ("state", {"", "field"}), ("nowhere", set())],
)
def test_a_binding_of_the_module(root: str, expected: set[str]) -> None:
    assert {name.replace("=>", "") for name in names_of("a.js", JAVASCRIPT, Place(root, 0))} - {"<module>"} == expected


def test_a_field_and_a_binding_in_python() -> None:
    assert names_of("a.py", PYTHON, Place("self", THIS, ("file",))) == {"open", "close", "drop"}
    assert {"write", "read"} <= names_of("a.py", PYTHON, Place("handle", 0))
    assert "local" not in names_of("a.py", PYTHON, Place("handle", 0))


def test_calls_by_name() -> None:
    judge = judge_of("a.js", JAVASCRIPT)
    mentions = Mentions(judge.facts, Names(judge.facts))
    assert mentions.of_method("unref") == {function_named(judge, "deep")}
    assert mentions.of_method("run") == {function_named(judge, "nothing")}
    assert function_named(judge, "stop") in mentions.of_method("clearInterval")
    assert mentions.of_method("nowhere") == frozenset()
