"""Gene models that a user adds: taken where the knowledge has none, or first where that is said, and named in the report."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

from nof1.errors import RequestError
from nof1.jobs.chosen_models import ADDED, chosen_models, select_models
from nof1.jobs.one_person import assess
from nof1.jobs.reference import add_fasta, add_gene_models
from nof1.jobs.secondary_ahead import Unasked
from nof1.jobs.variant_tables import add
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import Assessment
from nof1.model.secondary import GeneStatus
from nof1.model.transcripts import Transcript
from variants.two_genes import gff

KNOWN = knowledge().gene_models
EXAMPLE = Path(__file__).parents[2] / "examples" / "example-5-prevention"
(BRCA1,) = KNOWN.of_gene("BRCA1")
NEWER = replace(BRCA1, id="NM_007294.9")


def text(*found: Transcript, tag: str = "MANE_Select") -> str:
    """GFF3 as MANE writes it."""
    lines = ["##gff-version 3"]
    for number, one in enumerate(found):
        ours = gff(one, 0).replace("\nw\t", f"\n{one.chromosome}\t").replace("G1", f"ENSG{number}")
        ours = ours.replace("T1", f"{one.ensembl or one.id}.{number}").replace("transcript:", "").replace("gene:", "")
        named = f";gene_name={one.gene};Dbxref=RefSeq:{one.id}" + (f";tag=basic,{tag}" if tag else "")
        lines += [line + named if "\tmRNA\t" in line else line for line in ours.splitlines()[1:]]
    return "\n".join(lines) + "\n"


@pytest.fixture
def bring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "MANE.GRCh38.v9.gff"


def test_those_of_the_knowledge_stand_unless_it_is_said(bring: Path) -> None:
    bring.write_text(text(NEWER))
    add_gene_models(bring, edition="v9")
    made = chosen_models(KNOWN, ["BRCA1", "MSH2"])
    assert [one.id for one in made.transcripts] == [BRCA1.id, "NM_000251.3"] and made.notes == ()


def test_added_ones_come_first_where_that_is_said(bring: Path) -> None:
    bring.write_text(text(NEWER))
    added = add_gene_models(bring, edition="v9")
    made = chosen_models(KNOWN, ["BRCA1", "MSH2"], which=ADDED)
    assert [(one.id, one.role) for one in made.transcripts] == [
        ("NM_007294.9", "mane_select"),
        ("NM_000251.3", "mane_select"),
    ]
    used, lacking = made.notes
    assert used == (
        f"gene models added by the user, MANE.GRCh38.v9.gff, edition v9 (SHA-256 {added.record.sha256[:12]}): "
        "transcripts of 1 gene"
    )
    assert "no MANE Select transcript of MSH2; those of the knowledge are used" in lacking


def test_a_gene_that_the_knowledge_lacks_gets_the_added_one(bring: Path) -> None:
    bring.write_text(text(NEWER))
    add_gene_models(bring, edition="v9")
    rows = [row for row in KNOWN.transcripts if row.gene != "BRCA1"]
    lacking = msgspec.structs.replace(KNOWN, transcripts=rows)
    made = chosen_models(lacking, ["BRCA1", "MSH2"])
    assert [one.id for one in made.transcripts] == ["NM_007294.9", "NM_000251.3"]
    assert len(made.notes) == 1 and "edition v9" in made.notes[0]
    assert "BRCA1" in {one.gene for one in select_models(lacking, "GRCh38").transcripts}


def test_only_what_rules_ask_for_is_taken(bring: Path) -> None:
    """MANE Select, and a transcript that the knowledge names; of an untagged file those that it names."""
    first, named = KNOWN.of_gene("TRDN")
    other = replace(first, id="NM_999.1", ensembl="")
    bring.write_text(text(first, other, replace(named, id="NM_001256021.7"), tag=""))
    add_gene_models(bring)
    made = chosen_models(KNOWN, ["TRDN"], which=ADDED)
    assert [(one.id, one.role) for one in made.transcripts] == [("NM_006073.4", "mane_select"), ("NM_001256021.7", "named")]
    bring.write_text(text(replace(first, id="NM_006073.8")))
    add_gene_models(bring)
    made = chosen_models(KNOWN, ["TRDN"], which=ADDED)
    assert [one.id for one in made.transcripts] == ["NM_006073.8", "NM_001256021.1"], "the named one is kept"


def test_what_cannot_be_had_is_told(bring: Path) -> None:
    with pytest.raises(
        RequestError, match="no gene models on GRCh38 were added; bring some with nof1 knowledge add gene-mod"
    ):
        chosen_models(KNOWN, ["BRCA1"], which=ADDED)
    with pytest.raises(RequestError, match="gene models 'mine'; write knowledge or added"):
        chosen_models(KNOWN, ["BRCA1"], which="mine")
    bring.write_text(text(NEWER))
    add_gene_models(bring, build="GRCh37")
    with pytest.raises(RequestError, match="on GRCh38"):
        chosen_models(KNOWN, ["BRCA1"], which=ADDED)
    assert [one.id for one in chosen_models(KNOWN, ["BRCA1"], "GRCh37").transcripts] == ["NM_007294.9"]


def assessed(tmp_path: Path, models: str) -> Assessment:
    """The example's person with a stop in BRCA1 that is asserted, and records over the coding parts of BRCA1."""
    rows = (EXAMPLE / "genome.vcf").read_text().splitlines()
    stop = "chr17\t43082434\t.\tG\tA,<NON_REF>\t.\tPASS\t.\tGT:GQ:DP\t0/1:99:34"
    genome, table = tmp_path / "person.vcf", tmp_path / "assertions.tsv"
    head = [row for row in rows if row[0] == "#"]
    body = sorted([row for row in rows if row[0] != "#"] + [stop], key=_place)
    genome.write_text("\n".join([*head, *body]) + "\n")
    table.write_text("chrom\tpos\tref\talt\tgene\tclassification\tstars\nchr17\t43082434\tG\tA\tBRCA1\tPathogenic\t3\n")
    made = add("clinvar", table, into=tmp_path, edition="1", build="GRCh38")
    asked = Unasked(tables=[str(made.path)], models=models)
    return assess([genome], record=EXAMPLE / "record.json", today=date(2026, 11, 26), secondary=asked)


def _place(row: str) -> tuple[int, int]:
    chrom, position = row.split("\t")[:2]
    return int(chrom.removeprefix("chr")), int(position)


def test_consequence_coverage_and_notes_of_a_report_follow(bring: Path, tmp_path: Path, reference_data: Path) -> None:
    add_fasta(reference_data / "variants" / "ref_GRCh38_BRCA1_BRCA2.fa")
    longer = replace(KNOWN.of_gene("MSH2")[0], id="NM_000251.9", exons=((47403067, 47703402),), coding=(47403192, 47603201))
    bring.write_text(text(NEWER, longer))
    add_gene_models(bring, edition="v9")
    usual, other = assessed(tmp_path, "knowledge"), assessed(tmp_path, "added")
    ids = [[one.transcript for item in made.variants for one in item.variants[0].consequences] for made in (usual, other)]
    assert ids == [["NM_007294.4"], ["NM_007294.9"]]
    assert other.variants[0].by_points[0].points == usual.variants[0].by_points[0].points == 8
    looked = [next(one for one in made.secondary.genes if one.gene == "MSH2") for made in (usual, other) if made.secondary]
    assert looked[0].share > 0.95 and looked[1].share < 0.1
    assert looked[1].status is GeneStatus.NOT_ASSESSED
    assert usual.secondary and not any("added by the user" in note for note in usual.secondary.notes)
    assert other.secondary and any("edition v9" in note and "2 genes" in note for note in other.secondary.notes)
