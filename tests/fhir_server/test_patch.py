"""JSON Patch: the suite of FHIR's test cases, the cases of RFC 6902 appendix A, and laws that hold for any document."""

from __future__ import annotations

import json
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nof1.errors import RequestError
from nof1.fhir.patch import PatchDocumentError, PatchError, patched

Json = dict[str, Any]
ERROR = None


def op(name: str, path: str, *value: Any, source: str | None = None) -> Json:
    found: Json = {"op": name, "path": path}
    return found | ({"value": value[0]} if value else {}) | ({} if source is None else {"from": source})


APPENDIX_A: dict[str, tuple[Json, list[Json], Json | None]] = {
    "1 add a member": ({"a": "x"}, [op("add", "/b", "y")], {"a": "x", "b": "y"}),
    "2 add to a list": ({"name": ["x", "z"]}, [op("add", "/name/1", "y")], {"name": ["x", "y", "z"]}),
    "3 remove a member": ({"a": "x", "b": "y"}, [op("remove", "/b")], {"a": "x"}),
    "4 remove from a list": ({"name": ["x", "y", "z"]}, [op("remove", "/name/1")], {"name": ["x", "z"]}),
    "5 replace": ({"a": "x", "b": "y"}, [op("replace", "/b", "z")], {"a": "x", "b": "z"}),
    "6 move a value": (
        {"a": {"b": 1, "c": 2}, "d": {"e": 3}},
        [op("move", "/d/f", source="/a/c")],
        {"a": {"b": 1}, "d": {"e": 3, "f": 2}},
    ),
    "7 move in a list": ({"n": [1, 2, 3, 4]}, [op("move", "/n/3", source="/n/1")], {"n": [1, 3, 4, 2]}),
    "8 test passes": (
        {"a": "x", "n": ["y", 2, "z"]},
        [op("test", "/a", "x"), op("test", "/n/1", 2)],
        {"a": "x", "n": ["y", 2, "z"]},
    ),
    "9 test fails": ({"a": "x"}, [op("test", "/a", "y")], ERROR),
    "10 add an object": ({"a": "x"}, [op("add", "/b", {"c": {}})], {"a": "x", "b": {"c": {}}}),
    "11 unknown members are ignored": ({"a": "x"}, [op("add", "/b", "y") | {"note": 1}], {"a": "x", "b": "y"}),
    "12 add where no parent is": ({"a": "x"}, [op("add", "/b/c", "y")], ERROR),
    # of two members "op" a decoder keeps the last, here a removal of what is not there
    "13 two ops in one": ({"a": "x"}, [json.loads('{"op":"add","path":"/b","value":"y","op":"remove"}')], ERROR),
    "14 escapes": ({"/": 9, "~1": 10}, [op("test", "/~01", 10)], {"/": 9, "~1": 10}),
    "14 escapes of a slash": ({"/": 9, "~1": 10}, [op("test", "/~1", 9)], {"/": 9, "~1": 10}),
    "15 a text is no number": ({"/": 9, "~1": 10}, [op("test", "/~01", "10")], ERROR),
    "16 add a list to a list": ({"n": ["x"]}, [op("add", "/n/-", ["y", "z"])], {"n": ["x", ["y", "z"]]}),
}
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p",
    "name": [{"family": "Secretname", "given": ["A", "B"]}],
    "multipleBirthInteger": 2,
}


@pytest.mark.parametrize("case", APPENDIX_A)
def test_appendix_a(case: str) -> None:
    document, patch, expected = APPENDIX_A[case]
    if expected is ERROR:
        with pytest.raises(PatchError):
            patched(document, patch)
    else:
        assert patched(document, patch) == expected


def test_suite_of_fhir(reference_data: Path) -> None:
    file = reference_data / "fhir/hl7_tests/json-patch-tests.json"
    if not file.is_file():
        pytest.skip("no fhir/hl7_tests/json-patch-tests.json in the reference data: set NOF1_REFERENCE_DATA")
    wrong, cases = [], json.loads(file.read_text())
    for case in cases:
        try:
            found: Any = patched(case["doc"], case["patch"])
        except PatchError:
            found = ERROR
        if found != (ERROR if "error" in case else case["expected"]):
            wrong.append((case["comment"], found))
    assert wrong == []
    assert len(cases) >= 16


# ------------------------------------------------------------------------------------------------- what is an error


NO_PATCH = {
    "no list": {"op": "remove", "path": "/id"},
    "nothing": None,
    "a text": '[{"op":"remove","path":"/id"}]',
    "a text within": ["remove"],
    "a list within": [[]],
    "no op": [{"path": "/id"}],
    "an unknown op": [op("append", "/id", "x")],
    "an op that is no text": [{"op": ["add"], "path": "/id", "value": 1}],
    "no path": [{"op": "remove"}],
    "a path that is no text": [{"op": "remove", "path": 3}],
    "no value": [op("add", "/id")],
    "no value to test": [op("test", "/id")],
    "no value, after an operation that fails": [op("test", "/id", "other"), op("replace", "/id")],
    "no from": [op("move", "/id")],
    "a from that is no text": [{"op": "copy", "path": "/a", "from": None}],
    "a path without slash": [op("remove", "id")],
    "a from without slash": [op("copy", "/a", source="id")],
    "a wrong escape": [op("remove", "/a~2")],
}


@pytest.mark.parametrize("case", NO_PATCH)
def test_what_is_no_patch(case: str) -> None:
    with pytest.raises(PatchDocumentError):
        patched(PATIENT, NO_PATCH[case])


CANNOT = {
    "remove what is not there": op("remove", "/active"),
    "replace what is not there": op("replace", "/active", True),
    "replace past the list": op("replace", "/name/1", {}),
    "replace after the last": op("replace", "/name/-", {}),
    "remove after the last": op("remove", "/name/-"),
    "add past the end": op("add", "/name/2", {}),
    "an index with a leading zero": op("add", "/name/00", {}),
    "a negative index": op("remove", "/name/-1"),
    "a huge index": op("add", "/name/" + "9" * 5000, {}),
    "into a text": op("add", "/name/0/family/0", "x"),
    "move into itself": op("move", "/name/0/x", source="/name"),
    "copy what is not there": op("copy", "/active", source="/deceasedBoolean"),
    "copy after the last": op("copy", "/active", source="/name/-"),
    "test what is not there": op("test", "/active", None),
    "test true against one": op("test", "/multipleBirthInteger", True),
    "test the order of a list": op("test", "/name/0/given", ["B", "A"]),
    "remove all": op("remove", ""),
    "a list in place of all": op("replace", "", []),
}


@pytest.mark.parametrize("case", CANNOT)
def test_what_cannot_be_applied(case: str) -> None:
    before = deepcopy(PATIENT)
    with pytest.raises(PatchError) as caught:
        patched(PATIENT, [op("add", "/active", False), op("remove", "/active"), CANNOT[case]])
    assert not isinstance(caught.value, PatchDocumentError)
    assert isinstance(caught.value, RequestError)
    assert before == PATIENT


def test_message_names_operation_path_and_reason_on_one_line() -> None:
    with pytest.raises(PatchError, match=r"^patch: operation 2 \(test /name/0/family\): the test fails") as caught:
        patched(PATIENT, [op("test", "/id", "p"), op("test", "/name/0/family", "x\ny")])
    assert "\n" not in str(caught.value)
    with pytest.raises(PatchError, match=r"operation 1 \(move /a to /name/b\)"):
        patched(PATIENT, [op("move", "/name/b", source="/a")])


@pytest.mark.parametrize("case", [*CANNOT, "test a name"])
def test_no_message_quotes_the_resource(case: str) -> None:
    with pytest.raises(PatchError) as caught:
        patched(PATIENT, [CANNOT.get(case, op("test", "/name/0/family", "Other"))])
    assert "Secretname" not in str(caught.value)


def test_a_patch_that_grows_without_bound_is_refused() -> None:
    doubling = [op("copy", f"/x{at}", source="") for at in range(40)]
    with pytest.raises(PatchError, match="copies more than"):
        patched(PATIENT, doubling)


def test_a_value_nested_without_end_is_refused() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(PatchError, match="nested"):
        patched(PATIENT, [op("add", "/extension", deep)])


def test_numbers_are_tested_by_value() -> None:
    assert patched({"value": 1}, [op("test", "/value", 1.0)]) == {"value": 1}


def test_what_is_added_is_not_shared_with_the_patch() -> None:
    patch = [
        op("add", "/name", []),
        op("add", "/name/-", {"family": "x"}),
        op("copy", "/old", source="/name"),
        op("remove", "/name/0"),
    ]
    before = deepcopy(patch)
    assert patched({}, patch) == {"name": [], "old": [{"family": "x"}]}
    assert patch == before


def test_digits_of_a_decimal_that_is_not_touched_stay() -> None:
    text = '{"a": 1e-07, "b": 0.1, "c": 100.0, "d": 12345678901234567890, "e": 1}'
    assert json.dumps(patched(json.loads(text), [op("add", "/f", 1), op("remove", "/f")])) == text


# ---------------------------------------------------------------------------------------------------------- laws

leaf = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
member = st.sampled_from(["a", "b", "", "~", "/", "~1", "0", "-", "é"])
values = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(member, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(member, values, max_size=4)


def pointers(value: Any, at: str = "") -> list[str]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    named = [(str(name).replace("~", "~0").replace("/", "~1"), part) for name, part in inner]
    return [at, *(place for name, part in named for place in pointers(part, f"{at}/{name}"))]


places = st.sampled_from(["", "/a", "/b/0", "/a/-", "/a/b", "/", "/~0", "/~1", "/0/1", "/-"])
operations = st.builds(
    lambda name, path, source, value: {"op": name, "path": path, "from": source, "value": value},
    st.sampled_from(["add", "remove", "replace", "move", "copy", "test"]), places, places, values,
)  # fmt: skip


@given(documents, values, st.data())
def test_add_then_remove_is_no_change(document: Json, value: Any, data: st.DataObject) -> None:
    parent = data.draw(st.sampled_from(pointers(document)))
    new = data.draw(st.sampled_from([f"{parent}/new", f"{parent}/0"]))
    try:
        added = patched(document, [op("add", new, value)])
    except PatchError:
        assume(False)
    was_there = new in pointers(document) and len(pointers(added)) - len(pointers(document)) != len(pointers(value))
    assume(not was_there)  # an added member takes the place of one of the same name
    assert patched(added, [op("test", new, value)]) == added
    assert patched(document, [op("add", new, value), op("remove", new)]) == document


@given(documents, st.data())
def test_there_and_back_is_no_change(document: Json, data: st.DataObject) -> None:
    assume(document)
    place = data.draw(st.sampled_from(pointers(document)[1:]))
    assert patched(document, [op("move", "/moved", source=place), op("move", place, source="/moved")]) == document
    assert patched(document, [op("copy", "/copied", source=place), op("remove", "/copied")]) == document


@given(documents, st.data())
def test_every_place_can_be_tested_and_replaced(document: Json, data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(pointers(document)))
    value: Any = document
    for name in place.split("/")[1:]:
        key = name.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    assert patched(document, [op("test", place, value), op("replace", place, value)]) == document


@given(documents, st.lists(operations, max_size=4))
def test_any_patch_is_applied_or_refused_and_changes_no_input(document: Json, patch: list[Json]) -> None:
    before = deepcopy((document, patch))
    with suppress(PatchError):
        assert isinstance(patched(document, patch), dict)
    assert (document, patch) == before


@given(
    documents,
    st.recursive(leaf, lambda inner: st.lists(inner) | st.dictionaries(member | st.sampled_from(["op", "path"]), inner)),
)
def test_what_is_no_patch_is_refused(document: Json, anything: Any) -> None:
    if anything == []:
        assert patched(document, anything) == document
    else:
        with pytest.raises(PatchDocumentError):
            patched(document, anything)
