"""Puts one person's answer together from genotypes, outside calls, the record and the knowledge; opens no file and reads
no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import TYPE_CHECKING

from nof1.assessment.cited import sources
from nof1.assessment.exposures import exposures, with_exposures
from nof1.assessment.genes import gene_call, needs, open_question
from nof1.assessment.noted import record_section
from nof1.assessment.reported import reported_calls
from nof1.assessment.standings import standing
from nof1.decision.advise import advise
from nof1.decision.chart import Chart, chart
from nof1.decision.compare import compare
from nof1.decision.effective import effective_phenotypes, exposure_ratios
from nof1.decision.information import missing
from nof1.decision.interactions import interactions
from nof1.decision.library import Library, library
from nof1.errors import NotInKnowledge, OutsideCallError
from nof1.knowledge.schema import Gene, Knowledge
from nof1.knowledge.weighing import Certainty
from nof1.model.findings import Assessment, CallStatus, DrugAdvice, GeneCall, Indeterminate
from nof1.model.genome import GenotypeBlock, SiteNote, SourceFile
from nof1.model.record import Record
from nof1.pgx.outside import Written, outside_call, preferred
from nof1.pgx.table import Called, gene_caller, unanswered

if TYPE_CHECKING:
    from nof1.assessment.exposures import Randomness

DISCLAIMER = (
    "Decision support for health professionals. Not a medical device: not cleared by any authority and not CE-marked. "
    "Confirm results in an accredited laboratory before acting on them."
)
_NOTHING_HOLDS = (
    "no gene advice is known here; of the limits and interactions that are, none holds as far as the record tells"
)
_NOTHING_KNOWN = "nothing in this edition of the knowledge speaks about it; that does not make it safe"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about one person: blocks by gene (row ``row`` of each), outside calls by gene, notes of the readers,
    and the health record (``None`` where none was given)."""

    name: str
    row: int
    blocks: Mapping[str, GenotypeBlock]
    outside: Mapping[str, Sequence[Written]]
    notes: Sequence[SiteNote]
    files: Sequence[SourceFile]
    record: Record | None = None


@dataclass(frozen=True, slots=True)
class Genes:
    """The genes of one person: what was called, and the calls as reported."""

    answers: Mapping[str, Called]
    calls: tuple[GeneCall, ...]


def assess(
    knowledge: Knowledge,
    person: Person,
    *,
    today: str,
    software: str,
    settings: Mapping[str, str],
    drugs: Sequence[str] = (),
    asked: Sequence[int] | None = None,
    absent_is_reference: bool = False,
    classes: Sequence[str] = (),
    randomness: Randomness | None = None,
) -> Assessment:
    """The assessment of ``person``; ``drugs`` narrows the advice and asks about them (all when empty).

    ``asked``: the reference populations (indexes into the knowledge's) under which calls are weighed; ``None`` takes
    named-allele logic, which weighs nothing. ``absent_is_reference``: the user declares it of every position without a
    record. ``classes``: classes of drugs to compare. ``randomness``: makes the generator that exposures are drawn with;
    without it none is worked out.

    Raises ``NotInKnowledge`` for a drug or class nobody knows, ``OutsideCallError`` for an outside call nobody knows.
    """
    shelf = library(knowledge)
    wanted = tuple(dict.fromkeys(drug for name in drugs for drug in known_drugs(shelf, name)))
    genes = called_genes(knowledge, person, asked, absent_is_reference)
    found = chart_of(shelf, genes, person.record, date.fromisoformat(today), wanted)
    advice = advice_on(found, wanted or _every_drug(found))
    reached = exposures(found, genes.calls, randomness)
    made = Assessment(
        person=person.name,
        created=today,
        software=software,
        knowledge_edition=knowledge.edition.digest,
        knowledge_date=knowledge.edition.date,
        disclaimer=DISCLAIMER,
        files=tuple(person.files),
        settings={**settings, **_policy(knowledge)},
        genes=genes.calls,
        drugs=advice,
        unknown=tuple(_unknown(genes)),
        site_notes=tuple(note for note in person.notes if note.sample in ("", person.name)),
        sources={},
        record=record_section(found),
        effective_phenotypes=effective_phenotypes(found),
        interactions=interactions(found),
        comparisons=tuple(with_exposures(compare(found, name), found, genes.calls, reached, randomness) for name in classes),
        exposures=reached,
        exposure_ratios=exposure_ratios(found),
        missing=missing(found),
    )
    return replace(made, sources=sources(knowledge, made))


def _policy(knowledge: Knowledge) -> dict[str, str]:
    """What the page says of how bodies are ordered."""
    policy = knowledge.care.policy
    return {"order of bodies": ", ".join(policy.bodies)} if policy else {}


def called_genes(
    knowledge: Knowledge, person: Person, asked: Sequence[int] | None, absent_is_reference: bool = False
) -> Genes:
    """Every gene of the knowledge for ``person``, called or not."""
    earlier = reported_calls(knowledge, person.record)
    answers = {symbol: _called(knowledge, symbol, person, earlier, asked, absent_is_reference) for symbol in knowledge.genes}
    calls = tuple(
        gene_call(knowledge, symbol, answer, person.blocks.get(symbol), person.row, asked)
        for symbol, answer in answers.items()
    )
    return Genes(answers, calls)


def chart_of(shelf: Library, genes: Genes, record: Record | None, today: date, asked: tuple[str, ...]) -> Chart:
    """The chart of a person from called genes and a record."""
    levels = shelf.known.certainty.thresholds
    genetic = {call.gene: standing(call, genes.answers[call.gene], levels) for call in genes.calls}
    return chart(shelf, genetic, record, today, asked)


def advice_on(found: Chart, drugs: Sequence[str]) -> tuple[DrugAdvice, ...]:
    """Advice on ``drugs``, the most urgent first; a drug about which nothing is known says so."""
    return tuple(_spoken(found.shelf, item) for item in advise(found, drugs))


def _every_drug(found: Chart) -> list[str]:
    """Drugs with a guideline, and those of the record."""
    known = found.shelf.known
    return sorted({*known.drugs, *known.guidelines, *(item.drug for item in found.drugs if found.concerns(item.drug))})


def _spoken(shelf: Library, advice: DrugAdvice) -> DrugAdvice:
    """A drug about which nothing is known says so."""
    if advice.recommendations or advice.unknown or shelf.advising(advice.drug):
        return advice
    drug = advice.drug
    is_known = any(drug in table for table in (shelf.limits, shelf.side_a, shelf.side_b, shelf.kinetic, shelf.modulators))
    return replace(advice, unknown=(Indeterminate(drug, _NOTHING_HOLDS if is_known else _NOTHING_KNOWN),))


def known_drugs(shelf: Library, name: str) -> tuple[str, ...]:
    """The drugs that ``name`` stands for: itself, or what a combination holds; ``NotInKnowledge`` for none."""
    drug = known_drug(shelf, name)
    term = shelf.combination(name) or shelf.combination(drug)
    if term is None:
        return (drug,)
    own = (drug,) if shelf.advising(drug) else ()
    return tuple(dict.fromkeys([*own, *term.ingredients.split("|")]))


def known_drug(shelf: Library, name: str) -> str:
    """The knowledge's own name for a drug, in any case, or by another name it lists; ``NotInKnowledge`` otherwise."""
    wanted = name.strip().lower()
    if wanted in shelf.names:
        return shelf.names[wanted]
    close = dict.fromkeys(shelf.names[other] for other in get_close_matches(wanted, shelf.names, 5, 0.75))
    hint = f"; did you mean {', '.join(close)}?" if close else "; see nof1 knowledge list drugs"
    raise NotInKnowledge(f"drug {name!r} is not in the knowledge{hint}")


def _called(
    knowledge: Knowledge,
    symbol: str,
    person: Person,
    earlier: Mapping[str, Sequence[Written]],
    asked: Sequence[int] | None,
    absent: bool,
) -> Called:
    """The gene's answer; a call made elsewhere with a result wins over the genome, and says so where they differ.

    What the record reports of earlier tests is asked where there is no other call.
    """
    gene = knowledge.genes[symbol]
    genome = _from_genome(gene, person, knowledge.certainty, asked, absent)
    if symbol not in person.outside:
        return _with_earlier(gene, genome, earlier.get(symbol, ()))
    outside = outside_call(gene, person.outside[symbol])
    if asked is None and outside.status is CallStatus.NO_CALL:
        return outside  # named-allele logic follows its peer: the outside call stands, also without a result
    made = preferred(genome, outside, knowledge.certainty.thresholds.possible)
    return _with_earlier(gene, made, earlier.get(symbol, ()))


def _with_earlier(gene: Gene, genome: Called, earlier: Sequence[Written]) -> Called:
    """The genome's answer, or an earlier report where it has none; where they differ both are said."""
    if not earlier:
        return genome
    try:
        report = outside_call(gene, earlier)
    except OutsideCallError as error:
        told = f"an earlier report in the record could not be used: {error}"
        return replace(genome, messages=(*genome.messages, told))
    if genome.status is CallStatus.NO_CALL:
        note = f"reported earlier in the record ({earlier[0].place}), not called from a genome here"
        return replace(report, messages=(*report.messages, note)) if report.status is not CallStatus.NO_CALL else genome
    told = f"an earlier report in the record ({earlier[0].place}) says {earlier[0].diplotype or earlier[0].phenotype}"
    same = {item.lookup for item in report.phenotypes} & {item.lookup for item in genome.phenotypes}
    if same or not report.phenotypes:
        return genome
    messages = (*genome.messages, f"{told}, which differs; advice is given for both")
    return replace(genome, messages=messages, contradicting=(*genome.contradicting, *report.phenotypes))


def _from_genome(gene: Gene, person: Person, certainty: Certainty, asked: Sequence[int] | None, absent: bool) -> Called:
    symbol = gene.file.gene
    block = person.blocks.get(symbol)
    caller = gene_caller(gene) if asked is None else gene_caller(gene, certainty, tuple(asked), absent)
    if caller.caller is None:
        return unanswered(symbol, f"not read from genomes: {gene.file.call.why_outside}")
    if block is None:
        return unanswered(symbol, "no genome was read for this gene")
    return caller.answer_row(block, person.row)


def _unknown(genes: Genes) -> Iterable[Indeterminate]:
    for call in genes.calls:
        answer = genes.answers[call.gene]
        if call.status is CallStatus.NO_CALL:
            yield Indeterminate(call.gene, answer.why, needs(answer, call.positions))
            continue
        if reason := open_question(answer, call.positions):
            yield Indeterminate(call.gene, reason, needs(answer, call.positions))
