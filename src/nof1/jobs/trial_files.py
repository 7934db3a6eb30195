"""Files of a trial in one person: its schedule, and what was measured day by day."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.response.n_of_1 import Schedule, schedule

SCHEMA_VERSION = "1.0"
_MOST = 100_000
_COLUMNS = ("day", "period", "outcome")


def schedule_text(plan: Schedule, seed: int, first_day: date | None, names: tuple[str, str], as_csv: bool) -> bytes:
    """A schedule as JSON, or as a table of its periods."""
    begun = first_day.toordinal() - 1 if first_day else None
    periods = [
        {
            "period": one.number,
            "block": one.block,
            "treatment": one.treatment,
            "name": names[0] if one.treatment == "A" else names[1],
            "first_day": one.first,
            "last_day": one.last,
            "counted_from_day": one.counted_from,
            "from": date.fromordinal(begun + one.first).isoformat() if begun is not None else "",
            "to": date.fromordinal(begun + one.last).isoformat() if begun is not None else "",
        }
        for one in plan.periods
    ]
    if as_csv:
        out = io.StringIO()
        writer = csv.DictWriter(out, list(periods[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(periods)
        return out.getvalue().encode()
    body = {
        "schema_version": SCHEMA_VERSION,
        "order": plan.order,
        "days": plan.days,
        "washout": plan.washout,
        "seed": seed,
        "a": names[0],
        "b": names[1],
        "smallest_p": plan.smallest_p,
        "periods": periods,
    }
    return msgspec.json.format(msgspec.json.encode(body), indent=1) + b"\n"


class _Design(msgspec.Struct, frozen=True):
    order: str
    days: int
    washout: int


def read_schedule(path: Path) -> Schedule:
    """The schedule in a JSON or CSV file that ``schedule_text`` wrote; ``RequestError`` where it is none."""
    body = _bytes(path)
    try:
        if path.suffix.lower() == ".csv":
            rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
            first, last, counted = (
                [int(row[name]) for row in rows] for name in ("first_day", "last_day", "counted_from_day")
            )
            order = "".join(row["treatment"] for row in rows)
            return schedule(order, last[0] - first[0] + 1, counted[0] - first[0])
        plan = msgspec.json.decode(body, type=_Design)
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, ValueError, IndexError) as error:
        raise RequestError(f"{path}: is no schedule of nof1 trial design ({error}); give the file that it wrote") from error
    if not (1 <= plan.days <= 366 and 0 <= plan.washout < plan.days):
        raise RequestError(f"{path}: periods of {plan.days} days with {plan.washout} of washout; correct the file")
    return schedule(plan.order, plan.days, plan.washout)


def read_outcomes(path: Path, plan: Schedule) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Days and outcomes of a CSV file with the columns day, period, outcome; rows without an outcome are skipped.

    Raises ``RequestError`` naming the row: a missing column, what is no number, a period that the day does not lie in.
    """
    try:
        rows = list(csv.DictReader(io.StringIO(_bytes(path).decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise RequestError(f"{path}: cannot be read as CSV in UTF-8 ({error}); save it as such") from error
    if len(rows) > _MOST:
        raise RequestError(f"{path}: {len(rows)} rows; a trial has at most {_MOST}")
    missing = [name for name in _COLUMNS if not rows or name not in rows[0]]
    if missing:
        raise RequestError(
            f"{path}: column {missing[0]} is missing; the first line is {','.join(_COLUMNS)}, then a row for each day"
        )
    days: list[int] = []
    found: list[float] = []
    for number, row in enumerate(rows, start=2):
        if not (row["outcome"] or "").strip():
            continue
        day, value = _whole(path, number, "day", row["day"]), _real(path, number, row["outcome"])
        stated = _whole(path, number, "period", row["period"])
        actual = next((one.number for one in plan.periods if one.first <= day <= one.last), None)
        if actual is not None and stated != actual:
            raise RequestError(
                f"{path} row {number}: day {day} lies in period {actual}, not {stated}; correct the day or the period"
            )
        days.append(day)
        found.append(value)
    return np.array(days, dtype=np.int64), np.array(found)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise RequestError(f"{path}: cannot be read ({error.strerror}); give a file") from error


def _whole(path: Path, number: int, name: str, text: str | None) -> int:
    try:
        return int((text or "").strip())
    except ValueError:
        raise RequestError(f"{path} row {number}: {name} is {text!r}; write a whole number, 1 for the first") from None


def _real(path: Path, number: int, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        raise RequestError(f"{path} row {number}: outcome is {text!r}; write a number, or nothing where it was not measured")
    return value
