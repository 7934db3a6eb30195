"""Every source cited anywhere in an answer."""

from __future__ import annotations

from collections.abc import Iterator

from nof1.knowledge.schema import Knowledge
from nof1.model.evidence import Because, SourceRef
from nof1.model.exposures import Exposure
from nof1.model.findings import Assessment

_SHOWN = ("title", "body", "url", "licence", "because", "version", "pmid")


def sources(knowledge: Knowledge, made: Assessment) -> dict[str, dict[str, str]]:
    """Sources cited in ``made`` by id, as the page prints them."""
    cited: set[str] = set()
    met: dict[int, Because] = {}
    for because in _reasons(made):
        _collect(because, cited, met)
    cited |= {ref.source for ref in _direct(made)}
    return {name: shown(knowledge, name) for name in sorted(cited & set(knowledge.sources))}


def shown(knowledge: Knowledge, name: str) -> dict[str, str]:
    """One source as text."""
    source = knowledge.sources[name]
    return {**{key: getattr(source, key) for key in _SHOWN}, "year": str(source.year)}


def _reasons(made: Assessment) -> Iterator[Because]:
    yield from (call.because for call in made.genes)
    yield from (item.because for drug in made.drugs for item in drug.recommendations)
    yield from (item.because for item in made.interactions)
    yield from (item.because for item in made.effective_phenotypes)
    yield from (item.because for item in _exposures(made) if item.because is not None)


def _direct(made: Assessment) -> Iterator[SourceRef]:
    yield from (item.source for drug in made.drugs for item in drug.recommendations)
    yield from (item.source for item in made.interactions)
    yield from (item.source for item in made.effective_phenotypes)
    yield from (item.source for item in made.exposure_ratios)
    yield from (item.source for item in made.comparisons)
    yield from (model.source for item in _exposures(made) for model in item.models)
    yield from (item.source for item in _exposures(made) if item.source is not None)
    yield from (ref for item in made.variants for ref in item.sources)
    yield from _points(made)
    yield from (SourceRef.parse(text) for item in made.risks for text in item.sources)
    yield from (SourceRef.parse(item.source) for item in made.plan)
    yield from (SourceRef.parse(item["rule"]["source"]) for item in made.family_rules)


def _points(made: Assessment) -> Iterator[SourceRef]:
    """Sources of the criteria by which variants are explained."""
    every = (one for item in made.variants for each in item.by_points for one in (*each.counted, *each.set_aside))
    yield from (one.criterion.source for one in every if one.criterion.source is not None)


def _exposures(made: Assessment) -> Iterator[Exposure]:
    yield from made.exposures
    yield from (item.exposure for group in made.comparisons for item in group.drugs if item.exposure is not None)


def _collect(because: Because, cited: set[str], met: dict[int, Because]) -> None:
    """Adds the sources of ``because`` and of what it rests on; ``met``: steps that many reasons share, by identity."""
    if id(because) in met:
        return
    met[id(because)] = because
    if because.source is not None:
        cited.add(because.source.source)
    for step in because.rests_on:
        _collect(step, cited, met)
