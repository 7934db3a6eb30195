"""A genotype that is not known: the case with each possible one, and how likely each is before the levels are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from nof1.knowledge.kinetics import PkModel
from nof1.response.case import Case, GeneKnown

LEAST = 0.005  # probability below which a possibility is left out


def suppositions(model: PkModel, case: Case) -> list[tuple[Case, float, str]]:
    """(case, probability, what is supposed in words) for what ``model`` asks of genes; one of 1 where all is known.

    Possibilities of which the model sees no difference are taken together. Genes without ``chances`` stay unknown.
    """
    open_genes = sorted({item.gene.gene for item in model.covariates if item.gene} & set(_uncertain(case)))
    if not open_genes:
        return [(case, 1.0, "")]
    found: dict[tuple[tuple[float, ...], ...], tuple[dict[str, GeneKnown], float]] = {}
    for chosen in product(*(case.genes[gene].chances for gene in open_genes)):
        known = {gene: GeneKnown(one.alleles, one.phenotype) for gene, one in zip(open_genes, chosen, strict=True)}
        probability = 1.0
        for one in chosen:
            probability *= one.probability
        seen = tuple(tuple(_seen(model, gene, known[gene])) for gene in open_genes)
        first, total = found.get(seen, (known, 0.0))
        found[seen] = (first, total + probability)
    kept = [(known, total) for known, total in found.values() if total >= LEAST]
    whole = sum(total for _, total in kept)
    return [
        (replace(case, genes={**case.genes, **known}), total / whole, _words(known, total / whole)) for known, total in kept
    ]


def _uncertain(case: Case) -> Iterator[str]:
    yield from (name for name, known in case.genes.items() if known.chances and not (known.alleles or known.phenotype))


def _seen(model: PkModel, gene: str, known: GeneKnown) -> Iterator[float]:
    """What the covariates of ``model`` make of a possibility; -1 for what it has no figure for."""
    for item in model.covariates:
        if item.gene and item.gene.gene == gene:
            count = counted(item.gene.alleles, item.gene.phenotypes, known)
            yield -1.0 if count is None else count


def counted(alleles: list[str], phenotypes: list[str], known: GeneKnown) -> float | None:
    """How many of ``alleles``, or whether it is one of ``phenotypes``; ``None`` where that is not known.

    >>> counted(["*1"], [], GeneKnown(("*1", "*3")))
    1.0
    """
    if alleles:
        return float(sum(allele in alleles for allele in known.alleles)) if len(known.alleles) == 2 else None
    return float(known.phenotype in phenotypes) if known.phenotype else None


def _words(known: dict[str, GeneKnown], probability: float) -> str:
    named = ", ".join(f"{gene} {'/'.join(one.alleles) or one.phenotype}" for gene, one in known.items())
    return f"{named} or alike, supposed with {probability:.0%}"
