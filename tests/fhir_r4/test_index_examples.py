"""The official examples are indexed under what fhirpathpy, another implementation, finds for every search parameter."""

from __future__ import annotations

from typing import Any

import pytest
from test_path_examples import CAST, MOST, UNSUPPORTED, Resource, other

from nof1.fhir.definitions import NARRATIVE, Parameter, definitions
from nof1.fhir.index_shared import held_by
from nof1.fhir.indexing import indexed

NOT_INDEXED = {*UNSUPPORTED, *CAST, NARRATIVE, "Location-near", "Resource-id", "Resource-lastUpdated"}
CONTACTS = ("phone", "fax", "email", "pager", "url", "sms", "other")


def plain_tokens(node_value: Any) -> set[tuple[str, str]]:
    """System and code of what a token parameter finds, by the table of the specification."""
    if isinstance(node_value, bool):
        return {("", str(node_value).lower())}
    if isinstance(node_value, str):
        return {("*", node_value)}
    if "coding" in node_value or set(node_value) <= {"text", "extension", "id"}:
        return {(one.get("system", ""), one.get("code", "")) for one in node_value.get("coding", ())}
    if "code" in node_value or "display" in node_value:
        return {(node_value.get("system", ""), node_value.get("code", ""))}
    is_contact = node_value.get("system") in CONTACTS
    return {("" if is_contact else node_value.get("system", ""), node_value.get("value", ""))}


def is_searched(parameter: Parameter, value: Any) -> bool:
    """Whether a value is more than what no search can tell: a display, times without dates, a resource without id."""
    if not isinstance(value, dict):
        return value is not None and (parameter.kind != "date" or value[:4].isdigit())
    if set(value) <= {"display", "extension", "id", "type", "title"}:
        return False
    if "resourceType" in value:
        return "id" in value and value["resourceType"] in parameter.targets
    return parameter.kind != "date" or {"start", "end", "event"} & set(value) or "boundsPeriod" in value.get("repeat", {})


@pytest.mark.slow
def test_official_examples_have_the_tokens_that_another_implementation_finds(r4_examples: dict[str, list[Resource]]) -> None:
    compared, differing = 0, {}
    for kind, parameters in definitions().parameters.items():
        for resource in r4_examples.get(kind, ())[:MOST]:
            found = indexed(resource)
            present = {row[0] for rows in found if isinstance(rows, list) for row in rows}
            for parameter in parameters.values():
                if parameter.kind == "composite" or parameter.id in NOT_INDEXED:
                    continue
                theirs = [one for one in other(parameter.expression)(resource) if is_searched(parameter, one)]
                compared += 1
                if parameter.kind == "token" and "extension(" not in parameter.expression:
                    wanted = {pair for one in theirs for pair in plain_tokens(one)} - {("", "")}
                    mine = {(system, code) for name, system, code, _ in found.tokens if name in held_by(parameter.id)}
                    if {code for _, code in mine} != {code for _, code in wanted} or not {
                        one for one in wanted if one[0] != "*"
                    } <= mine:
                        differing[parameter.id, resource["id"]] = (mine, wanted)
                elif bool(theirs) != bool({*held_by(parameter.id), f"{parameter.id}:identifier"} & present):
                    differing[parameter.id, resource["id"]] = theirs
    assert differing == {}
    assert compared > 15_000
