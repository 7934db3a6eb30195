"""Pedigrees out of PED and FAM files: family, person, father, mother, sex, phenotype, then whatever else stands there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from nof1.errors import RecordError
from nof1.model.pedigree import Illness, Pedigree, Person, faults

_SEXES = {"1": "male", "2": "female", "m": "male", "f": "female", "male": "male", "female": "female"}
_COLUMNS = 6
_HEADS = {"fid", "family", "family_id", "familyid"}
_TWINS = "twins"


def read_ped(path: Path, condition: str = "", title: str = "") -> dict[str, Pedigree]:
    """The families of a PED or FAM file by their id; ``proband`` is left empty.

    Sex 1 is male, 2 female, anything else unknown; phenotype 2 is affected, 1 unaffected, anything else unknown; parent 0
    is unknown. The file does not say what the phenotype is: ``condition`` is its term, ``title`` its name. Twins have no
    column of the format; a header line may name one ``twins`` with a word that twins share (beginning with ``mz`` for
    identical, ``dz`` for fraternal ones). A parent without a line of its own is added. Raises ``RecordError`` with place
    and remedy for a line of fewer than six columns, an id that stands twice, a sex that contradicts parenthood and an own
    ancestor.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(f"{path.name}: cannot be read as text ({error}); give a PED file in UTF-8") from error
    return families(lines, path.name, condition, title)


def families(lines: Iterable[str], name: str, condition: str = "", title: str = "") -> dict[str, Pedigree]:
    """The families in the lines of a PED file that is called ``name``; otherwise as ``read_ped``."""
    found: dict[str, dict[str, Person]] = {}
    places: dict[tuple[str, str], int] = {}
    twins = -1
    illness = Illness((condition,) if condition else (), title or condition.replace("_", " ") or "affected")
    for number, line in enumerate(lines, 1):
        cells = line.lstrip("#").split()
        if not cells:
            continue
        if line.startswith("#") or cells[0].lower() in _HEADS:
            twins = next((at for at, head in enumerate(cells) if head.lower() == _TWINS), twins)
            continue
        if len(cells) < _COLUMNS:
            raise RecordError(
                f"{name} line {number}: {len(cells)} columns, expected 6 (family, person, father, mother, sex, phenotype)"
            )
        family, one = cells[0], cells[1]
        if one == "0":
            raise RecordError(f"{name} line {number}: the person is 0, which means unknown; give an id")
        if (family, one) in places:
            first = places[family, one]
            raise RecordError(
                f"{name} line {number}: {one} of family {family} stands in line {first} too; give each person one line"
            )
        places[family, one] = number
        found.setdefault(family, {})[one] = _person(cells, illness, f"{name} line {number}", twins)
    if not found:
        raise RecordError(f"{name}: no person; a PED file has a line for each, of six columns or more")
    return {family: _family(family, persons, name) for family, persons in found.items()}


def _person(cells: list[str], illness: Illness, place: str, twins: int) -> Person:
    shared = cells[twins].lower() if 0 <= twins < len(cells) else "0"
    known = "" if shared in ("0", ".", "na", "-9") else shared
    status = cells[5]
    return Person(
        id=cells[1],
        name=cells[1],
        sex=_SEXES.get(cells[4].lower(), ""),
        father="" if cells[2] == "0" else cells[2],
        mother="" if cells[3] == "0" else cells[3],
        illnesses=(illness,) if status == "2" else (),
        told="whole" if status in ("1", "2") else "nothing",
        twins=known,
        are_identical={"mz": True, "dz": False}.get(known[:2]),
        place=place,
    )


def _family(family: str, persons: dict[str, Person], name: str) -> Pedigree:
    """The family with parents added that have no line; raises ``RecordError`` where it cannot be."""
    notes = []
    for one in list(persons.values()):
        for role, sex in (("father", "male"), ("mother", "female")):
            parent = getattr(one, role)
            if parent and parent not in persons:
                persons[parent] = Person(parent, parent, sex, told="nothing", place=one.place)
                notes.append(f"{parent}, the {role} of {one.id}, has no line of its own; nothing is known of {parent}")
            elif parent and not persons[parent].sex:
                persons[parent] = replace(persons[parent], sex=sex)
    if wrong := faults(persons):
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise RecordError(f"{name} family {family}: {wrong[0]}{more}")
    return Pedigree("", persons, family=family, notes=tuple(notes))
