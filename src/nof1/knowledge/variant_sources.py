"""Reads what public tables say of alleles in INFO into columns: assertions as in ClinVar, frequencies as in gnomAD."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Protocol

from nof1.errors import RequestError
from nof1.knowledge.assertion_terms import UNKNOWN, AssertionTerms, Reading
from nof1.knowledge.variant_columns import NOT_GIVEN, Numbers, Texts

_INFO = re.compile(r'##INFO=<ID=([^,]+),.*?Description="([^"]*)"')
_POPULATION = re.compile(r"AF_([a-z]+)")
_VERSION = re.compile(r"v?(\d+(?:\.\d+)+)")
_DATE = re.compile(r"##fileDate=(\d{4})-?(\d\d)-?(\d\d)")
_ORIGINS = ("germline", "somatic", "oncogenicity")
_FIELDS = {  # of the classification, its review status, its counts, its conditions
    "germline": ("CLNSIG", "CLNREVSTAT", "CLNSIGCONF", "CLNDN"),
    "somatic": ("SCI", "SCIREVSTAT", "", "SCIDN"),
    "oncogenicity": ("ONC", "ONCREVSTAT", "ONCCONF", "ONCDN"),
}
_EMPTY = ("", "not_provided", "not_specified", ".")


Words = Sequence[bytes]


class Rows(Protocol):
    """Columns being gathered. ``add`` takes ID, FILTER, INFO and number of the alternative of further alleles."""

    columns: Mapping[str, Texts | Numbers]

    def add(self, ids: Words, filters: Words, infos: Words, numbers: Sequence[int]) -> None:
        """Add a row for each."""


def info_fields(header: str) -> dict[str, str]:
    """The fields of INFO that a header declares, with their descriptions."""
    return dict(_INFO.findall(header))


def edition_of(header: str, name: str) -> str:
    """The date in a header, or a version such as 4.0 in a file's name; empty where there is neither."""
    if found := _DATE.search(header):
        return "-".join(found.groups())
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
        given = [row.get("STARS", "") if origin == "germline" else "" for row in rows]
        self._numbers[f"{origin}_stars"].extend(list(map(self._stars, given, reviews)))

    def _classified(self, written: str) -> tuple[str, bool]:
        if not written:
            return "", False
        if written not in self._known:
            self._known[written] = self._reading.classification(written)
        return self._known[written]

    def _counted(self, written: str) -> str:
        return "|".join(f"{name} {number}" for name, number in self._reading.counts(written).items()) if written else ""

    def _stars(self, given: str, review: str) -> int:
        if given:
            return int(given)
        if not review:
            return NOT_GIVEN
        stars = self._reading.stars(review)
        if stars == UNKNOWN:
            self.unlisted.add(review)
        return stars


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
        for column, field in (("ac", "AC"), ("an", "AN"), ("homozygotes", "nhomalt")):
            self._numbers[column].extend([_whole(_of(row, field, number)) for row, number in rows])
        for column, field in (("af", "AF"), *((f"af_{group}", f"AF_{group}") for group in self._groups)):
            self._numbers[column].extend([_number(_of(row, field, number)) for row, number in rows])
        groups = [_of(row, self._highest, number) for row, number in rows]
        self._texts["highest_group"].extend(groups)
        counted = [_whole(_of(row, f"AN_{group}", number)) for group, (row, number) in zip(groups, rows, strict=True)]
        self._numbers["highest_an"].extend(counted)
        passed = (b"PASS", b".")
        self._texts["filters"].extend(["" if one in passed else one.decode("utf-8", "replace") for one in filters])


def _of(row: dict[str, str], field: str, number: int) -> str:
    """The value of a field for one alternative; fields with one value for all give that one."""
    values = row.get(field, "").split(",")
    value = values[number - 1] if len(values) >= number else values[0]
    return "" if value == "." else value


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() else NOT_GIVEN


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
