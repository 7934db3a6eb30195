"""What searches bring along, where they may look, value sets, pages while others write: each against a count by hand."""

from __future__ import annotations

import itertools
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loaded import load
from world import KINDS, PARAMETERS, World

from nof1.errors import RequestError
from nof1.fhir.definitions import definitions
from nof1.fhir.indexing import indexed
from nof1.fhir.query import QueryError, parsed
from nof1.store import included, resources, sql_plan
from nof1.store.database import opened
from nof1.store.everything import compartment_search, everything
from nof1.store.search import Compartment, Page, run

Key = tuple[str, str]


class Store:
    """A store of either database with a world in it."""

    def __init__(self, database: Any, world: World) -> None:
        self.database, self.world = database, world

    def __repr__(self) -> str:
        return "store"

    def ask(self, url: str, **options: Any) -> Page:
        kind, _, query = url.partition("?")
        with self.database.read() as r:
            return run(r, self.database, parsed(kind, parse_qsl(query)), **options)

    def all(self, url: str, after: str = "", **options: Any) -> list[Key]:
        """The matches of all pages."""
        found: list[Key] = []
        while True:
            page = self.ask(url + (f"&_after={after}" if after else ""), **options)
            found += keys(page)
            if not page.next:
                return found
            after = page.next


def keys(page: Page) -> list[Key]:
    return [(one.kind, one.id) for one in page.matches]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("search")
    url = str(folder / "record.db") if request.param == "sqlite" else request.getfixturevalue("new_database")()
    database = opened(url)
    yield Store(database, load(database, 7))
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = str(tmp_path / "record.db") if request.param == "sqlite" else request.getfixturevalue("new_database")()
    database = opened(url)
    yield Store(database, World())
    database.close()


CLOCK = itertools.count(1_700_000_000_000_000, 1_000_000)


def put(store: Store, *contents: dict[str, Any]) -> None:
    for content in contents:
        with store.database.write() as w:
            resources.put(
                w, content["resourceType"], content["id"], msgspec.json.encode(content), indexed(content), now=next(CLOCK)
            )


def references(world: World, key: Key) -> set[Key]:
    """What a resource refers to, by any of its parameters."""
    found: set[Key] = set()
    for (kind, _), (form, _, read) in PARAMETERS.items():
        if kind == key[0] and form == "reference":
            found |= {one for one in read(world.resources[key]) if one[0]}
    return found


def test_includes_are_what_the_matches_refer_to(store: Store) -> None:
    world = store.world
    page = store.ask("Observation?_count=20&_include=Observation:subject&_include=Observation:performer:Practitioner")
    wanted = set()
    for key in keys(page):
        wanted |= set(PARAMETERS["Observation", "subject"][2](world.resources[key]))
        wanted |= {
            one for one in PARAMETERS["Observation", "performer"][2](world.resources[key]) if one[0] == "Practitioner"
        }
    got = [(one.kind, one.id) for one in page.includes]
    assert set(got) == wanted & set(world.resources) and len(got) == len(set(got)) > 5


def test_every_reference_can_be_included_at_once(store: Store) -> None:
    page = store.ask("Observation?_count=30&_include=*")
    matches = set(keys(page))
    wanted = set().union(*(references(store.world, key) for key in matches)) & set(store.world.resources)
    assert {(one.kind, one.id) for one in page.includes} == wanted - matches


def test_included_resources_bring_along_theirs_when_iterated(store: Store) -> None:
    world = store.world
    page = store.ask("Patient?_count=50&_include=Patient:organization&_include:iterate=Organization:partof")
    found: set[Key] = set()
    latest = {
        one
        for key in keys(page)
        for one in PARAMETERS["Patient", "organization"][2](world.resources[key])
        if one in world.resources
    }
    while latest:
        found |= latest
        up = {
            one
            for key in latest
            for one in PARAMETERS["Organization", "partof"][2](world.resources[key])
            if one in world.resources
        }
        latest = up - found
    assert {(one.kind, one.id) for one in page.includes} == found


def test_revincludes_are_what_refers_to_the_matches(store: Store) -> None:
    world = store.world
    for asked, kinds in (("Observation:subject", ("Observation",)), ("*", KINDS), ("Condition:*", ("Condition",))):
        page = store.ask(f"Patient?_count=5&_revinclude={asked}")
        matches = set(keys(page))
        wanted = {key for key in world.resources if key[0] in kinds and references(world, key) & matches}
        assert {(one.kind, one.id) for one in page.includes} == wanted - matches


def test_more_than_one_page_brings_along_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(included, "MOST", 3)
    page = store.ask("Patient?_count=50&_revinclude=*")
    assert len(page.includes) == 3 and page.is_cut


def test_searches_over_types_go_by_type_and_age(store: Store) -> None:
    world = store.world
    assert sorted(store.all("?_count=7")) == sorted(world.resources)
    got = store.all("?_type=Patient,Condition&_count=4&_lastUpdated=ge2024-01-01T00:20:00Z")
    wanted = [
        key
        for key in world.resources
        if key[0] in ("Patient", "Condition") and world.updated[key] >= 1704067200_000_000 + 20 * 60_000_000
    ]
    assert sorted(got) == sorted(wanted) and wanted
    by_time = store.all("?_type=Patient,Condition,Observation&_sort=-_lastUpdated&_count=9")
    assert [world.updated[key] for key in by_time] == sorted((world.updated[key] for key in by_time), reverse=True)
    assert store.ask("?_type=Patient,Condition&_summary=count").total == sum(
        key[0] in ("Patient", "Condition") for key in world.resources
    )
    assert store.ask("?_tag=x&_total=accurate&_count=1").total == sum(any(one.get("code") == "x" for one in content.get("meta", {}).get("tag", [])) for content in world.resources.values())  # fmt: skip


def in_compartment(world: World, patient: str) -> set[Key]:
    """By the patient compartment: subject or performer of observations, patient of conditions, subject of risk assessments."""
    own = ("Patient", patient)
    found = {own} & set(world.resources)
    for key in world.resources:
        if key[0] in ("Observation", "Condition", "RiskAssessment") and own in references(world, key):
            found.add(key)
    return found


def test_a_compartment_is_searched_like_everything_else(store: Store) -> None:
    world = store.world
    for patient in ("p1", "p2", "p3"):
        held = in_compartment(world, patient)
        with store.database.read() as r:
            for query in ("", "status=final"):
                search = parsed("Observation", parse_qsl(query))
                page = compartment_search(r, store.database, ("Patient", patient), search)
                wanted = {
                    key
                    for key in held
                    if key[0] == "Observation" and (not query or world.resources[key].get("status") == "final")
                }
                assert set(keys(page)) == wanted
            assert set(keys(compartment_search(r, store.database, ("Patient", patient), parsed("", [])))) == held
            dated = compartment_search(
                r, store.database, ("Patient", patient), parsed("Observation", [("_sort", "-date"), ("_total", "accurate")])
            )
            assert dated.total == len([key for key in held if key[0] == "Observation"])


@pytest.mark.parametrize("cap", [1, 1000])
def test_a_filter_hides_what_lies_outside_of_the_compartment(
    store: Store, cap: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql_plan, "FEW", cap)
    monkeypatch.setattr(sql_plan, "isqrt", lambda _: 0)
    world = store.world
    seen = in_compartment(world, "p1") | in_compartment(world, "p2")
    only = Compartment("Patient", ("p1", "p2"))
    for url in (
        "Observation?_count=3", "Observation?status=final,amended&_count=2", "Observation?_sort=-date&_count=3", "Observation?date=ge1900",
        "Observation?code:not=x", "Observation?code=8480-6&_sort=date", "Patient?_count=1", "Condition?_sort=code", "Practitioner?_count=5",
        "Observation?_sort=_lastUpdated", "?_count=5",
    ):  # fmt: skip
        unseen = store.all(url)
        assert store.all(url, compartment_filter=only) == [key for key in unseen if key in seen], url
        assert store.ask(f"{url}&_summary=count", compartment_filter=only).total == len(
            [key for key in unseen if key in seen]
        )
    with_shared = Compartment("Patient", ("p1",), is_shared_seen=True)
    practitioners = [key for key in world.resources if key[0] == "Practitioner"]
    assert sorted(store.all("Practitioner?", compartment_filter=with_shared)) == sorted(practitioners)
    assert set(store.all("Patient?", compartment_filter=with_shared)) == {("Patient", "p1")} & set(world.resources)


def test_nothing_hidden_is_followed_or_brought_along(store: Store) -> None:
    world, only = store.world, Compartment("Patient", ("p1",))
    seen = in_compartment(world, "p1")
    hidden = store.ask("Observation?_include=*&_revinclude=*", compartment_filter=only)
    assert {(one.kind, one.id) for one in hidden.includes} <= seen
    # a practitioner is outside of the compartment: neither its name nor what it wrote may be learned by following
    assert store.all("Observation?performer:Practitioner.gender=male,female") != []
    assert store.all("Observation?performer:Practitioner.gender=male,female", compartment_filter=only) == []
    followed = store.all("Patient?_has:Observation:subject:status=final,amended", compartment_filter=only)
    assert set(followed) <= {("Patient", "p1")}


def test_everything_of_a_patient(store: Store) -> None:
    world = store.world
    for patient in ("p0", "p1", "p4"):
        held = in_compartment(world, patient)
        shared = {one for key in held for one in references(world, key) if one[0] in ("Practitioner", "Organization")} & set(
            world.resources
        )
        with store.database.read() as r:
            whole = everything(r, store.database, patient)
            assert set(keys(whole)) == held | shared if held else keys(whole) == []
            assert whole.total == len(whole.matches) == len(set(keys(whole))) and whole.next is None
            if held:
                assert keys(whole)[0] == ("Patient", patient)
            paged, after = [], ""
            while True:
                page = everything(r, store.database, patient, count=3, after=after)
                paged += keys(page)
                after = page.next or ""
                if not after:
                    break
            assert paged == keys(whole)
            only = everything(r, store.database, patient, types=["Observation"])
            assert set(keys(only)) == {key for key in held if key[0] == "Observation"}
            middle = 1704067200_000_000 + 20 * 60_000_000
            late = everything(r, store.database, patient, since=middle)
            assert set(keys(late)) == {key for key in keys(whole) if world.updated[key] >= middle}


def test_pages_stay_as_they_are_while_others_write(empty: Store) -> None:
    def patient(number: int, family: str) -> dict[str, Any]:
        return {
            "resourceType": "Patient",
            "id": f"p{number}",
            "name": [{"family": family}],
            "birthDate": f"2000-01-{number % 28 + 1:02}",
        }

    put(empty, *(patient(number, "A") for number in range(20)))
    for at, query in enumerate(
        ("family=A", "", "_sort=birthdate", "family=A&_sort=-_id", "birthdate=ge2000&_sort=-birthdate")
    ):
        first = empty.ask(f"Patient?{query}&_count=5")
        later = range(100 * at + 100, 100 * at + 110)
        put(empty, *(patient(number, "A") for number in later), patient(3, "A"), patient(19, "A"))
        rest = empty.all(f"Patient?{query}&_count=5", first.next or "")
        assert sorted([*keys(first), *rest]) == sorted(("Patient", f"p{number}") for number in range(20)), query
        for number in later:
            with empty.database.write() as w:
                resources.delete(w, "Patient", f"p{number}", now=next(CLOCK))


def test_a_place_that_this_server_never_gave_is_refused(store: Store) -> None:
    good = store.ask("Patient?_count=1").next
    sorted_by = store.ask("Patient?_sort=birthdate&_count=1").next
    for query in (
        f"Patient?_after={sorted_by}",
        f"Patient?_sort=birthdate&_after={good}",
        "Patient?_after=xyz",
        "Patient?_after=%00",
        "Patient?_after=" + "A" * 9000,
        "Patient?_after=é",
    ):
        with pytest.raises(QueryError, match="_after"):
            store.ask(query)


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def test_value_sets_of_the_store_and_of_the_specification(empty: Store) -> None:
    put(
        empty,
        *({"resourceType": "Condition", "id": code, "subject": {"reference": "Patient/1"}, "code": concept("http://s", code)} for code in ("a", "b", "c", "d")),
        {"resourceType": "Condition", "id": "other", "subject": {"reference": "Patient/1"}, "code": concept("http://t", "a")},
        {"resourceType": "ValueSet", "id": "1", "url": "http://v/1", "status": "active", "compose": {"include": [{"system": "http://s", "concept": [{"code": "a"}, {"code": "b"}]}]}},
        {"resourceType": "ValueSet", "id": "2", "url": "http://v/2", "status": "active", "compose": {"include": [{"valueSet": ["http://v/1"]}, {"system": "http://t"}], }},
        {"resourceType": "ValueSet", "id": "3", "url": "http://v/3", "status": "active", "version": "2", "expansion": {"contains": [{"system": "http://s", "code": "c", "contains": [{"system": "http://s", "code": "d"}]}]}},
        {"resourceType": "ValueSet", "id": "4", "url": "http://v/4", "status": "active", "compose": {"include": [{"system": "http://s", "filter": [{"property": "p", "op": "=", "value": "v"}]}]}},
        {"resourceType": "ValueSet", "id": "5", "url": "http://v/5", "status": "active", "compose": {"include": [{"system": "http://s", "concept": [{"code": "a"}, {"code": "b"}]}], "exclude": [{"system": "http://s", "concept": [{"code": "b"}]}]}},
    )  # fmt: skip
    found = {
        url: {name for _, name in empty.all(f"Condition?code:in={url}")}
        for url in ("http://v/1", "http://v/2", "http://v/3", "http://v/3|2", "http://v/5")
    }
    assert found == {
        "http://v/1": {"a", "b"},
        "http://v/2": {"a", "b", "other"},
        "http://v/3": {"c", "d"},
        "http://v/3|2": {"c", "d"},
        "http://v/5": {"a"},
    }
    assert {name for _, name in empty.all("Condition?code:not-in=http://v/2")} == {"c", "d"}
    for unknown, says in (
        ("http://v/9", "does not have the value set"),
        ("http://v/4", "given by a filter"),
        ("http://v/3|1", "does not have"),
    ):
        with pytest.raises(QueryError, match=says) as refused:
            empty.ask(f"Condition?code:in={unknown}")
        assert unknown in str(refused.value)
    put(empty, {"resourceType": "Patient", "id": "m", "gender": "male"}, {"resourceType": "Patient", "id": "x"})
    assert empty.all("Patient?gender:in=http://hl7.org/fhir/ValueSet/administrative-gender") == [("Patient", "m")]


def test_hierarchies_of_the_store(empty: Store) -> None:
    tree = [{"code": "root", "concept": [{"code": "left", "concept": [{"code": "leaf"}]}, {"code": "right"}]}]
    put(
        empty,
        {"resourceType": "CodeSystem", "id": "1", "url": "http://s", "status": "active", "content": "complete", "concept": tree},
        *({"resourceType": "Condition", "id": code, "subject": {"reference": "Patient/1"}, "code": concept("http://s", code)} for code in ("root", "left", "leaf", "right")),
    )  # fmt: skip
    assert {name for _, name in empty.all("Condition?code:below=http://s|left")} == {"left", "leaf"}
    assert {name for _, name in empty.all("Condition?code:above=http://s|leaf")} == {"leaf", "left", "root"}
    for wrong, says in (
        ("http://t|a", "with its hierarchy"),
        ("http://s|none", "no code 'none'"),
        ("left", "needs 'system|code'"),
    ):
        with pytest.raises(QueryError, match=says.replace("|", r"\|")):
            empty.ask(f"Condition?code:below={wrong}")


def test_identifiers_by_type_and_of_references(empty: Store) -> None:
    mr = {"coding": [{"system": "http://t", "code": "MR"}]}
    put(
        empty,
        {"resourceType": "Patient", "id": "1", "identifier": [{"type": mr, "system": "http://h", "value": "7"}, {"value": "8"}]},
        {"resourceType": "Patient", "id": "2", "identifier": [{"system": "http://h", "value": "7"}]},
        {"resourceType": "Observation", "id": "1", "status": "final", "code": {}, "subject": {"identifier": {"system": "http://h", "value": "7"}}},
    )  # fmt: skip
    assert empty.all("Patient?identifier:of-type=http://t|MR|7") == [("Patient", "1")]
    assert empty.all("Patient?identifier:of-type=http://t|MR|8") == []
    assert empty.all("Observation?subject:identifier=http://h|7") == [("Observation", "1")]
    assert empty.all("Observation?subject:identifier=8") == []


def test_content_finds_words_in_what_is_indexed(empty: Store) -> None:
    put(
        empty,
        {"resourceType": "Patient", "id": "1", "name": [{"family": "Smithson"}], "address": [{"city": "Boston"}]},
        {"resourceType": "Patient", "id": "2", "name": [{"family": "Jones"}]},
        {"resourceType": "Condition", "id": "1", "subject": {"reference": "Patient/1"}, "code": {"text": "Hypertensive disorder, Smith type"}},
    )  # fmt: skip
    assert empty.all("Patient?_content=smith") == [("Patient", "1")]
    assert empty.all("Patient?_content=BOSTON,jones") == [("Patient", "1"), ("Patient", "2")]
    assert empty.all("Condition?_content=disorder hyper") == [("Condition", "1")]
    assert empty.all("Condition?_content=disorder jones") == []


@pytest.mark.parametrize("word", ["a" * 5000, "é" * 3000])
def test_long_texts_are_found_by_themselves(empty: Store, word: str) -> None:
    put(empty, {"resourceType": "Patient", "id": "1", "name": [{"family": word}], "identifier": [{"value": word}]})
    with empty.database.read() as r:
        for name in ("family", "family:exact", "identifier"):
            assert keys(run(r, empty.database, parsed("Patient", [(name, word)]))) == [("Patient", "1")], name
        assert keys(run(r, empty.database, parsed("Patient", [("family", word[:500])]))) == [("Patient", "1")]


def test_many_values_are_one_search(empty: Store) -> None:
    put(
        empty,
        *(
            {"resourceType": "Patient", "id": str(number), "identifier": [{"system": "http://h", "value": str(number)}]}
            for number in range(30)
        ),
    )
    some = ",".join(str(number) for number in range(1000))
    assert len(empty.all(f"Patient?_id={some}")) == 30
    assert len(empty.all("Patient?identifier=" + ",".join(f"http://h|{number}" for number in range(1000)))) == 30
    assert len(empty.all(f"Patient?identifier={some}")) == 30
    assert len(empty.all("Patient?_has:Observation:patient:code=x,y&identifier=1")) == 0


def test_an_empty_store_answers(empty: Store) -> None:
    for url in ("Patient?", "Patient?family=x&_sort=-birthdate", "Observation?patient.name=x", "?", "?_type=Patient", "Patient?_has:Observation:patient:code=x",
                "Observation?code:not=x", "Patient?family:missing=true", "Observation?_include=*&_revinclude=*", "Patient?_content=x", "Patient?_id=1",
                "Observation?code-value-quantity=x$gt5|http://unitsofmeasure.org|mg", "Patient?_tag=x&_lastUpdated=gt2000"):  # fmt: skip
        page = empty.ask(f"{url}&_total=accurate")
        assert (page.matches, page.includes, page.total, page.next) == ([], [], 0, None), url
        assert empty.ask(f"{url}&_summary=count").total == 0
    with empty.database.read() as r:
        assert everything(r, empty.database, "1").matches == []
        assert compartment_search(r, empty.database, ("Patient", "1"), parsed("Observation", [])).matches == []


SOME = {
    "token": "a",
    "string": "a",
    "date": "ge2020",
    "number": "1",
    "quantity": "gt1|http://unitsofmeasure.org|mg",
    "uri": "urn:x",
    "reference": "a",
}


def test_every_parameter_of_every_type_can_be_searched_and_sorted_by(store: Store) -> None:
    """Nothing but the statements is tried: 146 types, each with all its parameters."""
    asked = 0
    with store.database.read() as r:
        for kind in definitions().resources:
            for code, parameter in sorted(definitions().parameters[kind].items()):
                parts = [definitions().by_id[one].kind for one, _ in parameter.components] or [parameter.kind]
                if parameter.kind == "special" or (kind not in KINDS and asked % 7):  # types without resources: now and then
                    asked += 1
                    continue
                pairs = [
                    (code, "$".join(SOME[part].partition("|")[0] if part == "quantity" else SOME[part] for part in parts))
                ]
                for more in ([], [("_sort", code)], [("_sort", f"-{code}")]):
                    if not more or parameter.kind != "composite":
                        run(r, store.database, parsed(kind, [*pairs, *more]))
                        run(r, store.database, parsed(kind, more))
                asked += 1
    assert asked > 2500


WORDS = st.one_of(
    st.sampled_from(
        [
            "p1",
            "Patient/p1",
            "2020",
            "ge2020-01",
            "5.4",
            "gt5||mg",
            "male",
            "a|b",
            "true",
            "8480-6$gt5",
            "*",
            "%",
            "\\",
            "http://x|1",
        ]
    ),
    st.text(max_size=8),
)
NAMES = st.sampled_from(
    ["code", "date", "subject", "value-quantity", "_id", "_lastUpdated", "_content", "_tag", "_profile", "status", "code-value-quantity", "subject.name", "subject:Patient.birthdate",
     "_has:Observation:has-member:code", "code:text", "code:not", "subject:Patient", "value-string", "_sort", "_after", "_count", "_include", "_revinclude", "code:in", "code:below", "_source:below", "date:missing", "performer:identifier"]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(pairs=st.lists(st.tuples(NAMES, WORDS), max_size=4))
def test_whatever_is_read_is_answered(store: Store, pairs: list[tuple[str, str]]) -> None:
    try:
        search = parsed("Observation", pairs)
        with store.database.read() as r:
            page = run(r, store.database, search)
    except RequestError:
        return
    assert all(one.kind == "Observation" for one in page.matches)


def test_a_cursor_of_a_client_s_own_making_is_refused_or_harmless(store: Store) -> None:
    refused = set()
    for content in ([0, "", [], 5], [10**30, "", [], 1], [0, "clinical-code", [1], 1], [0, "nothing", [1], 1], [0, "clinical-date", [None], 1], [0, "clinical-date", [2**70], 1], [0, "clinical-date", ["x"], 1], {}, [1]):  # fmt: skip
        after = urlsafe_b64encode(msgspec.json.encode(content)).decode().rstrip("=")
        try:
            store.ask(f"Observation?date=ge1900&_after={after}")
        except QueryError as error:
            refused.add(error.parameter)
    assert refused == {"_after"}


def test_a_scale_that_runs_backwards_is_compared_as_written(empty: Store) -> None:
    """The base unit of pH is a concentration, which falls as pH rises."""
    for name, value in (("acid", 6.9), ("neutral", 7.0), ("base", 7.4)):
        quantity = {"value": value, "system": "http://unitsofmeasure.org", "code": "[pH]"}
        put(
            empty,
            {
                "resourceType": "Observation",
                "id": name,
                "status": "final",
                "code": {"text": "pH"},
                "valueQuantity": quantity,
            },
        )
    found = {
        one: {name for _, name in empty.all(f"Observation?value-quantity={one}|http://unitsofmeasure.org|[pH]")}
        for one in ("gt7.0", "lt7.0", "7.4", "ge7.0")
    }
    assert found == {"gt7.0": {"base"}, "lt7.0": {"acid"}, "7.4": {"base"}, "ge7.0": {"neutral", "base"}}


def test_units_of_one_dimension_are_compared(empty: Store) -> None:
    for name, value, unit in (("a", 1, "g"), ("b", 1000, "mg"), ("c", 999, "mg"), ("d", 1, "kg"), ("e", 1, "mmol")):
        quantity = {"value": value, "system": "http://unitsofmeasure.org", "code": unit, "unit": unit}
        put(
            empty,
            {
                "resourceType": "Observation",
                "id": name,
                "status": "final",
                "code": {"coding": [{"code": "x"}]},
                "valueQuantity": quantity,
            },
        )
    for query, wanted in (("1|http://unitsofmeasure.org|g", "abc"), ("1.000|http://unitsofmeasure.org|g", "ab"), ("gt1|http://unitsofmeasure.org|g", "d"), ("ge1000|http://unitsofmeasure.org|mg", "abd"), ("lt1|http://unitsofmeasure.org|kg", "abc"), ("1000||mg", "b"), ("1", "ade")):  # fmt: skip
        assert {name for _, name in empty.all(f"Observation?value-quantity={query}")} == set(wanted), query
        assert {name for _, name in empty.all(f"Observation?code-value-quantity=x${query}")} == set(wanted), query
        assert {name for _, name in empty.all(f"Observation?code=x&value-quantity={query}")} == set(wanted), query
