"""Reads PLINK 1 genotype files (.bed, .bim, .fam): who is in them, which variants, and chunks of dosages.

The two letters of a .bim are not known to be reference and alternative; the second one, A2, stands first here, as PLINK 2
takes it.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError
from nof1.model.allele_codes import AlleleCodes, Codes, chromosome_number, place
from nof1.model.scores import Floats, TargetVariants

_MAGIC = b"\x6c\x1b"
_PER_BYTE = 4
_MISSING = 1  # the two bits 01; 00 two A1, 10 one of each, 11 two A2
_DOSAGE = (2.0, 0.0, 1.0, 0.0)
_SEX = {"1": 1, "2": 2}
_POSITION = re.compile(r"-?[0-9]{1,10}")
_ASK = "give the .bed of a PLINK 1 set, with its .bim and .fam beside it"


def _tables() -> tuple[Floats, NDArray[np.bool_]]:
    """For each byte the copies of A1 of its four people, 0 where missing, and whether one is missing."""
    codes = np.arange(256)[:, None] >> (2 * np.arange(_PER_BYTE)) & 3
    return np.array(_DOSAGE)[codes], (codes == _MISSING).any(axis=1)


_COPIES, _HAS_MISSING = _tables()


class PlinkFile:
    """An open PLINK 1 set. Raises ``GenomeError`` when a file is absent, damaged, or does not fit the others.

    ``samples`` (people,) names; ``sex`` (people,) 1 male, 2 female, 0 not said; ``variants``: of each the alleles A2, A1, so
    that column 2 v + 1 of the flat alleles is A1 of variant v.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        beside = [path.with_suffix(suffix) for suffix in (".bim", ".fam")]
        self.variants = _variants(beside[0])
        self.samples, self.sex = _people(beside[1])
        self.stride = -(-len(self.samples) // _PER_BYTE)
        self._bytes = self._open()

    def _open(self) -> NDArray[np.uint8]:
        try:
            with open(self.path, "rb") as file:
                head = file.read(3)
                file.seek(0, 2)
                size = file.tell()
        except OSError as error:
            raise GenomeError(f"{self.path}: cannot be opened ({error.strerror}); check the path") from None
        if head[:2] != _MAGIC:
            raise GenomeError(f"{self.path}: does not begin like a .bed file; {_ASK}")
        if head[2:] != b"\x01":
            raise GenomeError(f"{self.path}: is stored person by person; make it anew with plink2 --make-bed")
        expected = 3 + len(self.variants) * self.stride
        if size != expected:
            raise GenomeError(
                f"{self.path}: {size} bytes, expected {expected} for {len(self.variants)} variants and {len(self.samples)} "
                "people; the file is cut short or belongs to another .bim or .fam"
            )
        whole = np.memmap(self.path, np.uint8, "r", offset=3)
        return whole.reshape(len(self.variants), self.stride)

    def dosages(self, columns: NDArray[np.intp]) -> tuple[Floats, tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Copies of A1, by numbers of variants: (columns, people) float64, and which are missing (column, person); missing
        ones count 0."""
        packed = np.asarray(self._bytes[columns])
        people = len(self.samples)
        dosage = _COPIES.take(packed, axis=0).reshape(len(columns), -1)[:, :people]
        return dosage, self._missing(packed, people)

    @staticmethod
    def _missing(packed: NDArray[np.uint8], people: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        flat = packed.ravel()
        bytes_ = np.flatnonzero(_HAS_MISSING.take(flat))
        variant, column = np.divmod(bytes_, packed.shape[1])
        codes = flat[bytes_][:, None] >> (2 * np.arange(_PER_BYTE, dtype=np.uint8)) & 3
        which, place_in_byte = np.nonzero(codes == _MISSING)
        person = column[which] * _PER_BYTE + place_in_byte
        real = person < people
        return variant[which][real], person[real]


def text_lines(path: Path, ask: str = _ASK) -> list[str]:
    """Lines of a text beside the genotypes; ``GenomeError``, with what to do, where it cannot be read or holds nothing."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is no text"
        raise GenomeError(f"{path}: cannot be read ({reason}); {ask}") from None
    if not text.strip():
        raise GenomeError(f"{path}: is empty; {ask}")
    return text.splitlines()


def unique(path: Path, names: list[str], column: str) -> tuple[str, ...]:
    """The names of people; ``GenomeError`` where one stands twice, or there is none."""
    if not names:
        raise GenomeError(f"{path}: names nobody; the file is cut short, copy it again")
    twice, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise GenomeError(f"{path}: {twice!r} stands in it twice; names ({column}) must differ")
    return tuple(names)


def _variants(path: Path) -> TargetVariants:
    codes = AlleleCodes()
    chromosomes: dict[str, int] = {}
    lines = text_lines(path)
    places = np.zeros(len(lines), np.int64)
    alleles = np.zeros(2 * len(lines), np.int64)
    for row, line in enumerate(lines):
        fields = line.split()
        if len(fields) != 6 or not _POSITION.fullmatch(fields[3]):
            raise GenomeError(f"{path} line {row + 1}: {line[:60]!r} is no variant (six columns, the fourth a position)")
        if fields[0] not in chromosomes:
            chromosomes[fields[0]] = chromosome_number({"25": "X", "26": "MT"}.get(fields[0], fields[0]))
        places[row] = place(chromosomes[fields[0]], int(fields[3]))
        alleles[2 * row], alleles[2 * row + 1] = codes[fields[5]], codes[fields[4]]
    return TargetVariants(places, np.arange(0, 2 * len(lines) + 1, 2), alleles)


def _people(path: Path) -> tuple[tuple[str, ...], Codes]:
    names, sex = [], []
    for number, line in enumerate(text_lines(path), start=1):
        fields = line.split()
        if len(fields) < 5:
            raise GenomeError(f"{path} line {number}: {line[:60]!r} is no person (six columns)")
        names.append(fields[1])
        sex.append(_SEX.get(fields[4], 0))
    return unique(path, names, "second column"), np.array(sex, np.int64)
