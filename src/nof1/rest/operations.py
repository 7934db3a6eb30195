"""Operations: capabilities, $validate, Patient/ID/$everything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nof1.fhir.checked import problems
from nof1.fhir.outcome import Issue, outcome
from nof1.rest import capability, writing
from nof1.rest.everything import everything
from nof1.rest.requests import Json, Refused, Request, Response, encoded
from nof1.rest.service import Service
from nof1.store.body import instant


def capabilities(service: Service) -> Response:
    """The CapabilityStatement."""
    statement = capability.capability_statement(instant(service.started)[:10], service.base, service.version)
    return Response(200, encoded(statement), {}, "capabilities")


def run(service: Service, request: Request) -> Response:
    """The operation that the path ends with. Raises ``Refused`` (404) for one that is not known there."""
    name = request.parts[-1].removeprefix("$")
    operation = _KNOWN.get(name)
    if operation is None:
        known = ", ".join(f"${one}" for one in sorted(_KNOWN))
        raise Refused(404, Issue("not-supported", f"there is no operation ${name[:40]}; known are {known}"))
    return operation(service, request)


def _validate(_service: Service, request: Request) -> Response:
    """Every problem of the resource in the body (or in the parameter ``resource``), as an OperationOutcome."""
    kind = request.parts[0] if len(request.parts) > 1 else ""
    _check_validation([name for name, _ in request.query])
    resource = writing.decoded(request.body)
    if resource.get("resourceType") == "Parameters":
        _check_validation(_names(resource))
        resource = _held(resource)
    if kind and resource.get("resourceType") != kind:
        issues = [Issue("invalid", f"the body is no {kind}", "resourceType")]
    else:
        found = problems(resource)
        issues = [Issue(one.code, one.message, one.path, "error" if one.is_error else "warning") for one in found]
    issues = issues or [Issue("informational", "no problem was found", "", "information")]
    return Response(200, encoded(outcome(issues)), {}, "operation", "/".join(request.parts))


def _check_validation(names: Sequence[object]) -> None:
    """Raises ``Refused`` where more is asked than is done: an answer would tell that a profile is kept."""
    if "profile" in names:
        raise Refused(400, Issue("not-supported", "profiles are not validated here, only what R4 itself says; ask without"))


def _names(parameters: Json) -> list[object]:
    listed = parameters.get("parameter")
    return [part.get("name") for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []


def _held(parameters: Json) -> Json:
    """The resource that Parameters hand over; themselves where they hold none, or are no Parameters."""
    listed = parameters.get("parameter")
    for part in listed if isinstance(listed, list) else ():
        if isinstance(part, dict) and part.get("name") == "resource" and isinstance(part.get("resource"), dict):
            return part["resource"]  # type: ignore[no-any-return]
    return parameters


def _everything(service: Service, request: Request) -> Response:
    """The record of one patient, a page at a time."""
    match request.parts:
        case ("Patient", name, _):
            return everything(service, request, name)
        case _:
            raise Refused(404, Issue("not-supported", "$everything is asked of one patient: Patient/ID/$everything"))


_KNOWN: dict[str, Callable[[Service, Request], Response]] = {"validate": _validate, "everything": _everything}
