"""Effective phenotypes and exposure ratios of the drugs taken, for the reader; advice uses the same functions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from nof1.decision.chart import Chart
from nof1.decision.convert import converted
from nof1.decision.exposure import ratio
from nof1.decision.standing import Standing
from nof1.knowledge.enzymes import Conversion
from nof1.model.evidence import Because, SourceRef
from nof1.model.findings import EffectivePhenotype, ExposureRatio

_NO_CHANGE = "weak modulators never change a phenotype"
_SELF = "a drug does not change its own advice"


def effective_phenotypes(chart: Chart) -> tuple[EffectivePhenotype, ...]:
    """Each gene that drugs taken act on, with its genetic and its effective result."""
    found = []
    for gene, how in chart.shelf.known.care.conversions.items():
        mine = [item for item in chart.at_work if item.row.enzyme == gene]
        silent = tuple(text for text in chart.not_counted if f" of {gene})" in text)
        if mine or silent:
            found.append(_effective(chart, chart.standings[gene], how, silent))
    return tuple(found)


def _effective(chart: Chart, standing: Standing, how: Conversion, silent: tuple[str, ...]) -> EffectivePhenotype:
    mine = [item for item in chart.at_work if item.row.enzyme == standing.gene]
    shifted = converted(standing, how, chart.shelf.known.genes[standing.gene], mine)
    changed = [result for result in shifted.results if result.by]
    by = tuple(dict.fromkeys(words for result in changed for words in result.by))
    idle = tuple(f"{item.words}: {_NO_CHANGE}" for item in mine if item.row.strength == "weak")
    notes = tuple(dict.fromkeys(result.note for result in changed if result.note))
    disagree = tuple(
        f"{item.row.drug}: sources disagree on the strength ({item.row.disagrees})" for item in mine if item.row.disagrees
    )
    if not shifted.results:
        notes += (f"{standing.gene} is not known, so the effect cannot be said: {standing.why}",)
    elif mine and not changed and len(idle) < len(mine):
        notes += ("the result stays what it is",)
    steps = tuple(
        Because(item.words, item.taken.medication.text if item.taken.medication else "", SourceRef.parse(item.row.source))
        for item in mine
    )
    steps += tuple(
        Because(item.row.drug, item.taken.medication.text, SourceRef("record", item.taken.place))
        for item in mine
        if item.taken.medication
    )
    source = SourceRef.parse(how.source)
    return EffectivePhenotype(
        gene=standing.gene,
        genetic=tuple(result.words for result in standing.results),
        effective=tuple(result.words.split(", from ")[0] for result in shifted.results),
        by=by,
        evidence=how.evidence,
        notes=notes + disagree + ((how.note,) if how.note else ()),
        not_counted=idle + silent,
        source=source,
        because=Because(f"{standing.gene} under the drugs taken", ", ".join(by), source, None, (standing.because, *steps)),
        places=tuple(item.taken.place for item in mine if item.taken.place),
    )


def exposure_ratios(chart: Chart) -> tuple[ExposureRatio, ...]:
    """How exposure to each drug taken, planned or asked about changes under each inhibitor taken; for information only."""
    return tuple(_ratios(chart))


def _ratios(chart: Chart) -> Iterator[ExposureRatio]:
    drugs = dict.fromkeys([*(item.drug for item in chart.drugs if chart.concerns(item.drug)), *chart.asked])
    for drug in drugs:
        for row in chart.shelf.substrates.get(drug, ()):
            for item in chart.at_work:
                if item.row.enzyme == row.enzyme and item.row.role == "inhibitor" and item.taken.drug != drug:
                    standing = chart.standings.get(row.enzyme)
                    if standing is not None and (found := ratio(chart.shelf, row, item, standing)):
                        yield replace(found, note=found.note)
