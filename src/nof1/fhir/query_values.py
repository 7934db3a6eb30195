"""The values of a search parameter, text -> values, by the parameter's kind; what the kind does not allow is refused."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple, cast

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.indexing import interval
from nof1.fhir.query_errors import QueryError, near
from nof1.fhir.query_tree import Amount, Combined, Link, Moment, Number, OfType, Prefix, Text, Token, Uri, Value

PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
# alternatives of one parameter: many where they are looked up together
_MOST_VALUES = {"token": 1000, "reference": 1000, "uri": 1000}
_MOST_OTHERS = 100
_LONGEST_NUMBER = 40
_BIGGEST = 1e200
_ESCAPED = re.compile(r"\\([,$|\\])")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_DATE = re.compile(
    r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:([0-5]\d|60)(\.\d{1,9})?)?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))?)?)?)?"
)
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d{1,3})?")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
NOT_STORED = re.compile("[\x00\ud800-\udfff]")


class Context(NamedTuple):
    """What values are read with. ``base``: address of this server. ``now``: microseconds, for ``ap`` of dates."""

    base: str = ""
    now: int | None = None


def split(text: str, sign: str) -> list[str]:
    r"""The pieces of ``text`` between signs that no backslash escapes; escapes stay.

    >>> split(r"a\\,b,c", ",")
    ['a\\\\', 'b', 'c']
    >>> split(r"a\\,b", ","), split("", ",")
    (['a\\\\', 'b'], [''])
    """
    pieces, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif text[at] == sign:
            pieces.append(text[start:at])
            start = at + 1
        at += 1
    return [*pieces, text[start:]]


def unescaped(text: str) -> str:
    r"""The text without its escapes; a backslash before another sign stays.

    >>> unescaped(r"a\,b\\c")
    'a,b\\c'
    """
    return _ESCAPED.sub(r"\1", text)


class Asked(NamedTuple):
    """A parameter as it was asked for: the name in the address, the whole value, modifier and definition."""

    name: str
    value: str
    modifier: str
    parameter: Parameter
    context: Context

    def error(self, reason: str) -> QueryError:
        """The error that refuses it."""
        return QueryError(self.name, self.value, reason)


def values(asked: Asked) -> tuple[Value, ...]:
    """The alternatives of a value; raises ``QueryError`` for what the parameter's kind does not allow."""
    if NOT_STORED.search(asked.value):
        raise asked.error("it has characters that no text of a record can have")
    pieces = split(asked.value, ",")
    most = (
        _MOST_OTHERS
        if asked.modifier in ("text", "in", "not-in", "below")
        else _MOST_VALUES.get(asked.parameter.kind, _MOST_OTHERS)
    )
    if len(pieces) > most:
        raise asked.error(f"more than {most} values; ask in several searches")
    if any(not piece.strip() for piece in pieces):
        raise asked.error("a value is empty; give one, or leave the parameter out")
    if asked.parameter.kind == "token" and asked.modifier in ("above", "below"):
        return tuple(_concept(asked, piece) for piece in pieces)
    reader = _READERS[asked.modifier] if asked.modifier in _READERS else _KINDS[asked.parameter.kind]
    return tuple(reader(asked, piece) for piece in pieces)


def _token(asked: Asked, piece: str) -> Token:
    parts = [unescaped(part) for part in split(piece, "|")]
    if len(parts) == 1:
        return Token(None, parts[0])
    if len(parts) > 2:
        raise asked.error(r"more than one '|'; write 'system|code', and '\|' for a sign of the code itself")
    system, code = parts
    if not system and not code:
        raise asked.error("neither system nor code; write 'code', 'system|code', '|code' or 'system|'")
    return Token(system, code or None)


def _of_type(asked: Asked, piece: str) -> OfType:
    parts = [unescaped(part) for part in split(piece, "|")]
    if len(parts) != 3 or not all(parts):
        raise asked.error("write 'system of the type|code of the type|value of the identifier'")
    return OfType(*parts)


def _concept(asked: Asked, piece: str) -> Token:
    """Of :below and :above, which need to know whose hierarchy."""
    token = _token(asked, piece)
    if not token.system or not token.code:
        raise asked.error(f":{asked.modifier} needs 'system|code'")
    return token


def _text(_asked: Asked, piece: str) -> Text:
    return Text(unescaped(piece))


def _uri(_asked: Asked, piece: str) -> Uri:
    return Uri(unescaped(piece))


def _prefixed(piece: str) -> tuple[Prefix, str]:
    if piece[:2] in PREFIXES:
        return cast(Prefix, piece[:2]), piece[2:]
    return "eq", piece


def moment(asked: Asked, piece: str) -> Moment:
    """A date with its prefix."""
    prefix, text = _prefixed(piece)
    if not _DATE.fullmatch(text):
        hint = "; a '+' of the zone must be written %2B" if " " in text else ""
        raise asked.error(
            f"'{text}' is no date; write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with Z or ±hh:mm, "
            f"before it one of {', '.join(PREFIXES)} or nothing{hint}"
        )
    try:
        low, high = interval(text)
    except ValueError as error:
        raise asked.error(f"'{text}' is no day of the calendar") from error
    if prefix == "ap" and asked.context.now is not None:
        wide = max(abs(asked.context.now - low), abs(asked.context.now - high)) // 10
        low, high = low - wide, high + wide
    return Moment(prefix, low, high)


def _number(asked: Asked, piece: str) -> Number:
    prefix, text = _prefixed(piece)
    if not _NUMBER.fullmatch(text) or len(text) > _LONGEST_NUMBER or abs(float(text)) > _BIGGEST:
        raise asked.error(f"'{text}' is no number; before it one of {', '.join(PREFIXES)} or nothing")
    value = Decimal(text)
    half = Decimal((0, (5,), cast(int, value.as_tuple().exponent) - 1))
    if prefix == "ap":
        half = abs(value) / 10
    # so many digits that a half of the last is less than a float can tell: the interval still holds the number itself
    return Number(
        prefix, float(value), float(value - half), max(float(value + half), math.nextafter(float(value), math.inf))
    )


def _quantity(asked: Asked, piece: str) -> Amount:
    number, *unit = split(piece, "|")
    if not unit:
        return Amount(_number(asked, number), None, None)
    if len(unit) != 2 or not any(unit):
        raise asked.error("write 'number', 'number|system|code' or 'number||code', such as 5.4|http://unitsofmeasure.org|mg")
    system, code = (unescaped(part) or None for part in unit)
    return Amount(_number(asked, number), system, code)


def _reference(asked: Asked, piece: str) -> Link:
    text = unescaped(piece)
    if asked.context.base and text.startswith(asked.context.base.rstrip("/") + "/"):
        text = text[len(asked.context.base.rstrip("/")) + 1 :]
    if _ADDRESS.match(text):
        return Link("", "", text)
    kind, _, rest = text.rpartition("/") if text.count("/") <= 1 else (text.split("/")[0], "", "")
    if text.count("/") == 3 and text.split("/")[2] == "_history":  # of a version: the index knows the resource
        kind, rest = text.split("/")[:2]
    if not _ID.fullmatch(rest):
        raise asked.error("no reference; write 'Type/id', 'id' or a whole address")
    return Link(_checked_kind(asked, kind), rest)


def _checked_kind(asked: Asked, kind: str) -> str:
    """The type that a reference names, or that its modifier says, or the only one that it can be."""
    targets = asked.parameter.targets or definitions().resources
    wanted = asked.modifier if asked.modifier in definitions().resources else ""
    if kind and wanted and kind != wanted:
        raise asked.error(f"'{kind}' is not the type '{wanted}' that the modifier names")
    if kind and kind not in targets:
        raise asked.error(f"{asked.parameter.code} does not refer to '{kind}'; {near(kind, targets)}")
    return kind or wanted or (targets[0] if len(targets) == 1 else "")


def _combined(asked: Asked, piece: str) -> Combined:
    components = asked.parameter.components
    pieces = split(piece, "$")
    names = "$".join(definitions().by_id[one].code for one, _ in components)
    if len(pieces) != len(components):
        raise asked.error(f"{len(pieces)} parts, not {len(components)}; write '{names}'")
    if not all(pieces):
        raise asked.error(f"a part is empty; write '{names}'")
    found = []
    for (part_id, _), text in zip(components, pieces, strict=True):
        part = definitions().by_id[part_id]
        found.append(_KINDS[part.kind](asked._replace(parameter=part), text))
    return Combined(tuple(found))


def id_token(asked: Asked, piece: str) -> Token:
    """An id, of ``_id``."""
    if not _ID.fullmatch(piece):
        raise asked.error(f"'{piece}' is no id: up to 64 letters, digits, '-' and '.'")
    return Token(None, piece)


_Reader = Callable[[Asked, str], Value]
_KINDS: dict[str, _Reader] = {
    "token": _token,
    "string": _text,
    "date": moment,
    "reference": _reference,
    "quantity": _quantity,
    "number": _number,
    "uri": _uri,
    "composite": _combined,
}
_READERS: dict[str, _Reader] = {
    "of-type": _of_type,
    "identifier": _token,
    "text": _text,
    "in": _uri,
    "not-in": _uri,
    "id": id_token,
}
