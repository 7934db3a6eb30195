"""Who the person is: birth with its precision, sex, death; what contradicts itself is unknown and noted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from nof1.record.fields import codings, objects, precision, text
from nof1.record.reading import Reading, Resource

_BIRTH_SEX = "us-core-birthsex"
_SEX = {"f": "female", "m": "male", "female": "female", "male": "male", "other": "other"}
_OLDEST = 130


@dataclass(frozen=True, slots=True)
class Person:
    """Demographics; ``None`` and empty are unknown. ``is_dead`` also without a date."""

    birth_date: date | None = None
    birth_precision: str = ""
    sex: str = ""
    died: date | None = None
    is_dead: bool = False


def person(versions: list[Resource], newest: list[Resource], reading: Reading) -> Person:
    """The person that ``newest`` describes; ``versions``: everything said of them, to find contradictions."""
    if not newest:
        return Person()
    patient = newest[0]
    birth, exactly = _birth(patient, reading)
    died = reading.past(patient.content.get("deceasedDateTime"), patient.place, "deceasedDateTime")
    if died and birth and died < birth:
        reading.leave("date_before_birth", patient.place, died, f"death lies before birth ({birth}); correct one of them")
        died = None
    is_dead = "deceasedDateTime" in patient.content or patient.content.get("deceasedBoolean") is True
    return Person(birth, exactly, _sex(versions or newest, reading), died, is_dead)


def _birth(patient: Resource, reading: Reading) -> tuple[date | None, str]:
    said = patient.content.get("birthDate")
    born = reading.past(said, patient.place, "birthDate")
    if born is None:
        return None, ""
    if reading.today.year - born.year > _OLDEST:
        reading.leave(
            "value_impossible", patient.place, said, f"the person would be over {_OLDEST} years old; correct birthDate"
        )
        return None, ""
    return born, precision(text(said))


def _sex(versions: list[Resource], reading: Reading) -> str:
    """The sex that everything agrees on; unknown where it does not."""
    said: dict[str, str] = {}
    for version in versions:
        gender = text(version.content.get("gender")).lower()
        if gender in _SEX:
            said.setdefault(_SEX[gender], f"{gender} (gender, {version.place})")
        elif gender and gender != "unknown":
            reading.leave("code_unknown", version.place, gender, "gender is none of male, female, other and unknown")
        for value in _stated_at_birth(version):
            said.setdefault(value, f"{value} (sex at birth, {version.place})")
    if len(said) > 1:
        reason = "sex is stated differently; it counts as unknown until one of them is corrected"
        reading.leave("sex_contradiction", versions[0].place, " and ".join(said.values()), reason)
        return ""
    return next(iter(said), "")


def _stated_at_birth(patient: Resource) -> list[str]:
    found = []
    for extension in objects(patient.content.get("extension")):
        if _BIRTH_SEX in text(extension.get("url")):
            codes = [
                text(extension.get("valueCode")),
                *(code.code for code in codings(extension.get("valueCodeableConcept"))),
            ]
            found += [_SEX[code.lower()] for code in codes if code.lower() in _SEX]
    return found
