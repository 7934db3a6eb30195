"""Polygenic scores as a section of the assessment's page, as lines for a terminal, and in two sentences for the patient."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.findings import Assessment
from nof1.model.score_report import ScoreReport, ScoreStanding
from nof1.model.scores import FATE_WORDS, LAST_SCORED, AdjustedScore, Fate, PolygenicScore
from nof1.report.lines import filled
from nof1.report.markup import Html, clean, tag

NOT_COMPARED = "No reference people were given: whether this sum is high or low among people of any ancestry is not known."
_UNCHECKED = (
    "Z holds only if the reference people's scores come from the same rows; nof1 cannot check that. Adjusting does not make "
    "a score as accurate in one ancestry as in another."
)
_PATIENT = (
    "Polygenic scores were worked out because somebody asked for them. Such a score adds up many small differences between "
    "people. It does not say whether you have or will get an illness, and it is no reason to start, stop or change "
    "anything. Your care team can explain it."
)


def score_section(assessment: Assessment) -> Html:
    """Every score that was asked for with what it rests on, and what none of them is; empty where nobody asked."""
    report = assessment.scores
    if report is None:
        return Html("")
    parts = [tag("h2", "Polygenic scores", id="scores"), tag("p", report.meaning, class_="lead", role="note")]
    if report.standing is ScoreStanding.WITHHELD:
        parts.append(tag("p", clean(_withheld(report))))
    parts += [_card(report, one) for one in report.scores]
    parts.append(tag("ul", *[tag("li", clean(note)) for note in report.notes], class_="plain-list"))
    return tag("section", *parts)


def _card(report: ScoreReport, one: PolygenicScore) -> Html:
    rows = [tag("div", tag("dt", name), tag("dd", clean(text))) for name, text in score_facts(report, one) if text]
    title = tag("h3", tag("b", clean(one.id)), clean(f": {one.name}") if one.name and one.name != one.id else "")
    return tag("article", title, tag("dl", *rows, class_="facts"), class_="plan-card plan-unknown score")


def score_facts(report: ScoreReport, one: PolygenicScore) -> Iterator[tuple[str, str]]:
    """Everything said of one score: a name and a text each, in reading order; a text may be empty."""
    yield "Trait, as the file says", one.trait or "not stated"
    yield "Sum", sum_words(one)
    yield "Matched", matched_words(one)
    yield "Not matched", "; ".join(unmatched(one))
    yield "What was not seen", unseen_words(report, one)
    yield from _compared(one.adjusted) if one.adjusted else [("Compared", "" if one.value is None else NOT_COMPARED)]
    yield "Weights", f"{one.weights}; a row counts what 0, 1 or 2 effect alleles add"
    yield "Notes", "; ".join(one.notes)
    yield "Licence", one.licence
    yield "Citation", one.citation
    yield "File", f"SHA-256 {one.digest[:16]}..., read on {one.build}"


def sum_words(one: PolygenicScore) -> str:
    """The raw sum, or that there is none and why."""
    return f"not calculated: {one.reason}" if one.value is None else f"{one.value:.6g} (no unit, no probability)"


def matched_words(one: PolygenicScore) -> str:
    """How many rows, and how much of the weight, have a genotype."""
    return f"{one.seen:,} of {one.rows:,} rows ({one.overlap:.1%}), {one.weight_seen:.1%} of the weight"


def unmatched(one: PolygenicScore) -> Iterator[str]:
    """Why rows have no genotype that counts, with their number, the most frequent first."""
    left = [(count, Fate[name]) for name, count in one.fates.items() if Fate[name] > LAST_SCORED]
    for count, fate in sorted(left, key=lambda item: (-item[0], item[1])):
        yield f"{count:,}: {FATE_WORDS[fate]}"


def unseen_words(report: ScoreReport, one: PolygenicScore) -> str:
    """How unsure the sum is for want of genotypes; empty where every row was seen or there is no sum."""
    if one.value is None or one.lowest is None or one.highest is None or one.seen == one.rows:
        return ""
    ends = f"whatever they hold, the whole sum lies from {one.lowest:.6g} to {one.highest:.6g}"
    count = f"rows not seen: {one.rows - one.seen:,}"
    if one.spread is None or not one.imputed:
        return f"{count}, which add nothing; {ends}"
    return (
        f"{count}, of which {one.imputed:,} add what the frequencies of {report.panel} expect (standard deviation "
        f"{one.spread:.4g}, variants taken as independent) and the others nothing; {ends}"
    )


def _compared(found: AdjustedScore) -> Iterator[tuple[str, str]]:
    place = found.placement
    low = "; LOW CONFIDENCE: what follows may not hold for this person" if place.is_low else ""
    yield (
        "Most similar reference people",
        f"{place.population} ({place.share:.0%}, {place.method}): similarity to a panel, no ethnicity{low}",
    )
    if found.z_population is not None and found.percentile is not None:
        yield "Among them", f"Z {found.z_population:.3f}, percentile {found.percentile:.1f}"
    if found.z_norm1 is not None and found.z_norm2 is not None:
        yield "Adjusted for ancestry", f"Z_norm1 {found.z_norm1:.3f}, Z_norm2 {found.z_norm2:.3f}. {_UNCHECKED}"


def _withheld(report: ScoreReport) -> str:
    return f"Withheld ({', '.join(report.asked)}): {report.reason}."


def patient_scores(assessment: Assessment) -> Html:
    """For the patient: that there is such a score and what it does not say; no number, and nothing where there is none."""
    report = assessment.scores
    if report is None or not any(one.value is not None for one in report.scores):
        return Html("")
    return tag("section", tag("h3", "Polygenic scores"), tag("ul", tag("li", _PATIENT)))


def score_lines(report: ScoreReport | None, width: int) -> Iterator[str]:
    """For a terminal: every score in a line or two, and what none of them is."""
    if report is None:
        return
    yield from ("", "POLYGENIC SCORES")
    if report.standing is ScoreStanding.WITHHELD:
        yield from filled(clean(_withheld(report)), width - 2, "  ")
        return
    for one in report.scores:
        yield from filled(clean(_line(report, one)), width - 2, "  ")
    for note in (*report.notes, report.meaning):
        yield from filled(clean(note), width - 2, "  ")


def _line(report: ScoreReport, one: PolygenicScore) -> str:
    title = f"{one.id} ({', '.join(text for text in (one.name, one.trait) if text)})" if one.name or one.trait else one.id
    parts = [sum_words(one), matched_words(one), unseen_words(report, one)]
    adjusted = one.adjusted
    if adjusted is not None:
        low = " (low confidence)" if adjusted.placement.is_low else ""
        parts.append(f"most similar to {adjusted.placement.population}{low}")
        if adjusted.z_norm2 is not None:
            parts.append(f"Z_norm2 {adjusted.z_norm2:.3f}")
    elif one.value is not None:
        parts.append("not compared with other people")
    return f"{title}: {'; '.join(part for part in parts if part)}; licence: {one.licence}"
