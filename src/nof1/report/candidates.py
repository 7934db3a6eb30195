"""What may be true of one gene: candidates, what they leave over, chances as bars, and what would settle it."""

from __future__ import annotations

from nof1.model.findings import Chance, GeneCall, Phenotype, Settles
from nof1.model.likelihood import SHORTEST, left_over, probability, spread
from nof1.report.chances import NO_PHENOTYPE, by_term, term
from nof1.report.markup import Html, row, table, tag, together
from nof1.report.words import counted

_BARS_SHOWN = 8
_SETTLES_SHOWN = 6
_BRIEF = 3
_ALLELES_SHOWN = 6
_WIDE, _HIGH = 160, 11  # of a bar, in drawing units


def opened(call: GeneCall) -> Html:
    """A part of the page that opens without a script; empty where nothing was weighed."""
    if not call.chances:
        return Html("")
    parts = [bars(call), candidates(call), settling(call)]
    title = f"Candidates ({len(call.diplotypes)}) and chances" + (", what would settle it" if call.settles else "")
    return tag("details", tag("summary", title), tag("div", *parts, class_="opened"), class_="candidates")


def bars(call: GeneCall) -> Html:
    """The probability of each phenotype as a bar with its number: filled to the lowest, outlined to the highest of the
    populations asked."""
    found = by_term(call)
    rows = [tag("tr", tag("th", term(one), scope="row"), tag("td", _bar(one)), tag("td", spread(one))) for one in found]
    left = sum(one.probability for one in found[_BARS_SHOWN:])
    if len(rows) > _BARS_SHOWN:
        more = tag("th", counted(len(rows) - _BARS_SHOWN, "other"), scope="row")
        rows = [*rows[:_BARS_SHOWN], tag("tr", more, tag("td"), tag("td", left_over(left)))]
    words = "Probability of each phenotype"
    if len(call.populations) > 1:
        words += f": filled to the lowest, outlined to the highest of {', '.join(call.populations)}"
    elif call.populations:
        words += f" in {call.populations[0]}"
    return tag("table", tag("caption", words), tag("tbody", *rows), class_="bars")


def _bar(chance: Chance) -> Html:
    low, high = (round(value * _WIDE, 1) for value in (chance.lowest, chance.highest))
    return Html(
        f'<svg class="bar" viewBox="0 0 {_WIDE} {_HIGH}" aria-hidden="true">'
        f'<path class="scale" d="M0 {_HIGH - 0.5}h{_WIDE}M{_WIDE - 0.5} 1v{_HIGH - 1}"/>'
        f'<path class="to-highest" d="M.5 2.5h{max(high, 1)}v6H.5z"/><path class="to-lowest" d="M.5 2.5h{low}v6H.5z"/></svg>'
    )


def candidates(call: GeneCall) -> Html:
    """Rank, diplotype, probability and phenotype of each candidate; last, what all others have together."""
    rows = []
    for place, result in enumerate(call.diplotypes):
        likely = "not weighed" if result.probability is None else probability(result.probability)
        meaning = meant(call.phenotypes[place]) if place < len(call.phenotypes) else NO_PHENOTYPE
        rows.append(row(str(place + 1), tag("bdi", result.label), likely, meaning))
    if call.remainder is not None:
        rest = tag("b", "all other diplotypes together, not listed")
        rows.append(tag("tr", tag("th", "–", scope="row"), tag("td", rest), tag("td", left_over(call.remainder)), tag("td")))
    mean = " (mean over populations)" if len(call.populations) > 1 else ""
    return table("ranked", ("Rank", "Diplotype", f"Probability{mean}", "Phenotype"), rows)


def meant(meaning: Phenotype) -> str:
    """A phenotype with its activity score, or that none is assigned."""
    if meaning.term in ("", "n/a"):
        return NO_PHENOTYPE
    return meaning.term + (f", activity score {meaning.activity_score}" if meaning.activity_score else "")


def settling(call: GeneCall) -> Html:
    """The positions that would settle the gene, most consequential first."""
    if not call.settles:
        return Html("")
    rows = [row(one.position, probability(one.chance), alleles(one)) for one in call.settles[:_SETTLES_SHOWN]]
    left = call.settles[_SETTLES_SHOWN:]
    more = f"{counted(len(left), 'more position')}, none with a higher chance, in the JSON file." if left else ""
    heads = ("Would settle it", "Chance that seeing it changes the phenotype", "Alleles it can show")
    parts = [table("ranked settling", heads, rows)]
    return together([*parts, tag("p", more, class_="quiet")] if more else parts)


def alleles(one: Settles) -> str:
    """The alleles that a position can show, abbreviated."""
    if not one.alleles:
        return "no named allele by itself"
    left = len(one.alleles) - _ALLELES_SHOWN
    return ", ".join(one.alleles[:_ALLELES_SHOWN]) + (f" and {left} more" if left > 0 else "")


def briefly_settled(call: GeneCall) -> str:
    """The first positions that would settle the gene in one line: ``rs1 (chance 0.23: *4), ...``; after the first only
    those whose chance can be told from none."""
    told = [one for place, one in enumerate(call.settles[:_BRIEF]) if not place or one.chance >= SHORTEST]
    shown = [f"{one.position} (chance {probability(one.chance)}: {alleles(one)})" for one in told]
    left = len(call.settles) - len(told)
    return "; ".join(shown) + (f" and {counted(left, 'more position')}" if left > 0 else "")
