"""Every value, prefix and modifier of every parameter of the small world by itself, on both databases, against the oracle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loaded import load
from oracle import (
    BASE,
    MODIFIERS,
    SORTED,
    TARGETS,
    Asked,
    Term,
    any_of,
    chained,
    expected,
    grouped_term,
    missing_term,
    ones,
    quantity_ones,
    turned,
)
from world import COMPOSITES, KINDS, PARAMETERS, World

from nof1.fhir.query import parsed
from nof1.store import sql_groups, sql_plan
from nof1.store.database import opened
from nof1.store.search import run


class Store:
    """A store of either database with a world in it."""

    def __init__(self, database: Any, world: World) -> None:
        self.database, self.world = database, world
        self.told: dict[Any, list[str]] = {}

    def __repr__(self) -> str:
        return "store"

    def check(self, search: Asked) -> int:
        """That pages of ``search.count`` are what the oracle says; how many there are."""
        got, after = [], ""
        while True:
            pairs = [*search.pairs(), ("_count", str(search.count)), *([("_after", after)] if after else [])]
            with self.database.read() as r:
                page = run(r, self.database, parsed(search.kind, pairs, base=BASE))
            got += [one.id for one in page.matches]
            after = page.next or ""
            if not after:
                break
        wanted = self.expected(search)
        if search.sort:
            assert got == wanted, search
        else:
            assert sorted(got) == sorted(wanted), search
        return len(wanted)

    def expected(self, search: Asked) -> list[str]:
        """What the oracle says, once for each query: each is asked for with two ways of answering it."""
        query = (search.kind, *search.pairs())
        if query not in self.told:
            self.told[query] = expected(self.world, search)
        return self.told[query]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("search")
    url = str(folder / "record.db") if request.param == "sqlite" else request.getfixturevalue("new_database")()
    database = opened(url)
    yield Store(database, load(database, 11))
    database.close()


@pytest.fixture(params=[1, 1000])
def large(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """From how many rows on a criterion is large and indexes are walked along."""
    monkeypatch.setattr(sql_plan, "FEW", request.param)
    monkeypatch.setattr(sql_groups, "FEW", request.param)
    monkeypatch.setattr(sql_plan, "isqrt", lambda _: 0)


def simple(kind: str, code: str) -> list[Term]:
    form, _, read = PARAMETERS[kind, code]
    made = [missing_term(kind, code, wanted) for wanted in (True, False)]
    for modifier in MODIFIERS.get(form, ("",)) if form != "reference" else ():
        listed = ones(form, modifier)
        made += [any_of(code, modifier, [one], read, modifier == "not") for one in listed]
        made += [
            any_of(code, modifier, [one, two], read, modifier == "not") for one, two in zip(listed, listed[3:], strict=False)
        ]
    return made


@pytest.mark.parametrize(("kind", "code"), sorted(key for key in PARAMETERS if key[1] != "_tag" or key[0] == "Patient"))
def test_each_value_of_a_parameter(store: Store, kind: str, code: str) -> None:
    every = 1 if store.database.dialect == "sqlite" else 4  # a server answers more slowly
    found = [store.check(Asked(kind, (term,), (), 1000)) for term in simple(kind, code)[::every]]
    assert max(found) > 0 or every > 1


@pytest.mark.parametrize("code", sorted(code for _, code in COMPOSITES))
def test_each_pair_of_a_composite(store: Store, large: None, code: str) -> None:
    is_measured = code.endswith("quantity")
    seconds = (
        quantity_ones(("5.4", "5", "100", "0.054"), ("", "ne", "gt", "ge", "lt", "le", "sa"))
        if is_measured
        else ones("token", "")
    )
    firsts = ones("token", "")[: 2 * 7]
    found = 0
    for at, first in enumerate(firsts):
        every = 3 if store.database.dialect == "sqlite" else 9
        for second in seconds[at % every :: every]:
            found += store.check(Asked("Observation", (grouped_term(code, first, second),), (), 1000))
    assert found > (20 if store.database.dialect == "sqlite" else 0)


def test_code_and_value_as_two_criteria(store: Store, large: None) -> None:
    code, value = PARAMETERS["Observation", "code"][2], PARAMETERS["Observation", "value-quantity"][2]
    found = 0
    for at, first in enumerate(ones("token", "")[:14]):
        for second in quantity_ones(("5.4", "5", "100"), ("gt", "ge", "lt", "le"))[at % 3 :: 3]:
            terms = (any_of("code", "", [first], code), any_of("value-quantity", "", [second], value))
            found += store.check(Asked("Observation", terms, (), 1000))
    assert found > 20


def some(kind: str) -> list[Term]:
    """A few criteria of each parameter, negations among them."""
    made = []
    for of_kind, code in PARAMETERS:
        if of_kind == kind:
            listed = simple(kind, code)
            made += listed[:2] + listed[2 :: max(1, len(listed) // 6)]
            made += [one for one in listed if ":not" in one.name][:2]
    return made


def test_each_chain(store: Store, large: None) -> None:
    found = 0
    for (kind, code), targets in TARGETS.items():
        for target in targets:
            if target in KINDS:
                found += sum(
                    store.check(Asked(kind, (chained(kind, code, target, term),), (), 1000)) for term in some(target)
                )
    assert found > 100


def test_each_reference_turned_round(store: Store, large: None) -> None:
    found = 0
    for (source, code), targets in TARGETS.items():
        for target in targets:
            if target in KINDS:
                found += sum(store.check(Asked(target, (turned(source, code, term),), (), 1000)) for term in some(source))
    assert found > 100


@pytest.mark.parametrize("kind", sorted(SORTED))
def test_each_order(store: Store, large: None, kind: str) -> None:
    terms: list[tuple[Term, ...]] = [(), *((term,) for term in some(kind)[::4])]
    if kind in ("Observation", "Condition"):
        terms += [(any_of("code", "", [one], PARAMETERS[kind, "code"][2]),) for one in ones("token", "")]
    for chosen in terms:
        for code in SORTED[kind]:
            for is_descending in (False, True):
                store.check(Asked(kind, chosen, ((code, is_descending),), 4))
