"""Polygenic scores of the many people of a PLINK set, in chunks of variants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.genomics.contigs import canonical_build
from nof1.genomics.identity import X_ONLY
from nof1.genomics.pgen import PgenFile
from nof1.genomics.plink import PlinkFile
from nof1.model.allele_codes import Codes
from nof1.model.scores import (
    FATE_WORDS,
    LAST_SCORED,
    Fate,
    Floats,
    FrequencyPanel,
    Matching,
    ScoringFile,
    TargetVariants,
)  # fmt: skip
from nof1.risk.many import score_many
from nof1.risk.matching import match, overlap, weight_share
from nof1.risk.plan_columns import ColumnWeights, by_allele, by_second_allele, haploid_kind
from nof1.risk.scoring import Totals

if TYPE_CHECKING:
    from nof1.jobs.scoring import ScoreWishes

_LEAST_PEOPLE = 50  # as PLINK 2 asks


@dataclass(frozen=True, slots=True)
class CohortScores:
    """``totals`` over (people, scores), and for each score its file, places and what became of its rows.

    ``enough`` (people, scores): whether enough of the rows have a genotype of the person, so that the sum is theirs.
    """

    samples: tuple[str, ...]
    build: str
    files: tuple[ScoringFile, ...]
    places: tuple[Codes, ...]
    matches: tuple[Matching, ...]
    weight_seen: tuple[float, ...]
    totals: Totals
    enough: NDArray[np.bool_]


def score_set(
    path: Path, files: Sequence[ScoringFile], panel: FrequencyPanel | None, wishes: ScoreWishes, build: str
) -> CohortScores:
    """Every score of everybody in a .bed or .pgen. Missing genotypes take the panel's frequencies, or those of the people.

    Raises ``RequestError`` for a score of which too few rows are there, and for few people without a panel.
    """
    if build and not canonical_build(build):
        raise RequestError(f"--build is {build!r}; give GRCh38 or GRCh37")
    name = _build(files, canonical_build(build) if build else "", path)
    if panel is not None and panel.build not in ("", name):
        raise RequestError(f"the panel {panel.name} is on {panel.build}, the scores of {path} are taken on {name}")
    opened = PgenFile(path) if path.suffix == ".pgen" else PlinkFile(path)
    places = [found for file in files if (found := file.places(name)) is not None]
    matches = [match(file, place, opened.variants, wishes.policy) for file, place in zip(files, places, strict=True)]
    for file, matching in zip(files, matches, strict=True):
        _require_overlap(file, matching, wishes.policy.minimum_overlap)
    if len(opened.samples) < _LEAST_PEOPLE and panel is None:
        raise RequestError(
            f"{path}: {len(opened.samples)} people are too few for frequencies of their own "
            f"({_LEAST_PEOPLE} are needed); give --panel"
        )
    plan, variant, column = _plan(opened, files, matches)
    kind = haploid_kind(opened.variants, variant, X_ONLY.get(name))
    frequency = None if panel is None else _in_panel(opened.variants, variant, column, panel)
    totals = score_many(opened.dosages, plan, kind, opened.sex, wishes.hemizygous, frequency)
    shares = tuple(weight_share(file, matching.scored) for file, matching in zip(files, matches, strict=True))
    enough = _enough(files, matches, totals, wishes.policy.minimum_overlap)
    return CohortScores(opened.samples, name, tuple(files), tuple(places), tuple(matches), shares, totals, enough)


def _plan(
    opened: PlinkFile | PgenFile, files: Sequence[ScoringFile], matches: Sequence[Matching]
) -> tuple[ColumnWeights, Codes, Codes]:
    """What to read and what it adds; of each column its variant and its allele among the flat ones."""
    whole = by_allele(files, matches)
    if isinstance(opened, PlinkFile):
        plan = by_second_allele(whole)
        return plan, plan.column, 2 * plan.column + 1
    return whole, np.searchsorted(opened.variants.start, whole.column, "right") - 1, whole.column


def _enough(files: Sequence[ScoringFile], matches: Sequence[Matching], totals: Totals, least: float) -> NDArray[np.bool_]:
    """(people, scores): whether the share of a score's rows that a person has a genotype of is ``least`` or more, and not 0.

    Rows whose weight adds nothing count as seen.
    """
    rows = np.array([len(file) for file in files])
    matched = np.array([int(matching.scored.sum()) for matching in matches])
    share = (matched - totals.unseen) / rows
    enough: NDArray[np.bool_] = (share >= least) & (share > 0)
    return enough


def _build(files: Sequence[ScoringFile], asked: str, path: Path) -> str:
    known = [name for name in ("GRCh38", "GRCh37") if all(file.places(name) is not None for file in files)]
    if asked and asked not in known:
        raise RequestError(
            f"--build is {asked}, the scores have positions on {' and '.join(known) or 'no common build'} only"
        )
    if not asked and len(known) != 1:
        raise RequestError(f"{path}: a PLINK set does not say its build; pass --build GRCh38 or GRCh37")
    return asked or known[0]


def _require_overlap(file: ScoringFile, matching: Matching, least: float) -> None:
    share = overlap(matching)
    if share < least or not share:
        codes, counts = np.unique(matching.fate[matching.fate > LAST_SCORED], return_counts=True)
        why = "; ".join(f"{int(count)} {FATE_WORDS[Fate(code)]}" for code, count in zip(codes, counts, strict=True))
        raise RequestError(
            f"{file.about.id}: only {int(matching.scored.sum())} of {len(file)} rows ({share:.1%}) match, "
            f"{max(least, 1 / len(file)):.0%} are needed: {why}"
        )


def _in_panel(target: TargetVariants, variant: Codes, column: Codes, panel: FrequencyPanel) -> Floats:
    """The panel's frequency of the allele of each column; NaN where it does not have the variant with the same alleles, or
    has it twice."""
    theirs = panel.variants
    near = np.flatnonzero(np.isin(theirs.place, target.place[variant]))
    table: dict[tuple[int, int, int], float] = {}
    for at in near.tolist():
        key = int(theirs.place[at]), int(theirs.allele[2 * at]), int(theirs.allele[2 * at + 1])
        table[key] = math.nan if key in table else float(panel.frequency[2 * at + 1])

    def of(place: int, counted: int, other: int) -> float:
        if (place, other, counted) in table:
            return table[place, other, counted]
        return 1 - table.get((place, counted, other), math.nan)

    found = np.full(len(column), np.nan)
    for row, (at, flat) in enumerate(zip(variant.tolist(), column.tolist(), strict=True)):
        place, begin, end = int(target.place[at]), int(target.start[at]), int(target.start[at + 1])
        first, *rest = target.allele[begin:end].tolist()
        if flat > begin:
            found[row] = of(place, int(target.allele[flat]), first)
        else:
            found[row] = 1 - sum(of(place, other, first) for other in rest)
    return found
