"""How settled the advice on a drug is: the least sure of the genes it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nof1.model.findings import CallStatus, DrugAdvice, GeneCall, Recommendation
from nof1.model.likelihood import spread
from nof1.report.certainty import MARKS, NOT_SETTLED, OPEN
from nof1.report.chances import matched

Calls = Mapping[str, GeneCall]
WORDS = {CallStatus.UNDETERMINED: NOT_SETTLED, CallStatus.PROBABLE: MARKS[CallStatus.PROBABLE].word}


def sureness(item: Recommendation, calls: Calls) -> CallStatus | None:
    """``undetermined`` or ``probable`` where a gene of the recommendation is no surer; ``None`` where all are."""
    found = {calls[gene].status for gene in item.because_of if gene in calls}
    return next((status for status in OPEN if status in found), None)


def drug_sureness(drug: DrugAdvice, calls: Calls) -> CallStatus | None:
    """The least sure of all recommendations on the drug."""
    found = {sureness(item, calls) for item in drug.recommendations}
    return next((status for status in OPEN if status in found), None)


def split(drugs: Sequence[DrugAdvice], calls: Calls) -> list[tuple[CallStatus | None, list[DrugAdvice]]]:
    """The drugs by how settled their advice is, settled ones first."""
    groups = [(status, [drug for drug in drugs if drug_sureness(drug, calls) is status]) for status in (None, *OPEN[::-1])]
    return [(status, found) for status, found in groups if found]


def conditions(item: Recommendation, calls: Calls) -> list[tuple[str, list[str]]]:
    """Each gene that is not settled, with the results for which the recommendation holds and how likely each is."""
    found = []
    for gene, value in item.because_of.items():
        if gene in calls and calls[gene].status in OPEN:
            results = [
                f"{name}, probability {spread(chance)}" if chance else name for name, chance in matched(calls[gene], value)
            ]
            found.append((gene, results))
    return found
