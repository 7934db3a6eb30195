"""Why no dose is drafted: every reason, in words that say what would remove it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from nof1.knowledge.care import Care
from nof1.knowledge.dosing import DosingFile, Target
from nof1.response.case import Case
from nof1.response.choosing import is_meant
from nof1.response.described import LevelFit
from nof1.response.fit import IMPLAUSIBLE, Fit
from nof1.response.history import single_doses
from nof1.response.regimens import existing
from nof1.response.search import Option

NO_DOSE = "no dose that exists is allowed here"
_APART = 10.0  # times the largest or smallest dose that exists, beyond which the unit of one given is asked about
_TWICE = "was entered once and not read a second time"


def reasons(
    case: Case,
    fits: Sequence[Fit],
    dosing: DosingFile | None,
    target: Target | None,
    levels: Sequence[LevelFit],
    best: Option | None,
    facts: Mapping[str, float],
    supposed: Sequence[str] = (),
    care: Care | None = None,
) -> tuple[str, ...]:
    """Empty where a dose may be drafted. ``supposed``: genotypes that the answer is averaged over."""
    open_genes = [f"a genotype is not known: {words}" for words in supposed]
    found = _reasons(case, fits, dosing, target, levels, best, facts)
    return tuple(dict.fromkeys([*found, *_states(case, fits, care), *open_genes]))


def _states(case: Case, fits: Sequence[Fit], care: Care | None) -> Iterator[str]:
    """States that hold, that no draft is made in, and that a model used does not know."""
    if care is None or care.policy is None:
        return
    for name in care.policy.no_draft:
        blind = [item.model.title for item in fits if name not in {one.term for one in item.model.covariates}]
        if case.states.get(name) and blind:
            yield f"{care.conditions[name].title}: not known to {', '.join(dict.fromkeys(blind))}"


def _reasons(
    case: Case,
    fits: Sequence[Fit],
    dosing: DosingFile | None,
    target: Target | None,
    levels: Sequence[LevelFit],
    best: Option | None,
    facts: Mapping[str, float],
) -> Iterator[str]:
    yield from case.doubts
    if not fits:
        yield "no model holds for this patient"
    for item in fits:
        if item.model.status == "provisional":
            yield f"{item.model.title} {_TWICE}"
        said = [concern.text for concern in item.fitting.concerns if concern.kind == "said"]
        yield from (f"{text} ({item.model.title})" for text in said)
    if dosing is None:
        yield "doses, ceilings and targets of this drug are not part of the knowledge"
        return
    if target is not None and target.status == "provisional":
        yield f"the target {target.title} {_TWICE}"
    if target is not None and not is_meant(target, facts):
        why = " and ".join(text for text in (target.when, target.only) if text)
        yield f"the target {target.title} is not meant for this person ({why})"
    if target is not None and target.high is None and target.toxic is None and target.measure != "time_above":
        yield f"the target {target.title} has no upper end; beside it, a limit of harm has to be looked at"
    if target is not None and target.low is None:
        yield f"the target {target.title} has no lower end, which any small dose meets; choose one that asks for an effect"
    yield from _strange(case, dosing, fits, facts)
    yield from _old(case, dosing)
    for level in levels:
        if level.unlikely < IMPLAUSIBLE:
            place = f"the level {level.value:g} at {level.time:g} h"
            yield f"{place} is implausible for a patient like this one; confirm the sample, its time and the doses before it"
    if fits and best is None and (target is not None or not dosing.targets):
        yield NO_DOSE
    if best is not None and best.utility <= 0:
        yield "no dose that exists and is allowed comes near the target"


def _strange(case: Case, dosing: DosingFile, fits: Sequence[Fit], facts: Mapping[str, float]) -> Iterator[str]:
    """Doses given that are far from all that exist, and equal infusions of which one begins while another runs."""
    given = list(single_doses(case.doses))
    for one, other in pairwise(given):
        is_same = one.duration > 0 and (one.amount, one.duration) == (other.amount, other.duration)
        if is_same and one.time + 1e-6 < other.time < one.time + one.duration - 1e-6:
            yield f"the infusion at {one.time:g} h still runs when the next one begins; look at its length, in hours"
            break
    known = [amount for route in {dose.route for dose in given} for amount in existing(dosing, route, facts, _unit(fits))]
    for dose in given if known else []:
        if not min(known) / _APART <= dose.amount <= max(known) * _APART:
            yield f"the dose of {dose.amount:g} at {dose.time:g} h is far from all doses that exist; look at its unit"
            break


def _unit(fits: Sequence[Fit]) -> str:
    return fits[0].model.dose_unit if fits else ""


def _old(case: Case, dosing: DosingFile) -> Iterator[str]:
    for item in dosing.fresh:
        times = [time for time, _ in case.facts.get(item.fact, ()) if time <= case.now]
        need = f"it is needed within {item.within_days:g} days"
        if item.fact in case.undated:
            yield f"when {item.fact} was measured is not said; {need}"
        elif not times:
            yield f"{item.fact} is not known; {need}"
        elif case.now - max(times) > item.within_days * 24:
            yield f"{item.fact} is {(case.now - max(times)) / 24:.1f} days old; {need}"
