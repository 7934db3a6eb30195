"""A patient case as a clinician writes it, turned into FHIR R4 resources and assessed the whole way.

A case has ``name``, ``why`` (the source of the expectation, in brackets), ``genes`` (calls made elsewhere) or ``genome``
(a file below examples/), ``record``, and, where wanted, ``specimen``, ``today``, ``ask`` (drugs) and ``compare`` (classes).
What ``expect`` may say stands in test_patients.py.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from nof1.assessment.assess import Person, assess, called_genes, chart_of, known_drug
from nof1.decision.chart import Chart
from nof1.decision.library import library
from nof1.genomics.outside_calls import parse_outside_calls
from nof1.jobs.one_person import Asked, gathered
from nof1.jobs.records import person_record, terms_of
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import Assessment
from nof1.model.record import Condition, Course, Record
from nof1.record.facts import read_resources

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TODAY = date(2026, 11, 25)
PATIENT = {"reference": "Patient/p"}
SEX_AT_BIRTH = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
LOINC, SNOMED, UCUM = "http://loinc.org", "http://snomed.info/sct", "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Case:
    """One case: what is in the file, and where."""

    name: str
    content: dict[str, Any]


def cases() -> list[Case]:
    """Every case of every file, in order; with NOF1_OPEN_CASES set those of patients/open, which do not hold yet."""
    found = []
    folder = HERE / "patients" / "open" if os.environ.get("NOF1_OPEN_CASES") else HERE / "patients"
    for path in sorted(folder.glob("*.yaml")):
        found += [Case(f"{path.stem}: {item['name']}", item) for item in yaml.safe_load(path.read_text())]
    return found


def resources(record: dict[str, Any]) -> list[dict[str, Any]]:
    """The record of a case as R4 resources."""
    person: dict[str, Any] = {"resourceType": "Patient", "id": "p"}
    if "born" in record:
        person["birthDate"] = str(record["born"])
    if "sex" in record:
        person["gender"] = record["sex"]
    if "sex_at_birth" in record:
        person["extension"] = [{"url": SEX_AT_BIRTH, "valueCode": record["sex_at_birth"]}]
    made = [person]
    for number, item in enumerate(record.get("medications", [])):
        made.append(_medication(item if isinstance(item, dict) else {"text": item}, number))
    for number, item in enumerate(record.get("conditions", [])):
        made.append(_condition(item, number, record))
    for number, item in enumerate(record.get("allergies", [])):
        made.append(_allergy(item, number))
    for number, item in enumerate(record.get("measured", [])):
        made.append(_observation(item, number))
    for number, item in enumerate(record.get("procedures", [])):
        made.append(_procedure(item, number))
    return made + record.get("resources", [])


def _concept(item: dict[str, Any]) -> dict[str, Any]:
    code: dict[str, Any] = {"text": item["text"]}
    if "snomed" in item:
        code["coding"] = [{"system": SNOMED, "code": str(item["snomed"])}]
    return code


def _medication(item: dict[str, Any], number: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "MedicationStatement",
        "id": f"m{number}",
        "status": item.get("status", "active"),
        "subject": PATIENT,
        "medicationCodeableConcept": {"text": item["text"]},
    }
    period = {name: str(item[key]) for name, key in (("start", "since"), ("end", "until")) if key in item}
    if period:
        made["effectivePeriod"] = period
    if "rxnorm" in item:
        code = {"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": str(item["rxnorm"])}
        made["medicationCodeableConcept"]["coding"] = [code]
    if "route" in item:
        made["dosage"] = [{"route": {"text": item["route"]}}]
    return made


def _condition(item: dict[str, Any], number: int, record: dict[str, Any]) -> dict[str, Any]:
    code = _concept(item)
    if "icd10" in item:
        code["coding"] = [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": item["icd10"]}]
    made = {
        "resourceType": "Condition",
        "id": f"c{number}",
        "subject": PATIENT,
        "code": code,
        "clinicalStatus": {"coding": [{"code": item.get("status", "active")}]},
    }
    if "since" in item:
        made["onsetDateTime"] = str(item["since"])
    return made


def _procedure(item: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "resourceType": "Procedure",
        "id": f"pr{number}",
        "status": "completed",
        "subject": PATIENT,
        "code": _concept(item),
        "performedDateTime": str(item["date"]),
    }


def _allergy(item: dict[str, Any], number: int) -> dict[str, Any]:
    return {
        "resourceType": "AllergyIntolerance",
        "id": f"a{number}",
        "patient": PATIENT,
        "criticality": item.get("criticality", "unable-to-assess"),
        "verificationStatus": {"coding": [{"code": item.get("verification", "confirmed")}]},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": _concept(item),
    }


def _observation(item: dict[str, Any], number: int) -> dict[str, Any]:
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": item.get("status", "final"),
        "subject": PATIENT,
        "code": {"text": item.get("text", "")},
        "effectiveDateTime": str(item.get("date", TODAY)),
    }
    if "loinc" in item:
        made["code"]["coding"] = [{"system": LOINC, "code": item["loinc"]}]
    if "said" in item:
        made["valueString"] = item["said"]
    if "value" in item:
        made["valueQuantity"] = {"value": item["value"], "unit": item["unit"], "system": UCUM, "code": item["unit"]}
    if "answer" in item:
        made["valueCodeableConcept"] = {"coding": [{"system": SNOMED, "code": str(item["answer"])}]}
    return made


def assessed(case: dict[str, Any]) -> Assessment:
    """The assessment of a case."""
    person, weighed = _person(case)
    return assess(
        knowledge(),
        person,
        today=_today(case).isoformat(),
        software="test",
        settings={},
        drugs=case.get("ask", []),
        asked=weighed,
        classes=case.get("compare", []),
    )


def charted(case: dict[str, Any]) -> Chart:
    """The chart of a case, for what-if questions."""
    shelf = library(knowledge())
    person, weighed = _person(case)
    asked = tuple(known_drug(shelf, name) for name in case.get("ask", []))
    return chart_of(shelf, called_genes(shelf.known, person, weighed), person.record, _today(case), asked)


def _today(case: dict[str, Any]) -> date:
    return case.get("today", TODAY)


def _person(case: dict[str, Any]) -> tuple[Person, Sequence[int] | None]:
    """The person of a case, and the populations under which a genome is weighed (none without one)."""
    known = knowledge()
    record = None
    if "record" in case:
        record = read_resources(resources(case["record"]), terms_of(known), today=_today(case))
    if case.get("specimen") == "tumour":
        record = person_record(known, None, _today(case), specimen="tumour") if record is None else _of_tumour(record)
    text = "".join(f"{gene}\t{diplotype}\n" for gene, diplotype in case.get("genes", {}).items())
    calls = parse_outside_calls(text, "case") if text else []
    outside: dict[str, list[Any]] = {}
    for call in calls:
        outside.setdefault(call.gene, []).append(call)
    if "genome" not in case:
        return Person("case", 0, {}, outside, (), (), record), None
    found = gathered([ROOT / case["genome"]], Asked(), _today(case), known)
    return replace(found.person, outside=outside, record=record), found.ways.asked


def _of_tumour(record: Record) -> Record:
    state = Condition(("tumour_dna",), "DNA of a tumour", Course.ACTIVE)
    return replace(record, conditions=(*record.conditions, state))
