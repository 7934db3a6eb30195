"""The two genes whose sequence is at hand, and what ``bcftools csq`` says of changes in them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from nof1.genomics.fasta import Fasta, open_fasta
from nof1.knowledge.compiled import knowledge
from nof1.model.transcripts import Transcript
from nof1.model.variants import Allele
from nof1.variants.consequence import Rules
from nof1.variants.decay import DecayDistances
from nof1.variants.reading import Reading, read
from nof1.variants.regions import Distances

BCFTOOLS = shutil.which("bcftools")
GENES = ("BRCA1", "BRCA2")
_WORDS = {
    "5_prime_utr": "5_prime_UTR_variant",
    "3_prime_utr": "3_prime_UTR_variant",
    "inframe_altering": "protein_altering_variant",
    "coding_sequence": "coding_sequence_variant",
}
_AS_THEY_ARE = {"stop_gained", "stop_lost", "start_lost", "inframe_insertion", "inframe_deletion"}


@lru_cache
def rules() -> Rules:
    known = knowledge().gene_models.rules
    assert known is not None
    splice = Distances(known.splice.site, known.splice.region_exon, known.splice.region_intron)
    return Rules(splice, DecayDistances(known.decay.junction, known.decay.start))


def opened(reference_data: Path, folder: Path) -> Fasta:
    return open_fasta(reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa", folder)


def reading_of(gene: str, fasta: Fasta) -> Reading:
    transcript = knowledge().gene_models.of_gene(gene)[0]
    made = read(transcript, fasta.window(transcript.chromosome, transcript.start - 1000, transcript.end + 1000))
    assert made is not None and made.trouble() == ""
    return made


def gff(transcript: Transcript, offset: int) -> str:
    """The transcript in Ensembl's GFF3, positions less ``offset``."""
    sign = "+" if transcript.strand > 0 else "-"
    low, high = transcript.coding

    def line(kind: str, first: int, last: int, attributes: str, phase: str = ".") -> str:
        return f"w\t.\t{kind}\t{first - offset}\t{last - offset}\t.\t{sign}\t{phase}\t{attributes}\n"

    parent = "Parent=transcript:T1"
    rows = [
        line("gene", transcript.start, transcript.end, "ID=gene:G1;Name=G1;biotype=protein_coding"),
        line("mRNA", transcript.start, transcript.end, "ID=transcript:T1;Parent=gene:G1;biotype=protein_coding"),
    ]
    rows += [line("exon", first, last, parent) for first, last in transcript.exons]
    done = 0
    segments = transcript.coding_segments()
    for first, last in segments if transcript.strand > 0 else segments[::-1]:
        rows.append(line("CDS", first, last, parent, str(-done % 3)))
        done += last - first + 1
    names = ("five_prime_UTR", "three_prime_UTR")[:: transcript.strand]
    for first, last in transcript.exons:
        if first < low:
            rows.append(line(names[0], first, min(last, low - 1), parent))
        if last > high:
            rows.append(line(names[1], max(first, high + 1), last, parent))
    return "##gff-version 3\n" + "".join(rows)


def csq(
    reading: Reading, people: Sequence[Sequence[Allele]], folder: Path, *, alone: bool
) -> list[list[tuple[set[str], str]]]:
    """Terms and amino acids that ``bcftools csq`` gives each allele of each of ``people``, who carry theirs on one strand."""
    folder.mkdir(exist_ok=True)
    window, offset = reading.window, reading.window.start - 1
    (folder / "w.fa.fai").unlink(missing_ok=True)
    (folder / "w.fa").write_text(f">w\n{window.bases}\n")
    (folder / "w.gff").write_text(gff(reading.transcript, offset))
    rows: dict[tuple[int, str, str], set[int]] = {}
    for number, alleles in enumerate(people):
        for one in alleles:
            rows.setdefault((one.position - offset, one.ref, one.alt), set()).add(number)
    head = f"##fileformat=VCFv4.2\n##contig=<ID=w,length={len(window.bases)}>\n"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
    samples = [] if alone else [f"s{number}" for number in range(len(people))]
    if samples:
        head += '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        columns += "\tFORMAT\t" + "\t".join(samples)
    body = []
    for key in sorted(rows):
        genotypes = ["0|1" if number in rows[key] else "0|0" for number in range(len(samples))]
        cells = ["w", str(key[0]), f"{key[0]}_{key[1]}_{key[2]}", key[1], key[2], ".", ".", "."]
        body.append("\t".join([*cells, *(["GT", *genotypes] if samples else [])]))
    (folder / "in.vcf").write_text("\n".join([head + columns, *body]) + "\n")
    command = [
        str(BCFTOOLS),
        "csq",
        "-f",
        "w.fa",
        "-g",
        "w.gff",
        "-p",
        "a",
        "--ncsq",
        "64",
        *(["-l"] if alone else []),
        "in.vcf",
    ]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in run.stdout.splitlines() if not line.startswith("#")]
    if alone:
        found = {line[2]: _terms(line[7].removeprefix("BCSQ=").split(",") if "BCSQ" in line[7] else []) for line in lines}
        return [[found[f"{one.position - offset}_{one.ref}_{one.alt}"] for one in alleles] for alleles in people]
    query = [str(BCFTOOLS), "query", "-f", r"[%ID\t%SAMPLE\t%TBCSQ{1}\n]", "-"]
    told = subprocess.run(query, input=run.stdout, capture_output=True, text=True, check=True)
    by_sample: dict[tuple[str, str], tuple[set[str], str]] = {}
    for line in told.stdout.splitlines():
        identifier, sample, said = line.split("\t")
        by_sample[identifier, sample] = _terms([part for part in said.split(",") if part != "."])
    return [
        [by_sample[f"{one.position - offset}_{one.ref}_{one.alt}", f"s{number}"] for one in alleles]
        for number, alleles in enumerate(people)
    ]


def _terms(said: Sequence[str]) -> tuple[set[str], str]:
    terms: set[str] = set()
    amino = ""
    for part in said:
        fields = part.split("|")
        terms |= {_word(word) for word in fields[0].removeprefix("*").split("&")}
        amino = fields[5] if len(fields) > 5 else amino
    return terms, amino


def _word(word: str) -> str:
    return word if word.startswith("@") or word in _AS_THEY_ARE else _WORDS.get(word, f"{word}_variant")
