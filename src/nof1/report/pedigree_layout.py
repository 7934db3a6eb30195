"""Where everybody of a drawn pedigree stands: no two boxes meet, children stand below their parents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nof1.model.pedigree import Pedigree
from nof1.report.pedigree_order import order

SIZE = 28  # of a symbol
WIDE, HIGH = 84, 128  # of a place: the symbol with its text below, and the space for lines above
TEXT = 58  # height of the text below a symbol
_PASSES = 24


@dataclass(frozen=True, slots=True)
class Layout:
    """Centres of symbols by person, from the upper left corner, and the size of the drawing."""

    centres: dict[str, tuple[float, float]]
    rows: list[list[str]]
    width: float
    height: float


def layout(pedigree: Pedigree) -> Layout:
    """The places of everybody who is drawn.

    Rows are ordered first; then everybody is drawn towards the middle of parents and of children, again and again, never
    nearer to a neighbour than the width of a place.
    """
    rows = [row for row in order(pedigree) if row]
    x = {one: float(WIDE * at) for row in rows for at, one in enumerate(row)}
    near = _near(pedigree, x)
    for _ in range(_PASSES):
        for row in rows:
            _settle(row, {one: _wish(near, one, x) for one in row}, x)
        for row in reversed(rows):
            _settle(row, {one: _wish_below(near, one, x) for one in row}, x)
    least = min(x.values(), default=0.0)
    margin = WIDE / 2 + 8
    centres = {
        one: (round(x[one] - least + margin, 1), 24.0 + SIZE / 2 + HIGH * level)
        for level, row in enumerate(rows)
        for one in row
    }
    width = max((place[0] for place in centres.values()), default=0.0) + margin
    return Layout(centres, rows, round(width, 1), 24.0 + HIGH * len(rows) - (HIGH - SIZE - TEXT) + 8)


def boxes(found: Layout) -> dict[str, tuple[float, float, float, float]]:
    """What each symbol with its text covers: left, top, right, bottom."""
    half = WIDE / 2 - 2
    return {one: (x - half, y - SIZE / 2, x + half, y + SIZE / 2 + TEXT) for one, (x, y) in found.centres.items()}


@dataclass(frozen=True, slots=True)
class _Near:
    """Of everybody who is drawn: the parents and the children who are drawn, and who has the same such parents."""

    parents: dict[str, tuple[str, ...]]
    children: dict[str, list[str]]
    same: dict[tuple[str, ...], list[str]]


def _near(pedigree: Pedigree, people: Iterable[str]) -> _Near:
    drawn = dict.fromkeys(people)
    near = _Near({one: tuple(p for p in pedigree.persons[one].parents if p in drawn) for one in drawn}, {}, {})
    for one in drawn:
        near.same.setdefault(near.parents[one], []).append(one)
    for one in pedigree.persons:
        for parent in near.parents.get(one, ()):
            near.children.setdefault(parent, []).append(one)
    return near


def _wish(near: _Near, one: str, x: dict[str, float]) -> float:
    """Where brothers and sisters stand when they are centred below their parents."""
    parents = near.parents[one]
    if not parents:
        return x[one]
    same = near.same[parents]
    middle = sum(x[other] for other in same) / len(same)
    return x[one] + sum(x[parent] for parent in parents) / len(parents) - middle


def _wish_below(near: _Near, one: str, x: dict[str, float]) -> float:
    """Where a couple stands when it is centred above its children."""
    children = near.children.get(one, [])
    if not children:
        return x[one]
    parents = near.parents[children[0]]
    middle = sum(x[parent] for parent in parents) / len(parents)
    return x[one] + sum(x[child] for child in children) / len(children) - middle


def _settle(row: list[str], wishes: dict[str, float], x: dict[str, float]) -> None:
    """Moves a row as near to its wishes as its order and the width of places allow (least squares, pooled neighbours)."""
    blocks: list[tuple[float, int]] = []  # mean of wishes less the place within the row, and how many
    for at, one in enumerate(row):
        blocks.append((wishes[one] - WIDE * at, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (mean, count), (other, more) = blocks[-2], blocks[-1]
            blocks[-2:] = [((mean * count + other * more) / (count + more), count + more)]
    at = 0
    for mean, count in blocks:
        for _ in range(count):
            x[row[at]] = mean + WIDE * at
            at += 1
