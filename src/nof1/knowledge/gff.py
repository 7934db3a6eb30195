"""Reads transcripts out of a GFF3 file, as MANE, Ensembl and RefSeq give them."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

from nof1.errors import RequestError
from nof1.knowledge.gene_models import GeneModels
from nof1.model.transcripts import Segment, Transcript

_TRANSCRIPTS = frozenset({"mRNA", "transcript"})
_COLUMNS = 9
_REFSEQ = re.compile(r"(?:RefSeq|Genbank):(N[MR]_\d+\.\d+)")
_ENSEMBL = re.compile(r"(ENST\d+\.\d+)")
_PROTEIN = re.compile(r"(?:RefSeq|Genbank):(NP_\d+\.\d+)")
_ROLES = {"MANE_Select": "mane_select", "MANE_Plus_Clinical": "mane_plus_clinical"}
_DIGITS = 12
_FURTHEST = (1 << 31) - 1  # last position, longer than every chromosome
_MOST_BYTES = 4_000_000_000


@dataclass(frozen=True, slots=True)
class ReadModels:
    """What a file of gene models holds. ``left_out``: how many transcripts were not taken, by reason."""

    transcripts: tuple[Transcript, ...]
    left_out: dict[str, int]


@dataclass(slots=True)
class _Open:
    gene: str
    name: str
    contig: str
    strand: int
    role: str
    ensembl: str
    protein: str = ""
    exons: list[Segment] = field(default_factory=list)
    coding: list[Segment] = field(default_factory=list)


def read_gff(path: Path, known: GeneModels) -> ReadModels:
    """The coding transcripts of ``path`` (plain or gzip); those tagged MANE where any is. ``known`` names the chromosomes.

    Raises ``RequestError`` for a file that is no GFF3, is cut short, or holds no coding transcript.
    """
    found: dict[str, _Open] = {}
    with_parents: list[tuple[str, str, Segment, str]] = []
    for number, cells in _rows(path):
        kind = cells[2]
        if kind not in _TRANSCRIPTS and kind not in ("exon", "CDS"):
            continue
        segment = _segment(cells, path.name, number)
        named = _attributes(cells[8])
        if kind in _TRANSCRIPTS:
            if not named.get("ID"):
                raise RequestError(f"{path.name} line {number}: the transcript has no ID; its exons cannot be found without")
            found[named["ID"]] = _opened(cells, named)
        else:
            parents = named.get("Parent", "").split(",")
            protein = named.get("protein_id", "")
            with_parents += [(parent, kind, segment, protein) for parent in parents]
    for parent, kind, segment, protein in with_parents:
        if (one := found.get(parent)) is not None:
            (one.coding if kind == "CDS" else one.exons).append(segment)
            one.protein = one.protein or (protein if kind == "CDS" else "")
    return _chosen(path, found.values(), known)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    read = 0
    try:
        with open(path, "rb") as raw:
            is_packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rt", encoding="utf-8-sig") if is_packed else open(path, encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                read += len(line)
                if read > _MOST_BYTES:
                    raise RequestError(f"{path.name}: more than {_MOST_BYTES} bytes; these are no gene models")
                if line.startswith("##FASTA"):
                    return
                if line.startswith("#") or not line.strip():
                    continue
                cells = line.rstrip("\r\n").split("\t")
                if len(cells) != _COLUMNS:
                    raise RequestError(
                        f"{path.name} line {number}: {len(cells)} columns; GFF3 has {_COLUMNS}, parted by tabs"
                    )
                yield number, cells
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise RequestError(f"{path.name} is cut short or damaged; bring the whole file") from None
    except UnicodeDecodeError as error:
        raise RequestError(f"{path.name}: byte {error.start} is not UTF-8; bring a GFF3 file") from None
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be read ({error.strerror}); name a GFF3 file") from None


def _segment(cells: list[str], name: str, number: int) -> Segment:
    if (
        cells[3].isdecimal()
        and cells[4].isdecimal()
        and 0 < int(cells[3][:_DIGITS]) <= int(cells[4][:_DIGITS]) <= _FURTHEST
        and cells[6] in "+-"
        and cells[6]
    ):
        return int(cells[3]), int(cells[4])
    place = f"{cells[3]}-{cells[4]} {cells[6]}"
    raise RequestError(f"{name} line {number}: {place!r} is no stretch of a strand; write start, end, and + or -")


def _attributes(text: str) -> dict[str, str]:
    if "=" not in text:
        return {}
    parts = (part.partition("=") for part in text.strip().split(";"))
    return {key.strip(): unquote(value) for key, _, value in parts if key}


def _opened(cells: list[str], named: dict[str, str]) -> _Open:
    references = named.get("Dbxref", "")
    own = named.get("transcript_id") or named.get("Name") or named.get("ID", "")
    ensembl = _ENSEMBL.search(f"{own} {references}")
    refseq = re.match(r"N[MR]_\d+\.\d+", own) or _REFSEQ.search(references)
    protein = _PROTEIN.search(references)
    tags = named.get("tag", "").replace(" ", "_").split(",")
    return _Open(
        gene=named.get("gene_name") or named.get("gene") or named.get("Parent", "").removeprefix("gene:"),
        name=refseq[refseq.lastindex or 0] if refseq else own.removeprefix("transcript:"),
        contig=cells[0],
        strand=1 if cells[6] == "+" else -1,
        role=next((_ROLES[tag] for tag in tags if tag in _ROLES), ""),
        ensembl=ensembl[1] if ensembl else "",
        protein=protein[1] if protein else "",
    )


def _chosen(path: Path, found: Iterable[_Open], known: GeneModels) -> ReadModels:
    left_out: dict[str, int] = {}

    def leave(why: str) -> None:
        left_out[why] = left_out.get(why, 0) + 1

    coding = [one for one in found if one.coding]
    is_tagged = any(one.role for one in coding)
    names = {row.chromosome.removeprefix("chr"): row.chromosome for row in known.chromosomes}
    taken = []
    for one in coding:
        chromosome = known.place(one.contig)[0] or names.get(one.contig.removeprefix("chr").replace("MT", "M"), "")
        exons = tuple(sorted(one.exons or one.coding))
        segments = sorted(one.coding)
        if is_tagged and not one.role:
            leave("not tagged MANE")
        elif not chromosome:
            leave("not on an assembled chromosome")
        elif _overlap(exons) or not _fits(exons, segments):
            leave("coding parts do not fit the exons")
        elif sum(last - first + 1 for first, last in segments) % 3:
            leave("coding bases are no whole codons")
        else:
            span = (segments[0][0], segments[-1][1])
            taken.append(
                Transcript(
                    one.gene,
                    one.name,
                    chromosome,
                    one.strand,
                    exons,
                    span,
                    one.protein,
                    one.ensembl,
                    one.role,
                    bool(one.exons),
                )
            )
    if not taken:
        said = f" ({', '.join(f'{count} {why}' for why, count in left_out.items())})" if left_out else ""
        raise RequestError(f"{path.name} has no coding transcript that can be used{said}; bring a GFF3 file of gene models")
    return ReadModels(tuple(taken), left_out)


def _overlap(exons: tuple[Segment, ...]) -> bool:
    return any(first[1] >= second[0] for first, second in pairwise(exons))


def _fits(exons: tuple[Segment, ...], segments: list[Segment]) -> bool:
    """Whether the coding segments are the exons, cut at one first and one last base."""
    low, high = segments[0][0], segments[-1][1]
    return segments == [(max(a, low), min(b, high)) for a, b in exons if max(a, low) <= min(b, high)]
