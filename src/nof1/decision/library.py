"""The knowledge as look-ups by drug, built once: classes, interactions, limits, modulators, substrates."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from msgspec import structs

from nof1.decision.standing import Result
from nof1.decision.suppose import every_result
from nof1.knowledge.care import DrugClass, DrugTerm, InteractionRule, KineticSubstrate, Limit, NeverInterrupt, Side
from nof1.knowledge.enzymes import Modulator, Substrate
from nof1.knowledge.schema import DrugFile, Knowledge

_KEPT = 4
Row = TypeVar("Row")
Members = dict[str, tuple[str, ...]]
_built: dict[int, Library] = {}


@dataclass(frozen=True, slots=True)
class Library:
    """Look-ups over ``known``; each maps the name of a drug to what is known about it."""

    known: Knowledge
    classes: dict[str, frozenset[str]]
    members: dict[str, tuple[str, ...]]
    side_a: dict[str, tuple[InteractionRule, ...]]
    side_b: dict[str, tuple[InteractionRule, ...]]
    limits: dict[str, tuple[Limit, ...]]
    modulators: dict[str, tuple[Modulator, ...]]
    kinetic: dict[str, tuple[tuple[str, KineticSubstrate], ...]]
    substrates: dict[str, tuple[Substrate, ...]]
    silent: dict[frozenset[str], NeverInterrupt]
    names: dict[str, str]
    shared: dict[str, tuple[DrugFile, ...]]
    combinations: dict[str, DrugTerm]
    supposed: dict[str, tuple[Result, ...]] = field(default_factory=dict)

    def advising(self, drug: str) -> list[DrugFile]:
        """Every guideline on ``drug``: its own, and those of a class or combination it belongs to."""
        return [*self.known.advising(drug), *self.shared.get(drug, ())]

    def combination(self, name: str) -> DrugTerm | None:
        """The combination that is called ``name``; ``None`` where there is none."""
        return self.combinations.get(name.strip().lower())

    def results(self, gene: str) -> tuple[Result, ...]:
        """Every result that ``gene`` can have, computed once."""
        if gene not in self.supposed:
            self.supposed[gene] = every_result(self.known.genes[gene])
        return self.supposed[gene]


def library(known: Knowledge) -> Library:
    """The look-ups of ``known``; those of the last few knowledges are kept."""
    found = _built.get(id(known))
    if found is None or found.known is not known:
        while len(_built) >= _KEPT:
            _built.pop(next(iter(_built)))
        found = _built[id(known)] = _build(known)
    return found


def _build(known: Knowledge) -> Library:
    care = known.care
    codes = sorted((code, drug.name) for drug in care.drugs.values() if not drug.ingredients for code in drug.atc.split("|"))
    members = {name: _members(group, codes) for name, group in care.classes.items()}
    classes: dict[str, set[str]] = {}
    for name, drugs in members.items():
        for drug in drugs:
            classes.setdefault(drug, set()).add(name)
    return Library(
        known=known,
        classes={drug: frozenset(found) for drug, found in classes.items()},
        members=members,
        side_a=_by_side(((rule, rule.a) for rule in care.interactions), members),
        side_b=_by_side(((rule, rule.b) for rule in care.interactions), members),
        limits=_limits(known, members),
        modulators=_grouped((row.drug, row) for row in care.modulators),
        kinetic=_grouped((row.drug, (enzyme.enzyme, row)) for enzyme in care.kinetic for row in enzyme.substrates),
        substrates=_grouped((row.drug, row) for row in care.exposure.substrates) if care.exposure else {},
        silent={frozenset((row.drug, other)): row for row in care.never_interrupt for other in row.others.split("|")},
        names=_names(known),
        shared=_shared(known, members),
        combinations={
            name.lower(): term
            for term in care.drugs.values()
            if term.ingredients
            for name in (term.name, *term.also_named.split("|"))
        },
    )


def _shared(known: Knowledge, members: Members) -> dict[str, tuple[DrugFile, ...]]:
    """Guidelines of a class or a combination, in the name of each of its members."""
    return _grouped(
        (drug, structs.replace(file, drug=drug, rxnorm=None, atc=[]))
        for file in _every_file(known)
        for drug in _drugs(Side(file.for_drugs, file.for_classes), members)
        if drug != file.drug
    )


def _every_file(known: Knowledge) -> list[DrugFile]:
    return [*known.drugs.values(), *(file for files in known.guidelines.values() for file in files)]


def _members(group: DrugClass, codes: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """The members of a class by name or code; ``codes``: every code with its drug, sorted."""
    found = set(group.members)
    for start in group.atc:
        for code, drug in codes[bisect_left(codes, (start, "")) :]:
            if not code.startswith(start):
                break
            found.add(drug)
    return tuple(sorted(found - set(group.without)))


def _by_side(pairs: Iterable[tuple[InteractionRule, Side]], members: Members) -> dict[str, tuple[InteractionRule, ...]]:
    """Rules by every drug that stands on the given side of them."""
    return _grouped((drug, rule) for rule, side in pairs for drug in _drugs(side, members))


def _drugs(side: Side, members: Members) -> list[str]:
    named = [*side.drugs, *(drug for name in side.classes for drug in members.get(name, ()))]
    return [drug for drug in dict.fromkeys(named) if drug not in side.without]


def _limits(known: Knowledge, members: Members) -> dict[str, tuple[Limit, ...]]:
    return _grouped(
        (drug, limit)
        for file in known.care.limits
        for drug in _drugs(Side(file.drugs, file.classes), members)
        for limit in file.limits
    )


def _grouped(pairs: Iterable[tuple[str, Row]]) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = {}
    for drug, row in pairs:
        found.setdefault(drug, []).append(row)
    return {drug: tuple(rows) for drug, rows in found.items()}


def _names(known: Knowledge) -> dict[str, str]:
    """Every name, lower case, with the drug it stands for."""
    found: dict[str, str] = {}
    for term in known.care.drugs.values():
        for name in (term.name, *term.also_named.split("|")):
            if name:
                found.setdefault(name.lower(), term.name)
    for drug in _every_file(known):
        for name in (drug.drug, *drug.also_named):
            found[name.lower()] = drug.drug
    return found
