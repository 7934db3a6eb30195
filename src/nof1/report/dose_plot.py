"""Levels on a terminal: median and band, prior, observed levels, doses and the target, in characters."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from nof1.report.dose_words import number, shown_unit, ticks
from nof1.response.document import Dosing

HIGH = 14  # rows of the drawing
_LABEL = 7  # columns before it
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a cell


@dataclass(frozen=True, slots=True)
class Signs:
    """What each thing is drawn with; ``line`` empty: the median in dots of Braille."""

    band: str
    line: str
    prior: str
    zone: str
    level: str
    dose: str
    now: str
    side: str
    corner: str
    floor: str


FINE = Signs("░", "", "·", "╌", "●", "▲", "┊", "│", "└", "─")
PLAIN = Signs(":", "*", ".", "-", "O", "^", "|", "|", "+", "-")


@dataclass(frozen=True, slots=True)
class _Field:
    """The drawing's frame: hours from ``begin`` to ``end``, levels from 0 to ``top``."""

    begin: float
    end: float
    top: float
    wide: int

    def column(self, at: float) -> int:
        """The column of an hour; outside the drawing it is -1."""
        place = (at - self.begin) / (self.end - self.begin) * (self.wide - 1)
        return round(place) if -0.5 <= place <= self.wide - 0.5 else -1

    def row(self, level: float) -> int:
        """The row of a level, 0 on top; outside the drawing it is -1."""
        place = (1 - level / self.top) * HIGH
        return min(int(place), HIGH - 1) if 0 <= place <= HIGH else -1


def can_show(encoding: str | None) -> bool:
    """Whether an encoding has the finer signs.

    >>> can_show("utf-8"), can_show("ascii"), can_show(None)
    (True, False, False)
    """
    try:
        "".join((FINE.band, FINE.level, FINE.dose, FINE.now, FINE.side, chr(_BRAILLE))).encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def plot(found: Dosing, width: int, is_fine: bool = True) -> list[str]:
    """The drawing in lines of at most ``width`` characters; empty where there is no curve."""
    if found.curve is None:
        return []
    signs, field = FINE if is_fine else PLAIN, _field(found, width)
    cells = [[" "] * field.wide for _ in range(HIGH)]
    _zone(cells, field, found, signs)
    _curves(cells, field, found, signs)
    _marks(cells, field, found, signs)
    return [*_framed(cells, field, found, signs), *_axis(field, found, signs), *_key(found, signs, width)]


def _field(found: Dosing, width: int) -> _Field:
    assert found.curve is not None
    begin, end = found.curve.hours[0], found.curve.hours[-1]
    tops = [max(found.curve.afterwards.high), max(found.curve.afterwards.middle) * 1.2]
    tops += [item.value for item in found.levels]
    if found.target and found.target.is_level:
        tops += [end for end in (found.target.low, found.target.high) if end is not None]
    return _Field(begin, end, (max(tops) or 1.0) * 1.05, max(width - _LABEL - 1, 20))


def _zone(cells: list[list[str]], field: _Field, found: Dosing, signs: Signs) -> None:
    aim = found.target
    if aim is None or not aim.is_level or aim.measure == "time_above":
        return
    for level in (aim.low, aim.high):
        row = -1 if level is None else field.row(level)
        if row >= 0:
            cells[row] = [signs.zone] * field.wide


def _curves(cells: list[list[str]], field: _Field, found: Dosing, signs: Signs) -> None:
    """Band and prior as one sign a cell; the median finer, where the terminal can show it."""
    curve = found.curve
    assert curve is not None
    hours = curve.hours
    for column in range(field.wide):
        at = field.begin + (field.end - field.begin) * column / (field.wide - 1)
        low, high = (_at(hours, values, at) for values in (curve.afterwards.low, curve.afterwards.high))
        for row in range(HIGH):
            upper, under = (1 - row / HIGH) * field.top, (1 - (row + 1) / HIGH) * field.top
            if low <= upper and high >= under and cells[row][column] == " ":
                cells[row][column] = signs.band
        prior = field.row(_at(hours, curve.beforehand.middle, at))
        if prior >= 0 and column % 2 == 0 and found.levels:
            cells[prior][column] = signs.prior
        if signs.line and (row := field.row(_at(hours, curve.afterwards.middle, at))) >= 0:
            cells[row][column] = signs.line
    if not signs.line:
        _braille(cells, field, hours, curve.afterwards.middle)


def _braille(cells: list[list[str]], field: _Field, hours: Sequence[float], values: Sequence[float]) -> None:
    """A line in dots, two columns and four rows to a cell; steps between neighbours are joined."""
    dots: dict[tuple[int, int], int] = {}
    last = None
    for place in range(2 * field.wide):
        at = field.begin + (field.end - field.begin) * place / (2 * field.wide - 1)
        row = min(max(int((1 - _at(hours, values, at) / field.top) * HIGH * 4), 0), HIGH * 4 - 1)
        first = row if last is None or last == row else last + (1 if row > last else -1)
        for dot in range(min(first, row), max(first, row) + 1):
            key = (dot // 4, place // 2)
            dots[key] = dots.get(key, 0) | _DOTS[dot % 4][place % 2]
        last = row
    for (row, column), bits in dots.items():
        cells[row][column] = chr(_BRAILLE + bits)


def _at(hours: Sequence[float], values: Sequence[float], at: float) -> float:
    """The value at an hour, between neighbours by a straight line."""
    right = min(max(bisect_left(hours, at), 1), len(hours) - 1)
    share = (at - hours[right - 1]) / (hours[right] - hours[right - 1])
    return values[right - 1] + (values[right] - values[right - 1]) * min(max(share, 0.0), 1.0)


def _marks(cells: list[list[str]], field: _Field, found: Dosing, signs: Signs) -> None:
    now = field.column(found.now)
    if now >= 0:
        for row in cells:
            row[now] = signs.now if row[now] in (" ", signs.band, signs.zone) else row[now]
    for item in found.levels:
        column, high = field.column(item.time), field.row(item.value)
        if column >= 0 and high >= 0:
            cells[high][column] = signs.level


def _framed(cells: list[list[str]], field: _Field, found: Dosing, signs: Signs) -> list[str]:
    labels = {0: f"{number(field.top)}", HIGH // 2: number(field.top / 2)}
    lines = [f"{labels.get(place, ''):>{_LABEL}}{signs.side}{''.join(row)}".rstrip() for place, row in enumerate(cells)]
    unit = shown_unit(found.level_unit)
    return [f"{(unit if signs is FINE else found.level_unit):>{_LABEL}}", *lines]


def _axis(field: _Field, found: Dosing, signs: Signs) -> list[str]:
    """The floor with the doses that were given on it, and marks of time below."""
    floor = [signs.floor] * field.wide
    for item in found.doses:
        if (place := field.column(item.hours)) >= 0:
            floor[place] = signs.dose
    text = [" "] * field.wide
    for tick in ticks(found, field.begin, field.end, max(field.wide // 12, 2)):
        place = min(field.column(tick.hours), field.wide - len(tick.text))
        if place >= 0 and not "".join(text[max(place - 1, 0) : place + len(tick.text)]).strip():
            text[place : place + len(tick.text)] = tick.text
    indent = " " * _LABEL
    return [f"{indent}{signs.corner}{''.join(floor)}", f"{indent} {''.join(text)}".rstrip()]


def _key(found: Dosing, signs: Signs, width: int) -> list[str]:
    assert found.curve is not None
    line = "line" if not signs.line else signs.line
    told = [f"{line} median", f"{signs.band} 90 % of what is possible"]
    told += [f"{signs.prior} median before the levels", f"{signs.level} level"] if found.levels else []
    told += [f"{signs.dose} dose"] if found.doses else []
    told += [f"{signs.now} now"]
    if found.target and found.target.is_level and found.target.measure != "time_above":
        told.append(f"{signs.zone} target")
    lines = [""]
    for item in told:
        joined = f"{lines[-1]}   {item}" if lines[-1] else item
        if len(joined) + _LABEL + 1 <= width:
            lines[-1] = joined
        else:
            lines.append(item)
    return [f"{' ' * (_LABEL + 1)}{text}" for text in lines]
