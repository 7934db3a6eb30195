"""What is known of one person, as the inputs of an equation: facts, drugs taken, genes, markers, what was given by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nof1.knowledge.dose_equations import DoseEquation, EquationInput, Marker
from nof1.response.dose_inputs import choice_code

_OPPOSITE = str.maketrans("ACGT", "TGCA")


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of one person; what is absent is not known.

    ``facts``: numbers by the names of terms, 1 or 0 for a condition. ``taking``: names of drugs and ids of classes taken,
    or ``None`` where nobody knows. ``diplotypes`` and ``phenotypes`` by gene; ``looked_for``: by gene, the alleles that the
    test would have shown. ``genotypes``: letters on the reference genome's strand by position (``G/A``). ``by_hand``: by
    the name of the input; it wins over everything else.
    """

    facts: Mapping[str, float] = field(default_factory=dict)
    taking: frozenset[str] | None = None
    diplotypes: Mapping[str, str] = field(default_factory=dict)
    phenotypes: Mapping[str, str] = field(default_factory=dict)
    looked_for: Mapping[str, frozenset[str]] = field(default_factory=dict)
    genotypes: Mapping[str, str] = field(default_factory=dict)
    by_hand: Mapping[str, Any] = field(default_factory=dict)


def inputs_of(equation: DoseEquation, person: Person) -> dict[str, Any]:
    """The inputs and markers of ``equation`` that are known of ``person``, as ``doses`` and ``estimates`` take them."""
    found = {item.name: _input(item, person) for item in equation.inputs}
    found |= {marker.name: _marker(marker, person) for marker in equation.markers}
    found |= {name: value for name, value in person.by_hand.items() if name in found}
    return {name: value for name, value in found.items() if value is not None}


def _input(item: EquationInput, person: Person) -> Any:
    if item.alleles_called:
        seen = person.looked_for.get(item.gene)
        return None if seen is None else float(set(item.alleles_called) <= seen)
    if item.gene:
        texts = (person.phenotypes.get(item.gene, ""), person.diplotypes.get(item.gene, ""))
        named = next((text for text in texts if text and choice_code(item.choices, text)), None)
        return named or person.diplotypes.get(item.gene)
    if item.drugs or item.classes:
        return None if person.taking is None else float(not person.taking.isdisjoint({*item.drugs, *item.classes}))
    return person.facts.get(item.term)


def _marker(marker: Marker, person: Person) -> str | None:
    letters = person.genotypes.get(marker.position)
    return letters.translate(_OPPOSITE) if letters and marker.strand == "minus" else letters
