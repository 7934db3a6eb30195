"""Laws of risk equations: one way where the paper says so, bounds hold every completion, people one by one, shares add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from risk_people import crowd, person, span

from nof1.errors import RequestError
from nof1.knowledge.compiled import knowledge
from nof1.risk.bounds import bounds
from nof1.risk.columns import read_columns
from nof1.risk.contributions import contributions
from nof1.risk.estimates import estimates, of_columns

RISKS = knowledge().risks
NAMES = sorted(RISKS)
FEW = settings(max_examples=25, deadline=None)


@pytest.mark.parametrize("name", NAMES)
def test_a_risk_lies_between_0_and_1_and_is_given_inside_the_domain(name: str) -> None:
    made = estimates(RISKS[name], crowd(RISKS[name], 2000))
    for one in made.found:
        assert one.offered.all(), [reason.says for reason in one.refused]
        assert np.isfinite(one.values).all()
        if RISKS[name].measure == "risk":
            assert ((one.values >= 0) & (one.values <= 1)).all()


@pytest.mark.parametrize("name", NAMES)
def test_people_together_are_people_one_by_one(name: str) -> None:
    columns = crowd(RISKS[name], 7)
    together = estimates(RISKS[name], columns)
    for row in range(7):
        alone = estimates(RISKS[name], {key: column[row] for key, column in columns.items()})
        for one, other in zip(together.found, alone.found, strict=True):
            assert one.values[row] == other.values[0]


@pytest.mark.parametrize("name", [name for name in NAMES if RISKS[name].one_way])
@FEW
@given(data=st.data())
def test_one_way_where_it_is_said(name: str, data: st.DataObject) -> None:
    equation = RISKS[name]
    who = data.draw(person(equation))
    for key, way in equation.one_way.items():
        item = next(item for item in equation.inputs if item.name == key)
        low, high = (0.0, 1.0) if item.kind == "flag" else span(equation, item)
        steps = (
            [low, high] if item.kind == "flag" else sorted(data.draw(st.lists(st.floats(low, high), min_size=2, max_size=5)))
        )
        if key == "years_since_quitting":
            who = {**who, "smoker": 0}
        made = estimates(equation, {**who, key: np.array(steps)})
        for one in made.found:
            change = np.diff(one.values) * way
            assert (change >= -1e-12).all() or not one.offered.all(), (key, one.outcome, one.years, steps, one.values)


@pytest.mark.parametrize("name", NAMES)
@FEW
@given(data=st.data())
def test_bounds_hold_every_completion(name: str, data: st.DataObject) -> None:
    """Whatever is taken away, the value of the whole person lies within; a narrower range stays within the wider."""
    equation = RISKS[name]
    who = data.draw(person(equation))
    open_ = [item.name for item in equation.inputs if item.unknown == "bounds" and item.name != "diabetes_type_2"]
    if not open_:
        pytest.skip(f"{name} gives no bounds: whatever is not known is asked for")
    gone = data.draw(st.lists(st.sampled_from(open_), min_size=1, max_size=4, unique=True))
    whole = estimates(equation, who)
    lacking = read_columns(equation, {key: value for key, value in who.items() if key not in gone})
    for one in whole.found:
        found = bounds(equation, lacking, one.outcome, one.years)
        slack = 1e-9 * max(1.0, abs(one.values[0]))
        assert found.low[0] - slack <= one.values[0] <= found.high[0] + slack, (gone, one.outcome, one.years)
        for key, left in found.left.items():
            assert -slack <= left[0] <= found.high[0] - found.low[0] + slack, key


@pytest.mark.parametrize("name", NAMES)
def test_bounds_of_a_whole_person_are_the_value(name: str) -> None:
    columns = read_columns(RISKS[name], crowd(RISKS[name], 20))
    for one in of_columns(RISKS[name], columns).found:
        found = bounds(RISKS[name], columns, one.outcome, one.years)
        assert np.array_equal(found.low, one.values)
        assert np.array_equal(found.high, one.values)


def test_bounds_of_many_people_are_those_of_each() -> None:
    equation = RISKS["prevent-base"]
    columns = crowd(equation, 12)
    columns["systolic"] = np.where(np.arange(12) % 2, columns["systolic"], np.nan)
    columns["smoker"] = np.where(np.arange(12) % 3, columns["smoker"], np.nan)
    together = bounds(equation, read_columns(equation, columns), "total_cvd", 10)
    for row in range(12):
        alone = read_columns(equation, {key: column[row] for key, column in columns.items()})
        found = bounds(equation, alone, "total_cvd", 10)
        assert (found.low[0], found.high[0]) == (together.low[row], together.high[row])


@pytest.mark.parametrize("name", [name for name in NAMES if any(item.reference is not None for item in RISKS[name].inputs)])
def test_contributions_add_up_and_none_is_told_for_the_reference(name: str) -> None:
    equation = RISKS[name]
    columns = read_columns(equation, crowd(equation, 5))
    for one in of_columns(equation, columns).found:
        found = contributions(equation, columns, one.outcome, one.years)
        assert found is not None
        total = found.reference + sum(found.adds.values())
        assert np.allclose(total, one.values, rtol=0, atol=1e-10)
    numbers = {item.name: np.full(5, item.reference) for item in equation.inputs if item.reference is not None}
    same = read_columns(equation, {**crowd(equation, 5), **numbers})
    one = of_columns(equation, same).found[0]
    at = contributions(equation, same, one.outcome, one.years)
    assert at is not None
    assert all((adds == 0).all() for adds in at.adds.values())


BASE: dict[str, Any] = {
    "age": 50, "sex": "female", "systolic": 160, "treated": 1, "cholesterol": 5.17, "hdl": 1.16, "statin": 0, "diabetes": 1,
    "smoker": 0, "egfr": 90, "bmi": 35, "known_cvd": 0,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "years", "says"),
    [
        ({"age": 29}, 10, "age lies outside 30 to 79 years"),
        ({"age": 80}, 10, "age lies outside 30 to 79 years"),
        ({"age": 60}, 30, "risk within 30 years is for 30 to 59 years"),
        ({"systolic": 210}, 10, "systolic pressure lies outside 90 to 200 mm[Hg]"),
        ({"bmi": 45}, 10, "body mass index lies outside 18.5 to 39.9 kg/m2"),
        ({"known_cvd": 1}, 10, "cardiovascular disease is known"),
        ({"sex": None}, 10, "not known: sex"),
    ],
)
def test_outside_the_domain_nothing_is_given_and_said_why(change: dict[str, Any], years: int, says: str) -> None:
    made = estimates(RISKS["prevent-base"], {**BASE, **change})
    one = made.estimate("total_cvd", years)
    assert np.isnan(one.values[0])
    assert [reason.says for reason in one.refused if reason.says.startswith(says)]
    assert all(reason.source for reason in one.refused)


def test_30_years_are_refused_from_60_on_and_10_years_are_not() -> None:
    made = estimates(RISKS["prevent-base"], {**BASE, "age": np.array([59.0, 60.0])})
    assert np.isfinite(made.estimate("stroke", 10).values).all()
    assert list(np.isnan(made.estimate("stroke", 30).values)) == [False, True]


def test_what_an_outcome_does_not_ask_for_leaves_it_a_value() -> None:
    """Body mass index is in heart failure alone."""
    columns = read_columns(RISKS["prevent-base"], {key: value for key, value in BASE.items() if key != "bmi"})
    whole = estimates(RISKS["prevent-base"], BASE)
    stroke = bounds(RISKS["prevent-base"], columns, "stroke", 10)
    assert stroke.low[0] == stroke.high[0] == whole.estimate("stroke", 10).values[0]
    failure = bounds(RISKS["prevent-base"], columns, "heart_failure", 10)
    assert failure.low[0] < whole.estimate("heart_failure", 10).values[0] <= failure.high[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"age": -3}, "age (age) is -3; expected 0 to 130 a; is the unit right?"),
        ({"cholesterol": 200}, "cholesterol (total cholesterol) is 200; expected 1 to 30 mmol/L; is the unit right?"),
        ({"smoker": 2}, "smoker (smoking now) is 2; give 1 for yes, 0 for no"),
        ({"sex": "other"}, "sex (sex) is 'other'; give one of female, male, or nothing"),
        ({"age": "old"}, "age (age) is 'old'; give a number"),
        ({"agee": 50}, "'agee' is no input; did you mean 'age'?"),
        ({"age": [50, 51], "bmi": [30, 31, 32]}, "columns of different length"),
    ],
)
def test_what_cannot_be_is_refused_by_name(change: dict[str, Any], says: str) -> None:
    with pytest.raises(RequestError) as told:
        estimates(RISKS["prevent-base"], {**BASE, **change})
    assert says in str(told.value)
