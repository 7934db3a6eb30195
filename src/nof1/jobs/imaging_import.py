"""Imports DICOM files into a record store: studies and measurements of the patients that the record knows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from nof1.errors import RequestError
from nof1.imaging.read import Imported, read_dicom
from nof1.rest.requests import Refused, encoded
from nof1.rest.service import Service
from nof1.rest.writing import prepared
from nof1.store import resources, streams

Json = dict[str, Any]


@dataclass(slots=True)
class Stored:
    """What was stored: resources, of how many patients, and what was not (place, reason)."""

    stored: int = 0
    people: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)


def import_dicom(
    service: Service,
    paths: Iterable[Path],
    *,
    policy: str = "identifier",
    issuers: Mapping[str, str] | None = None,
    zone: str = "",
    progress: Callable[[int], None] = lambda _number: None,
) -> Stored:
    """Stores what the objects of ``paths`` say of patients of the record, in one transaction. Raises ``RequestError``."""
    found = read_dicom(list(paths), record=_known(service), policy=policy, issuers=issuers, zone=_zone(zone))
    result = Stored(people=sum(1 for one in found.people if one.reference), left_out=list(found.left_out))
    with service.database.write() as w:
        items = []
        for one in found.resources:
            try:
                items.append(prepared(service, encoded(one), one["resourceType"], one["id"], "PUT", None, w))
            except Refused as error:
                result.left_out.append((f"{one['resourceType']}/{one['id']}", str(error)))
        resources.put_many(w, items, now=service.now())
        _withdraw(service, w, found)
    result.stored = len(items)
    progress(len(items))
    return result


def _known(service: Service) -> list[Json]:
    """The patients and studies of the record."""
    with service.database.read(is_long=True) as r:
        return [msgspec.json.decode(body) for kind in ("Patient", "ImagingStudy") for body in streams.bodies(r, kind)]


def _withdraw(service: Service, w: Any, found: Imported) -> None:
    """Deletes reports that a final one has replaced, with their measurements."""
    for one in found.replaced:
        report = resources.read(w, *one.split("/", 1))
        if report is None or report.is_deleted:
            continue
        results = [result.get("reference", "") for result in msgspec.json.decode(report.body).get("result", [])]
        for said in (one, *(result for result in results if result.startswith("Observation/"))):
            resources.delete(w, *said.split("/", 1), now=service.now())


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        raise RequestError(f"--zone {name!r} is no time zone; write Europe/Berlin") from None
