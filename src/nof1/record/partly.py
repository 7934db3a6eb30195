"""Bundles decoded only as far as they are read: of resources that are not read, who they are about."""

from __future__ import annotations

from typing import Literal

import msgspec

from nof1.record.fields import Json
from nof1.record.shapes import SHAPES


class _Entry(msgspec.Struct, omit_defaults=True):
    resource: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    fullUrl: str | msgspec.UnsetType = msgspec.UNSET  # noqa: N815 (FHIR's name)


class _Bundle(msgspec.Struct):
    resourceType: Literal["Bundle"]  # noqa: N815 (FHIR's name)
    entry: list[_Entry]


class _About(msgspec.Struct, omit_defaults=True):
    resourceType: str  # noqa: N815 (FHIR's name)
    id: object = msgspec.UNSET
    subject: object = msgspec.UNSET
    patient: object = msgspec.UNSET


_BUNDLE = msgspec.json.Decoder(_Bundle)
_ABOUT = msgspec.json.Decoder(_About)
_WHOLE = msgspec.json.Decoder()
_OPENED = ("Bundle", "Parameters")


def partly_decoded(content: bytes) -> Json | None:
    """The bundle in ``content``, whole where it is read; ``None`` for anything that is not a bundle as FHIR has it.

    >>> claim = b'{"resourceType": "Claim", "id": "1", "patient": {"reference": "Patient/1"}, "item": [{"sequence": 1}]}'
    >>> partly_decoded(b'{"resourceType": "Bundle", "entry": [{"resource": ' + claim + b"}]}")["entry"][0]["resource"]
    {'resourceType': 'Claim', 'id': '1', 'patient': {'reference': 'Patient/1'}}
    >>> partly_decoded(claim) is None
    True
    """
    try:
        content.decode()  # what is skipped is not looked at otherwise
        return {"resourceType": "Bundle", "entry": [_entry(one) for one in _BUNDLE.decode(content).entry]}
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _entry(one: _Entry) -> Json:
    found: Json = {} if one.fullUrl is msgspec.UNSET else {"fullUrl": one.fullUrl}
    if not isinstance(one.resource, msgspec.UnsetType):
        about = _ABOUT.decode(one.resource)
        is_read = about.resourceType in SHAPES or about.resourceType in _OPENED
        found["resource"] = _WHOLE.decode(one.resource) if is_read else msgspec.to_builtins(about)
    return found
