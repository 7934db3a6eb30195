"""Calls of real people against GeT-RM truth; ``docs/methods/getrm.md`` explains every difference."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from getrm_compare import (
    Comparison,
    Concordance,
    Outcome,
    agrees,
    compare,
    concordance,
    discordances,
    pairs,
    table,
    truth_table,
)

from nof1.genomics.blocks import block
from nof1.genomics.genomes import GenomeSet, Reading
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panel
from nof1.pgx.table import gene_caller

Absent = Literal["unknown", "reference"]
Truth = dict[tuple[str, str], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AtLeast:
    """Shares that must be reached; ``None`` where the gene is compared for information."""

    by_name: float
    by_phenotype: float | None = None


EXPECTED = {
    "CYP2C9": AtLeast(0.98),
    "CYP3A5": AtLeast(0.98),
    "TPMT": AtLeast(0.98),
    "CYP3A4": AtLeast(0.98),
    "CYP2C19": AtLeast(0.86, 0.96),
    "SLCO1B1": AtLeast(0.57, 0.92),
    "CYP4F2": AtLeast(0.67),
}
FOR_INFORMATION = ("CYP2B6", "NUDT15")
GENES = (*EXPECTED, *FOR_INFORMATION)
MOST_NO_CALLS = 1
EXPLAINED_IN_WHOLE_GENOMES = {("CYP4F2", "NA18861")}
REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "methods" / "getrm.md"


@pytest.fixture(scope="module")
def pgx_data() -> Path:
    """The folder of reference genomes and truth; skips where it is absent."""
    beside = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("NOF1_REFERENCE_DATA") or beside) / "pgx"
    for wanted in ("getrm_truth.tsv", "kgp_3202_grch38", "getrm_wgs"):
        if not (folder / wanted).exists():
            pytest.skip(
                f"GeT-RM reference data not here: no {wanted}; set NOF1_REFERENCE_DATA to the folder that holds pgx/"
            )
    return folder


@pytest.fixture(scope="module")
def truth(pgx_data: Path) -> Truth:
    """Truth diplotypes as written, by sample and gene."""
    return truth_table(pgx_data / "getrm_truth.tsv")


@pytest.fixture(scope="module")
def on_panel(pgx_data: Path, truth: Truth) -> list[Comparison]:
    """The truth people of the 1000 Genomes panel, compared with absent sites read as reference."""
    compared = []
    for gene in GENES:
        path = pgx_data / "kgp_3202_grch38" / f"{gene}.vcf.gz"
        compared += compared_people([path], [gene], truth, "reference")
    return compared


def compared_people(paths: Sequence[Path], genes: Sequence[str], truth: Truth, absent: Absent) -> list[Comparison]:
    """Every person of the files who has a truth for any of ``genes``, compared gene by gene."""
    known = knowledge()
    wanted = panel(known).only(set(genes))
    everyone = GenomeSet(paths, wanted, Reading(absent=absent)).names
    people = [name for name in everyone if any((name, gene) in truth for gene in genes)]
    genomes = GenomeSet(paths, wanted, Reading(absent=absent), people)
    compared = []
    for gene in wanted.genes:
        caller = gene_caller(known.genes[gene.gene])
        for name, called in zip(genomes.names, caller.rows(block(genomes.names, genomes.sites(gene))), strict=True):
            if written := truth.get((name, gene.gene)):
                compared.append(compare(name, written, called, caller.meaning))
    genomes.check_builds()
    return compared


def counts(compared: Sequence[Comparison], gene: str) -> Concordance:
    """The counts of one gene."""
    return concordance(gene, compared)


@pytest.mark.parametrize(
    ("gene", "text", "expected"),
    [
        ("CYP2C19", "1/4A", {("*1", "*4")}),
        ("CYP2C19", " *1/*17\xa0", {("*1", "*17")}),
        ("TPMT", "*1/*3C", {("*1", "*3C")}),
        ("SLCO1B1", "*1A/*1B", {("*1", "*37")}),
        ("SLCO1B1", "*1/(14,43) ; *18/*24", {("*1", "*14"), ("*1", "*43"), ("*18", "*24")}),
        ("CYP2B6", "(2 ; *10)/*6", {("*2", "*6"), ("*6", "*10")}),
        ("CYP2B6", "*1/*1(22) or *1/*4x2", {("*1", "*1"), ("*1", "*22"), ("*1", "*4")}),
        ("CYP2D6", "*1/*36+*10", set()),
        ("SLCO1B1", "??", set()),
    ],
)
def test_truth_is_read_in_the_names_of_today(gene: str, text: str, expected: set[tuple[str, str]]) -> None:
    assert pairs(gene, [text], ["*1", "*3A", "*3C", "*37"]) == expected


def test_method_page_shows_these_counts_and_explains_every_difference(on_panel: list[Comparison]) -> None:
    rows = table(counts(on_panel, gene) for gene in GENES)
    print(f"\n1000 Genomes panel, absent sites read as reference\n{rows}\n{discordances(on_panel)}")
    page = PAGE.read_text(encoding="utf-8")
    assert rows in page
    sections = {part.split("\n", 1)[0].strip(): part for part in page.split("\n### ")[1:]}
    missing = [(item.gene, item.sample) for item in on_panel if not agrees(item) and item.sample not in sections[item.gene]]
    assert not missing


@pytest.mark.parametrize("gene", EXPECTED)
def test_calls_agree_by_name(on_panel: list[Comparison], gene: str) -> None:
    assert counts(on_panel, gene).share_by_name >= EXPECTED[gene].by_name


@pytest.mark.parametrize("gene", [gene for gene, least in EXPECTED.items() if least.by_phenotype is not None])
def test_calls_agree_by_phenotype(on_panel: list[Comparison], gene: str) -> None:
    least = EXPECTED[gene].by_phenotype
    assert least is not None
    assert counts(on_panel, gene).share_by_phenotype >= least


@pytest.mark.parametrize("gene", EXPECTED)
def test_hardly_anyone_is_left_without_a_call(on_panel: list[Comparison], gene: str) -> None:
    assert counts(on_panel, gene).no_calls <= MOST_NO_CALLS


@pytest.mark.slow
@pytest.mark.parametrize("absent", ["unknown", "reference"])
def test_whole_genomes_agree(pgx_data: Path, truth: Truth, absent: Absent) -> None:
    compared = compared_people(sorted((pgx_data / "getrm_wgs").glob("*.vcf.bgz")), GENES, truth, absent)
    print(f"\nwhole genomes of three people, absent sites read as {absent}")
    print(table(counts(compared, gene) for gene in GENES if counts(compared, gene).people))
    print(discordances(compared))
    assert len({item.sample for item in compared}) == 3
    assert not [item for item in compared if item.by_name is Outcome.NO_CALL]
    assert {(item.gene, item.sample) for item in compared if not agrees(item)} == EXPLAINED_IN_WHOLE_GENOMES
