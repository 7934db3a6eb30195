"""Reads the health record of one person from files, with the knowledge's own terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

from nof1.errors import RequestError
from nof1.knowledge.kept import kept
from nof1.knowledge.schema import Knowledge
from nof1.model.record import Condition, Course, Record
from nof1.model.terms import Terms

Specimen = Literal["germline", "tumour"]
SPECIMENS = ("germline", "tumour")
_TUMOUR = "tumour_dna"


def person_record(
    known: Knowledge,
    paths: Sequence[Path | str] | Path | str | None,
    day: date,
    patient: str = "",
    specimen: Specimen = "germline",
) -> Record | None:
    """The record in ``paths``; ``None`` where none is given and the specimen is ordinary.

    Raises ``RecordError`` for a file that cannot be read or holds several people, ``RequestError`` for a specimen that is
    no choice.
    """
    if specimen not in SPECIMENS:
        raise RequestError(f"specimen is {specimen!r}; choose {' or '.join(SPECIMENS)}")
    if isinstance(paths, Mapping):
        raise RequestError("record takes paths of files or folders; resources in memory go through nof1.record.facts")
    listed = [paths] if isinstance(paths, str | Path) else list(paths or ())
    found = _read(known, listed, day, patient) if listed else None
    if specimen == "germline":
        return found
    state = Condition((_TUMOUR,), "DNA of a tumour, as declared", Course.ACTIVE, place="declared")
    return replace(found or Record(), conditions=(*(found.conditions if found else ()), state))


def _read(known: Knowledge, paths: Sequence[Path | str], day: date, patient: str) -> Record:
    from nof1.record.facts import read_record  # its readers are loaded only where there is a record

    return read_record(paths, terms_of(known), today=day, patient=patient)


@kept
def terms_of(known: Knowledge) -> Terms:
    """The terms of ``known``, built once."""
    from nof1.knowledge.terms import terms

    codes = (code for service in known.prevention.services.values() for code in service.codes)
    return terms(known.care, known.genes, services=codes)
