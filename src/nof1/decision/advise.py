"""Advice on a drug: guidelines, facts of the record, other drugs and allergies, brought to one headline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from nof1.decision.ages import fits, for_child
from nof1.decision.allergies import allergies, duplicates
from nof1.decision.chart import Chart, without
from nof1.decision.comedication import is_taken
from nof1.decision.convert import converted
from nof1.decision.interactions import between, strongest
from nof1.decision.limits import GRAVE, limits, waits
from nof1.decision.match import Matched, matched
from nof1.decision.standing import Standing
from nof1.decision.taking import Taken
from nof1.decision.unsettled import first_test, is_turning, leading, likely
from nof1.knowledge.schema import DrugFile, Rule
from nof1.model.findings import (
    Action,
    DrugAdvice,
    FirstTest,
    Indeterminate,
    Interaction,
    Kind,
    Recommendation,
)
from nof1.model.record import Course

_NO_LIMITS = "limits by kidney, liver, pregnancy or age: none are known here, which does not mean that there are none"
_AGAINST = (*GRAVE, Action.ALTERNATIVE)
STRENGTHS = ("strong", "moderate", "optional", "not_applicable", "no_recommendation")


def advise(chart: Chart, drugs: Sequence[str]) -> tuple[DrugAdvice, ...]:
    """Advice on ``drugs``, the most urgent first, then by name."""
    seen: dict[str, DrugAdvice] = {}
    full = [_with_alternatives(chart, advise_drug(chart, drug), seen) for drug in dict.fromkeys(drugs)]
    return tuple(sorted(full, key=lambda item: (item.headline.urgency, not item.recommendations, item.drug)))


def advise_drug(chart: Chart, drug: str) -> DrugAdvice:
    """All that is known for this person about ``drug``, and what is missing for the rest."""
    local = chart.local_route(drug)
    files = [] if local else chart.shelf.advising(drug)
    matches = [_matched(chart, file) for file in files]
    gene = [item for match in matches for item in _fitting(chart, match)]
    lower = [item for file in files for item in _lower(chart, file, gene)]
    held, open_ = limits(chart, drug) if not local else ([], [])
    drugs = [] if local else [_of_interaction(chart, drug, item) for item in _interactions(chart, drug)]
    held = [for_child(item, chart.situation, chart.policy) for item in held]
    others = [*held, *drugs, *allergies(chart, drug), *duplicates(chart, drug)]
    shown = [_dated(chart, item) for item in (*gene, *others)]
    ordered = sorted(shown, key=lambda item: rank(chart, item))
    pending = _pending(matches)
    concern = chart.concerns(drug)
    grave = [told for limit, told in open_ if concern and waits(chart, limit)]
    waiting = first_test(pending, grave)
    unknown = [item for match in matches for item in match.unknown] + [told for _, told in open_ if concern]
    if concern and not local and chart.situation.has_record and not chart.shelf.limits.get(drug):
        unknown.append(Indeterminate(drug, _NO_LIMITS))
    if local:
        told = "advice on genes, dose, organs, conditions and other drugs is not applied"
        unknown.append(Indeterminate(drug, f"given locally ({local}): {told}"))
    settled = {name for match in matches if match not in pending for outcome in match.outcomes for name in outcome.leading}
    term = chart.shelf.known.care.drugs.get(drug)
    rxnorm = next((file.rxnorm.value for file in files if file.rxnorm), term.rxnorm if term else "")
    course = chart.course(drug)
    return DrugAdvice(
        drug=drug,
        rxnorm=rxnorm,
        headline=_headline(ordered, settled, pending, waiting),
        recommendations=(*ordered, *sorted((_dated(chart, item) for item in lower), key=lambda item: rank(chart, item))),
        unknown=tuple(dict.fromkeys(unknown)),
        course=course.value if course else "",
        test_first=waiting,
        disagreement=_disagreement(matches),
        interrupts=any(item.interrupts for item in ordered),
    )


def _matched(chart: Chart, file: DrugFile) -> Matched:
    """The guideline asked with effective results: those of guideline evidence, without the drug's own effect."""
    standings = {gene: _effective(chart, gene, file.drug, "guideline") for gene in file.genes}
    known = chart.shelf.known
    blind = {gene: chart.shelf.results(gene) for gene in file.genes if not standings[gene].results}
    own = known.drugs.get(file.drug) is file
    found = matched(
        file, standings, blind, _label(chart, file), _is_for(chart), own, chart.is_new(file.drug), _is_met(chart)
    )
    newer = known.successor(file)
    if not newer:
        return found
    note = f"a newer guideline ({newer}) replaces it; both are shown until the newer one has been read a second time"
    return replace(found, found=tuple(replace(item, notes=(*item.notes, note)) for item in found.found))


def _is_for(chart: Chart) -> Callable[[Rule], bool]:
    """Whether a rule is for a person of this age who takes what it asks for."""

    def is_for(rule: Rule) -> bool:
        return fits(rule.setting, chart.situation, chart.policy) and is_taken(chart, rule) is not False

    return is_for


def _is_met(chart: Chart) -> Callable[[Rule], bool]:
    return lambda rule: is_taken(chart, rule) is True


def _label(chart: Chart, file: DrugFile) -> str:
    """How ids name the guideline: its body, with the genes where a body has a file for each."""
    own = chart.shelf.known.drugs.get(file.drug)
    return file.body.lower() if own is file else f"{file.body.lower()}-{'-'.join(file.genes)}"


def _effective(chart: Chart, gene: str, drug: str, evidence: str) -> Standing:
    standing = chart.standings[gene]
    how = chart.shelf.known.care.conversions.get(gene)
    if how is None or how.evidence != evidence:
        return standing
    return converted(standing, how, chart.shelf.known.genes[gene], chart.at_work, drug)


def _lower(chart: Chart, file: DrugFile, already: Sequence[Recommendation]) -> list[Recommendation]:
    """What a shift of lower evidence would add; it stands after everything else and never interrupts."""
    settled = {gene: _effective(chart, gene, file.drug, "guideline") for gene in file.genes}
    shifted = {gene: _effective(chart, gene, file.drug, "lower") for gene in file.genes}
    changed = [gene for gene in file.genes if shifted[gene] is not chart.standings[gene]]
    if not changed:
        return []
    standings = {**settled, **{gene: shifted[gene] for gene in changed}}
    known = {item.id for item in already}
    found = [
        item for item in matched(file, standings, {}, _label(chart, file), _is_for(chart)).found if item.id not in known
    ]
    note = "lower evidence: the result is shifted by other drugs without a guideline that says so"
    return [
        replace(item, id=f"{item.id}/lower-evidence", kind=Kind.LOWER_EVIDENCE, notes=(*item.notes, note), interrupts=False)
        for item in (for_child(item, chart.situation, chart.policy) for item in found)
    ]


def _fitting(chart: Chart, match: Matched) -> list[Recommendation]:
    """Without figures for a child where no age is stated; grave ones interrupt where they are likely and lead."""
    sure = likely(match)
    return [
        replace(item, interrupts=item.headline in GRAVE and not item.is_partial and item.id in sure)
        for item in (for_child(item, chart.situation, chart.policy) for item in match.found)
    ]


def _interactions(chart: Chart, drug: str) -> list[Interaction]:
    own = [item for item in chart.drugs if item.drug == drug and item.is_systemic and chart.concerns(drug)]
    one = own[0] if own else Taken(drug, Course.PLANNED)
    return strongest({item.id: item for item in between(chart, one, chart.company(drug))}.values())


def _of_interaction(chart: Chart, drug: str, item: Interaction) -> Recommendation:
    other = item.drugs[0] if item.drugs[1] == drug else item.drugs[1]
    named = chart.shelf.known.sources.get(item.source.source)
    return Recommendation(
        id=f"{drug.replace(' ', '-')}/interaction/{item.id}",
        drug=drug,
        body=named.body if named else item.source.source,
        actions=item.actions,
        strength="not_applicable",
        advice=f"With {other}: {item.effect.rstrip('.')}. {item.advice}",
        implications=(),
        setting={"basis": "interaction"},
        applies_to="",
        dose=None,
        alternatives=(),
        monitor=item.monitor,
        because_of={other: next((step.value for step in item.because.rests_on if step.claim == other), "taken") or "taken"},
        is_partial=False,
        source=item.source,
        rows=(),
        status=item.status,
        checked=item.checked,
        because=item.because,
        kind=Kind.INTERACTION,
        patient=item.patient,
        notes=item.notes,
        interrupts=item.interrupts,
    )


def _dated(chart: Chart, item: Recommendation) -> Recommendation:
    """Marked where it was checked too long ago."""
    policy = chart.policy
    if policy is None or item.kind in (Kind.ALLERGY, Kind.DUPLICATE):
        return item
    days = (chart.situation.today - date.fromisoformat(item.checked)).days
    if days <= policy.outdated_after_days:
        return item
    return replace(item, notes=(*item.notes, f"may be outdated: last checked {item.checked}"))


def rank(chart: Chart, item: Recommendation) -> tuple[int, int, int, str]:
    """Most urgent first; among equals the body the policy names first, then the stronger, then by id."""
    bodies = chart.policy.bodies if chart.policy else []
    place = bodies.index(item.body) if item.body in bodies else len(bodies)
    return item.headline.urgency, place, STRENGTHS.index(item.strength), item.id


def _pending(matches: Sequence[Matched]) -> list[Matched]:
    """Guidelines whose possible results ask for different things, one of them grave."""
    return [match for match in matches if is_turning(match)]


def _headline(
    ordered: Sequence[Recommendation], settled: set[str], pending: Sequence[Matched], waiting: FirstTest | None
) -> Action:
    """The most urgent of what is settled; a test first where results that remain possible would change it.

    Of guidelines only ``settled`` recommendations count, those that hold in every setting where there are such, and of
    ``pending`` ones what the likeliest result asks for.
    """
    found = [item.headline for item in ordered if item.kind is not Kind.GENE or item.id in settled]
    found += [action for match in pending for action in leading(match)]
    if waiting is not None:
        found.append(Action.TEST_FIRST)
    if all(action is Action.NO_RECOMMENDATION for action in found):
        found += [item.headline for item in ordered]
    return min(found, key=lambda action: action.urgency, default=Action.NO_RECOMMENDATION)


def _disagreement(matches: Sequence[Matched]) -> tuple[str, ...]:
    """What each body asks for, where bodies that recommend something do not ask for the same."""
    asked: dict[str, set[Action]] = {}
    for match in matches:
        for item in match.found:
            if item.headline is not Action.NO_RECOMMENDATION:
                asked.setdefault(item.body, set()).add(item.headline)
    tops = {body: min(actions, key=lambda action: action.urgency) for body, actions in asked.items()}
    if len(set(tops.values())) < 2:
        return ()
    return tuple(f"{body}: {action.value.replace('_', ' ')}" for body, action in tops.items())


def _with_alternatives(chart: Chart, item: DrugAdvice, seen: dict[str, DrugAdvice]) -> DrugAdvice:
    against = _alternatives(chart, item, seen)
    if not against:
        return item
    terms = {name: chart.shelf.known.care.drugs.get(chart.shelf.names.get(name.lower(), "")) for name in against}
    codes = {name: term.rxnorm for name, term in terms.items() if term is not None and term.rxnorm}
    return replace(item, alternatives=against, alternative_codes=codes)


def _alternatives(chart: Chart, item: DrugAdvice, seen: dict[str, DrugAdvice]) -> dict[str, str]:
    """Drugs named instead of ``item``, each with what speaks against it for this person if it were begun.

    ``seen`` keeps what was worked out for drugs that replace nothing that is taken.
    """
    named = dict.fromkeys(name for found in item.recommendations for name in found.alternatives)
    found: dict[str, str] = {}
    instead = without(chart, (item.drug,)) if chart.concerns(item.drug) else chart
    for name in named:
        drug = chart.shelf.names.get(name.lower(), "")
        if not drug:
            found[name] = ""
            continue
        advice = seen.get(drug) if instead is chart else None
        if advice is None:
            advice = advise_drug(replace(instead, asked=tuple(dict.fromkeys([*instead.asked, drug]))), drug)
        if instead is chart:
            seen[drug] = advice
        counted = [told for told in advice.recommendations if told.kind is not Kind.LOWER_EVIDENCE]
        against = [told for told in counted if told.headline in _AGAINST]
        waiting = advice.test_first.why if advice.test_first else ""
        found[name] = against[0].advice if against else f"test first: {waiting}" if waiting else ""
    return found
