"""Population models written in a line or two, and the rows of other programs' data sets as histories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from nof1.knowledge.kinetics import PkModel
from nof1.response.history import Dose, History, Level

PROPORTIONAL = {"kind": "proportional", "proportional": "0.05**0.5"}
DEPOT = {"routes": ["1"], "kind": "first_order", "ka": "ka"}
CENTRAL = {"routes": ["2"], "kind": "bolus"}


def model(
    structure: Mapping[str, Any],
    parameters: Mapping[str, str],
    effects: Mapping[str, float] | None = None,
    residual: Mapping[str, Any] = PROPORTIONAL,
    **more: Any,
) -> PkModel:
    """A model; ``effects``: variances by name (``name@occasion``: drawn anew each occasion)."""
    known: dict[str, Any] = {
        "schema": 1, "id": "test", "drug": "test", "title": "test", "population": "test", "people": 1, "source": "test#1",
        "status": "provisional", "checked": "2026-11-26", "dose_unit": "mg", "structure": structure, "numbers": [],
        "parameters": [{"name": name, "unit": "1", "formula": formula} for name, formula in parameters.items()],
        "effects": [
            {"name": name.removesuffix("@occasion"), "variance": repr(size), "per_occasion": name.endswith("@occasion")}
            for name, size in (effects or {}).items()
        ],
        "outputs": [{"name": "level", "formula": "c", "unit": "mg/L", "residual": residual}],
        "validation": {"implementation": "", "numerical": ""},
    }  # fmt: skip
    return msgspec.convert({**known, **more}, PkModel)


def covariate(name: str, carried: str = "forward") -> dict[str, Any]:
    return {"name": name, "title": name, "unit": "1", "carried": carried}


def _simulated(
    inputs: Sequence[Mapping[str, Any]],
    typical: Mapping[str, str | tuple[float, float]],
    residual: Mapping[str, Any] = PROPORTIONAL,
    structure: Mapping[str, Any] | None = None,
    **more: Any,
) -> PkModel:
    """``typical``: (value, variance of its logarithm) of each parameter, or its formula."""
    formulas = {
        name: f"{value[0]!r}*exp(e_{name})" if isinstance(value, tuple) else value for name, value in typical.items()
    }
    effects = {f"e_{name}": value[1] for name, value in typical.items() if isinstance(value, tuple)}
    whole = {"compartments": 1, "inputs": list(inputs), **(structure or {})}
    return model(whole, formulas, effects, residual, **more)


def cpt2021(run: str) -> PkModel:
    """The model of a run of the simulation study of Le Louedec et al. (CPT Pharmacometrics Syst Pharmacol 2021;10:1208)."""
    return _RUNS[run]()


def _oral(cl: float = 0.2, v: float = 0.2, ka: float = 0.2) -> dict[str, Any]:
    return {"CL": (4.0, cl), "V": (70.0, v), "ka": (1.0, ka)}


def _saturable(elimination: str = "michaelis_menten", **more: Any) -> PkModel:
    typical = {"Vmax": (10000.0, 0.2), "V": (70.0, 0.2), "ka": (1.0, 0.2), "Km": (2500.0, 0.2), **more}
    return _simulated([DEPOT], typical, structure={"elimination": elimination})


_BOTH = [DEPOT, CENTRAL]
_RUNS = {
    "001": lambda: _simulated(_BOTH, _oral()),
    "002": lambda: _simulated(_BOTH, _oral()),
    "003": lambda: _simulated([{**DEPOT, "lag": "lag"}], {**_oral(), "lag": (1.0, 0.2)}),
    "004": lambda: _simulated(
        [{"routes": ["2"], "kind": "zero_order", "duration": "duration"}],
        {"CL": (4.0, 0.2), "V": (70.0, 0.2), "duration": (4.0, 0.2)},
    ),
    "005": lambda: _simulated([{**DEPOT, "kind": "zero_first", "duration": "duration"}], {**_oral(), "duration": (1.0, 0.2)}),
    "006": lambda: _simulated(
        [
            {**DEPOT, "routes": ["1", "both"], "fraction": "F1"},
            {"routes": ["both"], "kind": "zero_order", "duration": "duration", "fraction": "F2"},
        ],
        {**_oral(), "duration": (4.0, 0.2), "F1": "0.2", "F2": "0.8"},
    ),
    "101": lambda: _simulated(_BOTH, {**_oral(), "V2": (50.0, 0.2), "Q": "4"}, structure={"compartments": 2}),
    "102": lambda: _simulated(_BOTH, {**_oral(), "V2": (50.0, 0.2), "Q": "4"}, structure={"compartments": 2}),
    "201": _saturable,
    "207": lambda: _saturable("parallel", CL=(4.0, 0.2)),
    "301": lambda: _simulated(
        [DEPOT],
        {"base": (4.0, 0.2), "CL": "base*(BW/75)**1.5*0.75**SEX", "V": (70.0, 0.2), "ka": (1.0, 0.2)},
        covariates=[covariate("BW", "backward"), covariate("SEX", "backward")],
    ),
    "405": lambda: _simulated(
        _BOTH, _oral(), {"kind": "combined2", "proportional": "0.05**0.5", "additive": "5000**0.5"}
    ),
    "504": lambda: _simulated(_BOTH, _oral(1.0, 1.0, 1.0)),
    "513": lambda: _simulated(_BOTH, _oral(2.0, 2.0, 2.0)),
}  # fmt: skip


def history(rows: Sequence[Mapping[str, str]], route: str = "") -> History:
    """A patient's rows of a NONMEM data set; ``route`` for every dose, else that of its compartment."""
    doses, levels, covariates = [], [], {}
    for row in rows:
        time = float(row["time"])
        for name in {"BW", "SEX"} & set(row):
            covariates.setdefault(name, []).append((time, float(row[name])))
        if row["evid"] == "1":
            rate, amount = float(row.get("rate", 0) or 0), float(row["amt"])
            duration = amount / rate if rate > 0 else 0.0
            doses.append(Dose(time, amount, route or row["cmt"], duration, float(row["ii"]), int(row["addl"])))
        elif row["mdv"] == "0":
            levels.append(Level(time, float(row["DV"])))
    return History(tuple(doses), tuple(levels), {name: tuple(pairs) for name, pairs in covariates.items()})
