"""DICOM UIDs: whether a text is one, and the FHIR identifiers and resource ids made of them."""

from __future__ import annotations

import hashlib
import re
from typing import Any

Json = dict[str, Any]
SYSTEM = "urn:dicom:uid"  # FHIR R4, ImagingStudy.identifier: the value is the UID as urn:oid:
_UID = re.compile(r"[0-2](\.\d+)+")
_LONGEST = 64


def is_uid(text: str) -> bool:
    """Whether a text is a UID (DICOM PS3.5, 9.1). Leading zeros in a component are let pass: devices write them.

    >>> is_uid("1.2.840.10008.1.1"), is_uid("0"), is_uid("9.8.7")
    (True, False, False)
    """
    return len(text) <= _LONGEST and _UID.fullmatch(text) is not None


def resource_id(*parts: str) -> str:
    """The id of the resource made of a UID (and of a place within its object): the same at every reading, 32 characters.

    >>> resource_id("1.2.3")
    'c47f5b18b8a430e698b9fe15e51f6119'
    """
    return hashlib.sha256("#".join(parts).encode()).hexdigest()[:32]


def identifier(uid: str) -> Json:
    """The FHIR Identifier of a UID.

    >>> identifier("1.2.3")
    {'system': 'urn:dicom:uid', 'value': 'urn:oid:1.2.3'}
    """
    return {"system": SYSTEM, "value": f"urn:oid:{uid}"}


def study_reference(uid: str, is_known: bool) -> Json:
    """A reference to an ImagingStudy: literal where the study is at hand, otherwise by its identifier alone."""
    by_name = {"type": "ImagingStudy", "identifier": identifier(uid)}
    return {"reference": f"ImagingStudy/{resource_id(uid)}", **by_name} if is_known else by_name
