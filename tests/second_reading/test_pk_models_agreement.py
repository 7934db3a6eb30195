"""Numbers, formulas and variances of the population models, and doses, as a second reader found them, against the files.

``pk_models_blind.tsv``, ``pk_models_typical.tsv`` and ``dosing_blind.tsv`` (``more``: what came later) were written before the
files were opened: each number as its source gives it, the typical parameters that follow from the formulas of the source for
people of the reader's choice, and the ceilings and targets of doses. ``pk_models_variances.tsv``, written afterwards, holds the
variances of the random effects as restatements print them. What is apart stands in ``pk_models_disagreements.py`` with what came
of it. A model that says ``machine-read`` was found whole and is as it was compared; the same holds for a ceiling or target of a
dose. Regimens, conditions and ranges of covariates were not read again.
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections import Counter
from functools import cache
from pathlib import Path

import msgspec
import pk_models_disagreements as apart
import pytest

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.dosing import Ceiling, Target
from nof1.knowledge.formula import parse
from nof1.knowledge.kinetics import Computed, Parameter, PkModel

HERE = Path(__file__).parent
READ_ON = "2026-11-26"
SHA256 = {  # as they stood before the files were opened
    "pk_models_blind.tsv": "af295ca4b77c142294defa7499cfc468782de1dd852a829aae42b5b72f6115d7",
    "pk_models_typical.tsv": "d833efaf15ffefc83742160c772caafbd330d032ca664c9b7f8e4f5a97fce009",
    "pk_models_more_blind.tsv": "a1825799e555c27637762e4c410b385dcf18c81efdbd8213ef70ec0114a35719",
    "pk_models_more_typical.tsv": "79170ad4ff18b3e3a10bcfb241b13beffc21fa4f61d0c037fa80112f62363453",
    "dosing_blind.tsv": "4c066760917bde7404835b3dbc9b30a267f94f453b47cf07096640248bb788d9",
    "dosing_more_blind.tsv": "3111bffeccc168a1859cc4f4418b1391fc7637d460d1f1976159f3c74e3ad1fc",
}
AS_COMPARED = {  # formulas, residuals and conditions of what is machine-read, as they were when compared
    "models": "5c138e392721bc19edee3776d85c4ccdcd03eb8cc842c52b383a6d25665ecd62",
    # since then tobramycin's once-daily area names whom it is not for, and that of newborns (vancomycin) is provisional: another source
    # gives it with an upper end
    "doses": "caaf84d0e60d56b7796dcaf86706d1800123d06433989d1f30f367501ae0692c",
}
UMOL_PER_MG = 88.4  # creatinine, umol/L per mg/dL
NAMES = {  # the reader's name of a covariate: the model's
    "haematocrit_percent": "haematocrit",
    "functional_cyp3a5": "working",
    "cyp3a5_expresser": "working",
    "cyp3a4_22": "slow_3a4",
    "lean": "lean_weight",
    "star6": "slow",
    "abcc4_carrier": "abcc4",
    "cyp2c9_lowered": "slow",
    "cyp2c19_intermediate_or_poor": "lof",
    "cancer": "blood_cancer",
    "hepatic_dysfunction": "hepatic",
    "star2": "s2",
    "star3": "s3",
}
PARAMETERS = {
    "cl": "CL",
    "v": "V",
    "v2": "V2",
    "v3": "V3",
    "q": "Q",
    "q3": "Q3",
    "f": "F",
    "vmax": "Vmax",
    "km": "Km",
    "inh": "inhibited",
    "ec50": "EC50",
}
MEASURED = {"vancomycin-roberts-2011": "crcl_urine", "vancomycin-adane-2015": "crcl_scaled"}  # clearance per 1.73 m2
IN_UNIT = {"value", "low", "high", "toxic"}  # figures of a dose in the unit of its row
FIGURES = IN_UNIT | {"threshold", "assumed_mic", "free_fraction", "peak_after"}
Line = dict[str, str]
Apart = dict[tuple[str, str], tuple[str, str]]


def table(name: str) -> list[Line]:
    with (HERE / name).open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened, delimiter="\t", quoting=csv.QUOTE_NONE))


def tables(kind: str) -> list[Line]:
    """The lines of both tables of ``kind`` (blind | typical) about models that are there."""
    lines = [*table(f"pk_models_{kind}.tsv"), *table(f"pk_models_more_{kind}.tsv")]
    return [line for line in lines if line["model"] in models()]


@cache
def models() -> dict[str, PkModel]:
    return dict(knowledge().kinetics.models)


def same(first: float, second: float, within: float = 1e-9) -> bool:
    return math.isclose(first, second, rel_tol=within)


@cache
def number_differences() -> Apart:
    """What is apart among numbers, by model and name; a number that only one of the two has counts as apart."""
    blind = {(line["model"], line["name"]): line["value"] for line in tables("blind")}
    read = {model for model, _ in blind}
    shipped = {(id_, one.name): one.value for id_, model in models().items() if id_ in read for one in model.numbers}
    found: Apart = {key: (value, "none") for key, value in blind.items() if key not in shipped}
    for key, value in shipped.items():
        if not blind.get(key) or not same(float(blind[key]), value):
            found[key] = (blind.get(key, "none") or "not found", f"{value:g}")
    return found


def covariates(line: Line) -> dict[str, float]:
    """The reader's person of ``line``, by the names of the model's covariates."""
    given = dict(part.split("=") for part in line["covariates"].split())
    found = {"female": float(given.pop("sex") == "female")} if "sex" in given else {}
    if "creatinine_umol" in given:
        found["creatinine"] = float(given.pop("creatinine_umol")) / UMOL_PER_MG
    if "crcl_173" in given:
        found[MEASURED[line["model"]]] = float(given.pop("crcl_173"))
    if "vkorc1_g" in given:
        found["a_alleles"] = 2 - float(given.pop("vkorc1_g"))
    if "postmenstrual_weeks" in given:
        found["gestation"] = float(given.pop("postmenstrual_weeks")) - 52 * float(given["age"])
    return found | {NAMES.get(name, name): float(value) for name, value in given.items()}


def typical(model: PkModel, given: dict[str, float]) -> dict[str, float]:
    """Every quantity of ``model`` with random effects 0; a clearance that was measured is not computed again."""
    values = {one.name: one.value for one in model.numbers} | {one.name: 0.0 for one in model.effects}
    values |= {one.name: one.assumed for one in model.covariates if one.assumed is not None}
    values |= given
    quantities: list[Computed | Parameter] = [*model.computed, *model.parameters]
    for one in quantities:
        if one.name != MEASURED.get(model.id):
            values[one.name] = float(parse(one.formula).evaluate(values))
    return values


def value_of(line: Line, values: dict[str, float]) -> float:
    """What the model has for the parameter of ``line``."""
    if line["parameter"] == "vmax1":
        return values["Vmax"] / values["remaining"]
    return values[PARAMETERS.get(line["parameter"], line["parameter"])]


@cache
def typical_differences() -> Apart:
    """What is apart among typical parameters by more than rounding (0.1 %), by model and "set parameter"."""
    found: Apart = {}
    for line in tables("typical"):
        value = value_of(line, typical(models()[line["model"]], covariates(line)))
        if not same(value, float(line["value"]), 1e-3):
            found[line["model"], f"{line['set']} {line['parameter']}"] = (line["value"], f"{value:.5g}")
    return found


@cache
def variance_differences() -> Apart:
    """What is apart among variances and covariances by more than rounding (0.3 %), by model and effects."""
    read = {
        (line["model"], line["effects"]): float(line["variance"])
        for line in table("pk_models_variances.tsv")
        if line["model"] in models()
    }
    whose = {model for model, _ in read}
    shipped: dict[tuple[str, str], float] = {}
    for id_, model in models().items():
        if id_ in whose:
            numbers = {one.name: one.value for one in model.numbers}
            texts = {one.name: one.variance for one in model.effects}
            texts |= {" ".join(one.between): one.covariance for one in model.covariances}
            shipped |= {(id_, name): float(parse(text).evaluate(numbers)) for name, text in texts.items()}
    found: Apart = {}
    for key in read.keys() | shipped.keys():
        two = read.get(key), shipped.get(key)
        if two[0] is None or two[1] is None or not same(two[0], two[1], 3e-3):
            found[key] = ("none" if two[0] is None else f"{two[0]:g}", "none" if two[1] is None else f"{two[1]:g}")
    return found


def dose_lines() -> list[Line]:
    """The lines of both tables of doses about drugs that are there."""
    lines = [*table("dosing_blind.tsv"), *table("dosing_more_blind.tsv")]
    return [line for line in lines if line["drug"] in knowledge().kinetics.dosing]


def row_of(line: Line) -> tuple[str, Ceiling | Target]:
    """The row of a dosing file that ``line`` is about, with its name (drug/section/kind or id)."""
    file = knowledge().kinetics.dosing[line["drug"]]
    if line["section"] == "target":
        return f"{line['drug']}/target/{line['kind']}", next(one for one in file.targets if one.id == line["kind"])
    several = [one for one in file.ceilings if one.kind == line["kind"] and one.route == line["route"]]
    number = int(line["number"] or 1)
    return f"{line['drug']}/ceiling/{line['kind']} {line['route']} {number}".rstrip(" 1"), several[number - 1]


@cache
def dose_differences() -> Apart:
    """What is apart among ceilings and targets, by row and field; figures and units."""
    found: Apart = {}
    for line in dose_lines():
        name, row = row_of(line)
        value = getattr(row, line["field"])
        if value is None or not same(float(line["value"]), value):
            found[name, line["field"]] = (line["value"], f"{value}" if value is None else f"{value:g}")
        is_ceiling = isinstance(row, Ceiling)
        more = "/kg" * (is_ceiling and row.per_kg) + "/h" * (is_ceiling and row.kind == "rate")
        if line["field"] in IN_UNIT and line["unit"] != (unit := row.unit + more):
            found[name, "unit"] = (line["unit"], unit)
    return found


@cache
def dose_rows() -> dict[str, Ceiling | Target]:
    return dict(row_of(line) for line in dose_lines())


def listed(*several: tuple[apart.Disagreement, ...]) -> Apart:
    return {(one.row, one.where): (one.reader, one.file) for group in several for one in group}


@cache
def whole() -> frozenset[str]:
    """The models of which every number, typical parameter and variance was found, and agreed or was decided."""
    blind = tables("blind")
    found = {line["model"] for line in blind} & {line["model"] for line in tables("typical")}
    found &= {line["model"] for line in table("pk_models_variances.tsv")}
    found -= {line["model"] for line in blind if not line["value"]}
    decided = {
        (one.row, one.where)
        for one in (*apart.NUMBERS, *apart.TYPICAL, *apart.VARIANCES)
        if one.resolution.startswith(("kept", "changed"))
    }
    differences = number_differences() | typical_differences() | variance_differences()
    return frozenset(found - {row for row, where in differences if (row, where) not in decided})


@cache
def whole_doses() -> frozenset[str]:
    """The ceilings and targets of doses of which every figure was found and agreed, or was decided."""
    decided = {(one.row, one.where) for one in apart.DOSING if one.resolution.startswith(("kept", "changed"))}
    open_ = {row for row, where in dose_differences() if (row, where) not in decided}
    read = {(row_of(line)[0], line["field"]) for line in dose_lines()}
    more = {
        name
        for name, row in dose_rows().items()
        for field in FIGURES
        if getattr(row, field, None) not in {None, 0.0} and (name, field) not in read
    }
    return frozenset(dose_rows().keys() - open_ - more - apart.NOT_SEEN.keys())


def as_compared(kind: str) -> str:
    """A digest of what tables cannot hold of the rows of ``kind`` that are machine-read."""
    if kind == "models":
        kept = {
            id_: [one.structure, one.numbers, one.computed, one.parameters, one.effects, one.covariances, one.outputs]
            for id_, one in models().items()
            if one.status == "machine-read"
        }
        return hashlib.sha256(msgspec.json.encode(kept, order="sorted")).hexdigest()
    rows = {name: f"{row.when}|{row.source}" for name, row in dose_rows().items() if row.status == "machine-read"}
    return hashlib.sha256("\n".join(f"{name} {rows[name]}" for name in sorted(rows)).encode()).hexdigest()


def test_the_tables_are_those_read_before_the_files_were_opened() -> None:
    assert {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in SHA256} == SHA256
    assert {line["date"] for name in SHA256 for line in table(name)} == {READ_ON}


def test_every_model_that_was_read_is_still_there() -> None:
    assert {line["model"] for line in table("pk_models_blind.tsv")} - models().keys() == set()


def test_numbers_are_those_that_were_found() -> None:
    assert number_differences() == listed(tuple(one for one in apart.NUMBERS if one.row in models()))


def test_typical_parameters_are_those_computed_from_the_source() -> None:
    assert typical_differences() == listed(apart.TYPICAL)


def test_variances_are_those_that_were_restated() -> None:
    assert variance_differences() == listed(apart.VARIANCES)


def test_ceilings_and_targets_are_those_that_were_found() -> None:
    assert dose_differences() == listed(apart.DOSING)


def test_every_disagreement_has_a_resolution() -> None:
    several = (*apart.NUMBERS, *apart.TYPICAL, *apart.VARIANCES, *apart.DOSING)
    assert [one for one in several if not one.resolution.startswith(("kept: ", "changed: ", "provisional: "))] == []
    assert (apart.NOT_SEEN.keys() | apart.PLACES.keys()) - dose_rows().keys() == set()


def test_only_models_that_agree_are_machine_read() -> None:
    machine_read = {id_ for id_, model in models().items() if model.status == "machine-read"}
    assert machine_read <= whole()
    assert whole() & {line["model"] for line in table("pk_models_blind.tsv")} - apart.HELD_BACK.keys() <= machine_read
    assert not machine_read & apart.HELD_BACK.keys()


def test_only_doses_that_agree_are_machine_read() -> None:
    assert {name for name, row in dose_rows().items() if row.status == "machine-read"} == whole_doses()
    files = knowledge().kinetics.dosing.values()
    statuses = [row.status for file in files for row in file.ceilings] + [
        row.status for file in files for row in file.targets
    ]
    assert statuses.count("machine-read") == len(whole_doses())
    regimens = [row for file in knowledge().kinetics.dosing.values() for row in file.regimens]
    assert {row.status for row in regimens} == {"provisional"}  # their doses were not read again


@pytest.mark.parametrize("kind", AS_COMPARED)
def test_what_is_machine_read_is_as_it_was_compared(kind: str) -> None:
    assert as_compared(kind) == AS_COMPARED[kind]


def test_a_changed_formula_is_noticed() -> None:
    line = next(line for line in table("pk_models_typical.tsv") if line["model"] == "vancomycin-thomson-2009")
    model = models()[line["model"]]
    changed = msgspec.structs.replace(
        model,
        parameters=[msgspec.structs.replace(one, formula=one.formula.replace("weight", "70")) for one in model.parameters],
    )
    volumes = [one for one in table("pk_models_typical.tsv") if one["model"] == line["model"] and one["parameter"] == "v"]
    assert all(same(value_of(one, typical(model, covariates(one))), float(one["value"]), 1e-3) for one in volumes)
    assert not any(same(value_of(one, typical(changed, covariates(one))), float(one["value"]), 1e-3) for one in volumes)


def test_agreement() -> None:
    """How far the two readings agree; printed, and not below what was seen when they were first compared."""
    total = Counter({"numbers": len(tables("blind")), "typical": len(tables("typical")), "doses": len(dose_lines())})
    differ = {"numbers": number_differences(), "typical": typical_differences(), "doses": dose_differences()}
    print({kind: f"{total[kind] - len(differ[kind])} of {total[kind]}" for kind in total})
    assert all(1 - len(differ[kind]) / total[kind] >= 0.95 for kind in total)
