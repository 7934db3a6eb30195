"""What every statement of a search has in common: the snapshot, the types that are asked for, and what may be seen."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from nof1.fhir.definitions import definitions
from nof1.fhir.index_shared import held_by
from nof1.store.names import Names
from nof1.store.schema import rids_of
from nof1.store.session import Reader
from nof1.store.sql_text import FALSE, TRUE, Sql, among, either, every, sql


@dataclass(frozen=True, slots=True)
class Compartment:
    """The resources of one or more persons: ``kind`` is Patient, Encounter, Device, Practitioner or RelatedPerson.

    ``is_shared_seen``: whether also types that no such compartment holds (Medication, Organization, ...).
    """

    kind: str
    ids: tuple[str, ...]
    is_shared_seen: bool = False


@dataclass(frozen=True, slots=True)
class Scope:
    """A snapshot and what may be seen of it. ``aliases``: numbers of tables in a statement, given out by ``alias``."""

    r: Reader
    names: Names
    seen: Compartment | None = None
    aliases: Iterator[int] = field(default_factory=count)

    def alias(self) -> str:
        """A name that no other table of the statement has."""
        return f"t{next(self.aliases)}"

    def kind(self, name: str) -> int | None:
        """The number of a type, None when the store has none of it."""
        return self.names.kind(self.r, name)

    def parameter(self, id: str) -> int | None:  # noqa: A002
        """The number of a search parameter, None when nothing is indexed by it."""
        return self.names.parameter(self.r, id)

    def parameters(self, id: str, suffix: str = "") -> list[int]:  # noqa: A002
        """The numbers under which the rows of a search parameter stand, none when there are no rows."""
        return [number for one in held_by(id) if (number := self.parameter(one + suffix)) is not None]

    def system(self, uri: str) -> int | None:
        """The number of a system, None when the store does not know it."""
        return self.names.system(self.r, uri.replace("\0", "\ufffd"))

    def of_kinds(self, kinds: Sequence[str], rid: str) -> Sql:
        """The resource is of one of the types; of any when there are none."""
        if not kinds:
            return TRUE
        numbers = [number for kind in kinds if (number := self.kind(kind)) is not None]
        return either(sql(f"{rid} BETWEEN ? AND ?", *rids_of(number)) for number in numbers)

    def visible(self, rid: str) -> Sql:
        """The resource may be seen: THE one place where it is decided for matches, links of chains, and what is included."""
        if self.seen is None:
            return TRUE
        own = self.kind(self.seen.kind)
        if own is None or not self.seen.ids:
            return FALSE
        resource, member = self.alias(), self.alias()
        held = sql(
            f"{resource}.rid = {rid} AND {member}.compartment = ? AND {{}} AND {member}.kind = {resource}.kind "
            f"AND {member}.at = {resource}.at AND {member}.rid = {resource}.rid",
            own,
            among(f"{member}.owner", self.seen.ids),
        )
        itself = sql(f"{resource}.rid = {rid} AND {resource}.kind = ? AND {{}}", own, among(f"{resource}.id", self.seen.ids))
        ways = [
            sql(
                f"(SELECT 1 FROM resource {resource} CROSS JOIN i_compartment {member} WHERE {{}} LIMIT 1) IS NOT NULL", held
            ),
            sql(f"(SELECT 1 FROM resource {resource} WHERE {{}}) IS NOT NULL", itself),
        ]
        if self.seen.is_shared_seen:
            ways.append(self._shared(rid))
        return either(ways)

    def _shared(self, rid: str) -> Sql:
        held = {*definitions().compartments[self.seen.kind], self.seen.kind} if self.seen else set()
        numbers = [number for kind in sorted(held) if (number := self.kind(kind)) is not None]
        return every(sql(f"{rid} NOT BETWEEN ? AND ?", *rids_of(number)) for number in numbers)
