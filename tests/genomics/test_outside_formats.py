"""Files of other tools, written by hand after their published examples (docs/methods/outside_calls.md names each)."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from nof1.genomics.outside.cyrius import haplotype_pairs
from nof1.genomics.outside_calls import OutsideCall, parse_outside_calls, read_outside_calls

CYRIUS = """Sample\tGenotype\tFilter
NA1\t*1/*4\tPASS
NA2\t*1/*46;*43/*45\tMore_than_one_possible_genotype
NA3\t*1_*2_*68\tNot_assigned_to_haplotypes
NA4\tNone\tNone
NA5\t*1x3/*2x4\tLowQ_high_CN
"""
STELLAR = """--------------------------------------------

CYP2D6 Star Allele Calling with StellarPGx

--------------------------------------------

Initially computed CN = 2


Core variants:
42126611~C>G~1/1;42127608~C>T~0/1


Candidate alleles:
['17.v1_29.v1']


Result:
{result}


Activity score:
1.0


Metaboliser status:
Intermediate metaboliser (IM)
"""
SUMMARY = """HG00436\t*71/*2x2
HG01086\t[*1/*31]\tPossible novel allele or suballele present: interpret with caution
NA18545\t*36+*10/*36+*10
"""
ALDY = """#Sample\tGene\tSolutionID\tMajor\tMinor\tCopy\tAllele\tLocation\tType\tCoverage\tEffect\tdbSNP\tCode\tStatus
#Solution 1: *1 +42528223:SNP.GA, *4AW, *4N
NA10860\tCYP2D6\t1\t*1/*4+*4\t1;4AW;4N\t0\t1\t42528223\tSNP.GA\t-1\tNEUTRAL\trs28588594\t-1426:C>T
NA10860\tCYP2D6\t1\t*1/*4+*4\t1;4AW;4N\t1\t4AW\t42522391\tSNP.GA\t-1\tNEUTRAL\trs28371738\t4401:C>T
#Solution 2: *1, *4AW, *4N
NA10860\tCYP2D6\t2\t*1/*4+*4\t1;4AW;4N\t0\t1
#Solution 3: *2, *4AW
NA10860\tCYP2D6\t3\t*2/*4\t2;4AW\t0\t2
"""
STARPHASE = {
    "pbstarphase_version": "0.8.0-fa50d82",
    "database_metadata": {"cpic_version": "API-2023-12-19"},
    "gene_details": {
        "CYP4F2": {"diplotypes": [{"hap1": "*5", "hap2": "*4", "diplotype": "*5/*4"}], "variant_details": []},
        "CYP2D6": {"diplotypes": [{"hap1": "*4.001+*68", "hap2": "*4.001", "diplotype": "*4.001+*68/*4.001"}]},
        "HLA-A": {"diplotypes": [{"hap1": "01:01:01:01", "hap2": "26:01:01:01", "diplotype": "01:01:01:01/26:01:01:01"}]},
        "CYP2B6": {"diplotypes": [{"diplotype": "*1/*6"}, {"diplotype": "*4/*9"}]},
        "DPYD": {"diplotypes": []},
    },
}
STARPHASE_TABLE = "#gene\tdiplotype\nCYP2B6\tMultiple/Multiple\nCYP4F2\t*3/*4\nDPYD\tNO_MATCH/NO_MATCH\n"
PYPGX = """\tGenotype\tPhenotype\tHaplotype1\tHaplotype2\tAlternativePhase\tVariantData\tCNV
HG00589_PyPGx\t*1/*21\tIntermediate Metabolizer\t*21;*2;\t*1;\t;\t*21:22-42524213-C-CG:0.378;\tNormal
HG00436_PyPGx\t*2x2/*71\tIndeterminate\t*71;*1;\t*2;\t;\t*2:default;\tDuplication
NA1_PyPGx\tIndeterminate\tIndeterminate\t;\t;\t;\t*2:default;\tUnknown1
"""
OPTITYPE = """\tA1\tA2\tB1\tB2\tC1\tC2\tReads\tObjective
0\tA*32:01\tA*68:03\tB*07:02\tB*35:01\tC*07:02\tC*07:02\t10191.0\t9915.83
"""
HLA_HD = """A\tHLA-A*24:02:01\tHLA-A*33:03:01
B\tHLA-B*58:01:01\t-
C\tHLA-C*03:02:01\tHLA-C*04:01:01\tHLA-C*03:02:01\tHLA-C*04:03:01
DRB1\tNot typed\tNot typed
"""
PHLAT = "Locus\tAllele1\tAllele2\tLLtot\tpval1\tpval2\nHLA_B\tB*07:02:01\tB*82:02\t-2356.54\t1.6e-04\t3.9e-04\n"
SPECHLA = """# version: IPD-IMGT/HLA 3.38.0
Sample\tHLA_A_1\tHLA_A_2\tHLA_B_1\tHLA_B_2
HG00096\tA*01:01:01:01\tA*29:02:01:01\tB*08:01:01:01\t-
"""
T1K = """HLA-A\t2\tHLA-A*02:01:01\t60.1\t60\tHLA-A*24:02:01\t58.0\t60
HLA-B\t2\tHLA-B*07:02:01,HLA-B*07:61\t60.1\t60\tHLA-B*44:02:01\t2.0\t0
HLA-C\t1\tHLA-C*07:02:01\t120.0\t60\t.\t0\t-1
HLA-DRB1\t0\t.\t0\t-1\t.\t0\t-1
"""
KOURAMI = """A*11:01:01G\t546\t1.0\t546\t546\t29.0\t8.0\t14.0
A*02:07:01\t546\t1.0\t546\t546\t29.0\t8.0\t14.0
B*15:02:01G\t546\t1.0\t546\t546\t29.0\t8.0\t14.0
"""
ARCAS = '{"A": ["A*01:01:01", "A*03:01:01"], "B": ["B*39:01:01", "B*07:02:01"], "DQA1": ["DQA1*02:01:01", "DQA1*05:03"]}'
XHLA = """{"subject_id": "176444255", "report_version": "1.1", "report_type": "hla_typing", "sample_id": "176444255",
 "hla": {"alleles": ["A*01:01", "A*02:01", "B*13:02", "B*37:01", "C*06:02", "C*06:02"]}}"""


def read(text: str, gene: str = "") -> dict[tuple[str, str], OutsideCall]:
    """The calls of a text by sample and gene."""
    return {(call.sample, call.gene): call for call in parse_outside_calls(text, "file", gene)}


def test_cyrius_table() -> None:
    calls = read(CYRIUS)
    assert {gene for _, gene in calls} == {"CYP2D6"}
    assert {sample: call.diplotype for (sample, _), call in calls.items() if sample in ("NA1", "NA2", "NA5")} == {
        "NA1": "*1/*4", "NA2": "*1/*46;*43/*45", "NA5": "*1x3/*2x4",
    }  # fmt: skip
    assert calls["NA4", "CYP2D6"].is_empty and calls["NA4", "CYP2D6"].reason
    assert "LowQ_high_CN" in calls["NA5", "CYP2D6"].remarks[0]
    assert (calls["NA1", "CYP2D6"].tool, calls["NA1", "CYP2D6"].place) == ("Cyrius", "file line 2")


def unordered(pairs: list[str]) -> set[frozenset[tuple[str, ...]]]:
    """Diplotypes without the order of chromosomes and of the alleles on each."""
    return {frozenset(tuple(sorted(side.split("+"))) for side in pair.split("/")) for pair in pairs}


def test_alleles_that_cyrius_does_not_assign_are_assigned_in_every_way() -> None:
    """Both examples and all their readings are those of Cyrius's README."""
    assert unordered(list(haplotype_pairs("*1_*2_*68"))) == unordered(["*1+*68/*2", "*2+*68/*1", "*1+*2/*68"])
    assert unordered(list(haplotype_pairs("*1x4"))) == unordered(["*1/*1+*1+*1", "*1+*1/*1+*1"])
    assert list(haplotype_pairs("_".join(["*1"] * 40))) == []


def test_cyrius_json_says_what_its_table_says() -> None:
    lines = [line.split("\t") for line in CYRIUS.splitlines()[1:]]
    none = {"None": None}
    data = {
        sample: {"Coverage_MAD": 0.05, "Total_CN": 4, "CNV_group": "cn2", "Genotype": none.get(call, call), "Filter": mark}
        for sample, call, mark in lines
    }
    from_json, from_table = read(json.dumps(data)), read(CYRIUS)
    assert {key: (call.diplotype, call.remarks) for key, call in from_json.items()} == {
        key: (call.diplotype, call.remarks) for key, call in from_table.items()
    }


@pytest.mark.parametrize(
    ("result", "diplotype", "reason"),
    [
        ("*17/*29", "*17/*29", ""),
        ("*1/*2 or *34/*39", "*1/*2;*34/*39", ""),
        ("*1/*2 or *34/*39\n(Duplication present)", "(*1/*2)xN;(*34/*39)xN", ""),
        ("*1/*2 or *34/*39\tPossible CYP2D6 gene deletion present", "", "deletion"),
        ("Possible novel allele or suballele present: interpret with caution", "", "novel"),
    ],
)
def test_stellarpgx_alleles(result: str, diplotype: str, reason: str) -> None:
    call = read(STELLAR.format(result=result))["", "CYP2D6"]
    assert (call.diplotype, call.phenotype, call.activity_score) == (diplotype, "", "")
    assert reason in call.reason
    assert diplotype == "" or any("Intermediate metaboliser" in remark for remark in call.remarks)


def test_stellarpgx_summary_needs_its_gene() -> None:
    calls = read(SUMMARY, "CYP2D6")
    assert calls["NA18545", "CYP2D6"].diplotype == "*36+*10/*36+*10"
    assert calls["HG01086", "CYP2D6"].is_empty and "novel" in calls["HG01086", "CYP2D6"].reason


def test_aldy_keeps_each_different_solution() -> None:
    assert read(ALDY)["NA10860", "CYP2D6"].diplotype == "*1/*4+*4;*2/*4"


def test_starphase() -> None:
    calls = read(json.dumps(STARPHASE))
    assert calls["", "CYP2D6"].diplotype == "*4.001+*68/*4.001"
    assert calls["", "CYP2B6"].diplotype == "*1/*6;*4/*9"
    assert calls["", "DPYD"].is_empty
    assert calls["", "CYP4F2"].tool == "pb-StarPhase 0.8.0-fa50d82"
    table = read(STARPHASE_TABLE)
    assert [call.is_empty for call in table.values()] == [True, False, True]
    assert table["", "CYP2B6"].reason and table["", "DPYD"].reason


def archive(**files: str) -> bytes:
    """An archive as PyPGx writes it: a folder with its files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, text in files.items():
            opened.writestr("tmpabc/" + name.replace("_", "."), text)
    return held.getvalue()


def test_pypgx_archive_and_its_plain_table(tmp_path: Path) -> None:
    file, plain = tmp_path / "anything.bin", tmp_path / "data.tsv"
    meta = "Gene=CYP2D6\nAssembly=GRCh38\nSemanticType=SampleTable[Results]\n"
    file.write_bytes(archive(data_tsv=PYPGX, metadata_txt=meta))
    plain.write_text(PYPGX)
    packed = read_outside_calls(file)
    assert [call.diplotype for call in packed] == ["*1/*21", "*2x2/*71", ""]
    assert [call.phenotype for call in packed] == ["", "", ""]
    assert packed[0].sample == "HG00589_PyPGx" and "Intermediate Metabolizer" in packed[0].remarks[0]
    named = read_outside_calls(Path(f"CYP2D6={plain}"))
    assert [(call.gene, call.diplotype) for call in named] == [(call.gene, call.diplotype) for call in packed]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (OPTITYPE, {"HLA-A": "A*32:01/A*68:03", "HLA-B": "B*07:02/B*35:01", "HLA-C": "C*07:02/C*07:02"}),
        (OPTITYPE.replace("A*32:01\tA*68:03", "\t"), {"HLA-A": "", "HLA-B": "B*07:02/B*35:01"}),
        (
            HLA_HD,
            {
                "HLA-A": "HLA-A*24:02:01/HLA-A*33:03:01",
                "HLA-B": "HLA-B*58:01:01/HLA-B*58:01:01",
                "HLA-C": "HLA-C*03:02:01/HLA-C*04:01:01;HLA-C*03:02:01/HLA-C*04:03:01",
                "HLA-DRB1": "",
            },
        ),
        (PHLAT, {"HLA-B": "B*07:02:01/B*82:02"}),
        (SPECHLA, {"HLA-A": "A*01:01:01:01/A*29:02:01:01", "HLA-B": "B*08:01:01:01"}),
        (
            T1K,
            {
                "HLA-A": "HLA-A*02:01:01/HLA-A*24:02:01",
                "HLA-B": "HLA-B*07:02:01,HLA-B*07:61",
                "HLA-C": "HLA-C*07:02:01",
                "HLA-DRB1": "",
            },
        ),
        (KOURAMI, {"HLA-A": "A*11:01:01G/A*02:07:01", "HLA-B": "B*15:02:01G"}),
        (ARCAS, {"HLA-A": "A*01:01:01/A*03:01:01", "HLA-DQA1": "DQA1*02:01:01/DQA1*05:03"}),
        (XHLA, {"HLA-A": "A*01:01/A*02:01", "HLA-C": "C*06:02/C*06:02"}),
    ],
    ids=["OptiType", "OptiType without A", "HLA-HD", "PHLAT", "SpecHLA", "T1K", "Kourami", "arcasHLA", "xHLA"],
)
def test_hla_typers(text: str, expected: dict[str, str]) -> None:
    calls = {gene: call for (_, gene), call in read(text).items()}
    assert {gene: calls[gene].diplotype for gene in expected} == expected
    assert all(call.tool for call in calls.values())
    assert all(call.reason for call in calls.values() if call.is_empty)


def test_hla_remarks_and_samples() -> None:
    assert read(SPECHLA)["HG00096", "HLA-B"].remarks and "3.38.0" in read(SPECHLA)["HG00096", "HLA-A"].tool
    assert any("quality 0" in remark for remark in read(T1K)["", "HLA-B"].remarks)
    assert ("176444255", "HLA-A") in read(XHLA)
