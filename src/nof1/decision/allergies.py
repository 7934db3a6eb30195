"""What recorded allergies and drugs of the same kind say about a drug."""

from __future__ import annotations

from nof1.decision.chart import Chart
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Kind, Recommendation
from nof1.model.record import Allergy

_HIGH = "high"


def allergies(chart: Chart, drug: str) -> list[Recommendation]:
    """Recorded allergies to ``drug`` itself or to a class it belongs to; refuted ones are left out."""
    found = []
    for allergy in chart.record.allergies if chart.record else ():
        if allergy.is_refuted:
            continue
        named = drug in allergy.drugs or bool(set(_ingredients(chart, drug)) & set(allergy.drugs))
        mine = chart.shelf.classes.get(drug, frozenset())
        shared = sorted(set(allergy.classes) & mine)
        kin = sorted(mine & {group for name in allergy.drugs for group in _allergy_classes(chart, name)})
        if named or shared or kin:
            found.append(_allergic(chart, drug, allergy, "" if named else (shared or kin)[0]))
    return found


def _allergy_classes(chart: Chart, drug: str) -> list[str]:
    """Classes of ``drug`` whose members share allergies."""
    every = chart.shelf.known.care.classes
    return [name for name in chart.shelf.classes.get(drug, frozenset()) if "allergy" in every[name].uses]


def _ingredients(chart: Chart, drug: str) -> list[str]:
    term = chart.shelf.known.care.drugs.get(drug)
    return [part for part in term.ingredients.split("|") if part] if term else []


def _allergic(chart: Chart, drug: str, allergy: Allergy, group: str) -> Recommendation:
    title = chart.shelf.known.care.classes[group].title if group else drug
    severe = allergy.criticality == _HIGH
    reaction = f" ({allergy.reaction})" if allergy.reaction else ""
    of_class = f"; {drug} is of the same class ({title})" if group else ""
    advice = (
        f"An allergy to {allergy.text}{reaction} is recorded{of_class}. Do not give {drug} unless the allergy is ruled out."
    )
    action = Action.CONTRAINDICATED if severe and not group else Action.AVOID
    step = Because("allergy", f"{allergy.text}{reaction}", SourceRef("record", allergy.place))
    return _made(chart, drug, f"allergy/{group or drug}", action, advice, step, Kind.ALLERGY, True)


def duplicates(chart: Chart, drug: str) -> list[Recommendation]:
    """Other drugs taken of a class of which one at a time is usual."""
    found = []
    for group in sorted(chart.shelf.classes.get(drug, frozenset())):
        term = chart.shelf.known.care.classes[group]
        if "duplicate" not in term.uses:
            continue
        for item in chart.now:
            if item.drug != drug and item.is_systemic and group in chart.shelf.classes.get(item.drug, frozenset()):
                advice = f"{item.drug} of the same class ({term.title}) is taken. Check that both are meant."
                step = Because(item.drug, item.medication.text if item.medication else "", SourceRef("record", item.place))
                made = _made(chart, drug, f"duplicate/{item.drug}", Action.CAUTION, advice, step, Kind.DUPLICATE, False)
                found.append(made)
    return found


def _made(
    chart: Chart, drug: str, name: str, action: Action, advice: str, step: Because, kind: Kind, interrupts: bool
) -> Recommendation:
    return Recommendation(
        id=f"{drug.replace(' ', '-')}/{name.replace(' ', '-')}",
        drug=drug,
        body="record",
        actions=(action,),
        strength="not_applicable",
        advice=advice,
        implications=(),
        setting={"basis": kind.value},
        applies_to="",
        dose=None,
        alternatives=(),
        monitor=(),
        because_of={step.claim: step.value},
        is_partial=False,
        source=step.source or SourceRef("record"),
        rows=(),
        status=FactStatus.PROVISIONAL,
        checked=chart.situation.today.isoformat(),
        because=Because(f"{drug}: {advice}", step.value, step.source, None, (step,)),
        kind=kind,
        interrupts=interrupts,
    )
