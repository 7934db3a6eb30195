"""The method ``certain``: candidates with probabilities, and how sure diplotype and phenotype are
(docs/methods/certainty.md)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from nof1.model.findings import CallStatus, Chance, Diplotype, Phenotype
from nof1.model.genome import GenotypeBlock
from nof1.pgx.calls import Found, RowCall
from nof1.pgx.names import pair_name, strand_name
from nof1.pgx.phenotype import deciding_haplotypes, diplotype
from nof1.pgx.posterior import Group, by_class, error_of, groups, normal, pairs
from nof1.pgx.strands import Strands
from nof1.pgx.weigher import Named, Names, Weigher

SHOWN = 2  # names of alleles that nothing tells apart, before "or n more"
NO_PRIOR = "no reference population shows how often its alleles occur: what was not seen cannot be weighed"
NO_HAPLOTYPE = "what was seen fits no haplotype that is known or one step from a known one: it cannot be weighed"

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
    ``status``: that of the likeliest phenotype; ``groups``: the haplotypes behind it; ``why``: why there is no call.
    """

    rows: tuple[Row, ...]
    chances: tuple[Chance, ...]
    remainder: Masses | None
    status: CallStatus
    groups: tuple[Group, ...] = ()
    message: str = ""
    why: str = ""


def weigh(gene: Weigher, block: GenotypeBlock, row: int, strands: Strands, call: RowCall) -> Weighed:
    """The answer for one row; ``call`` is what named-allele logic finds in it."""
    is_odd = bool(strands.undocumented)
    if is_odd:
        strands = strands.take(~np.isin(strands.places, strands.undocumented))
    if not len(strands.places):
        return _no_call(call.why or "no position of the gene was seen")
    if gene.known is None:
        return _unweighed(gene, strands, call, NO_PRIOR, is_odd)
    error = error_of(block.quality[row, gene.definition.columns[strands.places]])
    found = groups(gene.space, strands, error)
    table = by_class(found, gene.space)
    total = table.sum(axis=(1, 2))
    if not (total > 0).all():
        return _unweighed(gene, strands, call, NO_HAPLOTYPE, is_odd)
    chances = _chances(gene, normal(table), strands.is_haploid)
    keys, mass = pairs(found, gene.space)
    probability = mass / total[:, None]
    order = np.argsort(-probability.mean(axis=0), kind="stable")
    levels = gene.certainty.thresholds
    order = order[probability[:, order].max(axis=0) >= levels.listed][: levels.rows]
    if not len(order):
        return _no_call(call.why or "no named allele fits what was seen")
    settled = Settled(False, False) if is_odd else _settled(gene, strands, found, error, call)
    judge = _Judge(gene, chances, settled, is_odd)
    names = Names(gene, found)
    rows = tuple(judge.row(_found(names, keys[place]), probability[:, place]) for place in order.tolist())
    remainder = np.maximum(1 - probability[:, order].sum(axis=1), 0)
    return Weighed(rows, tuple(_as_chance(*item) for item in chances), remainder, judge.leading, tuple(found))


@dataclass(frozen=True, slots=True)
class Settled:
    """Whether every position was seen and what was seen leaves one diplotype, or one phenotype, on which named-allele
    logic agrees."""

    diplotype: bool
    phenotype: bool


@dataclass(frozen=True, slots=True)
class _Judge:
    """Gives every candidate its status: by thresholds of the knowledge, under each population asked."""

    gene: Weigher
    chances: list[tuple[Phenotype | None, Masses]]
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
        return self._grade(self._lowest(phenotype), self.settled.phenotype)

    def _lowest(self, phenotype: Phenotype) -> float:
        """The lowest probability of a phenotype in any population, whatever its activity score."""
        if phenotype.term not in self.lowest:
            mine = [mass for item, mass in self.chances if item is not None and item.term == phenotype.term]
            self.lowest[phenotype.term] = float(np.sum(mine, axis=0).min()) if mine else 0.0
        return self.lowest[phenotype.term]

    def row(self, found: tuple[Diplotype, Phenotype], probability: Masses) -> Row:
        """One candidate with its two statuses."""
        named, phenotype = found
        values = probability.tolist()
        low, high = min(values), max(values)
        named = Diplotype(
            named.gene, named.name, named.label, named.haplotypes, named.score, _rounded(sum(values) / len(values)),
            _rounded(low), _rounded(high),
        )  # fmt: skip
        sure = self._grade(low, self.settled.diplotype)
        return Row(named, phenotype, probability, sure, self.of_phenotype(phenotype), self._lowest(phenotype))

    def _grade(self, lowest: float, is_settled: bool) -> CallStatus:
        levels = self.gene.certainty.thresholds
        if self.is_odd or lowest < levels.probable:
            return CallStatus.UNDETERMINED
        if lowest < levels.assured:
            return CallStatus.PROBABLE
        return CallStatus.CERTAIN if is_settled else CallStatus.ASSURED


def _settled(gene: Weigher, strands: Strands, found: list[Group], error: Masses, call: RowCall) -> Settled:
    if len(strands.places) < len(gene.definition.ids) or strands.is_half or not call.found:
        return Settled(False, False)
    exact = groups(gene.space, strands, np.zeros(len(error))) if error.any() else found
    keys, _ = pairs(exact, gene.space)
    chances = _chances(gene, by_class(exact, gene.space), strands.is_haploid)
    terms = {item.term for item, _ in chances if item is not None}
    is_one = len(keys) == 1 and len(call.found) == 1 and not call.is_list
    if is_one:
        named, _ = _found(Names(gene, exact), keys[0])
        is_one = sorted(named.haplotypes) == sorted(call.found[0].strands)
    return Settled(is_one, len(terms) == 1 and terms == _terms_of(gene, call))


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
        key = (phenotype.term, phenotype.activity_score) if phenotype else ("", "")
        before = found[key][1] if key in found else 0.0
        found[key] = (found[key][0] if key in found else phenotype, before + table[:, one, two])
    return sorted(found.values(), key=lambda item: -float(item[1].mean()))


def _found(names: Names, key: NDArray[np.int64]) -> tuple[Diplotype, Phenotype]:
    """The diplotype of a pair of kinds, with its phenotype."""
    gene = names.gene
    sides = tuple(names.of(kind, SHOWN) for kind in key.tolist() if kind >= 0)
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


def _unweighed(gene: Weigher, strands: Strands, call: RowCall, message: str, is_odd: bool) -> Weighed:
    """What named-allele logic says where nothing can be weighed: certain when everything was seen, otherwise not."""
    if not call.found:
        return _no_call(call.why)
    is_seen = len(strands.places) == len(gene.definition.ids) and not is_odd
    terms = _terms_of(gene, call)
    is_phased = strands.is_effectively_phased
    status = CallStatus.CERTAIN if is_seen and is_phased and len(terms) == 1 else CallStatus.UNDETERMINED
    alone = CallStatus.CERTAIN if status is CallStatus.CERTAIN and len(call.found) == 1 else CallStatus.UNDETERMINED
    rows = []
    for item in call.found:
        deciding = call.found if call.is_list else [item]
        phenotype = gene.meaning.of(deciding_haplotypes(gene.meaning, deciding, call.is_list))
        rows.append(Row(diplotype(gene.meaning, item, call.is_list), phenotype, None, alone, status))
    return Weighed(tuple(rows), (), None, status, (), "" if status is CallStatus.CERTAIN else message)


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
