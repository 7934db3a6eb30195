"""A genotype that is not known: every possibility fitted, weighed by how likely it was and how well it explains the levels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.response.answer import Wishes, answer
from nof1.response.case import Case, Chance, GeneKnown
from nof1.response.history import Dose, Level
from nof1.response.supposed import suppositions

KNOWN = knowledge()
MODEL = KNOWN.kinetics.models["tacrolimus-campagne-2018"]
CHANCES = (
    Chance(("*3", "*3"), "Poor Metabolizer", 0.85),
    Chance(("*1", "*3"), "Intermediate Metabolizer", 0.10),
    Chance(("*1", "*6"), "Intermediate Metabolizer", 0.04),
    Chance(("*1", "*1"), "Normal Metabolizer", 0.01),
)


def case(gene: GeneKnown, level: float) -> Case:
    facts = {
        "age": ((0, 50.0),),
        "weight": ((0, 75.0),),
        "haematocrit": ((0, 38.0),),
        "female": ((0, 0.0),),
        "male": ((0, 1.0),),
    }
    given = {
        item.name: ((0.0, item.assumed if item.assumed is not None else 1.0),) for item in MODEL.covariates if not item.gene
    }
    given.pop("age", None)
    given.pop("weight", None)
    return Case(
        "tacrolimus",
        (Dose(0, 3, "oral", interval=12, additional=60),),
        (Level(719.5, level),),
        720.0,
        facts,
        given,
        frozenset(),
        genes={"CYP3A5": gene},
    )


def test_possibilities_that_look_alike_are_taken_together() -> None:
    found = suppositions(MODEL, case(GeneKnown(chances=CHANCES), 8.0))
    shares = sorted(round(probability, 6) for _, probability, _ in found)
    assert shares == [0.01, 0.14, 0.85]
    assert all(item.genes["CYP3A5"].alleles for item, _, _ in found)


def test_a_known_genotype_supposes_nothing() -> None:
    known = case(GeneKnown(("*1", "*3")), 8.0)
    assert suppositions(MODEL, known) == [(known, 1.0, "")]


@pytest.mark.parametrize(("level", "likelier"), [(16.0, "*3"), (2.2, "*1")])
def test_the_level_tells_which_genotype_it_is(level: float, likelier: str) -> None:
    """A low level at the same dose speaks for the allele that clears fast, a high one against it."""
    even = tuple(replace(one, probability=0.5) for one in (CHANCES[0], CHANCES[3]))
    asked = case(GeneKnown(chances=even), level)
    found = answer(
        asked, [MODEL], KNOWN.kinetics.dosing["tacrolimus"], KNOWN.care, np.random.default_rng(1), Wishes(draws=600)
    )
    assert sum(item.weight for item in found.models) == pytest.approx(1)
    assert any("a genotype is not known" in reason for reason in found.blocked)
    first = suppositions(MODEL, asked)
    best = max(range(len(found.models)), key=lambda number: found.models[number].weight)
    assert first[best][0].genes["CYP3A5"].alleles[0] == likelier
    assert found.models[best].weight > 0.55
    assert found.draft is None
