"""What is asked about one person: a case with its genes and clock, from a history file or from a health record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from nof1.assessment.assess import Genes, Person, called_genes, chart_of
from nof1.assessment.beside import beside
from nof1.decision.library import Library, library
from nof1.errors import RequestError
from nof1.jobs.dose_case import Reading, case_of_history
from nof1.jobs.dose_clock import Clock, clock, moment
from nof1.jobs.dose_genes import Asks, asked_genes, genes_known, written_calls
from nof1.jobs.dose_history import DoseHistory, history, read_history
from nof1.jobs.one_person import gathered, wanted
from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.kinetics import PkModel
from nof1.knowledge.schema import Knowledge
from nof1.response.case import Case
from nof1.response.from_record import case_of


@dataclass(frozen=True, slots=True)
class Question:
    """The ``case``, the ``clock`` of its hours, how the person is called, ``notes`` of the reading; ``basis``: places."""

    case: Case
    clock: Clock
    person: str
    notes: tuple[str, ...]
    basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sought:
    """What the question is about, and where the person is found."""

    known: Knowledge
    drug: str
    models: Sequence[PkModel]
    genomes: Sequence[Path | str]
    asked: Mapping[str, Any]
    day: date
    progress: Callable[[int], None] | None

    @property
    def equations(self) -> list[DoseEquation]:
        """Equations that give a dose to begin with."""
        return [item for item in self.known.kinetics.equations.values() if item.drug == self.drug]


def from_history(sought: Sought, given: Path | str | Mapping[str, Any]) -> Question:
    """The question in a history file, with genes of the file and of genome files; those of the file count first."""
    if sought.asked.get("record"):
        raise RequestError("--history and --record both tell doses and levels; give one of them")
    file = history(given) if isinstance(given, Mapping) else read_history(given)
    shelf = library(sought.known)
    ticking = clock(list(file.times()), [item.time for item in file.doses])
    case = case_of_history(file, Reading(shelf, sought.drug, sought.models, ticking))
    genes, notes = _genes_beside(sought, shelf, file, case)
    return Question(replace(case, genes=genes), ticking, file.person, notes)


def _genes_beside(sought: Sought, shelf: Library, file: DoseHistory, case: Case) -> tuple[dict[str, Any], tuple[str, ...]]:
    calls = written_calls(shelf, file.genes)
    if not (asked_genes(sought.models, sought.equations) and (calls or sought.genomes)):
        return {}, ()
    person, genes = Person(file.person or "patient", 0, {}, calls, (), ()), None
    if sought.genomes:
        person, genes = _read(sought, calls)
    genes = genes or called_genes(shelf.known, person, None)
    asks = Asks(sought.models, sought.equations, case.drugs, case.drug)
    found, notes = genes_known(shelf, person, genes, asks, sought.day)
    return found, tuple(notes)


def _read(sought: Sought, calls: Mapping[str, Any]) -> tuple[Person, Genes]:
    """The person of the files asked about, and their genes as called; ``calls`` count first."""
    read = gathered(sought.genomes, wanted(sought.asked), sought.day, sought.known, sought.progress)
    person = replace(read.person, outside={**read.person.outside, **calls})
    weighed = read.ways.asked if read.ways.name == "certain" else None
    return person, called_genes(sought.known, person, weighed, read.ways.absent_is_reference)


def from_record(sought: Sought, now: str, mic: float | None, are_troughs: bool) -> Question:
    """The question in a health record: doses as they were given, levels, facts, conditions, drugs and genes."""
    person, genes = _read(sought, {})
    if person.record is None:
        raise RequestError("no doses and levels; give a history with --history, or a health record with --record")
    shelf = library(sought.known)
    chart = chart_of(shelf, genes, person.record, sought.day, (sought.drug,))
    known = beside(chart, genes.calls, mic, are_troughs)
    found = case_of(
        person.record,
        sought.known.care,
        sought.drug,
        sought.models,
        moment(now, "now") if now else None,
        dosing=sought.known.kinetics.dosing.get(sought.drug),
        beside=known,
    )
    asks = Asks(sought.models, sought.equations, known.drugs, sought.drug)
    own, notes = genes_known(shelf, person, genes, asks, sought.day)
    case = replace(found.case, genes={gene: item for gene, item in own.items() if not chart.standings[gene].is_blocked})
    return Question(case, Clock(found.zero), person.name, (*found.notes, *notes), found.basis)
