"""Typers of HLA genes: what each of them writes, brought to two alleles a gene.

Several possible alleles of one chromosome are separated by commas. A second allele that the file leaves open stays open,
except where the typer's own documentation says that this means two equal alleles.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content, OutsideCall, cells_of, no_result

_FAMILY = "HLA-"
_OPTITYPE = ["A1", "A2", "B1", "B2", "C1", "C2"]
_HLA_HD = re.compile(r"^(?P<locus>[A-Z]+\d*)\t(?:HLA-(?P=locus)\*[^\t]+|Not typed)\t")
_SPECHLA_COLUMN = re.compile(r"^HLA_(?P<locus>[A-Z]+\d*)_[12]$")
_T1K = re.compile(r"^[A-Z][A-Z0-9-]*\t\d+\t[^\t]+\t[^\t]+\t-?\d+(\.\d+)?\t[^\t]+\t[^\t]+\t-?\d+(\.\d+)?(\t|$)")
_KOURAMI = re.compile(r"^(?P<locus>[A-Z]+\d*)\*\d+(:\d+)*[A-Z]?(;[^\t]*)?(\t-?\d+(\.\d+)?){7}\s*$")
_OPEN = ("the second allele is not given: absence of an allele cannot be said",)


def typed(
    gene: str, alleles: Sequence[str], place: str, tool: str, sample: str = "", remarks: tuple[str, ...] = ()
) -> OutsideCall:
    """The call of one gene from one or two alleles as written; empty ones are missing."""
    given = [re.sub(r"\s*[;|]\s*", ",", allele.strip()) for allele in alleles if not no_result(allele)]
    if not given:
        return OutsideCall(gene, "", "", "", sample, place, tool, "", "not typed", remarks, True)
    told = remarks + (tuple(f"{tool}: {word}" for word in _OPEN) if len(given) == 1 else ())
    return OutsideCall(gene, "/".join(given), "", "", sample, place, tool, "", "", told, True)


def is_optitype(content: Content) -> bool:
    """Whether this is a result of OptiType."""
    cells = [cell.strip() for cell in content.first.split("\t")]
    return cells[:7] == ["", *_OPTITYPE] and "Objective" in cells


def read_optitype(content: Content) -> list[OutsideCall]:
    """The best solution: the first line."""
    if len(content.lines) < 2:
        content.fail(1, "OptiType lists no solution; the file is broken off, copy it again")
    number, line = content.lines[1]
    cells = cells_of(content, number, line, 7, "OptiType")
    more = len(content.lines) - 2
    remarks = (f"OptiType: {more} further solutions of lower objective are not used",) if more else ()
    place = f"{content.name} line {number}"
    return [
        typed(_FAMILY + name[0], cells[1 + 2 * index : 3 + 2 * index], place, "OptiType", "", remarks)
        for index, name in enumerate(_OPTITYPE[::2])
    ]


def is_hla_hd(content: Content) -> bool:
    """Whether this is a final result of HLA-HD."""
    return bool(_HLA_HD.match(content.first))


def read_hla_hd(content: Content) -> list[OutsideCall]:
    """One call a line; a hyphen is a second equal allele, further pairs are further candidates."""
    calls = []
    for number, line in content.lines:
        locus, *alleles = cells_of(content, number, line, 3, "HLA-HD")
        pairs = []
        for one, two in zip(alleles[::2], alleles[1::2], strict=False):
            if not no_result(one):
                pairs.append(f"{one}/{one if two == '-' else two}")
        place, gene = f"{content.name} line {number}", _FAMILY + locus
        if not pairs:
            calls.append(typed(gene, [], place, "HLA-HD"))
            continue
        remarks = (f"HLA-HD gives {len(pairs)} candidates",) if len(pairs) > 1 else ()
        calls.append(OutsideCall(gene, ";".join(pairs), "", "", "", place, "HLA-HD", "", "", remarks, True))
    return calls


def is_phlat(content: Content) -> bool:
    """Whether this is a summary of PHLAT."""
    return content.first.split("\t")[:4] == ["Locus", "Allele1", "Allele2", "LLtot"]


def read_phlat(content: Content) -> list[OutsideCall]:
    """One call a line."""
    calls = []
    for number, line in content.lines[1:]:
        locus, one, two = cells_of(content, number, line, 4, "PHLAT")[:3]
        gene = _FAMILY + locus.removeprefix("HLA_")
        calls.append(typed(gene, [one, two], f"{content.name} line {number}", "PHLAT"))
    return calls


def is_spechla(content: Content) -> bool:
    """Whether this is a result of SpecHLA."""
    header = next((line for _, line in content.lines[:3] if not line.startswith("#")), "")
    cells = header.split("\t")
    return cells[0] == "Sample" and any(_SPECHLA_COLUMN.match(cell) for cell in cells[1:])


def read_spechla(content: Content) -> list[OutsideCall]:
    """One call a sample and gene."""
    version = next((line.partition("version:")[2].strip() for _, line in content.lines if line.startswith("#")), "")
    tool = f"SpecHLA ({version[:40]})" if version else "SpecHLA"
    lines = [item for item in content.lines if not item[1].startswith("#")]
    columns = [cell.strip() for cell in lines[0][1].split("\t")]
    calls = []
    for number, line in lines[1:]:
        cells = cells_of(content, number, line, len(columns), "SpecHLA")
        loci: dict[str, list[str]] = {}
        for column, cell in zip(columns[1:], cells[1:], strict=False):
            if found := _SPECHLA_COLUMN.match(column):
                loci.setdefault(found["locus"], []).append(cell)
        place = f"{content.name} line {number}"
        calls += [typed(_FAMILY + locus, alleles, place, tool, cells[0]) for locus, alleles in loci.items()]
    return calls


def is_t1k(content: Content) -> bool:
    """Whether this is a genotype table of T1K."""
    return bool(_T1K.match(content.first))


def read_t1k(content: Content) -> list[OutsideCall]:
    """One call a line; alleles of quality 0 or less are left out, as T1K's documentation asks."""
    calls = []
    for number, line in content.lines:
        cells = cells_of(content, number, line, 8, "T1K")
        kept, remarks = [], []
        for allele, quality in ((cells[2], cells[4]), (cells[5], cells[7])):
            try:
                low = not float(quality) > 0
            except ValueError:
                content.fail(number, f"quality {quality[:30]!r} is not a number; copy the file again")
            if allele == ".":
                continue
            if low:
                remarks.append(f"T1K: {allele[:60]} has quality {quality}: it is not used")
            else:
                kept.append(allele)
        calls.append(typed(cells[0], kept, f"{content.name} line {number}", "T1K", "", tuple(remarks)))
    return calls


def is_kourami(content: Content) -> bool:
    """Whether this is a result of Kourami."""
    return bool(_KOURAMI.match(content.first))


def read_kourami(content: Content) -> list[OutsideCall]:
    """One call a gene from its lines, an allele each."""
    loci: dict[str, list[str]] = {}
    places: dict[str, str] = {}
    for number, line in content.lines:
        allele = cells_of(content, number, line, 8, "Kourami")[0]
        locus = allele.partition("*")[0]
        loci.setdefault(locus, []).append(allele)
        places.setdefault(locus, f"{content.name} line {number}")
    return [typed(_FAMILY + locus, alleles, places[locus], "Kourami") for locus, alleles in loci.items()]


def is_arcas(content: Content) -> bool:
    """Whether this is a genotype of arcasHLA."""
    found = content.json
    return isinstance(found, dict) and bool(found) and all(
        isinstance(alleles, list)
        and bool(alleles)
        and all(isinstance(allele, str) and allele.startswith(f"{locus}*") for allele in alleles)
        for locus, alleles in found.items()
    )  # fmt: skip


def read_arcas(content: Content) -> list[OutsideCall]:
    """One call a gene."""
    return [
        typed(_FAMILY + locus, alleles, f"{content.name} {locus}", "arcasHLA") for locus, alleles in content.json.items()
    ]


def is_xhla(content: Content) -> bool:
    """Whether this is a report of xHLA."""
    found = content.json
    return isinstance(found, dict) and found.get("report_type") == "hla_typing" and "hla" in found


def read_xhla(content: Content) -> list[OutsideCall]:
    """One call a gene from the list of alleles."""
    found = content.json
    alleles = found["hla"].get("alleles") if isinstance(found["hla"], dict) else None
    if not isinstance(alleles, list) or not all(isinstance(allele, str) and "*" in allele for allele in alleles):
        raise OutsideCallError(f"{content.name} hla/alleles: no list of alleles like A*01:01; give the tool's own file")
    loci: dict[str, list[str]] = {}
    for allele in alleles:
        loci.setdefault(allele.partition("*")[0], []).append(allele)
    tool = f"xHLA (report {found['report_version']})" if "report_version" in found else "xHLA"
    sample = str(found.get("sample_id", ""))
    return [typed(_FAMILY + locus, two, f"{content.name} hla/alleles", tool[:60], sample) for locus, two in loci.items()]
