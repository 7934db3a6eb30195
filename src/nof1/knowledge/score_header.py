"""The header of a scoring file, in every form the PGS Catalog has had: ``# key = value``, ``#key=value``, or none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain

_BUILDS = (
    ("GRCh38", re.compile(r"(?:grch|hg|hs|b)?38(?:\.p\d+)?", re.IGNORECASE)),
    ("GRCh37", re.compile(r"(?:(?:grch|hs|b)?37(?:\.p\d+)?|(?:hg)?19)", re.IGNORECASE)),
    ("NCBI36", re.compile(r"(?:(?:ncbi|b|grch)?36|(?:hg)?18)", re.IGNORECASE)),
)
_KEYS = {
    "pgsid": "pgs_id",
    "omicspredid": "pgs_id",
    "pgsname": "pgs_name",
    "reportedtrait": "trait_reported",
    "traitreported": "trait_reported",
    "originalgenomebuild": "genome_build",
    "genomebuild": "genome_build",
    "numberofvariants": "variants_number",
    "variantsnumber": "variants_number",
    "formatversion": "format_version",
    "weighttype": "weight_type",
    "hmposbuild": "hm_build",
    "hmposdate": "hm_date",
    "citation": "citation",
    "license": "licence",
    "licence": "licence",
}
_MOST_DIGITS = 12
_NOT_REPORTED = frozenset({"", "NR", "NA", "N/A", "NONE", "."})


def build_named(text: str) -> str:
    """The build that a header or a user names: GRCh38, GRCh37 or NCBI36; empty for anything else.

    >>> build_named("hg19"), build_named("GRCh38"), build_named("NR")
    ('GRCh37', 'GRCh38', '')
    """
    return next((name for name, pattern in _BUILDS if pattern.fullmatch(text.strip())), "")


def stated(text: str) -> str:
    """A value of the header; empty where it says that it was not reported."""
    return "" if text.strip().upper() in _NOT_REPORTED else text.strip()


def split_header(lines: Iterator[str]) -> tuple[dict[str, str], str, int, Iterator[str]]:
    """What the header says by key, the line of column names, its number, and the lines that follow it."""
    said: dict[str, str] = {}
    number = 0
    for number, line in enumerate(lines, start=1):
        text = line.rstrip("\r\n")
        if text.startswith("#"):
            key, found, value = text.lstrip("# ").partition("=")
            name = _KEYS.get(re.sub(r"[^a-z]", "", key.lower()))
            if found and name and name not in said:
                said[name] = value.strip()
        elif text.strip():
            return said, text, number, lines
    return said, "", number, chain(())


def weights_taken(declared: str) -> tuple[str, bool]:
    """How weights of a declared type are taken, in words, and whether by their logarithm.

    Only an odds, hazard or risk ratio that says so is logged; a type that is not reported is never guessed.

    >>> weights_taken("OR"), weights_taken("NR")
    (('natural logarithm of OR', True), ('as given', False))
    """
    words = re.sub(r"[^a-z]+", " ", declared.lower()).strip()
    is_ratio = words in ("or", "hr", "rr", "odds ratio", "hazard ratio", "risk ratio", "relative risk")
    return (f"natural logarithm of {declared}", True) if is_ratio else ("as given", False)


def declared_number(said: Mapping[str, str]) -> int:
    """The number of variants that the header declares; 0 where it declares none."""
    text = said.get("variants_number", "").replace(",", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
