"""``nof1.dose``: from what was given and measured to doses with their chances, for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nof1.assessment.assess import DISCLAIMER
from nof1.assessment.cited import shown
from nof1.errors import InputError, RequestError
from nof1.jobs.dose_models import check_units, chosen_models
from nof1.jobs.dose_question import Question, Sought, from_history, from_record
from nof1.jobs.software import software
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Knowledge
from nof1.model.evidence import SourceRef
from nof1.response.answer import DRAWS, Answer, Wishes, answer
from nof1.response.document import Dosing
from nof1.response.written import About, cited, document

SEED = 20261126
FEWEST, MOST = 200, 20_000  # draws
_LEAST_PRIOR = 0.01  # below it levels stand alone, and few of them say less than a model asks


@dataclass(frozen=True, slots=True)
class DoseWishes:
    """What is wished of a dose. ``target``: an id; ``intervals`` hours (none: any); ``mic`` mg/L, over that of the history.

    ``prior`` (0.01 to 1): how much the population counts beside the levels, 1 as published. ``seed`` and ``draws``
    of the posterior: the same question has the same answer. Of a record: ``now``, a date and time (empty: when the next dose
    is due), and ``are_troughs``, that levels were taken just before a dose where the record has an order and no times.
    """

    target: str = ""
    intervals: tuple[float, ...] = ()
    mic: float | None = None
    prior: float = 1.0
    draws: int = DRAWS
    seed: int = SEED
    now: str = ""
    are_troughs: bool = False

    def __post_init__(self) -> None:
        """Raises ``RequestError`` for a wish that cannot be."""
        if not _LEAST_PRIOR <= self.prior <= 1:
            raise RequestError(f"prior is {self.prior:g}; write a number from {_LEAST_PRIOR:g} to 1")
        if not FEWEST <= self.draws <= MOST:
            raise RequestError(f"draws is {self.draws}; write {FEWEST} to {MOST}")
        if self.seed < 0:
            raise RequestError(f"seed is {self.seed}; write 0 or more")
        if any(not 0 < hours < float("inf") for hours in self.intervals):
            raise RequestError("an interval is not above 0 hours; write hours such as 12")

    @property
    def settings(self) -> dict[str, str]:
        """The wishes in words, as printed."""
        return {
            "weight of the population": f"{self.prior:g} (1: as published)",
            "draws of the posterior": f"{self.draws}",
            "seed": f"{self.seed}",
            "intervals": ", ".join(f"{hours:g} h" for hours in self.intervals) or "any that exist",
        }


def dose(
    name: str | Path,
    genomes: Sequence[Path | str] = (),
    *,
    history: Path | str | Mapping[str, Any] | None = None,
    models: Sequence[str] = (),
    wishes: DoseWishes | None = None,
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    **asked: Any,
) -> Dosing:
    """Doses of a drug for one person, with how likely each meets the target, and what stands in the way of a draft.

    ``name``: a drug, or a model file (YAML) of your own. ``history``: a file of doses, levels and facts, or the same as
    decoded JSON; without it a health ``record`` is read. ``models``: only these, by id or file; special ones are used only
    when named. Other keywords are those of ``nof1.assess``, for the record and genome files. Raises ``InputError`` for a
    question that cannot be answered, by name; a model that does not hold is no error: it is in ``refused``.
    """
    return answered(
        name,
        genomes,
        history=history,
        models=models,
        wishes=wishes,
        today=today,
        knowledge=knowledge,
        progress=progress,
        **asked,
    ).document


@dataclass(frozen=True, slots=True)
class Answered:
    """An ``answer`` with its ``document``; ``question``: as it was read."""

    document: Dosing
    answer: Answer
    question: Question


def answered(
    name: str | Path,
    genomes: Sequence[Path | str] = (),
    *,
    history: Path | str | Mapping[str, Any] | None = None,
    models: Sequence[str] = (),
    wishes: DoseWishes | None = None,
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    **asked: Any,
) -> Answered:
    """As ``dose``, with what its document was written from."""
    known, day, wish = knowledge or shipped_knowledge(), today or date.today(), wishes or DoseWishes()
    drug, usual, special = chosen_models(known, str(name), models)
    check_units(usual)
    sought = Sought(known, drug, usual, genomes, asked, day, progress)
    if history is not None:
        if wish.now or wish.are_troughs:
            raise RequestError("--now and --troughs go with --record; a history tells now and the times of levels itself")
        found = from_history(sought, history)
    elif asked.get("record"):
        found = from_record(sought, wish.now, wish.mic, wish.are_troughs)
    else:
        raise RequestError("no doses and levels; give a history with --history, or a health record with --record")
    found = replace(found, case=replace(found.case, mic=found.case.mic if wish.mic is None else wish.mic))
    try:
        return _written(sought, found, wish, special)
    except InputError as error:
        raise type(error)(found.clock.dated(str(error))) from error


def _written(sought: Sought, found: Question, wish: DoseWishes, special: Sequence[PkModel]) -> Answered:
    known = sought.known
    dosing = known.kinetics.dosing.get(sought.drug)
    rng = np.random.default_rng(wish.seed)
    asked = Wishes(wish.target, wish.intervals, wish.draws, wish.prior)
    made = answer(found.case, sought.models, dosing, known.care, rng, asked, sought.equations)
    about = _about(known, sought.day, found, wish, special)
    written = document(made, sought.models, dosing, about, found.clock.dated)
    names = dict.fromkeys(SourceRef.parse(text).source for text in cited(written, dosing) if text)
    sources = {name: shown(known, name) for name in names if name in known.sources}
    return Answered(replace(written, sources=sources), made, found)


def _about(known: Knowledge, day: date, found: Question, wish: DoseWishes, special: Sequence[PkModel]) -> About:
    return About(
        created=day.isoformat(),
        software=software(),
        knowledge_edition=known.edition.digest,
        knowledge_date=known.edition.date,
        disclaimer=DISCLAIMER,
        person=found.person,
        start=found.clock.start.isoformat() if found.clock.start else "",
        settings=wish.settings,
        special={model.id: model.special for model in special},
        notes=found.notes,
    )


def fhir_bundle(found: Answered, knowledge: Knowledge | None = None) -> dict[str, Any]:
    """The answer as a FHIR R4 bundle: a RiskAssessment for each dose, what is predicted, and the draft, if any."""
    from nof1.report.fhir_dose import bundle
    from nof1.report.fhir_dose_parts import About as Frame

    known = knowledge or shipped_knowledge()
    term, made = known.care.drugs.get(found.document.drug), found.document
    frame = Frame(
        person=made.person,
        created=made.created,
        software=made.software,
        edition=made.knowledge_edition,
        zero=found.question.clock.start,
        basis=found.question.basis,
        rxnorm=str(term.rxnorm or "").split("|")[0] if term else "",
    )
    return bundle(found.answer, frame)
