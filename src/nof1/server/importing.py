"""$import: what lies in the server's import folder is stored, asynchronously; how it stands."""

from __future__ import annotations

from nof1.fhir.outcome import Issue, outcome
from nof1.jobs.import_jobs import Import, Imports
from nof1.rest.requests import Refused, Request, Response, encoded, invalid, not_found
from nof1.rest.writing import decoded

OPERATION, STATUS = "$import", "$import-status"


def is_import(request: Request) -> bool:
    """Whether a request is about an import."""
    return bool(request.parts) and (request.parts[-1] == OPERATION or request.parts[0] == STATUS)


def answered(imports: Imports, request: Request, base: str) -> Response:
    """The response. Raises ``Refused``, ``RequestError``."""
    match request.method, request.parts:
        case "POST", ("$import",):
            job = imports.start(_sources(request))
            return Response(202, b"", {"Content-Location": f"{base}/{STATUS}/{job}"}, "operation", OPERATION)
        case "GET", (place, name) if place == STATUS:
            found = imports.job(name)
            if found is None:
                raise not_found("import of that name")
            return _status(found)
        case _:
            raise Refused(405, Issue("not-supported", f"an import is begun with POST {OPERATION} and asked after with GET"))


def _sources(request: Request) -> list[str]:
    """The parameters ``source``: files or folders, as seen from the import folder."""
    listed = decoded(request.body, "Parameters").get("parameter")
    parts = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    sources = [one.get("valueString") for one in parts if one.get("name") == "source"]
    if not sources or not all(isinstance(one, str) and one for one in sources):
        raise invalid(
            "send Parameters with one parameter 'source' (valueString) for each file or folder", "Parameters.parameter"
        )
    return [str(one) for one in sources]


def _status(job: Import) -> Response:
    if job.state == "running":
        headers = {"X-Progress": f"{job.stored} resources", "Retry-After": "1"}
        return Response(202, b"", headers, "operation", STATUS)
    if job.state == "failed":
        raise Refused(422, Issue("exception", job.error))
    issues = [Issue("informational", f"{job.stored} resources are stored", "", "information")]
    issues += [Issue("invalid", f"{place}: {reason}", "", "warning") for place, reason in job.left_out]
    if job.more_left_out:
        issues.append(Issue("incomplete", f"{job.more_left_out} more are left out", "", "warning"))
    return Response(200, encoded(outcome(issues)), {}, "operation", STATUS)
