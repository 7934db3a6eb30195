"""Facts of one thing stand newest first, with their clock time, and a newer one that was refused is seen."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import pytest
from small_record import LOINC, PATIENT, concept, kinds, lab, left, read, resource

MORNING, EVENING = "2026-11-20T06:00:00Z", "2026-11-20T20:00:00Z"


def potassium(value: float, when: str | None, name: str = "1", unit: str = "mmol/L", **more: Any) -> dict[str, Any]:
    return lab("2823-3", value, unit, name, effectiveDateTime=when, **more)


@pytest.mark.parametrize(
    ("said", "when", "at"),
    [
        ("2026-11-20T06:00:00Z", date(2026, 11, 20), "2026-11-20T06:00:00Z"),
        ("2026-11-20T23:30:00.25-05:00", date(2026, 11, 20), "2026-11-21T04:30:00Z"),
        ("2026-11-20T06:00:00", date(2026, 11, 20), "2026-11-20T06:00:00"),
        ("2026-11-20", date(2026, 11, 20), ""),
        ("2026-11", date(2026, 11, 1), ""),
        ("2026-11-20T99:00:00Z", date(2026, 11, 20), ""),
        ("0001-01-01T00:00:00+10:00", date(1, 1, 1), ""),
    ],
)
def test_clock_time_is_kept_in_utc(said: str, when: date, at: str) -> None:
    (fact,) = read({**PATIENT, "birthDate": None}, potassium(4.2, said)).facts
    assert (fact.when, fact.at) == (when, at)


def test_periods_and_instants_have_their_time() -> None:
    period = {"effectivePeriod": {"start": MORNING, "end": EVENING}}
    for more, at in ((period, EVENING), ({"effectiveInstant": MORNING}, MORNING), ({"issued": MORNING}, MORNING)):
        made = potassium(4.2, None, **more)
        del made["effectiveDateTime"]
        assert read(PATIENT, made).facts[0].at == at


def test_facts_stand_newest_first_whatever_the_order() -> None:
    labs = [
        potassium(4.0, None, "undated"),
        potassium(4.1, "2026-11-19T23:59:00Z", "a"),
        potassium(4.2, MORNING, "c"),
        potassium(4.3, "2026-11-20", "day"),
        potassium(4.4, "2026-11-20T21:00:00+02:00", "b"),  # an hour before the next one
        potassium(4.5, EVENING, "e"),
        potassium(4.5, EVENING, "d"),
        lab("2160-0", 80, "umol/L", "other", effectiveDateTime=MORNING),
    ]
    del labs[0]["effectiveDateTime"]
    for seed in range(20):
        random.Random(seed).shuffle(labs)
        facts = [fact for fact in read(PATIENT, *labs).facts if fact.term == "potassium"]
        assert [fact.place.split("/")[1] for fact in facts] == ["d", "e", "b", "c", "day", "a", "undated"]


def test_what_contradicts_is_told_alike_in_any_order() -> None:
    labs = [potassium(4.2, "2026-11-20T08:00:00+02:00", "1"), potassium(6.4, MORNING, "2")]
    for pair in (labs, labs[::-1]):
        (line,) = left(read(PATIENT, *pair), "values_contradict")
        assert (line.place, "Observation/1 says 4.2 mmol/L" in line.reason) == ("Observation/2", True)
    assert kinds(read(PATIENT, potassium(4.2, MORNING), potassium(6.4, EVENING, "2"))) == []


REFUSED: list[dict[str, Any]] = [
    potassium(6.4, EVENING, "new", "mmol"),
    potassium(6.4, EVENING, "new", "kg"),
    potassium(6.4, EVENING, "new", ""),
    potassium(640, EVENING, "new"),
    potassium(0, EVENING, "new", valueQuantity={"value": "6.4", "unit": "mmol/L"}),
    potassium(0, EVENING, "new", valueQuantity={"value": 6.4, "unit": "mmol/L", "comparator": "~"}),
    potassium(0, EVENING, "new", valueQuantity="6.4 mmol/L"),
    potassium(0, EVENING, "new", valueQuantity={}, interpretation=[{"text": "high"}]),
    {**potassium(0, EVENING, "new"), "valueQuantity": None, "valueString": "very high"},
]
for _kind, _value in (
    ("valueRange", {"low": {"value": 6}}),
    ("valueCodeableConcept", {"text": "high"}),
    ("valueString", "x"),
):
    _made = potassium(0, EVENING, "new")
    del _made["valueQuantity"]
    REFUSED.append({**_made, _kind: _value})


@pytest.mark.parametrize("newer", REFUSED)
def test_a_newer_value_that_is_refused_is_seen(newer: dict[str, Any]) -> None:
    record = read(PATIENT, potassium(4.2, MORNING, "old"), newer)
    first, second = record.facts
    assert (first.place, first.value, first.when, first.at) == ("Observation/new", None, date(2026, 11, 20), EVENING)
    assert first.doubt and first.term == "potassium"
    assert (second.place, second.doubt) == ("Observation/old", "")
    assert record.left_out


def test_a_result_without_value_is_seen_and_one_to_come_is_not() -> None:
    nothing = potassium(0, EVENING)
    del nothing["valueQuantity"]
    (fact,) = read(PATIENT, nothing).facts
    assert (fact.value, fact.doubt, fact.at) == (None, "it has no value", EVENING)
    record = read(PATIENT, {**nothing, "status": "registered"})
    assert (record.facts, kinds(record)) == ((), ["value_missing"])


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ([concept("LL", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation")], "LL"),
        ([{"text": "deficient"}], "deficient"),
        ([{}, concept("n")], "N"),
        (concept("H"), "H"),
        (None, ""),
        ([7], ""),
    ],
)
def test_interpretations_are_kept(stated: Any, kept: str) -> None:
    record = read(PATIENT, lab("32546-4", 1.2, "U/g{Hb}", interpretation=stated))
    (fact,) = record.facts
    assert (fact.interpretation, fact.doubt) == (kept, "")


def test_parts_have_their_own_interpretation_and_the_time_of_the_whole() -> None:
    part = {
        "code": concept("8480-6", LOINC),
        "valueQuantity": {"value": 190, "unit": "mm[Hg]"},
        "interpretation": [concept("HH")],
    }
    panel = resource("Observation", status="final", effectiveDateTime=MORNING, code={"text": "pressure"}, component=[part])
    (fact,) = read(PATIENT, panel).facts
    assert (fact.interpretation, fact.at) == ("HH", MORNING)
