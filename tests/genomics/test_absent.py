"""What no record speaks about is unknown, unless somebody says that it was looked at."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from genomics.reading import genotypes, read, table
from genomics.vcf_text import KNOWN, Record, at, filler, gene_loci, locus, seen, text, write, write_as
from nof1.errors import GenomeError
from nof1.genomics.callable import read_bed

GENE = "CYP2C9"
LOCI = gene_loci(GENE)
HET = locus("rs1799853")
DELETION = locus("rs1304490498")
FIRST, LAST = LOCI[0].position, LOCI[-1].end
MB = 1_000_000
KINDS = ["plain", "bgzip", "indexed", "bcf"]


def bed(path: Path, *intervals: tuple[str, int, int]) -> Path:
    path.write_text("".join(f"{chrom}\t{start}\t{end}\n" for chrom, start, end in intervals))
    return path


def test_absent_is_unknown_by_default(tmp_path: Path) -> None:
    file = write(tmp_path / "a.vcf", [at(HET, "0/1"), *filler("chr10", [LAST + 10])])
    found, _ = read(file, GENE)
    assert {key for key, said in genotypes(found).items() if said != "not_covered"} == {HET.id}
    rows = table(file, genes=[GENE])
    used = {row.id for row in KNOWN.genes[GENE].positions if row.used == "yes"}
    assert {str(row[10]) for row in rows} == {",".join(place.id for place in LOCI if place.id in used - {HET.id})}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("before", "after", "looked_at"),
    [
        (10, 10, True), (MB, MB, True), (MB + 1, 10, False), (10, MB + 1, False), (10, None, False), (None, 10, False),
        (None, None, False),
    ],
)  # fmt: skip
def test_absent_is_reference_only_between_records(
    tmp_path: Path, kind: str, before: int | None, after: int | None, looked_at: bool
) -> None:
    """A position needs a record within 1 Mb on both sides."""
    positions = ([HET.position - before] if before else []) + ([HET.end + after] if after else [])
    others = [Record("chr2", 233760233, "CAT", ("C",), ("0/1",))]  # the file is on the right build
    file = write_as(tmp_path / "a", kind, text([*others, *filler("chr10", positions)]))
    found, notes = read(file, GENE, absent="reference")
    assert seen(found, HET.id) == ("=C/C" if looked_at else "not_covered")
    told = [note for note in notes if note.kind == "not_looked_at"]
    assert [note.locus for note in told] == ([] if all(said[0] == "=" for said in genotypes(found).values()) else [GENE])


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_cut_inside_the_gene_speaks_for_its_part_only(tmp_path: Path, kind: str) -> None:
    cut = LOCI[40]
    file = write_as(tmp_path / "a", kind, text([*filler("chr10", [FIRST - 10]), at(cut, "0/0")]))
    found, notes = read(file, GENE, absent="reference")
    said = genotypes(found)
    assert said[LOCI[39].id] == f"={LOCI[39].ref}/{LOCI[39].ref}"
    assert said[cut.id] == f"{cut.ref}/{cut.ref}"
    assert {said[place.id] for place in LOCI if place.position > cut.end} == {"not_covered"}
    assert [note.kind for note in notes] == ["not_looked_at"]


def test_each_person_is_reference_only_where_a_file_of_theirs_looked(tmp_path: Path) -> None:
    one = write(tmp_path / "1.vcf", filler("chr10", [FIRST - 10, LAST + 10]), ["A"])
    two = write(tmp_path / "2.vcf", filler("chr10", [FIRST - 10 - 3 * MB]), ["B"])
    found, _ = read([one, two], GENE, absent="reference")
    assert [seen(found, HET.id, row) for row in range(2)] == ["=C/C", "not_covered"]


def test_an_unknown_build_cannot_make_absence_reference(tmp_path: Path) -> None:
    file = write(tmp_path / "a.vcf", filler("chr10", [FIRST - 10, LAST + 10]), with_lengths=False)
    with pytest.raises(GenomeError, match=r"a\.vcf: its build is unknown .* pass --build GRCh38"):
        read(file, GENE, absent="reference")
    found, _ = read(file, GENE, absent="reference", build="hg38")
    assert seen(found, HET.id) == "=C/C"


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (Record("chr10", HET.position, "A", ("T",), ("0/1",)), "reference_mismatch"),
        (Record("chr10", HET.position, "N", ("T",), ("0/1",)), "odd_reference"),
        (Record("chr10", HET.position, "", ("T",), ("0/1",)), "odd_reference"),
        (at(HET, "0/1:5", form="GT:GQ"), "rejected"),
        (at(HET, "0/0:5", form="GT:GQ"), "rejected"),
        (at(HET, "./."), "no_genotype"),
        (at(HET, "./0"), "no_genotype"),
        (at(HET, "30", form="DP"), "no_genotype"),
        (at(HET, "0/2", alts=["T", "*"]), "deleted"),
        (at(HET, "0/1", alts=["<DEL>"]), "unknown_alternative"),
        (at(HET, "0/1", alts=["C[chr2:1000["]), "unknown_alternative"),
        (at(HET, "0/1", alts=["R"]), "unknown_alternative"),
        (Record("chr10", HET.position, "CGA", ("T",), ("0/1",)), "deleted"),
        (Record("chr10", HET.position - 2, "AAC", ("A",), ("0/1",)), "deleted"),
        (Record("chr10", HET.position - 2, "AAC", ("A",), ("0/1:5",), "GT:GQ"), "deleted"),
        (Record("chr10", HET.position - 300, "A", ("<DEL>",), ("0/1",), info=f"SVTYPE=DEL;END={HET.position}"), "deleted"),
        (Record("chr10", HET.position - 300, "A", ("<CN0>",), ("0/1",), info="SVTYPE=DEL;SVLEN=-300"), "deleted"),
        (Record("chr10", HET.position - 300, "A", ("<DUP>",), ("0/1",), info="SVTYPE=DUP;SVLEN=9000"), "deleted"),
    ],
)  # fmt: skip
def test_a_bad_site_is_never_declared_reference(tmp_path: Path, record: Record, kind: str) -> None:
    """Whatever is declared about absence, and with a BED over everything, a record that cannot be used is a no-call."""
    others = [at(place, "0/0") for place in LOCI if abs(place.position - HET.position) > 400]
    data = text(sorted([*others, record], key=lambda one: one.position))
    whole = bed(tmp_path / "all.bed", ("10", 1, 120_000_000))
    is_where_tabix_puts_it = record.ref and "SVLEN" not in record.info
    for kind_of_file in ["plain", "bgzip", *(["indexed"] if is_where_tabix_puts_it else [])]:
        file = write_as(tmp_path / kind_of_file, kind_of_file, data)
        for how in ({}, {"absent": "reference"}, {"bed": whole}):
            found, notes = read(file, GENE, **how)
            assert seen(found, HET.id) == "no_call"
            assert [note.kind for note in notes if note.locus == HET.id] == [kind]
    (row,) = table(file, genes=[GENE], absent="reference")
    assert HET.id in str(row[10]).split(",")


@pytest.mark.parametrize("gt", ["0/1", "1/1"])
def test_a_deletion_over_a_called_base_wins(tmp_path: Path, gt: str) -> None:
    over = Record("chr10", HET.position - 2, "AAC", ("A",), (gt,))
    found, notes = read(write(tmp_path / "a.vcf", [over, at(HET, "0/0")]), GENE)
    assert seen(found, HET.id) == "no_call"
    assert [note.kind for note in notes if note.locus == HET.id] == ["deleted"]
    nobody = Record("chr10", HET.position - 2, "AAC", ("A",), ("0/0",))
    found, notes = read(write(tmp_path / "b.vcf", [nobody, at(HET, "0/0")]), GENE)
    assert (seen(found, HET.id), notes) == ("C/C", [])


# BED of callable regions


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [(-1, 0, "=C/C"), (0, 1, "not_covered"), (-2, -1, "not_covered"), (-100, 100, "=C/C")],
)
@pytest.mark.parametrize("style", ["chr10", "10", "NC_000010.11"])
def test_bed_intervals_are_half_open(tmp_path: Path, start: int, end: int, said: str, style: str) -> None:
    regions = bed(tmp_path / "a.bed", (style, HET.position + start, HET.position + end))
    found, _ = read(write(tmp_path / "a.vcf", [at(LOCI[0], "0/0")]), GENE, bed=regions)
    assert seen(found, HET.id) == said


@pytest.mark.parametrize(("end", "said"), [(10, "=CAATGGAAAGA/CAATGGAAAGA"), (9, "not_covered")])
def test_a_deletion_must_lie_inside_whole(tmp_path: Path, end: int, said: str) -> None:
    file = write(tmp_path / "a.vcf", [at(LOCI[0], "0/0")])
    low = DELETION.position - 1
    parts = bed(tmp_path / "a.bed", ("chr10", low + 4, low + end + 1), ("chr10", low - 5, low + 4))  # unsorted, touching
    assert seen(read(file, GENE, bed=parts)[0], DELETION.id) == said
    gap = bed(tmp_path / "b.bed", ("chr10", low - 5, low + 4), ("chr10", low + 5, low + end + 1))
    assert seen(read(file, GENE, bed=gap)[0], DELETION.id) == "not_covered"


def test_callable_and_records(tmp_path: Path) -> None:
    """A record wins over the BED; the BED fills what no record speaks about; outside it is unknown."""
    regions = bed(tmp_path / "a.bed", ("chr10", FIRST - 1, LOCI[30].end))
    other = next(place for place in LOCI[:20] if place != HET)
    found, _ = read(write(tmp_path / "a.vcf", [at(HET, "0/1"), at(other, "./.")]), GENE, bed=regions)
    said = genotypes(found)
    assert said[HET.id] == "C/T"
    assert said[other.id] == "no_call"
    for place in LOCI:
        if place not in (HET, other):
            inside = place.position + len(place.ref) - 1 <= LOCI[30].end
            assert said[place.id] == (f"={place.ref}/{place.ref}" if inside else "not_covered")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_bed_comments_gzip_and_line_ends(tmp_path: Path, end: str) -> None:
    words = (
        end.join(["browser position", "track name=x", "# made by hand", "", "chr10\t99\t200\tname\t0\t+", "10 300 400"])
        + end
    )
    (tmp_path / "a.bed").write_bytes(words.encode())
    (tmp_path / "a.bed.gz").write_bytes(gzip.compress(words.encode()))
    for name in ("a.bed", "a.bed.gz"):
        regions = read_bed(tmp_path / name)
        assert regions.intervals == {"chr10": ((100, 301), (200, 400))}
        assert regions.covers("chr10", 100, 200)
        assert not regions.covers("chr10", 99, 200)
        assert not regions.covers("chr10", 200, 201)
        assert not regions.covers("chr11", 100, 100)
