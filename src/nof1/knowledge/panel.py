"""What the knowledge asks of the genome readers."""

from __future__ import annotations

from collections.abc import Container

from nof1.knowledge.schema import Gene, Knowledge, Position
from nof1.model.genome import Locus
from nof1.model.panel import Panel, PanelGene

BUILDS = ("GRCh38", "GRCh37")


def panel(knowledge: Knowledge, build: str = "GRCh38", only: Container[str] | None = None) -> Panel:
    """Every locus of every gene (of ``only``, where given) that can be called from a genome, on ``build``.

    On GRCh37 a position that is known on GRCh38 only is left out, and so is a gene that has no other.
    """
    genes = [gene for gene in knowledge.genes.values() if gene.positions and gene.file.call.methods != ["outside"]]
    read = [_panel_gene(gene, build) for gene in genes if only is None or gene.file.gene in only]
    return Panel(build, tuple(gene for gene in read if gene.loci))


def panels(knowledge: Knowledge, only: Container[str] | None = None) -> list[Panel]:
    """The panel on every build that can be read; first the one whose alleles the answers have."""
    return [panel(knowledge, build, only) for build in BUILDS]


def _panel_gene(gene: Gene, build: str) -> PanelGene:
    chromosome = gene.file.chromosome
    rows = [row for row in gene.positions if row.used != "no"]
    if build == "GRCh37":
        loci = sorted((_on_37(row, chromosome) for row in rows if row.position_37), key=lambda locus: locus.position)
    else:
        loci = [Locus(row.id, chromosome, row.position, row.ref, tuple(row.alts), row.span) for row in rows]
    return PanelGene(gene.file.gene, chromosome, tuple(loci), gene.file.call.ploidy)


def _on_37(row: Position, chromosome: str) -> Locus:
    """The position on GRCh37; where the reference differs, the documented bases change places."""
    others = tuple(text for text in (row.ref, *row.alts) if text != row.ref_37)
    return Locus(row.id, chromosome, row.position_37, row.ref_37, others, row.span if row.ref == row.ref_37 else "")
