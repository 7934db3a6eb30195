"""A plan of prevention: what guidelines offer to this person, from when, how often, until when, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import msgspec

from nof1.knowledge.prevention import Action, Option, Prevention, Service, Wanted
from nof1.model.prevention import Plan, PlanCase, PlannedAction, PlanState, Trigger, TriggerKind
from nof1.risk.plan_dates import Due, Window, due, window
from nof1.risk.plan_reasons import Reason, is_general, reason

_AHEAD = timedelta(days=3653)  # what everybody is offered is shown so long before it begins; our choice
_STRENGTHS = ("strong", "moderate", "weak", "option")
_STATES = (
    PlanState.OVERDUE,
    PlanState.DUE,
    PlanState.PLANNED,
    PlanState.UNKNOWN,
    PlanState.NOT_DUE,
    PlanState.LATER,
    PlanState.DECLINED,
    PlanState.CONTRAINDICATED,
)
_NEVER = 1e6
TAKEN = "taken already"
_PEOPLE = {"female": "women", "male": "men", "": "everybody"}
_DEGREES = {1: "first", 2: "second", 3: "third"}


def plan(known: Prevention, case: PlanCase, triggers: Sequence[Trigger]) -> Plan:
    """The plan of a person.

    Of actions with one purpose the strictest that applies counts, and says what it overrides; one that is stricter and
    begins later, or cannot be judged, stands beside it. Of a gene with a finding for which no action applies that is
    said. Order: where they stand, urgency, strength, day.
    """
    found = [
        (action, one)
        for action in known.actions.values()
        if not action.wanted.other_findings and (one := _action(action, known.services, case, triggers))
    ]
    served = {gene for action, _ in found for gene in action.wanted.findings}
    others = [one.id for one in triggers if one.kind is TriggerKind.FINDING and one.id not in served]
    for action in known.actions.values() if others else ():
        if action.wanted.other_findings:
            rest = msgspec.structs.replace(action, wanted=Wanted(findings=others))
            found += [(rest, one)] if (one := _action(rest, known.services, case, triggers)) else []
    return Plan(case.today, tuple(sorted(_merged(found), key=_order)))


def _order(one: PlannedAction) -> tuple[int, int, int, date, str]:
    return _STATES.index(one.state), one.urgency, _STRENGTHS.index(one.strength), one.due or date.max, one.id


def _action(
    action: Action, services: Mapping[str, Service], case: PlanCase, triggers: Sequence[Trigger]
) -> PlannedAction | None:
    """What an action means for the person; ``None`` where it does not apply."""
    why = reason(action, case, triggers)
    if why.holds is False:
        return None
    at = window(action, case)
    if at.ends is not None and case.today > at.ends:
        return None
    if at.begins is None and (action.from_age is not None or action.to_age is not None):
        why = Reason(None, why.because, ("date of birth", *why.needs), ("your date of birth", *why.asks))
    begins = at.begins or case.today
    is_ahead = begins > case.today
    if is_ahead and (why.holds is None or (_is_for_all(action) and begins - case.today > _AHEAD)):
        return None
    made = _made(action, services, case, why, at)
    if why.holds is None:
        told = action.perhaps or action.patient
        return replace(made, state=PlanState.UNKNOWN, due=None, latest=None, needs=why.needs, asks=why.asks, patient=told)
    classes = {name for option in action.options for name in services[option.service].classes}
    if against := classes & case.allergic_to:
        return replace(
            made,
            state=PlanState.CONTRAINDICATED,
            notes=(f"an allergy or intolerance is recorded: {_classes(against, case)}", *made.notes),
        )
    if taken := classes & case.taking:
        notes = (f"{TAKEN}: {_classes(taken, case)}", *made.notes)
        return replace(made, state=PlanState.NOT_DUE, due=None, notes=notes)
    return made


def _classes(names: Iterable[str], case: PlanCase) -> str:
    return ", ".join(case.titles.get(name, name.replace("_", " ")) for name in sorted(names))


def _is_for_all(action: Action) -> bool:
    return is_general(action) or not (action.wanted.findings or action.wanted.family_rules)


def _made(action: Action, services: Mapping[str, Service], case: PlanCase, why: Reason, at: Window) -> PlannedAction:
    begins = at.begins or case.today
    stands = due(action, services, case, begins)
    if begins > case.today and stands.state in (PlanState.DUE, PlanState.OVERDUE):
        stands = Due(PlanState.LATER, begins, None, stands.last, stands.service, stands.notes)
    if at.ends is not None and stands.due is not None and stands.due > at.ends:
        stands = replace(stands, due=None, latest=None, notes=(*stands.notes, "it ends before it would be due again"))
    first = services[action.options[0].service]
    return PlannedAction(
        id=action.id,
        title=action.title,
        purpose=action.purpose,
        kind=first.kind,
        state=stands.state,
        services=tuple(services[option.service].title for option in action.options),
        words=action.words,
        patient=action.patient,
        interval=interval(action, services),
        strength=action.strength,
        grade=action.grade,
        body=action.body,
        year=action.year,
        place=action.place,
        source=action.source,
        status=action.status,
        urgency=action.urgency,
        service_codes=tuple(first.codes),
        due=stands.due,
        latest=stands.latest,
        until=at.ends,
        last_done=stands.last,
        last_service=stands.service,
        relatives=tuple(_relatives(action, case)),
        because=(*why.because, *((at.early,) if at.early else ())) or tuple(filter(None, (_by_age(action),))),
        notes=(*stands.notes, *((action.note,) if action.note else ())),
    )


def _relatives(action: Action, case: PlanCase) -> Iterable[str]:
    for degree in action.for_degrees:
        known = case.relatives.get(degree, ())
        named = f": {', '.join(known)}" if known else " (none is recorded)"
        yield f"{_DEGREES[degree]}-degree relatives{named}"


def _by_age(action: Action) -> str:
    """For whom an action is by age and sex; of one that asks for more, that this alone is not enough."""
    ages = f"from {action.from_age:g}" if action.from_age is not None else ""
    ages += f" through {action.to_age:g} years" if action.to_age is not None else " years" if ages else ""
    if not is_general(action):
        return f"in question {ages}" if ages else ""
    return f"{_PEOPLE[action.sex]} {ages}".strip()


def interval(action: Action, services: Mapping[str, Service]) -> str:
    """How often, in words; for several options each with its own."""
    spans = [_span(option) for option in action.options]
    if len(set(spans)) == 1:
        return spans[0]
    return ", or ".join(
        f"{services[option.service].title} {span}" for option, span in zip(action.options, spans, strict=True)
    )


def _span(option: Option) -> str:
    """How often an option is repeated.

    >>> _span(Option("x", [12, 24])), _span(Option("x", [6, 12])), _span(Option("x", [12, 12]))
    ('every 1 to 2 years', 'every 6 to 12 months', 'every year')
    """
    if option.once:
        return "once"
    if option.standing:
        return "as long as the reason holds"
    low, high = option.months
    unit, size = ("year", 12) if low % 12 == 0 and high % 12 == 0 else ("month", 1)
    if low == high:
        return f"every {unit}" if low == size else f"every {low / size:g} {unit}s"
    return f"every {low / size:g} to {high / size:g} {unit}s"


def _merged(found: list[tuple[Action, PlannedAction]]) -> Iterable[PlannedAction]:
    """One action a purpose, and those beside it that are stricter and not yet to be done."""
    purposes = dict.fromkeys(action.purpose for action, _ in found)
    for purpose in purposes:
        same = [pair for pair in found if pair[0].purpose == purpose]
        now = sorted((pair for pair in same if pair[1].state not in (PlanState.LATER, PlanState.UNKNOWN)), key=_strictness)
        later = sorted(
            (pair for pair in same if pair[1].state is PlanState.LATER),
            key=lambda pair: (pair[1].due or date.max, _strictness(pair)),
        )
        open_ = [pair for pair in same if pair[1].state is PlanState.UNKNOWN]
        if now:
            best, *others = now
            yield replace(best[1], overrides=tuple(_told(one) for _, one in others), because=_reasons(best, others))
            yield from (one for action, one in later if _strictness((action, one)) < _strictness(best))
        elif later:
            yield later[0][1]
            yield from (one for action, one in later[1:] if _strictness((action, one)) < _strictness(later[0]))
        least = _strictness(now[0]) if now else None
        yield from _open(open_, least)


def _open(pairs: list[tuple[Action, PlannedAction]], least: tuple[float, int, float, int] | None) -> Iterable[PlannedAction]:
    """What cannot be judged, unless something at least as strict is planned anyway; what needs the same is told once."""
    told: set[tuple[str, ...]] = set()
    for pair in sorted(pairs, key=_strictness):
        if (least is None or _strictness(pair) < least) and pair[1].needs not in told:
            told.add(pair[1].needs)
            yield pair[1]


def _reasons(best: tuple[Action, PlannedAction], others: list[tuple[Action, PlannedAction]]) -> tuple[str, ...]:
    same = (
        reason
        for _, one in others
        if one.words == best[1].words or one.interval == best[1].interval
        for reason in one.because
    )
    return tuple(dict.fromkeys((*best[1].because, *same))) if not is_general(best[0]) else best[1].because


def _strictness(pair: tuple[Action, PlannedAction]) -> tuple[float, int, float, int]:
    """Lower is stricter: the shortest interval of the first service, fewer choices, an earlier start, a stronger advice."""
    action = pair[0]
    first = action.options[0]
    months = 0.0 if first.standing else _NEVER if first.once else first.months[1]
    return months, len(action.options), action.from_age or 0.0, _STRENGTHS.index(action.strength)


def _told(one: PlannedAction) -> str:
    often = one.interval if len(one.services) == 1 else "one of several tests"
    return f"{one.title}, {often} ({one.cited})"
