"""The values a gene can have in a drug rule, and whether a rule's condition accepts one."""

from __future__ import annotations

from functools import lru_cache

from nof1.knowledge.formula import FormulaError, parse
from nof1.knowledge.schema import Gene

NO_RESULT = "no_result"  # the gene was not tested, or could not be called
NO_SCORE = "no_score"  # a diplotype without an activity score


_DIPLOTYPE = "diplotype "


def diplotype(value: str) -> frozenset[str]:
    """The alleles of a value ``diplotype A/B``; empty for any other value.

    >>> sorted(diplotype("diplotype *1/*2")), diplotype("Poor Metabolizer")
    (['*1', '*2'], frozenset())
    """
    return frozenset(value.removeprefix(_DIPLOTYPE).split("/")) if value.startswith(_DIPLOTYPE) else frozenset()


def is_condition(text: str) -> bool:
    """Whether ``text`` is a condition on the activity score rather than a phenotype."""
    return "score" in text and text != NO_SCORE


@lru_cache(maxsize=65536)
def accepts(condition: str, value: str) -> bool:
    """Whether a rule's ``condition`` accepts the lookup ``value`` of a gene.

    >>> accepts("0.25 <= score <= 1", "0.5"), accepts("score >= 2.5", "≥3.0"), accepts("no_result", "no_result")
    (True, True, True)
    """
    if not is_condition(condition):
        return condition == value or (bool(alleles := diplotype(condition)) and alleles == diplotype(value))
    try:
        score = float(value.removeprefix("≥"))
    except ValueError:
        return False
    try:
        return bool(parse(condition).evaluate({"score": score}))
    except FormulaError:  # told when the knowledge is checked
        return False


def phenotypes(gene: Gene) -> set[str]:
    """Every lookup word the gene's phenotype rule can give (activity scores aside)."""
    rule = gene.file.phenotype
    if rule is None:
        return set()
    words = {row.phenotype for row in rule.rows} | {row.phenotype for row in rule.score_rows}
    words |= {word for row in rule.presence_rows for word in (row.positive, row.negative)}
    return words
