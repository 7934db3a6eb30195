"""Who is in a set of files: opens them and joins people by sample name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.errors import RequestError
from nof1.genomics.array import ArrayFile, open_genome, said_to_be
from nof1.genomics.array_letters import Strand
from nof1.genomics.text import Shares
from nof1.genomics.vcf import GenomeFile
from nof1.model.panel import Panel

MANY = 5_000  # above it files are closed between genes: their headers hold every name


def opened(
    paths: Sequence[Path], panels: Sequence[Panel], build: str, strand: Strand, array_name: str, shares: Shares | None = None
) -> list[GenomeFile | ArrayFile]:
    """The files, opened; those of a large cohort are closed again at once and share their list of names."""
    files: list[GenomeFile | ArrayFile] = []
    for path in paths:
        file = open_genome(path, panels, build, strand, shares)
        if files and file.samples == files[0].samples:
            file.share_names(files[0].samples)
        if len(file.samples) > MANY:
            file.release()
        files.append(file)
    said_to_be(files, array_name)
    return files


def only(files: Sequence[GenomeFile | ArrayFile], wanted: Sequence[str]) -> list[GenomeFile | ArrayFile]:
    """The files that hold any of the ``wanted`` samples, narrowed to them; an unknown name is a ``RequestError``."""
    known = list(dict.fromkeys(name for file in files for name in file.samples))
    names = set(known)
    for name in wanted:
        if name not in names:
            shown = ", ".join(known[:5]) + (f", ... ({len(known)} in all)" if len(known) > 5 else "")
            raise RequestError(f"sample {name!r} is in none of the files; they hold {shown}")
    for file in files:
        file.narrow(wanted)
    return [file for file in files if file.samples]


def joined(
    files: Sequence[GenomeFile | ArrayFile], wanted: Sequence[str]
) -> tuple[tuple[str, ...], list[NDArray[np.intp] | None]]:
    """All sample names in order and, for each file, the rows of its samples (``None`` = all, in order)."""
    names = list(dict.fromkeys(wanted or (name for file in files for name in file.samples)))
    order = {name: row for row, name in enumerate(names)}
    rows: list[NDArray[np.intp] | None] = []
    for file in files:
        mine = np.array([order[name] for name in file.samples], np.intp)
        rows.append(None if len(mine) == len(names) and (mine == np.arange(len(names))).all() else mine)
    return tuple(names), rows
