"""Which genome build a set of files is on, and how what is read on it comes to the alleles of the knowledge's build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from nof1.errors import GenomeError, RequestError
from nof1.genomics.contigs import RCRS_LENGTH, canonical_build
from nof1.genomics.site import Cells, Site
from nof1.model.genome import CallCode, Locus, SiteNote
from nof1.model.panel import PanelGene

MITOCHONDRION = "chrM"
_SHOWN = 5


class DeclaresBuild(Protocol):
    """A file as far as its build goes: the build its header names and the words it is known by, both may be empty."""

    path: Path
    build: str
    build_from: str


def set_build(files: Sequence[DeclaresBuild], asked: str, known: Sequence[str]) -> str:
    """The one build of ``files``, what a header says before what ``asked`` (--build) says; empty when nobody says.

    ``known`` are the builds that can be read. Raises ``RequestError`` for a build nobody reads, ``GenomeError`` for a
    file on another build than can be read, than was asked, or than the other files.
    """
    stated = canonical_build(asked) if asked else ""
    readable = " or ".join(known)
    if asked and stated not in known:
        raise RequestError(f"--build is {asked!r}; files on {readable} can be read")
    first: DeclaresBuild | None = None
    for file in files:
        if not file.build:
            continue
        if file.build not in known:
            raise GenomeError(f"{file.path}: is on {file.build} ({file.build_from}); lift the file over to {readable}")
        if stated and file.build != stated:
            raise GenomeError(
                f"{file.path}: is on {file.build} ({file.build_from}), but --build is {asked!r}; leave --build out"
            )
        first = first or file
        if file.build != first.build:
            raise GenomeError(
                f"{file.path}: is on {file.build} ({file.build_from}), {first.path} on {first.build} "
                f"({first.build_from}); give files of one build"
            )
    return first.build if first else stated


def in_order(cells: Iterator[Cells], gene: PanelGene, people: int, names: tuple[str, ...]) -> Iterator[Cells]:
    """``cells`` read on another build as those of ``gene``'s loci, in their order.

    A locus that the other build does not have is not covered in anybody.
    """
    loci = {locus.id: locus for locus in gene.loci}
    ready: dict[str, Cells] = {}
    exhausted = False
    for locus in gene.loci:
        while locus.id not in ready and not exhausted:
            found = next(cells, None)
            exhausted = found is None
            if found is not None:
                ready[found.locus.id] = translated(found, loci[found.locus.id])
        yield ready.pop(locus.id) if locus.id in ready else Site(locus, people, names).close([])


def translated(cells: Cells, locus: Locus) -> Cells:
    """``cells`` with the allele numbers of ``locus``: 0 is its reference, whatever the reference of the file's build.

    A person who is reference on the other build without an own record, and not on this one, has a genotype (CALLED).
    """
    documented = [locus.ref, *locus.alts]
    alleles = [*documented, *(text for text in cells.alleles if text not in documented)]
    if alleles != cells.alleles:
        numbers = np.array([alleles.index(text) for text in cells.alleles], np.int16)
        cells.first = np.where(cells.first >= 0, numbers[np.maximum(cells.first, 0)], cells.first)
        cells.second = np.where(cells.second >= 0, numbers[np.maximum(cells.second, 0)], cells.second)
        varies = (cells.code == CallCode.HOM_REF) & ((cells.first > 0) | (cells.second > 0))
        cells.code[varies] = CallCode.CALLED
        cells.alleles = alleles
    cells.locus = locus
    return cells


def missing_note(gene: PanelGene, there: PanelGene | None, build: str) -> SiteNote | None:
    """A note of the loci of ``gene`` that are not known on ``build``; ``None`` when all are."""
    known = {locus.id for locus in there.loci} if there else set[str]()
    absent = [locus.id for locus in gene.loci if locus.id not in known]
    if not absent:
        return None
    shown = ", ".join(absent[:_SHOWN]) + (f" and {len(absent) - _SHOWN} more" if len(absent) > _SHOWN else "")
    text = f"{shown}: no {build} position is known, so a {build} file says nothing about it"
    return SiteNote("grch38_only", gene.chromosome, gene.gene, text)


def mitochondrial_note(path: Path, length: int) -> SiteNote:
    """A note that the mitochondrial sequence of a file is another one than positions are given on."""
    text = f"{path.name}: chrM has {length} bases and is not rCRS, which has {RCRS_LENGTH}; nothing on it is read"
    return SiteNote("not_rcrs", MITOCHONDRION, "", text)
