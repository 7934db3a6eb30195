"""Reads the warfarin data set of the IWPC as columns that equations take, with its spreadsheet damage mended.

A spreadsheet took ranges for dates: age ``10 - 19`` became ``19-Oct`` and INR ``2-3`` became ``3-Feb``. ``NA`` is not known.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "response/iwpc_warfarin.csv"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_RANGE = re.compile(r"(\d+(?:\.\d+)?)\s*-\s*(\d+(?:\.\d+)?)")
_VENOUS = frozenset({"1", "2"})  # indications: deep vein thrombosis, pulmonary embolism


@dataclass(frozen=True)
class Rows:
    """Columns of the data set: ``given`` for equations, ``dose`` a week (NaN: not known), ``stable``, ``sex``, ``ids``."""

    given: dict[str, list[object]]
    dose: NDArray[np.float64]
    stable: NDArray[np.bool_]
    sex: NDArray[np.str_]
    race: NDArray[np.str_]
    ids: list[str]

    def number(self, name: str) -> NDArray[np.float64]:
        return np.array([np.nan if value is None else value for value in self.given[name]], float)

    def counted(self) -> NDArray[np.bool_]:
        """Stable, dose known and below 300 mg a week (one patient has 315), age known."""
        return self.stable & (self.dose < 300) & ~np.isnan(self.number("age"))

    def complete(self) -> NDArray[np.bool_]:
        """Counted, adult, height and weight known: nothing has to be filled in that an equation refuses to do without."""
        known = ~np.isnan(self.number("height")) & ~np.isnan(self.number("weight"))
        return self.counted() & known & (self.number("age") >= 20)

    def filled(self) -> dict[str, list[object]]:
        """``given`` with a missing height or weight set to the median of the sex and race."""
        made = dict(self.given)
        for name in ("height", "weight"):
            column = self.number(name)
            for sex in np.unique(self.sex):
                for race in np.unique(self.race):
                    group = (self.sex == sex) & (self.race == race)
                    known = column[group & ~np.isnan(column)]
                    column[group & np.isnan(column)] = np.median(known) if known.size else np.nanmedian(column)
            made[name] = list(column)
        return made


def span(text: str) -> tuple[float, float] | None:
    """The range that ``text`` was before a spreadsheet made it a date; ``None`` where it is none.

    ``19-Oct`` is 10 to 19, ``3-Feb`` is 2 to 3, ``2-3.5`` is itself.
    """
    if match := _RANGE.fullmatch(text.strip()):
        return float(match[1]), float(match[2])
    day, _, month = text.strip().partition("-")
    if day.isdigit() and month in _MONTHS:
        return float(_MONTHS.index(month) + 1), float(day)
    return None


def read(folder: Path) -> Rows:
    with (folder / FILE).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    genotypes = {"rs2359612": "VKORC1 2255", "rs9934438": "VKORC1 1173", "rs8050894": "VKORC1 1542"}
    given: dict[str, list[object]] = {
        "age": [_age(row["Age"]) for row in rows],
        "height": [_number(row["Height (cm)"]) for row in rows],
        "weight": [_number(row["Weight (kg)"]) for row in rows],
        "ancestry": [None if row["Race"] == "Unknown" else row["Race"] for row in rows],
        "vkorc1": [_text(row["VKORC1 -1639 consensus"]) for row in rows],
        "cyp2c9": [_text(row["CYP2C9 consensus"]) for row in rows],
        "inducer": [_any(row, "Carbamazepine (Tegretol)", "Phenytoin (Dilantin)", "Rifampin or Rifampicin") for row in rows],
        "amiodarone": [_number(row["Amiodarone (Cordarone)"]) for row in rows],
        "smoker": [_number(row["Current Smoker"]) for row in rows],
        "target_inr": [_target(row) for row in rows],
        "dvt_pe": [_venous(row["Indication for Warfarin Treatment"]) for row in rows],
        **{name: [_text(row[f"{title} consensus"]) for row in rows] for name, title in genotypes.items()},
    }
    dose = np.array([np.nan if (value := _number(row["Therapeutic Dose of Warfarin"])) is None else value for row in rows])
    stable = np.array([row["Subject Reached Stable Dose of Warfarin"] == "1" for row in rows])
    sex, race = (np.array([row[name] for row in rows]) for name in ("Gender", "Race"))
    return Rows(given, dose, stable, sex, race, [row["PharmGKB Subject ID"] for row in rows])


def _text(text: str) -> str | None:
    return None if text in ("NA", "") else text


def _number(text: str) -> float | None:
    return None if text in ("NA", "") else float(text)


def _age(text: str) -> float | None:
    """The beginning of the class of age; the equations count decades."""
    if text == "90+":
        return 90.0
    return found[0] if (found := span(text)) else None


def _any(row: dict[str, str], *names: str) -> float | None:
    values = [_number(row[name]) for name in names]
    return 1.0 if 1.0 in values else None if None in values else 0.0


def _target(row: dict[str, str]) -> float | None:
    if (value := _number(row["Target INR"])) is not None:
        return value
    found = span(row["Estimated Target INR Range Based on Indication"])
    return sum(found) / 2 if found else None


def _venous(text: str) -> float | None:
    if text in ("NA", ""):
        return None
    return float(bool(_VENOUS & {part.strip() for part in re.split(r";|or", text)}))
