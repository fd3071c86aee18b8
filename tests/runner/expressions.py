"""Expressions of workflows and actions, `${{ github.token }}` and the like, evaluated as GitHub does."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

Function = Callable[..., Any]

_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?))|(?P<string>'(?:[^']|'')*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|[!<>()\[\].,*])|(?P<name>[A-Za-z_][A-Za-z0-9_-]*))"
)
_PLACE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_CONSTANTS: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}
STATUS: Final = frozenset({"success", "always", "cancelled", "failure"})


class ExpressionError(ValueError):
    """An expression that GitHub would refuse."""


@dataclass
class Scope:
    """What an expression can see: contexts by their names, and functions beside those that are always there."""

    contexts: Mapping[str, Any]
    functions: Mapping[str, Function]


def evaluate(expression: str, scope: Scope) -> Any:
    """The value of an expression, written without `${{ }}`."""
    parser = _Parser(_tokens(expression), scope)
    value = parser.either()
    parser.end()
    return value


def interpolate(text: str, scope: Scope) -> str:
    """A text with the values of the expressions in it."""
    return _PLACE.sub(lambda match: as_text(evaluate(match[1], scope)), text)


def condition(text: str, scope: Scope) -> bool:
    """Whether a step runs: without a function that asks for the status, only where nothing has failed."""
    whole = _PLACE.fullmatch(text.strip())
    expression = whole[1] if whole else text
    asks = {token[1].lower() for token in _tokens(expression) if token[0] == "name"} & STATUS
    if not asks and not is_true(scope.functions["success"]()):
        return False
    return is_true(evaluate(expression, scope))


def is_true(value: Any) -> bool:
    """Whether a value counts as true."""
    return not (value is None or value is False or value == "" or (isinstance(value, (int, float)) and not value))


def as_text(value: Any) -> str:
    """A value as it stands in a text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(int(value)) if float(value).is_integer() else repr(float(value))
    if isinstance(value, str):
        return value
    return "Object" if isinstance(value, Mapping) else "Array"


def _tokens(expression: str) -> list[tuple[str, str]]:
    found, position = [], 0
    while expression[position:].strip():
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ExpressionError(f"unexpected {expression[position:].strip()[:20]!r}")
        found.append((str(match.lastgroup), str(match[str(match.lastgroup)])))
        position = match.end()
    return found


class _Parser:
    """One expression, read from left to right."""

    def __init__(self, tokens: list[tuple[str, str]], scope: Scope) -> None:
        self._tokens = tokens
        self._scope = scope

    def end(self) -> None:
        if self._tokens:
            raise ExpressionError(f"unexpected {self._tokens[0][1]!r}")

    def either(self) -> Any:
        left = self._both()
        while self._takes("||"):
            right = self._both()
            left = left if is_true(left) else right
        return left

    def _both(self) -> Any:
        left = self._equal()
        while self._takes("&&"):
            right = self._equal()
            left = right if is_true(left) else left
        return left

    def _equal(self) -> Any:
        left = self._ordered()
        while operator := self._takes("==", "!="):
            left = _same(left, self._ordered()) is (operator == "==")
        return left

    def _ordered(self) -> Any:
        left = self._not()
        while operator := self._takes("<=", ">=", "<", ">"):
            first, second = _comparable(left, self._not())
            left = {
                "<": first < second,
                ">": first > second,
                "<=": first <= second,
                ">=": first >= second,
            }[operator]
        return left

    def _not(self) -> Any:
        return not is_true(self._not()) if self._takes("!") else self._value()

    def _value(self) -> Any:
        if self._takes("("):
            value = self.either()
            self._needs(")")
        else:
            kind, text = self._next()
            if kind == "number":
                return float(int(text, 16)) if "0x" in text else float(text)
            if kind == "string":
                return text[1:-1].replace("''", "'")
            if kind != "name":
                raise ExpressionError(f"unexpected {text!r}")
            value = self._named(text)
        return self._part_of(value)

    def _named(self, name: str) -> Any:
        if self._takes("("):
            return self._call(name)
        if name.lower() in _CONSTANTS:
            return _CONSTANTS[name.lower()]
        if name.lower() not in self._scope.contexts:
            raise ExpressionError(f"there is no context {name!r} here")
        return self._scope.contexts[name.lower()]

    def _call(self, name: str) -> Any:
        arguments = []
        if not self._takes(")"):
            arguments.append(self.either())
            while self._takes(","):
                arguments.append(self.either())
            self._needs(")")
        function = {**_FUNCTIONS, **self._scope.functions}.get(name.lower())
        if function is None:
            raise ExpressionError(f"there is no function {name!r}")
        return function(*arguments)

    def _part_of(self, value: Any) -> Any:
        while operator := self._takes(".", "["):
            if operator == ".":
                kind, key = self._next()
                if kind != "name":
                    raise ExpressionError(f"unexpected {key!r}")
            else:
                key = self.either()
                self._needs("]")
            value = _part(value, key)
        return value

    def _takes(self, *operators: str) -> str:
        if self._tokens and self._tokens[0][0] == "operator" and self._tokens[0][1] in operators:
            return self._tokens.pop(0)[1]
        return ""

    def _needs(self, operator: str) -> None:
        if not self._takes(operator):
            raise ExpressionError(f"expected {operator!r}")

    def _next(self) -> tuple[str, str]:
        if not self._tokens:
            raise ExpressionError("the expression ends too early")
        return self._tokens.pop(0)


def _part(value: Any, key: Any) -> Any:
    if isinstance(value, Mapping):
        folded = {str(name).lower(): part for name, part in value.items()}
        return folded.get(as_text(key).lower())
    if isinstance(value, list) and isinstance(key, float) and 0 <= key < len(value):
        return value[int(key)]
    return None


def _number(value: Any) -> float:
    if value is None:
        return 0.0
    if isinstance(value, str):
        try:
            return float(value.strip() or 0)
        except ValueError:
            return math.nan
    return float(value) if isinstance(value, (bool, int, float)) else math.nan


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold() == right.casefold()
    if isinstance(left, (Mapping, list)) or isinstance(right, (Mapping, list)):
        return left is right
    if type(left) is type(right):
        return bool(left == right)
    return _number(left) == _number(right)


def _comparable(left: Any, right: Any) -> tuple[Any, Any]:
    if isinstance(left, str) and isinstance(right, str):
        return left.casefold(), right.casefold()
    return _number(left), _number(right)


def _contains(where: Any, what: Any) -> bool:
    if isinstance(where, list):
        return any(_same(item, what) for item in where)
    return as_text(what).casefold() in as_text(where).casefold()


def _format(template: str, *values: Any) -> str:
    def place(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        return as_text(values[int(match[1])])

    return re.sub(r"\{\{|\}\}|\{(\d+)\}", place, template)


_FUNCTIONS: Final[Mapping[str, Function]] = {
    "contains": _contains,
    "startswith": lambda text, start: as_text(text).casefold().startswith(as_text(start).casefold()),
    "endswith": lambda text, end: as_text(text).casefold().endswith(as_text(end).casefold()),
    "format": _format,
    "join": lambda items, between=",": as_text(between).join(map(as_text, items)) if isinstance(items, list) else items,
    "tojson": lambda value: json.dumps(value, indent=2),
    "fromjson": json.loads,
}
