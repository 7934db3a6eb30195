"""What is read first: recommendations in reading order, drugs that concern the person now, and a cause in a few words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nof1.model.findings import Action, Assessment, DrugAdvice, Interaction, Kind, Recommendation

COURSES = {"active": "taken", "unknown": "perhaps taken", "planned": "planned", "stopped": "stopped"}
NOW = ("active", "unknown", "planned")
KINDS = {
    Kind.LOWER_EVIDENCE: "lower evidence",
    Kind.FACT: "from the record",
    Kind.INTERACTION: "interaction",
    Kind.ALLERGY: "allergy",
    Kind.DUPLICATE: "same class twice",
}
SEVERITIES = ("contraindicated", "serious", "moderate", "minor")
_HELD_BY_ALL = ("age", "basis")
_BRACKETS = re.compile(r" \([^()]*\)")
_SENTENCE = re.compile(r"(?<=[a-z)\d])\.+(?:\s|$)")


def is_of_genes(item: Recommendation) -> bool:
    """Whether it rests on genes (also under other drugs) rather than on the record."""
    return item.kind in (Kind.GENE, Kind.LOWER_EVIDENCE)


def holds_always(item: Recommendation) -> bool:
    """Whether it holds in every setting; a guideline's may name an indication, earlier exposure or another restriction."""
    return item.kind is not Kind.GENE or not (item.applies_to or set(item.setting) - set(_HELD_BY_ALL))


def ordered(items: Iterable[Recommendation]) -> list[Recommendation]:
    """Those that hold always first, then those of some settings, then lower evidence; otherwise in the given order."""
    return sorted(items, key=lambda item: (item.kind is Kind.LOWER_EVIDENCE, not holds_always(item)))


def is_unlikely(item: Recommendation) -> bool:
    """Whether the results it rests on are less likely than not in every population asked."""
    return item.chance is not None and item.chance[1] < 0.5


def leading(drug: DrugAdvice) -> Recommendation | None:
    """The recommendation behind the headline, or the first one there is."""
    found = ordered(drug.recommendations)
    return next((item for item in found if item.headline is drug.headline), found[0] if found else None)


def is_silent(drug: DrugAdvice) -> bool:
    """Whether nothing at all can be said on it, not even that a test comes first."""
    return not drug.recommendations and drug.test_first is None


def concerns(drug: DrugAdvice) -> bool:
    """Whether the record has the drug as taken (also perhaps) or planned."""
    return drug.course in NOW


def of_record(assessment: Assessment) -> list[DrugAdvice]:
    """The drugs taken or planned, most urgent first, those that interrupt before others."""
    mine = [drug for drug in assessment.drugs if concerns(drug)]
    return sorted(mine, key=lambda drug: (not drug.interrupts, drug.headline.urgency, drug.drug))


def course(drug: DrugAdvice) -> str:
    """The course in words; empty for a drug that is not in the record."""
    return COURSES.get(drug.course, drug.course)


def stopped_once(medications: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Medications as they are; those of one text that were stopped once, from the first to the last, with ``times``."""
    found: dict[object, dict[str, Any]] = {}
    for place, item in enumerate(medications):
        key: object = place if item.get("course") in NOW else (item.get("text"), item.get("route"))
        known = found.setdefault(key, {**item, "times": 0})
        known["times"] += 1
        known["since"] = min(filter(None, (known.get("since"), item.get("since"))), default="")
        known["until"] = max(filter(None, (known.get("until"), item.get("until"))), default="")
    return list(found.values())


def is_of(item: Recommendation, pairs: Iterable[Interaction]) -> bool:
    """Whether the recommendation tells one of the interactions from the side of one drug."""
    return item.kind is Kind.INTERACTION and any(item.id.endswith(f"/{pair.id}") for pair in pairs)


def urgent_pairs(assessment: Assessment) -> list[list[Interaction]]:
    """Interactions that interrupt, those of one pair together, the most severe first."""
    return by_pair(item for item in assessment.interactions if item.interrupts)


def by_pair(items: Iterable[Interaction]) -> list[list[Interaction]]:
    """Interactions of the same two drugs together, in order of the most severe of each."""
    pairs: dict[frozenset[str], list[Interaction]] = {}
    for item in sorted(items, key=lambda one: severity(one.severity)):
        pairs.setdefault(frozenset(item.drugs), []).append(item)
    return list(pairs.values())


def severity(word: str) -> int:
    """0 for the most severe; a word that is not known stands last."""
    return SEVERITIES.index(word) if word in SEVERITIES else len(SEVERITIES)


def urgent_advice(assessment: Assessment) -> Iterator[tuple[DrugAdvice, list[Recommendation]]]:
    """Drugs taken or planned with what interrupts and is not told as an interaction already."""
    told = [item for pair in urgent_pairs(assessment) for item in pair]
    for drug in of_record(assessment):
        found = [item for item in ordered(drug.recommendations) if item.interrupts and not is_of(item, told)]
        if found:
            yield drug, found


def waiting(assessment: Assessment) -> list[DrugAdvice]:
    """Drugs taken or planned that wait for a result."""
    return [drug for drug in of_record(assessment) if drug.test_first is not None]


def cause(item: Recommendation) -> str:
    """What it rests on in a few words: a gene's result, a fact, another drug, an allergy."""
    if item.kind is Kind.INTERACTION:
        return f"with {' and '.join(item.because_of)}"
    if is_of_genes(item):
        return ", ".join(f"{gene} {brief(value)}" for gene, value in item.because_of.items())
    return ", ".join(value for value in dict.fromkeys(item.because_of.values()) if value)


def brief(value: str) -> str:
    """A result without where it was shifted from; the drugs that shift it are named.

    >>> brief("Poor (activity score 0.0), from Intermediate (activity score 1.0) by aaa (strong inhibitor, oral)")
    'Poor (activity score 0.0) by aaa'
    """
    now, _, shifted = value.partition(", from ")
    by = _BRACKETS.sub("", shifted.rpartition(") by ")[2] if ") by " in shifted else shifted.rpartition(" by ")[2])
    return f"{now} by {by}" if by else now


def why(drug: DrugAdvice) -> str:
    """Why the headline is what it is, in one line: the cause, then the first sentence of the advice."""
    if drug.test_first is not None and drug.headline is Action.TEST_FIRST:
        return drug.test_first.why
    item = leading(drug)
    if item is None:
        return ""
    first = first_sentence(item.advice)
    return first if item.kind is Kind.INTERACTION else f"{cause(item)}: {first}"


def first_sentence(text: str) -> str:
    """The text up to the end of its first sentence."""
    return _SENTENCE.split(text, maxsplit=1)[0]


def needed(needs: Sequence[str], most: int) -> str:
    """The first of what would settle something, and that there are others.

    >>> needed(["a", "b", "c", "and 7 more positions"], 2), needed(["a"], 2)
    ('a, b and others', 'a')
    """
    return ", ".join(needs) if len(needs) <= most else f"{', '.join(needs[:most])} and others"


def name_of(fact: str) -> str:
    """A fact's name as words."""
    return fact.replace("_", " ")


def record_names(assessment: Assessment) -> Mapping[str, str]:
    """The facts of the record in words, by name."""
    names: Mapping[str, str] = assessment.record.get("names", {})
    return names


def named(fact: str, names: Mapping[str, str]) -> str:
    """A fact in words: as the assessment names it, else its name."""
    return names.get(fact) or name_of(fact)


def disagreements(drug: DrugAdvice) -> Sequence[tuple[str, str]]:
    """Body and what it asks for, where bodies differ."""
    return [(body, asked) for body, _, asked in (told.partition(": ") for told in drug.disagreement)]
