"""The genes in the terminal: phenotype first, with its sign, word and probability; then the likeliest diplotype."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.findings import Assessment, CallStatus, GeneCall
from nof1.model.likelihood import probability, spread
from nof1.report import words
from nof1.report.certainty import MARKS, OPEN, written, written_key
from nof1.report.chances import by_term, term
from nof1.report.drawing import seen_of
from nof1.report.lines import column, cut, filled, padded
from nof1.report.markup import clean

_HEADS = ("gene", "how sure", "phenotype", "probability", "seen", "diplotype +others")
_ROOM = 48  # signs in a line for all but the phenotype and the diplotype


def gene_lines(assessment: Assessment, width: int) -> Iterator[str]:
    """A line a gene, and once what the signs mean; without a genome that alone."""
    if words.without_genes(assessment) and assessment.record:
        yield from ("", f"GENES ({len(assessment.genes)})", f"  {words.NO_GENOME}")
        return
    rows = [_HEADS, *(_row(call) for call in assessment.genes)]
    most = (10, 15, max((width - _ROOM) // 2, 12), 15, 8, width)
    sizes = [column([row[place] for row in rows], most[place]) for place in range(len(_HEADS))]
    yield from ("", f"GENES ({len(assessment.genes)})")
    for row in rows:
        cells = [padded(cell, size) for cell, size in zip(row, sizes, strict=True)]
        yield cut("  " + "  ".join(cells).rstrip(), width)
    if legend := written_key(assessment):
        yield from filled(legend, width, "  ")


def _row(call: GeneCall) -> tuple[str, ...]:
    if call.status is CallStatus.NO_CALL and not call.phenotypes:
        return clean(call.gene), written(call.status), "", "", seen_of(call.positions), ""
    name, likely = _phenotype(call)
    cells = (call.gene, written(call.status), name, likely, seen_of(call.positions), _diplotype(call))
    return tuple(clean(cell) for cell in cells)


def _phenotype(call: GeneCall) -> tuple[str, str]:
    """The likeliest phenotype, or that it is only the likeliest; and its probability."""
    found = by_term(call)
    if not found:
        meanings = [group.term + (f" ({group.score})" if group.score else "") for group in words.candidates(call)]
        is_open = call.status in OPEN or len(meanings) > 1
        return ("? " if is_open else "") + " or ".join(meanings), ""
    score = f" ({call.chances[0].activity_score})" if call.chances[0].activity_score else ""
    lead = term(found[0]) + score
    return (f"? {lead}" if call.status is CallStatus.UNDETERMINED else lead), spread(found[0])


def _diplotype(call: GeneCall) -> str:
    """The likeliest diplotype with its own sign, and how many more there are; all of them where none was weighed."""
    sign = MARKS[call.diplotype_status or call.status].sign
    if not call.chances or words.is_unphased_list(call):
        labels = [result.label for result in call.diplotypes]
        return f"{sign} " + ((" + " if words.is_unphased_list(call) else " or ").join(labels) or "not called")
    first, more = call.diplotypes[0], len(call.diplotypes) - 1
    likely = "" if first.probability is None else f" {probability(first.probability)}"
    return f"{sign} {first.label}{likely}" + (f" +{more}" if more else "")
