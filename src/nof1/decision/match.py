"""Which rules of a guideline hold for what is known about its genes, for every result that remains possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from nof1.decision.rules import Rules, rules_of
from nof1.decision.standing import Result, Standing
from nof1.knowledge.lookup import NO_RESULT
from nof1.knowledge.schema import DrugFile, Rule, Setting
from nof1.knowledge.shape import DoseSpec
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Dose, Indeterminate, Kind, Recommendation

MAX_COMBINATIONS = 4096
_MORE = "increase"
_FORBIDS = (Action.CONTRAINDICATED, Action.AVOID)
Combination = dict[str, Result]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one possible combination of results leads to: its most urgent action and the recommendations behind it.

    ``leading``: those that carry the headline; the others hold in some settings only. ``is_supposed``: a gene without any
    result was supposed to have this one. ``only_raises``: its dose action asks for more, not less.
    """

    combination: Combination
    action: Action
    ids: tuple[str, ...]
    chance: tuple[float, float] | None = None
    is_supposed: bool = False
    only_raises: bool = False
    leading: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The results in words."""
        return ", ".join(f"{gene} {result.words}" for gene, result in self.combination.items())


@dataclass(frozen=True, slots=True)
class Matched:
    """What one guideline says: recommendations, what each possible result leads to, and what is missing."""

    file: DrugFile
    found: tuple[Recommendation, ...]
    outcomes: tuple[Outcome, ...]
    unknown: tuple[Indeterminate, ...]


def matched(
    file: DrugFile,
    standings: Mapping[str, Standing],
    supposed: Mapping[str, Sequence[Result]],
    label: str,
    is_for: Callable[[Rule], bool],
    restates: bool = True,
    is_new: bool = False,
    is_met: Callable[[Rule], bool] = lambda _: False,
) -> Matched:
    """All that the guideline ``file`` says for this person, and what is missing for the rest.

    ``supposed``: every result a gene can have, asked for genes without any while another gene has one. ``label``: how ids
    name the guideline; ``is_for``: whether a rule is for this person; ``restates``: see ``_leading``; ``is_new``: the drug
    is to be begun, so that what an untested gene could forbid matters; ``is_met``: whether the record shows the situation a
    rule asks for.
    """
    unknown = [_missing(file, standings[gene]) for gene in file.genes if file.rules and not standings[gene].results]
    for gene in file.genes if file.rules else ():
        unknown += [Indeterminate(file.drug, f"{gene}: {text}", standings[gene].needs) for text in standings[gene].caveats]
    found: dict[str, Recommendation] = {}
    outcomes: list[Outcome] = []
    is_blind = not any(standings[gene].results for gene in file.genes)
    rules = rules_of(file)
    if not is_blind or rules.asks_for_test:
        mine = rules.open_to(is_for)
        for combination in _combinations(file, standings):
            held = [
                (rule, _recommendation(rules, rule, combination, standings, label))
                for rule in rules.holding(combination, mine)
            ]
            made = [_met(item) if is_met(rule) else item for rule, item in held]
            for item in made:
                found[item.id] = _merged(found[item.id], item) if item.id in found else item
            outcomes.append(_outcome(combination, made, restates))
        outcomes += [] if is_blind else _supposed(rules, standings, supposed, mine)
    elif is_new:
        outcomes += _forbidding(_supposed(rules, standings, supposed, rules.open_to(is_for)))
    if file.gap:
        unknown.append(Indeterminate(file.drug, file.gap))
    if not found and file.rules and all(standings[gene].results for gene in file.genes):
        words = ", ".join(f"{gene} {standings[gene].results[0].words}" for gene in file.genes)
        unknown.append(Indeterminate(file.drug, f"{file.body} has no recommendation row for {words}"))
    return Matched(file, tuple(found.values()), tuple(outcomes), tuple(unknown))


def _met(item: Recommendation) -> Recommendation:
    """A recommendation whose situation the record shows: it holds without restriction."""
    return replace(item, applies_to="", is_situational=False, notes=(*item.notes, f"holds here: {item.applies_to}"))


def _supposed(
    rules: Rules, standings: Mapping[str, Standing], supposed: Mapping[str, Sequence[Result]], mine: int
) -> list[Outcome]:
    """What a guideline of several genes would say if those without a result had one: one outcome for each answer."""
    file = rules.file
    blind = [gene for gene in file.genes if not standings[gene].results]
    if not blind:
        return []
    options = [rules.unlike(gene, standings[gene].results or supposed.get(gene, ())) for gene in file.genes]
    outcomes: dict[tuple[Action, bool], Outcome] = {}
    met: set[int] = set()
    for results in islice(product(*options), MAX_COMBINATIONS):
        combination = dict(zip(file.genes, results, strict=True))
        held = rules.holding(combination, mine)
        if held and id(held) not in met:
            met.add(id(held))
            free = [rule for rule in held if not rule.applies_to and _is_free(rule.setting)]
            free = free or [rule for rule in held if not rule.situational] or list(held)
            action = min((Action(action) for rule in free for action in rule.actions), key=lambda item: item.urgency)
            raises = _raises(rule.dose for rule in free)
            outcomes.setdefault((action, raises), Outcome(combination, action, (), None, True, raises))
    return list(outcomes.values())


def _forbidding(outcomes: list[Outcome]) -> list[Outcome]:
    """All of them, if one forbids the drug; otherwise none: an untested gene is no reason to wait for less."""
    return outcomes if any(outcome.action in _FORBIDS for outcome in outcomes) else []


def _is_free(setting: Setting) -> bool:
    return not (setting.indication or setting.prior_exposure or setting.alternatives)


def _combinations(file: DrugFile, standings: Mapping[str, Standing]) -> list[Combination]:
    options = [standings[gene].results or (Result(NO_RESULT, _no_result(standings[gene])),) for gene in file.genes]
    return [dict(zip(file.genes, results, strict=True)) for results in islice(product(*options), MAX_COMBINATIONS)]


def _no_result(standing: Standing) -> str:
    return "called, but no phenotype is assigned" if standing.is_called else "no result"


def _missing(file: DrugFile, standing: Standing) -> Indeterminate:
    return Indeterminate(file.drug, f"{standing.gene}: {standing.why}", standing.needs)


def _outcome(combination: Combination, made: Sequence[Recommendation], restates: bool) -> Outcome:
    leading = _leading(made, restates)
    action = min((item.headline for item in leading), key=lambda item: item.urgency, default=Action.NO_RECOMMENDATION)
    return Outcome(
        combination,
        action,
        tuple(item.id for item in made),
        _chance(combination),
        only_raises=_raises(item.dose for item in leading),
        leading=tuple(item.id for item in leading),
    )


def _leading(made: Sequence[Recommendation], restates: bool) -> list[Recommendation]:
    """Those that hold always; without such those by indication, then those with a restriction. A situation never leads.

    ``restates``: the file's ``applies_to`` repeats for whom the guideline is, and is no restriction of its own.
    """
    always = [item for item in made if not has_setting(item) and (restates or not item.applies_to)]
    by_indication = [item for item in made if has_setting(item)]
    return always or by_indication or [item for item in made if not item.is_situational]


def has_setting(item: Recommendation) -> bool:
    """Whether it holds for an indication, after earlier exposure, or where alternatives are missing."""
    return bool(set(item.setting) - {"age"})


def _raises(doses: Iterable[Dose | DoseSpec | None]) -> bool:
    """Whether every dose asks for more; false without one."""
    stated = [dose for dose in doses if dose is not None]
    return bool(stated) and all(dose.direction == _MORE for dose in stated)


def _chance(combination: Combination) -> tuple[float, float] | None:
    low, high, is_weighed = 1.0, 1.0, False
    for result in combination.values():
        if result.chance is not None:
            low, high, is_weighed = low * result.chance[0], high * result.chance[1], True
    return (low, high) if is_weighed else None


def _recommendation(
    rules: Rules, rule: Rule, combination: Combination, standings: Mapping[str, Standing], label: str
) -> Recommendation:
    file = rules.file
    source = SourceRef.parse(rule.source)
    status = FactStatus(rule.status)
    shown = {gene: result.words for gene, result in combination.items()}
    because = Because(
        f"{file.drug}: {rule.advice}",
        ", ".join(f"{gene}: {words}" for gene, words in shown.items()),
        source,
        status,
        tuple(standings[gene].because for gene in file.genes),
    )
    return Recommendation(
        id=f"{file.drug.replace(' ', '-')}/{label}/{rule.id}",
        drug=file.drug,
        body=file.body,
        actions=tuple(sorted((Action(action) for action in rule.actions), key=lambda action: action.urgency)),
        strength=rule.strength,
        advice=rule.advice,
        implications=rules.implications(combination),
        setting=_setting(rule),
        applies_to=rule.applies_to,
        dose=dose_of(rule.dose) if rule.dose else None,
        alternatives=tuple(rule.alternatives),
        monitor=tuple(rule.monitor),
        because_of=shown,
        is_partial=any(result.lookup == NO_RESULT for result in combination.values()),
        source=source,
        rows=tuple(rule.rows),
        status=status,
        checked=rule.checked,
        because=because,
        kind=Kind.GENE,
        patient=rule.patient,
        evidence=rule.evidence,
        notes=tuple(dict.fromkeys(f"{gene}: {item.note}" for gene, item in combination.items() if item.note)),
        chance=_chance(combination),
        is_situational=rule.situational,
    )


def _merged(one: Recommendation, other: Recommendation) -> Recommendation:
    """The same rule reached by two candidates: both are named."""
    named = {
        gene: words if other.because_of[gene] in words.split(" or ") else f"{words} or {other.because_of[gene]}"
        for gene, words in one.because_of.items()
    }
    chance = None
    if one.chance is not None and other.chance is not None:
        chance = (min(one.chance[0] + other.chance[0], 1.0), min(one.chance[1] + other.chance[1], 1.0))
    return replace(
        one,
        because_of=named,
        is_partial=one.is_partial or other.is_partial,
        notes=tuple(dict.fromkeys([*one.notes, *other.notes])),
        chance=chance,
    )


def _setting(rule: Rule) -> dict[str, str]:
    setting = rule.setting
    named = {
        "indication": setting.indication,
        "prior exposure": setting.prior_exposure,
        "alternatives": setting.alternatives,
    }
    age = "not stated: dose figures are for adults, warnings for everyone" if setting.age == "not_stated" else setting.age
    return {"age": age.replace("_", " ") if setting.age != "not_stated" else age} | {
        key: value for key, value in named.items() if value
    }


def dose_of(dose: DoseSpec) -> Dose:
    """A dose of the knowledge as findings have it."""
    return Dose(
        dose.direction,
        _range(dose.factor) if dose.factor is not None else None,
        dose.basis,
        tuple((*_range(item.value), item.unit, item.kind) for item in dose.absolute),
        dose.interval,
        dose.if_used,
    )


def _range(value: float | list[float]) -> tuple[float, float]:
    return (value[0], value[-1]) if isinstance(value, list) else (value, value)
