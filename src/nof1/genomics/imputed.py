"""Whether a genome file holds imputed genotypes, by what its own records say."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from cyvcf2 import VCF

from nof1.errors import GenomeError
from nof1.genomics.columns import FORMAT, INFO
from nof1.genomics.inflate import VcfText

LOOKED = 1000  # records at the beginning of a file
_FLAGS = frozenset({"IMP", "IMPUTED", "Imputed"})  # Beagle, IMPUTE5; Minimac
_SOURCE = re.compile(r"^##source=.*?(beagle|minimac|impute|glimpse|stitch|quilt)", re.IGNORECASE | re.MULTILINE)
_SCORES = frozenset({"DR2", "AR2", "R2", "ER2", "INFO"})  # how well a record was imputed, as those programs write it


def imputed(path: Path) -> str:
    """What says that the genotypes of the file at ``path`` are imputed, in words; empty where nothing does.

    A record has the flag of an imputed marker, or the header names a program that imputes and a record has its quality.
    Raises ``GenomeError`` for a file that cannot be read.
    """
    text = VcfText(path)
    source = _SOURCE.search(text.text)
    for number, line in enumerate(islice(_records(text), LOOKED), start=1):
        columns = line.split("\t", FORMAT)
        if len(columns) <= INFO:
            continue
        if flag := is_imputed(columns[INFO]):
            return f"{path.name}: its genotypes are imputed (record {number} has {flag})"
        keys = (field.partition("=")[0] for field in columns[INFO].split(";") if "=" in field)
        if source and (score := next((key for key in keys if key in _SCORES), "")):
            return f"{path.name}: its genotypes are imputed (made by {source[1]}, record {number} has {score})"
    return ""


def is_imputed(info: str) -> str:
    """The flag in INFO that marks an imputed record; empty for none.

    >>> is_imputed("AF=0.1;IMP"), is_imputed("IMP=3;IMPACT=high")
    ('IMP', '')
    """
    return next((field for field in info.split(";") if field in _FLAGS), "")


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
