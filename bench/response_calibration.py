"""Are posteriors of random effects calibrated? Simulates patients from each structure and ranks the truth among the draws.

    python bench/response_calibration.py --people 1000 --out docs/methods/response_calibration

Simulation-based calibration (Talts et al. 2018): random effects from the population, levels from the model, the posterior of
those levels; the rank of the truth among independent draws is then uniform. Written: rank histograms with a chi-square
test, the largest distance of the ranks' distribution from uniform with the band that 99 % of right ones keep within, how
draws were made, and how often 50, 80 and 95 % intervals held the truth.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import erfc, sqrt
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from nof1.knowledge.kinetics import PkModel
from nof1.response.course import course
from nof1.response.estimate import estimate
from nof1.response.history import Dose, History, Level
from nof1.response.posterior import posterior, prior
from nof1.response.predict import predict
from nof1.response.prepared import Prepared, prepare

RANKS, BINS, DRAWS = 99, 20, 4000  # independent draws that the truth is ranked among; bars; draws of a posterior
SIDE, GAP, COLUMNS = 130, 40, 5


@dataclass(frozen=True)
class Structure:
    """A model and how its patients are seen: times of levels, doses, covariates, what is below ``limit`` is not measured."""

    model: PkModel
    times: tuple[float, ...]
    doses: tuple[Dose, ...]
    covariates: dict[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)
    occasions: tuple[float, ...] = ()
    limit: float = 0.0
    draws: int = DRAWS


def model(
    shape: dict[str, Any], parameters: dict[str, str], effects: dict[str, float], kind: str, outputs: str = "c", **more: Any
) -> PkModel:
    residual = {"kind": kind, "proportional": "0.2", "additive": "0.3"}
    known = {
        **dict.fromkeys(("id", "drug", "title", "population"), "bench"),
        "schema": 1,
        "people": 1,
        "source": "bench#1",
        "status": "provisional",
        "checked": "2026-11-26",
        "numbers": [],
        "dose_unit": "mg",
        "structure": shape,
        "parameters": [{"name": name, "unit": "1", "formula": formula} for name, formula in parameters.items()],
        "effects": [
            {"name": name.removesuffix("@"), "variance": str(size), "per_occasion": name.endswith("@")}
            for name, size in effects.items()
        ],
        "outputs": [{"name": name, "formula": name, "unit": "mg/L", "residual": residual} for name in outputs.split()],
        "validation": {"implementation": "", "numerical": ""},
    }
    return msgspec.convert({**known, **more}, PkModel)


IV = (Dose(0, 500, "x", 1.0), Dose(12, 500, "x", 1.0))
ORAL = (Dose(0, 500, "x"), Dose(24, 500, "x"))
PLAIN = {"CL": "5*exp(a)", "V": "50*exp(b)"}
SIZES = {"a": 0.2, "b": 0.1}
BOLUS, FIRST = {"routes": ["x"], "kind": "bolus"}, {"routes": ["x"], "kind": "first_order", "ka": "ka"}
EFFECT = {"name": "effect", "start": "100", "rate": "kout*(100*(1 - c/(C50 + c)) - effect)"}
WEIGHTS = {"w": ((0.0, 60.0), (6.0, 90.0), (20.0, 75.0))}


def structures() -> dict[str, Structure]:
    two = {"V2": "80*exp(d)", "Q": "6"}
    return {
        "one compartment": Structure(
            model({"compartments": 1, "inputs": [BOLUS]}, PLAIN, SIZES, "combined2"), (3.0, 11.5), IV
        ),
        "one level": Structure(
            model({"compartments": 1, "inputs": [BOLUS]}, PLAIN, SIZES, "proportional"), (11.5,), IV
        ),
        "below a limit": Structure(
            model({"compartments": 1, "inputs": [BOLUS]}, PLAIN, SIZES, "combined1"), (3.0, 11.5, 30.0), IV, limit=1.5
        ),
        "two compartments": Structure(
            model({"compartments": 2, "inputs": [BOLUS]}, PLAIN | two, SIZES | {"d": 0.3}, "combined1"),
            (2.0, 11.5, 14.0), IV,
        ),
        "three compartments": Structure(
            model({"compartments": 3, "inputs": [BOLUS]}, PLAIN | two | {"V3": "300", "Q3": "2*exp(f)"},
                  SIZES | {"d": 0.3, "f": 0.2}, "lognormal"), (1.5, 6.0, 23.0, 47.0), IV,
        ),
        "absorption of first order": Structure(
            model({"compartments": 1, "inputs": [{**FIRST, "lag": "lag"}]}, PLAIN | {"ka": "1.1*exp(d)", "lag": "0.4"},
                  SIZES | {"d": 0.4}, "proportional"), (1.0, 8.0, 23.5), ORAL,
        ),
        "transit": Structure(
            model({"compartments": 1, "inputs": [{"routes": ["x"], "kind": "transit", "ktr": "ktr", "transits": 4}]},
                  PLAIN | {"ktr": "3*exp(d)"}, SIZES | {"d": 0.3}, "combined2"), (1.0, 3.0, 12.0), ORAL,
        ),
        "parent and metabolite": Structure(
            model({"compartments": 1, "inputs": [FIRST], "metabolite": True},
                  PLAIN | {"ka": "1.1", "fm": "0.6", "CLm": "8*exp(d)", "Vm": "20"}, SIZES | {"d": 0.3},
                  "proportional", "c cm"),
            (2.0, 8.0, 12.0, 23.0), ORAL,
        ),
        "a covariate that changes": Structure(
            model({"compartments": 1, "inputs": [BOLUS]}, {"CL": "5*(w/70)**0.75*exp(a)", "V": "50*w/70*exp(b)"}, SIZES,
                  "proportional", covariates=[{"name": "w", "title": "w", "unit": "kg"}]), (3.0, 11.5, 23.0), IV, WEIGHTS,
        ),
        "two occasions": Structure(
            model({"compartments": 1, "inputs": [BOLUS]}, {"CL": "5*exp(a + k)", "V": "50*exp(b)"}, SIZES | {"k@": 0.1},
                  "proportional"), (11.5, 13.5, 23.0), IV, occasions=(0.0, 12.0),
        ),
        "saturable": Structure(
            model({"compartments": 1, "inputs": [FIRST], "elimination": "michaelis_menten"},
                  {"Vmax": "30*exp(a)", "Km": "4", "V": "50*exp(b)", "ka": "1"}, {"a": 0.1, "b": 0.05}, "proportional"),
            (4.0, 23.0), ORAL[:1], draws=1000,
        ),
        "an effect": Structure(
            model({"compartments": 1, "inputs": [FIRST], "states": [EFFECT]},
                  {"CL": "5", "V": "50", "ka": "1", "C50": "3*exp(a)", "kout": "0.1*exp(d)"}, {"a": 0.2, "d": 0.1},
                  "proportional", "effect"),
            (6.0, 20.0), ORAL[:1], draws=1000,
        ),
    }  # fmt: skip


def simulated(given: Structure, prepared: Prepared, truth: np.ndarray, rng: np.random.Generator) -> History:
    """The patient with random effects ``truth`` (size), levels drawn from the model, again where one is not above 0."""
    names = [output.name for output in given.model.outputs]
    bare = History(given.doses, (), given.covariates, given.occasions)
    times = np.repeat(given.times, len(names))[None]
    place = np.tile(np.arange(len(names)), len(given.times))[None]
    found = predict(prepared, course(given.model, [bare]), truth[None, None], times, place)
    value, sd = found.value[0, 0], found.sd[0, 0]
    noise = rng.standard_normal(len(value))
    is_log = given.model.outputs[0].residual.kind == "lognormal"
    seen = value * np.exp(sd * noise) if is_log else value + sd * noise
    levels = [
        Level(float(at), max(float(y), given.limit), names[which], "below" if y < given.limit else "")
        for at, y, which in zip(times[0], seen, place[0], strict=True)
    ]
    return History(given.doses, tuple(levels), given.covariates, given.occasions)


def ranked(name: str, people: range) -> tuple[list[list[int]], list[list[float]], list[str]]:
    """Of each patient: the ranks of the truth, the shares of the draws below it, and how draws were made."""
    given = structures()[name]
    prepared = prepare(given.model, max(len(given.occasions), 1))
    ranks, shares, ways = [], [], []
    for number in people:
        rng = np.random.default_rng((number, 20261126))
        truth = prior(prepared, rng, 1)[0]
        whole = course(given.model, [simulated(given, prepared, truth, rng)])
        drawn = posterior(prepared, whole, estimate(prepared, whole), rng, given.draws)
        picked = drawn.etas[rng.choice(len(drawn.etas), RANKS, p=drawn.weights)]
        ranks.append((picked < truth).sum(axis=0).tolist())
        shares.append((drawn.weights @ (drawn.etas < truth)).tolist())
        ways.append(drawn.method)
    return ranks, shares, ways


def judged(ranks: np.ndarray, shares: np.ndarray, ways: list[str], names: list[str]) -> dict[str, Any]:
    """Histograms and tests of each effect."""
    people = len(ranks)
    band = 1.63 / np.sqrt(people)  # of the largest distance, 99 %
    effects = {}
    for column, name in enumerate(names):
        counts = np.bincount(ranks[:, column] * BINS // (RANKS + 1), minlength=BINS)
        square = float(((counts - people / BINS) ** 2 / (people / BINS)).sum())
        ordered = np.sort(shares[:, column])
        steps = np.arange(people + 1) / people
        distance = float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
        away = np.abs(shares[:, column] - 0.5)
        held = {str(percent): float((away <= percent / 200).mean()) for percent in (50, 80, 95)}
        effects[name] = {
            "counts": counts.tolist(), "chi_square": round(square, 2), "p": round(_p(square, BINS - 1), 4),
            "distance": round(distance, 4), "held": held,
        }  # fmt: skip
    return {"people": people, "band_99": round(float(band), 4), "ways": dict(Counter(ways)), "effects": effects}


def _p(square: float, freedom: int) -> float:
    """The probability of a larger chi-square (Wilson and Hilferty's approximation)."""
    z = ((square / freedom) ** (1 / 3) - 1 + 2 / (9 * freedom)) / sqrt(2 / (9 * freedom))
    return 0.5 * erfc(z / sqrt(2))


def run(names: list[str], people: int, workers: int = 2) -> dict[str, Any]:
    found = {}
    every = structures()
    with ProcessPoolExecutor(workers) as pool:
        for name in names:
            parts = list(pool.map(partial(ranked, name), (range(start, people, 8) for start in range(8))))
            ranks, shares, ways = ([row for part in parts for row in part[which]] for which in range(3))
            given = every[name]
            prepared = prepare(given.model, max(len(given.occasions), 1))
            again = prepared.effects[prepared.between :]
            columns = [*prepared.effects[: prepared.between]]
            columns += [f"{effect} {number + 1}" for number in range(prepared.occasions) for effect in again]
            found[name] = judged(np.array(ranks), np.array(shares), ways, columns)
            told = {effect: (item["p"], item["distance"], item["held"]) for effect, item in found[name]["effects"].items()}
            print(name, found[name]["ways"], found[name]["band_99"], told, flush=True)
    return found


def pictures(found: dict[str, Any]) -> str:
    """Rank histograms as an SVG; the band holds 99 % of the bars of a right posterior."""
    items = [(f"{name}: {effect}", item, whole["people"]) for name, whole in found.items()
             for effect, item in whole["effects"].items()]  # fmt: skip
    rows = -(-len(items) // COLUMNS)
    width, height = COLUMNS * (SIDE + GAP) + GAP, rows * (SIDE // 2 + GAP) + GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="9"><rect width="100%" height="100%" fill="#fff"/>'
    ]
    for number, (title, item, people) in enumerate(items):
        left, top = GAP + (number % COLUMNS) * (SIDE + GAP), GAP + (number // COLUMNS) * (SIDE // 2 + GAP)
        parts.append(_picture(title, item["counts"], people / BINS, left, top))
    return "\n".join([*parts, "</svg>\n"])


def _picture(title: str, counts: list[int], expected: float, left: int, top: int) -> str:
    height, bar = SIDE / 2, SIDE / BINS
    scale = height / (2 * expected)
    half = 2.58 * sqrt(expected * (1 - 1 / BINS))
    made = [f'<text x="{left}" y="{top - 5}">{title}</text>']
    band = f'y="{top + height - (expected + half) * scale:.1f}" height="{2 * half * scale:.1f}"'
    made.append(f'<rect x="{left}" width="{SIDE}" {band} fill="#ddd"/>')
    for place, count in enumerate(counts):
        tall = min(count * scale, height)
        made.append(
            f'<rect x="{left + place * bar:.1f}" y="{top + height - tall:.1f}" width="{bar - 1:.1f}" height="{tall:.1f}" '
            'fill="#05a" fill-opacity="0.7"/>'
        )
    made.append(f'<line x1="{left}" y1="{top + height}" x2="{left + SIDE}" y2="{top + height}" stroke="#888"/>')
    return "".join(made)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--structures", default="", help="some of them, with commas between; all by default")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path, help="where to write, without the ending: .json (others in it stay) and .svg")
    options = parser.parse_args()
    names = options.structures.split(",") if options.structures else list(structures())
    for name in names:
        found = run([name], options.people, options.workers)
        if options.out:
            write(options.out, found)


def write(out: Path, found: dict[str, Any]) -> None:
    """``found`` beside what stood there, in the order of the structures."""
    kept = out.with_suffix(".json")
    every = {**(json.loads(kept.read_text()) if kept.exists() else {}), **found}
    every = {name: every[name] for name in structures() if name in every}
    kept.write_text(json.dumps(every, indent=1) + "\n")
    out.with_suffix(".svg").write_text(pictures(every))


if __name__ == "__main__":
    main()
