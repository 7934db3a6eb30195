"""Rows of a scoring file as columns: places, alleles and weights of each, or the reason why it cannot be scored."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress, islice
from pathlib import Path

import numpy as np

from nof1.errors import RequestError
from nof1.knowledge.score_header import weights_taken
from nof1.model.allele_codes import NO_SEQUENCE, AlleleCodes, Codes, chromosome_number, place
from nof1.model.scores import Fate, Floats, ScoreAbout, ScoringFile

DOSAGES = ("dosage_0_weight", "dosage_1_weight", "dosage_2_weight")
_CHUNK = 1 << 15  # rows taken apart at once
_TRIMMED = " \r\x0b\x0c\x1c\x1d\x1e\x1f"  # what str.strip takes away of ASCII, but for tabs and line ends
_LARGEST = 1e100  # of a weight: sums of weights and of their squares stay finite
_MOST_DIGITS = 9  # of a position; no chromosome has 1e9 bases
_TRUE, _FALSE = frozenset({"TRUE", "T", "1", "YES"}), frozenset({"", "FALSE", "F", "0", "NO", "NA", "NR"})
_NO_VALUE = frozenset({"", "NA", "NR", ".", "NAN", "NONE"})
_KINDS = {
    "is_haplotype": Fate.HAPLOTYPE,
    "is_diplotype": Fate.DIPLOTYPE,
    "is_interaction": Fate.INTERACTION,
}
_READ = frozenset(
    {"rsID", "chr_name", "chr_position", "effect_allele", "other_allele", "effect_weight", "effect_type",
     "allelefrequency_effect", "is_dominant", "is_recessive", "hm_rsID", "hm_chr", "hm_pos", "hm_inferOtherAllele",
     *_KINDS, *DOSAGES}
)  # fmt: skip


class _Wrong(Exception):
    """A row (counted within its chunk) that cannot be read, and why."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(problem)
        self.row = row
        self.problem = problem


class Rows:
    """Rows of one file, chunk by chunk, as columns."""

    def __init__(self, path: Path, columns: dict[str, int], about: ScoreAbout) -> None:
        self.path, self.columns, self.about = path, columns, about
        self.width = max(columns.values()) + 1
        self.is_logged = weights_taken(about.weight_type)[1]
        self.codes = AlleleCodes()
        self.others: dict[int, tuple[int, ...]] = {}
        self.rows = 0

    def all(self, lines: Iterator[str], number: int) -> ScoringFile:
        """Every row; ``number`` is that of the line of names."""
        parts: list[tuple[Codes, ...]] = []
        weights: list[Floats] = []
        frequency: list[Floats] = []
        names: list[str] = []
        while chunk := list(islice(lines, _CHUNK)):
            is_blank = np.fromiter(map(str.isspace, chunk), bool, len(chunk))
            kept = np.flatnonzero(~is_blank) + number + 1
            number += len(chunk)
            if not len(kept):
                continue
            try:
                table, rs = self._chunk(list(compress(chunk, ~is_blank)) if is_blank.any() else chunk)
            except _Wrong as wrong:
                raise RequestError(f"{self.path} line {kept[wrong.row]}: {wrong.problem}") from None
            parts.append((kept, *table[:5]))
            weights.append(table[5])
            frequency.append(table[6])
            names.extend(rs)
            self.rows += len(kept)
        if not parts:
            raise RequestError(f"{self.path}: has column names and no rows; the file is cut short, copy it again")
        line, own, harmonised, effect, other, refused = (np.concatenate(column) for column in zip(*parts, strict=True))
        made = ScoringFile(
            self._told(), line, own, harmonised, effect, other, self.others, np.concatenate(weights),
            refused.astype(np.uint8), tuple(names), np.concatenate(frequency),
        )  # fmt: skip
        self._require_places(made)
        if not made.weights.any():
            raise RequestError(f"{self.path}: every weight of its {len(made)} rows adds 0; the file says nothing of anybody")
        return made

    def _told(self) -> ScoreAbout:
        declared = self.about.declared_variants
        if not declared or declared == self.rows:
            return self.about
        return replace(self.about, notes=(f"the header declares {declared} variants, the file has {self.rows}",))

    def _require_places(self, made: ScoringFile) -> None:
        usable = made.refused == 0
        if usable.any() and not (made.own[usable].any() or made.harmonised[usable].any()):
            raise RequestError(
                f"{self.path}: none of its {len(made)} rows has a position (first: line {int(made.line[0])}); the variants "
                "were not found when the file was harmonised, so it cannot be scored"
            )

    def _chunk(self, lines: Sequence[str]) -> tuple[tuple[Codes, Codes, Codes, Codes, Codes, Floats, Floats], list[str]]:
        used = {name: at for name, at in self.columns.items() if name in _READ}
        flat = _cells(lines, self.width)
        if flat is not None:
            by_name = {name: flat[at :: self.width] for name, at in used.items()}
        else:
            split = self._split(lines)
            by_name = {name: [fields[at].strip() for fields in split] for name, at in used.items()}
        count = len(lines)
        effect, refused = self._effect(by_name["effect_allele"], by_name, count)
        other = self._other(by_name, count, refused)
        refused = np.where((refused == 0) & (effect == other) & (effect != NO_SEQUENCE), int(Fate.SAME_ALLELE), refused)
        own = self._places(by_name, "chr_name", "chr_position", refused)
        harmonised = self._places(by_name, "hm_chr", "hm_pos", refused)
        weights = self._weights(by_name, count, refused)
        frequency = self._numbers(by_name.get("allelefrequency_effect"), count, "allelefrequency_effect", required=False)
        rs = by_name.get("hm_rsID") or by_name.get("rsID") or [""] * count
        return (own, harmonised, effect, other, refused.astype(np.int64), weights, frequency), rs

    def _split(self, lines: Sequence[str]) -> list[list[str]]:
        """Cells line by line, where lines differ in length or cells must be trimmed."""
        split = [line.rstrip("\r\n").split("\t") for line in lines]
        for row, fields in enumerate(split):
            if len(fields) < self.width:
                fields.extend([""] * (self.width - len(fields)))  # empty columns at the end are often cut off
            elif any(fields[self.width :]):
                raise _Wrong(row, f"{len(fields)} columns, expected {self.width}; the line is damaged")
        return split

    def _effect(self, texts: Sequence[str], by_name: dict[str, list[str]], count: int) -> tuple[Codes, Codes]:
        effect = self.codes.of(texts)
        refused = np.where(effect == NO_SEQUENCE, int(Fate.NO_SEQUENCE), 0)
        for row in np.flatnonzero(effect == NO_SEQUENCE).tolist():
            if not texts[row]:
                raise _Wrong(row, "no effect_allele; the line is damaged")
            if "_x_" in texts[row]:
                refused[row] = Fate.INTERACTION
        for name, fate in _KINDS.items():
            if name in by_name:
                refused = np.where(self._flags(by_name[name], name), int(fate), refused)
        return effect, refused

    def _flags(self, texts: Sequence[str], name: str) -> np.ndarray:
        upper = {text: text.upper() for text in set(texts)}
        for text, form in upper.items():
            if form not in _TRUE and form not in _FALSE:
                raise _Wrong(texts.index(text), f"{name} is {text[:30]!r}, expected True or False")
        return np.fromiter((upper[text] in _TRUE for text in texts), bool, len(texts))

    def _other(self, by_name: dict[str, list[str]], count: int, refused: Codes) -> Codes:
        """Other alleles; a row that names one which is no sequence becomes refused, one that names none does not."""
        joined = by_name.get("other_allele") or [""] * count
        if inferred := by_name.get("hm_inferOtherAllele"):
            joined = [
                text if text.upper() not in _NO_VALUE else guess
                for text, guess in zip(joined, inferred, strict=True)
            ]  # fmt: skip
        other = self.codes.of(joined)
        for row in np.flatnonzero(other == NO_SEQUENCE).tolist():
            several = [part for part in joined[row].replace(",", "/").replace("|", "/").split("/") if part.strip()]
            known = tuple(code for part in several if (code := self.codes[part.strip()]) != NO_SEQUENCE)
            if len(known) > 1 and len(known) == len(several):
                self.others[self.rows + row] = known
                other[row] = known[0]
            elif joined[row].upper() not in _NO_VALUE and not refused[row]:
                refused[row] = Fate.NO_SEQUENCE
        return other

    def _places(self, by_name: dict[str, list[str]], chrom: str, position: str, refused: Codes) -> Codes:
        """Places of rows; one that is refused needs none that can be read."""
        count = len(refused)
        if chrom not in by_name or position not in by_name:
            return np.zeros(count, np.int64)
        numbers = {text: chromosome_number(text) for text in set(by_name[chrom])}
        texts = by_name[position]
        if all(texts) and _is_whole("".join(texts)) and max(map(len, texts)) <= _MOST_DIGITS:  # no row to look at by itself
            chromosome = np.fromiter(map(numbers.__getitem__, by_name[chrom]), np.int64, count)
            at = np.array(texts).astype(np.int64)
            return np.where((chromosome > 0) & (at > 0), chromosome << 32 | at, 0)
        found = np.zeros(count, np.int64)
        for row, (where, text) in enumerate(zip(by_name[chrom], by_name[position], strict=True)):
            if _is_whole(text) and len(text) <= _MOST_DIGITS:
                found[row] = place(numbers[where], int(text))
            elif text.upper() not in _NO_VALUE and not refused[row]:
                raise _Wrong(row, f"{position} is {text[:30]!r}, expected a whole number of at most {_MOST_DIGITS} digits")
        return found

    def _weights(self, by_name: dict[str, list[str]], count: int, refused: Codes) -> Floats:
        if all(name in by_name for name in DOSAGES) and not any(by_name.get("effect_weight") or ()):
            if self.is_logged:
                raise _Wrong(
                    0, f"weights by dosage are declared as {self.about.weight_type!r}; only sums of weights can be scored"
                )
            three = [self._numbers(by_name[name], count, name) for name in DOSAGES]
            return np.stack(three, axis=1)
        weight = self._numbers(by_name["effect_weight"], count, "effect_weight")
        if self.is_logged:
            weight = self._logged(weight)
        dominant, recessive = self._model(by_name, count)
        once = np.where(recessive, 0.0, weight)
        twice = np.where(dominant | recessive, weight, 2 * weight)
        return np.stack([np.zeros(count), once, twice], axis=1)

    def _logged(self, weight: Floats) -> Floats:
        if (weight <= 0).any():
            row = int(np.flatnonzero(weight <= 0)[0])
            raise _Wrong(
                row,
                f"effect_weight is {weight[row]:g}, but the header declares {self.about.weight_type}: it must be above 0",
            )
        return np.log(weight)

    def _model(self, by_name: dict[str, list[str]], count: int) -> tuple[np.ndarray, np.ndarray]:
        nobody = np.zeros(count, bool)
        flags = [self._flags(by_name[name], name) if name in by_name else nobody for name in ("is_dominant", "is_recessive")]
        kinds = by_name.get("effect_type")
        if kinds:
            for row, kind in enumerate(kinds):
                if kind.lower() not in ("additive", "dominant", "recessive", ""):
                    raise _Wrong(row, f"effect_type is {kind[:30]!r}, expected additive, dominant or recessive")
            flags = [flag | np.array([kind.lower() == name for kind in kinds])
                     for flag, name in zip(flags, ("dominant", "recessive"), strict=True)]  # fmt: skip
        if (flags[0] & flags[1]).any():
            raise _Wrong(int(np.flatnonzero(flags[0] & flags[1])[0]), "is both dominant and recessive")
        return flags[0], flags[1]

    def _numbers(self, texts: Sequence[str] | None, count: int, name: str, *, required: bool = True) -> Floats:
        if texts is None:
            return np.full(count, np.nan)
        if not required:
            return np.fromiter((_number(text, math.nan) for text in texts), float, count)
        try:
            joined = "".join(texts)
            plain = all(texts) and "_" not in joined and joined.isascii()  # Python and NumPy read 1_0 as ten
            found = np.array(texts, np.float64) if plain else np.full(count, np.nan)
        except ValueError:
            found = np.full(count, np.nan)
        if not np.isfinite(found).all():
            row = next(row for row, text in enumerate(texts) if not math.isfinite(_number(text, math.nan)))
            raise _Wrong(row, f"{name} is {texts[row][:30]!r}, expected a number; the line is damaged")
        if (np.abs(found) > _LARGEST).any():
            row = int(np.argmax(np.abs(found)))
            raise _Wrong(row, f"{name} is {texts[row][:30]!r}, beyond {_LARGEST:g}; the line is damaged")
        return found


def _cells(lines: Sequence[str], width: int) -> list[str] | None:
    """All cells one after the other, where every line has ``width`` of them and none must be trimmed; otherwise ``None``."""
    text = "".join(lines)
    if not text.isascii() or any(sign in text for sign in _TRIMMED):
        return None
    if {line.count("\t") for line in lines} != {width - 1}:
        return None
    return text.removesuffix("\n").replace("\n", "\t").split("\t")


def _number(text: str, otherwise: float) -> float:
    try:
        return float(text) if "_" not in text and text.isascii() else otherwise
    except ValueError:
        return otherwise


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdecimal()
