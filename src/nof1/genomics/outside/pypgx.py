"""PyPGx: the table of its results, one sample a line; the archive around it names the gene."""

from __future__ import annotations

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content, OutsideCall, cells_of, no_result

_TOOL = "PyPGx"


def recognises(content: Content) -> bool:
    """Whether this is the table of results."""
    cells = content.first.split("\t")
    return cells[0].strip() == "" and {"Genotype", "Phenotype", "Haplotype1", "Haplotype2"} <= {
        item.strip() for item in cells
    }


def read(content: Content) -> list[OutsideCall]:
    """One call a line."""
    if not content.gene:
        raise OutsideCallError(
            f"{content.name}: the table does not name its gene; give results.zip, or write --outside-calls GENE=FILE"
        )
    columns = [item.strip() for item in content.first.split("\t")]
    calls = []
    for number, line in content.lines[1:]:
        cells = cells_of(content, number, line, len(columns), _TOOL)
        calls.append(_call(content, number, dict(zip(columns, cells, strict=False))))
    return calls


def _call(content: Content, number: int, row: dict[str, str]) -> OutsideCall:
    place = f"{content.name} line {number}"
    if not row[""]:
        content.fail(number, "the sample cell is empty; give the tool's own file")
    copies = row.get("CNV", "")
    if no_result(row["Genotype"]):
        reason = f"no genotype was called (CNV {copies[:40] or 'not given'})"
        return OutsideCall(content.gene, "", "", "", row[""], place, _TOOL, copies, reason)
    stated = row["Phenotype"]
    remarks = () if no_result(stated) else (f"{_TOOL} states the phenotype {stated[:60]}: it is shown and not used",)
    return OutsideCall(content.gene, row["Genotype"], "", "", row[""], place, _TOOL, copies, "", remarks)
