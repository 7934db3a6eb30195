"""One gene of one person: what was called, what was seen position by position, and why."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from nof1.decision.standing import Result
from nof1.knowledge.lookup import NO_RESULT
from nof1.knowledge.schema import Gene, Knowledge
from nof1.knowledge.weighing import Thresholds
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.model.findings import CallStatus, Chance, GeneCall, Phenotype, PositionSeen
from nof1.model.genome import CallCode, GenotypeBlock
from nof1.model.likelihood import spread
from nof1.pgx.phenotype import NOT_ASSIGNED, meaning
from nof1.pgx.table import Called, deciding

_STATES = {
    CallCode.NOT_COVERED: "not_covered",
    CallCode.NO_CALL: "no_call",
    CallCode.HOM_REF: "reference",
    CallCode.CALLED: "called",
}
SURE = (CallStatus.CALLED, CallStatus.CERTAIN, CallStatus.ASSURED)
SETTLED = (*SURE, CallStatus.PROBABLE)
_UNDOCUMENTED = "not settled: an alternative that no allele's definition knows was seen"
_OTHER = "another candidate without an assigned phenotype"
_SHOWN = 12
_NAMED = 3


def gene_call(
    knowledge: Knowledge, symbol: str, called: Called, block: GenotypeBlock | None, row: int, asked: Sequence[int] | None
) -> GeneCall:
    """Everything said about gene ``symbol`` from row ``row`` of ``block`` (``None`` where no genome was read).

    ``asked``: indexes of the populations under which it was weighed; ``None`` for named-allele logic.
    """
    gene = knowledge.genes[symbol]
    is_outside = called.source == "outside" or gene.file.call.methods == ["outside"]
    remainder = called.weighed.remainder if called.weighed else None
    every = knowledge.certainty.populations
    positions = () if block is None else tuple(_seen(block, row, column) for column in range(len(block.loci)))
    return GeneCall(
        gene=symbol,
        status=called.status,
        method="outside" if is_outside else "named-allele" if asked is None else "certain",
        call_source=called.source,
        diplotypes=called.diplotypes,
        phenotypes=called.phenotypes,
        positions=positions,
        not_excluded=called.not_excluded,
        undocumented=called.undocumented,
        messages=called.messages,
        because=_because(gene, called, positions),
        diplotype_status=called.diplotype_status,
        populations=tuple(every[index].code for index in asked or ()) if called.chances else (),
        chances=() if called.undocumented else called.chances,  # a number would leave the odd allele out
        remainder=None if remainder is None else round(float(remainder.mean()), 6),
        settles=called.settles,
    )


def results(called: Called, levels: Thresholds) -> tuple[Result, ...]:
    """Results that remain possible, for the rules; empty where the gene is unknown or its alleles mean nothing yet."""
    if called.chances:
        found = _weighed_results(called, levels)
    else:
        named = [item for item in deciding(called) if item.lookup != NO_RESULT]
        found = [Result(_with_diplotype(item.lookup, item.recommendation_diplotype), _words(item, called)) for item in named]
        if found and any(item.lookup == NO_RESULT for item in deciding(called)):
            found.append(Result(NO_RESULT, _OTHER))
    found += [Result(item.lookup, _words(item, called)) for item in called.contradicting if item.lookup != NO_RESULT]
    return tuple(dict.fromkeys(found))


def _with_diplotype(lookup: str, alleles: str) -> str:
    """The lookup value with the diplotype beside it, for rules that ask for the very diplotype.

    >>> _with_diplotype("1.5", "*1/*2"), _with_diplotype("*57:01 positive", "")
    ('1.5; diplotype *1/*2', '*57:01 positive')
    """
    return f"{lookup}; diplotype {alleles}" if alleles.count("/") == 1 else lookup


def _weighed_results(called: Called, levels: Thresholds) -> list[Result]:
    """The settled phenotype, or all that remain possible, each with its probability."""
    is_settled = called.status in SURE
    is_named = called.diplotype_status in SURE and len(called.diplotypes) > 0
    found, is_other = [], False
    for chance in _possible(called, levels):
        if is_settled and chance.phenotype != called.chances[0].phenotype:
            continue
        if not chance.phenotype or chance.lookup == NO_RESULT:
            is_other = True
            continue
        words = chance.phenotype + (f" (activity score {chance.activity_score})" if chance.activity_score else "")
        if called.undocumented:  # the probability leaves it out
            words += f", {_UNDOCUMENTED}"
        elif called.status is CallStatus.PROBABLE:
            words += f", probability {spread(chance)}"
        elif not is_settled:
            words += f", not settled: probability {spread(chance)}"
        lookup = _with_diplotype(chance.lookup, called.diplotypes[0].name) if is_settled and is_named else chance.lookup
        as_read = called.weighed.as_read if called.weighed else frozenset()
        is_read = (chance.phenotype, chance.activity_score) in as_read
        found.append(Result(lookup, words, (chance.lowest, chance.highest), is_read=is_read))
    if found and is_other:
        found.append(Result(NO_RESULT, _OTHER))
    return found


def _possible(called: Called, levels: Thresholds) -> Iterator[Chance]:
    """The likeliest phenotype, and all that reach the threshold under some population, whatever their activity score; also
    those that would with every genotype taken as it stands: a variant of low quality keeps its advice."""
    reach = {item.phenotype: item.highest for item in _terms(called)}
    as_read = called.weighed.as_read if called.weighed else frozenset()
    led: set[str] = set()  # phenotypes whose likeliest score has come
    for chance in called.chances:
        leads = chance.phenotype not in led and reach[chance.phenotype] >= levels.possible
        is_read = (chance.phenotype, chance.activity_score) in as_read
        if chance is called.chances[0] or leads or chance.highest >= levels.possible or is_read:
            yield chance
        led.add(chance.phenotype)


def caveats(called: Called, positions: tuple[PositionSeen, ...]) -> tuple[str, ...]:
    """What a reader of advice on this gene must know besides its result."""
    found = []
    if called.source == "genome":
        unseen = sum(seen.state == "not_covered" for seen in positions)
        rejected = [seen.id for seen in positions if seen.state == "no_call"]
        if called.weighed is not None and called.status not in SURE:
            found.append(open_question(called, positions))
        elif unseen and called.weighed is None:
            found.append(f"called without {unseen} position{'s' * (unseen != 1)}")
        if rejected and (called.weighed is None or called.status not in SURE):
            found.append(f"the genotype at {', '.join(rejected[:_SHOWN])} could not be used and is not part of the call")
        if called.undocumented:
            found.append(f"an undocumented alternative at {', '.join(called.undocumented)}: its effect is not known")
    if called.source == "outside" or called.contradicting:
        found += called.messages
    return tuple(found)


def open_question(called: Called, positions: tuple[PositionSeen, ...]) -> str:
    """What remains open about a called gene, in words; empty for nothing."""
    unseen = sum(seen.state in ("not_covered", "no_call") for seen in positions)
    if called.source != "genome":
        return ""
    if called.weighed is None:
        return f"{unseen} of {len(positions)} positions were not seen; the call holds for the others only" if unseen else ""
    if called.status in SURE:
        if not (unseen and called.chances):
            return ""
        same = sum(item.lowest for item in called.chances if item.phenotype == called.chances[0].phenotype)
        other = f"the chance that the phenotype is another one is at most {max(1 - same, 1e-6):.2g}"
        return f"{unseen} of {len(positions)} positions were not seen; {other}"
    if called.undocumented:
        return _UNDOCUMENTED
    if not called.chances:
        blind = f"{unseen} of {len(positions)} positions were not seen, and " if unseen else ""
        word = "probable, not assured" if called.status is CallStatus.PROBABLE else "not settled"
        return f"{word}: {blind}{called.weighed.message}"
    shown = [f"{item.phenotype or 'no named allele'} {spread(item)}" for item in _terms(called)[:3]]
    word = "probable, not assured" if called.status is CallStatus.PROBABLE else "not settled"
    return f"{word}: {'; '.join(shown)}" + (f" ({unseen} of {len(positions)} positions were not seen)" if unseen else "")


def _terms(called: Called) -> list[Chance]:
    """Chances by phenotype, whatever the activity score."""
    found: dict[str, list[Chance]] = {}
    for chance in called.chances:
        found.setdefault(chance.phenotype, []).append(chance)
    merged = [
        Chance(
            term, "", "", sum(c.probability for c in same), sum(c.lowest for c in same), min(sum(c.highest for c in same), 1)
        )
        for term, same in found.items()
    ]
    return sorted(merged, key=lambda item: -item.probability)


def why_unknown(called: Called, levels: Thresholds) -> str:
    """Why nothing can be looked up for the gene, in words; empty where something can."""
    if results(called, levels):
        return ""
    if called.status is CallStatus.NO_CALL:
        return f"not called, {called.why}"
    if called.chances and not called.chances[0].phenotype:
        return "not settled: most likely a haplotype that no allele's name covers"
    return f"called as {'; '.join(item.label for item in called.diplotypes[:3])}, for which no phenotype is assigned"


def needs(called: Called, positions: tuple[PositionSeen, ...]) -> tuple[str, ...]:
    """What would settle an unknown gene."""
    if called.source == "outside":
        return (
            ("a repeated test, since the results disagree",) if called.contradicting else ("a result with known function",)
        )
    unseen = [seen.id for seen in positions if seen.state in ("not_covered", "no_call")]
    if called.settles:
        first = [item.position for item in called.settles]
        unseen = first + [identifier for identifier in unseen if identifier not in set(first)]
    if not positions:
        return ("an outside call (dedicated test)",)
    if not unseen and called.weighed and called.weighed.doubtful:
        return (f"a genotype of better quality at {', '.join(called.weighed.doubtful[:_SHOWN])}", "a dedicated test")
    if not unseen:
        return ("phase, or a dedicated test",)
    return tuple(unseen[:_SHOWN]) + ((f"and {len(unseen) - _SHOWN} more positions",) if len(unseen) > _SHOWN else ())


def _words(item: Phenotype, called: Called) -> str:
    term = item.term + (f" (activity score {item.activity_score})" if item.activity_score else "")
    if called.source == "single_marker":
        return f"{term}, from one position only"
    if called.weighed is not None and called.status not in SETTLED:
        return f"{term}, not settled"
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
        ref=locus.ref,
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
    source = SourceRef.parse(gene.file.call.source)
    return Because(f"{symbol} {_named(called)}", _found_by(called), source, None, tuple(steps))


def _named(called: Called) -> str:
    """What was called, as the end of a sentence: the likeliest diplotype, or the first of all that it may be."""
    labels = [item.label for item in called.diplotypes]
    if labels and called.weighed and called.diplotype_status in SETTLED and not called.is_list:
        return f"is {'probably ' if called.diplotype_status is CallStatus.PROBABLE else ''}{labels[0]}"
    is_open = called.diplotype_status is CallStatus.UNDETERMINED or (len(labels) > 1 and not called.is_list)
    more = f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else ""
    return f"{'may be' if is_open else 'is'} {'; '.join(labels[:_NAMED]) or called.why}{more}"


def _found_by(called: Called) -> str:
    if called.source == "outside":
        return f"reported by {', '.join(called.reported_by) or 'another laboratory or tool'}"
    return "found by one position only" if called.source == "single_marker" else f"found by {called.source}"


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
