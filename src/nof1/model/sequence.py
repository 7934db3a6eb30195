"""A stretch of reference sequence at hand, and what letters of it mean: complement, codons, amino acids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_COMPLEMENT = str.maketrans("ACGTNRYSWKMBDHV", "TGCANYRSWMKVHDB")
_BASES = "TCAG"
_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"  # NCBI's translation table 1, in TCAG order
_MITOCHONDRIAL = "FFLLSSSSYY**CCWWLLLLPPPPHHQQRRRRIIMMTTTTNNKKSS**VVVVAAAADDEEGGGG"  # and table 2
_CODONS = [first + second + third for first in _BASES for second in _BASES for third in _BASES]
CODON = dict(zip(_CODONS, _STANDARD, strict=True))
MITOCHONDRIAL_CODON = dict(zip(_CODONS, _MITOCHONDRIAL, strict=True))
STOP = "*"
UNKNOWN = "X"
THREE_LETTERS = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile", "K": "Lys", "L": "Leu",
    "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser", "T": "Thr", "V": "Val", "W": "Trp", "Y": "Tyr",
    "*": "Ter", "X": "Xaa", "U": "Sec",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Window:
    """Bases of the forward strand of one chromosome, upper case; ``start``: 1-based position of the first of them."""

    chromosome: str
    start: int
    bases: str

    @property
    def end(self) -> int:
        """1-based position of the last base; ``start - 1`` where there is none."""
        return self.start + len(self.bases) - 1

    def holds(self, first: int, last: int) -> bool:
        """Whether every base from ``first`` to ``last`` (1-based, both included) is at hand.

        >>> Window("chr1", 11, "ACGT").holds(11, 14), Window("chr1", 11, "ACGT").holds(14, 15)
        (True, False)
        """
        return self.start <= first and last <= self.end

    def of(self, first: int, last: int) -> str:
        """The bases from ``first`` to ``last``, both included. Raises ``IndexError`` for bases that are not at hand.

        >>> Window("chr1", 11, "ACGT").of(12, 13)
        'CG'
        """
        if last >= first and not self.holds(first, last):
            raise IndexError(f"{self.chromosome}:{first}-{last} is not within {self.start}-{self.end}")
        return self.bases[first - self.start : last - self.start + 1]

    def letters(self) -> npt.NDArray[np.uint8]:
        """The bases as ASCII codes, (bases,) uint8."""
        return np.frombuffer(self.bases.encode("ascii"), dtype=np.uint8)


def reverse_complement(bases: str) -> str:
    """The other strand, read in its own direction.

    >>> reverse_complement("AACGN")
    'NCGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


def translate(bases: str, table: dict[str, str] = CODON) -> str:
    """One letter for each whole codon: ``*`` stops, ``X`` for a codon with a letter that is no base; a rest is left out.

    >>> translate("ATGGCNTAATG")
    'MX*'
    """
    return "".join([table.get(bases[at : at + 3], UNKNOWN) for at in range(0, len(bases) - 2, 3)])


def three_letters(protein: str) -> str:
    """Amino acids in the three letters that HGVS writes.

    >>> three_letters("MW*")
    'MetTrpTer'
    """
    return "".join(THREE_LETTERS[letter] for letter in protein)
