"""A curator's decisions: laid over what a machine found, with who, when and why, and nothing lost."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from nof1.errors import RequestError
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.curation import read_curation, read_policy
from nof1.model.classification import Origin, VariantClass, VariantFacts
from nof1.model.variants import Consequence
from nof1.variants.curated import CURATION, classify_variant, signed_assertions

CRITERIA = knowledge().criteria
TODAY = date(2026, 11, 26)
assert CRITERIA.points is not None

GOOD = """
schema: 1
build: GRCh38
variants:
- allele: {chromosome: chr17, position: 43045712, ref: G, alt: A}
  gene: BRCA1
  decisions:
  - {code: PS3_Moderate, action: add, by: A. Curator, decided: '2026-11-20', why: assay of function, source: 'PMID:1'}
  - {code: PVS1_Strong, action: add, by: A. Curator, decided: '2026-11-21', why: the last exon may matter less}
  - {code: PVS1, action: withdraw, by: B. Curator, decided: '2026-11-22', why: rescued by another transcript}
  signed: {classification: likely pathogenic, by: B. Curator, decided: '2026-11-23', why: seen with the family}
"""
ALLELE = "chr17:43045712:G:A"
FACTS = VariantFacts("BRCA1", ALLELE, Consequence("BRCA1", "T", ("stop_gained",), decay="expected"))


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "curation.yaml"
    path.write_text(text)
    return path


def test_decisions_are_laid_over_and_kept(tmp_path: Path) -> None:
    row = read_curation(written(tmp_path, GOOD), CRITERIA.points, TODAY)[ALLELE]
    found = classify_variant(FACTS, CRITERIA, row)
    assert found is not None
    assert [(item.code, item.strength, item.origin, item.by, item.on) for item in found.criteria] == [
        ("PS3", "moderate", Origin.CURATOR, "A. Curator", "2026-11-20")
    ]
    assert found.points == 2 and found.variant_class is VariantClass.UNCERTAIN
    aside = [(item.code, item.strength, item.origin, item.by) for item in found.set_aside]
    assert aside == [
        ("PVS1", "very_strong", Origin.AUTOMATED, ""),
        ("PVS1", "strong", Origin.CURATOR, "A. Curator"),
        ("PVS1", "very_strong", Origin.CURATOR, "B. Curator"),
    ]
    assert found.set_aside[-1].evidence == "withdrawn: rescued by another transcript"


def test_without_decisions_the_machine_stands() -> None:
    found = classify_variant(FACTS, CRITERIA)
    assert found is not None and [item.code for item in found.criteria] == ["PVS1"] and found.set_aside == ()


def test_what_is_signed_is_an_assertion(tmp_path: Path) -> None:
    rows = read_curation(written(tmp_path, GOOD), CRITERIA.points, TODAY)
    made = signed_assertions(list(rows.values()))[ALLELE]
    assert (made.source, made.classification, made.gene, made.evaluated) == (
        CURATION,
        "likely pathogenic",
        "BRCA1",
        "2026-11-23",
    )
    assert made.id == "B. Curator: seen with the family"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("PS3_Moderate", "PS9", "'PS9' is no evidence code; write one of PVS1"),
        ("PS3_Moderate", "PP5", "'PP5' is no longer to be used"),
        ("'2026-11-20'", "'2026-12-24'", "after today (2026-11-26)"),
        ("'2026-11-20'", "'20.11.2026'", "write YYYY-MM-DD"),
        ("by: A. Curator, decided: '2026-11-20'", "by: ' ', decided: '2026-11-20'", "who (by) and why must be written"),
        ("action: withdraw", "action: forget", "forget"),
        ("build: GRCh38", "build: GRCh37", "GRCh37"),
        ("chromosome: chr17", "chromosome: '17'", "write the place as chr1 to chr22"),
        ("alt: A}", "alt: G}", "ref and alt are bases A, C, G, T, and differ"),
        ("alt: A}", "alt: '<DEL>'}", "ref and alt are bases"),
        ("classification: likely pathogenic", "classification: probably bad", "probably bad"),
        ("schema: 1", "schema: 2", "schema is 2"),
        ("gene: BRCA1", "gen: BRCA1", "gen"),
    ],
)
def test_a_slip_is_told_in_one_line(tmp_path: Path, before: str, after: str, words: str) -> None:
    assert before in GOOD
    with pytest.raises(RequestError) as told:
        read_curation(written(tmp_path, GOOD.replace(before, after, 1)), CRITERIA.points, TODAY)
    assert words in str(told.value) and "\n" not in str(told.value)
    assert str(told.value).startswith("curation file curation.yaml: ")


def test_one_allele_has_one_entry(tmp_path: Path) -> None:
    entry = GOOD[GOOD.index("- allele") :]
    with pytest.raises(RequestError, match="is written twice"):
        read_curation(written(tmp_path, GOOD + entry), CRITERIA.points, TODAY)


POLICY = """
schema: 1
name: a hospital
adult_from_years: 16
adult_onset_in_minors: review
unstated_onset_in_minors: report
least_stars: 3
curated_counts: false
assessed_share: 0.9
"""


def test_a_policy_is_read(tmp_path: Path) -> None:
    policy = read_policy(written(tmp_path, POLICY))
    assert (policy.name, policy.adult_from_years, policy.least_stars, policy.curated_counts) == ("a hospital", 16, 3, False)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("least_stars: 3", "least_stars: 7", "write 0 to 4"),
        ("adult_from_years: 16", "adult_from_years: 0", "write an age in years above 0"),
        ("assessed_share: 0.9", "assessed_share: 90", "write a share above 0, at most 1"),
        ("adult_onset_in_minors: review", "adult_onset_in_minors: maybe", "maybe"),
        ("least_stars: 3", "least_star: 3", "least_star"),
    ],
)
def test_a_wrong_policy_is_told(tmp_path: Path, before: str, after: str, words: str) -> None:
    with pytest.raises(RequestError) as told:
        read_policy(written(tmp_path, POLICY.replace(before, after)))
    assert words in str(told.value)
