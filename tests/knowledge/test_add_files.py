"""A gene and a drug are added as files only: read from a genome, called, advised on, and shown."""

from __future__ import annotations

from pathlib import Path

import pytest

import nof1
from nof1.cli.main import main
from nof1.errors import NotInKnowledge
from nof1.knowledge import compiled

FILES = {
    "sources/mine.yaml": """schema: 1
sources:
- {id: synthetic-2026, title: A synthetic source, body: Nobody, year: 2026, url: "https://example.org", licence: none,
   because: the test}
""",
    "genes/SYN1/gene.yaml": """schema: 1
gene: SYN1
title: a synthetic gene
chromosome: chr3
build: GRCh38
sequence: NC_000003.12
edition: "1"
call: {methods: [named_allele], ploidy: diploid, undocumented: kept, source: synthetic-2026#methods}
phenotype:
  method: activity_score
  score: value_1 + value_2
  source: synthetic-2026#scores
  status: provisional
  checked: '2026-11-23'
  without_score: Indeterminate
  score_rows:
  - {when: score < 1, phenotype: Slow Taker}
  - {when: score >= 1, phenotype: Fast Taker}
""",
    "genes/SYN1/positions.tsv": "id\tposition\tref\talts\tspan\thgvs\tused\tsource\tstatus\tchecked\n"
    "syn1\t50000100\tA\tG\t\tg.50000100A>G\tyes\tsynthetic-2026#p\tprovisional\t2026-11-23\n"
    "syn2\t50000200\tCTT\tC\tCTTTT\tg.50000203_50000204del\tyes\tsynthetic-2026#p\tprovisional\t2026-11-23\n",
    "genes/SYN1/alleles.tsv": "name\tshown_as\tvariants\tused\tfunction\tactivity\tsource\tfunction_source\tstatus\tchecked\n"
    "*1\t\treference\tyes\tNormal function\t1\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n"
    "*2\t\tsyn1:G\tyes\tNo function\t0\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n"
    "*3\t\tsyn2:C\tyes\tDecreased function\t0.25\tsynthetic-2026#a\tsynthetic-2026#f\tprovisional\t2026-11-23\n",
    "drugs/synthetine.yaml": """schema: 1
drug: synthetine
body: Nobody
guideline: synthetic-2026
genes: [SYN1]
rules:
- id: slow
  when: [{SYN1: ["score < 1"]}]
  actions: [dose]
  strength: strong
  dose: {direction: decrease, factor: 0.5, basis: starting dose}
  advice: Halve the start.
  source: synthetic-2026#row-1
  rows: [row-1]
  status: provisional
  checked: '2026-11-23'
""",
}
VCF = """##fileformat=VCFv4.2
##reference=GRCh38
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS
3\t50000100\t.\tA\tG\t.\tPASS\t.\tGT\t0/1
3\t50000202\t.\tTTT\tT\t.\tPASS\t.\tGT\t0/1
"""


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "pack"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.setenv("NOF1_KNOWLEDGE", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    compiled._knowledge.cache_clear()
    yield folder
    compiled._knowledge.cache_clear()


def test_added_gene_and_drug_work(pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    genome = tmp_path / "s.vcf"
    genome.write_text(VCF)
    made = nof1.assess([genome], drugs=["synthetine"])
    (gene,) = [call for call in made.genes if call.gene == "SYN1"]
    assert [item.name for item in gene.diplotypes] == ["*2/*3"]  # the deletion is written right-shifted in the file
    assert (gene.phenotypes[0].term, gene.phenotypes[0].activity_score) == ("Slow Taker", "0.25")
    (advice,) = made.drugs
    assert advice.headline.value == "dose"
    assert advice.recommendations[0].dose is not None
    assert advice.recommendations[0].dose.factor == (0.5, 0.5)
    assert main(["knowledge", "show", "SYN1"]) == 0
    assert "a synthetic gene" in capsys.readouterr().out
    assert main(["knowledge", "check", str(pack)]) == 0


def test_without_the_pack_the_drug_is_unknown(tmp_path: Path) -> None:
    genome = tmp_path / "s.vcf"
    genome.write_text(VCF)
    with pytest.raises(NotInKnowledge, match="synthetine"):
        nof1.assess([genome], drugs=["synthetine"])
