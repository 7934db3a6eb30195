"""Names of changes: HGVS and SPDI, written and read back, against published names."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest

from nof1.errors import RequestError
from nof1.knowledge.compiled import knowledge
from nof1.model.alignment import Placed, left_align
from nof1.model.sequence import Window
from nof1.model.variants import Allele
from nof1.variants.consequence import consequences
from nof1.variants.hgvs import coding_name, genomic_name
from nof1.variants.hgvs_read import allele_of, parse
from nof1.variants.spdi import spdi
from variants.drawn import change, repeat_rich
from variants.two_genes import opened, reading_of, rules

WINDOW = Window("chr1", 1, "GTCAAATGCGATCGTTCACACAGGCATGCCTTAACG")
#                           123456789012345678901234567890123456


@pytest.mark.parametrize(
    ("position", "ref", "alt", "name", "contextual"),
    [
        (4, "A", "G", "4A>G", "3:A:G"),
        (3, "CA", "C", "6del", "3:AAA:AA"),
        (3, "C", "CA", "6dup", "3:AAA:AAAA"),
        (3, "C", "CAA", "5_6dup", "3:AAA:AAAAA"),
        (3, "C", "CAAAAA", "6_7insAAAAA", "3:AAA:AAAAAAAA"),
        (7, "T", "TC", "7_8insC", "7::C"),
        (17, "CACA", "C", "18_20del", "17:ACA:"),
        (16, "TCA", "T", "21_22del", "16:CACACA:CACA"),
        (16, "T", "TCA", "21_22dup", "16:CACACA:CACACACA"),
        (12, "TC", "GA", "12_13inv", ""),
        (8, "GCGATC", "GATCGC", "9_12inv", ""),
        (26, "ATG", "TCC", "26_28delinsTCC", ""),
        (1, "GT", "T", "1del", "0:G:"),
    ],
)
def test_written(position: int, ref: str, alt: str, name: str, contextual: str) -> None:
    assert WINDOW.of(position, position + len(ref) - 1) == ref
    allele = Allele("chr1", position, ref, alt)
    assert genomic_name(allele, "NC_000001.11", WINDOW) == f"NC_000001.11:g.{name}"
    if contextual:
        assert spdi(allele, "NC_000001.11", WINDOW) == f"NC_000001.11:{contextual}"


def test_the_mitochondrion_is_named_m() -> None:
    window = Window("chrM", 1, "GATCACAG")
    assert genomic_name(Allele("chrM", 3, "T", "C"), "NC_012920.1", window) == "NC_012920.1:m.3T>C"


@pytest.mark.parametrize(
    ("text", "position", "ref", "alt"),
    [
        ("NC_000001.11:g.4A>G", 4, "A", "G"),
        ("NC_000001.11:g.5del", 3, "CA", "C"),
        ("NC_000001.11:g.5delA", 3, "CA", "C"),
        ("NC_000001.11:g.4_6del", 3, "CAAA", "C"),
        ("NC_000001.11:g.6dup", 3, "C", "CA"),
        ("NC_000001.11(GENE):g.7_8insC", 7, "T", "TC"),
        ("NC_000001.11:g.4_6inv", 4, "AAA", "TTT"),
        ("NC_000001.11:g.4_6delinsGT", 4, "AAA", "GT"),
        ("NC_000001.11:g.4_6delAAAinsGT", 4, "AAA", "GT"),
        ("NC_000001.11:g.17CA[5]", 16, "T", "TCACA"),
        ("NC_000001.11:g.17_18CA[2]", 16, "TCA", "T"),
        ("NC_000001.11:g.17_22CA[2]", 16, "TCA", "T"),
        (" NC_000001.11:3:A:G ", 4, "A", "G"),
        ("NC_000001.11:3:3:", 3, "CAAA", "C"),
        ("NC_000001.11:3:AAA:AA", 3, "CA", "C"),
        ("NC_000001.11:0:G:", 1, "GT", "T"),
    ],
)
def test_read(text: str, position: int, ref: str, alt: str) -> None:
    assert allele_of(parse(text), "chr1", WINDOW) == Allele("chr1", position, ref, alt)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("NM_000059.4:c.68-7T>A", "name on a transcript or protein \\(c\\.\\)"),
        ("NP_000050.3:p.Arg3052Trp", "name on a transcript or protein \\(p\\.\\)"),
        ("rs80357906", "no name of a change"),
        ("NC_000001.11:g.0A>G", "write the lower position"),
        ("NC_000001.11:g.9_4del", "write the lower position"),
        ("NC_000001.11:g.4_9insA", "two neighbouring positions"),
        ("NC_000001.11:g.4A>", "no change that is read"),
        ("NC_000001.11:g.4_6con8_10", "no change that is read"),
        ("NC_000001.11:g.4C>G", "the reference has A there"),
        ("NC_000001.11:g.4_5delTT", "the reference has AA there"),
        ("NC_000001.11:g.400A>G", "is not at hand"),
        ("NC_000001.11:g.4=", "changes nothing"),
        ("NC_000001.11:g.4_6delinsAAA", "changes nothing"),
        ("NC_000001.11:g.8CA[5]", "does not begin at 8"),
        ("NC_000001.11:g.17CA[999999]", "more than"),
        ("NC_000001.11:3:J:G", "no bases"),
        ("NC_000001.11:3", "no name of a change"),
    ],
)
def test_not_read(text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        allele_of(parse(text), "chr1", WINDOW)


def test_every_name_leads_back_to_the_normal_form() -> None:
    rng = np.random.default_rng(77)
    reference = repeat_rich(rng, 4000).upper() + "ACGT"
    window, kinds = Window("chr1", 1, reference), set()
    for _ in range(4000):
        position, ref, alt = change(rng, reference[:-60])
        *normal, placed = left_align(position, ref, alt, window)
        if placed is not Placed.ALIGNED:
            continue
        allele = Allele("chr1", *normal)
        name = genomic_name(Allele("chr1", position, ref, alt), "NC_000001.11", window)
        kinds |= set(re.findall(r"[a-z]{3,}|>", name.partition("g.")[2]))
        assert name == genomic_name(allele, "NC_000001.11", window)
        assert allele_of(parse(name), "chr1", window) == allele
        assert allele_of(parse(spdi(allele, "NC_000001.11", window)), "chr1", window) == allele
    assert kinds == {"del", "dup", "ins", "delins", "inv", ">"}


def test_a_name_that_the_window_cannot_decide_is_not_given() -> None:
    window = Window("chr1", 101, "CAAAA")
    allele = Allele("chr1", 101, "CA", "C")
    assert genomic_name(allele, "NC_000001.11", window) == "" == spdi(allele, "NC_000001.11", window)


@pytest.mark.parametrize(
    ("gene", "position", "ref", "alt", "coding", "protein"),
    [  # names as ClinVar gives them, protein names as predicted ones in parentheses
        ("BRCA1", 43124027, "ACT", "A", "NM_007294.4:c.68_69del", "p.(Glu23ValfsTer17)"),
        ("BRCA1", 43057062, "T", "TG", "NM_007294.4:c.5266dup", "p.(Gln1756ProfsTer74)"),
        ("BRCA1", 43106487, "A", "C", "NM_007294.4:c.181T>G", "p.(Cys61Gly)"),
        ("BRCA2", 32340300, "GT", "G", "NM_000059.4:c.5946del", "p.(Ser1982ArgfsTer22)"),
        ("BRCA2", 32316461, "A", "G", "NM_000059.4:c.1A>G", "p.(Met1?)"),
    ],
)
def test_names_that_clinicians_know(
    gene: str, position: int, ref: str, alt: str, coding: str, protein: str, reference_data: Path, tmp_path: Path
) -> None:
    reading = reading_of(gene, opened(reference_data, tmp_path))
    one = consequences(reading, [Allele(reading.transcript.chromosome, position, ref, alt)], rules())[0]
    assert (one.hgvs_c, one.hgvs_p) == (coding, protein)


def test_coding_names_of_expert_panels(reference_data: Path) -> None:
    models = {one.id: one for one in knowledge().gene_models.all()}
    seen: set[str] = set()
    checked = 0
    with open(reference_data / "variants" / "clingen_erepo.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            match = re.match(r"(NM_\d+\.\d+)\([^)]*\):(c\.\S+[ACGT]>[ACGT])", row["variation"])
            if match is None or not row["pos"] or len(row["ref"]) != 1 or len(row["alt"]) != 1:
                continue
            model = models.get(match[1])
            if model is None or model.chromosome != row["chrom"]:
                continue
            window = Window(row["chrom"], int(row["pos"]), row["ref"])
            allele = Allele(row["chrom"], int(row["pos"]), row["ref"], row["alt"])
            assert coding_name(allele, model, window) == f"{match[1]}:{match[2]}"
            assert genomic_name(allele, row["hgvs_g_grch38"].partition(":")[0], window) == row["hgvs_g_grch38"]
            seen.add(model.gene)
            checked += 1
    assert checked >= 450 and len(seen) >= 10, (checked, seen)


def test_single_bases_named_in_the_knowledge_are_read_as_they_stand() -> None:
    known, checked = knowledge(), 0
    for gene in known.genes.values():
        for row in gene.positions:
            if re.fullmatch(r"(\S+:)?[gm]\.\d+[ACGT]>[ACGT]", row.hgvs) and len(row.ref) == 1:
                accession = known.gene_models.accession(gene.file.chromosome, "GRCh38")
                name = parse(f"{accession}:{row.hgvs.rpartition(':')[2]}")
                chromosome, builds = known.gene_models.place(name.accession)
                assert "GRCh38" in builds and name.first == row.position and name.deleted == row.ref
                assert name.inserted in row.alts
                window = Window(chromosome, name.first, row.ref)
                assert allele_of(name, chromosome, window) == Allele(chromosome, name.first, row.ref, name.inserted)
                checked += 1
    assert checked > 500
