"""Moves insertions and deletions of a pass over a genome file to the left, by a reference."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

import numpy as np

from nof1.errors import RequestError
from nof1.genomics.fasta import Fasta
from nof1.genomics.inflate import VcfText
from nof1.jobs.allele_scan import declared_build
from nof1.jobs.reference import fasta_for
from nof1.model.alignment import WHY_NOT, Aligned, Placed
from nof1.model.allele_arrays import AlleleArrays


def aligner_of(files: Sequence[Path], build: str = "") -> LeftAligner:
    """What left-aligns alleles of ``files`` by the reference of their build that was brought last.

    ``build``: of files whose header does not say. Raises ``RequestError`` where no such reference was brought, or the build
    is not known, ``GenomeError`` for a file that cannot be read.
    """
    builds = {declared_build(VcfText(path), build)[0] for path in files}
    if len(builds) != 1 or not (wanted := builds.pop()):
        raise RequestError("--left-align needs files of one build whose header says it; say it with --build")
    fasta = fasta_for(wanted)
    if fasta is None:
        raise RequestError(f"--left-align needs a reference on {wanted}: bring one with nof1 knowledge add fasta FILE")
    return LeftAligner(fasta)


@dataclass(frozen=True, slots=True)
class LeftAligner:
    """Left-aligns alleles by ``fasta``. One whose sequence is not at hand, or whose REF it denies, stays as it is.

    ``left``: how many insertions and deletions stayed, by reason in words. Threads may share it.
    """

    fasta: Fasta
    left: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def __call__(self, alleles: AlleleArrays, names: tuple[str, ...]) -> AlleleArrays:
        """``alleles`` in their normal form; ``names`` of contigs by number."""
        moved = np.flatnonzero(alleles.ref_length != alleles.alt_length)
        if not moved.size:
            return alleles
        fields = ("position", "ref_at", "ref_length", "alt_at", "alt_length")
        held = {name: getattr(alleles, name).copy() for name in fields}
        parts, end = [alleles.text], len(alleles.text)
        for contig in np.unique(alleles.contig[moved]).tolist():
            rows = moved[alleles.contig[moved] == contig]
            made = self._made(names[contig], [alleles.written(one) for one in rows.tolist()])
            held["position"][rows] = made.positions
            for start, length, texts in (("ref_at", "ref_length", made.refs), ("alt_at", "alt_length", made.alts)):
                sizes = np.array([len(text) for text in texts], np.int64)
                held[start][rows] = end + np.cumsum(sizes) - sizes
                held[length][rows] = sizes
                parts.append(np.frombuffer("".join(texts).encode("ascii"), np.uint8))
                end += int(sizes.sum())
        return replace(alleles, text=np.concatenate(parts), **held)

    def _made(self, contig: str, written: Sequence[tuple[int, str, str]]) -> Aligned:
        positions = np.array([position for position, _, _ in written], np.int64)
        made = self.fasta.normal_forms(contig, positions, [ref for _, ref, _ in written], [alt for *_, alt in written])
        counts = np.bincount(made.placed, minlength=len(Placed))
        with self._lock:
            for why, words in WHY_NOT.items():
                if counts[why]:
                    self.left[words] += int(counts[why])
        return made
