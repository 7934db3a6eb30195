"""One gene of one person: what was called, what was seen position by position, and why."""

from __future__ import annotations

import math

from nof1.knowledge.lookup import NO_RESULT
from nof1.knowledge.schema import Gene, Knowledge
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import CallStatus, GeneCall, Phenotype, PositionSeen
from nof1.model.genome import CallCode, GenotypeBlock
from nof1.pgx.phenotype import NOT_ASSIGNED, meaning
from nof1.pgx.table import Called, deciding

_STATES = {
    CallCode.NOT_COVERED: "not_covered",
    CallCode.NO_CALL: "no_call",
    CallCode.HOM_REF: "reference",
    CallCode.CALLED: "called",
}
_SHOWN = 12


def gene_call(
    knowledge: Knowledge, symbol: str, called: Called, block: GenotypeBlock | None, row: int, method: str
) -> GeneCall:
    """Everything said about gene ``symbol`` from row ``row`` of ``block`` (``None`` where no genome was read)."""
    gene = knowledge.genes[symbol]
    positions = () if block is None else tuple(_seen(block, row, column) for column in range(len(block.loci)))
    return GeneCall(
        gene=symbol,
        status=called.status,
        method="outside" if called.source == "outside" or gene.file.call.methods == ["outside"] else method,
        call_source=called.source,
        diplotypes=called.diplotypes,
        phenotypes=called.phenotypes,
        positions=positions,
        not_excluded=called.not_excluded,
        undocumented=called.undocumented,
        messages=called.messages,
        because=_because(gene, called, positions),
    )


def values(called: Called) -> tuple[tuple[str, str], ...]:
    """Lookup values with their words, for the rules; empty where the gene is unknown or its alleles mean nothing yet."""
    found = []
    for item in (*deciding(called), *called.contradicting):
        if item.lookup != NO_RESULT:
            found.append((item.lookup, _words(item, called)))
    if found and any(item.lookup == NO_RESULT for item in deciding(called)):
        found.append((NO_RESULT, "another candidate without an assigned phenotype"))
    return tuple(dict.fromkeys(found))


def caveats(called: Called, positions: tuple[PositionSeen, ...]) -> tuple[str, ...]:
    """What a reader of advice on this gene must know besides its result."""
    found = []
    if called.source == "genome":
        unseen = sum(seen.state == "not_covered" for seen in positions)
        rejected = [seen.id for seen in positions if seen.state == "no_call"]
        if unseen:
            found.append(f"called without {unseen} position{'s' * (unseen != 1)}")
        if rejected:
            found.append(f"the genotype at {', '.join(rejected[:_SHOWN])} could not be used and is not part of the call")
        if called.undocumented:
            found.append(f"an undocumented alternative at {', '.join(called.undocumented)}: its effect is not known")
    if called.source == "outside" or called.contradicting:
        found += called.messages
    return tuple(found)


def why_unknown(called: Called) -> str:
    """Why nothing can be looked up for the gene, in words; empty where something can."""
    if values(called):
        return ""
    if called.status is CallStatus.NO_CALL:
        return f"not called, {called.why}"
    return f"called as {'; '.join(item.label for item in called.diplotypes)}, for which no phenotype is assigned"


def needs(called: Called, positions: tuple[PositionSeen, ...]) -> tuple[str, ...]:
    """What would settle an unknown gene."""
    if called.source == "outside":
        return ("a result with known function",)
    unseen = [seen.id for seen in positions if seen.state in ("not_covered", "no_call")]
    if not positions:
        return ("an outside call (dedicated test)",)
    if not unseen:
        return ("phase, or a dedicated test",)
    return tuple(unseen[:_SHOWN]) + ((f"and {len(unseen) - _SHOWN} more positions",) if len(unseen) > _SHOWN else ())


def _words(item: Phenotype, called: Called) -> str:
    term = item.term + (f" (activity score {item.activity_score})" if item.activity_score else "")
    if called.source == "single_marker":
        return f"{term}, from one position only"
    return term


def _seen(block: GenotypeBlock, row: int, column: int) -> PositionSeen:
    locus = block.loci[column]
    one, two = (int(number) for number in block.genotype[row, column])
    texts = block.alleles[column]
    code = CallCode(int(block.code[row, column]))
    shown = [texts[number] if number >= 0 else "." for number in (one, two) if number != -2]
    genotype = ("|" if block.phased[row, column] else "/").join(shown) if code >= CallCode.HOM_REF else ""
    quality, depth = float(block.quality[row, column]), int(block.depth[row, column])
    return PositionSeen(
        id=locus.id,
        chromosome=locus.chromosome,
        position=locus.position,
        state=_STATES[code],
        genotype=genotype,
        is_variant=one > 0 or two > 0,
        quality=None if math.isnan(quality) else round(quality, 2),
        depth=None if depth < 0 else depth,
    )


def _because(gene: Gene, called: Called, positions: tuple[PositionSeen, ...]) -> Because:
    symbol = gene.file.gene
    if called.status is CallStatus.NO_CALL and not called.phenotypes:
        return Because(f"{symbol} is not called", called.why, SourceRef.parse(gene.file.call.source))
    steps = [_phenotype_step(gene, item) for item in deciding(called)]
    variants = [seen for seen in positions if seen.is_variant]
    table = {row.id: row for row in gene.positions}
    for seen in variants[:_SHOWN]:
        row = table.get(seen.id)
        place = f"{seen.chromosome}:{seen.position}"
        source = SourceRef.parse(row.source) if row else None
        steps.append(Because(f"{seen.id} at {place}", seen.genotype, source, FactStatus(row.status) if row else None))
    unseen = sum(seen.state in ("not_covered", "no_call") for seen in positions)
    if unseen:
        steps.append(Because(f"{unseen} of {len(positions)} positions were not seen", "they are unknown, not reference"))
    label = "; ".join(item.label for item in called.diplotypes) or called.why
    return Because(
        f"{symbol} is {label}", f"found by {called.source}", SourceRef.parse(gene.file.call.source), None, tuple(steps)
    )


def _phenotype_step(gene: Gene, item: Phenotype) -> Because:
    rule = gene.file.phenotype
    alleles = meaning(gene).alleles
    steps = []
    for name, function in zip(item.recommendation_haplotypes, item.functions, strict=False):
        row = alleles.get(name)
        source = SourceRef.parse(row.function_source) if row and row.function_source else None
        words = function or "no function assigned"
        steps.append(
            Because(
                f"allele {name}",
                _with_activity(words, row.activity if row else ""),
                source,
                FactStatus(row.status) if row else None,
            )
        )
    value = item.term if item.term != NOT_ASSIGNED else "no phenotype assigned"
    score = f", activity score {item.activity_score}" if item.activity_score else ""
    source = SourceRef.parse(rule.source) if rule else None
    status = FactStatus(rule.status) if rule else None
    return Because(
        f"{item.recommendation_diplotype or 'the stated result'} means", value + score, source, status, tuple(steps)
    )


def _with_activity(words: str, activity: str) -> str:
    return f"{words}, activity {activity}" if activity else words
