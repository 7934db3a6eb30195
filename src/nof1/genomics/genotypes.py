"""One person's genotype at one record as the text has it: zygosity of an alternative, phase, quality, depth."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nof1.genomics.columns import FORMAT, Records
from nof1.genomics.fields import MOST
from nof1.model.allele_arrays import Ints
from nof1.model.variants import Zygosity

WHOLE_CHROMOSOME = -1  # the phase set of phased genotypes without PS: by the VCF specification they belong together
_ONE_COPY = ("chrY", "chrM")
_BOTH, _GT = b"0/0", b"GT"
_ZERO, _SLASH, _BAR, _COLON = b"0/|:"


@dataclass(frozen=True, slots=True)
class Genotype:
    """What a sample's column says. ``alleles``: numbers, -1 for missing; none where there is no GT.

    ``filters``: FT; ``depths``: reads by allele (AD), empty where they are not all given.
    """

    written: str
    alleles: tuple[int, ...]
    is_phased: bool
    phase_set: int
    quality: float
    depth: int
    filters: str = "."
    depths: tuple[int, ...] = ()

    def is_half(self, number: int) -> bool:
        """Whether an allele that is not called might be alternative ``number``, which is not among those called."""
        return -1 in self.alleles and number not in self.alleles and not self.is_missing

    @property
    def is_missing(self) -> bool:
        """Whether no allele is called."""
        return all(allele < 0 for allele in self.alleles)

    def zygosity(self, number: int, chromosome: str) -> Zygosity | None:
        """How alternative ``number`` is carried; ``None`` where it is not, ``UNKNOWN`` where that cannot be told.

        A haploid genotype is hemizygous, and so is one of two equal alleles where there is one copy (Y, mitochondrion).
        Two different alleles there, or a missing one beside whatever is called, cannot be told.
        """
        copies = self.alleles.count(number)
        if not copies:
            return Zygosity.UNKNOWN if self.is_missing or -1 in self.alleles else None
        if len(self.alleles) == 1:
            return Zygosity.HEMIZYGOUS
        if copies == len(self.alleles):
            return Zygosity.HEMIZYGOUS if chromosome in _ONE_COPY else Zygosity.HOMOZYGOUS
        if chromosome in _ONE_COPY or -1 in self.alleles:
            return Zygosity.UNKNOWN
        return Zygosity.HETEROZYGOUS

    def must_fit(self, alternatives: int) -> None:
        """Raise ``ValueError`` where an allele number is above the ``alternatives`` of the record."""
        if max(self.alleles, default=0) > alternatives:
            has = f"but the record has {alternatives} alternative{'s' if alternatives > 1 else ''}"
            raise ValueError(f"GT is {self.written!r}, {has}; correct the line or make the file again")

    def is_one_sided(self, alternatives: int) -> bool:
        """Whether two different alleles are called and all reads are of one of them (AD)."""
        if len(self.depths) != alternatives + 1 or len(set(self.alleles)) < 2 or -1 in self.alleles or not sum(self.depths):
            return False
        return any(self.depths[allele] == 0 for allele in self.alleles)

    def strand(self, number: int) -> int:
        """On which strand of its phase set alternative ``number`` lies, -1 where that is not known."""
        if not self.is_phased or self.alleles.count(number) != 1 or len(self.alleles) != 2:
            return -1
        return self.alleles.index(number)


def genotype(keys: bytes, values: bytes) -> Genotype:
    """The genotype of one sample: ``keys`` of FORMAT, ``values`` of its column.

    Raises ``ValueError`` where GT is no genotype.

    >>> found = genotype(b"GT:DP:GQ:PS", b"0|1:30:99:7")
    >>> found.alleles, found.zygosity(1, "chr2"), found.strand(1), found.phase_set, found.depth
    ((0, 1), <Zygosity.HETEROZYGOUS: 'heterozygous'>, 1, 7, 30)
    """
    fields = dict(zip(keys.split(b":"), values.split(b":"), strict=False))
    written, alleles, is_phased = _called(fields.get(b"GT", b""))
    return Genotype(
        written, alleles, is_phased, _phase_set(fields.get(b"PS", b".")) if is_phased else 0,
        _number(fields.get(b"GQ", b".")), int(_whole(fields.get(b"DP", b"."))),
        fields.get(b"FT", b".").decode("utf-8", "replace"), _depths(fields.get(b"AD", b".")),
    )  # fmt: skip


def has_reference_alone(found: Records, chosen: Ints, column: int) -> NDArray[np.bool_]:
    """Of ``chosen`` records, (chosen,): whether the sample in ``column`` has 0/0 or 0|0, at first sight.

    Of the others nothing is said.
    """
    at, end = found.begin(column)[chosen], found.ends[chosen, column]
    form, text = found.begin(FORMAT)[chosen], found.text
    is_long = end - at >= len(_BOTH)
    at = np.where(is_long, at, 0)
    sign, after = text[at + 1], text[np.minimum(at + 3, len(text) - 1)]
    says = (text[at] == _ZERO) & ((sign == _SLASH) | (sign == _BAR)) & (text[at + 2] == _ZERO)
    is_first = (text[form] == _GT[0]) & (text[form + 1] == _GT[1])
    is_first &= (found.ends[chosen, FORMAT] - form == len(_GT)) | (text[form + 2] == _COLON)
    answer: NDArray[np.bool_] = is_long & says & is_first & ((end - at == len(_BOTH)) | (after == _COLON))
    return answer


@lru_cache(maxsize=4096)
def _called(written: bytes) -> tuple[str, tuple[int, ...], bool]:
    """GT as written, its alleles, and whether it is phased; few different ones stand in a file."""
    text = written[1:] if written[:1] in (b"/", b"|") else written
    parts = text.replace(b"|", b"/").split(b"/") if text else []
    if any(not (part == b"." or (part.isdigit() and len(part) < 5)) for part in parts):
        shown = written[:60].decode("utf-8", "replace")
        raise ValueError(f"GT is {shown!r}, expected allele numbers like 0/1; correct the line")
    alleles = tuple(-1 if part == b"." else int(part) for part in parts)
    return written.decode("ascii"), alleles, b"|" in text and b"/" not in text


@lru_cache(maxsize=4096)
def _depths(text: bytes) -> tuple[int, ...]:
    parts = text.split(b",")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()


def _phase_set(text: bytes) -> int:
    if text in (b"", b"."):
        return WHOLE_CHROMOSOME
    if text.isdigit():
        return min(int(text), MOST) or WHOLE_CHROMOSOME
    return zlib.crc32(text) & MOST | 1


def _number(text: bytes) -> float:
    try:
        found = float(text)
    except ValueError:
        return float("nan")
    return found if math.isfinite(found) else float("nan")


def _whole(text: bytes) -> int:
    return int(text) if text.isdigit() else -1
