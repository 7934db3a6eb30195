"""A search as a tree: what must hold of a resource, how the answer is sorted, cut and completed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

from nof1.fhir.definitions import Parameter

COUNT = 50
MOST = 1000
Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


class Token(NamedTuple):
    """A code. ``system``: None any, '' none at all. ``code``: None any of the system."""

    system: str | None
    code: str | None


class OfType(NamedTuple):
    """An identifier by the type that it has: system and code of the type, value of the identifier."""

    system: str
    code: str
    value: str


class Text(NamedTuple):
    """A string as it was written."""

    text: str


class Moment(NamedTuple):
    """A date by its precision: [low, high), microseconds since 1970 UTC; with ``ap`` widened already."""

    prefix: Prefix
    low: int
    high: int


class Number(NamedTuple):
    """A number and what its digits leave open: [low, high), for ``ap`` widened by a tenth."""

    prefix: Prefix
    value: float
    low: float
    high: float


class Amount(NamedTuple):
    """A number with a unit. ``system``: None any. ``unit``: None any; without a system a code or the unit as written."""

    number: Number
    system: str | None
    unit: str | None


class Link(NamedTuple):
    """A resource of this store by type ('' any) and id, or with ``url`` an address of elsewhere."""

    kind: str
    id: str
    url: str = ""


class Uri(NamedTuple):
    """An address, whole."""

    uri: str


class Combined(NamedTuple):
    """One value for each part of a composite."""

    parts: tuple[Value, ...]


Value = Token | OfType | Text | Moment | Number | Amount | Link | Uri | Combined


@dataclass(frozen=True, slots=True)
class Match:
    """One of ``values`` is the parameter's. With modifier ``not`` or ``not-in`` none of them is."""

    parameter: Parameter
    modifier: str
    values: tuple[Value, ...]

    @property
    def is_negative(self) -> bool:
        """Whether resources match that have no such value."""
        return self.modifier in ("not", "not-in")


@dataclass(frozen=True, slots=True)
class Missing:
    """The resource has no value of the parameter, or has one."""

    parameter: Parameter
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """The parameter refers to a resource of which the criterion holds; ``ends``: one for each type it may be."""

    parameter: Parameter
    ends: tuple[tuple[str, Criterion], ...]


@dataclass(frozen=True, slots=True)
class Has:
    """A resource of type ``kind`` refers here by ``parameter`` and the criterion holds of it."""

    kind: str
    parameter: Parameter
    criterion: Criterion


@dataclass(frozen=True, slots=True)
class Content:
    """Words of ``texts`` stand in what is indexed of the resource; any one of ``texts``, all the words of it."""

    texts: tuple[str, ...]


Criterion = Match | Missing | Chain | Has | Content


@dataclass(frozen=True, slots=True)
class Sort:
    """A parameter to sort by; resources without a value come last either way."""

    parameter: Parameter
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Include:
    """References to follow: of type ``kind`` ('' any), by ``parameter`` (None all), to type ``target`` ('' any)."""

    kind: str
    parameter: Parameter | None
    target: str
    is_iterated: bool


@dataclass(frozen=True, slots=True)
class Search:
    """All of a search. ``kind``: '' for all types, then ``types`` of ``_type`` (none: every type).

    ``after``: where the page begins, text of an earlier page. ``count`` 0: only the total. ``ignored``: unknown parameters,
    when leniency was asked for.
    """

    kind: str
    types: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    sort: tuple[Sort, ...] = ()
    count: int = COUNT
    after: str = ""
    total: Literal["", "none", "estimate", "accurate"] = ""
    summary: Literal["", "true", "text", "data", "count", "false"] = ""
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    ignored: tuple[str, ...] = ()
