"""Equations of warfarin measured on the IWPC's rows, and models of our own beside them. Prints tables; ships nothing.

    python bench/warfarin_models.py            the comparison by repeated cross-validation
    python bench/warfarin_models.py --write    measures bands and errors anew and writes them into dose_equations/*.yaml

Reads response/iwpc_warfarin.csv under NOF1_REFERENCE_DATA or ../shared/data. The models of our own see the inputs of the
IWPC's pharmacogenetic equation, with the genotypes told from markers, and nothing else; their penalties are chosen within
the folds they are fitted to.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "response"))

from iwpc_measured import (  # noqa: E402
    ANCESTRY,
    LEVEL,
    RANGES,
    Errors,
    applied,
    cross_validated,
    errors,
    folds,
    half_width,
    measured,
    needed_group,
    residuals,
)
from iwpc_rows import Rows, read  # noqa: E402

from nof1.knowledge.dose_equations import DoseEquation  # noqa: E402
from nof1.knowledge.load_kinetics import load_kinetics  # noqa: E402
from nof1.response.dose_values import truth  # noqa: E402
from nof1.response.equations import Doses  # noqa: E402

DATA = Path(os.environ.get("NOF1_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
KNOWLEDGE = ROOT / "src/nof1/knowledge/data/dose_equations"
PUBLISHED, CLINICAL = "iwpc-2009-pharmacogenetic", "iwpc-2009-clinical"
REPEATS, FEW = 20, 4
SOURCE = "iwpc-2009#measured-by-nof1"
Floats = NDArray[np.float64]
Fit = Callable[[Floats, Floats], Callable[[Floats], Floats]]


def equations() -> dict[str, DoseEquation]:
    found = [(f"dose_equations/{path.name}", path) for path in sorted(KNOWLEDGE.glob("*.yaml"))]
    return load_kinetics(found, print).equations


def features(made: Doses, rows: NDArray[np.bool_], order: int) -> Floats:
    """Standardised inputs; with ``order`` 2 their squares and products as well."""
    choices = [f"{item.name}_{choice.code}" for item in made.equation.inputs for choice in item.choices]
    names = [
        *choices,
        "vkorc1_unknown",
        "cyp2c9_unknown",
        "ancestry_unknown",
        "decades",
        "height",
        "weight",
        "inducer",
        "amiodarone",
    ]
    table = np.stack([made.values[name][rows] for name in names], axis=1)
    if order == 2:
        first, second = np.triu_indices(table.shape[1])
        scaled = (table - table.mean(axis=0)) / np.maximum(table.std(axis=0), 1e-9)
        table = np.concatenate([table, scaled[:, first] * scaled[:, second]], axis=1)
    table = table[:, table.std(axis=0) > 1e-9]
    return (table - table.mean(axis=0)) / table.std(axis=0)


def ridge(penalty: float) -> Fit:
    def fit(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        mean = y.mean()
        weights = np.linalg.solve(x.T @ x + penalty * np.eye(x.shape[1]), x.T @ (y - mean))
        return lambda new: mean + new @ weights

    return fit


def kernel_ridge(penalty: float, width: float) -> Fit:
    """Gaussian kernel over the standardised inputs."""

    def fit(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        mean = y.mean()
        weights = np.linalg.solve(_kernel(x, x, width) + penalty * np.eye(len(x)), y - mean)
        return lambda new: mean + _kernel(new, x, width) @ weights

    return fit


def tuned(fits: list[Fit]) -> Fit:
    """The one of ``fits`` with the least error on a fifth of the rows it is given, fitted to all of them."""

    def fit(x: Floats, y: Floats) -> Callable[[Floats], Floats]:
        asked, rest = next(folds(y.size, len(y)))
        off = [np.abs(one(x[rest], y[rest])(x[asked]) ** 2 - y[asked] ** 2).mean() for one in fits]
        return fits[int(np.argmin(off))](x, y)

    return fit


def _kernel(a: Floats, b: Floats, width: float) -> Floats:
    apart = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    return np.exp(-apart / (2 * width**2 * a.shape[1]))


def predicted(x: Floats, needed: Floats, fit: Fit, seed: int) -> Floats:
    """Doses of everybody by a model that was fitted, on the square root of the dose, to the other folds."""
    found = np.empty(needed.size)
    for inside, outside in folds(needed.size, seed):
        found[inside] = np.maximum(fit(x[outside], np.sqrt(needed[outside]))(x[inside]), 0) ** 2
    return found


def compare(rows: Rows) -> None:
    known = equations()
    made, clinical = applied(known[PUBLISHED], rows), applied(known[CLINICAL], rows)
    counted = measured(made, rows)
    needed = rows.dose[counted]
    groups = {name: truth(when, made.values, counted.size)[counted] for name, when in ANCESTRY.items()}
    columns = {"published": made.formula[counted], "published, clinical": clinical.formula[counted]}
    tables = {order: features(made, counted, order) for order in (1, 2)}
    models = {
        "ridge": (1, tuned([ridge(penalty) for penalty in (1.0, 10.0, 100.0, 1000.0)]), REPEATS),
        "ridge with products": (2, tuned([ridge(penalty) for penalty in (100.0, 1e3, 1e4, 1e5)]), REPEATS),
        "kernel ridge": (1, tuned([kernel_ridge(a, b) for a in (1.0, 10.0) for b in (1.0, 3.0)]), FEW),
    }
    print(f"{needed.size} rows; {REPEATS} repeats of 5-fold cross-validation (kernel ridge: {FEW})\n")
    print("| model | all | " + " | ".join(groups) + " | worst group |")
    for name, column in columns.items():
        print(_row(name, [column], needed, groups))
    for name, (order, fit, repeats) in models.items():
        runs = [predicted(tables[order], needed, fit, seed) for seed in range(repeats)]
        print(_row(name, runs, needed, groups))
        print(_against(runs, columns["published"], needed, groups))


def _row(name: str, runs: list[Floats], needed: Floats, groups: dict[str, NDArray[np.bool_]]) -> str:
    off = np.mean([np.abs(run - needed) for run in runs], axis=0)
    within = np.mean([np.abs(run - needed) <= 0.2 * needed for run in runs], axis=0)
    cells = {title: off[mask].mean() for title, mask in groups.items()}
    shown = [f"{off.mean():.2f} ({100 * within.mean():.1f} %)"]
    shown += [f"{cells[title]:.2f} ({100 * within[mask].mean():.1f} %)" for title, mask in groups.items()]
    return f"| {name} | {' | '.join(shown)} | {max(cells.values()):.2f} |"


def _against(runs: list[Floats], published: Floats, needed: Floats, groups: dict[str, NDArray[np.bool_]]) -> str:
    """Difference of absolute errors from the published equation, patient by patient, with its 95 % interval."""
    gain = np.mean([np.abs(run - needed) for run in runs], axis=0) - np.abs(published - needed)
    cells = []
    for mask in (np.ones(needed.size, bool), *groups.values()):
        part = gain[mask]
        spread = 1.96 * part.std(ddof=1) / np.sqrt(part.size)
        cells.append(f"{part.mean():+.2f} ({part.mean() - spread:+.2f} to {part.mean() + spread:+.2f})")
    return f"| less published | {' | '.join(cells)} | |"


def write(rows: Rows) -> None:
    for name, equation in equations().items():
        path = KNOWLEDGE / f"{name}.yaml"
        text = path.read_text()
        text = re.sub(r"^bands:.*?(?=^performance:)", "".join(_bands(equation, rows)), text, flags=re.M | re.S)
        text = re.sub(r"^performance:.*?(?=^notes:|\Z)", "".join(_performance(equation, rows)), text, flags=re.M | re.S)
        path.write_text(text)


def _groups(equation: DoseEquation) -> Iterator[tuple[str, str]]:
    """Title and condition of each group, narrow ones first."""
    choices = {item.name for item in equation.inputs if item.kind == "choice" and item.unknown == "own"}
    for gene in sorted(choices - {"ancestry"}, reverse=True):
        yield f"{gene.upper()} genotype not known", f"{gene}_unknown == 1"
    yield from ANCESTRY.items()


def _bands(equation: DoseEquation, rows: Rows) -> Iterator[str]:
    made = applied(equation, rows)
    counted = measured(made, rows)
    scale = "log" if equation.transform == "exp" else "sqrt"
    yield "bands:\n"
    for title, when in (*_groups(equation), ("everybody", "")):
        part = counted & truth(when or "1", made.values, counted.size)
        if part.sum() < 30:
            continue
        distances = residuals(equation, made.formula[part], rows.dose[part])
        held = cross_validated(distances)[0]
        width = half_width(distances)
        yield f"- {{title: {title}, level: {LEVEL}, scale: {scale}, half_width: {width:.3f}, n: {part.sum()},\n"
        yield f"   {f'when: {when}, ' if when else ''}held: {held:.3f}, held_n: {part.sum()}, source: {SOURCE}}}\n"


def _performance(equation: DoseEquation, rows: Rows) -> Iterator[str]:
    made = applied(equation, rows)
    counted = measured(made, rows)
    yield "performance:\n"
    yield _measured("everybody", errors(made.formula[counted], rows.dose[counted]), "")
    for title, when in _groups(equation):
        part = counted & truth(when, made.values, counted.size)
        if part.sum() >= 30:
            yield _measured(title, errors(made.formula[part], rows.dose[part]), f"when: {when}, ")
    for title, (low, high) in RANGES.items():
        part = counted & (made.formula >= low) & (made.formula < high)
        if part.sum() >= 30:
            ends = f"predicted: [{low:g}, {high:g}], "
            yield _measured(f"predicted {title}", errors(made.formula[part], rows.dose[part]), ends)
    for title, (low, high) in RANGES.items():
        part = counted & needed_group(rows.dose, title)
        yield _measured(f"needed {title}", errors(made.formula[part], rows.dose[part]), f"needed: [{low:g}, {high:g}], ")


def _measured(title: str, found: Errors, whom: str) -> str:
    def pair(ends: tuple[float, float], digits: int) -> str:
        return f"[{ends[0]:.{digits}f}, {ends[1]:.{digits}f}]"

    return (
        f"- {{title: {title}, n: {found.n}, mae: {found.mae:.2f}, mae_95: {pair(found.mae_95, 2)},\n"
        f"   within_20: {found.within_20:.3f}, within_20_95: {pair(found.within_20_95, 3)},\n"
        f"   bias: {found.bias:.2f}, bias_95: {pair(found.bias_95, 2)}, {whom}source: {SOURCE}}}\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write bands and errors into dose_equations/*.yaml")
    rows = read(DATA)
    if parser.parse_args().write:
        write(rows)
    else:
        compare(rows)


if __name__ == "__main__":
    main()
