"""The values of a search parameter -> which rows of which index hold them."""

# ruff: noqa: S608 - pieces of statements are this room's own; what comes from outside is always a value

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from nof1.errors import UnitError
from nof1.fhir.index_shared import held_by, is_of_codes
from nof1.fhir.index_values import LONGEST_STRING, LONGEST_TOKEN, cut
from nof1.fhir.indexing import normalised
from nof1.fhir.query_tree import Amount, Link, Moment, Number, OfType, Text, Token, Uri, Value
from nof1.store.grams import pieces
from nof1.store.schema import LONG
from nof1.store.sql_ranges import in_interval, in_range
from nof1.store.sql_scope import Scope
from nof1.store.sql_text import Sql, among, either, sql
from nof1.store.texts import kept
from nof1.units.compare import canonical
from nof1.units.convert import convert
from nof1.units.grammar import is_valid

UCUM = "http://unitsofmeasure.org"
_BY_RESOURCE = ("i_date", "i_quantity", "i_reference", "i_string", "resource")  # tables with an index by resource
_END = "\U0010ffff"  # after every text that begins with what stands before it
_FEW = 20
_LONGEST_BEGINNING = 900  # bytes; of a longer text the index holds the beginning alone


def held(text: str, longest: int = LONGEST_TOKEN) -> str:
    """A text as the index holds it."""
    return kept(cut(text, longest))


class Rows(NamedTuple):
    """Rows of an index that match. ``where``: on ``@``. ``points``: how many places of the index they lie at, 0 for ranges.

    ``code``: parameter, code and system, where it is one code that is counted (``counts``). ``is_scan``: found only by
    looking through all rows of the parameter. ``pieces``: what every text that matches contains (``grams``).

    At a point everything that comes before the rid in the key is fixed, so the rows there are in the order of rids, and
    whether a resource is among them is one look-up.
    """

    table: str
    where: Sql
    points: int = 0
    code: tuple[int, str, int] | None = None
    is_scan: bool = False
    pieces: tuple[str, ...] = ()

    @property
    def is_point(self) -> bool:
        """Whether all lies at few places, where a certain resource is found by the key itself."""
        return 0 < self.points <= _FEW

    @property
    def is_by_resource(self) -> bool:
        """Whether it is cheap to ask if a certain resource has such a row."""
        return self.is_point or self.table in _BY_RESOURCE

    def near(self, alias: str, rid: str) -> Sql:
        """The rows of the resource in a column. A sign keeps databases from looking along the parameter instead."""
        where = self.where.of(alias)
        if not self.is_point:
            where = Sql(where.text.replace(f"{alias}.parameter ", f"+{alias}.parameter "), where.values)
        return sql(f"{{}} AND {alias}.rid = {rid}", where)


def rows(scope: Scope, parameter: str, modifier: str, values: Sequence[Value]) -> list[Rows]:
    """The rows that hold one of ``values`` of the parameter with id ``parameter``; none when there cannot be any."""
    suffix = f":{modifier}" if modifier in ("identifier", "of-type") else ""
    found = []
    for name in held_by(parameter):
        if (number := scope.parameter(name + suffix)) is not None:
            some = _of_one(scope, number, modifier, values)
            found += some if not is_of_codes(name) or suffix else [one._replace(code=_code_of(one)) for one in some]
    return [one for one in found if _is_any(scope, one)] if len(held_by(parameter)) > 1 else found


def _code_of(found: Rows) -> tuple[int, str, int] | None:
    """Parameter, code and system of rows of one code."""
    is_one = found.table == "i_token" and found.points == 1 and len(found.where.values) == 3
    return found.where.values if is_one else None


def _is_any(scope: Scope, found: Rows) -> bool:
    """Whether there is such a row at all: of several places the empty ones would cost sorting."""
    return scope.r.row(*sql(f"SELECT 1 FROM {found.table} t WHERE {{}} LIMIT 1", found.where.of("t"))) is not None


def _of_one(scope: Scope, number: int, modifier: str, values: Sequence[Value]) -> list[Rows]:
    own = sql("@.parameter = ?", number)
    first = values[0]
    if isinstance(first, Token):
        return _tokens(scope, own, number, [one for one in values if isinstance(one, Token)])
    if isinstance(first, OfType):
        return _of_type(own, [one for one in values if isinstance(one, OfType)])
    if isinstance(first, Text):
        return _strings(own, modifier, [one.text for one in values if isinstance(one, Text)])
    if isinstance(first, Link):
        return _links(scope, own, [one for one in values if isinstance(one, Link)])
    if isinstance(first, Uri):
        return _uris(own, modifier, [one.uri for one in values if isinstance(one, Uri)])
    if isinstance(first, Amount):
        return [found for one in values if isinstance(one, Amount) for found in _amount(scope, own, one)]
    if isinstance(first, Moment):
        return [found for one in values if isinstance(one, Moment) for found in _times(own, one)]
    numbers = [one for one in values if isinstance(one, Number)]
    return [Rows("i_number", sql("{} AND {}", own, in_range(one))) for one in numbers]


def _tokens(scope: Scope, own: Sql, parameter: int, tokens: Sequence[Token]) -> list[Rows]:
    """By system: the codes of each; codes of any system are looked up with the few systems that they have."""
    by_system: dict[int, list[str]] = {}
    anywhere: list[str] = []
    found = []
    for token in dict.fromkeys(tokens):
        if token.system is None:
            code = held(token.code or "")
            systems = _systems_of(scope, parameter, code) if len(tokens) <= _FEW else None
            if systems is None:
                anywhere.append(code)
            for system in systems or ():
                by_system.setdefault(system, []).append(code)
        elif (number := scope.system(token.system) if token.system else 0) is not None:
            if token.code is None:
                found.append(Rows("i_token", sql("{} AND @.system = ?", own, number)))
            else:
                by_system.setdefault(number, []).append(held(token.code))
    if anywhere:
        found.append(Rows("i_token", sql("{} AND {}", own, among("@.code", anywhere))))
    for system, codes in by_system.items():
        some = tuple(dict.fromkeys(codes))
        found += [
            Rows("i_token", sql("{} AND {} AND @.system = ?", own, among("@.code", part), system), len(part))
            for part in ([(code,) for code in some] if len(some) <= _FEW else [some])
        ]
    return found


_SYSTEMS = """WITH RECURSIVE s (system, n) AS (
SELECT (SELECT min(system) FROM i_token WHERE parameter = ? AND code = ?), 1
UNION ALL SELECT (SELECT min(t.system) FROM i_token t WHERE t.parameter = ? AND t.code = ? AND t.system > s.system), s.n + 1
FROM s WHERE s.system IS NOT NULL AND s.n <= ?) SELECT system FROM s WHERE system IS NOT NULL"""


def _systems_of(scope: Scope, parameter: int, code: str) -> list[int] | None:
    """The systems that a code has in the index, None for many."""
    found = scope.r.rows(_SYSTEMS, (parameter, code, parameter, code, _FEW))
    return [system for (system,) in found] if len(found) <= _FEW else None


def _of_type(own: Sql, values: Sequence[OfType]) -> list[Rows]:
    codes = [held(f"{one.system}|{one.code}|{one.value}") for one in values]
    return [Rows("i_token", sql("{} AND {} AND @.system = 0", own, among("@.code", codes)), len(codes))]


def like(text: str) -> str:
    """The pattern of LIKE, with ``!`` as escape, for texts that contain ``text``.

    >>> like("50%")
    '%50!%%'
    """
    for sign in "!%_":
        text = text.replace(sign, f"!{sign}")
    return f"%{text}%"


def beginning(column: str, text: str) -> Sql:
    """The column begins with the text."""
    text = cut(text, _LONGEST_BEGINNING)
    return sql(f"{column} >= ? AND {column} < ?", text, text + _END)


def _strings(own: Sql, modifier: str, texts: Sequence[str]) -> list[Rows]:
    if modifier == "exact":
        return [
            Rows(
                "i_string",
                sql("{} AND @.norm = ? AND @.exact = ?", own, kept(normalised(text)), held(text, LONGEST_STRING)),
                1,
            )
            for text in texts
        ]
    if modifier:
        return [
            containing(sql("{} AND @.norm LIKE ? ESCAPE '!'", own, like(norm)), [norm]) for norm in map(normalised, texts)
        ]
    return [Rows("i_string", sql("{} AND {}", own, beginning("@.norm", normalised(text)))) for text in texts]


def containing(where: Sql, parts: Sequence[str]) -> Rows:
    """The strings that meet a condition and so contain all of ``parts``."""
    known = tuple(dict.fromkeys(piece for part in parts for piece in pieces(kept(part))))
    return Rows("i_string", where, is_scan=not known, pieces=known)


def _links(scope: Scope, own: Sql, links: Sequence[Link]) -> list[Rows]:
    by_kind: dict[int, list[str]] = {}
    anywhere, found = [], []
    for link in dict.fromkeys(links):
        if link.url:
            found.append(Rows("i_reference", sql("{} AND @.target = ? AND @.kind = 0", own, held(link.url)), 1))
        elif not link.kind:
            anywhere.append(link.id)
        elif (number := scope.kind(link.kind)) is not None:
            by_kind.setdefault(number, []).append(link.id)
    for number, ids in by_kind.items():
        found += [
            Rows("i_reference", sql("{} AND {} AND @.kind = ?", own, among("@.target", part), number), len(part))
            for part in ([(one,) for one in ids] if len(ids) <= _FEW else [ids])
        ]
    if anywhere:
        found.append(Rows("i_reference", sql("{} AND {} AND @.kind > 0", own, among("@.target", anywhere))))
    return found


def _uris(own: Sql, modifier: str, uris: Sequence[str]) -> list[Rows]:
    if modifier == "below":
        return [Rows("i_uri", sql("{} AND {}", own, _under("@.value", uri))) for uri in uris]
    asked = [one for uri in uris for one in (_above(uri) if modifier == "above" else (uri,))]
    values = tuple(dict.fromkeys(held(one, LONGEST_STRING) for one in asked))
    parts = [(value,) for value in values] if len(values) <= _FEW else [values]
    return [Rows("i_uri", sql("{} AND {}", own, among("@.value", part)), len(part)) for part in parts]


def _under(column: str, uri: str) -> Sql:
    """The address itself and what lies under it as under a folder."""
    folder = uri if uri.endswith("/") else f"{uri}/"
    return either([sql(f"{column} = ?", held(uri, LONGEST_STRING)), sql("({})", beginning(column, folder))])


def _above(uri: str) -> Iterable[str]:
    """The address and those of the folders that it lies in, each with and without the sign at its end.

    >>> list(_above("http://a.b/c/d"))
    ['http://a.b/c/d', 'http://a.b/c/', 'http://a.b/c', 'http://a.b/', 'http://a.b']
    """
    yield uri
    rest = uri.rstrip("/") if uri.endswith("/") else uri
    if rest != uri:
        yield rest
    while "/" in rest and not rest.rpartition("/")[0].endswith("/"):
        rest = rest.rpartition("/")[0]
        yield f"{rest}/"
        yield rest


def _times(own: Sql, moment: Moment) -> list[Rows]:
    """The rows of a date. What ends after a moment either begins soon before it or is one of the few long times."""
    condition = in_interval(moment)
    edge = {"gt": moment.high, "ge": min(moment.low, moment.high), "ap": moment.low}.get(moment.prefix)
    if edge is None:
        return [Rows("i_date", sql("{} AND {}", own, condition))]
    late = sql("{} AND @.low > ? AND {}", own, edge - LONG, condition)
    long = sql(f"{{}} AND @.high - @.low > {LONG} AND @.high > ? AND @.low <= ? AND {{}}", own, edge, edge - LONG, condition)
    return [Rows("i_date", late), Rows("i_date", long)]


def in_base_units(number: Number, unit: str) -> Number | None:
    """The number in the base unit of ``unit``; None when the unit is no UCUM or its scale runs the other way."""
    if not is_valid(unit):
        return None
    base = canonical(unit)
    try:
        value, low, high = (float(convert(one, unit, base)) for one in (number.value, number.low, number.high))
    except UnitError:  # a number that the scale does not have
        return None
    if number.low < number.high and not low <= value <= high:
        return None
    return Number(number.prefix, value, low, high)


def _amount(scope: Scope, own: Sql, amount: Amount) -> list[Rows]:
    """A UCUM unit is compared in base units; other units, and numbers without one, as they were written."""
    number, system, unit = amount
    if system == UCUM and unit and (based := in_base_units(number, unit)) is not None:
        return [Rows("i_canonical", sql("{} AND @.canon = ? AND {}", own, kept(canonical(unit)), in_range(based)))]
    conditions = [own]
    if unit:
        conditions.append(sql("@.code = ?", held(unit, LONGEST_STRING)))
    if system:
        known = scope.system(system)
        if known is None:
            return []
        conditions.append(sql("@.system = ?", known))
    conditions.append(in_range(number))
    return [Rows("i_quantity", sql(" AND ".join(["{}"] * len(conditions)), *conditions))]
