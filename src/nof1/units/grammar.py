"""UCUM text -> Unit, by the grammar of UCUM; every other text is refused with its place and what may have been meant."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from nof1.errors import UnitError
from nof1.units.near import nearest, power_of_ten
from nof1.units.tables import Atom, atoms, prefixes
from nof1.units.unit import Part, Unit, product

LONGEST = 200
DEEPEST = 16
HIGHEST_POWER = 99

_SIMPLE = re.compile(r"""(?:\[[^\[\]\s]*\]|[^\s.+\-/=()\[\]{}"])+""")  # an atom with its prefix and an unsigned exponent
_SIGNED = re.compile(r"[+-]\d+")
_EXPONENT = re.compile(r"(?P<symbol>.*?\D)(?P<exponent>\d+)", re.DOTALL)
_NOTE = re.compile(r"\{(?P<note>[!-z|~]*)\}")
_FACTOR_AND_UNIT = re.compile(r"(?P<factor>\d+)(?P<unit>[A-Za-z].*)")


def parse(text: str) -> Unit:
    """The unit that ``text`` writes in case-sensitive UCUM.

    Raises ``UnitError`` for every text that UCUM does not have.

    >>> parse("mg/dL").dimension
    (('g', 1), ('m', -3))
    """
    read = _read(text)
    if isinstance(read, str):
        raise UnitError(read)
    return read


def is_valid(text: str) -> bool:
    """Whether ``text`` is case-sensitive UCUM.

    >>> is_valid("umol/L"), is_valid("mcg/L")
    (True, False)
    """
    return not isinstance(_read(text), str)


@lru_cache(maxsize=8192)
def _read(text: str) -> Unit | str:
    """The unit, or the line that says why there is none (kept, so that a bad text is looked at once)."""
    try:
        return _Reader(text).unit()
    except UnitError as error:
        return str(error)


@dataclass(slots=True)
class _Reader:
    """The text, how far it is read, and what was read."""

    text: str
    at: int = 0
    parts: list[Part] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def unit(self) -> Unit:
        """All of the text as one unit."""
        if not self.text:
            raise UnitError("unit: no text; a plain number has the unit '1'")
        if len(self.text) > LONGEST:
            raise UnitError(f"unit {_short(self.text)}: longer than {LONGEST} characters; shorten it")
        self._only_ascii()
        sign = -1 if self._skip("/") else 1
        self._term(sign, 1, 0)
        if self.at < len(self.text):
            raise self._unexpected()
        self._scale_stands_alone()
        return product(self.text, self.parts, tuple(self.notes))

    def _term(self, first: int, sign: int, depth: int) -> None:
        """Components joined by ``.`` and ``/``, from left to right: each solidus turns over what follows it alone."""
        self._component(first * sign, depth)
        while (following := self.text[self.at : self.at + 1]) in (".", "/") and following:
            self.at += 1
            self._component(-sign if following == "/" else sign, depth)

    def _component(self, sign: int, depth: int) -> None:
        start = self.at
        if self._skip("("):
            if depth == DEEPEST:
                raise self._wrong(start, "parentheses are nested too deeply; write it flat")
            self._term(1, sign, depth + 1)
            if not self._skip(")"):
                raise self._wrong(start, "this parenthesis is not closed; add ')'") if self._at_end() else self._unexpected()
            self._note()
        elif found := _SIMPLE.match(self.text, self.at):
            self._simple(found[0], sign)
            self._note()
        elif not self._note():
            raise self._unexpected()

    def _simple(self, run: str, sign: int) -> None:
        """A whole number, or an atom with its prefix and exponent."""
        start, self.at = self.at, self.at + len(run)
        if run.isdigit():
            if not int(run):
                raise self._wrong(start, "a unit cannot be zero times something")
            self.parts.append(Part(None, Fraction(int(run)), sign, start))
            return
        signed = _SIGNED.match(self.text, self.at)
        unsigned = None if signed else _EXPONENT.fullmatch(run)
        symbol, written = (unsigned["symbol"], unsigned["exponent"]) if unsigned else (run, signed[0] if signed else "1")
        self.at += len(signed[0]) if signed else 0
        prefix, atom = self._atom(run, symbol, start)
        if len(written) > 4 or abs(int(written)) > HIGHEST_POWER:
            raise self._wrong(start, f"exponents go up to {HIGHEST_POWER}")
        self.parts.append(Part(atom, prefix, sign * int(written), start))

    def _atom(self, run: str, symbol: str, start: int) -> tuple[Fraction, Atom]:
        """The prefix's factor and the atom of a symbol; the longest prefix that leaves a unit which takes one."""
        known = atoms()
        for prefix, factor in prefixes().items():
            if symbol.startswith(prefix) and (atom := known.get(symbol[len(prefix) :])) and atom.takes_prefix:
                return factor, atom
        if symbol in known:
            return Fraction(1), known[symbol]
        raise self._wrong(start, f"'{run}' is no UCUM code; {_hint(run, symbol)}")

    def _note(self) -> bool:
        """Reads an annotation where one stands."""
        if self.text[self.at : self.at + 1] != "{":
            return False
        found = _NOTE.match(self.text, self.at)
        if found is None:
            raise self._wrong(self.at, "this brace is not closed, or holds another brace; write {text}")
        self.at = found.end()
        self.notes.append(found["note"])
        return True

    def _scale_stands_alone(self) -> None:
        """A unit on a non-ratio scale has no powers and no company but numbers."""
        scaled = [part for part in self.parts if part.atom and part.atom.scale]
        if not scaled:
            return
        others = [part for part in self.parts if part is not scaled[0]]
        if scaled[0].power != 1 or not all(part.is_number for part in others):
            code = scaled[0].atom.code if scaled[0].atom else ""
            way_out = "write the unit of its differences, for a temperature K"
            raise self._wrong(scaled[0].at, f"'{code}' is on a scale without multiplication and stands alone; {way_out}")

    def _only_ascii(self) -> None:
        for place, character in enumerate(self.text):
            if not "!" <= character <= "~":
                way_out = "leave it out" if character.isspace() else "write it in ASCII ('u' for micro, 'Cel', 'deg')"
                raise self._wrong(place, f"'{character}' cannot stand in UCUM; {way_out}")

    def _skip(self, character: str) -> bool:
        if self.text[self.at : self.at + 1] != character:
            return False
        self.at += 1
        return True

    def _at_end(self) -> bool:
        return self.at == len(self.text)

    def _unexpected(self) -> UnitError:
        if self._at_end():
            return self._wrong(self.at, "the text ends where a unit is expected; add it, or take away the last sign")
        following = self.text[self.at]
        if following == "[":
            return self._wrong(self.at, "this bracket is not closed, or holds another bracket; write [code]")
        if self.at and self.text[self.at - 1] not in "./(":
            return self._wrong(self.at, f"'{following}' cannot follow here; join units with '.' or '/'")
        return self._wrong(self.at, f"a unit is expected, not '{following}'")

    def _wrong(self, at: int, said: str) -> UnitError:
        return UnitError(f"unit {_short(self.text)}, position {at + 1}: {said}")


def _hint(run: str, symbol: str) -> str:
    apart = _FACTOR_AND_UNIT.fullmatch(run)
    if near := power_of_ten(run):
        return f"did you mean '{near}'?"
    if apart and (unit := apart["unit"] if apart["unit"] in atoms() else nearest(apart["unit"])):
        return f"a number is set apart: did you mean '({apart['factor']}.{unit})'?"
    if near := nearest(symbol):
        return f"did you mean '{near}'?"
    return "write a case-sensitive UCUM code, or braces around what is no unit"


def _short(text: str) -> str:
    return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}...'"
