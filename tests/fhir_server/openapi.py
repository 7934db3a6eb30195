"""An OpenAPI description of the server, made of its CapabilityStatement, for tools that read no FHIR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = dict[str, Any]
KINDS = (
    *("Patient", "Observation", "Condition", "MedicationRequest", "Encounter", "Group", "Questionnaire", "ValueSet"),
    *("Basic", "Task", "RiskAssessment", "Location"),
)
_FHIR = "application/fhir+json"
_LETTERS = {"type": "string", "maxLength": 100}
# how a value of each kind of search parameter is written
_VALUES: Mapping[str, Json] = {
    "date": {"type": "string", "pattern": "^(ge|lt|eq|ap)?[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"},
    "number": {"type": "string", "pattern": "^(gt|le)?-?[0-9]{1,6}([.][0-9]{1,4})?$"},
    "quantity": {"type": "string", "pattern": "^(gt|le)?[0-9]{1,6}([|][a-z:/.]*[|][a-z]{1,3})?$"},
    "reference": {"type": "string", "pattern": "^((Patient|Group)/)?[A-Za-z0-9.-]{1,64}$"},
}
_OUTCOME: Json = {
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"enum": ["OperationOutcome"]},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code", "diagnostics"],
                "properties": {"diagnostics": {"type": "string", "minLength": 1, "pattern": r"^[^\r\n]+$"}},
            },
        },
    },
}


def description(capability: Json, resources: Sequence[Json], patches: Sequence[Any], kinds: Iterable[str] = KINDS) -> Json:
    """The description; ``resources`` and ``patches`` are examples and give bodies their shape."""
    rest = capability["rest"][0]
    stated = {one["type"]: one for one in rest["resource"]}
    paths: Json = {
        "/metadata": {"get": _operation([], {"200"})},
        "/": {
            "get": _operation(_parameters(rest["searchParam"]), {"200"}),
            "post": _operation([], {"200"}, _bundle(resources)),
        },
        "/_history": {"get": _operation(_paging("_before"), {"200"})},
    }
    for kind in kinds:
        paths |= _of_type(stated[kind], resources, patches)
    return {
        "openapi": "3.0.3",
        "info": {"title": "nof1", "version": capability["software"]["version"]},
        "paths": paths,
        "components": {"schemas": {"OperationOutcome": _OUTCOME}},
    }


def _of_type(stated: Json, resources: Sequence[Json], patches: Sequence[Any]) -> Json:
    """The paths of one type, with those interactions that are stated of it."""
    kind, codes = stated["type"], {one["code"] for one in stated["interaction"]}
    body = _body(_shape(kind, resources), [one for one in resources if one["resourceType"] == kind])
    patch = _body({"type": "array", "items": {"type": "object"}}, patches, "application/json-patch+json")
    searched = [*_parameters(stated["searchParam"]), *_paging("_after")]
    reading = [_query("_summary", {"enum": ["true", "text", "data", "false"]}), _query("_elements")]
    match, name, version = (
        _header("If-Match", {"type": "string", "pattern": '^W/"[0-9]{1,9}"$'}),
        _in_path("id"),
        _in_path("vid"),
    )
    known: list[tuple[str, str, str, Json]] = [
        ("search-type", f"/{kind}", "get", _operation(searched, {"200"})),
        ("create", f"/{kind}", "post", _operation([_header("If-None-Exist"), _prefer()], {"200", "201"}, body)),
        ("update", f"/{kind}", "put", _operation(searched, {"200", "201"}, body)),
        ("delete", f"/{kind}", "delete", _operation(searched, {"204"})),
        ("read", f"/{kind}/{{id}}", "get", _operation([name, *reading, _header("If-None-Match")], {"200", "304"})),
        ("update", f"/{kind}/{{id}}", "put", _operation([name, match, _prefer()], {"200", "201"}, body)),
        ("patch", f"/{kind}/{{id}}", "patch", _operation([name, match], {"200"}, patch)),
        ("delete", f"/{kind}/{{id}}", "delete", _operation([name, match], {"204"})),
        ("history-instance", f"/{kind}/{{id}}/_history", "get", _operation([name, *_paging("_before")], {"200"})),
        ("vread", f"/{kind}/{{id}}/_history/{{vid}}", "get", _operation([name, version], {"200", "304"})),
        ("history-type", f"/{kind}/_history", "get", _operation(_paging("_before"), {"200"})),
        ("create", f"/{kind}/$validate", "post", _operation([], {"200"}, body)),
    ]
    found: Json = {}
    for code, path, method, operation in known:
        if code in codes:
            found.setdefault(path, {})[method] = operation
    return found


def _operation(parameters: Sequence[Json], good: set[str], body: Json | None = None) -> Json:
    refused = {_FHIR: {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}}
    answers: Json = {code: {"description": "done", "content": {_FHIR: {"schema": {"type": "object"}}}} for code in good}
    for code in ("400", "404", "405", "406", "410", "412", "413", "415", "422"):
        answers[code] = {"description": "refused", "content": refused}
    answers["204"] = answers["304"] = {"description": "nothing to tell"}
    return {"parameters": list(parameters), "responses": answers, **({"requestBody": body} if body else {})}


def _parameters(stated: Sequence[Json]) -> list[Json]:
    return [_query(one["name"], _VALUES.get(one["type"], _LETTERS)) for one in stated if one["type"] != "special"]


def _paging(place: str) -> list[Json]:
    return [
        _query("_count", {"type": "integer", "minimum": 0, "maximum": 1000}),
        _query(place),
        *([] if place == "_after" else [_query("_since", _VALUES["date"])]),
    ]


def _query(name: str, schema: Json = _LETTERS) -> Json:
    return {"name": name, "in": "query", "schema": schema, "required": False}


def _header(name: str, schema: Json = _LETTERS) -> Json:
    return {"name": name, "in": "header", "schema": schema, "required": False}


def _prefer() -> Json:
    return _header("Prefer", {"enum": ["return=representation", "return=OperationOutcome"]})


def _in_path(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[A-Za-z0-9.-]{1,64}$"}}


def _body(schema: Json, examples: Sequence[Any], media: str = _FHIR) -> Json:
    named = {f"e{at}": {"value": one} for at, one in enumerate(examples)}
    return {"required": True, "content": {media: {"schema": schema, "examples": named}}}


def _bundle(resources: Sequence[Json]) -> Json:
    entry = {
        "type": "object",
        "properties": {
            "fullUrl": {"type": "string"},
            "resource": {"anyOf": [_shape(one["resourceType"], [one]) for one in resources[:6]]},
            "request": {
                "type": "object",
                "required": ["method", "url"],
                "properties": {
                    "method": {"enum": ["GET", "POST", "PUT", "DELETE"]},
                    "url": {"type": "string", "pattern": "^[A-Z][a-z]+([/?][a-z0-9=]+)?$"},
                },
            },
        },
    }
    schema = {
        "type": "object",
        "required": ["resourceType", "type", "entry"],
        "properties": {
            "resourceType": {"enum": ["Bundle"]},
            "type": {"enum": ["batch", "transaction"]},
            "entry": {"type": "array", "items": entry, "maxItems": 8},
        },
    }  # fmt: skip
    wishes = [{"resource": one, "request": {"method": "POST", "url": one["resourceType"]}} for one in resources[2:5]]
    return _body(schema, [{"resourceType": "Bundle", "type": kind, "entry": wishes} for kind in ("batch", "transaction")])


def _shape(kind: str, resources: Sequence[Json]) -> Json:
    """A schema of what the examples of a type have in common with each other, to vary them by."""
    own = [one for one in resources if one["resourceType"] == kind]
    found = _schema(own[0]) if own else {"type": "object"}
    found["properties"] = {**found.get("properties", {}), "resourceType": {"enum": [kind]}}
    found["required"] = ["resourceType"]
    return found


def _schema(value: Any) -> Json:
    match value:
        case dict():
            return {"type": "object", "properties": {key: _schema(one) for key, one in value.items()}}
        case list():
            return {"type": "array", "items": _schema(value[0]) if value else {}, "minItems": 1, "maxItems": 3}
        case bool():
            return {"type": "boolean"}
        case int() | float():
            return {"type": "number"}
        case _:
            return {"type": "string", "enum": [value, value[:1], ""]} if len(value) < 30 else {"type": "string"}
