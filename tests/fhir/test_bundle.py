"""Bundles have no error by the guide, say only what is settled, and come out the same each time."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from people import converted, example, people

from fhir_validator.check import Validator
from fhir_validator.invariants import walk
from fhir_validator.profiles import GUIDE, Guide
from nof1.errors import RequestError
from nof1.model.findings import Action, Assessment, CallStatus
from nof1.report.fhir import bundle
from nof1.report.fhir_parts import codes
from report import sample

Obj = dict[str, Any]
PEOPLE = ["all positions", "variants only", "hostile", "graded", "converted", "bare"]
LOINC = "http://loinc.org"
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NORMAL = {"LA25391-6", "LA25393-2"}


@pytest.fixture(scope="module")
def guide(reference_data: Path) -> Guide:
    folder = reference_data / "fhir" / "genomics" / "ig_conformance"
    if not folder.is_dir():
        pytest.skip(f"reference data without fhir/genomics: {reference_data}")
    return Guide(folder)


def resources(made: Obj, kind: str = "", profile: str = "") -> list[Obj]:
    found = [entry["resource"] for entry in made["entry"]]
    found = [one for one in found if not kind or one["resourceType"] == kind]
    return [one for one in found if not profile or GUIDE + profile in one.get("meta", {}).get("profile", ())]


def parts(one: Obj, code: str) -> list[Obj]:
    return [item for item in one.get("component", ()) if item["code"].get("coding", [{}])[0].get("code") == code]


def gene_of(one: Obj) -> str:
    found = parts(one, "48018-6")
    return str(found[0]["valueCodeableConcept"]["text"]) if found else ""


def coded(concept: Obj, system: str = LOINC) -> set[str]:
    return {one["code"] for one in concept.get("coding", ()) if one["system"] == system}


@pytest.mark.parametrize("status", ["preliminary", "final", "corrected"])
@pytest.mark.parametrize("name", PEOPLE)
def test_no_error_by_the_guide(name: str, status: str, guide: Guide) -> None:
    made = bundle(people()[name], status=status, replaces="urn:uuid:0" if status == "corrected" else "")
    report = Validator(guide).check(made)
    assert report.errors == []
    assert {one["status"] for one in resources(made, "DiagnosticReport") + resources(made, "Observation")} == {status}


def test_every_claim_of_a_profile_is_there(guide: Guide) -> None:
    claimed = Counter(url for one in resources(bundle(converted())) for url in one.get("meta", {}).get("profile", ()))
    wanted = (
        "genomic-report genotype haplotype variant therapeutic-implication medication-recommendation followup-recommendation"
    )
    assert set(claimed) == {GUIDE + name for name in wanted.split()}
    assert set(claimed) <= set(guide.structures)


# what is done to a bundle of ours, and what the error must say
BROKEN: dict[str, tuple[Callable[[Obj], Any], str]] = {
    "no status": (lambda made: resources(made, "Observation")[0].pop("status"), "status: 0 given"),
    "genotype code": (lambda made: resources(made, profile="genotype")[0]["code"]["coding"][0].update(code="84414-2"), "84413-4"),
    "no genotype value": (lambda made: resources(made, profile="genotype")[0].pop("valueCodeableConcept"), "value[x]: 0 given"),
    "no category": (lambda made: resources(made, profile="variant")[0]["category"].pop(0), "labCategory: 0 given"),
    "gene without value": (lambda made: parts(resources(made, profile="genotype")[0], "48018-6")[0].pop("valueCodeableConcept"), "value[x]: 0 given"),
    "implication of nothing": (lambda made: resources(made, profile="therapeutic-implication")[0].pop("derivedFrom"), "derivedFrom: 0 given"),
    "dangling": (lambda made: made["entry"].remove(next(row for row in made["entry"] if row["resource"]["resourceType"] == "Device")), "leads nowhere"),
    "presence": (lambda made: resources(made, profile="variant")[0]["valueCodeableConcept"]["coding"][0].update(code="present"), "is not in http://loinc.org/vs/LL1971-2"),
    "allele as code": (lambda made: parts(resources(made, profile="variant")[0], "81254-5")[0].update(valueString=str(parts(resources(made, profile="variant")[0], "81254-5")[0].pop("valueRange"))), "is string, allowed: Range"),
    "task done": (lambda made: resources(made, "Task")[0].update(status="completed"), "is not 'requested'"),
    "task reason": (lambda made: next(one for one in resources(made, "Task") if "reasonReference" in one)["reasonReference"].update(reference=made["entry"][1]["fullUrl"]), "is none of therapeutic-implication"),
    "provenance of nothing": (lambda made: resources(made, "Provenance")[0].pop("target"), "target: 0 given"),
    "recorded": (lambda made: resources(made, "Provenance")[0].pop("_recorded"), "recorded: 0 given"),
    "two addresses": (lambda made: made["entry"][1].update(fullUrl=made["entry"][0]["fullUrl"]), "breaks bdl-7"),
    "medication status": (lambda made: resources(made, "MedicationStatement")[0].update(status="taken"), "medication-statement-status"),
    "citation": (lambda made: next(one for one in resources(made, "DiagnosticReport")[0]["extension"] if "valueRelatedArtifact" in one)["valueRelatedArtifact"].pop("type"), "type: 0 given"),
}  # fmt: skip


@cache
def whole() -> Obj:
    return bundle(converted())


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_bundle_is_refused(name: str, guide: Guide) -> None:
    change, expected = BROKEN[name]
    made = deepcopy(whole())
    change(made)
    errors = Validator(guide).check(made).errors
    assert any(expected in error for error in errors), errors


@pytest.mark.slow
@pytest.mark.parametrize("name", PEOPLE)
def test_a_second_validator_agrees(name: str) -> None:
    fhirkit = pytest.importorskip("fhirkit", reason="fhirkit-rs is not installed")
    assert [str(issue) for issue in fhirkit.validate(json.dumps(bundle(people()[name])))] == []


def _codings(folder: Path) -> Iterator[tuple[str, str, str]]:
    for path in folder.glob("ig_*/*.json"):
        content = json.loads(path.read_text(encoding="utf-8"))
        for one in walk(content):
            if isinstance(one.get("system"), str) and isinstance(one.get("code"), str):
                yield one["system"], one["code"], one.get("display", "")
            if "concept" in one:  # of a value set or code system
                for held in one["concept"]:
                    yield one.get("system", one.get("url", "")), held["code"], held.get("display", "")


def test_codes_are_those_of_the_guide(reference_data: Path) -> None:
    """Each LOINC, gene and guide code that is cited from the guide is there, with that meaning."""
    shown: dict[tuple[str, str], set[str]] = {}
    for system, code, display in _codings(reference_data / "fhir" / "genomics"):
        shown.setdefault((system, code), set()).add(display.lower())
    rows = [row for row in codes().values() if row["source"].startswith("genomics-reporting-ig") and row["code"]]
    assert len(rows) > 40
    for row in rows:
        key = row["system"], row["code"]
        assert key in shown, row
        assert not row["display"] or row["display"].lower() in shown[key], (row, shown[key])


def test_codes_are_where_their_source_says(reference_data: Path) -> None:
    for row in codes().values():
        source, _, place = row["source"].partition("#")
        if source == "genomics-reporting-ig":
            found = list((reference_data / "fhir" / "genomics").glob(f"ig_*/{place}.json"))
            assert len(found) == 1, row
            text = found[0].read_text(encoding="utf-8")
            assert (row["code"] or row["system"]) in text, row
        elif source == "acmg-sf-v3.3":
            assert f"\n{place};{row['code']};" in (reference_data / "variants" / "acmg_sf_v3.3_full.csv").read_text()
        elif source == "clinpgx-alleles-2025-11":
            path = reference_data / "pgx" / "pharmcat_definitions" / "definition" / "alleles" / f"{place}_translation.json"
            content = json.loads(path.read_text(encoding="utf-8"))
            assert (content["chromosome"], content["refSeqChromosomeId"]) == (row["key"], row["code"])
        else:
            assert source in ("fhir-r4", "cpic-data-05d3da68", "mii-mtb-2026.0.1"), row  # not among the reference data


def test_no_code_means_two_things() -> None:
    for kind in ("gene", "phenotype", "sequence", "component", "value"):
        held = [row["code"] for (one, _), row in codes().items() if one == kind]
        assert len(held) == len(set(held)), kind
    assert all(re.fullmatch(r"HGNC:\d+", row["code"]) for (kind, _), row in codes().items() if kind == "gene")


def test_phenotypes_of_the_guide_have_their_code() -> None:
    """The answers as the guide lists them, written here anew from its value set."""
    expected = {
        "Ultrarapid Metabolizer": "LA10315-2", "Rapid Metabolizer": "LA25390-8", "Normal Metabolizer": "LA25391-6",
        "Intermediate Metabolizer": "LA10317-8", "Poor Metabolizer": "LA9657-3", "Increased Function": "LA25392-4",
        "Normal Function": "LA25393-2", "Decreased Function": "LA25395-7", "Poor Function": "LA25394-0",
    }  # fmt: skip
    assert {key: row["code"] for (kind, key), row in codes().items() if kind == "phenotype"} == expected
    made = bundle(example("all positions"))
    phenotypes = {
        gene_of(one): one for one in resources(made, profile="therapeutic-implication") if not parts(one, "51963-7")
    }
    found = {
        gene: coded(parts(one, "therapeutic-implication")[0]["valueCodeableConcept"])
        for gene, one in phenotypes.items()
        if parts(one, "therapeutic-implication")
    }
    assert found["CYP2C19"] == {"LA10317-8"}
    assert found["CYP3A5"] == {"LA9657-3"}
    assert found["SLCO1B1"] == {"LA25395-7"}
    assert found["VKORC1"] == set()  # no phenotype of the guide: words only


@pytest.mark.parametrize("name", PEOPLE)
def test_what_is_not_settled_is_never_a_result(name: str) -> None:
    assessment = people()[name]
    made = bundle(assessment)
    genotypes = {gene_of(one): one for one in resources(made, profile="genotype")}
    assert set(genotypes) == {call.gene for call in assessment.genes}
    implications = resources(made, profile="therapeutic-implication")
    for call in assessment.genes:
        state = call.diplotype_status or call.status
        if state in (CallStatus.NO_CALL, CallStatus.UNDETERMINED, CallStatus.PROBABLE) or not call.diplotypes:
            assert coded(genotypes[call.gene]["valueCodeableConcept"], ABSENT) == {"unknown"}, call.gene
        if call.status in (CallStatus.NO_CALL, CallStatus.UNDETERMINED, CallStatus.PROBABLE):
            address = next(row["fullUrl"] for row in made["entry"] if row["resource"] is genotypes[call.gene])
            alone = [
                one
                for one in implications
                if [ref["reference"] for ref in one["derivedFrom"]] == [address] and "partOf" not in one
            ]
            assert not [one for one in alone if parts(one, "therapeutic-implication")], call.gene
    by_address = {row["fullUrl"]: row["resource"] for row in made["entry"]}
    terms = {call.gene: {item.term for item in call.phenotypes} for call in assessment.genes}
    for one in implications:
        for part in parts(one, "therapeutic-implication"):
            concept = part["valueCodeableConcept"]
            if coded(concept) & NORMAL and "partOf" not in one:
                genes = {gene_of(by_address[ref["reference"]]) for ref in one["derivedFrom"]}
                told = concept["text"].split(" ")[0]
                gene = told if told in genes else genes.pop()
                assert any(term.startswith("Normal") for term in terms[gene]), concept


def test_a_probable_result_has_no_code() -> None:
    call = next(call for call in example("all positions").genes if call.gene == "CYP2C19")
    for status in (CallStatus.PROBABLE, CallStatus.UNDETERMINED):
        one = replace(call, status=status, diplotype_status=status)
        made = bundle(replace(example("all positions"), genes=(one,), drugs=()))
        assert not [part for item in resources(made, "Observation") for part in parts(item, "therapeutic-implication")]
        (genotype,) = resources(made, profile="genotype")
        assert genotype["valueCodeableConcept"]["text"] == "not determined"
        assert parts(genotype, "conclusion-string")[0]["valueString"].startswith("possible: *1/*2")
        assert coded(resources(made, profile="genotype")[0]["valueCodeableConcept"], ABSENT) == {"unknown"}
        assert resources(made, profile="haplotype") == []


def test_advice_that_is_not_settled_says_so_and_has_no_code() -> None:
    assessment = example("variants only")
    open_genes = {call.gene for call in assessment.genes if call.status in (CallStatus.UNDETERMINED, CallStatus.PROBABLE)}
    assert "CYP2C19" in open_genes
    made = bundle(assessment)
    observations = {entry["fullUrl"]: entry["resource"] for entry in made["entry"]}
    open_tasks = 0
    for one in resources(made, "Task"):
        if "reasonReference" not in one:  # it rests on no gene of this person: an untested one, or another drug
            continue
        why = observations[one["reasonReference"]["reference"]]
        genes = {gene_of(observations[ref["reference"]]) for ref in why["derivedFrom"]}
        if genes & open_genes:
            open_tasks += 1
            assert "code" not in one
            assert "is not settled: this holds only for" in one["description"]
    assert open_tasks > 5


def test_the_same_content_gives_the_same_bundle() -> None:
    first, again = bundle(example("variants only")), bundle(example("variants only"))
    assert json.dumps(first) == json.dumps(again)
    signed = bundle(example("variants only"), status="final")
    assert [row["fullUrl"] for row in signed["entry"]] == [row["fullUrl"] for row in first["entry"]]
    other = bundle(replace(example("variants only"), created="2020-01-01"))
    assert not {row["fullUrl"] for row in other["entry"]} & {row["fullUrl"] for row in first["entry"]}


def test_signing_out() -> None:
    assessment = sample.assessment()
    (draft,) = resources(bundle(assessment), "DiagnosticReport")
    assert draft["conclusion"].startswith("Preliminary: made by software, not signed out by a laboratory.")
    assert any(assessment.disclaimer[:40] in json.dumps(one, ensure_ascii=False) for one in draft["extension"])
    earlier = draft["identifier"][0]["value"]
    made = bundle(assessment, status="corrected", replaces=earlier)
    (origin,) = [
        one
        for one in resources(made, "Provenance")
        if one["target"][0]["reference"].endswith(resources(made, "DiagnosticReport")[0]["id"])
    ]
    (revised,) = [one["what"] for one in origin["entity"] if one["role"] == "revision"]
    assert revised["identifier"]["value"] == earlier
    literal = bundle(assessment, status="corrected", replaces="DiagnosticReport/abc")
    assert '"reference": "DiagnosticReport/abc"' in json.dumps(literal)
    for status, replaces in (("done", ""), ("corrected", ""), ("final", "DiagnosticReport/abc"), ("", "")):
        with pytest.raises(RequestError, match="status"):
            bundle(assessment, status=status, replaces=replaces)


def test_phenoconversion_is_an_implication_with_its_cause() -> None:
    made = bundle(converted())
    by_address = {row["fullUrl"]: row["resource"] for row in made["entry"]}
    changed, open_ = [one for one in resources(made, "Observation") if "partOf" in one]
    causes = [by_address[ref["reference"]] for ref in changed["partOf"]]
    assert [one["resourceType"] for one in causes] == ["MedicationStatement"] * 2
    assert causes[0]["medicationCodeableConcept"]["text"] == "paroxetine"
    (genotype,) = [by_address[ref["reference"]] for ref in changed["derivedFrom"]]
    assert gene_of(genotype) == "CYP2D6"
    (part,) = parts(changed, "therapeutic-implication")
    assert coded(part["valueCodeableConcept"]) == {"LA9657-3"}
    assert "genetic: Intermediate Metabolizer" in parts(changed, "conclusion-string")[0]["valueString"]
    assert parts(open_, "therapeutic-implication") == []  # two phenotypes are possible: neither is stated
    assert coded(open_["dataAbsentReason"], ABSENT) == {"unknown"}
    origins = [one for one in resources(made, "Provenance") if by_address[one["target"][0]["reference"]] is changed]
    assert [entity["role"] for entity in origins[0]["entity"]] == ["derivation", "source", "source"]
    genetic = [
        one for one in resources(made, profile="therapeutic-implication") if gene_of(one) == "CYP2D6" and "partOf" not in one
    ]
    assert coded(parts(genetic[0], "therapeutic-implication")[0]["valueCodeableConcept"]) == {"LA10317-8"}  # it stays


def test_advice_without_a_gene_and_a_test_before_treatment() -> None:
    made = bundle(converted())
    tasks = resources(made, "Task")
    by_fact = [one for one in tasks if one.get("reasonCode", {}).get("text") == "creatinine clearance: 12 mL/min"]
    assert len(by_fact) == 2
    assert all("reasonReference" not in one and one["code"]["text"] == "contraindicated" for one in by_fact)
    (wait,) = resources(made, profile="followup-recommendation")
    assert wait["description"].startswith("Test first: another result would say avoid. What would settle it: rs1, rs2.")
    assert "If treatment cannot wait: " in wait["description"]
    actions = [
        one for one in resources(made, "DiagnosticReport")[0]["extension"] if one["url"].endswith("recommended-action")
    ]
    assert len(actions) == len(tasks)
    assert len([one for one in tasks if "focus" in one]) >= 2  # drugs that are taken or planned


def test_each_recommendation_that_asks_for_something_is_proposed_once() -> None:
    assessment = sample.assessment()
    quiet = (Action.USE, Action.NO_RECOMMENDATION)
    wanted = [item.id for drug in assessment.drugs for item in drug.recommendations if item.headline not in quiet]
    made = bundle(assessment)
    assert len(resources(made, "Task")) == len(wanted) == len(set(wanted))


def test_variants_have_their_place_and_letters() -> None:
    made = bundle(example("all positions"))
    found = {}
    for one in resources(made, profile="variant"):
        (name,) = [coding["code"] for part in parts(one, "81252-9") for coding in part["valueCodeableConcept"]["coding"]]
        found[name] = one
    first = found["rs3918290"] if "rs3918290" in found else found["rs1799853"]
    assert first["valueCodeableConcept"]["coding"][0]["code"] == "LA9633-4"
    second = found["rs1799853"]  # CYP2C9 c.430C>T, chr10:94942290 on GRCh38
    assert parts(second, "81254-5")[0]["valueRange"] == {"low": {"value": 94942290}}
    assert parts(second, "48013-7")[0]["valueCodeableConcept"]["coding"][0]["code"] == "NC_000010.11"
    assert coded(parts(second, "62374-4")[0]["valueCodeableConcept"]) == {"LA26806-2"}
    assert coded(parts(second, "53034-5")[0]["valueCodeableConcept"]) == {"LA6706-1"}
    both = found["rs776746"]  # CYP3A5*3, twice
    assert parts(both, "69551-0")[0]["valueString"] == "C"
    assert coded(parts(both, "53034-5")[0]["valueCodeableConcept"]) == {"LA6705-3"}


def test_folders_of_files_do_not_leave() -> None:
    assessment = example("variants only")
    assert any("/" in file.path for file in assessment.files)
    text = json.dumps(bundle(assessment))
    assert "genome.vcf" in text
    assert not any(file.path in text for file in assessment.files)


@pytest.mark.parametrize("person", ["", "two words", "x" * 65])
def test_without_a_patient_of_the_record_there_is_one_of_the_sample(person: str) -> None:
    made = bundle(replace(sample.assessment(), record={"person": person}))
    assert len(resources(made, "Patient")) == 1


def test_a_record_s_patient_is_referred_to() -> None:
    assessment: Assessment = replace(sample.assessment(), record={"person": "17"})
    made = bundle(assessment)
    assert resources(made, "Patient") == []
    assert {one["subject"]["reference"] for one in resources(made, "Observation")} == {"Patient/17"}


def test_text_of_files_is_text() -> None:
    text = json.dumps(bundle(sample.assessment()), ensure_ascii=False)
    assert not re.search("[\x00-\x1f\u202e]", text)
