"""Genes as Observations of the Genomics Reporting guide: variants, haplotypes, genotype, phenotype.

Only what is settled stands as a value. A genotype or phenotype that is not settled is a value that says "unknown" by its
code, with the possibilities in words: no reader of codes can take it for a result, and none for a normal one.
"""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.findings import CallStatus, GeneCall, PositionSeen
from nof1.model.likelihood import probability, spread
from nof1.report import words
from nof1.report.certainty import MARKS
from nof1.report.chances import by_term, term
from nof1.report.fhir_parts import (
    Frame,
    Resource,
    codes,
    coding,
    component,
    concept,
    named,
    notes,
    observation,
    plain,
    sentences,
    unknown,
)

_SETTLED = (CallStatus.CALLED, CallStatus.CERTAIN, CallStatus.ASSURED)
_NOT_DETERMINED = "not determined"
_MOST = 5  # possibilities named of a result that is not settled


def gene_resources(at: Frame, call: GeneCall) -> Iterator[Resource]:
    """All Observations of a gene; its genotype is called ``genotype/GENE`` within the bundle."""
    seen = [item for item in call.positions if item.is_variant]
    yield from (_variant(at, call.gene, item) for item in seen)
    alleles = _alleles(call)
    yield from (_haplotype(at, call.gene, name) for name in alleles)
    derived = [at.to(f"haplotype/{call.gene}/{name}") for name in alleles]
    derived += [at.to(f"variant/{call.gene}/{item.id}") for item in seen]
    yield _genotype(at, call, derived)
    if call.phenotypes or call.chances:
        yield _phenotype(at, call)


def gene_component(gene: str) -> Resource:
    """The component that names the gene studied."""
    return component("gene", valueCodeableConcept=named("gene", gene, gene))


def effect(text: str, phenotype: str) -> Resource:
    """The component that states a phenotype, with its code where the guide has one for it."""
    return component("effect", valueCodeableConcept=named("phenotype", phenotype, text))


def phenotype_in(text: str) -> str:
    """The phenotype that a text begins with, as the codes name it; empty where it begins with none."""
    known = [key for kind, key in codes() if kind == "phenotype" and text.startswith(key)]
    return max(known, key=len, default="")


def settled_phenotype(call: GeneCall) -> words.Candidates | None:
    """The one meaning of a gene's result, where it is settled and a phenotype is assigned."""
    found = words.candidates(call) if call.status in _SETTLED else []
    if not found or not call.phenotypes or call.phenotypes[0].term in ("", "n/a"):
        return None
    return found[0] if len(found) == 1 or call.chances else None


def _is_settled(call: GeneCall) -> bool:
    """Whether one diplotype (or one list of alleles of unknown phase) is the result."""
    state = call.diplotype_status or call.status
    is_one = len(call.diplotypes) == 1 or bool(call.chances) or words.is_unphased_list(call)
    return state in _SETTLED and is_one and bool(call.diplotypes) and bool(call.diplotypes[0].label)


def _alleles(call: GeneCall) -> tuple[str, ...]:
    """Names of the haplotypes of a settled genotype, each once; none where their phase is not known."""
    if not _is_settled(call) or words.is_unphased_list(call):
        return ()
    strands = [" + ".join(strand) for strand in call.diplotypes[0].haplotypes]
    return tuple(dict.fromkeys(name for name in strands if name))


def _haplotype(at: Frame, gene: str, name: str) -> Resource:
    return observation(
        at,
        f"haplotype/{gene}/{name}",
        "haplotype",
        "haplotype",
        valueCodeableConcept=concept(name),
        component=[gene_component(gene)],
    )


def _variant(at: Frame, gene: str, seen: PositionSeen) -> Resource:
    shown = seen.genotype or "not given"
    told = f"{seen.chromosome}:{seen.position} (GRCh38), genotype {shown}"
    return observation(
        at,
        f"variant/{gene}/{seen.id}",
        "variant",
        "variant",
        valueCodeableConcept=named("value", "present"),
        component=[gene_component(gene), *_place(seen), *_letters(seen)],
        **notes([told]),
    )


def _place(seen: PositionSeen) -> Iterator[Resource]:
    if seen.id.startswith("rs"):
        system = codes()["system", "dbsnp"]["system"]
        yield component("variation", valueCodeableConcept=concept("", {"system": system, "code": seen.id}))
    yield component("assembly", valueCodeableConcept=named("value", "GRCh38"))
    if sequence := coding("sequence", seen.chromosome):
        yield component("sequence", valueCodeableConcept=concept("", sequence))
    yield component("place", valueRange={"low": {"value": seen.position}})
    yield component("counting", valueCodeableConcept=named("value", "counting from 1"))


def _letters(seen: PositionSeen) -> Iterator[Resource]:
    """Reference, alternative and zygosity, as far as the genotype tells them: an allele that may be either is left out."""
    alleles = seen.genotype.replace("|", "/").split("/")
    reference = plain(getattr(seen, "ref", ""))  # assessments may lack it
    others = {allele for allele in alleles if allele and allele != reference}
    if reference:
        yield component("reference allele", valueString=reference)
    if len(others) == 1 and (reference or len(alleles) == 2):
        yield component("alternative allele", valueString=plain(others.pop()))
    if len(alleles) == 2 and all(alleles):
        state = "homozygous" if alleles[0] == alleles[1] else "heterozygous"
        yield component("allelic state", valueCodeableConcept=named("value", state))


def _genotype(at: Frame, call: GeneCall, derived: list[Resource]) -> Resource:
    parts = [gene_component(call.gene)]
    if _is_settled(call):
        results = call.diplotypes if words.is_unphased_list(call) else call.diplotypes[:1]
        value = concept(f"{call.gene} {' + '.join(result.name or result.label for result in results)}")
    else:
        value = unknown() | {"text": _NOT_DETERMINED}  # the possibilities stand apart: no reader can take one for it
        if possible := _possible_genotypes(call):
            parts.append(component("conclusion", valueString=plain(possible)))
    seen, asked = len([item for item in call.positions if item.state not in words.UNSEEN]), len(call.positions)
    told = [
        f"how sure: {MARKS[call.diplotype_status or call.status].word}; call source: {call.call_source}",
        f"{seen} of {words.counted(asked, 'position')} seen" if asked and call.call_source != "outside" else "",
        *(f"{item.reason}; needs {', '.join(item.needs)}" for item in at.assessment.unknown if item.about == call.gene),
        *call.messages,
    ]
    return observation(
        at,
        f"genotype/{call.gene}",
        "genotype",
        "genotype",
        valueCodeableConcept=value,
        component=parts,
        derivedFrom=derived,
        **notes(told),
    )


def _possible_genotypes(call: GeneCall) -> str:
    likely = [
        result.label + (f" (probability {probability(result.probability)})" if result.probability is not None else "")
        for result in call.diplotypes
        if result.label
    ]
    return f"possible: {words.abbreviated(likely, _MOST)}" if likely else ""


def _phenotype(at: Frame, call: GeneCall) -> Resource:
    """What the genotype means, whatever the drug: an implication without a medication."""
    found = settled_phenotype(call)
    parts, absent, told = [gene_component(call.gene)], {}, ""
    if found is not None:
        parts.append(effect(found.term, found.term))
        if found.score:
            parts.append({"code": {"text": "activity score"}, "valueString": plain(found.score)})
    elif call.status in _SETTLED and {item.term for item in call.phenotypes} <= {"", "n/a"}:
        absent, told = unknown("not applicable"), "no phenotype is assigned to this genotype"
    else:
        absent, told = unknown(), _open_phenotype(call)
    if told:
        parts.append(component("conclusion", valueString=plain(told)))
    return observation(
        at,
        f"phenotype/{call.gene}",
        "therapeutic-implication",
        "implication",
        dataAbsentReason=absent,
        component=parts,
        derivedFrom=[at.to(f"genotype/{call.gene}")],
        **notes([sentences([f"phenotype of {call.gene}", f"how sure: {MARKS[call.status].word}"])]),
    )


def _open_phenotype(call: GeneCall) -> str:
    likely = [f"{term(chance)} (probability {spread(chance)})" for chance in by_term(call)]
    if not likely:
        likely = [item.term for item in words.candidates(call)]
    return f"{_NOT_DETERMINED}; possible: {words.abbreviated(likely, _MOST)}"
