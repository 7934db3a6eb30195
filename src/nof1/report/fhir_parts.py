"""Small parts of FHIR resources: codes by name, concepts, components, notes, ids that follow from content."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pkgutil import get_data
from typing import Any

import msgspec

from nof1.model.findings import Assessment
from nof1.report.markup import clean, readable

Resource = dict[str, Any]
GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
CORE = "http://hl7.org/fhir/StructureDefinition/"
URI = "urn:ietf:rfc:3986"
_NAMES = uuid.uuid5(uuid.NAMESPACE_URL, "urn:nof1:report:fhir")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@cache
def codes() -> dict[tuple[str, str], dict[str, str]]:
    """The codes a bundle is written with, by kind and key (``("phenotype", "Normal Function")``)."""
    text = (get_data(__package__, "fhir_codes.tsv") or b"").decode()
    head, *lines = [line.split("\t") for line in text.splitlines()]
    rows = [dict(zip(head, line, strict=True)) for line in lines]
    return {(row["kind"], row["key"]): row for row in rows}


def coding(kind: str, key: str) -> Resource:
    """The coding of that name; empty where there is none."""
    row = codes().get((kind, key), {})
    return {name: row[name] for name in ("system", "code", "display") if row.get(name)}


def concept(text: str = "", *codings: Resource) -> Resource:
    """A CodeableConcept of the codings that are not empty, and the text."""
    held = [one for one in codings if one]
    return ({"coding": held} if held else {}) | ({"text": plain(text)} if text else {})


def named(kind: str, key: str, text: str = "") -> Resource:
    """A CodeableConcept by the name of its code; the text alone where it has none."""
    return concept(text, coding(kind, key))


def component(key: str, **value: Any) -> Resource:
    """A component of an Observation: ``component("reference allele", valueString="A")``."""
    return {"code": named("component", key), **value}


def plain(text: str) -> str:
    """The text as FHIR takes it: without control characters and space at its ends; units as a reader writes them."""
    return readable(clean(text)).replace("\t", " ").strip()


def sentences(parts: Iterable[str]) -> str:
    """The parts that are not empty, each with a full stop.

    >>> sentences(["Avoid it", "", "Why: x."])
    'Avoid it. Why: x.'
    """
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in map(plain, parts) if part)


def notes(texts: Iterable[str]) -> Resource:
    """The element ``note`` of a resource; nothing where there is nothing to say."""
    held = [{"text": plain(text)} for text in texts if plain(text)]
    return {"note": held} if held else {}


def extension(url: str, **value: Any) -> Resource:
    """An extension of the guide (by its last part) or of R4 (by its address)."""
    return {"url": url if url.startswith("http") else GUIDE + url, **value}


def unknown(why: str = "unknown") -> Resource:
    """The CodeableConcept that says a value is not known (or why else there is none)."""
    return named("report", why)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every resource of a bundle shares: the assessment, its sign-out state, the patient, and where ids come from.

    ``seed`` follows from the whole assessment and not from its state: what is signed out keeps its ids, and any change of
    content gives new ones.
    """

    assessment: Assessment
    status: str
    seed: uuid.UUID
    patient: Resource

    def id(self, local: str) -> str:
        """The id of the resource that is called ``local`` within the bundle."""
        return str(uuid.uuid5(self.seed, local))

    def to(self, local: str) -> Resource:
        """A reference to a resource of the bundle."""
        return {"reference": f"urn:uuid:{self.id(local)}"}

    @property
    def date(self) -> str:
        """Day of the assessment; empty where none is stated."""
        match = _DATE.match(self.assessment.created)
        return match[0] if match else ""


def frame(assessment: Assessment, status: str) -> Frame:
    """The frame of the bundle of an assessment."""
    seed = uuid.uuid5(_NAMES, msgspec.json.encode(assessment, order="deterministic").hex())
    own = f"urn:uuid:{uuid.uuid5(seed, 'patient')}"
    return Frame(assessment, status, seed, {"reference": recorded_patient(assessment) or own})


def recorded_patient(assessment: Assessment) -> str:
    """A reference to the patient of the record that was read; empty where none was."""
    person = str(assessment.record.get("person", ""))
    return f"Patient/{person}" if _ID.fullmatch(person) else ""


def observation(at: Frame, local: str, profile: str, code: str, **rest: Any) -> Resource:
    """An Observation of the guide, without what is empty in ``rest``."""
    made: Resource = {
        "resourceType": "Observation",
        "id": at.id(local),
        "meta": {"profile": [GUIDE + profile]},
        "status": at.status,
        "category": [named("report", "laboratory"), named("report", "genetics")],
        "code": named("report", code),
        "subject": at.patient,
        "device": at.to("device"),
    }
    if at.date:
        made["effectiveDateTime"] = at.date
    return made | {key: value for key, value in rest.items() if value}


def artifact(at: Frame, source: str, place: str = "") -> Resource:
    """The extension that cites a source, with title, body, year, PubMed id and address where they are given."""
    details = at.assessment.sources.get(source, {})
    parts = [details.get("body", ""), details.get("year", ""), f"PMID {details['pmid']}" if details.get("pmid") else ""]
    cited = {
        "type": "citation",
        "label": plain(f"{source}#{place}" if place else source),
        "display": plain(details.get("title") or source),
    }
    if told := ", ".join(part for part in map(plain, parts) if part):
        cited["citation"] = told
    if details.get("url", "").startswith(("http://", "https://")) and " " not in details["url"]:
        cited["url"] = details["url"]
    return extension(CORE + "workflow-relatedArtifact", valueRelatedArtifact=cited)
