"""What would change if a drug were added, stopped or swapped, or a fact were another one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from nof1.decision.advise import advise_drug
from nof1.decision.chart import Chart, chart, with_drugs
from nof1.decision.facts import Known
from nof1.decision.interactions import interactions
from nof1.decision.situation import Situation
from nof1.decision.taking import Taken
from nof1.errors import RequestError
from nof1.model.evidence import Because
from nof1.model.findings import Action, DrugAdvice, Interaction, Recommendation
from nof1.model.record import Course, Fact, Quantity, Record

_SUPPOSED = "supposed"
_MAY_LAST = "may last after the last dose; how long is not known here"


@dataclass(frozen=True, slots=True)
class Change:
    """What is supposed: drugs ``add``-ed and ``stop``-ped, and ``facts`` by name (a number, or 1 and 0 for yes and no)."""

    add: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """How advice on one drug differs: headline before and after, recommendations that come and go."""

    drug: str
    before: Action | None
    after: Action | None
    added: tuple[Recommendation, ...]
    removed: tuple[Recommendation, ...]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The differences of advice, most urgent first, interactions that come and go, and what must be said beside them."""

    differences: tuple[Difference, ...]
    added: tuple[Interaction, ...]
    removed: tuple[Interaction, ...]
    notes: tuple[str, ...] = ()


def what_if(now: Chart, change: Change) -> WhatIf:
    """What ``change`` would do to the advice on every drug taken, planned, asked about, added or stopped.

    Raises ``RequestError`` for a drug that is not taken and should be stopped, or a fact no rule knows.
    """
    then = supposed(now, change)
    drugs = dict.fromkeys([*_concerned(now), *_concerned(then), *change.stop])
    before = {drug: advise_drug(now, drug) for drug in drugs if now.concerns(drug)}
    after = {drug: advise_drug(then, drug) for drug in drugs if then.concerns(drug)}
    found = [_difference(drug, before.get(drug), after.get(drug)) for drug in drugs]
    real = [item for item in found if item.added or item.removed or item.before is not item.after]
    old, new = ({item.id: item for item in interactions(side)} for side in (now, then))
    return WhatIf(
        tuple(sorted(real, key=lambda item: ((item.after or Action.NO_RECOMMENDATION).urgency, item.drug))),
        tuple(item for name, item in new.items() if name not in old),
        tuple(item for name, item in old.items() if name not in new),
        (*_lasting(now, change), *_only(now, change)),
    )


def _lasting(now: Chart, change: Change) -> Iterator[str]:
    """Stopped drugs whose effect on an enzyme outlasts the last dose: the answer holds only after that."""
    for drug in change.stop:
        for row in now.shelf.modulators.get(drug, ()):
            lasts = f"lasts about {row.washout_days} days after the last dose" if row.washout_days else _MAY_LAST
            yield f"{drug}: its effect on {row.enzyme} ({row.strength} {row.role}) {lasts}"


def _only(now: Chart, change: Change) -> Iterator[str]:
    """Computed values that were set stand alone: what follows from the same measurements stays as it is."""
    policy = now.policy
    gives = {equation.gives for equation in policy.equations} if policy else set()
    for name in change.facts:
        if name in gives:
            yield f"only {name} is supposed; other values that are computed from the same measurements stay as they are"


def _concerned(side: Chart) -> list[str]:
    return [*side.asked, *(item.drug for item in side.drugs if side.concerns(item.drug))]


def _difference(drug: str, before: DrugAdvice | None, after: DrugAdvice | None) -> Difference:
    old = {item.id: item for item in before.recommendations} if before else {}
    new = {item.id: item for item in after.recommendations} if after else {}
    return Difference(
        drug,
        before.headline if before else None,
        after.headline if after else None,
        tuple(item for name, item in new.items() if name not in old),
        tuple(item for name, item in old.items() if name not in new),
    )


def supposed(now: Chart, change: Change) -> Chart:
    """The chart of the same person after ``change``."""
    here = _with_facts(now, change.facts) if change.facts else now
    known = {item.drug for item in now.drugs if now.concerns(item.drug)}
    for drug in change.stop:
        if drug not in known and drug not in now.asked:
            raise RequestError(
                f"{drug!r} is not taken, so it cannot be stopped; taken: {', '.join(sorted(known)) or 'nothing'}"
            )
    kept = [item for item in here.drugs if item.drug not in (*change.stop, *change.add)]
    added = [Taken(drug, Course.ACTIVE) for drug in change.add]
    made = with_drugs(here, (*kept, *added))
    return replace(made, asked=tuple(drug for drug in here.asked if drug not in change.stop))


def _with_facts(now: Chart, facts: Mapping[str, float]) -> Chart:
    """The chart with measurements and conditions as supposed; values that follow from them are computed again."""
    care, today = now.shelf.known.care, now.situation.today
    record = now.record or Record()
    derived: dict[str, float] = {}
    states: dict[str, float] = {}
    for name, value in facts.items():
        _check_value(now, name, value)
        if name in care.measurements:
            fact = Fact("", "", Quantity(value, care.measurements[name].unit), today, _SUPPOSED, name, _SUPPOSED)
            kept = tuple(item for item in record.facts if item.term != name)
            record = replace(record, facts=(fact, *kept))
        elif name in care.conditions:
            states[name] = value
        elif name in now.situation.facts or name in now.situation.unknown:
            derived[name] = value
        else:
            raise RequestError(f"{name!r} is no fact that a rule asks for; see nof1 knowledge list facts")
    supposing = {name: _supposed_state(care.conditions[name].title, name, value, today) for name, value in states.items()}
    made = chart(now.shelf, now.genetic, record, today, now.asked, supposing)
    made = replace(made, situation=_overridden(made.situation, derived)) if derived else made
    return with_drugs(made, now.drugs)


def _supposed_state(title: str, name: str, value: float, today: date) -> Known:
    words = f"{title} ({_SUPPOSED})" if value else f"no {title} ({_SUPPOSED})"
    return Known(value, words, Because(name, words), False, today)


def _check_value(now: Chart, name: str, value: float) -> None:
    """``RequestError`` for a value that cannot be."""
    care = now.shelf.known.care
    if name in care.conditions:
        if value not in (0, 1):
            raise RequestError(f"{name}={value:g}: it holds or not; write {name}=yes or {name}=no")
        return
    term = care.measurements.get(name)
    low, high = (term.plausible[0], term.plausible[1]) if term and term.plausible else (0.0, math.inf)
    if not math.isfinite(value) or not low <= value <= high:
        unit = f" {term.unit}" if term else ""
        raise RequestError(f"{name}={value:g} cannot be; write a number from {low:g} to {high:g}{unit}")


def _overridden(here: Situation, values: Mapping[str, float]) -> Situation:
    facts = dict(here.facts)
    for name, value in values.items():
        facts[name] = Known(
            value, f"{name} {value:g} ({_SUPPOSED})", Because(name, f"{value:g}, {_SUPPOSED}"), False, here.today
        )
    unknown = {name: item for name, item in here.unknown.items() if name not in values}
    return replace(here, facts=facts, unknown=unknown)
