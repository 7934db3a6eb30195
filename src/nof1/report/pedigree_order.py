"""Who stands in which row of a drawn pedigree, and in which order: couples side by side, brothers and sisters together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from nof1.model.pedigree import Pedigree

Unit = list[str]  # a person with the partners who married in, who stand beside
Chunk = list[Unit]  # brothers and sisters with theirs


def drawn(pedigree: Pedigree) -> dict[str, None]:
    """Who is drawn, in the order of the pedigree: all who are linked to the proband by parents, children or partners."""
    near: dict[str, set[str]] = {one: set() for one in pedigree.persons}
    pairs = [(one.id, parent) for one in pedigree.persons.values() for parent in one.parents]
    for a, b in [*pairs, *pedigree.couples()]:
        if a in near and b in near:
            near[a].add(b)
            near[b].add(a)
    seen, waiting = {pedigree.proband}, [pedigree.proband]
    while waiting:
        for other in near[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    return {one: None for one in pedigree.persons if one in seen}


def generations(pedigree: Pedigree, among: Iterable[str]) -> dict[str, int]:
    """The row of each, 0 at the top: below both parents, and beside the partner where that can be."""
    people = list(among)
    row = dict.fromkeys(people, 0)
    couples = [pair for pair in pedigree.couples() if pair[0] in row and pair[1] in row]
    for _ in range(2 * len(people) + 2):
        before = dict(row)
        for one in people:
            parents = [row[parent] for parent in pedigree.persons[one].parents if parent in row]
            row[one] = max([row[one], *(parent + 1 for parent in parents)])
        for a, b in couples:
            if not _descends(pedigree, a, b):
                row[a] = row[b] = max(row[a], row[b])
        if row == before:
            break
    return row


def _descends(pedigree: Pedigree, a: str, b: str) -> bool:
    return a in set(pedigree.ancestors(b)) or b in set(pedigree.ancestors(a))


def order(pedigree: Pedigree) -> list[list[str]]:
    """The rows from the top, each from left to right.

    The father's family stands left, the mother's right; in-laws stand beside whom they married.
    """
    people = drawn(pedigree)
    up = {one: tuple(parent for parent in pedigree.persons[one].parents if parent in people) for one in people}
    ordering = _Ordering(pedigree, people, generations(pedigree, people), up)
    ordering.around(pedigree.proband)
    for one in people:
        if one not in ordering.placed:  # families of partners, which nothing above has reached
            ordering.around(one)
    return ordering.rows()


@dataclass(slots=True)
class _Ordering:
    """Rows being filled from left to right. ``up``: the parents of each who are drawn."""

    pedigree: Pedigree
    people: dict[str, None]
    row: dict[str, int]
    up: dict[str, tuple[str, ...]]
    placed: set[str] = field(default_factory=set)
    chunks: dict[int, list[Chunk]] = field(default_factory=dict)

    def parents(self, one: str) -> tuple[str, ...]:
        return self.up[one]

    def siblings(self, one: str) -> list[str]:
        mine = set(self.parents(one))
        same = [other for other in self.people if other != one and mine and set(self.parents(other)) == mine]
        twins = self.pedigree.persons[one].twins
        return sorted(same, key=lambda other: not (twins and self.pedigree.persons[other].twins == twins))

    def partners(self, one: str) -> list[str]:
        pairs = (pair for pair in self.pedigree.couples() if one in pair)
        found = (b if a == one else a for a, b in pairs)
        return [other for other in dict.fromkeys(found) if other in self.people]

    def around(self, one: str) -> None:
        """Places somebody with all who are reached over parents: the father's family left, the mother's right."""
        parents = self.parents(one)
        if parents:
            self.origin(parents[0], is_last=True)
        self.sibship([one, *self.siblings(one)])
        for other in parents[1:]:
            self.origin(other, is_last=False)

    def origin(self, one: str, is_last: bool) -> None:
        """Places somebody at the end (or the beginning) of brothers and sisters, and the families of the parents."""
        if one in self.placed:
            return
        self.placed.add(one)
        parents = self.parents(one)
        others = [other for other in self.siblings(one) if other not in self.placed]
        sibship = [*reversed(others), one] if is_last else [one, *others]
        if not is_last:
            self.sibship(sibship, first=one)
        for number, parent in enumerate(parents):
            self.origin(parent, is_last=number == 0)
        if is_last:
            self.sibship(sibship, first=one)

    def sibship(self, people: list[str], first: str = "") -> None:
        """Places brothers and sisters, those who married in beside them, and everybody who descends from them."""
        chunk: Chunk = []
        for one in people:
            if one in self.placed and one != first:
                continue
            self.placed.add(one)
            chunk.append(self._unit(one, is_left=bool(first) and one == first == people[-1]))
        if not chunk:
            return
        self.chunks.setdefault(self.row[people[0]], []).append(chunk)
        for unit in chunk:
            for one in unit:
                self._below(one)

    def _unit(self, one: str, is_left: bool) -> Unit:
        """A person with the partners who have no family of their own here, who stand where nobody else has to."""
        free = [
            other
            for other in self.partners(one)
            if other not in self.placed and not self.parents(other) and self.row[other] == self.row[one]
        ]
        if len(free) > 1 or any(other in self.placed or self.parents(other) for other in self.partners(one)):
            free = [other for other in free if len(self.partners(other)) == 1]
        self.placed.update(free)
        bridges = any(self.parents(other) or other in self.placed - set(free) for other in self.partners(one))
        if is_left and bridges:
            return [*free, one]
        if len(free) == 1 and not bridges and self.pedigree.persons[free[0]].sex == "male":
            return [*free, one]  # the man stands left
        if bridges or len(free) < 2:
            return [one, *free]
        half = len(free) // 2
        return [*free[:half], one, *free[half:]]

    def _below(self, one: str) -> None:
        groups: dict[frozenset[str], list[str]] = {}
        for child in self.people:
            if one in self.parents(child) and child not in self.placed:
                groups.setdefault(frozenset(self.parents(child)), []).append(child)
        for children in groups.values():
            waiting = [child for child in children if child not in self.placed]
            if waiting:
                self.sibship(waiting)

    def rows(self) -> list[list[str]]:
        """The rows, after couples of two families have been brought side by side where that can be."""
        for a, b in self.pedigree.couples():
            if a in self.people and b in self.people and self.row[a] == self.row[b]:
                self._together(self.chunks[self.row[a]], a, b)
        last = max(self.row.values())
        return [[one for chunk in self.chunks.get(at, []) for unit in chunk for one in unit] for at in range(last + 1)]

    def _together(self, chunks: list[Chunk], a: str, b: str) -> None:
        flat = [one for chunk in chunks for unit in chunk for one in unit]
        if abs(flat.index(a) - flat.index(b)) == 1:
            return
        if flat.index(a) > flat.index(b):
            a, b = b, a
        left, right = _chunk_of(chunks, a), _chunk_of(chunks, b)
        if left is right:
            _swap_beside(left, a, b)
            return
        _to_end(left, a)
        _to_start(right, b)
        chunks.remove(right)
        chunks.insert(chunks.index(left) + 1, right)


def _chunk_of(chunks: list[Chunk], one: str) -> Chunk:
    return next(chunk for chunk in chunks if any(one in unit for unit in chunk))


def _to_end(chunk: Chunk, one: str) -> None:
    unit = next(unit for unit in chunk if one in unit)
    chunk.remove(unit)
    unit.remove(one)
    chunk.append([*unit, one])


def _to_start(chunk: Chunk, one: str) -> None:
    unit = next(unit for unit in chunk if one in unit)
    chunk.remove(unit)
    unit.remove(one)
    chunk.insert(0, [one, *unit])


def _swap_beside(chunk: Chunk, a: str, b: str) -> None:
    unit = next(unit for unit in chunk if b in unit)
    chunk.remove(unit)
    at = next(number for number, other in enumerate(chunk) if a in other)
    chunk[at].remove(a)
    unit.remove(b)
    chunk[at] = [*chunk[at], a]
    chunk.insert(at + 1, [b, *unit])
