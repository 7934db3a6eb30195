"""Cases that cannot be: one clear line, or an answer that says what was seen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nof1.errors import InputError
from nof1.response.case import Case
from nof1.response.history import Dose, Level
from nof1.response.screening import same_levels, screen

CASE = Case("vancomycin", (Dose(0, 1000, duration=1),), (Level(10, 12.0),), 24.0, facts={"weight": ((0, 70.0),)})


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"levels": (Level(-1, 5.0),)}, "no dose was given before it"),
        ({"levels": (Level(0, 5.0),)}, "no dose was given before it"),
        ({"doses": ()}, "no dose was given before it"),
        ({"levels": (Level(10, -3.0),)}, "a level is 0 or more"),
        ({"levels": (Level(10, float("nan")),)}, "a level is 0 or more"),
        ({"levels": (Level(float("inf"), 3.0),)}, "a time is inf"),
        ({"doses": (Dose(0, 0.0),)}, "a dose is more than 0"),
        ({"doses": (Dose(0, -5.0),)}, "a dose is more than 0"),
        ({"doses": (Dose(0, 10.0, duration=-1),)}, "length of the infusion"),
        ({"doses": (Dose(0, 10.0, additional=3),)}, "interval above 0"),
        ({"doses": (Dose(0, 10.0, interval=12, additional=-1),)}, "0 or more"),
        ({"doses": (Dose(0, 10.0, duration=13, interval=12, is_steady=True),)}, "one must end before the next"),
        ({"facts": {"weight": ((0, 0.0),)}}, "above 0"),
        ({"facts": {"creatinine": ((0, float("nan")),)}}, "write a number"),
        ({"mic": 0.0}, "MIC is 0"),
        ({"now": 24.0 * 366 * 30}, "wrong date"),
        ({"doses": (Dose(0, 10.0, interval=1, additional=30_000),)}, "at most 20000"),
    ],
)
def test_refused_in_one_line(changed: dict[str, object], words: str) -> None:
    with pytest.raises(InputError) as error:
        screen(replace(CASE, **changed))  # type: ignore[arg-type]
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_what_is_written_twice_is_told() -> None:
    doubled = replace(CASE, doses=(*CASE.doses, *CASE.doses), levels=(*CASE.levels, *CASE.levels))
    assert screen(doubled) == ["the dose of 1000 at 0 h stands 2 times", "the level 12 at 10 h stands 2 times"]
    assert same_levels(doubled.levels) == CASE.levels


def test_four_hundred_doses_are_no_reason() -> None:
    many = replace(CASE, doses=tuple(Dose(12.0 * number, 1000, duration=1) for number in range(400)), now=12.0 * 400)
    assert screen(many) == []


def test_a_level_after_now_is_refused() -> None:
    with pytest.raises(InputError, match=r"level 12 at 10 h: it lies after now \(5 h\)"):
        screen(replace(CASE, now=5.0))
