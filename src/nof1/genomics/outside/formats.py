"""Which tool wrote a file, told from its content: the first format that recognises it reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from nof1.errors import OutsideCallError
from nof1.genomics.outside import aldy, cyrius, hla, pypgx, starphase, stellarpgx, table
from nof1.genomics.outside.call import Content, OutsideCall


class Format(NamedTuple):
    """A way calls are written: its name, how it is recognised, how it is read."""

    name: str
    recognises: Callable[[Content], bool]
    read: Callable[[Content], list[OutsideCall]]


FORMATS = (
    Format("Cyrius table", cyrius.is_table, cyrius.read_table),
    Format("Cyrius JSON", cyrius.is_json, cyrius.read_json),
    Format("StellarPGx alleles", stellarpgx.is_alleles, stellarpgx.read_alleles),
    Format("Aldy", aldy.recognises, aldy.read),
    Format("pb-StarPhase JSON", starphase.recognises, starphase.read),
    Format("PyPGx results", pypgx.recognises, pypgx.read),
    Format("OptiType", hla.is_optitype, hla.read_optitype),
    Format("HLA-HD", hla.is_hla_hd, hla.read_hla_hd),
    Format("PHLAT", hla.is_phlat, hla.read_phlat),
    Format("SpecHLA", hla.is_spechla, hla.read_spechla),
    Format("T1K", hla.is_t1k, hla.read_t1k),
    Format("Kourami", hla.is_kourami, hla.read_kourami),
    Format("arcasHLA", hla.is_arcas, hla.read_arcas),
    Format("xHLA", hla.is_xhla, hla.read_xhla),
    Format("StellarPGx summary", stellarpgx.is_summary, stellarpgx.read_summary),
)


def calls_in(content: Content) -> tuple[OutsideCall, ...]:
    """Every call in ``content``; ``OutsideCallError`` for one that no format recognises and that is no table."""
    found = next((item for item in FORMATS if item.recognises(content)), None)
    if found is not None:
        calls = found.read(content)
        if not calls:
            raise OutsideCallError(f"{content.name}: {found.name} without a call; the file is broken off, copy it again")
        _check_repeated(calls)
        return tuple(calls)
    if content.json is not None:
        names = ", ".join(item.name for item in FORMATS)
        raise OutsideCallError(f"{content.name}: JSON of no known tool; known are {names} and a table of gene and diplotype")
    if content.first.startswith("##fileformat=VCF"):
        raise OutsideCallError(f"{content.name}: a VCF; give it among the genomes, or give the tool's table of calls")
    return tuple(table.read(content))


def _check_repeated(calls: list[OutsideCall]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for call in calls:
        if (call.sample, call.gene) in seen:
            where = seen[call.sample, call.gene]
            raise OutsideCallError(f"{call.place}: {call.gene} of the same sample stands already at {where}; keep one")
        seen[call.sample, call.gene] = call.place
