"""Polygenic scores of the many people of a PLINK set, in chunks of variants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.contigs import canonical_build
from nof1.genomics.identity import X_ONLY
from nof1.genomics.plink import PlinkFile
from nof1.model.allele_codes import Codes
from nof1.model.scores import FATE_WORDS, LAST_SCORED, Fate, Floats, FrequencyPanel, Matching, ScoringFile
from nof1.risk.many import score_many
from nof1.risk.matching import match, overlap, weight_share
from nof1.risk.plan_columns import by_allele, by_second_allele, haploid_kind
from nof1.risk.scoring import Totals

if TYPE_CHECKING:
    from nof1.jobs.scoring import ScoreWishes

_LEAST_PEOPLE = 50  # as PLINK 2 asks


@dataclass(frozen=True, slots=True)
class CohortScores:
    """``totals`` over (people, scores), and for each score its file, places and what became of its rows."""

    samples: tuple[str, ...]
    build: str
    files: tuple[ScoringFile, ...]
    places: tuple[Codes, ...]
    matches: tuple[Matching, ...]
    weight_seen: tuple[float, ...]
    totals: Totals


def score_bed(
    path: Path, files: Sequence[ScoringFile], panel: FrequencyPanel | None, wishes: ScoreWishes, build: str
) -> CohortScores:
    """Every score of everybody in a .bed. Missing genotypes take the panel's frequencies, or those of the people themselves.

    Raises ``RequestError`` for a score of which too few rows are there, and for few people without a panel.
    """
    if build and not canonical_build(build):
        raise RequestError(f"--build is {build!r}; give GRCh38 or GRCh37")
    name = _build(files, canonical_build(build) if build else "", path)
    opened = PlinkFile(path)
    places = [found for file in files if (found := file.places(name)) is not None]
    matches = [match(file, place, opened.variants, wishes.policy) for file, place in zip(files, places, strict=True)]
    for file, matching in zip(files, matches, strict=True):
        _require_overlap(file, matching, wishes.policy.minimum_overlap)
    if len(opened.samples) < _LEAST_PEOPLE and panel is None:
        raise RequestError(
            f"{path}: {len(opened.samples)} people are too few for frequencies of their own "
            f"({_LEAST_PEOPLE} are needed); give --panel"
        )
    plan = by_second_allele(by_allele(files, matches))
    kind = haploid_kind(opened.variants, plan.column, X_ONLY.get(name))
    frequency = None if panel is None else _of_second(opened, plan.column, panel)
    totals = score_many(opened.dosages, plan, kind, opened.sex, wishes.hemizygous, frequency)
    shares = tuple(weight_share(file, matching.scored) for file, matching in zip(files, matches, strict=True))
    return CohortScores(opened.samples, name, tuple(files), tuple(places), tuple(matches), shares, totals)


def _build(files: Sequence[ScoringFile], asked: str, path: Path) -> str:
    known = [name for name in ("GRCh38", "GRCh37") if all(file.places(name) is not None for file in files)]
    if asked and asked not in known:
        raise RequestError(
            f"--build is {asked}, the scores have positions on {' and '.join(known) or 'no common build'} only"
        )
    if not asked and len(known) != 1:
        raise RequestError(f"{path}: a .bed does not say its build; pass --build GRCh38 or GRCh37")
    return asked or known[0]


def _require_overlap(file: ScoringFile, matching: Matching, least: float) -> None:
    share = overlap(matching)
    if share < least:
        codes, counts = np.unique(matching.fate[matching.fate > LAST_SCORED], return_counts=True)
        why = "; ".join(f"{int(count)} {FATE_WORDS[Fate(code)]}" for code, count in zip(codes, counts, strict=True))
        raise RequestError(
            f"{file.about.id}: only {int(matching.scored.sum())} of {len(file)} rows ({share:.1%}) match, "
            f"{least:.0%} are needed: {why}"
        )


def _of_second(opened: PlinkFile, variant: Codes, panel: FrequencyPanel) -> Floats:
    """The panel's frequency of A1 of each variant; NaN where it does not have it with the same two alleles."""
    ours = opened.variants
    table = {
        (int(panel.variants.place[at]), int(panel.variants.allele[2 * at]), int(panel.variants.allele[2 * at + 1])): float(
            panel.frequency[2 * at + 1]
        )
        for at in range(len(panel.variants))
    }
    found = np.full(len(variant), np.nan)
    for row, at in enumerate(variant.tolist()):
        place, first, second = int(ours.place[at]), int(ours.allele[2 * at]), int(ours.allele[2 * at + 1])
        if (place, first, second) in table:
            found[row] = table[place, first, second]
        elif (place, second, first) in table:
            found[row] = 1 - table[place, second, first]
    return found
