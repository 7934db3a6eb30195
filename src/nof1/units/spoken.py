"""Units as records write them: everyday spellings -> UCUM, and what a wrong unit may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from functools import cache, lru_cache

from nof1.errors import UnitError
from nof1.units.compare import are_comparable
from nof1.units.grammar import is_valid, parse
from nof1.units.near import power_of_ten
from nof1.units.tables import kinds, spellings

_SIGNS = str.maketrans(
    {"\u00b5": "u", "\u03bc": "u", "\u00b2": "2", "\u00b3": "3", "\u00b7": ".", "\u00d7": "x", "\u2044": "/"}
)
_POWER_SIGN = re.compile(r"(?<=[A-Za-z])\^(?=-?\d)")
_NUMBER_OF = re.compile(r"(?P<number>[1-9]\d{0,3}) ?(?P<unit>[A-Za-z]+)")
_ALIKE = 0.6


def tolerant(text: str) -> tuple[str, bool]:
    """The UCUM that a record's spelling means, and whether it differs from ``text``.

    What is UCUM stays as it is, but for a few spellings that no record means so (``K/uL`` is not kelvin). Raises
    ``UnitError`` where the meaning is not known for sure (``Mg/dL``: milligrams or megagrams?).

    >>> tolerant("mcg/dl"), tolerant("x10E3/uL"), tolerant("mmol/L")
    (('ug/dl', True), ('10*3/uL', True), ('mmol/L', False))
    """
    ucum = _meant(text)
    if not ucum:
        parse(text)
        raise UnitError(f"unit '{text}': records write this for two units a million or more apart; write which one is meant")
    return ucum, ucum != text


def suggest(text: str, like: str) -> str:
    """A UCUM unit comparable with ``like`` that ``text`` may have meant, or empty text.

    For messages only: nothing is converted by it. Raises ``UnitError`` when ``like`` is not UCUM.

    >>> suggest("umol", "mmol/L"), suggest("MG/L", "g/L")
    ('umol/L', 'mg/l')
    """
    parse(like)
    return next(
        (unit for unit in _candidates(text, like) if unit and _meant(unit) == unit and are_comparable(unit, like)), ""
    )


@lru_cache(maxsize=8192)
def _meant(text: str) -> str:
    """The UCUM of a spelling, or empty text."""
    plain = " ".join(_POWER_SIGN.sub("", text.translate(_SIGNS)).split())
    row = spellings("whole").get(plain)
    if row and (row.wins or not is_valid(plain)):
        return row.ucum
    if any(row.wins and not row.ucum for part in plain.split("/") if (row := spellings("part").get(part.strip()))):
        return ""
    if is_valid(plain):
        return plain
    return next((unit for unit in _readings(plain) if unit and is_valid(unit)), "")


def _readings(text: str) -> Iterator[str]:
    """What a text that is not UCUM may mean, the surest first; nothing where capitals leave two readings."""
    exact, folded = _in_parts(text, fold=False), _folded("whole").get(text.lower(), "")
    lower = text.lower() if is_valid(text.lower()) else _in_parts(text.lower(), fold=True)
    yield folded
    if text != text.upper() or not lower:
        yield exact
        yield _in_parts(text, fold=True)
    elif not exact or _same(exact, lower):
        yield exact or lower


def _same(a: str, b: str) -> bool:
    return is_valid(a) and is_valid(b) and are_comparable(a, b) and parse(a).factor == parse(b).factor


def _in_parts(text: str, fold: bool) -> str:
    """Every part between solidi put into UCUM; empty text where one is not known."""
    parts = [_part(part.strip(), fold) if part.strip() else "" for part in text.split("/")]
    known = all(parts[1:]) and (parts[0] or text.startswith("/"))
    return "/".join(parts) if known else ""


def _part(text: str, fold: bool) -> str:
    row = spellings("part").get(text)
    if row and (row.wins or not is_valid(text)):
        return row.ucum
    if is_valid(text):
        return text
    if power := power_of_ten(text.replace(" ", "")):
        return power
    if found := _NUMBER_OF.fullmatch(text):
        unit = _part(found["unit"], fold)
        return f"({found['number']}.{unit})" if unit else ""
    return _folded("part").get(text.lower(), "") if fold else ""


@cache
def _folded(place: str) -> dict[str, str]:
    return {text.lower(): row.ucum for text, row in spellings(place).items()}


def _candidates(text: str, like: str) -> Iterator[str]:
    meant = _meant(text)
    yield meant
    meant = meant or text
    below = like[like.index("/") :] if "/" in like else ""
    for unit in (meant, meant.lower(), text.lower(), _in_parts(text.lower(), fold=True)):
        yield unit
        for volume in dict.fromkeys([*_usual_volumes(below)]):
            yield f"{unit}{volume}"
    yield from get_close_matches(text, _usual(), n=5, cutoff=_ALIKE)


def _usual_volumes(below: str) -> Iterator[str]:
    """What may be missing below the line: that of the expected unit, litres first as they are the more usual."""
    if below and are_comparable(below, "/L"):
        yield "/L"
    if below:
        yield below


@cache
def _usual() -> tuple[str, ...]:
    rows = [row.ucum for place in ("whole", "part") for row in spellings(place).values()]
    return tuple(dict.fromkeys([*rows, *(example for _, example in kinds())]))
