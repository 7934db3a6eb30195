"""Measures estimates and posteriors of drug levels, beside NumPyro's NUTS in the same run.

    python bench/response.py

The case: two compartments, three random effects, two levels after two infusions. Beside it one whole answer where
elimination saturates: oral voriconazole, nine doses and a level, every dose that exists priced over the posterior. The peer
is installed on demand, with the versions below, in NOF1_BENCH_PEERS or ~/.cache/nof1-peers; without it its row says so.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import server_peers

from nof1.knowledge.compiled import knowledge
from nof1.knowledge.kinetics import PkModel
from nof1.response.answer import Answer, answer
from nof1.response.case import Case, GeneKnown
from nof1.response.course import course
from nof1.response.covariates import fitting
from nof1.response.estimate import estimate
from nof1.response.fit import fit
from nof1.response.history import Dose, History, Level
from nof1.response.posterior import posterior
from nof1.response.prepared import prepare
from nof1.response.regimens import Regimen
from nof1.response.search import options
from nof1.response.targets import aim

NUTS = ("numpyro==0.22.0", "jax==0.10.2", "jaxlib==0.10.2")
CASE: dict[str, Any] = {
    "typical": [4.5, 58.4, 38.4], "between": 6.5, "variances": [0.16, 0.67, 0.33], "additive": 3.4, "proportional": 0.23,
    "doses": [[0.0, 1000.0, 1.0], [12.0, 1000.0, 1.0]], "levels": [[11.5, 9.0], [14.0, 25.0]],
}  # fmt: skip
DRAWS, RUNS, PEOPLE = 4000, 25, 1000
PRICED = "vancomycin", "vancomycin-thomson-2009"  # a shipped model of two compartments, and its drug's first target
REGIMENS = [
    Regimen("intravenous", amount, interval, 1.0) for amount in range(50, 2550, 50) for interval in (6.0, 8.0, 12.0, 24.0)
]
ADULT = {"age": 45.0, "female": 0.0, "male": 1.0, "weight": 75.0, "height": 175.0, "creatinine": 1.0, "crp": 20.0}


def model() -> PkModel:
    names = ("CL", "V", "V2")
    parameters = [
        {"name": name, "unit": "1", "formula": f"{value}*exp(e_{name})"}
        for name, value in zip(names, CASE["typical"], strict=True)
    ]
    residual = {"kind": "combined2", "additive": str(CASE["additive"]), "proportional": str(CASE["proportional"])}
    return msgspec.convert({
        "schema": 1, "id": "bench", "drug": "bench", "title": "bench", "population": "bench", "people": 1,
        "source": "bench#1", "status": "provisional", "checked": "2026-11-26", "dose_unit": "mg", "numbers": [],
        "structure": {"compartments": 2, "inputs": [{"routes": ["iv"], "kind": "bolus"}]},
        "parameters": [*parameters, {"name": "Q", "unit": "L/h", "formula": str(CASE["between"])}],
        "effects": [
            {"name": f"e_{name}", "variance": str(size)} for name, size in zip(names, CASE["variances"], strict=True)
        ],
        "outputs": [{"name": "level", "formula": "c", "unit": "mg/L", "residual": residual}],
        "validation": {"implementation": "", "numerical": ""},
    }, PkModel)  # fmt: skip


def patient(rng: np.random.Generator | None = None) -> History:
    """The case, or one like it with levels of its own."""
    spread = np.zeros(len(CASE["levels"])) if rng is None else 0.3 * rng.standard_normal(len(CASE["levels"]))
    levels = [Level(at, value * float(np.exp(more))) for (at, value), more in zip(CASE["levels"], spread, strict=True)]
    return History(tuple(Dose(at, amount, "iv", lasting) for at, amount, lasting in CASE["doses"]), tuple(levels))


def saturable() -> Callable[[], Answer]:
    """What gives the answer to nine doses of 300 mg of oral voriconazole and a trough of 2 mg/L."""
    known = knowledge()
    models = [item for item in known.kinetics.models.values() if item.drug == "voriconazole" and not item.special]
    asked = {one.name: one for item in models for one in item.covariates}
    case = Case(
        "voriconazole",
        (Dose(0, 300.0, "oral", 0.0, 12.0, 8),),
        (Level(107.5, 2.0),),
        108.0,
        {name: ((0.0, value),) for name, value in ADULT.items()},
        {
            name: ((0.0, (one.soft or one.hard or [0.0])[0]),)
            for name, one in asked.items()
            if not (one.term or one.gene or one.drugs or one.classes) and one.assumed is None
        },
        frozenset(),
        genes={"CYP2C19": GeneKnown(("*1", "*1"), "Normal Metabolizer")},
        states={},
    )
    dosing = known.kinetics.dosing["voriconazole"]
    return lambda: answer(case, models, dosing, known.care, np.random.default_rng(1))


def timed(work: Callable[[], Any], runs: int) -> tuple[float, float, float]:
    """Seconds: median, lowest, highest; the first run warms up."""
    work()
    seconds = []
    for _ in range(runs):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), min(seconds), max(seconds)


def pricing() -> Callable[[], Any]:
    """What prices ``REGIMENS`` for one person with five doses and two levels."""
    known = knowledge()
    facts = {"age": 62.0, "female": 0.0, "male": 1.0, "weight": 82.0, "height": 176.0, "creatinine": 1.1}
    case = Case(
        PRICED[0],
        (Dose(0.0, 1250.0, "intravenous", 1.5, 12.0, 4),),
        (Level(35.5, 14.2), Level(49.7, 31.0)),
        60.0,
        facts={name: ((0.0, value),) for name, value in facts.items()},
        states={"dialysis": 0.0, "icu": 0.0},
    )
    model = known.kinetics.models[PRICED[1]]
    found = fit(model, fitting(model, case, known.care), np.random.default_rng(1), DRAWS)
    aimed = aim(known.kinetics.dosing[PRICED[0]].targets[0], case, model.outputs[0].unit)
    return lambda: options([(found, 1.0)], REGIMENS, aimed, case.now)


def figures() -> dict[str, Any]:
    prepared = prepare(model())
    one = course(prepared.model, [patient()])
    found = estimate(prepared, one)
    drawn = posterior(prepared, one, found, np.random.default_rng(1), DRAWS)
    mean = drawn.mean(drawn.etas)
    sd = np.sqrt(drawn.mean(drawn.etas**2) - mean**2)
    made: dict[str, Any] = {
        "estimate": timed(lambda: estimate(prepared, one), RUNS),
        "posterior": timed(lambda: posterior(prepared, one, found, np.random.default_rng(1), DRAWS), RUNS),
        "effective": drawn.effective,
        "means": mean.tolist(),
        "errors": (sd / np.sqrt(drawn.effective)).tolist(),
        "one_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    made["regimens"] = timed(pricing(), RUNS)
    rng = np.random.default_rng(2)
    people = [patient(rng) for _ in range(PEOPLE)]
    made["people"] = timed(lambda: estimate(prepared, course(prepared.model, people)), 5)
    made["mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    made["saturable"] = timed(saturable(), 3)
    return made


def peer() -> dict[str, Any] | None:
    """What NUTS finds, in a Python of its own; None where it cannot be installed."""
    folder = server_peers.CACHE / "numpyro"
    python = folder / "bin" / "python"
    commands = [sys.executable, "-m", "venv", "."], [str(python), "-m", "pip", "install", "--quiet", *NUTS]
    try:
        server_peers.installed(folder, json.dumps(NUTS), *commands)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"numpyro is absent, its row is left out: {error}", file=sys.stderr)
        return None
    command = [str(python), str(server_peers.HERE / "nuts.py"), json.dumps(CASE)]
    return dict(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def _ms(seconds: tuple[float, float, float]) -> str:
    return "{:.1f} ms ({:.1f}-{:.1f})".format(*(1000 * value for value in seconds))


def rows(_: Path) -> list[str]:
    """Rows of the table of docs/benchmarks.md."""
    command = [sys.executable, str(Path(__file__)), "figures"]
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    what = "two compartments, three random effects, two levels"
    both = made["estimate"][0] + made["posterior"][0]
    lines = [
        f"| {what}: estimate (maximum a posteriori) | {_ms(made['estimate'])}, {made['one_mb']:.0f} MB | | | <= 15 ms |",
        f"| the same: posterior, {DRAWS:,} draws worth {made['effective']:,.0f} | {_ms(made['posterior'])} | | | "
        "<= 10 ms, worth >= 1,000 |",
        f"| {len(REGIMENS)} regimens priced over 1,000 draws of {PRICED[1]} after two levels | {_ms(made['regimens'])} "
        "| | | <= 50 ms |",
        f"| {PEOPLE:,} such patients: estimates, rows to arrays included | {made['people'][0]:.2f} s "
        f"({made['people'][1]:.2f}-{made['people'][2]:.2f}), {made['mb']:.0f} MB | | | <= 1.0 s |",
        "| a whole answer with saturable elimination: oral voriconazole, nine doses, a level | "
        f"{made['saturable'][0]:.2f} s ({made['saturable'][1]:.2f}-{made['saturable'][2]:.2f}) | | | <= 5.0 s |",
    ]
    theirs = peer()
    if theirs is None:
        return lines
    each = both / made["effective"] / (theirs["later"] / theirs["effective"])
    away = np.abs(np.subtract(made["means"], theirs["means"])) / np.hypot(made["errors"], theirs["errors"])
    return [
        *lines,
        f"| the same patient: estimate and posterior, a draw's worth; means within {away.max():.1f} combined Monte Carlo "
        f"errors | {1000 * both:.1f} ms for {made['effective']:,.0f} | NUTS of {NUTS[0].replace('==', ' ')}: "
        f"{theirs['later']:.1f} s for {theirs['effective']:,.0f}, compiling not counted "
        f"(the whole run {theirs['later'] / both:,.0f} times ours) | {each:.5f} | <= {1 / 300:.5f}, <= 3 errors |",
        f"| the same patient, the first of a shape: ours after one run, NUTS compiling | {1000 * both:.1f} ms | "
        f"{theirs['first']:.1f} s | {both / theirs['first']:.5f} | <= {1 / 300:.5f} |",
    ]


if __name__ == "__main__":
    print(json.dumps(figures()) if sys.argv[1:] == ["figures"] else "\n".join(rows(Path())))
