"""The shapes of ``gene_models/``: transcripts, chromosomes by accession, and the distances that rules on transcripts use."""

from __future__ import annotations

from typing import Literal

from nof1.knowledge.shape import Spec, Status
from nof1.model.transcripts import Segment, Transcript

Build = Literal["GRCh38", "GRCh37"]
Role = Literal["mane_select", "mane_plus_clinical", "named"]


class TranscriptRow(Spec, frozen=True):
    """One row of ``transcripts*.tsv``, on GRCh38. ``role`` ``named``: a rule asks for it by name.

    ``coding``: ``first-last`` position translated, 1-based, ascending, stop codon included; ``exons``: such pairs parted by
    commas. ``untranslated``: whether ``exons`` show the untranslated parts. ``source``: of names, role and strand.
    """

    gene: str
    transcript: str
    protein: str
    ensembl: str
    accession: str
    strand: Literal["+", "-"]
    role: Role
    untranslated: Literal["yes", "no"]
    coding: str
    exons: str
    source: str
    exons_source: str
    coding_source: str
    status: Status
    checked: str


class ChromosomeRow(Spec, frozen=True):
    """One row of ``chromosomes.tsv``: an assembled chromosome of a build, its RefSeq accession and length in bases."""

    build: Build
    chromosome: str
    accession: str
    length: int
    source: str
    status: Status
    checked: str


class SpliceDistances(Spec, frozen=True):
    """Bases counted from the border of an exon: the splice site itself, and the region around it."""

    site: int
    region_exon: int
    region_intron: int
    source: str


class DecayDistances(Spec, frozen=True):
    """When nonsense-mediated decay is not expected: bases before the last junction, coding bases from the start."""

    junction: int
    junction_source: str
    start: int
    start_source: str


class TranscriptRules(Spec, frozen=True):
    """``rules.yaml``."""

    schema: int
    splice: SpliceDistances
    decay: DecayDistances
    status: Status
    checked: str


class GeneModels(Spec, frozen=True):
    """All of ``gene_models/``."""

    transcripts: list[TranscriptRow] = []
    chromosomes: list[ChromosomeRow] = []
    rules: TranscriptRules | None = None

    def accession(self, chromosome: str, build: str) -> str:
        """The RefSeq accession of a chromosome (``chr`` style) on a build; empty where there is none."""
        found = (row.accession for row in self.chromosomes if (row.chromosome, row.build) == (chromosome, build))
        return next(found, "")

    def place(self, accession: str) -> tuple[str, tuple[str, ...]]:
        """The chromosome (``chr`` style) of a RefSeq accession and its builds; ``("", ())`` for an unknown one."""
        rows = [row for row in self.chromosomes if row.accession == accession]
        return (rows[0].chromosome, tuple(row.build for row in rows)) if rows else ("", ())

    def of_gene(self, gene: str) -> list[Transcript]:
        """The transcripts of a gene, MANE Select first."""
        order = ("mane_select", "mane_plus_clinical", "named")
        rows = sorted((row for row in self.transcripts if row.gene == gene), key=lambda row: order.index(row.role))
        return [self.transcript(row) for row in rows]

    def all(self) -> list[Transcript]:
        """Every transcript."""
        return [self.transcript(row) for row in self.transcripts]

    def transcript(self, row: TranscriptRow) -> Transcript:
        """One row as a transcript. Raises ``ValueError`` for segments that are none."""
        return Transcript(
            gene=row.gene,
            id=row.transcript,
            chromosome=self.place(row.accession)[0] or row.accession,
            strand=1 if row.strand == "+" else -1,
            exons=segments(row.exons),
            coding=segments(row.coding)[0],
            protein=row.protein,
            ensembl=row.ensembl,
            role=row.role,
            has_untranslated=row.untranslated == "yes",
        )


def segments(text: str) -> tuple[Segment, ...]:
    """``first-last`` pairs parted by commas. Raises ``ValueError`` for anything else, or where they do not ascend.

    >>> segments("1-10,21-30")
    ((1, 10), (21, 30))
    """
    pairs: list[Segment] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        pair = (int(first), int(last)) if first.isdecimal() and last.isdecimal() else (0, 0)
        if not 0 < pair[0] <= pair[1] or (pairs and pairs[-1][1] >= pair[0]):
            raise ValueError(f"{part!r} does not follow; write ascending first-last pairs")
        pairs.append(pair)
    return tuple(pairs)
