"""The content tree of a structured report as plain values: each item with its place, relation, name, value and children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nof1.errors import RecordError
from nof1.imaging.codes import Coded, coded
from nof1.imaging.elements import items, paragraph, said, written

if TYPE_CHECKING:
    from pydicom import Dataset

DEEPEST = 40
_TEXTS = {
    "PNAME": "PersonName",
    "UIDREF": "UID",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """The value of a NUM item as written. ``count``: how many values it has; ``qualifier``: why it has none."""

    count: int
    number: str
    unit: Coded | None
    qualifier: Coded | None


@dataclass(frozen=True, slots=True)
class Item:
    """A content item. ``place``: its position as dsrdump prints it (1.2.1); ``images``: UIDs of objects it refers to."""

    place: str
    relation: str
    kind: str
    name: Coded | None
    text: str
    code: Coded | None
    measured: Measured | None
    images: tuple[str, ...]
    children: tuple[Item, ...]

    @property
    def key(self) -> str:
        """The key of the item's name; empty where it has none."""
        return self.name.key if self.name else ""

    @property
    def title(self) -> str:
        """The item's name for a reader."""
        return (self.name.meaning or self.name.code) if self.name else "unnamed"

    def walk(self, above: tuple[Item, ...] = ()) -> Iterator[tuple[Item, tuple[Item, ...]]]:
        """The item and all below it, each with the items above it, from the root down."""
        yield self, above
        for child in self.children:
            yield from child.walk((*above, self))

    def below(self, relation: str, key: str) -> Iterator[Item]:
        """The children with a relation and a name."""
        return (child for child in self.children if child.relation == relation and child.key == key)


def content(item: Dataset, own: Mapping[str, str], place: str = "1", depth: int = 0) -> Item:
    """The content item of a dataset, with everything below it. ``own``: systems of the object's own coding schemes.

    Raises ``RecordError`` where the tree is deeper than any report.
    """
    if depth > DEEPEST:
        raise RecordError(f"its content is nested more than {DEEPEST} deep")
    kind = written(item, "ValueType")
    children = [
        content(child, own, f"{place}.{at}", depth + 1) for at, child in enumerate(items(item, "ContentSequence"), 1)
    ]
    return Item(
        place,
        written(item, "RelationshipType"),
        kind,
        coded(items(item, "ConceptNameCodeSequence"), own),
        paragraph(item, "TextValue") if kind == "TEXT" else said(item, _TEXTS.get(kind, "TextValue")),
        coded(items(item, "ConceptCodeSequence"), own) if kind == "CODE" else None,
        _measured(item, own) if kind == "NUM" else None,
        tuple(written(one, "ReferencedSOPInstanceUID") for one in items(item, "ReferencedSOPSequence")),
        tuple(children),
    )


def _measured(item: Dataset, own: Mapping[str, str]) -> Measured:
    values = items(item, "MeasuredValueSequence")
    qualifier = coded(items(item, "NumericValueQualifierCodeSequence"), own)
    if not values:
        return Measured(0, "", None, qualifier)
    unit = coded(items(values[0], "MeasurementUnitsCodeSequence"), own)
    return Measured(len(values), written(values[0], "NumericValue"), unit, qualifier)
