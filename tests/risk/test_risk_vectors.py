"""Every worked example of a published risk equation: the answer of its paper, or of an implementation that others wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.risk.estimates import estimates
from nof1.units.convert import convert

CHOLESTEROL = 386.7  # g/mol, as the terms have it
Row = Mapping[str, Any]
Asked = tuple[str, str, int, dict[str, Any], float]  # equation, outcome, years, inputs, and what a whole is (100: per cent)


def mmol(value: float) -> float:
    return convert(value, "mg/dL", "mmol/L", CHOLESTEROL)


def prevent(name: str, row: Row) -> Asked:
    found = re.fullmatch(r"PREVENT-(base|hba1c|uacr|sdi|full)-(\d+)yr-(\w+)", name)
    assert found, name
    variant, years, outcome = found.groups()
    inputs = {
        "age": row["age"],
        "sex": row["sex"],
        "systolic": row["sbp"],
        "treated": row["bp_tx"],
        "cholesterol": mmol(row["total_c"]),
        "hdl": mmol(row["hdl_c"]),
        "statin": row["statin"],
        "diabetes": row["dm"],
        "smoker": row["smoking"],
        "egfr": row["egfr"],
        "bmi": row["bmi"],
    }
    inputs |= {name: row[name] for name in ("hba1c", "uacr", "sdi") if name in row}
    return f"prevent-{variant}", outcome, int(years), inputs, 1.0


def score2(name: str, row: Row) -> Asked:
    inputs = {
        "age": row["age"],
        "sex": row["sex"],
        "smoker": row["smk"],
        "systolic": row["sbp"],
        "cholesterol": row["tc"],
        "hdl": row["hdl"],
        "region": row["region"],
    }
    if name == "SCORE2-Diabetes":
        inputs |= {
            "diabetes_type_2": row["dm"],
            "age_at_diagnosis": row["dmage"],
            "hba1c": row["hba1c"],
            "egfr": row["egfr"],
        }
    else:
        inputs["diabetes"] = row["dm"]
    return name.lower(), "cvd", 10, inputs, 100.0


def cohort(name: str, row: Row) -> Asked:
    inputs = {
        "age": row["age"],
        "sex": row["sex"],
        "cholesterol": row["tc"],
        "hdl": row["hdl"],
        "systolic": row["sbp"],
        "treated": row["treated"],
        "smoker": row["smk"],
        "diabetes": row["dm"],
    }
    if name.startswith("ASCVD"):
        return "pce-2013", "ascvd", 10, {**inputs, "race": row["race"]}, 1.0
    return "framingham-2008", "cvd", 10, inputs, 1.0


def kfre(name: str, row: Row) -> Asked:
    inputs = {"age": row["age"], "sex": "male" if row["male"] else "female", "egfr": row["egfr"], "uacr": row["uacr_mg_g"]}
    inputs["calibration"] = "north_america" if row["north_american"] else "elsewhere"
    for given, ours in (("albumin", "albumin"), ("phosphorous", "phosphate"), ("bicarbonate", "bicarbonate")):
        inputs |= {ours: row[given]} if given in row else {}
    inputs |= {"calcium": row["calcium"]} if "calcium" in row else {}
    return "kfre-8" if "8" in name else "kfre-4", "kidney_failure", int(row["years"]), inputs, 1.0


def plco(_: str, row: Row) -> Asked:
    names = {
        "cancer_hist": "cancer_before",
        "fh": "lung_cancer_in_family",
        "current": "smoker",
        "cigs": "cigarettes_per_day",
    }
    names |= {"dur": "years_smoked", "quit": "years_since_quitting"}
    return "plcom2012", "lung_cancer", 6, {names.get(name, name): value for name, value in row.items()}, 1.0


def ckd_epi(_: str, row: Row) -> Asked:
    return "ckd-epi-2021", "egfr", 0, {"age": row["age"], "sex": row["sex"], "creatinine": row["scr_mg_dl"]}, 1.0


def fib4(_: str, row: Row) -> Asked:
    return "fib-4", "fib4", 0, dict(row), 1.0


def cha2ds2(_: str, row: Row) -> Asked:
    names = {
        "congestive_heart_failure": "heart_failure",
        "stroke_tia_thromboembolism": "stroke",
        "vascular_disease": "vascular",
    }
    return "cha2ds2-vasc", "points", 0, {names.get(name, name): value for name, value in row.items()}, 1.0


def has_bled(_: str, row: Row) -> Asked:
    names = {
        "abnormal_liver_function": "liver",
        "abnormal_renal_function": "renal",
        "alcohol_excess": "alcohol",
        "bleeding_history": "bleeding",
        "drugs_antiplatelet_nsaid": "drugs",
        "elderly_over_65": "elderly",
        "hypertension_uncontrolled": "pressure",
        "labile_inr": "labile_inr",
        "stroke": "stroke",
    }
    return "has-bled", "points", 0, {names[name]: value for name, value in row.items()}, 1.0


def meld(_: str, row: Row) -> Asked:
    """Examples of MELD 3.0 come under several names of their inputs."""
    ours = {
        "bilirubin": ("bili", "bilirubin", "bilirubin_mg_dl"),
        "sodium": ("na", "sodium", "Na", "sodium_mmol_l"),
        "inr": ("inr", "INR"),
        "creatinine": ("cr", "creatinine", "scr", "creat", "creatinine_mg_dl", "scr_mg_dl"),
        "albumin": ("alb", "albumin", "albumin_g_dl"),
    }
    inputs = {name: next(row[key] for key in keys if key in row) for name, keys in ours.items()}
    sex = row.get("sex") or ("female" if row.get("female") else "male")
    return "meld-3", "points", 0, {**inputs, "sex": sex, "age": row.get("age", 50), "dialysis": row.get("dialysis", 0)}, 1.0


def qrisk3(_: str, row: Row) -> Asked:
    """The pack names its inputs as the publisher's code does, in lower case."""
    sex = {1.0: "female", 0.0: "male"}[row["gender"]]
    rest = {name.lower(): value for name, value in row.items() if name != "gender"}
    return "qrisk3-2017", "cvd", 10, {"sex": sex, **rest}, 100.0


ASKED: dict[str, Callable[[str, Row], Asked]] = {
    "PREVENT": prevent,
    "SCORE2": score2,
    "ASCVD": cohort,
    "Framingham": cohort,
    "KFRE": kfre,
    "PLCOm2012": plco,
    "CKD": ckd_epi,
    "FIB": fib4,
    "CHA2DS2": cha2ds2,
    "HAS": has_bled,
    "MELD": meld,
    "QRISK3": qrisk3,
}


def rows() -> list[Row]:
    import os

    root = Path(__file__).parents[3]
    path = Path(os.environ.get("NOF1_REFERENCE_DATA", root / "shared" / "data")) / "variants" / "risk_vectors.json"
    return json.loads(path.read_text()) if path.is_file() else []


def named() -> Iterator[Any]:
    for number, row in enumerate(rows()):
        yield pytest.param(row, id=f"{number}-{row['equation']}")


@pytest.mark.skipif(not rows(), reason="reference data absent: set NOF1_REFERENCE_DATA to its folder to run this test")
@pytest.mark.parametrize("row", list(named()) or [{}])
def test_worked_example(row: Row) -> None:
    name = row["equation"]
    family = re.split(r"[-_ ]", name)[0]
    if family not in ASKED:
        pytest.skip(f"not run: {name} is no equation of the knowledge")
    equation, outcome, years, inputs, whole = ASKED[family](name, row["inputs"])
    known = knowledge().risks
    if equation not in known:
        pytest.skip(f"not run: {name} needs a pack with risk_equations/{equation}.yaml, which is not installed")
    found = estimates(known[equation], inputs).estimate(outcome, years)
    value = float(found.formula[0]) * whole  # also of people outside what the equation was made for
    assert found.refused or found.values[0] == found.formula[0]
    assert not np.isnan(value), found
    assert abs(value - row["expected"]) <= row["tolerance"] + 1e-12, (value, row["expected"])


def test_what_is_not_run_is_counted() -> None:
    if not (examples := rows()):
        pytest.skip("reference data absent: set NOF1_REFERENCE_DATA to its folder to run this test")
    absent = [row["equation"] for row in examples if row["equation"].startswith("QRISK3")]
    assert len(examples) - len(absent) >= 89
