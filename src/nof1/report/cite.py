"""Sources on the page: numbered once, linked from everything that rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nof1.model.evidence import Because, SourceRef
from nof1.model.findings import Assessment
from nof1.report.markup import Html, anchor, link, tag, together, web_link

RECORD = "record"


@dataclass(frozen=True, slots=True)
class Citations:
    """The number of every source cited, by its id; those whose details are given come first."""

    numbers: dict[str, int]
    has_record: bool = False

    def link(self, source: SourceRef) -> Html:
        """A link to the source's entry, reading its number, id and place; a place in the record leads to the record."""
        if source.source == RECORD:
            place = tag("code", source.place) if source.place else Html("")
            return tag("span", tag("a", "record", href="#record") if self.has_record else "record", " ", place)
        return link("s", source.source, f"[{self.numbers.get(source.source, 0)}] ", tag("code", str(source)))

    def number(self, source: str) -> Html:
        """A link to the source's entry, reading its number only."""
        return link("s", source, f"[{self.numbers.get(source, 0)}]")


def citations(assessment: Assessment) -> Citations:
    """Numbers for all sources of the assessment and any cited without details."""
    cited = {item.source.source for drug in assessment.drugs for item in drug.recommendations}
    cited |= {item.source.source for item in assessment.exposure_ratios}
    cited |= {item.source.source for item in assessment.comparisons}
    cited |= {item.source.source for item in assessment.interactions}
    cited |= {item.source.source for item in assessment.effective_phenotypes}
    cited |= {model.source.source for item in assessment.exposures for model in item.models}
    cited |= {item.source.source for item in assessment.exposures if item.source is not None}
    trees = [call.because for call in assessment.genes]
    trees += [item.because for item in assessment.interactions]
    trees += [item.because for item in assessment.effective_phenotypes]
    trees += [item.because for item in assessment.exposures if item.because is not None]
    for because in trees:
        cited |= set(sources_of(because))
    cited.discard(RECORD)
    ordered = [*assessment.sources, *sorted(cited - set(assessment.sources))]
    return Citations({source: number for number, source in enumerate(ordered, 1)}, bool(assessment.record))


def sources_of(because: Because) -> Iterator[str]:
    """The ids of all sources in a tree of reasons, in reading order; some may repeat. The record is none."""
    if because.source is not None and because.source.source != RECORD:
        yield because.source.source
    for step in because.rests_on:
        yield from sources_of(step)


def reasons(because: Because, cite: Citations) -> Html:
    """A tree of reasons as nested lists: claim, value, source and status."""
    return tag("ul", _reason(because, cite), class_="tree")


def _reason(because: Because, cite: Citations) -> Html:
    parts: list[str] = [because.claim]
    if because.value:
        parts.append(tag("b", because.value))
    if because.source is not None:
        parts.append(cite.link(because.source))
    if because.status is not None:
        parts.append(tag("span", because.status.value, class_="quiet"))
    below = tag("ul", *[_reason(step, cite) for step in because.rests_on]) if because.rests_on else Html("")
    return tag("li", together(parts, " "), below)


def source_list(assessment: Assessment, cite: Citations) -> Html:
    """Every source with its number, details, licence and address."""
    return tag("ol", *[_entry(source, assessment.sources.get(source, {})) for source in cite.numbers], class_="sources")


def _entry(source: str, details: dict[str, str]) -> Html:
    issue = [text for text in (details.get("body"), details.get("year")) if text]
    parts: Iterable[str] = [
        tag("b", details.get("title") or source),
        ", ".join(issue),
        f"version {details['version']}" if details.get("version") else "",
        f"PMID {details['pmid']}" if details.get("pmid") else "",
        web_link(details["url"]) if details.get("url") else "",
        f"Licence: {details['licence']}" if details.get("licence") else "",
        f"Cited for: {details['because']}" if details.get("because") else "",
        "" if details else "cited without details in this assessment",
    ]
    return tag("li", together([part for part in parts if part], " · "), " ", tag("code", source), id=anchor("s", source))
