"""Puts one person's answer together from genotypes, outside calls and the knowledge; opens no file and reads no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from nof1.assessment.genes import caveats, gene_call, needs, open_question, values, why_unknown
from nof1.decision.match import Standing, advise
from nof1.errors import NotInKnowledge
from nof1.knowledge.schema import Certainty, Gene, Knowledge, Thresholds
from nof1.model.evidence import Because, SourceRef
from nof1.model.findings import Assessment, CallStatus, DrugAdvice, GeneCall, Indeterminate
from nof1.model.genome import GenotypeBlock, SiteNote, SourceFile
from nof1.pgx.outside import Written, outside_call, preferred
from nof1.pgx.table import Called, gene_caller, unanswered

DISCLAIMER = (
    "Decision support for health professionals. Not a medical device: not cleared by any authority and not CE-marked. "
    "Confirm results in an accredited laboratory before acting on them."
)


@dataclass(frozen=True, slots=True)
class Person:
    """What is known about one person: blocks by gene (row ``row`` of each), outside calls by gene, notes of the readers."""

    name: str
    row: int
    blocks: Mapping[str, GenotypeBlock]
    outside: Mapping[str, Sequence[Written]]
    notes: Sequence[SiteNote]
    files: Sequence[SourceFile]


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
) -> Assessment:
    """The assessment of ``person``; ``drugs`` narrows the advice (all when empty).

    ``asked``: the reference populations (indexes into the knowledge's) under which calls are weighed; ``None`` takes
    named-allele logic, which weighs nothing. ``absent_is_reference``: the user declares it of every position without a
    record.

    Raises ``NotInKnowledge`` for a drug nobody knows, ``OutsideCallError`` for an outside call nobody knows.
    """
    chosen = list(dict.fromkeys(known_drug(knowledge, name) for name in drugs)) or sorted(knowledge.drugs)
    called = {symbol: _called(knowledge, symbol, person, asked, absent_is_reference) for symbol in knowledge.genes}
    genes = [
        gene_call(knowledge, symbol, answer, person.blocks.get(symbol), person.row, asked)
        for symbol, answer in called.items()
    ]
    levels = knowledge.certainty.thresholds
    standings = {call.gene: _standing(call, answer, levels) for call, answer in zip(genes, called.values(), strict=True)}
    advice = advise(knowledge, standings, chosen)
    return Assessment(
        person=person.name,
        created=today,
        software=software,
        knowledge_edition=knowledge.edition.digest,
        knowledge_date=knowledge.edition.date,
        disclaimer=DISCLAIMER,
        files=tuple(person.files),
        settings=dict(settings),
        genes=tuple(genes),
        drugs=advice,
        unknown=tuple(_unknown(genes, called)),
        site_notes=tuple(note for note in person.notes if note.sample in ("", person.name)),
        sources=_sources(knowledge, genes, advice),
    )


def _standing(call: GeneCall, answer: Called, levels: Thresholds) -> Standing:
    found = values(answer, levels)
    told = caveats(answer, call.positions) if found else ()
    return Standing(found, why_unknown(answer, levels), told, call.because, needs(answer, call.positions))


def known_drug(knowledge: Knowledge, name: str) -> str:
    """The knowledge's own name for a drug, in any case, or by another name it lists; ``NotInKnowledge`` otherwise."""
    wanted = name.strip().lower()
    for drug in knowledge.drugs.values():
        if wanted in (drug.drug.lower(), *(other.lower() for other in drug.also_named)):
            return drug.drug
    close = [drug for drug in sorted(knowledge.drugs) if drug[:3] == wanted[:3]]
    hint = f"; did you mean {', '.join(close[:5])}?" if close else "; see nof1 knowledge list drugs"
    raise NotInKnowledge(f"drug {name!r} is not in the knowledge{hint}")


def _called(knowledge: Knowledge, symbol: str, person: Person, asked: Sequence[int] | None, absent: bool) -> Called:
    """The gene's answer; a call made elsewhere with a result wins over the genome, and says so where they differ."""
    gene = knowledge.genes[symbol]
    genome = _from_genome(gene, person, knowledge.certainty, asked, absent)
    if symbol not in person.outside:
        return genome
    outside = outside_call(gene, person.outside[symbol])
    if asked is None and outside.status is CallStatus.NO_CALL:
        return outside  # named-allele logic follows its peer: the outside call stands, also without a result
    return preferred(genome, outside, knowledge.certainty.thresholds.possible)


def _from_genome(gene: Gene, person: Person, certainty: Certainty, asked: Sequence[int] | None, absent: bool) -> Called:
    symbol = gene.file.gene
    block = person.blocks.get(symbol)
    caller = gene_caller(gene) if asked is None else gene_caller(gene, certainty, tuple(asked), absent)
    if caller.caller is None:
        return unanswered(symbol, f"not read from genomes: {gene.file.call.why_outside}")
    if block is None:
        return unanswered(symbol, "no genome was read for this gene")
    return caller.answer_row(block, person.row)


def _unknown(genes: Sequence[GeneCall], called: Mapping[str, Called]) -> Iterable[Indeterminate]:
    for call in genes:
        answer = called[call.gene]
        if call.status is CallStatus.NO_CALL:
            yield Indeterminate(call.gene, answer.why, needs(answer, call.positions))
            continue
        if reason := open_question(answer, call.positions):
            yield Indeterminate(call.gene, reason, needs(answer, call.positions))


def _sources(knowledge: Knowledge, genes: Sequence[GeneCall], advice: Sequence[DrugAdvice]) -> dict[str, dict[str, str]]:
    """Every source cited anywhere in the answer, by id."""
    cited: set[str] = set()
    for because in [
        *(call.because for call in genes),
        *(item.because for drug in advice for item in drug.recommendations),
    ]:
        cited |= _cited(because)
    found = {}
    for identifier in sorted(cited & set(knowledge.sources)):
        source = knowledge.sources[identifier]
        found[identifier] = {
            "title": source.title,
            "body": source.body,
            "year": str(source.year),
            "url": source.url,
            "licence": source.licence,
            "because": source.because,
            "version": source.version,
            "pmid": source.pmid,
        }
    return found


def _cited(because: Because) -> set[str]:
    own = {because.source.source} if isinstance(because.source, SourceRef) else set()
    for step in because.rests_on:
        own |= _cited(step)
    return own
