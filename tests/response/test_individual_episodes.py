"""Episodes and series out of a record: what is dated counts, what is not stays unknown."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nof1.model.record import Course, Fact, Medication, Quantity, Record
from nof1.response.episodes import OFF, ON, UNKNOWN, daily_dose, doses_on, episodes, overlapping, series, taken_on

TODAY = date(2026, 11, 26)
FIRST = date(2026, 1, 1)


def drug(
    start: date | None, end: date | None = None, dose: float | None = None, course: Course = Course.ACTIVE, **more: object
) -> Medication:
    given = {"dose": Quantity(dose, "mg"), "per_day": 1.0} if dose is not None else {}
    return Medication(("d",), "d", "", course, start, end, **given, **more)  # type: ignore[arg-type]


def states(record: Record, *days: date) -> list[int]:
    return taken_on(episodes(record, "d", TODAY), np.array([day.toordinal() for day in days], dtype=np.int64)).tolist()


def value(when: date | None, number: float | str, **more: str) -> Fact:
    amount = Quantity(number, "mg/dL") if isinstance(number, float) else number
    return Fact("loinc", "1", amount, when, f"Observation/{number}", "o", **more)


def test_before_during_and_after() -> None:
    record = Record(medications=(drug(FIRST, date(2026, 3, 1), course=Course.STOPPED),))
    assert states(record, date(2025, 12, 31), FIRST, date(2026, 3, 1), date(2026, 3, 2)) == [OFF, ON, ON, OFF]


def test_unknown_start_is_unknown_and_not_guessed() -> None:
    record = Record(medications=(drug(None),))
    assert states(record, FIRST, date(2026, 11, 25), TODAY) == [UNKNOWN, UNKNOWN, ON]


def test_unknown_start_of_a_stopped_drug_is_off_after_its_end() -> None:
    record = Record(medications=(drug(None, date(2026, 3, 1), course=Course.STOPPED),))
    assert states(record, FIRST, date(2026, 3, 1), date(2026, 3, 2)) == [UNKNOWN, UNKNOWN, OFF]


def test_unknown_end_is_unknown_until_it_is_begun_again() -> None:
    record = Record(medications=(drug(FIRST, None, course=Course.STOPPED), drug(date(2026, 6, 1))))
    assert states(record, FIRST, date(2026, 2, 1), date(2026, 6, 1), TODAY) == [ON, UNKNOWN, ON, ON]


def test_plans_futures_and_local_forms_are_no_episodes() -> None:
    planned = drug(FIRST, course=Course.PLANNED)
    later = drug(date(2027, 1, 1))
    local = drug(FIRST, is_systemic=False)
    assert episodes(Record(medications=(planned, later, local)), "d", TODAY) == ()


def test_a_renewal_the_day_after_is_the_same_episode_and_a_gap_is_not() -> None:
    joined = Record(medications=(drug(FIRST, date(2026, 2, 1), 10, Course.STOPPED), drug(date(2026, 2, 2), dose=10)))
    assert [(one.start, one.is_current) for one in episodes(joined, "d", TODAY)] == [(FIRST, True)]
    apart = Record(medications=(drug(FIRST, date(2026, 2, 1), 10, Course.STOPPED), drug(date(2026, 2, 4), dose=10)))
    assert len(episodes(apart, "d", TODAY)) == 2


def test_a_change_of_dose_is_another_episode_and_overlaps_are_told() -> None:
    record = Record(medications=(drug(FIRST, date(2026, 3, 1), 10, Course.STOPPED), drug(date(2026, 2, 1), dose=20)))
    found = episodes(record, "d", TODAY)
    days = np.array([date(2026, 1, 5).toordinal(), date(2026, 2, 5).toordinal(), date(2026, 4, 1).toordinal()])
    assert doses_on(found, days, "mg").tolist() == [10, 30, 20]
    assert daily_dose(found[1], "ug") == 20_000
    assert daily_dose(found[1], "mL") is None
    assert len(overlapping(found)) == 1 and "2026-02-01 to 2026-03-01" in overlapping(found)[0]


def test_a_dose_that_is_not_recorded_is_not_zero() -> None:
    found = episodes(Record(medications=(drug(FIRST),)), "d", TODAY)
    assert doses_on(found, np.array([TODAY.toordinal()]), "mg").tolist() == [-1]


def test_series_averages_a_day_and_tells_what_it_leaves_out() -> None:
    facts = (
        value(FIRST, 10.0),
        value(FIRST, 20.0),
        value(date(2026, 1, 3), 5.0),
        value(None, 6.0),
        value(date(2027, 1, 1), 7.0),
        value(date(2026, 1, 4), 8.0, comparator="<"),
        value(date(2026, 1, 5), "positive"),
        value(date(2026, 1, 6), 9.0, doubt="outside what can be"),
    )
    found = series(Record(facts=facts), "o", "mg/dL", TODAY)
    assert found.values.tolist() == [15, 5] and found.counts.tolist() == [2, 1]
    said = " | ".join(found.left_out)
    for words in ("no date", "future of 2026-11-26", "beyond the range", "no number", "outside what can be"):
        assert words in said
    assert len(found.left_out) == 5


@given(st.lists(st.tuples(st.integers(0, 250), st.integers(0, 60)), max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_the_record_does_not_matter(spans: list[tuple[int, int]], shuffle: object) -> None:
    items = [
        drug(FIRST + timedelta(days=start), FIRST + timedelta(days=start + length), 10, Course.STOPPED)
        for start, length in spans
    ]
    days = np.arange(FIRST.toordinal() - 2, TODAY.toordinal(), dtype=np.int64)
    expected = taken_on(episodes(Record(medications=tuple(items)), "d", TODAY), days)
    shuffle.shuffle(items)  # type: ignore[attr-defined]
    assert (taken_on(episodes(Record(medications=tuple(items)), "d", TODAY), days) == expected).all()
    inside = np.zeros(len(days), dtype=bool)
    for start, length in spans:
        inside[start + 2 : start + length + 3] = True
    assert ((expected == ON) == inside).all()
