"""ImagingStudy: what the headers of many objects say together of a study, its series and instances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import TYPE_CHECKING, NamedTuple

from nof1.imaging.codes import DCM, SCT, coded, schemes
from nof1.imaging.elements import items, said, whole, written
from nof1.imaging.moments import day, is_time, moment, zone_of
from nof1.imaging.people import Key
from nof1.imaging.uids import Json, identifier, is_uid, resource_id

if TYPE_CHECKING:
    from pydicom import Dataset

_SIDES = {"L": ("7771000", "Left"), "R": ("24028007", "Right"), "B": ("51440002", "Right and left")}
_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")


class Header(NamedTuple):
    """What is kept of one object for its study. Moments are FHIR's; codings and identifiers are FHIR objects as pairs."""

    uid: str
    sop_class: str
    study: str
    series: str
    modality: str
    number: int | None
    series_number: int | None
    started: str
    series_started: str
    description: str
    series_description: str
    accession: tuple[str, str]
    procedures: tuple[tuple[tuple[tuple[str, str, str], ...], str], ...]
    body_part: tuple[str, str, str]
    side: str


@dataclass(slots=True)
class Series:
    """A series while it is gathered: everything that was said, so that the order of files does not matter."""

    headers: dict[str, Header] = field(default_factory=dict)


@dataclass(slots=True)
class Study:
    """A study while it is gathered. ``keys``: the people its objects are about; one, in an orderly world."""

    uid: str
    keys: set[Key] = field(default_factory=set)
    places: list[str] = field(default_factory=list)
    series: dict[str, Series] = field(default_factory=dict)

    def headers(self) -> list[Header]:
        """All headers, in the order of their UIDs."""
        return sorted(one for series in self.series.values() for one in series.headers.values())

    @property
    def started(self) -> str:
        """When the study started, as FHIR writes it; empty where no object says so."""
        return _earliest(one.started for one in self.headers())


def header(dataset: Dataset, zone: tzinfo | None) -> tuple[Header, list[str]] | str:
    """The header of an object with what is malformed in it, or why the object cannot be placed at all."""
    for keyword in _NEEDED:
        if not is_uid(uid := written(dataset, keyword)):
            return f"{keyword} is {'absent' if not uid else f'no UID: {uid[:70]!r}'}"
    if not (modality := written(dataset, "Modality")):
        return "no modality (0008,0060)"
    zone = zone_of(written(dataset, "TimezoneOffsetFromUTC")) or zone
    found = Header(
        written(dataset, "SOPInstanceUID"),
        written(dataset, "SOPClassUID"),
        written(dataset, "StudyInstanceUID"),
        written(dataset, "SeriesInstanceUID"),
        modality,
        whole(written(dataset, "InstanceNumber")),
        whole(written(dataset, "SeriesNumber")),
        moment(written(dataset, "StudyDate"), written(dataset, "StudyTime"), zone) or "",
        moment(written(dataset, "SeriesDate"), written(dataset, "SeriesTime"), zone) or "",
        said(dataset, "StudyDescription"),
        said(dataset, "SeriesDescription"),
        (said(dataset, "AccessionNumber"), _issuer(dataset)),
        _procedures(dataset),
        _body_part(dataset),
        written(dataset, "Laterality") or written(dataset, "ImageLaterality"),
    )
    return found, malformed(dataset)


def malformed(dataset: Dataset) -> list[str]:
    """What of dates, times and numbers an object writes that is none; each is left out, the object is not."""
    told = []
    for keyword in ("StudyDate", "SeriesDate", "ContentDate", "PatientBirthDate"):
        if (text := written(dataset, keyword)) and day(text) is None:
            told.append(f"{keyword} is no date: {text[:40]!r}")
    for keyword in ("StudyTime", "SeriesTime", "ContentTime"):
        if (text := written(dataset, keyword)) and not is_time(text):
            told.append(f"{keyword} is no time: {text[:40]!r}")
    for keyword in ("SeriesNumber", "InstanceNumber"):
        if (text := written(dataset, keyword)) and whole(text) is None:
            told.append(f"{keyword} is no whole number from 0: {text[:40]!r}")
    if (text := written(dataset, "PatientSex")) and text not in ("M", "F", "O"):
        told.append(f"PatientSex is none of M, F, O: {text[:40]!r}")
    return told


def _issuer(dataset: Dataset) -> str:
    """The system of the accession number, where its issuer is named by an OID (0008,0051)."""
    for item in items(dataset, "IssuerOfAccessionNumberSequence"):
        if is_uid(uid := said(item, "UniversalEntityID")):
            return f"urn:oid:{uid}"
    return ""


def _procedures(dataset: Dataset) -> tuple[tuple[tuple[tuple[str, str, str], ...], str], ...]:
    own = schemes(dataset)
    found = [coded([item], own) for item in items(dataset, "ProcedureCodeSequence")]
    return tuple((one.codings, one.meaning) for one in found if one is not None and one.codings)


def _body_part(dataset: Dataset) -> tuple[str, str, str]:
    """System, code and display of the region; a defined term of DICOM (CHEST) has a display alone."""
    region = coded(items(dataset, "AnatomicRegionSequence"), schemes(dataset))
    if region is not None and region.codings:
        system, code, display = region.codings[0]
        return system, code, display or region.meaning
    return "", "", said(dataset, "BodyPartExamined")


def add(studies: dict[str, Study], found: Header, key: Key, place: str) -> None:
    """Put an object into its study."""
    study = studies.setdefault(found.study, Study(found.study))
    study.keys.add(key)
    study.places.append(place)
    study.series.setdefault(found.series, Series()).headers[found.uid] = found


def imaging_study(study: Study, subject: Json, before: Json | None = None) -> Json:
    """The ImagingStudy of a study; with ``before``, the one of the record, whose series and instances are kept."""
    headers = study.headers()
    said_here: Json = {
        "resourceType": "ImagingStudy",
        "id": resource_id(study.uid),
        "identifier": _with([identifier(study.uid), *_accessions(headers)], (before or {}).get("identifier") or []),
        "status": "available",
        "subject": subject,
    }
    said_here |= {"started": study.started} if study.started else {}
    if codes := sorted({one for head in headers for one in head.procedures}):
        said_here["procedureCode"] = [_concept(codings, text) for codings, text in codes]
    if text := _most_said(head.description for head in headers):
        said_here["description"] = text
    series = [_series(uid, sorted(one.headers.values())) for uid, one in sorted(study.series.items())]
    return _counted({**(before or {}), **said_here, "series": _joined((before or {}).get("series") or [], series)})


def mixed(study: Study) -> list[str]:
    """What the objects of a study contradict each other in; it is settled the same way at every reading."""
    told = []
    days = {one.started[:10] for one in study.headers() if one.started}
    if len(days) > 1:
        told.append(f"its objects give {len(days)} study dates; the first is used")
    for uid, series in sorted(study.series.items()):
        kinds = sorted({one.modality for one in series.headers.values()})
        if len(kinds) > 1:
            told.append(f"series {uid} holds objects of {' and '.join(kinds)}; its modality is that of most")
    return told


def _with(now: list[Json], before: list[Json]) -> list[Json]:
    return [*now, *(one for one in before if one not in now)]


def _accessions(headers: list[Header]) -> list[Json]:
    kind = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "ACSN"}]}
    found = sorted({head.accession for head in headers if head.accession[0]})
    return [{"type": kind} | ({"system": system} if system else {}) | {"value": value} for value, system in found]


def _concept(codings: tuple[tuple[str, str, str], ...], text: str) -> Json:
    rows = [{"system": system, "code": code} | ({"display": name} if name else {}) for system, code, name in codings]
    return {"coding": rows} | ({"text": text} if text else {})


def _most_said(texts: Iterable[str]) -> str:
    """The text said most often; of several, the first by alphabet, so that the order of files does not matter."""
    counted = Counter(text for text in texts if text)
    return min(counted, key=lambda text: (-counted[text], text), default="")


def _earliest(moments: Iterable[str]) -> str:
    """The first day, at the first time that is given for it: a day alone says less than one with a time."""
    return min((one for one in moments if one), key=lambda one: (one[:10], "T" not in one, one), default="")


def _series(uid: str, headers: list[Header]) -> Json:
    found: Json = {"uid": uid, "modality": {"system": DCM, "code": _most_said(one.modality for one in headers)}}
    if numbers := [one.series_number for one in headers if one.series_number is not None]:
        found["number"] = min(numbers)
    if text := _most_said(one.series_description for one in headers):
        found["description"] = text
    if part := next((one.body_part for one in headers if one.body_part[2]), None):
        found["bodySite"] = {key: value for key, value in zip(("system", "code", "display"), part, strict=True) if value}
    if side := _SIDES.get(next((one.side for one in headers if one.side), "")):
        found["laterality"] = {"system": SCT, "code": side[0], "display": side[1]}
    if started := _earliest(one.series_started for one in headers):
        found["started"] = started
    found["instance"] = [
        {"uid": one.uid, "sopClass": {"system": "urn:ietf:rfc:3986", "code": f"urn:oid:{one.sop_class}"}}
        | ({"number": one.number} if one.number is not None else {})
        for one in headers
    ]
    return found


def _joined(before: list[Json], now: list[Json]) -> list[Json]:
    """Series of the record and series read: what is read replaces what was said of the same series or instance."""
    found = {str(one.get("uid")): one for one in before}
    for one in now:
        held = found.get(one["uid"], {})
        instances = {str(part.get("uid")): part for part in [*(held.get("instance") or []), *one["instance"]]}
        found[one["uid"]] = {**held, **one, "instance": [instances[uid] for uid in sorted(instances)]}
    return [found[uid] for uid in sorted(found)]


def _counted(study: Json) -> Json:
    """The study with its modalities and the numbers of its series and instances."""
    for one in study["series"]:
        one["numberOfInstances"] = max(len(one.get("instance") or ()), one.get("numberOfInstances") or 0)
    codes = sorted({(one["modality"].get("system", DCM), one["modality"]["code"]) for one in study["series"]})
    study["modality"] = [{"system": system, "code": code} for system, code in codes]
    study["numberOfSeries"] = len(study["series"])
    study["numberOfInstances"] = sum(one["numberOfInstances"] for one in study["series"])
    return study
