"""What equations give, refuse and say: against the papers' own figures, by hand, and where something is not known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from nof1.errors import RequestError
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.dose_equations import DoseEquation
from nof1.response.dose_estimates import Estimate, estimates
from nof1.response.equation_facts import Person, inputs_of
from nof1.response.equations import doses

IWPC, CLINICAL = "iwpc-2009-pharmacogenetic", "iwpc-2009-clinical"
GAGE, GAGE_CLINICAL = "gage-2008-pharmacogenetic", "gage-2008-clinical"
PERSON = {"age": 65, "height": 170, "weight": 80, "ancestry": "white", "vkorc1": "G/G", "cyp2c9": "*1/*1"}
MORE = {"target_inr": 2.5, "smoker": 0, "dvt_pe": 0, "amiodarone": 0}


def of(name: str) -> DoseEquation:
    return knowledge().kinetics.equations[name]


def shipped() -> list[DoseEquation]:
    return [item for item in knowledge().kinetics.equations.values() if item.drug == "warfarin"]


def one(name: str, **given: object) -> Estimate:
    asked = {item.name for group in (of(name).inputs, of(name).markers) for item in group}
    found = estimates([of(name)], {key: value for key, value in {**PERSON, **MORE, **given}.items() if key in asked})
    return found[0]


def weekly(name: str, **given: object) -> float:
    dose = one(name, **given).per_week
    assert dose is not None, one(name, **given).refused
    return dose


def test_iwpc_by_hand() -> None:
    assert weekly(IWPC) == pytest.approx((5.6044 - 0.2614 * 6 + 0.0087 * 170 + 0.0128 * 80) ** 2)
    mixed = 5.6044 - 0.2614 * 7 + 0.0087 * 160 + 0.0128 * 55 - 0.8677 - 0.9357 - 0.1092 + 1.1816 - 0.5503
    given = {"age": 79, "height": 160, "weight": 55, "ancestry": "Asian", "vkorc1": "A/G", "cyp2c9": "*3/*1", "inducer": 1}
    assert weekly(IWPC, **given, amiodarone=1) == pytest.approx(mixed**2)
    plain = 4.0376 - 0.2546 * 7 + 0.0118 * 160 + 0.0134 * 55 - 0.6752 + 1.2799 - 0.5695
    assert weekly(CLINICAL, **given, amiodarone=1) == pytest.approx(plain**2)


@pytest.mark.parametrize(("age", "same"), [(20, 29), (65, 60), (90, 104)])
def test_age_counts_in_decades_and_ninety_is_the_last(age: int, same: int) -> None:
    assert weekly(IWPC, age=age) == weekly(IWPC, age=same)


# effect sizes of the abstract of Gage 2008, per cent
@pytest.mark.parametrize(
    ("less", "more", "percent"),
    [
        ({"vkorc1": "G/G"}, {"vkorc1": "A/G"}, -28),
        ({"vkorc1": "A/G"}, {"vkorc1": "A/A"}, -28),
        ({"cyp2c9": "*1/*1"}, {"cyp2c9": "*1/*3"}, -33),
        ({"cyp2c9": "*1/*2"}, {"cyp2c9": "*2/*3"}, -33),
        ({"cyp2c9": "*1/*1"}, {"cyp2c9": "*1/*2"}, -19),
        ({"cyp2c9": "*1/*2"}, {"cyp2c9": "*2/*2"}, -19),
        ({"age": 50}, {"age": 60}, -7),
        ({"target_inr": 2.5}, {"target_inr": 3.0}, 11),
        ({"amiodarone": 0}, {"amiodarone": 1}, -22),
        ({"smoker": 0}, {"smoker": 1}, 10),
        ({"ancestry": "white", "cyp2c9_african": 1}, {"ancestry": "black", "cyp2c9_african": 1}, -9),
        ({"dvt_pe": 0}, {"dvt_pe": 1}, 7),
    ],
)
def test_gage_has_the_effects_of_its_abstract(less: dict[str, object], more: dict[str, object], percent: int) -> None:
    assert round(100 * (weekly(GAGE, **more) / weekly(GAGE, **less) - 1)) == percent


def test_gage_body_surface_area_has_the_effect_of_its_abstract() -> None:
    def area(weight: float) -> float:
        return float(0.007184 * weight**0.425 * 170**0.725)

    weight = next(weight for weight in np.arange(80, 130, 0.01) if area(weight) - area(80) >= 0.25)
    assert round(100 * (weekly(GAGE, weight=weight) / weekly(GAGE) - 1)) == 11


def test_gage_clinical_by_hand() -> None:
    bsa = 0.007184 * 80**0.425 * 170**0.725
    raw = 0.613 + 0.425 * bsa - 0.0075 * 65 + 0.156 + 0.216 * 3 - 0.257 + 0.108 + 0.0784
    given = {"ancestry": "black", "target_inr": 3, "amiodarone": 1, "smoker": 1, "dvt_pe": 1}
    assert weekly(GAGE_CLINICAL, **given) == pytest.approx(7 * math.exp(raw))


# appendix S4: the first row that applies counts, and for black, mixed or unknown ancestry only the second marker does
@pytest.mark.parametrize(
    ("ancestry", "markers", "told"),
    [
        ("white", {"rs2359612": "C/C", "rs9934438": "T/T", "rs8050894": "C/C"}, ("rs2359612", "G/G")),
        ("Asian", {"rs2359612": "C/T"}, ("rs2359612", "A/G")),
        ("white", {"rs2359612": "T/T"}, ("rs2359612", "A/A")),
        ("white", {"rs9934438": "t/c", "rs8050894": "C/C"}, ("rs9934438", "A/G")),
        ("white", {"rs8050894": "G/G"}, ("rs8050894", "G/G")),
        ("white", {"rs8050894": "G/C"}, ("rs8050894", "A/G")),
        ("white", {"rs8050894": "C/C"}, ("rs8050894", "A/A")),
        ("black", {"rs2359612": "C/C", "rs9934438": "T/T", "rs8050894": "G/G"}, ("rs9934438", "A/A")),
        (None, {"rs2359612": "C/C", "rs9934438": "C/C"}, ("rs9934438", "G/G")),
        ("black", {"rs2359612": "C/C", "rs8050894": "G/G"}, None),
        ("mixed", {"rs2359612": "C/C", "rs8050894": "G/G"}, None),
        (None, {"rs8050894": "G/G"}, None),
        ("white", {}, None),
    ],
)
def test_vkorc1_is_told_from_markers(ancestry: str | None, markers: dict[str, str], told: tuple[str, str] | None) -> None:
    found = one(IWPC, ancestry=ancestry, vkorc1=None, cyp2c9_african=1, **markers)
    assert [(item.marker, item.choice) for item in found.told] == ([told] if told else [])
    assert ("VKORC1 -1639 (rs9923231)" in found.unknown) == (told is None)
    if told:
        assert found.per_week == weekly(IWPC, ancestry=ancestry, vkorc1=told[1], cyp2c9_african=1)
        assert found.told[0].source == "iwpc-2009#S4"


def test_a_genotype_that_was_read_is_not_told_from_markers() -> None:
    found = one(IWPC, vkorc1="A/A", rs2359612="C/C")
    assert (found.told, found.per_week) == ((), weekly(IWPC, vkorc1="A/A"))


def test_an_unknown_genotype_has_its_own_coefficient_and_a_wider_interval() -> None:
    found, known = one(IWPC, vkorc1=None), one(IWPC)
    base = math.sqrt(weekly(IWPC))
    assert found.per_week == pytest.approx((base - 0.4854) ** 2)
    assert weekly(IWPC, cyp2c9=None) == pytest.approx((base - 0.2188) ** 2)
    assert found.band and known.band and found.band.half_width > known.band.half_width
    assert found.unknown == ("VKORC1 -1639 (rs9923231)",)


@pytest.mark.parametrize("ancestry", ["black", "African American", "mixed", None])
def test_genetic_dose_is_refused_without_the_alleles_of_african_ancestry(ancestry: str | None) -> None:
    for looked_for in (None, 0):
        found = one(IWPC, ancestry=ancestry, cyp2c9_african=looked_for)
        assert (found.per_week, found.low, found.high, found.band) == (None, None, None, None)
        (why,) = found.refused
        assert why.id == "african-or-unknown-ancestry"
        assert why.needs == ("CYP2C9 *5, *6, *8 and *11",)
        assert why.source == "cpic-warfarin-2017#figure-2"
        assert CLINICAL in why.offers
    assert one(IWPC, ancestry=ancestry, cyp2c9_african=1).refused == ()
    assert one(CLINICAL, ancestry=ancestry).per_week is not None


def test_the_clinical_dose_comes_next_where_the_genetic_one_is_refused() -> None:
    found = estimates(shipped(), {**PERSON, **MORE, "ancestry": "black"})
    assert [item.equation.id for item in found] == [IWPC, GAGE, CLINICAL, GAGE_CLINICAL]
    assert [item.per_week is None for item in found] == [True, True, False, False]


@pytest.mark.parametrize("diplotype", ["*1/*5", "*8/*11", "*2/*6", "*1/*14"])
def test_an_allele_without_coefficient_does_not_count_as_normal(diplotype: str) -> None:
    for name in (IWPC, GAGE):
        found = one(name, cyp2c9=diplotype)
        assert found.per_week is None
        assert [item.id for item in found.refused] == ["allele-without-coefficient"]


def test_no_genotype_at_all_is_the_clinical_equations_business() -> None:
    found = one(IWPC, vkorc1=None, cyp2c9=None)
    assert (found.per_week, [item.id for item in found.refused]) == (None, ["no-genotype"])


@pytest.mark.parametrize("name", [IWPC, CLINICAL, GAGE, GAGE_CLINICAL])
@pytest.mark.parametrize(("missing", "title"), [("age", "age"), ("height", "height"), ("weight", "weight")])
def test_what_is_needed_is_asked_for(name: str, missing: str, title: str) -> None:
    found = one(name, **{missing: None})
    assert found.per_week is None and found.low is None
    assert [(item.id, item.needs) for item in found.refused] == [(f"needs-{missing}", (title,))]


@pytest.mark.parametrize("missing", ["target_inr", "smoker", "dvt_pe", "amiodarone", "ancestry", "vkorc1", "cyp2c9"])
def test_gage_has_no_coefficient_for_not_known(missing: str) -> None:
    assert [item.id for item in one(GAGE, **{missing: float("nan")}).refused] == [f"needs-{missing}"]


@pytest.mark.parametrize("name", [IWPC, CLINICAL, GAGE, GAGE_CLINICAL])
def test_adults_only(name: str) -> None:
    assert [item.id for item in one(name, age=17).refused] == ["domain"]
    assert one(name, age=18).refused == ()


def test_what_is_assumed_is_said() -> None:
    found = one(IWPC, amiodarone=None)
    assert [(item.input, item.value, item.source) for item in found.assumed] == [
        ("inducer", 0, "iwpc-2009#S1f"),
        ("amiodarone", 0, "iwpc-2009#S1c"),
    ]
    assert one(IWPC, inducer=0, amiodarone=0).assumed == ()


def test_a_target_that_was_not_studied_is_said() -> None:
    assert one(IWPC, target_inr=3.5).outside == ("target INR",)
    assert one(IWPC, target_inr=2.5).outside == one(IWPC, target_inr=None).outside == ()


def test_no_dose_is_made_of_a_square_root_below_zero() -> None:
    given = {"age": 95, "height": 100, "weight": 20, "vkorc1": "A/A", "cyp2c9": "*3/*3", "amiodarone": 1}
    found = one(IWPC, **given)
    assert (found.per_week, [item.id for item in found.refused]) == (None, ["no-dose"])


def test_every_dose_has_an_interval_and_the_errors_of_its_group() -> None:
    for ancestry, title in (("white", "white"), ("Asian", "Asian"), ("black", "Black or African American")):
        found = one(IWPC, ancestry=ancestry, cyp2c9_african=1)
        assert found.low is not None and found.per_week is not None and found.high is not None
        assert found.low < found.per_week < found.high
        assert found.band and (found.band.title, found.band.level) == (title, 0.8)
        assert {"everybody", title} <= {row.title for row in found.performance}
        others = {"white", "Asian", "Black or African American"} - {title}
        assert not others & {row.title for row in found.performance}
        assert sum("predicted" in row.title for row in found.performance) == 1
        assert [row.needed for row in found.by_need] == [[0, 21], [21, 49], [49, 300]]
        root = math.sqrt(found.per_week)
        width = found.band.half_width
        assert (found.low, found.high) == pytest.approx((max(root - width, 0) ** 2, (root + width) ** 2))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"height": 1.75}, "person 1: height (height) is 1.75; expected 100 to 250 cm; is the unit right?"),
        ({"weight": 0}, "person 1: weight (weight) is 0; expected 20 to 400 kg; is the unit right?"),
        ({"age": -3}, "age (age) is -3; expected 0 to 125 a"),
        ({"age": float("inf")}, "age (age) is inf"),
        ({"age": "65"}, "age (age) is '65'; give a number, in a"),
        ({"ancestry": "martian"}, "is 'martian'; give one of white, asian, black, mixed, or nothing"),
        ({"vkorc1": "C/T"}, "is 'C/T'; give one of gg, ag, aa, or nothing"),
        ({"amiodarone": 2}, "amiodarone (amiodarone taken) is 2; give 1 for yes, 0 for no"),
        (
            {"rs9934438": "A/G"},
            "rs9934438 is 'A/G', expected two of C and T as C/T; the publication reads this marker on the minus",
        ),
        ({"wieght": 80}, "'wieght' is no input; did you mean 'weight'?"),
        ({"age": [50, 60], "weight": [70, 80, 90]}, "columns of different length (age 2, weight 3)"),
        ({"age": [50, 200]}, "person 2: age (age) is 200"),
    ],
)
def test_bad_input_is_named(given: dict[str, object], said: str) -> None:
    with pytest.raises(RequestError) as caught:
        doses(of(IWPC), {**PERSON, **given})
    text = str(caught.value)
    assert said in text and "\n" not in text


def test_one_answer_is_for_one_person() -> None:
    with pytest.raises(RequestError, match="2 people are given; give one person"):
        estimates([of(IWPC)], {**PERSON, "age": [50, 60]})


def test_phenotypes_and_allele_names_of_the_gene_are_read() -> None:
    by_phenotype = weekly(IWPC, vkorc1="-1639 AG")
    by_name = weekly(IWPC, vkorc1="rs9923231 variant (T)/rs9923231 reference (C)")
    assert by_phenotype == by_name == weekly(IWPC, vkorc1="A/G")


def test_inputs_are_found_in_what_is_known_of_a_person() -> None:
    person = Person(
        facts={"age": 65, "height": 170, "weight": 80, "smoker": 1},
        taking=frozenset({"rifampin", "metformin"}),
        diplotypes={"CYP2C9": "*1/*3"},
        phenotypes={"CYP2C9": "Intermediate Metabolizer", "VKORC1": "-1639 AG"},
        looked_for={"CYP2C9": frozenset({"*2", "*3", "*5", "*6", "*8"})},
        genotypes={"rs9934438": "G/A", "rs8050894": "C/G"},
        by_hand={"ancestry": "white", "target_inr": 2.5, "unasked": 1},
    )
    expected = {
        "age": 65,
        "height": 170,
        "weight": 80,
        "ancestry": "white",
        "vkorc1": "-1639 AG",
        "cyp2c9": "*1/*3",
        "inducer": 1,
        "amiodarone": 0,
        "cyp2c9_african": 0,
        "target_inr": 2.5,
        "rs9934438": "C/T",
        "rs8050894": "G/C",
    }
    assert inputs_of(of(IWPC), person) == expected
    assert inputs_of(of(IWPC), Person()) == {}
    assert inputs_of(of(GAGE), person)["smoker"] == 1


def test_one_person_is_a_row_of_many() -> None:
    rng = np.random.default_rng(7)
    people = 200
    given = {
        "age": list(rng.integers(15, 95, people)),
        "height": list(np.where(rng.random(people) < 0.1, np.nan, rng.uniform(145, 200, people))),
        "weight": list(rng.uniform(40, 130, people)),
        "ancestry": [[None, "white", "asian", "black", "mixed"][k] for k in rng.integers(0, 5, people)],
        "vkorc1": [[None, "G/G", "A/G", "A/A"][k] for k in rng.integers(0, 4, people)],
        "cyp2c9": [[None, "*1/*1", "*1/*3", "*2/*2", "*1/*8"][k] for k in rng.integers(0, 5, people)],
        "rs9934438": [[None, "C/C", "C/T", "T/T"][k] for k in rng.integers(0, 4, people)],
        "cyp2c9_african": list(rng.integers(0, 2, people)),
    }
    made = doses(of(IWPC), given)
    assert 20 < made.offered.sum() < people
    assert np.array_equal(np.isnan(made.per_week), ~made.offered)
    for person in range(people):
        alone = one(IWPC, **{name: column[person] for name, column in given.items()}, amiodarone=None, target_inr=None)
        assert (alone.per_week is not None) == made.offered[person]
        if alone.per_week is not None:
            together = (made.per_week[person], made.low[person], made.high[person])
            assert together == pytest.approx((alone.per_week, alone.low, alone.high), rel=1e-12)
        assert {item.id for item in alone.refused} == {item.id for item in made.refused if item.people[person]}


@drawn(
    age=st.integers(18, 110),
    height=st.floats(130, 210),
    weight=st.floats(35, 200),
    ancestry=st.sampled_from(["white", "asian", "black", "mixed", None]),
    genes=st.tuples(st.sampled_from(["G/G", "A/G", "A/A", None]), st.sampled_from(["*1/*1", "*1/*2", "*2/*3", None])),
)
def test_more_sensitive_alleles_never_raise_the_dose(
    age: int, height: float, weight: float, ancestry: str | None, genes: tuple[str | None, str | None]
) -> None:
    given = {"age": age, "height": height, "weight": weight, "ancestry": ancestry, "cyp2c9_african": 1}
    vkorc1, cyp2c9 = genes
    found = one(IWPC, **given, vkorc1=vkorc1, cyp2c9=cyp2c9)
    lowest = one(IWPC, **given, vkorc1="A/A", cyp2c9="*3/*3").per_week
    highest = one(IWPC, **given, vkorc1="G/G", cyp2c9="*1/*1").per_week
    if found.per_week is None:
        assert found.refused
        return
    assert highest is not None and (lowest or 0) <= found.per_week <= highest
    assert found.low is not None and found.high is not None and 0 <= found.low < found.per_week < found.high < math.inf
