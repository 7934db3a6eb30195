"""HL7's official examples and Synthea's bundles are accepted; what is refused of them is listed, with what R4 says of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nof1.fhir.bindings import codes
from nof1.fhir.checked import Problem, problems
from nof1.fhir.rules import Judge, judges
from nof1.fhir.shapes import plan_of
from nof1.fhir.structure import members

Resource = dict[str, Any]
NO_TEXT = "its div holds white space only; txt-2: a narrative has some content that is not white space"
NO_BASE = "SearchParameter.base is 1..*"
TARGETS = "the element's definition does not name this type among its targets"
NO_BASE_DEFINITION = "no baseDefinition though not abstract (sdf-4)"
SPACE = "a code ends with U+00A0; R4, code: no leading or trailing white space"
# example -> path, code and reason of the first error
REFUSED = {
    "ActivityDefinition/blood-tubes-supply": ("ActivityDefinition.text.div", "invariant", NO_TEXT),
    "ActivityDefinition/heart-valve-replacement": ("ActivityDefinition.text.div", "invariant", NO_TEXT),
    "EventDefinition/example": ("EventDefinition.text.div", "invariant", NO_TEXT),
    "Questionnaire/zika-virus-exposure-assessment": ("Questionnaire.text.div", "invariant", NO_TEXT),
    "Bundle/dataelements": ("Bundle", "invariant", "several entries of one fullUrl and no versions (bdl-7)"),
    "Bundle/v2-valuesets": ("Bundle.entry[814].resource.concept[74].code", "value", SPACE),
    "CodeSystem/v2-0550": ("CodeSystem.concept[74].code", "value", SPACE),
    "DeviceMetric/example": ("DeviceMetric.parent.reference", "value", TARGETS),
    "DeviceUseStatement/example": ("DeviceUseStatement.reasonReference[0].reference", "value", TARGETS),
    "MedicationRequest/medrx0301": ("MedicationRequest.dispenseRequest.performer.reference", "value", TARGETS),
    "Observation/clinical-gender": ("Observation.performer[0].reference", "value", TARGETS),
    "ImplementationGuide/fhir": ("ImplementationGuide.name", "required", "ImplementationGuide.name and status are 1..1"),
    "Questionnaire/qs1": ("Questionnaire.item[0].item[0].linkId", "required", "Questionnaire.item.linkId is 1..1"),
    "SearchParameter/codesystem-extensions-CodeSystem-author": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/codesystem-extensions-CodeSystem-effective": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/codesystem-extensions-CodeSystem-end": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/codesystem-extensions-CodeSystem-keyword": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/codesystem-extensions-CodeSystem-workflow": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/valueset-extensions-ValueSet-author": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/valueset-extensions-ValueSet-effective": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/valueset-extensions-ValueSet-end": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/valueset-extensions-ValueSet-keyword": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/valueset-extensions-ValueSet-workflow": ("SearchParameter.base", "required", NO_BASE),
    "SearchParameter/questionnaireresponse-extensions-QuestionnaireResponse-item-subject": (
        "SearchParameter.id",
        "value",
        "65 characters and more; R4, id: at most 64",
    ),
    "StructureDefinition/Definition": ("StructureDefinition", "invariant", NO_BASE_DEFINITION),
    "StructureDefinition/Event": ("StructureDefinition", "invariant", NO_BASE_DEFINITION),
    "StructureDefinition/FiveWs": ("StructureDefinition", "invariant", NO_BASE_DEFINITION),
    "StructureDefinition/Request": ("StructureDefinition", "invariant", NO_BASE_DEFINITION),
}


def errors(resource: Resource) -> list[Problem]:
    return [one for one in problems(resource) if one.is_error]


def named(resource: Resource) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def test_every_example_is_accepted_or_refused_for_a_reason(r4_examples: dict[str, list[Resource]]) -> None:
    listed = [one for resources in r4_examples.values() for one in resources]
    refused = {named(one): found[0] for one in listed if (found := errors(one))}
    assert len(listed) > 5000
    assert {name: (one.path, one.code) for name, one in refused.items()} == {
        name: (path, code) for name, (path, code, _) in REFUSED.items()
    }


def test_rules_are_broken_where_every_rule_is_asked_of_every_object(
    r4_examples: dict[str, list[Resource]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is decided by an object's keys alone, and once for all with these keys, is what asking each time decides."""
    listed = [copy for resources in r4_examples.values() for one in resources[:25] for copy in (one, *with_other_codes(one))]
    quick = [problems(one) for one in listed]
    plan_of.cache_clear()
    judges.cache_clear()
    monkeypatch.setattr(Judge, "is_settled", lambda _self, _present: False)
    slow = [problems(one) for one in listed]
    plan_of.cache_clear()
    assert sum(len(one) for one in quick) > 100  # warnings
    assert sum(one.code == "invariant" and one.is_error for found in quick for one in found) > 100
    assert slow == quick


def with_other_codes(resource: Resource) -> Iterator[Resource]:
    """Copies with the same members that say something else: another status, another kind."""
    for key, member in members(resource["resourceType"]).items():
        others = sorted(codes(member.element.value_set) - {str(resource.get(key))})
        if others and isinstance(resource.get(key), str):
            yield {**resource, key: others[0]}
            yield {**resource, key: others[-1]}


def bundles(folder: Path) -> Iterator[Resource]:
    paths = sorted((folder / "fhir" / "synthea").glob("*.json.gz"))
    if not paths:
        pytest.skip(f"no Synthea bundles in {folder / 'fhir' / 'synthea'}: set NOF1_REFERENCE_DATA")
    for path in paths:
        yield json.loads(gzip.decompress(path.read_bytes()))


def test_every_synthea_bundle_is_accepted(reference_data: Path) -> None:
    count = 0
    for bundle in bundles(reference_data):
        assert errors(bundle) == []
        count += len(bundle["entry"])
    assert count > 10_000


def test_a_synthea_resource_by_itself_has_nothing_but_searches_for_references(reference_data: Path) -> None:
    """``Practitioner?identifier=…`` is a reference only within a transaction."""
    for bundle in bundles(reference_data):
        for entry in bundle["entry"]:
            for one in errors(entry["resource"]):
                assert (one.path.rpartition(".")[2], one.code) == ("reference", "value")
                assert "?identifier=" in one.message
