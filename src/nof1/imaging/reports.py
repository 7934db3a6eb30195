"""Structured reports: the document as plain values, and the DiagnosticReport of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING

from nof1.imaging.codes import schemes
from nof1.imaging.content import Item, content
from nof1.imaging.elements import items, said, written
from nof1.imaging.moments import moment, zone_of
from nof1.imaging.people import Key
from nof1.imaging.uids import Json, identifier, is_uid, resource_id, study_reference

if TYPE_CHECKING:
    from pydicom import Dataset

_FAMILY = "1.2.840.10008.5.1.4.1.1.88."
# SOP classes of the family that report nothing measured: key images, and what is planned and not yet done (PS3.4, B.5)
_NO_REPORTS = {
    f"{_FAMILY}59": "a selection of key images",
    f"{_FAMILY}70": "an implantation plan: what is planned is not measured",
    f"{_FAMILY}74": "a planned administration: what is planned is not measured",
}
_CONCLUSIONS = ("DCM 121077", "DCM 121073", "LN 19005-8", "LN 55110-1")  # Conclusion, Impression; as sections of LOINC


@dataclass(frozen=True, slots=True)
class Document:
    """A structured report. ``evidence``: UID of an object it refers to -> study of that object."""

    uid: str
    study: str
    key: Key
    place: str
    root: Item
    completion: str
    verification: str
    is_preliminary: bool
    verifiers: tuple[str, ...]
    replaces: tuple[str, ...]
    evidence: Mapping[str, str]
    written_at: str

    @property
    def status(self) -> str:
        """The status of a DiagnosticReport: final only when the document is complete and not marked preliminary."""
        if self.completion == "COMPLETE":
            return "preliminary" if self.is_preliminary else "final"
        return "partial" if self.completion == "PARTIAL" else "unknown"

    @property
    def is_final(self) -> bool:
        """Whether the document is complete and not marked preliminary."""
        return self.status == "final"


@dataclass(frozen=True, slots=True)
class Around:
    """What a document's resources refer to: the subject, when studies started, and which of them are at hand."""

    subject: Json
    started: Mapping[str, str]
    known: frozenset[str]


def is_document(sop_class: str) -> bool:
    """Whether a SOP class is one of structured reports that tell what was seen or measured."""
    return sop_class.startswith(_FAMILY) and sop_class not in _NO_REPORTS


def no_report(sop_class: str) -> str:
    """What a structured report of this SOP class is, where it tells nothing measured; empty for every other class."""
    return _NO_REPORTS.get(sop_class, "")


def document(dataset: Dataset, key: Key, place: str, zone: tzinfo | None) -> Document:
    """The document of a structured report. Raises ``RecordError`` where its content is nested too deep."""
    zone = zone_of(written(dataset, "TimezoneOffsetFromUTC")) or zone
    return Document(
        written(dataset, "SOPInstanceUID"),
        written(dataset, "StudyInstanceUID"),
        key,
        place,
        content(dataset, schemes(dataset)),
        written(dataset, "CompletionFlag"),
        written(dataset, "VerificationFlag"),
        written(dataset, "PreliminaryFlag") == "PRELIMINARY",
        tuple(_verifiers(dataset)),
        tuple(_referenced(dataset, "PredecessorDocumentsSequence")),
        _referenced(dataset, "CurrentRequestedProcedureEvidenceSequence", "PertinentOtherEvidenceSequence"),
        moment(written(dataset, "ContentDate"), written(dataset, "ContentTime"), zone) or "",
    )


def diagnostic_report(document: Document, results: list[Json], around: Around) -> Json:
    """The DiagnosticReport of a document; ``results``: its Observations."""
    study = study_reference(document.study, document.study in around.known)
    imaging = {"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "IMG", "display": "Diagnostic Imaging"}
    found: Json = {
        "resourceType": "DiagnosticReport",
        "id": resource_id(document.uid),
        "identifier": [identifier(document.uid)],
        "status": document.status,
        "category": [{"coding": [imaging]}],
        "code": document.root.name.concept() if document.root.name else {"text": "Structured report"},
        "subject": around.subject,
        "imagingStudy": [study],
    }
    if at := around.started.get(document.study) or document.written_at:
        found["effectiveDateTime"] = at
    if "T" in document.written_at:  # an instant has a time of day and a zone
        found["issued"] = document.written_at
    if document.verifiers:
        found["resultsInterpreter"] = [{"type": "Practitioner", "display": name} for name in document.verifiers]
    if results:
        found["result"] = [{"reference": f"Observation/{one['id']}"} for one in results]
    if text := conclusion(document.root):
        found["conclusion"] = text
    return found


def conclusion(root: Item) -> str:
    """The texts of conclusions and impressions, in their order."""
    found = [item.text for item, _ in root.walk() if item.kind == "TEXT" and item.key in _CONCLUSIONS and item.text]
    return "\n".join(dict.fromkeys(found))


def shown_name(name: str) -> str:
    """A DICOM person name for a reader.

    >>> shown_name("Doe^Jane^A^Dr")
    'Dr Jane A Doe'
    """
    family, given, middle, prefix, suffix = (name.partition("=")[0].split("^") + [""] * 5)[:5]
    return " ".join(part.strip() for part in (prefix, given, middle, family, suffix) if part.strip())


def _verifiers(dataset: Dataset) -> list[str]:
    found = []
    for item in items(dataset, "VerifyingObserverSequence"):
        name, where = shown_name(said(item, "VerifyingObserverName")), said(item, "VerifyingOrganization")
        if name or where:
            found.append(f"{name} ({where})" if name and where else name or where)
    return found


def _referenced(dataset: Dataset, *keywords: str) -> dict[str, str]:
    """UID -> study of every object in sequences that refer to objects by study and series."""
    found = {}
    for study in (item for keyword in keywords for item in items(dataset, keyword)):
        for series in items(study, "ReferencedSeriesSequence"):
            for one in items(series, "ReferencedSOPSequence"):
                if is_uid(uid := written(one, "ReferencedSOPInstanceUID")):
                    found[uid] = written(study, "StudyInstanceUID")
    return found
