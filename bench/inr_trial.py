"""A simulated trial of warfarin: a fixed dose by equation beside doses chosen anew after each INR, on the same patients.

    python bench/inr_trial.py --people 200 --workers 2 --out build/inr_trial.jsonl    treats patients; one line each, resumed
    python bench/inr_trial.py --read build/inr_trial.jsonl --write docs/methods    table, inr_trial.json and inr_trial.svg
    python bench/inr_trial.py --needed    how far the dose that each patient needs lies from the equation's

Patients, their course and the errors of the INR are drawn from the model that also chooses the doses; further groups of
arms break what it believes.
The doses after an INR come from the functions that ``nof1.dose`` uses: fit, offer, options.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import inr_trial_page
import numpy as np
from numpy.typing import NDArray

from nof1.knowledge.compiled import knowledge
from nof1.response.answer import answer
from nof1.response.case import Case, GeneKnown
from nof1.response.course import course
from nof1.response.covariates import fitting
from nof1.response.dose_estimates import estimates
from nof1.response.fit import fit
from nof1.response.history import Dose, History, Level
from nof1.response.predict import predict
from nof1.response.prepared import prepare
from nof1.response.regimens import amounts, offer
from nof1.response.search import options
from nof1.response.targets import aim

DRUG, MODEL, TARGET = "warfarin", "warfarin-hamberg-2010", "inr-2-3"
GENETIC, CLINICAL = "iwpc-2009-pharmacogenetic", "iwpc-2009-clinical"
POPULATION = "EUR"
SEED, DRAWS, DAYS = 20261126, 200, 90
VISITS = (4, 6, 9, 12, 16, 21, 28, 42, 56, 70)
BEFORE = 10.0  # hours before the dose of the day at which blood is taken
BROKEN = 25  # patients who have the further arms
WIDER, CLOSER = 1.5, 0.25  # times the variances of the model
MISSED, NOISIER = 0.1, 1.5  # share of doses missed without a word; times the error of the INR
AGE, HEIGHT, WEIGHT = (65.0, 12.0, 30.0, 90.0), ((177.0, 7.0), (164.0, 6.5)), ((84.0, 15.0), (72.0, 14.0))
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Patient:
    """What is told of a patient, numbers of alleles, and random effects and errors of the INR in standard deviations."""

    number: int
    age: float
    height: float
    weight: float
    s2: int
    s3: int
    a_alleles: int
    effects: tuple[float, ...]
    errors: tuple[float, ...]


def patient(number: int) -> Patient:
    """The patient of this number; the same in every run."""
    rng = np.random.default_rng([SEED, number])
    middle, spread, low, high = AGE
    age = float(np.clip(rng.normal(middle, spread), low, high))
    sex = int(rng.random() < 0.5)
    height, weight = (float(rng.normal(*part[sex])) for part in (HEIGHT, WEIGHT))
    stars = [_drawn("CYP2C9", ("rs1799853:T", "rs1057910:C"), rng) for _ in range(2)]
    markers = [_drawn("VKORC1", ("rs9923231:T",), rng) for _ in range(2)]
    effects, errors = rng.standard_normal(2), rng.standard_normal(len(VISITS))
    return Patient(
        *(number, age, height, max(weight, 40.0), stars.count("rs1799853:T"), stars.count("rs1057910:C")),
        *(markers.count("rs9923231:T"), tuple(effects.tolist()), tuple(errors.tolist())),
    )


def _drawn(gene: str, told: tuple[str, ...], rng: np.random.Generator) -> str:
    """A haplotype as often as it was counted, among the reference and those ``told``."""
    counts = {
        row.haplotype: dict(part.split(":") for part in row.counts.split()) for row in knowledge().genes[gene].haplotypes
    }
    names = ("reference", *told)
    often = np.array([float(counts[name][POPULATION]) for name in names])
    return names[int(rng.choice(len(names), p=often / often.sum()))]


def genes(one: Patient) -> dict[str, GeneKnown]:
    """Genotypes as a laboratory tells them."""
    stars = sorted(["*2"] * one.s2 + ["*3"] * one.s3 + ["*1"] * (2 - one.s2 - one.s3))
    letters = ["rs9923231 variant (T)"] * one.a_alleles + ["rs9923231 reference (C)"] * (2 - one.a_alleles)
    return {"CYP2C9": GeneKnown(tuple(stars)), "VKORC1": GeneKnown(tuple(letters))}


def starting(equation: str, one: Patient) -> float:
    """The daily dose of ``equation``, as tablets make it: the nearest that exists."""
    told = genes(one)
    vkorc1 = "/".join(sorted("A" * one.a_alleles + "G" * (2 - one.a_alleles)))
    given: dict[str, Any] = {
        "age": one.age,
        "height": one.height,
        "weight": one.weight,
        "ancestry": "white",
        "amiodarone": 0,
    }
    given |= {"vkorc1": vkorc1, "cyp2c9": "/".join(told["CYP2C9"].alleles)} if equation == GENETIC else {}
    found = estimates([knowledge().kinetics.equations[equation]], given)[0]
    assert found.per_week is not None, (equation, found.refused)
    exist = np.array(amounts(knowledge().kinetics.dosing[DRUG].regimens[0]))
    return float(exist[np.abs(exist - found.per_week / 7).argmin()])


@dataclass(frozen=True)
class Truth:
    """How a patient differs from what the model believes.

    Variances ``wider`` times, doses ``missed`` by day, and the ``error`` of the INR so many times that of the model.
    """

    wider: float = 1.0
    missed: tuple[bool, ...] = (False,) * DAYS
    error: float = 1.0


AS_BELIEVED = Truth()


def unsteady(number: int) -> Truth:
    """Somebody who misses doses that nobody is told of, and whose INR is measured less well."""
    missed = np.random.default_rng([SEED, number, 2]).random(DAYS) < MISSED
    return Truth(missed=tuple(missed.tolist()), error=NOISIER)


def inrs(one: Patient, given: Sequence[float], times: Floats, truth: Truth = AS_BELIEVED) -> Floats:
    """The patient's true INR at ``times`` (hours) under daily doses ``given`` from time 0."""
    model, ready = knowledge().kinetics.models[MODEL], _ready()
    known = {"age": one.age, "s2": one.s2, "s3": one.s3, "a_alleles": one.a_alleles, "baseline_inr": 1.0}
    taken = [0.0 if missed else amount for amount, missed in zip(given, truth.missed, strict=False)]
    history = History(_daily(taken), covariates={name: ((0.0, float(value)),) for name, value in known.items()})
    etas = np.sqrt(truth.wider) * np.array(one.effects) * np.sqrt(np.diag(ready.variance))
    found = predict(ready, course(model, [history]), etas[None, None], times[None], np.zeros((1, len(times)), int))
    return np.asarray(found.value[0, 0])


@cache
def _ready() -> Any:
    return prepare(knowledge().kinetics.models[MODEL])


def _daily(given: Sequence[float]) -> tuple[Dose, ...]:
    return tuple(Dose(24.0 * day, amount, "oral") for day, amount in enumerate(given))


def next_dose(case: Case, rng: np.random.Generator, draws: int = DRAWS) -> float:
    """The dose of the highest expected utility, as ``answer`` finds it."""
    known = knowledge()
    model, file = known.kinetics.models[MODEL], known.kinetics.dosing[DRUG]
    found = fit(model, fitting(model, case, known.care), rng, draws)
    assert found.is_usable
    offered = offer(file, ["oral"], model.dose_unit, {"age": case.facts["age"][0][1]})
    aimed = aim(next(item for item in file.targets if item.id == TARGET), case, model.outputs[0].unit)
    return options([(found, 1.0)], offered.regimens, aimed, case.now, 1)[0].regimen.amount


def fed_back(one: Patient, first: float, told: Patient, truth: Truth = AS_BELIEVED) -> list[float]:
    """Daily doses where ``told`` is what the model hears of the patient's age and genes."""
    given, levels, amount = [first] * DAYS, [], first
    rng = np.random.default_rng([SEED, one.number, 1])
    sd = truth.error * next(item.value for item in knowledge().kinetics.models[MODEL].numbers if item.name == "sd_inr")
    for day, error in zip(VISITS, one.errors, strict=True):
        time = 24.0 * day - BEFORE
        true = float(inrs(one, given[:day], np.array([time]), truth)[0])
        levels.append(Level(time, round(float(true * np.exp(sd * error)), 1)))
        case = Case(
            DRUG, _daily(given[:day]), tuple(levels), 24.0 * day, facts={"age": ((0.0, told.age),)}, genes=genes(told)
        )
        amount = next_dose(case, rng)
        given[day:] = [amount] * (DAYS - day)
    return given


ARMS = {
    "fixed": "fixed dose, IWPC pharmacogenetic",
    "fed_back": "the same dose, then INR feedback",
    "clinical": "IWPC clinical dose, then INR feedback",
    "closer_fixed": "fixed dose, IWPC pharmacogenetic",
    "closer_fed_back": "the same dose, then INR feedback",
    "wider_fixed": "fixed dose, IWPC pharmacogenetic",
    "wider_fed_back": "the same dose, then INR feedback",
    "other_fixed": "fixed dose by these genotypes",
    "other_fed_back": "the same dose, then INR feedback with them",
    "unsteady_fixed": "fixed dose, IWPC pharmacogenetic",
    "unsteady_fed_back": "the same dose, then INR feedback",
}
GROUPS = ("believed", "closer", "wider", "other", "unsteady")


def treated(asked: tuple[int, str]) -> dict[str, Any]:
    """The arms of a group for one patient: daily doses, and the true INR every six hours from the first dose on."""
    number, group = asked
    one = patient(number)
    first, truth, told = starting(GENETIC, one), AS_BELIEVED, one
    if group in ("wider", "closer"):
        truth = Truth(wider=WIDER if group == "wider" else CLOSER)
    if group == "unsteady":
        truth = unsteady(number)
    if group == "other":
        other = patient(number + 100_000)
        told = replace(one, s2=other.s2, s3=other.s3, a_alleles=other.a_alleles)
        first = starting(GENETIC, told)
    before = "" if group == "believed" else f"{group}_"
    doses = {f"{before}fixed": [first] * DAYS, f"{before}fed_back": fed_back(one, first, told, truth)}
    if group == "believed" and number < BROKEN:
        doses["clinical"] = fed_back(one, starting(CLINICAL, one), one)
    times = np.arange(0.0, 24.0 * DAYS + 1, 6.0)
    arms = {name: {"doses": given, "inr": inrs(one, given, times, truth).round(3).tolist()} for name, given in doses.items()}
    return {"number": number, "group": group, "is_other": told != one, "arms": arms}


def rows(folder: Path) -> list[str]:
    """For ``bench/run.py``: seconds an answer takes during treatment, and the trial on a few patients."""
    del folder
    one, few = patient(0), range(4)
    case = Case(
        *(
            DRUG,
            _daily([5.0] * 12),
            tuple(Level(24.0 * day - BEFORE, value) for day, value in ((4, 1.4), (6, 2.3), (9, 3.1))),
        ),
        *(24.0 * 12, {"age": ((0.0, one.age),), "inr": ((206.0, 3.1),)}),
        genes=genes(one),
    )
    model, file = knowledge().kinetics.models[MODEL], knowledge().kinetics.dosing[DRUG]
    seconds = []
    for seed in range(6):
        started = time.perf_counter()
        answer(case, [model], file, knowledge().care, np.random.default_rng(seed))
        seconds.append(time.perf_counter() - started)
    found = [treated((number, "believed"))["arms"] for number in few]
    shares = {
        arm: np.mean([inr_trial_page.measured(np.array([row[arm]["inr"]]))["in_range"] for row in found])
        for arm in ("fixed", "fed_back")
    }
    return [
        f"| warfarin after 12 days and 3 INRs: {len(amounts(file.regimens[0]))} doses priced over 28 days | "
        f"{statistics.median(seconds[1:]):.2f} s ({min(seconds[1:]):.2f}-{max(seconds[1:]):.2f}) | | | <= 3 s |",
        f"| INR trial, {len(few)} of its patients: time in range by feedback | {shares['fed_back']:.0%} | "
        f"a fixed IWPC dose: {shares['fixed']:.0%} | | the whole trial: methods/warfarin.md |",
    ]


def needed(number: int, truth: Truth = AS_BELIEVED) -> float:
    """The daily dose that brings a patient's INR to 2.5 on the last day, over that of the equation."""
    one, end = patient(number), np.array([24.0 * DAYS])
    low, high = 0.1, 60.0
    for _ in range(16):
        middle = float(np.sqrt(low * high))
        low, high = (middle, high) if inrs(one, [middle] * DAYS, end, truth)[0] < 2.5 else (low, middle)
    return float(np.sqrt(low * high)) / starting(GENETIC, one)


def print_needed(people: int) -> None:
    """Share within 20 %, SD of the logarithm and geometric mean of ``needed``, as the model has it and with a quarter."""
    for name, count, truth in (("as the model has it", people, AS_BELIEVED), ("a quarter", BROKEN, Truth(wider=CLOSER))):
        found = np.array([needed(number, truth) for number in range(count)])
        within, logs = np.mean(np.abs(1 / found - 1) <= 0.2), np.log(found)
        print(f"{name}, {count}: within 20 % {within:.0%}, SD {logs.std(ddof=1):.2f}, mean {np.exp(logs.mean()):.2f}")


def known_lines(path: Path) -> Iterator[dict[str, Any]]:
    """What is already treated; a line that a kill cut short is left out."""
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            yield json.loads(line)
        except ValueError:
            continue


def treat(people: int, workers: int, out: Path) -> None:
    """Treat everybody who is not yet in ``out``, one line after the other."""
    out.parent.mkdir(parents=True, exist_ok=True)
    done = {(row["number"], row["group"]) for row in known_lines(out)}
    whole = [(n, group) for n in range(people) for group in GROUPS if group == "believed" or n < BROKEN]
    with out.open("a") as file, ProcessPoolExecutor(workers) as pool:
        file.write("\n" if out.stat().st_size else "")  # after a line that was cut short
        for row in pool.map(treated, [item for item in whole if item not in done]):
            file.write(json.dumps(row) + "\n")
            file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--read", type=Path)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--needed", action="store_true")
    asked = parser.parse_args()
    if asked.needed:
        print_needed(asked.people)
    if asked.out:
        treat(asked.people, asked.workers, asked.out)
    if asked.read:
        found = {(row["number"], row["group"]): row for row in known_lines(asked.read)}
        inr_trial_page.write([row for _, row in sorted(found.items())], ARMS, VISITS, asked.write)


if __name__ == "__main__":
    main()
