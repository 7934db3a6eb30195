"""Where the results of an annotation may be written: looked at before any work is done."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from nof1.errors import RequestError

_NO_VCF = (".bcf", ".parquet", ".tsv")


def check_outputs(outputs: Mapping[str, Path | None], inputs: Sequence[Path]) -> None:
    """Raise ``RequestError`` where an output, by its option, cannot be put there, or is one of the ``inputs``."""
    given = {option: path for option, path in outputs.items() if path is not None}
    if len(given) > 1:
        raise RequestError(f"{' and '.join(given)} are written one at a time; leave one of them out")
    for option, path in given.items():
        _check(option, path, inputs)
        if option == "--vcf" and path.suffix.lower() in _NO_VCF:
            raise RequestError(f"--vcf is {str(path)!r}, but VCF is written; end it in .vcf or .vcf.gz")


def _check(option: str, path: Path, inputs: Sequence[Path]) -> None:
    if not path.name or path.is_dir():
        raise RequestError(f"{option} is {str(path)!r}, a folder; name a file in it")
    if not path.parent.is_dir():
        raise RequestError(f"{option} is {str(path)!r}; the folder {str(path.parent)!r} does not exist, make it first")
    if path.exists() and (not path.is_file() or path.absolute().parts[1:2] in (("dev",), ("proc",))):
        raise RequestError(f"{option} is {str(path)!r}, which is no regular file; name a file")
    for one in inputs:
        if path.exists() and one.exists() and os.path.samefile(path, one):
            raise RequestError(f"{option} is {str(path)!r}, which is also read; name another file")
