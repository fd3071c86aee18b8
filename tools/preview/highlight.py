"""Code blocks in GitHub's colours: the `pl-` classes of its style sheet, chosen by Pygments' tokens. Imitated."""

from __future__ import annotations

from html import escape

from pygments.lexers import get_lexer_by_name  # type: ignore[import-untyped]
from pygments.token import Comment, Keyword, Name, Number, Operator, String  # type: ignore[import-untyped]
from pygments.util import ClassNotFound  # type: ignore[import-untyped]

_CLASSES = (
    (Comment, "pl-c"),
    (String, "pl-s"),
    (Number, "pl-c1"),
    (Keyword.Constant, "pl-c1"),
    (Keyword, "pl-k"),
    (Operator, "pl-k"),
    (Name.Function, "pl-en"),
    (Name.Class, "pl-en"),
    (Name.Decorator, "pl-en"),
    (Name.Builtin, "pl-c1"),
    (Name.Tag, "pl-ent"),
)
_DIFF_CLASSES = {"+": "pl-mi1", "-": "pl-md", "@": "pl-mdr"}


def highlighted(code: str, language: str) -> str:
    """The code as HTML, all text escaped; plain where the language is unknown."""
    if language == "diff":
        return "\n".join(map(_diff_line, code.split("\n")))
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return escape(code)
    return "".join(_span(_class_of(token), text) for token, text in lexer.get_tokens(code))


def _diff_line(line: str) -> str:
    return _span(_DIFF_CLASSES.get(line[:1], ""), line)


def _class_of(token: object) -> str:
    return next((name for kind, name in _CLASSES if token in kind), "")


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{escape(text)}</span>' if name else escape(text)
