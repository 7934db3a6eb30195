"""How long one request may take, and whom it holds up meanwhile: bundles with a time, validation outside the write."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from nof1.fhir.outcome import Issue
from nof1.rest import writing
from nof1.rest.perform import perform
from nof1.rest.requests import Refused, Request, Response
from nof1.rest.service import Service
from nof1.store.audit import Audit
from nof1.store.check import check
from nof1.store.database import opened

BASE = "http://127.0.0.1:8080/fhir"
Json = dict[str, Any]


@pytest.fixture
def service(address: str) -> Iterator[Service]:
    store = opened(address, wait_s=5)
    one = Service(store, Audit(store), BASE)
    yield one
    one.close()


def asked(service: Service, method: str, url: str, body: Any = None, **more: str) -> Response:
    path, _, query = url.partition("?")
    pairs = tuple((name, value) for name, _, value in (one.partition("=") for one in query.split("&") if one))
    return perform(
        service, Request(method, tuple(path.split("/")) if path else (), pairs, json.dumps(body).encode(), **more)
    )


def person(family: str, number: str = "", **more: Any) -> Json:
    own = {"identifier": [{"system": "urn:x", "value": number}]} if number else {}
    return {"resourceType": "Patient", "name": [{"family": family}], **own, **more}


def result(reference: str) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": reference}}


def entry(method: str, url: str, resource: Json | None = None, full: str = "", **request: str) -> Json:
    found: Json = {"request": {"method": method, "url": url, **request}}
    return {**found, **({"resource": resource} if resource else {}), **({"fullUrl": full} if full else {})}


def sent(service: Service, kind: str, *entries: Json) -> list[Json]:
    response = asked(service, "POST", "", {"resourceType": "Bundle", "type": kind, "entry": list(entries)})
    return [one["response"] for one in json.loads(response.body)["entry"]]


def number(service: Service, query: str) -> int:
    return int(json.loads(asked(service, "GET", f"{query}{'&' if '?' in query else '?'}_summary=count").body)["total"])


def people(count: int) -> list[Json]:
    return [entry("POST", "Patient", person(f"P{at}")) for at in range(count)]


class Clock:
    """A second goes by with each look at it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_a_batch_tells_which_entries_it_had_no_time_for(service: Service) -> None:
    slow = replace(service, bundle_s=4.0, clock=Clock())
    response = asked(slow, "POST", "", {"resourceType": "Bundle", "type": "batch", "entry": people(6)})
    found = [one["response"] for one in json.loads(response.body)["entry"]]
    assert response.status == 200
    assert [one["status"] for one in found] == ["201"] * 3 + ["503"] * 3
    assert [one["outcome"]["issue"][0]["code"] for one in found[3:]] == ["timeout"] * 3
    assert "not done" in found[3]["outcome"]["issue"][0]["diagnostics"]
    assert [done.status for done in response.entries] == [201] * 3 + [503] * 3  # so it is in the audit
    assert number(service, "Patient") == 3


@pytest.mark.parametrize("seconds", [4.0, 9.0, 12.0, 15.0, 16.0, 17.0])
def test_a_transaction_without_the_time_for_it_stores_nothing(service: Service, seconds: float) -> None:
    patch = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": "W10="}
    asked(service, "PUT", "Patient/a", person("A", id="a"))
    entries = [*people(4), entry("PATCH", "Patient/a", patch), entry("GET", "Patient")]
    with pytest.raises(Refused, match="nothing of it is stored") as refused:
        sent(replace(service, bundle_s=seconds, clock=Clock()), "transaction", *entries)
    assert refused.value.status == 503
    assert refused.value.issues[0].code == "timeout"
    assert number(service, "Patient") == 1
    assert [one["status"] for one in sent(replace(service, clock=Clock()), "transaction", *entries)][:5] == ["201"] * 4 + [
        "200"
    ]


def during_validation(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> list[Any]:
    """Does ``work`` once, in another thread, while the first resource is validated; what it gave or raised."""
    given: list[Any] = []
    problems, is_within = writing.problems, []

    def done() -> None:
        try:
            given.append(work())
        except Exception as error:
            given.append(error)

    def validated(resource: object) -> Any:
        if not is_within:
            is_within.append(True)
            other = threading.Thread(target=done)
            other.start()
            other.join(30)
        return problems(resource)

    monkeypatch.setattr(writing, "problems", validated)
    return given


def changes() -> dict[str, Callable[[Service], object]]:
    steps = [{"op": "replace", "path": "/name/0/family", "value": "B"}]
    return {
        "transaction": lambda one: sent(one, "transaction", *people(3)),
        "transaction with a reference by a search": lambda one: sent(
            one, "transaction", entry("POST", "Observation", result("Patient?identifier=urn:x|1"))
        ),
        "conditional update": lambda one: asked(one, "PUT", "Patient?identifier=urn:x|1", person("B", "1")),
        "patch": lambda one: asked(one, "PATCH", "Patient/a", steps),
        "conditional patch": lambda one: asked(one, "PATCH", "Patient?identifier=urn:x|1", steps),
    }


@pytest.mark.parametrize("change", changes())
def test_others_write_while_a_change_is_validated(service: Service, monkeypatch: pytest.MonkeyPatch, change: str) -> None:
    asked(service, "PUT", "Patient/a", person("A", "1", id="a"))
    given = during_validation(
        monkeypatch, lambda: asked(service, "PUT", "Basic/b", {"resourceType": "Basic", "id": "b", "code": {"text": "x"}})
    )
    changes()[change](service)
    assert [one.status for one in given] == [201]


def test_what_is_created_under_the_same_condition_meanwhile_is_not_created_twice(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = during_validation(monkeypatch, lambda: asked(service, "PUT", "Patient/a", person("A", "1", id="a")))
    told = sent(
        service,
        "transaction",
        entry("POST", "Patient", person("A", "1"), "urn:uuid:1", ifNoneExist="identifier=urn:x|1"),
        entry("POST", "Observation", result("urn:uuid:1")),
    )
    assert given[0].status == 201
    assert [one["status"] for one in told] == ["200", "201"]
    assert number(service, "Patient") == number(service, "Observation?subject=Patient/a") == 1
    assert not list(check(service.database))


def test_a_condition_or_reference_is_that_of_the_write(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who bears an identifier changes between the validation and the write."""
    asked(service, "PUT", "Patient/a", person("A", "1", id="a"))

    def moved() -> None:
        asked(service, "PUT", "Patient/a", person("A", "2", id="a"))
        asked(service, "PUT", "Patient/b", person("B", "1", id="b"))

    during_validation(monkeypatch, moved)
    sent(
        service,
        "transaction",
        entry("POST", "Observation", result("Patient?identifier=urn:x|1")),
        entry("PUT", "Patient?identifier=urn:x|1", person("C", "1")),
    )
    assert number(service, "Observation?subject=Patient/b") == 1
    assert json.loads(asked(service, "GET", "Patient/b").body)["name"] == [{"family": "C"}]
    assert json.loads(asked(service, "GET", "Patient/a").body)["name"] == [{"family": "A"}]
    assert not list(check(service.database))


def test_a_patch_is_of_the_version_that_the_write_finds(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    asked(service, "PUT", "Patient/a", person("A", "1", id="a"))
    during_validation(monkeypatch, lambda: asked(service, "PUT", "Patient/a", person("A", "2", id="a")))
    asked(service, "PATCH", "Patient/a", [{"op": "replace", "path": "/name/0/family", "value": "B"}])
    found = json.loads(asked(service, "GET", "Patient/a").body)
    assert (found["name"], found["identifier"][0]["value"], found["meta"]["versionId"]) == ([{"family": "B"}], "2", "3")


def test_what_is_wrong_is_told_with_its_place_and_only_what_would_be_stored_is_judged(service: Service) -> None:
    wrong = person("A", "1", birthDate="yesterday")
    with pytest.raises(Refused) as refused:
        sent(service, "transaction", *people(2), entry("POST", "Patient", wrong, ifNoneExist="identifier=urn:x|1"))
    assert refused.value.status == 422
    assert refused.value.issues[0] == Issue(
        "value", refused.value.issues[0].text, "Bundle.entry[2].resource.Patient.birthDate"
    )
    assert number(service, "Patient") == 0
    asked(service, "PUT", "Patient/a", person("A", "1", id="a"))
    told = sent(service, "transaction", entry("POST", "Patient", wrong, ifNoneExist="identifier=urn:x|1"))
    assert [one["status"] for one in told] == ["200"]
