"""``nof1 annotate``: the alleles of genome files that compiled tables know, as a table or as a VCF."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from nof1.errors import GenomeError, RequestError
from nof1.genomics.columns import FORMAT
from nof1.genomics.file_alleles import Aligner
from nof1.genomics.inflate import VcfText
from nof1.jobs.allele_scan import Piece, Scan, Tally, declared_build, opened, threads
from nof1.jobs.annotated_outputs import check_outputs
from nof1.jobs.annotated_table import Fields, TableSink, fields_of, heads
from nof1.jobs.checked_tables import checked
from nof1.knowledge.variant_compile import remove_left
from nof1.knowledge.variant_index import VariantIndex
from nof1.knowledge.variant_store import opened as table_of
from nof1.model.allele_arrays import Ints

CHECKED = 1 << 29  # bytes: larger tables are checked when they are made, and with nof1 knowledge list tables --check
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Done:
    """What was made of one genome file."""

    path: Path
    build: str
    evidence: str
    tally: Tally


@dataclass(frozen=True, slots=True)
class Output:
    """Where to write, one of three: a table (``out``), a genome file (``vcf``), a table to an open ``stream``."""

    out: Path | None = None
    vcf: Path | None = None
    stream: IO[bytes] | None = None


class Sink(Protocol):
    """Where the rows of pieces go. ``render`` runs in the threads that look up, ``put`` in order."""

    def render(self, piece: Piece, hits: Ints) -> Any:
        """What is written of a piece."""

    def put(self, made: Any) -> None:
        """Write it."""


def annotate(
    files: Sequence[Path],
    names: Sequence[str],
    output: Output,
    *,
    sample: str = "",
    build: str = "",
    columns: Sequence[str] = (),
    tables: Path | None = None,
    align: Aligner | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[Done]:
    """Look up ``files`` in the tables that ``names`` mean and write what is known to ``output``, whole or not at all.

    With ``sample`` only alleles which that person carries, or may carry, with the genotype. ``columns``: names of columns
    to write; ``align``: moves alleles to the left. Raises ``GenomeError``, ``RequestError``, ``NotInKnowledge``.
    """  # fmt: skip
    if not files or not names:
        raise RequestError("name a genome file, and tables with --with")
    if output.vcf is not None and (len(files) > 1 or sample):
        raise RequestError("--vcf takes one genome file at a time, with all its samples; leave --sample out")
    texts = [VcfText(path) for path in files]
    known = _tables(texts, names, build, tables)
    check_outputs({"--out": output.out, "--vcf": output.vcf}, [*files, *(table.path for table in known)])
    fields = fields_of(known, columns)
    with threads() as pool:
        small = [table for table in known if table.header.size <= CHECKED]
        scans = [opened(text, known, build, align) for text in texts]
        places = [sample_column(scan.text, sample) for scan in scans]
        with _sinks(fields, output, has_person=bool(sample)) as sink_of, checked(pool, small):
            for scan, column in zip(scans, places, strict=True):
                sink = sink_of(scan, column)
                for made in scan.worked(pool, _rendering(sink), progress):
                    sink.put(made)
    return [Done(scan.text.path, scan.build, scan.evidence or "by its REF bases", scan.tally) for scan in scans]


def _tables(texts: Sequence[VcfText], names: Sequence[str], build: str, folder: Path | None) -> list[VariantIndex]:
    stated = {declared_build(text, build)[0] for text in texts} - {""}
    return [table_of(name, stated.copy().pop() if len(stated) == 1 else "", folder) for name in names]


def _rendering(sink: Sink) -> Callable[[Piece], Any]:
    return lambda piece: sink.render(piece, piece.hits())


def sample_column(text: VcfText, sample: str) -> int:
    """The column of a sample, -1 where none is asked for. Raises ``GenomeError`` where the file has it not once."""
    if not sample:
        return -1
    if text.samples.count(sample) != 1:
        there = ", ".join(text.samples[:_SHOWN]) + (" ..." if len(text.samples) > _SHOWN else "")
        count = "two samples" if sample in text.samples else "no sample"
        raise GenomeError(f"{text.path}: has {count} {sample!r}; it has {there or 'no sample column'}")
    return FORMAT + 1 + text.samples.index(sample)


@contextmanager
def _sinks(fields: Sequence[Fields], output: Output, *, has_person: bool) -> Iterator[Callable[[Scan, int], Sink]]:
    """Yields what makes the sink of a file and a sample's column."""
    if output.vcf is not None:
        from nof1.jobs.annotated_vcf import Packed, VcfSink

        with whole_file(output.vcf) as file, Packed(file, output.vcf) as packed:
            yield lambda scan, _: VcfSink(scan, fields, packed)
    elif output.out is not None and output.out.suffix == ".parquet":
        from nof1.jobs.annotated_parquet import parquet

        with whole_file(output.out) as file, parquet(file, fields, has_person=has_person) as write:
            yield lambda scan, column: TableSink(scan, fields, column, write, as_values=True)
    else:
        with _lines(output) as file:
            file.write(b"\t".join(name.encode() for name in heads(fields, has_person=has_person)) + b"\n")
            yield lambda scan, column: TableSink(scan, fields, column, file.write)


@contextmanager
def _lines(output: Output) -> Iterator[IO[bytes]]:
    if output.out is not None:
        with whole_file(output.out) as file:
            yield file
    elif output.stream is not None:
        yield output.stream
    else:
        raise RequestError("say where to write: --out FILE or --vcf FILE")


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name when all is written, and not before."""
    made = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        remove_left(path)
        with open(made, "wb") as file:
            yield file
        os.replace(made, path)
    except OSError as error:
        raise RequestError(f"{str(path)!r} cannot be written ({error.strerror}); name another file") from None
    finally:
        made.unlink(missing_ok=True)


def summary(done: Done) -> Iterator[str]:
    """Lines that tell what was read, found and left out."""
    tally = done.tally
    yield (
        f"{done.path.name}: {done.build} ({done.evidence}), {tally.records:,} records, {tally.alternatives:,} alternatives, "
        f"{tally.looked_up:,} looked up, {tally.found:,} known"
    )
    for reason, count in sorted(tally.excluded.items(), key=lambda item: -item[1]):
        yield f"  {count:,} {reason}"
    if tally.disagreeing:
        compared = tally.agreeing + tally.disagreeing
        yield f"  {tally.disagreeing:,} of {compared:,} REF compared differ from the tables (first {tally.example})"
