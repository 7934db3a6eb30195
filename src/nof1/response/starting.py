"""The dose to begin with, by published equations: what each gives this person, with its interval, or why it gives none."""

from __future__ import annotations

from collections.abc import Sequence

from nof1.knowledge.care import Care
from nof1.knowledge.dose_equations import DoseEquation
from nof1.response.case import Case
from nof1.response.derived import held
from nof1.response.dose_estimates import Estimate, estimates
from nof1.response.dose_inputs import check_names
from nof1.response.equation_facts import Person, inputs_of
from nof1.units.convert import convert


def starting(equations: Sequence[DoseEquation], case: Case, care: Care) -> tuple[Estimate, ...]:
    """What each of ``equations`` gives the person of ``case``, in their order.

    The first with a dose is the one to use; one that gives none says why and which others are offered. Raises
    ``RequestError`` for a value that cannot be and for a name in ``case.told`` that no equation asks for.
    """
    ordered = sorted(equations, key=lambda item: item.order)
    if ordered:
        check_names(ordered, case.told)
    return tuple(found for item in ordered for found in estimates((item,), inputs_of(item, _person(item, case, care))))


def _person(equation: DoseEquation, case: Case, care: Care) -> Person:
    """What ``case`` holds now, in the units of ``equation``."""
    known = case.genes.items()
    return Person(
        facts=_facts(equation, case, care),
        taking=None if case.drugs is None else case.drugs | case.classes,
        diplotypes={gene: "/".join(item.alleles) for gene, item in known if item.alleles},
        phenotypes={gene: item.phenotype for gene, item in known if item.phenotype},
        looked_for={gene: item.looked_for for gene, item in known if item.looked_for is not None},
        by_hand=case.told,
    )


def _facts(equation: DoseEquation, case: Case, care: Care) -> dict[str, float]:
    found = dict(case.states)
    for item in equation.inputs:
        if case.facts.get(item.term):
            term, value = care.measurements.get(item.term), held(case.facts[item.term], case.now)
            unit = term.unit if term else item.unit  # age and sex are kept in the unit that everything asks for
            found[item.term] = convert(value, unit, item.unit, *((term.molar_mass, term.charge) if term else ()))
    return found
