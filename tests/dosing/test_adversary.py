"""Questions asked to mislead: no draft from what is wrong, no crash, and laws that hold whatever is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nof1
from dosing.dose_cases import MODEL, dose, level, patient, vancomycin, written
from dosing.test_dose_answers import TODAY, asked
from nof1.cli.main import main
from nof1.errors import InputError, RequestError
from nof1.jobs.dosing import DoseWishes
from nof1.knowledge.formula import FormulaError, parse
from nof1.response.document import Dosing
from nof1.response.network import exponential

QUICK = DoseWishes(draws=400)


def gentamicin(**changed: Any) -> dict[str, Any]:
    given = {
        "time": 0,
        "amount": 350,
        "unit": "mg",
        "route": "intravenous",
        "infusion_hours": 1,
        "every_hours": 24,
        "count": 3,
    }
    facts = {
        "age": {"value": 45, "unit": "a"},
        "sex": "male",
        "weight": {"value": 75, "unit": "kg", "time": 48},
        "height": {"value": 175, "unit": "cm", "time": 48},
        "creatinine": {"value": 1.0, "unit": "mg/dL", "time": 48},
    }
    levels = [{"time": 60, "value": 1.0, "unit": "mg/L"}]
    return {"drug": "gentamicin", "now": 72, "doses": [given], "levels": levels, "patient": facts, **changed}


def answered(history: dict[str, Any], **more: Any) -> Dosing:
    return asked(history, **{"wishes": QUICK, "models": [MODEL] if history["drug"] == "vancomycin" else (), **more})


@pytest.mark.parametrize(
    ("target", "told"),
    [("trough-once-daily", "has no lower end"), ("trough-conventional", "no lower"), ("peak-mic", "no upper")],
)
def test_a_target_with_one_end_drafts_nothing(target: str, told: str) -> None:
    """The smallest dose that exists has the lowest trough: 80 mg every two days would be drafted."""
    found = answered(gentamicin(), wishes=DoseWishes(target=target, draws=400))
    assert found.draft is None
    assert any(told in text for text in found.blocked)


def test_an_impossible_level_forbids_a_draft_however_few_draws_are_asked_for() -> None:
    found = answered(vancomycin(levels=[level(value=0)]), wishes=DoseWishes(draws=200))
    assert found.levels[0].unlikely < 0.001
    assert any("is implausible" in text for text in found.blocked)


@pytest.mark.parametrize(("value", "limit", "is_likely"), [(60, "below", True), (0.1, "above", True), (200, "above", False)])
def test_a_level_beyond_a_limit_is_as_likely_as_what_it_says(value: float, limit: str, is_likely: bool) -> None:
    found = answered(vancomycin(levels=[level(value=value, limit=limit)]))
    assert (found.levels[0].unlikely > 0.5) is is_likely
    assert any("is implausible" in text for text in found.blocked) is not is_likely


def test_minutes_written_as_hours_forbid_a_draft() -> None:
    found = answered(vancomycin(doses=[dose(infusion_hours=90)]))
    assert found.draft is None
    assert any("still runs when the next one begins" in text for text in found.blocked)
    assert any("and the next begins at 12 h" in text for text in found.notes)
    with pytest.raises(InputError, match="more than a month"):
        answered(vancomycin(doses=[dose(infusion_hours=1e9)]))


@pytest.mark.parametrize("amount", [1.25, 1_250_000])
def test_a_dose_in_a_wrong_unit_forbids_a_draft(amount: float) -> None:
    found = answered(vancomycin(doses=[dose(amount=amount)], levels=[]))
    assert any("is far from all doses that exist" in text for text in found.blocked)


def test_an_mic_of_nothing_is_not_passed_over() -> None:
    history = gentamicin(mic={"value": 1, "unit": "mg/L"})
    with pytest.raises(InputError, match="MIC is 0"):
        answered(history, wishes=DoseWishes(target="peak-mic", mic=0.0, draws=400))


def test_a_prior_next_to_nothing_is_refused() -> None:
    with pytest.raises(RequestError, match=r"write a number from 0\.01 to 1"):
        DoseWishes(prior=1e-6)
    found = answered(vancomycin(), wishes=DoseWishes(prior=0.01, draws=400))
    assert all(np.isfinite(item.exposure.middle) for item in found.options)


def test_matrices_that_are_no_numbers_become_none_beside_others() -> None:
    found = exponential(np.array([[[np.nan]], [[1.0]], [[np.inf]]]))
    assert found[1, 0, 0] == pytest.approx(np.e)
    assert np.isnan(found[0, 0, 0])


@pytest.mark.parametrize("time", ["0001-01-01T00:00+10:00", "9999-12-31T23:59-10:00"])
def test_a_year_that_cannot_be_is_named(time: str) -> None:
    with pytest.raises(InputError, match="a year that cannot be"):
        answered(vancomycin(now=time, doses=[], levels=[], patient={}))


def test_steady_doses_are_followed_whatever_a_single_draw_says() -> None:
    """One draw in two thousand with a half-life of weeks is no reason to refuse the others."""
    changing = [{"value": 1.3 + 0.01 * day, "unit": "mg/dL", "time": f"2026-11-{20 + day}T07:00"} for day in range(3)]
    history = vancomycin(doses=[dose(steady_state=True)], patient=patient(creatinine=changing))
    found = asked(history, models=[MODEL])
    assert found.models
    assert found.options


def test_a_creatinine_that_does_not_change_is_one_creatinine() -> None:
    daily = [{"value": 1.3, "unit": "mg/dL", "time": f"2026-11-{day}T07:00"} for day in (20, 21, 22)]
    same = answered(vancomycin(patient=patient(creatinine=daily)))
    assert same.options == answered(vancomycin()).options
    moved = [{**item, "value": 1.3 + 1e-9 * place} for place, item in enumerate(daily)]
    other = answered(vancomycin(patient=patient(creatinine=moved)))
    assert [item.exposure.middle for item in other.options] == pytest.approx(
        [item.exposure.middle for item in same.options], rel=1e-5
    )


def test_doses_one_by_one_in_any_order_say_the_same() -> None:
    times = ["2026-11-22T08:00", "2026-11-20T08:00", "2026-11-21T20:00", "2026-11-20T20:00", "2026-11-21T08:00"]
    single = vancomycin(doses=[dose(time=time, count=1, every_hours=0) for time in times])
    found, plain = answered(single), answered(vancomycin())
    assert [item.regimen for item in found.options] == [item.regimen for item in plain.options]
    assert [item.in_target for item in found.options] == pytest.approx([item.in_target for item in plain.options])


def test_of_doses_that_are_as_good_the_interval_given_is_kept() -> None:
    """An area does not tell 2000 mg every 24 h from 1000 mg every 12 h."""
    found = answered(vancomycin(levels=[level(value=3)]), wishes=DoseWishes(draws=400))
    alike: dict[tuple[float, float], list[float]] = {}
    for item in found.options:
        alike.setdefault((round(item.utility, 3), item.regimen.amount / item.regimen.interval), []).append(
            item.regimen.interval
        )
    shared = [intervals for intervals in alike.values() if 12.0 in intervals and len(intervals) > 1]
    assert shared
    assert all(intervals[0] == 12.0 for intervals in shared)


def test_an_infusion_without_an_end_is_not_proposed_to_somebody_on_short_ones() -> None:
    found = answered(vancomycin(levels=[level(value=1.5)]))
    assert found.options
    assert all(item.regimen.duration < item.regimen.interval for item in found.options)
    aimed = answered(vancomycin(levels=[level(value=1.5)]), wishes=DoseWishes(target="continuous", draws=400))
    assert any(item.regimen.duration == item.regimen.interval for item in aimed.options)


def test_a_target_made_for_a_disease_comes_before_the_usual_one() -> None:
    history = {**gentamicin(), "drug": "tobramycin"}
    assert answered({**history, "states": {"cystic_fibrosis": True}}).target.id == "auc-cystic-fibrosis"  # type: ignore[union-attr]
    assert answered(history).target.id == "auc-once-daily"  # type: ignore[union-attr]


@pytest.mark.parametrize(("first", "second"), [("a.json", "a.json"), ("history.json", "b.json"), ("b.json", "history.json")])
def test_no_file_is_written_over_another(
    first: str, second: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path, vancomycin())
    before = path.read_bytes()
    outs = ["--json", str(tmp_path / first), "--html", str(tmp_path / second)]
    assert main(["dose", "vancomycin", "--history", str(path), "--quiet", *outs]) == 2
    assert "give it another name" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["history.json"]


def test_nothing_is_said_by_the_seed_alone() -> None:
    one, other = (
        nof1.dose("vancomycin", history=vancomycin(), today=TODAY, models=[MODEL], wishes=DoseWishes(seed=n)) for n in (1, 2)
    )
    assert one.options[0].exposure.middle == pytest.approx(other.options[0].exposure.middle, rel=0.05)


@pytest.mark.parametrize(("text", "value"), [("2 ** -1", 0.5), ("9 ** 9 ** 2", 9.0**81), ("10 ** 30", 1e30)])
def test_whole_numbers_of_formulas_neither_overflow_nor_crash(text: str, value: float) -> None:
    """As arrays of whole numbers 10 ** 30 would be a negative number, without a word."""
    assert parse(text).evaluate({}) == pytest.approx(value)


def test_a_number_too_large_to_be_one_is_refused() -> None:
    for text in ("1e400", "9" * 5000, "9" * 400):
        with pytest.raises(FormulaError):
            parse(text)
