"""pb-StarPhase: JSON with every diplotype that fits, gene by gene."""

from __future__ import annotations

from typing import Any

from nof1.errors import OutsideCallError
from nof1.genomics.outside.call import Content, OutsideCall, no_result


def recognises(content: Content) -> bool:
    """Whether this is the JSON of calls."""
    return isinstance(content.json, dict) and {"pbstarphase_version", "gene_details"} <= content.json.keys()


def read(content: Content) -> list[OutsideCall]:
    """One call a gene."""
    details = content.json["gene_details"]
    if not isinstance(details, dict):
        raise OutsideCallError(f"{content.name} gene_details: not an object; give the tool's own file")
    tool = f"pb-StarPhase {content.json['pbstarphase_version']}"[:60]
    return [_call(gene, item, f"{content.name} gene_details/{gene}", tool) for gene, item in details.items()]


def _call(gene: str, item: Any, place: str, tool: str) -> OutsideCall:
    found = item.get("diplotypes") if isinstance(item, dict) else None
    if not isinstance(found, list):
        raise OutsideCallError(f"{place}: no list of diplotypes; give the tool's own file")
    names = []
    for number, pair in enumerate(found):
        name = pair.get("diplotype") if isinstance(pair, dict) else None
        if not isinstance(name, str) or not name.strip():
            raise OutsideCallError(f"{place}/diplotypes/{number}: no diplotype; give the tool's own file")
        if not no_result(name):
            names.append(name.strip())
    names = list(dict.fromkeys(names))
    if not names:
        return OutsideCall(gene, "", "", "", "", place, tool, "", "no diplotype fits", is_listed=True)
    remarks = (f"{tool}: {len(names)} diplotypes fit",) if len(names) > 1 else ()
    return OutsideCall(gene, ";".join(names), "", "", "", place, tool, "", "", remarks, True)
