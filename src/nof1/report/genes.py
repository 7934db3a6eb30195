"""The genes on the page: results, what they mean, and which positions were seen."""

from __future__ import annotations

from nof1.model.findings import Assessment, CallStatus, GeneCall
from nof1.report import words
from nof1.report.cite import Citations, reasons, sources_of
from nof1.report.drawing import counts, drawing, legend, one_position
from nof1.report.markup import Html, anchor, tag, together

_LABELS_SHOWN = 8
_NOT_EXCLUDED_SHOWN = 12
_VARIANTS_SHOWN = 12
_STATUS_SIGNS = {CallStatus.NO_CALL: "○", CallStatus.UNDETERMINED: "○", CallStatus.PROBABLE: "◐"}


def gene_section(assessment: Assessment, cite: Citations) -> Html:
    """All genes in one table: result, meaning, positions; below each, what to know about the call."""
    heads = [tag("th", name, scope="col", role="columnheader") for name in ("Gene", "Result", "Phenotype", "Positions")]
    table = tag(
        "table",
        tag("thead", tag("tr", *heads, role="row"), role="rowgroup"),
        *[_gene(call, cite) for call in assessment.genes],
        class_="genes",
        role="table",
    )
    return tag("section", tag("h2", "Genes", id="genes"), legend(), table)


def _gene(call: GeneCall, cite: Citations) -> Html:
    groups = words.candidates(call)
    first = groups[0] if groups else None
    spanned = str(len(groups)) if len(groups) > 1 else ""
    cells = [
        _name(call, str(max(len(groups), 1) + 1)),
        _result(call, first, len(groups)),
        _phenotype(first),
        tag("td", _positions(call), role="cell", rowspan=spanned, class_="seen"),
    ]
    more = [tag("tr", _result(call, group, len(groups)), _phenotype(group), role="row") for group in groups[1:]]
    notes = _notes(call, cite)
    return tag("tbody", tag("tr", *cells, role="row"), *more, notes, id=anchor("g", call.gene), role="rowgroup")


def _name(call: GeneCall, rows: str) -> Html:
    status = f"{_STATUS_SIGNS.get(call.status, '●')} {call.status.value.replace('_', ' ')}"
    by = {"outside": "typed elsewhere", "single_marker": "one position only"}.get(call.call_source, "")
    is_open = call.status in _STATUS_SIGNS
    shown = tag("p", status, class_="state open" if is_open else "state")
    how = tag("p", by, class_="quiet") if by else Html("")
    return tag("th", tag("bdi", call.gene), shown, how, scope="rowgroup", role="rowheader", rowspan=rows)


def _result(call: GeneCall, group: words.Candidates | None, groups: int) -> Html:
    if group is None or not group.labels:
        why = call.because.value if group is None else f"{call.because.value}; the phenotype rests on one position only"
        return tag("td", tag("p", tag("b", "Not called"), ": ", why), role="cell")
    shown = [tag("bdi", label) for label in group.labels[:_LABELS_SHOWN]]
    unphased = words.is_unphased_list(call)
    labels = together(shown, " + " if unphased else " or ")
    more = len(group.labels) - _LABELS_SHOWN
    parts = [tag("p", labels, f" or {more} more" if more > 0 else "", class_="label")]
    if unphased and len(group.labels) > 1:
        parts.append(tag("p", "Alleles found; which of them lie on the same strand is not known.", class_="quiet"))
    elif groups > 1 or len(group.labels) > 1:
        parts.append(tag("p", f"{len(group.labels)} of {len(call.diplotypes)} possible results", class_="quiet"))
    return tag("td", *parts, role="cell")


def _phenotype(group: words.Candidates | None) -> Html:
    if group is None:
        return tag("td", tag("p", "unknown", class_="quiet"), role="cell")
    parts = [tag("p", group.term, class_="quiet" if group.term == "no phenotype assigned" else "term")]
    if group.score:
        parts.append(tag("p", f"activity score {group.score}"))
    functions = [function for function in group.functions if function]
    if functions and len(group.labels) <= 2:
        parts.append(tag("p", " + ".join(functions), class_="quiet"))
    return tag("td", *parts, role="cell")


def _positions(call: GeneCall) -> Html:
    if not call.positions:
        return tag("p", "no position is read for this gene", class_="quiet")
    chromosomes = " and ".join(dict.fromkeys(seen.chromosome for seen in call.positions))
    seen = f"{words.counted(len(call.positions), 'position')} on {chromosomes}: {counts(call.positions)}"
    return together([drawing(call.gene, call.positions), tag("p", seen, class_="quiet")])


def _notes(call: GeneCall, cite: Citations) -> Html:
    """Messages, variants, alleles not excluded, undocumented alternatives, and the reasons with their sources."""
    variants = [one_position(seen) for seen in call.positions if words.seen_as(seen) == "variant"]
    lines = [
        ("Note", "; ".join(call.messages), "warn"),
        ("Variants", words.abbreviated(variants, _VARIANTS_SHOWN), ""),
        (f"Not excluded ({len(call.not_excluded)})", words.abbreviated(call.not_excluded, _NOT_EXCLUDED_SHOWN), ""),
        ("Undocumented alternatives", words.abbreviated(call.undocumented, _NOT_EXCLUDED_SHOWN), "warn"),
    ]
    shown = [tag("p", tag("b", name + ": "), text, class_=kind) for name, text, kind in lines if text]
    numbers = [cite.number(source) for source in dict.fromkeys(sources_of(call.because))]
    sources = tag("p", tag("b", "Sources: "), together(numbers, " ")) if numbers else Html("")
    tree = tag("details", tag("summary", "Reasons"), reasons(call.because, cite))
    shown.append(tag("div", sources, tree, class_="why"))
    return tag("tr", tag("td", *shown, colspan="3", role="cell"), class_="notes", role="row")
