"""Reads calls made by another laboratory or tool: a tab-separated table, one gene a line.

Columns: gene, diplotype, phenotype, activity score; a later one may be left out. Lines beginning with # are comments. With
a first line that names a ``sample`` column, each line belongs to the sample it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nof1.errors import OutsideCallError

_COLUMNS = ("sample", "gene", "diplotype", "phenotype", "activity_score")
_NOTHING = ("", ".", "./.", "n/a", "na", "not available", "no result", "no call", "unknown/unknown")


@dataclass(frozen=True, slots=True)
class OutsideCall:
    """One line: the alleles as written (empty for a no-call), and what the other side made of them."""

    gene: str
    diplotype: str
    phenotype: str
    activity_score: str
    sample: str
    place: str

    @property
    def is_empty(self) -> bool:
        """The line says that there is no result."""
        return not (self.diplotype or self.phenotype or self.activity_score)


def read_outside_calls(path: Path) -> tuple[OutsideCall, ...]:
    """Every call in ``path``; ``OutsideCallError`` names the first line that is none."""
    try:
        text = path.read_bytes().decode("utf-8")
    except OSError as error:
        raise OutsideCallError(f"{path}: cannot be opened ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise OutsideCallError(f"{path} byte {error.start}: not text in UTF-8; give a tab-separated table") from None
    return parse_outside_calls(text, str(path))


def parse_outside_calls(text: str, name: str) -> tuple[OutsideCall, ...]:
    """The calls written in ``text``; ``name`` is used in errors.

    >>> parse_outside_calls("CYP9Z9\\t*1/*3\\n", "x")[0].diplotype
    '*1/*3'
    """
    calls = []
    columns = ["gene", "diplotype", "phenotype", "activity_score"]
    for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and {"gene", "diplotype"} <= {cell.lower() for cell in cells}:
            columns = [cell.lower().replace(" ", "_") for cell in cells]
            if unknown := [column for column in columns if column not in _COLUMNS]:
                raise OutsideCallError(f"{name} line 1: column {unknown[0]!r} is not known; use {', '.join(_COLUMNS)}")
            continue
        calls.append(_call(cells, columns, f"{name} line {number}", line))
    return tuple(calls)


def _call(cells: list[str], columns: list[str], place: str, line: str) -> OutsideCall:
    if len(cells) < 2 or not cells[0]:
        raise OutsideCallError(f"{place}: {line.strip()[:60]!r} has no tab; write gene, tab, diplotype")
    if len(cells) > len(columns):
        raise OutsideCallError(f"{place}: {len(cells)} columns, expected at most {len(columns)}: {', '.join(columns)}")
    given = dict(zip(columns, cells, strict=False))
    if "sample" in columns and not given.get("sample"):
        raise OutsideCallError(f"{place}: the sample cell is empty; name the person of every line")
    for column in ("diplotype", "phenotype", "activity_score"):
        if given.get(column, "").lower() in _NOTHING:
            given[column] = ""
    return OutsideCall(
        given["gene"], given["diplotype"], given["phenotype"], given["activity_score"], given.get("sample", ""), place
    )
