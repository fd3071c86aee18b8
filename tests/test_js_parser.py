from __future__ import annotations

import pytest

from tests.js_parser import syntax_errors

GOOD = {
    "module.js": "import a from 'a';\nexport const b = await a?.();\n",
    "common.cjs": "const { x } = require('x');\nmodule.exports = x;\n",
    "view.jsx": "export const View = ({ name }) => <p title={name}>{name}</p>;\n",
    "script-with-jsx.js": "export const View = () => <p />;\n",
    "typed.ts": "export class A<T> { constructor(private readonly value: T) {} }\n",
    "generic.tsx": "export const f = <T,>(x: T) => <b>{String(x)}</b>;\n",
    "resource.mts": "{ using file = open(); }\n",
    "empty.mjs": "",
}

BAD = {
    "cut.js": "function f() {\n  return (\n",
    "typed.js": "const n: number = 1;\n",
    "unclosed.jsx": "export const View = () => <p>;\n",
    "astral.ts": "const s = '\U0001f600'; const = 1;\n",
    "deep.js": "f(" * 20_000 + ")" * 20_000,
}


def test_good_files_have_no_errors() -> None:
    assert syntax_errors(GOOD) == {}


def test_every_bad_file_has_errors_with_a_place() -> None:
    found = syntax_errors({**GOOD, **BAD})
    assert found.keys() == BAD.keys()
    assert found["typed.js"] == ["1:10: Type annotations can only be used in TypeScript files."]
    assert found["cut.js"][0] == "2:11: Expression expected."


def test_nothing_to_parse_needs_no_process() -> None:
    assert syntax_errors({}) == {}


def test_unknown_suffix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"App\.vue"):
        syntax_errors({"App.vue": "<script></script>"})
