"""Bulk Data: the kick-off of an export, how it stands, and its files."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate

from nof1.fhir.outcome import Issue
from nof1.jobs.bulk_export import Asked, Export, Exports
from nof1.rest.requests import Refused, Request, Response, encoded, invalid, not_found, since
from nof1.rest.writing import decoded

STATUS, FILES = "$export-status", "$export-files"
_FORMATS = ("application/fhir+ndjson", "application/ndjson", "ndjson")
_KNOWN = ("_outputFormat", "_since", "_type")
NDJSON = "application/fhir+ndjson"


def is_bulk(request: Request) -> bool:
    """Whether a request is about an export."""
    return bool(request.parts) and (request.parts[-1] == "$export" or request.parts[0] in (STATUS, FILES))


def answered(exports: Exports, request: Request, base: str, now: int) -> Response:
    """The response. Raises ``Refused``."""
    match request.method, request.parts:
        case "GET" | "POST", (*rest, "$export"):
            asked = _asked(tuple(rest), _with_parameters(request) if request.body else request)
            job = exports.start(asked, "/".join([base, *request.parts]), now)
            headers = {"Content-Location": f"{base}/{STATUS}/{job}"}
            return Response(202, b"", headers, "operation", "/".join(rest))
        case "GET", (place, name) if place == STATUS:
            return _status(exports, _known(exports, name), base)
        case "DELETE", (place, name) if place == STATUS:
            if not exports.cancel(name):
                raise not_found("export of that name")
            return Response(202, b"", {}, "operation", STATUS)
        case "GET", (place, name, file) if place == FILES:
            path = exports.file(name, file)
            if path is None:
                raise not_found("file of that name")
            return Response(200, b"", {"Content-Type": NDJSON}, "operation", f"{FILES}/{file}", str(path))
        case _:
            raise Refused(
                405, Issue("not-supported", "an export is begun with GET, asked after with GET and ended with DELETE")
            )


def _known(exports: Exports, name: str) -> Export:
    job = exports.job(name)
    if job is None:
        raise not_found("export of that name")
    return job


def _with_parameters(request: Request) -> Request:
    """The request with what the Parameters in its body say, as if it stood in the query."""
    listed = decoded(request.body, "Parameters").get("parameter", [])
    pairs = map(_pair, listed if isinstance(listed, list) else [None])
    return replace(request, query=(*request.query, *pairs))


def _pair(part: object) -> tuple[str, str]:
    values = [value for key, value in part.items() if key.startswith("value")] if isinstance(part, dict) else []
    if not isinstance(part, dict) or len(values) != 1 or not isinstance(values[0], str):
        raise invalid("each parameter of an export has a name and one value, a text", "Parameters.parameter")
    return str(part.get("name")), values[0]


def _asked(where: tuple[str, ...], request: Request) -> Asked:
    for name, _ in request.query:
        if name not in _KNOWN and not request.is_lenient:
            raise invalid(f"{name} is no parameter of an export; known are {', '.join(_KNOWN)}")
    form = request.asked("_outputFormat", NDJSON).replace(" ", "+")
    if form not in _FORMATS:
        raise invalid(f"_outputFormat is {form[:40]!r}; only {NDJSON} is written")
    types = tuple(one for _, value in request.query if _ == "_type" for one in value.split(",") if one)
    match where:
        case ():
            return Asked("system", "", since(request), types)
        case ("Patient",):
            return Asked("patient", "", since(request), types)
        case ("Group", name):
            return Asked("group", name, since(request), types)
        case ("Group",):
            raise invalid("name the group: Group/ID/$export")
        case _:
            raise Refused(404, Issue("not-supported", "an export is of the system, of all patients or of a Group"))


def _status(exports: Exports, job: Export, base: str) -> Response:
    if job.state == "running":
        return Response(202, b"", {"X-Progress": "running", "Retry-After": "1"}, "operation", STATUS)
    if job.state == "failed":
        raise Refused(500, Issue("exception", job.error))
    listed = [{"type": kind, "url": f"{base}/{FILES}/{job.id}/{name}", "count": count} for kind, name, count in job.files]
    manifest = {
        "transactionTime": datetime.fromtimestamp(job.started / 1e6, UTC).isoformat().replace("+00:00", "Z"),
        "request": job.address,
        "requiresAccessToken": True,
        "output": listed,
        "error": [],
    }
    headers = {"Content-Type": "application/json", "Expires": formatdate(exports.expires(job.id), usegmt=True)}
    return Response(200, encoded(manifest), headers, "operation", STATUS)
