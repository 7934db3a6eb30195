"""The exposure to drugs that are given: a section of the page, and lines in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.model.exposures import Exposure, LevelUsed
from nof1.model.findings import Assessment, Compared
from nof1.model.likelihood import probability
from nof1.report.cite import reasons
from nof1.report.lines import filled
from nof1.report.markup import Html, clean, tag, together
from nof1.report.shown import Shown
from nof1.report.signs import zoned
from nof1.report.tables import Group, folding
from nof1.report.words import counted

MEASURES = {
    "auc24": "area under the curve over 24 hours",
    "auc_cumulative": "area under the curve of the whole course",
    "trough": "trough",
    "peak": "peak",
    "average": "mean level",
    "time_above": "share of the interval above the threshold",
    "output": "predicted effect",
}
BASIS = {
    "levels": "by this person's levels",
    "population": "by the population alone, without a level of this person",
    "none": "could not be worked out",
}
_HEADS = (
    "Drug",
    "Regimen",
    "Exposure (5 % to 95 %)",
    "Target, and how likely",
    "Rests on",
    "Why no dose is drafted, and notes",
)
_CAPTION = (
    "What models predict at steady state under the regimen of the record; nobody measured it. It is no dose: whether and "
    "how to change one is a prescriber's decision."
)


def exposed_section(assessment: Assessment, shown: Shown) -> Html:
    """Every exposure; empty without any."""
    if not assessment.exposures:
        return Html("")
    groups = [Group(shown.drug(item.drug), [_cells(item, shown)]) for item in assessment.exposures]
    heading = tag("h2", "Exposure to drugs given", id="exposed")
    return tag("section", heading, folding(_CAPTION, _HEADS, groups, "exposed"))


def _cells(item: Exposure, shown: Shown) -> tuple[str, ...]:
    told = together([tag("p", line) for line in chances(item)])
    aim = together([tag("p", item.target, " ", shown.cite.link(item.source) if item.source else ""), told])
    models = [
        tag("p", f"{model.title}, weight {model.weight:.2f}, {model.status} ", shown.cite.link(model.source))
        for model in item.models
    ]
    levels = [tag("p", _level(level), " ", tag("code", level.place)) for level in item.levels]
    tree = tag("details", tag("summary", "Reasons"), reasons(item.because, shown.cite)) if item.because else Html("")
    left = [f"not used: {text}" for text in item.refused.values()]
    blocked = [tag("li", text) for text in item.blocked]
    notes = [tag("li", text, class_="quiet") for text in (*item.notes, *left)]
    more = tag(
        "details",
        tag("summary", f"{counted(len(blocked), 'reason')}, {counted(len(notes), 'note')}"),
        tag("ul", *blocked, *notes),
    )
    return (
        item.regimen or "not known",
        together([tag("p", exposure_words(item)), zoned(item.interval, item.low, item.high)])
        if item.interval
        else "not known",
        aim if item.interval else "not known",
        together([tag("p", tag("b", BASIS[item.basis])), *models, *levels, tree]),
        more if blocked or notes else "",
    )


def exposure_words(item: Exposure) -> str:
    """Measure, median and interval; empty where there is none."""
    if item.interval is None:
        return ""
    low, middle, high = item.interval
    return f"{MEASURES.get(item.measure, item.measure)} {middle:g} ({low:g} to {high:g}) {item.unit}"


def chances(item: Exposure) -> Iterator[str]:
    """How likely the exposure is in, below and above the target, and harmful."""
    named = (
        ("in the target", item.in_target),
        ("below it", item.below),
        ("above it", item.above),
        (f"harm begins (above {item.toxic:g} {item.unit})" if item.toxic is not None else "", item.harmful),
    )
    yield from (f"{name}: probability {probability(chance)}" for name, chance in named if name and chance is not None)


def exposed_text(item: Compared) -> Iterator[str]:
    """The exposure to a compared drug in one line; nothing where there is none."""
    found = item.exposure
    if found is None:
        return
    if found.interval is None:
        refused = next(iter(found.refused.values()), "") or next(iter(found.blocked), "it could not be worked out")
        yield f"exposure: {refused}"
        return
    dose = found.regimen if item.is_taken else f"the dose that fits best, {found.regimen}"
    yield f"exposure at {dose}: {exposure_words(found)}; {'; '.join(chances(found))}; {BASIS[found.basis]}"


def _level(level: LevelUsed) -> str:
    sign = {"below": "<", "above": ">"}.get(level.limit, "")
    low, middle, high = level.expected
    when = level.at.replace("T", " ").removesuffix("Z")
    utc = " UTC" if level.at.endswith("Z") else ""
    return f"{sign}{level.value:g} {level.unit}, {when}{utc}; expected beforehand {middle:g} ({low:g} to {high:g})"


def exposed_lines(assessment: Assessment, width: int) -> Iterator[str]:
    """A block for each exposure; nothing without any."""
    if not assessment.exposures:
        return
    yield from ("", f"EXPOSURE TO DRUGS GIVEN ({len(assessment.exposures)}), predicted, never a dose")
    for item in assessment.exposures:
        head = f"{item.drug}{f', {item.regimen}' if item.regimen else ''}: {BASIS[item.basis]}"
        yield from filled(clean(head), width, "  ")
        if words := exposure_words(item):
            yield from filled(clean(f"{words}; {'; '.join(chances(item))}"), width, "      ")
        elif item.blocked:
            yield from filled(clean(item.blocked[0]), width, "      ")
