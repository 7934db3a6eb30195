"""Measurements: units converted or refused, impossible values, dates, answers, components, absent data."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_record import LOINC, PATIENT, SNOMED, concept, kinds, lab, left, read, resource

from nof1.model.record import Quantity, Record


def value_of(record: Record, term: str) -> float | str | bool | None:
    (fact,) = [fact for fact in record.facts if fact.term == term]
    return fact.value.value if isinstance(fact.value, Quantity) else fact.value


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.2, "mg/dL", 106.08),  # 1.2 mg/dL x 10 dL/L / 113.12 g/mol = 106.08 umol/L
        (106, "umol/L", 106.0),
        (0.106, "mmol/L", 106.0),
        (12, "mg/L", 106.08),
    ],
)
def test_units_are_converted_to_that_of_the_term(value: float, unit: str, expected: float) -> None:
    record = read(PATIENT, lab("2160-0", value, unit))
    (fact,) = record.facts
    assert isinstance(fact.value, Quantity)
    assert (fact.value.value, fact.value.unit) == (pytest.approx(expected, abs=0.01), "umol/L")
    assert (fact.term, fact.given, fact.when, fact.place) == (
        "creatinine",
        f"{value} {unit}",
        date(2026, 10, 1),
        "Observation/1",
    )
    assert record.left_out == ()


@pytest.mark.parametrize(
    ("loinc", "value", "unit", "kind", "hint"),
    [
        ("2160-0", 88, "umol", "unit_refused", "did you mean umol/L?"),
        ("2160-0", 88, "mg/dL", "value_implausible", "it could be a value in umol/L"),
        ("2823-3", 4.1, "mg/dL", "value_implausible", "it could be a value in mmol/L"),
        ("2160-0", 88, None, "unit_missing", "umol/L"),
        ("2160-0", 88, "kg", "unit_refused", ""),
        ("2160-0", 88, "grains", "unit_refused", ""),
        ("2160-0", -3, "umol/L", "value_implausible", "outside what can be (5 to 3000 umol/L)"),
        ("29463-7", 70000, "kg", "value_implausible", "it could be a value in g"),
        ("29463-7", 0, "kg", "value_implausible", ""),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(loinc: str, value: float, unit: str | None, kind: str, hint: str) -> None:
    record = read(PATIENT, lab(loinc, value, unit))
    (fact,) = record.facts
    assert fact.value is None and fact.doubt
    (line,) = record.left_out
    assert (line.kind, line.place) == (kind, "Observation/1")
    assert hint in line.reason


def test_numbers_without_unit_pass_where_none_is_usual() -> None:
    assert value_of(read(PATIENT, lab("6301-6", 2.4)), "inr") == 2.4
    assert kinds(read(PATIENT, lab("10230-1", 60))) == ["unit_missing"]


def test_a_wrong_unit_many_times_is_one_line() -> None:
    labs = [lab("2160-0", 80 + at, "umol", str(at)) for at in range(20)]
    (line,) = read(PATIENT, *labs).left_out
    assert line.place == "Observation/0 and 19 more"


def test_everyday_spellings_of_units() -> None:
    for unit in ("mcg/dL", "µmol/l"):
        record = read(
            PATIENT, lab("2160-0", 1200 if unit == "mcg/dL" else 106, None, valueQuantity={"value": 1200, "unit": unit})
        )
        assert left(record, "unit_refused") == []


def test_comparators_are_kept_and_judged_on_their_side() -> None:
    record = read(PATIENT, lab("2160-0", 1, valueQuantity={"value": 1, "unit": "umol/L", "comparator": "<"}))
    assert (record.facts[0].comparator, value_of(record, "creatinine")) == ("<", 1.0)
    wrong = {"value": 1, "unit": "umol/L", "comparator": "about"}
    assert kinds(read(PATIENT, lab("2160-0", 1, valueQuantity=wrong))) == ["value_no_number"]


@pytest.mark.parametrize("value", ["88", None, True, [88], {"a": 1}, 10**400, float("inf"), float("nan")])
def test_a_value_that_is_no_number(value: Any) -> None:
    record = read(PATIENT, lab("2160-0", value, "umol/L"))
    assert record.facts[0].value is None
    assert kinds(record) == ["value_no_number"]


def test_a_number_written_as_text_is_read_only_as_a_whole() -> None:
    text = {"status": "final", "code": concept("2160-0", LOINC), "effectiveDateTime": "2026-10-01"}
    record = read(PATIENT, resource("Observation", valueString="<1.2 mg/dL", **text))
    assert (record.facts[0].comparator, value_of(record, "creatinine")) == ("<", pytest.approx(106.08, abs=0.01))
    record = read(PATIENT, resource("Observation", valueString="1.2 or so", **text))
    assert record.facts[0].value is None


def test_dates_before_birth_of_the_future_and_unreadable() -> None:
    record = read(PATIENT, lab("2160-0", 88, "umol/L", effectiveDateTime="2031-01-01"))
    assert (record.facts[0].value, record.facts[0].when, kinds(record)) == (None, None, ["date_future"])
    record = read(PATIENT, lab("2160-0", 88, "umol/L", effectiveDateTime="1931-01-01"))
    assert (record.facts[0].value, kinds(record)) == (None, ["date_before_birth"])
    record = read(PATIENT, lab("2160-0", 88, "umol/L", effectiveDateTime="2026-02-30"))
    assert (record.facts[0].value, kinds(record)) == (None, ["date_unreadable"])


def test_tomorrow_is_today_further_east() -> None:
    record = read(PATIENT, lab("2160-0", 88, "umol/L", effectiveDateTime="2026-11-26T06:00:00+10:00"))
    assert record.left_out == ()


@pytest.mark.parametrize(("status", "kind"), [("entered-in-error", "entered_in_error"), ("cancelled", "cancelled")])
def test_errors_are_no_facts(status: str, kind: str) -> None:
    record = read(PATIENT, lab("2160-0", 88, "umol/L", status=status))
    assert (record.facts, kinds(record)) == ((), [kind])


def test_preliminary_values_say_so() -> None:
    assert read(PATIENT, lab("2160-0", 88, "umol/L", status="preliminary")).facts[0].given == "88 umol/L (preliminary)"


def test_absent_data_is_never_a_value() -> None:
    absent = lab("2160-0", 88, "umol/L", dataAbsentReason=concept(text="haemolysed"))
    record = read(PATIENT, absent)
    assert (record.facts, kinds(record)) == ((), ["data_absent"])
    assert "haemolysed" in record.left_out[0].reason
    masked = concept("masked", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    for code in ("2160-0", "72166-2"):
        coded = lab(code, 0, valueCodeableConcept=masked)
        del coded["valueQuantity"]
        assert (read(PATIENT, coded).facts, kinds(read(PATIENT, coded))) == ((), ["data_absent"])
    nothing = lab("2160-0", 88)
    del nothing["valueQuantity"]
    assert kinds(read(PATIENT, nothing)) == ["value_missing"]


def test_components_stand_for_themselves() -> None:
    parts = [
        {"code": concept("8480-6", LOINC), "valueQuantity": {"value": 151, "unit": "mm[Hg]"}},
        {"code": concept("8462-4", LOINC), "dataAbsentReason": concept(text="not done")},
    ]
    panel = resource(
        "Observation", status="final", effectiveDateTime="2026-10-01", code=concept("85354-9", LOINC), component=parts
    )
    record = read(PATIENT, panel)
    assert value_of(record, "systolic") == 151.0
    assert [(line.kind, line.value) for line in record.left_out] == [("data_absent", "diastolic blood pressure")]


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (concept("266919005", SNOMED), "never"),
        (concept("449868002", SNOMED, display="Current every day smoker"), "current"),
        (concept(text="Former  smoker"), "former"),
    ],
)
def test_coded_and_written_answers(answer: dict[str, Any], word: str) -> None:
    asked = lab("72166-2", 0, valueCodeableConcept=answer)
    del asked["valueQuantity"]
    assert value_of(read(PATIENT, asked), "smoking") == word


def test_an_answer_that_is_not_known_is_refused() -> None:
    asked = lab("72166-2", 0, valueCodeableConcept=concept(text="sometimes"))
    del asked["valueQuantity"]
    record = read(PATIENT, asked)
    assert (record.facts[0].value, kinds(record)) == (None, ["answer_not_recognised"])


def test_measured_activity_and_imaging_are_facts_like_others() -> None:
    record = read(PATIENT, lab("32546-4", 1.2, "U/g{Hb}", "1"), lab("10230-1", 35, "%", "2"))
    assert (value_of(record, "g6pd_activity"), value_of(record, "lvef")) == (1.2, 35.0)


def test_a_name_is_used_only_where_there_is_no_code() -> None:
    by_name = lab("", 71, "kg", code={"text": "Weight"})
    assert value_of(read(PATIENT, by_name), "weight") == 71.0
    other_code = lab("", 71, "kg", code=concept("9999-9", LOINC, text="Weight"))
    assert [fact.term for fact in read(PATIENT, other_code).facts] == [""]


def test_two_values_at_one_time_are_told_and_kept() -> None:
    record = read(PATIENT, lab("2160-0", 88, "umol/L", "1"), lab("2160-0", 1.2, "mg/dL", "2"))
    assert len(record.facts) == 2
    assert "Observation/1 says 88 umol/L" in left(record, "values_contradict")[0].reason


def test_ranges_and_ratios_are_not_one_value() -> None:
    for name in ("valueRange", "valueRatio"):
        asked = lab("2160-0", 0, **{name: {"low": {"value": 1}}})
        del asked["valueQuantity"]
        assert kinds(read(PATIENT, asked)) == ["value_not_single"]


def test_results_inside_a_report() -> None:
    inner = lab("2160-0", 88, "umol/L", "r")
    del inner["effectiveDateTime"]
    report = resource("DiagnosticReport", "d", status="final", effectiveDateTime="2026-09-09", contained=[inner])
    (fact,) = read(PATIENT, report).facts
    assert (fact.term, fact.when, fact.place) == ("creatinine", date(2026, 9, 9), "DiagnosticReport/d #r")
