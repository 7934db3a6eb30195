"""Tables of polygenic scores: what became of each row of a scoring file, and the scores of many people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from nof1.jobs.score_cohort import CohortScores
from nof1.jobs.score_person import PersonScores
from nof1.model.allele_codes import Codes, chromosome_name, letters
from nof1.model.scores import FATE_WORDS, LAST_SCORED, Fate, ScoringFile

MATCH_COLUMNS = (
    "score",
    "line",
    "variant",
    "chromosome",
    "position",
    "effect_allele",
    "other_allele",
    "used",
    "fate",
    "words",
)
SCORE_COLUMNS = (
    "person", "score", "value", "spread", "rows", "matched", "missing_genotypes", "weight_matched", "licence",
    "missing_without_frequency",
)  # fmt: skip


def match_table(found: PersonScores | CohortScores) -> str:
    """One line for each row of each score, with tabs: its place, alleles, and what became of it (in the first person)."""
    lines = ["\t".join(MATCH_COLUMNS)]
    if isinstance(found, PersonScores):
        for file, places, rows in found.matches:
            lines.extend(_rows(file, places, rows.fate, rows.imputed))
    else:
        for file, places, matching in zip(found.files, found.places, found.matches, strict=True):
            lines.extend(_rows(file, places, matching.fate, np.zeros(len(file), bool)))
    return "\n".join(lines) + "\n"


def _rows(file: ScoringFile, places: Codes, fates: NDArray[np.uint8], imputed: NDArray[np.bool_]) -> Iterator[str]:
    for row, (place, code) in enumerate(zip(places.tolist(), fates.tolist(), strict=True)):
        others = file.others.get(row, (int(file.other[row]),))
        where = [chromosome_name(place >> 32), str(place & 0xFFFFFFFF)] if place else ["", ""]
        used = "seen" if code <= LAST_SCORED else "expected" if imputed[row] else "no"
        alleles = [letters(int(file.effect[row])), "/".join(letters(one) for one in others)]
        fate = Fate(code)
        yield "\t".join(
            [file.about.id, str(int(file.line[row])), file.names[row], *where, *alleles, used, fate.name, FATE_WORDS[fate]]
        )


def score_table(found: CohortScores) -> str:
    """One line for each person and score, with tabs; without a value where too few rows have a genotype of the person."""
    lines = ["\t".join(SCORE_COLUMNS)]
    for number, (file, matching, weight) in enumerate(zip(found.files, found.matches, found.weight_seen, strict=True)):
        lines.extend(_people(found, number, file, int(matching.scored.sum()), weight))
    return "\n".join(lines) + "\n"


def _people(found: CohortScores, number: int, file: ScoringFile, matched: int, weight: float) -> Sequence[str]:
    totals = found.totals
    spread = np.sqrt(np.maximum(totals.variance[:, number], 0))
    licence = " ".join(file.about.licence.split()) or "none stated in the file"
    head = f"\t{len(file)}\t{matched}"
    return [
        f"{name}\t{file.about.id}\t{f'{value:.9g}' if enough else ''}\t{f'{wide:.6g}' if enough else ''}"
        f"{head}\t{missing}\t{weight:.6g}\t{licence}\t{unknown}"
        for name, value, wide, missing, unknown, enough in zip(
            found.samples,
            totals.value[:, number].tolist(),
            spread.tolist(),
            totals.unseen[:, number].tolist(),
            totals.unknown[:, number].tolist(),
            found.enough[:, number].tolist(),
            strict=True,
        )
    ]
