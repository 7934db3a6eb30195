"""The genes on the page: what they mean, how sure that is, and which positions were seen."""

from __future__ import annotations

from nof1.model.findings import Assessment, CallStatus, GeneCall
from nof1.model.likelihood import probability, spread
from nof1.report import words
from nof1.report.candidates import briefly_settled, meant, opened
from nof1.report.certainty import OPEN, mark
from nof1.report.chances import NO_PHENOTYPE, by_term, scores, term
from nof1.report.cite import Citations, reasons, sources_of
from nof1.report.drawing import counts, drawing, legend, one_position
from nof1.report.markup import Html, anchor, tag, together

_LABELS_SHOWN = 8
_TERMS_SHOWN = 4
_NOT_EXCLUDED_SHOWN = 12
_VARIANTS_SHOWN = 12


def gene_section(assessment: Assessment, cite: Citations) -> Html:
    """All genes in one table: phenotype, diplotype, positions; below each, what to know about the call."""
    names = ("Gene", "Phenotype and how sure", "Diplotype and how sure", "Positions")
    heads = [tag("th", name, scope="col", role="columnheader") for name in names]
    table = tag(
        "table",
        tag("thead", tag("tr", *heads, role="row"), role="rowgroup"),
        *[_gene(call, cite) for call in assessment.genes],
        class_="genes",
        role="table",
    )
    return tag("section", tag("h2", "Genes", id="genes"), legend(), table)


def _gene(call: GeneCall, cite: Citations) -> Html:
    if call.status is CallStatus.NO_CALL and not call.phenotypes:
        result = [tag("td", *_no_call(call), role="cell", colspan="2")]
    else:
        result = [tag("td", *_phenotype(call), role="cell"), tag("td", *_diplotype(call), role="cell")]
    cells = [_name(call), *result, tag("td", _positions(call), role="cell", class_="seen")]
    kind = f"g-{call.status.value}"
    rows = (tag("tr", *cells, role="row"), _notes(call, cite))
    return tag("tbody", *rows, id=anchor("g", call.gene), role="rowgroup", class_=kind)


def _name(call: GeneCall) -> Html:
    by = {"outside": "typed elsewhere", "single_marker": "one position only"}.get(call.call_source, "")
    how = tag("p", by, class_="quiet") if by else Html("")
    return tag("th", tag("bdi", call.gene), how, scope="rowgroup", role="rowheader", rowspan="2")


def _no_call(call: GeneCall) -> list[Html]:
    why = tag("p", tag("b", "Not called"), ": ", call.because.value)
    return [tag("p", mark(call.status), class_="how-sure"), why]


def _phenotype(call: GeneCall) -> list[Html]:
    """The mark first, then the phenotype and its probability; one that is not settled is never printed as a result."""
    found = by_term(call)
    head = tag("p", mark(call.status), class_="how-sure of-phenotype")
    if not found:
        return [head, *_unweighed(call)]
    if call.status is CallStatus.UNDETERMINED:
        shown = [tag("li", term(one), " ", tag("span", spread(one), class_="p")) for one in found[:_TERMS_SHOWN]]
        left = len(found) - _TERMS_SHOWN
        shown += [tag("li", f"{left} more below", class_="quiet")] if left > 0 else []
        return [head, tag("p", "Not settled. Possible:", class_="unsettled"), tag("ul", *shown, class_="possible")]
    lead = found[0]
    name = tag("p", term(lead), " ", tag("span", spread(lead), class_="p"), class_=_weight(term(lead)))
    return [head, name, *_score(call, lead.phenotype)]


def _weight(name: str) -> str:
    return "quiet" if name == NO_PHENOTYPE else "term"


def _score(call: GeneCall, phenotype: str) -> list[Html]:
    found = scores(call, phenotype)
    if not found:
        return []
    if len(found) == 1:
        return [tag("p", f"activity score {found[0].activity_score}")]
    return [tag("p", f"activity score {found[0].activity_score} ({spread(found[0])}), others less likely")]


def _unweighed(call: GeneCall) -> list[Html]:
    """The phenotypes of a call without probabilities: those that remain possible stand side by side."""
    groups = words.candidates(call)
    is_open = call.status in OPEN or len(groups) > 1
    parts = [tag("p", "Not settled. Possible:", class_="unsettled")] if is_open and groups else []
    for group in groups:
        kind = "open-term" if is_open else _weight(group.term)
        parts.append(tag("p", group.term, class_=kind))
        if group.score:
            parts.append(tag("p", f"activity score {group.score}"))
        functions = [function for function in group.functions if function]
        if functions and len(group.labels) <= 2:
            parts.append(tag("p", " + ".join(functions), class_="quiet"))
    return parts


def _diplotype(call: GeneCall) -> list[Html]:
    if not call.diplotypes:
        why = f": {call.because.value}; the phenotype rests on one position only"
        return [tag("p", tag("b", "Not called"), why)]
    status = tag("p", mark(call.diplotype_status or call.status), class_="how-sure of-diplotype")
    if not call.chances or words.is_unphased_list(call):
        return [status, *_listed(call)]
    first, others = call.diplotypes[0], len(call.diplotypes) - 1
    mean = "mean " if len(call.populations) > 1 else ""
    likely = "" if first.probability is None else mean + probability(first.probability)
    kind = "open-term" if call.diplotype_status is CallStatus.UNDETERMINED else "label"
    parts = [status, tag("p", tag("bdi", first.label), " ", tag("span", likely, class_="p"), class_=kind)]
    if others:
        parts.append(tag("p", f"+ {others} more", class_="quiet"))
    if call.phenotypes and call.phenotypes[0].term != call.chances[0].phenotype:
        parts.append(tag("p", f"This one diplotype would mean {meant(call.phenotypes[0])}.", class_="warn"))
    return parts


def _listed(call: GeneCall) -> list[Html]:
    """All diplotypes of a call that weighs nothing, or the alleles found where phase is unknown."""
    unphased = words.is_unphased_list(call)
    labels = [result.label for result in call.diplotypes]
    shown = together([tag("bdi", label) for label in labels[:_LABELS_SHOWN]], " + " if unphased else " or ")
    more = len(labels) - _LABELS_SHOWN
    is_open = (call.diplotype_status or call.status) is CallStatus.UNDETERMINED
    parts = [tag("p", shown, f" or {more} more" if more > 0 else "", class_="open-term" if is_open else "label")]
    if unphased and len(labels) > 1:
        parts.append(tag("p", "Alleles found; which of them lie on the same strand is not known.", class_="quiet"))
    elif len(labels) > 1:
        parts.append(tag("p", f"{len(labels)} possible results", class_="quiet"))
    return parts


def _positions(call: GeneCall) -> Html:
    if not call.positions:
        return tag("p", "no position is read for this gene", class_="quiet")
    chromosomes = " and ".join(dict.fromkeys(seen.chromosome for seen in call.positions))
    seen = f"{words.counted(len(call.positions), 'position')} on {chromosomes}: {counts(call.positions)}"
    return together([drawing(call.gene, call.positions), tag("p", seen, class_="quiet")])


def _notes(call: GeneCall, cite: Citations) -> Html:
    """What would settle the gene, messages, variants, alleles not excluded, and what opens: candidates and reasons."""
    variants = [one_position(seen) for seen in call.positions if words.seen_as(seen) == "variant"]
    lines = [
        ("Would settle it", briefly_settled(call) if call.status in OPEN else "", "warn"),
        ("Note", "; ".join(call.messages), "warn"),
        ("Variants", words.abbreviated(variants, _VARIANTS_SHOWN), ""),
        (f"Not excluded ({len(call.not_excluded)})", words.abbreviated(call.not_excluded, _NOT_EXCLUDED_SHOWN), ""),
        ("Undocumented alternatives", words.abbreviated(call.undocumented, _NOT_EXCLUDED_SHOWN), "warn"),
    ]
    shown = [tag("p", tag("b", name + ": "), text, class_=kind) for name, text, kind in lines if text]
    numbers = [cite.number(source) for source in dict.fromkeys(sources_of(call.because))]
    sources = tag("p", tag("b", "Sources: "), together(numbers, " ")) if numbers else Html("")
    tree = tag("details", tag("summary", "Reasons"), reasons(call.because, cite))
    shown.append(tag("div", opened(call), tree, sources, class_="why"))
    return tag("tr", tag("td", *shown, colspan="3", role="cell"), class_="notes", role="row")
