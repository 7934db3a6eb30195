"""The drugs of one class for this person, in bins; drugs of one bin are tied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from nof1.decision.advise import advise_drug
from nof1.decision.ages import NOT_STATED
from nof1.decision.chart import Chart, without
from nof1.errors import NotInKnowledge
from nof1.knowledge.care import DrugClass
from nof1.model.evidence import SourceRef
from nof1.model.findings import Action, Compared, Comparison, DrugAdvice, Kind, Recommendation

BINS = ("contraindicated", "avoid", "caution or dose change", "usual", "no data")
_BIN = {
    Action.CONTRAINDICATED: 0,
    Action.AVOID: 1,
    Action.ALTERNATIVE: 1,
    Action.TEST_FIRST: 2,
    Action.DOSE: 2,
    Action.CAUTION: 2,
    Action.MONITOR: 2,
    Action.USE: 3,
    Action.NO_RECOMMENDATION: 4,
}
_DOSED = _BIN[Action.DOSE]
_NOTE = (
    "Drugs of one bin are tied. The order says nothing about how well they work. A drug that is not taken is looked at "
    "as if it replaced those of the class that are."
)


def known_class(chart: Chart, name: str) -> DrugClass:
    """The class called ``name``; ``NotInKnowledge`` with the names there are."""
    wanted = name.strip().lower().replace(" ", "_").replace("-", "_")
    every = chart.shelf.known.care.classes
    for group in every.values():
        names = (group.id, group.title, *group.also_named)
        if "compare" in group.uses and wanted in (text.lower().replace(" ", "_").replace("-", "_") for text in names):
            return group
    listed = ", ".join(sorted(group.id for group in every.values() if "compare" in group.uses))
    raise NotInKnowledge(f"class {name!r} is not one that can be compared; choose one of {listed or '(none)'}")


def compare(chart: Chart, name: str) -> Comparison:
    """The members of class ``name`` in bins for this person, each with its reasons and what is unknown."""
    group = known_class(chart, name)
    return compared(chart, group.id, group.title, chart.shelf.members[group.id], SourceRef.parse(group.source))


def compared(chart: Chart, name: str, title: str, drugs: Sequence[str], source: SourceRef) -> Comparison:
    """``drugs`` in bins for this person."""
    now = {item.drug for item in chart.now}
    instead = without(chart, tuple(drug for drug in drugs if drug in now))
    found = []
    for drug in drugs:
        here = chart if drug in now else instead
        found.append(_compared(advise_drug(replace(here, asked=(*here.asked, drug)), drug), drug in now))
    ordered = tuple(sorted(found, key=lambda item: (-BINS.index(item.bin) if item.bin != BINS[4] else 1, item.drug)))
    return Comparison(name, title, ordered, source, _NOTE)


def by_and_for(item: Recommendation) -> str:
    """Who says it and for whom it holds: ``CPIC, adults``."""
    said = {key: text for key, text in item.setting.items() if key != "basis" and not text.startswith(NOT_STATED)}
    told = [text if key == "age" else f"{key}: {text}" for key, text in said.items() if text != item.applies_to]
    return ", ".join(text for text in (item.body, item.applies_to, *told) if text)


def _compared(advice: DrugAdvice, is_taken: bool) -> Compared:
    counted = [item for item in advice.recommendations if item.kind is not Kind.LOWER_EVIDENCE]
    deciding = [item for item in counted if item.headline is advice.headline] or counted
    deciding.sort(key=lambda item: item.kind is Kind.GENE)  # what the record says reads first
    is_blind = advice.headline is Action.TEST_FIRST and not counted
    place = BINS[4] if is_blind else BINS[_DOSED if _may_be_dosed(advice, deciding) else _BIN[advice.headline]]
    why = [f"{by_and_for(item)}: {item.advice}" for item in deciding] if deciding and place != BINS[4] else []
    if advice.test_first is not None and advice.headline is Action.TEST_FIRST:
        why = [advice.test_first.why, *advice.test_first.possible]
    unknown = tuple(dict.fromkeys(item.reason for item in advice.unknown))
    return Compared(advice.drug, place, tuple(why), tuple(item.id for item in deciding), unknown, is_taken)


def _may_be_dosed(advice: DrugAdvice, deciding: Sequence[Recommendation]) -> bool:
    """Whether another drug is only one of two ways, the other being a changed dose of this one."""
    doses = [item.dose for item in deciding if Action.DOSE in item.actions]
    every = len(doses) == len(deciding) and all(dose is not None and not dose.if_used for dose in doses)
    return advice.headline is Action.ALTERNATIVE and every
