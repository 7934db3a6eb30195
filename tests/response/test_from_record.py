"""From the record of a ward to a case: what is followed, what is refused, and that each refusal is said by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from vancomycin_record import INTRAVENOUS, NOW, course, given, known, level, models, read, ucum

from nof1.errors import RequestError
from nof1.response.answer import answer
from nof1.response.covariates import fitting
from nof1.response.from_record import Beside, FromRecord, case_of
from nof1.response.history import Dose, Level

DRUG = "vancomycin"
FIRST = "2026-11-20T08:00:00Z"


def case(*resources: Any, now: datetime | None = NOW, born: str = "1964-05-04", **more: Any) -> FromRecord:
    dosing = known().kinetics.dosing[DRUG]
    return case_of(read(*resources, born=born), known().care, DRUG, models(), now, dosing=dosing, **more)


def said(found: FromRecord, *words: str) -> str:
    """The one note that has all of ``words``."""
    (note,) = [note for note in found.notes if all(word in note for word in words)]
    return note


def test_a_course_becomes_a_case() -> None:
    found = case(*course())
    assert found.zero == datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert found.case.doses == tuple(Dose(12.0 * number, 1250.0, "intravenous", 1.5) for number in range(5))
    assert found.case.levels == (Level(35.5, 14.2), Level(50.5, 31.0))
    assert found.case.now == 60.0
    assert found.case.facts == {
        "creatinine": ((-1.0, 1.1), (46.0, 1.3)),
        "weight": ((-8.0, 82.0),),
        "height": ((-8.0, 176.0),),
        "age": ((0.0, 62.0),),
        "female": ((0.0, 0.0),),
        "male": ((0.0, 1.0),),
    }
    assert found.case.doubts == ()
    assert said(found, "date only", "weight", "height")
    assert len(found.basis) == 7 and found.basis[0].startswith("MedicationAdministration/")


def test_what_the_caller_knows_is_in_the_case() -> None:
    beside = Beside({"dialysis": 0.0}, frozenset({DRUG}), frozenset({"glycopeptides"}), {}, 0.5)
    made = case(*course(), beside=beside).case
    assert (made.states, made.drugs, made.classes, made.mic) == (
        {"dialysis": 0.0}, frozenset({DRUG}), frozenset({"glycopeptides"}), 0.5,
    )  # fmt: skip


def test_the_answer_is_that_of_the_same_case_by_hand() -> None:
    """The whole way, from FHIR to chances; the same numbers from doses in grams, levels in other units and another zone."""
    east = timezone(timedelta(hours=5, minutes=30))

    def moved(text: str) -> str:
        return datetime.fromisoformat(text).astimezone(east).isoformat()

    other = []
    for written in course():
        item = {**written}
        if "effectivePeriod" in item:
            item["effectivePeriod"] = {key: moved(value) for key, value in item["effectivePeriod"].items()}
            item["dosage"] = {**item["dosage"], "dose": {"value": 1.25, "unit": "gm"}}
        elif "T" in item["effectiveDateTime"]:
            item["effectiveDateTime"] = moved(item["effectiveDateTime"])
        if item["id"].startswith("o20578"):
            item["valueQuantity"] = ucum(item["valueQuantity"]["value"], "ug/mL")
        other.append(item)
    k = known()
    dosing = k.kinetics.dosing[DRUG]
    cases = [case(*course()).case, case(*other).case]
    one, two = (answer(item, models(), dosing, k.care, np.random.default_rng(3)) for item in cases)
    assert cases[0].doses == cases[1].doses and cases[0].levels == cases[1].levels
    assert one.present is not None and two.present is not None
    assert one.present.in_target == pytest.approx(two.present.in_target, abs=1e-9)
    assert (one.present.regimen.amount, one.present.regimen.interval, one.present.regimen.duration) == (1250, 12, 1.5)
    assert 0 < one.present.in_target < 1
    assert {item.time for item in one.levels} == {35.5, 50.5}


@pytest.mark.parametrize(
    ("dose", "amount"),
    [
        (ucum(1.25, "g"), 1250),
        ({"value": 1250, "unit": "milligram"}, 1250),
        ({"value": 500000, "unit": "mcg"}, 500),
        ({"value": 500, "unit": "mg", "system": "http://snomed.info/sct", "code": "258684004"}, 500),
    ],
)
def test_doses_in_any_unit_of_mass(dose: dict[str, Any], amount: float) -> None:
    (found,) = case(given(FIRST, dose, end="2026-11-20T09:00:00Z")).case.doses
    assert found == Dose(0.0, pytest.approx(amount), "intravenous", 1.0)


@pytest.mark.parametrize(
    ("dosage", "amount", "duration"),
    [
        ({"rateQuantity": ucum(500, "mg/h")}, 1250, 2.5),
        ({"rateRatio": {"numerator": ucum(1250, "mg"), "denominator": ucum(90, "min")}}, 1250, 1.5),
        ({"rateRatio": {"numerator": {"value": 1, "unit": "g"}, "denominator": {"value": 1, "unit": "hour"}}}, 1250, 1.25),
    ],
)
def test_a_rate_tells_the_length(dosage: dict[str, Any], amount: float, duration: float) -> None:
    (found,) = case(given(FIRST, dosage=dosage)).case.doses
    assert (found.amount, found.duration) == (pytest.approx(amount), pytest.approx(duration))


def test_a_rate_over_a_period_tells_the_amount() -> None:
    (found,) = case(given(FIRST, None, end="2026-11-20T20:00:00Z", dosage={"rateQuantity": ucum(100, "mg/h")})).case.doses
    assert (found.amount, found.duration) == (1200.0, 12.0)


def test_an_infusion_that_still_runs_counts_until_now() -> None:
    item = given(FIRST, None, dosage={"rateQuantity": ucum(80, "mg/h")}, status="in-progress")
    item["effectivePeriod"] = {"start": item.pop("effectiveDateTime")}
    (found,) = case(item).case.doses
    assert (found.amount, found.duration) == (80.0 * 60, 60.0)


def test_a_length_that_is_not_recorded_is_assumed_and_said() -> None:
    found = case(given(FIRST, 2000))
    assert found.case.doses == (Dose(0.0, 2000.0, "intravenous", 3.5),)  # 600 mg/h at most: 3.33 h
    assert "3.5 h are assumed" in said(found, "how long it ran")
    assert found.case.doubts == ()


LOST = [
    (given(FIRST, None, "x", dosage={"rateQuantity": ucum(125, "mL/h")}), "125 mL/h without a concentration"),
    (given(FIRST, ucum(250, "mL"), "x"), "250 mL, not an amount of the drug"),
    (given(FIRST, {"value": 1, "unit": "vial"}, "x"), "1 vial, not an amount of the drug"),
    (given(FIRST, {"value": 1000}, "x"), "1000 without a unit"),
    (given(FIRST, ucum(1000, "MG"), "x"), "1000 MG, not an amount of the drug"),  # in UCUM a megagauss
    (given(FIRST, ucum(1250, "kg"), "x"), "look at its unit"),
    (given(FIRST, None, "x"), "the dose is not recorded"),
    (given(FIRST, 0, "x"), "the dose is 0 mg"),
    (given(FIRST, {**ucum(1000, "mg"), "comparator": "<"}, "x"), "the dose is <1000"),
    (given("2026-11-20", 1000, "x"), "a date and no time of day"),
    (given(FIRST, 1000, "x", status="unknown"), "its status is unknown"),
    (given(FIRST, 1000, "x", end="2026-11-20T07:00:00Z"), "it ends before it begins"),
]


@pytest.mark.parametrize(("item", "reason"), LOST)
def test_a_dose_that_cannot_be_followed_is_named_and_forbids_a_draft(item: dict[str, Any], reason: str) -> None:
    """Levels after it are not used: they would be blamed on the doses that are known."""
    found = case(item, *course()[1:])
    note = said(found, "cannot be followed", reason)
    assert "MedicationAdministration/x" in note
    assert note in found.case.doubts
    assert len(found.case.doses) == 4
    assert found.case.levels == ()
    assert all(said(found, value, "a dose before it could not be followed") for value in ("14.2", "31"))


def test_a_volume_beside_a_mass_only_says_that_the_rate_is_not_used() -> None:
    found = case(given(FIRST, dosage={"rateQuantity": ucum(125, "mL/h")}, end="2026-11-20T10:00:00Z"))
    assert found.case.doses == (Dose(0.0, 1250.0, "intravenous", 2.0),)
    assert said(found, "125 mL/h", "the concentration is not recorded")
    assert found.case.doubts == ()


def test_a_rate_that_contradicts_the_dose_forbids_a_draft() -> None:
    found = case(given(FIRST, end="2026-11-20T10:00:00Z", dosage={"rateQuantity": ucum(100, "mg/h")}))
    assert found.case.doses[0].amount == 1250
    assert any("its rate over its length makes 200 mg" in doubt for doubt in found.case.doubts)


def test_what_was_not_done_is_left_out_and_said_in_the_record() -> None:
    extra = [
        given("2026-11-21T10:00:00Z", 1000, "n", status="not-done"),
        given("2026-11-21T11:00:00Z", 1000, "e", status="entered-in-error"),
    ]
    record = read(*course(), *extra)
    assert [item.place for item in record.administrations] == [f"MedicationAdministration/{x['id']}" for x in course()[:5]]
    told = {item.place: item.kind for item in record.left_out}
    assert told["MedicationAdministration/n"] == "not_taken"
    assert told["MedicationAdministration/e"] == "entered_in_error"
    assert case(*course(), *extra).case == case(*course()).case


def test_the_same_dose_written_twice_counts_once_and_is_asked_about() -> None:
    twin = {**course()[0], "id": "twin"}
    found = case(*course(), twin)
    assert len(found.case.doses) == 5
    (doubt,) = found.case.doubts
    assert "stands twice" in doubt and "MedicationAdministration/twin" in doubt


def test_doses_of_other_drugs_and_routes_are_not_followed() -> None:
    other = given("2026-11-21T10:00:00Z", 500, "m", drug="29561")  # meropenem
    oral = given("2026-11-21T12:00:00Z", 125, "o", dosage={"route": {"text": "by mouth"}})
    found = case(*course(), other, oral)
    assert found.case.doses == case(*course()).case.doses
    assert found.case.doubts == ()
    assert said(found, "by mouth", "no model follows it")


def test_a_route_in_words_and_one_that_is_not_recorded() -> None:
    words = case(given(FIRST, dosage={"route": {"text": "IV piggyback"}}))
    assert words.case.doses[0].route == "intravenous" and words.case.doubts == ()
    silent = case(given(FIRST, dosage={"route": None}))
    assert silent.case.doses[0].route == "intravenous"
    assert any("route is not recorded; intravenous is assumed" in doubt for doubt in silent.case.doubts)


def test_a_dose_that_was_stopped_counts_as_recorded_and_forbids_a_draft() -> None:
    found = case(given(FIRST, 400, end="2026-11-20T08:30:00Z", status="stopped"))
    assert found.case.doses == (Dose(0.0, 400.0, "intravenous", 0.5),)
    assert any("its status is stopped" in doubt for doubt in found.case.doubts)


def test_a_combination_does_not_say_how_much() -> None:
    item = given(FIRST, 1000, "c")
    item["medicationCodeableConcept"] = {"text": "vancomycin / meropenem"}
    found = case(item)
    assert found.case.doses == ()
    assert any("does not say how much of each" in doubt for doubt in found.case.doubts)


def test_levels_that_cannot_be_placed_are_named() -> None:
    extra = [
        level(20, "2026-11-21"),
        level(21, "2026-11-23T04:00:00Z"),
        level(22, "2026-11-21T09:00:00"),
        level(23, "2026-11-21T13:00:00Z", "mg"),
        {**level(24, "2026-11-21T14:00:00Z"), "status": "entered-in-error"},
    ]
    found = case(*course(), *extra)
    assert found.case.levels == case(*course()).case.levels
    assert said(found, "20 mg/L", "no time of day")
    assert said(found, "22 mg/L", "time zone")
    assert said(found, "21 mg/L", "after now")
    assert said(found, "23 mg", "did you mean mg/L")
    assert not any("24 mg/L" in note for note in found.notes)  # no fact at all


def test_a_level_before_the_first_dose_asks_for_the_doses_before() -> None:
    found = case(*course(), level(6.5, "2026-11-20T07:00:00Z"))
    assert len(found.case.levels) == 2
    assert any("6.5" in doubt and "doses before it may be missing" in doubt for doubt in found.case.doubts)
    none = case(*course(), level(1, "2026-11-20T07:00:00Z", comparator="<"))
    assert none.case.doubts == () and said(none, "before the first dose")


@pytest.mark.parametrize(("sign", "limit"), [("<", "below"), ("<=", "below"), (">", "above"), (">=", "above")])
def test_a_level_beyond_the_range_of_its_test(sign: str, limit: str) -> None:
    found = case(*course()[:5], level(5, "2026-11-21T19:30:00Z", comparator=sign))
    assert [(item.value, item.limit) for item in found.case.levels] == [(5.0, limit)]


def test_times_without_a_zone_are_one_clock_of_their_own() -> None:
    bare = []
    for written in course():
        item = {**written}
        if "effectivePeriod" in item:
            item["effectivePeriod"] = {key: value.removesuffix("Z") for key, value in item["effectivePeriod"].items()}
        else:
            item["effectiveDateTime"] = item["effectiveDateTime"].removesuffix("Z")
        bare.append(item)
    here, there = case(*bare).case, case(*course()).case
    assert (here.doses, here.levels, here.now) == (there.doses, there.levels, there.now)
    mixed = case(bare[0], *course()[1:])
    assert any("its time has no zone" in doubt for doubt in mixed.case.doubts)
    with pytest.raises(RequestError, match="without a zone"):
        case(*course(), now=NOW.replace(tzinfo=None))


def test_only_the_last_course_is_followed() -> None:
    old = [given("2026-07-01T08:00:00Z", 1000, "old"), level(12, "2026-07-01T20:00:00Z")]
    found = case(*course(), *old)
    assert found.case.doses == case(*course()).case.doses
    assert len(found.case.levels) == 2
    assert said(found, "1 doses before a pause")
    assert not found.case.doubts


def test_without_now_the_next_dose_is_due_as_the_last_ones_were() -> None:
    found = case(*course(), now=None)
    assert found.case.now == 60.0
    assert said(found, "due at 60 h")
    with pytest.raises(RequestError, match="now has to be given"):
        case(*course()[5:], now=None)


def test_without_any_dose_the_question_is_how_to_begin() -> None:
    found = case(*course()[7:])
    assert (found.case.doses, found.case.levels, found.case.now) == ((), (), 0.0)
    assert found.zero == NOW
    assert found.case.facts["creatinine"] == ((-14.0, 1.3),)


def order(start: str = "2026-10-01", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest",
        "id": "r",
        "status": "active",
        "intent": "order",
        "authoredOn": start,
        "subject": {"reference": "Patient/p"},
        "medicationCodeableConcept": {"text": "vancomycin"},
        "dosageInstruction": [
            {
                "route": INTRAVENOUS,
                "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}},
                "doseAndRate": [{"doseQuantity": ucum(1000, "mg")}],
                **more,
            }
        ],
    }


def test_a_regimen_without_times_is_used_only_with_its_assumption_said() -> None:
    found = case(order(), *course()[5:])
    assert found.is_regular
    assert found.case.doses == (Dose(0.0, 1000.0, "intravenous", 2.0, 12.0, 0, True),)
    assert found.case.now == 12.0
    assert said(found, "when doses were given is not recorded", "MedicationRequest/r", "without a change")
    assert found.case.levels == ()
    assert any("say that they are troughs" in doubt for doubt in found.case.doubts)


def test_levels_of_a_regimen_count_where_the_caller_says_that_they_are_troughs() -> None:
    found = case(order(), *course()[5:6], beside=Beside(are_troughs=True))
    assert [round(item.time, 3) for item in found.case.levels] == [11.983]
    assert said(found, "14.2", "as you say")


def test_a_regimen_that_has_just_begun_is_counted_from_its_day() -> None:
    found = case(order("2026-11-21"))
    assert found.zero == datetime(2026, 11, 21, tzinfo=UTC)
    assert found.case.doses == (Dose(0.0, 1000.0, "intravenous", 2.0, 12.0, 3),)
    assert found.case.now == 44.0


def test_administrations_go_before_an_order() -> None:
    assert case(order(), *course()).case == case(*course()).case
    lost = case(order(), given(FIRST, ucum(250, "mL")))
    assert lost.case.doses == () and lost.case.doubts


@pytest.mark.parametrize("extra", [order() | {"id": "s"}, {**order(), "id": "s", "status": "on-hold"}])
def test_two_orders_are_not_chosen_from(extra: dict[str, Any]) -> None:
    extra = {
        **extra,
        "dosageInstruction": [{**order()["dosageInstruction"][0], "doseAndRate": [{"doseQuantity": ucum(750, "mg")}]}],
    }
    found = case(order(), extra)
    if extra["status"] == "active":
        assert found.case.doses == () and any("in 2 ways" in doubt for doubt in found.case.doubts)
    else:
        assert len(found.case.doses) == 1


def test_a_child_has_part_of_a_year() -> None:
    found = case(*course(), born="2026-10-21")
    assert found.case.facts["age"][0][1] == pytest.approx(30.33 / 365.25, abs=1e-4)


def test_a_model_without_the_route_of_a_dose_is_refused_by_name() -> None:
    """Of two models, only one of which knows doses by mouth, the other answers nothing instead of failing."""
    made = case(*course()).case
    oral = replace(made, doses=(*made.doses, Dose(60.0, 500.0, "oral")), levels=(*made.levels, Level(61.0, 4.0, "effect")))
    found = fitting(models()[0], oral, known().care)
    told = [concern.text for concern in found.concerns if concern.kind == "refused"]
    assert any("does not know oral doses" in text for text in told)
    assert any("does not predict effect" in text for text in told)
    assert found.history is None
