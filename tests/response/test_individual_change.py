"""The change that goes with a drug, against expectation; what else changed; what cannot be said."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from scipy import stats

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.outcomes import Expected, Outcome
from nof1.model.findings import Indeterminate
from nof1.model.record import Course, Fact, Medication, Quantity, Record
from nof1.response.attributable import Change, Interval, adjusted, change
from nof1.response.episodes import episodes
from nof1.response.expected import Verdict, judge, row_for
from nof1.response.follow import Followed, follow

TODAY = date(2026, 11, 26)
START = date(2026, 6, 1)
OUTCOME = Outcome("o", "lower", "linear", "s#p", "provisional", "2026-11-26", important=5, important_source="s#p")
ROW = Expected("r", "o", "lower", 28, "s#when", "s#p", "provisional", "2026-11-26", drugs=["d"], mean=9)


def days(*numbers: int) -> np.ndarray:  # type: ignore[type-arg]
    return np.array(numbers, dtype=np.int64)


def found(values: list[float], state: list[int], scale: str = "linear", step: int = 30) -> Change:
    said = change(days(*range(0, step * len(values), step)), np.array(values), np.array(state, dtype=np.int8), scale)
    assert isinstance(said, Change), said
    return said


def test_a_step_is_found_with_its_levels() -> None:
    said = found([150, 152, 149, 151, 140, 142, 141, 139], [0, 0, 0, 0, 1, 1, 1, 1])
    assert said.difference is not None
    assert said.difference.value == pytest.approx(-10, abs=0.8)
    assert said.difference.low is not None and said.difference.low < -10 < (said.difference.high or 0)
    assert said.counts == (4, 4) and not said.has_trend
    assert said.relative.value == pytest.approx(-10 / 150.5, abs=0.005)


def test_ratios_do_not_depend_on_the_unit() -> None:
    values = [160.0, 150, 170, 80, 75, 82]
    mass, amount = (found([value * times for value in values], [0, 0, 0, 1, 1, 1], "log") for times in (1, 0.02586))
    assert mass.difference is None
    assert mass.relative.value == pytest.approx(amount.relative.value, rel=1e-9)
    assert mass.relative.low == pytest.approx(amount.relative.low, rel=1e-6)
    assert mass.relative.value == pytest.approx(
        np.prod(values[3:]) ** (1 / 3) / np.prod(values[:3]) ** (1 / 3) - 1, abs=0.02
    )


def test_relative_interval_is_fiellers_where_errors_are_independent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed form of Fieller for two independent means with one variance."""
    from nof1.response import attributable

    plain = attributable.profile
    monkeypatch.setattr(attributable, "profile", lambda t, x, y: plain(t, x, y, np.zeros(1)))
    before, during = np.array([20.0, 24, 22, 21]), np.array([11.0, 9, 12])
    said = found([*before, *during], [0] * 4 + [1] * 3)
    pooled = (before.var(ddof=1) * 3 + during.var(ddof=1) * 2) / 5
    q = stats.t.ppf(0.975, 5)
    a, b = before.mean(), during.mean()
    va, vb = pooled / 4, pooled / 3
    # (b - r a)^2 <= q^2 (vb + r^2 va), solved for r
    roots = np.roots([a**2 - q**2 * va, -2 * a * b, b**2 - q**2 * vb])
    low, high = sorted(root - 1 for root in roots.real)
    assert (said.relative.low, said.relative.high) == pytest.approx((low, high), abs=1e-6)


def test_a_straight_trend_is_not_taken_for_the_drug() -> None:
    rng = np.random.default_rng(2)
    course = [100 - 2.0 * place + rng.normal(0, 1) for place in range(20)]
    said = found(course, [0] * 10 + [1] * 10)
    assert said.has_trend and said.difference is not None and said.difference.low is not None
    assert said.difference.low < 0 < (said.difference.high or 0)
    assert said.during - said.before > -10  # without the trend it would be -20


def test_start_and_stop_by_themselves() -> None:
    rng = np.random.default_rng(3)
    values = [100 + rng.normal(0, 1) + (-20 if 5 <= place < 10 else 0) for place in range(15)]
    said = found(values, [0] * 5 + [1] * 5 + [0] * 5)
    assert said.at_start is not None and said.at_stop is not None
    assert said.at_start.value == pytest.approx(-20, abs=2) and said.at_stop.value == pytest.approx(20, abs=2)


def test_what_cannot_be_said() -> None:
    def said(values: list[float], state: list[int], scale: str = "linear") -> str:
        made = change(days(*range(len(values))), np.array(values, dtype=float), np.array(state, dtype=np.int8), scale)
        assert isinstance(made, Indeterminate)
        return made.reason

    assert "no value without the drug" in said([1, 2, 3], [1, 1, 1])
    assert "one value without the drug" in said([1, 2, 3], [0, 1, 1])
    assert "no value with the drug" in said([1, 2, 3], [0, 0, 0])
    assert "all 4 values are 7" in said([7, 7, 7, 7], [0, 0, 1, 1])
    assert "do not vary beyond" in said([7, 7, 3, 3], [0, 0, 1, 1])
    assert "of which no ratio can be taken" in said([1, 0, 1, 2], [0, 0, 1, 1], "log")
    assert "no value without" in said([], [])


def record(values: dict[date, float], *medications: Medication) -> Record:
    facts = tuple(
        Fact("l", "1", Quantity(value, "mmHg"), when, f"Observation/{when}", "o") for when, value in values.items()
    )
    return Record(facts=facts, medications=medications)


def taken(name: str, start: date | None, end: date | None = None, dose: float | None = None) -> Medication:
    course = Course.STOPPED if end else Course.ACTIVE
    amount = Quantity(dose, "mg") if dose else None
    return Medication(
        (name,), name, "", course, start, end, dose=amount, per_day=1.0 if dose else None, place=f"M/{name}{start}"
    )


def monthly(first: date, values: list[float]) -> dict[date, float]:
    return {first + timedelta(days=30 * place): value for place, value in enumerate(values)}


def followed(made: Record, outcome: Outcome = OUTCOME, rows: tuple[Expected, ...] = (ROW,), name: str = "d") -> Followed:
    names = {drug for item in made.medications for drug in item.drugs if drug != name}
    others = {drug: episodes(made, drug, TODAY) for drug in names}
    return follow(made, name, outcome, "outcome", "mmHg", rows, {}, others, TODAY)


BEFORE = [150.0, 152, 149, 151]


def test_a_response_with_its_interval() -> None:
    values = monthly(date(2026, 2, 11), [*BEFORE, 120, 137, 138, 136, 137.5, 138])
    said = followed(record(values, taken("d", START)))
    assert [point.part for point in said.points] == ["without"] * 4 + ["building"] + ["with"] * 5
    assert said.judged is not None and said.judged.verdict is Verdict.RESPONSE and said.judged.is_sure
    assert said.judged.observed is not None and said.judged.observed.value == pytest.approx(13.2, abs=0.6)
    assert said.judged.sources == ("s#p", "s#when")


def test_non_response_and_the_other_direction() -> None:
    values = monthly(date(2026, 2, 11), [*BEFORE, 150, 150.6, 150.8, 151, 150.5, 150.7])
    said = followed(record(values, taken("d", START)))
    assert said.judged is not None and said.judged.verdict is not Verdict.RESPONSE
    worse = followed(record(monthly(date(2026, 2, 11), [*BEFORE, 160, 161, 162, 160, 161, 162]), taken("d", START)))
    assert worse.judged is not None and worse.judged.verdict is Verdict.NON_RESPONSE and worse.judged.is_sure


def test_too_early() -> None:
    values = {**monthly(date(2026, 2, 1), BEFORE), date(2026, 6, 15): 120.0, date(2026, 6, 20): 121.0}
    said = followed(record(values, taken("d", START)))
    assert said.change is None
    assert said.judged is not None and said.judged.verdict is Verdict.TOO_EARLY and "day 19" in said.judged.why


def test_a_wide_interval_is_unknown_and_not_a_guess() -> None:
    said = followed(
        record(
            {date(2026, 1, 1): 150.0, date(2026, 2, 1): 140.0, date(2026, 8, 1): 150.0, date(2026, 9, 1): 130.0},
            taken("d", START),
        )
    )
    assert said.judged is not None and said.judged.verdict is Verdict.UNKNOWN
    assert set(said.judged.possible) >= {Verdict.RESPONSE, Verdict.NON_RESPONSE}


def test_one_value_before_gives_no_interval_but_is_shown() -> None:
    row = replace_row(relative=True, response=0.5, partial=0.25, response_source="s#r", mean=None)
    said = followed(record({date(2026, 5, 1): 18.0, date(2026, 9, 1): 8.0}, taken("d", START)), rows=(row,))
    assert said.change is None and "one value without the drug" in said.why
    assert said.last_pair is not None and (said.last_pair[0].value, said.last_pair[1].value) == (18, 8)
    assert said.judged is not None
    assert (said.judged.verdict, said.judged.apparent) == (Verdict.UNKNOWN, Verdict.RESPONSE)


def replace_row(**more: object) -> Expected:
    import msgspec

    return msgspec.structs.replace(ROW, **more)


def test_unknown_start_never_gives_a_change() -> None:
    said = followed(record(monthly(date(2026, 2, 11), [*BEFORE, 130, 131, 130]), taken("d", None)))
    assert said.change is None and "when the drug was begun is not recorded" in said.why
    assert {point.part for point in said.points} == {"unknown"}


def test_a_drug_that_was_never_taken_and_an_outcome_never_measured() -> None:
    assert "does not have the drug" in followed(record(monthly(date(2026, 2, 1), BEFORE))).why
    assert "no usable value" in followed(record({}, taken("d", START))).why


def test_the_day_of_the_start_counts_as_before() -> None:
    values = {**monthly(date(2026, 2, 1), BEFORE), START: 150.0}
    said = followed(record(values, taken("d", START)))
    assert said.points[-1].part == "without" and "counts as one before it" in " ".join(said.notes)


def test_values_after_the_end_fade_before_they_count() -> None:
    values = {date(2026, 3, 10): 150.0, date(2026, 4, 5): 150.0}
    said = followed(record(values, taken("d", date(2026, 1, 1), date(2026, 3, 1))))
    assert [point.part for point in said.points] == ["fading", "without"]


def test_only_the_latest_dose_counts_and_that_is_said() -> None:
    values = monthly(date(2025, 9, 1), [150, 151, 149, 150, 142, 143, 141, 142, 131, 130, 132, 131, 130])
    made = record(values, taken("d", date(2025, 12, 15), date(2026, 4, 20), 10), taken("d", date(2026, 4, 21), None, 20))
    said = followed(made)
    parts = [point.part for point in said.points]
    assert parts[:4] == ["without"] * 4 and "other dose" in parts and parts[-1] == "with"
    assert said.change is not None and said.change.during == pytest.approx(131, abs=1)
    assert any("only values under the latest dose (20 mg a day)" in note for note in said.notes)


def test_another_drug_of_the_same_day_cannot_be_told_apart() -> None:
    values = monthly(date(2026, 2, 11), [*BEFORE, 120, 137, 138, 136, 137.5, 138])
    said = followed(record(values, taken("d", START), taken("e", START), taken("f", date(2020, 1, 1))))
    assert [item.drug for item in said.confounders] == ["e"]
    assert not said.confounders[0].is_separable and said.confounders[0].changes == ("begun (dose not recorded) 2026-06-01",)


def test_another_drug_of_another_day_is_allowed_for() -> None:
    rng = np.random.default_rng(9)
    values = {
        date(2025, 1, 1) + timedelta(days=20 * place): 150
        + rng.normal(0, 1)
        - (10 if place >= 17 else 0)
        - (20 if place >= 25 else 0)
        for place in range(33)
    }
    starts = [date(2025, 1, 1) + timedelta(days=20 * place - 1) for place in (17, 25)]
    said = followed(record(values, taken("d", starts[0]), taken("e", starts[1])), rows=())
    item = said.confounders[0]
    assert item.is_separable and item.adjusted is not None
    assert item.adjusted.low is not None and item.adjusted.low < -10 < (item.adjusted.high or 0)
    assert abs(item.adjusted.value + 10) < 3


def test_a_drug_whose_time_is_unknown_is_named() -> None:
    values = monthly(date(2026, 2, 11), [*BEFORE, 120, 137, 138, 136, 137.5, 138])
    said = followed(record(values, taken("d", START), taken("e", None)))
    assert said.confounders[0].changes == ("when it was taken is not fully recorded",)


def test_adjusting_needs_values_that_tell_the_two_apart() -> None:
    state = np.array([0, 0, 0, 1, 1, 1], dtype=np.int8)
    assert adjusted(days(*range(6)), np.arange(6.0), state, state, "linear") == (False, None)


def test_a_row_with_a_dose_holds_within_it_only() -> None:
    rows = [
        replace_row(id="high", daily_dose=[40.0, 80.0], dose_unit="mg"),
        replace_row(id="low", daily_dose=[10.0, 20.0], dose_unit="mg"),
    ]
    assert row_for(rows, "d", "o", {}, {"mg": 20.0})[0] == rows[1]
    assert "depends on the daily dose" in row_for(rows, "d", "o", {}, {"mg": None})[1]
    assert "30 mg a day" in row_for(rows, "d", "o", {}, {"mg": 30.0})[1]
    assert "nothing is stored" in row_for(rows, "x", "o", {}, {})[1]
    assert row_for([replace_row(drugs=[], classes=["c"])], "x", "o", {"c": ("x",)}, {})[0] is not None


def test_remission_and_size_of_a_class_row() -> None:
    outcome = Outcome("o", "lower", "linear", "s#p", "provisional", "2026-11-26", remission=5, remission_source="s#p")
    made = Change(Interval(-12, -15, -9), Interval(-0.6, -0.7, -0.55), 20, 8, None, None, None, 0.1, 14, (4, 4), False, 0.95)
    row = replace_row(relative=True, response=0.5, partial=0.25, response_source="s#r", mean=None)
    said = judge(row, outcome, made, "", 60, 4.0)
    assert said.in_remission is True and said.verdict is Verdict.RESPONSE and said.is_sure
    partial = judge(row, outcome, replace(made, relative=Interval(-0.35, -0.45, -0.28)), "", 60, 13.0)
    assert partial.verdict is Verdict.PARTIAL and partial.is_sure and partial.in_remission is False


def test_the_stored_expectations_are_those_of_their_sources() -> None:
    """Re-read from the pages cited: table 1 of the 2018 guideline, abstracts of hirst-2012, law-2003, loewe-2004, salaffi-2004."""
    known = knowledge().responses
    rows = {row.id: row for row in known.expected}
    sizes = {
        (row.drugs[0], *row.daily_dose): (row.least, row.most) for row in known.expected if row.outcome == "ldl_cholesterol"
    }
    high, moderate, low = (0.5, None), (0.3, 0.49), (None, 0.3)
    assert sizes == {
        ("atorvastatin", 40, 80): high, ("atorvastatin", 10, 20): moderate, ("rosuvastatin", 20, 40): high,
        ("rosuvastatin", 5, 10): moderate, ("simvastatin", 20, 40): moderate, ("simvastatin", 10, 10): low,
        ("pravastatin", 40, 80): moderate, ("pravastatin", 10, 20): low, ("lovastatin", 40, 80): moderate,
        ("lovastatin", 20, 20): low, ("fluvastatin", 80, 80): moderate, ("fluvastatin", 20, 40): low, ("pitavastatin", 1, 4): moderate,
    }  # fmt: skip
    assert (rows["metformin-hba1c"].mean, rows["metformin-hba1c"].mean_interval) == (1.12, [0.92, 1.32])
    assert (rows["antihypertensive-systolic"].mean, rows["antihypertensive-diastolic"].mean) == (9.1, 5.5)
    assert (rows["antidepressant-phq9"].response, rows["antidepressant-phq9"].partial) == (0.5, 0.25)
    important = {name: row.important for name, row in known.outcomes.items() if row.important is not None}
    assert important == {"systolic": 5, "hba1c": 0.5, "hba1c_ifcc": 5, "phq9": 5, "pain": 1}
    assert known.outcomes["phq9"].remission == 5
