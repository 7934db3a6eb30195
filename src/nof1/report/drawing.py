"""Small inline pictures: a sign for each action, and the positions of a gene, told apart by shape as well as colour."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.model.findings import Action, PositionSeen
from nof1.report.certainty import definitions
from nof1.report.markup import Html, clean, escape
from nof1.report.words import UNSEEN, seen_as

_COLUMNS = 40
_WIDE, _HIGH = 10, 13  # of one position, in drawing units

# One position as SVG path commands relative to the upper left corner of its cell.
_SHAPES = {
    "variant": "m5 1l4.2 5.5l-4.2 5.5l-4.2 -5.5z",
    "called": "m2.3 3.8h5.4v5.4h-5.4z",
    "reference": "m2.3 3.8h5.4v5.4h-5.4z",
    "no_call": "m2.2 3.7l5.6 5.6m0 -5.6l-5.6 5.6",
    "not_covered": "m2.4 6.5h5.2",
}
STATE_WORDS = {
    "variant": "variant",
    "called": "called reference",
    "reference": "reference by block",
    "no_call": "no call",
    "not_covered": "not covered",
}
_LINE = 'fill="none" stroke="currentColor" stroke-width='
_SIGNS = {
    Action.CONTRAINDICATED: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/><path d="m5.2 5.2 5.6 5.6m0-5.6-5.6 5.6" stroke="#fff" '
    'stroke-width="2"/>',
    Action.AVOID: f'<g {_LINE}"2"><circle cx="8" cy="8" r="6.3"/><path d="m3.6 3.6 8.8 8.8"/></g>',
    Action.ALTERNATIVE: f'<path d="M1 5h10.5M8.5 1.8 12 5 8.5 8.2M15 11H4.5m3-3.2L4 11l3.5 3.2" {_LINE}"2"/>',
    Action.TEST_FIRST: f'<path d="M4 1.5h8M5.6 2v9.6a2.4 2.4 0 0 0 4.8 0V2" {_LINE}"1.8"/>'
    '<path d="M5.8 7.5h4.4v4.2a2.2 2.2 0 0 1-4.4 0z"/>',
    Action.DOSE: '<path d="M8 .8 12.4 6H3.6zM8 15.2 3.6 10h8.8z"/>',
    Action.CAUTION: '<path d="M8 1 15.5 14.5H.5z"/><path d="M8 5.6v4.6m0 1.2v1.7" stroke="#fff" stroke-width="1.8"/>',
    Action.MONITOR: f'<path d="M1 8c3.8-6 10.2-6 14 0-3.8 6-10.2 6-14 0z" {_LINE}"1.7"/><circle cx="8" cy="8" r="2.3"/>',
    Action.USE: f'<path d="m2 8.8 4 4L14 3.6" {_LINE}"2.6"/>',
    Action.NO_RECOMMENDATION: f'<circle cx="8" cy="8" r="6.3" {_LINE}"1.6" stroke-dasharray="2.2 1.76"/>'
    f'<path d="M5 8h6" {_LINE}"2"/>',
}


def sign_definitions() -> Html:
    """The signs of all actions and the marks of certainty, defined once and drawn by ``sign`` and ``mark``."""
    symbols = [f'<symbol id="sign-{code.value}" viewBox="0 0 16 16">{drawn}</symbol>' for code, drawn in _SIGNS.items()]
    return Html(f'<svg width="0" height="0" class="defs" aria-hidden="true">{"".join(symbols)}{definitions()}</svg>')


def sign(code: Action) -> Html:
    """The sign of an action; the word always stands beside it."""
    return Html(f'<svg class="sign" aria-hidden="true"><use href="#sign-{code.value}"/></svg>')


def legend() -> Html:
    """What the shapes in a drawing of positions mean."""
    frame = f'<svg class="key" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
    shown = [
        f'<li>{frame}<path class="{kind}" d="M0 0{_SHAPES[kind]}"/></svg>{words}</li>' for kind, words in STATE_WORDS.items()
    ]
    return Html(f'<ul class="legend" aria-label="Shapes in the drawings of positions">{"".join(shown)}</ul>')


def counts(positions: Sequence[PositionSeen]) -> str:
    """How many positions were seen as what: ``2 variant, 33 called reference``."""
    kinds = [seen_as(seen) for seen in positions]
    return ", ".join(f"{kinds.count(kind)} {words}" for kind, words in STATE_WORDS.items() if kind in kinds)


def one_position(seen: PositionSeen) -> str:
    """A position in words: its id, place, genotype, depth and quality."""
    measured = [f"DP {seen.depth}"] if seen.depth is not None else []
    measured += [f"GQ {seen.quality:g}"] if seen.quality is not None else []
    extra = f" ({', '.join(measured)})" if measured else ""
    return clean(f"{seen.id} {seen.chromosome}:{seen.position} {seen.genotype}".strip() + extra)


def drawing(gene: str, positions: Sequence[PositionSeen]) -> Html:
    """The positions of a gene in order along the chromosome, row by row; every kind has its own shape."""
    columns = min(len(positions), _COLUMNS)
    rows = -(-len(positions) // _COLUMNS)
    paths: dict[str, list[str]] = {kind: [] for kind in STATE_WORDS}
    variants = []
    for place, seen in enumerate(positions):
        corner = f"M{place % _COLUMNS * _WIDE} {place // _COLUMNS * _HIGH}"
        kind = seen_as(seen)
        if kind == "variant":
            shape = f'<path class="variant" d="{corner}{_SHAPES[kind]}"><title>{escape(one_position(seen))}</title></path>'
            variants.append(shape)
        else:
            paths[kind].append(corner + _SHAPES[kind])
    drawn = [
        f'<path class="{kind}" d="{"".join(places)}"><title>{len(places)} {STATE_WORDS[kind]}</title></path>'
        for kind, places in paths.items()
        if places
    ]
    wide, high = columns * _WIDE, rows * _HIGH
    label = escape(f"{clean(gene)}: {len(positions)} positions, {counts(positions)}")
    return Html(
        f'<svg class="positions" role="img" aria-label="{label}" width="{wide}" viewBox="0 0 {wide} {high}">'
        f"{''.join(drawn)}{''.join(variants)}</svg>"
    )


def seen_of(positions: Sequence[PositionSeen]) -> str:
    """How many of the positions were seen: ``33/35``; empty where none were asked for."""
    if not positions:
        return ""
    return f"{sum(seen.state not in UNSEEN for seen in positions)}/{len(positions)}"
