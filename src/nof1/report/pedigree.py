"""A pedigree as a drawing with the standard symbols, and the same in words for those who cannot see it.

Square: male; circle: female; diamond: sex not known. Filled: affected (a part of the symbol for each condition). A slash:
dead. A question mark: nothing is recorded. An arrow: the person. A double line: a couple of one blood.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nof1.model.pedigree import Illness, Pedigree, Person
from nof1.report.markup import Html, clean, escape, tag, together
from nof1.report.pedigree_layout import SIZE, Layout, layout
from nof1.risk.kinship import relation

_HALF = SIZE / 2
_COLOURS = ("#1a4f93", "#8f4300", "#5f378f", "#0a5f63")  # each 5 : 1 and more on white, and each in a part of its own
_SHAPES = {
    "male": f"M{-_HALF} {-_HALF}h{SIZE}v{SIZE}h{-SIZE}z",
    "female": f"M{-_HALF} 0a{_HALF} {_HALF} 0 1 0 {SIZE} 0a{_HALF} {_HALF} 0 1 0 {-SIZE} 0z",
    "": f"M0 {-_HALF - 2}L{_HALF + 2} 0L0 {_HALF + 2}L{-_HALF - 2} 0z",
}
_PARTS = {1: ((-1, -1, 2, 2),), 2: ((-1, -1, 1, 2), (0, -1, 1, 2))}
_QUARTERS = ((-1, -1, 1, 1), (0, -1, 1, 1), (-1, 0, 1, 1), (0, 0, 1, 1))
_LINE, _LETTERS = 11, 14
_SLASH = _HALF + 6
_SYMBOLS = "Square: male. Circle: female. Diamond: sex not recorded. Slash: dead. ?: nothing recorded. Arrow: this person."
_TEXT = 'text-anchor="middle" fill="#1b2430" stroke="#fff" stroke-width="3" paint-order="stroke"'
LARGEST = 4  # conditions with a part of the symbol of their own


def shown(pedigree: Pedigree, titles: Mapping[str, str]) -> dict[str, str]:
    """The conditions that get a colour: those of ``titles`` (term -> title) that most relatives have, four at most."""
    counts = {
        term: sum(any(term in item.terms for item in one.illnesses) for one in pedigree.persons.values()) for term in titles
    }
    found = sorted((term for term in titles if counts[term]), key=lambda term: (-counts[term], list(titles).index(term)))
    return {term: titles[term] for term in found[:LARGEST]}


def drawing(pedigree: Pedigree, conditions: Mapping[str, str], name: str = "pedigree") -> Html:
    """The drawing as SVG; ``conditions``: term -> title of what is filled in; ``name``: begins its ids within the page."""
    found = layout(pedigree)
    parts = [*_lines(pedigree, found)]
    parts += [
        _symbol(pedigree, pedigree.persons[one], found.centres[one], list(conditions), name)
        for row in found.rows
        for one in row
    ]
    clips = "".join(f'<clipPath id="{name}-{sex or "other"}"><path d="{path}"/></clipPath>' for sex, path in _SHAPES.items())
    said = escape(clean(summary(pedigree, conditions)))
    head = f'<title id="{name}-title">Pedigree</title><desc id="{name}-desc">{said}</desc>'
    wide, high = round(found.width), round(found.height)
    return Html(
        f'<svg class="pedigree" role="img" aria-labelledby="{name}-title {name}-desc" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" font-size="10" fill="none" stroke="#1b2430" stroke-width="1.4">'
        f"{head}<defs>{clips}</defs>{''.join(parts)}</svg>"
    )


def section(pedigree: Pedigree, conditions: Mapping[str, str], name: str = "pedigree") -> Html:
    """The drawing with its legend, who could not be placed, and everything in words."""
    keys = [
        tag(
            "li",
            Html(f'<span class="swatch" style="background:{colour}"></span>'),
            f"{_PLACES[len(conditions)][at]}: {title}",
        )
        for at, (title, colour) in enumerate(zip(conditions.values(), _COLOURS, strict=False))
    ]
    people = [tag("li", line) for line in words(pedigree)]
    notes = [tag("li", note) for note in pedigree.notes]
    return together(
        [
            tag(
                "div",
                drawing(pedigree, conditions, name),
                class_="scroll",
                tabindex="0",
                role="region",
                aria_label="Pedigree",
            ),
            tag("ul", *keys, class_="legend") if keys else Html(""),
            tag(
                "p",
                _SYMBOLS,
                class_="quiet",
            ),
            tag("details", tag("summary", "The family in words"), tag("ul", *people)),
            tag("ul", *notes, class_="quiet") if notes else Html(""),
        ]
    )


_PLACES = {
    0: (),
    1: ("filled",),
    2: ("left half", "right half"),
    3: ("upper left", "upper right", "lower left"),
    4: ("upper left", "upper right", "lower left", "lower right"),
}


def summary(pedigree: Pedigree, conditions: Mapping[str, str]) -> str:
    """The drawing in one or two sentences."""
    known = [one for one in pedigree.persons.values() if one.id != pedigree.proband]
    affected = [
        f"{title}: {', '.join(_called(pedigree, one) for one in found)}"
        for term, title in conditions.items()
        if (found := [one for one in pedigree.persons.values() if any(term in item.terms for item in one.illnesses)])
    ]
    return f"{len(known)} relatives. {'. '.join(affected) or 'No relative is recorded with a condition that is shown'}."


def words(pedigree: Pedigree) -> list[str]:
    """Everybody in one line: relationship, sex, age or death, illnesses with their ages."""
    return [clean(_sentence(pedigree, one)) for one in pedigree.persons.values()]


def _sentence(pedigree: Pedigree, one: Person) -> str:
    parts = [_called(pedigree, one)]
    if one.name and one.name != parts[0]:
        parts[0] += f" ({one.name})"
    if one.sex and one.sex not in ("", None):
        parts.append(one.sex)
    parts += [_alive(one)] if _alive(one) else []
    ill = "; ".join(_illness(item) for item in one.illnesses)
    silent = "nothing recorded" if one.told == "nothing" else "no illness recorded"
    placed = " (not in the drawing: the side of the family is not recorded)" if one.stated else ""
    return f"{', '.join(parts)}: {ill or silent}{placed}"


def _called(pedigree: Pedigree, one: Person) -> str:
    return "this person" if one.id == pedigree.proband else relation(pedigree, one.id) or one.name or one.id


def _alive(one: Person) -> str:
    if one.is_dead:
        return f"died at {one.age:.0f}" if one.age is not None else "dead"
    return f"{one.age:.0f} years" if one.age is not None else ""


def _illness(item: Illness) -> str:
    if item.onset is None:
        return item.text + (f" ({item.at})" if item.at else "")
    low, high = item.onset
    return f"{item.text} at {low:.0f}" if high - low < 1 else f"{item.text} between {low:.0f} and {high:.0f}"


def _symbol(pedigree: Pedigree, one: Person, centre: tuple[float, float], terms: Sequence[str], name: str) -> str:
    shape = _SHAPES.get(one.sex, _SHAPES[""])
    own = {term for item in one.illnesses for term in item.terms}
    fills = [
        f'<rect x="{a * SIZE}" y="{b * SIZE}" width="{c * SIZE}" height="{d * SIZE}" fill="{_COLOURS[at]}" stroke="none" '
        f'clip-path="url(#{name}-{one.sex or "other"})"/>'
        for at, (term, (a, b, c, d)) in enumerate(zip(terms, _PARTS.get(len(terms), _QUARTERS), strict=False))
        if term in own
    ]
    inside = f'<path d="{shape}" fill="#fff"/>{"".join(fills)}<path d="{shape}"/>'
    if one.told == "nothing":
        inside += '<text y="4" text-anchor="middle" fill="#1b2430" stroke="none" font-size="12">?</text>'
    if one.is_dead:
        inside += f'<path d="M{-_SLASH} {_SLASH}L{_SLASH} {-_SLASH}"/>'
    if one.id == pedigree.proband:
        inside += f'<path d="M{-_HALF - 16} {_HALF + 6}l11 -6m-6 -1l6 1l-2 5.5" stroke-width="1.8"/>'
    text = "".join(
        f'<text y="{_HALF + 12 + _LINE * at:g}" {_TEXT}>{escape(clean(line))}</text>'
        for at, line in enumerate(_label(pedigree, one))
    )
    title = escape(clean(_sentence(pedigree, one)))
    return f'<g transform="translate({centre[0]:g} {centre[1]:g})"><title>{title}</title>{inside}{text}</g>'


def _label(pedigree: Pedigree, one: Person) -> list[str]:
    """Up to five lines that fit below a symbol."""
    called = "this person" if one.id == pedigree.proband else one.name or relation(pedigree, one.id) or one.id
    lines = _wrapped(called, 2)
    lines += [_alive(one)] if _alive(one) else []
    for item in one.illnesses:
        at = item.onset[0] if item.onset else None
        lines += _wrapped(item.text if at is None else f"{item.text} {at:.0f}", 2)
    return lines if len(lines) <= 5 else [*lines[:4], "…"]


def _wrapped(text: str, most: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= _LETTERS:
            lines[-1] += f" {word}"
        else:
            lines.append(word if len(word) <= _LETTERS else word[: _LETTERS - 1] + "…")
    return lines if len(lines) <= most else [*lines[: most - 1], lines[most - 1][: _LETTERS - 1] + "…"]


def _lines(pedigree: Pedigree, found: Layout) -> list[str]:
    """Lines of couples, and from parents to children; bars that would meet in one gap stand at different heights."""
    centres = found.centres
    drawn = [_couple(pedigree, a, b, centres) for a, b in pedigree.couples() if a in centres and b in centres]
    groups: dict[tuple[str, ...], list[str]] = {}
    for one in centres:
        parents = tuple(parent for parent in pedigree.persons[one].parents if parent in centres)
        if parents:
            groups.setdefault(parents, []).append(one)
    taken: dict[float, list[tuple[float, float, int]]] = {}
    for parents, children in groups.items():
        drawn.append(_descent(pedigree, parents, children, centres, taken))
    return drawn


def _couple(pedigree: Pedigree, a: str, b: str, centres: dict[str, tuple[float, float]]) -> str:
    (x1, y1), (x2, y2) = sorted((centres[a], centres[b]))
    shifts = (-2, 2) if _are_of_one_blood(pedigree, a, b) else (0,)
    return "".join(
        f'<path class="couple" d="M{x1 + _HALF:g} {y1 + shift:g}L{x2 - _HALF:g} {y2 + shift:g}"/>' for shift in shifts
    )


def _are_of_one_blood(pedigree: Pedigree, a: str, b: str) -> bool:
    return bool({a, *pedigree.ancestors(a)} & {b, *pedigree.ancestors(b)})


def _descent(
    pedigree: Pedigree,
    parents: tuple[str, ...],
    children: list[str],
    centres: dict[str, tuple[float, float]],
    taken: dict[float, list[tuple[float, float, int]]],
) -> str:
    from_x = sum(centres[one][0] for one in parents) / len(parents)
    from_y = max(centres[one][1] for one in parents) + (0 if len(parents) > 1 else _HALF)
    top = min(centres[one][1] for one in children)
    pairs: dict[str, list[str]] = {}
    for one in children:
        pairs.setdefault(pedigree.persons[one].twins or f"\0{one}", []).append(one)
    points = [from_x, *(sum(centres[one][0] for one in same) / len(same) for same in pairs.values())]
    rows = taken.setdefault(top, [])
    used = {level for low, high, level in rows if low <= max(points) and min(points) <= high}
    level = next(number for number in range(len(rows) + 1) if number not in used)
    rows.append((min(points), max(points), level))
    bar = top - _HALF - 8 - 4 * (level % 4)
    path = f"M{from_x:g} {from_y:g}V{bar:g}M{min(points):g} {bar:g}H{max(points):g}"
    for same in pairs.values():
        meet = sum(centres[one][0] for one in same) / len(same)
        for one in same:
            x, y = centres[one]
            path += f"M{meet:g} {bar:g}L{x:g} {y - _HALF:g}"
        if len(same) > 1 and pedigree.persons[same[0]].are_identical:
            low, high = (min(centres[one][0] for one in same) + meet) / 2, (max(centres[one][0] for one in same) + meet) / 2
            path += f"M{low:g} {(bar + top - _HALF) / 2:g}H{high:g}"
    return f'<path class="descent" d="{path}"/>'
