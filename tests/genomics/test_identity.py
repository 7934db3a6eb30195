"""Whose genome it is: sex by X and Y against the declared one, and people of a cohort who are the same."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import nof1
from genomics import vcf_text
from genomics.array_files import P38, Row, write
from nof1.assessment.assay import identity
from nof1.errors import RequestError
from nof1.genomics.identity import DUPLICATE_SITES, X_ONLY, Y_ONLY
from nof1.jobs.many_people import CohortCalls
from nof1.knowledge.load import load

ON_X = next(gene for gene in P38.genes if gene.chromosome == "chrX").loci


def array_rows(sex: str, seed: int = 1) -> list[Row]:
    chance = random.Random(seed)
    rows: list[Row] = []
    for number in range(600):
        position = 3_000_000 + 200_000 * number
        two = chance.choice(["AG", "AA", "GG", "CT"]) if sex == "female" else chance.choice("AG")
        rows.append((f"rs{900_000_000 + number}", "X", position, two))
    for number in range(60):
        rows.append((f"rs{910_000_000 + number}", "Y", 7_000_000 + 200_000 * number, "--" if sex == "female" else "A"))
    for number in range(200):  # pseudoautosomal: two copies in everybody
        rows.append((f"rs{920_000_000 + number}", "X", 70_000 + 12_000 * number, "AG"))
    return rows


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("doubled", [False, True])
def test_an_array_shows_the_sex(tmp_path: Path, sex: str, doubled: bool) -> None:
    rows = array_rows(sex)
    if doubled:  # AncestryDNA writes one copy twice
        rows = [(name, chrom, position, two * 2 if len(two) == 1 else two) for name, chrom, position, two in rows]
    file = write(tmp_path / "p.txt", rows)
    for declared in ("male", "female"):
        made = nof1.assess([file], sex=declared, knowledge=vcf_text.KNOWN)
        assert made.assay["identity"]["observed_sex"] == sex
        assert made.assay["identity"]["verdict"] == ("agree" if declared == sex else "disagree")
        assert (made.unknown[0].about == "identity of the sample") == (declared != sex)
    assert nof1.assess([file], knowledge=vcf_text.KNOWN).assay["identity"]["verdict"] == "not declared"


@pytest.mark.parametrize("kind", ["plain", "indexed"])
def test_a_vcf_with_one_copy_of_x(tmp_path: Path, kind: str) -> None:
    records = [vcf_text.at(locus, "0") for locus in ON_X if locus.is_snv][:30]
    file = vcf_text.write_as(tmp_path / "p", kind, vcf_text.text(records))
    made = nof1.assess([file], sex="female", knowledge=vcf_text.KNOWN)
    assert made.assay["identity"]["verdict"] == "disagree"
    assert made.assay["identity"]["evidence"]["x_haploid"] == 30


def test_an_indexed_vcf_is_looked_at_beyond_the_panel(tmp_path: Path) -> None:
    chance = random.Random(2)
    records = [
        vcf_text.Record("chrX", 5_000_000 + 1_000 * number, "A", ("G",), (chance.choice(["0/1", "0/1", "1/1"]),))
        for number in range(50)
    ]
    file = vcf_text.write_as(tmp_path / "p", "indexed", vcf_text.text(records))
    made = nof1.assess([file], sex="female", knowledge=vcf_text.KNOWN)
    assert made.assay["identity"]["verdict"] == "agree"
    inside = [vcf_text.Record("chrX", 20_000 + number, "A", ("G",), ("0/1",)) for number in range(50)]  # pseudoautosomal
    file = vcf_text.write_as(tmp_path / "q", "indexed", vcf_text.text(inside))
    assert nof1.assess([file], sex="male", knowledge=vcf_text.KNOWN).assay["identity"]["verdict"] == "not enough data"


def test_little_evidence_is_no_evidence() -> None:
    assert (
        identity("male", {"x_called": 5, "x_heterozygous": 1, "y_asked": 2, "y_called": 2})["verdict"] == "not enough data"
    )
    both = {"x_called": 5000, "x_heterozygous": 1500, "y_asked": 500, "y_called": 490}
    assert identity("male", both)["observed_sex"] == "unclear"
    assert identity("male", both)["verdict"] == "not enough data"


def test_regions_are_those_of_the_reference_consortium() -> None:
    """Ends of PAR1 and starts of PAR2 as published; between them lies what one sex has once."""
    assert X_ONLY == {"GRCh37": (2699520 + 1, 154931044 - 1), "GRCh38": (2781479 + 1, 155701383 - 1)}
    assert Y_ONLY == {"GRCh37": (2649520 + 1, 59034050 - 1), "GRCh38": (2781479 + 1, 56887903 - 1)}


def test_an_unknown_sex_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="sex is 'M'"):
        nof1.assess([write(tmp_path / "p.txt", array_rows("male"))], sex="M", knowledge=vcf_text.KNOWN)


# duplicates


def cohort(tmp_path: Path, people: list[list[str]]) -> Path:
    loci = [locus for gene in P38.genes[:6] for locus in gene.loci][: len(people[0])]
    calls = list(zip(*people, strict=True))
    records = [vcf_text.at(locus, *calls[number]) for number, locus in enumerate(loci)]
    return vcf_text.write(tmp_path / "c.vcf", vcf_text.sort(records), [f"P{n}" for n in range(len(people))])


def told(path: Path) -> list[str]:
    calls = CohortCalls([path], knowledge=load())
    for symbol in calls.genes:
        calls.table(symbol)
    calls.finish()
    return [note.message for note in calls.notes if note.kind == "duplicate_genomes"]


def test_people_who_are_the_same_are_told(tmp_path: Path) -> None:
    chance = random.Random(5)
    people = [[chance.choice(["0/0", "0/1", "1/1"]) for _ in range(60)] for _ in range(6)]
    assert told(cohort(tmp_path, people)) == []
    people[4] = list(people[1])
    (message,) = told(cohort(tmp_path, people))
    assert message.startswith("P1, P4: the same genotypes in every gene read")
    people[4][3] = "0/0" if people[4][3] != "0/0" else "0/1"
    assert told(cohort(tmp_path, people)) == []


def test_people_without_enough_variants_are_not_told(tmp_path: Path) -> None:
    few = ["0/1"] * (DUPLICATE_SITES - 1) + ["0/0"] * 30
    assert told(cohort(tmp_path, [few, few])) == []
    enough = ["0/1"] * DUPLICATE_SITES + ["0/0"] * 30
    assert len(told(cohort(tmp_path, [enough, enough]))) == 1
