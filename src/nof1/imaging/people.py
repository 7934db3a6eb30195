"""Who an object says it is about, and which Patient of the record that is: by rules, never by name alone, or refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from nof1.errors import RequestError
from nof1.imaging.elements import items, said, written
from nof1.imaging.moments import day
from nof1.imaging.uids import Json, is_uid, resource_id
from nof1.model.terms import phrase

if TYPE_CHECKING:
    from pydicom import Dataset

POLICIES = ("identifier", "demographics")
_SEXES = {"M": "male", "F": "female", "O": "other"}
_HUMAN = {"337915000", "L-85003", "L-85B00"}  # Homo sapiens in SNOMED CT and in its older codes, PS3.16 CID 7454


class Key(NamedTuple):
    """What makes two objects be about one person: identifier system (or issuer as written) and patient id.

    Where the id is absent and the policy does without: name, birth date and sex.
    """

    system: str
    patient_id: str
    demographics: tuple[str, str, str] = ("", "", "")


@dataclass(frozen=True, slots=True)
class Said:
    """What one object says of its person. ``name``: family, given, middle, prefix, suffix; ``birth_date`` and ``sex`` as
    FHIR writes them; ``system``: of the identifier, empty where none is known; empty texts where nothing is said."""

    patient_id: str
    issuer: str
    system: str
    name: tuple[str, str, str, str, str]
    birth_date: str
    sex: str

    @property
    def key(self) -> Key:
        """What the person is known by."""
        if self.patient_id:
            return Key(self.system or self.issuer, self.patient_id)
        return Key("", "", ("^".join(phrase(part) for part in self.name), self.birth_date, self.sex))

    def patient(self) -> Json:
        """The FHIR Patient that can be made of it. Its id depends on what the person is known by alone."""
        found: Json = {"resourceType": "Patient", "id": resource_id(*self.key[:2], *self.key.demographics)}
        if self.patient_id:
            assigner = {"assigner": {"display": self.issuer}} if self.issuer else {}
            found["identifier"] = [({"system": self.system} if self.system else {}) | {"value": self.patient_id} | assigner]
        if name := _human_name(self.name):
            found["name"] = [name]
        found |= {"gender": self.sex} if self.sex else {}
        return found | ({"birthDate": self.birth_date} if self.birth_date else {})


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the objects read: the hint (a FHIR Patient), the reference used as subject, or why there is none."""

    patient: Json
    reference: str
    why: str


def said_of(dataset: Dataset, issuers: Mapping[str, str]) -> Said:
    """What an object says of its person. ``issuers``: issuer of the patient id (empty: none named) -> identifier system."""
    issuer = said(dataset, "IssuerOfPatientID")
    groups = said(dataset, "PatientName").split("=")
    parts = [part.strip() for part in (groups[0] or next((one for one in groups if one), "")).split("^")]
    family, given, middle, prefix, suffix = (parts + [""] * 5)[:5]
    return Said(
        said(dataset, "PatientID"),
        issuer,
        issuers.get(issuer) or _universal(dataset),
        (family, given, middle, prefix, suffix),
        day(written(dataset, "PatientBirthDate")) or "",
        _SEXES.get(written(dataset, "PatientSex"), ""),
    )


def unfit(dataset: Dataset, who: Said, policy: str) -> str:
    """Why an object cannot be told to be about a person; empty where it can."""
    if "\ufffd" in "".join((who.patient_id, who.issuer, *who.name)):
        return "patient id or name cannot be read in the character set that the object names (0008,0005)"
    species = said(dataset, "PatientSpeciesDescription")
    if species and not any(word in species.lower() for word in ("sapiens", "human")):
        return f"it is about an animal ({species})"
    for item in items(dataset, "PatientSpeciesCodeSequence"):
        if (code := said(item, "CodeValue")) and code not in _HUMAN:
            return f"it is about an animal ({said(item, 'CodeMeaning') or code})"
    if written(dataset, "QualityControlSubject") == "YES":
        return "it is about a phantom or another subject of quality control (0010,0200)"
    if not who.patient_id and policy == "identifier":
        return "no patient id (0010,0020): whom it is about cannot be told"
    if not who.patient_id and not (who.name[0] and who.birth_date and who.sex):
        return "no patient id (0010,0020), and not all of name, birth date and sex: whom it is about cannot be told"
    return ""


def _universal(dataset: Dataset) -> str:
    """The system of the issuer's universal id, where it is an OID (0010,0024)."""
    for item in items(dataset, "IssuerOfPatientIDQualifiersSequence"):
        uid = said(item, "UniversalEntityID")
        if written(item, "UniversalEntityIDType") == "ISO" and is_uid(uid):
            return f"urn:oid:{uid}"
    return ""


def _human_name(name: tuple[str, str, str, str, str]) -> Json:
    family, given, middle, prefix, suffix = name
    found: Json = {"family": family} if family else {}
    for key, text in (("given", f"{given} {middle}"), ("prefix", prefix), ("suffix", suffix)):
        if words := text.split():
            found[key] = words
    return found


def person(sayings: Iterable[Said], patients: list[Json] | None, policy: str) -> Person:
    """The person of all that objects say of one key, and the Patient of the record, by the policy.

    ``patients``: those of the record; ``None`` for no record, where the hint itself becomes the subject.
    """
    known = sorted(set(sayings), key=lambda one: (not one.birth_date, not one.sex, one.name))
    births, sexes = {one.birth_date for one in known} - {""}, {one.sex for one in known} - {""}
    first = known[0]
    hint = Said(
        first.patient_id,
        first.issuer,
        first.system,
        first.name,
        min(births, default=""),
        min(sexes, default=""),
    )
    if len(births) > 1 or len(sexes) > 1:
        told = f"{len(births)} birth dates" if len(births) > 1 else f"{len(sexes)} sexes"
        return Person(hint.patient(), "", f"objects with one patient id contradict each other: they give {told}")
    if patients is None:
        return Person(hint.patient(), f"Patient/{hint.patient()['id']}", "")
    found, why = _found(hint, patients, policy)
    if found is None:
        return Person(hint.patient(), "", why)
    why = _contradiction(hint, found)
    return Person(hint.patient(), "" if why else f"Patient/{found['id']}", why)


def check_policy(policy: str) -> None:
    """Raise ``RequestError`` for a policy that is none."""
    if policy not in POLICIES:
        raise RequestError(f"imaging: '{policy}' is no policy for matching people; use {' or '.join(POLICIES)}")


def _found(who: Said, patients: list[Json], policy: str) -> tuple[Json | None, str]:
    """The one Patient that the policy finds, or why there is not exactly one."""
    if policy == "identifier":
        if not who.system:
            named = f"the issuer '{who.issuer}'" if who.issuer else "ids without an issuer"
            return None, f"no identifier system is known for {named}: give issuers={{'{who.issuer}': 'system'}}"
        matching = [one for one in patients if who.patient_id in _ids(one, who.system)]
        what = "the patient id of the object under its identifier system"
    else:
        if not (who.name[0] and who.birth_date and who.sex):
            return None, "the object does not give all of name, birth date and sex"
        matching = [one for one in patients if _is_same_by_demographics(who, one)]
        what = "this name, birth date and sex"
    if len(matching) != 1:
        return None, f"{'no' if not matching else len(matching)} Patient of the record has {what}"
    for link in matching[0].get("link") or ():
        if link.get("type") == "replaced-by":
            return None, f"Patient/{matching[0].get('id')} of the record was replaced by another"
    return matching[0], ""


def _contradiction(who: Said, patient: Json) -> str:
    """Why object and Patient cannot be one person. ``other`` contradicts too: a person sets it right, not a guess."""
    born, sex, place = patient.get("birthDate") or "", patient.get("gender") or "", f"Patient/{patient.get('id')}"
    if who.birth_date and born and not who.birth_date.startswith(born) and born != who.birth_date:
        return f"the birth date is not that of {place}"
    if who.sex and sex in _SEXES.values() and who.sex != sex:
        return f"the sex ({who.sex}) is not that of {place} ({sex})"
    if who.system and who.patient_id and (ids := _ids(patient, who.system)) and who.patient_id not in ids:
        return f"{place} has another id under the same identifier system"
    return ""


def _ids(patient: Json, system: str) -> set[str]:
    rows = [one for one in patient.get("identifier") or () if isinstance(one, dict)]
    return {str(one.get("value", "")).strip() for one in rows if one.get("system") == system and one.get("use") != "old"}


def _is_same_by_demographics(who: Said, patient: Json) -> bool:
    if (patient.get("birthDate"), patient.get("gender")) != (who.birth_date, who.sex):
        return False
    wanted = phrase(who.name[0]), phrase(f"{who.name[1]} {who.name[2]}")
    names = [one for one in patient.get("name") or () if isinstance(one, dict)]
    return any((phrase(one.get("family") or ""), phrase(" ".join(one.get("given") or ()))) == wanted for one in names)
