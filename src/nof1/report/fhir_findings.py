"""Secondary findings and risks in the bundle: variants with a diagnostic implication; a RiskAssessment for each equation."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.evidence import SourceRef
from nof1.model.risks import RiskEstimate, RiskFinding
from nof1.model.secondary import SecondaryFinding, SecondaryStatus
from nof1.model.variants import ObservedVariant
from nof1.report.fhir_genes import gene_component
from nof1.report.fhir_parts import Frame, Resource, artifact, coding, component, concept, named, notes, observation, plain
from nof1.report.points import points_text
from nof1.report.secondary import STATUS, variant_words

_TOLD = (SecondaryStatus.REPORTABLE, SecondaryStatus.POSSIBLE_BIALLELIC)
_ESTIMATED = "What an equation made from groups of people says; no statement about this person's future."


def finding_resources(at: Frame) -> Iterator[Resource]:
    """The variants of each finding that is told, and what they imply; what waits for review is left to the page."""
    for number, one in enumerate(one for one in at.assessment.variants if one.status in _TOLD):
        places = [f"finding/{number}/{place}" for place in range(len(one.variants))]
        for place, variant in zip(places, one.variants, strict=True):
            yield _variant(at, place, one.gene, variant)
        yield _implication(at, f"finding/{number}", one, places)


def _variant(at: Frame, local: str, gene: str, one: ObservedVariant) -> Resource:
    allele = one.allele
    sequence = coding("sequence", allele.chromosome)
    parts = [
        gene_component(gene),
        component("assembly", valueCodeableConcept=named("value", "GRCh38")),
        *([component("sequence", valueCodeableConcept=concept("", sequence))] if sequence else []),
        component("place", valueRange={"low": {"value": allele.position}}),
        component("counting", valueCodeableConcept=named("value", "counting from 1")),
        component("reference allele", valueString=allele.ref),
        component("alternative allele", valueString=allele.alt),
        component("allelic state", valueCodeableConcept=named("value", one.zygosity.value, one.zygosity.value)),
    ]
    present = named("value", "present")
    return observation(
        at, local, "variant", "variant", valueCodeableConcept=present, component=parts, **notes([variant_words(one)])
    )


def _implication(at: Frame, local: str, one: SecondaryFinding, places: list[str]) -> Resource:
    significance = named("significance", one.classification, one.classification)
    parts = [gene_component(one.gene), component("significance", valueCodeableConcept=significance)]
    parts += [component("condition", valueCodeableConcept=concept(name)) for name in one.conditions]
    return observation(
        at,
        local,
        "diagnostic-implication",
        "diagnostic implication",
        extension=[artifact(at, ref.source, ref.place) for ref in one.sources],
        derivedFrom=[at.to(place) for place in places],
        component=parts,
        **notes([f"{one.gene}: {STATUS[one.status]}", *one.reasons, *map(points_text, one.by_points)]),
    )


def risk_resources(at: Frame) -> Iterator[Resource]:
    """A RiskAssessment for each equation that gives a risk: one prediction an outcome, bounds as a range."""
    for one in at.assessment.risks:
        told = [item for item in one.estimates if not item.refused]
        if one.measure == "risk" and told:
            yield _risk(at, one, told)


def _risk(at: Frame, one: RiskFinding, told: list[RiskEstimate]) -> Resource:
    ref = SourceRef.parse(one.source)
    open_ = [item.title for item in one.missing if item.handled == "bounds"]
    return {
        "resourceType": "RiskAssessment",
        "id": at.id(f"risk/{one.equation}"),
        "extension": [artifact(at, ref.source, ref.place)],
        "status": at.status,
        "method": concept(one.title),
        "code": concept(f"risk by {one.title}"),
        "subject": at.patient,
        **({"occurrenceDateTime": at.date} if at.date else {}),
        "performer": at.to("device"),
        "prediction": [_prediction(item) for item in told],
        **notes([_ESTIMATED, f"facts {one.status}", f"not known: {', '.join(open_)}" if open_ else "", *one.notes]),
    }


def _prediction(item: RiskEstimate) -> Resource:
    years = {"whenRange": {"low": _quantity(0, "a"), "high": _quantity(item.years, "a")}} if item.years else {}
    category = {"qualitativeRisk": concept(item.category)} if item.category else {}
    made = {"outcome": concept(plain(item.title))} | category | years
    if item.value is not None:
        return made | {"probabilityDecimal": round(100 * item.value, 2)}
    low, high = (round(100 * end, 2) for end in (item.low or 0.0, 1.0 if item.high is None else item.high))
    return made | {"probabilityRange": {"low": _quantity(low, "%"), "high": _quantity(high, "%")}}


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": "years" if unit == "a" else unit, "system": "http://unitsofmeasure.org", "code": unit}
