"""One real server for the tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from serving import Server, served


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server on SQLite for tests that do not mind what others stored."""
    with served(tmp_path_factory.mktemp("server")) as one:
        yield one
