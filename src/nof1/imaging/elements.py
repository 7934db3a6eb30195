"""Values of DICOM elements as text, without pydicom's conversions: what is malformed must be seen as it was written."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydicom import Dataset

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")


def said(item: Dataset, keyword: str) -> str:
    """The value of an element in one line, decoded by the object's character set; empty where it is absent.

    Several values stay parted by a backslash, as they are written.
    """
    return _SPACES.sub(" ", paragraph(item, keyword)).strip()


def paragraph(item: Dataset, keyword: str) -> str:
    """The text of an element with its line ends."""
    value: Any = item.get(keyword)
    if value is None:
        return ""
    several = isinstance(value, list) or hasattr(value, "extend")
    text = "\\".join(str(one) for one in value) if several else str(value)
    return _UNWRITABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def written(item: Dataset, keyword: str) -> str:
    """The value of a date, a number or a code string exactly as its bytes say, or as it was given in memory."""
    element: Any = item.get_item(keyword) if keyword in item else None
    value = None if element is None else element.value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("ascii", "replace").strip(" \0")
    several = isinstance(value, list) or hasattr(value, "extend")
    return ("\\".join(str(one) for one in value) if several else str(value)).strip()


def items(item: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence; none where it is absent or no sequence."""
    value: Any = item.get(keyword)
    return list(value) if value is not None and getattr(item[keyword], "VR", "") == "SQ" else []


def decimal(text: str) -> float | None:
    """The number that a decimal string (DS) writes, a whole one as ``int``; ``None`` where it is none.

    >>> decimal("57"), decimal("-1.50"), decimal("3,5"), decimal("NaN")
    (57, -1.5, None, None)
    """
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    if not math.isfinite(value):
        return None
    return int(text) if text.lstrip("+-").isdigit() else value


def whole(text: str) -> int | None:
    """The number without sign that an integer string (IS) writes, if FHIR has room for it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
