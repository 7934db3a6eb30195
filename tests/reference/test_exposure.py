"""Exposure ratios against published, observed ones: how many predictions are near, and how many intervals hold them."""

from __future__ import annotations

import pytest

from nof1.decision.exposure import interval, residual_of
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.enzymes import ExposureFile, PublishedRatio

NORMAL = {"Normal Metabolizer": 1.0, "Poor Metabolizer": 0.0}


def exposure() -> ExposureFile:
    file = knowledge().care.exposure
    assert file is not None
    return file


def predicted(file: ExposureFile, row: PublishedRatio) -> tuple[float, float, float]:
    (substrate,) = [item for item in file.substrates if (item.drug, item.enzyme) == (row.substrate, row.enzyme)]
    strengths = {item.drug: item.strength for item in knowledge().care.modulators if item.enzyme == row.enzyme}
    left = residual_of(file, row.enzyme, row.inhibitor, strengths.get(row.inhibitor, ""))
    assert left is not None, row
    activity = NORMAL[row.phenotype] if row.score is None else row.score / file.reference_score[row.enzyme]
    return interval(substrate.fm, left.residual, activity, file.spread)


def test_the_published_ratios_of_the_static_model_are_here() -> None:
    """Nine values of one published table, observed: they are what the equation is checked by."""
    observed = {(row.substrate, row.inhibitor): set() for row in exposure().published}
    for row in exposure().published:
        observed[row.substrate, row.inhibitor].add(row.observed)
    assert observed["dextromethorphan", "duloxetine"] >= {1.8, 2.4}
    assert observed["dextromethorphan", "paroxetine"] >= {8.5, 14.6}
    assert observed["tolterodine", "fluoxetine"] >= {1.25, 5.47, 17.4}
    assert observed["risperidone", "fluoxetine"] >= {1.3, 4.2}


def test_most_predictions_are_within_twofold_and_most_intervals_hold() -> None:
    file = exposure()
    rows = [(row, predicted(file, row)) for row in file.published]
    near = [row for row, (mid, _, _) in rows if 0.5 <= mid / row.observed <= 2]
    held = [row for row, (_, low, high) in rows if low <= row.observed <= high]
    assert len(rows) >= 9
    assert len(near) / len(rows) >= 0.75
    assert len(held) / len(rows) >= 0.80


@pytest.mark.parametrize("drug", sorted({row.substrate for row in exposure().published}))
def test_a_drug_that_does_not_fit_is_withheld(drug: str) -> None:
    """Half of a drug's published ratios within twofold, or its ratio is not shown."""
    file = exposure()
    rows = [(row, predicted(file, row)) for row in file.published if row.substrate == drug]
    near = [row for row, (mid, _, _) in rows if 0.5 <= mid / row.observed <= 2]
    withheld = any(item.withheld for item in file.substrates if item.drug == drug)
    assert withheld or 2 * len(near) >= len(rows)
