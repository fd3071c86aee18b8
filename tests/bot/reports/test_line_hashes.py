"""The hashes are those of GitHub's own action; the expected ones were made by Microsoft's SARIF Multitool 5.7.0."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.reports.line_hashes import line_hashes

FILE = 'import x\r\n\r\nfoo(1);\r\nfoo(1);\r\n\tbar( "é😀" );\r\nfoo(1);\r\n'.encode()
HASHES = {
    1: "1573b74f14a0e7ec:1",
    2: "ae011249858c22c3:1",
    3: "2e077e9a4e2073c5:1",
    4: "fcf7be251215d39e:1",
    5: "995d355779fb5357:1",
    6: "f42f8a4738b9f6a:1",
    7: "c129715d7a2bc9a3:1",
}


def test_lines_hash_as_code_scanning_hashes_them() -> None:
    assert line_hashes(FILE, range(9)) == HASHES


def test_blanks_and_the_kind_of_line_end_do_not_matter() -> None:
    assert line_hashes(FILE.replace(b"\r\n", b"\n").replace(b"\t", b"    "), HASHES) == HASHES


def test_equal_lines_are_counted() -> None:
    same = b"x();\n" * 60
    hashes = line_hashes(same, [1, 2, 3])
    assert [value.rpartition(":")[2] for value in hashes.values()] == ["1", "2", "3"]
    assert len({value.partition(":")[0] for value in hashes.values()}) == 1


@given(st.binary(max_size=300), st.sets(st.integers(0, 8)))
def test_only_lines_that_are_there_have_one(data: bytes, lines: set[int]) -> None:
    text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    assert line_hashes(data, lines).keys() == {line for line in lines if 0 < line <= text.count("\n") + 1}
