"""Contig names in any style, and the lengths that tell one genome build from another."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_HEADERS = 32  # that are remembered: a file is opened several times
_PREFIX = re.compile(r"^(?:chr|chromosome)?[_ ]?0?(\d{1,2}|x|y|m|mt)$", re.IGNORECASE)
_REFSEQ = re.compile(r"^NC_0000(\d\d)\.\d+$")
_REFSEQ_M = ("NC_012920.1",)

# Lengths of assembled chromosomes as every VCF header of the build writes them.
_LENGTHS = {
    "GRCh38": {
        "chr1": 248956422, "chr2": 242193529, "chr3": 198295559, "chr4": 190214555, "chr5": 181538259, "chr6": 170805979,
        "chr7": 159345973, "chr8": 145138636, "chr9": 138394717, "chr10": 133797422, "chr11": 135086622, "chr12": 133275309,
        "chr13": 114364328, "chr16": 90338345, "chr19": 58617616, "chr22": 50818468, "chrX": 156040895,
    },
    "GRCh37": {
        "chr1": 249250621, "chr2": 243199373, "chr3": 198022430, "chr4": 191154276, "chr5": 180915260, "chr6": 171115067,
        "chr7": 159138663, "chr8": 146364022, "chr9": 141213431, "chr10": 135534747, "chr11": 135006516, "chr12": 133851895,
        "chr13": 115169878, "chr16": 90354753, "chr19": 59128983, "chr22": 51304566, "chrX": 155270560,
    },
}  # fmt: skip
_NAMES = {
    "GRCh38": re.compile(r"grch38|hg38|hs38|b38", re.IGNORECASE),
    "GRCh37": re.compile(r"grch37|hg19|hs37|b37", re.IGNORECASE),
    "NCBI36": re.compile(r"ncbi36|hg18|b36", re.IGNORECASE),
}


RCRS_LENGTH = 16569  # of the revised Cambridge Reference Sequence, NC_012920.1; UCSC's hg19 has another chrM, 16571 long
_MITOCHONDRION = re.compile(r"##contig=<((?:[^>\n]*,)?ID=(?:(?:[Cc]hr)?[Mm][Tt]?|NC_012920[^,>\n]*)[,>][^>\n]*)>?")
_CONTIG = re.compile(r"##contig=<([^>]*)>")


@lru_cache(maxsize=65536)
@lru_cache(maxsize=16384)
def chromosome(contig: str) -> str:
    """The contig in ``chr`` style: ``chr7`` from ``7``, ``chr7``, ``Chr7`` or ``NC_000007.14``; others unchanged.

    >>> chromosome("NC_000023.11"), chromosome("MT"), chromosome("chr6_alt")
    ('chrX', 'chrM', 'chr6_alt')
    """
    if contig in _REFSEQ_M:
        return "chrM"
    if match := _REFSEQ.match(contig):
        number = int(match[1])
        return {23: "chrX", 24: "chrY"}.get(number, f"chr{number}")
    if match := _PREFIX.match(contig):
        name = match[1].upper().removesuffix("T") if match[1].upper() in ("M", "MT") else match[1].upper()
        return f"chr{name}"
    return contig


@lru_cache(maxsize=_HEADERS)
def build_from_header(header: str) -> tuple[str, str]:
    """The build a VCF header names and the words it was known by; ``("", "")`` when it names none, or two by lengths.

    Contig lengths count before names: a length cannot be a slip of the pen.

    >>> build_from_header("##contig=<ID=1,length=248956422>\\n##contig=<ID=2,length=243199373>")
    ('', '')
    """
    told: dict[str, str] = {}
    for name, length in _contigs(header):
        for build, lengths in _LENGTHS.items():
            if length == str(lengths.get(name)):
                told.setdefault(build, f"length of {name} in the header")
    if told:
        return next(iter(told.items())) if len(told) == 1 else ("", "")
    for line in header.splitlines():
        if line.startswith(("##reference=", "##contig=", "##assembly=")):
            for build, pattern in _NAMES.items():
                if found := pattern.search(line):
                    return build, f"'{found[0]}' in the header"
    return "", ""


def build_of_lengths(contigs: Iterable[tuple[str, int]]) -> str:
    """The build that all known lengths of whole chromosomes (names in ``chr`` style) speak for; empty for none or several.

    >>> build_of_lengths([("chr1", 248956422), ("chr2", 5)]), build_of_lengths([("chr1", 248956422), ("chr2", 243199373)])
    ('GRCh38', '')
    """
    pairs = list(contigs)
    named = {build for build, lengths in _LENGTHS.items() for name, length in pairs if lengths.get(name) == length}
    return named.pop() if len(named) == 1 else ""


def other_lengths(build: str, contigs: Iterable[tuple[str, int]]) -> list[tuple[str, int, int]]:
    """Whole chromosomes (names in ``chr`` style) that are not as long as in ``build``: name, length, length there.

    >>> other_lengths("GRCh38", [("chr1", 248956422), ("chr2", 5), ("chrUn", 7)])
    [('chr2', 5, 242193529)]
    """
    lengths = _LENGTHS[build]
    return [(name, length, lengths[name]) for name, length in contigs if lengths.get(name, length) != length]


@lru_cache(maxsize=_HEADERS)
def odd_mitochondrion(header: str) -> int:
    """The length of chrM in a VCF header when it is not that of rCRS; 0 when it is, or when the header gives none.

    >>> odd_mitochondrion("##contig=<ID=chrM,length=16571>"), odd_mitochondrion("##contig=<ID=MT,length=16569>")
    (16571, 0)
    """
    for name, length in _contigs(header, _MITOCHONDRION):
        if name == "chrM" and length.isdecimal() and int(length) != RCRS_LENGTH:
            return int(length)
    return 0


def _contigs(header: str, pattern: re.Pattern[str] = _CONTIG) -> Iterator[tuple[str, str]]:
    """Name in ``chr`` style and length, as written, of each contig line that ``pattern`` finds."""
    for match in pattern.finditer(header):
        fields = dict(part.split("=", 1) for part in match[1].split(",") if "=" in part)
        yield chromosome(fields.get("ID", "")), fields.get("length", "")


def canonical_build(name: str) -> str:
    """The build a user means by ``name``; empty when nobody knows it.

    >>> canonical_build("hg38"), canonical_build("37")
    ('GRCh38', 'GRCh37')
    """
    for build, pattern in _NAMES.items():
        if pattern.fullmatch(name) or name == build[-2:]:
            return build
    return ""
