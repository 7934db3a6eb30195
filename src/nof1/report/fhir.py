"""An assessment as a FHIR R4 bundle after HL7's Genomics Reporting guide (docs/reference/fhir.md).

The same assessment and state give the same bundle, byte for byte. It is a collection: nothing in it overwrites anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from nof1.errors import RequestError
from nof1.model.findings import Assessment, CallStatus
from nof1.report import tested, words
from nof1.report.fhir_drugs import QUIET, drug_resources, effective_resources, medication_resources, proposals, provenance
from nof1.report.fhir_exposures import exposure_resources
from nof1.report.fhir_findings import finding_resources, risk_resources
from nof1.report.fhir_genes import gene_resources
from nof1.report.fhir_parts import (
    GUIDE,
    URI,
    Frame,
    Resource,
    artifact,
    concept,
    extension,
    frame,
    named,
    notes,
    plain,
    recorded_patient,
    sentences,
)
from nof1.report.fhir_plan import plan_resources
from nof1.report.fhir_scores import score_resources
from nof1.report.prevention import plan_of
from nof1.report.reading import urgent_advice, urgent_pairs

STATES = {
    "preliminary": "Preliminary: made by software, not signed out by a laboratory.",
    "final": "Signed out as final.",
    "corrected": "Corrected: replaces an earlier report.",
}
_LITERAL = re.compile(r"DiagnosticReport/[A-Za-z0-9\-.]{1,64}")


def bundle(assessment: Assessment, *, status: str = "preliminary", replaces: str = "") -> Resource:
    """The bundle, ready for JSON.

    ``status``: preliminary until a laboratory signs it out as final or corrected. ``replaces``: the earlier report that a
    corrected one replaces, as its id or reference. ``RequestError`` for any other status, for a corrected report that
    replaces nothing, and for one that replaces something without being corrected.
    """
    if status not in STATES:
        raise RequestError(f"FHIR report status {status!r} is not known; use {', '.join(STATES)}")
    if (status == "corrected") != bool(replaces.strip()):
        raise RequestError(
            f"FHIR report status {status!r} with replaces {replaces!r}: a corrected report, and no other, names the report "
            "that it replaces (--replaces)"
        )
    at = frame(assessment, status)
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in _resources(at, replaces.strip())]
    return {"resourceType": "Bundle", "id": at.id("bundle"), "type": "collection", "entry": entries}


def _resources(at: Frame, replaces: str) -> Iterator[Resource]:
    results = [one for call in at.assessment.genes for one in gene_resources(at, call)]
    advice = [one for drug in at.assessment.drugs for one in drug_resources(at, drug)]
    changed = [
        one
        for place, item in enumerate(at.assessment.effective_phenotypes, 1)
        for one in effective_resources(at, place, item)
    ]
    found = [*results, *changed, *finding_resources(at), *advice]
    observations = [one["id"] for one in found if one["resourceType"] == "Observation"]
    yield _report(at, observations)
    if not recorded_patient(at.assessment):
        yield _patient(at)
    yield _device(at)
    yield from medication_resources(at)
    yield from found
    yield from exposure_resources(at)
    yield from risk_resources(at)
    yield from score_resources(at)
    if at.assessment.plan:
        yield from plan_resources(plan_of(at.assessment), at.patient, at.seed)
    yield provenance(at, "report", list(_entities(at, replaces)))


def _report(at: Frame, observations: list[str]) -> Resource:
    assessment = at.assessment
    cited = [artifact(at, source) for source in assessment.sources]
    asked = [extension("recommended-action", valueReference=at.to(name)) for name in proposals(at)]
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "id": at.id("report"),
        "meta": {"profile": [GUIDE + "genomic-report"]},
        "extension": [*asked, *_coded_notes(at), *cited],
        "identifier": [{"system": URI, "value": f"urn:uuid:{at.id('report')}"}],
        "status": at.status,
        "category": [named("report", "genetics")],
        "code": named("report", "report"),
        "subject": at.patient,
    }
    if at.date:
        made["effectiveDateTime"] = at.date
    if observations:
        made["result"] = [{"reference": f"urn:uuid:{one}"} for one in observations]
    return made | {"conclusion": _conclusion(at)}


def _conclusion(at: Frame) -> str:
    drugs = at.assessment.drugs
    pairs = {name for pair in urgent_pairs(at.assessment) for name in pair[0].drugs}
    urgent = len(pairs | {drug.drug for drug, _ in urgent_advice(at.assessment)})
    asked = len({drug.drug for drug in drugs for item in drug.recommendations if item.headline not in QUIET})
    return sentences(
        [
            STATES[at.status],
            *_called(at.assessment),
            f"{words.counted(asked, 'drug')} of {len(drugs)} need something other than usual use",
            f"{words.counted(urgent, 'drug')} taken, planned or asked about with advice to interrupt for" if urgent else "",
            tested.first_line(at.assessment),
            *(f"{title} {text}" for title, text in tested.alarms(at.assessment)),
        ]
    )


def _called(assessment: Assessment) -> Iterator[str]:
    genes = assessment.genes
    if words.without_genes(assessment):
        yield f"{words.NO_GENOME} All {words.counted(len(genes), 'gene')} are unknown, not normal"
        return
    silent = sum(call.status is CallStatus.NO_CALL for call in genes)
    yield f"{words.counted(len(genes) - silent, 'gene')} of {len(genes)} called"
    yield f"{silent} could not be called and are unknown, not normal" if silent else ""


def _coded_notes(at: Frame) -> Iterator[Resource]:
    assessment = at.assessment
    told = {
        "disclaimer": sentences([STATES[at.status], assessment.disclaimer]),
        "methodology": sentences(
            [
                f"made by {assessment.software}",
                f"knowledge {assessment.knowledge_edition} of {assessment.knowledge_date}",
                *(f"{key}: {value}" for key, value in assessment.settings.items()),
                *(f"{key}: {value}" for key, value in assessment.assay.get("laboratory", {}).items()),
            ]
        ),
        "confirmation": sentences([str(assessment.assay.get("confirm", "")), *words.warnings(assessment)]),
    }
    for key, text in told.items():
        if text:
            kind = extension("annotation-code", valueCodeableConcept=named("report", key))
            yield extension("genomic-report-note", valueAnnotation={"extension": [kind], "text": text})


def _patient(at: Frame) -> Resource:
    """Who was assessed, by the name of the sample only: a receiver must match it to a patient of its own."""
    name = plain(at.assessment.person)
    made: Resource = {"resourceType": "Patient", "id": at.patient["reference"].removeprefix("urn:uuid:")}
    return made | ({"identifier": [{"type": concept("sample name"), "value": name}]} if name else {})


def _device(at: Frame) -> Resource:
    assessment = at.assessment
    name, _, version = plain(assessment.software).partition(" ")
    versions = [("software", version), ("knowledge edition", assessment.knowledge_edition)]
    return {
        "resourceType": "Device",
        "id": at.id("device"),
        "deviceName": [{"name": name or "unnamed software", "type": "other"}],
        "version": [{"type": concept(kind), "value": plain(value)} for kind, value in versions if plain(value)],
    } | notes([assessment.disclaimer])


def _entities(at: Frame, replaces: str) -> Iterator[Resource]:
    """What the report was made from: knowledge, genome files (by name, without their folders), the report it replaces."""
    assessment = at.assessment
    edition = f"knowledge edition {assessment.knowledge_edition} of {assessment.knowledge_date}"
    yield {"role": "source", "what": {"display": plain(edition)}}
    for file in assessment.files:
        name = file.path.replace("\\", "/").rpartition("/")[2]
        yield {"role": "source", "what": {"display": plain(f"{name or 'genome'} ({file.kind}, {file.build})")}}
    if replaces:
        is_literal = bool(_LITERAL.fullmatch(replaces))
        address = {"system": URI} if replaces.startswith(("urn:", "http://", "https://")) else {}
        earlier = {"reference": replaces} if is_literal else {"identifier": address | {"value": plain(replaces)}}
        yield {"role": "revision", "what": earlier | {"type": "DiagnosticReport"}}
