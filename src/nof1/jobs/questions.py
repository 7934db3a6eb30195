"""Questions about one person: the drugs of a class compared, and what would change if."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from nof1.assessment.assess import Genes, called_genes, chart_of, known_drugs
from nof1.assessment.exposures import exposures, with_exposures
from nof1.decision.chart import Chart
from nof1.decision.compare import compare as compare_class
from nof1.decision.library import library
from nof1.decision.whatif import Change, WhatIf
from nof1.decision.whatif import what_if as changed
from nof1.errors import RequestError
from nof1.jobs.one_person import gathered, generator, wanted
from nof1.knowledge.schema import Knowledge
from nof1.model.findings import Comparison

_TRUE, _FALSE = ("yes", "true"), ("no", "false")


def person_chart(
    genomes: Sequence[Path | str] = (),
    *,
    drugs: Sequence[str] = (),
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    **asked: Any,
) -> Chart:
    """The chart of one person from genome files, a record, or both; the keywords are those of ``nof1.assess``."""
    return _charted(genomes, drugs, today, knowledge, progress, **asked)[0]


def _charted(
    genomes: Sequence[Path | str],
    drugs: Sequence[str] = (),
    today: date | None = None,
    knowledge: Knowledge | None = None,
    progress: Callable[[int], None] | None = None,
    **asked: Any,
) -> tuple[Chart, Genes]:
    day = today or date.today()
    found = gathered(genomes, wanted(asked), day, knowledge, progress)
    shelf = library(found.known)
    weighed = found.ways.asked if found.ways.name == "certain" else None
    genes = called_genes(found.known, found.person, weighed, found.ways.absent_is_reference)
    names = tuple(dict.fromkeys(drug for name in drugs for drug in known_drugs(shelf, name)))
    return chart_of(shelf, genes, found.person.record, day, names), genes


def compare(genomes: Sequence[Path | str], name: str, **asked: Any) -> Comparison:
    """The drugs of class ``name`` in bins for one person; the keywords are those of ``nof1.assess``."""
    return comparisons(genomes, [name], **asked)[0]


def comparisons(genomes: Sequence[Path | str], names: Sequence[str], **asked: Any) -> list[Comparison]:
    """As ``compare``, for several classes; each drug that has a model with the exposure that it predicts."""
    found, genes = _charted(genomes, **asked)
    reached = exposures(found, genes.calls, generator)
    return [with_exposures(compare_class(found, name), found, genes.calls, reached, generator) for name in names]


def what_if(
    genomes: Sequence[Path | str] = (),
    *,
    add: Sequence[str] = (),
    stop: Sequence[str] = (),
    swap: Sequence[tuple[str, str]] = (),
    facts: Mapping[str, float] | None = None,
    **asked: Any,
) -> WhatIf:
    """What would change if drugs were added, stopped or swapped, or facts were others; the rest as ``nof1.assess``."""
    found = person_chart(genomes, **asked)
    return changed(found, change(found, add, stop, swap, facts or {}))


def change(
    found: Chart,
    add: Sequence[str],
    stop: Sequence[str],
    swap: Sequence[tuple[str, str]],
    facts: Mapping[str, float],
) -> Change:
    """The change in the knowledge's own names; ``RequestError`` where nothing is changed."""
    if not (add or stop or swap or facts):
        raise RequestError("nothing to change; name a drug to add, stop or swap, or a fact to set")
    added = [*add, *(new for _, new in swap)]
    stopped = [*stop, *(old for old, _ in swap)]
    return Change(
        tuple(drug for name in added for drug in known_drugs(found.shelf, name)),
        tuple(drug for name in stopped for drug in known_drugs(found.shelf, name)),
        dict(facts),
    )


def fact(text: str) -> tuple[str, float]:
    """A fact written ``name=value``; yes and no are 1 and 0.

    >>> fact("egfr=25"), fact("pregnancy=yes")
    (('egfr', 25.0), ('pregnancy', 1.0))
    """
    name, sign, value = text.partition("=")
    word = value.strip().lower()
    if word in (*_TRUE, *_FALSE):
        return name.strip(), float(word in _TRUE)
    try:
        number = float(word)
    except ValueError:
        number = float("nan")
    if not sign or math.isnan(number):
        raise RequestError(f"{text!r} sets nothing; write name=number, name=yes or name=no")
    return name.strip(), number
