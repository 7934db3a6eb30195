"""One or two alleles: on X by person, elsewhere always two."""

from __future__ import annotations

from pathlib import Path

import pytest

from genomics.reading import read, table
from genomics.vcf_text import Record, at, gene_loci, gene_records, locus, seen, write

GENE = "G6PD"
PLACE = locus("rs1050828")
REST = [place for place in gene_loci(GENE) if place != PLACE]
FIRST, LAST = gene_loci(GENE)[0].position, gene_loci(GENE)[-1].end


def called(path: Path, **how: str) -> tuple[str, str]:
    (row,) = table(path, genes=[GENE], **how)
    return str(row[3]), str(row[10])


@pytest.mark.parametrize(
    ("call", "rest", "alleles"),
    [("1", "0", 1), ("0", "0", 1), ("0/1", "0/0", 2), ("1/1", "0/0", 2), ("1", "0/0", 2), ("1|1", "0", 2)],
)
def test_the_file_says_how_many_copies_there_are(tmp_path: Path, call: str, rest: str, alleles: int) -> None:
    file = write(
        tmp_path / "a.vcf", gene_records(GENE, {place.id: [call if place == PLACE else rest] for place in gene_loci(GENE)})
    )
    name, unseen = called(file)
    assert unseen == ""
    assert len(name.split("/")) == alleles
    carried = call.count("1")
    if alleles == 1 or carried == 2 or call == "1":
        assert len(set(name.split("/"))) == 1
    assert (name.split("/").count("B (reference)") == alleles) == (carried == 0)


def test_a_man_and_a_woman_in_one_file(tmp_path: Path) -> None:
    records = [at(place, "1" if place == PLACE else "0", "0/1" if place == PLACE else "0/0") for place in gene_loci(GENE)]
    rows = table(write(tmp_path / "a.vcf", records, ["man", "woman"]), genes=[GENE])
    names = {str(row[0]): str(row[3]) for row in rows}
    assert "/" not in names["man"]
    assert set(names["woman"].split("/")) == {"B (reference)", names["man"]}


@pytest.mark.parametrize(("gt", "shown"), [("0", "=C"), ("0/0", "=C/C")])
def test_blocks_keep_the_ploidy(tmp_path: Path, gt: str, shown: str) -> None:
    records = [Record("chrX", FIRST - 9, "A", ("<NON_REF>",), (gt,), info=f"END={LAST + 9}")]
    found, _ = read(write(tmp_path / "a.vcf", records), GENE)
    assert seen(found, PLACE.id) == shown.replace("C", PLACE.ref)


def test_declared_reference_takes_the_ploidy_of_the_records(tmp_path: Path) -> None:
    around = [Record("chrX", position, "A", ("G",), ("1",)) for position in (FIRST - 900, LAST + 900)]
    records = [around[0], at(PLACE, "1"), around[1]]
    found, _ = read(write(tmp_path / "a.vcf", records), GENE, absent="reference")
    assert seen(found, PLACE.id) == PLACE.alts[0]
    assert {seen(found, place.id) for place in REST} == {f"={place.ref}" for place in REST}


@pytest.mark.parametrize(("call", "said"), [("0", "no_call"), ("1", "T/."), (".", "no_call"), ("./.", "no_call")])
def test_on_an_autosome_one_allele_is_half_a_genotype(tmp_path: Path, call: str, said: str) -> None:
    place = locus("rs1799853")
    file = write(tmp_path / "a.vcf", gene_records("CYP2C9", {place.id: [call]}))
    found, notes = read(file, "CYP2C9", absent="reference")
    assert seen(found, place.id) == said
    assert [(note.kind, note.sample) for note in notes if note.locus == place.id][:1] == [("no_genotype", "S1")]
    (row,) = table(file, genes=["CYP2C9"], absent="reference")
    assert (row[9], row[3]) == (("no_call", "") if call == "1" else ("called", "*1/*1"))
    assert (place.id in str(row[10])) == (call != "1")


def test_a_haploid_and_a_diploid_record_of_one_person_contradict(tmp_path: Path) -> None:
    one, two = write(tmp_path / "1.vcf", [at(PLACE, "1")]), write(tmp_path / "2.vcf", [at(PLACE, "0/1")])
    found, notes = read([one, two], GENE)
    assert seen(found, PLACE.id) == "no_call"
    assert [note.kind for note in notes] == ["contradiction"]
