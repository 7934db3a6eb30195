"""Makes an empty store, and brings an older one to the tables of this program, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nof1.store import counts, schema
from nof1.store.errors import StoreError
from nof1.store.names import TABLES
from nof1.store.session import Reader, Writer

# version of the store -> what makes the next version of it
Steps = Mapping[int, Callable[[Writer], None]]


def _counted(w: Writer) -> None:
    """Of version 2. The table of grams is filled with the other indexes, which such a store has to make anew."""
    for table in ("counted_code", "counted_text", "i_gram"):
        w.run(schema.statement(w.dialect, f"CREATE TABLE {table} "))
    counts.made_anew(w)


STEPS: Steps = {1: _counted}
_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()",
}


def is_current(r: Reader) -> bool:
    """Whether the store has the tables of this program."""
    return version(r) == schema.VERSION


def version(r: Reader) -> int:
    """The version of the store's tables, 0 for an empty store. Raises ``StoreError`` for what is another program's."""
    tables = {name for (name,) in r.rows(_TABLES[r.dialect])}
    if not tables:
        return 0
    found = said(r, "version") if "about" in tables else ""
    if not found.isdecimal():
        raise StoreError("store: this database holds the tables of another program; give nof1 a database of its own")
    return int(found)


def made_current(w: Writer, edition: int, *, is_audit: bool = False, steps: Steps = STEPS) -> None:
    """Makes the tables of an empty store, or those of an older one as they are now. Raises ``StoreError`` for a newer."""
    found = version(w)
    if found > schema.VERSION:
        raise StoreError(
            f"store: made by a newer nof1 (its tables are of version {found}, this program knows {schema.VERSION}); "
            "use that nof1 or a newer one"
        )
    if not found:
        _make(w, edition, is_audit)
        return
    for at in range(found, schema.VERSION):
        if step := steps.get(at):  # not every version changes both record and audit
            step(w)
    say(w, "version", str(schema.VERSION))


def said(r: Reader, name: str) -> str:
    """What the store says about itself under ``name``, empty for nothing."""
    row = r.row("SELECT value FROM about WHERE name = ?", (name,))
    return row[0] if row else ""


def say(w: Writer, name: str, value: str) -> None:
    """Lets the store say ``value`` about itself."""
    w.run(
        "INSERT INTO about (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )


def _make(w: Writer, edition: int, is_audit: bool) -> None:
    # in SQLite the audit is a file of its own
    apart = w.dialect == "sqlite"
    for text in schema.statements(w.dialect):
        is_of_audit = text.startswith("CREATE TABLE audit ")
        if not apart or text.startswith("CREATE TABLE about ") or is_of_audit == is_audit:
            w.run(text)
    say(w, "version", str(schema.VERSION))
    if not (apart and is_audit):
        say(w, "index_edition", str(edition))
        for table, (number, name) in TABLES.items():
            w.run(f"INSERT INTO {table} ({number}, {name}) VALUES (0, '')")  # noqa: S608
