"""Rules on families as a second reader found them, against the files.

``family_rules_blind.tsv`` was written before the files were opened: what each set of criteria asks, with where it was read. Compared
are counts, degrees, ages, points and limits of cholesterol. Which terms of a record stand for an illness, what is asked where it
is not recorded, and the sentences for people were not read again.
"""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import msgspec
import pytest
import risk_disagreements as apart

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.judge import judge
from nof1.knowledge.prevention import Criterion, FamilyRule
from nof1.units.convert import convert

PATH = Path(__file__).parent / "family_rules_blind.tsv"
SHA256 = "4768e209d56ff76a86c238fc232b904fcde32907306cb5dad4d6468757d63fa1"  # as it stood before the files were opened
AS_COMPARED = (
    "e8232a48fdcaac678ad5d170f59d1293a50f9c3c502ca8a583d3b3f51352cbcd"  # criteria of what is machine-read, as they were
)
CHOLESTEROL = 386.7  # g/mol, as the terms have it
BREAST = {"breast_cancer", "bilateral_breast_cancer"}


def read(rule: str, name: str) -> str:
    with PATH.open(encoding="utf-8", newline="") as opened:
        lines = csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE)
        return next(line["value"] for line in lines if (line["rule"], line["name"]) == (rule, name))


def first_number(text: str) -> float:
    found = re.search(r"\d+(\.\d+)?", text)
    assert found, text
    return float(found.group())


def rule_of(name: str) -> FamilyRule:
    return knowledge().prevention.rules[name]


def criteria(name: str) -> dict[str, Criterion]:
    return {one.id: one for one in rule_of(name).criteria}


def test_the_table_is_that_read_before_the_files_were_opened() -> None:
    assert hashlib.sha256(PATH.read_bytes()).hexdigest() == SHA256


def test_every_rule_was_read() -> None:
    with PATH.open(encoding="utf-8", newline="") as opened:
        names = {line["rule"] for line in csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert names == knowledge().prevention.rules.keys()


def test_amsterdam_ii() -> None:
    rule = rule_of("amsterdam-ii")
    [one] = rule.criteria
    [group] = one.relatives
    assert group.least == int(read(rule.id, "relatives"))
    cancers = read(rule.id, "cancers").split()
    terms = {f"{name}_cancer" for name in cancers if name not in ("ureter", "renal_pelvis")} | {
        "ureter_or_renal_pelvis_cancer"
    }
    assert set(group.conditions) == terms
    assert one.linked and one.with_self and read(rule.id, "first_degree_of_the_other_two") == "1"
    assert one.generations == int(read(rule.id, "successive_generations"))
    assert (one.youngest_before, read(rule.id, "diagnosed_before_50")) == (50, "1")
    assert "familial_adenomatous_polyposis" in rule.not_with
    assert "verified by histopathology" in one.confirm


def test_revised_bethesda() -> None:
    rule, found = rule_of("bethesda-revised"), criteria("bethesda-revised")
    assert list(found) == ["colorectal-below-50", "several-tumours", "first-degree-one-below-50", "two-relatives"]
    assert found["colorectal-below-50"].self_before == float(read(rule.id, "colorectal_before"))
    several = found["several-tumours"]
    assert (several.self_count, several.self_before, several.self_has[0]) == (2, None, "colorectal_cancer")
    assert several.words.startswith("two tumours")  # synchronous or metachronous colorectal or other tumours
    first = found["first-degree-one-below-50"]
    assert (first.relatives[0].degrees, first.relatives[0].least, first.youngest_before) == ([1], 1, 50)
    assert "one of the cancers before 50" in read(rule.id, "first_degree_with_tumour")
    two = found["two-relatives"]
    assert (two.relatives[0].degrees, two.relatives[0].least, two.youngest_before) == ([1, 2], 2, None)
    assert "2 or more, any age" in read(rule.id, "first_or_second_degree_with_tumour")
    assert first.self_has == two.self_has == ["colorectal_cancer"]
    assert f"before {read(rule.id, 'msi_h_histology_before')}" in rule.note  # pathology, which is not judged


def test_first_degree_relatives_with_colorectal_cancer() -> None:
    rule, found = rule_of("family-colorectal-cancer"), criteria("family-colorectal-cancer")
    [one], [two] = found["one-below-60"].relatives, found["two-first-degree"].relatives
    assert (one.degrees, one.least, one.before) == ([1], 1, float(read(rule.id, "one_first_degree_before")))
    assert (two.degrees, two.least, two.before) == ([1], int(read(rule.id, "first_degree_any_age")), None)
    assert "40 or ten years before the youngest diagnosis" in rule.means and "every 5 years" in rule.means


def test_referral_of_nice() -> None:
    rule = rule_of("nice-cg164-referral")
    assert set(rule.not_with) == BREAST  # without a personal history
    a, b, c, d, e, f = rule.criteria
    who = [
        (one.relatives[0].degrees, one.relatives[0].least, one.relatives[0].sex, one.relatives[0].before)
        for one in rule.criteria
    ]
    assert who[:3] == [([1], 1, "female", 40), ([1], 1, "male", None), ([1], 1, "", 50)]
    assert who[3:] == [([1, 2], 2, "", None), ([1, 2], 1, "", None), ([1, 2], 3, "", None)]
    assert c.relatives[0].conditions == ["bilateral_breast_cancer"]
    assert all(set(one.relatives[0].conditions) == BREAST for one in (a, b, d, e, f))
    assert [one.one_of_degree for one in rule.criteria] == [None, None, None, 1, 1, None]
    assert [one.same_side for one in rule.criteria] == [False, False, False, True, True, True]
    assert (e.relatives[1].conditions, e.relatives[1].degrees) == (["ovarian_cancer"], [1, 2])
    assert [first_number(read(rule.id, name)) for name in "abcdef"] == [1, 1, 1, 2, 1, 3]


def test_assessment_of_the_uspstf() -> None:
    rule, found = rule_of("uspstf-2019-brca-assessment"), criteria("uspstf-2019-brca-assessment")
    assert rule.only_for == "female"
    terms = BREAST | {"ovarian_cancer", "tubal_or_peritoneal_cancer"}
    assert set(found["own-history"].self_has) == set(found["family-history"].relatives[0].conditions) == terms
    assert read(rule.id, "cancers").split() == ["breast", "ovarian", "tubal", "peritoneal"]
    assert "ancestry" in rule.note  # not judged, and said


DUTCH = {
    "family_coronary_premature": "relative-premature-coronary", "family_ldl_95": "relative-ldl",
    "family_xanthoma_arcus": "relative-xanthoma-or-arcus", "family_child_ldl_95": "child-ldl",
    "own_coronary_premature": "own-premature-coronary", "own_cerebral_peripheral_premature": "own-premature-vascular",
    "tendon_xanthoma": "own-xanthoma", "arcus": "own-arcus-below-45", "ldl_above_8.5": "ldl-above-325", "ldl_6.5_8.4": "ldl-251-325",
    "ldl_5.0_6.4": "ldl-191-250", "ldl_4.0_4.9": "ldl-155-190", "dna": "dna",
}  # fmt: skip


def test_points_of_the_dutch_lipid_clinic_network() -> None:
    rule, found = rule_of("dutch-lipid-clinic-network"), criteria("dutch-lipid-clinic-network")
    assert {found[id_].id: found[id_].points for id_ in DUTCH.values()} == {
        id_: float(read(rule.id, name)) for name, id_ in DUTCH.items()
    }
    assert set(DUTCH.values()) == found.keys()
    premature = [found[name] for name in ("own-premature-coronary", "own-premature-vascular")]
    by_sex = {"male": 55.0, "female": 60.0}
    assert [one.self_before_by_sex for one in premature] == [by_sex, by_sex]
    assert found["relative-premature-coronary"].relatives[0].before_by_sex == by_sex
    assert found["child-ldl"].relatives[0].younger_than == 18
    assert "age < 45" in found["own-arcus-below-45"].when
    assert found["dna"].self_findings == ["LDLR", "APOB", "PCSK9"]
    bands = {band.title: band.least for band in rule.bands}
    assert bands == {"definite": first_number(read(rule.id, "definite")) + 1} | {
        name: first_number(read(rule.id, name)) for name in ("probable", "possible", "unlikely")
    }
    assert {one.group for one in rule.criteria} == {"family", "history", "examination", "ldl", "dna"}


@pytest.mark.parametrize(
    ("ldl", "points"), [(3.9, 0), (4.0, 1), (4.9, 1), (5.0, 3), (6.4, 3), (6.5, 5), (8.4, 5), (8.6, 8), (12.0, 8)]
)
def test_ldl_in_mmol_of_the_dutch_lipid_clinic_network(ldl: float, points: float) -> None:
    """Both ends of every row of the table in the unit in which the reader found it."""
    value = convert(ldl, "mmol/L", "mg/dL", CHOLESTEROL)
    rows = [one for one in rule_of("dutch-lipid-clinic-network").criteria if one.group == "ldl"]
    assert sum(one.points for one in rows if judge(one.when, {"ldl_cholesterol": value})) == points


@pytest.mark.parametrize(
    ("age", "total", "ldl", "holds"),
    [
        (40, 7.5, 4.9, False),
        (40, 7.6, 4.9, True),
        (40, 7.5, 5.0, True),
        (16, 7.4, 4.8, False),
        (15, 6.7, 4.0, False),
        (15, 6.8, 4.0, True),
        (15, 6.7, 4.1, True),
        (15, 7.4, 4.8, True),
    ],
)
def test_cholesterol_of_simon_broome(age: float, total: float, ldl: float, holds: bool) -> None:
    values = {"age": age, "tendon_xanthoma": 1.0}
    values |= {
        "cholesterol": convert(total, "mmol/L", "mg/dL", CHOLESTEROL),
        "ldl_cholesterol": convert(ldl, "mmol/L", "mg/dL", CHOLESTEROL),
    }
    for name in ("simon-broome-definite", "simon-broome-possible"):
        limits = [read(name, one) for one in ("adult_total", "adult_ldl", "child_total", "child_ldl", "child")]
        assert limits == ["above 7.5", "above 4.9", "above 6.7", "above 4.0", "below 16"]
        whens = [one.when for one in rule_of(name).criteria if one.when]
        assert whens and all(judge(when, values) is holds for when in whens)


def test_the_rest_of_simon_broome() -> None:
    definite, possible = criteria("simon-broome-definite"), criteria("simon-broome-possible")
    assert len(definite) == len(possible) == 3
    own, relative, dna = definite.values()
    assert "tendon_xanthoma" in own.when and not own.relatives
    assert [(one.degrees, one.conditions) for one in relative.relatives] == [([1, 2], ["tendon_xanthoma"])]
    assert (dna.self_findings, dna.when) == (["LDLR", "APOB", "PCSK9"], "")  # alone
    second, first, family = possible.values()
    assert [(one.relatives[0].degrees, one.relatives[0].before) for one in (second, first)] == [([2], 50), ([1], 60)]
    assert first_number(read("simon-broome-possible", "infarction_first_degree")) == 60
    assert first_number(read("simon-broome-possible", "infarction_second_degree")) == 50
    assert family.relatives[0].degrees == [1, 2]


def test_only_rules_that_were_read_whole_are_machine_read() -> None:
    rules = knowledge().prevention.rules
    assert {
        name for name, one in rules.items() if one.status == "machine-read"
    } == rules.keys() - apart.RULES_NOT_WHOLE.keys()


def test_what_is_machine_read_is_as_it_was_compared() -> None:
    kept = {
        name: [one.combine, one.criteria, one.bands, one.only_for, one.not_with]
        for name, one in knowledge().prevention.rules.items()
        if one.status == "machine-read"
    }
    assert hashlib.sha256(msgspec.json.encode(kept, order="sorted")).hexdigest() == AS_COMPARED
