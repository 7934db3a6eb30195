"""How sure the result of one gene is, from the decoded JSON, as lines: chances, candidates, what would settle it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from nof1.model.findings import CallStatus, Chance, Settles
from nof1.model.likelihood import left_over, probability, spread
from nof1.report.candidates import alleles
from nof1.report.certainty import written
from nof1.report.chances import term

_CANDIDATES = 5
_SETTLES = 10


def sureness(call: dict[str, Any]) -> Iterator[str]:
    """Lines on how sure a gene's result is; of an assessment that weighed nothing only the status."""
    phenotype, diplotype = (_status(call.get(name)) for name in ("status", "diplotype_status"))
    yield f"{call['gene']}, how sure: phenotype {phenotype}, diplotype {diplotype}"
    if not call.get("chances"):
        return
    asked = call.get("populations") or ()
    yield f"phenotypes (asked: {', '.join(asked)}{'; ranges are over them' if len(asked) > 1 else ''})"
    for item in call["chances"]:
        chance = Chance(*(item[name] for name in Chance.__slots__))
        score = f", activity score {chance.activity_score}" if chance.activity_score else ""
        yield f"  {term(chance)}{score}: {spread(chance)}"
    yield from _candidates(call)
    yield from _settling(call)


def _candidates(call: dict[str, Any]) -> Iterator[str]:
    found = call["diplotypes"]
    mean = ", mean over populations" if len(call.get("populations") or ()) > 1 else ""
    yield f"candidates ({len(found)}{mean})"
    for place, item in enumerate(found[:_CANDIDATES], 1):
        likely = item.get("probability")
        yield f"  {place}. {item['label']}: {'not weighed' if likely is None else probability(likely)}"
    if len(found) > _CANDIDATES:
        yield f"  and {len(found) - _CANDIDATES} more"
    if call.get("remainder") is not None:
        yield f"  all other diplotypes together, not listed: {left_over(call['remainder'])}"


def _settling(call: dict[str, Any]) -> Iterator[str]:
    found = [Settles(item["position"], item["chance"], tuple(item["alleles"])) for item in call.get("settles") or ()]
    if not found:
        return
    yield "would settle it (chance that seeing the position changes the phenotype)"
    for item in found[:_SETTLES]:
        yield f"  {item.position}: {probability(item.chance)} ({alleles(item)})"
    if len(found) > _SETTLES:
        yield f"  and {len(found) - _SETTLES} more"


def _status(code: Any) -> str:
    return written(CallStatus(code)) if code in list(CallStatus) else str(code or "not stated").replace("_", " ")
