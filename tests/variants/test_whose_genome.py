"""Whether a genome is the person's own, and what is said with an assessment: tumours, another sex, files that are not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nof1.cli.main import main
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.panel import panels

EXAMPLE = Path(__file__).parents[2] / "examples" / "example-5-prevention"
SAMPLE = "example-5-prevention"
ALLELE = "chr2:47408445:G:T"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    into = tmp_path_factory.mktemp("tables")
    words = ["knowledge", "add", "clinvar", str(EXAMPLE / "assertions.tsv"), "--edition", "1", "--build", "GRCh38"]
    assert main([*words, "--into", str(into)]) == 0
    (made,) = into.iterdir()
    return made


class Asked:
    """``nof1 assess`` on the example's files, changed."""

    def __init__(self, folder: Path, table: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.table, self._capsys = folder, table, capsys
        self.text = (EXAMPLE / "genome.vcf").read_text()

    def genome(self, text: str) -> Path:
        path = self.folder / "genome.vcf"
        path.write_text(text)
        return path

    def run(self, *words: object) -> tuple[int, str, dict[str, Any]]:
        out = self.folder / "out"
        record = ("--record", EXAMPLE / "record.json", "--tables", self.table)
        code = main(["assess", *map(str, words), *map(str, record), "--out", str(out), "--quiet"])
        made = json.loads((out / "assessment.json").read_text()) if code == 0 else {}
        assert out.exists() is (code == 0)
        return code, self._capsys.readouterr().err, made

    def refused(self, *words: object) -> str:
        code, told, _ = self.run(*words)
        assert (code, told.count("\n")) == (2, 1), told
        return told


@pytest.fixture
def asked(tmp_path: Path, table: Path, capsys: pytest.CaptureFixture[str]) -> Asked:
    return Asked(tmp_path, table, capsys)


@pytest.mark.parametrize(
    ("old", "new"),
    [("#CHROM", f"##tumor_sample={SAMPLE}\n#CHROM"), ("#CHROM", f"##tumour_sample={SAMPLE}\r\n#CHROM"), (SAMPLE, "TUMOR")],
)
def test_a_sample_of_a_tumour_is_not_taken_for_the_person(asked: Asked, old: str, new: str) -> None:
    genome = asked.genome(asked.text.replace(old, new))
    assert "is of a tumour, as the file says" in asked.refused(genome)
    assert "DNA of a tumour does not tell them" in asked.refused(genome, "--specimen", "tumour")


def test_the_other_sample_of_a_pair_is(asked: Asked) -> None:
    genome = asked.genome(asked.text.replace("#CHROM", "##tumor_sample=another\n#CHROM"))
    assert [one["gene"] for one in asked.run(genome)[2]["variants"]] == ["MSH2"]


def test_of_the_genome_of_another_sex_no_finding_is_told(asked: Asked) -> None:
    """The record says female; every call on X has one allele."""
    on_x = [one for gene in panels(knowledge())[0].genes if gene.chromosome == "chrX" for one in gene.loci if one.is_snv]
    males = [f"chrX\t{one.position}\t.\t{one.ref}\t{one.alts[0]}\t.\tPASS\t.\tGT:GQ:DP\t0:60:31" for one in on_x[:30]]
    made = asked.run(asked.genome(asked.text.rstrip("\n") + "\n" + "\n".join(males) + "\n"))[2]
    assert made["assay"]["identity"]["verdict"] == "disagree"
    assert made["variants"] == [] and not made["secondary"]["is_analysed"] and made["secondary"]["genes"] == []
    assert "the genome may be another person's (declared female, X and Y show male)" in made["secondary"]["notes"][0]
    assert not any("MSH2" in why for action in made["plan"] for why in action["because"])


def test_without_a_genome_no_gene_was_analysed(asked: Asked) -> None:
    made = asked.run()[2]
    assert not made["secondary"]["is_analysed"] and made["secondary"]["genes"] == []
    assert made["secondary"]["notes"] == ["none of these genes was analysed: no genome file was given"]


@pytest.mark.parametrize("option", ["--policy", "--curation"])
@pytest.mark.parametrize(("name", "said"), [("absent.yaml", "is not there"), (".", "is a folder")])
def test_a_file_that_is_not_there_is_named(asked: Asked, option: str, name: str, said: str) -> None:
    told = asked.refused(EXAMPLE / "genome.vcf", option, asked.folder / name)
    assert f"{option[2:]} file" in told and f"{said}; name a YAML file" in told


@pytest.mark.parametrize(("gene", "is_right"), [("MSH2", True), ("FOO", False), ("MSH6", False)])
def test_an_allele_is_signed_under_its_own_gene(asked: Asked, gene: str, is_right: bool) -> None:
    file = asked.folder / "curation.yaml"
    chromosome, position, ref, alt = ALLELE.split(":")
    file.write_text(
        f"schema: 1\nbuild: GRCh38\nvariants:\n- allele: {{chromosome: {chromosome}, position: {position}, ref: {ref}, "
        f"alt: {alt}}}\n  gene: {gene}\n  signed: {{classification: likely pathogenic, by: B, decided: '2026-11-01', why: W}}\n"
    )
    if is_right:
        assert [one["gene"] for one in asked.run(EXAMPLE / "genome.vcf", "--curation", file)[2]["variants"]] == ["MSH2"]
    else:
        told = asked.refused(EXAMPLE / "genome.vcf", "--curation", file)
        assert f"{ALLELE} is signed under '{gene}', but lies in MSH2; correct it" in told
