"""Polygenic scores of a person as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nof1.model.scores import AdjustedScore, PolygenicScore
from nof1.report.markup import clean


def scores_text(name: str, scores: Sequence[PolygenicScore], meaning: str) -> str:
    """Lines on every score of one person, and what none of them is."""
    lines = [name, ""]
    for score in scores:
        lines.extend([*_score(score), ""])
    return "\n".join(clean(line) for line in [*lines, meaning])


def _score(score: PolygenicScore) -> Iterator[str]:
    title = ", ".join(text for text in (score.name, score.trait) if text)
    yield f"{score.id}" + (f": {title}" if title else "")
    if score.value is None:
        yield f"  not given: {score.reason}"
    else:
        spread = f", standard deviation of what the panel expects {score.spread:.4g}" if score.spread is not None else ""
        yield f"  {score.value:.6g}{spread} ({score.build})"
        yield (
            f"  {score.seen} of {score.rows} rows seen ({score.overlap:.1%} of rows, "
            f"{score.weight_seen:.1%} of the weight), {score.imputed} expected from the panel's frequencies"
        )
    if score.adjusted is not None:
        yield from _adjusted(score.adjusted)
    yield from (f"  {note}" for note in score.notes)
    yield f"  weights {score.weights}; licence: {score.licence}"
    if score.citation:
        yield f"  {score.citation}"


def _adjusted(found: AdjustedScore) -> Iterator[str]:
    place = found.placement
    low = ", LOW CONFIDENCE: what follows may not hold for this person" if place.is_low else ""
    yield f"  most similar reference population: {place.population} ({place.share:.0%}, {place.method}){low}"
    if found.z_population is not None and found.percentile is not None:
        yield f"  among them: Z {found.z_population:.3f}, percentile {found.percentile:.1f}"
    if found.z_norm1 is not None and found.z_norm2 is not None:
        yield f"  adjusted by components: Z_norm1 {found.z_norm1:.3f}, Z_norm2 {found.z_norm2:.3f}"
