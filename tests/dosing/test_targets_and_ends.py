"""Which target is aimed at, and where what may be given ends: no dose is drafted that an end chose, or for a target nobody told."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from dosing.dose_cases import tacrolimus
from dosing.test_dose_answers import asked
from nof1.jobs.dosing import DoseWishes
from nof1.knowledge.compiled import knowledge
from nof1.report.dose_page import dose_page
from nof1.report.dose_text import dose_text
from nof1.response.document import Dosing
from nof1.response.regimens import amounts, breaks, holds, offer

QUICK = DoseWishes(draws=400)
ORGANS = ("liver", "kidney", "heart", "lung")


def transplanted(**states: bool) -> Dosing:
    more = {f"{organ}_transplant": is_known for organ, is_known in states.items()}
    return asked(tacrolimus(states=more), models=["tacrolimus-campagne-2018"], wishes=QUICK)


def busulfan(level: float, weight: float = 40.0) -> dict[str, Any]:
    """A child on the first day of four, with one level."""
    given = {"time": 0, "amount": 3.2 * weight, "unit": "mg", "route": "intravenous", "infusion_hours": 3}
    return {
        "drug": "busulfan",
        "now": 24,
        "doses": [given],
        "levels": [{"time": 6, "value": level, "unit": "mg/L"}, {"time": 9, "value": level / 3, "unit": "mg/L"}],
        "patient": {
            "age": {"value": 11, "unit": "a"},
            "sex": "male",
            "weight": {"value": weight, "unit": "kg", "time": 0},
            "height": {"value": 140, "unit": "cm", "time": 0},
        },
    }


def test_an_unknown_organ_is_asked_for_and_no_target_is_taken() -> None:
    """Another organ has another range, up to 20 ug/L in place of 11."""
    found = transplanted()
    assert (found.target, found.options, found.draft) == (None, (), None)
    assert all(f"{organ} transplant" in found.blocked[0] for organ in ORGANS)
    assert not any("no dose that exists" in text for text in found.blocked)
    ranges = {item.target.id: (item.target.low, item.target.high) for item in found.choices}
    assert ranges["liver"] == (5, 20) and ranges["heart_early"] == (10, 20) and ranges["kidney_mycophenolate"] == (4, 11)
    for item in found.choices:
        assert item.present is not None and item.target.source == "prograf-label#table-adult"
        assert item.present.in_target + item.present.below + item.present.above == pytest.approx(1)
    assert "prograf-label" in found.sources
    for shown in (dose_text(found), dose_page(found)):
        assert "one has to be chosen" in shown and "heart_early" in shown


def test_the_organ_chooses_the_target() -> None:
    assert transplanted(liver=True).target.id == "liver"  # type: ignore[union-attr]
    assert transplanted(kidney=True).target.id == "kidney_mycophenolate"  # type: ignore[union-attr]
    heart = transplanted(heart=True)
    assert heart.target is None
    assert {item.target.id for item in heart.choices} == {"heart_early", "heart_late"}
    assert "no fact here tells" in heart.blocked[0]


def test_what_is_taken_beside_it_chooses_among_those_of_a_kidney() -> None:
    states, models = {"kidney_transplant": True}, ["tacrolimus-campagne-2018"]
    unknown = asked(tacrolimus(drugs=None, states=states), models=models, wishes=QUICK)
    assert unknown.target is None
    assert "mycophenolic acid or azathioprine" in unknown.blocked[0]
    other = asked(tacrolimus(drugs=["azathioprine"], states=states), models=models, wishes=QUICK)
    assert {item.target.id for item in other.choices} == {"kidney_azathioprine_early", "kidney_azathioprine_late"}


def test_a_target_of_another_organ_is_shown_when_chosen_and_drafts_nothing() -> None:
    wishes = DoseWishes(target="liver", draws=400)
    states = {"kidney_transplant": True, "liver_transplant": False}
    found = asked(tacrolimus(states=states), models=["tacrolimus-campagne-2018"], wishes=wishes)
    assert found.options and found.draft is None
    assert any("not meant for this person (liver_transplant)" in text for text in found.blocked)


def test_the_largest_dose_of_a_ceiling_is_no_draft_when_it_misses() -> None:
    """A child who clears busulfan so fast that 4.1 mg/kg, the ceiling at this weight, leads below the target."""
    found = asked(busulfan(1.0), wishes=QUICK)
    best = found.options[0]
    assert best.in_target < 0.5 and best.below > best.above
    assert best.regimen.amount == max(item.regimen.amount for item in found.options)
    (told,) = [text for text in found.blocked if "stops the doses that would reach the target" in text]
    assert "at most 4.1 mg/kg a day" in told
    assert found.draft is None


def test_a_dose_within_the_ceilings_is_not_held_up_by_them() -> None:
    found = asked(busulfan(2.6), wishes=QUICK)
    assert found.options[0].in_target > 0.5
    assert not any("stops the doses" in text or "dose exists every" in text for text in found.blocked)


def theophylline(**states: bool) -> dict[str, Any]:
    return {
        "drug": "theophylline",
        "now": 48,
        "doses": [
            {
                "time": 0,
                "amount": 400,
                "unit": "mg",
                "route": "intravenous",
                "infusion_hours": 24,
                "every_hours": 24,
                "count": 2,
            }
        ],
        "levels": [{"time": 40, "value": 4.0, "unit": "mg/L"}],
        "patient": {
            "age": {"value": 45, "unit": "a"},
            "sex": "male",
            "weight": {"value": 75, "unit": "kg", "time": 0},
            "height": {"value": 178, "unit": "cm", "time": 0},
        },
        "states": {"smoker": False, **states},
        "covariates": {"paco2": {"value": 40, "unit": "mm[Hg]"}, "hepatic": {"value": 0, "unit": "1"}},
        "drugs": [],
    }


def test_a_ceiling_that_counts_for_want_of_a_fact_says_which() -> None:
    """400 mg a day is for people above 60 or with a reduced clearance; nobody said of this man whether his heart fails."""
    found = asked(theophylline(hepatic_impairment=False), wishes=QUICK)
    (low,) = [item for item in found.ceilings if item.text == "at most 400 mg a day"]
    assert low.forbids
    assert "heart failure" in low.why and "at most 900 mg a day" in low.why and "hepatic" not in low.why
    assert any(low.why in text for text in found.notes)
    for shown in (dose_text(found), dose_page(found)):
        assert "it is not known whether this holds: heart failure" in " ".join(shown.split())
    known = asked(theophylline(hepatic_impairment=False, heart_failure=False), wishes=QUICK)
    assert "at most 400 mg a day" not in [item.text for item in known.ceilings]
    assert known.priced > found.priced
    ill = asked(theophylline(hepatic_impairment=False, heart_failure=True), wishes=QUICK)
    assert [item.why for item in ill.ceilings if item.text == "at most 400 mg a day"] == [""]


def phenytoin(interval: float = 8) -> dict[str, Any]:
    given = {"time": 0, "amount": 100, "unit": "mg", "route": "intravenous", "infusion_hours": 0.05}
    return {
        "drug": "phenytoin",
        "now": 96,
        "doses": [{**given, "every_hours": interval, "count": 12}],
        "levels": [{"time": 87.9, "value": 12.0, "unit": "mg/L"}],
        "patient": {
            "age": {"value": 45, "unit": "a"},
            "sex": "male",
            "weight": {"value": 75, "unit": "kg", "time": 0},
            "height": {"value": 178, "unit": "cm", "time": 0},
            "creatinine": {"value": 1.0, "unit": "mg/dL", "time": 48},
            "albumin": {"value": 40, "unit": "g/L", "time": 48},
        },
        "drugs": [],
        "genes": {"CYP2C9": {"diplotype": "*1/*1"}, "CYP2C19": {"diplotype": "*1/*1"}},
    }


def test_phenytoin_by_vein_is_given_no_faster_than_50_mg_a_minute() -> None:
    found = asked(phenytoin(), wishes=QUICK)
    assert found.options
    for item in found.options:
        assert item.regimen.route == "intravenous"
        assert item.regimen.amount / (item.regimen.duration * 60) <= 50
    assert "over 2 min" in dose_text(found)


def test_where_ceilings_forbid_every_dose_they_are_named() -> None:
    """A rate that no infusion of the file keeps to leaves nothing; that is said with the ceiling."""
    known = knowledge()
    file = known.kinetics.dosing["phenytoin"]
    file = replace(file, regimens=[replace(row, infusions=[]) for row in file.regimens])
    dosing = {**known.kinetics.dosing, "phenytoin": file}
    found = asked(phenytoin(), knowledge=replace(known, kinetics=replace(known.kinetics, dosing=dosing)), wishes=QUICK)
    assert found.options == ()
    assert any(text == "no dose that exists is allowed here: at most 3000 mg an hour forbids 2" for text in found.blocked)


@pytest.mark.parametrize("weight", [0.9, 3.4, 7.3, 8.5, 23.7, 41.3, 77.7])
@pytest.mark.parametrize("age", [0.05, 0.15, 2.0, 40.0])
def test_doses_per_kg_can_be_measured_out(weight: float, age: float) -> None:
    """Every one is a multiple of what the file says can be measured, within half of it, and none passes a ceiling."""
    facts = {"weight": weight, "age": age}
    for drug, file in knowledge().kinetics.dosing.items():
        for row in [row for row in file.regimens if row.per_kg and holds(row.when, facts)]:
            alone = replace(file, regimens=[row])
            found = offer(alone, [row.route], row.unit, facts)
            assert row.round_to
            wanted = [amount * weight for amount in amounts(row)]
            for item in (*found.regimens, *found.loading):
                assert item.amount / row.round_to == pytest.approx(round(item.amount / row.round_to)), drug
                assert not [one for one in breaks(item, found.ceilings, row.unit, facts) if one.kind != "daily"]
            for item in found.regimens:
                assert min(abs(item.amount - one) for one in wanted) < row.round_to


def test_a_dose_that_rounding_up_would_take_over_a_ceiling_is_rounded_down() -> None:
    """3.2 mg/kg of 70.4 kg is 225.28 mg, which nobody measures out; 225.6 mg would be above the ceiling of 3.2 mg/kg."""
    found = offer(knowledge().kinetics.dosing["busulfan"], ["intravenous"], "mg", {"weight": 70.4, "age": 40.0})
    assert max(item.amount for item in found.regimens if item.interval == 24) == pytest.approx(225.0)


def test_a_loading_dose_by_vein_of_voriconazole_is_per_kg() -> None:
    found = offer(knowledge().kinetics.dosing["voriconazole"], ["intravenous"], "mg", {"weight": 75.0})
    assert {item.amount for item in found.loading} == {450.0}


def test_a_newborn_has_a_target_with_two_ends() -> None:
    target = next(item for item in knowledge().kinetics.dosing["vancomycin"].targets if item.id == "auc24_newborn")
    assert (target.low, target.high, target.source) == (400, 650, "vancomycin-young-infants-au#note-2")
