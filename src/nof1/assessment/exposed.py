"""The exposure to one drug: a case out of the record, an answer from the models, and its reasons."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import numpy as np

from nof1.assessment.beside import beside
from nof1.decision.chart import Chart
from nof1.decision.facts import RECORD
from nof1.errors import InputError, RequestError
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.kinetics import PkModel
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.exposures import Exposure, LevelUsed, ModelUsed
from nof1.model.findings import GeneCall
from nof1.model.record import Administration, Record
from nof1.response.answer import Answer, Wishes, answer
from nof1.response.described import Interval, ModelFit
from nof1.response.from_record import Beside, FromRecord, case_of
from nof1.response.regimens import regimen_words
from nof1.response.search import Option
from nof1.response.targets import Aim

DRAWS = 1000
_LONG = "doses are not searched here, since its model is followed step by step; nof1 dose {drug} does"


def exposure(
    found: Chart, record: Record, calls: Sequence[GeneCall], drug: str, rng: np.random.Generator
) -> Exposure | None:
    """The exposure to ``drug`` under the regimen of ``record``; ``None`` where there is no dose that a model follows.

    What cannot be worked out is an ``Exposure`` of basis ``none`` that says why.
    """
    now = None if any(_is_timed(item, drug) for item in record.administrations) else _end_of(found)
    made = _answered(found, record, calls, drug, now, rng)
    if isinstance(made, Exposure):
        return made
    read, answered = made
    if not read.case.doses:
        return Exposure(drug, "none", blocked=read.case.doubts, notes=read.notes) if read.case.doubts else None
    return _exposure(read, answered, answered.present)


def _is_timed(item: Administration, drug: str) -> bool:
    return drug in item.drugs and bool(item.start) and not item.doubt


def beginning(
    found: Chart, record: Record, calls: Sequence[GeneCall], drug: str, rng: np.random.Generator
) -> Exposure | None:
    """The exposure to ``drug`` at the dose that would suit this person best by the models, were it begun now.

    A search over models that are followed step by step takes too long beside a comparison; then that is said.
    """
    models = [model for model in found.shelf.known.kinetics.models.values() if model.drug == drug]
    if any(model.structure.elimination != "linear" or model.structure.states for model in models):
        return Exposure(drug, "none", blocked=(_LONG.format(drug=drug),))
    fresh = replace(record, administrations=(), medications=())
    reached = _answered(found, fresh, calls, drug, _end_of(found), rng, is_searching=True)
    if isinstance(reached, Exposure):
        return reached
    read, answered = reached
    best = answered.options[0] if answered.options else None
    made = _exposure(read, answered, best)
    told = f"the best of {answered.priced} doses that exist, by the models; no dose is drafted from it"
    return replace(made, notes=(*made.notes, told)) if best else made


def _end_of(found: Chart) -> datetime:
    """The last minute of the day, so that everything of the day counts."""
    return datetime.combine(found.situation.today, time(23, 59), UTC)


def _answered(
    found: Chart,
    record: Record,
    calls: Sequence[GeneCall],
    drug: str,
    now: datetime | None,
    rng: np.random.Generator,
    is_searching: bool = False,
) -> tuple[FromRecord, Answer] | Exposure:
    """The case and its answer; an exposure of basis ``none`` where a line says why there is none."""
    known = found.shelf.known
    models = [model for model in known.kinetics.models.values() if model.drug == drug and not model.special]
    dosing = known.kinetics.dosing.get(drug)
    try:
        read = _read(found, record, drug, models, now, dosing, beside(found, calls))
    except InputError as error:
        return Exposure(drug, "none", blocked=(str(error),))
    try:
        return read, answer(read.case, models, dosing, known.care, rng, Wishes(draws=DRAWS, is_searching=is_searching))
    except InputError as error:
        return Exposure(drug, "none", blocked=(str(error),), notes=read.notes)


def _read(
    found: Chart,
    record: Record,
    drug: str,
    models: Sequence[PkModel],
    now: datetime | None,
    dosing: DosingFile | None,
    known: Beside,
) -> FromRecord:
    """The case as of ``now``, or of when the next dose is due; of the end of the day where no dose can be followed."""
    care = found.shelf.known.care
    try:
        return case_of(record, care, drug, models, now, dosing=dosing, beside=known)
    except RequestError:
        return case_of(record, care, drug, models, _end_of(found), dosing=dosing, beside=known)


def _exposure(read: FromRecord, made: Answer, present: Option | None) -> Exposure:
    models, levels = tuple(_model(item) for item in made.models), tuple(_levels(read, made))
    above = (f"the regimen is above a ceiling: {text}" for text in made.present_above)
    base = Exposure(
        drug=made.drug,
        basis="none" if not models else "levels" if levels else "population",
        is_ordered=read.is_regular,
        models=models,
        levels=levels,
        refused=_refused(made),
        blocked=made.blocked,
        notes=(*read.notes, *made.notes, *above),
    )
    aim = made.target
    if aim is None or present is None:
        return base
    return replace(
        base,
        regimen=regimen_words(present.regimen, made.dose_unit),
        measure=aim.target.measure,
        unit=aim.target.unit,
        target=aim.target.title,
        low=_finite(aim.low),
        high=_finite(aim.high),
        toxic=_finite(aim.toxic),
        interval=_three(present.exposure),
        in_target=_chance(present.in_target),
        below=_chance(present.below),
        above=_chance(present.above),
        harmful=_chance(present.toxic) if math.isfinite(aim.toxic) else None,
        source=SourceRef.parse(aim.target.source),
        because=_because(read, base, present.exposure, aim),
    )


def _model(item: ModelFit) -> ModelUsed:
    concerns = tuple(concern.text for concern in item.concerns)
    return ModelUsed(item.id, item.title, round(item.weight, 4), item.status, SourceRef.parse(item.source), concerns)


def _levels(read: FromRecord, made: Answer) -> Iterator[LevelUsed]:
    places = dict(zip(read.case.levels, read.basis[len(read.basis) - len(read.case.levels) :], strict=True))
    by_time = {(level.time, level.value, str(level.limit)): place for level, place in places.items()}
    for level in made.levels:
        yield LevelUsed(
            level.value,
            made.level_unit,
            _at(read, level.time),
            by_time.get((level.time, level.value, level.limit), ""),
            level.limit,
            _three(level.beforehand),
            _three(level.afterwards),
        )


def _at(read: FromRecord, hours: float) -> str:
    moment = (read.zero + timedelta(hours=hours)).replace(microsecond=0)
    return f"{moment.replace(tzinfo=None).isoformat()}{'Z' if moment.tzinfo else ''}"


def _refused(made: Answer) -> dict[str, str]:
    """Why each model that is left out is, by its id."""
    found = {
        name: "; ".join(concern.text for concern in concerns if concern.kind == "refused")
        for name, concerns in made.refused.items()
    }
    return dict(sorted(found.items()))


def _three(found: Interval) -> tuple[float, float, float]:
    return _rounded(found.low), _rounded(found.middle), _rounded(found.high)


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _chance(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 4)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _because(read: FromRecord, base: Exposure, found: Interval, aim: Aim) -> Because:
    """What the exposure rests on: target, models, doses, levels."""
    low, middle, high = _three(found)
    count = len(read.basis) - len(read.case.levels)
    told = "ordered" if read.is_regular else f"{count} given"
    steps = [
        Because("target", aim.target.title, SourceRef.parse(aim.target.source), FactStatus(aim.target.status)),
        *(Because(item.title, f"weight {item.weight:.2f}", item.source, FactStatus(item.status)) for item in base.models),
        *([Because("doses", told, SourceRef(RECORD, read.basis[0]))] if count else []),
        *(Because("level", f"{item.value:g} {item.unit}, {item.at}", SourceRef(RECORD, item.place)) for item in base.levels),
    ]
    value = f"{middle:g} ({low:g} to {high:g}) {aim.target.unit}"
    return Because(f"exposure to {base.drug}: {aim.target.measure}", value, None, None, tuple(steps))
