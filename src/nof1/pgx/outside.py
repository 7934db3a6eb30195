"""Calls made elsewhere, brought into the knowledge's own alleles and phenotypes [pharmcat-methods-3.1.1#outside-calls]."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from nof1.errors import OutsideCallError
from nof1.knowledge.lookup import NO_RESULT, NO_SCORE, phenotypes
from nof1.knowledge.schema import Gene
from nof1.model.findings import CallStatus, Diplotype, Phenotype
from nof1.pgx.calls import Found
from nof1.pgx.phenotype import NOT_ASSIGNED, Meaning, diplotype, meaning
from nof1.pgx.table import Called, unanswered
from nof1.pgx.typed import typed_reading
from nof1.pgx.written import NotRead, Pair, Reading, star_reading

_SCORE = re.compile(r"^(≥|>=)?\s*\d+(\.\d+)?$")
_UNSAID = "no reason is given"
_CANDIDATES = 3  # of the genome, named where an outside call is none of them


class Written(Protocol):
    """What is read from one line of a table of calls, or from one result of a tool."""

    @property
    def gene(self) -> str:
        """Symbol of the gene."""

    @property
    def diplotype(self) -> str:
        """Alleles as written, empty for none; several possible ones separated by ``;``."""

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
    def tool(self) -> str:
        """The tool and its version, empty for a table written by hand."""

    @property
    def reason(self) -> str:
        """Why there is no result, empty where nothing is said."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What the tool says about its own call."""

    @property
    def is_empty(self) -> bool:
        """The line says that there is no result."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What one call comes to: candidates with their phenotypes one to one, or ``why`` there are none."""

    call: Written
    diplotypes: tuple[Diplotype, ...] = ()
    phenotypes: tuple[Phenotype, ...] = ()
    messages: tuple[str, ...] = ()
    contradicting: tuple[Phenotype, ...] = ()
    why: str = ""

    @property
    def candidates(self) -> frozenset[tuple[str, str]]:
        """What is compared between calls: names with the key recommendations are found by."""
        return frozenset((one.name, two.lookup) for one, two in zip(self.diplotypes, self.phenotypes, strict=True))


def outside_call(gene: Gene, calls: Sequence[Written]) -> Called:
    """The answer for ``gene`` from one or more outside calls: those that agree are one, those that differ are all kept.

    A call without a result takes nothing from another. Raises ``OutsideCallError`` for an allele, phenotype or score that
    the knowledge does not have.
    """
    symbol = gene.file.gene
    words = meaning(gene)
    answers = [_answer(words, call) for call in calls]
    given = [answer for answer in answers if not answer.why]
    silent = [_no_result(item) for item in answers if item.why]
    if not given:
        return unanswered(symbol, "; ".join(dict.fromkeys(silent)))
    found = {
        (one.name, two.term, two.activity_score, two.lookup): (one, two)
        for answer in given
        for one, two in zip(answer.diplotypes, answer.phenotypes, strict=True)
    }
    messages = [message for answer in given for message in answer.messages]
    if len(given) > 1:
        messages.append(_together(given))
    return Called(
        symbol,
        CallStatus.CALLED,
        "outside",
        tuple(one for one, _ in found.values()),
        tuple(two for _, two in found.values()),
        False,
        "",
        tuple(dict.fromkeys([*messages, *silent])),
        (),
        (),
        tuple(item for answer in given for item in answer.contradicting),
        reported_by=tuple(dict.fromkeys(_origin(answer.call) for answer in given)),
    )


def preferred(genome: Called, outside: Called, possible: float = 0.0) -> Called:
    """The answer of a gene from its genome and its outside call: the call, where it holds a result; the other is told.

    An outside call without a result never takes the place of a genome's call. It agrees with the genome when it is one of
    the candidates that reach the probability ``possible`` under some population.
    """
    if outside.status is CallStatus.NO_CALL:
        if genome.status is CallStatus.NO_CALL and not genome.phenotypes:
            return replace(genome, why=f"{genome.why}; {outside.why}")
        return replace(genome, messages=(*genome.messages, f"{outside.why}: the genome is used"))
    shown = [item.name for item in genome.diplotypes if item.highest is None or item.highest >= possible]
    if not shown or {item.name for item in outside.diplotypes} & set(shown):
        return outside
    more = f" or {len(shown) - _CANDIDATES} more" if len(shown) > _CANDIDATES else ""
    words = f"the genome shows {'; '.join(shown[:_CANDIDATES])}{more}: the outside call is used"
    other = genome.phenotypes[0]
    is_sure = genome.status in (CallStatus.CERTAIN, CallStatus.ASSURED)
    if not is_sure or other.lookup in {item.lookup for item in outside.phenotypes}:
        return replace(outside, messages=(*outside.messages, words))
    words = f"{words}, and advice is given for the genome's {other.term} too, since that is {genome.status.value}"
    return replace(outside, messages=(*outside.messages, words), contradicting=(*outside.contradicting, other))


def _no_result(answer: _Answer) -> str:
    because = "" if answer.why == _UNSAID else f": {answer.why}"
    by = f"{answer.call.tool}, " if answer.call.tool else ""
    return f"the outside call says that there is no result ({by}{answer.call.place}){because}"


def _together(given: Sequence[_Answer]) -> str:
    """Whether several calls of one gene say the same."""
    if len({answer.candidates for answer in given}) == 1:
        return f"{len(given)} outside calls agree ({', '.join(_origin(answer.call) for answer in given)})"
    each = "; ".join(
        f"{_origin(answer.call)}: {' or '.join(one.name or two.term for one, two in _paired(answer))}" for answer in given
    )
    return f"{len(given)} outside calls are given for this gene; all are kept, and they do not say the same ({each})"


def _paired(answer: _Answer) -> list[tuple[Diplotype, Phenotype]]:
    return list(zip(answer.diplotypes, answer.phenotypes, strict=True))


def _origin(call: Written) -> str:
    return call.tool or call.place


def _answer(words: Meaning, call: Written) -> _Answer:
    if call.is_empty:
        return _Answer(call, why=call.reason or _UNSAID)
    reading = _reading(words, call)
    if reading.why:
        return _Answer(call, why=reading.why)
    diplotypes, found, messages, contradicting = [], [], list(call.remarks + reading.remarks), []
    for pair in reading.pairs or (Pair(()),):
        names = pair.haplotypes
        item = _set_apart(words, pair) if pair.is_apart else _phenotype(words, call, names)
        if names:
            diplotypes.append(diplotype(words, Found(tuple((name,) for name in names), 0.0), False))
        else:
            diplotypes.append(Diplotype(words.gene.file.gene, "", item.term, ()))
        found.append(item)
        messages += _disagreement(words, call, names, item)
        if names and _is_stated(call) and (own := words.of(names)).lookup != item.lookup:
            contradicting.append(own)
        if names and item.lookup in (NO_RESULT, NO_SCORE) and words.gene.file.phenotype is not None:
            messages.append(f"{diplotypes[-1].name} has no assigned meaning here: no advice is drawn from it")
    if len(diplotypes) > 1:
        messages.append(f"{_origin(call)} leaves {len(diplotypes)} diplotypes possible; all are kept, none is likelier here")
    return _Answer(call, tuple(diplotypes), tuple(found), tuple(messages), tuple(contradicting))


def _reading(words: Meaning, call: Written) -> Reading:
    if not call.diplotype:
        return Reading(())
    rule = words.gene.file.phenotype
    try:
        if rule is not None and rule.method == "presence":
            return typed_reading(words, call.diplotype)
        return star_reading(words, call.diplotype.strip(), bool(call.tool))
    except NotRead as problem:
        raise OutsideCallError(f"{call.place}: {call.gene} {problem}") from None


def _set_apart(words: Meaning, pair: Pair) -> Phenotype:
    """What the other allele says alone: one whose expression is changed is neither the allele asked for nor its absence."""
    plain = [name for name in pair.haplotypes if name[-1:].isdigit()]
    own = words.of(pair.haplotypes)
    if not plain:
        return replace(own, term=NOT_ASSIGNED, activity_score="", lookup=NO_RESULT)
    alone = words.of(plain[:1])
    return replace(own, term=alone.term, activity_score=alone.activity_score, lookup=alone.lookup)


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
