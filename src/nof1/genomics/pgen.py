"""Reads PLINK 2 genotype files (.pgen, .pvar, .psam) through Pgenlib: who is in them, which variants, chunks of dosages.

Pgenlib is an extra. It gives dosages of imputation where the file holds them, as ``plink2 --score`` takes them.
"""

from __future__ import annotations

import re
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError
from nof1.genomics.plink import text_lines, unique
from nof1.model.allele_codes import AlleleCodes, Codes, chromosome_number, place
from nof1.model.scores import Floats, TargetVariants

MAGIC = b"\x6c\x1b"
_POSITION = re.compile(r"[0-9]{1,10}")
_SEX = {"1": 1, "M": 1, "MALE": 1, "2": 2, "F": 2, "FEMALE": 2}
_NAMES = {"25": "X", "26": "MT", "PAR1": "X", "PAR2": "X"}  # as PLINK writes them
_ASK = "give the .pgen of a PLINK 2 set, with its .pvar and .psam beside it"
_INSTALL = (
    "reading .pgen needs Pgenlib (pip install 'nof1[pgen]'); or make a .bed of it, with hard calls only: "
    "plink2 --pfile SET --make-bed --out SET"
)


class PgenFile:
    """An open PLINK 2 set. Raises ``GenomeError`` when Pgenlib or a file is absent, damaged, or does not fit the others.

    ``samples`` (people,) names; ``sex`` (people,) 1 male, 2 female, 0 not said; ``variants`` as the .pvar has them, the
    reference first, any number of alternatives.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if find_spec("pgenlib") is None:
            raise GenomeError(f"{path}: {_INSTALL}")
        if not path.with_suffix(".pvar").exists() and path.with_suffix(".pvar.zst").exists():
            raise GenomeError(f"{path.with_suffix('.pvar.zst')}: is compressed; unpack it with plink2 --zst-decompress")
        self.variants = _variants(path.with_suffix(".pvar"))
        self.samples, self.sex = _people(path.with_suffix(".psam"))
        self._reader = self._open()

    def _open(self) -> Any:
        start = self.variants.start
        several = bool((np.diff(start) > 2).any())
        try:
            with open(self.path, "rb") as file:
                head = file.read(2)
            if head != MAGIC:
                raise GenomeError(f"{self.path}: does not begin like a .pgen file; {_ASK}")
            return import_module("pgenlib").PgenReader(
                str(self.path).encode(),
                len(self.samples),
                len(self.variants),
                allele_idx_offsets=start.astype(np.uintp) if several else None,
            )
        except OSError as error:
            raise GenomeError(f"{self.path}: cannot be opened ({error.strerror}); check the path") from None
        except (RuntimeError, AssertionError, ValueError) as error:
            raise GenomeError(f"{self.path}: {_said(error)}; it is damaged or belongs to another .pvar or .psam") from None

    def dosages(self, columns: NDArray[np.intp]) -> tuple[Floats, tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Copies of alleles, by their number among the flat ones of ``variants``: (columns, people) float64, and which are
        missing (column, person); missing ones count 0."""
        variant = np.searchsorted(self.variants.start, columns, "right") - 1
        allele = columns - self.variants.start[variant]
        dosage = np.zeros((len(columns), len(self.samples)))
        for row, (at, counted) in enumerate(zip(variant.tolist(), allele.tolist(), strict=True)):
            try:
                self._reader.read_dosages(at, dosage[row], counted)
            except RuntimeError as error:
                raise GenomeError(f"{self.path}: variant {at + 1} cannot be read ({_said(error)}); copy the file") from None
        which, who = np.nonzero(dosage < 0)
        dosage[which, who] = 0
        return dosage, (which, who)


def _said(error: Exception) -> str:
    """What the library says, in one line without its full stop."""
    text = error.args[0] if error.args else "cannot be read"
    words = text.decode(errors="replace") if isinstance(text, bytes) else str(text)
    return " ".join(words.split()).rstrip(".") or "cannot be read"


def _variants(path: Path) -> TargetVariants:
    codes = AlleleCodes()
    lines = text_lines(path, _ASK)
    first = next((at for at, line in enumerate(lines) if not line.startswith("##")), len(lines))
    names = lines[first].split() if first < len(lines) else []
    if names[:5] != ["#CHROM", "POS", "ID", "REF", "ALT"]:
        raise GenomeError(f"{path}: has no line that begins with #CHROM POS ID REF ALT; {_ASK}")
    numbers: dict[str, int] = {}
    rows = lines[first + 1 :]
    places, start, alleles = np.zeros(len(rows), np.int64), [0], list[int]()
    for row, line in enumerate(rows):
        fields = line.split(maxsplit=5)
        if len(fields) < 5 or not _POSITION.fullmatch(fields[1]):
            raise GenomeError(f"{path} line {first + row + 2}: {line[:60]!r} is no variant (CHROM, POS, ID, REF, ALT)")
        if fields[0] not in numbers:
            numbers[fields[0]] = chromosome_number(_NAMES.get(fields[0], fields[0]))
        places[row] = place(numbers[fields[0]], int(fields[1]))
        alleles.append(codes[fields[3]])
        alleles.extend(codes[text] for text in fields[4].split(","))
        start.append(len(alleles))
    return TargetVariants(places, np.array(start, np.int64), np.array(alleles, np.int64))


def _people(path: Path) -> tuple[tuple[str, ...], Codes]:
    lines = [line for line in text_lines(path, _ASK) if not line.startswith("##")]
    names = lines[0].lstrip("#").split() if lines and lines[0].startswith(("#FID", "#IID")) else []
    if "IID" not in names:
        raise GenomeError(f"{path}: has no line that begins with #FID or #IID; {_ASK}")
    at, sex_at = names.index("IID"), names.index("SEX") if "SEX" in names else -1
    people, sex = [], []
    for number, line in enumerate(lines[1:], start=2):
        fields = line.split()
        if len(fields) < len(names):
            raise GenomeError(f"{path} line {number}: {line[:60]!r} has {len(fields)} columns, expected {len(names)}")
        people.append(fields[at])
        sex.append(_SEX.get(fields[sex_at].upper(), 0) if sex_at >= 0 else 0)
    return unique(path, people, "IID"), np.array(sex, np.int64)
