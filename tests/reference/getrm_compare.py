"""How a call compares with GeT-RM truth, across twenty years of allele names."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from string import ascii_uppercase

from nof1.pgx.names import name_key
from nof1.pgx.phenotype import Meaning
from nof1.pgx.table import Called

Pair = tuple[str, str]

# The older *1B and today's *37 have the same defining variant; dropping the letter would make it *1.
RENAMED: Mapping[str, Mapping[str, str]] = {"SLCO1B1": {"*1A": "*1", "*1B": "*37"}}
_OR = re.compile(r"(?:;|\bor\b)(?![^()]*\))")  # an "or" inside parentheses belongs to one strand
_NAME = re.compile(r"\*?(\d+[A-Z]*)(?:\.\d+)?(?:x\d+)?")


class Outcome(StrEnum):
    """What a comparison came to. ``apart``: the truth gives nothing to compare with."""

    HIT = "hit"
    MISS = "miss"
    NO_CALL = "no-call"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One person and gene: what the truth table says, what was called, and whether they agree."""

    sample: str
    gene: str
    written: tuple[str, ...]
    truth: frozenset[Pair]
    truth_terms: frozenset[str]
    called: tuple[str, ...]
    called_terms: frozenset[str]
    why: str
    by_name: Outcome
    by_phenotype: Outcome


@dataclass(frozen=True, slots=True)
class Concordance:
    """Counts of one gene. A no-call is neither hit nor miss: it is counted apart, and few are allowed."""

    gene: str
    people: int
    no_calls: int
    hits_by_name: int
    misses_by_name: int
    hits_by_phenotype: int
    misses_by_phenotype: int
    apart: int

    @property
    def share_by_name(self) -> float:
        """Hits among the people who have a call and a truth."""
        return _share(self.hits_by_name, self.misses_by_name)

    @property
    def share_by_phenotype(self) -> float:
        """Hits among the people who have a call and whose truth has a phenotype; 0 when there are none."""
        return _share(self.hits_by_phenotype, self.misses_by_phenotype)


def truth_table(path: Path) -> dict[tuple[str, str], tuple[str, ...]]:
    """Every diplotype written for a (sample, gene), from both truth columns, in the order of the file.

    A person measured in several data sets has several rows; each counts.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            texts = (row["diplotype"].strip(), row["updated_diplotype"].strip())
            found.setdefault((row["sample"], row["gene"]), {}).update((text, None) for text in texts if text)
    return {key: tuple(texts) for key, texts in found.items()}


def pairs(gene: str, texts: Iterable[str], known: Iterable[str]) -> frozenset[Pair]:
    """The diplotypes that any of ``texts`` allows, in today's names; empty when none can be read.

    ``known``: the names the definition in use has. A parenthesis holds alleles the consensus was less sure of, beside
    the allele it is attached to or instead of one; each of them counts.

    >>> sorted(pairs("SLCO1B1", ["*1A/*1B"], ["*1", "*37"]))
    [('*1', '*37')]
    >>> sorted(pairs("CYP2B6", ["*1(22)/*6", "2/(6,7?)"], ["*1"]))
    [('*1', '*6'), ('*2', '*6'), ('*2', '*7'), ('*6', '*22')]
    """
    names = frozenset(known)
    found = set()
    for text in texts:
        for alternative in _OR.split(text):
            strands = [_alleles(gene, strand, names) for strand in alternative.split("/")]
            if len(strands) == 2:
                found |= {ordered(one, two) for one, two in product(*strands)}
    return frozenset(found)


def ordered(one: str, two: str) -> Pair:
    """A pair in the order diplotypes are printed in."""
    first, second = sorted((one, two), key=name_key)
    return first, second


def today(gene: str, name: str, known: frozenset[str]) -> str:
    """The name in today's definitions: renamed alleles follow, a letter goes unless the definition still has it.

    >>> today("CYP2C19", "*4A", frozenset({"*4"})), today("TPMT", "*3A", frozenset({"*3A", "*3C"}))
    ('*4', '*3A')
    """
    renamed = RENAMED.get(gene, {}).get(name, name)
    return renamed if renamed in known else renamed.rstrip(ascii_uppercase)


def compare(sample: str, written: Sequence[str], called: Called, meaning: Meaning) -> Comparison:
    """How one call compares with the truth as ``written``, by name and by phenotype.

    By name: any called diplotype is one of the truth's. By phenotype: any of its phenotypes is one that the truth's
    diplotypes have by the gene's own rule; a truth allele without a function has none. For genes called as diplotypes.
    """
    gene, known = called.gene, frozenset(meaning.alleles)
    truth = pairs(gene, written, known)
    found = frozenset(_called_pair(gene, item.haplotypes, known) for item in called.diplotypes)
    truth_terms = frozenset(meaning.of(pair).term for pair in truth if has_phenotype(meaning, pair))
    called_terms = frozenset(item.term for item in called.phenotypes) if found else frozenset()
    return Comparison(
        sample, gene, tuple(written), truth, truth_terms, tuple(item.name for item in called.diplotypes), called_terms,
        called.why, _outcome(truth, found), _outcome(truth_terms, called_terms),
    )  # fmt: skip


def has_phenotype(meaning: Meaning, pair: Pair) -> bool:
    """Whether the gene has a phenotype rule and a function for both alleles."""
    return meaning.gene.file.phenotype is not None and all(meaning.function(name) for name in pair)


def concordance(gene: str, compared: Iterable[Comparison]) -> Concordance:
    """The counts of ``gene`` among ``compared``."""
    mine = [item for item in compared if item.gene == gene]
    name = Counter(item.by_name for item in mine)
    phenotype = Counter(item.by_phenotype for item in mine)
    return Concordance(
        gene, len(mine), sum(not item.called for item in mine), name[Outcome.HIT], name[Outcome.MISS],
        phenotype[Outcome.HIT], phenotype[Outcome.MISS], phenotype[Outcome.APART],
    )  # fmt: skip


def table(rows: Iterable[Concordance]) -> str:
    """The counts as a Markdown table."""
    lines = [
        "| gene | people | no-call | by name | share | by phenotype | share | apart |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        name = _counted(row.hits_by_name, row.misses_by_name)
        phenotype = _counted(row.hits_by_phenotype, row.misses_by_phenotype)
        lines.append(f"| {row.gene} | {row.people} | {row.no_calls} | {name} | {phenotype} | {row.apart} |")
    return "\n".join(lines)


def agrees(item: Comparison) -> bool:
    """Whether the two agree in all that can be compared."""
    return item.by_name is Outcome.HIT and item.by_phenotype in (Outcome.HIT, Outcome.APART)


def discordances(compared: Iterable[Comparison]) -> str:
    """A line for every comparison that does not agree."""
    lines = []
    for item in compared:
        if agrees(item):
            continue
        truth, call = " | ".join(item.written), ", ".join(item.called) or item.why
        terms = f"{_joined(item.truth_terms)} -> {_joined(item.called_terms)}"
        lines.append(
            f"{item.gene} {item.sample}: truth {truth}; called {call}; "
            f"name {item.by_name}, phenotype {item.by_phenotype} ({terms})"
        )
    return "\n".join(lines)


def _alleles(gene: str, strand: str, known: frozenset[str]) -> frozenset[str]:
    """Alleles one strand may carry; none for a tandem (``*36+*10``), which no genotype table can show."""
    if "+" in strand:
        return frozenset()
    return frozenset(today(gene, f"*{name}", known) for name in _NAME.findall(strand))


def _called_pair(gene: str, haplotypes: Sequence[Sequence[str]], known: frozenset[str]) -> Pair:
    one, two = (today(gene, " + ".join(alleles), known) for alleles in haplotypes)
    return ordered(one, two)


def _outcome(truth: frozenset[Pair] | frozenset[str], found: frozenset[Pair] | frozenset[str]) -> Outcome:
    if not truth:
        return Outcome.APART
    if not found:
        return Outcome.NO_CALL
    return Outcome.HIT if truth & found else Outcome.MISS


def _joined(terms: frozenset[str]) -> str:
    return " or ".join(sorted(terms)) or "none"


def _share(hits: int, misses: int) -> float:
    return hits / (hits + misses) if hits + misses else 0.0


def _counted(hits: int, misses: int) -> str:
    return f"{hits}/{hits + misses} | {_share(hits, misses):.1%}" if hits + misses else "- | -"
