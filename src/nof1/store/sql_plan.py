"""How a search is answered: from which criterion it starts, and which resources it walks through in which order."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt

from nof1.store.counts import number_of_code
from nof1.store.schema import KIND_SPAN, rids_of
from nof1.store.sql_parts import FEW, Part, Source, rows_up_to
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, every, joined, sql

_MOST_SOURCES = 50


@dataclass(frozen=True, slots=True)
class Question:
    """What is searched: types, criteria made ready; ``until``: the last change that counts, 0 for all."""

    scope: Scope
    kinds: tuple[str, ...]
    parts: tuple[Part, ...]
    until: int = 0

    @property
    def is_never(self) -> bool:
        """Whether nothing can match."""
        return any(one.is_never for one in self.parts) or self.scope.of_kinds(self.kinds, "rid").text == "1 = 0"

    def filtered(self, rid: str, but: Part | None = None) -> Sql:
        """What must hold of the resource in column ``rid``, without the part that it comes from."""
        conditions = [one.holds(rid) for one in self.parts if one is not but]
        return every([*conditions, self.scope.visible(rid), self._existed(rid)])

    def _existed(self, rid: str) -> Sql:
        if not self.until:
            return every(())
        number = self.scope.kind(self.kinds[0]) if len(self.kinds) == 1 else None
        if number is None:
            return sql(f"({rid} & ?) <= ?", KIND_SPAN - 1, self.until)
        return sql(f"{rid} <= ?", rids_of(number)[0] + self.until)

    def everything(self) -> Source:
        """All resources of the types."""
        alias = self.scope.alias()
        where = every([self.scope.of_kinds(self.kinds, f"{alias}.rid"), sql(f"{alias}.deleted = 0")])
        return Source(f"resource {alias}", where, f"{alias}.rid", is_sorted=True, is_single=True)

    def number(self) -> int:
        """How many resources there are of the types."""
        scope = self.scope
        numbers = [number for kind in self.kinds if (number := scope.kind(kind)) is not None]
        if not self.kinds:
            row = scope.r.row("SELECT coalesce(sum(number), 0) FROM counted")
        else:
            row = scope.r.row(
                f"SELECT coalesce(sum(number), 0) FROM counted WHERE kind IN ({', '.join('?' * len(numbers))})", numbers
            )
        return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Where to start. ``part``: whose sources these are, None for all resources of the types.

    ``is_small``: few enough to look at every one of them; otherwise they are walked through until a page is full.
    """

    sources: tuple[Source, ...]
    part: Part | None
    is_small: bool

    @property
    def is_sorted(self) -> bool:
        """Whether the sources can be walked through in the order of rids."""
        return len(self.sources) <= _MOST_SOURCES and all(one.is_sorted for one in self.sources)


def plan(question: Question, page: int, *, is_sorted_enough: bool = False) -> Plan:
    """Starts from the smallest criterion, by counting each up to where walking through all resources would be cheaper.

    ``is_sorted_enough``: a single criterion whose rows lie in the order that is asked for needs no counting.
    """
    drivable = [(one, one.sources) for one in question.parts if one.sources is not None]
    if not drivable:
        return Plan((question.everything(),), None, False)
    first, sources = drivable[0]
    whole = Plan(sources, first, False)
    if is_sorted_enough and len(drivable) == 1 and whole.is_sorted:
        return whole
    cap = max(FEW, isqrt(question.number() * page))
    numbers = [number for one in question.kinds if (number := question.scope.kind(one)) is not None]
    by_cost: dict[bool, list[Plan]] = {False: [], True: []}
    for part, own in drivable:
        by_cost[any(one.is_scan for one in own)].append(Plan(own, part, True))
    sized: list[tuple[int, Plan]] = []
    for plans in (by_cost[False], by_cost[True]):  # looked through only where nothing else is few
        sized += [(_size(question.scope, numbers, one.sources, cap), one) for one in plans]
        size, smallest = min(sized, key=lambda one: one[0], default=(cap, whole))
        if size < cap:
            return smallest
    ordered = next((one for _, one in sized if one.is_sorted), None)
    return Plan(ordered.sources, ordered.part, False) if ordered else Plan(smallest.sources, smallest.part, False)


def _size(scope: Scope, kinds: Sequence[int], sources: Sequence[Source], cap: int) -> int:
    """How many rows the sources have, counted up to ``cap``."""
    found = 0
    for one in sources:
        if one.code and len(kinds) == 1:
            found += min(cap, number_of_code(scope.r, *one.code, kinds[0]))
            continue
        found += rows_up_to(scope, Sql(one.tables), one.where, cap - found)
        if found >= cap:
            break
    return found


def collected(sources: Sequence[Source]) -> Sql:
    """A statement for the different rids of the sources."""
    if len(sources) == 1:
        (one,) = sources
        return sql(f"SELECT {'' if one.is_single else 'DISTINCT '}{one.rid} AS rid FROM {one.tables} WHERE {{}}", one.where)
    return joined(" UNION ", [sql(f"SELECT {one.rid} AS rid FROM {one.tables} WHERE {{}}", one.where) for one in sources])


def _number_of_code(question: Question) -> int | None:
    """The number of resources, where one code is all that is asked for."""
    scope = question.scope
    kind = scope.kind(question.kinds[0]) if len(question.kinds) == 1 else None
    sources = question.parts[0].sources if len(question.parts) == 1 else None
    if kind is None or scope.seen is not None or question.until or not sources or len(sources) != 1:
        return None
    return number_of_code(scope.r, *sources[0].code, kind) if sources[0].code else None


def counted(question: Question, page: int) -> int:
    """How many resources match."""
    if question.is_never:
        return 0
    if not question.parts and question.scope.seen is None and not question.until:
        return question.number()
    if (number := _number_of_code(question)) is not None:
        return number
    chosen = plan(question, page, is_sorted_enough=True)
    if len(chosen.sources) == 1 and chosen.sources[0].is_single:
        (one,) = chosen.sources
        where = every([one.where, question.filtered(one.rid, chosen.part)])
        row = question.scope.r.row(*sql(f"SELECT count(*) FROM {one.tables} WHERE {{}}", where))
    else:
        statement = sql(
            "SELECT count(*) FROM ({}) AS m WHERE {}", collected(chosen.sources), question.filtered("m.rid", chosen.part)
        )
        row = question.scope.r.row(*statement)
    return int(row[0]) if row else 0
