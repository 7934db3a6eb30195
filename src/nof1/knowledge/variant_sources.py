"""Reads what public tables say of alleles in INFO into columns: assertions as in ClinVar, frequencies as in gnomAD."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from nof1.errors import RequestError
from nof1.knowledge.assertion_terms import UNKNOWN, AssertionTerms, Reading
from nof1.knowledge.variant_columns import NOT_GIVEN, Numbers, Texts

_INFO = re.compile(r'##INFO=<ID=([^,]+),.*?Description="([^"]*)"')
_PER_ALLELE = re.compile(r"##INFO=<ID=(A[CF](?:_[a-z]+)?|nhomalt),Number=([^,]+),")
_POPULATION = re.compile(r"AF_([a-z]+)")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)")
_DATE = re.compile(r"##fileDate=(\d{4})-?(\d\d)-?(\d\d)")
_ORIGINS = ("germline", "somatic", "oncogenicity")
_FIELDS = {  # of the classification, its review status, its counts, its conditions
    "germline": ("CLNSIG", "CLNREVSTAT", "CLNSIGCONF", "CLNDN"),
    "somatic": ("SCI", "SCIREVSTAT", "", "SCIDN"),
    "oncogenicity": ("ONC", "ONCREVSTAT", "ONCCONF", "ONCDN"),
}
STARS = "STARS"  # a column of tables of assertions; ClinVar's VCF has none
_STARS = ("0", "1", "2", "3", "4")
_TOLERATED = 0.01  # by which AF may differ from AC / AN: it is written with few digits
_LARGEST = 1 << 53  # whole numbers up to it are exact
_EMPTY = ("", "not_provided", "not_specified", ".")


Words = Sequence[bytes]


class BadRow(ValueError):
    """A value that cannot be: ``row``, counted from 0 among those that were given, and what is wrong."""

    def __init__(self, row: int, problem: str) -> None:
        super().__init__(problem)
        self.row = row


class Rows(Protocol):
    """Columns being gathered. ``add`` takes ID, FILTER, INFO and number of the alternative of further alleles.

    It raises ``BadRow`` for a value that cannot be.
    """

    columns: Mapping[str, Texts | Numbers]

    def add(self, ids: Words, filters: Words, infos: Words, numbers: Sequence[int]) -> None:
        """Add a row for each."""


def info_fields(header: str) -> dict[str, str]:
    """The fields of INFO that a header declares, with their descriptions."""
    return dict(_INFO.findall(header))


def edition_of(header: str, name: str) -> str:
    """The date in a header, or a version such as 4.0 in a file's name; empty where there is neither."""
    if found := _DATE.search(header):
        with contextlib.suppress(ValueError):
            return date(*map(int, found.groups())).isoformat()
    version = _VERSION.search(name)
    return version[1] if version else ""


def _parsed(info: bytes) -> dict[str, str]:
    return dict(part.partition("=")[::2] for part in info.decode("utf-8", "replace").split(";"))


class AssertionRows:
    """Assertions of ClinVar's VCF: the germline classification, somatic clinical impact and oncogenicity stay apart.

    Raises ``RequestError`` where the header declares none of them.
    """

    def __init__(self, header: str, name: str, terms: AssertionTerms) -> None:
        declared = info_fields(header)
        if not declared.keys() & {"CLNSIG", "ONC", "SCI"}:
            raise RequestError(
                f"{name}: declares no CLNSIG, ONC or SCI in its header, so it is no VCF of ClinVar; "
                "give clinvar.vcf.gz as downloaded, or a table with the columns chrom, pos, ref, alt, classification"
            )
        self._reading = Reading(terms)
        self._has_stars = STARS in declared
        self._known: dict[str, tuple[str, bool]] = {}
        self.unlisted: set[str] = set()
        self._texts = {
            "id": Texts("identifier in the source"),
            "gene": Texts("genes at the place, as the source names them"),
        }
        self._numbers: dict[str, Numbers] = {}
        for origin in _ORIGINS:
            self._texts[origin] = Texts(f"{origin} classification")
            self._texts[f"{origin}_written"] = Texts(f"{origin} classification in the source's words")
            self._numbers[f"{origin}_stars"] = Numbers(f"gold stars of the {origin} classification", True)
            self._texts[f"{origin}_review"] = Texts(f"review status of the {origin} classification")
            self._texts[f"{origin}_counts"] = Texts(f"submissions by {origin} classification, where they conflict")
            self._texts[f"{origin}_conditions"] = Texts(f"conditions of the {origin} classification")
        self._numbers["low_penetrance"] = Numbers("1: the source says low penetrance or risk allele", True)
        self.columns: Mapping[str, Texts | Numbers] = {**self._texts, **self._numbers}

    def add(self, ids: Words, filters: Words, infos: Words, numbers: Sequence[int]) -> None:
        """Add a row for each."""
        rows = [_parsed(info) for info in infos]
        if (twice := next((at for at, info in enumerate(infos) if info.count(b"CLNSIG=") > 1), -1)) >= 0:
            raise BadRow(twice, "CLNSIG stands twice in INFO")
        self._texts["id"].extend(["" if one == b"." else one.decode("utf-8", "replace") for one in ids])
        self._texts["gene"].extend([_genes(row.get("GENEINFO", "")) for row in rows])
        low = [0] * len(rows)
        for origin in _ORIGINS:
            self._add_origin(origin, rows, low)
        self._numbers["low_penetrance"].extend(low)

    def _add_origin(self, origin: str, rows: list[dict[str, str]], low: list[int]) -> None:
        field, review, counts, conditions = _FIELDS[origin]
        written = [row.get(field, "") for row in rows]
        if not any(written):
            for end in ("", "_written", "_review", "_counts", "_conditions"):
                self._texts[f"{origin}{end}"].leave_empty(len(rows))
            self._numbers[f"{origin}_stars"].extend([NOT_GIVEN] * len(rows))
            return
        classes = [self._classified(text) for text in written]
        reviews = [row.get(review, "") if text else "" for row, text in zip(rows, written, strict=True)]
        for number, (_, is_low) in enumerate(classes):
            low[number] |= is_low
        texts: dict[str, list[str]] = {
            "": [word for word, _ in classes],
            "_written": [text.replace("_", " ") for text in written],
            "_review": [text.replace("_", " ") for text in reviews],
            "_counts": [self._counted(row.get(counts, "")) for row in rows],
            "_conditions": [_conditions(row.get(conditions, "")) for row in rows],
        }
        for end, values in texts.items():
            self._texts[f"{origin}{end}"].extend(values)
        given = [row.get(STARS, "") if origin == "germline" and self._has_stars else "" for row in rows]
        self._numbers[f"{origin}_stars"].extend(list(map(self._stars, range(len(rows)), given, reviews)))

    def _classified(self, written: str) -> tuple[str, bool]:
        if not written:
            return "", False
        if written not in self._known:
            self._known[written] = self._reading.classification(written)
        return self._known[written]

    def _counted(self, written: str) -> str:
        return "|".join(f"{name} {number}" for name, number in self._reading.counts(written).items()) if written else ""

    def _stars(self, row: int, given: str, review: str) -> int:
        stars = self._reading.stars(review) if review else NOT_GIVEN
        if review and stars == UNKNOWN:
            self.unlisted.add(review)
        if not given:
            return stars
        if given not in _STARS:
            raise BadRow(row, f"stars is {given!r}, expected 0 to 4")
        if stars not in (NOT_GIVEN, UNKNOWN, int(given)):
            raise BadRow(row, f"stars is {given}, but the review status {review.replace('_', ' ')!r} has {stars}")
        return int(given)


def _genes(text: str) -> str:
    return "|".join(part.partition(":")[0] for part in text.split("|")) if text else ""


def _conditions(text: str) -> str:
    names = [name.replace("_", " ") for name in text.split("|") if name not in _EMPTY]
    return "|".join(dict.fromkeys(names))


class FrequencyRows:
    """Allele frequencies of gnomAD's VCF: counts, the whole, the highest of the groups, and each group.

    Raises ``RequestError`` where the header declares no AC, AN and AF.
    """

    def __init__(self, header: str, name: str) -> None:
        declared = info_fields(header)
        if missing := [field for field in ("AC", "AN", "AF") if field not in declared]:
            raise RequestError(
                f"{name}: declares no {missing[0]} in its header, so it is no VCF of frequencies; "
                "give a sites VCF as downloaded"
            )
        if odd := next((found for found in _PER_ALLELE.finditer(header) if found[2] in ("R", "G")), None):
            raise RequestError(
                f"{name}: declares {odd[1]} with Number={odd[2]}; frequencies have a value for each alternative (A)"
            )
        self._groups = sorted(
            found[1]
            for field, words in declared.items()
            if (found := _POPULATION.fullmatch(field)) and "in samples of" in words and found[1] != "raw"
        )
        self._highest = next((field for field in ("grpmax", "popmax") if field in declared), "")
        self._texts = {
            "highest_group": Texts("ancestry group with the highest frequency, as the source names it"),
            "filters": Texts("filters that the source says the site has not passed"),
        }
        self._numbers = {
            "ac": Numbers("alternative alleles counted", True),
            "an": Numbers("alleles counted", True),
            "af": Numbers("allele frequency", False),
            "homozygotes": Numbers("people with two copies", True),
            "highest_an": Numbers("alleles counted in that group", True),
            **{f"af_{group}": Numbers(f"allele frequency in the group {group}", False) for group in self._groups},
        }
        self.columns: Mapping[str, Texts | Numbers] = {**self._numbers, **self._texts}

    def add(self, ids: Words, filters: Words, infos: Words, numbers: Sequence[int]) -> None:
        """Add a row for each."""
        rows = list(zip(map(_parsed, infos), numbers, strict=True))
        values: dict[str, list[float]] = {}
        for column, field in (("ac", "AC"), ("an", "AN"), ("homozygotes", "nhomalt")):
            values[column] = [_whole(at, field, _of(row, field, number)) for at, (row, number) in enumerate(rows)]
        for column, field in (("af", "AF"), *((f"af_{group}", f"AF_{group}") for group in self._groups)):
            values[column] = [_share(at, field, _of(row, field, number)) for at, (row, number) in enumerate(rows)]
        _check_counts(values["ac"], values["an"], values["af"])
        groups = [_of(row, self._highest, number) for row, number in rows]
        self._texts["highest_group"].extend(groups)
        values["highest_an"] = [
            _whole(at, f"AN_{group}", _of(row, f"AN_{group}", number))
            for at, (group, (row, number)) in enumerate(zip(groups, rows, strict=True))
        ]
        for column, found in values.items():
            self._numbers[column].extend(found)
        passed = (b"PASS", b".")
        self._texts["filters"].extend(["" if one in passed else one.decode("utf-8", "replace") for one in filters])


def _of(row: dict[str, str], field: str, number: int) -> str:
    """The value of a field for one alternative; fields with one value for all give that one."""
    values = row.get(field, "").split(",")
    value = values[number - 1] if len(values) >= number else values[0]
    return "" if value == "." else value


def _whole(row: int, field: str, text: str) -> int:
    if not text:
        return NOT_GIVEN
    if not text.isdecimal() or int(text) > _LARGEST:
        raise BadRow(row, f"{field} is {text[:40]!r}, expected a whole number from 0")
    return int(text)


def _share(row: int, field: str, text: str) -> float:
    """A frequency, NaN for none."""
    if not text:
        return float("nan")
    try:
        found = float(text)
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        raise BadRow(row, f"{field} is {text[:40]!r}, expected a frequency from 0 to 1")
    return found


def _check_counts(counts: Sequence[float], sizes: Sequence[float], shares: Sequence[float]) -> None:
    """Raise ``BadRow`` where more alleles were found than were looked at, or the frequency is not that of the counts."""
    for row, (count, size, share) in enumerate(zip(counts, sizes, shares, strict=True)):
        if count < 0 or size < 0:
            continue
        if count > size:
            raise BadRow(row, f"AC is {count:.0f} and AN {size:.0f}; there cannot be more alternative alleles than alleles")
        if size > 0 and abs(share - count / size) > _TOLERATED:
            raise BadRow(row, f"AF is {share:g}, but AC / AN is {count:.0f} / {size:.0f} = {count / size:g}")
