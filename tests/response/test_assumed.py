"""What a source assumes where nobody gave it forbids a draft only where it could change this person's parameters."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.response.assumed import matters
from nof1.response.case import Case
from nof1.response.covariates import fitting
from nof1.response.history import Dose

KNOWN = knowledge()
MODEL = KNOWN.kinetics.models["vancomycin-colin-2019"]


def case(age: float, weight: float) -> Case:
    facts = {
        "age": ((0, age),),
        "weight": ((0, weight),),
        "creatinine": ((0, 0.6),),
        "female": ((0, 0.0),),
        "male": ((0, 1.0),),
    }
    return Case("vancomycin", (Dose(0, 10 * weight, "intravenous", 1.0, 12, 2),), (), 24.0, facts)


def kinds(asked: Case) -> dict[str, str]:
    return {
        item.text.split(" is not known")[0]: item.kind
        for item in fitting(MODEL, asked, KNOWN.care).concerns
        if "assumed" in item.text
    }


def test_gestation_matters_in_a_newborn_and_no_longer_in_an_adult() -> None:
    assert kinds(case(60, 80))["gestational age at birth"] == "assumed"
    assert kinds(case(0.05, 3.5))["gestational age at birth"] == "said"


def test_what_raises_clearance_matters_at_any_age() -> None:
    assert kinds(case(60, 80))["haematological malignancy"] == "said"


def test_what_is_given_is_not_assumed() -> None:
    name = next(item.name for item in MODEL.covariates if item.title == "haematological malignancy")
    assert "haematological malignancy" not in kinds(replace(case(60, 80), given={name: ((0, 0.0),)}))


@pytest.mark.parametrize("value", [40.0, 25.0])
def test_without_a_range_it_is_taken_to_matter(value: float) -> None:
    item = next(item for item in MODEL.covariates if item.title == "gestational age at birth")
    bare = msgspec.structs.replace(item, soft=[], hard=[], unit="wk")
    values = {one.name: value for one in MODEL.covariates}
    assert matters(MODEL, bare, values)
