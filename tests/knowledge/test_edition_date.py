"""The edition's date is the latest day on which anything in it was checked, whatever part it stands in."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.load import dates

LATER = "2027-02-03"
KNOWN = knowledge()


def later(rows: Any) -> Any:
    return [replace(rows[0], checked=LATER), *rows[1:]]


def dosing(part: str) -> Any:
    drug, file = next(iter(KNOWN.kinetics.dosing.items()))
    return replace(KNOWN.kinetics, dosing={drug: replace(file, **{part: later(getattr(file, part))})})


@pytest.mark.parametrize("part", ["regimens", "ceilings", "targets"])
def test_rows_of_doses_count(part: str) -> None:
    assert max(dates(dosing(part))) == LATER


def test_models_equations_and_responses_count() -> None:
    model, equation = next(iter(KNOWN.kinetics.models.values())), next(iter(KNOWN.kinetics.equations.values()))
    assert max(dates({"m": replace(model, checked=LATER)})) == LATER
    assert max(dates([replace(equation, checked=LATER)])) == LATER
    responses = KNOWN.responses
    outcome = next(iter(responses.outcomes.values()))
    assert max(dates(replace(responses, outcomes={"o": replace(outcome, checked=LATER)}))) == LATER


def test_the_shipped_date_is_the_latest_of_all_parts() -> None:
    parts = (KNOWN.genes, KNOWN.drugs, KNOWN.guidelines, KNOWN.care, KNOWN.kinetics, KNOWN.responses)
    assert KNOWN.edition.date == max(date for part in parts for date in dates(part))
    assert KNOWN.edition.date >= max(item.checked for item in KNOWN.responses.outcomes.values())
