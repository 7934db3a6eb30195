"""The words a reader sees for actions, doses, settings and counts; the same in the page and in the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nof1.model.findings import (
    Action,
    Assessment,
    CallStatus,
    Diplotype,
    Dose,
    DrugAdvice,
    GeneCall,
    Kind,
    Phenotype,
    PositionSeen,
    Recommendation,
)

UNSEEN = ("no_call", "not_covered")
TITLES = {
    Action.CONTRAINDICATED: "Contraindicated",
    Action.AVOID: "Avoid",
    Action.ALTERNATIVE: "Choose an alternative",
    Action.TEST_FIRST: "Test first",
    Action.DOSE: "Change the dose",
    Action.CAUTION: "Use with caution",
    Action.MONITOR: "Monitor",
    Action.USE: "Use",
    Action.NO_RECOMMENDATION: "No recommendation",
}
NO_DATA = "no data here"
NO_GENOME = "No genome was given."
_DIRECTIONS = {"decrease": "lower", "increase": "higher", "limit": "limited"}
_NOTHING_ASSIGNED = ("", "n/a")
_OF_GENES = (Kind.GENE, Kind.LOWER_EVIDENCE)
_SAID_AS_KIND = ("basis",)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Results of a gene that mean the same: their labels, the phenotype, its score and the functions of the alleles."""

    labels: tuple[str, ...]
    term: str
    score: str
    functions: tuple[str, ...]


def action(code: Action) -> str:
    """The action in words, those of its title: ``change the dose``."""
    return TITLES[code].lower()


def headline(drug: DrugAdvice) -> str:
    """The headline in words, or that nothing is known."""
    return action(drug.headline) if drug.recommendations or drug.test_first else NO_DATA


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun.

    >>> counted(1, "gene"), counted(1200, "gene")
    ('1 gene', '1,200 genes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def abbreviated(items: Sequence[str], most: int) -> str:
    """The first ``most`` items and how many more there are.

    >>> abbreviated(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    if len(items) <= most:
        return ", ".join(items)
    return ", ".join(items[:most]) + f" and {len(items) - most} more"


def range_text(low: float, high: float) -> str:
    """A range of numbers, or the number when both ends are the same.

    >>> range_text(0.6, 2.4), range_text(400.0, 400.0)
    ('0.6–2.4', '400')
    """
    return _number(low) if low == high else f"{_number(low)}–{_number(high)}"


def _number(value: float) -> str:
    """Six figures at most and never an exponent: 1500000 rather than 1.5e+06."""
    text = f"{value:.6g}"
    return text if "e" not in text else f"{value:.10f}".rstrip("0").rstrip(".")


def dose(change: Dose) -> str:
    """A change of dose in one line.

    >>> dose(Dose("decrease", (0.3, 0.8), "normal dose", ((0.6, 2.4, "mg/kg/day", "start"),)))
    'lower: 30–80% of the normal dose; start 0.6–2.4 mg/kg/day'
    >>> dose(Dose("", interval="every other day")), dose(Dose(""))
    ('every other day', 'another dose; no figure is stated')
    """
    parts = []
    if change.factor is not None:
        low, high = (100 * value for value in change.factor)
        parts.append(f"{range_text(low, high)}% of the {change.basis or 'usual dose'}")
    parts += [f"{kind} {range_text(low, high)} {unit}".strip() for low, high, unit, kind in change.absolute]
    if change.interval:
        parts.append(change.interval)
    if change.if_used:
        parts.append("if it is used at all")
    direction = _DIRECTIONS.get(change.direction, change.direction)
    if not parts:
        return f"{direction} dose" if direction else "another dose; no figure is stated"
    return f"{direction}: {'; '.join(parts)}" if direction else "; ".join(parts)


def by_urgency(drugs: Iterable[DrugAdvice]) -> list[DrugAdvice]:
    """The drugs, most urgent first; those with advice before those without; otherwise in the given order."""
    return sorted(drugs, key=lambda advice: (advice.headline.urgency, not advice.recommendations))


def shared_setting(assessment: Assessment) -> dict[str, str]:
    """Parts of a setting that every recommendation states, with the value most of them give: said once, not each time."""
    given = (item for drug in assessment.drugs for item in drug.recommendations)
    settings = [item.setting for item in given if item.kind in _OF_GENES]
    if not settings:
        return {}
    keys = [key for key in settings[0] if all(key in setting for setting in settings)]
    return {key: Counter(setting[key] for setting in settings).most_common(1)[0][0] for key in keys}


def setting(item: Recommendation, shared: dict[str, str]) -> str:
    """For whom the recommendation holds, without what is shared by all; empty when it adds nothing."""
    own = [f"{key}: {value}" for key, value in item.setting.items() if shared.get(key) != value and key not in _SAID_AS_KIND]
    return "; ".join(([item.applies_to] if item.applies_to else []) + own)


def without_genes(assessment: Assessment) -> bool:
    """Whether no genome was given and no gene was called elsewhere: the record alone is assessed."""
    return not assessment.files and all(
        call.status is CallStatus.NO_CALL and not call.phenotypes for call in assessment.genes
    )


def title(assessment: Assessment) -> str:
    """What the document is called."""
    return "Assessment of drugs" if without_genes(assessment) else "Pharmacogenomic assessment"


def depends_on_result(drug: DrugAdvice) -> bool:
    """Whether the recommendations rest on different results of the same genes, so that only one of them can hold."""
    rests = [item.because_of for item in drug.recommendations if item.kind is Kind.GENE]
    return any(gene in other and other[gene] != value for one in rests for gene, value in one.items() for other in rests)


def seen_as(seen: PositionSeen) -> str:
    """How one position is drawn: variant, called, reference, no_call or not_covered."""
    if seen.state in UNSEEN:
        return seen.state
    if seen.is_variant:
        return "variant"
    return seen.state if seen.state in ("called", "reference") else "not_covered"


def unseen(assessment: Assessment) -> tuple[int, int]:
    """How many positions were not seen, and how many were asked for; genes called elsewhere are left out."""
    states = [seen.state in UNSEEN for call in assessment.genes if call.call_source != "outside" for seen in call.positions]
    return sum(states), len(states)


def is_unphased_list(call: GeneCall) -> bool:
    """Whether the results are single alleles of unknown phase rather than alternatives to each other."""
    return bool(call.phenotypes) and all(
        len(result.haplotypes) == 1 and len(meaning.recommendation_haplotypes) == 2
        for result, meaning in zip(call.diplotypes, call.phenotypes, strict=False)
    )


def candidates(call: GeneCall) -> list[Candidates]:
    """The results of the gene, those with the same meaning together; a result of one position only has no label."""
    if call.status is CallStatus.NO_CALL or not call.diplotypes:
        return [_meant((), item) for item in call.phenotypes]
    if is_unphased_list(call):
        return [_meant(call.diplotypes, call.phenotypes[0])]
    groups: dict[tuple[str, str], list[tuple[Diplotype, Phenotype | None]]] = {}
    for place, result in enumerate(call.diplotypes):
        meaning = call.phenotypes[place] if place < len(call.phenotypes) else None
        key = (meaning.term, meaning.activity_score) if meaning else ("", "")
        groups.setdefault(key, []).append((result, meaning))
    return [_meant([result for result, _ in group], group[0][1]) for group in groups.values()]


def _meant(results: Sequence[Diplotype], meaning: Phenotype | None) -> Candidates:
    labels = tuple(result.label for result in results)
    if meaning is None or meaning.term in _NOTHING_ASSIGNED:
        return Candidates(labels, "no phenotype assigned", "", meaning.functions if meaning else ())
    return Candidates(labels, meaning.term, meaning.activity_score, meaning.functions)


def warnings(assessment: Assessment) -> list[str]:
    """What a reader must know before anything else: unseen positions, genes without a call, a declared reference."""
    missing, asked = unseen(assessment)
    not_called = sum(call.status is CallStatus.NO_CALL for call in assessment.genes)
    lines = []
    if missing and not assessment.assay.get("headline"):  # the headline counts them already
        lines.append(
            f"{missing:,} of {counted(asked, 'position')} were not seen: they are unknown and are not read as reference."
        )
    if without_genes(assessment):
        return [NO_GENOME] if assessment.record else lines
    if not_called:
        lines.append(f"{not_called} of {counted(len(assessment.genes), 'gene')} could not be called.")
    if assessment.settings.get("absent position") == "reference":
        lines.append(
            "Positions without a record were declared to be reference by whoever ran this; the file does not show it."
        )
    return lines
