"""Why a secondary finding is one, from the decoded JSON: what is asserted, the reasons, and each variant by points."""

from __future__ import annotations

from typing import Any

import msgspec

from nof1.model.classification import ByPoints
from nof1.model.secondary import SecondaryStatus
from nof1.report.points import points_lines
from nof1.report.secondary import STATUS

_FINDING = "finding "


def finding_lines(assessment: dict[str, Any], wanted: str) -> list[str]:
    """The findings in the gene ``wanted``, or in that of ``finding GENE``; lower case. Empty where there is none."""
    gene = wanted.removeprefix(_FINDING).strip()
    found = [item for item in assessment.get("variants", ()) if item["gene"].casefold() == gene]
    return [line for item in found for line in _lines(item)]


def findings_of(assessment: dict[str, Any]) -> list[str]:
    """The names under which they can be asked for."""
    return list(dict.fromkeys(f"{_FINDING}{item['gene']}" for item in assessment.get("variants", ())))


def _lines(item: dict[str, Any]) -> list[str]:
    status = STATUS[SecondaryStatus(item["status"])]
    lines = [f"{item['gene']}: {status}; {item['classification']}, {item['stars']} of 4 review stars"]
    lines += [f"  for: {', '.join(item['conditions'])}", *(f"  because: {text}" for text in item["reasons"])]
    lines += [f"  source: <{_source(ref)}>" for ref in item.get("sources", ())]
    for one in msgspec.convert(item.get("by_points", ()), tuple[ByPoints, ...]):
        lines += [f"  {line}" for line in points_lines(one)]
    return lines


def _source(ref: dict[str, str]) -> str:
    return f"{ref['source']}#{ref['place']}" if ref.get("place") else ref["source"]
