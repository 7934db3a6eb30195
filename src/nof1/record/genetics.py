"""Genetic results that somebody reported earlier: genotypes, haplotypes, implications and phenotypes by gene."""

from __future__ import annotations

import re
from dataclasses import dataclass
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
_FIELDS = ("diplotype", "phenotype", "score")
_NO_RESULT = ("entered-in-error", "cancelled", "registered")


@dataclass(slots=True)
class _Said:
    """What one resource says about one gene; ``base``: the results of the same gene that it is derived from."""

    resource: Resource
    gene: str
    is_on_a_drug: bool
    diplotype: str = ""
    phenotype: str = ""
    score: str = ""
    haplotype: str = ""
    base: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Where it stands."""
        return self.resource.place


_Key = tuple[str, date | None, str]


def is_genetic(resource: Resource, reading: Reading) -> bool:
    """Whether an Observation reports a genotype, haplotype, implication or phenotype of a gene."""
    concept = obj(resource.content.get("code"))
    codes = codings(concept)
    if any(one.code in _RESULTS for one in codes):
        return True
    return bool(_tested_gene(codes, words(concept, codes), reading.terms))


def reported_genes(resources: list[Resource], reading: Reading) -> list[ReportedGene]:
    """One result for each gene, day and status; genotype and phenotype that belong together are joined.

    What contradicts another result stays a result of its own, whatever the order of the resources.
    """
    groups: dict[_Key, list[_Said]] = {}
    for resource in sorted(resources, key=_is_on_a_drug):  # what is said whatever the drug goes first
        if not _is_result(resource, reading):
            continue
        genes = _genes(resource, reading)
        if len(genes) != 1:
            _not_one_gene(resource, genes, reading)
            continue
        status = text(resource.content.get("status"))
        said = resource.content.get("effectiveDateTime") or resource.content.get("issued")
        when = reading.past(said, resource.place, "the date")
        groups.setdefault((genes[0], when, status), []).append(_said(resource, genes[0], reading))
    found = [one for key, group in groups.items() for one in _results(key, group, reading)]
    if found:
        reading.lists.add("genes")
    return found


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


def _said(resource: Resource, gene: str, reading: Reading) -> _Said:
    content = resource.content
    names = {code.code for code in codings(content.get("code"))}
    links = [reading.known.get(reference(link)) for link in objects(content.get("derivedFrom"))]
    base = tuple(there.place for there in links if there is not None)
    found = _Said(resource, gene, _is_on_a_drug(resource), base=base)
    if GENOTYPE in names:
        _set(found, "diplotype", _without_gene(_spoken(content, reading, found.place), gene), reading)
    elif HAPLOTYPE in names:
        found.haplotype = _without_gene(_spoken(content, reading, found.place), gene)
    elif _IMPLICATION not in names:
        _set(found, "phenotype", _spoken(content, reading, found.place), reading)
    for part in objects(content.get("component")):
        codes = codings(part.get("code"))
        if any(code.code in _PHENOTYPE_PARTS for code in codes):
            _set(found, "phenotype", _spoken(part, reading, found.place), reading)
        elif _ACTIVITY_SCORE.search(words(part.get("code"), codes)):
            _set(found, "score", _spoken(part, reading, found.place), reading)
    return found


def _set(found: _Said, name: str, value: str, reading: Reading) -> None:
    """Keeps the first value that one resource gives; a different one is noted. For one drug only a phenotype counts."""
    old = getattr(found, name)
    if name == "phenotype" and found.is_on_a_drug and (old or not _PHENOTYPE.search(value)):
        return
    if old and value and _alike(old) != _alike(value):
        reading.leave("genes_contradict", found.place, f"{found.gene} {value}", f"it also says {old}; that is kept")
    elif value and not old:
        setattr(found, name, value)


def _alike(value: str) -> tuple[str, ...]:
    """What makes two values the same: their words, and of a diplotype the alleles in any order."""
    return tuple(sorted(value.casefold().split("/")))


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


def _results(key: _Key, group: list[_Said], reading: Reading) -> list[ReportedGene]:
    """What is said of one gene on one day: one result, or one for each that contradicts another."""
    gene, when, status = key
    if any(one.phenotype and not one.is_on_a_drug for one in group):
        for one in group:
            one.phenotype = "" if one.is_on_a_drug else one.phenotype  # that only fills a gap
    _pair(group, reading)
    for name in _FIELDS:
        different = _distinct(group, name)
        for other in different[1:]:
            value, old = f"{gene} {getattr(other, name)}", getattr(different[0], name)
            reading.leave("genes_contradict", other.place, value, f"{different[0].place} says {old}; both are kept")
    found: dict[tuple[tuple[str, ...], ...], ReportedGene] = {}
    for part in _apart(group):
        diplotype, phenotype, score = (next((v for one in part if (v := getattr(one, name))), "") for name in _FIELDS)
        if diplotype or phenotype or score:
            new = ReportedGene(gene, diplotype, phenotype, score, when, status, part[0].place)
            found.setdefault((_alike(diplotype), _alike(phenotype), _alike(score)), new)
    return [found[one] for one in sorted(found)]


def _distinct(group: list[_Said], name: str) -> list[_Said]:
    """The first of each value that ``name`` has in the group."""
    found: dict[tuple[str, ...], _Said] = {}
    for one in group:
        if value := getattr(one, name):
            found.setdefault(_alike(value), one)
    return list(found.values())


def _apart(group: list[_Said]) -> list[list[_Said]]:
    """The group in parts that do not contradict themselves: a result with what is derived from it, otherwise each alone."""
    if all(len(_distinct(group, name)) <= 1 for name in _FIELDS):
        return [group]
    by_place = {one.place: one for one in group}
    parts: dict[str, list[_Said]] = {}
    for one in group:
        parts.setdefault(_root(one, by_place), []).append(one)
    if len(parts) == 1:
        return [[one] for one in group]
    return [part for together in parts.values() for part in _apart(together)]


def _root(said: _Said, by_place: dict[str, _Said], depth: int = 3) -> str:
    """The place of the result in the group from which it is derived, or its own."""
    base = next((by_place[place] for place in said.base if place in by_place), None)
    return said.place if base is None or not depth else _root(base, by_place, depth - 1)


def _pair(group: list[_Said], reading: Reading) -> None:
    """Makes two haplotypes a diplotype where no genotype is reported."""
    single = [one for one in group if one.haplotype]
    if not single or any(one.diplotype for one in group):
        return
    if len(single) == 2:
        single[0].diplotype = "/".join(one.haplotype for one in single)
        return
    said = ", ".join(one.haplotype for one in single)
    reason = f"haplotypes reported without a genotype: {len(single)}; a diplotype needs two"
    reading.leave("haplotypes_alone", group[0].place, f"{group[0].gene} {said}", reason)
