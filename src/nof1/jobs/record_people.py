"""Advice on the drugs of many people's health records in one process: one person after the other, none is kept."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nof1.assessment.assess import Person, advice_on, called_genes, chart_of
from nof1.decision.interactions import interactions
from nof1.decision.library import library
from nof1.errors import InputError
from nof1.genomics.outside.call import OutsideCall
from nof1.jobs.method import METHODS, Method, chosen
from nof1.jobs.records import person_record, terms_of
from nof1.knowledge.compiled import knowledge as shipped_knowledge
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import DrugAdvice, Interaction
from nof1.model.record import Record


@dataclass(frozen=True, slots=True)
class Patient:
    """One person: FHIR R4 files or folders (paths), or decoded resources, and calls made elsewhere by gene."""

    name: str
    record: Path | str | Sequence[Path | str | Mapping[str, object]]
    calls: Mapping[str, Sequence[OutsideCall]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advised:
    """What is said about one person: advice on each drug taken or planned, the most urgent first, and interactions.

    ``read``: resources by type. ``problem``: why nothing is said, where the record or a call cannot be used.
    """

    name: str
    drugs: tuple[DrugAdvice, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    read: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


def advise_people(
    people: Iterable[Patient],
    *,
    today: date | None = None,
    knowledge: Knowledge | None = None,
    method: str = METHODS[0],
    population: str = "",
) -> Iterator[Advised]:
    """Advice on the drugs of each of ``people``, in their order, as ``nof1.assess`` gives it.

    A record or call that cannot be used is told in ``problem`` of that person, and the others go on. Raises ``RequestError``
    for a method or population nobody knows.
    """
    known = knowledge or shipped_knowledge()
    ways = chosen(known, method, population)
    day = today or date.today()
    for patient in people:
        try:
            with _undisturbed():
                told = _advised(known, ways, day, patient)
        except InputError as error:
            told = Advised(patient.name, problem=str(error))
        yield told


@contextmanager
def _undisturbed() -> Iterator[None]:
    """One person at a time without looks for cycles: a record is many small objects, and no cycle is among them."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _advised(known: Knowledge, ways: Method, day: date, patient: Patient) -> Advised:
    record = _record(known, patient.record, day)
    person = Person(patient.name, 0, {}, patient.calls, (), (), record)
    genes = called_genes(known, person, ways.asked if ways.name == METHODS[0] else None)
    found = chart_of(library(known), genes, record, day, ())
    drugs = dict.fromkeys(item.drug for item in found.drugs if found.concerns(item.drug))
    return Advised(patient.name, advice_on(found, list(drugs)), interactions(found), record.read)


def _record(known: Knowledge, given: Path | str | Sequence[Path | str | Mapping[str, object]], day: date) -> Record:
    from nof1.record.facts import read_resources

    listed = [given] if isinstance(given, str | Path) else given
    paths = [item for item in listed if isinstance(item, str | Path)]
    if len(paths) == len(listed):
        return person_record(known, paths, day) or Record()
    return read_resources(listed, terms_of(known), today=day)
