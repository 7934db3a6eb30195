"""The work that a resource is grows no faster than the resource: nobody can hold the server up with one."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from growth import Maker, all_lists, calls
from hypothesis import given
from hypothesis import strategies as st

from nof1.fhir.checked import _broken, problems
from nof1.fhir.contained import contained_types
from nof1.fhir.indexing import indexed
from nof1.fhir.path import Node, compiled
from nof1.fhir.path_values import Values, distinct, same_value
from nof1.fhir.shapes import Scope, plan_of
from nof1.fhir.walk import walked

Json = dict[str, Any]


def profile(number: int) -> Json:
    """A logical model with ``number`` elements, listed whole and as differences."""
    paths = ["A", *(f"A.e{at}" for at in range(1, number))]
    elements = [
        {"id": path, "path": path, "definition": "x", "min": 0, "max": "1", "base": {"path": path, "min": 0, "max": "1"}}
        for path in paths
    ]
    return {
        "resourceType": "StructureDefinition",
        "url": "http://example.org/A",
        "name": "A",
        "status": "draft",
        "kind": "logical",
        "abstract": False,
        "type": "A",
        "baseDefinition": "http://example.org/B",
        "derivation": "specialization",
        "snapshot": {"element": elements},
        "differential": {"element": elements},
    }


def extended(number: int) -> Json:
    """A value with an extension alone: known, though not said."""
    return {"extension": [{"url": "http://example.org/x", "valueString": f"{number}"}]}


def types_without_a_code(number: int) -> Json:
    found = profile(3)
    found["snapshot"]["element"][1]["type"] = [{"_code": extended(at)} for at in range(number)]
    return found


def guide(number: int) -> Json:
    grouped = [{"id": f"g{at}", "name": "x"} for at in range(number)]
    resources = [{"reference": {"reference": f"Patient/{at}"}, "groupingId": f"g{at}"} for at in range(number)]
    return {
        "resourceType": "ImplementationGuide",
        "url": "http://example.org/a",
        "name": "A",
        "status": "draft",
        "packageId": "a.b",
        "fhirVersion": ["4.0.1"],
        "definition": {"grouping": grouped, "resource": resources},
    }


def contained(kind: str, number: int) -> Json:
    return {"contained": [{"resourceType": kind, "id": f"c{at}"} for at in range(number)]}


def team(number: int) -> Json:
    members = [{"member": {"reference": f"#c{at}"}, "onBehalfOf": {"reference": "Organization/1"}} for at in range(number)]
    return {"resourceType": "CareTeam", **contained("Practitioner", number), "participant": members}


def account(number: int) -> Json:
    subjects = [{"reference": f"#c{at}"} for at in range(number)]
    return {"resourceType": "Account", "status": "active", **contained("Patient", number), "subject": subjects}


def questions_without_an_id(number: int) -> Json:
    items = [{"_linkId": extended(at), "type": "string", "text": "x"} for at in range(number)]
    return {"resourceType": "Questionnaire", "status": "draft", "item": items}


def concepts_without_a_code(number: int) -> Json:
    concepts = [{"_code": extended(at), "display": "x"} for at in range(number)]
    return {"resourceType": "CodeSystem", "status": "draft", "content": "complete", "concept": concepts}


@pytest.mark.parametrize(
    "made",
    [profile, types_without_a_code, guide, team, account, questions_without_an_id, concepts_without_a_code],
)
def test_four_times_the_elements_are_four_times_the_work(made: Any) -> None:
    few, many = made(60), made(240)
    assert not [one for one in problems(made(3)) if one.is_error]
    indexed(made(3))
    assert calls(lambda: problems(many)) < 4.5 * calls(lambda: problems(few))
    assert calls(lambda: indexed(many)) < 4.5 * calls(lambda: indexed(few))


def test_no_more_is_looked_at_than_is_told() -> None:
    entries = [{"item": {"reference": f"Patiens{at}/1"}} for at in range(400)]
    listed = {"resourceType": "List", "status": "current", "mode": "working"}
    found = problems({**listed, "entry": entries})
    assert [one.path for one in found if one.is_error] == [f"List.entry[{at}].item.reference" for at in range(100)]
    assert calls(lambda: problems({**listed, "entry": entries})) < 1.5 * calls(
        lambda: problems({**listed, "entry": entries[:100]})
    )


@pytest.mark.slow
def test_no_list_of_any_type_is_more_work_than_it_is_long() -> None:
    growing = {}
    for kind, name, ways in all_lists():
        maker = Maker()
        few, many = maker.resource(kind, ways, 40), maker.resource(kind, ways, 160)
        _whole(many)  # what is compiled once is compiled
        work = [calls(partial(_whole, one)) for one in (few, many)]
        if work[1] > 4.5 * work[0]:
            growing[f"{kind}.{name}"] = work
    assert growing == {}


def _whole(resource: Json) -> None:
    """Every rule, whatever else is wrong, and every index."""
    due: Any = []
    walked(resource, plan_of(resource["resourceType"]), Scope(resource, resource, contained_types(resource), False, due))
    list(_broken(due))
    indexed(resource)


TEXTS = st.sampled_from(
    ["", "a", "1", "2015", "2015-02-04", "2015-02-04T23:30+10:00", "2015-02-04T13:30Z", "13:30", "13:30:00"]
)
PLAIN = st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from([0.0, 1.0, 1.5]) | TEXTS
OBJECTS = st.dictionaries(st.sampled_from("ab"), PLAIN | st.lists(PLAIN, max_size=2), max_size=2)
AMOUNTS = st.fixed_dictionaries({"value": st.sampled_from([1, 1000, 1.0]), "code": st.sampled_from(["g", "mg", "kg"])})
NODES = st.one_of(
    st.tuples(TEXTS, st.sampled_from(["string", "code", "date", "dateTime", "time"])),
    st.tuples(PLAIN, st.just("string"), st.none() | OBJECTS),
    st.tuples(OBJECTS | AMOUNTS, st.sampled_from(["Coding", "Quantity"])),
).map(lambda parts: Node(*parts))


@given(st.lists(NODES, max_size=6), NODES)
def test_values_are_found_as_if_each_were_compared(nodes: list[Node], wanted: Node) -> None:
    assert (wanted in Values(nodes)) is any(same_value(node, wanted) is True for node in nodes)
    first: list[Node] = []
    for node in nodes:
        if not any(same_value(one, node) is True for one in first):
            first.append(node)
    assert distinct(nodes) == first


PERSON = {
    "resourceType": "Patient",
    "name": [{"family": "A", "given": ["a", "b"]}, {"family": "B", "given": ["c"]}],
    "contact": [{"name": {"family": "A"}}, {"name": {"family": "C"}}],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("contact.where(%resource.name.family contains name.family).name.family", ["A"]),
        ("contact.where(name.family in %context.name.family).name.family", ["A"]),
        ("contact.select(%resource.name.where($index = 1).family)", ["B", "B"]),
        ("name.select(%resource.name.exists($index = 1))", [False, True]),  # exists has no place of its own
        ("name.select(%resource.name.family.first() & family)", ["AA", "AB"]),
        ("name.select(%resource.name.where(family = 'B').given.count() + given.count())", [3, 2]),
        ("name.select(iif(%context.name.count() = 2, family, 'no'))", ["A", "B"]),
    ],
)
def test_what_is_the_same_each_time_is_worked_out_once_and_all_else_each_time(expression: str, expected: list[Any]) -> None:
    assert [node.value for node in compiled(expression, "Patient")(PERSON)] == expected


def test_what_a_part_gives_is_not_taken_for_what_another_gives() -> None:
    path = compiled("%context.family & %resource.name.first().family", "Patient.contact.name")
    kept: dict[object, Any] = {}
    for name in ("A", "C"):
        assert compiled(f"%context.family & %resource.name.first().family = '{name}A'", "HumanName").holds(
            {"family": name}, PERSON, kept
        )
        assert path({"family": name}, PERSON)[0].value == f"{name}A"
