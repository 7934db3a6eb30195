"""The summary for a terminal: urgent drugs, genes, what is uncertain; plain text without colour codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from nof1.model.findings import Action, Assessment, CallStatus, DrugAdvice, GeneCall
from nof1.report import words
from nof1.report.drawing import seen_of
from nof1.report.markup import clean

_QUIET = (Action.USE, Action.NO_RECOMMENDATION)
_NARROWEST = 50
_FEWEST = 16  # signs of advice, however long its strength is to write


def summary(assessment: Assessment, width: int = 100) -> str:
    """The assessment in lines of at most ``width`` characters (50 at least): urgent drugs with a line of advice each,
    the drugs that need nothing, genes, what is uncertain, and that this is decision support.
    """
    width = max(width, _NARROWEST)
    lines = [
        *_head(assessment, width),
        *_urgent(assessment, width),
        *_quiet(assessment, width),
        *_genes(assessment, width),
        *_uncertain(assessment, width),
        "",
        *_filled(assessment.disclaimer, width),
    ]
    return "\n".join(lines)


def _head(assessment: Assessment, width: int) -> Iterator[str]:
    yield _cut(f"Pharmacogenomic assessment of {clean(assessment.person)}, {assessment.created}", width)
    made = f"{assessment.software}, knowledge {assessment.knowledge_edition[:12]} of {assessment.knowledge_date}"
    yield _cut(clean(made), width)
    for line in words.warnings(assessment):
        yield from _filled(line, width, "! ")


def _urgent(assessment: Assessment, width: int) -> Iterator[str]:
    """A title for each action and below it a line for each drug."""
    shown = [drug for drug in words.by_urgency(assessment.drugs) if drug.headline not in _QUIET and drug.recommendations]
    column = _column([drug.drug for drug in shown], width // 4)
    title = None
    for drug in shown:
        if drug.headline is not title:
            title = drug.headline
            yield from ("", words.TITLES[title].upper())
        yield f"  {_padded(drug.drug, column)}  {_one_line(drug, width - column - 4)}"
    if not shown:
        yield from ("", "No drug needs another dose, another choice or monitoring for what is known here.")


def _one_line(drug: DrugAdvice, width: int) -> str:
    """The most urgent advice, cut to leave room for its strength and the number of other recommendations."""
    item = min(drug.recommendations, key=lambda one: one.headline.urgency)
    more = len(drug.recommendations) - 1
    tail = f" [{item.strength.replace('_', ' ')}{f', +{more} for other cases' if more else ''}]"
    change = f"{words.dose(item.dose)}. " if item.dose else ""
    advice = _cut(clean(f"{_marks(drug)}{change}{item.advice}"), max(width - len(tail), _FEWEST))
    return _cut(advice + tail, width)


def _marks(drug: DrugAdvice) -> str:
    """``?`` where advice depends on which gene result is true, ``~`` where a gene it names is unknown, ``*`` where
    something else about its genes is not known."""
    depends = "?" if words.depends_on_result(drug) else ""
    partial = "~" if any(item.is_partial for item in drug.recommendations) else ""
    beside = "*" if drug.recommendations and drug.unknown and not partial else ""
    marks = f"{depends}{partial}{beside}"
    return f"{marks} " if marks else ""


def _quiet(assessment: Assessment, width: int) -> Iterator[str]:
    """The names of drugs to use as they are, of those without a recommendation, and of those nothing can be said on."""
    ordered = words.by_urgency(assessment.drugs)
    advised = [drug for drug in ordered if drug.recommendations]
    groups = [(words.TITLES[code], [drug for drug in advised if drug.headline is code]) for code in _QUIET]
    groups.append(("Nothing can be said", [drug for drug in ordered if not drug.recommendations]))
    for title, drugs in groups:
        if drugs:
            yield from ("", f"{title.upper()} ({len(drugs)})")
            yield from _filled(clean(", ".join((_marks(drug).strip() + drug.drug) for drug in drugs)), width, "  ")
    if any(drug.unknown for drug in advised):
        yield from (
            "",
            *_filled("* advice with something unknown beside it, such as positions not seen: see the page", width),
        )


def _genes(assessment: Assessment, width: int) -> Iterator[str]:
    rows = [("gene", "result", "phenotype", "seen"), *(_row(call) for call in assessment.genes)]
    sizes = [_column([row[place] for row in rows], most) for place, most in enumerate((10, width // 3, width // 3, 8))]
    yield from ("", f"GENES ({len(assessment.genes)})")
    for row in rows:
        cells = [_padded(cell, size) for cell, size in zip(row, sizes, strict=True)]
        yield _cut("  " + "  ".join(cells).rstrip(), width)


def _row(call: GeneCall) -> tuple[str, str, str, str]:
    groups = words.candidates(call)
    labels = [label for group in groups for label in group.labels]
    result = (" + " if words.is_unphased_list(call) else " or ").join(labels) or "not called"
    meanings = [group.term + (f" ({group.score})" if group.score else "") for group in groups]
    return clean(call.gene), clean(result), clean(" or ".join(meanings)), seen_of(call.positions)


def _uncertain(assessment: Assessment, width: int) -> Iterator[str]:
    """Counts of what is unknown, and the genes with more than one result."""
    several = [call.gene for call in assessment.genes if len(call.diplotypes) > 1 and not words.is_unphased_list(call)]
    unphased = [call.gene for call in assessment.genes if len(call.diplotypes) > 1 and words.is_unphased_list(call)]
    missing = [call.gene for call in assessment.genes if call.status is CallStatus.NO_CALL]
    given = [item for drug in assessment.drugs for item in drug.recommendations]
    partial = sum(item.is_partial for item in given)
    provisional = sum(item.status.value == "provisional" for item in given)
    lines = [
        f"not called: {', '.join(missing)}" if missing else "",
        f"several results possible: {', '.join(several)}" if several else "",
        f"phase not known: {', '.join(unphased)}" if unphased else "",
        f"~ {words.counted(partial, 'recommendation')} given although a gene is unknown" if partial else "",
        f"{words.counted(provisional, 'recommendation')} still provisional (entered once)" if provisional else "",
        f"{words.counted(len(assessment.site_notes), 'note')} on single sites" if assessment.site_notes else "",
    ]
    if any(words.depends_on_result(drug) for drug in assessment.drugs):
        lines.append("? advice depends on which of several gene results is true")
    yield from ("", f"UNKNOWN ({len(assessment.unknown)})")
    for line in lines:
        if line:
            yield from _filled(clean(line), width, "  ")


def _column(texts: Sequence[str], most: int) -> int:
    return min(max((len(text) for text in texts), default=0), most)


def _padded(text: str, size: int) -> str:
    return _cut(clean(text), size).ljust(size)


def _cut(text: str, width: int) -> str:
    line = " ".join(text.split()) if "\n" in text or "\t" in text else text
    return line if len(line) <= width else line[: width - 1].rstrip() + "…"


def _filled(text: str, width: int, indent: str = "") -> list[str]:
    return wrap(text, width, initial_indent=indent, subsequent_indent=" " * len(indent), break_on_hyphens=False)
