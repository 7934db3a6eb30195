"""Gene models: as published, as read from a user's file, and with the sequence that is brought."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from pathlib import Path

import pytest

from nof1.errors import GenomeError, RequestError
from nof1.jobs.consequences import consequences_on
from nof1.jobs.reference import FastaRecord, ModelsRecord, add_fasta, add_gene_models, fasta_for, gene_models_for
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.gff import read_gff
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from variants.two_genes import GENES, gff, opened, reading_of

SHORTEST_EXONS_ELSEWHERE = {"MYBPC3", "TNNI3", "TNNT2"}  # the RefSeq table places exons of a few bases otherwise


def test_every_gene_for_secondary_findings_has_its_select_transcript(reference_data: Path) -> None:
    with open(reference_data / "variants" / "acmg_sf_v3.3_full.csv", encoding="utf-8") as file:
        wanted = {line.partition(";")[0] for line in file.read().splitlines()[1:]}
    with gzip.open(reference_data / "variants" / "MANE.GRCh38.v1.5.summary.txt.gz", "rt") as file:
        rows = {(row["symbol"], row["MANE_status"]): row for row in csv.DictReader(file, delimiter="\t")}
    models = knowledge().gene_models
    assert len(wanted) == 84
    for gene in wanted:
        first = models.of_gene(gene)[0]
        row = rows[gene, "MANE Select"]
        assert (first.id, first.ensembl, first.protein) == (row["RefSeq_nuc"], row["Ensembl_nuc"], row["RefSeq_prot"])
        assert (first.start, first.end, first.role) == (int(row["chr_start"]), int(row["chr_end"]), "mane_select")
        assert models.accession(first.chromosome, "GRCh38") == row["GRCh38_chr"]


def test_coding_segments_are_those_of_refseq(reference_data: Path) -> None:
    segments: dict[str, set[tuple[int, int]]] = defaultdict(set)
    with open(reference_data / "variants" / "acmg_sf_genes_exons_cds_refseq.tsv", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            segments[row["Transcript_ID"]].add((int(row["Genomic_start"]) + 1, int(row["Genomic_end"])))
    for one in knowledge().gene_models.all():
        theirs = {pair for pair in segments[one.id] if one.start <= pair[0] and pair[1] <= one.end}
        differs = set(one.coding_segments()) != theirs
        assert differs == (one.gene in SHORTEST_EXONS_ELSEWHERE), one.gene


def test_transcripts_outside_mane() -> None:
    found = knowledge().gene_models.of_gene("TRDN")
    assert [(one.id, one.role, one.coding_length() // 3 - 1) for one in found] == [
        ("NM_006073.4", "mane_select", 729),
        ("NM_001256021.1", "named", 286),
    ]
    assert len(found[1].exons) == 8 and not found[1].has_untranslated


@pytest.mark.parametrize("tagged", [True, False])
def test_models_of_a_user_are_those_of_the_knowledge(tagged: bool, tmp_path: Path) -> None:
    path = tmp_path / "MANE.GRCh38.gff.gz"
    text = "##gff-version 3\n"
    for number, gene in enumerate(GENES):
        one = knowledge().gene_models.of_gene(gene)[0]
        tag = ";tag=basic,MANE_Select" if tagged else ""
        lines = gff(one, 0).replace("\nw\t", f"\n{one.chromosome}\t").replace("T1", f"{one.ensembl}").splitlines()[1:]
        parent = f";Parent=gene:ENSG{number};gene_name={gene};Dbxref=RefSeq:{one.id}{tag}"
        for line in lines:
            named = line.replace("G1;Name=G1", f"ENSG{number}").replace(";Parent=gene:G1", parent)
            text += named.replace("transcript:", "") + "\n"
    if tagged:
        text += "chr1\t.\tmRNA\t5\t9\t.\t+\t.\tID=other\nchr1\t.\tCDS\t5\t7\t.\t+\t0\tParent=other\n"
    path.write_bytes(gzip.compress(text.encode()))
    added = add_gene_models(path, tmp_path / "kept")
    assert isinstance(added.record, ModelsRecord) and added.is_new
    assert added.record.build == "GRCh38" and added.record.left_out == ({"not tagged MANE": 1} if tagged else {})
    again = gene_models_for("GRCh38", tmp_path / "kept")
    assert again == added.record and not add_gene_models(path, tmp_path / "kept").is_new
    for gene, one in zip(GENES, again.transcripts, strict=True):
        known = knowledge().gene_models.of_gene(gene)[0]
        assert (one.gene, one.id, one.ensembl, one.exons, one.coding) == (
            gene,
            known.id,
            known.ensembl,
            known.exons,
            known.coding,
        )
        assert (one.strand, one.chromosome, one.role) == (known.strand, known.chromosome, "mane_select" if tagged else "")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "has no coding transcript"),
        (b"##gff-version 3\nchr1\t.\tgene\t1\t9\n", "line 2: 5 columns"),
        (b"chr1\t.\texon\t9\t1\t.\t+\t.\tParent=a\n", "line 1: '9-1 \\+' is no stretch"),
        (b"chr1\t.\texon\t1\t9\t.\t.\t.\tParent=a\n", "line 1: '1-9 \\.' is no stretch"),
        (b"chrU\t.\tmRNA\t1\t9\t.\t+\t.\tID=a\nchrU\t.\tCDS\t1\t9\t.\t+\t0\tParent=a\n", "1 not on an assembled"),
        (b"chr1\t.\tmRNA\t1\t9\t.\t+\t.\tID=a\nchr1\t.\tCDS\t1\t8\t.\t+\t0\tParent=a\n", "1 coding bases are no whole"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (gzip.compress(b"##gff-version 3\n" * 99)[:-9], "cut short"),
    ],
)
def test_files_that_are_no_models_are_refused(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "models.gff3"
    path.write_bytes(content)
    with pytest.raises(RequestError, match=said):
        read_gff(path, knowledge().gene_models)
    assert not (tmp_path / "kept").exists()


def test_a_reference_is_recorded_where_it_lies(reference_data: Path, tmp_path: Path) -> None:
    path, kept = tmp_path / "two.fa", tmp_path / "kept"
    path.write_bytes((reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa").read_bytes())
    added = add_fasta(path, kept)
    assert isinstance(added.record, FastaRecord)
    assert (added.record.build, added.record.by, added.record.read_through) == ("GRCh38", "reading frames", 2)
    fasta = fasta_for("GRCh38", kept)
    assert fasta is not None and fasta.holds("chr17") and fasta_for("GRCh37", kept) is None
    assert not add_fasta(path, kept, "hg38").is_new
    with pytest.raises(RequestError, match="is GRCh38 by reading frames, not GRCh37"):
        add_fasta(path, kept, "hg19")
    with pytest.raises(RequestError, match="build 'hg99' is not known"):
        add_fasta(path, kept, "hg99")
    path.write_bytes(path.read_bytes().replace(b"TTTGCTTTT", b"TTTGCATTT"))
    with pytest.raises(GenomeError, match="has changed since it was added"):
        fasta_for("GRCh38", kept)
    path.unlink()
    with pytest.raises(GenomeError, match="cannot be read any more"):
        fasta_for("GRCh38", kept)


def test_a_reference_that_lies_about_its_place(reference_data: Path, tmp_path: Path) -> None:
    text = (reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa").read_text()
    path = tmp_path / "moved.fa"
    path.write_text(text.replace(">chr17:43008077-43128366", ">chr17:43008078-43128367"))
    with pytest.raises(RequestError, match=r"fits GRCh38 at 1 genes, but not BRCA1 .*; is it of another build"):
        add_fasta(path, tmp_path / "kept")
    path.write_text(">chr5\nACGT\n")
    with pytest.raises(RequestError, match="neither contig lengths nor genes tell its build"):
        add_fasta(path, tmp_path / "kept")


def test_lengths_of_a_build_over_another_sequence(reference_data: Path, tmp_path: Path) -> None:
    parts = (reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa").read_text().split(">")
    bases = "".join(parts[2].split("\n")[1:]).encode()
    path, length, start = tmp_path / "r.fa", 114364328, 32314514
    with open(path, "wb") as file:
        file.write(b">chr13\n" + b"A" * (start - 1) + bases + b"A" * (length - start + 1 - len(bases)) + b"\n")
    (tmp_path / "r.fa.fai").write_text(f"chr13\t{length}\t7\t{length}\t{length + 1}\n")
    with pytest.raises(RequestError, match="contig lengths of GRCh38, but its sequence does not fit"):
        add_fasta(path, tmp_path / "kept")


def test_consequences_of_a_person_with_and_without_sequence(reference_data: Path, tmp_path: Path) -> None:
    models = knowledge().gene_models
    stop = ObservedVariant(Allele("chr17", 43124027, "ACT", "A"), "BRCA1", Zygosity.HETEROZYGOUS)
    elsewhere = ObservedVariant(Allele("chr1", 55039974, "G", "T"), "PCSK9", Zygosity.HETEROZYGOUS)
    fasta = opened(reference_data, tmp_path)
    first, second = consequences_on(models.all(), [stop, elsewhere], fasta, models)
    assert [one.terms for one in first] == [("frameshift_variant",)] and first[0].decay == "expected"
    assert [one.terms for one in second] == [()] and "lacks the sequence of PCSK9" in second[0].reason
    (none,), _ = consequences_on(models.all(), [stop, elsewhere], None, models)
    assert none.terms == () and none.reason == "consequence not assessed: no reference sequence was given"


def test_reading_frames_are_whole(reference_data: Path, tmp_path: Path) -> None:
    lengths = [len(reading_of(gene, opened(reference_data, tmp_path)).protein) - 1 for gene in GENES]
    assert lengths == [1863, 3418]
