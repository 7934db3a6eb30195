"""Shapes with their word beside them: an action, how severe an interaction is, the bin of a comparison, an interval."""

from __future__ import annotations

from collections.abc import Sequence
from math import log2

from nof1.model.findings import Action
from nof1.report.drawing import sign
from nof1.report.markup import Html, tag
from nof1.report.reading import SEVERITIES, severity
from nof1.report.words import TITLES

BINS = {
    "contraindicated": Action.CONTRAINDICATED,
    "avoid": Action.AVOID,
    "caution or dose change": Action.CAUTION,
    "usual": Action.USE,
    "no data": Action.NO_RECOMMENDATION,
}
_WIDE, _HIGH, _MARGIN = 220, 18, 6  # of an interval bar, in drawing units


def headline(action: Action, word: str = "") -> Html:
    """An action as a title (or another ``word`` for it) with its sign."""
    return tag("span", sign(action), word or TITLES[action], class_=f"act a-{action.value}")


def acts(actions: Sequence[Action]) -> Html:
    """Actions side by side."""
    return Html(" ".join(headline(action) for action in actions))


def severe(word: str) -> Html:
    """The severity as a word beside four blocks, filled up to it."""
    level = max(len(SEVERITIES) - severity(word), 0)
    blocks = "".join(
        f'<path d="M{2 + 6 * place} {11 - 3 * place}h4v{4 + 3 * place}h-4z" {_FULL if place < level else _EMPTY}/>'
        for place in range(len(SEVERITIES))
    )
    drawn = Html(f'<svg class="level" viewBox="0 0 26 16" aria-hidden="true">{blocks}</svg>')
    return tag("span", drawn, word, class_=f"severe v-{level}")


_FULL, _EMPTY = 'fill="currentColor"', 'fill="none" stroke="currentColor" stroke-width=".8"'


def binned(name: str) -> Html:
    """The bin of a comparison with its sign."""
    action = BINS.get(name, Action.NO_RECOMMENDATION)
    return tag("span", sign(action), name, class_=f"act a-{action.value}")


def interval(low: float, middle: float, high: float, ends: tuple[float, float]) -> Html:
    """An interval as a bar with a dot on a scale that doubles, from ``ends``; an upright line stands at 1."""
    low_at, mid_at, high_at, one_at = (_at(value, ends) for value in (low, middle, high, 1.0))
    return Html(
        f'<svg class="interval" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
        f'<path class="scale" d="M0 {_HIGH - 2}h{_WIDE}M{one_at} 1v{_HIGH - 3}"/>'
        f'<path class="span" d="M{low_at} 4v8M{high_at} 4v8M{low_at} 8H{high_at}"/>'
        f'<circle cx="{mid_at}" cy="8" r="3.6"/></svg>'
    )


def zoned(found: tuple[float, float, float], low: float | None, high: float | None) -> Html:
    """An interval as a bar with a dot on a scale that doubles, over the zone from ``low`` to ``high`` (open: the edge)."""
    known = [value for value in (*found, low, high) if value is not None and value > 0]
    ends = (min(known) / 1.5, max(known) * 1.5) if known else (0.5, 2.0)
    low_at, mid_at, high_at = (_at(value, ends) for value in found)
    begin = 0.0 if low is None else _at(low, ends)
    width = round((_WIDE if high is None else _at(high, ends)) - begin, 1)
    return Html(
        f'<svg class="interval" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
        f'<rect class="zone" x="{begin}" y="1" width="{width}" height="{_HIGH - 3}"/>'
        f'<path class="scale" d="M0 {_HIGH - 2}h{_WIDE}"/>'
        f'<path class="span" d="M{low_at} 4v8M{high_at} 4v8M{low_at} 8H{high_at}"/>'
        f'<circle cx="{mid_at}" cy="8" r="3.6"/></svg>'
    )


def _at(value: float, ends: tuple[float, float]) -> float:
    low, high = (log2(max(end, 1e-3)) for end in ends)
    share = (log2(max(value, 1e-3)) - low) / (high - low) if high > low else 0.5
    return round(_MARGIN + min(max(share, 0.0), 1.0) * (_WIDE - 2 * _MARGIN), 1)
