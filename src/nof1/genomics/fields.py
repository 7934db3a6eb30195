"""Fields of a record: FORMAT as arrays over samples, whatever type the header declares, and where the record ends."""

from __future__ import annotations

import re
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 2**31 - 1
_MISSING_INT = -(2**31)


def is_accepted(text: str, accepted: frozenset[str]) -> bool:
    """Whether every filter of a sample is one that is accepted."""
    return text in ("", ".") or set(text.replace(",", ";").split(";")) <= accepted


def numbers(variant: Any, key: str) -> NDArray[np.float64] | None:
    """A FORMAT field as (samples,) numbers with NaN for missing; ``None`` where the file holds no numbers in it."""
    values = _values(variant, key)
    if values is None:
        return None
    if values.dtype.kind not in "if":  # declared as text, numbers all the same
        return np.array([_number(text) for text in values], np.float64)
    column = values[:, 0].astype(np.float64)
    return np.where(column <= _MISSING_INT + 1, np.nan, column)


def phase_sets(variant: Any) -> NDArray[np.int32] | None:
    """Phase sets as (samples,) numbers, 0 for none; names that are no number become one."""
    values = _values(variant, "PS")
    if values is None:
        return None
    if values.dtype.kind in "if":
        sets = numbers(variant, "PS")
        assert sets is not None
        return np.where(np.isnan(sets), 0, np.clip(sets, -MOST, MOST)).astype(np.int32)
    named = [0 if text in ("", ".") else zlib.crc32(text.encode()) & MOST | 1 for text in values]
    return np.array(named, np.int32)


def _values(variant: Any, key: str) -> Any:
    for kind in (None, "String", "Integer", "Float"):  # as declared; then, where that is no type, as the record has it
        try:
            return variant.format(key, kind)
        except Exception:  # a field declared with another type than its values  # noqa: S112
            continue
    return None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def last_base(variant: Any) -> int:
    """The last base a record speaks about, by REF, END or the length of a symbolic alternative."""
    last = max(int(variant.end), int(variant.POS) + len(variant.REF) - 1)
    if any(alt.startswith("<") and not alt.startswith("<INS") for alt in variant.ALT):
        for length in re.findall(r"\d+", str(variant.INFO.get("SVLEN"))):
            last = max(last, int(variant.POS) + int(length))
    return last
