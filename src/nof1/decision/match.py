"""Which rules of a drug hold for what is known about its genes, and what kept others from being asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from nof1.knowledge.lookup import NO_RESULT, accepts
from nof1.knowledge.schema import DoseSpec, DrugFile, Knowledge, Rule
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import Action, Dose, DrugAdvice, Indeterminate, Recommendation

MAX_COMBINATIONS = 256


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known about one gene: lookup values with the words to show for each, empty when nothing is known.

    ``why`` says what keeps an unknown gene unknown, ``needs`` what would settle it; ``because`` is the gene's own reason;
    ``caveats`` what must be said beside advice on the gene.
    """

    values: tuple[tuple[str, str], ...]
    why: str
    caveats: tuple[str, ...]
    because: Because
    needs: tuple[str, ...]


def advise(knowledge: Knowledge, standings: Mapping[str, Standing], drugs: Sequence[str]) -> tuple[DrugAdvice, ...]:
    """Advice on ``drugs``, the most urgent first, then by name."""
    advice = [advise_drug(knowledge.drugs[drug], standings) for drug in drugs]
    return tuple(sorted(advice, key=lambda item: (item.headline.urgency, not item.recommendations, item.drug)))


def advise_drug(drug: DrugFile, standings: Mapping[str, Standing]) -> DrugAdvice:
    """All that the body of ``drug`` says for this person, and what is missing for the rest."""
    unknown = [_missing(drug, gene, standings[gene]) for gene in drug.genes if drug.rules and not standings[gene].values]
    for gene in drug.genes if drug.rules else ():
        unknown += [Indeterminate(drug.drug, f"{gene}: {text}", standings[gene].needs) for text in standings[gene].caveats]
    found: dict[str, Recommendation] = {}
    if any(standings[gene].values for gene in drug.genes):
        for combination in _combinations(drug, standings):
            for rule in drug.rules:
                if any(_holds(case, combination) for case in rule.when):
                    made = _recommendation(drug, rule, combination, standings)
                    found[made.id] = _merged(found[made.id], made) if made.id in found else made
    if drug.gap:
        unknown.append(Indeterminate(drug.drug, drug.gap))
    if not found and drug.rules and all(standings[gene].values for gene in drug.genes):
        words = ", ".join(f"{gene} {standings[gene].values[0][1]}" for gene in drug.genes)
        unknown.append(Indeterminate(drug.drug, f"{drug.body} has no recommendation row for {words}"))
    ordered = tuple(sorted(found.values(), key=lambda item: (item.headline.urgency, item.id)))
    headline = ordered[0].headline if ordered else Action.NO_RECOMMENDATION
    return DrugAdvice(drug.drug, drug.rxnorm.value if drug.rxnorm else "", headline, ordered, tuple(unknown))


def _combinations(drug: DrugFile, standings: Mapping[str, Standing]) -> list[dict[str, tuple[str, str]]]:
    options = [standings[gene].values or ((NO_RESULT, _no_result(standings[gene])),) for gene in drug.genes]
    return [dict(zip(drug.genes, values, strict=True)) for values in islice(product(*options), MAX_COMBINATIONS)]


def _no_result(standing: Standing) -> str:
    return "called, but no phenotype is assigned" if standing.why.startswith("called") else "no result"


def _holds(case: Mapping[str, list[str]], combination: Mapping[str, tuple[str, str]]) -> bool:
    return all(
        any(accepts(condition, part) for condition in conditions for part in _parts(combination[gene][0]))
        for gene, conditions in case.items()
    )


def _parts(value: str) -> list[str]:
    """A lookup value may hold several results, as the presence of several alleles does."""
    return value.split("; ")


def _missing(drug: DrugFile, gene: str, standing: Standing) -> Indeterminate:
    return Indeterminate(drug.drug, f"{gene}: {standing.why}", standing.needs)


def _recommendation(
    drug: DrugFile, rule: Rule, combination: Mapping[str, tuple[str, str]], standings: Mapping[str, Standing]
) -> Recommendation:
    source = SourceRef.parse(rule.source)
    status = FactStatus(rule.status)
    implications = tuple(
        item.text
        for item in drug.implications
        if any(accepts(condition, part) for condition in item.when for part in _parts(combination[item.gene][0]))
    )
    shown = {gene: words for gene, (_, words) in combination.items()}
    claim = f"{drug.drug}: {rule.advice}"
    because = Because(claim, ", ".join(f"{gene}: {words}" for gene, words in shown.items()), source, status, tuple(
        standings[gene].because for gene in drug.genes
    ))  # fmt: skip
    return Recommendation(
        id=f"{drug.drug.replace(' ', '-')}/{drug.body.lower()}/{rule.id}",
        drug=drug.drug,
        body=drug.body,
        actions=tuple(sorted((Action(action) for action in rule.actions), key=lambda action: action.urgency)),
        strength=rule.strength,
        advice=rule.advice,
        implications=implications,
        setting=_setting(rule),
        applies_to=rule.applies_to,
        dose=_dose(rule.dose) if rule.dose else None,
        alternatives=tuple(rule.alternatives),
        monitor=tuple(rule.monitor),
        because_of=shown,
        is_partial=any(value == NO_RESULT for value, _ in combination.values()),
        source=source,
        rows=tuple(rule.rows),
        status=status,
        checked=rule.checked,
        because=because,
    )


def _merged(one: Recommendation, other: Recommendation) -> Recommendation:
    """The same rule reached by two candidates: both are named."""
    named = {
        gene: words if other.because_of[gene] in words.split(" or ") else f"{words} or {other.because_of[gene]}"
        for gene, words in one.because_of.items()
    }
    return replace(one, because_of=named, is_partial=one.is_partial or other.is_partial)


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


def _dose(dose: DoseSpec) -> Dose:
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
