"""Genes whose alleles are single variants: list what is there, and let the alleles of lowest function decide
[pharmcat-methods-3.1.1#lowest-function]."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nof1.pgx.calls import Found
from nof1.pgx.definition import Definition
from nof1.pgx.names import name_key
from nof1.pgx.strands import PHASE_SET, Strands

MAX_OPEN_UNITS = 7  # phase sets that are turned against each other; beyond, alleles are listed


@dataclass(frozen=True, slots=True)
class Listing:
    """Either diplotypes (``pairs``) or haplotypes of unknown phase with their copies (``listed``)."""

    pairs: tuple[Found, ...] = ()
    listed: tuple[tuple[str, int], ...] = ()


def find(definition: Definition, accepts: NDArray[np.bool_], strands: Strands, paired: Definition | None) -> Listing:
    """Everything the row shows; ``paired`` holds the two alleles of a paired marker, called apart and merged."""
    if paired is not None and _is_marker_unphased(definition, strands):
        return _apart(definition, accepts, strands, paired)
    if strands.is_effectively_phased or (strands.has_phase_sets and _turns_in_sets(strands)):
        return Listing(pairs=tuple(_phased(definition, accepts, strands, paired)))
    return Listing(listed=tuple(_listed(definition, accepts, strands, paired)))


def _is_marker_unphased(definition: Definition, strands: Strands) -> bool:
    """A marker position is heterozygous and its strand is open, and so is another position's."""
    mine = np.isin(strands.places, _paired_places(definition))
    free = strands.heterozygous & (strands.unit > 0) & (strands.unit < PHASE_SET)
    return bool((mine & free).any()) and not strands.is_effectively_phased


def _apart(definition: Definition, accepts: NDArray[np.bool_], strands: Strands, paired: Definition) -> Listing:
    """Markers of unknown phase are counted; with nothing else heterozygous the count settles the pair."""
    mine = np.isin(strands.places, _paired_places(definition))
    rest = strands.take(~mine)
    if rest.heterozygous.any():
        return Listing(listed=tuple(_listed(definition, accepts, strands, paired)))
    shared = alleles_on(definition, accepts, rest.places, rest.one, None)
    reference = definition.shown[definition.reference]
    markers = [*_paired_counts(paired, definition, strands).elements(), "", ""][:2]
    sides = []
    for marker in markers:
        names = [name for name in shared if name != reference] + ([marker] if marker else [])
        sides.append(tuple(sorted(names, key=name_key)) or (reference,))
    sides.sort(key=lambda alleles: (len(alleles) > 1, [name_key(name) for name in alleles]))
    return Listing(pairs=(Found(tuple(sides), float(len(strands.places))),))


def _turns_in_sets(strands: Strands) -> bool:
    units = strands.units
    return len(units) <= MAX_OPEN_UNITS and all(unit >= PHASE_SET for unit in units)


def _phased(definition: Definition, accepts: NDArray[np.bool_], strands: Strands, paired: Definition | None) -> list[Found]:
    """One candidate for every way the phase sets can lie; identical ones once."""
    units = strands.units
    fixed = bool((strands.heterozygous & (strands.unit == 0)).any())
    free = units if fixed else units[1:]
    found: dict[tuple[tuple[str, ...], ...], Found] = {}
    for turns in product((False, True), repeat=len(free)):
        turned = np.isin(strands.unit, [unit for unit, turn in zip(free, turns, strict=True) if turn])
        one = np.where(turned, strands.two, strands.one)
        two = np.where(turned, strands.one, strands.two)
        sides = [alleles_on(definition, accepts, strands.places, side, paired) for side in (one, two)]
        if strands.is_haploid:
            sides = sides[:1]
        sides.sort(key=lambda alleles: (len(alleles) > 1, [name_key(name) for name in alleles]))
        key = tuple(sides)
        found.setdefault(key, Found(key, float(len(strands.places))))
    return sorted(found.values(), key=_pair_key)


def _pair_key(found: Found) -> tuple[object, ...]:
    return tuple((len(alleles) > 1, [name_key(name) for name in alleles]) for alleles in found.strands)


def alleles_on(
    definition: Definition,
    accepts: NDArray[np.bool_],
    places: NDArray[np.intp],
    side: NDArray[np.int16],
    paired: Definition | None,
) -> tuple[str, ...]:
    """The alleles one strand carries: the exact one, or the largest that do not overlap, and what they leave over."""
    defined = definition.defined[:, places]
    shows = accepts[:, places, side]
    carried = np.asarray((shows | ~defined).all(axis=1) & defined.any(axis=1), bool)
    carried[definition.reference] = False
    exact = [int(index) for index in np.flatnonzero(carried) if shows[index].all()]
    chosen: list[int] = exact[:1]
    if not exact:
        free = np.ones(len(places), bool)
        for index in sorted(np.flatnonzero(carried).tolist(), key=lambda index: -int(defined[index].sum())):
            if not (defined[index] & ~free).any():
                chosen.append(int(index))
                free &= ~defined[index]
    names = [definition.shown[index] for index in chosen]
    if paired is not None and (marker := _paired_on(paired, definition, places, side)):
        names.append(marker)
    explained = np.zeros(len(places), bool)
    for index in chosen:
        explained |= defined[index]
    left = [place for place, number in enumerate(side) if number > 0 and not explained[place]]
    pair = _paired_places(definition) if paired is not None else ()
    names += [_partial(definition, int(places[place]), int(side[place])) for place in left if int(places[place]) not in pair]
    return tuple(sorted(names, key=name_key)) or (definition.shown[definition.reference],)


def _partial(definition: Definition, place: int, number: int) -> str:
    return f"{definition.ids[place]} alternative {number}"


def _paired_places(definition: Definition) -> tuple[int, ...]:
    marker = definition.call.paired_marker
    assert marker is not None
    return definition.place(marker.deciding), definition.place(marker.supporting)


def _paired_on(paired: Definition, definition: Definition, places: NDArray[np.intp], side: NDArray[np.int16]) -> str:
    """The paired-marker allele on one strand; the supporting marker counts alone only where the deciding one is unseen."""
    marker = paired.call.paired_marker
    assert marker is not None
    deciding, supporting = (_shown_at(place, places, side) for place in _paired_places(definition))
    if deciding is None:
        return marker.both if supporting else ""
    if not deciding:
        return ""
    return marker.both if supporting else marker.deciding_only


def _shown_at(place: int, places: NDArray[np.intp], side: NDArray[np.int16]) -> int | None:
    where = np.flatnonzero(places == place)
    return int(side[where[0]]) if len(where) else None


def _listed(
    definition: Definition, accepts: NDArray[np.bool_], strands: Strands, paired: Definition | None
) -> list[tuple[str, int]]:
    """Alleles whose every defining position shows them on some strand, with how many strands could carry them."""
    places = strands.places
    defined = definition.defined[:, places]
    copies = accepts[:, places, strands.one].astype(int) + accepts[:, places, strands.two].astype(int)
    counted = np.where(defined, copies, 2).min(axis=1, initial=2) * defined.any(axis=1)
    counted[definition.reference] = 0
    counts = Counter({definition.shown[index]: int(counted[index]) for index in np.flatnonzero(counted)})
    if paired is not None:
        counts += _paired_counts(paired, definition, strands)
    if sum(counts.values()) < 2:
        counts[definition.shown[definition.reference]] += 2 - sum(counts.values())
    return sorted(counts.items(), key=lambda item: name_key(item[0]))


def _paired_counts(paired: Definition, definition: Definition, strands: Strands) -> Counter[str]:
    """Unphased counts of the two markers: equal counts are the pair, a surplus of the deciding one stands alone."""
    marker = paired.call.paired_marker
    assert marker is not None
    counts: list[int | None] = []
    for place in _paired_places(definition):
        one = _shown_at(place, strands.places, strands.one)
        two = _shown_at(place, strands.places, strands.two)
        counts.append(None if one is None or two is None else int(one > 0) + int(two > 0))
    deciding, supporting = counts
    if deciding is None:
        return Counter({marker.both: supporting or 0})
    both = min(deciding, supporting or 0)
    return Counter({marker.both: both, marker.deciding_only: deciding - both})
