"""Facts as text that a test can compare and a person can read: a line an operation, a head a block."""

from __future__ import annotations

from fixers.facts import (
    EXIT_KIND,
    Arg,
    Assign,
    Await,
    Call,
    Choice,
    ClassValue,
    Closure,
    Const,
    Delete,
    Derived,
    Enter,
    Exit,
    FileFacts,
    Function,
    Guard,
    Op,
    Record,
    Ref,
    Return,
    Sequence,
    Throw,
    Value,
    Yield,
)


def value_text(value: Value | None) -> str:
    """A value, as short as it can be read."""
    match value:
        case None:
            return "-"
        case Ref(place):
            return str(place)
        case Const(kind, text):
            return repr(text) if kind == "string" else text
        case Closure(function):
            return f"function {function}"
        case ClassValue(class_, fields):
            inner = ", ".join(f"{key}: {value_text(item)}" for key, item in fields)
            return f"class {class_}" + (f" {{{inner}}}" if inner else "")
        case Record(entries):
            return "{" + ", ".join(f"{key or '...'}: {value_text(item)}" for key, item in entries) + "}"
        case Sequence(items):
            return "[" + ", ".join(map(value_text, items)) + "]"
        case Choice(options):
            return "(" + " or ".join(map(value_text, options)) + ")"
        case Derived(parts):
            return "from(" + ", ".join(map(value_text, parts)) + ")"


def _arg_text(arg: Arg) -> str:
    if arg.name is None:
        return value_text(arg.value)
    return f"{arg.name}{value_text(arg.value)}" if arg.name.startswith("*") else f"{arg.name}={value_text(arg.value)}"


def op_text(op: Op) -> str:
    """An operation on one line."""
    match op:
        case Call():
            words = {"call": "", "new": "new ", "jsx": "jsx ", "template": "template ", "import": "import "}[op.form]
            mark = "?." if op.optional else ""
            text = f"%{op.result} = {words}{value_text(op.callee)}{mark}({', '.join(map(_arg_text, op.args))})"
            return text + (" ;" if op.statement else "")
        case Assign():
            verb = "let " if op.declares else ""
            return f"{verb}{op.target} {'op' if op.augmented else ''}= {value_text(op.value)}"
        case Return():
            return f"return {value_text(op.value)}"
        case Throw():
            return f"throw {value_text(op.value)}"
        case Await():
            return f"%{op.result} = await {value_text(op.value)}"
        case Yield():
            return f"%{op.result} = yield{'*' if op.delegates else ''} {value_text(op.value)}"
        case Enter():
            return f"%{op.result} = {'async ' if op.is_async else ''}enter {value_text(op.manager)}"
        case Exit():
            return f"{'async ' if op.is_async else ''}exit {value_text(op.manager)}"
        case Guard():
            other = f" {value_text(op.other)}" if op.other is not None else ""
            return f"guard {value_text(op.value)} {op.outcome}{other}"
        case Delete():
            return f"delete {op.place}"


def function_text(function: Function) -> str:
    """A function: its head, then its reachable blocks, numbered anew in depth-first order."""
    order: list[int] = []
    stack = [0]
    while stack:
        index = stack.pop()
        if index < 0 or index in order:
            continue
        order.append(index)
        block = function.blocks[index]
        ways = list(block.next)
        if any(isinstance(op, Call | Await | Throw | Yield | Enter) for op in block.ops):
            ways.append(block.throw)
        if any(isinstance(op, Await) for op in block.ops):
            ways.append(block.cancel)
        if any(isinstance(op, Yield) for op in block.ops):
            ways.append(block.close)
        stack.extend(reversed(ways))
    names = {index: f"B{number}" for number, index in enumerate(order)}

    def to(index: int) -> str:
        return EXIT_KIND[index].value if index < 0 else names[index]

    lines = []
    for index in order:
        block = function.blocks[index]
        outs = ["-> " + " ".join(map(to, block.next))] if block.next else []
        if any(isinstance(op, Call | Await | Throw | Yield | Enter) for op in block.ops) and block.throw != -2:
            outs.append(f"throw {to(block.throw)}")
        if any(isinstance(op, Await) for op in block.ops) and block.cancel not in {-3, block.throw}:
            outs.append(f"cancel {to(block.cancel)}")
        if any(isinstance(op, Yield) for op in block.ops) and block.close not in {-4, block.throw}:
            outs.append(f"close {to(block.close)}")
        lines.append(f"{names[index]}: {' '.join(outs)}".rstrip())
        lines.extend(f"  {op_text(op)}" for op in block.ops)
    return "\n".join(lines)


def facts_text(facts: FileFacts) -> str:
    """A whole file: each function with its head."""
    parts = []
    for index, function in enumerate(facts.functions):
        flags = " ".join(
            word
            for word, on in (
                ("async", function.is_async),
                ("generator", function.is_generator),
                ("broken", not function.whole),
            )
            if on
        )
        inside = f" in {function.parent}" if function.parent is not None else ""
        of = f" of class {function.class_}" if function.class_ is not None else ""
        given = f" given to {function.given_to}" if function.given_to else ""
        params = ", ".join(param.name or "{}" for param in function.params)
        head = f"function {index} {function.kind} {function.name or '-'}({params})"
        parts.append(f"{head}{' ' + flags if flags else ''}{inside}{of}{given}\n{function_text(function)}")
    return "\n\n".join(parts) + "\n"
