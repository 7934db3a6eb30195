"""Alleles given by name: normal forms and names against published ones, what tables say, and one line for what is wrong."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from nof1.cli.main import main
from nof1.errors import InputError
from nof1.jobs.named_alleles import allele_lines, named_alleles
from nof1.jobs.reference import add_fasta
from nof1.jobs.variant_tables import add
from nof1.model.variants import Allele

from .made import clinvar


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.fixture
def two_genes(own_data: Path, reference_data: Path) -> Path:
    add_fasta(reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa")
    return own_data


@pytest.fixture
def table(own_data: Path) -> Path:
    """ClinVar as a user would have it, with the deletion that ClinVar writes at 43057062."""
    path = own_data / "clinvar.vcf"
    path.write_text(
        clinvar([
            (("chr17", 43057062, "T", "TG"), "17677", "CLNSIG=Pathogenic;CLNREVSTAT=reviewed_by_expert_panel;CLNDN=cancer;GENEINFO=BRCA1:672"),
            (("chr17", 43082434, "G", "A"), "2", "CLNSIG=Pathogenic;CLNREVSTAT=practice_guideline"),
        ])
    )  # fmt: skip
    add("clinvar", path)
    return path


def test_names_of_expert_panels_lead_to_the_alleles_that_they_give(reference_data: Path) -> None:
    """Without any reference: base for base needs none."""
    checked = 0
    with open(reference_data / "variants" / "clingen_erepo.tsv", encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file, delimiter="\t") if re.search(r"g\.\d+[ACGT]>[ACGT]$", row["hgvs_g_grch38"])
        ]
    for row in rows[::12]:
        if not row["pos"] or len(row["ref"]) != 1 or len(row["alt"]) != 1:
            continue
        (found,) = named_alleles([row["hgvs_g_grch38"]])
        assert found.allele == Allele(row["chrom"], int(row["pos"]), row["ref"], row["alt"])
        assert (found.hgvs_g, found.build, found.is_normal) == (row["hgvs_g_grch38"], "GRCh38", True)
        checked += 1
    assert checked > 200


SAME = ["NC_000017.11:g.43057065dup", "NC_000017.11:g.43057063dup", "NC_000017.11:43057062:GGG:GGGG",
        "NC_000017.11:43057064::G", "17-43057065-G-GG", "chr17:43057062:T:TG", "NC_000017.11:g.43057062_43057063insG"]  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_every_writing_of_one_change_is_the_same_allele(name: str, two_genes: Path, table: Path) -> None:
    (found,) = named_alleles([name], ["clinvar"])
    assert list(allele_lines(found)) == [
        f"{name} on GRCh38",
        "  VCF   chr17:43057062:T:TG",
        "  SPDI  NC_000017.11:43057062:GGG:GGGG",
        "  HGVS  NC_000017.11:g.43057065dup",
        "  NM_007294.4 (BRCA1): c.5266dup p.(Gln1756ProfsTer74); frameshift variant; exon 19/23; "
        "nonsense-mediated decay escaped",
        "  clinvar 2026-11-20: germline: pathogenic, 3 of 4 review stars; BRCA1; cancer; id 17677",
    ]


def test_without_a_reference_what_is_written_out_is_taken_as_it_stands(table: Path) -> None:
    exact, other = named_alleles(["chr17:43057062:T:TG", "chr17:43057065:G:GG"], ["clinvar"])
    assert exact.tables[0].lines and not exact.is_normal
    assert (exact.spdi, exact.hgvs_g) == ("", "")
    assert other.tables[0].lines == () and any("may know it at another place" in note for note in other.notes)
    assert any("no row on this allele" in line for line in allele_lines(other))
    (one,) = named_alleles(["17:43082434:g:a"], ["clinvar"])
    assert (one.hgvs_g, one.spdi) == ("NC_000017.11:g.43082434G>A", "NC_000017.11:43082433:G:A")
    assert [item.hgvs_c for item in one.consequences] == ["NM_007294.4:c.4327C>T"]
    assert "no reference sequence was given" in one.consequences[0].reason and one.notes == ()


def test_the_other_build(own_data: Path) -> None:
    (found,) = named_alleles(["NC_000017.10:g.41234451G>A"])
    assert (found.build, found.hgvs_g, found.consequences) == ("GRCh37", "NC_000017.10:g.41234451G>A", ())
    assert any("no transcripts on GRCh37" in note for note in found.notes)
    (same,) = named_alleles(["17:41234451:G:A"], build="hg19")
    assert (same.build, same.allele, same.hgvs_g) == (found.build, found.allele, found.hgvs_g)
    assert named_alleles(["NC_012920.1:m.1555A>G"])[0].hgvs_g == "NC_012920.1:m.1555A>G"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("NC_000017.11:g.43057063dup", "needs the bases around it, and no reference on GRCh38 was added: bring them with"),
        ("NC_000017.11:43057062:2:G", "needs the bases around it"),
        ("NC_000017.12:g.5A>G", r"NC_000017.12 is no chromosome .*; write NC_000017.11 \(GRCh38\) or NC_000017.10 \(GRCh37\)"),
        ("NG_5.1:g.5A>G", "write the RefSeq accession of a chromosome, as NC_000017.11, or chr17"),
        ("NM_007294.4:c.68_69del", "is a name on a transcript or protein"),
        ("BRCA1 185delAG", "is no name of a change that is read"),
        ("", "is no name of a change"),
        ("chr17:0:A:G", "write chr:position:REF:ALT, counted from 1"),
        ("chr17:5:A:<DEL>", "write chr:position:REF:ALT"),
        ("chr17:5::G", "SPDI has an accession"),
        ("chr17:83257442:A:G", "chr17 of GRCh38 has 83,257,441 bases"),
        ("chr17:5:A:A", "changes nothing"),
        ("NC_000017.11:g.5_6delinsG", "needs the bases around it"),
        ("NC_000017.11:g.5_7delAAinsG", "names 2 bases for 5-7"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(name: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InputError, match=said):
        named_alleles([name])
    assert main(["annotate", "--allele", name]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and told.err.startswith("nof1: ")


def test_a_reference_or_a_table_that_disagrees(two_genes: Path, table: Path) -> None:
    with pytest.raises(InputError, match="the reference has G there; is it of another build"):
        named_alleles(["NC_000017.11:g.43082434A>G"])
    with pytest.raises(InputError, match="lacks the place"):
        named_alleles(["chr17:5:A:AG", "NC_000017.11:g.5del"])
    with pytest.raises(InputError, match="on GRCh38, not on GRCh37"):
        named_alleles(["NC_000017.11:g.43082434G>A"], build="GRCh37")
    with pytest.raises(InputError, match="'gnomad' on GRCh38 is not there"):
        named_alleles(["chr17:43082434:G:A"], ["gnomad"])


def test_a_table_with_another_base_is_no_silent_negative(table: Path) -> None:
    with pytest.raises(InputError, match="chr17:43082434: REF begins with C, clinvar 2026-11-20 has another base"):
        named_alleles(["chr17:43082434:C:A"], ["clinvar"])


def test_the_verb(two_genes: Path, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = two_genes / "answer.json"
    names = ["--allele", "NC_000017.11:g.43082434G>A", "--allele", "NC_000017.11:g.43057063dup"]
    assert main(["annotate", *names, "--with", "clinvar", "--json", str(out)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith("  VCF ") for line in lines) == 2
    first, second = json.loads(out.read_text())
    assert first["consequences"][0]["hgvs_p"] == "p.(Arg1443Ter)"
    assert second["allele"] == {"chromosome": "chr17", "position": 43057062, "ref": "T", "alt": "TG"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--with", "clinvar"], "name genome files and tables (--with), or an allele with --allele"),
        (["genome.vcf"], "name genome files and tables (--with), or an allele with --allele"),
        (["--allele", "chr17:5:A:G", "--sample", "S"], "--allele is asked without files, so leave out --sample"),
        (["genome.vcf", "--allele", "chr17:5:A:G"], "so leave out GENOME"),
        (["genome.vcf", "--with", "clinvar", "--json", "x"], "--json belongs to --allele"),
        (["--allele", "chr17:5:A:G", "--build", "hg99"], "build 'hg99' is not known"),
        (["--allele", "chr17:5:A:G", "--gene-models", "added"], "no gene models on GRCh38 were added"),
    ],
)
def test_what_does_not_go_together(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["annotate", *arguments]) == 2
    told = capsys.readouterr().err
    assert said in told and told.count("\n") == 1
