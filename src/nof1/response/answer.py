"""From a case to an answer: models that fit, levels explained, doses with their chances, and what forbids a draft."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.care import Care
from nof1.knowledge.dose_equations import DoseEquation
from nof1.knowledge.dosing import DosingFile, Target
from nof1.knowledge.kinetics import PkModel
from nof1.response import described, drafting
from nof1.response.bound import bound
from nof1.response.case import Case
from nof1.response.choosing import asked as asked_for
from nof1.response.choosing import candidates, chosen, is_meant
from nof1.response.covariates import Concern
from nof1.response.derived import held, with_derived
from nof1.response.described import Curve, LevelFit, ModelFit
from nof1.response.dose_estimates import Estimate
from nof1.response.fit import Fit
from nof1.response.history import single_doses
from nof1.response.regimens import Offer, Regimen, breaks, ceiling_text, offer
from nof1.response.screening import same_levels, screen, until
from nof1.response.search import Option, loading_options, options
from nof1.response.starting import starting
from nof1.response.targets import Aim, aim
from nof1.response.unknown_facts import undecided
from nof1.response.waiting import Wait, waits
from nof1.response.weighing import weighed

DRAWS = 2000
_SHOWN = 12  # options
_LOADING = 4
_NEARLY = 0.1  # of an interval: how far a dose may be from its time
_SHORTEST = 0.5  # hours between doses that are taken for a regimen


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the one who asks chooses: the ``target`` (id), ``intervals`` in hours (none: any), how many ``draws``.

    ``flattened`` below 1 weakens the prior: the levels count more than the population. ``is_searching``: false where only
    the present regimen is asked about; then no other dose is priced, and none drafted.
    """

    target: str = ""
    intervals: tuple[float, ...] = ()
    draws: int = DRAWS
    flattened: float = 1.0
    is_searching: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """``draft``: the option drafted as a dose; ``None`` with the reasons in ``blocked``.

    ``refused``: models left out and why. ``present``: the regimen as it is given now, priced like the options, and
    ``present_above``: the ceilings it is above. ``above``: how many existing doses each ceiling forbids; ``priced``: how
    many were looked at. ``undecided``: why ceilings count that are not known to hold. ``choices``: where no fact tells the
    target, those there are, with the present regimen under each. ``waits``: when the level will be low enough for the next
    dose. ``curve`` and ``levels`` are of all models, mixed by their weights.
    """

    drug: str
    case: Case
    models: tuple[ModelFit, ...]
    refused: Mapping[str, tuple[Concern, ...]]
    levels: tuple[LevelFit, ...]
    target: Aim | None
    options: tuple[Option, ...]
    loading: tuple[Option, ...]
    present: Option | None
    present_above: tuple[str, ...]
    draft: Option | None
    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    ceilings: tuple[str, ...]
    above: Mapping[str, int]
    curve: Curve | None
    level_unit: str
    dose_unit: str
    priced: int
    undecided: Mapping[str, str] = field(default_factory=dict)
    waits: tuple[Wait, ...] = ()
    starting: tuple[Estimate, ...] = ()
    choices: tuple[tuple[Aim, Option | None], ...] = ()
    fits: tuple[tuple[Fit, float], ...] = field(default=(), repr=False, compare=False)


@np.errstate(over="ignore", invalid="ignore")  # of draws so far out that their levels have no number: they weigh nothing
def answer(
    case: Case,
    models: Sequence[PkModel],
    dosing: DosingFile | None,
    care: Care,
    rng: np.random.Generator,
    wishes: Wishes | None = None,
    equations: Sequence[DoseEquation] = (),
) -> Answer:
    """The answer to ``case`` from ``models`` and ``equations`` of its drug; raises ``InputError`` where it cannot be."""
    asked = wishes or Wishes()
    if not models:
        raise RequestError(f"no model of {case.drug} is known; bring one as a file, or choose another drug")
    notes = screen(case)
    case = replace(case, levels=same_levels(case.levels), doses=until(case.doses, case.now))
    found = weighed(case, models, care, rng, asked.draws, asked.flattened)
    notes += found.untrusted
    weighted, best = found.fits, found.best
    facts = _facts(case, care)
    target = chosen(dosing, asked.target, facts, case.drugs)
    now = _regimen_now(case, weighted, dosing)
    offered = _offer(dosing, found.usable, facts, asked.intervals, target, now)
    unit = models[0].outputs[0].unit
    aimed = aim(target, case, unit) if target else None
    priced = _priced(weighted, offered, aimed, case, now) if asked.is_searching else []
    present = _present(now, case, weighted, aimed, priced)
    levels = described.levels(weighted) if best else ()
    first = priced[0] if priced else None
    open_targets = [] if target else candidates(dosing, facts, case.drugs)
    blocked = (
        *((asked_for(open_targets, facts, case.drugs, care),) if open_targets else ()),
        *drafting.reasons(case, found.usable, dosing, target, levels, first, facts, found.supposed, care),
        *_ends(first, offered, aimed, models[0].dose_unit, facts, care),
    )
    blocked = tuple(_named(text, offered) for text in blocked if asked.is_searching or text != drafting.NO_DOSE)
    return Answer(
        drug=case.drug,
        case=case,
        models=tuple(described.model_fit(item, weight) for item, weight in weighted),
        refused=found.refused,
        levels=levels,
        target=aimed,
        options=tuple(priced),
        loading=_loading(weighted, offered, priced, aimed, case),
        present=present,
        present_above=_above(present, offered, models[0].dose_unit, facts),
        draft=None if blocked else first,
        blocked=blocked,
        notes=tuple(notes),
        ceilings=tuple(dict.fromkeys(ceiling_text(item) for item in offered.ceilings)) if offered else (),
        above=offered.above if offered else {},
        undecided=undecided(offered.ceilings, facts, care, offered.above) if offered else {},
        curve=described.curve(case, weighted, first.regimen if first else None) if best and asked.is_searching else None,
        level_unit=unit,
        dose_unit=models[0].dose_unit,
        priced=len(offered.regimens) if offered and asked.is_searching else 0,
        waits=_waits(weighted, dosing, facts, case, unit) if asked.is_searching else (),
        starting=starting(equations, case, care),
        choices=tuple(_choice(item, now, case, weighted, unit) for item in open_targets),
        fits=weighted,
    )


def _priced(
    weighted: Sequence[tuple[Fit, float]], offered: Offer | None, aimed: Aim | None, case: Case, now: Regimen | None
) -> list[Option]:
    """What may be given, with its chances, the best first; none with a figure that is no number."""
    if offered is None or aimed is None:
        return []
    found = options(weighted, offered.regimens, aimed, case.now, _SHOWN, now)
    return [item for item in found if _is_finite(item)]


def _waits(
    weighted: Sequence[tuple[Fit, float]], dosing: DosingFile | None, facts: Mapping[str, float], case: Case, unit: str
) -> tuple[Wait, ...]:
    """How long until the next dose, by every target that is meant for this person."""
    return waits(weighted, [item for item in dosing.targets if is_meant(item, facts)], case, unit) if dosing else ()


def _is_finite(item: Option) -> bool:
    """Whether every figure of an option is a number."""
    ranges = (item.exposure, item.first, item.trough, item.peak, item.auc24)
    figures = [item.utility, *(end for found in ranges for end in (found.low, found.middle, found.high))]
    return bool(np.isfinite(figures).all())


def _facts(case: Case, care: Care) -> dict[str, float]:
    """What holds now, by name."""
    series = with_derived(case.facts, care.policy.equations if care.policy else (), case.states)
    return {name: held(values, case.now) for name, values in series.items() if values} | dict(case.states)


def _offer(
    dosing: DosingFile | None,
    usable: Sequence[Fit],
    facts: Mapping[str, float],
    intervals: tuple[float, ...],
    target: Target | None,
    now: Regimen | None,
) -> Offer | None:
    """Doses on the routes on which the drug was given, as far as every model knows them.

    Infusions without an end only where they run already, where a mean level is aimed at, or where there are no others.
    """
    if dosing is None or not usable:
        return None
    routes = set.intersection(*(set(item.course.routes) for item in usable))
    given = {usable[0].course.routes[place] for place in np.unique(usable[0].course.route)}
    found = offer(dosing, sorted((routes & given) or routes), usable[0].model.dose_unit, facts, intervals)
    if (target and target.measure == "average") or (now and now.is_continuous):
        return found
    ending = tuple(item for item in found.regimens if not item.is_continuous)
    return replace(found, regimens=ending or found.regimens)


def _regimen_now(case: Case, weighted: Sequence[tuple[Fit, float]], dosing: DosingFile | None) -> Regimen | None:
    """The last dose, repeated as it was; an interval that is nearly one that exists is taken for it."""
    given = list(single_doses(case.doses))
    if not (weighted and given):
        return None
    last = given[-1]
    interval = last.time - given[-2].time if len(given) > 1 else last.interval
    if interval < _SHORTEST:
        return None
    route = last.route or weighted[0][0].course.routes[0]
    known = [hours for row in dosing.regimens if row.route == route for hours in row.intervals] if dosing else []
    near = min(known, key=lambda hours: abs(hours - interval), default=interval)
    return Regimen(route, last.amount, near if abs(near - interval) <= _NEARLY * near else interval, last.duration)


def _present(
    now: Regimen | None, case: Case, weighted: Sequence[tuple[Fit, float]], aimed: Aim | None, priced: Sequence[Option]
) -> Option | None:
    """The regimen as it is given now, with its chances: one of ``priced``, or priced by itself."""
    if now is None or aimed is None:
        return None
    found = next((item for item in priced if item.regimen == now), None) or options(weighted, [now], aimed, case.now)[0]
    return found if _is_finite(found) else None


def _ends(
    first: Option | None, offered: Offer | None, aimed: Aim | None, unit: str, facts: Mapping[str, float], care: Care
) -> tuple[str, ...]:
    """That the end of what may be given chose the dose, where it did."""
    if first is None or offered is None or aimed is None or care.policy is None or care.policy.draft is None:
        return ()
    return bound(first, offered, aimed, unit, facts, care.policy.draft.least_in_target)


def _named(text: str, offered: Offer | None) -> str:
    """That no dose is allowed, with the ceilings that forbid them all."""
    if text != drafting.NO_DOSE or offered is None or not offered.above or offered.regimens:
        return text
    return f"{text}: {', '.join(f'{ceiling} forbids {count}' for ceiling, count in offered.above.items())}"


def _choice(
    target: Target, now: Regimen | None, case: Case, weighted: Sequence[tuple[Fit, float]], unit: str
) -> tuple[Aim, Option | None]:
    """A target that may be chosen, and the present regimen under it."""
    aimed = aim(target, case, unit)
    return aimed, _present(now, case, weighted, aimed, ())


def _above(present: Option | None, offered: Offer | None, dose_unit: str, facts: Mapping[str, float]) -> tuple[str, ...]:
    if present is None or offered is None:
        return ()
    return tuple(ceiling_text(item) for item in breaks(present.regimen, offered.ceilings, dose_unit, facts))


def _loading(
    weighted: Sequence[tuple[Fit, float]], offered: Offer | None, priced: Sequence[Option], aimed: Aim | None, case: Case
) -> tuple[Option, ...]:
    """First doses for somebody who has had none."""
    if case.doses or not (offered and aimed and priced):
        return ()
    return tuple(loading_options(weighted, offered.loading, priced[0].regimen, aimed, case.now)[:_LOADING])
