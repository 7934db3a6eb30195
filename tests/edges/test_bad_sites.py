"""One bad site costs that site, not the run: a no-call, told to the reader, and the gene never silently reference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genomics.vcf_text import Record, at, gene_loci, locus, text, write
from nof1.cli.main import main

GENE = "CYP2C9"
HET = locus("rs1799853")
ALLELE = "*2"  # what HET alone defines
AT = f"chr10:{HET.position}"

SITES: dict[str, tuple[list[Record], str, str]] = {
    "allele out of range": ([at(HET, "0/2")], "rejected", "GT names an allele that the record does not have"),
    "allele far out of range": ([at(HET, "9999/0")], "rejected", "GT names an allele that the record does not have"),
    "three alleles": ([at(HET, "0/1/1")], "rejected", "more than two alleles in GT"),
    "three alleles, one missing": ([at(HET, "0/1/.")], "rejected", "more than two alleles in GT"),
    "low GQ": ([at(HET, "0/1:19", form="GT:GQ")], "rejected", "GQ below 20"),
    "low GQ of a reference genotype": ([at(HET, "0/0:0", form="GT:GQ")], "rejected", "GQ below 20"),
    "low DP": ([at(HET, "0/1:7", form="GT:DP")], "rejected", "DP below 8"),
    "FILTER": ([at(HET, "0/1", filter="LowQual")], "rejected", "FILTER is LowQual"),
    "FT": ([at(HET, "0/1:LowGQ", form="GT:FT")], "rejected", "FT is not PASS"),
    "reads on one allele": ([at(HET, "0/1:31,0", form="GT:AD")], "rejected", "heterozygous with reads on one allele only (AD)"),
    "no genotype": ([at(HET, "./.")], "no_genotype", "the record gives no full genotype"),
    "no genotype, with depth": ([at(HET, "./.:.:0", form="GT:GQ:DP")], "no_genotype", "the record gives no full genotype"),
    "half a reference": ([at(HET, "./0")], "no_genotype", "the record gives no full genotype"),
    "GT not in FORMAT": ([at(HET, "31", form="DP")], "no_genotype", "the record gives no full genotype"),
    "one reference allele": ([at(HET, "0")], "no_genotype", "one allele where two are expected"),
    "symbolic allele": ([at(HET, "0/1", alts=["<DEL>"])], "unknown_alternative", "an alternative that cannot be compared"),
    "breakend": ([at(HET, "0/1", alts=["]chr3:99]C"])], "unknown_alternative", "an alternative that cannot be compared"),
    "spanning deletion": ([at(HET, "1/2", alts=["T", "*"])], "deleted", "the locus lies inside a deletion"),
    "other reference base": (
        [Record("chr10", HET.position, "G", ("T",), ("0/1",))], "reference_mismatch",
        f"REF G at {AT}; rs1799853 expects C at {HET.position}: not used",
    ),
    "odd reference base": (
        [Record("chr10", HET.position, "M", ("T",), ("0/1",))], "odd_reference", "REF 'M' is not A, C, G or T: not used",
    ),
    "contradicting records": ([at(HET, "0/1"), at(HET, "1/1")], "contradiction", "records contradict each other: no call"),
    "reference and variant": (
        [at(HET, "0/0", alts=()), at(HET, "0/1")], "contradiction", "a reference block contradicts the record: no call",
    ),
}  # fmt: skip


def person(*records: Record, rest: str = "0/0") -> list[Record]:
    others = [at(place, rest) for place in gene_loci(GENE) if place != HET]
    return sorted([*others, *records], key=lambda record: record.position)


@pytest.mark.parametrize("name", SITES)
def test_bad_site(capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str) -> None:
    """Even where absence is declared to be reference."""
    records, kind, message = SITES[name]
    file = write(tmp_path / "person.vcf", person(*records))
    out, report = tmp_path / "calls.tsv", tmp_path / "report"

    assert (
        main(["pgx", str(file), "--out", str(out), "--method", "named-allele", "--genes", GENE, "--absent", "reference"])
        == 0
    )
    err = capsys.readouterr().err.splitlines()
    assert [line.split(f"{HET.id}: ")[1] for line in err if line.startswith("note: ") and HET.id in line] == [message]
    head, row = out.read_text().splitlines()
    assert dict(zip(head.split("\t"), row.split("\t"), strict=True))["not_covered"] == HET.id

    assert main(["assess", str(file), "--out", str(report), "--absent", "reference", "--quiet"]) == 0
    made = json.loads((report / "assessment.json").read_text())
    (gene,) = [gene for gene in made["genes"] if gene["gene"] == GENE]
    (seen,) = [seen for seen in gene["positions"] if seen["id"] == HET.id]
    assert (seen["state"], seen["genotype"], seen["is_variant"]) == ("no_call", "", False)
    assert ALLELE in gene["not_excluded"]
    assert [(note["kind"], note["message"]) for note in made["site_notes"] if note["locus"] == HET.id] == [(kind, message)]
    assert [unknown["needs"] for unknown in made["unknown"] if unknown["about"] == GENE] == [[HET.id]]
    page = (report / "report.html").read_text()
    assert message.replace("'", "&#39;") in page or message in page


@pytest.mark.parametrize("call", ["./1", "1/.", "1"])
def test_half_a_variant_is_no_reference(capsys: pytest.CaptureFixture[str], tmp_path: Path, call: str) -> None:
    file, out = write(tmp_path / "person.vcf", person(at(HET, call))), tmp_path / "calls.tsv"
    assert main(["pgx", str(file), "--out", str(out), "--method", "named-allele", "--genes", GENE]) == 0
    assert f"note: {AT} {HET.id}: " in capsys.readouterr().err
    assert out.read_text().splitlines()[1].split("\t")[3:10] == ["", "", "", "", "", "", "no_call"]


def test_the_good_site_is_called(tmp_path: Path) -> None:
    """Or the tests above would prove nothing."""
    out = tmp_path / "calls.tsv"
    assert (
        main(
            [
                "pgx",
                str(write(tmp_path / "a.vcf", person(at(HET, "0/1:60", form="GT:GQ")))),
                "--out",
                str(out),
                "--method",
                "named-allele",
                "--genes",
                GENE,
            ]
        )
        == 0
    )
    assert out.read_text().splitlines()[1].split("\t")[3:11] == [
        "*1/*2",
        "*1/*2",
        "*1/*2",
        "",
        "Intermediate Metabolizer",
        "1.5",
        "called",
        "",
    ]


def test_thresholds_move_by_option(tmp_path: Path) -> None:
    record = at(HET, "0/1:10:5", form="GT:GQ:DP", filter="LowQual")
    file, out = write(tmp_path / "a.vcf", person(record)), tmp_path / "calls.tsv"
    looser = ["--min-gq", "10", "--min-dp", "5", "--accept-filter", "LowQual"]
    for left_out in range(0, 6, 2):
        some = looser[:left_out] + looser[left_out + 2 :]
        assert main(["pgx", str(file), "--out", str(out), "--method", "named-allele", "--genes", GENE, *some]) == 0
        assert out.read_text().split("\n")[1].split("\t")[10] == HET.id
    assert main(["pgx", str(file), "--out", str(out), "--method", "named-allele", "--genes", GENE, *looser]) == 0
    assert "*1/*2" in out.read_text()


@pytest.mark.parametrize("gene", ["CYP2C19", "DPYD", "RYR1", "G6PD", "UGT1A1", "VKORC1"])
def test_a_person_without_one_usable_genotype_has_no_gene(tmp_path: Path, gene: str) -> None:
    for number, call in enumerate(["./.", "0/9", "0/0/0"]):
        file, out = tmp_path / f"{number}.vcf", tmp_path / f"{number}.tsv"
        file.write_bytes(text([at(place, call) for place in gene_loci(gene)]))
        assert (
            main(["pgx", str(file), "--out", str(out), "--method", "named-allele", "--genes", gene, "--absent", "reference"])
            == 0
        )
        (line,) = out.read_text().splitlines()[1:]
        assert line.split("\t")[3:10] == ["", "", "", "", "", "", "no_call"]
