from __future__ import annotations

import subprocess
import sys

import pytest

from fixers.engine import scan_file
from fixers.findings import FixKind
from fixers.fixes.edits import apply
from fixers.fixes.model import CannotFixError
from tests.fixers.fixes.python_fixes import edits_of, fixed, mended, proposals

LEAK = "def load(path):\n    f = open(path)\n    return f.read()\n"
DATABASE = """import sqlite3
{imports}

def load(path):
    connection = sqlite3.connect(path)
    connection.execute('x')
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            b"def load(path):\r\n    f = open(path)\r\n    return f.read()\r\n",
            b"def load(path):\r\n    with open(path) as f:\r\n        return f.read()\r\n",
            id="crlf",
        ),
        pytest.param(
            b"def load(path):\n\tf = open(path)\n\tif f:\n\t\treturn f.read()\n",
            b"def load(path):\n\twith open(path) as f:\n\t\tif f:\n\t\t\treturn f.read()\n",
            id="tabs",
        ),
        pytest.param(
            b"if x:\n  y = 1\nf = open('a')\nf.read()\nf.close()\n",
            b"if x:\n  y = 1\nwith open('a') as f:\n  f.read()\n",
            id="two blanks in a file",
        ),
        pytest.param(
            b"def a():\n    pass\n\ndef load(path):\n  f = open(path)\n  return f.read()\n",
            b"def a():\n    pass\n\ndef load(path):\n  with open(path) as f:\n    return f.read()\n",
            id="an indentation of its own",
        ),
        pytest.param(
            b"\xef\xbb\xbfdef load(path):\n    return open(path).read()",
            b"\xef\xbb\xbfdef load(path):\n    with open(path) as file:\n        return file.read()",
            id="byte-order mark, no last line ending",
        ),
        pytest.param(
            "def load(path):\n    f = open(path)\n    ä = f.read()  # größer\n    return 'ö'\n".encode(),
            "def load(path):\n    with open(path) as f:\n        ä = f.read()  # größer\n    return 'ö'\n".encode(),
            id="beyond ASCII",
        ),
        pytest.param(
            b"# -*- coding: latin-1 -*-\nname = '\xe4'\n\ndef load(path):\n    f = open(path)\n    return f.read()\n",
            b"# -*- coding: latin-1 -*-\nname = '\xe4'\n\n"
            b"def load(path):\n    with open(path) as f:\n        return f.read()\n",
            id="Latin-1 elsewhere",
        ),
        pytest.param(
            b"def load(path):\n    f = \\\n        open(path)\n    a = 1 + \\\n        2\n    return f.read()\n",
            b"def load(path):\n    with open(path) as f:\n        a = 1 + \\\n        2\n        return f.read()\n",
            id="continuation lines",
        ),
    ],
)
def test_every_other_byte_stays(before: bytes, after: bytes) -> None:
    assert mended(before) == after


def test_the_edits_are_no_wider_than_the_change() -> None:
    before = "import os\n" * 500 + LEAK + "x = 1\n" * 500
    edits = edits_of(before)
    start, end = before.index("    f = open"), before.index("x = 1")
    assert all(start <= edit.start_byte <= edit.end_byte <= end for edit in edits)
    assert apply(before.encode(), edits).decode() == before.replace(LEAK, fixed(LEAK))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "from contextlib import closing\n"),
        ("from contextlib import suppress\n", "from contextlib import closing, suppress\n"),
        ("from contextlib import ExitStack\n", "from contextlib import ExitStack, closing\n"),
        ("from typing import Any\n", "from contextlib import closing\nfrom typing import Any\n"),
        ("from ast import parse\n", "from ast import parse\nfrom contextlib import closing\n"),
        (
            "from contextlib import (\n    suppress,\n)\n",
            "from contextlib import (\n    closing,\n    suppress,\n)\n",
        ),
        (
            "from contextlib import (\n    ExitStack,\n)\n",
            "from contextlib import (\n    ExitStack,\n    closing,\n)\n",
        ),
        ("from contextlib import (ExitStack, suppress)\n", "from contextlib import (ExitStack, closing, suppress)\n"),
        (
            "from contextlib import (  # these\n    suppress,\n)\n",
            "from contextlib import closing\nfrom contextlib import (  # these\n    suppress,\n)\n",
        ),
        ("import yaml\n\nimport own\n", "import yaml\nfrom contextlib import closing\n\nimport own\n"),
    ],
)
def test_an_import_goes_where_the_file_would_have_it(before: str, after: str) -> None:
    assert fixed(DATABASE.format(imports=before)).startswith(f"import sqlite3\n{after}\n")


@pytest.mark.parametrize("named", ["import contextlib\n", "from contextlib import closing as shut\n"])
def test_a_name_that_the_file_has_is_used(named: str) -> None:
    text = fixed(DATABASE.format(imports=named))
    name = "contextlib.closing" if named.startswith("import") else "shut"
    assert f"with {name}(sqlite3.connect(path)) as connection:" in text
    assert text.count("import") == 2


@pytest.mark.parametrize(
    ("head", "after"),
    [
        ('"""Reads."""\n', '"""Reads."""\n\nfrom contextlib import closing\n'),
        (
            '"""Reads."""\nfrom __future__ import annotations\n',
            '"""Reads."""\nfrom __future__ import annotations\n\nfrom contextlib import closing\n',
        ),
        ("#!/usr/bin/env python3\n# ours\n", "#!/usr/bin/env python3\n# ours\nfrom contextlib import closing\n\n\n"),
        ("import psycopg2\n", "from contextlib import closing\n\nimport psycopg2\n"),
        ("# first\nimport psycopg2\n", "# first\nfrom contextlib import closing\n\nimport psycopg2\n"),
    ],
)
def test_a_section_of_its_own(head: str, after: str) -> None:
    imported = "" if "psycopg2" in head else "    import psycopg2\n"
    before = f"{head}def load(dsn):\n{imported}    c = psycopg2.connect(dsn)\n    c.cursor()\n"
    assert fixed(before).startswith(after)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"x = {'(' * 300}1{')' * 300}\n{LEAK}", "nested too deep"),
        (LEAK.replace("return f.read()", "return f.read('\udce4')"), "not UTF-8"),
        (LEAK.replace("return", "y = 1\n\x0c    return"), "byte for byte"),
    ],
)
def test_what_cannot_be_written_is_said(text: str, said: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    ((_, proposal),) = proposals(data)
    assert proposal.kind is FixKind.NONE or proposal.why is None
    with pytest.raises(CannotFixError, match=said):
        proposal.write()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "def load(path):\n    f = open(path)\ndef :\n    return f.read()\n",
            id="a suite that the grammar could place nowhere",
        ),
        pytest.param(
            "def load(path):\n        f = open(path)\n        f.read()\n    )\n        (\n",
            id="a file that is no module",
        ),
        pytest.param(
            "class A:\n    def start(self, p):\n        self.f = open(p)\n\n    def close(self):\n        # none\n\n",
            id="a teardown without a statement",
        ),
        pytest.param(
            "def load(path):\n    try:\n        f = open(path)\n    except OSError:\n    print(f.read())\n",
            id="a handler without a statement",
        ),
    ],
)
def test_what_is_not_python_is_not_rewritten(text: str) -> None:
    result = scan_file("a.py", text.encode())
    assert [skipped for skipped in result.skipped if skipped.code == "crash"] == []
    assert [finding.fix.kind for finding in result.findings] == [FixKind.NONE]


def test_a_scan_describes_fixes_without_loading_libcst() -> None:
    program = (
        "import sys\n"
        "from fixers.engine import scan_file\n"
        f"found = scan_file('a.py', {LEAK.encode()!r}).findings\n"
        "print(found[0].fix.kind.value, 'libcst' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == ["safe", "False"]
