"""The method ``certain``: candidates with probabilities, and how sure diplotype and phenotype are
(docs/methods/certainty.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from nof1.model.findings import CallStatus, Chance, Diplotype, Phenotype
from nof1.model.genome import CallCode, GenotypeBlock
from nof1.pgx.calls import Found, RowCall
from nof1.pgx.names import pair_name, strand_name
from nof1.pgx.phenotype import deciding_haplotypes, diplotype
from nof1.pgx.posterior import Group, by_class, error_of, groups, normal, pairs
from nof1.pgx.strands import Strands
from nof1.pgx.weigher import Named, Names, Weigher

MOST_TURNS = 7  # units of open phase turned against each other
SHOWN = 2  # names of alleles that nothing tells apart, before "or n more"
NO_PRIOR = "no reference population shows how often its alleles occur: what was not seen cannot be weighed"
NO_HAPLOTYPE = "what was seen fits no haplotype that is known or one step from a known one: it cannot be weighed"
LOW_QUALITY = "the quality of its genotypes is low"

Masses = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate: ``probability`` (populations,) of the diplotype, ``None`` where it cannot be weighed; how sure the
    diplotype is (``diplotype_status``) and its phenotype (``status``); ``phenotype_lowest``: the lowest probability of its
    phenotype in any population."""

    diplotype: Diplotype
    phenotype: Phenotype
    probability: Masses | None
    diplotype_status: CallStatus
    status: CallStatus
    phenotype_lowest: float = 0.0


@dataclass(frozen=True, slots=True)
class Weighed:
    """Everything the method says about one row of genotypes.

    ``chances``: every phenotype with its probability, likeliest first; ``remainder`` (populations,): what no row holds;
    ``status``: that of the likeliest phenotype; ``groups``: the haplotypes behind it; ``why``: why there is no call;
    ``as_read``: phenotype and score of what is possible when every genotype is taken as it stands, whatever its quality;
    ``doubtful``: positions that show a variant in a genotype of low quality.
    """

    rows: tuple[Row, ...]
    chances: tuple[Chance, ...]
    remainder: Masses | None
    status: CallStatus
    groups: tuple[Group, ...] = ()
    message: str = ""
    why: str = ""
    as_read: frozenset[tuple[str, str]] = frozenset()
    doubtful: tuple[str, ...] = ()


def weigh(gene: Weigher, block: GenotypeBlock, row: int, strands: Strands, call: RowCall) -> Weighed:
    """The answer for one row; ``call`` is what named-allele logic finds in it."""
    is_odd = bool(strands.undocumented)
    if is_odd and gene.definition.call.undocumented == "kept":
        return _no_call(call.why or "an alternative that no allele's definition knows was seen")
    if is_odd:
        strands = strands.take(~np.isin(strands.places, strands.undocumented))
    declared = _declared(gene, block, row) if gene.absent_is_reference else np.zeros(0, np.intp)
    if len(declared):
        strands = strands.take(~np.isin(strands.places, np.intersect1d(gene.blind, declared)))
    is_open = is_odd or bool(len(declared))
    if not len(strands.places):
        return _no_call(call.why or "no position of the gene was seen")
    error = error_of(block.quality[row, gene.definition.columns[strands.places]])
    if gene.known is None:
        return _unweighed(gene, strands, call, NO_PRIOR, is_open, error)
    found = groups(gene.space, strands, error)
    table = by_class(found, gene.space)
    total = table.sum(axis=(1, 2))
    if not (total > 0).all():
        return _unweighed(gene, strands, call, NO_HAPLOTYPE, is_open, error)
    chances = _chances(gene, normal(table), strands.is_haploid)
    keys, mass = pairs(found, gene.space)
    probability = mass / total[:, None]
    order = np.argsort(-probability.mean(axis=0), kind="stable")
    levels = gene.certainty.thresholds
    order = order[probability[:, order].max(axis=0) >= levels.listed][: levels.rows]
    if not len(order):
        return _no_call(call.why or "no named allele fits what was seen")
    read = _as_it_stands(gene, strands) if error.any() else _Read(found, chances, keys, probability)
    if call.found and not read.chances:
        return _unweighed(gene, strands, call, NO_HAPLOTYPE, is_open, error)
    settled = Settled(False, False) if is_open else _settled(gene, strands, read, call)
    judge = _Judge(gene, chances, read, settled, is_odd)
    names = Names(gene, found)
    stands = read.lowest(keys[order]) if error.any() else probability[:, order].min(axis=0).tolist()
    as_read = {_key(item) for item, chance in read.chances if chance.max() >= levels.possible} if error.any() else set()
    rows = tuple(
        judge.row(_found(names, keys[place]), probability[:, place], stand)
        for place, stand in zip(order.tolist(), stands, strict=True)
    )
    remainder = None if is_odd else np.maximum(1 - probability[:, order].sum(axis=1), 0)
    return Weighed(
        rows, tuple(_as_chance(*item) for item in chances), remainder, judge.leading, tuple(found),
        as_read=frozenset(as_read), doubtful=_doubtful(gene, strands, error),
    )  # fmt: skip


def _declared(gene: Weigher, block: GenotypeBlock, row: int) -> NDArray[np.intp]:
    """Positions that are reference without a record of their own."""
    return np.flatnonzero(block.code[row, gene.definition.columns] == CallCode.HOM_REF)


@dataclass(frozen=True, slots=True)
class _Read:
    """The same weighing with every genotype taken as it stands: what quality may make less sure, never surer.

    ``chances`` as in ``weigh``; ``keys`` (pairs, 2) and ``probability`` (populations, pairs) of pairs of kinds.
    """

    groups: list[Group]
    chances: list[tuple[Phenotype | None, Masses]]
    keys: NDArray[np.int64]
    probability: Masses

    def lowest(self, wanted: NDArray[np.int64]) -> list[float]:
        """For each pair of kinds its lowest probability in any population, 0 where it is not possible."""
        found = []
        for one, two in wanted.tolist():
            place = np.flatnonzero((self.keys[:, 0] == one) & (self.keys[:, 1] == two))
            found.append(float(self.probability[:, place[0]].min()) if len(place) else 0.0)
        return found


def _as_it_stands(gene: Weigher, strands: Strands) -> _Read:
    found = groups(gene.space, strands, np.zeros(len(strands.places)))
    table = by_class(found, gene.space)
    total = table.sum(axis=(1, 2))
    keys, mass = pairs(found, gene.space)
    probability = np.divide(mass, total[:, None], out=np.zeros(mass.shape), where=total[:, None] > 0)
    return _Read(found, _chances(gene, normal(table), strands.is_haploid), keys, probability)


def _doubtful(gene: Weigher, strands: Strands, error: Masses) -> tuple[str, ...]:
    """Positions whose genotype shows a variant and may be wrong."""
    odd = (error > 0) & ((strands.one > 0) | (strands.two > 0))
    return tuple(gene.definition.ids[place] for place in strands.places[odd])


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether every position was seen and what was seen leaves one diplotype, or one phenotype, on which named-allele
    logic agrees."""

    diplotype: bool
    phenotype: bool


@dataclass(frozen=True, slots=True)
class _Judge:
    """Gives every candidate its status: by thresholds of the knowledge, under each population asked, both weighed by quality
    and with the genotypes as they stand."""

    gene: Weigher
    chances: list[tuple[Phenotype | None, Masses]]
    read: _Read
    settled: Settled
    is_odd: bool
    lowest: dict[str, float] = field(default_factory=dict)

    @property
    def leading(self) -> CallStatus:
        """The status of the likeliest phenotype."""
        first = self.chances[0][0]
        return self.of_phenotype(first) if first is not None else CallStatus.UNDETERMINED

    def of_phenotype(self, phenotype: Phenotype) -> CallStatus:
        """How sure a phenotype is, whatever its activity score."""
        lowest = self._lowest(phenotype)
        if self.read.chances is not self.chances:
            lowest = min(lowest, _lowest_of(self.read.chances, phenotype.term))
        return self._grade(lowest, self.settled.phenotype)

    def _lowest(self, phenotype: Phenotype) -> float:
        """The lowest probability of a phenotype in any population, whatever its activity score."""
        if phenotype.term not in self.lowest:
            self.lowest[phenotype.term] = _lowest_of(self.chances, phenotype.term)
        return self.lowest[phenotype.term]

    def row(self, found: tuple[Diplotype, Phenotype], probability: Masses, stands: float) -> Row:
        """One candidate with its two statuses; ``stands``: its lowest probability with the genotypes as they stand."""
        named, phenotype = found
        if self.is_odd:  # a number would leave the odd allele out
            return Row(named, phenotype, None, CallStatus.UNDETERMINED, CallStatus.UNDETERMINED)
        values = probability.tolist()
        low, high = min(values), max(values)
        named = Diplotype(
            named.gene, named.name, named.label, named.haplotypes, named.score, _rounded(sum(values) / len(values)),
            _rounded(low), _rounded(high),
        )  # fmt: skip
        sure = self._grade(min(low, stands), self.settled.diplotype)
        return Row(named, phenotype, probability, sure, self.of_phenotype(phenotype), self._lowest(phenotype))

    def _grade(self, lowest: float, is_settled: bool) -> CallStatus:
        if self.is_odd:
            return CallStatus.UNDETERMINED
        return _graded(self.gene, lowest, CallStatus.CERTAIN if is_settled else CallStatus.ASSURED)


def _graded(gene: Weigher, lowest: float, highest: CallStatus) -> CallStatus:
    """The status of a probability; ``highest`` where it reaches the upper threshold."""
    levels = gene.certainty.thresholds
    if lowest < levels.probable:
        return CallStatus.UNDETERMINED
    return CallStatus.PROBABLE if lowest < levels.assured else highest


def _settled(gene: Weigher, strands: Strands, read: _Read, call: RowCall) -> Settled:
    if len(strands.places) < len(gene.definition.ids) or strands.is_half or not call.found:
        return Settled(False, False)
    terms = {item.term for item, mass in read.chances if item is not None and mass.max() > 0}
    is_one = len(read.keys) == 1 and len(call.found) == 1 and not call.is_list
    if is_one:
        named, _ = _found(Names(gene, read.groups), read.keys[0])
        is_one = sorted(named.haplotypes) == sorted(call.found[0].strands)
    is_clear = len(terms) == 1 and terms == _terms_of(gene, call)
    return Settled(is_one, is_clear and _is_phase_idle(gene, strands, terms))


def _is_phase_idle(gene: Weigher, strands: Strands, terms: set[str]) -> bool:
    """Whether every way the strands can lie means ``terms``.

    Alleles that are single variants may lie on one strand also where nobody was counted with both; other alleles are all
    among the haplotypes weighed.
    """
    if not gene.naming.is_additive or strands.is_effectively_phased:
        return True
    fixed = bool((strands.heterozygous & (strands.unit == 0)).any())
    free = strands.units if fixed else strands.units[1:]
    if len(free) > MOST_TURNS:
        return False
    for turns in product((False, True), repeat=len(free)):
        turned = np.isin(strands.unit, [unit for unit, turn in zip(free, turns, strict=True) if turn])
        sides = np.where(turned, strands.two, strands.one), np.where(turned, strands.one, strands.two)
        names = tuple(gene.naming.names(side.astype(np.int16)) for side in sides)
        if not all(names):
            return False
        if gene.meaning.of(deciding_haplotypes(gene.meaning, [Found(names, 0.0)], False)).term not in terms:
            return False
    return True


def _lowest_of(chances: list[tuple[Phenotype | None, Masses]], term: str) -> float:
    """The lowest probability of a phenotype in any population, whatever its activity score."""
    mine = [mass for item, mass in chances if item is not None and item.term == term]
    return float(np.sum(mine, axis=0).min()) if mine else 0.0


def _terms_of(gene: Weigher, call: RowCall) -> set[str]:
    """The phenotypes of what named-allele logic found."""
    if call.is_list:
        return {gene.meaning.of(deciding_haplotypes(gene.meaning, call.found, True)).term}
    return {gene.meaning.of(deciding_haplotypes(gene.meaning, [found], False)).term for found in call.found}


def _chances(gene: Weigher, table: Masses, is_haploid: bool) -> list[tuple[Phenotype | None, Masses]]:
    """Every phenotype and score with its mass (populations,), likeliest first; ``None``: no allele's name covers it."""
    found: dict[tuple[str, str], tuple[Phenotype | None, Masses]] = {}
    for one, two in np.argwhere(table.max(axis=0) > 0).tolist():
        phenotype = gene.phenotype(one, -1 if is_haploid else two)
        key = _key(phenotype)
        before = found[key][1] if key in found else 0.0
        found[key] = (found[key][0] if key in found else phenotype, before + table[:, one, two])
    return sorted(found.values(), key=lambda item: -float(item[1].mean()))


def _key(phenotype: Phenotype | None) -> tuple[str, str]:
    return (phenotype.term, phenotype.activity_score) if phenotype else ("", "")


def _found(names: Names, key: NDArray[np.int64]) -> tuple[Diplotype, Phenotype]:
    """The diplotype of a pair of kinds, with its phenotype."""
    gene = names.gene
    sides = names.pair([kind for kind in key.tolist() if kind >= 0], SHOWN)
    if sides not in gene.made:
        gene.made[sides] = _made(gene, sides)
    return gene.made[sides]


def _made(gene: Weigher, sides: tuple[Named, ...]) -> tuple[Diplotype, Phenotype]:
    made = Found(tuple(names[0] for names, _ in sides), 0.0)
    named = diplotype(gene.meaning, made, False)
    if any(len(names) > 1 or others for names, others in sides):
        texts = [_text(names, others) for names, others in sides]
        name = pair_name(texts[0], texts[1] if len(texts) > 1 else None)
        named = replace(named, name=name, label=name)
    return named, gene.meaning.of(deciding_haplotypes(gene.meaning, [made], False))


def _text(names: tuple[tuple[str, ...], ...], others: int) -> str:
    """Alleles that nothing tells apart, in one name."""
    shown = [strand_name(alleles) for alleles in names] + ([f"{others} more"] if others else [])
    return shown[0] if len(shown) == 1 else f"({' or '.join(shown)})"


def _unweighed(gene: Weigher, strands: Strands, call: RowCall, message: str, is_open: bool, error: Masses) -> Weighed:
    """What named-allele logic says where nothing can be weighed: certain when everything was seen, otherwise not.

    Without a prior the chance that every genotype is right stands for that of the call. ``is_open``: something was not seen
    although no position is missing.
    """
    if not call.found:
        return _no_call(call.why)
    is_seen = len(strands.places) == len(gene.definition.ids) and not is_open
    terms = _terms_of(gene, call)
    is_phased = strands.is_effectively_phased
    right = float(np.prod(1 - error))
    best = CallStatus.CERTAIN if right == 1 else _graded(gene, right, CallStatus.ASSURED)
    status = best if is_seen and is_phased and len(terms) == 1 else CallStatus.UNDETERMINED
    alone = status if len(call.found) == 1 else CallStatus.UNDETERMINED
    if right < 1 and is_seen:
        message = f"{message}; {LOW_QUALITY}"
    rows = []
    for item in call.found:
        deciding = call.found if call.is_list else [item]
        phenotype = gene.meaning.of(deciding_haplotypes(gene.meaning, deciding, call.is_list))
        rows.append(Row(diplotype(gene.meaning, item, call.is_list), phenotype, None, alone, status))
    told = "" if status is CallStatus.CERTAIN else message
    return Weighed(tuple(rows), (), None, status, (), told, doubtful=_doubtful(gene, strands, error))


def _no_call(why: str) -> Weighed:
    return Weighed((), (), None, CallStatus.NO_CALL, why=why)


def _as_chance(phenotype: Phenotype | None, mass: Masses) -> Chance:
    return Chance(
        phenotype.term if phenotype else "",
        phenotype.activity_score if phenotype else "",
        phenotype.lookup if phenotype else "",
        _rounded(mass.mean()),
        _rounded(mass.min()),
        _rounded(mass.max()),
    )


def _rounded(value: float) -> float:
    return round(float(value), 6)
