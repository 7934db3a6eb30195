"""One real server for the tests of this folder, and empty stores on either database."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Server, served

_NUMBER = itertools.count(1)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on each database, for tests that do not mind what others stored."""
    from embedded import new_database

    is_file = request.param == "sqlite"
    database = "" if is_file else new_database(request.getfixturevalue("database_server"), "served")
    with served(tmp_path_factory.mktemp("server"), database=database) as one:
        yield one


@pytest.fixture(scope="session")
def database_server() -> Iterator[Any]:
    """PostgreSQL, for tests that leave it running."""
    from embedded import postgresql

    with postgresql() as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty store on each database."""
    if request.param == "sqlite":
        return str(tmp_path / "r.sqlite")
    from embedded import new_database

    return new_database(request.getfixturevalue("database_server"), f"s{next(_NUMBER)}")
