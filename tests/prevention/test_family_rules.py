"""Published criteria over families, each met and missed by one step; and what cannot be judged is asked."""

from __future__ import annotations

import pytest
from families import ill, judged, member, well

from nof1.knowledge.compiled import knowledge
from nof1.model.pedigree import Member
from nof1.risk.family_rules import RuleResult, Verdict

B, OV, C = "breast_cancer", "ovarian_cancer", "colorectal_cancer"


def nice(*members: Member, without: tuple[str, ...] = ()) -> RuleResult:
    return judged([*members, *well(*without, *(one.code for one in members))])["nice-cg164-referral"]


def met(found: RuleResult) -> list[str]:
    return [one.criterion.id for one in found.criteria if one.verdict is Verdict.MET]


@pytest.mark.parametrize(
    ("members", "criterion"),
    [
        ([member("MTH", ill(B, 39))], "one-first-degree-woman-below-40"),
        ([member("FTH", ill(B, 80))], "one-first-degree-man"),
        ([member("SIS", ill("bilateral_breast_cancer", 49))], "one-first-degree-bilateral-below-50"),
        ([member("MTH", ill(B, 70)), member("MAUNT", ill(B, 70))], "two-of-which-one-first-degree"),
        ([member("MTH", ill(B, 70)), member("MAUNT", ill(OV, 70))], "breast-and-ovary-one-first-degree"),
        (
            [member("MGRMTH", ill(B, 70)), member("MAUNT", ill(B, 70), name="a"), member("MAUNT", ill(B), name="b")],
            "three-relatives",
        ),
    ],
)
def test_each_criterion_of_nice_is_met(members: list[Member], criterion: str) -> None:
    found = nice(*members)
    assert found.verdict is Verdict.MET
    assert criterion in met(found)


@pytest.mark.parametrize(
    "members",
    [
        [member("MTH", ill(B, 55))],  # not below 40, and not below 50 in both breasts
        [member("MAUNT", ill(B, 39))],  # second-degree
        [member("MAUNT", ill(B, 70)), member("MGRMTH", ill(B, 70))],  # two second-degree
        [member("MCOUSN", ill(B, 30), sex="female"), member("MAUNT", ill(OV, 30))],  # no first-degree
        [member("MGRMTH", ill(B, 70)), member("MAUNT", ill(B, 70)), member("PAUNT", ill(B, 70))],  # two sides
        [member("MTH", ill(B, 70)), member("PAUNT", ill(B, 70))],  # two sides
    ],
)
def test_one_step_short_is_not_met(members: list[Member]) -> None:
    assert nice(*members).verdict is Verdict.NOT_MET


def test_a_full_sister_is_of_both_sides() -> None:
    assert nice(member("SIS", ill(B, 60)), member("PAUNT", ill(B, 70))).verdict is Verdict.MET


@pytest.mark.parametrize(
    ("members", "need"),
    [
        ([member("MTH", ill(B))], "mother: age at breast cancer"),
        ([member("MTH", ill(B, 45))], "mother: whether breast cancer was breast cancer in both breasts"),
        ([member("MTH", ill(B, 70)), member("GRMTH", ill(B, 70))], "grandmother: on which side of the family"),
        ([member("MTH", told="partly")], "mother: whether breast cancer, breast cancer in both breasts"),
        ([member("SIB", ill(B, 70))], "brother or sister: sex, degree or age at breast cancer"),
    ],
)
def test_what_is_not_recorded_is_asked(members: list[Member], need: str) -> None:
    found = nice(*members)
    assert found.verdict is Verdict.UNKNOWN
    assert any(need in one for one in found.needs), found.needs


def test_a_parent_nobody_told_of_is_asked_about() -> None:
    found = nice(without=("FTH", "PGRMTH"))
    assert found.verdict is Verdict.UNKNOWN
    assert [one.split(":")[0] for one in found.needs] == ["father, paternal grandmother"]
    assert set(found.asks) == {"illnesses of your father", "illnesses of your paternal grandmother"}


def test_silence_is_no_family_history_and_no_is() -> None:
    assert judged([])["nice-cg164-referral"].needs == ("the family history: nothing is recorded of any relative",)
    assert judged([], is_said_empty=True)["nice-cg164-referral"].verdict is Verdict.NOT_MET


def test_a_code_of_the_record_that_speaks_of_the_family_is_asked_about() -> None:
    found = judged(well(), codes={"icd10|Z80.3": "Family history of breast cancer"})["nice-cg164-referral"]
    assert found.verdict is Verdict.UNKNOWN
    assert "which relative" in found.needs[0] and "Family history of breast cancer" in found.needs[0]


def test_whom_a_rule_is_not_for() -> None:
    assert judged(well(), illnesses=(ill(B, 50),))["nice-cg164-referral"].verdict is Verdict.NOT_FOR
    assert judged(well(), sex="male")["uspstf-2019-brca-assessment"].verdict is Verdict.NOT_FOR


LYNCH = [member("MTH", ill(C, 49)), member("MUNCLE", ill("endometrial_cancer", 70), sex="male"), member("BRO", ill(C, 60))]


def amsterdam(*members: Member, **more: object) -> RuleResult:
    return judged([*members, *well(*(one.code for one in members))], **more)["amsterdam-ii"]  # type: ignore[arg-type]


def test_amsterdam_ii() -> None:
    found = amsterdam(*LYNCH)
    assert (found.verdict, found.criteria[0].people) == (Verdict.MET, ("mother", "brother", "maternal uncle"))
    assert found.confirm == ("tumours verified by histopathology, familial adenomatous polyposis excluded",)


@pytest.mark.parametrize(
    "members",
    [
        [member("MTH", ill(C, 50)), *LYNCH[1:]],  # nobody before 50
        LYNCH[:2],  # two relatives
        [member("MTH", ill(C, 40)), member("PUNCLE", ill(C, 50)), member("BRO", ill(C, 60))],  # not of one line
        [
            member("BRO", ill(C, 40), name="a"),
            member("BRO", ill(C, 60), name="b"),
            member("SIS", ill(C, 60)),
        ],  # one generation
        [member("MTH", ill(B, 40)), *LYNCH[1:]],  # no cancer of the syndrome
    ],
)
def test_amsterdam_ii_one_step_short(members: list[Member]) -> None:
    assert amsterdam(*members).verdict is Verdict.NOT_MET


def test_amsterdam_ii_counts_the_person() -> None:
    assert amsterdam(*LYNCH[:2], illnesses=(ill(C, 45),)).verdict is Verdict.MET


@pytest.mark.parametrize(
    ("own", "members", "verdict"),
    [
        ((ill(C, 49),), [], Verdict.MET),
        ((ill(C, 50),), [], Verdict.NOT_MET),
        ((ill(C, 70), ill("stomach_cancer", 72)), [], Verdict.MET),
        ((ill(C, 55),), [member("BRO", ill("endometrial_cancer", 49))], Verdict.MET),
        ((ill(C, 55),), [member("BRO", ill("stomach_cancer", 51))], Verdict.NOT_MET),
        ((ill(C, 55),), [member("BRO", ill("stomach_cancer", 51)), member("MAUNT", ill(OV, 80))], Verdict.MET),
        ((ill(C),), [], Verdict.UNKNOWN),
        ((), [member("BRO", ill(C, 30))], Verdict.NOT_MET),
    ],
)
def test_revised_bethesda(own: tuple[object, ...], members: list[Member], verdict: Verdict) -> None:
    found = judged([*members, *well()], age=75, illnesses=own)["bethesda-revised"]  # type: ignore[arg-type]
    assert found.verdict is verdict


DUTCH = [
    ({"ldl_cholesterol": 326.0}, [], 8, "probable"),
    ({"ldl_cholesterol": 325.0}, [], 5, "possible"),
    ({"ldl_cholesterol": 250.0}, [], 3, "possible"),
    ({"ldl_cholesterol": 190.0}, [], 1, "unlikely"),
    ({"ldl_cholesterol": 154.0}, [], 0, "unlikely"),
    ({"ldl_cholesterol": 200.0}, [member("FTH", ill("coronary_disease", 54))], 4, "possible"),
    ({"ldl_cholesterol": 200.0}, [member("FTH", ill("coronary_disease", 55))], 3, "possible"),
    ({"ldl_cholesterol": 200.0}, [member("MTH", ill("coronary_disease", 59))], 4, "possible"),
    ({"ldl_cholesterol": 200.0, "tendon_xanthoma": 1.0}, [member("FTH", ill("tendon_xanthoma"))], 11, "definite"),
    ({"ldl_cholesterol": 200.0, "corneal_arcus": 1.0}, [], 7, "probable"),  # at 44
]


@pytest.mark.parametrize(("values", "members", "points", "band"), DUTCH)
def test_dutch_lipid_clinic_network(values: dict[str, float], members: list[Member], points: float, band: str) -> None:
    found = judged([*members, *well(*(one.code for one in members))], age=44, **values)["dutch-lipid-clinic-network"]
    assert (found.points, found.bands) == ((points, points), (band,))
    assert (found.verdict is Verdict.MET) == (points > 5)  # [nice-cg71#1.1.6]


def test_dutch_points_of_a_finding_and_what_is_open() -> None:
    found = judged(well(), findings=frozenset(["LDLR"]), ldl_cholesterol=200.0)["dutch-lipid-clinic-network"]
    assert found.points == (11, 11)
    found = judged(well(), ldl_cholesterol=200.0, tendon_xanthoma=-1.0)["dutch-lipid-clinic-network"]
    assert (found.points, found.verdict, found.needs) == ((3, 9), Verdict.UNKNOWN, ("tendon xanthoma",))
    assert judged(well(), age=17)["dutch-lipid-clinic-network"].verdict is Verdict.NOT_FOR


@pytest.mark.parametrize(
    ("values", "members", "definite", "possible"),
    [
        ({"cholesterol": 291.0, "ldl_cholesterol": 100.0, "tendon_xanthoma": 1.0}, [], True, False),
        ({"cholesterol": 290.0, "ldl_cholesterol": 190.0, "tendon_xanthoma": 1.0}, [], False, False),
        ({"cholesterol": 200.0, "ldl_cholesterol": 191.0}, [member("PAUNT", ill("tendon_xanthoma"))], True, False),
        ({"cholesterol": 300.0, "ldl_cholesterol": 100.0}, [member("FTH", ill("acute_coronary_syndrome", 59))], False, True),
        (
            {"cholesterol": 300.0, "ldl_cholesterol": 100.0},
            [member("FTH", ill("acute_coronary_syndrome", 60))],
            False,
            False,
        ),
        (
            {"cholesterol": 300.0, "ldl_cholesterol": 100.0},
            [member("MUNCLE", ill("acute_coronary_syndrome", 49))],
            False,
            True,
        ),
        (
            {"cholesterol": 300.0, "ldl_cholesterol": 100.0},
            [member("MUNCLE", ill("acute_coronary_syndrome", 50))],
            False,
            False,
        ),
    ],
)
def test_simon_broome(values: dict[str, float], members: list[Member], definite: bool, possible: bool) -> None:
    found = judged([*members, *well(*(one.code for one in members))], **values)
    names = ("simon-broome-definite", "simon-broome-possible")
    assert [found[name].verdict is Verdict.MET for name in names] == [definite, possible]


def test_simon_broome_of_a_child_has_lower_limits() -> None:
    found = judged(well(), age=15, cholesterol=261.0, ldl_cholesterol=100.0, tendon_xanthoma=1.0)["simon-broome-definite"]
    assert found.verdict is Verdict.MET


def test_every_rule_and_criterion_is_cited() -> None:
    sources = knowledge().sources
    for rule in knowledge().prevention.rules.values():
        assert rule.source.split("#")[0] in sources
        assert all(one.source.split("#")[0] in sources for one in rule.criteria)
