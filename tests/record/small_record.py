"""A small knowledge of terms and short ways to write FHIR resources, for the tests of the record's readers."""

from __future__ import annotations

from datetime import date
from typing import Any

from nof1.knowledge.care import Care, ConditionTerm, DrugClass, DrugTerm, MeasurementTerm, RecordPolicy
from nof1.knowledge.terms import terms
from nof1.model.record import LeftOut, Record
from nof1.record.facts import read_resources

TODAY = date(2026, 11, 25)
RXNORM, ATC, SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://www.whocc.no/atc", "http://snomed.info/sct"
LOINC, UCUM, ICD10 = "http://loinc.org", "http://unitsofmeasure.org", "http://hl7.org/fhir/sid/icd-10-cm"
CITED = ("test#1", "provisional", "2026-11-25")


def _drug(name: str, rxnorm: str = "", atc: str = "", also: str = "", ingredients: str = "") -> DrugTerm:
    return DrugTerm(name, rxnorm, atc, also, ingredients, *CITED)


def _measured(name: str, title: str, **more: Any) -> MeasurementTerm:
    return MeasurementTerm(name, title, *CITED, **more)


DRUGS = [
    _drug("clopidogrel", "32968", "B01AC04", "plavix|iscover"),
    _drug("aspirin", "1191", "B01AC06", "acetylsalicylic acid|asa"),
    _drug("simvastatin", "36567", "C10AA01", "zocor"),
    _drug("estradiol", "4083", "G03CA03"),
    _drug("codeine", "2670", "R05DA04"),
    _drug("acetaminophen", "161", "N02BE01", "paracetamol|tylenol"),
    _drug("amoxicillin", "723", "J01CA04"),
    _drug("clavulanic acid", "48203", "", "clavulanate"),
    _drug("amoxicillin/clavulanic acid", "19711", "J01CR02", "augmentin", "amoxicillin|clavulanic acid"),
    _drug("peginterferon alfa-2a", "120608", "L03AB11", "pegasys"),
    _drug("hydrocortisone", "5492", "H02AB09"),
    _drug("fluticasone", "41126", "R03BA05"),
    _drug("warfarin", "11289", "B01AA03", "coumadin"),
]
CLASSES = [
    DrugClass(
        "penicillins", "penicillins", *CITED, uses=["allergy"], atc=["J01C"], also_named=["penicillin"], codes=["91936005"]
    )
]
MEASUREMENTS = [
    _measured(
        "creatinine", "creatinine", loinc=["2160-0", "38483-4"], unit="umol/L", molar_mass=113.12, plausible=[5, 3000]
    ),
    _measured(
        "weight", "body weight", loinc=["29463-7"], unit="kg", plausible=[0.2, 500], kind="vital", also_named=["weight"]
    ),
    _measured("systolic", "systolic blood pressure", loinc=["8480-6"], unit="mm[Hg]", plausible=[30, 300], kind="vital"),
    _measured("diastolic", "diastolic blood pressure", loinc=["8462-4"], unit="mm[Hg]", plausible=[10, 200], kind="vital"),
    _measured("inr", "INR", loinc=["6301-6"], unit="{INR}", plausible=[0.5, 20]),
    _measured("potassium", "potassium", loinc=["2823-3"], unit="mmol/L", molar_mass=39.098, plausible=[1.5, 10]),
    _measured(
        "smoking",
        "tobacco smoking status",
        loinc=["72166-2"],
        kind="lifestyle",
        answers={f"{SNOMED}|266919005": "never", "snomed|449868002": "current", "former smoker": "former"},
    ),
    _measured("g6pd_activity", "G6PD activity", loinc=["32546-4"], unit="U/g{Hb}", plausible=[0, 40], kind="activity"),
    _measured("lvef", "ejection fraction", loinc=["10230-1"], unit="%", plausible=[1, 95], kind="imaging"),
]
CONDITIONS = [
    ConditionTerm("atrial_fibrillation", "atrial fibrillation", *CITED, snomed=["49436004"], icd10=["I48"]),
    ConditionTerm(
        "kidney_disease_5", "chronic kidney disease stage 5", *CITED, snomed=["433146000"], icd10=["N18.5", "N18.6"]
    ),
    ConditionTerm(
        "liver_transplant", "liver transplant", *CITED, snomed=["18027006"], also_named=["transplantation of liver"]
    ),
]
POLICY = RecordPolicy(
    schema=1,
    adult_age=18,
    outdated_after_days=365,
    medication_recent_days=90,
    equations=[],
    blocks=[],
    unstable={},
    systemic_routes=["oral", "intravenous", "subcutaneous", "transdermal", "injection"],
    local_routes=["topical", "ophthalmic", "inhaled", "oral inhalation", "inhaler", "nasal"],
    route_codes={f"{SNOMED}|26643006": "oral", "6064005": "topical", "PO": "oral"},
    bodies=["a"],
    source="test#1",
)
CARE = Care(
    drugs={row.name: row for row in DRUGS},
    classes={row.id: row for row in CLASSES},
    measurements={row.id: row for row in MEASUREMENTS},
    conditions={row.id: row for row in CONDITIONS},
    policy=POLICY,
)
TERMS = terms(CARE, ["CYP2C19", "CYP2D6", "HLA-B", "VKORC1"], {("loinc", "79714-4"): "CYP2C19"})
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1960-05-04"}


def read(*resources: Any, patient: str = "") -> Record:
    """The record of the resources on the day of the tests."""
    return read_resources(list(resources), TERMS, today=TODAY, patient=patient)


def concept(code: str = "", system: str = "", text: str = "", display: str = "") -> dict[str, Any]:
    coding = {key: value for key, value in (("system", system), ("code", code), ("display", display)) if value}
    return {**({"coding": [coding]} if coding else {}), **({"text": text} if text else {})}


def resource(kind: str, name: str = "1", **more: Any) -> dict[str, Any]:
    who = "patient" if kind in ("AllergyIntolerance", "FamilyMemberHistory") else "subject"
    return {"resourceType": kind, "id": name, who: {"reference": "Patient/p"}, **more}


def lab(loinc: str, value: Any, unit: str | None = None, name: str = "1", **more: Any) -> dict[str, Any]:
    """A final laboratory value of 2026-10-01; the unit as UCUM."""
    quantity = {"value": value, **({"unit": unit, "system": UCUM, "code": unit} if unit is not None else {})}
    given = {"status": "final", "effectiveDateTime": "2026-10-01", "code": concept(loinc, LOINC), "valueQuantity": quantity}
    return resource("Observation", name, **{**given, **more})


def order(drug: dict[str, Any] | str, name: str = "1", **more: Any) -> dict[str, Any]:
    """An active order of 2026-10-01; a text stands for its concept."""
    named = {"text": drug} if isinstance(drug, str) else drug
    given = {"status": "active", "intent": "order", "authoredOn": "2026-10-01", "medicationCodeableConcept": named}
    return resource("MedicationRequest", name, **{**given, **more})


def left(record: Record, kind: str) -> list[LeftOut]:
    return [one for one in record.left_out if one.kind == kind]


def kinds(record: Record) -> list[str]:
    return [one.kind for one in record.left_out]
