"""Writes what equations give to begin with as part of the document of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.knowledge.dose_equations import Performance
from nof1.response.described import Interval
from nof1.response.document import Off, Starting, Unoffered
from nof1.response.dose_estimates import Estimate


def starting_written(found: Sequence[Estimate]) -> tuple[Starting, ...]:
    """Each of ``found`` in plain numbers and words, in order."""
    titles = {item.equation.id: item.equation.title for item in found}
    first = next((item for item in found if item.per_week is not None), None)
    return tuple(
        Starting(
            id=item.equation.id,
            title=item.equation.title,
            population=item.equation.population,
            source=item.equation.source,
            status=item.equation.status,
            unit=item.equation.unit,
            is_first=item is first,
            per_week=item.per_week,
            low=item.low,
            high=item.high,
            level=item.band.level if item.band else None,
            group=item.band.title if item.band else "",
            people=item.band.n if item.band else 0,
            refused=tuple(
                Unoffered(why.says, why.source, why.needs, tuple(titles.get(name, name) for name in why.offers))
                for why in item.refused
            ),
            unknown=item.unknown,
            to_know=tuple(_to_know(item)),
            off=tuple(_off(row) for row in item.performance),
        )
        for item in found
    )


def _to_know(item: Estimate) -> Iterator[str]:
    for told in item.told:
        yield f"{told.title}: {told.choice}, told from {told.marker} {told.genotype}"
    for assumed in item.assumed:
        yield f"{assumed.title}: not known; the publication takes {assumed.value:g}"
    for title in item.outside:
        yield f"{title}: outside what was studied"


def _off(row: Performance) -> Off:
    def ends(middle: float, around: list[float]) -> Interval:
        return Interval(around[0], middle, around[1])

    shares = ends(row.within_20, row.within_20_95)
    return Off(row.title, row.n, ends(row.mae, row.mae_95), shares, ends(row.bias, row.bias_95), row.source)


def cited_starting(found: Sequence[Starting]) -> Iterator[str]:
    """The references (``id#place``) that these rest on."""
    for item in found:
        yield item.source
        yield from (why.source for why in item.refused)
        yield from (row.source for row in item.off)
