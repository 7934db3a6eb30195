"""Brings a reference sequence and gene models of the user: checked, recorded by digest, several side by side.

A FASTA file is not copied: what is kept is where it lies, its digest and its build. Gene models are compiled to one file.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from nof1.errors import GenomeError, InputError, RequestError
from nof1.genomics.contigs import canonical_build, other_lengths
from nof1.genomics.fasta import Fasta, open_fasta
from nof1.knowledge.compiled import knowledge, write_whole
from nof1.knowledge.gff import read_gff
from nof1.knowledge.variant_store import is_utf8
from nof1.model.transcripts import Transcript
from nof1.variants.reading import read

MODELS_BUILD = "GRCh38"  # the build of the gene models in the knowledge
_MARGIN = 10


class FastaRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reference that was brought. ``by``: what its build was told from; ``read_through``: transcripts of the
    knowledge that read through in it; ``unfit``: those that do not, with the reason."""

    path: str
    sha256: str
    size: int
    modified_ns: int
    build: str
    by: str
    contigs: int
    read_through: int
    unfit: tuple[str, ...]


class ModelsRecord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Gene models that were brought, compiled."""

    name: str
    sha256: str
    edition: str
    build: str
    transcripts: tuple[Transcript, ...]
    left_out: dict[str, int]


@dataclass(frozen=True, slots=True)
class _Told:
    build: str
    by: str
    whole: int
    unfit: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What was brought and where it is recorded; ``is_new``: it was not there yet."""

    place: Path
    record: FastaRecord | ModelsRecord
    is_new: bool


def add_fasta(path: Path, into: Path | None = None, build: str = "") -> Added:
    """Check the reference in ``path`` and record it in ``into`` (by default the user's data folder).

    The build is told by contig lengths; where these are not those of a whole chromosome, by the reading frames of the genes
    in the knowledge. ``build`` says it where neither can. Raises ``RequestError`` or ``GenomeError``, also where what is
    said and what is found disagree.
    """
    folder = into or _data_folder() / "fasta"
    path = path.resolve()
    digest = _digest(path)
    wanted = _wanted(build)
    with _index_kept_if_used(folder / digest[:12]) as beside:
        fasta = open_fasta(path, beside)
        found = _build_of(fasta, path.name)
        told, by = found.build, found.by
        if wanted and told and wanted != told:
            raise RequestError(f"{path.name} is {told} by {by}, not {wanted}; leave the build out, or bring another file")
        if not (told or wanted):
            raise RequestError(f"{path.name}: neither contig lengths nor genes tell its build; say GRCh38 or GRCh37")
        stat = path.stat()
        contigs = sum(map(len, fasta.stretches.values()))
        record = FastaRecord(
            path=str(path),
            sha256=digest,
            size=stat.st_size,
            modified_ns=stat.st_mtime_ns,
            build=told or wanted,
            by=by or "as said",
            contigs=contigs,
            read_through=found.whole,
            unfit=found.unfit,
        )
        return _kept(folder / f"{digest[:12]}.json", record, msgspec.json.format(msgspec.json.encode(record)))


@contextmanager
def _index_kept_if_used(folder: Path) -> Iterator[Path]:
    """``folder`` for the index of a file; gone again where the file is refused, unless it was there before."""
    was = folder.is_dir()
    try:
        yield folder
    except InputError:
        if not was:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def add_gene_models(path: Path, into: Path | None = None, edition: str = "", build: str = "") -> Added:
    """Read the gene models in ``path`` (GFF3 of MANE, Ensembl or RefSeq) and keep them compiled in ``into``.

    ``edition``: their release, where the file name does not say. Raises ``RequestError``.
    """
    folder = into or _data_folder() / "gene_models"
    digest = _digest(path)
    found = read_gff(path, knowledge().gene_models)
    wanted = _wanted(build) or canonical_build(_named_build(path.name)) or MODELS_BUILD
    record = ModelsRecord(path.name, digest, edition or path.name, wanted, found.transcripts, found.left_out)
    return _kept(folder / f"{digest[:12]}.msgpack", record, msgspec.msgpack.encode(record))


def fasta_for(build: str, folder: Path | None = None) -> Fasta | None:
    """The reference of ``build`` that was brought last, opened; ``None`` where none was.

    Raises ``GenomeError`` where its file is gone or has changed since.
    """
    place = folder or _data_folder() / "fasta"
    records = sorted(place.glob("*.json"), key=lambda one: one.stat().st_mtime_ns, reverse=True) if place.is_dir() else []
    for file in records:
        try:
            record = msgspec.json.decode(file.read_bytes(), type=FastaRecord)
        except msgspec.DecodeError:
            raise GenomeError(f"{file} is damaged; remove it and add the reference again") from None
        if record.build == build:
            _must_be_the_same(record)
            return open_fasta(Path(record.path), place / record.sha256[:12])
    return None


def gene_models_for(build: str, folder: Path | None = None) -> ModelsRecord | None:
    """The gene models of ``build`` that were brought last; ``None`` where none were."""
    place = folder or _data_folder() / "gene_models"
    files = sorted(place.glob("*.msgpack"), key=lambda one: one.stat().st_mtime_ns, reverse=True) if place.is_dir() else []
    for file in files:
        try:
            record = msgspec.msgpack.decode(file.read_bytes(), type=ModelsRecord)
        except msgspec.DecodeError:
            raise RequestError(f"{file} is of another version; remove it and add the gene models again") from None
        if record.build == build:
            return record
    return None


def _must_be_the_same(record: FastaRecord) -> None:
    try:
        stat = os.stat(record.path)
    except OSError as error:
        raise GenomeError(f"{record.path!r} cannot be read any more ({error.strerror}); add the reference again") from None
    if (stat.st_size, stat.st_mtime_ns) != (record.size, record.modified_ns):
        raise GenomeError(f"{record.path!r} has changed since it was added; add it again")


def _build_of(fasta: Fasta, name: str) -> _Told:
    """The build and what told it.

    Frames that do not hold are named where lengths tell the build; refused where most do not, or nothing else tells it.
    """
    by_length = fasta.build()
    if by_length and (odd := other_lengths(by_length, fasta.whole())):
        chromosome, length, wanted = odd[0]
        raise RequestError(
            f"{name} has the contig lengths of {by_length}, but {chromosome} has {length:,} bases and not {wanted:,}; "
            "it is cut short or another sequence, bring the whole file"
        )
    if by_length not in ("", MODELS_BUILD):
        return _Told(by_length, "contig lengths", 0, ())
    whole, broken = _frames(fasta)
    if broken and by_length and len(broken) > whole:
        raise RequestError(f"{name} has the contig lengths of {by_length}, but its sequence does not fit {broken[0]}")
    if broken and not by_length:
        raise RequestError(f"{name} fits {MODELS_BUILD} at {whole} genes, but not {broken[0]}; is it of another build?")
    if by_length:
        return _Told(by_length, "contig lengths" + (" and reading frames" if whole else ""), whole, tuple(broken))
    return _Told(MODELS_BUILD, "reading frames", whole, ()) if whole else _Told("", "", 0, ())


def _frames(fasta: Fasta) -> tuple[int, list[str]]:
    """How many transcripts of the knowledge read through, and which do not, with the reason."""
    whole, broken = 0, []
    for transcript in knowledge().gene_models.all():
        window = fasta.window(transcript.chromosome, transcript.coding[0] - _MARGIN, transcript.coding[1] + _MARGIN)
        reading = read(transcript, window)
        if reading is not None and (trouble := reading.trouble()):
            broken.append(f"{transcript.gene} ({transcript.id}): {trouble}")
        whole += reading is not None and not reading.trouble()
    return whole, broken


def _wanted(build: str) -> str:
    if build and not canonical_build(build):
        raise RequestError(f"build {build!r} is not known; write GRCh38 or GRCh37")
    return canonical_build(build) if build else ""


def _named_build(name: str) -> str:
    return next((build for build in ("GRCh38", "GRCh37") if build.lower() in name.lower()), "")


def _digest(path: Path) -> str:
    if not is_utf8(str(path)):
        raise RequestError(f"{str(path)!r}: its name is not UTF-8; rename the file")
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be read ({error.strerror}); name a file") from None


def _kept(place: Path, record: FastaRecord | ModelsRecord, content: bytes) -> Added:
    was = place.read_bytes() if place.is_file() else b""
    if was != content:
        write_whole(content, place)
    if not place.is_file() or place.read_bytes() != content:
        raise RequestError(f"{str(place)!r} cannot be written; choose another folder with --into")
    return Added(place, record, was != content)


def _data_folder() -> Path:
    root = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(root) / "nof1"
