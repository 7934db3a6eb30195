"""Conditions, procedures, allergies, relatives and earlier genetic results."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_record import ICD10, LOINC, PATIENT, RXNORM, SNOMED, concept, kinds, read, resource

from nof1.model.record import Course

GENE = {"coding": [{"system": "http://www.genenames.org", "code": "HGNC:2621", "display": "CYP2C19"}]}
STUDIED = {"code": concept("48018-6", LOINC), "valueCodeableConcept": GENE}
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"
FINAL = {"status": "final", "effectiveDateTime": "2024-05-06"}


def condition(code: dict[str, Any], clinical: str = "active", verified: str = "confirmed", **more: Any) -> dict[str, Any]:
    states = {"clinicalStatus": concept(clinical)} if clinical else {}
    return resource("Condition", code=code, verificationStatus=concept(verified), **states, **more)


@pytest.mark.parametrize(
    ("code", "term"),
    [
        (concept("49436004", SNOMED), ("atrial_fibrillation",)),
        (concept("I48.91", ICD10), ("atrial_fibrillation",)),
        (concept("N18.5", ICD10), ("kidney_disease_5",)),
        (concept("N18.6", "urn:oid:2.16.840.1.113883.6.90"), ("kidney_disease_5",)),
        (concept("N18.4", ICD10), ()),
        (concept(text="Atrial fibrillation (disorder)"), ("atrial_fibrillation",)),
        (concept(text="Family history of atrial fibrillation"), ()),
        (concept("49436004", ICD10), ()),
    ],
)
def test_conditions_are_recognised_by_code_prefix_or_exact_name(code: dict[str, Any], term: tuple[str, ...]) -> None:
    assert read(PATIENT, condition(code)).conditions[0].terms == term


@pytest.mark.parametrize(
    ("clinical", "verified", "more", "course"),
    [
        ("active", "confirmed", {}, Course.ACTIVE),
        ("relapse", "confirmed", {}, Course.ACTIVE),
        ("resolved", "confirmed", {}, Course.STOPPED),
        ("inactive", "confirmed", {}, Course.STOPPED),
        ("remission", "confirmed", {}, Course.STOPPED),
        ("active", "provisional", {}, Course.UNKNOWN),
        ("", "confirmed", {}, Course.UNKNOWN),
        ("", "confirmed", {"abatementDateTime": "2020"}, Course.STOPPED),
        ("", "confirmed", {"abatementBoolean": True}, Course.STOPPED),
    ],
)
def test_course_of_a_condition(clinical: str, verified: str, more: dict[str, Any], course: Course) -> None:
    record = read(PATIENT, condition(concept("I48", ICD10), clinical, verified, **more))
    assert record.conditions[0].course is course


@pytest.mark.parametrize(("verified", "kind"), [("refuted", "refuted"), ("entered-in-error", "entered_in_error")])
def test_refuted_is_no_fact(verified: str, kind: str) -> None:
    record = read(PATIENT, condition(concept("I48", ICD10), verified=verified))
    assert (record.conditions, kinds(record), record.lists) == ((), [kind], ())


def test_active_and_ended_is_unknown() -> None:
    record = read(PATIENT, condition(concept("I48", ICD10), onsetDateTime="2019-01", abatementDateTime="2020-01-01"))
    assert (record.conditions[0].course, record.conditions[0].end) == (Course.UNKNOWN, None)
    assert kinds(record) == ["course_contradiction"]


def test_procedures_that_leave_a_state() -> None:
    done = {"status": "completed", "performedPeriod": {"start": "2015-03-04", "end": "2015-03-05"}}
    record = read(PATIENT, resource("Procedure", code=concept("18027006", SNOMED), **done))
    (found,) = record.conditions
    assert (found.terms, found.course, found.start, found.end) == (
        ("liver_transplant",),
        Course.ACTIVE,
        date(2015, 3, 5),
        None,
    )
    other = resource("Procedure", code=concept("73761001", SNOMED), **done)
    assert (read(PATIENT, other).conditions, read(PATIENT, other).lists) == ((), ("procedures",))
    never = resource("Procedure", code=concept("18027006", SNOMED), status="not-done")
    assert (read(PATIENT, never).conditions, kinds(read(PATIENT, never))) == ((), ["not_done"])


def allergy(code: dict[str, Any], **more: Any) -> dict[str, Any]:
    states = {"clinicalStatus": concept("active"), "verificationStatus": concept("confirmed")}
    return resource("AllergyIntolerance", **{"code": code, **states, **more})


@pytest.mark.parametrize(
    ("code", "drugs", "classes"),
    [
        (concept("723", RXNORM), ("amoxicillin",), ()),
        (concept("91936005", SNOMED, text="Allergy to penicillin"), (), ("penicillins",)),
        (concept(text="Penicillin"), (), ("penicillins",)),
        (concept(text="Allergy to aspirin"), ("aspirin",), ()),
        (concept(text="Aspirin allergy (disorder)"), ("aspirin",), ()),
        (concept(text="something"), (), ()),
    ],
)
def test_allergies_to_substances_and_classes(code: dict[str, Any], drugs: tuple[str, ...], classes: tuple[str, ...]) -> None:
    record = read(PATIENT, allergy(code, criticality="high"))
    (found,) = record.allergies
    assert (found.drugs, found.classes, found.criticality, found.is_refuted) == (drugs, classes, "high", False)
    assert kinds(record) == ([] if drugs or classes else ["allergy_not_recognised"])


def test_reactions_and_their_substances() -> None:
    reaction = {"substance": concept("1191", RXNORM), "manifestation": [{"text": "hives"}, {"text": "wheeze"}]}
    (found,) = read(PATIENT, allergy(concept(text="NSAIDs"), reaction=[reaction])).allergies
    assert (found.drugs, found.reaction) == (("aspirin",), "hives; wheeze")


def test_food_is_not_asked_for() -> None:
    assert kinds(read(PATIENT, allergy(concept(text="Peanuts"), category=["food"]))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"verificationStatus": concept("refuted")},
        {"clinicalStatus": concept("resolved")},
        {"clinicalStatus": concept("inactive")},
    ],
)
def test_refuted_allergies_stay_marked(more: dict[str, Any]) -> None:
    assert read(PATIENT, allergy(concept("723", RXNORM), **more)).allergies[0].is_refuted


def test_no_known_allergy_is_said() -> None:
    assert read(PATIENT).said_none == ()
    none = allergy(concept("716186003", SNOMED, text="No known allergy"))
    record = read(PATIENT, none)
    assert (record.allergies, record.said_none) == ((), ("allergies", "drug_allergies"))
    assert read(PATIENT, allergy(concept("409137002", SNOMED))).said_none == ("drug_allergies",)
    assert read(PATIENT, allergy(concept(text="NKDA"))).said_none == ("drug_allergies",)
    record = read(PATIENT, none, {**allergy(concept("723", RXNORM)), "id": "2"})
    assert record.said_none == ()
    assert set(kinds(record)) == {"said_none_contradiction"}


def test_relatives() -> None:
    ill = [{"code": concept("I48", ICD10, text="Atrial fibrillation"), "onsetAge": {"value": 52, "unit": "years"}}]
    record = read(
        PATIENT, resource("FamilyMemberHistory", status="completed", relationship=concept(text="father"), condition=ill)
    )
    (found,) = record.relatives
    assert (found.relation, found.terms, found.age) == ("father", ("atrial_fibrillation",), "52 years")
    wrong = resource("FamilyMemberHistory", status="entered-in-error", condition=ill)
    assert (read(PATIENT, wrong).relatives, kinds(read(PATIENT, wrong))) == ((), ["entered_in_error"])


def result(name: str, code: dict[str, Any], value: dict[str, Any], **more: Any) -> dict[str, Any]:
    return resource("Observation", name, code=code, valueCodeableConcept=value, **{**FINAL, **more})


def test_a_genotype_and_its_implication_are_one_result() -> None:
    genotype = result("g", concept("84413-4", LOINC), {"text": "CYP2C19*2/*2"}, component=[STUDIED])
    poor = {"code": concept("therapeutic-implication", TBD), "valueCodeableConcept": concept("LA9657-3", LOINC)}
    implied = result(
        "i", concept("therapeutic-implication", TBD), {}, derivedFrom=[{"reference": "Observation/g"}], component=[poor]
    )
    del implied["valueCodeableConcept"]
    record = read(PATIENT, implied, genotype)
    (found,) = record.genes
    assert (found.gene, found.diplotype, found.phenotype, found.when) == (
        "CYP2C19",
        "*2/*2",
        "Poor metabolizer",
        date(2024, 5, 6),
    )
    assert (record.facts, record.lists) == ((), ("genes",))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (concept("79714-4", LOINC), "Poor metabolizer"),
        (concept("x", "y", display="CYP2D6 gene product metabolic activity interpretation in Blood"), "Poor metabolizer"),
    ],
)
def test_simple_codes_of_phenotypes(code: dict[str, Any], said: str) -> None:
    record = read(PATIENT, result("1", code, concept(text=said)))
    assert [(one.gene, one.phenotype) for one in record.genes] in ([("CYP2C19", said)], [("CYP2D6", said)])


def test_haplotypes_need_each_other() -> None:
    one, two = (result(str(at), concept("84414-2", LOINC), {"text": f"CYP2C19*{at}"}, component=[STUDIED]) for at in (2, 17))
    assert read(PATIENT, one, two).genes[0].diplotype == "*2/*17"
    record = read(PATIENT, one)
    assert (record.genes, kinds(record)) == ((), ["haplotypes_alone"])


def test_results_that_cannot_be_told_apart_are_left_out() -> None:
    nameless = result("1", concept("84413-4", LOINC), {"text": "*1/*1"})
    assert (read(PATIENT, nameless).genes, kinds(read(PATIENT, nameless))) == ((), ["gene_unclear"])
    wrong = result("1", concept("84413-4", LOINC), {"text": "*1/*1"}, component=[STUDIED], status="entered-in-error")
    assert (read(PATIENT, wrong).genes, kinds(read(PATIENT, wrong))) == ((), ["entered_in_error"])


def test_spellings_of_genotypes() -> None:
    gl = {"coding": [{"system": "http://glstring.org", "code": "hla#3.31.0#HLA-B*57:01:01+HLA-B*44:02"}]}
    studied = {"code": concept("48018-6", LOINC), "valueCodeableConcept": {"text": "HLA-B"}}
    record = read(PATIENT, result("1", concept("84413-4", LOINC), gl, component=[studied]))
    assert record.genes[0].diplotype == "*57:01:01/*44:02"
    record = read(
        PATIENT, result("1", concept("84413-4", LOINC), {"text": "CYP2C19*7.001 / CYP2C19*1.001"}, component=[STUDIED])
    )
    assert record.genes[0].diplotype == "*7.001/*1.001"


def implication(name: str, phenotype: str, *parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    meant = {"code": concept("therapeutic-implication", TBD), "valueCodeableConcept": concept(text=phenotype)}
    made = result(name, concept("therapeutic-implication", TBD), {}, component=[STUDIED, meant, *parts], **more)
    del made["valueCodeableConcept"]
    return made


ON_A_DRUG = {"code": concept("51963-7", LOINC), "valueCodeableConcept": concept("32968", RXNORM)}


def test_what_other_drugs_make_of_a_phenotype_is_no_genetic_result() -> None:
    changed = implication("e", "Poor Metabolizer", partOf=[{"reference": "MedicationStatement/1"}])
    record = read(PATIENT, changed, implication("p", "Normal Metabolizer"))
    assert [one.phenotype for one in record.genes] == ["Normal Metabolizer"]
    assert kinds(record) == ["effective_phenotype"]


def test_what_is_said_for_one_drug_only_fills_a_gap() -> None:
    record = read(PATIENT, implication("d", "High risk", ON_A_DRUG), implication("p", "Normal Metabolizer"))
    assert ([one.phenotype for one in record.genes], kinds(record)) == (["Normal Metabolizer"], [])
    assert read(PATIENT, implication("d", "High risk", ON_A_DRUG)).genes == ()
    assert read(PATIENT, implication("d", "Poor metabolizer", ON_A_DRUG)).genes[0].phenotype == "Poor metabolizer"


def test_not_determined_is_no_genotype() -> None:
    absent = concept("unknown", "http://terminology.hl7.org/CodeSystem/data-absent-reason", text="not determined")
    record = read(PATIENT, result("1", concept("84413-4", LOINC), absent, component=[STUDIED]))
    assert (record.genes, kinds(record)) == ((), ["data_absent"])


def test_the_gene_may_stand_in_the_genotype_alone() -> None:
    assert read(PATIENT, result("1", concept("84413-4", LOINC), {"text": "CYP2C19 *1/*2"})).genes[0].gene == "CYP2C19"


def test_the_activity_score_is_kept() -> None:
    score = {"code": {"text": "activity score"}, "valueString": "1.5"}
    (found,) = read(PATIENT, implication("p", "Intermediate Metabolizer", score)).genes
    assert (found.phenotype, found.activity_score) == ("Intermediate Metabolizer", "1.5")
