"""Published equations give what other sources give: worked examples, another implementation, verified vectors."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from nof1.knowledge.care import Equation, RecordPolicy
from nof1.knowledge.formula import parse
from nof1.knowledge.judge import judge
from nof1.knowledge.tables import read_yaml

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
VECTORS = DATA / "variants/risk_vectors.json"
ABSENT = f"no reference data at {DATA}: set NOF1_REFERENCE_DATA to the folder that holds variants/"
PROBLEMS: list[str] = []
POLICY = read_yaml(ROOT / "src/nof1/knowledge/data/record.yaml", RecordPolicy, PROBLEMS.append)
FEMALE, MALE = {"female": 1.0, "male": 0.0}, {"female": 0.0, "male": 1.0}

# (gives, facts, result, tolerance, where the result is from)
CLINCALC = "clincalc 0.4.0 (github.com/pacharanero/clincalc), run on 2026-11-25"
CASES = [
    ("egfr", {**FEMALE, "age": 60, "creatinine": 0.8}, 84, 0.51, CLINCALC),
    ("egfr", {**MALE, "age": 80, "creatinine": 1.4}, 51, 0.51, CLINCALC),
    ("egfr", {**FEMALE, "age": 25, "creatinine": 0.5}, 133, 0.51, CLINCALC),
    ("egfr", {**MALE, "age": 19, "creatinine": 0.9}, 126, 0.51, CLINCALC),
    ("egfr", {**MALE, "age": 45, "creatinine": 2.6}, 30, 0.51, CLINCALC),
    ("egfr", {**FEMALE, "age": 77, "creatinine": 3.9}, 11, 0.51, CLINCALC),
    ("egfr", {**FEMALE, "age": 40, "creatinine": 0.7}, 112, 0.51, CLINCALC),
    ("egfr", {**MALE, "age": 33, "creatinine": 0.6}, 131, 0.51, CLINCALC),
    ("egfr", {**MALE, "age": 7, "height": 100, "creatinine": 0.5}, 82.6, 0.051, "calculatorlib.com pediatric-gfr-calculator"),
    ("crcl", {**MALE, "age": 65, "weight": 70, "creatinine": 1.4}, 52.1, 0.051, "superglobalcalculator.com pharmacology"),
    ("crcl", {**FEMALE, "age": 45, "weight": 60, "creatinine": 0.9}, 74.8, 0.051, "superglobalcalculator.com pharmacology"),
    ("crcl", {**MALE, "age": 60, "weight": 80, "creatinine": 1.2}, 74.1, 0.051, "superglobalcalculator.com health"),
    ("crcl", {**FEMALE, "age": 45, "weight": 65, "creatinine": 0.9}, 80.9, 0.11, "superglobalcalculator.com health, which cuts the second decimal"),
    ("crcl", {**MALE, "age": 70, "weight": 75, "creatinine": 1.0}, 72.9, 0.051, "droracle.ai article 797449"),
    ("crcl", {**MALE, "age": 80, "weight": 55, "creatinine": 1.1}, 41.7, 0.051, CLINCALC),
    ("crcl", {**FEMALE, "age": 88, "weight": 48, "creatinine": 1.9}, 15.5, 0.051, CLINCALC),
    ("crcl", {**MALE, "age": 30, "weight": 120, "creatinine": 0.8}, 229.2, 0.051, CLINCALC),
    ("ideal_weight", {**MALE, "age": 30, "height": 70 * 2.54}, 73.0, 0.051, "worldlycalc.com ideal-body-weight-calculator"),
    ("ideal_weight", {**FEMALE, "age": 30, "height": 66 * 2.54}, 59.3, 0.051, "worldlycalc.com ideal-body-weight-calculator"),
    ("ideal_weight", {**MALE, "age": 30, "height": 64 * 2.54}, 59.2, 0.051, "healthaide.info ideal-body-weight"),
    # by hand from the formula of another source: 73 + 0.4 * (120 - 73)
    ("adjusted_weight", {"age": 30, "ideal_weight": 73, "weight": 120}, 91.8, 0.051, "rxkinetics.com online_crcl"),
    ("bmi", {"age": 30, "weight": 70, "height": 175}, 22.857, 0.001, "docstring of clincalc 0.4.0"),
    ("bmi", {"age": 30, "weight": 55, "height": 160}, 21.5, 0.051, CLINCALC),
    ("bmi", {"age": 30, "weight": 120, "height": 182}, 36.2, 0.051, CLINCALC),
    ("bsa", {"age": 30, "weight": 80, "height": 180}, 2.0, 0.0051, "calculatorlib.com body-surface-area-calculator"),
    ("bsa", {"age": 30, "weight": 70, "height": 175}, 1.845, 0.0006, "omnicalc body-surface-area-calculator"),
    ("bsa", {"age": 30, "weight": 70, "height": 170}, 1.82, 0.0051, "droracle.ai article 675301"),
    ("bsa", {"age": 5, "weight": 19, "height": 110}, 0.76, 0.0051, CLINCALC),
]  # fmt: skip


def policy() -> RecordPolicy:
    """The shipped policy, which must have loaded without a problem."""
    assert POLICY is not None and not PROBLEMS, PROBLEMS
    return POLICY


def chosen(gives: str, facts: dict[str, float]) -> Equation:
    """The first equation for ``gives`` whose domain holds, as decisions choose it."""
    return next(one for one in policy().equations if one.gives == gives and (not one.domain or judge(one.domain, facts)))


def computed(gives: str, facts: dict[str, float]) -> float:
    """What the shipped equation gives from its declared inputs alone."""
    equation = chosen(gives, facts)
    return float(parse(equation.formula).evaluate({name: facts[name] for name in equation.inputs}))


@pytest.mark.parametrize(("gives", "facts", "expected", "tolerance", "source"), CASES)
def test_results_of_other_sources(
    gives: str, facts: dict[str, float], expected: float, tolerance: float, source: str
) -> None:
    assert computed(gives, facts) == pytest.approx(expected, abs=tolerance), source


@pytest.mark.skipif(not VECTORS.exists(), reason=ABSENT)
def test_verified_vectors() -> None:
    vectors = [row for row in json.loads(VECTORS.read_text(encoding="utf-8")) if row["equation"] == "CKD-EPI-2021"]
    assert len(vectors) >= 2
    for row in vectors:
        sex = FEMALE if row["inputs"]["sex"] == "female" else MALE
        facts = {**sex, "age": row["inputs"]["age"], "creatinine": row["inputs"]["scr_mg_dl"]}
        assert computed("egfr", facts) == pytest.approx(row["expected"], abs=row["tolerance"])


def test_every_equation_has_a_case() -> None:
    asked = {chosen(gives, facts).id for gives, facts, *_ in CASES}
    assert asked == {equation.id for equation in policy().equations}


@pytest.mark.parametrize(
    ("age", "expected"), [(16, "schwartz-2009-bedside"), (18, "ckd-epi-2021-creatinine"), (1, "schwartz-2009-bedside")]
)
def test_children_and_adults_have_their_own_equation(age: int, expected: str) -> None:
    assert chosen("egfr", {"age": age}).id == expected


@pytest.mark.parametrize("age", [0, 17])
def test_ages_that_were_not_studied_have_no_equation_for_the_kidney(age: int) -> None:
    with pytest.raises(StopIteration):
        chosen("egfr", {"age": age})


def test_kidney_equations_are_refused_where_creatinine_says_nothing() -> None:
    for equation in policy().equations:
        if equation.gives in ("egfr", "crcl"):
            assert {"dialysis", "end_stage_renal_disease", "acute_kidney_injury"} <= set(equation.refused_if)
    # KDIGO: a rise to 1.5 times baseline within 7 days
    assert policy().unstable["creatinine"] == [0.5, 7]


def test_the_weight_is_named() -> None:
    assert all(equation.weight for equation in policy().equations if equation.gives == "crcl")
