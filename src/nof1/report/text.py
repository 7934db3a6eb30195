"""The summary for a terminal: urgent drugs, genes, what is uncertain; plain text without colour codes."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.findings import Action, Assessment, CallStatus, DrugAdvice, Recommendation
from nof1.report import tested, words
from nof1.report.lines import column, cut, filled, padded
from nof1.report.markup import clean, readable
from nof1.report.reading import concerns, is_of_genes, is_silent, leading, why
from nof1.report.risks import risk_lines
from nof1.report.scores import score_lines
from nof1.report.secondary import secondary_lines
from nof1.report.settled import WORDS, Calls, conditions, drug_sureness, split
from nof1.report.text_genes import gene_lines
from nof1.report.text_record import record_lines

_QUIET = (Action.USE, Action.NO_RECOMMENDATION)
_NARROWEST = 50
_FEWEST = 16  # signs of advice, however long its strength is to write


def summary(assessment: Assessment, width: int = 100) -> str:
    """The assessment in lines of at most ``width`` characters (50 at least): what must change now and what is taken, where
    there is a record; all drugs with a line of advice each, those that need nothing, genes, what is uncertain, and that
    this is decision support.
    """
    width = max(width, _NARROWEST)
    lines = [
        *_head(assessment, width),
        *record_lines(assessment, width),
        *_urgent(assessment, width),
        *secondary_lines(assessment.secondary, width),
        *_prevention(assessment, width),
        *risk_lines(assessment, width),
        *score_lines(assessment.scores, width),
        *_quiet(assessment, width),
        *gene_lines(assessment, width),
        *_uncertain(assessment, width),
        "",
        *filled(assessment.disclaimer, width),
    ]
    return readable("\n".join(lines))


def _prevention(assessment: Assessment, width: int) -> Iterator[str]:
    """What is due of the plan; nothing is loaded where there is none."""
    if assessment.plan:
        from nof1.report.prevention import prevention_lines

        yield from prevention_lines(assessment, width)


def _head(assessment: Assessment, width: int) -> Iterator[str]:
    if first := tested.first_line(assessment):
        yield from (*filled(clean(first), width), "")
    of = "for" if words.without_genes(assessment) else "of"
    yield cut(f"{words.title(assessment)} {of} {clean(assessment.person)}, {assessment.created}", width)
    made = f"{assessment.software}, knowledge {assessment.knowledge_edition[:12]} of {assessment.knowledge_date}"
    yield cut(clean(made), width)
    for title, text in tested.alarms(assessment):
        yield from filled(clean(f"{title.upper()} {text}"), width, "! ")
    for line in words.warnings(assessment):
        yield from filled(line, width, "! ")


def _urgent(assessment: Assessment, width: int) -> Iterator[str]:
    """A title for each action and below it a line for each drug."""
    calls = {call.gene: call for call in assessment.genes}
    shown = [drug for drug in words.by_urgency(assessment.drugs) if drug.headline not in _QUIET and not is_silent(drug)]
    size = column([drug.drug for drug in shown], width // 4)
    title = None
    for drug in shown:
        if drug.headline is not title:
            title = drug.headline
            yield from ("", words.TITLES[title].upper())
        first, *below = _lines(drug, calls, width - size - 4)
        yield f"{'> ' if concerns(drug) else '  '}{padded(drug.drug, size)}  {first}"
        yield from (f"{' ' * (size + 4)}{line}" for line in below)
    if not shown:
        none = "No drug needs another dose, another choice or monitoring for what is known here."
        yield from ("", *filled(none, width))


def _lines(drug: DrugAdvice, calls: Calls, width: int) -> Iterator[str]:
    """The most urgent advice, cut to leave room for its strength and the number of other recommendations. Advice that is
    not settled says so first, and for which result it holds."""
    item = leading(drug)
    if item is None or (drug.test_first is not None and drug.headline is Action.TEST_FIRST):
        yield cut(clean(why(drug)), width)
        return
    more = len(drug.recommendations) - 1
    graded = item.strength.replace("_", " ") if is_of_genes(item) else item.kind.value
    tail = f" [{graded}{f', +{more} for other cases' if more else ''}]"
    change = f"{words.dose(item.dose)}. " if item.dose else ""
    told = _marks(drug, calls) + change + item.advice
    status = drug_sureness(drug, calls)
    if status is CallStatus.UNDETERMINED:
        yield cut(clean(f"[{WORDS[status]}] {_held(item, calls)}"), width)
    elif status:
        told = f"[{WORDS[status]}] {told}"
    yield cut(cut(clean(told), max(width - len(tail), _FEWEST)) + tail, width)


def _held(item: Recommendation, calls: Calls) -> str:
    """For which results of unsettled genes the recommendation holds, with how likely each is."""
    held = [f"{gene} {' or '.join(results)}" for gene, results in conditions(item, calls)]
    return f"if {' and '.join(held).replace(', probability', '')}" if held else ""


def _marks(drug: DrugAdvice, calls: Calls) -> str:
    """``?`` where advice depends on which gene result is true, ``~`` where a gene it names is unknown, ``*`` where
    something else about its genes is not known."""
    is_said = drug_sureness(drug, calls) is CallStatus.UNDETERMINED
    depends = "?" if words.depends_on_result(drug) and not is_said else ""
    partial = "~" if any(item.is_partial for item in drug.recommendations) else ""
    beside = "*" if drug.recommendations and drug.unknown and not partial and not is_said else ""
    marks = f"{depends}{partial}{beside}"
    return f"{marks} " if marks else ""


def _quiet(assessment: Assessment, width: int) -> Iterator[str]:
    """The names of drugs to use as they are, of those without a recommendation, and of those nothing can be said on."""
    calls = {call.gene: call for call in assessment.genes}
    ordered = words.by_urgency(assessment.drugs)
    advised = [drug for drug in ordered if not is_silent(drug)]
    groups = [(words.TITLES[code], [drug for drug in advised if drug.headline is code]) for code in _QUIET]
    groups.append((words.NO_DATA, [drug for drug in ordered if is_silent(drug)]))
    for title, drugs in groups:
        if drugs:
            yield from ("", f"{title.upper()} ({len(drugs)})")
            for status, found in split(drugs, calls):
                names = ", ".join(_marks(drug, calls).strip() + drug.drug for drug in found)
                yield from filled(clean(f"{WORDS[status].upper()}: {names}" if status else names), width, "  ")
    if any("*" in _marks(drug, calls) for drug in advised):
        yield from (
            "",
            *filled("* advice with something unknown beside it, such as positions not seen: see the page", width),
        )


def _uncertain(assessment: Assessment, width: int) -> Iterator[str]:
    """Counts of what is unknown, and the genes with more than one result."""
    listed = [call for call in assessment.genes if len(call.diplotypes) > 1 and not call.chances]
    several = [call.gene for call in listed if not words.is_unphased_list(call)]
    unphased = [call.gene for call in listed if words.is_unphased_list(call)]
    graded = {status: [call.gene for call in assessment.genes if call.status is status] for status in WORDS}
    missing = [call.gene for call in assessment.genes if call.status is CallStatus.NO_CALL]
    given = [item for drug in assessment.drugs for item in drug.recommendations]
    partial = sum(item.is_partial for item in given)
    provisional = sum(item.status.value == "provisional" for item in given)
    lines = [
        f"not called: {', '.join(missing)}" if missing and not words.without_genes(assessment) else "",
        *(f"{status.value}: {', '.join(genes)}" for status, genes in graded.items() if genes),
        f"several results possible: {', '.join(several)}" if several else "",
        f"phase not known: {', '.join(unphased)}" if unphased else "",
        f"~ {words.counted(partial, 'recommendation')} given although a gene is unknown" if partial else "",
        f"{words.counted(provisional, 'recommendation')} still provisional (entered once)" if provisional else "",
        f"{words.counted(len(assessment.site_notes), 'note')} on single sites" if assessment.site_notes else "",
    ]
    calls = {call.gene: call for call in assessment.genes}
    if any(_marks(drug, calls).startswith("?") for drug in assessment.drugs):
        lines.append("? advice depends on which of several gene results is true")
    yield from ("", f"UNKNOWN ({len(assessment.unknown)})")
    for line in lines:
        if line:
            yield from filled(clean(line), width, "  ")
