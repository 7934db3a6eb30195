"""The nearest thing that a piece of text may have meant, from the tables alone."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache

from nof1.units.tables import atoms, prefixes, spellings

_ALIKE = 0.75
_POWER_OF_TEN = re.compile(r"[xX]?10\.?(?:[eE*^xX]|\*\*)\+?0*(?P<exponent>[1-9]\d?)")


def nearest(symbol: str) -> str:
    """A UCUM code that ``symbol`` may have meant, or empty text: an everyday spelling, another case, a slip."""
    spelled = spellings("part")
    for text in (symbol, symbol.lower()):
        if text in spelled:
            return spelled[text].ucum
    codes = _codes()
    folded = codes.get(symbol.lower()) or codes.get(f"[{symbol.lower()}]")
    if folded:
        return folded
    alike = get_close_matches(symbol.lower(), codes, n=1, cutoff=_ALIKE)
    return codes[alike[0]] if alike else ""


def power_of_ten(text: str) -> str:
    """The UCUM text of a power of ten as laboratories write it (10E3, x10^3, 10.e3), or empty text."""
    found = _POWER_OF_TEN.fullmatch(text)
    return f"10*{found['exponent']}" if found else ""


@cache
def _codes() -> dict[str, str]:
    """Every code, and prefixed units that records use, by their text in lower case; the more usual where two meet."""
    usual = [row.ucum for place in ("part", "whole") for row in spellings(place).values()]
    parts = [part for text in usual for part in text.split("/") if part]
    prefixed = [f"{prefix}{code}" for code in ("g", "L", "mol", "m", "s") for prefix in prefixes() if prefix in "kdcmunpf"]
    return {code.lower(): code for code in (*reversed([*atoms()]), *prefixed, *parts)}
