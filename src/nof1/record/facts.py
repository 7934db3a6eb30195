"""A person's record as facts: who it is, drugs, conditions, allergies, measurements, relatives, reported genes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from nof1.errors import RecordError
from nof1.model.record import Course, Record
from nof1.model.terms import Terms
from nof1.record.administrations import KIND, administrations
from nof1.record.allergies import allergies
from nof1.record.conditions import conditions, procedures
from nof1.record.consents import opt_ins
from nof1.record.done import KINDS as DONE
from nof1.record.done import done
from nof1.record.family import members, relatives
from nof1.record.gather import Gathered, gather
from nof1.record.genetics import is_genetic, reported_genes
from nof1.record.medications import KINDS, medications
from nof1.record.observations import observations
from nof1.record.patients import person
from nof1.record.reading import Reading, Resource
from nof1.record.resources import Broken, Found, from_files, from_resources
from nof1.record.said_none import empty_lists

_READ = {
    *("Patient", "Observation", "Condition", "Procedure", "AllergyIntolerance", "FamilyMemberHistory", "DiagnosticReport"),
    *("Consent",),
    "Immunization",
    *KINDS,
}


def read_record(paths: Iterable[Path | str], terms: Terms, *, today: date, patient: str = "") -> Record:
    """The record of one person in FHIR R4 files: bundles of any type, NDJSON, single resources (all also gzip), folders.

    ``patient``: id of the person, needed where the files are about several. What cannot be used is in ``left_out`` of the
    record; ``RecordError`` is raised only where nothing can be read or it is not clear whose record is meant.
    """
    record = _record(from_files(paths), terms, today, patient)
    if not _READ & set(record.read):
        found = ", ".join(f"{kind} ({number})" for kind, number in sorted(record.read.items())[:5]) or "no resource"
        raise RecordError(f"the record holds nothing that is read here: {found}; give FHIR R4 resources of one person")
    return record


def read_resources(resources: Sequence[object], terms: Terms, *, today: date, patient: str = "") -> Record:
    """The record of one person in decoded resources, as a server holds them; otherwise as ``read_record``.

    >>> patient = {"resourceType": "Patient", "id": "1", "birthDate": "1970-03"}
    >>> found = read_resources([patient], Terms(), today=date(2026, 1, 1))
    >>> found.person, found.birth_precision, found.sex
    ('1', 'month', '')
    """
    return _record(from_resources(resources), terms, today, patient)


def _record(found: Iterable[Found | Broken], terms: Terms, today: date, patient: str) -> Record:
    reading = Reading(terms, today)
    gathered = gather(found, reading, patient)
    who = person(gathered.persons, gathered.of("Patient"), reading)
    reading.born = who.birth_date
    genetic: list[Resource] = []
    measured: list[Resource] = []
    for resource in gathered.of("Observation"):
        (genetic if is_genetic(resource, reading) else measured).append(resource)
    empty_lists(gathered.of("List"), gathered.of("Composition"), reading)
    record = Record(
        facts=tuple(observations(measured, reading)),
        person=gathered.person,
        birth_date=who.birth_date,
        birth_precision=who.birth_precision,
        sex=who.sex,
        died=who.died,
        medications=tuple(medications([one for kind in KINDS for one in gathered.of(kind)], reading)),
        conditions=(*conditions(gathered.of("Condition"), reading), *procedures(gathered.of("Procedure"), reading)),
        allergies=tuple(allergies(gathered.of("AllergyIntolerance"), reading)),
        relatives=tuple(relatives(gathered.of("FamilyMemberHistory"), reading)),
        genes=tuple(reported_genes(genetic, reading)),
        administrations=tuple(administrations(gathered.of(KIND), reading)),
        opt_ins=tuple(opt_ins(gathered.of("Consent"), reading)),
        family=tuple(members(gathered.of("FamilyMemberHistory"), reading)),
        done=tuple(done([one for kind in DONE for one in gathered.of(kind)], reading)),
    )
    return _finished(record, gathered, reading, {"is_dead": True} if who.is_dead else {})


def _finished(record: Record, gathered: Gathered, reading: Reading, details: dict[str, object]) -> Record:
    """The record with what was said of its lists and what was left out."""
    _contradicted(record, reading)
    unknown = {kind: sorted(texts.values(), key=str.casefold) for kind, texts in sorted(reading.unknown.items())}
    return replace(
        record,
        left_out=reading.left_out(),
        lists=tuple(sorted(reading.lists)),
        said_none=tuple(sorted(reading.said_none)),
        read=gathered.read,
        sources=tuple(name for name in gathered.sources if name),
        details={**details, **unknown},
    )


def _contradicted(record: Record, reading: Reading) -> None:
    """A list that is said to be empty and is not: what it holds counts."""
    holding = {
        "medications": [one.place for one in record.medications if one.course is Course.ACTIVE],
        "conditions": [one.place for one in record.conditions if one.course is Course.ACTIVE],
        "allergies": [one.place for one in record.allergies if not one.is_refuted],
        "drug_allergies": [one.place for one in record.allergies if not one.is_refuted and (one.drugs or one.classes)],
    }
    for name, places in holding.items():
        if places and name in reading.said_none:
            reading.said_none.discard(name)
            words = name.replace("_", " ")
            reading.leave(
                "said_none_contradiction",
                places[0],
                words,
                f"the record also says that there are no {words}; what it holds counts",
            )
