"""What must hold in drug files beyond their shape; every breach is one line with its remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import product
from operator import contains

from nof1.knowledge.check_genes import check_date, check_source
from nof1.knowledge.check_rules import check_dose, check_id, read_formula
from nof1.knowledge.formula import FormulaError
from nof1.knowledge.lookup import NO_RESULT, NO_SCORE, accepts, diplotype, is_condition, phenotypes
from nof1.knowledge.schema import DrugFile, Gene, Implication, Rule, Source
from nof1.knowledge.tables import Problem

_MODULATOR = re.compile(r"\S+ (?:inhibitor|inducer) (?:strong|moderate|weak)")


def check(drugs: Iterable[DrugFile], genes: dict[str, Gene], sources: dict[str, Source], problem: Problem) -> None:
    """Tell every breach in ``drugs``."""
    for drug in drugs:
        place = f"drugs/{drug.drug} ({drug.body})"
        check_source(f"{drug.guideline}#", sources, place, _ignore_place(problem))
        missing = [gene for gene in drug.genes if gene not in genes]
        for gene in missing:
            problem(f"{place}: gene {gene!r} is not in genes/; add it or correct the symbol")
        if not drug.rules and not drug.gap:
            problem(f"{place}: no rules and no gap; say in gap what is missing")
        cited: list[Rule | Implication] = [*drug.rules, *drug.implications]
        for item in cited:
            check_source(item.source, sources, place, problem)
            check_date(item.checked, place, problem)
        names = [rule.id for rule in drug.rules]
        for name in {name for name in names if names.count(name) > 1}:
            problem(f"{place}: rule id {name!r} is used twice")
        if missing:
            continue
        for rule in drug.rules:
            _check_rule(rule, drug, genes, f"{place} rule {rule.id}", problem)
        for implication in drug.implications:
            if implication.gene not in drug.genes:
                problem(f"{place}: implication names {implication.gene!r}, which the drug does not list")
                continue
            for value in implication.when:
                _check_value(value, genes[implication.gene], f"{place} implication of {implication.gene}", problem)
        _check_overlaps(drug, place, problem)


def _ignore_place(problem: Problem) -> Problem:
    def tell(text: str) -> None:
        if "names no place" not in text:
            problem(text)

    return tell


def _check_rule(rule: Rule, drug: DrugFile, genes: dict[str, Gene], place: str, problem: Problem) -> None:
    if ("dose" in rule.actions) != (rule.dose is not None):
        problem(f"{place}: action 'dose' and section dose go together; add or remove one")
    if rule.dose:
        check_dose(rule.dose, place, problem)
    check_id(rule.id, place, problem)
    if "no_recommendation" in rule.actions and len(rule.actions) > 1:
        problem(f"{place}: no_recommendation stands alone; remove it or the other actions")
    for token in [*(token for group in rule.taking for token in group), *rule.not_taking]:
        if not _MODULATOR.fullmatch(token):
            problem(f"{place}: taking {token!r}; write ENZYME inhibitor|inducer strong|moderate|weak")
    if not rule.actions or len(set(rule.actions)) != len(rule.actions):
        problem(f"{place}: actions {rule.actions}; write at least one, each once")
    for case in rule.when:
        if set(case) != set(drug.genes):
            problem(f"{place}: when names {sorted(case)}; name every gene of the drug {sorted(drug.genes)}")
            continue
        for gene, values in case.items():
            for value in values:
                _check_value(value, genes[gene], place, problem)


def _check_value(value: str, gene: Gene, place: str, problem: Problem) -> None:
    symbol = gene.file.gene
    if is_condition(value):
        _check_condition(value, f"{place}: {symbol}", problem)
        return
    if alleles := diplotype(value):
        for allele in alleles - {row.name for row in gene.alleles}:
            problem(f"{place}: {symbol} {value!r} names allele {allele!r}, which the gene does not have")
        return
    known = phenotypes(gene) | {NO_RESULT, NO_SCORE, "Indeterminate"}
    if value not in known:
        problem(f"{place}: {symbol} {value!r} is no phenotype of the gene; one of {', '.join(sorted(known))}")


def _check_condition(text: str, place: str, problem: Problem) -> None:
    condition = read_formula(text, place, problem)
    if condition is None:
        return
    if condition.names != {"score"}:
        problem(f"{place}: {text!r} must be a condition on score alone; write for example 'score < 1'")
        return
    try:
        condition.evaluate({"score": 1.0})
    except FormulaError as error:
        problem(f"{place}: {text!r} {error}; write for example 'score < 1'")


def _check_overlaps(drug: DrugFile, place: str, problem: Problem) -> None:
    values = [_probe_values(drug, gene) for gene in drug.genes]
    cases = [(rule, [_accepted(case, drug.genes, values) for case in rule.when]) for rule in drug.rules]
    for combination in product(*values):
        found: dict[object, str] = {}
        for rule, accepted in cases:
            if any(all(map(contains, sets, combination)) for sets in accepted):
                first = found.setdefault((rule.setting, rule.applies_to), rule.id)
                if first != rule.id:
                    problem(
                        f"{place}: rules {first} and {rule.id} both hold for {', '.join(combination)}; make them exclusive"
                    )
                    return


def _probe_values(drug: DrugFile, gene: str) -> list[str]:
    words: set[str] = set()
    for rule in drug.rules:
        for case in rule.when:
            words |= set(case.get(gene, []))
    plain = {word for word in words if not is_condition(word)}
    if words - plain:
        plain |= {str(step / 4) for step in range(25)}
    return sorted(plain)


def _accepted(case: dict[str, list[str]], genes: list[str], values: list[list[str]]) -> list[set[str]]:
    """Gene by gene, which of the values a case accepts."""
    return [
        {value for value in possible if any(accepts(condition, value) for condition in case.get(gene, []))}
        for gene, possible in zip(genes, values, strict=True)
    ]
