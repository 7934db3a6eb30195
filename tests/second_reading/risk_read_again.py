"""The equations of risk once more: a second reader's numbers (``risk_blind.tsv``, ``risk_prevent_blind.tsv``) in formulas of their own.

Nothing here uses the knowledge or the code that computes risks; a person is a mapping of inputs by the names of the equations.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Line = dict[str, str]
Who = Mapping[str, Any]
MODELS = {"prevent-base": "", "prevent-uacr": "u", "prevent-hba1c": "h", "prevent-sdi": "s", "prevent-full": "suh"}


@cache
def table(name: str) -> list[Line]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def _found() -> dict[tuple[str, str, str, str], str]:
    return {(one["equation"], one["kind"], one["name"], one["group"]): one["value"] for one in table("risk_blind.tsv")}


def number(equation: str, name: str, group: str = "", kind: str = "coefficient") -> float:
    return float(_found()[equation, kind, name, group])


def numbers(equation: str, kind: str, name: str, group: str = "") -> list[float]:
    """Several numbers of one line, such as a centre and what it is divided by."""
    return [float(one) for one in _found()[equation, kind, name, group].split()]


def _centred(equation: str, name: str, value: float) -> float:
    centre, unit = numbers(equation, "centre", name)
    return (value - centre) / unit


def _score2(equation: str, who: Who) -> float:
    """SCORE2, SCORE2-OP and SCORE2-Diabetes: a regression, and a recalibration to the region."""
    sex = who["sex"]
    is_2 = equation == "score2-diabetes"
    values = {name: _centred(equation, name, who[name]) for name in ("systolic", "cholesterol", "hdl")}
    values |= {"smoker": who["smoker"], "diabetes": who["diabetes_type_2" if is_2 else "diabetes"]}
    age = _centred(equation, "age", who["age"])
    if is_2:
        values["hba1c"] = _centred(equation, "hba1c", who["hba1c"])
        values["ln_egfr"] = _centred(equation, "ln_egfr", math.log(who["egfr"]))
    total = _printed(equation, "age", sex) * age
    for name, value in values.items():
        total += (_printed(equation, name, sex) + _printed(equation, f"age_{name}", sex) * age) * value
    if is_2:
        total += _printed(equation, "ln_egfr_squared", sex) * values["ln_egfr"] ** 2
        total += _printed(equation, "age_at_diagnosis", sex) * _centred(
            equation, "age_at_diagnosis", who["age_at_diagnosis"]
        )
    if equation == "score2-op":
        total -= number(equation, "mean", sex)
    risk = 1 - number(equation, "survival", sex) ** math.exp(total)
    first, second = (number(equation, f"scale_{one}", f"{who['region']} {sex}", "scale") for one in (1, 2))
    return 1 - math.exp(-math.exp(first + second * math.log(-math.log(1 - risk))))


def _printed(equation: str, name: str, sex: str) -> float:
    """The paper prints some sums of two lines of the authors' program with another last digit."""
    key = (equation, "printed", name, sex)
    return float(_found()[key]) if key in _found() else number(equation, name, sex)


def _logarithms(equation: str, who: Who) -> float:
    """The Pooled Cohort Equations and Framingham 2008."""
    group = f"{who['race']} {who['sex']}" if "race" in who else who["sex"]
    age, pressure = math.log(who["age"]), math.log(who["systolic"])
    treated = "treated" if who["treated"] else "untreated"
    values = {
        "ln_age": age,
        "ln_cholesterol": math.log(who["cholesterol"]),
        "ln_hdl": math.log(who["hdl"]),
        f"ln_systolic_{treated}": pressure,
        "smoker": who["smoker"],
        "diabetes": who["diabetes"],
    }
    if "race" in who:
        values |= {
            "ln_age_squared": age**2,
            "ln_age_cholesterol": age * values["ln_cholesterol"],
            "ln_age_hdl": age * values["ln_hdl"],
            f"ln_age_systolic_{treated}": age * pressure,
            "ln_age_smoker": age * who["smoker"],
        }
    total = sum(number(equation, name, group) * value for name, value in values.items())
    return float(1 - number(equation, "survival", group) ** math.exp(total - number(equation, "mean", group)))


def _kidney(equation: str, who: Who, years: int) -> float:
    values = {"age": who["age"], "male": float(who["sex"] == "male"), "egfr": who["egfr"], "ln_uacr": math.log(who["uacr"])}
    if equation == "kfre-8":
        values |= {name: who[name] for name in ("albumin", "phosphate", "bicarbonate", "calcium")}
    total = 0.0
    for name, value in values.items():
        centre, unit = numbers(equation, "centre", name)
        total += number(equation, name) * (value / unit - centre)
    return float(1 - number(equation, who["calibration"], str(years), "survival") ** math.exp(total))


def _kidney_function(_: str, who: Who) -> float:
    e = "ckd-epi-2021"
    share = who["creatinine"] / number(e, "kappa", who["sex"])
    low, high = min(share, 1) ** number(e, "alpha", who["sex"]), max(share, 1) ** number(e, "above")
    of_sex = number(e, "female") if who["sex"] == "female" else 1.0
    return float(number(e, "scale") * low * high * number(e, "age") ** who["age"] * of_sex)


def _fibrosis(_: str, who: Who) -> float:
    assert _found()["fib-4", "formula", "fib4", ""] == "age*ast/(platelets*sqrt(alt))"
    return float(who["age"] * who["ast"] / (who["platelets"] * math.sqrt(who["alt"])))


def _diabetes_points(e: str, who: Who) -> float:
    points = [0.0, *(number(e, name, kind="points") for name in ("age_45", "age_55", "age_65"))]
    total = points[sum(who["age"] >= edge for edge in numbers(e, "edge", "age"))]
    low, high = numbers(e, "edge", "bmi")
    total += _of_three(who["bmi"], low, high, number(e, "bmi_25", kind="points"), number(e, "bmi_above_30", kind="points"))
    low, high = numbers(e, "edge", f"waist {who['sex']}")
    total += _of_three(
        who["waist"], low, high, number(e, "waist_94_80", kind="points"), number(e, "waist_above_102_88", kind="points")
    )
    names = {"not_active": not who["active"], "no_vegetables": not who["vegetables"]}
    names |= {name: bool(who[name]) for name in ("pressure_drug", "high_glucose")}
    names |= {name: who["family"] == name for name in ("second_degree", "first_degree")}
    return float(total) + sum(number(e, name, kind="points") for name, holds in names.items() if holds)


def _of_three(value: float, low: float, high: float, middle: float, above: float) -> float:
    return above if value > high else middle if value >= low else 0.0


def _lung(e: str, who: Who) -> float:
    quit_years = 0 if who["smoker"] else who["years_since_quitting"]
    values = {
        "age": who["age"],
        "education": who["education"],
        "bmi": who["bmi"],
        "cigarettes": 10 / who["cigarettes_per_day"],
        "duration": who["years_smoked"],
        "quitting": quit_years,
    }
    total = number(e, "constant") + number(e, who["race"])
    total += sum(number(e, name) * _centred(e, name, value) for name, value in values.items())
    flags = {"copd": "copd", "cancer": "cancer_before", "family": "lung_cancer_in_family", "smoker": "smoker"}
    total += sum(number(e, name) * who[given] for name, given in flags.items())
    return 1 / (1 + math.exp(-total))


def _stroke_points(e: str, who: Who) -> float:
    total = sum(
        number(e, name, kind="points") * who[name]
        for name in ("heart_failure", "hypertension", "diabetes", "stroke", "vascular")
    )
    first, second = numbers(e, "edge", "age")
    by_age = 0.0
    if who["age"] >= first:
        by_age = number(e, "age_75" if who["age"] >= second else "age_65", kind="points")
    return float(total) + by_age + (number(e, "female", kind="points") if who["sex"] == "female" else 0.0)


def _bleeding_points(e: str, who: Who) -> float:
    names = [one["name"] for one in table("risk_blind.tsv") if (one["equation"], one["kind"]) == (e, "points")]
    return float(sum(number(e, name, kind="points") * who[name] for name in names))


def _liver_points(e: str, who: Who) -> float:
    ln = {name: math.log(max(who[name], number(e, name, kind="clamp"))) for name in ("bilirubin", "inr")}
    low, high = numbers(e, "clamp", "creatinine")
    creatinine = (
        number(e, "dialysis creatinine", kind="clamp") if who["dialysis"] else min(max(who["creatinine"], low), high)
    )
    ln["creatinine"] = math.log(creatinine)
    least, most = numbers(e, "clamp", "sodium")
    sodium = most - min(max(who["sodium"], least), most)
    least, most = numbers(e, "clamp", "albumin")
    albumin = most - min(max(who["albumin"], least), most)
    total = number(e, "constant") + (number(e, "female") if who["sex"] == "female" else 0.0)
    total += sum(number(e, f"ln_{name}") * value for name, value in ln.items())
    total += (number(e, "sodium") + number(e, "sodium_bilirubin") * ln["bilirubin"]) * sodium
    total += (number(e, "albumin") + number(e, "albumin_creatinine") * ln["creatinine"]) * albumin
    lowest, highest = numbers(e, "clamp", "points")
    return float(min(max(math.floor(total + 0.5), lowest), highest))


def prevent(equation: str, who: Who, outcome: str, years: int) -> float:
    """PREVENT; cholesterol in mmol/L. What a model does not ask for has no number in its row."""
    row = next(
        one
        for one in table("risk_prevent_blind.tsv")
        if (f"prevent-{one['model']}", one["years"], one["outcome"], one["sex"])
        == (equation, str(years), outcome, who["sex"])
    )
    of = {name: _centred(equation, name, who[name.split("_")[0]]) for name in ("age", "hdl")}
    non_hdl = _centred(equation, "non_hdl", who["cholesterol"] - who["hdl"])
    knots = {name: number(equation, name, kind="knot") for name in ("systolic", "bmi", "egfr")}
    below = {name: _centred(equation, f"{name}_below", min(who[name], knot)) for name, knot in knots.items()}
    above = {name: _centred(equation, f"{name}_from", max(who[name], knot)) for name, knot in knots.items()}
    age = of["age"]
    values = {
        "age": age, "age2": age**2, "nonhdl": non_hdl, "hdl": of["hdl"], "sbp_lt": below["systolic"], "sbp_gte": above["systolic"],
        "dm": who["diabetes"], "smoke": who["smoker"], "bmi_lt": below["bmi"], "bmi_gte": above["bmi"],
        "egfr_lt": below["egfr"], "egfr_gte": above["egfr"], "antihtn": who["treated"], "statin": who["statin"],
        "treated_sbp": who["treated"] * above["systolic"], "treated_nonhdl": who["statin"] * non_hdl,
        "age_nonhdl": age * non_hdl, "age_hdl": age * of["hdl"], "age_sbp": age * above["systolic"],
        "age_dm": age * who["diabetes"], "age_smoke": age * who["smoker"], "age_bmi_gte": age * above["bmi"],
        "age_egfr_lt": age * below["egfr"], "constant": 1.0,
    }  # fmt: skip
    asked = MODELS[equation]
    if "s" in asked:
        sdi = who.get("sdi")
        values["missing_sdi"] = float(sdi is None)
        for name in ("sdi_4_to_6", "sdi_7_to_10"):
            low, high = numbers(equation, "group", name)
            values[name.replace("_to", "")] = float(sdi is not None and low <= sdi <= high)
    if "u" in asked:
        uacr = who.get("uacr")
        values |= {"missing_uacr": float(uacr is None), "ln_uacr": math.log(uacr) if uacr else 0.0}
    if "h" in asked:
        known = who.get("hba1c") is not None
        hba1c = _centred(equation, "hba1c", who["hba1c"]) if known else 0.0
        values["missing_hba1c"] = float(not known)
        values |= {"hba1c_dm": hba1c * who["diabetes"], "hba1c_nodm": hba1c * (1 - who["diabetes"])}
    assert {name for name in row if row[name]} - {"model", "years", "outcome", "sex"} <= values.keys()
    total = sum(float(row[name]) * value for name, value in values.items() if row[name])
    return 1 / (1 + math.exp(-total))


READ: dict[str, Callable[[str, Who], float]] = {
    "score2": _score2,
    "score2-op": _score2,
    "score2-diabetes": _score2,
    "pce-2013": _logarithms,
    "framingham-2008": _logarithms,
    "ckd-epi-2021": _kidney_function,
    "fib-4": _fibrosis,
    "findrisc": _diabetes_points,
    "plcom2012": _lung,
    "cha2ds2-vasc": _stroke_points,
    "has-bled": _bleeding_points,
    "meld-3": _liver_points,
}


def read_value(equation: str, who: Who, outcome: str, years: int) -> float:
    """What the reader's numbers give for ``who``."""
    if equation in MODELS:
        return prevent(equation, who, outcome, years)
    if equation.startswith("kfre"):
        return _kidney(equation, who, years)
    return READ[equation](equation, who)
