"""Searches on both databases against an oracle in plain Python: same resources, same order, pages that make up the whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loaded import load
from oracle import BASE, Asked, asked, expected

from nof1.fhir.query import parsed
from nof1.store import search as searching
from nof1.store import sql_groups, sql_plan
from nof1.store.database import opened

SEEDS = (1, 2, 3)
EXAMPLES = int(os.environ.get("NOF1_SEARCH_EXAMPLES", "400"))


class Stores(list[Any]):
    """(database, world), told shortly when a test fails."""

    def __repr__(self) -> str:
        return "stores"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """A store for each world."""
    made = Stores()
    for seed in SEEDS:
        folder: Path = tmp_path_factory.mktemp("search")
        url = str(folder / "record.db") if request.param == "sqlite" else request.getfixturevalue("new_database")()
        database = opened(url)
        made.append((database, load(database, seed)))
    yield made
    for database, _ in made:
        database.close()


def ids(page: Any) -> list[str]:
    return [one.id for one in page.matches]


def pages(database: Any, search: Asked, count: int) -> list[Any]:
    """All pages of a search, each asked for as a client would."""
    found, after = [], ""
    while True:
        pairs = [*search.pairs(), ("_count", str(count)), *([("_after", after)] if after else [])]
        with database.read() as r:
            found.append(searching.run(r, database, parsed(search.kind, pairs, base=BASE)))
        after = found[-1].next or ""
        if not after:
            return found
        assert len(found) < 200


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(search=asked(), at=st.integers(0, len(SEEDS) - 1), cap=st.sampled_from((1, 4, 1000)))
def test_a_search_finds_what_the_oracle_finds(stores: Stores, search: Asked, at: int, cap: int) -> None:
    database, world = stores[at]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql_plan, "FEW", cap)
        patch.setattr(sql_groups, "FEW", cap)  # small ones stand for what is large: other ways are taken
        patch.setattr(sql_plan, "isqrt", lambda _: 0)
        found = pages(database, search, search.count)
        whole = expected(world, search)
        got = [one for page in found for one in ids(page)]
        if search.sort:
            assert got == whole
        else:
            assert sorted(got) == sorted(whole)
            assert len(set(got)) == len(got)
        assert all(len(page.matches) == search.count for page in found[:-1])
        with database.read() as r:
            counted = searching.run(r, database, parsed(search.kind, [*search.pairs(), ("_summary", "count")], base=BASE))
            totalled = searching.run(
                r, database, parsed(search.kind, [*search.pairs(), ("_total", "accurate"), ("_count", "2")], base=BASE)
            )
        assert counted.total == totalled.total == len(whole)
        assert ids(totalled) == got[:2]
