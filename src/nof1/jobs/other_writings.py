"""Alleles of one person that hold, or may be, a known change which tables write in another way: each to be reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from nof1.genomics.fasta import Fasta
from nof1.jobs.known_sites import GeneSites, Site, allele_text
from nof1.model.alignment import Placed
from nof1.model.variants import Allele, ObservedVariant, Zygosity
from nof1.variants.spelled import REPEAT, changed, is_several, is_within, makes, other_writing, single_changes, together

_ON_EVERY_COPY = (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS)
_NAMED = 3  # known changes that are told; there may be more
_APART = "{} written as {}, and that they stand on one copy is {}"


def with_other_writings(
    observed: Sequence[ObservedVariant], sites: Mapping[str, GeneSites], fasta: Fasta | None
) -> list[ObservedVariant]:
    """``observed`` with what known changes they hold or may be; after them, known changes that several of them make.

    Each keeps its own allele, has the assertions of the known change, a ``doubt`` that says so, and ``includes``. Where
    ``fasta`` shows that a known insertion or deletion is the same one, written elsewhere in a repeat, there is no doubt.
    """
    found = [_holding(one, sites[one.gene], fasta) if one.gene in sites else one for one in observed]
    for gene, known in sites.items():
        found += _made(known, [one for one in observed if one.gene == gene])
    return found


def _holding(one: ObservedVariant, known: GeneSites, fasta: Fasta | None) -> ObservedVariant:
    """``one`` with the known changes that it holds or may be, best reviewed first."""
    if len(one.allele.ref) == len(one.allele.alt) == 1:
        return one
    near = known.near(*changed(one.allele), REPEAT)
    held: list[tuple[Site, str]] = []
    for number in near[np.argsort(-known.stars[near], kind="stable")].tolist():
        site = known.site(number)
        if site.allele == one.allele:
            return one
        if words := other_writing(one.allele, site.allele):
            aligned = None if is_several(one.allele) else _aligned(site.allele, fasta)
            if aligned == one.allele:
                return replace(one, assertions=(*one.assertions, *site.assertions))
            if aligned is None:
                held.append((site, words))
    if not held:
        return one
    told = "; ".join([one.doubt] * bool(one.doubt) + [words.format(site.text) for site, words in held[:_NAMED]])
    said = tuple(item for site, _ in held for item in site.assertions)
    includes = tuple(site.allele for site, _ in held)
    return replace(one, assertions=(*one.assertions, *said), doubt=told, includes=includes)


def _aligned(allele: Allele, fasta: Fasta | None) -> Allele | None:
    """A known insertion or deletion moved to the left; ``None`` where the sequence there is not at hand."""
    if fasta is None:
        return None
    made = fasta.normal_forms(allele.chromosome, np.array([allele.position], np.int64), [allele.ref], [allele.alt])
    if made.placed[0] != Placed.ALIGNED:
        return None
    return Allele(allele.chromosome, int(made.positions[0]), made.refs[0], made.alts[0])


def _made(known: GeneSites, observed: Sequence[ObservedVariant]) -> list[ObservedVariant]:
    """Known changes of several bases that the file writes as several records."""
    found: list[ObservedVariant] = []
    if len(observed) < 2:
        return found
    own = {one.allele for one in observed}
    for number in _several_near(known, observed):
        site = known.site(number)
        pieces = [[part for part in single_changes(one.allele) if is_within(part, site.allele)] for one in observed]
        parts = [one for one, mine in zip(observed, pieces, strict=True) if mine]
        if site.allele in own or len(parts) < 2 or not makes(site.allele, [part for mine in pieces for part in mine]):
            continue
        if (zygosity := together(parts)) is not None:
            found.append(_as_one(site, parts, zygosity))
    return found


def _several_near(known: GeneSites, observed: Sequence[ObservedVariant]) -> list[int]:
    """Numbers of sites on several bases that lie where at least two alleles were observed."""
    numbers, counts = np.unique(
        np.concatenate([known.near(*changed(one.allele), 1) for one in observed]), return_counts=True
    )  # fmt: skip
    return [one for one in numbers[counts > 1].tolist() if len(known.site(one).allele.ref) > 1]


def _as_one(site: Site, parts: Sequence[ObservedVariant], zygosity: Zygosity) -> ObservedVariant:
    written = " and ".join(allele_text(one.allele) for one in parts)
    sure = "certain" if all(part.zygosity in _ON_EVERY_COPY for part in parts) else "to be shown"
    doubts = [part.doubt for part in parts if part.doubt]
    return replace(
        parts[0], allele=site.allele, zygosity=zygosity, assertions=site.assertions, consequences=(),
        doubt="; ".join([*doubts, _APART.format(site.text, written, sure)]), place=", ".join(part.place for part in parts),
    )  # fmt: skip
