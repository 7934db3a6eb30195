"""What FHIR's RESTful API asks of a server, interaction by interaction (https://hl7.org/fhir/R4/http.html), on the real server."""

from __future__ import annotations

import gzip
import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from serving import Server

FHIR = {"content-type": "application/fhir+json"}
PATCH = {"content-type": "application/json-patch+json"}
Json = dict[str, Any]


def ask(server: Server, method: str, url: str, content: Any = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    """Status, headers and decoded body; header names with _ for -."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = content if isinstance(content, bytes) else json.dumps(content).encode() if content is not None else b""
    sent = {**(FHIR if body and "content-type" not in named else {}), **named}
    status, told, found = server.request(method, url, sent, body)
    return status, told, json.loads(found) if found else None


def patient(**more: Any) -> Json:
    return {"resourceType": "Patient", "name": [{"family": "Moll", "given": ["Eva"]}], "birthDate": "1970-05-28", **more}


def created(server: Server, resource: Json) -> Json:
    status, _, found = ask(server, "POST", f"/{resource['resourceType']}", resource)
    assert status == 201, found
    return found


def issue(found: Json) -> tuple[str, str]:
    assert found["resourceType"] == "OperationOutcome"
    return found["issue"][0]["code"], found["issue"][0].get("expression", [""])[0]


def test_create_gives_an_id_a_version_and_its_address(server: Server):
    status, headers, found = ask(server, "POST", "/Patient", patient(id="mine"))
    assert status == 201 and found["id"] != "mine" and found["meta"]["versionId"] == "1"
    assert headers["location"] == f"{server.base}/Patient/{found['id']}/_history/1"
    assert headers["etag"] == 'W/"1"' and headers["last-modified"].endswith("GMT")


def test_what_was_stored_comes_back_with_every_digit(server: Server):
    text = b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.500,"unit":"mg"}}'
    _, _, found = ask(server, "POST", "/Observation", text)
    _, _, body = server.request("GET", f"/Observation/{found['id']}", {}, b"")
    assert b'"valueQuantity":{"value":1.500,"unit":"mg"}' in body


def test_update_makes_the_next_version_and_old_ones_stay(server: Server):
    first = created(server, patient())
    url = f"/Patient/{first['id']}"
    status, headers, second = ask(server, "PUT", url, {**first, "gender": "female"})
    assert (status, headers["etag"], second["meta"]["versionId"]) == (200, 'W/"2"', "2")
    assert "gender" not in ask(server, "GET", f"{url}/_history/1")[2]
    _, _, history = ask(server, "GET", f"{url}/_history")
    assert history["type"] == "history" and history["total"] == 2
    assert [entry["resource"]["meta"]["versionId"] for entry in history["entry"]] == ["2", "1"]
    assert [entry["request"]["method"] for entry in history["entry"]] == ["PUT", "POST"]


def test_a_client_may_choose_the_id_of_an_update(server: Server):
    name = f"own-{uuid4()}"
    status, _, found = ask(server, "PUT", f"/Patient/{name}", patient(id=name))
    assert (status, found["id"]) == (201, name)


@pytest.mark.parametrize(("body", "path"), [(patient(), "Patient.id"), (patient(id="other"), "Patient.id")])
def test_an_update_whose_body_has_another_id_is_refused(server: Server, body: Json, path: str):
    status, _, found = ask(server, "PUT", "/Patient/this", body)
    assert (status, issue(found)) == (400, ("invalid", path))


def test_deleted_is_gone_and_not_unknown(server: Server):
    one = created(server, patient())
    url = f"/Patient/{one['id']}"
    assert ask(server, "DELETE", url)[0] == 204
    assert ask(server, "GET", url)[0] == 410
    assert ask(server, "GET", "/Patient/never")[0] == 404
    assert ask(server, "DELETE", url)[0] == 204  # again: nothing to do
    _, _, history = ask(server, "GET", f"{url}/_history")
    assert [entry["request"]["method"] for entry in history["entry"]] == ["DELETE", "POST"]
    assert "resource" not in history["entry"][0]
    assert ask(server, "PUT", url, {**one, "gender": "male"})[0] == 200  # it may come back
    assert ask(server, "GET", url)[2]["meta"]["versionId"] == "3"


def test_if_match_lets_only_one_of_two_writers_win(server: Server):
    one = created(server, patient())
    url, results = f"/Patient/{one['id']}", []

    def write(gender: str) -> None:
        results.append(ask(server, "PUT", url, {**one, "gender": gender}, if_match='W/"1"')[0])

    writers = [threading.Thread(target=write, args=(gender,)) for gender in ("male", "female", "other", "unknown")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(results) == [200, 412, 412, 412]


def test_conditional_read(server: Server):
    one = created(server, patient())
    url = f"/Patient/{one['id']}"
    _, headers, _ = ask(server, "GET", url)
    assert ask(server, "GET", url, if_none_match=headers["etag"])[0] == 304
    assert ask(server, "GET", url, if_none_match='W/"9"')[0] == 200
    assert ask(server, "GET", url, if_modified_since=headers["last-modified"])[0] == 304


def test_conditional_create_update_delete(server: Server):
    number = str(uuid4())
    one = patient(identifier=[{"system": "urn:test", "value": number}])
    query = f"identifier=urn:test|{number}"
    status, _, first = ask(server, "POST", "/Patient", one, if_none_exist=query)
    assert status == 201
    status, _, again = ask(server, "POST", "/Patient", one, if_none_exist=query)
    assert (status, again["id"]) == (200, first["id"])
    status, _, second = ask(server, "PUT", f"/Patient?{query}", {**one, "gender": "male"})
    assert (status, second["id"], second["meta"]["versionId"]) == (200, first["id"], "2")
    created(server, one)
    for method in ("PUT", "DELETE"):
        assert ask(server, method, f"/Patient?{query}", one if method == "PUT" else None)[0] == 412, method
    assert ask(server, "DELETE", f"/Patient/{first['id']}")[0] == 204
    assert ask(server, "DELETE", f"/Patient?{query}")[0] == 204
    assert ask(server, "GET", f"/Patient?{query}")[2]["total"] == 0


def test_a_condition_that_would_match_everything_is_refused(server: Server):
    assert ask(server, "DELETE", "/Patient")[0] == 412
    assert ask(server, "DELETE", "/Patient?identifer=x")[0] == 400


def test_patch(server: Server):
    one = created(server, patient(active=True))
    url = f"/Patient/{one['id']}"
    steps = [
        {"op": "replace", "path": "/active", "value": False},
        {"op": "add", "path": "/name/0/given/-", "value": "Maria"},
    ]
    status, headers, found = ask(server, "PATCH", url, steps, content_type=PATCH["content-type"])
    assert (status, headers["etag"], found["active"], found["name"][0]["given"]) == (200, 'W/"2"', False, ["Eva", "Maria"])
    failing = [{"op": "test", "path": "/active", "value": True}]
    assert ask(server, "PATCH", url, failing, content_type=PATCH["content-type"])[0] == 422
    broken = [{"op": "add", "path": "/gender", "value": "f"}]
    status, _, found = ask(server, "PATCH", url, broken, content_type=PATCH["content-type"])
    assert (status, issue(found)) == (422, ("code-invalid", "Patient.gender"))
    other = [{"op": "replace", "path": "/id", "value": "x"}]
    assert ask(server, "PATCH", url, other, content_type=PATCH["content-type"])[0] == 422
    assert ask(server, "GET", url)[2]["meta"]["versionId"] == "2"


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Json | None = None, full: str = "", **request: str) -> Json:
    found: Json = {"request": {"method": method, "url": url, **request}}
    return {**found, **({"resource": resource} if resource else {}), **({"fullUrl": full} if full else {})}


def test_a_transaction_gives_ids_and_rewrites_references(server: Server):
    urn = f"urn:uuid:{uuid4()}"
    weight = {"resourceType": "Observation", "status": "final", "code": {"text": "weight"}, "subject": {"reference": urn}}
    whole = bundle("transaction", entry("POST", "Observation", weight), entry("POST", "Patient", patient(), urn))
    status, _, found = ask(server, "POST", "", whole, prefer="return=representation")
    assert (status, found["type"]) == (200, "transaction-response")
    assert [one["response"]["status"] for one in found["entry"]] == ["201", "201"]
    observation, person = (one["resource"] for one in found["entry"])
    assert observation["subject"]["reference"] == f"Patient/{person['id']}"
    assert found["entry"][0]["response"]["etag"] == 'W/"1"'


def test_a_transaction_with_one_fault_leaves_nothing(server: Server):
    name = f"none-{uuid4()}"
    whole = bundle(
        "transaction", entry("PUT", f"Patient/{name}", patient(id=name)), entry("POST", "Patient", patient(gender="f"))
    )
    status, _, found = ask(server, "POST", "", whole)
    assert (status, issue(found)) == (422, ("code-invalid", "Bundle.entry[1].resource.Patient.gender"))
    assert ask(server, "GET", f"/Patient/{name}")[0] == 404


@pytest.mark.parametrize(
    ("whole", "status"),
    [
        (bundle("transaction", entry("PUT", "Patient/a", patient(id="a")), entry("DELETE", "Patient/a")), 400),
        (bundle("transaction", {"resource": patient()}), 400),
        (bundle("searchset"), 400),
        (bundle("transaction", entry("POST", "Nothing", patient())), 400),
        ({"resourceType": "Patient"}, 400),
        (
            bundle(
                "transaction",
                entry("POST", "Observation", {"resourceType": "Observation", "status": "final", "code": {"text": "x"},
                                              "subject": {"reference": "urn:uuid:00000000-0000-0000-0000-000000000000"}}),
            ),
            400,
        ),
    ],
)  # fmt: skip
def test_transactions_that_are_refused(server: Server, whole: Json, status: int):
    found = ask(server, "POST", "", whole)
    assert found[0] == status, found[2]
    assert found[2]["resourceType"] == "OperationOutcome"


def test_a_transaction_with_conditions_reads_and_deletes(server: Server):
    number = str(uuid4())
    there = created(server, patient(identifier=[{"system": "urn:test", "value": number}]))
    gone = created(server, patient())
    note = {
        "resourceType": "Basic",
        "code": {"text": "x"},
        "subject": {"reference": f"Patient?identifier=urn:test|{number}"},
    }
    whole = bundle(
        "transaction",
        entry("GET", f"Patient?identifier=urn:test|{number}"),
        entry("POST", "Patient", patient(identifier=there["identifier"]), ifNoneExist=f"identifier=urn:test|{number}"),
        entry("DELETE", f"Patient/{gone['id']}"),
        entry("POST", "Basic", note),
    )
    status, _, found = ask(server, "POST", "", whole, prefer="return=representation")
    assert status == 200, found
    assert [one["response"]["status"] for one in found["entry"]] == ["200", "200", "204", "201"]
    assert found["entry"][0]["resource"]["total"] == 1
    assert found["entry"][3]["resource"]["subject"]["reference"] == f"Patient/{there['id']}"


def test_a_batch_does_what_it_can(server: Server):
    one = created(server, patient())
    whole = bundle(
        "batch", entry("GET", f"Patient/{one['id']}"), entry("GET", "Patient/none"), entry("POST", "Patient", patient())
    )
    status, _, found = ask(server, "POST", "", whole)
    assert (status, found["type"]) == (200, "batch-response")
    assert [one["response"]["status"] for one in found["entry"]] == ["200", "404", "201"]
    assert found["entry"][0]["resource"]["id"] == one["id"]
    assert found["entry"][1]["response"]["outcome"]["issue"][0]["code"] == "not-found"


@pytest.mark.parametrize(
    ("prefer", "kind"),
    [("return=minimal", None), ("return=OperationOutcome", "OperationOutcome"), ("return=representation", "Patient")],
)
def test_prefer(server: Server, prefer: str, kind: str | None):
    status, _, found = ask(server, "POST", "/Patient", patient(), prefer=prefer)
    assert status == 201 and (found or {}).get("resourceType") == kind


def test_gzip_summary_elements_and_head(server: Server):
    one = created(
        server, patient(text={"status": "generated", "div": f"<div xmlns='http://www.w3.org/1999/xhtml'>{'x' * 2000}</div>"})
    )
    url = f"/Patient/{one['id']}"
    with server.client.stream("GET", f"{server.base}{url}", headers={"accept-encoding": "gzip"}) as raw:
        packed = b"".join(raw.iter_raw())
        assert raw.headers["content-encoding"] == "gzip" and json.loads(gzip.decompress(packed))["id"] == one["id"]
    assert "text" not in ask(server, "GET", f"{url}?_summary=true")[2]
    found = ask(server, "GET", f"{url}?_elements=birthDate")[2]
    assert set(found) == {"resourceType", "id", "meta", "birthDate"} and found["meta"]["tag"][0]["code"] == "SUBSETTED"
    status, headers, body = server.request("HEAD", url, {"accept-encoding": "identity"}, b"")
    assert (status, body) == (200, b"") and int(headers["content-length"]) > 2000


def test_search_pages_and_self_link(server: Server):
    family = f"Page{uuid4().hex[:8]}"
    made = [created(server, patient(name=[{"family": family}]))["id"] for _ in range(7)]
    url, seen = f"/Patient?family={family}&_count=3", []
    while url:
        _, _, found = ask(server, "GET", url)
        seen += [one["resource"]["id"] for one in found["entry"]]
        links = {one["relation"]: one["url"] for one in found["link"]}
        created(server, patient(name=[{"family": family}]))  # later ones do not come in
        url = links.get("next", "")
    assert seen == made
    assert f"family={family}" in links["self"]


def test_text_finds_words_of_the_narrative(server: Server):
    word = f"zebra{uuid4().hex[:8]}"
    div = f"<div xmlns='http://www.w3.org/1999/xhtml'>A <b>{word}</b> in M&#252;nchen</div>"
    one = created(server, patient(text={"status": "generated", "div": div}))
    for text, wanted in ((word, [one["id"]]), (f"munchen {word}", [one["id"]]), (f"other {word}", []), ("div", None)):
        _, _, found = ask(server, "GET", f"/Patient?_text={text}")
        ids = [entry["resource"]["id"] for entry in found.get("entry", [])]
        assert (ids == wanted) if wanted is not None else (one["id"] not in ids), text


def test_search_by_post_is_the_same(server: Server):
    one = created(server, patient(name=[{"family": f"Post{uuid4().hex[:8]}"}]))
    form = f"family={one['name'][0]['family']}".encode()
    status, _, found = ask(server, "POST", "/Patient/_search", form, content_type="application/x-www-form-urlencoded")
    assert (status, found["total"], found["entry"][0]["search"]["mode"]) == (200, 1, "match")


def test_an_unknown_parameter_is_refused_or_told(server: Server):
    status, _, found = ask(server, "GET", "/Patient?famly=Moll")
    assert status == 400 and "did you mean 'family'" in found["issue"][0]["diagnostics"]
    status, _, found = ask(server, "GET", "/Patient?famly=Moll&_count=1", prefer="handling=lenient")
    told = [one["resource"] for one in found["entry"] if one["search"]["mode"] == "outcome"]
    assert status == 200 and "famly" in told[0]["issue"][0]["diagnostics"]
    assert "famly" not in found["link"][0]["url"]


def test_compartment_and_everything(server: Server):
    one = created(server, patient())
    who = {"reference": f"Patient/{one['id']}"}
    weight = created(server, {"resourceType": "Observation", "status": "final", "code": {"text": "w"}, "subject": who})
    created(server, {"resourceType": "Observation", "status": "final", "code": {"text": "other"}})
    _, _, found = ask(server, "GET", f"/Patient/{one['id']}/Observation")
    assert [entry["resource"]["id"] for entry in found["entry"]] == [weight["id"]]
    _, _, found = ask(server, "GET", f"/Patient/{one['id']}/$everything")
    assert {entry["resource"]["id"] for entry in found["entry"]} == {one["id"], weight["id"]}


@pytest.mark.parametrize(
    ("method", "url", "content", "headers", "status"),
    [
        ("GET", "/Nothing/1", None, {}, 404),
        ("GET", "/Patient/1/2/3/4", None, {}, 404),
        ("POST", "/Patient/1", patient(), {}, 405),
        ("GET", "/Patient/1", None, {"accept": "application/fhir+xml"}, 406),
        ("GET", "/Patient?_format=xml", None, {}, 406),
        ("POST", "/Patient", b"<Patient/>", {"content_type": "application/fhir+xml"}, 415),
        ("POST", "/Patient", b"{", {}, 400),
        ("POST", "/Patient", b"[]", {}, 400),
        ("POST", "/Patient", b"\xff\xfe", {}, 400),
        ("POST", "/Patient", b"[" * 100_000, {}, 400),
        ("POST", "/Patient", {"resourceType": "Observation"}, {}, 400),
        ("PUT", "/Patient/" + "x" * 65, patient(id="x" * 65), {}, 400),
        ("PUT", "/Patient/a", patient(id="a"), {"if_match": "soon"}, 400),
        ("GET", "/Patient/$nothing", None, {}, 404),
        ("GET", "/_history?_since=soon", None, {}, 400),
        ("GET", "/Patient?birthdate=soon", None, {}, 400),
        ("GET", "/Patient?name:nothing=x", None, {}, 400),
        ("GET", "/Patient?_sort=nothing", None, {}, 400),
        ("GET", "/Patient?_count=-1", None, {}, 400),
        ("GET", "/Patient?name=%ff", None, {}, 400),
    ],
)  # fmt: skip
def test_refusals(server: Server, method: str, url: str, content: Any, headers: dict[str, str], status: int):
    found = ask(server, method, url, content, **headers)
    assert found[0] == status, found[2]
    assert found[2]["resourceType"] == "OperationOutcome" and found[2]["issue"][0]["diagnostics"]


def test_the_capability_statement_is_valid_and_names_every_type(server: Server):
    status, _, found = ask(server, "GET", "/metadata")
    assert status == 200 and found["fhirVersion"] == "4.0.1" and len(found["rest"][0]["resource"]) == 146
    _, _, told = ask(server, "POST", "/CapabilityStatement/$validate", found)
    assert [one["severity"] for one in told["issue"] if one["severity"] == "error"] == []


def test_a_reading_entry_sees_what_the_transaction_wrote_and_fails_it_when_it_fails(server: Server):
    name = f"in-{uuid4()}"
    whole = bundle("transaction", entry("PUT", f"Patient/{name}", patient(id=name)), entry("GET", f"Patient/{name}"))
    status, _, found = ask(server, "POST", "", whole)
    assert status == 200 and found["entry"][1]["resource"]["id"] == name
    other = f"out-{uuid4()}"
    whole = bundle("transaction", entry("PUT", f"Patient/{other}", patient(id=other)), entry("GET", "Patient/none"))
    status, _, found = ask(server, "POST", "", whole)
    assert (status, issue(found)) == (404, ("not-found", "Bundle.entry[1]"))
    assert ask(server, "GET", f"/Patient/{other}")[0] == 404
