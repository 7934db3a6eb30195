"""Checksums of tables, compared while they are used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager

from nof1.knowledge.variant_index import VariantIndex


@contextmanager
def checked(pool: Executor, tables: Sequence[VariantIndex]) -> Iterator[None]:
    """Checks ``tables`` in the threads of ``pool`` meanwhile; raises ``RequestError`` at the end where one is damaged.

    What came of a damaged table is not told, whatever it was: it is told that the table is damaged.
    """
    checks = [pool.submit(table.check) for table in tables]
    try:
        yield
    finally:
        for check in checks:
            check.result()
