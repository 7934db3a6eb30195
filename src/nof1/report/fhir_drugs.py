"""Drugs in the bundle: implications and what is recommended, effective phenotypes, and the drugs that cause them."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.findings import (
    Action,
    Dose,
    DrugAdvice,
    EffectivePhenotype,
    FirstTest,
    GeneCall,
    Recommendation,
)
from nof1.report import words
from nof1.report.fhir_genes import effect, gene_component, phenotype_in, settled_phenotype
from nof1.report.fhir_parts import (
    GUIDE,
    Frame,
    Resource,
    artifact,
    codes,
    component,
    concept,
    named,
    notes,
    observation,
    plain,
    sentences,
    unknown,
)
from nof1.report.settled import conditions

QUIET = (Action.USE, Action.NO_RECOMMENDATION)
_TAKEN = ("active", "planned")


def drug_resources(at: Frame, drug: DrugAdvice) -> Iterator[Resource]:
    """The implications of a person's genes for a drug, and a proposal for each recommendation that asks for something."""
    genes = {call.gene: call for call in at.assessment.genes}
    for item in drug.recommendations:
        known = [genes[gene] for gene in item.because_of if gene in genes]
        if known:
            yield _implication(at, drug, item, known)
        if item.headline not in QUIET:
            yield _proposal(at, drug, item, known)
    if drug.test_first is not None:
        yield _test_first(at, drug, drug.test_first)


def proposals(at: Frame) -> list[str]:
    """The names, within the bundle, of everything that is proposed."""
    found = []
    for drug in at.assessment.drugs:
        found += [_task(item) for item in drug.recommendations if item.headline not in QUIET]
        found += [f"test/{drug.drug}"] if drug.test_first is not None else []
    return found


def _task(item: Recommendation) -> str:
    return f"task/{item.id}"


def medicine(at: Frame, name: str) -> Resource:
    """A drug as CodeableConcept: its RxNorm code where the assessment has one, and its name."""
    code = next((drug.rxnorm for drug in at.assessment.drugs if drug.drug == name and drug.rxnorm), "")
    return concept(name, {"system": codes()["system", "rxnorm"]["system"], "code": code} if code else {})


def _implication(at: Frame, drug: DrugAdvice, item: Recommendation, known: list[GeneCall]) -> Resource:
    found = [(call, settled_phenotype(call)) for call in known]
    parts = [component("medication", valueCodeableConcept=medicine(at, drug.drug))]
    for call, meaning in found:
        if meaning:
            parts.append(effect(meaning.term if len(known) == 1 else f"{call.gene} {meaning.term}", meaning.term))
    if item.evidence:
        parts.append(component("evidence", valueCodeableConcept=concept(item.evidence)))
    told = sentences([*item.implications, item.advice])
    if told:
        parts.append(component("conclusion", valueString=told))
    rests = "; ".join(f"{gene}: {value.replace('_', ' ')}" for gene, value in item.because_of.items())
    return observation(
        at,
        f"implication/{item.id}",
        "therapeutic-implication",
        "implication",
        extension=[artifact(at, item.source.source, item.source.place)],
        component=parts,
        derivedFrom=[at.to(f"genotype/{call.gene}") for call in known],
        **notes([f"{item.body}, strength {item.strength.replace('_', ' ')}", f"rests on {rests}", *_open(item, known)]),
    )


def _open(item: Recommendation, known: list[GeneCall]) -> Iterator[str]:
    """What keeps the recommendation from being settled: results that it holds for only, genes that are unknown."""
    if item.is_partial:
        yield "reached although a gene it names is unknown"
    for gene, results in conditions(item, {call.gene: call for call in known}):
        yield f"{gene} is not settled: this holds only for {' or '.join(results)}"


def _proposed(at: Frame, drug: DrugAdvice, local: str, profile: str) -> Resource:
    """A Task of the guide that proposes something about a drug, without what it says."""
    made: Resource = {
        "resourceType": "Task",
        "id": at.id(local),
        "meta": {"profile": [GUIDE + profile]},
        "status": "requested",
        "intent": "proposal",
        "for": at.patient,
        "requester": at.to("device"),
        "input": [{"type": named("component", "medication"), "valueCodeableConcept": medicine(at, drug.drug)}],
    }
    if drug.course in _TAKEN:
        made["focus"] = at.to(f"medication/{drug.drug}")
    return made | ({"authoredOn": at.date} if at.date else {})


def _proposal(at: Frame, drug: DrugAdvice, item: Recommendation, known: list[GeneCall]) -> Resource:
    """What a recommendation asks for. Advice that is not settled says so first, and has no code that hides it."""
    made = _proposed(at, drug, _task(item), "medication-recommendation")
    doubts = list(_open(item, known))
    if (code := named("action", _code_of(item))) and not doubts:
        made["code"] = code | {"text": words.action(item.headline)}
    made["description"] = sentences([*doubts, item.advice]) or words.action(item.headline)
    if known:
        made["reasonReference"] = at.to(f"implication/{item.id}")
    else:
        made["reasonCode"] = concept("; ".join(f"{name}: {value}" for name, value in item.because_of.items()) or item.body)
    return made | notes(_beside(item))


def _test_first(at: Frame, drug: DrugAdvice, first: FirstTest) -> Resource:
    """The proposal to get a result before the drug is given, and what to do if treatment cannot wait."""
    made = _proposed(at, drug, f"test/{drug.drug}", "followup-recommendation")
    careful = [item.advice for item in drug.recommendations if item.id in first.cautious]
    made["description"] = sentences(
        [
            f"Test first: {first.why}",
            f"What would settle it: {', '.join(first.needs)}" if first.needs else "",
            f"If treatment cannot wait: {' '.join(careful)}" if careful else "",
        ]
    )
    return made | notes([f"possible: {text}" for text in first.possible])


def _code_of(item: Recommendation) -> str:
    """The name of the code for what is asked; empty where the guide's examples show none for it."""
    if item.headline is Action.DOSE:
        return item.dose.direction if isinstance(item.dose, Dose) else ""
    return item.headline.value


def _beside(item: Recommendation) -> Iterator[str]:
    yield "asks for: " + ", ".join(words.action(action) for action in item.actions)
    yield words.dose(item.dose) if item.dose else ""
    yield f"alternatives: {', '.join(item.alternatives)}" if item.alternatives else ""
    yield f"monitor: {', '.join(item.monitor)}" if item.monitor else ""
    yield "; ".join([item.applies_to, *(f"{key}: {value}" for key, value in item.setting.items())]).strip("; ")
    yield from item.notes
    yield f"source {item.source}, {item.status.value}, checked {item.checked}"


# drugs that are taken, and what they make of a phenotype


def modulators(item: EffectivePhenotype) -> tuple[str, ...]:
    """Names of the drugs that change the phenotype: what stands before their role.

    >>> from nof1.model.evidence import Because, SourceRef
    >>> one = EffectivePhenotype("G", (), (), ("drug a (strong inhibitor)",), "", (), (), SourceRef("s"), Because(""))
    >>> modulators(one)
    ('drug a',)
    """
    return tuple(dict.fromkeys(plain(text.partition(" (")[0]) for text in item.by if plain(text.partition(" (")[0])))


def medication_resources(at: Frame) -> Iterator[Resource]:
    """A MedicationStatement for each drug that the bundle must refer to as taken."""
    courses = {drug.drug: drug.course for drug in at.assessment.drugs if drug.course in _TAKEN}
    names = dict.fromkeys([*courses, *(name for item in at.assessment.effective_phenotypes for name in modulators(item))])
    places = {name: item.places for item in at.assessment.effective_phenotypes for name in modulators(item)}
    for name in names:
        told = places.get(name, ())
        yield {
            "resourceType": "MedicationStatement",
            "id": at.id(f"medication/{name}"),
            "status": {"active": "active", "planned": "intended"}.get(courses.get(name, ""), "unknown"),
            "medicationCodeableConcept": medicine(at, name),
            "subject": at.patient,
        } | notes([f"in the record: {', '.join(told)}" if told else ""])


def effective_resources(at: Frame, place: int, item: EffectivePhenotype) -> Iterator[Resource]:
    """The phenotype under the drugs taken, part of their use, and the Provenance of how it came about.

    None where no drug changes anything: the genetic phenotype stands already.
    """
    local = f"effective/{place}/{item.gene}"
    if not modulators(item) or not any(call.gene == item.gene for call in at.assessment.genes):
        return
    parts, absent = [gene_component(item.gene)], {}
    phenotype = phenotype_in(item.effective[0]) if len(item.effective) == 1 else ""
    if len(item.effective) == 1 and "not settled" not in item.effective[0]:
        parts.append(effect(item.effective[0], phenotype))
    else:
        absent = unknown()
    told = f"effective: {' or '.join(item.effective) or 'not determined'}; genetic: {' or '.join(item.genetic)}"
    parts.append(component("conclusion", valueString=plain(told)))
    causes = [at.to(f"medication/{name}") for name in modulators(item)]
    yield observation(
        at,
        local,
        "therapeutic-implication",
        "implication",
        extension=[artifact(at, item.source.source, item.source.place)],
        partOf=causes,
        dataAbsentReason=absent,
        component=parts,
        derivedFrom=[at.to(f"genotype/{item.gene}")],
        **notes(
            [
                f"phenoconversion of {item.gene} by {'; '.join(item.by)}; evidence: {item.evidence}",
                *item.notes,
                *(f"not counted: {text}" for text in item.not_counted),
            ]
        ),
    )
    entities = [{"role": "derivation", "what": at.to(f"genotype/{item.gene}")}]
    entities += [{"role": "source", "what": cause} for cause in causes]
    yield provenance(at, local, entities)


def provenance(at: Frame, local: str, entities: list[Resource]) -> Resource:
    """Where a resource of the bundle comes from. The time of day is not known here, and is said to be unknown."""
    unstated = [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]
    made: Resource = {"resourceType": "Provenance", "id": at.id(f"provenance/{local}"), "target": [at.to(local)]}
    if at.date:
        made["occurredDateTime"] = at.date
    made["_recorded"] = {"extension": unstated}
    made["agent"] = [{"type": named("report", "assembler"), "who": at.to("device")}]
    return made | ({"entity": entities} if entities else {})
