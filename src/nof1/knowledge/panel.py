"""What the knowledge asks of the genome readers."""

from __future__ import annotations

from nof1.knowledge.schema import Gene, Knowledge
from nof1.model.genome import Locus
from nof1.model.panel import Panel, PanelGene


def panel(knowledge: Knowledge) -> Panel:
    """Every locus of every gene that can be called from a genome."""
    genes = [gene for gene in knowledge.genes.values() if gene.positions and gene.file.call.methods != ["outside"]]
    return Panel("GRCh38", tuple(_panel_gene(gene) for gene in genes))


def _panel_gene(gene: Gene) -> PanelGene:
    chromosome = gene.file.chromosome
    loci = tuple(
        Locus(row.id, chromosome, row.position, row.ref, tuple(row.alts), row.span)
        for row in gene.positions
        if row.used != "no"
    )
    return PanelGene(gene.file.gene, chromosome, loci, gene.file.call.ploidy)
