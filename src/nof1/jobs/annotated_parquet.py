"""The joined table as Parquet; needs pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any

from nof1.errors import RequestError
from nof1.jobs.annotated_table import Fields, heads

_WHOLE = ("position", "phase_set", "strand", "depth")
_GROUP = 100_000


@contextmanager
def parquet(file: IO[bytes], fields: Sequence[Fields], *, has_person: bool) -> Iterator[Callable[[list[Any]], None]]:
    """Yields what writes further columns of bytes; raises ``RequestError`` where pyarrow is not installed."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise RequestError("pyarrow is not installed: Parquet needs pip install 'nof1[parquet]'") from None
    kinds = {name: column.head.kind for each in fields for name, column in each}
    types = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64()}
    typed = []
    for name in heads(fields, has_person=has_person):
        kind = kinds.get(name, "whole" if name in _WHOLE else "number" if name == "quality" else "text")
        typed.append(pa.field(name, types[kind]))
    schema = pa.schema(typed)
    held: list[list[Any]] = [[] for _ in typed]
    with pq.ParquetWriter(file, schema) as writer:

        def flush() -> None:
            arrays = [_array(pa, field.type, values) for field, values in zip(typed, held, strict=True)]
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            for values in held:
                values.clear()

        def write(columns: list[Any]) -> None:
            for values, more in zip(held, columns, strict=True):
                values.extend(more)
            if len(held[0]) >= _GROUP:
                flush()

        yield write
        if held[0]:
            flush()


def _array(pa: Any, kind: Any, values: list[bytes]) -> Any:
    if pa.types.is_string(kind):
        return pa.array([value.decode("utf-8", "replace") for value in values], kind)
    to = int if pa.types.is_integer(kind) else float
    return pa.array([to(value) if value else None for value in values], kind)
