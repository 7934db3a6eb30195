"""Whether a person takes the modulators that a guideline's rule asks for."""

from __future__ import annotations

from nof1.decision.chart import Chart
from nof1.knowledge.schema import Rule


def is_taken(chart: Chart, rule: Rule) -> bool | None:
    """Whether what is taken fits the rule; ``None`` where it asks for nothing, or no record tells what is taken."""
    if not (rule.taking or rule.not_taking) or not chart.situation.has_record:
        return None
    mine = {f"{item.row.enzyme} {item.row.role} {item.row.strength}" for item in chart.at_work}
    return all(mine & set(group) for group in rule.taking) and not mine & set(rule.not_taking)
