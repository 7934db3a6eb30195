"""Doses with their chances as a table: bars of probability, exposures on one scale with the target."""

from __future__ import annotations

import math
from collections.abc import Sequence

from nof1.report import dose_words as words
from nof1.report.markup import Html, tag, together
from nof1.report.tables import Group, folding
from nof1.response.document import Aimed, Dosing
from nof1.response.search import Option

_WIDE, _HIGH, _EDGE = 200, 16, 5
Ends = tuple[float, float]


def options_table(found: Dosing) -> Html:
    """The doses that exist, best first, and the present one above them; empty where none was priced."""
    if found.target is None or not (found.options or found.present):
        return Html("")
    listed = [*([found.present] if found.present else []), *found.options]
    ends = scale(listed, found.target)
    groups = []
    if found.present:
        groups.append(_group(found.present, found, ends, "as given now"))
    groups += [_group(item, found, ends) for item in found.options]
    caption = f"Probabilities at steady state; {words.MEASURES[found.target.measure]} as median and 90 % interval"
    unit = words.shown_unit(found.level_unit)
    levels = f"Trough and peak, {unit}" if unit else "Trough and peak"
    measure = found.target.measure
    heads = ("Dose", "Chances", words.MEASURES[measure].capitalize(), words.first_look(measure).capitalize(), levels)
    return folding(caption, heads, groups, "doses")


def _group(item: Option, found: Dosing, ends: Ends, before: str = "") -> Group:
    assert found.target is not None
    written = words.regimen(item.regimen, found.dose_unit)
    name = together([tag("p", before, class_="quiet"), written]) if before else written
    drafted = found.draft is not None and item == found.draft and not before
    shown = together([name, tag("p", "drafted", class_="drafted")]) if drafted else name
    cells = (
        together([chance_bar(item), tag("p", chances(item, found.target))]),
        together([exposure_bar(item, found.target, ends), tag("p", words.exposure(item.exposure, found.target))]),
        _first(item, found.target),
        _levels(item),
    )
    return Group(shown, [cells], "present" if before else "")


def chances(item: Option, aim: Aimed) -> Html:
    """The probabilities in figures."""
    harm = (" · toxic ", tag("b", words.percent(item.toxic))) if aim.toxic is not None else ()
    return together(
        [
            *("in the target ", tag("b", words.percent(item.in_target))),
            f" · below {words.percent(item.below)} · above {words.percent(item.above)}",
            *harm,
        ]
    )


def _first(item: Option, aim: Aimed) -> Html:
    told = [tag("p", f"in the target {words.percent(item.first_in_target)}")]
    if aim.toxic is not None:
        told.append(tag("p", f"toxic {words.percent(item.first_toxic)}"))
    if item.time_in_range is not None:
        told.append(tag("p", f"weeks ahead in the target {words.percent(item.time_in_range)}"))
    return together(told)


def _levels(item: Option) -> Html:
    return together(
        [
            tag("p", f"trough {words.between(item.trough)}"),
            tag("p", f"peak {words.between(item.peak)}"),
        ]
    )


def chance_bar(item: Option) -> Html:
    """Below, in and above the target as one bar; the figures stand beside it."""
    low, inside = _WIDE * item.below, _WIDE * item.in_target
    parts = (("below", 0.0, low), ("inside", low, inside), ("over", low + inside, _WIDE - low - inside))
    drawn = "".join(
        f'<path class="{kind}" d="M{start:.1f} 1h{size:.1f}v12h-{size:.1f}z"/>' for kind, start, size in parts if size > 0.2
    )
    return Html(f'<svg class="chance" viewBox="-1 0 {_WIDE + 2} 14" aria-hidden="true">{drawn}</svg>')


def chance_legend(found: Dosing) -> Html:
    """What the parts of the bars mean."""
    kinds = (("below", "below the target"), ("inside", "in it"), ("over", "above it"))
    frame = '<svg class="key-drawing chance-key" viewBox="0 0 34 14" aria-hidden="true">'
    items = [f'<li>{frame}<path class="{kind}" d="M1 1h32v12h-32z"/></svg>{text}</li>' for kind, text in kinds]
    zone = '<svg class="key-drawing" viewBox="0 0 34 14" aria-hidden="true"><path class="zone" d="M0 0h34v14H0z"/></svg>'
    shown = "".join(items) + f"<li>{zone}the target, behind the exposure</li>"
    return Html(f'<ul class="legend" aria-label="Parts of the bars">{shown}</ul>') if found.options else Html("")


def scale(items: Sequence[Option], aim: Aimed) -> Ends:
    """The ends of a scale that doubles, on which all exposures and the target lie."""
    values = [end for item in items for end in (item.exposure.low, item.exposure.high)]
    values += [end for end in (aim.low, aim.high, aim.toxic) if end is not None]
    above = [value for value in values if value > 0] or [1.0]
    return max(min(above), max(above) / 1e3) / 1.1, max(above) * 1.1


def exposure_bar(item: Option, aim: Aimed, ends: Ends) -> Html:
    """The exposure's interval with the target behind it."""
    low, middle, high = (_at(value, ends) for value in (item.exposure.low, item.exposure.middle, item.exposure.high))
    left = _at(aim.low, ends) if aim.low is not None else 0.0
    right = _at(aim.high, ends) if aim.high is not None else float(_WIDE)
    return Html(
        f'<svg class="exposure" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
        f'<path class="zone" d="M{left} 0H{right}V{_HIGH}H{left}z"/>'
        f'<path class="span" d="M{low} 4v8M{high} 4v8M{low} 8H{high}"/><circle cx="{middle}" cy="8" r="3.4"/></svg>'
    )


def _at(value: float, ends: Ends) -> float:
    low, high = (math.log2(end) for end in ends)
    share = (math.log2(max(value, ends[0])) - low) / (high - low) if high > low else 0.5
    return round(_EDGE + min(max(share, 0.0), 1.0) * (_WIDE - 2 * _EDGE), 1)


def loading_table(found: Dosing) -> Html:
    """First doses of another size, for somebody who has had none."""
    if not found.loading or found.target is None:
        return Html("")
    heads = ("First dose", "Exposure on the first day", "In the target", "Toxic")
    groups = [
        Group(
            words.dose(item.regimen, found.dose_unit),
            [
                (
                    words.exposure(item.first, found.target),
                    words.percent(item.first_in_target),
                    words.percent(item.first_toxic),
                )
            ],
        )
        for item in found.loading
    ]
    return folding("A first dose of another size, before the first of the doses above goes on", heads, groups, "loading")
