"""What must hold for haplotype counts, published frequencies, populations and thresholds beyond their shape."""

from __future__ import annotations

from collections.abc import Callable

from nof1.knowledge.schema import Gene, Source
from nof1.knowledge.weighing import Certainty, HaplotypeCount

Problem = Callable[[str], None]


def check(genes: dict[str, Gene], certainty: Certainty, sources: dict[str, Source], problem: Problem) -> None:
    """Tell ``problem`` everything that is wrong."""
    codes = [item.code for item in certainty.populations]
    levels = certainty.thresholds
    if len(set(codes)) != len(codes) or not codes:
        problem("certainty.yaml: every population needs a code of its own")
    if not 0 < levels.listed < levels.possible < levels.probable < levels.assured < 1 or levels.rows < 1:
        problem(
            "certainty.yaml: thresholds must rise from listed and possible through probable to assured, below 1; rows from 1"
        )
    _cited(certainty.panel.source, sources, "certainty.yaml panel", problem)
    _cited(certainty.unseen_source, sources, "certainty.yaml unseen_source", problem)
    groups = {group for item in certainty.populations for group in item.published_as}
    for symbol, gene in genes.items():
        _check_counts(symbol, gene, set(codes), sources, problem)
        _check_published(symbol, gene, groups, sources, problem)


def _check_counts(symbol: str, gene: Gene, codes: set[str], sources: dict[str, Source], problem: Problem) -> None:
    place = f"genes/{symbol}/haplotypes.tsv"
    counted = gene.frequencies.counted if gene.frequencies else None
    if bool(gene.haplotypes) != (counted is not None):
        problem(f"{place}: counts need the list `counted` in frequencies.yaml, and the list needs counts")
        return
    if counted is None:
        return
    _cited(counted.source, sources, f"genes/{symbol}/frequencies.yaml", problem)
    alternatives = {row.id: set(row.alts) for row in gene.positions}
    for identifier in counted.positions:
        if identifier not in alternatives:
            problem(f"genes/{symbol}/frequencies.yaml: position {identifier!r} is not in positions.tsv")
    if len(set(counted.positions)) < len(counted.positions):
        problem(f"genes/{symbol}/frequencies.yaml: a position is counted twice")
    known = {identifier: alternatives.get(identifier, set()) for identifier in counted.positions}
    before: set[frozenset[str]] = set()
    for number, row in enumerate(gene.haplotypes, start=2):
        _cited(row.source, sources, f"{place} row {number}", problem)
        tokens = row.haplotype.split() if row.haplotype != "reference" else []
        _check_haplotype(tokens, row, known, f"{place} row {number}", problem)
        _check_numbers(row.counts.split(), codes, f"{place} row {number}", problem)
        if frozenset(tokens) in before:
            problem(f"{place} row {number}: the haplotype is counted twice; add the rows up")
        before.add(frozenset(tokens))


def _check_haplotype(
    tokens: list[str], row: HaplotypeCount, known: dict[str, set[str]], place: str, problem: Problem
) -> None:
    if not row.haplotype.strip():
        problem(f"{place}: the haplotype is empty; write reference where nothing differs")
    identifiers = [token.rpartition(":")[0] for token in tokens]
    for token, identifier in zip(tokens, identifiers, strict=True):
        if token.rpartition(":")[2] not in known.get(identifier, set()):
            problem(f"{place}: {token!r} is no alternative of a counted position")
        if identifiers.count(identifier) > 1:
            problem(f"{place}: {identifier} stands twice in one haplotype")


def _check_numbers(tokens: list[str], codes: set[str], place: str, problem: Problem) -> None:
    given = [token.partition(":")[0] for token in tokens]
    for token in tokens:
        code, _, value = token.partition(":")
        if code not in codes or not (value.isascii() and value.isdigit()) or given.count(code) > 1:
            problem(f"{place}: {token!r}; write CODE:number once with a code of certainty.yaml")


def _check_published(symbol: str, gene: Gene, groups: set[str], sources: dict[str, Source], problem: Problem) -> None:
    published = gene.frequencies.published if gene.frequencies else None
    if published is None:
        return
    place = f"genes/{symbol}/frequencies.yaml"
    _cited(published.source, sources, place, problem)
    for group in published.groups:
        if group not in groups:
            problem(f"{place}: group {group!r} is published_as of no population in certainty.yaml")
    names = {row.name for row in gene.alleles}
    for name, values in published.alleles.items():
        if name not in names:
            problem(f"{place}: allele {name!r} is not in alleles.tsv")
        if len(values) != len(published.groups):
            problem(f"{place}: allele {name!r} has {len(values)} values for {len(published.groups)} groups")
        if any(value is not None and not 0 <= value <= 1 for value in values):
            problem(f"{place}: allele {name!r} has a frequency outside 0 to 1")


def _cited(reference: str, sources: dict[str, Source], place: str, problem: Problem) -> None:
    if reference.partition("#")[0] not in sources:
        problem(f"{place}: source {reference!r} is not in sources/")
