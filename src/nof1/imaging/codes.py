"""Coded entries of DICOM -> FHIR codings, and the same concept known again under its older SNOMED code.

Systems: PS3.16 table 8-1 gives the UID of every scheme; where FHIR R4 (terminologies-systems) has a URI for it, that is
used, otherwise the UID as ``urn:oid:``. SNOMED's alphanumeric codes (SRT, SNM3, 99SDM: one scheme by PS3.16 8.1) are kept
under ``http://snomed.info/srt``: their UID in the table is SNOMED CT's own, whose FHIR system admits concept ids only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from nof1.imaging.elements import items, said, written
from nof1.imaging.uids import Json, is_uid

if TYPE_CHECKING:
    from pydicom import Dataset

DCM = "http://dicom.nema.org/resources/ontology/DCM"
SCT = "http://snomed.info/sct"
SRT = "http://snomed.info/srt"
UCUM = "http://unitsofmeasure.org"
_OLD_SNOMED = ("SRT", "SNM3", "99SDM")
_SYSTEMS = {
    "DCM": DCM,
    "SCT": SCT,
    "UCUM": UCUM,
    "LN": "http://loinc.org",
    "RADLEX": "http://www.radlex.org",
    "NCIt": "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl",
    "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "I10C": "http://hl7.org/fhir/sid/icd-10-cm",
    "RFC5646": "urn:ietf:bcp:47",
    "MDC": "urn:iso:std:iso:11073:10101",
    "UMLS": "urn:oid:2.16.840.1.113883.6.86",
    "MSH": "urn:oid:2.16.840.1.113883.6.177",
    "FMA": "urn:oid:2.16.840.1.113883.6.119",
    "NEU": "urn:oid:2.16.840.1.113883.6.210",
    "ICDO3": "urn:oid:2.16.840.1.113883.6.43.1",
    "ITIS_TSN": "urn:oid:1.2.840.10008.2.16.7",
    "PUBCHEM_CID": "urn:oid:1.2.840.10008.2.16.9",
    "IBSI": "urn:oid:1.2.840.10008.2.16.13",
    "UBERON": "urn:oid:1.2.840.10008.2.16.6",
    "RADELEMENT": "urn:oid:1.2.840.10008.2.16.15",
}


@dataclass(frozen=True, slots=True)
class Coded:
    """One concept: scheme and code as written, its meaning, and its codings ``(system, code, display)``, best first."""

    scheme: str
    code: str
    meaning: str
    codings: tuple[tuple[str, str, str], ...]

    @property
    def key(self) -> str:
        """What the concept is known by, whichever SNOMED code was written: ``DCM 121071``, ``SCT 363698007``."""
        system, code = self.codings[0][:2] if self.codings else ("", "")
        return f"SCT {code}" if system == SCT else f"{self.scheme} {self.code}"

    def concept(self) -> Json:
        """The FHIR CodeableConcept. A code whose scheme has no system stands in the text alone."""
        coding = [
            {"system": system, "code": code} | ({"display": display} if display else {})
            for system, code, display in self.codings
        ]
        text = self.meaning or self.code
        return ({"coding": coding} if coding else {}) | {"text": text if coding else f"{text} ({self.scheme} {self.code})"}


def schemes(dataset: Dataset) -> dict[str, str]:
    """Designator -> system of the schemes that the object itself identifies (0008,0110); those of the standard stay."""
    found = {}
    for item in items(dataset, "CodingSchemeIdentificationSequence"):
        if is_uid(uid := written(item, "CodingSchemeUID")):
            found[said(item, "CodingSchemeDesignator")] = f"urn:oid:{uid}"
    return found


def coded(sequence: list[Dataset], own: Mapping[str, str]) -> Coded | None:
    """The concept of a code sequence; ``None`` where it holds no code. ``own``: systems of schemes of the object."""
    if not sequence:
        return None
    item = sequence[0]
    code = said(item, "CodeValue") or said(item, "LongCodeValue") or said(item, "URNCodeValue")
    scheme, meaning = said(item, "CodingSchemeDesignator"), said(item, "CodeMeaning")
    if not code and not meaning:
        return None
    found = list(_codings(scheme, code, meaning, own))
    for other in items(item, "EquivalentCodeSequence"):
        found += _codings(said(other, "CodingSchemeDesignator"), said(other, "CodeValue"), said(other, "CodeMeaning"), own)
    return Coded(scheme, code, meaning, tuple(dict.fromkeys(found)))


def _codings(scheme: str, code: str, meaning: str, own: Mapping[str, str]) -> list[tuple[str, str, str]]:
    if not code:
        return []
    if scheme in _OLD_SNOMED or (scheme == "SCT" and not code.isdigit()):
        if code.isdigit():
            return [(SCT, code, meaning)]
        newer = concept_ids().get(code)
        return ([(SCT, newer, "")] if newer else []) + [(SRT, code, meaning)]
    system = _SYSTEMS.get(scheme) or own.get(scheme)
    return [(system, code, meaning)] if system else []


@cache
def concept_ids() -> dict[str, str]:
    """SNOMED-RT style code -> SNOMED CT concept identifier, by PS3.16 table O-1 as pydicom carries it."""
    from pydicom.sr._snomed_dict import mapping

    return dict(mapping["SRT"])
