"""Reasons beyond genes and drugs, from the decoded JSON: an interaction, and what genes amount to under the drugs taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nof1.model.findings import Action
from nof1.report.words import action

_EFFECTIVE = "effective "


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that say what it is, and its decoded tree of reasons."""

    lines: Sequence[str]
    because: dict[str, Any]


def other_reasons(assessment: dict[str, Any], wanted: str) -> Found | None:
    """The interaction whose id is ``wanted``, or the effective phenotype of the gene in ``effective GENE``; lower case."""
    for item in assessment.get("interactions", ()):
        if item["id"].casefold() == wanted:
            return Found(_interaction(item), item["because"])
    gene = wanted.removeprefix(_EFFECTIVE).strip() if wanted.startswith(_EFFECTIVE) else ""
    for item in assessment.get("effective_phenotypes", ()):
        if gene and item["gene"].casefold() == gene:
            return Found(_effective(item), item["because"])
    return None


def _interaction(item: dict[str, Any]) -> list[str]:
    actions = ", ".join(action(Action(code)) for code in item["actions"])
    does = "interrupts" if item["interrupts"] else "never interrupts"
    taken = "" if item.get("is_taken", True) else "; not both in the record"
    lines = [f"{item['id']} ({item['severity']}; {actions}; {does}{taken})", f"  {item['effect']} {item['advice']}"]
    lines += [f"  how: {item['mechanism']}"] if item.get("mechanism") else []
    return lines + [f"  note: {note}" for note in item.get("notes", ())]


def _effective(item: dict[str, Any]) -> list[str]:
    genetic, effective = (" or ".join(dict.fromkeys(item[name])) or "not known" for name in ("genetic", "effective"))
    kind = "guideline" if item["evidence"] == "guideline" else "lower evidence"
    lines = [f"{item['gene']} under the drugs taken: {genetic} -> {effective} ({kind})"]
    lines += [f"  by: {text}" for text in item["by"]]
    lines += [f"  in the record: {place}" for place in item.get("places", ())]
    lines += [f"  not counted: {text}" for text in item["not_counted"]]
    return lines + [f"  note: {text}" for text in item["notes"]]


def others(assessment: dict[str, Any]) -> list[str]:
    """The names under which these can be asked for."""
    genes = [f"{_EFFECTIVE}{item['gene']}" for item in assessment.get("effective_phenotypes", ())]
    return genes + [item["id"] for item in assessment.get("interactions", ())]
