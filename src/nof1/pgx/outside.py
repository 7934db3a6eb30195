"""Calls made elsewhere, brought into the knowledge's own alleles and phenotypes [pharmcat-methods-3.1.1#outside-calls]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from nof1.errors import OutsideCallError
from nof1.knowledge.lookup import NO_RESULT, NO_SCORE, phenotypes
from nof1.knowledge.schema import Gene
from nof1.model.findings import CallStatus, Diplotype, Phenotype
from nof1.pgx.calls import Found
from nof1.pgx.phenotype import NOT_ASSIGNED, Meaning, diplotype, meaning
from nof1.pgx.table import Called, unanswered

_SCORE = re.compile(r"^(≥|>=)?\s*\d+(\.\d+)?$")
_STRUCTURE = re.compile(r"^\*\d+(x(≥?\d+|N))?(\s?\+\s?\*\d+(x(≥?\d+|N))?)*$")
_TYPED = re.compile(r"^(\*\d+:\d+)(:\d+)*[PG]?$")


class Written(Protocol):
    """What is read from one line of a table of calls."""

    @property
    def gene(self) -> str:
        """Symbol of the gene."""

    @property
    def diplotype(self) -> str:
        """Alleles as written, empty for none."""

    @property
    def phenotype(self) -> str:
        """Phenotype as written, empty for none."""

    @property
    def activity_score(self) -> str:
        """Activity score as written, empty for none."""

    @property
    def place(self) -> str:
        """File and line."""

    @property
    def is_empty(self) -> bool:
        """The line says that there is no result."""


def outside_call(gene: Gene, calls: Sequence[Written]) -> Called:
    """The answer for ``gene`` from one or more outside calls; several are all kept, best unknown.

    Raises ``OutsideCallError`` for an allele, phenotype or score that the knowledge does not have.
    """
    symbol = gene.file.gene
    given = [call for call in calls if not call.is_empty]
    if not given:
        return unanswered(symbol, f"the outside call says that there is no result ({calls[0].place})")
    words = meaning(gene)
    diplotypes = []
    phenotypes = []
    messages = []
    contradicting: list[Phenotype] = []
    for call in given:
        haplotypes = _haplotypes(words, call)
        found = _phenotype(words, call, haplotypes)
        if haplotypes:
            diplotypes.append(diplotype(words, Found(tuple((name,) for name in haplotypes), 0.0), False))
        else:
            diplotypes.append(Diplotype(symbol, "", found.term, ()))
        phenotypes.append(found)
        messages += _disagreement(words, call, haplotypes, found)
        if haplotypes and (own := words.of(haplotypes)).lookup != found.lookup and _is_stated(call):
            contradicting.append(own)
        if haplotypes and found.lookup in (NO_RESULT, NO_SCORE) and gene.file.phenotype is not None:
            messages.append(f"{call.diplotype} has no assigned meaning here: no advice is drawn from it")
    if len(given) > 1:
        messages.append(f"{len(given)} outside calls are given for this gene; all are kept")
    return Called(
        symbol,
        CallStatus.CALLED,
        "outside",
        tuple(diplotypes),
        tuple(phenotypes),
        False,
        "",
        tuple(messages),
        (),
        (),
        tuple(contradicting),
    )


def _haplotypes(words: Meaning, call: Written) -> tuple[str, ...]:
    if not call.diplotype:
        return ()
    parts = tuple(part.strip() for part in re.split(r"\s*/\s*", call.diplotype.strip()))
    whole = call.diplotype.strip()
    if words.known(whole) is not None:
        parts = (whole,)
    if len(parts) > 2:
        raise OutsideCallError(f"{call.place}: {call.gene} {call.diplotype!r} names {len(parts)} alleles; write one or two")
    return tuple(_allele(words, call, part) for part in parts)


def _allele(words: Meaning, call: Written, name: str) -> str:
    rule = words.gene.file.phenotype
    if rule is not None and rule.method == "presence":
        if not (typed := _TYPED.match(name)):
            raise OutsideCallError(
                f"{call.place}: {call.gene} allele {name!r} is not read; write at least two fields of digits, like *01:01"
            )
        return typed[1]
    name = name.replace(">=", "≥")
    without_remark = [known for known in words.alleles if known.partition(" (")[0] == name]
    for candidate in (name, f"*{name}", *(without_remark if len(without_remark) == 1 else ())):
        if (found := words.known(candidate)) is not None:
            return found
    if ("x" in name or "+" in name) and _STRUCTURE.match(name):
        return name  # a hybrid or a copy number without a function of its own: kept as written, phenotype not assigned
    raise OutsideCallError(
        f"{call.place}: {call.gene} allele {name!r} is not in the knowledge; see nof1 knowledge show {call.gene}"
    )


def _phenotype(words: Meaning, call: Written, haplotypes: tuple[str, ...]) -> Phenotype:
    """What the laboratory states wins over what its alleles would give."""
    own = words.of(haplotypes) if haplotypes else None
    score = call.activity_score.replace(">=", "≥").replace(" ", "")
    if call.activity_score and not _SCORE.match(call.activity_score):
        raise OutsideCallError(f"{call.place}: {call.gene} activity score {call.activity_score!r}; write a number")
    term = _canonical(words, call.phenotype)
    if not (score or term):
        assert own is not None
        return own
    if score and not term:
        term = words.scored_term(float(score.removeprefix("≥")))
    if not score and own is not None and own.term == term:
        score = own.activity_score
    if score and "≥" not in score:
        score = f"{float(score):.2f}".rstrip("0")
        score = f"{score}0" if score.endswith(".") else score
    return Phenotype(
        words.gene.file.gene,
        term,
        score,
        _lookup(words, term, score),
        own.functions if own else (),
        own.recommendation_diplotype if own else "",
        own.recommendation_haplotypes if own else (),
    )


def _lookup(words: Meaning, term: str, score: str) -> str:
    """The key of a stated result; a phenotype stated without a score stands for every score it covers."""
    rule = words.gene.file.phenotype
    if score or rule is None:
        return words.lookup(term, score)
    if not _is_known(words, term):
        return NO_RESULT
    if rule.method == "activity_score" and (scores := words.scores_of(term)):
        return "; ".join(scores)
    return words.lookup(term, score)


def _is_known(words: Meaning, term: str) -> bool:
    known = phenotypes(words.gene) | {"Indeterminate", NOT_ASSIGNED}
    return all(part in known for part in term.split("; "))


def _canonical(words: Meaning, term: str) -> str:
    """The phenotype as the knowledge writes it, whatever its case."""
    known = {name.lower(): name for name in phenotypes(words.gene) | {"Indeterminate"}}
    return "; ".join(known.get(part.strip().lower(), part.strip()) for part in term.split(";"))


def _disagreement(words: Meaning, call: Written, haplotypes: tuple[str, ...], found: Phenotype) -> list[str]:
    if found.term and not _is_known(words, found.term):
        return [f"the laboratory's phenotype {found.term!r} is not one the knowledge has: it is shown and not used"]
    if not haplotypes or not (call.phenotype or call.activity_score):
        return []
    own = words.of(haplotypes)
    if own.term.lower() == found.term.lower():
        return []
    return [
        f"the laboratory states {found.term}; its diplotype {call.diplotype} is {own.term} here: advice is given for both"
    ]


def _is_stated(call: Written) -> bool:
    """Whether the laboratory stated a meaning of its own."""
    return bool(call.phenotype or call.activity_score)
