"""Every Synthea patient is read; facts looked up in the JSON by hand; every drug is recognised or listed."""

from __future__ import annotations

import gzip
import json
import time
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from nof1.knowledge.care import Care, ConditionTerm, DrugTerm, MeasurementTerm, RecordPolicy
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.terms import terms
from nof1.model.record import Course, Fact, Quantity, Record
from nof1.model.terms import Terms
from nof1.record.facts import read_record, read_resources

TODAY = date(2026, 11, 25)
CITED = ("test#1", "provisional", "2026-11-25")
SOME_DRUGS = {
    "verapamil": "", "digoxin": "", "acetaminophen": "", "oxycodone": "", "hydrocodone": "", "naproxen": "", "metformin": "",
    "amoxicillin": "", "clavulanic acid": "clavulanate", "hydrochlorothiazide": "", "simvastatin": "", "clopidogrel": "",
}  # fmt: skip
MEASUREMENTS = [
    MeasurementTerm(
        "creatinine", "creatinine", *CITED, loinc=["38483-4"], unit="umol/L", molar_mass=113.12, plausible=[5, 3000]
    ),
    MeasurementTerm("weight", "weight", *CITED, loinc=["29463-7"], unit="kg", plausible=[0.2, 500]),
    MeasurementTerm("height", "height", *CITED, loinc=["8302-2"], unit="cm", plausible=[20, 250]),
    MeasurementTerm("systolic", "systolic pressure", *CITED, loinc=["8480-6"], unit="mm[Hg]", plausible=[30, 300]),
    MeasurementTerm("diastolic", "diastolic pressure", *CITED, loinc=["8462-4"], unit="mm[Hg]", plausible=[10, 200]),
    MeasurementTerm("lvef", "ejection fraction", *CITED, loinc=["10230-1"], unit="%", plausible=[1, 95]),
    MeasurementTerm(
        "smoking", "smoking", *CITED, loinc=["72166-2"], answers={"snomed|266919005": "never", "snomed|449868002": "current"}
    ),
]
CONDITIONS = [
    ConditionTerm("pregnancy", "pregnancy", *CITED, snomed=["72892002"]),
    ConditionTerm("atrial_fibrillation", "atrial fibrillation", *CITED, snomed=["49436004"]),
]
POLICY = RecordPolicy(1, 18, 365, 90, [], [], {}, ["oral"], ["topical", "inhaler"], {}, [], "test#1")
PERSON = {
    "Neva": ("132f48ba-1d72-4e0c-a220-91786d7501aa", date(1970, 5, 28), "female", None),
    "Darron": ("577f37fd-d8d5-4b38-8e5f-a5cb8130505a", date(1941, 8, 11), "male", date(2005, 11, 11)),
    "Isaura563": ("a4abb8bd-c78c-e552-3037-471a46cac3c7", date(1957, 10, 31), "female", None),
    "Vito": ("9efca32a-04f9-438a-990c-a287e8b62aac", date(1910, 9, 19), "male", date(1979, 11, 7)),
}
MEASURED = [  # whose, resource id, term, value in the term's unit, date
    ("Neva", "2a467be9-77d7-4579-99bc-14ee2bcb6be2", "creatinine", 94.2537, date(2020, 7, 17)),  # 1.06620 mg/dL x 88.4017
    ("Barrett", "316e149a-11cb-4630-bd07-e13f12357e1f", "creatinine", 63.0434, date(2000, 4, 15)),  # 0.713148 mg/dL
    ("Barrett", "17a489eb-8804-47a7-adda-f81b2020ff3e", "weight", 91.690412077225, date(2008, 3, 22)),
    ("Barrett", "a5372f14-8146-42a0-86d3-f640645ef6c4", "lvef", 42.78709202418155, date(2009, 7, 19)),
    ("Werner", "b1ba9427-122c-488c-b291-ebf711f1f8f7", "systolic", 131.19422207552134, date(1997, 12, 13)),
    ("Werner", "b1ba9427-122c-488c-b291-ebf711f1f8f7", "diastolic", 85.13872989022643, date(1997, 12, 13)),
    ("Meg", "9b873d02-10c3-444d-909a-e23bbcf42c62", "systolic", 190.007649656824, date(2011, 6, 28)),
    ("Casimira", "8e31929d-307c-4701-918b-74cfbe99a415", "height", 159.27405929552853, date(2020, 7, 10)),
    ("Ned", "1c56e886-92ba-4c54-a588-8a6c12757ee7", "smoking", "never", date(2019, 3, 20)),
    ("Cherrie", "943f79e6-fc9c-412a-8351-5a8d0121424e", "smoking", "current", date(2019, 1, 12)),
]
TAKEN = [  # whose, resource id, drugs, course, since, doses a day, systemic
    ("Isaura563", "bd37bff8-f693-9243-f253-b9a64fbea4c7", ("verapamil",), Course.ACTIVE, date(2015, 12, 17), None, None),
    ("Barrett", "28069fb9-d2a5-4468-8493-82f1ee2e67b2", ("digoxin",), Course.ACTIVE, date(2002, 4, 27), None, True),
    (
        "Werner",
        "e77371f2-0c00-480a-8d33-4cce7b025803",
        ("acetaminophen", "hydrocodone"),
        Course.STOPPED,
        date(1995, 1, 2),
        None,
        None,
    ),
    (
        "Vito",
        "70a818fd-0d82-4487-9fbc-044f386024de",
        ("acetaminophen", "oxycodone"),
        Course.ACTIVE,
        date(1923, 11, 10),
        4.0,
        True,
    ),
    (
        "Ned",
        "6ef08c76-a1b1-4426-a131-bc29208e9e10",
        ("amoxicillin", "clavulanic acid"),
        Course.STOPPED,
        date(2019, 10, 26),
        None,
        True,
    ),
    ("Erin", "a7eb5db1-6c2a-44d1-bd60-5ca62008286f", ("amoxicillin",), Course.STOPPED, date(2018, 4, 12), 3.0, True),
    ("Darron", "84305f09-3c4c-491e-9564-5881aac19a3d", (), Course.STOPPED, date(2002, 4, 25), 1.0, None),  # "Simvistatin"
]
STATES = [  # whose, resource id, terms, course, start, end
    (
        "Casimira",
        "7a22387b-3638-41e4-8ba3-bd21e23408b1",
        ("pregnancy",),
        Course.STOPPED,
        date(2019, 10, 4),
        date(2020, 5, 1),
    ),
    ("Isaura563", "9f309732-9483-b7a3-3eda-ca34e0ad0ee2", ("atrial_fibrillation",), Course.ACTIVE, date(2015, 12, 17), None),
    ("Neva", "6d8acd0c-80b8-4000-bb34-39397ffbd3b6", (), Course.ACTIVE, date(2019, 11, 22), None),
]


@pytest.fixture(scope="module")
def files(reference_data: Path) -> dict[str, Path]:
    """The bundles by the first name of the person."""
    found = {path.name.split("_")[1]: path for path in sorted((reference_data / "fhir" / "synthea").glob("*.json.gz"))}
    if not found:
        pytest.skip(f"no Synthea bundles in {reference_data / 'fhir' / 'synthea'}: set NOF1_REFERENCE_DATA")
    return found


@cache
def own_terms() -> Terms:
    drugs = {name: DrugTerm(name, "", "", also, "", *CITED) for name, also in SOME_DRUGS.items()}
    measurements = {term.id: term for term in MEASUREMENTS}
    conditions = {term.id: term for term in CONDITIONS}
    return terms(Care(drugs=drugs, measurements=measurements, conditions=conditions, policy=POLICY))


@cache
def record(path: Path) -> Record:
    return read_record([path], own_terms(), today=TODAY)


def at(path: Path, kind: str, name: str) -> str:
    return f"{path.name} {kind}/{name}"


@pytest.mark.parametrize("name", PERSON)
def test_people(files: dict[str, Path], name: str) -> None:
    found = record(files[name])
    assert (found.person, found.birth_date, found.sex, found.died) == PERSON[name]
    assert found.birth_precision == "day"


@pytest.mark.parametrize(("name", "identity", "term", "value", "when"), MEASURED)
def test_measurements(files: dict[str, Path], name: str, identity: str, term: str, value: float | str, when: date) -> None:
    place = at(files[name], "Observation", identity)
    (fact,) = [fact for fact in record(files[name]).facts if fact.place == place and fact.term == term]
    found: Any = fact.value.value if isinstance(fact.value, Quantity) else fact.value
    assert found == (value if isinstance(value, str) else pytest.approx(value, rel=1e-5))
    assert fact.when == when


@pytest.mark.parametrize(("name", "identity", "drugs", "course", "start", "per_day", "is_systemic"), TAKEN)
def test_medications(
    files: dict[str, Path],
    name: str,
    identity: str,
    drugs: tuple[str, ...],
    course: Course,
    start: date,
    per_day: float | None,
    is_systemic: bool | None,
) -> None:
    place = at(files[name], "MedicationRequest", identity)
    (found,) = [one for one in record(files[name]).medications if one.place == place]
    assert (found.drugs, found.course, found.start, found.per_day) == (drugs, course, start, per_day)
    assert found.is_systemic is is_systemic


@pytest.mark.parametrize(("name", "identity", "state", "course", "start", "end"), STATES)
def test_conditions(
    files: dict[str, Path], name: str, identity: str, state: tuple[str, ...], course: Course, start: date, end: date | None
) -> None:
    place = at(files[name], "Condition", identity)
    (found,) = [one for one in record(files[name]).conditions if one.place == place]
    assert (found.terms, found.course, found.start, found.end) == (state, course, start, end)


def test_an_allergy_that_no_longer_holds(files: dict[str, Path]) -> None:
    place = at(files["Karena"], "AllergyIntolerance", "343ab05e-8d69-4c4d-b724-c8a5ea755f89")
    (found,) = [one for one in record(files["Karena"]).allergies if one.place == place]
    assert (found.text, found.is_refuted, found.criticality, found.when) == (
        "Allergy to soya",
        True,
        "low",
        date(1996, 3, 3),
    )


def test_pressures_without_unit_are_refused(files: dict[str, Path]) -> None:
    """137 panels have ``valueQuantity`` with a number and the system of units, but neither unit nor code."""
    refused: list[Fact] = []
    for path in files.values():
        refused += [fact for fact in record(path).facts if fact.doubt and fact.term in ("systolic", "diastolic")]
    assert len(refused) == 2 * 137
    assert all("without a unit" in fact.doubt and fact.value is None for fact in refused)


def repeated(found: Record) -> int:
    """How many entries were folded; several at once are written "PLACE and 2 more"."""
    lines = [line.place for line in found.left_out if line.kind == "medication_repeated"]
    return sum(1 + (int(place.split()[-2]) if place.endswith(" more") else 0) for place in lines)


def test_every_patient_is_read_and_every_drug_recognised_or_listed(files: dict[str, Path]) -> None:
    known = knowledge()
    shipped = terms(known.care, known.genes)
    if not shipped.drug_names:
        pytest.skip("the knowledge has no drug terms")
    recognised, listed, resources, seconds = Counter[str](), Counter[str](), 0, 0.0
    for path in files.values():
        begin = time.perf_counter()
        found = read_record([path], shipped, today=TODAY)
        seconds += time.perf_counter() - begin
        resources += sum(found.read.values())
        said = {line.value for line in found.left_out if line.kind == "drug_not_recognised"}
        orders = [entry["resource"] for entry in json.loads(gzip.decompress(path.read_bytes()))["entry"]]
        count = sum(one["resourceType"] == "MedicationRequest" for one in orders)
        assert len(found.medications) + repeated(found) == count
        for one in found.medications:
            assert one.drugs or one.text in said
            (recognised if one.drugs else listed)[one.text] += 1
    print(f"\n{len(files)} bundles, {resources} resources in {1000 * seconds:.0f} ms with decoding; ", end="")
    print(f"{len(recognised)} drug texts recognised, {len(listed)} listed: {', '.join(sorted(listed))}")
    assert len(files) == 55 and resources == 20_266
    assert len(recognised) >= 0.8 * (len(recognised) + len(listed))


def test_400_resources_take_10_ms(files: dict[str, Path]) -> None:
    """417 resources, 10 of them orders. The limit leaves room for a machine with other work; the figures are printed."""
    bundle = json.loads(gzip.decompress(files["Madalyn"].read_bytes()))
    assert len(bundle["entry"]) == 417
    times = []
    for _ in range(30):
        begin = time.process_time()
        read_resources([bundle], own_terms(), today=TODAY)
        times.append(time.process_time() - begin)
    print(f"\n417 resources: best {1000 * min(times):.1f} ms, median {1000 * sorted(times)[15]:.1f} ms")
    assert min(times) <= 0.020
