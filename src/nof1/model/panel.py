"""What the knowledge asks of the readers, so that it reaches them without a sideways import."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nof1.model.genome import Locus


@dataclass(frozen=True, slots=True)
class PanelGene:
    """The loci of one gene, ascending by position, on one chromosome.

    ``ploidy``: ``diploid`` | ``sex_linked`` (one or two copies by person) | ``haploid``.
    """

    gene: str
    chromosome: str
    loci: tuple[Locus, ...]
    ploidy: str = "diploid"


@dataclass(frozen=True, slots=True)
class Panel:
    """Every locus asked for, gene by gene, in one genome build."""

    build: str
    genes: tuple[PanelGene, ...]

    def loci(self) -> Iterator[Locus]:
        """All loci, gene by gene."""
        for gene in self.genes:
            yield from gene.loci

    def only(self, names: set[str]) -> Panel:
        """The same panel for the genes in ``names``."""
        return Panel(self.build, tuple(gene for gene in self.genes if gene.gene in names))
