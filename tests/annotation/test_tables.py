"""What public tables say arrives in columns: classifications by origin, counts, stars, low penetrance, frequencies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cyvcf2 import VCF

from nof1.errors import InputError, RequestError
from nof1.jobs.variant_tables import add
from nof1.knowledge.asserted_rows import assertions_of, frequency_of
from nof1.knowledge.variant_index import VariantIndex
from nof1.model.variants import Assertion

from .made import clinvar

SNV = ("chr1", 1000, "A", "C")
INFO = (
    "ALLELEID=15041;CLNDN=Familial_disease|not_provided;CLNREVSTAT=criteria_provided,_conflicting_classifications;"
    "CLNSIG=Conflicting_classifications_of_pathogenicity;CLNSIGCONF=Pathogenic(2)|Uncertain_significance(3);"
    "GENEINFO=ABC1:1|ABC1-AS:2;ONC=Likely_oncogenic;ONCREVSTAT=reviewed_by_expert_panel;ONCDN=A_tumour;"
    "SCI=Tier_I_-_Strong;SCIREVSTAT=no_assertion_criteria_provided"
)


def bring(folder: Path, text: str, kind: str = "clinvar", name: str = "clinvar.vcf", **options: str) -> VariantIndex:
    path = folder / name
    path.write_text(text)
    return VariantIndex(add(kind, path, folder / "tables", **options).path)


def test_origins_stay_apart(tmp_path: Path) -> None:
    table = bring(tmp_path, clinvar([(SNV, "123", INFO)]))
    assert (table.header.edition, table.header.build, table.header.source.records) == ("2026-11-20", "GRCh38", 1)
    assert assertions_of(table, 0) == [
        Assertion(
            "clinvar", "2026-11-20", "123", "conflicting", 1, "germline", {"pathogenic": 2, "uncertain significance": 3}, False,
            ("Familial disease",), "ABC1|ABC1-AS",
        ),
        Assertion("clinvar", "2026-11-20", "123", "tier i - strong", 0, "somatic", {}, False, (), "ABC1|ABC1-AS"),
        Assertion("clinvar", "2026-11-20", "123", "likely oncogenic", 3, "oncogenicity", {}, False, ("A tumour",), "ABC1|ABC1-AS"),
    ]  # fmt: skip
    assert table.columns["germline_written"].text(0) == "Conflicting classifications of pathogenicity"


@pytest.mark.parametrize(
    ("written", "classification", "low"),
    [
        ("Pathogenic", "pathogenic", False),
        ("Pathogenic/Likely_pathogenic", "likely pathogenic", False),
        ("Pathogenic/Likely_pathogenic/Pathogenic,_low_penetrance", "likely pathogenic", True),
        ("Pathogenic,_low_penetrance", "pathogenic", True),
        ("Established_risk_allele", "established risk allele", True),
        ("drug_response", "drug response", False),
        ("drug_response|Pathogenic", "pathogenic", False),
        ("Benign/Likely_benign|risk_factor", "likely benign", False),
    ],
)
def test_terms(written: str, classification: str, low: bool, tmp_path: Path) -> None:
    table = bring(tmp_path, clinvar([(SNV, "1", f"CLNSIG={written};CLNREVSTAT=practice_guideline")]))
    (found,) = assertions_of(table, 0)
    assert (found.classification, found.is_low_penetrance, found.stars) == (classification, low, 4)


def test_a_review_status_nobody_knows_is_told(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(clinvar([(SNV, "1", "CLNSIG=Benign;CLNREVSTAT=reviewed_by_the_moon")]))
    assert add("clinvar", path, tmp_path).unlisted == ("reviewed_by_the_moon",)


def test_the_reference_table_of_assertions(reference_data: Path, tmp_path: Path) -> None:
    path = reference_data / "variants" / "clinvar_2star_grch38.tsv"
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    made = add("clinvar", path, tmp_path, edition="2024-06-01")
    assert made.header.build == "GRCh38"  # told by its bases
    table = VariantIndex(made.path)
    usable = [row for row in lines[1:] if row[3] != "."]
    assert len(table) == len(usable) and sum(made.header.source.left_out.values()) == len(lines) - 1 - len(usable)
    counted = {"pathogenic": 0, "likely pathogenic": 0}
    for row in usable:
        name = (
            row[6]
            .lower()
            .replace("_", " ")
            .replace("benign/likely benign", "likely benign")
            .replace("pathogenic/likely pathogenic", "likely pathogenic")
        )
        counted[name] = counted.get(name, 0) + 1
    classes = table.columns["germline"].values(np.arange(len(table)))
    assert {name: classes.count(name) for name in counted} == counted
    assert sorted(set(table.columns["germline_stars"].values(np.arange(len(table))).tolist())) == sorted(
        {int(row[5]) for row in usable}
    )


def test_frequencies_are_those_of_the_file(reference_data: Path, tmp_path: Path) -> None:
    path = reference_data / "variants" / "gnomad_v4.0_exomes_chr1_slice.vcf.bgz"
    made = add("gnomad", path, tmp_path)
    assert (made.header.edition, made.header.build) == ("4.0", "GRCh38")
    table = VariantIndex(made.path)
    groups = ["afr", "amr", "asj", "eas", "fin", "mid", "nfe", "remaining", "sas"]
    assert [name for name in table.columns if name.startswith("af_")] == [f"af_{group}" for group in groups]
    records = {(v.POS, v.REF, v.ALT[0]): v for v in VCF(str(path))}
    assert len(records) == len(table)
    for row in range(len(table)):
        theirs = records[table.alleles(np.array([row])).written(0)].INFO
        assert table.columns["ac"].text(row) == str(theirs["AC"])
        of = {group: theirs.get(f"AF_{group}") for group in groups}
        highest, group = frequency_of(table, row)
        assert highest == pytest.approx(max(value for value in of.values() if value is not None), rel=1e-6)
        assert of[group] == pytest.approx(highest, rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (
            "clinvar",
            "##fileformat=VCFv4.2\n##fileDate=2026-01-01\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n",
            "no CLNSIG",
        ),
        ("gnomad", clinvar([(SNV, "1", "CLNSIG=Benign")]), "no AC"),
        ("clinvar", clinvar([]), "no allele"),
        ("clinvar", clinvar([(SNV, "1", "CLNSIG=Benign")], build="x"), "--build GRCh38"),
        ("clinvar", clinvar([(SNV, "1", "CLNSIG=Benign")]).replace("##fileDate=2026-11-20\n", ""), "--edition"),
        ("clinvar", "chrom\tpos\tref\talt\tgene\n1\t5\tA\tC\tX\n", "has no column classification"),
        ("clinvar", "chrom\tpos\tref\talt\ttruth\tstars\n1\t5\tA\tC\tBenign\t7\n", "line 2: stars is '7'"),
        ("clinvar", "chrom\tpos\tref\talt\ttruth\n1\t5\tA\tC\n", "line 2: 4 columns"),
        ("clinvar", clinvar([(SNV, "1", "CLNSIG=Benign")]) + "1\t5\tA\n", "line 20: 3 columns, expected 8"),
        ("clinvar", "hello\n", "not with ##fileformat=VCF"),
    ],
)
def test_files_that_are_refused(kind: str, text: str, words: str, tmp_path: Path) -> None:
    edition = "2026-01-01" if text.startswith("chrom") else ""
    with pytest.raises(InputError, match=words):
        bring(tmp_path, text, kind, edition=edition)
    assert not list(tmp_path.glob("tables/*"))


def test_a_header_that_lies_about_the_build(reference_data: Path, tmp_path: Path) -> None:
    """Bases of the reference that nof1 knows on both builds tell them apart."""
    from nof1.knowledge.compiled import knowledge
    from nof1.knowledge.panel import panel

    loci = [locus for locus in panel(knowledge(), "GRCh37").loci() if locus.is_snv][:60]
    rows = [
        ((one.chromosome, one.position, one.ref, "ACGT"["ACGT".index(one.ref) - 1]), "1", "CLNSIG=Benign") for one in loci
    ]
    with pytest.raises(RequestError, match=r"says GRCh38, but .* are those of GRCh37"):
        bring(tmp_path, clinvar(rows))
    assert bring(tmp_path, clinvar(rows, build="x")).header.build == "GRCh37"


def test_the_same_file_again_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "clinvar.vcf"
    path.write_text(clinvar([(SNV, "1", "CLNSIG=Benign")]))
    assert [add("clinvar", path, tmp_path).is_new for _ in range(2)] == [True, False]
