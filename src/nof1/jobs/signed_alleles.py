"""What a site's curators signed, by allele, each written as alleles of genome files are: trimmed, and left-aligned."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from nof1.errors import RequestError
from nof1.genomics.fasta import Fasta
from nof1.jobs.carried import Place
from nof1.knowledge.curation import CuratedAllele, CuratedVariant, read_curation
from nof1.knowledge.schema import Knowledge
from nof1.model.alignment import trim
from nof1.model.variants import Assertion
from nof1.variants.curated import signed_assertions


def curated_alleles(known: Knowledge, curation: Path | None, fasta: Fasta | None, today: date) -> dict[str, CuratedVariant]:
    """What the curators wrote on each allele (``chr:position:ref:alt``), left-aligned by ``fasta``.

    Raises ``RequestError`` for a file that is wrong, or has one allele in two writings.
    """
    if curation is None or known.criteria.points is None:
        return {}
    rows: dict[str, CuratedVariant] = {}
    for row in read_curation(curation, known.criteria.points, today).values():
        normal = msgspec.structs.replace(row, allele=_normal(row.allele, fasta))
        if normal.allele.text in rows:
            raise RequestError(
                f"curation file {curation.name}: {row.allele.text} is {normal.allele.text}, which is written there too; "
                "put all decisions on it under one entry"
            )
        rows[normal.allele.text] = normal
    return rows


def signed_alleles(curated: Mapping[str, CuratedVariant]) -> dict[str, tuple[Place, Assertion]]:
    """Where each signed allele of ``curated`` lies, and what is said of it."""
    said = signed_assertions(list(curated.values()))
    return {text: (_place(curated[text]), item) for text, item in said.items()}


def _normal(allele: CuratedAllele, fasta: Fasta | None) -> CuratedAllele:
    position, ref, alt = trim(allele.position, allele.ref, allele.alt)
    if fasta is not None:
        made = fasta.normal_forms(allele.chromosome, np.array([position], np.int64), [ref], [alt])
        position, ref, alt = int(made.positions[0]), made.refs[0], made.alts[0]
    return CuratedAllele(allele.chromosome, position, ref, alt)


def _place(row: CuratedVariant) -> Place:
    allele = row.allele
    return Place(allele.chromosome, allele.position, allele.position + len(allele.ref) - 1, row.gene)
