"""Genetic results that somebody reported earlier: genotypes, haplotypes, implications and phenotypes by gene."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from nof1.model.record import Code, ReportedGene
from nof1.model.terms import Terms, system_name
from nof1.record.fields import codings, is_absent, obj, objects, reference, short, text, words
from nof1.record.reading import Reading, Resource, by_code

GENOTYPE, HAPLOTYPE, GENE_STUDIED = "84413-4", "84414-2", "48018-6"
_IMPLICATION, _MEDICATION = "therapeutic-implication", "51963-7"
_PHENOTYPE_PARTS = {"therapeutic-implication", "53040-2", "51971-0", "83009-1", "51961-1"}
_PHENOTYPE_TEST = re.compile(
    r"(?P<gene>[\w-]+)\s+(?:gene product metabolic activity|gene product|metaboli[sz]er|phenotype)", re.IGNORECASE
)
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)?")
_ACTIVITY_SCORE = re.compile(r"activity score", re.IGNORECASE)
_ANSWERS = {
    "LA10315-2": "Ultrarapid metabolizer",
    "LA25390-8": "Rapid metabolizer",
    "LA25391-6": "Normal metabolizer",
    "LA10317-8": "Intermediate metabolizer",
    "LA9657-3": "Poor metabolizer",
}
_RESULTS = (GENOTYPE, HAPLOTYPE, _IMPLICATION)
_PHENOTYPE = re.compile(r"metaboli[sz]er|function|activity|acetylator", re.IGNORECASE)
_NO_RESULT = ("entered-in-error", "cancelled", "registered")


@dataclass(slots=True)
class _Result:
    """What is said about one gene on one day, while it is put together."""

    gene: str
    when: date | None
    place: str
    status: str
    diplotype: str = ""
    phenotype: str = ""
    score: str = ""
    haplotypes: list[str] = field(default_factory=list)


def is_genetic(resource: Resource, reading: Reading) -> bool:
    """Whether an Observation reports a genotype, haplotype, implication or phenotype of a gene."""
    concept = obj(resource.content.get("code"))
    codes = codings(concept)
    if any(one.code in _RESULTS for one in codes):
        return True
    return bool(_tested_gene(codes, words(concept, codes), reading.terms))


def reported_genes(resources: list[Resource], reading: Reading) -> list[ReportedGene]:
    """One result for each gene, day and status; genotype and phenotype that belong together are joined."""
    results: dict[tuple[str, date | None, str], _Result] = {}
    for resource in sorted(resources, key=_is_on_a_drug):  # what is said whatever the drug goes first
        reading.lists.add("genes")
        if not _is_result(resource, reading):
            continue
        genes = _genes(resource, reading)
        if len(genes) != 1:
            _not_one_gene(resource, genes, reading)
            continue
        status = text(resource.content.get("status"))
        said = resource.content.get("effectiveDateTime") or resource.content.get("issued")
        when = reading.past(said, resource.place, "the date")
        result = results.setdefault((genes[0], when, status), _Result(genes[0], when, resource.place, status))
        _add(resource, result, reading)
    found = [_reported(result, reading) for result in results.values()]
    return [one for one in found if one.diplotype or one.phenotype or one.activity_score]


def _is_on_a_drug(resource: Resource) -> bool:
    """Whether it says what the genes mean for one drug."""
    parts = objects(resource.content.get("component"))
    return any(code.code == _MEDICATION for part in parts for code in codings(part.get("code")))


def _is_result(resource: Resource, reading: Reading) -> bool:
    """Whether it is a result of the genes alone; what other drugs make of it is not."""
    status = text(resource.content.get("status"))
    said = words(resource.content.get("code"))
    if status in _NO_RESULT:
        kind = "entered_in_error" if status == "entered-in-error" else "cancelled"
        reading.leave(kind, resource.place, said, f"its status is {status}; it is no result")
        return False
    parts = [reference(link) for link in objects(resource.content.get("partOf"))]
    kinds = [there.kind if (there := reading.known.get(part)) else part for part in parts]
    if any(kind.startswith("Medication") for kind in kinds):
        reading.leave("effective_phenotype", resource.place, said, "it holds under other drugs; it is worked out anew here")
        return False
    return True


def _not_one_gene(resource: Resource, genes: list[str], reading: Reading) -> None:
    if _is_on_a_drug(resource):
        return  # advice on a drug, not a result
    said = words(resource.content.get("valueCodeableConcept")) or words(resource.content.get("code"))
    reason = f"it is about {' and '.join(genes)}" if genes else "it does not say which gene it is about"
    reading.leave("gene_unclear", resource.place, said, f"{reason}; a result is read for one gene at a time")


def _genes(resource: Resource, reading: Reading, depth: int = 3) -> list[str]:
    """Genes that a result is about: by its own component or code, or by what it is derived from."""
    found: dict[str, None] = {}
    for part in objects(resource.content.get("component")):
        if any(code.code == GENE_STUDIED for code in codings(part.get("code"))):
            found[_gene(part.get("valueCodeableConcept"))] = None
    codes = codings(resource.content.get("code"))
    if named := _tested_gene(codes, words(resource.content.get("code"), codes), reading.terms):
        found[named] = None
    value = words(resource.content.get("valueCodeableConcept"))
    if not found and (match := _SYMBOL.match(value)) and match[0] in reading.terms.genes:
        found[match[0]] = None
    if not found and depth:
        for link in objects(resource.content.get("derivedFrom")):
            there = reading.known.get(reference(link))
            if there is None:
                reading.leave(
                    "reference_missing", resource.place, reference(link), "the record does not hold what it derives from"
                )
            elif there.kind == "Observation":
                found.update(dict.fromkeys(_genes(there, reading, depth - 1)))
    found.pop("", None)
    return list(found)


def _gene(concept: object) -> str:
    """The symbol of the gene studied: the display of its code, or the text."""
    codes = codings(concept)
    shown = next((code.display for code in codes if code.display and system_name(code.system) == "hgnc"), "")
    return short(shown or words(concept, codes)).split(" ")[0]


@lru_cache(maxsize=16384)
def _tested_gene(codes: tuple[Code, ...], said: str, terms: Terms) -> str:
    """The gene whose phenotype a test is about, by its code or by its name beginning with a gene's symbol."""
    if terms.gene_codes and (known := by_code(codes, terms.gene_codes)):
        return known[1]
    for name in (said, *(code.display for code in codes)):
        match = _PHENOTYPE_TEST.match(name)
        if match and match["gene"].upper() in terms.genes:
            return match["gene"].upper()
    return ""


def _add(resource: Resource, result: _Result, reading: Reading) -> None:
    content = resource.content
    names = {code.code for code in codings(content.get("code"))}
    if GENOTYPE in names:
        _set(result, "diplotype", _without_gene(_spoken(content, reading, resource.place), result.gene), resource, reading)
    elif HAPLOTYPE in names:
        if value := _spoken(content, reading, resource.place):
            result.haplotypes.append(_without_gene(value, result.gene))
    elif _IMPLICATION not in names:
        _set(result, "phenotype", _spoken(content, reading, resource.place), resource, reading)
    for part in objects(content.get("component")):
        codes = codings(part.get("code"))
        if any(code.code in _PHENOTYPE_PARTS for code in codes):
            _set(result, "phenotype", _spoken(part, reading, resource.place), resource, reading)
        elif _ACTIVITY_SCORE.search(words(part.get("code"), codes)):
            _set(result, "score", _spoken(part, reading, resource.place), resource, reading)


def _set(result: _Result, name: str, value: str, resource: Resource, reading: Reading) -> None:
    """Keeps the first value; a different one is noted. What is said for one drug only fills a gap."""
    old = getattr(result, name)
    if name == "phenotype" and _is_on_a_drug(resource) and (old or not _PHENOTYPE.search(value)):
        return
    if old and value and old.casefold() != value.casefold():
        reading.leave(
            "genes_contradict", resource.place, f"{result.gene} {value}", f"{result.place} says {old}; that is kept"
        )
    elif value and not old:
        setattr(result, name, value)


def _spoken(part: dict[str, object], reading: Reading, place: str) -> str:
    """The value of a result in words; a GL string is taken out of its code."""
    if "dataAbsentReason" in part:
        reading.leave("data_absent", place, words(part["dataAbsentReason"]), "the record gives no value; it stays unknown")
        return ""
    concept = part.get("valueCodeableConcept")
    codes = codings(concept)
    if is_absent(codes):
        reading.leave("data_absent", place, words(concept, codes), "the record gives no value; it stays unknown")
        return ""
    for code in codes:
        if code.code in _ANSWERS:
            return _ANSWERS[code.code]
        if "glstring" in code.system.lower():
            return short(code.code.rpartition("#")[2].replace("+", "/"))
    quantity = obj(part.get("valueQuantity")).get("value")
    return words(concept, codes) or text(part.get("valueString")) or ("" if quantity is None else short(quantity))


def _without_gene(said: str, gene: str) -> str:
    """A diplotype without the gene's symbol at the start of each allele, and without spaces around the slash."""
    tight = re.sub(r"\s*/\s*", "/", said).strip()
    return re.sub(rf"(^|/){re.escape(gene)}(?:\s+|(?=[*:]))", r"\1", tight)


def _reported(result: _Result, reading: Reading) -> ReportedGene:
    diplotype = result.diplotype
    if not diplotype and len(result.haplotypes) == 2:
        diplotype = "/".join(result.haplotypes)
    elif not diplotype and result.haplotypes:
        said = ", ".join(result.haplotypes)
        reason = f"haplotypes reported without a genotype: {len(result.haplotypes)}; a diplotype needs two"
        reading.leave("haplotypes_alone", result.place, f"{result.gene} {said}", reason)
    return ReportedGene(result.gene, diplotype, result.phenotype, result.score, result.when, result.status, result.place)
