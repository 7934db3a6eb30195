"""The table of PharmCAT's outside calls, one gene a line: the form a laboratory can write by hand.

Columns: gene, diplotype, phenotype, activity score; a later one may be left out. Lines beginning with # are comments. With
a first line that names a ``sample`` column, each line belongs to the sample it names. pb-StarPhase writes the first two
columns under the comment ``#gene diplotype``.
"""

from __future__ import annotations

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content, OutsideCall, no_result

_COLUMNS = ("sample", "gene", "diplotype", "phenotype", "activity_score")
_STARPHASE = "#gene\tdiplotype"
_REASONS = {
    "multiple/multiple": "several diplotypes fit and the table names none; the tool's JSON file lists them",
    "no_match/no_match": "no diplotype fits",
}


def read(content: Content) -> list[OutsideCall]:
    """Every call of the table; ``OutsideCallError`` names the first line that is none."""
    calls = []
    columns = ["gene", "diplotype", "phenotype", "activity_score"]
    tool = "pb-StarPhase" if content.first.strip().lower() == _STARPHASE else ""
    for number, line in content.lines:
        if line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and {"gene", "diplotype"} <= {cell.lower() for cell in cells}:
            columns = [cell.lower().replace(" ", "_") for cell in cells]
            if unknown := [column for column in columns if column not in _COLUMNS]:
                content.fail(1, f"column {unknown[0]!r} is not known; use {', '.join(_COLUMNS)}")
            continue
        calls.append(_call(cells, columns, f"{content.name} line {number}", line, tool))
    return calls


def _call(cells: list[str], columns: list[str], place: str, line: str, tool: str) -> OutsideCall:
    if len(cells) < 2 or not cells[0]:
        raise OutsideCallError(f"{place}: {line.strip()[:60]!r} has no tab; write gene, tab, diplotype")
    if len(cells) > len(columns):
        raise OutsideCallError(f"{place}: {len(cells)} columns, expected at most {len(columns)}: {', '.join(columns)}")
    given = dict.fromkeys(_COLUMNS, "") | dict(zip(columns, cells, strict=False))
    if "sample" in columns and not given["sample"]:
        raise OutsideCallError(f"{place}: the sample cell is empty; name the person of every line")
    if not given["gene"]:
        raise OutsideCallError(f"{place}: the gene cell is empty; name the gene of every line")
    reason = _REASONS.get(given["diplotype"].lower(), "")
    if no_result(given["diplotype"]):
        given["diplotype"] = ""
    for column in ("phenotype", "activity_score"):
        if given[column].lower() != "indeterminate" and no_result(given[column]):
            given[column] = ""
    return OutsideCall(
        given["gene"], given["diplotype"], given["phenotype"], given["activity_score"], given["sample"], place, tool,
        reason=reason, is_listed=bool(tool),
    )  # fmt: skip
