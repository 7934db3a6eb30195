"""The dose to begin with: from a case to what every equation gives, refused where CPIC 2017 refuses it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nof1.errors import RequestError
from nof1.jobs.dose_genes import asked_genes
from nof1.knowledge.compiled import knowledge
from nof1.response.answer import Wishes, answer
from nof1.response.case import Case, GeneKnown
from nof1.response.dose_estimates import Estimate
from nof1.response.starting import starting

AFRICAN = frozenset({"*5", "*6", "*8", "*11"})
GENES = {
    "CYP2C9": GeneKnown(("*1", "*2")),
    "VKORC1": GeneKnown(("rs9923231 reference (C)", "rs9923231 variant (T)")),
}
CASE = Case(
    "warfarin",
    (),
    (),
    now=100.0,
    facts={"age": ((0.0, 67.0),), "height": ((0.0, 170.0),), "weight": ((0.0, 90.0), (90.0, 80.0), (200.0, 60.0))},
    drugs=frozenset({"amiodarone"}),
    genes=GENES,
    told={"ancestry": "white"},
)


def found(case: Case) -> dict[str, Estimate]:
    known = knowledge()
    equations = [item for item in known.kinetics.equations.values() if item.drug == "warfarin"]
    return {item.equation.id: item for item in starting(equations, case, known.care)}


def test_the_dose_is_that_of_the_published_equation() -> None:
    """Coefficients of the appendix (S1e), written out: 67 years, 170 cm, 80 kg, A/G, *1/*2, amiodarone."""
    here = found(CASE)
    assert list(here) == [
        "iwpc-2009-pharmacogenetic", "gage-2008-pharmacogenetic", "iwpc-2009-clinical", "gage-2008-clinical"
    ]  # fmt: skip
    genetic, clinical = here["iwpc-2009-pharmacogenetic"], here["iwpc-2009-clinical"]
    expected = (5.6044 - 0.2614 * 6 + 0.0087 * 170 + 0.0128 * 80 - 0.8677 - 0.5211 - 0.5503) ** 2
    assert genetic.per_week == pytest.approx(expected, abs=1e-9)
    assert clinical.per_week == pytest.approx((4.0376 - 0.2546 * 6 + 0.0118 * 170 + 0.0134 * 80 - 0.5695) ** 2, abs=1e-9)
    assert genetic.low is not None
    assert genetic.high is not None
    assert genetic.low < expected < genetic.high
    assert [row.title for row in genetic.performance][:2] == ["everybody", "white"]
    assert genetic.assumed == ()


@pytest.mark.parametrize("told", [{}, {"ancestry": "African"}, {"ancestry": "mixed"}])
def test_the_genetic_dose_is_refused_without_the_alleles_of_african_ancestry(told: dict[str, str]) -> None:
    here = found(replace(CASE, told=told))
    genetic = here["iwpc-2009-pharmacogenetic"]
    assert genetic.per_week is None
    assert [item.source for item in genetic.refused] == ["cpic-warfarin-2017#figure-2"]
    assert "iwpc-2009-clinical" in genetic.refused[0].offers
    assert here["iwpc-2009-clinical"].per_week is not None


def test_it_is_given_where_all_of_them_were_looked_for() -> None:
    def seen(alleles: frozenset[str]) -> Case:
        cyp2c9 = replace(GENES["CYP2C9"], looked_for=alleles)
        return replace(CASE, told={"ancestry": "African"}, genes={**GENES, "CYP2C9": cyp2c9})

    assert found(seen(AFRICAN | {"*2", "*3"}))["iwpc-2009-pharmacogenetic"].per_week is not None
    assert found(seen(AFRICAN - {"*8"}))["iwpc-2009-pharmacogenetic"].per_week is None
    by_hand = replace(CASE, told={"ancestry": "African", "cyp2c9_african": 1})
    assert found(by_hand)["iwpc-2009-pharmacogenetic"].per_week is not None


def test_drugs_nobody_told_are_an_assumption_that_is_said() -> None:
    genetic = found(replace(CASE, drugs=None))["iwpc-2009-pharmacogenetic"]
    assert {item.input for item in genetic.assumed} == {"inducer", "amiodarone"}


def test_what_nobody_asks_is_refused_by_name() -> None:
    with pytest.raises(RequestError, match=r"'ancestori' is no input; did you mean 'ancestry'"):
        found(replace(CASE, told={"ancestori": "white"}))


def test_a_child_gets_no_dose() -> None:
    here = found(replace(CASE, facts={**CASE.facts, "age": ((0.0, 12.0),)}))
    assert all(item.per_week is None for item in here.values())


def test_which_genes_are_asked() -> None:
    equations = list(knowledge().kinetics.equations.values())
    assert set(asked_genes((), equations)) == {"VKORC1", "CYP2C9"}


def test_the_answer_carries_them() -> None:
    known = knowledge()
    model, file = known.kinetics.models["warfarin-hamberg-2010"], known.kinetics.dosing["warfarin"]
    equations = list(known.kinetics.equations.values())
    made = answer(CASE, [model], file, known.care, np.random.default_rng(1), Wishes(draws=300), equations)
    assert [item.equation.id for item in made.starting] == list(found(CASE))
