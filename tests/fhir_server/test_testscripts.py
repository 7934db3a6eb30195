"""The runner of TestScripts: every operator and every kind of assert holds and fails where it should, every operation asks rightly."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fhirpathpy", reason="fhirpathpy is not installed: it evaluates the expressions of TestScripts")

from testscript_paths import ScriptError, by_path
from testscripts import Result, Status, run

Json = dict[str, Any]
JSON = "application/fhir+json"
PATIENT: Json = {
    "resourceType": "Patient", "id": "p", "meta": {"versionId": "3"}, "active": True, "birthDate": "1970-05-28",
    "name": [{"use": "official", "family": "Moll", "given": ["Eva", "Maria"]}, {"use": "nickname", "given": ["Evi"]}],
    "multipleBirthInteger": 2, "telecom": [{"system": "phone", "value": "1"}, {"system": "email", "value": "e@x"}],
}  # fmt: skip
BUNDLE: Json = {
    "resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [{"resource": PATIENT}],
    "link": [{"relation": name, "url": "x"} for name in ("self", "first", "next", "last")],
}  # fmt: skip


class Told:
    """A client that is told its answers, in order; the last is given again. It keeps what it was asked."""

    def __init__(self, *answers: tuple[int, Mapping[str, str], Any]) -> None:
        self.answers = list(answers) or [(200, {"Content-Type": JSON}, {})]
        self.asked: list[tuple[str, str, dict[str, str], bytes | None]] = []

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.asked.append((method, url, dict(headers), content))
        status, sent, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return status, sent, body if isinstance(body, bytes) else json.dumps(body).encode()


class Store:
    """A tiny server of resources: create, read, update, delete, versions, search by family."""

    def __init__(self) -> None:
        self.versions: dict[str, list[Json | None]] = {}

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        path, _, query = url.removeprefix("http://server/fhir").partition("?")
        kind, *rest = path.strip("/").split("/")
        key = f"{kind}/{rest[0]}" if rest else f"{kind}/new{len(self.versions)}"
        there = self.versions.get(key, [])
        if method in ("POST", "PUT"):
            assert content is not None
            there = self.versions.setdefault(key, [])
            there.append(json.loads(content) | {"id": key.split("/")[1], "meta": {"versionId": str(len(there) + 1)}})
            place = {"Location": f"http://server/fhir/{key}/_history/{len(there)}", "Content-Type": JSON}
            return 201 if len(there) == 1 else 200, place, json.dumps(there[-1]).encode()
        if method == "DELETE":
            there.append(None)
            return 204, {}, b""
        if not rest:
            family = query.partition("family=")[2]
            found = [one[-1] for one in self.versions.values() if one[-1] and one[-1]["name"][0]["family"] == family]
            return (
                200,
                {"Content-Type": JSON},
                json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in found]}).encode(),
            )
        one = there[int(rest[2]) - 1] if len(rest) == 3 else there[-1] if there else None
        status = 200 if one else 410 if there else 404
        return (
            status,
            {"Content-Type": JSON, "ETag": f'W/"{len(there)}"'},
            json.dumps(one or {"resourceType": "OperationOutcome"}).encode(),
        )


def operation(code: str, **said: Any) -> Json:
    return {"operation": {"type": {"code": code}, **said}}


def script(*actions: Json, **said: Any) -> Json:
    return {"resourceType": "TestScript", "name": "Tried", "test": [{"name": "one", "action": list(actions)}], **said}


def fixed(name: str, resource: Json, **said: Any) -> Json:
    """The parts of a script that has a contained fixture."""
    return {
        "contained": [resource | {"id": f"c-{name}"}],
        "fixture": [{"id": name, "resource": {"reference": f"#c-{name}"}, **said}],
    }


def status_of(
    said: Json,
    answer: tuple[int, Mapping[str, str], Any] = (200, {"Content-Type": JSON, "ETag": 'W/"3"', "X-Count": "12"}, PATIENT),
    **more: Any,
) -> Status:
    result = run(script(operation("read", resource="Patient", params="/p"), {"assert": said}, **more), Told(answer))
    return result.actions[-1].status


# ------------------------------------------------------------------------------------------ operators and asserts

HOLDS: list[Json] = [
    {"responseCode": "200"},
    {"responseCode": "200", "operator": "equals"},
    {"responseCode": "404", "operator": "notEquals"},
    {"responseCode": "200,201", "operator": "in"},
    {"responseCode": "500, 501", "operator": "notIn"},
    {"responseCode": "199", "operator": "greaterThan"},
    {"responseCode": "300", "operator": "lessThan"},
    {"response": "okay"},
    {"response": "notFound", "operator": "notEquals"},
    {"response": "okay,created", "operator": "in"},
    {"contentType": "json"},
    {"contentType": "application/fhir+json"},
    {"contentType": "fhir+json", "operator": "contains"},
    {"contentType": "xml", "operator": "notEquals"},
    {"contentType": "xml", "operator": "notContains"},
    {"resource": "Patient"},
    {"resource": "Bundle", "operator": "notEquals"},
    {"headerField": "etag", "value": 'W/"3"'},
    {"headerField": "X-Count", "value": "9", "operator": "greaterThan"},
    {"headerField": "X-Count", "value": "100", "operator": "lessThan"},
    {"headerField": "X-Count", "value": "11,12", "operator": "in"},
    {"headerField": "X-Count", "value": "1,2", "operator": "notIn"},
    {"headerField": "ETag", "value": "W/", "operator": "contains"},
    {"headerField": "ETag", "value": "X", "operator": "notContains"},
    {"headerField": "ETag", "operator": "notEmpty"},
    {"headerField": "Location", "operator": "empty"},
    {"expression": "Patient.name.family", "value": "Moll"},
    {"expression": "Patient.name.given", "value": "Eva,Evi,Maria", "operator": "in"},
    {"expression": "Patient.name.given", "value": "Anna", "operator": "notIn"},
    {"expression": "Patient.name.given", "value": "Ma", "operator": "contains"},
    {"expression": "Patient.name.given", "value": "Anna", "operator": "notContains"},
    {"expression": "Patient.name.given.count()", "value": "2", "operator": "greaterThan"},
    {"expression": "Patient.birthDate", "value": "1970-06-01", "operator": "lessThan"},
    {"expression": "Patient.multipleBirth", "value": "2.0"},
    {"expression": "Patient.active", "value": "true"},
    {"expression": "Patient.name", "operator": "notEmpty"},
    {"expression": "Patient.contact", "operator": "empty"},
    {"expression": "Patient.name.exists()"},
    {"expression": "Patient.name.exists()", "operator": "eval"},
    {"expression": "Patient.birthDate", "operator": "eval"},
    {"expression": "Patient.contact.exists()", "operator": "eval", "value": "false"},
    {"path": "$.name[0].family", "value": "Moll"},
    {"path": "fhir:Patient/fhir:birthDate/@value", "value": "1970-05-28"},
    {"path": "Patient/name[1]/family", "value": "Molly", "operator": "notEquals"},
    {"path": "$.contact", "operator": "empty"},
    {"responseBody": '"resourceType"\\s*:\\s*"Patient"', "operator": "matchesRegex"},
    {"responseBody": "Moll", "operator": "contains"},
    {"requestMethod": "get"},
    {"requestURL": "/Patient/p"},
    {"requestURL": "Patient", "operator": "contains"},
    {"direction": "request", "headerField": "Accept", "value": JSON},
]  # fmt: skip
FAILS: list[Json] = [
    {"responseCode": "201"},
    {"responseCode": "200", "operator": "notEquals"},
    {"responseCode": "201,204", "operator": "in"},
    {"responseCode": "200,500", "operator": "notIn"},
    {"responseCode": "200", "operator": "greaterThan"},
    {"responseCode": "200", "operator": "lessThan"},
    {"response": "created"},
    {"response": "okay", "operator": "notEquals"},
    {"response": "fine"},
    {"contentType": "xml"},
    {"contentType": "xml", "operator": "contains"},
    {"contentType": "json", "operator": "notEquals"},
    {"contentType": "json", "operator": "notContains"},
    {"resource": "Bundle"},
    {"resource": "Patient", "operator": "notEquals"},
    {"headerField": "ETag", "value": "3"},
    {"headerField": "ETag"},
    {"headerField": "Location", "value": "x"},
    {"headerField": "Location", "operator": "notEmpty"},
    {"headerField": "ETag", "operator": "empty"},
    {"headerField": "X-Count", "value": "12", "operator": "greaterThan"},
    {"headerField": "X-Count", "value": "9", "operator": "lessThan"},
    {"headerField": "X-Count", "value": "1,2", "operator": "in"},
    {"headerField": "X-Count", "value": "12", "operator": "notIn"},
    {"expression": "Patient.name.family", "value": "moll"},
    {"expression": "Patient.name.given", "value": "Eva"},
    {"expression": "Patient.name.given", "value": "Anna", "operator": "notEquals"},
    {"expression": "Patient.name.given", "value": "Eva,Evi", "operator": "in"},
    {"expression": "Patient.name.given", "value": "Eva,Anna", "operator": "notIn"},
    {"expression": "Patient.contact", "value": "Eva", "operator": "in"},
    {"expression": "Patient.name.given", "value": "Anna", "operator": "contains"},
    {"expression": "Patient.name.given", "value": "Ma", "operator": "notContains"},
    {"expression": "Patient.contact", "value": "x"},
    {"expression": "Patient.name", "value": "Moll"},
    {"expression": "Patient.name", "operator": "empty"},
    {"expression": "Patient.contact", "operator": "notEmpty"},
    {"expression": "Patient.contact.exists()"},
    {"expression": "Patient.contact.exists()", "operator": "eval"},
    {"expression": "Patient.contact", "operator": "eval"},
    {"expression": "Patient.name", "operator": "eval"},
    {"expression": "Patient.name.(", "operator": "eval"},
    {"expression": "Patient.birthDate", "value": "1970-05-28", "operator": "lessThan"},
    {"path": "$.name[0].family", "value": "Mol"},
    {"path": "$.name[0", "value": "Mol"},
    {"path": "fhir:Patient/fhir:birthDate/@value", "value": "1970"},
    {"path": "Bundle/birthDate", "value": "1970-05-28"},
    {"path": "//birthDate", "value": "1970-05-28"},
    {"responseBody": '"Bundle"', "operator": "matchesRegex"},
    {"responseBody": "Bundle", "operator": "contains"},
    {"requestMethod": "put"},
    {"requestURL": "/Patient"},
    {"direction": "request", "headerField": "Accept", "value": "application/fhir+xml"},
    {"direction": "request", "responseCode": "200"},
    {"responseCode": "200", "operator": "like"},
    {"sourceId": "none", "responseCode": "200"},
    {"minimumId": "none"},
    {"statusCode": "200"},
    {"label": "nothing is checked"},
    {"resource": "Patient", "responseCode": "404"},
    {},
]  # fmt: skip


@pytest.mark.parametrize("said", HOLDS, ids=str)
def test_assert_holds(said: Json) -> None:
    assert status_of(said) is Status.PASS


@pytest.mark.parametrize("said", FAILS, ids=str)
def test_assert_fails(said: Json) -> None:
    assert status_of(said) is Status.FAIL
    assert status_of(said | {"warningOnly": True}) is Status.WARNING


@pytest.mark.parametrize(("name", "code"), [("created", 201), ("noContent", 204), ("notModified", 304), ("bad", 400), ("forbidden", 403), ("notFound", 404), ("methodNotAllowed", 405), ("conflict", 409), ("gone", 410), ("preconditionFailed", 412), ("unprocessable", 422)])  # fmt: skip
def test_names_of_responses(name: str, code: int) -> None:
    assert status_of({"response": name}, (code, {}, b"")) is Status.PASS
    assert status_of({"response": name}, (200, {}, b"")) is Status.FAIL


def test_a_body_that_is_no_json_fulfils_no_expression() -> None:
    for said in (
        {"expression": "true"},
        {"path": "$", "operator": "empty"},
        {"resource": "Patient"},
        {"navigationLinks": True},
    ):
        assert status_of(said, (200, {}, b"<Patient/>")) is Status.FAIL


MINIMA = [
    ({"resourceType": "Patient", "birthDate": "1970-05-28"}, True),
    ({"resourceType": "Patient", "name": [{"given": ["Maria"]}]}, True),
    ({"resourceType": "Patient", "name": [{"given": ["Evi"]}, {"family": "Moll"}]}, True),
    ({"resourceType": "Patient", "multipleBirthInteger": 2.0}, True),
    ({"resourceType": "Patient", "name": [{"family": "Moll", "given": ["Evi"]}]}, False),
    ({"resourceType": "Patient", "name": [{"use": "official"}, {"use": "official"}]}, False),
    ({"resourceType": "Patient", "active": 1}, False),
    ({"resourceType": "Patient", "birthDate": "1970"}, False),
    ({"resourceType": "Patient", "gender": "female"}, False),
    ({"resourceType": "Person"}, False),
]


@pytest.mark.parametrize(("least", "is_there"), MINIMA, ids=str)
def test_minimum(least: Json, is_there: bool) -> None:
    said = {"minimumId": "F"}
    assert status_of(said, **fixed("F", least)) is (Status.PASS if is_there else Status.FAIL)


@pytest.mark.parametrize("links", [[], ["self"], ["first", "next"], ["first", "next", "last"]], ids=str)
def test_navigation_links(links: list[str]) -> None:
    answer = (200, {}, BUNDLE | {"link": [{"relation": name} for name in links]})
    assert (status_of({"navigationLinks": True}, answer) is Status.PASS) == (len(links) == 3)
    assert (status_of({"navigationLinks": False}, answer) is Status.PASS) == (len(links) < 2)


def test_comparison_with_another_fixture() -> None:
    other = fixed("F", {"resourceType": "Patient", "birthDate": "1970-05-28", "gender": "male"})
    same = {"compareToSourceId": "F", "compareToSourceExpression": "Patient.birthDate", "expression": "Patient.birthDate"}
    assert status_of(same, **other) is Status.PASS
    assert status_of(same | {"operator": "notEquals"}, **other) is Status.FAIL
    assert status_of(same | {"compareToSourceExpression": "Patient.gender"}, **other) is Status.FAIL
    assert status_of(same | {"compareToSourceExpression": "Patient.name"}, **other) is Status.FAIL
    by_paths = {"compareToSourceId": "F", "compareToSourcePath": "$.birthDate", "path": "Patient/birthDate/@value"}
    assert status_of(by_paths, **other) is Status.PASS
    assert status_of({"compareToSourceId": "F", "path": "$.birthDate"}, **other) is Status.FAIL


def test_profiles_are_skipped_with_a_note() -> None:
    result = run(
        script(
            operation("read", url="/Patient/p"), {"assert": {"validateProfileId": "P"}}, {"assert": {"responseCode": "200"}}
        ),
        Told(),
    )
    assert [action.status for action in result.actions] == [Status.PASS, Status.SKIP, Status.PASS]
    assert "profile" in result.actions[1].message
    assert result.is_passed


PATHS = {
    "$.name[0].given[1]": ["Maria"],
    "$.name[*].given[0]": ["Eva", "Evi"],
    ".birthDate": ["1970-05-28"],
    "birthDate": ["1970-05-28"],
    "Patient.birthDate": ["1970-05-28"],
    "$['birthDate']": ["1970-05-28"],
    "$..value": ["1", "e@x"],
    "$.telecom[?(@.system=='email')].value": ["e@x"],
    "$.telecom[?(@.system == 'fax')].value": [],
    "$.name[7].given": [],
    "/Patient/telecom[system/@value='email']/value/@value": ["e@x"],
    "fhir:Patient/fhir:name[1]/fhir:given/@value": ["Eva", "Maria"],
    "fhir:Patient/fhir:name/fhir:given[1]/@value": ["Eva", "Evi"],
    "fhir:Patient/fhir:name[fhir:use/@value='nickname']/fhir:given/@value": ["Evi"],
    "fhir:Bundle/fhir:entry": [],
}


@pytest.mark.parametrize("path", PATHS)
def test_paths(path: str) -> None:
    assert by_path(PATIENT, path) == PATHS[path]


def test_a_path_into_the_resources_of_a_bundle() -> None:
    assert by_path(BUNDLE, "fhir:Bundle/fhir:entry/fhir:resource/fhir:Patient/fhir:birthDate/@value") == ["1970-05-28"]
    assert by_path(BUNDLE, "$.entry[0].resource.name[0].family") == ["Moll"]
    with pytest.raises(ScriptError):
        by_path(BUNDLE, "count(/Bundle/entry)")


# -------------------------------------------------------------------------------------------------- operations

NEW = {"resourceType": "Patient", "name": [{"family": "Moll"}]}
REQUESTS: list[tuple[Json, str, str]] = [
    (operation("read", resource="Patient", params="/p"), "GET", "/Patient/p"),
    (operation("vread", resource="Patient", params="/p/_history/2"), "GET", "/Patient/p/_history/2"),
    (operation("search", resource="Patient", params="?family=Moll"), "GET", "/Patient?family=Moll"),
    (operation("search", resource="Patient", params="family=Moll"), "GET", "/Patient?family=Moll"),
    (operation("search", resource="Patient"), "GET", "/Patient"),
    (operation("search", params="?_type=Patient"), "GET", "/?_type=Patient"),
    (operation("search", resource="Patient", params="/$export"), "GET", "/Patient/$export"),
    (operation("search", params="/$export"), "GET", "/$export"),
    (operation("search", resource="Patient", method="post", params="?family=Moll"), "POST", "/Patient/_search"),
    (operation("history", resource="Patient", params="?_count=1"), "GET", "/Patient/_history?_count=1"),
    (operation("history", resource="Patient", params="/p"), "GET", "/Patient/p/_history"),
    (operation("history", resource="Patient", params="/p/_history?_count=1"), "GET", "/Patient/p/_history?_count=1"),
    (operation("history", params="?_count=5"), "GET", "/_history?_count=5"),
    (operation("history"), "GET", "/_history"),
    (operation("history", resource="Patient"), "GET", "/Patient/_history"),
    (operation("capabilities"), "GET", "/metadata"),
    (operation("capabilities", params="?_format=json"), "GET", "/metadata?_format=json"),
    (operation("capabilities", params="/metadata?_format=json"), "GET", "/metadata?_format=json"),
    (operation("create", sourceId="F"), "POST", "/Patient"),
    (operation("create", resource="Patient", sourceId="F"), "POST", "/Patient"),
    (operation("update", sourceId="F"), "PUT", "/Patient/c-F"),
    (operation("update", resource="Patient", params="?family=Moll", sourceId="F"), "PUT", "/Patient?family=Moll"),
    (operation("updateCreate", resource="Patient", params="/q", sourceId="F"), "PUT", "/Patient/q"),
    (operation("patch", resource="Patient", params="/q", sourceId="F"), "PATCH", "/Patient/q"),
    (operation("delete", resource="Patient", params="/q"), "DELETE", "/Patient/q"),
    (operation("deleteCondSingle", resource="Patient", params="?family=Moll"), "DELETE", "/Patient?family=Moll"),
    (operation("batch", sourceId="F"), "POST", "/"),
    (operation("transaction", sourceId="F"), "POST", "/"),
    (operation("expand", resource="ValueSet", params="?url=x"), "GET", "/ValueSet/$expand?url=x"),
    (operation("everything", resource="Patient", params="/p/$everything"), "GET", "/Patient/p/$everything"),
    (operation("validate", resource="Patient", sourceId="F"), "POST", "/Patient/$validate"),
    (operation("read", url="http://server/fhir/Patient/p"), "GET", "http://server/fhir/Patient/p"),
    (operation("read", url="Patient/p", params="/q", resource="X"), "GET", "/Patient/p"),
    (operation("read", method="head", url="Patient/p"), "HEAD", "/Patient/p"),
    (operation("read", method="options", url="/Patient"), "OPTIONS", "/Patient"),
    (operation("search", resource="Observation", params="?code=s|c d&date=ge2020-01-01T00:00:00+01:00"), "GET", "/Observation?code=s%7Cc%20d&date=ge2020-01-01T00:00:00%2B01:00"),
    (operation("search", resource="Observation", params="?code=s%7Cc&name=50%"), "GET", "/Observation?code=s%7Cc&name=50%25"),
    (operation("search", resource="Observation", params="?code=s|c", encodeRequestUrl=False), "GET", "/Observation?code=s|c"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "method", "url"), REQUESTS, ids=lambda one: str(one) if isinstance(one, str) else "")
def test_request_of_an_operation(asked: Json, method: str, url: str) -> None:
    client = Told()
    result = run(script(asked, **fixed("F", NEW)), client)
    assert result.is_passed, result.failures
    assert client.asked[0][:2] == (method, url)


@pytest.mark.parametrize(
    "asked",
    [
        operation("read"), operation("delete", resource="Patient"), operation("update"), operation("read", targetId="F"),
        operation("create", sourceId="G"), operation("read", url="/Patient/${x}"), {}, {"operation": {}, "assert": {}},
    ],
    ids=str,
)  # fmt: skip
def test_an_operation_that_cannot_be_asked_fails(asked: Json) -> None:
    said = {"fixture": [{"id": "F", "resource": {"reference": "f"}}]}
    client = Told()
    result = run(script(asked, **said), client, {"f": {"resourceType": "Patient"}})
    assert [action.status for action in result.actions] == [Status.FAIL]
    assert client.asked == []


def test_headers_and_bodies() -> None:
    client = Told()
    header = [{"field": "if-match", "value": 'W/"${v}"'}, {"field": "Accept", "value": "text/plain"}]
    said = script(
        operation(
            "update", resource="Patient", params="/p", sourceId="F", accept="xml", contentType="json", requestHeader=header
        ),
        operation("search", resource="Patient", method="post", params="?family=A B"),
        operation("patch", resource="Patient", params="/p", sourceId="B"),
        operation("create", sourceId="F", contentType="xml"),
        operation("read", url="/Patient/p", accept="xml"),
        variable=[{"name": "v", "defaultValue": "7"}, {"name": "w", "defaultValue": "Wyn"}],
        fixture=[{"id": "F", "resource": {"reference": "f.json"}}, {"id": "B", "resource": {"reference": "b.json"}}],
    )
    patch = b'[{"op":"remove","path":"/name"}]'
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": b64encode(patch).decode()}
    own = {"resourceType": "Patient", "id": "p", "name": [{"family": "${w}", "given": ["${unknown}"]}]}
    result = run(said, client, {"f.json": own, "b.json": binary})
    assert result.is_passed, result.failures
    update, search, patched, create, read = client.asked
    assert update[2] == {"Accept": "text/plain", "Content-Type": JSON, "if-match": 'W/"7"'}
    assert json.loads(update[3] or b"") == own | {"name": [{"family": "Wyn", "given": ["${unknown}"]}]}
    assert search[1:] == (
        "/Patient/_search",
        {"Accept": JSON, "Content-Type": "application/x-www-form-urlencoded"},
        b"family=A%20B",
    )
    assert patched[2:] == ({"Accept": JSON, "Content-Type": "application/json-patch+json"}, patch)
    assert create[2] == {"Accept": JSON, "Content-Type": "application/fhir+xml"}
    assert read[2:] == ({"Accept": "application/fhir+xml"}, None)


def test_what_was_created_is_read_updated_and_deleted_by_its_id_on_the_server() -> None:
    store = Store()
    said = script(
        operation("create", sourceId="F", responseId="R1"),
        {"assert": {"response": "created"}},
        operation("read", targetId="R1", responseId="R2"),
        {"assert": {"minimumId": "F"}},
        operation("update", sourceId="F", targetId="R2"),
        {"assert": {"expression": "Patient.meta.versionId", "value": "2"}},
        {"assert": {"sourceId": "R1", "expression": "Patient.meta.versionId", "value": "1"}},
        operation("vread", targetId="R1"),
        {"assert": {"expression": "Patient.meta.versionId", "value": "1"}},
        operation("search", resource="Patient", params="?family=${family}", responseId="S"),
        {"assert": {"expression": "Bundle.entry.resource.id", "value": "${id}"}},
        operation("read", targetId="S"),
        operation("read", url="${place}"),
        {"assert": {"headerField": "ETag", "value": 'W/"2"'}},
        operation("delete", targetId="F"),
        operation("read", targetId="F"),
        {"assert": {"response": "gone"}},
        variable=[
            {"name": "family", "sourceId": "F", "expression": "Patient.name.family"},
            {"name": "id", "sourceId": "R1", "path": "$.id"},
            {"name": "place", "sourceId": "R1", "headerField": "Location"},
        ],
        **fixed("F", NEW),
    )
    result = run(said, store)
    assert result.is_passed, result.failures
    assert len(result.actions) == 17


def test_the_id_within_an_update_is_that_of_its_url_unless_the_script_writes_the_url() -> None:
    client = Told((201, {"Location": "Patient/new/_history/1"}, {}), (200, {}, {}))
    written = operation("update", resource="Patient", params="/other", sourceId="F")
    result = run(
        script(
            operation("create", sourceId="F"), operation("update", sourceId="F", targetId="F"), written, **fixed("F", NEW)
        ),
        client,
    )
    assert result.is_passed, result.failures
    assert [(url, json.loads(body or b"")["id"]) for _, url, _, body in client.asked[1:]] == [
        ("/Patient/new", "new"),
        ("/Patient/other", "c-F"),
    ]


def test_an_id_of_a_response_means_the_last_response() -> None:
    client = Told((201, {"Location": "Patient/first"}, {}), (200, {}, PATIENT | {"id": "second"}), (200, {}, PATIENT))
    run(
        script(
            operation("create", sourceId="F", responseId="R"),
            operation("read", url="/x", responseId="R"),
            operation("read", targetId="R"),
            **fixed("F", NEW),
        ),
        client,
    )
    assert [url for _, url, _, _ in client.asked] == ["/Patient", "/x", "/Patient/second"]


def test_request_and_response_are_kept_by_id() -> None:
    said = script(
        operation("create", sourceId="F", requestId="Q", responseId="R"),
        operation("read", targetId="R"),
        {"assert": {"sourceId": "Q", "expression": "Patient.meta.exists().not()"}},
        {"assert": {"sourceId": "R", "headerField": "Location", "operator": "contains", "value": "Patient/"}},
        {"assert": {"sourceId": "R", "responseCode": "201"}},
        {"assert": {"direction": "request", "requestMethod": "get"}},
        **fixed("F", NEW),
    )
    assert run(said, Store()).is_passed


def test_fixtures_are_made_before_and_deleted_after() -> None:
    store = Store()
    said = script(
        operation("read", targetId="F"),
        {"assert": {"response": "okay"}},
        **fixed("F", NEW, autocreate=True, autodelete=True),
    )
    result = run(said, store)
    assert result.is_passed, result.failures
    assert [action.part for action in result.actions] == ["fixture", "one", "one", "teardown"]
    assert store.versions["Patient/new0"][-1] is None


# ------------------------------------------------------------------------------------------------- the course


def statuses(result: Result) -> list[tuple[str, Status]]:
    return [(action.part, action.status) for action in result.actions]


def test_a_failed_setup_skips_the_tests_and_not_the_teardown() -> None:
    said = script(
        operation("read", url="/x"),
        setup={"action": [operation("read", url="/y"), {"assert": {"response": "gone"}}, operation("read", url="/z")]},
        teardown={"action": [operation("delete", url="/y")]},
    )
    result = run(said, Told())
    assert statuses(result) == [
        ("setup", Status.PASS),
        ("setup", Status.FAIL),
        ("setup", Status.SKIP),
        ("one", Status.SKIP),
        ("teardown", Status.PASS),
    ]
    assert not result.is_passed


def test_a_failed_action_ends_its_test_and_not_the_next() -> None:
    def ask() -> Json:
        return operation("read", url="/x")

    tests = [{"action": [ask(), {"assert": {"response": "gone"}}, ask()]}, {"name": "b", "action": [ask()]}]
    result = run(script() | {"test": tests}, Told())
    assert statuses(result) == [
        ("test 1", Status.PASS),
        ("test 1", Status.FAIL),
        ("test 1", Status.SKIP),
        ("b", Status.PASS),
    ]
    assert [action.message for action in result.failures] == ["response is 200, expected equals 410"]


def test_a_warning_does_not_end_a_test() -> None:
    result = run(
        script(
            operation("read", url="/x"),
            {"assert": {"response": "gone", "warningOnly": True}},
            {"assert": {"response": "okay"}},
        ),
        Told(),
    )
    assert [status for _, status in statuses(result)] == [Status.PASS, Status.WARNING, Status.PASS]
    assert result.is_passed


def test_an_error_must_be_expected() -> None:
    error = (404, {}, b"")
    assert not run(script(operation("read", url="/x")), Told(error)).is_passed
    assert not run(script(operation("read", url="/x"), operation("read", url="/y")), Told(error)).is_passed
    assert run(script(operation("read", url="/x"), {"assert": {"response": "notFound"}}), Told(error)).is_passed
    assert run(
        script(operation("read", url="/x"), teardown={"action": [operation("delete", url="/x")]}),
        Told((200, {}, b""), error),
    ).is_passed


def test_a_client_that_breaks_fails_the_action() -> None:
    class Broken:
        def request(self, *asked: object) -> tuple[int, dict[str, str], bytes]:
            raise ConnectionError("no one there")

    result = run(script(operation("read", url="/x"), {"assert": {"response": "okay"}}), Broken())
    first = result.actions[0]
    assert (first.status, first.message) == (Status.FAIL, "ConnectionError: no one there")


def test_a_fixture_without_resource_skips_all() -> None:
    result = run(script(operation("read", url="/x"), fixture=[{"id": "F", "resource": {"reference": "f.json"}}]), Told())
    assert statuses(result) == [("fixture", Status.FAIL), ("one", Status.SKIP)]


def test_nothing_tried_is_no_pass() -> None:
    assert not run(script(), Told()).is_passed


@pytest.mark.parametrize("variable", [{"name": "x", "sourceId": "none", "headerField": "A"}, {"name": "x", "expression": "Patient.name.given"}, {"name": "x", "path": "$.none"}, {"name": "x", "path": "$.id", "headerField": "A"}, {"name": "y", "defaultValue": "1"}], ids=str)  # fmt: skip
def test_a_variable_without_one_value_is_an_error(variable: Json) -> None:
    client = Told((200, {}, PATIENT))
    assert not run(
        script(operation("read", url="/x"), operation("read", url="/${x}"), variable=[variable]), client
    ).is_passed
    assert len(client.asked) == 1


def test_a_default_stands_in_until_the_source_is_there() -> None:
    client = Told((200, {}, PATIENT))
    variable = [{"name": "x", "sourceId": "R", "expression": "Patient.birthDate", "defaultValue": "none"}]
    run(script(operation("read", url="/${x}", responseId="R"), operation("read", url="/${x}"), variable=variable), client)
    assert [url for _, url, _, _ in client.asked] == ["/none", "/1970-05-28"]


# ---------------------------------------------------------------------------------------- scripts of the peers


def _peer_scripts(folder: Path) -> dict[str, Json]:
    found = sorted((folder / "fhir/testscripts/mock_health").glob("[!_]*.json"))
    if not found:
        pytest.skip("no fhir/testscripts/mock_health in the reference data: set NOF1_REFERENCE_DATA")
    return {file.stem: json.loads(file.read_text()) for file in found}


class Good:
    """Answers as the scripts of the peers want: a capability statement, a bundle, 202 for an export, 400 for the unknown."""

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        kind = {"Content-Type": f"{JSON};charset=utf-8"}
        if url == "/metadata":
            operations = [
                {"name": "export", "definition": "http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export"}
            ]
            return (
                200,
                kind,
                json.dumps({"resourceType": "CapabilityStatement", "rest": [{"operation": operations}]}).encode(),
            )
        if "$export" in url:
            return (202 if headers.get("Prefer") == "respond-async" else 400), kind, b""
        if "this-is-not" in url or "/$" in url:
            return 400, kind, json.dumps({"resourceType": "OperationOutcome"}).encode()
        return 200, kind, json.dumps({"resourceType": "Bundle", "type": "searchset"}).encode()


def test_scripts_of_the_peers_pass_with_a_good_server_and_fail_with_a_bad_one(reference_data: Path) -> None:
    scripts = _peer_scripts(reference_data)
    assert {name: run(one, Good()).failures for name, one in scripts.items()} == {name: [] for name in scripts}
    bad = {name: run(one, Told((500, {}, b""))) for name, one in scripts.items()}
    only_not_404 = {name for name in scripts if re.search("discoverable|silent-ignore", name)}
    assert {name for name, result in bad.items() if result.is_passed} == only_not_404
    assert len(scripts) == 21


def test_requests_of_the_scripts_of_the_peers(reference_data: Path) -> None:
    asked = {}
    for name, one in _peer_scripts(reference_data).items():
        client = Told()
        run(one, client)
        asked[name.split("__")[-1]] = client.asked[0][1]
    assert asked["history-type"] == "/Patient/_history?_count=1"
    assert asked["system-export-discoverable"] == "/$export"
    assert asked["ndjson-output-format-accepted"] == "/Patient/$export?_outputFormat=application/fhir%2Bndjson"
    assert asked["has-reverse-chaining"] == "/Patient?_has:Observation:patient:code=http://loinc.org|8480-6&_count=1"
    assert asked["capability-statement"] == "/metadata"
