"""A laboratory's declaration: absent is reference inside it, nothing else changes, and what contradicts it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from genomics import vcf_text
from genomics.array_files import AT_37, P37, P38, read, row, seen, write
from nof1.assessment.assay import AssayFacts, described
from nof1.errors import GenomeError
from nof1.genomics.assay import Assay, read_assay
from nof1.model.genome import CallCode

GENE = "CYP2C9"
LOCI = next(gene for gene in P38.genes if gene.gene == GENE).loci
SNV = [locus for locus in LOCI if locus.is_snv]
INDEL = next(locus for locus in LOCI if len(locus.span) > len(locus.ref))
HEAD = "# laboratory: Example\n# build: GRCh38\n# method: targeted sequencing\n# version: 3\n"


def declare(tmp_path: Path, table: str, head: str = HEAD) -> Assay:
    path = tmp_path / "assay.tsv"
    path.write_text(head + table)
    return read_assay(path).bound([P38, P37])


def genome(tmp_path: Path, *records: vcf_text.Record) -> Path:
    return vcf_text.write(tmp_path / "p.vcf", sorted(records, key=lambda record: record.position))


def test_absent_is_reference_inside_and_unknown_outside(tmp_path: Path) -> None:
    one, two, three, four = SNV[:4]
    assay = declare(tmp_path, f"id\n{one.id}\n{two.id}\n{three.id}\n{three.id}\n")
    file = genome(tmp_path, vcf_text.at(two, "0/1"), vcf_text.at(three, "./."))
    found, _, genomes = read(file, GENE, assay=assay)
    assert seen(found, one.id) == f"{one.ref}/{one.ref}"
    assert seen(found, two.id) == "/".join(sorted((two.ref, two.alts[0])))
    assert seen(found, three.id) == "no_call"
    assert seen(found, four.id) == "not_covered"
    assert genomes.declared == {"callable": 0, "assay": 1, "absent": 0}
    assert list(assay.header) == ["laboratory", "build", "method", "version"]


def test_the_same_as_a_bed_of_the_same_bases(tmp_path: Path) -> None:
    rows = [(locus.chromosome, locus.position, locus.end) for locus in LOCI[::2]]
    assay = declare(tmp_path, "chromosome\tposition\tend\n" + "".join(f"{c}\t{a}\t{b}\n" for c, a, b in rows))
    expected = {
        locus.id for locus in LOCI
        if all(any(a <= base <= b for _, a, b in rows) for base in range(locus.position, locus.end + 1))
    }  # fmt: skip
    assert assay.interrogated == expected


def test_an_indel_needs_its_whole_span(tmp_path: Path) -> None:
    for end, is_inside in ((INDEL.position, False), (INDEL.end - 1, False), (INDEL.end, True)):
        made = declare(tmp_path, f"chromosome\tposition\tend\n{INDEL.chromosome}\t{INDEL.position}\t{end}\n")
        assert (INDEL.id in made.interrogated) == is_inside


def test_ids_hold_on_either_build_and_positions_on_their_own(tmp_path: Path) -> None:
    place = next(locus for locus in SNV if locus.id in AT_37 and AT_37[locus.id].position != locus.position)
    there = AT_37[place.id]
    head = HEAD.replace("GRCh38", "GRCh37")
    assert place.id in declare(tmp_path, f"id\n{place.id}\n", head).interrogated
    assert declare(tmp_path, f"chromosome\tposition\n10\t{there.position}\n", head).interrogated == {place.id}
    file = write(tmp_path / "a.txt", [row(next(locus for locus in SNV if locus.id in AT_37), "--")])
    assay = declare(tmp_path, f"id\n{place.id}\n", head)
    found, _, _ = read(file, GENE, assay=assay)
    assert seen(found, place.id) in (f"{place.ref}/{place.ref}", "no_call")


def test_another_build_is_refused(tmp_path: Path) -> None:
    assay = declare(tmp_path, f"id\n{SNV[0].id}\n", HEAD.replace("GRCh38", "GRCh37"))
    with pytest.raises(GenomeError, match=r"is on GRCh37, but .* is on GRCh38"):
        read(genome(tmp_path, vcf_text.at(SNV[0], "0/1")), GENE, assay=assay)


def test_an_unknown_id_is_a_note(tmp_path: Path) -> None:
    assay = declare(tmp_path, f"id\nrs999999999999\n{SNV[0].id}\n")
    assert [note.kind for note in assay.notes] == ["assay_unknown"]
    assert assay.interrogated == {SNV[0].id}


OTHER = next(base for base in "ACGT" if base != SNV[0].ref)


@pytest.mark.parametrize(
    ("head", "table", "message"),
    [
        ("# laboratory: X\n", f"id\n{SNV[0].id}\n", "no '# build:' line"),
        (HEAD.replace("GRCh38", "T2T"), f"id\n{SNV[0].id}\n", "build is 'T2T'"),
        (HEAD.replace("GRCh38", "NCBI36"), f"id\n{SNV[0].id}\n", "build is NCBI36"),
        (HEAD, "", "lists no position"),
        (HEAD, "id\n", "lists no position"),
        (HEAD, "gene\n1\n", "line 5: columns gene"),
        (HEAD, "chromosome\tposition\n10\tx\n", "line 6: position is 'x'"),
        (HEAD, "chromosome\tposition\n10\n", "line 6: 1 columns, expected 2"),
        (HEAD, "id\tchromosome\tposition\n\t10\t\n", "line 6: names no position"),
        (HEAD, "chromosome\tposition\tend\n10\t50\t40\n", "line 6: names no position"),
        (HEAD, f"id\tref\n{SNV[0].id}\t{OTHER}\n", f"line 6: REF is {OTHER}"),
        (HEAD, f"chromosome\tposition\tref\n10\t{SNV[0].position}\t{OTHER}\n", f"line 6: REF is {OTHER}"),
        (HEAD, f"id\tchromosome\tposition\n{SNV[0].id}\t10\t5\n", "line 6: .* is at chr10:5"),
    ],
)
def test_bad_declarations(tmp_path: Path, head: str, table: str, message: str) -> None:
    with pytest.raises(GenomeError, match=message):
        declare(tmp_path, table, head)


def test_binary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(GenomeError, match="cannot be read as an assay declaration"):
        read_assay(path)


# what was tested


def section(path: Path, **how: object) -> dict[str, object]:
    found, _, genomes = read(path, GENE, **how)
    return described(
        AssayFacts(1, sum("array" in file.kind for file in genomes.described()), declared=genomes.declared),
        [found],
        0,
        "why",
    )


def test_kinds(tmp_path: Path) -> None:
    some = [vcf_text.at(locus, "0/1") for locus in SNV[:3]]
    told = section(genome(tmp_path, *some))
    assert told["kind"] == "variants_only"
    assert f"{len(LOCI) - 3} of {len(LOCI)} positions" in str(told["headline"])
    assert (told["interrogated"], told["not_interrogated"]) == (3, len(LOCI) - 3)
    listed = declare(tmp_path, "id\n" + "".join(f"{locus.id}\n" for locus in LOCI))
    told = section(genome(tmp_path, *some), assay=listed)
    assert told["kind"] == "genotypes"
    assert told["declared_reference"] == {"callable": 0, "assay": len(LOCI) - 3, "absent": 0}
    assert "headline" not in told
    assert section(genome(tmp_path, *(vcf_text.at(locus, "0/0") for locus in LOCI)))["kind"] == "genotypes"
    block = vcf_text.Record(SNV[5].chromosome, SNV[5].position, SNV[5].ref, ("<NON_REF>",), ("0/0",))
    assert section(genome(tmp_path, *some, block))["kind"] == "gvcf"
    snv = next(locus for locus in SNV if locus.id in AT_37)
    told = section(write(tmp_path / "a.txt", [row(snv, snv.ref * 2)]))
    assert (told["kind"], bool(told["confirm"])) == ("array", True)


def test_counts_add_up(tmp_path: Path) -> None:
    found, _, _ = read(genome(tmp_path, vcf_text.at(SNV[0], "0/1"), vcf_text.at(SNV[1], "./.")), GENE)
    told = described(AssayFacts(1, 0), [found], 0, "")
    answered = int((found.code[0] >= CallCode.HOM_REF).sum())
    assert (told["interrogated"], told["not_interrogated"]) == (answered, len(found.loci) - answered)
