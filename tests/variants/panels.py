"""Expert-panel classifications of the reference data as rows, and what their HGVS names say as consequences.

The consequences here are read from names and from gene models of the reference data, not by nof1's own reader of
sequences: they stand for the facts that codes are found from.
"""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nof1.model.variants import Consequence

NAME = re.compile(
    r"(?P<transcript>[A-Z]{2}_\d+\.\d+)(?:\((?P<gene>[^)]+)\))?:(?P<coding>[cmn]\.[^ ]+)(?: \((?P<protein>p\..+)\))?\s*$"
)


@dataclass(frozen=True)
class PanelRow:
    name: str
    gene: str
    assertion: str
    met: tuple[str, ...]
    not_met: tuple[str, ...]
    panel: str
    chromosome: str
    position: int
    ref: str
    alt: str

    def looked(self, code: str) -> bool:
        return self.met_as(code) != "" or any(bare(item) == code for item in self.not_met)

    def met_as(self, code: str) -> str:
        return next((item for item in self.met if bare(item) == code), "")


def bare(code: str) -> str:
    return code.partition("_")[0]


def panel_rows(reference_data: Path) -> list[PanelRow]:
    with (reference_data / "variants" / "clingen_erepo.tsv").open() as file:
        return [_row(row) for row in csv.DictReader(file, delimiter="\t")]


def _row(row: dict[str, str]) -> PanelRow:
    met, not_met = (
        tuple(part.strip() for part in row[key].split(",") if part.strip()) for key in ("codes_met", "codes_not_met")
    )
    position = int(row["pos"]) if row["pos"] else 0
    return PanelRow(
        row["variation"],
        row["gene"],
        row["assertion"].lower(),
        met,
        not_met,
        row["vcep"],
        row["chrom"],
        position,
        row["ref"],
        row["alt"],
    )


@dataclass(frozen=True)
class GeneModel:
    """Coding lengths of the exons of a gene's main transcript, in the order of the transcript."""

    transcript: str
    exons: tuple[int, ...]

    @property
    def codons(self) -> int:
        return sum(self.exons) // 3

    def exon_of(self, base: int) -> int:
        """Which coding exon (from 0) holds coding base ``base``."""
        end = 0
        for number, length in enumerate(self.exons):
            end += length
            if base <= end:
                return number
        return len(self.exons) - 1

    def decays(self, stop_base: int) -> bool:
        """Fifty bases before the last junction, the rule for decay; one coding exon never decays."""
        if len(self.exons) == 1:
            return False
        return stop_base <= sum(self.exons[:-1]) - 50


@lru_cache(maxsize=1)
def gene_models(folder: Path) -> dict[str, GeneModel]:
    """Coding exons of the main transcript of each panel's gene: MANE names it, GENCODE has exons and their coding part."""
    from pyarrow import array, compute, parquet

    with (folder / "clingen_erepo.tsv").open() as file:
        genes = {row["gene"] for row in csv.DictReader(file, delimiter="\t")}
    main: dict[str, tuple[str, str]] = {}
    with gzip.open(folder / "MANE.GRCh38.v1.5.summary.txt.gz", "rt") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if row["MANE_status"] == "MANE Select" and row["symbol"] in genes:
                main[row["symbol"]] = (row["Ensembl_nuc"].partition(".")[0], row["RefSeq_nuc"].partition(".")[0])
    exons: dict[str, list[tuple[int, int]]] = {}
    with gzip.open(folder / "gencode_hg38_exons.bed.gz", "rt") as file:
        for line in file:
            _, start, end, *_, gene, _, transcript = line.rstrip("\n").split("\t") if line[0] != "#" else [""] * 7
            if gene in main and transcript.partition(".")[0] == main[gene][0]:
                exons.setdefault(gene, []).append((int(start), int(end)))
    table = parquet.read_table(folder / "gencode_hg38_CDS.parquet", columns=["gene_name", "Strand", "_starts", "_ends"])
    names = table["gene_name"].cast("string")
    coding: dict[str, list[tuple[int, int]]] = {}
    strand: dict[str, str] = {}
    for row in table.filter(compute.is_in(names, value_set=array(sorted(exons)))).to_pylist():
        coding.setdefault(row["gene_name"], []).append((row["_starts"], row["_ends"]))
        strand[row["gene_name"]] = row["Strand"]
    return {gene: GeneModel(main[gene][1], _lengths(exons[gene], coding[gene], strand[gene])) for gene in coding}


def _lengths(exons: list[tuple[int, int]], coding: list[tuple[int, int]], strand: str) -> tuple[int, ...]:
    lengths = []
    for start, end in sorted(set(exons), reverse=strand == "-"):
        covered = [(max(start, low), min(end, high)) for low, high in coding if low < end and high > start]
        if covered:
            lengths.append(max(high for _, high in covered) - min(low for low, _ in covered))
    return tuple(lengths)


def consequence_of(row: PanelRow, model: GeneModel | None) -> tuple[Consequence | None, float, bool | None]:
    """What the name says: consequence, share of the protein lost, whether the exon beside a splice site is in frame."""
    found = NAME.match(row.name)
    if found is None or not found["coding"].startswith("c."):
        return None, float("nan"), None
    coding, protein = found["coding"], found["protein"] or ""
    same = model is not None and found["transcript"].partition(".")[0] == model.transcript
    known = model if same else None
    term = _term(coding, protein)
    if term in ("stop_gained", "frameshift_variant"):
        return _stop(row, term, coding, protein, known)
    if term in ("splice_donor_variant", "splice_acceptor_variant") and known is not None:
        base = int(re.match(r"c\.(\d+)", coding)[1])  # type: ignore[index]
        exon = known.exon_of(base)
        in_frame = known.exons[exon] % 3 == 0
        decays = known.decays(sum(known.exons[: exon + 1])) and 0 < exon < len(known.exons) - 1
        made = Consequence(
            row.gene, found["transcript"], (term,), coding, protein, decay="expected" if decays and not in_frame else ""
        )
        share = known.exons[exon] / sum(known.exons) if in_frame else 1 - sum(known.exons[:exon]) / sum(known.exons)
        return made, share, in_frame
    terms = (term,) if term else ()
    return Consequence(row.gene, found["transcript"], terms, coding, protein), float("nan"), None


def _stop(
    row: PanelRow, term: str, coding: str, protein: str, model: GeneModel | None
) -> tuple[Consequence, float, bool | None]:
    found = re.match(r"p\.\(?[A-Z][a-z]{2}(\d+)", protein)
    transcript = row.name.partition("(")[0].partition(":")[0]
    if model is None or found is None:
        return Consequence(row.gene, transcript, (term,), coding, protein), float("nan"), None
    first = int(found[1])
    further = re.search(r"fs(?:Ter|\*)?(\d+)", protein)
    stop = first + int(further[1]) if further else first
    decay = "expected" if model.decays(3 * stop) else "escaped"
    return Consequence(row.gene, transcript, (term,), coding, protein, decay=decay), 1 - first / model.codons, None


def _term(coding: str, protein: str) -> str:
    if "fs" in protein:
        return "frameshift_variant"
    if re.match(r"p\.\(?Met1(?!\d)", protein):
        return "start_lost"
    if re.search(r"(?:Ter|\*)\)?$", protein) and not protein.startswith("p.Ter") and "ext" not in protein:
        return "stop_gained"
    if protein.endswith("="):
        return "synonymous_variant"
    if re.fullmatch(r"p\.\(?[A-Z][a-z]{2}\d+[A-Z][a-z]{2}\)?", protein):
        return "missense_variant"
    site = re.match(r"c\.\d+([+-])[12](?!\d)", coding)
    if site:
        return "splice_donor_variant" if site[1] == "+" else "splice_acceptor_variant"
    return ""
