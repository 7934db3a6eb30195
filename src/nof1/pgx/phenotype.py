"""What alleles mean: functions, activity scores, phenotypes and the key recommendations are looked up by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nof1.knowledge.formula import parse
from nof1.knowledge.kept import kept
from nof1.knowledge.lookup import NO_RESULT, NO_SCORE
from nof1.knowledge.schema import Allele, Gene, PhenotypeRule
from nof1.model.findings import Diplotype, Phenotype
from nof1.pgx.calls import Found
from nof1.pgx.names import name_key, pair_name, strand_name

NOT_ASSIGNED = "n/a"
_COPIES = re.compile(r"^(?P<allele>.+?)x(?P<number>[1-9]\d?)$")  # no person has a hundred copies
_SUBALLELE = re.compile(r"^(?P<core>\*\d+)\.\d+$")
HIGHEST_SCORE = 6  # copies of a gene that tables go up to
MISSING_RANK = 2.0  # an allele without activity value never counts as the lowest


@dataclass(frozen=True)
class Meaning:
    """A gene's alleles by name, ready to be asked."""

    gene: Gene
    alleles: dict[str, Allele]

    def known(self, name: str) -> str | None:
        """The name the knowledge has for ``name``: suballeles cut, copy numbers matched; ``None`` when it has none.

        An allele given as ``*1x4`` is the ``*1x≥3`` of the tables where these have one and not ``*1x4`` itself.
        """
        if name in self.alleles:
            return name
        if (match := _SUBALLELE.match(name)) and match["core"] in self.alleles:
            return match["core"]
        if match := _COPIES.match(name):
            for least in range(int(match["number"]), 1, -1):
                for form in (f"{match['allele']}x≥{least}", f"{match['allele']}≥{least}"):
                    if form in self.alleles:
                        return form
        return None

    def function(self, name: str) -> str:
        """The clinical function of an allele, empty when none is assigned."""
        found = self.known(name)
        return self.alleles[found].function if found else ""

    def activity(self, name: str) -> str:
        """The activity value of an allele as written (``0.5``, ``>=3``), empty when none is assigned."""
        found = self.known(name)
        return self.alleles[found].activity if found else ""

    def of(self, haplotypes: Sequence[str]) -> Phenotype:
        """The phenotype of one or two alleles."""
        haplotypes = tuple(sorted(haplotypes, key=name_key))
        functions = tuple(self.function(name) for name in haplotypes)
        term, score = self._term(haplotypes, functions)
        name = pair_name(haplotypes[0], haplotypes[1] if len(haplotypes) > 1 else None)
        return Phenotype(self.gene.file.gene, term, score, self.lookup(term, score), functions, name, haplotypes)

    def lookup(self, term: str, score: str) -> str:
        """The key recommendations are found by: the score where the gene has one, otherwise the phenotype."""
        rule = self.gene.file.phenotype
        if rule is None:
            return NO_RESULT
        if rule.method == "activity_score":
            return score or NO_SCORE
        return term if term != NOT_ASSIGNED else NO_RESULT

    def _term(self, haplotypes: Sequence[str], functions: tuple[str, ...]) -> tuple[str, str]:
        rule = self.gene.file.phenotype
        if rule is None:
            return NOT_ASSIGNED, ""
        if rule.method == "activity_score":
            return self._scored(rule, haplotypes, functions)
        if rule.method == "presence":
            return self._present(rule, haplotypes), ""
        for enough in rule.sufficient:
            if enough.function in functions:
                return enough.phenotype, ""
        pair = sorted(functions)
        for row in rule.rows:
            if sorted(row.functions) == pair:
                return row.phenotype, ""
        return NOT_ASSIGNED, ""

    def _scored(self, rule: PhenotypeRule, haplotypes: Sequence[str], functions: tuple[str, ...]) -> tuple[str, str]:
        if not all(functions) or len(haplotypes) != 2:
            return NOT_ASSIGNED, ""
        values = [self.activity(name) for name in haplotypes]
        if not all(values):
            return rule.without_score, ""
        numbers = [float(value.removeprefix(">=")) for value in values]
        score = float(parse(rule.score).evaluate({"value_1": numbers[0], "value_2": numbers[1]}))
        at_least = "≥" if any(value.startswith(">=") for value in values) else ""
        return self.scored_term(score), f"{at_least}{_written(score)}"

    def scored_term(self, score: float) -> str:
        """The phenotype of an activity score."""
        rule = self.gene.file.phenotype
        for row in rule.score_rows if rule else []:
            if parse(row.when).evaluate({"score": score}):
                return row.phenotype
        return NOT_ASSIGNED

    def scores_of(self, term: str) -> list[str]:
        """The activity scores, in quarters, that have the phenotype ``term``."""
        rule = self.gene.file.phenotype
        rows = [row for row in (rule.score_rows if rule else []) if row.phenotype == term]
        quarters = [number / 4 for number in range(4 * HIGHEST_SCORE + 1)]
        return [_written(score) for score in quarters if any(parse(row.when).evaluate({"score": score}) for row in rows)]

    def _present(self, rule: PhenotypeRule, haplotypes: Sequence[str]) -> str:
        """What is there is positive; absence can be said only where both alleles are known."""
        fields = [_two_fields(name) for name in haplotypes]
        both = len(fields) == 2
        words = [
            row.positive if row.allele in fields else row.negative
            for row in rule.presence_rows
            if row.allele in fields or both
        ]
        return "; ".join(words) or NOT_ASSIGNED


@kept
def meaning(gene: Gene) -> Meaning:
    """The meaning of the gene's alleles."""
    return Meaning(
        gene, {row.name: row for row in gene.alleles} | {row.shown_as: row for row in gene.alleles if row.shown_as}
    )


def deciding_haplotypes(gene: Meaning, found: Sequence[Found], is_list: bool) -> tuple[str, ...]:
    """The one or two alleles a recommendation rests on.

    A strand with several alleles is decided by the one of lowest function; a list of unknown phase by the two lowest;
    among several diplotypes by the lowest in total.
    """
    if is_list:
        names = [name for item in found for name in [item.strands[0][0]] * max(item.copies, 1)]
        return tuple(sorted(sorted(names, key=lambda name: rank(gene, name))[:2], key=name_key))
    pairs = [tuple(min(alleles, key=lambda name: rank(gene, name)) for alleles in item.strands) for item in found]
    if gene.gene.file.call.lowest_function is None:
        return tuple(sorted(pairs[0], key=name_key))
    lowest = min(pairs, key=lambda pair: sum(float(rank(gene, name)[0]) for name in pair))
    return tuple(sorted(lowest, key=name_key))


def diplotype(gene: Meaning, found: Found, is_list: bool) -> Diplotype:
    """A candidate with its name in definition names and its label as printed."""
    symbol = gene.gene.file.gene
    names = [strand_name(alleles) for alleles in found.strands]
    if is_list:
        label = names[0] + (" (homozygous)" if found.copies > 1 else "")
        return Diplotype(symbol, names[0], label, found.strands, found.score)
    name = pair_name(names[0], names[1] if len(names) > 1 else None)
    return Diplotype(symbol, name, _label(gene, found, names) or name, found.strands, found.score)


def _label(gene: Meaning, found: Found, names: list[str]) -> str:
    """The printed form where the gene has its own: one variant named as heterozygous, a short name for the reference."""
    call = gene.gene.file.call
    reference = next((row.name for row in gene.gene.alleles if "reference" in row.variants.split()), "")
    is_reference = [alleles == (reference,) for alleles in found.strands]
    if call.heterozygous_label and len(names) == 2 and sum(is_reference) == 1:
        other = found.strands[is_reference.index(False)]
        if any(gene.function(name) in call.heterozygous_label for name in other):
            return f"{names[is_reference.index(False)]} (heterozygous)"
    if call.reference_label and all(is_reference):
        return "/".join([call.reference_label] * len(names))
    return ""


def rank(gene: Meaning, name: str) -> tuple[float, object]:
    """Lowest first; ties by name."""
    method = gene.gene.file.call.lowest_function
    if method is not None and method.rank_by == "function":
        return (0.0 if gene.function(name) in method.first else 1.0, name_key(name))
    activity = gene.activity(name).removeprefix(">=")
    return (float(activity) if activity else MISSING_RANK, name_key(name))


def _written(score: float) -> str:
    return f"{score:.1f}" if score == round(score, 1) else f"{score:g}"


def _two_fields(name: str) -> str:
    return ":".join(name.split(":")[:2])
