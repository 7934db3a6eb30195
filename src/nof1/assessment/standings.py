"""What is known about each gene, as decisions ask for it."""

from __future__ import annotations

from nof1.assessment.genes import caveats, needs, results, why_unknown
from nof1.decision.standing import Standing
from nof1.knowledge.weighing import Thresholds
from nof1.model.findings import CallStatus, GeneCall
from nof1.pgx.table import Called


def standing(call: GeneCall, answer: Called, levels: Thresholds) -> Standing:
    """The standing of one called gene."""
    found = results(answer, levels)
    told = caveats(answer, call.positions) if found else ()
    is_called = answer.status is not CallStatus.NO_CALL
    why = why_unknown(answer, levels)
    return Standing(call.gene, found, why, told, call.because, needs(answer, call.positions), is_called)
