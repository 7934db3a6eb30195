"""Which target is aimed at where nobody chooses, and that a present regimen alone can be asked about."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vancomycin_record import NOW, course, known, models, read

from nof1.response.answer import Answer, Wishes, answer
from nof1.response.drafting import NO_DOSE
from nof1.response.from_record import case_of

DRUG = "vancomycin"


def asked(born: str, wishes: Wishes | None = None, states: dict[str, float] | None = None) -> Answer:
    dosing = known().kinetics.dosing[DRUG]
    case = case_of(read(*course(), born=born), known().care, DRUG, models(), NOW, dosing=dosing).case
    case = replace(case, states=states or {})
    return answer(case, models(), dosing, known().care, np.random.default_rng(1), wishes or Wishes(draws=200))


@pytest.mark.parametrize(
    ("born", "target"), [("1964-05-04", "auc24"), ("2018-05-04", "auc24_child"), ("2026-11-05", "auc24_newborn")]
)
def test_a_target_is_meant_for_people_of_this_age(born: str, target: str) -> None:
    """An adult's range never judges a child; who chooses a target by name gets it."""
    found = asked(born).target
    assert found is not None and found.target.id == target
    chosen = asked(born, Wishes(target="trough", draws=200)).target
    assert chosen is not None and chosen.target.id == "trough"


def test_the_present_regimen_alone() -> None:
    """Without a search no dose is priced, drafted or missed, and the present one is priced all the same."""
    alone, whole = asked("1964-05-04", Wishes(draws=200, is_searching=False)), asked("1964-05-04")
    assert (alone.options, alone.draft, alone.priced, alone.curve) == ((), None, 0, None)
    assert whole.options and whole.curve is not None
    assert alone.present is not None and whole.present is not None
    assert alone.present.in_target == pytest.approx(whole.present.in_target)
    assert NO_DOSE not in (*alone.blocked, *whole.blocked)
