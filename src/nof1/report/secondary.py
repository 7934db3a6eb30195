"""Secondary findings as a section of the page, and as lines for a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator

from nof1.model.findings import Assessment
from nof1.model.secondary import GeneLooked, GeneStatus, SecondaryFinding, SecondaryReport, SecondaryStatus
from nof1.model.variants import ObservedVariant
from nof1.report.cite import Citations
from nof1.report.lines import filled
from nof1.report.markup import Html, clean, row, table, tag, together
from nof1.report.points import points_part, points_text

STATUS = {
    SecondaryStatus.REPORTABLE: "reportable",
    SecondaryStatus.POSSIBLE_BIALLELIC: "possibly on both copies: the phase is not known",
    SecondaryStatus.REVIEW: "to be reviewed before it is reported",
    SecondaryStatus.CARRIER: "carrier",
}
_GENES = {
    GeneStatus.PARTLY_ASSESSED: "No finding where it was read, but not everything that matters was",
    GeneStatus.ASSESSED_NEGATIVE: "No finding, and enough was read",
    GeneStatus.NOT_ASSESSED: "Not assessed",
    GeneStatus.WITHHELD: "Withheld",
}
_BESIDE = "With a finding, and beside it something that was not looked at or is not counted"


def secondary_section(assessment: Assessment, cite: Citations) -> Html:
    """The findings, genes by what was looked at, and what to know; empty where nobody asked."""
    report = assessment.secondary
    if report is None:
        return Html("")
    parts: list[str] = [tag("h2", "Secondary findings", id="secondary")]
    parts += [tag("p", f"{report.title}. Policy: {report.policy}.", class_="lead")]
    parts += [_card(one, cite) for one in report.findings]
    if report.is_analysed and not report.findings:
        parts.append(tag("p", "No finding to report among what was read."))
    parts += [_genes(title, [one for one in report.genes if one.status is status]) for status, title in _GENES.items()]
    parts.append(_genes(_BESIDE, [one for one in report.genes if one.status is GeneStatus.FINDING and one.reason]))
    parts.append(tag("ul", *[tag("li", clean(note)) for note in report.notes], class_="plain-list"))
    return tag("section", *parts)


def _card(one: SecondaryFinding, cite: Citations) -> Html:
    facts = [
        ("Conditions", ", ".join(one.conditions)),
        *(("Variant", variant_words(item)) for item in one.variants),
        ("Classified", f"{one.classification}, {one.stars} of 4 review stars"),
        ("Because", "; ".join(one.reasons)),
    ]
    rows = [tag("div", tag("dt", name), tag("dd", clean(text))) for name, text in facts if text]
    links = together([cite.link(ref) for ref in one.sources])
    rows += [tag("div", tag("dt", "Sources"), tag("dd", links))] if one.sources else []
    return tag(
        "article",
        tag("h3", tag("b", one.gene), f": {STATUS[one.status]}"),
        tag("dl", *rows, class_="facts"),
        points_part(one.by_points, cite),
        class_="plan-card plan-due" if one.status is SecondaryStatus.REPORTABLE else "plan-card plan-unknown",
    )


def _genes(title: str, genes: list[GeneLooked]) -> Html:
    """Genes of one status; those with the same reason in one row."""
    if not genes:
        return Html("")
    by_reason: dict[str, list[GeneLooked]] = {}
    for one in genes:
        by_reason.setdefault("" if one.status is GeneStatus.ASSESSED_NEGATIVE else one.reason, []).append(one)
    rows = [row(", ".join(_named(one) for one in found), clean(reason)) for reason, found in by_reason.items()]
    caption = f"{title}: {len(genes)} of the list"
    no_copies = any(one.status is GeneStatus.ASSESSED_NEGATIVE and not one.copy_number_assessed for one in genes)
    note = tag("p", "Lost or doubled exons (copy number) were not looked for.", class_="quiet") if no_copies else Html("")
    title = tag("h3", caption)
    return together([title, table("genes-looked", ["genes (share of coding bases read)", "why"], rows, caption), note])


def _named(one: GeneLooked) -> str:
    return one.gene if math.isnan(one.share) else f"{one.gene} ({100 * one.share:.0f} %)"


def variant_words(one: ObservedVariant) -> str:
    """An allele as it was read, with its names where they are known."""
    allele = one.allele
    names = next(((what.hgvs_c, what.hgvs_p) for what in one.consequences if what.hgvs_c), ())
    what = next((", ".join(item.terms) for item in one.consequences if item.terms), "")
    untold = next((item.reason for item in one.consequences if item.reason), "")
    parts = [
        f"{allele.chromosome}:{allele.position} {allele.ref}>{allele.alt}",
        " ".join(name for name in names if name),
        what.replace("_", " ") or untold,
        one.zygosity.value,
        one.place,
    ]
    return ", ".join(part for part in parts if part)


def secondary_lines(report: SecondaryReport | None, width: int) -> Iterator[str]:
    """For a terminal: every finding, and how many genes were looked at."""
    if report is None:
        return
    yield from ("", "SECONDARY FINDINGS")
    for one in report.findings:
        text = f"{one.gene}: {STATUS[one.status]}; {one.classification}, {', '.join(one.conditions)}"
        yield from filled(clean(text), width - 2, "  ")
        for item in one.by_points:
            yield from filled(clean(points_text(item)), width - 2, "    ")
    counts = {status: sum(one.status is status for one in report.genes) for status in GeneStatus}
    if report.is_analysed:
        part = [one for one in report.genes if one.status is GeneStatus.PARTLY_ASSESSED]
        told = (
            f"{counts[GeneStatus.ASSESSED_NEGATIVE]} genes without finding, {len(part)} assessed in part, "
            f"{counts[GeneStatus.NOT_ASSESSED]} not assessed"
        )
        held = f", {counts[GeneStatus.WITHHELD]} withheld" if counts[GeneStatus.WITHHELD] else ""
        yield from filled(told + held, width - 2, "  ")
        for gene in part:
            yield from filled(clean(f"{gene.gene} in part: {gene.reason}"), width - 2, "  ")
    for note in report.notes:
        yield from filled(clean(note), width - 2, "  ")
