"""Writes an answer as its document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import UnitError
from nof1.knowledge.dosing import DosingFile
from nof1.knowledge.kinetics import PkModel
from nof1.response.answer import Answer
from nof1.response.case import GeneKnown
from nof1.response.covariates import Concern
from nof1.response.described import Curve
from nof1.response.document import Aimed, Band, Choice, Course, Dosing, Given, Limit, Refused, Waiting
from nof1.response.history import single_doses
from nof1.response.regimens import ceiling_text
from nof1.response.starting_written import cited_starting, starting_written
from nof1.response.targets import Aim
from nof1.response.waiting import Wait
from nof1.units.convert import convert

_LEVELS = ("trough", "peak", "average", "time_above")
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class About:
    """What stands on every document: who is asked about, by what and when, the hour 0, and settings in words."""

    created: str
    software: str
    knowledge_edition: str
    knowledge_date: str
    disclaimer: str
    person: str = ""
    start: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    special: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def document(
    answer: Answer,
    models: Sequence[PkModel],
    dosing: DosingFile | None,
    about: About,
    dated: Callable[[str], str] = str,
) -> Dosing:
    """The document of ``answer``, without sources. ``dated`` writes dates into texts that name hours."""
    titles = {model.id: model.title for model in models}
    refused = [Refused(name, titles[name], _dated(concerns, dated)) for name, concerns in answer.refused.items()]
    fitted = [replace(item, concerns=_dated(item.concerns, dated)) for item in answer.models]
    known, shown = dosing.targets if dosing else [], models[0].outputs[0].name
    return Dosing(
        drug=answer.drug,
        person=about.person,
        created=about.created,
        software=about.software,
        knowledge_edition=about.knowledge_edition,
        knowledge_date=about.knowledge_date,
        disclaimer=about.disclaimer,
        start=about.start,
        now=answer.case.now,
        dose_unit=answer.dose_unit,
        level_unit=answer.level_unit,
        doses=tuple(
            Given(
                item.time, item.amount, item.route, item.duration, item.is_steady, item.interval if item.is_steady else 0.0
            )
            for item in single_doses(answer.case.doses)
        ),
        levels=answer.levels,
        models=tuple(sorted(fitted, key=lambda item: -item.weight)),
        refused=tuple(refused),
        special=about.special,
        target=_aimed(answer.target, answer.level_unit, shown) if answer.target else None,
        targets={item.id: item.title for item in known},
        options=answer.options,
        loading=answer.loading,
        present=answer.present,
        present_above=answer.present_above,
        draft=answer.draft,
        blocked=tuple(dated(text) for text in answer.blocked),
        notes=tuple(dated(text) for text in (*answer.notes, *_lower(answer), *about.notes)),
        ceilings=_ceilings(answer, dosing),
        priced=answer.priced,
        waits=tuple(_waiting(item) for item in answer.waits),
        curve=_course(answer.curve) if answer.curve else None,
        genes={gene: _gene(item) for gene, item in answer.case.genes.items()},
        settings=about.settings,
        starting=starting_written(answer.starting),
        choices=tuple(Choice(_aimed(item, answer.level_unit, shown), present) for item, present in answer.choices),
    )


def _dated(concerns: Sequence[Concern], dated: Callable[[str], str]) -> tuple[Concern, ...]:
    return tuple(replace(item, text=dated(item.text)) for item in concerns)


def _waiting(item: Wait) -> Waiting:
    low, middle, high = (_finite(value) for value in (item.hours.low, item.hours.middle, item.hours.high))
    return Waiting(item.target, item.below, low, middle, high, item.level_now)


def _aimed(aim: Aim, level_unit: str, shown: str) -> Aimed:
    """The target as it is compared: in the unit of the levels, times hours for an area; shares of time as shares.

    ``shown``: the output that curves are of; a target of that output has its place among what was measured.
    """
    target = aim.target
    is_level = target.measure in _LEVELS or (target.measure == "output" and target.output in ("", shown))
    unit = {"auc24": f"{level_unit}.h", "time_above": "1", "output": target.unit}.get(target.measure, level_unit)
    unit = target.unit if not target.per_mic and _are_same(target.unit, unit) else unit
    return Aimed(
        *(target.id, target.title, target.measure, unit),
        *(_finite(aim.low), _finite(aim.high), _finite(aim.toxic), _finite(aim.threshold)),
        *(target.free_fraction, aim.mic, aim.is_assumed, is_level),
        *(target.source, target.status, " ".join(target.note.split())),
    )


def _are_same(one: str, other: str) -> bool:
    try:
        return abs(convert(1.0, one, other) - 1) < 1e-9
    except UnitError:
        return False


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _ceilings(answer: Answer, dosing: DosingFile | None) -> tuple[Limit, ...]:
    rows = {ceiling_text(item): item for item in reversed(dosing.ceilings if dosing else [])}
    return tuple(
        Limit(
            *(text, rows[text].source, " ".join(rows[text].note.split())),
            *(answer.above.get(text, 0), answer.undecided.get(text, "")),
        )
        for text in answer.ceilings
    )


def _lower(answer: Answer) -> Iterator[str]:
    """Ceilings that count for want of a fact."""
    for text, why in answer.undecided.items():
        yield f"the ceiling {text} {why}"


def _course(curve: Curve) -> Course:
    return Course(curve.model, _plain(curve.times), _band(curve.beforehand), _band(curve.afterwards), curve.models)


def _band(values: NDArray[Any]) -> Band:
    return Band(*(_plain(row) for row in values))


def _plain(values: NDArray[Any]) -> tuple[float, ...]:
    """Numbers of six digits: a drawing needs no more."""
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values)


def _gene(item: GeneKnown) -> str:
    if item.chances:
        return " or ".join(f"{'/'.join(one.alleles) or one.phenotype} ({one.probability:.0%})" for one in item.chances)
    return ", ".join(text for text in ("/".join(item.alleles), item.phenotype) if text)


def cited(found: Dosing, dosing: DosingFile | None) -> Iterator[str]:
    """The references (``id#place``) that the document rests on."""
    yield from (item.source for item in found.models)
    yield from (concern.source for item in found.models for concern in item.concerns)
    yield from (concern.source for item in found.refused for concern in item.reasons)
    yield from (item.source for item in found.ceilings)
    yield from cited_starting(found.starting)
    if found.target:
        yield found.target.source
    yield from (item.target.source for item in found.choices)
    if dosing:
        yield from (item.source for item in dosing.regimens)
        yield from (item.source for item in dosing.fresh)
