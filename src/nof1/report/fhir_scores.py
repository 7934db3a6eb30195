"""Polygenic scores in the bundle: an Observation of R4 for each one, without a profile, a unit or a probability."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.score_report import ScoreReport, ScoreStanding
from nof1.model.scores import PolygenicScore
from nof1.report.fhir_parts import Frame, Resource, concept, named, notes, plain
from nof1.report.scores import matched_words, unmatched, unseen_words


def score_resources(at: Frame) -> Iterator[Resource]:
    """An Observation for each score that was asked for; nothing where they are withheld."""
    report = at.assessment.scores
    if report is not None and report.standing is ScoreStanding.CALCULATED:
        for number, one in enumerate(report.scores):
            yield _score(at, report, number, one)


def _score(at: Frame, report: ScoreReport, number: int, one: PolygenicScore) -> Resource:
    title = ", ".join(text for text in (one.id, one.name, one.trait) if text)
    value: Resource = {"dataAbsentReason": named("report", "unknown", f"not calculated: {one.reason}")}
    if one.value is not None:
        value = {"valueQuantity": {"value": float(f"{one.value:.9g}")}}
    return {
        "resourceType": "Observation",
        "id": at.id(f"score/{number}"),
        "status": at.status,
        "category": [named("report", "laboratory"), named("report", "genetics")],
        "code": concept(f"polygenic score {title}"),
        "subject": at.patient,
        **({"effectiveDateTime": at.date} if at.date else {}),
        **value,
        **notes([report.meaning, *_matched(one), unseen_words(report, one), *_stated(one), *one.notes]),
        "method": concept(f"sum over variants of {one.id}, SHA-256 {one.digest}, on {one.build}"),
        "device": at.to("device"),
        "component": list(_components(one)),
    }


def _matched(one: PolygenicScore) -> Iterator[str]:
    yield f"matched: {matched_words(one)}"
    yield from (f"not matched: {words}" for words in unmatched(one))


def _stated(one: PolygenicScore) -> Iterator[str]:
    yield f"licence: {one.licence}"
    yield f"weights {one.weights}"
    if one.citation:
        yield one.citation


def _components(one: PolygenicScore) -> Iterator[Resource]:
    yield _number("share of rows matched", one.overlap)
    yield _number("share of weight matched", one.weight_seen)
    if one.spread is not None and one.value is not None:
        yield _number("standard deviation of what the panel expects", one.spread)
    if one.adjusted is None:
        return
    place = one.adjusted.placement
    low = ", low confidence" if place.is_low else ""
    yield {"code": concept("most similar reference population"), "valueString": plain(f"{place.population}{low}")}
    told = (("Z_norm1", one.adjusted.z_norm1), ("Z_norm2", one.adjusted.z_norm2))
    yield from (_number(name, value) for name, value in told if value is not None)


def _number(name: str, value: float) -> Resource:
    return {"code": concept(name), "valueQuantity": {"value": float(f"{value:.6g}")}}
