"""The rules of one guideline, prepared so that those which hold for given results are looked up, not searched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from nof1.decision.standing import Result
from nof1.knowledge.kept import kept
from nof1.knowledge.lookup import NO_RESULT, accepts, diplotype
from nof1.knowledge.schema import DrugFile, Rule

_KEPT = 4096
_SILENT = ["no_recommendation"]


@dataclass(slots=True)
class Rules:
    """The rules of ``file`` as numbered cases; a set of cases is an int, one bit for each.

    ``cases``: each with its rule and whether it asks for the very diplotype; ``settings``: for each group of people one rule
    and the cases. The rest is filled as it is asked: the cases that accept a result of a gene, the rules of a set of cases,
    and the implications that a result has.
    """

    file: DrugFile
    cases: tuple[tuple[Rule, bool], ...]
    settings: tuple[tuple[Rule, int], ...]
    asks_for_test: bool
    _accepting: dict[str, dict[str, int]] = field(default_factory=dict)
    _implied: dict[str, dict[str, int]] = field(default_factory=dict)
    _rules: dict[int, tuple[Rule, ...]] = field(default_factory=dict)

    def open_to(self, is_for: Callable[[Rule], bool]) -> int:
        """The cases whose rule is for this person: rules of one setting that ask for no other drug are asked once."""
        return sum(cases for rule, cases in self.settings if is_for(rule))

    def holding(self, combination: Mapping[str, Result], among: int) -> tuple[Rule, ...]:
        """The rules that hold ``among`` some cases, always the same tuple for the same rules; within one setting the very
        diplotype wins over its phenotype, unless it recommends nothing."""
        held = among
        for gene in self.file.genes:
            held &= self._cases_of(gene, combination[gene].lookup)
        if held not in self._rules:
            self._rules[held] = self._chosen([pair for number, pair in enumerate(self.cases) if held >> number & 1])
        return self._rules[held]

    def unlike(self, gene: str, results: Iterable[Result]) -> list[Result]:
        """The first of those ``results`` that the same cases accept."""
        found: dict[int, Result] = {}
        for result in results:
            found.setdefault(self._cases_of(gene, result.lookup), result)
        return list(found.values())

    def implications(self, combination: Mapping[str, Result]) -> tuple[str, ...]:
        """What the guideline says the results mean for the drug."""
        found = 0
        for gene in self.file.genes:
            found |= self._said_of(gene, combination[gene].lookup)
        return tuple(item.text for number, item in enumerate(self.file.implications) if found >> number & 1)

    def _chosen(self, held: list[tuple[Rule, bool]]) -> tuple[Rule, ...]:
        exact = {rule.setting for rule, is_exact in held if is_exact and rule.actions != _SILENT}
        kept = [rule for rule, is_exact in held if is_exact or rule.setting not in exact]
        return tuple({rule.id: rule for rule in kept}.values())

    def _cases_of(self, gene: str, lookup: str) -> int:
        known = self._accepting.setdefault(gene, {})
        if lookup not in known:
            every = [case[gene] for rule in self.file.rules for case in rule.when]
            _keep(known, lookup, _bits(_takes(conditions, lookup) for conditions in every))
        return known[lookup]

    def _said_of(self, gene: str, lookup: str) -> int:
        known = self._implied.setdefault(gene, {})
        if lookup not in known:
            every = self.file.implications
            _keep(known, lookup, _bits(item.gene == gene and _takes(item.when, lookup) for item in every))
        return known[lookup]


@kept
def rules_of(file: DrugFile) -> Rules:
    """The rules of ``file``, prepared."""
    cases = [(rule, case) for rule in file.rules for case in rule.when]
    first = {_who(rule): rule for rule, _ in reversed(cases)}
    settings = [(rule, _bits(_who(other) == key for other, _ in cases)) for key, rule in first.items()]
    exact = [any(diplotype(value) for values in case.values() for value in values) for _, case in cases]
    asks = any("test_first" in rule.actions and _is_untested(case) for rule, case in cases)
    return Rules(
        file,
        tuple((rule, is_exact) for (rule, _), is_exact in zip(cases, exact, strict=True)),
        tuple(settings),
        asks,
    )


def _who(rule: Rule) -> tuple[object, ...]:
    """Whom a rule is for."""
    return rule.setting, tuple(map(tuple, rule.taking)), tuple(rule.not_taking)


def _is_untested(case: Mapping[str, list[str]]) -> bool:
    return all(NO_RESULT in values for values in case.values())


def _takes(conditions: Iterable[str], lookup: str) -> bool:
    """A lookup value may hold several results, as the presence of several alleles does."""
    parts = lookup.split("; ")
    return any(accepts(condition, part) for condition in conditions for part in parts)


def _bits(answers: Iterable[bool]) -> int:
    return sum(1 << number for number, is_so in enumerate(answers) if is_so)


def _keep(known: dict[str, int], lookup: str, cases: int) -> None:
    """Keeps one more; all are dropped where they have become many."""
    if len(known) >= _KEPT:
        known.clear()
    known[lookup] = cases
