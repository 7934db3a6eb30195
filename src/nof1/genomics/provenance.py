"""What the genotypes of a genome file come from, by what its own records say: sequencing, an array, or imputation."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from cyvcf2 import VCF

from nof1.errors import GenomeError
from nof1.genomics.array_text import is_array
from nof1.genomics.columns import FORMAT, INFO
from nof1.genomics.inflate import VcfText
from nof1.model.secondary import GenomeSource

LOOKED = 200  # records at the beginning of a file
_FLAGS = frozenset({"IMP", "IMPUTED", "Imputed"})  # Beagle, IMPUTE5; Minimac
_SOURCE = re.compile(r"^##source=.*?(beagle|minimac|impute|glimpse|stitch|quilt)", re.IGNORECASE | re.MULTILINE)
_SCORES = ("DR2", "AR2", "R2", "ER2", "INFO")  # how well a record was imputed, as those programs write it
_INTENSITIES = ({"BAF", "LRR"}, {"IGC"})  # of a bead array, in FORMAT
_LETTERS = {"ALLELE_A", "ALLELE_B"}  # of a bead array, in INFO


def source_of(path: Path) -> tuple[GenomeSource, str]:
    """What the genotypes of the file at ``path`` come from, and, unless they are a sequence's, what says so, in words.

    Imputed: a record has the flag of an imputed marker, or the header names a program that imputes and a record has its
    quality. Array: a list of letters, or a record has what only an array measures. Raises ``GenomeError`` for a file that
    cannot be read.
    """
    if is_array(path):
        return GenomeSource.ARRAY, f"{path.name}: its genotypes are of an array"
    text = VcfText(path)
    program = _SOURCE.search(text.text)
    for number, line in enumerate(islice(_records(text), LOOKED), start=1):
        columns = line.split("\t", FORMAT + 1)
        info = columns[INFO] if len(columns) > INFO else ""
        if words := is_imputed(info) or (_scored(info, program[1]) if program else ""):
            return GenomeSource.IMPUTED, f"{path.name}: its genotypes are imputed (record {number} has {words})"
        if words := _measured(info, columns[FORMAT] if len(columns) > FORMAT else ""):
            return GenomeSource.ARRAY, f"{path.name}: its genotypes are of an array (record {number} has {words})"
    return GenomeSource.SEQUENCE, ""


def is_imputed(info: str) -> str:
    """The flag in INFO that marks an imputed record; empty for none.

    >>> is_imputed("AF=0.1;IMP"), is_imputed("IMP=3;IMPACT=high")
    ('IMP', '')
    """
    return next((field for field in info.split(";") if field in _FLAGS), "")


def _scored(info: str, program: str) -> str:
    keys = _keys(info)
    score = next((key for key in _SCORES if key in keys), "")
    return f"{score}, and {program} made the file" if score else ""


def _measured(info: str, form: str) -> str:
    fields = set(form.split(":"))
    found = next((kind for kind in _INTENSITIES if kind <= fields), _LETTERS if _keys(info) >= _LETTERS else set())
    return " and ".join(sorted(found))


def _keys(info: str) -> set[str]:
    return {field.partition("=")[0] for field in info.split(";") if "=" in field}


def _records(text: VcfText) -> Iterator[str]:
    """The records of a file, as lines."""
    if text.kind == "BCF":
        yield from map(str, VCF(str(text.path)))
        return
    try:
        with open(text.path, "rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(text.path, "rb") if packed else open(text.path, "rb") as lines:
            yield from (line.decode("utf-8", "replace").rstrip("\r\n") for line in lines if not line.startswith(b"#"))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise GenomeError(
            f"{text.path}: is cut short or damaged (the compressed data ends early); copy the file again"
        ) from error
