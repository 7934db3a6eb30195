"""Backs up a store while it is in use, and restores it into an empty one, of the same or of the other database.

A backup is one gzip file of frames: a head, rows table by table out of one snapshot, and an end with their number and the
SHA-256 of all that came before it.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import msgspec

from nof1.store import schema
from nof1.store.counts import TALLIES
from nof1.store.database import opened
from nof1.store.errors import StoreError
from nof1.store.indexes import COLUMNS
from nof1.store.session import Database, Reader, Row, Writer, in_chunks

if TYPE_CHECKING:
    from hashlib import _Hash as _Digest

Progress = Callable[[int], None]
_FORMAT = "nof1 backup 1"
_ROWS = 2000  # in one frame
_END = "end"
# table -> its columns; the first ones, as many as ``_KEYS`` tells, order it
_RECORD: Mapping[str, Sequence[str]] = {
    "about": ("name", "value"),
    "kind": ("kind", "name"),
    "parameter": ("parameter", "id"),
    "system": ("system", "uri"),
    "resource": ("rid", "kind", "id", "vid", "seq", "updated", "deleted", "at"),
    "version": ("rid", "vid", "kind", "seq", "updated", "method", "body"),
    "counted": ("kind", "number"),
    **{tally.table: (*tally.key, "number") for tally in TALLIES},
    **COLUMNS,
}
_AUDIT: Mapping[str, Sequence[str]] = {"audit": ("seq", "at", "body", "digest")}
_ALL = {**_RECORD, **_AUDIT}
_ORDERS = {
    **dict.fromkeys(("about", "kind", "parameter", "system", "resource", "counted", "audit"), 1),
    "version": 2,
    **{tally.table: len(tally.key) for tally in TALLIES},
}
_UNREADABLE = (OSError, EOFError, zlib.error, msgspec.DecodeError, UnicodeDecodeError, ValueError, IndexError, MemoryError)


def backup(database: Database, path: Path | str, progress: Progress | None = None) -> str:
    """Writes a backup to ``path``; the digest that stands at its end, in hexadecimal.

    The record is that of one moment; the audit is taken right after and has at least the events up to it. ``progress``:
    called with the rows written so far. Raises ``StoreError`` when the file exists or cannot be written.
    """
    target = Path(path)
    if target.exists():
        raise StoreError(f"store: {target} exists; give the backup another name")
    partly = target.with_name(target.name + ".part")
    try:
        with partly.open("wb") as file, gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, filename="", mtime=0) as out:
            digest = _written(database, cast(IO[bytes], out), progress or (lambda _rows: None))
            out.close()
            file.flush()
            os.fsync(file.fileno())
        partly.rename(target)
    except OSError as error:
        raise StoreError(f"store: the backup {target} cannot be written: {error.strerror or error}") from error
    finally:
        partly.unlink(missing_ok=True)
    return digest


def restore(path: Path | str, url: str, progress: Progress | None = None) -> str:
    """Restores a backup into the empty store at ``url``, which is made where there is none; the digest of the backup.

    All or nothing. Raises ``StoreError`` for a store that is not empty and for a file that is no whole backup.
    """
    digest = verified(path)
    database = opened(url, is_any_edition=True)
    try:
        with ExitStack() as stack:
            w = stack.enter_context(database.write())
            audit = stack.enter_context(database.write_audit()) if database.dialect == "sqlite" else w
            _require_empty(w, audit)
            done = 0
            for table, rows in _tables(Path(path), hashlib.sha256()):
                (audit if table in _AUDIT else w).copy(table, ", ".join(_ALL[table]), rows)
                done += len(rows)
                if progress:
                    progress(done)
    finally:
        database.close()
    return digest


def verified(path: Path | str) -> str:
    """The digest of a backup, after reading all of it. Raises ``StoreError`` for a file that is no whole backup."""
    digest = hashlib.sha256()
    for _ in _tables(Path(path), digest):
        pass
    return digest.hexdigest()


def _written(database: Database, out: IO[bytes], progress: Progress) -> str:
    digest = hashlib.sha256()
    _put(out, digest, [_FORMAT, schema.VERSION])
    done = 0
    for read, tables in ((database.read, _RECORD), (database.read_audit, _AUDIT)):
        with read(is_long=True) as r:
            for table in tables:
                for rows in in_chunks(_ordered(r, table, tables[table]), _ROWS):
                    _put(out, digest, [table, rows])
                    done += len(rows)
                    progress(done)
    found = digest.hexdigest()
    _put(out, digest, [_END, done, found])
    return found


def _ordered(r: Reader, table: str, columns: Sequence[str]) -> Iterator[Row]:
    order = schema.INDEXES[table][1] if table in schema.INDEXES else ", ".join(columns[: _ORDERS[table]])
    return r.each(f"SELECT {', '.join(columns)} FROM {table} ORDER BY {order}")  # noqa: S608


def _put(out: IO[bytes], digest: _Digest, content: list[Any]) -> None:
    """Writes a frame, MessagePack behind its length, and takes it into the digest."""
    frame = msgspec.msgpack.encode(content)
    frame = len(frame).to_bytes(4, "big") + frame
    digest.update(frame)
    out.write(frame)


def _frame(stream: IO[bytes], digest: _Digest) -> list[Any]:
    """The next frame; takes it into the digest unless it is the end."""
    size = stream.read(4)
    frame = stream.read(int.from_bytes(size, "big"))
    if len(size) < 4 or len(frame) < int.from_bytes(size, "big"):
        raise EOFError
    content = msgspec.msgpack.decode(frame, type=list)
    if content[:1] != [_END]:
        digest.update(size + frame)
    return content


def _require_empty(w: Writer, audit: Writer) -> None:
    is_used = w.row("SELECT 1 FROM resource LIMIT 1") or audit.row("SELECT 1 FROM audit LIMIT 1")
    if is_used:
        raise StoreError("store: a backup is restored into an empty store, and this one is not; give a new file or database")
    for table in ("about", "kind", "parameter", "system", "counted", *(tally.table for tally in TALLIES)):
        w.run(f"DELETE FROM {table}")  # noqa: S608


def _tables(path: Path, digest: _Digest) -> Iterator[tuple[str, list[Row]]]:
    """Table and rows, frame by frame; at the end, their number and ``digest``, which takes them in, are compared."""
    try:
        with gzip.open(path, "rb") as stream:
            taken = cast(IO[bytes], stream)
            _require_known(_frame(taken, digest), path)
            done, found = 0, digest.hexdigest()
            while (frame := _frame(taken, digest))[0] != _END:
                table, rows = frame
                done, found = done + len(rows), digest.hexdigest()
                yield table, rows
            if frame[1:] != [done, found] or taken.read(1):
                raise StoreError(f"store: {path.name} was changed or is damaged: its digest is not that of its content")
    except _UNREADABLE as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is cut off or damaged"
        raise StoreError(f"store: {path.name} is no whole backup: {why}") from error


def _require_known(head: list[Any], path: Path) -> None:
    if head[:1] != [_FORMAT]:
        raise StoreError(f"store: {path.name} is no backup of nof1")
    if head[1:] != [schema.VERSION]:
        raise StoreError(
            f"store: {path.name} holds tables of version {head[1]}, this program has {schema.VERSION}; restore it with the "
            "nof1 that made it, then open the store with this one"
        )
