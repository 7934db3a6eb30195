"""DICOM files -> FHIR R4 resources: the one way into this room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from nof1.imaging.files import Found, LeftOut, Wanted, objects
from nof1.imaging.observations import observations
from nof1.imaging.people import Key, Person, Said, check_policy, person
from nof1.imaging.reports import Around, Document, diagnostic_report
from nof1.imaging.studies import Study, add, imaging_study, mixed
from nof1.imaging.uids import Json, resource_id


@dataclass(frozen=True, slots=True)
class Imported:
    """What was read.

    ``resources``: ImagingStudy, DiagnosticReport and Observation (FHIR R4), with ids made of UIDs. ``people``: whom the
    objects are about. ``left_out``: what is not among the resources, with its place and reason. ``replaced``: references
    to DiagnosticReports that final documents read here take over; where the record has one, its Observations are outdated.
    """

    resources: list[Json]
    people: list[Person]
    left_out: list[LeftOut]
    replaced: list[str]


@dataclass(slots=True)
class _Gathered:
    """Everything read so far, small beside the files: headers, what was said of people, documents."""

    studies: dict[str, Study] = field(default_factory=dict)
    sayings: dict[Key, set[Said]] = field(default_factory=lambda: defaultdict(set))
    documents: list[Document] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def read_dicom(
    paths: Iterable[Path | str] | Path | str,
    *,
    record: Iterable[Json] | None = None,
    policy: str = "identifier",
    issuers: Mapping[str, str] | None = None,
    zone: tzinfo | None = None,
) -> Imported:
    """The FHIR resources of DICOM files and folders.

    ``record``: resources of the record the objects go into; its Patients are who an object can be about, and its
    ImagingStudies keep the series that are not read now. Without it each person becomes the Patient of its own hint.
    ``policy``: ``identifier`` (system and value equal) or ``demographics`` (name, birth date and sex all equal).
    ``issuers``: issuer of the patient id (``""``: none is named) -> identifier system. ``zone``: of local times, where an
    object names none; without it only days are given.

    What cannot be read or must not be used is told in ``left_out``. Raises ``RequestError`` for an unknown policy, for a
    path that does not exist, and where pydicom is not installed.
    """
    check_policy(policy)
    wanted = Wanted(policy, issuers or {}, zone)
    gathered = _Gathered()
    for found in objects([paths] if isinstance(paths, Path | str) else paths, wanted):
        _gather(gathered, found)
    held = None if record is None else list(record)
    patients = None if held is None else [one for one in held if one.get("resourceType") == "Patient"]
    people = {key: person(sayings, patients, policy) for key, sayings in sorted(gathered.sayings.items())}
    before = {str(one.get("id")): one for one in held or () if one.get("resourceType") == "ImagingStudy"}
    return _imported(gathered, people, before)


def _gather(gathered: _Gathered, found: Found | LeftOut) -> None:
    if isinstance(found, LeftOut):
        gathered.left_out.append(found)
        return
    gathered.left_out += [LeftOut(found.place, text) for text in found.malformed]
    gathered.sayings[found.who.key].add(found.who)
    add(gathered.studies, found.header, found.who.key, found.place)
    if found.document is not None:
        gathered.documents.append(found.document)


def _imported(gathered: _Gathered, people: Mapping[Key, Person], before: Mapping[str, Json]) -> Imported:
    resources: list[Json] = []
    left_out = list(gathered.left_out)
    subjects: dict[str, Json] = {}
    for uid, study in sorted(gathered.studies.items()):
        known = before.get(resource_id(uid))
        subject = _subject(study, people, known)
        if isinstance(subject, str):
            left_out += [LeftOut(place, subject) for place in study.places]
            continue
        subjects[uid] = subject
        left_out += [LeftOut(f"study {uid}", text) for text in mixed(study)]
        resources.append(imaging_study(study, subject, known))
    _reports(gathered, subjects, resources, left_out)
    taken = {uid for one in gathered.documents if one.is_final and one.study in subjects for uid in one.replaces}
    replaced = sorted(f"DiagnosticReport/{resource_id(uid)}" for uid in taken)
    return Imported(resources, list(people.values()), left_out, replaced)


def _subject(study: Study, people: Mapping[Key, Person], known: Json | None) -> Json | str:
    """The subject of everything in a study, or why none of it is used."""
    if len(study.keys) > 1:
        return f"objects of study {study.uid} are about {len(study.keys)} people; none of them is used"
    found = people[next(iter(study.keys))]
    if not found.reference:
        return f"whom it is about is not settled: {found.why}"
    held = ((known or {}).get("subject") or {}).get("reference", found.reference)
    if held != found.reference:
        return f"the record has study {study.uid} for {held}, not for {found.reference}"
    return {"reference": found.reference}


def _reports(gathered: _Gathered, subjects: Mapping[str, Json], resources: list[Json], left_out: list[LeftOut]) -> None:
    """Report and Observations of each document, except those that a final document read here takes over."""
    started = {uid: study.started for uid, study in gathered.studies.items() if uid in subjects}
    newer = {uid: one for one in gathered.documents if one.is_final for uid in one.replaces}
    for one in gathered.documents:
        if one.study not in subjects:
            continue
        if (by := newer.get(one.uid)) is not None and by.key == one.key and by.uid != one.uid:
            left_out.append(LeftOut(one.place, f"its content was taken over by the document in {by.place}"))
            continue
        around = Around(subjects[one.study], started, frozenset(subjects))
        results, left = observations(one, around)
        left_out += [LeftOut(*row) for row in left]
        resources += [diagnostic_report(one, results, around), *results]
