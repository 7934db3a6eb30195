"""The embedded PostgreSQL of the store's tests, for tests of the server."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


def _server_class() -> Any:
    path = Path(__file__).resolve().parents[1] / "store" / "conftest.py"
    spec = importlib.util.spec_from_file_location("store_conftest", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Server


@contextmanager
def postgresql() -> Iterator[Any]:
    """A PostgreSQL server of its own: ``get_uri``, ``crash``, ``start``."""
    started = _server_class()()
    try:
        yield started
    finally:
        started.end()


def new_database(server: Any, name: str) -> str:
    """The address of an empty database on it."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return str(server.get_uri(name))
