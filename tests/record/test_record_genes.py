"""Earlier genetic results of one gene and day that agree are one; those that contradict each other stay apart."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest
from small_record import LOINC, PATIENT, RXNORM, concept, kinds, left, read, resource

STUDIED = {"code": concept("48018-6", LOINC), "valueCodeableConcept": concept(text="CYP2C19")}
ON_A_DRUG = {"code": concept("51963-7", LOINC), "valueCodeableConcept": concept("32968", RXNORM)}


def report(name: str, code: str, *parts: dict[str, Any], said: str = "", of: str = "") -> dict[str, Any]:
    """A final result of 2024-05-06 about CYP2C19; ``of``: the id of the result it is derived from."""
    made = resource("Observation", name, status="final", effectiveDateTime="2024-05-06", code=concept(code, LOINC))
    made["component"] = [STUDIED, *parts]
    if said:
        made["valueCodeableConcept"] = {"text": said}
    if of:
        made["derivedFrom"] = [{"reference": f"Observation/{of}"}]
    return made


def genotype(name: str, said: str) -> dict[str, Any]:
    return report(name, "84413-4", said=said)


def implication(name: str, phenotype: str, *parts: dict[str, Any], of: str = "") -> dict[str, Any]:
    meant = {"code": concept("53040-2", LOINC), "valueCodeableConcept": concept(text=phenotype)}
    return report(name, "therapeutic-implication", meant, *parts, of=of)


def results(*resources: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one.diplotype, one.phenotype) for one in read(PATIENT, *resources).genes]


def test_two_genotypes_of_one_day_are_both_kept_in_any_order() -> None:
    pair = genotype("a", "*1/*1"), genotype("b", "*2/*2")
    for one, other in (pair, pair[::-1]):
        record = read(PATIENT, one, other)
        assert {(item.diplotype, item.place) for item in record.genes} == {
            ("*1/*1", "Observation/a"),
            ("*2/*2", "Observation/b"),
        }
        (line,) = left(record, "genes_contradict")
        assert (line.place, "both are kept" in line.reason) == (f"Observation/{other['id']}", True)


@pytest.mark.parametrize("said", ["*2/*1", "CYP2C19*1/CYP2C19*2", "CYP2C19 *1 / *2"])
def test_the_same_genotype_in_other_words_is_one(said: str) -> None:
    record = read(PATIENT, genotype("a", "*1/*2"), genotype("b", said))
    assert ([one.diplotype for one in record.genes], kinds(record)) == (["*1/*2"], [])


def test_a_phenotype_goes_with_the_genotype_it_is_derived_from() -> None:
    made = [
        genotype("a", "*1/*1"),
        genotype("b", "*2/*2"),
        implication("c", "Normal metabolizer", of="a"),
        implication("d", "Poor metabolizer", of="b"),
    ]
    for order in permutations(made):
        assert results(*order) == [("*1/*1", "Normal metabolizer"), ("*2/*2", "Poor metabolizer")]


def test_a_phenotype_that_may_belong_to_either_genotype_stays_alone() -> None:
    made = [genotype("a", "*1/*1"), genotype("b", "*2/*2"), implication("c", "Poor metabolizer")]
    for order in permutations(made):
        assert results(*order) == [("", "Poor metabolizer"), ("*1/*1", ""), ("*2/*2", "")]


def test_two_phenotypes_of_one_genotype_are_both_kept() -> None:
    made = [genotype("a", "*1/*2")]
    made += [implication("b", "Normal metabolizer", of="a"), implication("c", "Intermediate metabolizer", of="a")]
    for order in permutations(made):
        assert results(*order) == [("", "Intermediate metabolizer"), ("", "Normal metabolizer"), ("*1/*2", "")]


@pytest.mark.parametrize("parts", [(), (ON_A_DRUG,)])
def test_phenotypes_without_a_genotype_that_differ_are_both_kept(parts: tuple[dict[str, Any], ...]) -> None:
    pair = implication("a", "Normal metabolizer", *parts), implication("b", "Poor metabolizer", *parts)
    for order in (pair, pair[::-1]):
        assert results(*order) == [("", "Normal metabolizer"), ("", "Poor metabolizer")]


def test_activity_scores_that_differ_are_both_kept() -> None:
    scores = [{"code": {"text": "activity score"}, "valueString": said} for said in ("1", "1.5")]
    made = [implication(str(at), "Intermediate metabolizer", score) for at, score in enumerate(scores)]
    for order in permutations(made):
        assert [one.activity_score for one in read(PATIENT, *order).genes] == ["1", "1.5"]


def test_of_two_things_that_one_result_says_the_first_is_kept_and_told() -> None:
    more = {"code": concept("53040-2", LOINC), "valueCodeableConcept": concept(text="Poor metabolizer")}
    record = read(PATIENT, implication("a", "Normal metabolizer", more))
    assert [one.phenotype for one in record.genes] == ["Normal metabolizer"]
    assert "also says Normal metabolizer" in left(record, "genes_contradict")[0].reason


def test_results_derived_from_each_other_end() -> None:
    pair = [{**implication("a", "Normal metabolizer", of="b")}, {**implication("b", "Poor metabolizer", of="a")}]
    assert results(*pair) == [("", "Normal metabolizer"), ("", "Poor metabolizer")]
