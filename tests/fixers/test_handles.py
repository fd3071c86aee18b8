from __future__ import annotations

from fixers.engine import scan_file
from fixers.facts import GLOBAL, Place, Record, Ref, Sequence, Value
from fixers.handles import held

HANDLE, TARGET = Place("f", 0), Place("x", 0)


def places_of(value: Value) -> set[str]:
    return {str(place) for place in held(value, TARGET, frozenset({HANDLE}))}


def test_an_element_lies_at_its_number_and_among_all() -> None:
    assert places_of(Ref(HANDLE)) == {"x"}
    assert places_of(Sequence((Ref(Place("other", GLOBAL)), Ref(HANDLE)))) == {"x[1]", "x[*]"}
    assert places_of(Record((("a", Sequence((Ref(HANDLE),))),))) == {"x.a[0]", "x.a[*]"}
    assert places_of(Sequence((Sequence((Ref(HANDLE),)),))) == {"x[0][0]", "x[0][*]", "x[*][0]", "x[*][*]"}


def test_sequences_in_sequences_have_few_places() -> None:
    value: Value = Ref(HANDLE)
    for _ in range(100):
        value = Sequence((value,))
    places = places_of(value)
    assert "x" + "[*]" * 100 in places
    assert len(places) <= 16


def test_nested_lists_beside_a_handle_cost_no_more_than_others() -> None:
    nested = "[" * 100 + "]" * 100
    (finding,) = scan_file("a.py", f"def f(p):\n    f = open(p)\n    x = {nested}\n    f.read()\n".encode()).findings
    assert finding.rule == "file/never-released"
