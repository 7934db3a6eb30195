"""The person whose family it is, out of the record: illnesses with their ages, and codes that speak of the family."""

from __future__ import annotations

from datetime import date

from nof1.model.pedigree import Illness, Person
from nof1.model.record import Record
from nof1.model.terms import system_name

PROBAND = "this person"


def own_person(record: Record, today: date) -> Person:
    """The person as the proband of a pedigree."""
    age = _age(record.birth_date, record.died or today)
    illnesses = tuple(
        Illness(
            item.terms, item.text, (began, began) if (began := _age(record.birth_date, item.start)) is not None else None
        )
        for item in record.conditions
        if item.terms
    )
    is_dead = True if record.died or record.details.get("is_dead") else None
    return Person(
        PROBAND, sex=record.sex if record.sex in ("female", "male") else "", is_dead=is_dead, age=age, illnesses=illnesses
    )


def own_codes(record: Record) -> dict[str, str]:
    """The codes of the person's own conditions (``system|code``), each with its text."""
    return {f"{system_name(code.system)}|{code.code}": item.text for item in record.conditions for code in item.codes}


def _age(born: date | None, day: date | None) -> float | None:
    if born is None or day is None or day < born:
        return None
    return float(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))
