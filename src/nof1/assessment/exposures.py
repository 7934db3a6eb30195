"""Which drugs of a record are given so that their exposure can be worked out; nothing is loaded where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nof1.decision.chart import Chart
from nof1.model.exposures import Exposure
from nof1.model.findings import Comparison, GeneCall
from nof1.model.record import Course, Record

if TYPE_CHECKING:
    import numpy as np

    Randomness = Callable[[], np.random.Generator]

_RECENT = timedelta(days=7)  # a course whose last dose is older is over: a choice of ours


def exposures(found: Chart, calls: Sequence[GeneCall], randomness: Randomness | None) -> tuple[Exposure, ...]:
    """The exposure to every drug that has a model and is given, or ordered regularly, by name.

    ``randomness`` makes the generator that draws are taken from, anew for each drug; without it nothing is worked out.
    """
    record = found.record
    if record is None or randomness is None:
        return ()
    modelled = {model.drug for model in found.shelf.known.kinetics.models.values()}
    drugs = [drug for drug in sorted(modelled) if _is_followed(found, record, drug)]
    if not drugs:
        return ()
    from nof1.assessment.exposed import exposure  # brings NumPy and the engine

    made = [exposure(found, record, calls, drug, randomness()) for drug in drugs]
    return tuple(item for item in made if item is not None)


def _is_followed(found: Chart, record: Record, drug: str) -> bool:
    """Whether the record says when the drug was given lately, or how it is taken now."""
    if found.course(drug) not in (Course.ACTIVE, Course.UNKNOWN) or found.local_route(drug):
        return False
    given = [item for item in record.administrations if drug in item.drugs]
    if given:
        return any(item.day is not None and found.situation.today - item.day <= _RECENT for item in given)
    return any(drug in item.drugs and item.course is Course.ACTIVE for item in record.medications)


def with_exposures(
    compared: Comparison,
    found: Chart,
    calls: Sequence[GeneCall],
    known: Sequence[Exposure],
    randomness: Randomness | None,
) -> Comparison:
    """``compared`` with the exposure to each drug that has a model: under the regimen it is taken in (``known``), or at the
    dose that would suit this person best."""
    if found.record is None or randomness is None:
        return compared
    taken = {item.drug: item for item in known}
    modelled = {model.drug for model in found.shelf.known.kinetics.models.values()}
    if not modelled & {item.drug for item in compared.drugs}:
        return compared
    from nof1.assessment.exposed import beginning  # brings NumPy and the engine

    drugs = []
    for item in compared.drugs:
        reached = taken.get(item.drug)
        if reached is None and item.drug in modelled and not item.is_taken:
            reached = beginning(found, found.record, calls, item.drug, randomness())
        drugs.append(replace(item, exposure=reached))
    return replace(compared, drugs=tuple(drugs))
