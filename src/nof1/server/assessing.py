"""Patient/ID/$nof1-assess: advice on a stored patient, written into the record."""

from __future__ import annotations

from datetime import UTC, datetime

from nof1.fhir.outcome import Issue
from nof1.genomics.repository import Repository
from nof1.jobs.stored_assessment import assess_stored
from nof1.rest.requests import Refused, Request, Response, encoded, invalid
from nof1.rest.service import Service

OPERATION = "$nof1-assess"
_KNOWN = ("drugs", "classes", "population")


def is_assessment(request: Request) -> bool:
    """Whether a request asks for it."""
    return request.parts[-1:] == (OPERATION,)


def answered(service: Service, genomes: Repository, request: Request) -> Response:
    """The bundle after the Genomics Reporting guide. Raises ``Refused``, ``InputError``."""
    match request.method, request.parts:
        case "POST", ("Patient", name, _):
            pass
        case _, ("Patient", _, _):
            raise Refused(
                405, Issue("not-supported", "an assessment is written into the record; use POST"), {"Allow": "POST"}
            )
        case _:
            raise Refused(404, Issue("not-supported", f"it is asked of one patient: Patient/ID/{OPERATION}"))
    for key, _value in request.query:
        if key not in _KNOWN:
            raise invalid(f"{key} is no parameter of {OPERATION}; known are {', '.join(_KNOWN)}")
    today = datetime.fromtimestamp(service.now() / 1e6, UTC).date()
    drugs, classes = ([one for one in request.asked(key).split(",") if one] for key in ("drugs", "classes"))
    population = request.asked("population")
    _, found = assess_stored(service, genomes, name, today=today, drugs=drugs, classes=classes, population=population)
    return Response(200, encoded(found), {}, "operation", f"Patient/{name}")
