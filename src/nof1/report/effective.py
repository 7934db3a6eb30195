"""What genes amount to under the drugs taken, and how exposure to drugs changes: two sections of the page."""

from __future__ import annotations

from nof1.model.findings import Assessment, EffectivePhenotype, ExposureRatio
from nof1.report.cite import reasons
from nof1.report.markup import Html, tag, together
from nof1.report.shown import Shown
from nof1.report.signs import interval
from nof1.report.tables import Group, folding

_HEADS = ("Gene", "By the genes", "Under the drugs taken", "By which drug", "Evidence", "Not counted, and notes")
_EVIDENCE = {"guideline": "guideline", "lower": "lower evidence"}
_UNKNOWN = "not known"
_RATIO_HEADS = ("Drug", "With", "Exposure with and without the inhibitor", "Ratio (interval)", "Rests on")
_FOR_INFORMATION = "For information only; never sets a dose."


def effective_section(assessment: Assessment, shown: Shown) -> Html:
    """Genetic and effective phenotypes side by side; empty where no drug taken acts on a gene."""
    if not assessment.effective_phenotypes:
        return Html("")
    groups = [Group(shown.gene(item.gene), [_cells(item, shown)]) for item in assessment.effective_phenotypes]
    caption = "What each gene amounts to under the drugs taken"
    return tag(
        "section",
        tag("h2", "Effective phenotypes", id="effective"),
        folding(caption, _HEADS, groups, "effective", hidden=True),
    )


def _cells(item: EffectivePhenotype, shown: Shown) -> tuple[str, ...]:
    genetic, effective = " or ".join(item.genetic), " or ".join(dict.fromkeys(item.effective))
    changed = tag("b", "→ ", effective) if effective != genetic else Html("= unchanged")
    lines = [tag("p", tag("b", "not counted: "), text) for text in item.not_counted]
    lines += [tag("p", text, class_="quiet") for text in item.notes]
    tree = tag("details", tag("summary", "Reasons"), reasons(item.because, shown.cite))
    return (
        genetic or _UNKNOWN,
        changed if effective else _UNKNOWN,
        together(["; ".join(item.by) or "no drug that counts", *[tag("p", tag("code", place)) for place in item.places]]),
        together([tag("b", _EVIDENCE.get(item.evidence, item.evidence)), " ", shown.cite.link(item.source)]),
        together([*lines, tree]),
    )


def exposure_section(assessment: Assessment, shown: Shown) -> Html:
    """Each ratio as a bar with its interval on one scale that doubles; empty without any."""
    ratios = assessment.exposure_ratios
    if not ratios:
        return Html("")
    ends = (min(0.5, *(item.low for item in ratios)), max(2.0, *(item.high for item in ratios)))
    groups = [Group(shown.drug(item.drug), [_ratio(item, ends, shown)]) for item in ratios]
    caption = (
        f"{_FOR_INFORMATION} Exposure with the inhibitor divided by exposure without it; each scale doubles, the line is 1."
    )
    return tag(
        "section",
        tag("h2", "Exposure under inhibitors", id="exposure"),
        folding(caption, _RATIO_HEADS, groups, "exposure"),
    )


def _ratio(item: ExposureRatio, ends: tuple[float, float], shown: Shown) -> tuple[str, ...]:
    note = item.note if item.note and not item.note.startswith("for information only") else ""
    rests = [f"{item.enzyme} {item.genetic} ", shown.cite.link(item.source), tag("p", note, class_="quiet") if note else ""]
    return (
        shown.drug(item.inhibitor),
        interval(item.low, item.ratio, item.high, ends),
        tag("span", f"{item.ratio:g}-fold ({item.low:g} to {item.high:g})", class_="ratio"),
        together(rests),
    )
