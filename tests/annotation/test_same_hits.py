"""What is found is what bcftools finds on the same data, and what was put there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nof1.jobs.annotate import Output, annotate
from nof1.jobs.variant_tables import add

from .made import Change, make, packed, run, write


def hits(genome: Path, table: Path, folder: Path) -> set[Change]:
    """The alleles that the joined table has, of one genome file against a table of ClinVar's shape."""
    tables = folder / "tables"
    add("clinvar", table, tables)
    out = folder / "out.tsv"
    annotate([genome], ["clinvar"], Output(out), tables=tables)
    lines = out.read_text().splitlines()
    assert lines[0].split("\t")[:6] == ["chromosome", "position", "ref", "alt", "filter", "clinvar.id"]
    found = [line.split("\t") for line in lines[1:]]
    return {(chrom, int(position), ref, alt) for chrom, position, ref, alt, *_ in found}


@pytest.mark.parametrize("how", ["plain", "gz", "bgz", "crlf", "bcf"])
@pytest.mark.parametrize("seed", [1, 2])
def test_what_was_put_there_is_found(seed: int, how: str, tmp_path: Path) -> None:
    made = make(seed)
    genome, table, _ = write(tmp_path, made)
    wanted = made.changes & set(made.table)
    assert len(wanted) > 100
    assert hits(packed(genome, how), table, tmp_path) == wanted


def test_contigs_without_chr(tmp_path: Path) -> None:
    made = make(3)
    genome, table, _ = write(tmp_path, made)
    genome.write_text(genome.read_text().replace("ID=chr", "ID=").replace("\nchr", "\n"))
    assert hits(genome, table, tmp_path) == made.changes & set(made.table)


@pytest.mark.parametrize("seed", range(4, 10))
def test_same_hits_as_bcftools(seed: int, tmp_path: Path) -> None:
    """bcftools splits and trims with the reference, then annotates; both find the same alleles."""
    if shutil.which("bcftools") is None or shutil.which("bgzip") is None:
        pytest.skip("bcftools and bgzip absent: install Debian's bcftools and tabix to compare with them")
    genome, table, fasta = write(tmp_path, make(seed))
    theirs = tmp_path / "theirs.vcf"
    run("bgzip", "-kf", table)
    run("tabix", "-f", "-p", "vcf", f"{table}.gz")
    run("bcftools", "norm", "-f", fasta, "-m-", "-Oz", "-o", tmp_path / "split.vcf.gz", genome)
    run("tabix", "-f", "-p", "vcf", tmp_path / "split.vcf.gz")
    run("bcftools", "annotate", "-a", f"{table}.gz", "-c", "INFO/ALLELEID", "-o", theirs, tmp_path / "split.vcf.gz")
    lines = run("bcftools", "query", "-i", 'ALLELEID!="."', "-f", "%CHROM\t%POS\t%REF\t%ALT\n", theirs)
    found = {(chrom, int(pos), ref, alt) for chrom, pos, ref, alt in (line.split("\t") for line in lines.splitlines())}
    assert len(found) > 100
    assert hits(genome, table, tmp_path) == found
