"""Cyrius: a table of sample, genotype and filter, or its JSON with the same two keys a sample."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import product

from nof1.genomics.outside.call import Content, OutsideCall, cells_of, no_result

_TOOL = "Cyrius"
_HEADER = ["Sample", "Genotype", "Filter"]
_COPIES = re.compile(r"^(?P<allele>\*[^x]+)x(?P<number>[1-9])$")
_MOST_COPIES = 8
_MEANINGS = {
    "More_than_one_possible_genotype": "more than one genotype is possible",
    "Not_assigned_to_haplotypes": "the alleles could not be assigned to the two chromosomes: every assignment is kept",
    "LowQ_high_CN": "low confidence: the copy number is high",
}


def is_table(content: Content) -> bool:
    """Whether this is the table."""
    return [cell.strip() for cell in content.first.split("\t")] == _HEADER


def is_json(content: Content) -> bool:
    """Whether this is the JSON."""
    found = content.json
    return isinstance(found, dict) and bool(found) and all(
        isinstance(item, dict) and {"Genotype", "Filter", "CNV_group"} <= item.keys() for item in found.values()
    )  # fmt: skip


def read_table(content: Content) -> list[OutsideCall]:
    """One call a line."""
    calls = []
    for number, line in content.lines[1:]:
        sample, genotype, marked = cells_of(content, number, line, 3, _TOOL)[:3]
        calls.append(_call(sample, genotype, marked, f"{content.name} line {number}"))
    return calls


def read_json(content: Content) -> list[OutsideCall]:
    """One call a sample."""
    return [
        _call(str(sample), str(item["Genotype"]), str(item["Filter"]), f"{content.name} {sample}")
        for sample, item in content.json.items()
    ]


def _call(sample: str, genotype: str, marked: str, place: str) -> OutsideCall:
    if no_result(genotype):
        return OutsideCall(the_gene(), "", "", "", sample, place, _TOOL, marked, "no genotype was called")
    if "/" not in genotype and (pairs := list(haplotype_pairs(genotype))):
        genotype = ";".join(pairs)
    elif "/" not in genotype:
        reason = f"the alleles {genotype[:60]} could not be assigned to the two chromosomes"
        return OutsideCall(the_gene(), "", "", "", sample, place, _TOOL, marked, reason)
    remark = "" if marked in ("PASS", "None", "") else f"{_TOOL} filter {marked[:60]}"
    if marked in _MEANINGS:
        remark += f": {_MEANINGS[marked]}"
    return OutsideCall(the_gene(), genotype, "", "", sample, place, _TOOL, marked, "", (remark,) if remark else ())


@cache
def the_gene() -> str:
    """The gene Cyrius is made for; its files do not name it."""
    text = resources.files(__package__).joinpath("one_gene_tools.tsv").read_text(encoding="utf-8")
    return next(line.split("\t")[1] for line in text.splitlines() if line.startswith(f"{_TOOL}\t"))


def haplotype_pairs(alleles: str) -> Iterator[str]:
    """Every way to put alleles joined by ``_`` on two chromosomes, none left empty; nothing where there are too many.

    >>> list(haplotype_pairs("*1x4"))
    ['*1+*1+*1/*1', '*1+*1/*1+*1']
    """
    single: list[str] = []
    for name in alleles.split("_"):
        found = _COPIES.match(name)
        single += [found["allele"]] * int(found["number"]) if found else [name]
    if not 2 <= len(single) <= _MOST_COPIES:
        return
    seen = set()
    for sides in product((0, 1), repeat=len(single) - 1):
        first = [single[0], *(name for name, side in zip(single[1:], sides, strict=True) if side == 0)]
        second = [name for name, side in zip(single[1:], sides, strict=True) if side == 1]
        key = frozenset([tuple(sorted(first)), tuple(sorted(second))])
        if second and key not in seen:
            seen.add(key)
            yield f"{'+'.join(first)}/{'+'.join(second)}"
