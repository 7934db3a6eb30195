"""Resources for the tests of the room: small, but with rows in every index table, and a decimal whose digits must stay."""

from __future__ import annotations

from typing import Any

import msgspec

from nof1.fhir.indexing import Indexed, indexed
from nof1.store.resources import Item

KINDS = ("Patient", "Observation", "RiskAssessment")


def body(kind: str, word: str, number: int = 0) -> bytes:
    """A resource of ``kind`` whose indexed content depends on ``word`` and ``number``; its decimal ends with a zero."""
    members: dict[str, Any] = {"resourceType": kind, "meta": {"profile": [f"http://example.org/{word}"]}}
    if kind == "Patient":
        members |= {
            "identifier": [{"system": f"urn:{word}", "value": f"{word}-{number}"}],
            "name": [{"family": f"Fam {word}", "given": ["A", "B"]}],
            "birthDate": f"{1950 + number % 50}-02-03",
            "generalPractitioner": [{"reference": f"Practitioner/{word}"}],
        }
    elif kind == "Observation":
        members |= {
            "status": "final",
            "code": {"coding": [{"system": "http://loinc.org", "code": word or "none", "display": f"Display {word}"}]},
            "subject": {"reference": f"Patient/{word or 'p'}"},
            "effectiveDateTime": f"{1990 + number % 30}-01-02T03:04:05Z",
            "valueQuantity": {"value": msgspec.Raw(b"%d.50" % number), "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
        }  # fmt: skip
    else:
        members |= {
            "status": "final",
            "subject": {"reference": f"Patient/{word or 'p'}"},
            "code": {"coding": [{"system": f"http://codes.example/{word}", "code": str(number)}]},
            "prediction": [{"probabilityDecimal": msgspec.Raw(b"0.%d0" % (number % 9))}],
        }
    return msgspec.json.encode(members)


def of(content: bytes, name: str) -> Indexed:
    """What is to be indexed of a resource that will have the id ``name``."""
    return indexed({**msgspec.json.decode(content), "id": name})


def item(kind: str, name: str, word: str, number: int = 0, **more: Any) -> Item:
    content = body(kind, word, number)
    return Item(kind, name, content, of(content, name), **more)


def empty(database: Any) -> None:
    """Takes everything out of a store but the numbers of names."""
    from nof1.store.schema import INDEXES

    with database.write() as w:
        for table in ("resource", "version", "counted", "counted_code", "counted_text", *INDEXES):
            w.run(f"DELETE FROM {table}")
