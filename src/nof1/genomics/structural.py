"""Changes of structure that a person carries (``<DEL>``, ``<DUP>``, ``<CNV>``), and where they lie, by records of a text.

They are read from the whole text: an index may not know how far such a record reaches.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from nof1.genomics.columns import ALT, FILTER, FORMAT, INFO, REF, Malformed, Records
from nof1.genomics.fields import is_accepted
from nof1.genomics.genotypes import Genotype, genotype
from nof1.genomics.vcf import CATCH_ALL
from nof1.model.allele_arrays import Ints

_LESS = 60
_CATCH_ALL = np.frombuffer(b"N*X", np.uint8)  # second letters of <NON_REF>, <*>, <X>
_ELSEWHERE = ("<TRA", "<BND", "<CTX")  # END of these is a place on another chromosome
_END = re.compile(r"(?:^|;)END=(\d+)")
_LENGTH = re.compile(r"(?:^|;)SVLEN=([^;]+)")


def symbolic(found: Records) -> Ints:
    """The numbers of the records with a symbolic alternative other than one that stands for any."""
    text = found.text
    at = np.flatnonzero(text[:-1] == _LESS)
    at = at[~np.isin(text[at + 1], _CATCH_ALL)]
    record = np.searchsorted(found.starts, at, side="right") - 1
    is_inside = (record >= 0) & (at >= found.begin(ALT)[record]) & (at < found.ends[record, ALT])
    return np.unique(record[is_inside])


def carried_symbols(
    found: Records, places: Ints, column: int, accepted: frozenset[str]
) -> Iterator[tuple[int, int, int, str]]:
    """Record, first and last base and name of each change of structure that the sample in ``column`` carries, or may carry.

    Not those that the caller filters by other filters than ``accepted``. ``places`` (records,): POS. Raises ``Malformed``
    where GT is no genotype, or names an allele that the record does not have.
    """
    for record in symbolic(found).tolist():
        alts = found.field(record, ALT).decode("utf-8", "replace").split(",")
        told = _genotype(found, record, column, len(alts))
        if not all(is_accepted(text, accepted) for text in (found.field(record, FILTER).decode(), told.filters)):
            continue
        for number, alt in enumerate(alts, start=1):
            is_symbol = alt.startswith("<") and alt.upper() not in CATCH_ALL
            if is_symbol and (told.is_missing or number in told.alleles):
                yield record, int(places[record]), _last(found, record, int(places[record]), alt), alt


def _genotype(found: Records, record: int, column: int, alternatives: int) -> Genotype:
    try:
        told = genotype(found.field(record, FORMAT), found.field(record, column))
        told.must_fit(alternatives)
    except ValueError as error:
        raise Malformed(int(found.lines[record]), str(error)) from None
    return told


def _last(found: Records, record: int, position: int, alt: str) -> int:
    """The last base by REF, END or SVLEN."""
    last = position + len(found.field(record, REF)) - 1
    info = found.field(record, INFO).decode("utf-8", "replace")
    if alt.startswith(_ELSEWHERE):
        return last
    if end := _END.search(info):
        last = max(last, int(end[1]))
    if (length := _LENGTH.search(info)) and not alt.startswith("<INS"):
        last = max(last, *(position + int(size) for size in re.findall(r"\d+", length[1])))
    return last
