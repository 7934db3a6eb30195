"""``nof1.dose``: from what was given and measured to doses with their chances, for one person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from nof1.assessment.assess import DISCLAIMER, Person, called_genes
from nof1.assessment.cited import shown
from nof1.decision.library import Library, library
from nof1.errors import InputError, RequestError
from nof1.jobs.dose_case import Reading, case_of_history
from nof1.jobs.dose_clock import Clock, clock
from nof1.jobs.dose_genes import Asks, asked_genes, genes_known, written_calls
from nof1.jobs.dose_history import DoseHistory, history, read_history
from nof1.jobs.dose_models import check_units, chosen_models
from nof1.jobs.one_person import gathered, software, wanted
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Knowledge
from nof1.model.evidence import SourceRef
from nof1.response.answer import DRAWS, Wishes, answer
from nof1.response.case import Case
from nof1.response.document import Dosing
from nof1.response.written import About, cited, document

SEED = 20261126
FEWEST, MOST = 200, 20_000  # draws
_LEAST_PRIOR = 0.01  # below it levels stand alone, and few of them say less than a model asks


@dataclass(frozen=True, slots=True)
class DoseWishes:
    """What is wished of a dose. ``target``: an id; ``intervals`` hours (none: any); ``mic`` mg/L, over that of the history.

    ``prior`` (0.01 to 1): how much the population counts beside the levels, 1 as published. ``seed`` and ``draws``
    of the posterior: the same question has the same answer.
    """

    target: str = ""
    intervals: tuple[float, ...] = ()
    mic: float | None = None
    prior: float = 1.0
    draws: int = DRAWS
    seed: int = SEED

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
    decoded JSON. ``models``: only these, by id or file; special ones are used only when named. Other keywords are those
    of ``nof1.assess`` for genome files. Raises ``InputError`` for a question that cannot
    be answered, by name; a model that does not hold is no error: it is in ``refused``.
    """
    known, day = knowledge or shipped_knowledge(), today or date.today()
    drug, usual, special = chosen_models(known, str(name), models)
    check_units(usual)
    wish = wishes or DoseWishes()
    if history is None:
        raise RequestError("no doses and levels; give a history with --history")
    file = _history(history)
    found = _question(known, file, drug, usual)
    genes, notes = _genes(library(known), file, found.case, usual, genomes, asked, day, progress)
    case = replace(found.case, genes=genes, mic=found.case.mic if wish.mic is None else wish.mic)
    try:
        return _answered(
            known, found.clock, case, usual, wish, _about(known, day, file.person, found.clock, wish, special, notes)
        )
    except InputError as error:
        raise type(error)(found.clock.dated(str(error))) from error


@dataclass(frozen=True, slots=True)
class _Question:
    case: Case
    clock: Clock


def _history(given: Path | str | Mapping[str, Any]) -> DoseHistory:
    return history(given) if isinstance(given, Mapping) else read_history(given)


def _question(known: Knowledge, file: DoseHistory, drug: str, models: Sequence[PkModel]) -> _Question:
    ticking = clock(list(file.times()), [item.time for item in file.doses])
    return _Question(case_of_history(file, Reading(library(known), drug, models, ticking)), ticking)


def _genes(
    shelf: Library,
    file: DoseHistory,
    case: Case,
    models: Sequence[PkModel],
    genomes: Sequence[Path | str],
    asked: Mapping[str, Any],
    day: date,
    progress: Callable[[int], None] | None,
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Genes that ``models`` and equations ask for, from the history, which counts first, and from genome files."""
    calls, equations = written_calls(shelf, file.genes), _equations(shelf.known, case.drug)
    if not (asked_genes(models, equations) and (calls or genomes)):
        return {}, ()
    person, ways = Person(file.person or "patient", 0, {}, calls, (), ()), None
    if genomes:
        read = gathered(genomes, wanted(asked), day, shelf.known, progress)
        person, ways = replace(read.person, outside={**read.person.outside, **calls}), read.ways
    weighed = ways.asked if ways and ways.name == "certain" else None
    called = called_genes(shelf.known, person, weighed, bool(ways and ways.absent_is_reference))
    asks = Asks(models, equations, case.drugs, case.drug)
    found, notes = genes_known(shelf, person, called, asks, day)
    return found, tuple(notes)


def _equations(known: Knowledge, drug: str) -> list[DoseEquation]:
    return [item for item in known.kinetics.equations.values() if item.drug == drug]


def _about(
    known: Knowledge,
    day: date,
    person: str,
    ticking: Clock,
    wish: DoseWishes,
    special: Sequence[PkModel],
    notes: Sequence[str],
) -> About:
    return About(
        created=day.isoformat(),
        software=software(),
        knowledge_edition=known.edition.digest,
        knowledge_date=known.edition.date,
        disclaimer=DISCLAIMER,
        person=person,
        start=ticking.start.isoformat() if ticking.start else "",
        settings=wish.settings,
        special={model.id: model.special for model in special},
        notes=tuple(notes),
    )


def _answered(
    known: Knowledge, ticking: Clock, case: Case, models: Sequence[PkModel], wish: DoseWishes, about: About
) -> Dosing:
    dosing, rng = known.kinetics.dosing.get(case.drug), np.random.default_rng(wish.seed)
    wishes = Wishes(wish.target, wish.intervals, wish.draws, wish.prior)
    made = answer(case, models, dosing, known.care, rng, wishes, _equations(known, case.drug))
    written = document(made, models, dosing, about, ticking.dated)
    names = dict.fromkeys(SourceRef.parse(text).source for text in cited(written, dosing) if text)
    return replace(written, sources={name: shown(known, name) for name in names if name in known.sources})
