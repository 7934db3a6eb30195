"""FHIRPath by hand: what the specification says of paths, types, functions, rules, and of expressions that are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nof1.fhir.definitions import definitions
from nof1.fhir.path import Node, PathError, compiled

PATIENT = {
    "resourceType": "Patient",
    "id": "p",
    "name": [{"use": "official", "family": "M", "given": ["A", None, "C"], "_given": [None, {"id": "b"}, {"id": "c"}]}],
    "birthDate": "1974-12",
    "_birthDate": {"extension": [{"url": "http://example.org/t", "valueDateTime": "1974-12-25T14:35:45-05:00"}]},
    "_gender": {"extension": [{"url": "http://example.org/g", "valueString": "not asked"}]},
    "deceasedBoolean": False,
    "contained": [{"resourceType": "Group", "id": "g"}],
    "link": [{"other": {"reference": "#g"}}, {"other": {"reference": "Patient/q"}}, {"other": {"reference": "urn:uuid:1"}}],
}
OBSERVATION = {
    "resourceType": "Observation",
    "code": {"coding": [{"system": "http://loinc.org", "code": "1"}], "text": "one"},
    "subject": {"reference": "http://example.org/fhir/Patient/p/_history/3"},
    "performer": [{"type": "Practitioner", "identifier": {"value": "7"}}],
    "component": [
        {"code": {"text": "a"}, "valueQuantity": {"value": 1.10, "code": "g", "system": "http://unitsofmeasure.org"}},
        {"code": {"text": "b"}, "valueString": "x"},
    ],
}


def values(expression: str, item: Any = PATIENT, on: str = "") -> list[Any]:
    return [node.value for node in compiled(expression, on or item["resourceType"])(item)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Patient.name.given", ["A", None, "C"]),
        ("name.given.id", ["b", "c"]),
        ("name[0].given[2].id", ["c"]),
        ("Patient.birthDate.extension('http://example.org/t').value", ["1974-12-25T14:35:45-05:00"]),
        ("gender.exists()", [True]),
        ("gender.hasValue()", [False]),
        ("gender.extension.value", ["not asked"]),
        ("deceased", [False]),
        ("Patient.deceased.exists() and Patient.deceased != false", [False]),
        ("Observation.code", []),
        ("DomainResource.id | Resource.id", ["p"]),
        ("contained.id", ["g"]),
        ("contained.ofType(Group).id", ["g"]),
        ("link.other.where(resolve() is Group).reference", ["#g"]),
        ("link.other.where(resolve() is Patient).reference", ["Patient/q"]),
        ("link.other.resolve().count()", [2]),
        ("name.where(use = 'official' and family.startsWith('M')).family", ["M"]),
        ("name.select(given.first() | family)", ["A", "M"]),
        ("name.given.where($index > 0 and hasValue())", ["C"]),
        ("iif(active.exists(), 'yes', 'no')", ["no"]),
        ("name.given.count() + 1", [4]),
        ("id & '-' & nothing", ["p-"]),
        ("(1 | 2 | 2 | 3).tail()", [2, 3]),
        ("-7 div 2", [-3]),
        ("'a\\u0062\\'c'", ["ab'c"]),
        ("`id`", ["p"]),
        ("%resource.id = %context.id", [True]),
    ],
)
def test_a_patient(expression: str, expected: list[Any]) -> None:
    assert values(expression) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Observation.subject.where(resolve() is Patient)", [OBSERVATION["subject"]]),
        ("performer.where(resolve() is Practitioner).identifier.value", ["7"]),
        ("Observation.component.value as Quantity", [OBSERVATION["component"][0]["valueQuantity"]]),
        ("component.where(value.is(string)).code.text", ["b"]),
        ("(Observation.value as string) | (Observation.value as CodeableConcept).text", []),
        ("component.value.ofType(Quantity).value = 1.1", [True]),
        ("component.value.ofType(Quantity) = 1100 'mg'", [True]),
        ("component.value.ofType(Quantity) > 1 'mg'", [True]),
        ("component.value.ofType(Quantity) > 1 'm'", []),
        ("code.coding.system = %loinc", [True]),
        ("descendants().where($this is Coding).code", ["1"]),
    ],
)
def test_an_observation(expression: str, expected: list[Any]) -> None:
    assert values(expression, OBSERVATION) == expected


def test_types_of_results() -> None:
    path = compiled("component.value | component.code.text | component.exists()", "Observation")
    assert [node.kind for node in path(OBSERVATION)] == ["Quantity", "string", "string", "string", "boolean"]
    assert compiled("contact.name", "Patient")({"contact": [{"name": {}}]}) == [Node({}, "HumanName")]
    assert compiled("contact", "Patient")({"contact": [{"name": {}}]})[0].kind == "Patient.contact"
    bundle = {"resourceType": "Bundle", "entry": [{"resource": PATIENT}, {"resource": {"resourceType": "Nothing"}}]}
    assert [node.kind for node in compiled("entry.resource", "Bundle")(bundle)] == ["Patient", "Resource"]


def test_items_of_an_extended_questionnaire_answer() -> None:
    mark = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaireresponse-isSubject", "valueBoolean": True}
    items = [
        {
            "linkId": "1",
            "extension": [mark],
            "answer": [{"valueReference": {"reference": "Patient/1"}}, {"valueString": "x"}],
        },
        {"linkId": "2", "answer": [{"valueReference": {"reference": "Patient/2"}}]},
    ]
    expression = definitions().by_id["questionnaireresponse-extensions-QuestionnaireResponse-item-subject"].expression
    response = {"resourceType": "QuestionnaireResponse", "item": items}
    assert values(expression, response) == [{"reference": "Patient/1"}]


def test_parts_by_the_resource_around_them() -> None:
    sequence = {
        "resourceType": "MolecularSequence",
        "referenceSeq": {"chromosome": {"text": "7"}},
        "variant": [{"start": 5}],
    }
    path = compiled("%resource.referenceSeq.chromosome", "MolecularSequence.variant")
    assert [node.value for node in path(sequence["variant"][0], sequence)] == [{"text": "7"}]


def test_references_are_resolved_within_bundles_and_by_a_resolver() -> None:
    group = {"resourceType": "Group", "id": "g"}
    bundle = {"resourceType": "Bundle", "entry": [{"fullUrl": "urn:uuid:1", "resource": group}]}
    path = compiled("other.resolve()", "Patient.link")
    assert path({"other": {"reference": "urn:uuid:1"}}, bundle) == [Node(group, "Group")]
    assert (
        path({"other": {"reference": "Group/g"}}, PATIENT, lambda text: group if text == "Group/g" else None)[0].value
        is group
    )


@pytest.mark.parametrize(
    ("path", "key", "item", "expected"),
    [
        ("Period", "per-1", {"start": "2012-01-02", "end": "2012-01-01"}, False),
        ("Period", "per-1", {"start": "2012-01-01", "end": "2012-01-01"}, True),
        ("Period", "per-1", {"start": "2012-01", "end": "2012-01-01"}, None),
        ("Period", "per-1", {"start": "2012-01-01", "end": "2012-01-01T02:00:00+05:00"}, None),
        ("Period", "per-1", {"start": "2012-01-01T02:00:00+05:00", "end": "2011-12-31T20:00:00Z"}, False),
        ("Period", "per-1", {"_start": {"extension": []}, "end": "2012-01-01"}, True),
        ("Range", "rng-2", {"low": {"value": 2, "code": "g"}, "high": {"value": 1.5, "code": "kg"}}, True),
        ("Range", "rng-2", {"low": {"value": 2}, "high": {"value": 1.5}}, False),
        ("Reference", "ref-1", {"reference": "#g"}, True),
        ("Reference", "ref-1", {"reference": "#h"}, False),
        ("Extension", "ext-1", {"url": "a", "valueString": "b"}, True),
        ("Extension", "ext-1", {"url": "a", "valueString": "b", "extension": [{}]}, False),
        ("Element", "ele-1", {"id": "a"}, False),
        ("Timing.repeat", "tim-9", {"offset": 1, "when": ["C"]}, False),
        ("Timing.repeat", "tim-9", {"offset": 1, "when": ["ACM"]}, True),
        ("Questionnaire.item.enableWhen", "que-7", {"operator": "exists", "answerBoolean": True}, True),
        ("Questionnaire.item.enableWhen", "que-7", {"operator": "exists", "answerString": "a"}, False),
    ],
)
def test_rules(path: str, key: str, item: dict[str, Any], expected: bool | None) -> None:
    rule = next(rule for rule in definitions().rules[path] if rule.key == key)
    assert compiled(rule.expression, path).holds(item, PATIENT) is expected


def test_contained_resources_that_nothing_points_to() -> None:
    rule = next(rule for rule in definitions().rules["DomainResource"] if rule.key == "dom-3")
    lost = {**PATIENT, "link": []}
    assert compiled(rule.expression, "Patient").holds(PATIENT, PATIENT) is True
    assert compiled(rule.expression, "Patient").holds(lost, lost) is False


def test_every_expression_of_the_specification_compiles() -> None:
    known = definitions()
    for kind, parameters in known.parameters.items():
        for parameter in parameters.values():
            assert parameter.expression or parameter.code == "_text"  # the words of the narrative have none
            compiled(parameter.expression or "text", kind)
            assert [compiled(expression, kind) for _, expression in parameter.components] or parameter.kind != "composite"
    for path, rules in known.rules.items():
        assert all(compiled(rule.expression, path) for rule in rules)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "name.",
        "name given",
        "(name",
        "name[0",
        "'a",
        "a as Nothing",
        "nothing()",
        "name.first(1)",
        "%unknown",
        "#",
        "@20",
    ],
)
def test_what_is_no_expression_is_refused(expression: str) -> None:
    with pytest.raises(PathError, match="path: "):
        compiled(expression, "Patient")


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(PathError):
        compiled("(" * 9000 + "1" + ")" * 9000, "Patient")
    with pytest.raises(PathError):
        compiled("1" * 20_001, "Patient")
    with pytest.raises(PathError):
        compiled(".".join(["a"] * 9000), "Patient")
    compiled("a.where(" * 40 + "b" + ")" * 40, "Patient")  # in no time


@given(st.text("(.a1'+-*/&|=~<>,)[]{}$%@ `\"", max_size=12))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    try:
        path = compiled(text, "Patient")
    except PathError:
        return
    assert path.holds(PATIENT) in (True, False, None)


KEYS = ("id", "extension", "_birthDate", "birthDate", "name", "given", "reference", "contained", "entry", "resource", "link",
        "value", "valueQuantity", "code", "coding", "system", "low", "high", "start", "end", "resourceType", "period")  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text("a#/", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(KEYS), json_values, max_size=4))
def test_rules_of_any_json_never_break(item: dict[str, Any]) -> None:
    for path in ("DomainResource", "Reference", "Period", "Range", "Bundle", "Observation", "Extension", "Quantity"):
        for rule in definitions().rules[path]:
            assert compiled(rule.expression, path).holds(item, item) in (True, False, None)
