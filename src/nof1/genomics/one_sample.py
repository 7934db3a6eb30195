"""One person's records of a VCF text, read without arrays: a score may ask for a million of them.

What is usable is judged as ``vcf.GenomeFile`` judges it; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nof1.genomics import diagnose
from nof1.genomics.contigs import chromosome
from nof1.genomics.fields import is_accepted
from nof1.genomics.text import written_end
from nof1.genomics.vcf import CATCH_ALL, PASSING, Quality
from nof1.model.allele_codes import chromosome_number
from nof1.model.genome import MISSING, NO_STRAND

_NUMBERS = ((b"GQ", b"RGQ", b"GQX"), (b"MIN_DP", b"DP"))


@dataclass(frozen=True, slots=True)
class OneRecord:
    """One record as it speaks of one person; ``first`` and ``second`` are alleles, -1 missing, -2 no second strand."""

    chromosome: int
    position: int
    end: int
    ref: str
    alts: tuple[str, ...]
    first: int
    second: int
    usable: bool

    @property
    def is_block(self) -> bool:
        """Whether it only says "reference here", for one base or a run of them."""
        return all(alt in CATCH_ALL for alt in self.alts)

    @property
    def excludes_others(self) -> bool:
        """Whether it speaks about every other allele too."""
        return any(alt in CATCH_ALL for alt in self.alts)


@dataclass(frozen=True, slots=True)
class Form:
    """Where the fields of a FORMAT stand; -1 = nowhere. ``numbers``: quality, depth."""

    gt: int
    numbers: tuple[int, int]
    ft: int
    ad: int


def records_of(lines: Sequence[tuple[int, bytes]], column: int, columns: int, quality: Quality) -> Iterator[OneRecord]:
    """The records of ``lines`` (number, line) for the person in ``column`` of ``columns``.

    Raises ``ValueError`` with the number of a line that holds no genotype where it promises one.
    """
    judge = _Judge(quality)
    contigs: dict[bytes, int] = {}
    for number, line in lines:
        fields = line.split(b"\t")
        if fields[0] not in contigs:
            contigs[fields[0]] = chromosome_number(chromosome(fields[0].decode("utf-8", "replace")))
        position = int(fields[1])
        ref = fields[3].decode("utf-8", "replace").upper()
        alts = tuple(fields[4].decode("utf-8", "replace").upper().split(","))
        end = position + len(ref) - 1
        if fields[4] == b"." or b"<" in fields[4]:
            end = max(end, written_end(position, fields[4], fields[7]))
        said = judge.said(fields, column, 0 if alts == (".",) else len(alts))
        if said is None:
            raise ValueError(f"line {number}: {diagnose.line_problem(line, columns) or diagnose.unreadable(line)}")
        yield OneRecord(contigs[fields[0]], position, end, ref, alts, *said)


class _Judge:
    """Reads genotypes and says which are usable; what repeats is worked out once."""

    def __init__(self, quality: Quality) -> None:
        self.least = (quality.min_gq, float(quality.min_dp))
        self.depths = quality.allele_depths
        self.accepted = PASSING | quality.filters
        self._formats: dict[bytes, Form] = {}
        self._genotypes: dict[bytes, tuple[int, int, int] | None] = {}
        self._filters: dict[bytes, bool] = {b".": True, b"PASS": True}

    def said(self, fields: Sequence[bytes], column: int, alternatives: int) -> tuple[int, int, bool] | None:
        """First and second allele and whether they are usable; ``None`` for a genotype that cannot be read."""
        form = self._formats.get(fields[8]) or self._format(fields[8])
        values = fields[column].split(b":")
        if form.gt < 0:
            return MISSING, MISSING, False
        text = values[form.gt] if form.gt < len(values) else b"."
        if text not in self._genotypes:
            self._genotypes[text] = _genotype(text)
        known = self._genotypes[text]
        if known is None:
            return None
        first, second, strands = known
        usable = (first >= 0 or second >= 0) and strands <= 2 and max(first, second) <= alternatives
        return first, second, usable and self._passes(fields[6], values, form, first, second, alternatives)

    def _passes(
        self, filters: bytes, values: Sequence[bytes], form: Form, first: int, second: int, alternatives: int
    ) -> bool:
        if filters not in self._filters:
            self._filters[filters] = set(filters.decode("utf-8", "replace").split(";")) <= self.accepted
        if not self._filters[filters]:
            return False
        for at, least in zip(form.numbers, self.least, strict=True):
            if 0 <= at < len(values) and _number(values[at]) < least:
                return False
        if 0 <= form.ft < len(values) and not is_accepted(values[form.ft].decode("utf-8", "replace"), self.accepted):
            return False
        is_asked = self.depths and first != second and min(first, second) >= 0 and 0 <= form.ad < len(values)
        return not (is_asked and _is_one_sided(values[form.ad], first, second, alternatives))

    def _format(self, text: bytes) -> Form:
        self._formats[text] = made = form_of(text)
        return made


def form_of(text: bytes) -> Form:
    """Where the fields of a FORMAT stand."""
    keys = text.split(b":")
    first = [next((keys.index(key) for key in names if key in keys), -1) for names in _NUMBERS]
    at = [keys.index(key) if key in keys else -1 for key in (b"GT", b"FT", b"AD")]
    return Form(at[0], (first[0], first[1]), at[1], at[2])


def _genotype(text: bytes) -> tuple[int, int, int] | None:
    """First and second allele, and the number of strands; ``None`` for what is no genotype."""
    parts = text.lstrip(b"/|").replace(b"|", b"/").split(b"/")
    if not all(part == b"." or (part.isdigit() and len(part) < 5) for part in parts):
        return None
    alleles = [MISSING if part == b"." else int(part) for part in parts]
    return alleles[0], alleles[1] if len(alleles) > 1 else NO_STRAND, len(alleles)


def _number(text: bytes) -> float:
    """A number; infinite where none is given, so that it is below nothing. Of several the first counts."""
    try:
        return float(text.partition(b",")[0])
    except ValueError:
        return float("inf")


def _is_one_sided(text: bytes, first: int, second: int, alternatives: int) -> bool:
    """Whether a heterozygous genotype has reads on one of its alleles only."""
    depths = text.split(b",")
    if len(depths) != alternatives + 1 or not all(part.isdigit() for part in depths):
        return False
    one, two = int(depths[first]), int(depths[second])
    return any(int(part) for part in depths) and (one == 0 or two == 0)
