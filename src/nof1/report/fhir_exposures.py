"""Exposures in the bundle: a RiskAssessment with the chances of each, resting on the record's own doses and levels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nof1.model.evidence import Because
from nof1.model.exposures import Exposure
from nof1.report.exposed import BASIS, MEASURES, exposure_words
from nof1.report.fhir_parts import Frame, Resource, artifact, concept, notes, plain, sentences

_KINDS = "Observation|MedicationAdministration|MedicationRequest|MedicationStatement"
_PLACE = re.compile(rf"(?:^|\s)((?:{_KINDS})/[A-Za-z0-9\-.]{{1,64}})$")
PREDICTED = "Predicted by population models; nobody measured it, and it is no dose."


def exposure_resources(at: Frame) -> Iterator[Resource]:
    """A RiskAssessment for each exposure that could be worked out."""
    for item in at.assessment.exposures:
        if item.interval is not None:
            yield _risk(at, item)


def _risk(at: Frame, item: Exposure) -> Resource:
    models = "; ".join(f"{model.title} (weight {model.weight:.2f})" for model in item.models)
    sources = {model.source for model in item.models} | ({item.source} if item.source else set())
    cited = [artifact(at, ref.source, ref.place) for ref in sorted(sources, key=str)]
    made: Resource = {
        "resourceType": "RiskAssessment",
        "id": at.id(f"exposure/{item.drug}"),
        "extension": cited,
        "status": at.status,
        "method": concept(f"population models, {BASIS[item.basis]}: {models}"),
        "code": concept(f"exposure to {item.drug} under {item.regimen}"),
        "subject": at.patient,
        **({"occurrenceDateTime": at.date} if at.date else {}),
        "performer": at.to("device"),
    }
    if basis := [{"reference": place} for place in dict.fromkeys(_places(item))]:
        made["basis"] = basis
    rationale = plain(f"{exposure_words(item)} (5 % to 95 %) at steady state")
    made["prediction"] = [
        {"outcome": concept(outcome), "probabilityDecimal": round(100 * chance, 1), "rationale": rationale}
        for outcome, chance in _chances(item)
    ]
    blocked = sentences(["no dose is drafted", *item.blocked]) if item.blocked else ""
    return made | notes([PREDICTED, f"target: {item.target}", blocked, *item.notes])


def _chances(item: Exposure) -> Iterator[tuple[str, float]]:
    ends = " to ".join(f"{value:g}" for value in (item.low, item.high) if value is not None)
    sides = (("in", item.in_target), ("below", item.below), ("above", item.above))
    for side, chance in sides:
        if chance is not None:
            name = MEASURES.get(item.measure, item.measure)
            yield f"{name} {side} the target range ({ends} {item.unit})", chance
    if item.harmful is not None and item.toxic is not None:
        yield f"exposure where harm begins, above {item.toxic:g} {item.unit}", item.harmful


def _places(item: Exposure) -> Iterator[str]:
    """The doses and levels of the record, as references."""
    steps: tuple[Because, ...] = item.because.rests_on if item.because else ()
    for step in steps:
        if step.source is not None and (match := _PLACE.search(step.source.place)):
            yield match[1]
