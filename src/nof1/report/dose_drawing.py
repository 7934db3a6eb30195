"""Levels over time as a drawing: curves with bands before and after the levels were known, levels, doses, the target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nof1.report.dose_words import curve_words, hours, number, observed, shown_unit, target_range, ticks
from nof1.report.markup import Html, clean, escape, tag
from nof1.response.described import LevelFit
from nof1.response.document import Band, Dosing

_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 22, 40
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """A drawing of ``wide`` by ``high`` units for hours ``begin`` to ``end`` and levels from 0 to ``top``."""

    wide: int
    high: int
    begin: float
    end: float
    top: float

    def x(self, at: float) -> float:
        """The place of an hour."""
        share = (at - self.begin) / (self.end - self.begin)
        return round(_LEFT + share * (self.wide - _LEFT - _RIGHT), 1)

    def y(self, level: float) -> float:
        """The place of a level, the highest at the top; higher ones stay inside."""
        share = min(max(level / self.top, 0.0), 1.0)
        return round(self.high - _BOTTOM - share * (self.high - _TOP - _BOTTOM), 1)


def course_drawing(found: Dosing, wide: int, high: int, kind: str) -> Html:
    """The drawing in a size of its own; ``kind`` tells it from the same in another size. Empty without a curve."""
    if found.curve is None:
        return Html("")
    frame = _frame(found, wide, high)
    name = f"course-{kind}"
    parts = [
        tag("title", f"{found.drug}: levels over time", id=f"{name}-title"),
        tag("desc", _described(found), id=f"{name}-desc"),
        *_ground(frame, found),
        *_curves(frame, found),
        *_axes(frame, found),
        *[_level(frame, item, found) for item in found.levels],
    ]
    return Html(
        f'<svg class="course-drawing {kind}" role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="0 0 {wide} {high}">{"".join(parts)}</svg>'
    )


def _frame(found: Dosing, wide: int, high: int) -> Frame:
    assert found.curve is not None
    tops = [*found.curve.afterwards.high, *(item.value for item in found.levels)]
    tops += [1.15 * value for value in found.curve.beforehand.middle]
    if _has_zone(found):
        assert found.target is not None
        tops += [end for end in (found.target.low, found.target.high) if end is not None]
    return Frame(wide, high, found.curve.hours[0], found.curve.hours[-1], (max(tops) or 1.0) * 1.06)


def _has_zone(found: Dosing) -> bool:
    return found.target is not None and found.target.is_level and found.target.measure != "time_above"


def _described(found: Dosing) -> str:
    """The drawing in words."""
    assert found.curve is not None
    levels = "; ".join(
        f"{observed(item, found.level_unit)} at {hours(found, item.time)}, predicted {number(item.afterwards.middle)}"
        for item in found.levels
    )
    zone = f" The target is {target_range(found.target)}." if _has_zone(found) and found.target else ""
    highest = number(max(found.curve.afterwards.middle))
    return (
        f"By {curve_words(found)}. Median of at most {highest} {shown_unit(found.level_unit)} with a band that holds 90 %."
        f"{f' Levels: {levels}.' if levels else ''} {len(found.doses)} doses given.{zone}"
    )


def _ground(frame: Frame, found: Dosing) -> list[str]:
    """What lies under the curves: the time after now, the target."""
    now, floor = frame.x(found.now), frame.high - _BOTTOM
    parts = [f'<path class="ahead" d="M{now} {_TOP}H{frame.wide - _RIGHT}V{floor}H{now}z"/>']
    if _has_zone(found) and found.target:
        low = frame.y(found.target.low or 0.0)
        high = frame.y(frame.top if found.target.high is None else found.target.high)
        parts.append(f'<path class="zone" d="M{_LEFT} {high}H{frame.wide - _RIGHT}V{low}H{_LEFT}z"/>')
    return parts


def _curves(frame: Frame, found: Dosing) -> list[str]:
    curve = found.curve
    assert curve is not None
    mine = [
        f'<path class="mine-band" d="{_band(frame, curve.hours, curve.afterwards)}"/>',
        f'<path class="mine-line" d="{_line(frame, curve.hours, curve.afterwards.middle)}"/>',
    ]
    if not found.levels:
        return mine
    return [
        f'<path class="prior-band" d="{_band(frame, curve.hours, curve.beforehand)}"/>',
        mine[0],
        f'<path class="prior-line" d="{_line(frame, curve.hours, curve.beforehand.middle)}"/>',
        mine[1],
    ]


def _line(frame: Frame, times: Sequence[float], values: Sequence[float]) -> str:
    return "M" + "L".join(f"{frame.x(at)} {frame.y(value)}" for at, value in zip(times, values, strict=True))


def _band(frame: Frame, times: Sequence[float], band: Band) -> str:
    back = "L".join(f"{frame.x(at)} {frame.y(value)}" for at, value in zip(reversed(times), reversed(band.low), strict=True))
    return f"{_line(frame, times, band.high)}L{back}z"


def _axes(frame: Frame, found: Dosing) -> list[str]:
    floor, right = frame.high - _BOTTOM, frame.wide - _RIGHT
    parts = [f'<path class="axis" d="M{_LEFT} {_TOP}V{floor}H{right}"/>']
    parts.append(f'<text class="unit" x="{_LEFT}" y="{_TOP - 8}">{escape(shown_unit(found.level_unit))}</text>')
    for level in level_ticks(frame.top):
        at = frame.y(level)
        parts.append(f'<path class="grid" d="M{_LEFT} {at}H{right}"/>')
        parts.append(f'<text class="y" x="{_LEFT - 6}" y="{at + 4}">{level:g}</text>')
    for tick in ticks(found, frame.begin, frame.end, max(frame.wide // 80, 3)):
        at = frame.x(tick.hours)
        parts.append(f'<path class="axis" d="M{at} {floor}v5"/>')
        parts.append(f'<text class="x" x="{at}" y="{floor + 20}">{escape(tick.text)}</text>')
    return [*parts, *_doses(frame, found, floor), *_now(frame, found, floor)]


def _doses(frame: Frame, found: Dosing, floor: int) -> list[str]:
    """A mark on the axis for each dose in the drawing."""
    shown = [item for item in found.doses if frame.begin <= item.hours <= frame.end]
    if not shown:
        return []
    marks = "".join(f"M{frame.x(item.hours)} {floor}v-9" for item in shown)
    return [f'<path class="dose-mark" d="{marks}"><title>{len(shown)} doses</title></path>']


def _now(frame: Frame, found: Dosing, floor: int) -> list[str]:
    at = frame.x(found.now)
    line = f'<path class="now-line" d="M{at} {_TOP - 4}V{floor}"/>'
    return [line, f'<text class="now-word" x="{at}" y="{_TOP - 8}">now</text>']


def _level(frame: Frame, item: LevelFit, found: Dosing) -> str:
    """A level with the interval that the model predicts for it; a triangle points to where the true one lies."""
    if not frame.begin <= item.time <= frame.end:
        return ""
    x, y = frame.x(item.time), frame.y(item.value)
    low, high, wing = frame.y(item.afterwards.low), frame.y(item.afterwards.high), 4
    told = f"{observed(item, found.level_unit)}, {hours(found, item.time)}"
    span = f'<path class="predicted" d="M{x - wing} {low}h{2 * wing}M{x} {low}V{high}M{x - wing} {high}h{2 * wing}"/>'
    shape = {"below": "l5 -8h-10z", "above": "l5 8h-10z"}.get(item.limit)
    mark = f'<path class="seen" d="M{x} {y}{shape}">' if shape else f'<circle class="seen" cx="{x}" cy="{y}" r="4.5">'
    return f"<g>{span}{mark}<title>{escape(clean(told))}</title></{'path' if shape else 'circle'}></g>"


def level_ticks(top: float) -> list[float]:
    """Round levels from 0 to ``top``, four to six of them.

    >>> level_ticks(53.4), level_ticks(0.9)
    ([0.0, 10.0, 20.0, 30.0, 40.0, 50.0], [0.0, 0.2, 0.4, 0.6, 0.8])
    """
    size = 10 ** math.floor(math.log10(top / 5))
    step = next(item * size for item in _STEPS if top / (item * size) <= 6)
    return [float(f"{n * step:.6g}") for n in range(int(top / step) + 1)]


def legend(found: Dosing) -> Html:
    """What the shapes mean."""
    shown = [
        ("mine-key", "median, and what holds 90 %, with the levels" if found.levels else "median, and what holds 90 %"),
        *([("prior-key", "the same before the levels were known")] if found.levels else []),
        *([("seen-key", "measured level, with the interval predicted for it")] if found.levels else []),
        *([("dose-key", "dose given")] if found.doses else []),
        *([("zone-key", "target")] if _has_zone(found) else []),
    ]
    frame = '<svg class="key-drawing" viewBox="0 0 34 16" aria-hidden="true">'
    items = [f"<li>{frame}{_KEYS[kind]}</svg>{escape(text)}</li>" for kind, text in shown]
    return Html(f'<ul class="legend" aria-label="Shapes in the drawing">{"".join(items)}</ul>')


_KEYS = {
    "mine-key": '<path class="mine-band" d="M0 2h34v12H0z"/><path class="mine-line" d="M0 8h34"/>',
    "prior-key": '<path class="prior-band" d="M0 2h34v12H0z"/><path class="prior-line" d="M0 8h34"/>',
    "seen-key": '<path class="predicted" d="M13 2h8M17 2v12M13 14h8"/><circle class="seen" cx="17" cy="8" r="4"/>',
    "dose-key": '<path class="axis" d="M0 14h34"/><path class="dose-mark" d="M10 14v-9M24 14v-9"/>',
    "zone-key": '<path class="zone" d="M0 2h34v12H0z"/>',
}
