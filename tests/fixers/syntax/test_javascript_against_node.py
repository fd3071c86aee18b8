"""The control-flow graphs of random functions, held against Node: what a path through the graph does, Node does too.

Every call in a generated function asks an oracle whether to throw, a condition also what it answers, a `yield` whether
the generator is resumed, thrown into or closed. A random path through the graph gives such answers and the events that
must follow from them; Node, given the same answers, must show the same events and leave by the same kind of exit.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import Final

from fixers.facts import EXIT_KIND, Assign, Call, Const, Enter, Exit, Function, Guard, Ref, Return, Throw, Value, Yield
from fixers.source import Language, SkipCode, Source
from fixers.syntax.javascript import lower
from tests.node import run_node

PROGRAMS: Final = 400
PATHS_PER_PROGRAM: Final = 12
MAX_EVENTS: Final = 60

DRIVER = """
const cases = JSON.parse(require('fs').readFileSync(0, 'utf8'));
class Stop {}
const run = ({source, answers}) => {
  const events = [];
  let next = 0;
  const ask = (event) => {
    events.push(event);
    if (next >= answers.length) throw new Stop();
    return answers[next++];
  };
  const c = (n) => { if (ask('c' + n) === 'throw') throw 'thrown'; };
  const q = (n) => { const answer = ask('q' + n); if (answer === 'throw') throw 'thrown'; return answer === 'true'; };
  const r = (n) => {
    if (ask('r' + n) === 'throw') throw 'thrown';
    return { [Symbol.dispose]() { events.push('x' + n); } };
  };
  const f = new Function('c', 'q', 'r', 'return ' + source)(c, q, r);
  const drive = () => {
    const it = f();
    let step = it.next();
    while (!step.done) {
      const answer = ask('y' + step.value);
      step = answer === 'throw' ? it.throw('thrown') : answer === 'close' ? it.return('closed') : it.next();
    }
    return step.value === 'closed' ? 'close' : 'normal';
  };
  let exit;
  try {
    exit = source.startsWith('function*') ? drive() : (f(), 'normal');
  } catch (error) {
    if (error instanceof Stop) exit = 'more';
    else if (error !== 'thrown') throw error;
    else exit = 'throw';
  }
  return [...events, exit];
};
console.log(JSON.stringify(cases.map(run)));
"""


class Writer:
    """Writes the body of one random function."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.generator = seed % 3 == 0
        self.names = 0
        self.loops: list[str] = []
        self.labels: list[str] = []

    def function(self) -> str:
        head = "function* f()" if self.generator else "function f()"
        return f"{head} {{ {self.block(4)} }}"

    def fresh(self) -> int:
        self.names += 1
        return self.names

    def block(self, depth: int) -> str:
        return " ".join(self.statement(depth) for _ in range(self.random.randint(1, 3)))

    def statement(self, depth: int) -> str:
        simple = [self.call, self.call, self.call, self.leave, self.expression]
        if self.generator:
            simple.append(lambda: f"yield {self.fresh()};")
        if depth == 0:
            return self.random.choice(simple)()
        nested = [
            self.branch,
            self.attempt,
            self.attempt,
            self.attempt,
            self.loop,
            self.labelled,
            self.using,
            self.switch,
        ]
        if self.random.random() < 0.45:
            return self.random.choice(simple)()
        return self.random.choice(nested)(depth - 1)

    def call(self) -> str:
        return f"c({self.fresh()});"

    def question(self) -> str:
        parts = [f"{self.random.choice(['', '!'])}q({self.fresh()})" for _ in range(self.random.choice([1, 1, 2, 3]))]
        text = parts[0]
        for part in parts[1:]:
            text = f"({text} {self.random.choice(['&&', '||'])} {part})"
        return text

    def expression(self) -> str:
        return self.random.choice(
            [
                f"q({self.fresh()}) && c({self.fresh()});",
                f"q({self.fresh()}) || c({self.fresh()});",
                f"{self.question()} ? c({self.fresh()}) : c({self.fresh()});",
                f"c({self.fresh()}, q({self.fresh()}) ? c({self.fresh()}) : 0);",
            ]
        )

    def leave(self) -> str:
        options = ["return;", f"return c({self.fresh()});", "throw 'thrown';"]
        if self.loops:
            options += ["break;", "break;", *(f"break {label};" for label in self.loops if label.startswith("L"))]
            options += [f"continue {label};".replace(" ;", ";") for label in self.loops if label != "switch"]
        options += [f"break {label};" for label in self.labels]
        text = self.random.choice(options)
        if text.startswith("continue"):
            if all(loop == "switch" for loop in self.loops):
                return self.call()
            text = f"{{ {self.call()} {text} }}"
        return f"if ({self.question()}) {text}" if self.random.random() < 0.5 else text

    def branch(self, depth: int) -> str:
        otherwise = f" else {{ {self.block(depth)} }}" if self.random.random() < 0.5 else ""
        return f"if ({self.question()}) {{ {self.block(depth)} }}{otherwise}"

    def attempt(self, depth: int) -> str:
        text = f"try {{ {self.block(depth)} }}"
        kind = self.random.choice(["catch", "finally", "both"])
        if kind != "finally":
            text += f" catch {{ {self.block(depth)} }}"
        if kind != "catch":
            text += f" finally {{ {self.block(depth)} }}"
        return text

    def loop(self, depth: int) -> str:
        label = f"L{self.fresh()}" if self.random.random() < 0.5 else ""
        self.loops.append(label)
        body = self.block(depth)
        self.loops.pop()
        head = self.random.choice(
            [
                f"while ({self.question()}) {{ {body} }}",
                f"do {{ {body} }} while ({self.question()});",
                f"for (c({self.fresh()}); {self.question()}; c({self.fresh()})) {{ {body} }}",
                f"for (;;) {{ {body} break; }}",
            ]
        )
        return f"{label}: {head}" if label else head

    def switch(self, depth: int) -> str:
        self.loops.append("switch")
        cases = "".join(
            f" case q({self.fresh()}): {self.block(depth)}{self.random.choice([' break;', ''])}" for _ in range(2)
        )
        default = f" default: {self.block(depth)}"
        self.loops.pop()
        return f"switch (true) {{{cases}{default if self.random.random() < 0.5 else ''} }}"

    def labelled(self, depth: int) -> str:
        label = f"B{self.fresh()}"
        self.labels.append(label)
        body = self.block(depth)
        self.labels.pop()
        return f"{label}: {{ {body} }}"

    def using(self, depth: int) -> str:
        number = self.fresh()
        return f"{{ using r{number} = r({number}); {self.block(depth)} }}"


@dataclass
class Path:
    """A walk through a graph: the answers it takes and the events it makes."""

    answers: list[str] = field(default_factory=list)
    events: list[str] = field(default_factory=list)


def argument(value: Value) -> str:
    assert isinstance(value, Const), value
    return value.text


def walk(function: Function, choose: random.Random) -> Path:
    """A random path from the entry to an exit, or to MAX_EVENTS events."""
    path = Path()
    answers: dict[Value, bool] = {}
    numbers: dict[Value, str] = {}
    index = 0
    while index >= 0 and len(path.events) < MAX_EVENTS:
        block = function.blocks[index]
        following: int | None = None
        for op in block.ops:
            if isinstance(op, Call):
                assert isinstance(op.callee, Ref)
                name, number = op.callee.place.root, argument(op.args[0].value)
                path.events.append(name + number)
                answer = choose.choice(["throw", "true", "false", "true", "false"])
                path.answers.append(answer)
                result = Ref(op.callee.place.__class__(f"%{op.result}", -3))
                answers[result], numbers[result] = answer == "true", number
                if answer == "throw":
                    following = block.throw
                    break
            elif isinstance(op, Yield):
                assert op.value is not None
                path.events.append("y" + argument(op.value))
                answer = choose.choice(["resume", "resume", "throw", "close"])
                path.answers.append(answer)
                if answer != "resume":
                    following = block.throw if answer == "throw" else block.close
                    break
            elif isinstance(op, Exit):
                path.events.append("x" + numbers[op.manager])
            elif isinstance(op, Throw):
                following = block.throw
                break
            else:
                assert isinstance(op, Enter | Assign | Return | Guard), op
        index = following if following is not None else choose.choice(agreeing(function, block.next, answers))
    path.events.append(EXIT_KIND[index].value if index < 0 else "more")
    return path


def agreeing(function: Function, targets: tuple[int, ...], answers: dict[Value, bool]) -> list[int]:
    """The successors whose guard agrees with what the last conditions answered."""
    fitting = []
    for target in targets:
        first = function.blocks[target].ops[:1] if target >= 0 else []
        guards = [op for op in first if isinstance(op, Guard)]
        if all(answers[guard.value] == (guard.outcome == "present") for guard in guards):
            fitting.append(target)
    assert fitting, "no successor agrees with the answers"
    return fitting


def generated(seed: int) -> tuple[str, Function] | None:
    """A random function, as text and lowered; None where its nested finally bodies are beyond the limit of blocks."""
    source = Writer(seed).function()
    facts = lower(Source("random.js", source.encode(), Language.JAVASCRIPT))
    if [skipped.code for skipped in facts.skipped] == [SkipCode.LIMIT]:
        return None
    assert not facts.skipped, (source, facts.skipped)
    return source, facts.functions[1]


def test_paths_of_random_functions_are_those_of_node() -> None:
    cases: list[tuple[str, Path]] = []
    for seed in range(PROGRAMS):
        program = generated(seed)
        if program is None:
            continue
        source, function = program
        walks = (walk(function, random.Random(seed * 1000 + number)) for number in range(PATHS_PER_PROGRAM))
        cases.extend((source, path) for path in walks)
    questions = json.dumps([{"source": source, "answers": path.answers} for source, path in cases])
    outcomes = json.loads(run_node("-e", DRIVER, stdin=questions))
    for (source, path), outcome in zip(cases, outcomes, strict=True):
        length = len(path.events) - (path.events[-1] == "more")
        seen = outcome if length == len(path.events) else outcome[:length]
        assert seen == path.events[:length], f"{source}\nanswers {path.answers}\ngraph {path.events}\nnode  {outcome}"
    assert len(cases) > PROGRAMS * PATHS_PER_PROGRAM * 0.9
    assert any("close" in path.events for _, path in cases)
    assert any("throw" in path.events for _, path in cases)
