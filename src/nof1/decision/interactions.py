"""Pairs of drugs that harm together: cited pairs, and pairs that follow from substrates and modulators of an enzyme."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from nof1.decision.chart import Chart
from nof1.decision.taking import Active, Taken, acting
from nof1.knowledge.care import InteractionRule, KineticSubstrate
from nof1.knowledge.fact_words import condition_words, titles_of
from nof1.knowledge.judge import judge
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Interaction
from nof1.model.record import Course

_SEVERITIES = ("contraindicated", "serious", "moderate", "minor")


def interactions(chart: Chart) -> tuple[Interaction, ...]:
    """Every interaction among the drugs taken, planned and asked about, the most severe first."""
    everything = chart.company()
    found: dict[str, Interaction] = {}
    for place, one in enumerate(everything):
        for item in between(chart, one, everything[place + 1 :]):
            found.setdefault(item.id, item)
    return tuple(sorted(strongest(found.values()), key=_rank))


def strongest(found: Iterable[Interaction]) -> list[Interaction]:
    """For each pair its most severe interaction; others of the pair are named in its notes."""
    pairs: dict[frozenset[str], list[Interaction]] = {}
    for item in found:
        pairs.setdefault(frozenset(item.drugs), []).append(item)
    made = []
    for items in pairs.values():
        first, *others = sorted(items, key=_rank)
        also = tuple(f"also: {item.effect} ({item.source})" for item in others if item.effect != first.effect)
        made.append(replace(first, notes=(*first.notes, *also), interrupts=any(item.interrupts for item in items)))
    return made


def _rank(item: Interaction) -> tuple[int, bool, str]:
    return _SEVERITIES.index(item.severity), not item.interrupts, item.id


def between(chart: Chart, one: Taken, others: Iterable[Taken]) -> Iterator[Interaction]:
    """Interactions of ``one`` with each of ``others``; local routes are left out."""
    if not one.is_systemic:
        return
    for other in others:
        if other.drug != one.drug and other.is_systemic and not (chart.lasting(one) and chart.lasting(other)):
            yield from _pair(chart, one, other)
            yield from _kinetic(chart, one, other)
            yield from _kinetic(chart, other, one)


def _pair(chart: Chart, one: Taken, other: Taken) -> Iterator[Interaction]:
    shelf = chart.shelf
    for a, b in ((one, other), (other, one)):
        rules, others = shelf.side_a.get(a.drug), shelf.side_b.get(b.drug)
        if not rules or not others:
            continue
        beside = {rule.id for rule in others}
        for rule in rules:
            if rule.id in beside and not (rule.when and judge(rule.when, chart.situation.values) is False):
                yield _lasting(chart, _cited(chart, rule, a, b), (a, b))


def _lasting(chart: Chart, item: Interaction, pair: tuple[Taken, Taken]) -> Interaction:
    """A pair of which one drug is stopped: what is contraindicated stays so, everything less asks for caution."""
    told = tuple(text for one in pair if (text := chart.lasting(one)))
    if not told:
        return item
    found = replace(item, notes=(*item.notes, *told))
    return found if item.severity == _SEVERITIES[0] else replace(found, actions=(Action.CAUTION,), interrupts=False)


def _cited(chart: Chart, rule: InteractionRule, a: Taken, b: Taken) -> Interaction:
    first, second = sorted((a.drug, b.drug))
    source, status = SourceRef.parse(rule.source), FactStatus(rule.status)
    is_open = bool(rule.when) and not judge(rule.when, chart.situation.values)
    when = condition_words(rule.when, titles_of(chart.shelf.known.care)) if is_open else ""
    notes = [f"holds if {when}, which is not known"] if is_open else []
    is_silent = frozenset((a.drug, b.drug)) in chart.shelf.silent
    steps = tuple(Because(item.drug, _taken_words(item), SourceRef("record", item.place)) for item in (a, b))
    return Interaction(
        id=f"{first.replace(' ', '-')}+{second.replace(' ', '-')}/{rule.id}",
        drugs=(a.drug, b.drug),
        severity=rule.severity,
        interrupts=rule.interrupts and not (is_silent and rule.severity != _SEVERITIES[0]),
        actions=tuple(sorted((Action(action) for action in rule.actions), key=lambda action: action.urgency)),
        effect=rule.effect,
        advice=rule.advice,
        source=source,
        status=status,
        checked=rule.checked,
        because=Because(f"{a.drug} with {b.drug}: {rule.effect}", rule.severity, source, status, steps),
        mechanism=rule.mechanism,
        patient=rule.patient,
        monitor=tuple(rule.monitor),
        notes=tuple(notes),
        is_taken=all(item.medication is not None for item in (a, b)),
    )


def _taken_words(item: Taken) -> str:
    return item.medication.text if item.medication else "asked about"


def _kinetic(chart: Chart, substrate: Taken, other: Taken) -> Iterator[Interaction]:
    """Pairs that follow from the substrate's enzyme and the other drug's effect on it; they never interrupt."""
    rows = chart.shelf.kinetic.get(substrate.drug, ())
    if not rows or other.drug not in chart.shelf.modulators:
        return
    supposed = other if chart.lasting(other) else replace(other, course=Course.ACTIVE)
    at_work, _ = acting(chart.shelf, (supposed,), chart.situation.today)
    for enzyme, row in rows:
        for active in at_work:
            if active.row.enzyme == enzyme and active.row.strength != "weak":
                yield _derived(row, active, substrate, chart.shelf.known.care.kinetic_effects)


def _derived(row: KineticSubstrate, active: Active, substrate: Taken, sizes: Mapping[str, str]) -> Interaction:
    is_up = active.row.role == "inhibitor"
    size = sizes.get(f"{active.row.role} {active.row.strength}", active.row.strength)
    change = f"may {'rise' if is_up else 'fall'} ({size} for a sensitive substrate of {active.row.enzyme})"
    effect = f"exposure to {row.drug} {change}"
    severity = "serious" if row.narrow and active.row.strength == "strong" else "moderate"
    act = "Watch for " + ("adverse effects" if is_up else "loss of effect") + "; consider levels or another drug."
    sources = (SourceRef.parse(row.source), SourceRef.parse(active.row.source))
    first, second = sorted((substrate.drug, active.taken.drug))
    steps = (
        Because(f"{row.drug} is a {row.sensitivity.replace('_', ' ')} substrate of {active.row.enzyme}", "", sources[0]),
        Because(active.words, _taken_words(active.taken), sources[1]),
    )
    return Interaction(
        id=f"{first.replace(' ', '-')}+{second.replace(' ', '-')}/{active.row.enzyme}-{active.row.role}",
        drugs=(row.drug, active.taken.drug),
        severity=severity,
        interrupts=False,
        actions=(Action.MONITOR,),
        effect=effect,
        advice=act,
        source=sources[1],
        status=FactStatus(row.status),
        checked=min(row.checked, active.row.checked),
        because=Because(effect, active.words, sources[1], FactStatus(active.row.status), steps),
        mechanism=f"{active.row.enzyme} {'inhibition' if is_up else 'induction'}",
        notes=(active.note,) if active.note else (),
        is_taken=all(item.medication is not None for item in (substrate, active.taken)),
    )
