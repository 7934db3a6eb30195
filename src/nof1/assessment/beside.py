"""What a chart knows of a person that models of kinetics ask for and no measurement tells: states, drugs taken, genes."""

from __future__ import annotations

from collections.abc import Iterable

from nof1.assessment.genes import SETTLED
from nof1.decision.chart import Chart
from nof1.model.findings import GeneCall
from nof1.pgx.phenotype import NOT_ASSIGNED
from nof1.response.case import GeneKnown
from nof1.response.from_record import Beside

_LIST = "medications"
_NO_MEANING = (NOT_ASSIGNED, "Indeterminate")


def beside(found: Chart, calls: Iterable[GeneCall], mic: float | None = None, are_troughs: bool = False) -> Beside:
    """States that are present or absent, drugs that are taken with their classes, and genes as far as they are settled.

    Drugs are unknown (``None``) where the record has no list of them. A gene whose result a state makes say nothing (the
    liver is a donor's) is not known. ``mic`` and ``are_troughs``: as in ``Beside``.
    """
    record = found.record
    has_list = record is not None and (_LIST in record.lists or _LIST in record.said_none)
    drugs = frozenset(item.drug for item in found.now if item.is_systemic)
    facts = found.situation.facts
    states = {name: facts[name].value for name in found.shelf.known.care.conditions if name in facts}
    blocked = {gene for gene, standing in found.standings.items() if standing.is_blocked}
    return Beside(
        states,
        drugs if has_list else None,
        frozenset(name for drug in drugs for name in found.shelf.classes.get(drug, ())),
        {call.gene: known for call in calls if call.gene not in blocked and (known := _gene(call)) is not None},
        mic,
        are_troughs,
    )


def _gene(call: GeneCall) -> GeneKnown | None:
    """The alleles and the phenotype, each where it is settled; ``None`` where neither is."""
    alleles: tuple[str, ...] = ()
    if (call.diplotype_status or call.status) in SETTLED and (call.chances or len(call.diplotypes) == 1):
        strands = call.diplotypes[0].haplotypes if call.diplotypes else ()
        alleles = (
            tuple(name for strand in strands for name in strand) if [len(strand) for strand in strands] == [1, 1] else ()
        )
    terms = list(dict.fromkeys(item.term for item in call.phenotypes))
    phenotype = terms[0] if call.status in SETTLED and terms and (call.chances or len(terms) == 1) else ""
    if phenotype in _NO_MEANING:
        phenotype = ""
    return GeneKnown(alleles, phenotype) if alleles or phenotype else None
