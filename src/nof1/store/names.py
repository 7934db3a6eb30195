"""The small numbers that stand in tables for resource types, search parameters and systems of codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nof1.store.texts import kept

if TYPE_CHECKING:
    from nof1.store.session import Reader, Writer

# table -> columns of the number and of the name
TABLES = {"kind": ("kind", "name"), "parameter": ("parameter", "id"), "system": ("system", "uri")}
_MOST_REMEMBERED = 200_000  # systems of identifiers may be as many as the record's sources like


class Names:
    """The numbers seen so far in a store; others are looked up and then remembered. A number never changes its name."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, int]] = {table: {} for table in TABLES}
        self._kinds: dict[int, str] = {}

    def kind(self, r: Reader, name: str) -> int | None:
        """The number of a resource type, None when the store never had one."""
        return self._number(r, "kind", name)

    def parameter(self, r: Reader, parameter_id: str) -> int | None:
        """The number of a search parameter by its id, None when nothing was ever indexed by it."""
        return self._number(r, "parameter", parameter_id)

    def system(self, r: Reader, uri: str) -> int | None:
        """The number of a system, None when the store never had it."""
        return self._number(r, "system", uri)

    def kind_name(self, r: Reader, number: int) -> str:
        """The resource type of a number that stands in a row."""
        name = self._kinds.get(number)
        if name is None:
            row = r.row("SELECT name FROM kind WHERE kind = ?", (number,))
            if row is None:
                raise KeyError(number)
            name = self._kinds[number] = row[0]
        return name

    def remember(self, numbers: Numbers) -> None:
        """Takes over the numbers of a write that was committed."""
        for table, own in (("kind", numbers.kinds), ("parameter", numbers.parameters), ("system", numbers.systems)):
            known = self.known[table]
            if len(known) > _MOST_REMEMBERED:
                known.clear()
            known.update(own)

    def _number(self, r: Reader, table: str, name: str) -> int | None:
        number = self.known[table].get(name)
        if number is None:
            number = looked_up(r, table, name)
            if number is not None:
                self.known[table][name] = number
        return number


class Numbers:
    """The numbers within one write; a new name is given a number, which counts only once the write is committed."""

    __slots__ = ("kinds", "parameters", "systems")

    def __init__(self, w: Writer) -> None:
        self.kinds: dict[str, int] = _Added(w, "kind")
        self.parameters: dict[str, int] = _Added(w, "parameter")
        self.systems: dict[str, int] = _Added(w, "system")


class _Added(dict[str, int]):
    """name -> number, made on first use."""

    __slots__ = ("_table", "_w")

    def __init__(self, w: Writer, table: str) -> None:
        self._w, self._table = w, table

    def __missing__(self, name: str) -> int:
        number = self._w.names.known[self._table].get(name)
        if number is None:
            number = looked_up(self._w, self._table, name)
        if number is None:
            number = _given(self._w, self._table, name)
        self[name] = number
        return number


def looked_up(r: Reader, table: str, name: str) -> int | None:
    """The number of a name as it stands in the store."""
    column, named = TABLES[table]
    row = r.row(f"SELECT {column} FROM {table} WHERE {named} = ?", (kept(name),))  # noqa: S608
    return row[0] if row else None


def _given(w: Writer, table: str, name: str) -> int:
    column, named = TABLES[table]
    row = w.row(f"SELECT coalesce(max({column}), -1) + 1 FROM {table}")  # noqa: S608
    number: int = row[0] if row else 0
    w.run(f"INSERT INTO {table} ({column}, {named}) VALUES (?, ?)", (number, kept(name)))  # noqa: S608
    return number
