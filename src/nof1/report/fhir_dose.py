"""An answer on doses as a FHIR R4 bundle: a RiskAssessment for each regimen, what is predicted, and the draft, if any.

The same answer gives the same bundle, byte for byte. It is a collection: nothing in it orders or overwrites anything.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import timedelta

from nof1.report.fhir_dose_parts import (
    PATIENT_ID,
    PREDICTED,
    UNSIGNED,
    About,
    DoseFrame,
    basis,
    device,
    frame,
    method,
    quantity,
    target_range,
)
from nof1.report.fhir_parts import Resource, concept, notes, plain, sentences
from nof1.response.answer import Answer
from nof1.response.described import Interval, LevelFit
from nof1.response.regimens import regimen_words
from nof1.response.search import Option
from nof1.response.targets import Aim


def bundle(answer: Answer, about: About | None = None) -> Resource:
    """The bundle, ready for JSON. A MedicationRequest is in it only where ``answer.draft`` is one."""
    at = frame(answer, about or About())
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in _resources(at)]
    return {"resourceType": "Bundle", "id": at.id("bundle"), "type": "collection", "entry": entries}


def _resources(at: DoseFrame) -> Iterator[Resource]:
    if not PATIENT_ID.fullmatch(at.about.person):
        name = plain(at.about.person)
        named = {"identifier": [{"type": concept("name"), "value": name}]} if name else {}
        yield {"resourceType": "Patient", "id": at.id("patient")} | named
    yield device(at)
    answer, aim = at.answer, at.answer.target
    yield from (_level(at, number, level) for number, level in enumerate(answer.levels, 1))
    if aim is None:
        return
    if answer.present is not None:
        yield _exposure(at, answer.present, aim)
        yield _risk(at, "present", "the regimen as it is given now", answer.present, aim)
    for number, option in enumerate(answer.options, 1):
        yield _risk(at, f"option/{number}", f"option {number}", option, aim)
    for number, option in enumerate(answer.loading, 1):
        yield _risk(at, f"loading/{number}", f"first dose {number}", option, aim, is_first=True)
    if answer.draft is not None:
        yield _draft(at, answer.draft)


def _risk(at: DoseFrame, local: str, what: str, option: Option, aim: Aim, is_first: bool = False) -> Resource:
    regimen = regimen_words(option.regimen, at.answer.dose_unit)
    shown = regimen.rpartition(" every ")[0] if is_first else regimen
    when = "on the first day" if is_first else "at steady state"
    made: Resource = {
        "resourceType": "RiskAssessment",
        "id": at.id(local),
        "status": "preliminary",
        "method": method(at),
        "code": concept(f"exposure to {at.answer.drug} {when}: {what}, {shown}"),
        "subject": at.patient,
        **({"occurrenceDateTime": at.now} if at.now else {}),
        "performer": at.to("device"),
    }
    if places := basis(at):
        made["basis"] = places
    found = option.first if is_first else option.exposure
    rationale = plain(f"{aim.target.measure} {_span(found)} {aim.target.unit} (5 %, 50 %, 95 %), {when}, {shown}")
    made["prediction"] = [
        {"outcome": concept(outcome), "probabilityDecimal": _percent(chance), "rationale": rationale}
        for outcome, chance in _chances(option, aim, is_first)
    ]
    told = [f"target: {aim.target.title} ({aim.target.source})", PREDICTED]
    if aim.mic is not None:
        told.append(f"MIC {aim.mic:g} mg/L{', assumed' if aim.is_assumed else ''}")
    return made | notes([*told, *_blocked(at)])


def _chances(option: Option, aim: Aim, is_first: bool) -> Iterator[tuple[str, float]]:
    span = target_range(aim)
    yield f"exposure in the target range, {span}", option.first_in_target if is_first else option.in_target
    if not is_first:
        yield f"exposure below the target range, {span}", option.below
        yield f"exposure above the target range, {span}", option.above
    if math.isfinite(aim.toxic):
        toxic = option.first_toxic if is_first else option.toxic
        yield f"exposure where harm begins, above {aim.toxic:g} {aim.target.unit}", toxic


def _percent(chance: float) -> float:
    return min(max(round(100 * chance, 1), 0.0), 100.0)


def _span(found: Interval) -> str:
    return f"{found.low:.4g}, {found.middle:.4g}, {found.high:.4g}"


def _blocked(at: DoseFrame) -> Iterator[str]:
    if at.answer.draft is None:
        yield sentences(["no dose is drafted", *at.answer.blocked])


def _exposure(at: DoseFrame, option: Option, aim: Aim) -> Resource:
    """What the present regimen is predicted to lead to, as an Observation with its interval."""
    unit = aim.target.unit
    parts = (("5th percentile", option.exposure.low), ("95th percentile", option.exposure.high))
    return {
        "resourceType": "Observation",
        "id": at.id("exposure"),
        "status": "preliminary",
        "code": concept(f"{at.answer.drug} {aim.target.measure}, predicted at steady state"),
        "subject": at.patient,
        **({"effectiveDateTime": at.now} if at.now else {}),
        "device": at.to("device"),
        "method": method(at),
        "valueQuantity": quantity(option.exposure.middle, unit),
        **_derived(at),
        "component": [{"code": concept(name), "valueQuantity": quantity(value, unit)} for name, value in parts],
    } | notes([PREDICTED, f"under {regimen_words(option.regimen, at.answer.dose_unit)}"])


def _derived(at: DoseFrame) -> Resource:
    found = basis(at)
    levels = [one for one in found if one["reference"].startswith("Observation/")]
    doses = [one for one in found if one["reference"].startswith("MedicationAdministration/")]
    return ({"derivedFrom": levels} if levels else {}) | ({"partOf": doses} if doses else {})


def _level(at: DoseFrame, number: int, level: LevelFit) -> Resource:
    """What was predicted at the time of a level, before it was known and after."""
    unit, zero = at.answer.level_unit, at.about.zero
    sign = {"below": "<", "above": ">"}.get(level.limit, "")
    parts = [
        (f"{when} the level was known, {name}", value)
        for when, found in (("before", level.beforehand), ("after", level.afterwards))
        for name, value in (("5th percentile", found.low), ("median", found.middle), ("95th percentile", found.high))
    ]
    made: Resource = {
        "resourceType": "Observation",
        "id": at.id(f"level/{number}"),
        "status": "preliminary",
        "code": concept(f"{at.answer.drug} level predicted beside the measured one"),
        "subject": at.patient,
        "device": at.to("device"),
        "method": concept(f"posterior of {level.model}"),
        "valueQuantity": quantity(level.afterwards.middle, unit),
        "component": [{"code": concept(name), "valueQuantity": quantity(value, unit)} for name, value in parts],
    }
    if zero is not None and zero.tzinfo is not None:
        moment = zero + timedelta(hours=round(level.time * 3600) / 3600)
        made["effectiveDateTime"] = moment.isoformat(timespec="seconds")
    return made | notes([f"measured: {sign}{level.value:g} {unit} at hour {level.time:g}", PREDICTED])


def _draft(at: DoseFrame, option: Option) -> Resource:
    """The best option as a proposal that a prescriber has to check, change and sign."""
    regimen, unit = option.regimen, at.answer.dose_unit
    repeat: Resource = {"frequency": 1, "period": regimen.interval, "periodUnit": "h"}
    rate: Resource = {}
    if regimen.duration:
        repeat = {"duration": regimen.duration, "durationUnit": "h"} | repeat
        rate = {"rateRatio": {"numerator": quantity(regimen.amount, unit), "denominator": quantity(regimen.duration, "h")}}
    if at.now and "T" in at.now:
        repeat = {"boundsPeriod": {"start": at.now}} | repeat
    instruction = {
        "text": plain(regimen_words(regimen, unit)),
        "timing": {"repeat": repeat},
        "route": concept(regimen.route, _route(at, regimen.route)),
        "doseAndRate": [{"doseQuantity": quantity(regimen.amount, unit)} | rate],
    }
    made: Resource = {
        "resourceType": "MedicationRequest",
        "id": at.id("draft"),
        "status": "draft",
        "intent": "proposal",
        "medicationCodeableConcept": at.medicine,
        "subject": at.patient,
        "supportingInformation": [at.to("option/1")],
        **({"authoredOn": at.about.created} if at.about.created else {}),
        "requester": at.to("device"),
        "dosageInstruction": [instruction],
    }
    return made | notes(
        [UNSIGNED, "A draft for a prescriber to check, change or leave; it is no order.", *at.answer.ceilings]
    )


def _route(at: DoseFrame, route: str) -> Resource:
    for key, word in at.about.routes.items():
        system, _, code = key.rpartition("|")
        if word == route and system:
            return {"system": system, "code": code}
    return {}
