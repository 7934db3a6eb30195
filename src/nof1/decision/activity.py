"""Measured activity beside genotype, and states that make one of them say nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nof1.decision.situation import Situation
from nof1.decision.standing import Result, Standing
from nof1.knowledge.care import ActivityRow, Block, Care, MeasurementTerm
from nof1.knowledge.judge import judge
from nof1.knowledge.schema import Gene, Knowledge
from nof1.model.evidence import Because, FactStatus, SourceRef
from nof1.pgx.phenotype import meaning

_SEVERAL = "{how} and genotype differ; advice is shown for both"


def with_record(known: Knowledge, standings: Mapping[str, Standing], here: Situation) -> dict[str, Standing]:
    """The standings of genes with what the record adds: measured activity, and states that invalidate a result."""
    found = {gene: _blocked(known.care, standing, here) for gene, standing in standings.items()}
    for term in known.care.measurements.values():
        gene = term.activity_of
        if gene not in found:
            continue
        rows = _rows(term, here)
        if not rows:
            if shown := _shown(term, here):
                text = f"{term.title} is measured ({shown}) and not read here: ask the laboratory what it means"
                found[gene] = replace(found[gene], caveats=(*found[gene].caveats, text))
            continue
        if block := _block(known.care, gene, "activity", here):
            text = f"{term.title} ({_shown(term, here)}) is not used: {block.advice}"
            found[gene] = replace(found[gene], caveats=(*found[gene].caveats, text))
        else:
            for row in rows:
                found[gene] = _joined(found[gene], known.genes[gene], term, row, here)
    return found


def _block(care: Care, gene: str, what: str, here: Situation) -> Block | None:
    for block in care.policy.blocks if care.policy else ():
        fact = here.facts.get(block.condition)
        if what in block.what and fact is not None and fact.value and (not block.genes or gene in block.genes):
            return block
    return None


def _blocked(care: Care, standing: Standing, here: Situation) -> Standing:
    block = _block(care, standing.gene, "genotype", here)
    if block is None:
        return standing
    fact = here.facts[block.condition]
    why = f"not used because of {fact.words}: {block.advice}"
    step = Because(
        f"{standing.gene} is not used", fact.words, SourceRef.parse(block.source), FactStatus(block.status), (fact.because,)
    )
    return replace(
        standing,
        results=(),
        why=why,
        needs=("a result that holds for this person",),
        because=step,
        is_called=False,
        is_blocked=True,
    )


def _rows(term: MeasurementTerm, here: Situation) -> list[ActivityRow]:
    """What the measurement stands for, and what a recorded state does."""
    fact, answer = here.facts.get(term.id), here.answers.get(term.id, "")
    values = {"value": fact.limits or fact.value} if fact is not None else {}
    measured = [
        row for row in term.activity_rows if (row.when and judge(row.when, values)) or (answer and row.answer == answer)
    ]
    states = [row for row in term.activity_rows if (state := here.facts.get(row.state)) is not None and state.value]
    return [*measured[:1], *states]


def _shown(term: MeasurementTerm, here: Situation) -> str:
    fact = here.facts.get(term.id)
    return fact.words if fact else here.answers.get(term.id, "")


def _joined(standing: Standing, gene: Gene, term: MeasurementTerm, row: ActivityRow, here: Situation) -> Standing:
    """Genotype and activity side by side; which counts where they differ is the term's precedence."""
    how, shown = ("diagnosis", here.facts[row.state].words) if row.state else ("measured activity", _shown(term, here))
    words = f"{row.phenotype} by {how} ({shown})"
    own = [Result(lookup, words) for lookup in _lookups(gene, row.phenotype)]
    genetic = standing.results
    agrees = bool(genetic) and {_first(result.lookup) for result in genetic} <= {result.lookup for result in own}
    step = Because(words, "", SourceRef.parse(row.source), FactStatus(row.status), (standing.because,))
    if agrees:
        text = f"{how} agrees ({shown})"
        return replace(standing, caveats=(*standing.caveats, text))
    if row.precedence == "genotype" and genetic:
        text = f"{words} differs from the genotype, which is used"
        return replace(standing, caveats=(*standing.caveats, text))
    says_little = bool(genetic) and all(_first(result.lookup) in row.decides_for for result in genetic)
    if row.precedence == "activity" or says_little or not genetic:
        told = f"genotype says {' or '.join(result.words for result in genetic)}; {how} is used" if genetic else ""
        caveats = (*standing.caveats, told) if told else standing.caveats
        return replace(standing, results=tuple(own), caveats=caveats, because=step, why="")
    return replace(standing, results=(*genetic, *own), caveats=(*standing.caveats, _SEVERAL.format(how=how)), because=step)


def _first(lookup: str) -> str:
    return lookup.split("; ", maxsplit=1)[0]


def _lookups(gene: Gene, phenotype: str) -> list[str]:
    """Lookup values that stand for ``phenotype``: itself, or the scores that have it."""
    rule = gene.file.phenotype
    if rule is not None and rule.method == "activity_score":
        return meaning(gene).scores_of(phenotype)
    return [phenotype]
