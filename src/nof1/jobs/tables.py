"""Writes a call table gene by gene: finished genes are kept beside the output, so that a killed job goes on where it was."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from nof1.cohort.calls import COLUMNS, NUMBERS
from nof1.errors import Nof1Error, RequestError
from nof1.genomics.genomes import Evidence
from nof1.jobs.many_people import CohortCalls, GeneTable
from nof1.model.genome import SiteNote


class _Evidence(msgspec.Struct):
    files: list[Evidence]
    notes: list[SiteNote]


FORMATS = ("tsv", "json", "parquet")


def check_out(out: Path, inputs: Sequence[Path]) -> None:
    """Raise ``RequestError`` where a table cannot be put, before any work is done."""
    format_of(out)
    for path in inputs:
        if out.exists() and path.exists() and os.path.samefile(out, path):
            raise RequestError(f"--out is {str(out)!r}, which is also an input; name another file")


def write_table(calls: CohortCalls, out: Path, key: str, done: Callable[[str, bool], None]) -> int:
    """Write every gene of ``calls`` to ``out``; returns the number of rows.

    ``key`` identifies inputs and options: parts left by an interrupted run with the same key are used again. ``done`` is
    told each gene and whether it was kept from before. The output appears whole or not at all.
    """
    parts = out.with_name(f".{out.name}.parts")
    _open_parts(out, parts, key)
    try:
        _fill_parts(calls, parts, done)
    except Nof1Error:
        shutil.rmtree(parts)  # what such input gave is worth nothing
        raise
    temporary = out.with_name(f".{out.name}.writing")
    rows = {"tsv": _write_tsv, "json": _write_json, "parquet": _write_parquet}[format_of(out)](
        temporary, [parts / f"{symbol}.tsv" for symbol in calls.genes]
    )
    with open(temporary, "rb") as written:
        os.fsync(written.fileno())
    os.replace(temporary, out)
    shutil.rmtree(parts)
    return rows


def _fill_parts(calls: CohortCalls, parts: Path, done: Callable[[str, bool], None]) -> None:
    for symbol in calls.genes:
        part = parts / f"{symbol}.tsv"
        kept = part.exists() and (parts / f"{symbol}.evidence").exists()
        if kept:
            _remember(calls, symbol, parts)
        else:
            table = calls.table(symbol)
            _write_evidence(calls, symbol, parts)
            _write_part(part, table)
        done(symbol, kept)
    calls.finish()


def format_of(out: Path) -> str:
    """The format a file name asks for; ``RequestError`` for another."""
    kind = out.suffix.lstrip(".").lower()
    if kind not in FORMATS:
        raise RequestError(f"--out is {out.name!r}; end it in .tsv, .json or .parquet")
    if kind == "parquet":
        try:
            import pyarrow  # noqa: F401
        except ImportError:
            raise RequestError("Parquet needs an extra; install nof1[parquet], or end --out in .tsv") from None
    if out.is_dir():
        raise RequestError(f"--out is {str(out)!r}, a folder; name a file in it")
    if not out.parent.is_dir():
        raise RequestError(f"--out is {str(out)!r}; the folder {str(out.parent)!r} does not exist, make it first")
    return kind


def job_key(paths: list[Path], options: dict[str, object], edition: str) -> str:
    """What must be equal for parts of an earlier run to be used: files (path, size, time), options, knowledge."""
    files = []
    for path in paths:
        stat = path.stat()
        files.append([str(path.resolve()), stat.st_size, stat.st_mtime_ns])
    text = json.dumps([files, options, edition], sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _open_parts(out: Path, parts: Path, key: str) -> None:
    if parts.exists() and not parts.is_dir():
        raise RequestError(f"--out {str(out)!r}: {parts.name} beside it is no folder of an unfinished table; move it away")
    marker = parts / "key"
    if parts.exists() and (not marker.exists() or marker.read_text() != key):
        shutil.rmtree(parts)
    parts.mkdir(exist_ok=True)
    marker.write_text(key)


def _write_evidence(calls: CohortCalls, symbol: str, parts: Path) -> None:
    """Keep what reading the gene showed about the files: a resumed run must judge their build by all genes."""
    kept = _Evidence(calls.set.evidence.get(symbol, []), calls.notes)
    (parts / f"{symbol}.evidence").write_bytes(msgspec.json.encode(kept))


def _remember(calls: CohortCalls, symbol: str, parts: Path) -> None:
    kept = msgspec.json.decode((parts / f"{symbol}.evidence").read_bytes(), type=_Evidence)
    if kept.files:
        calls.set.evidence[symbol] = kept.files
    calls.set.notes[:] = [*kept.notes, *(note for note in calls.notes if note not in kept.notes)]


def _write_part(part: Path, table: GeneTable) -> None:
    temporary = part.with_suffix(".writing")
    texts = ["".join(_line(row) for row in rows) for rows in table.patterns]
    with open(temporary, "w", encoding="utf-8") as file:
        for person, name in enumerate(table.names):
            given = table.given.get(person)
            text = "".join(_line(row) for row in given) if given else texts[table.rows[person]]
            file.write(text.replace("\0", name))
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, part)


def _line(row: tuple[object, ...]) -> str:
    return "\0\t" + "\t".join(str(value) for value in row) + "\n"


def _write_tsv(out: Path, parts: list[Path]) -> int:
    rows = 0
    with open(out, "w", encoding="utf-8") as file:
        file.write("\t".join(COLUMNS) + "\n")
        for part in parts:
            with open(part, encoding="utf-8") as lines:
                for line in lines:
                    file.write(line)
                    rows += 1
    return rows


def _records(part: Path) -> Iterator[dict[str, object]]:
    with open(part, encoding="utf-8") as lines:
        for line in lines:
            record: dict[str, object] = dict(zip(COLUMNS, line.rstrip("\n").split("\t"), strict=True))
            record["rank"] = int(str(record["rank"]))
            record |= {name: float(str(record[name])) if record[name] else None for name in NUMBERS}
            yield record


def _write_json(out: Path, parts: list[Path]) -> int:
    rows = 0
    with open(out, "w", encoding="utf-8") as file:
        file.write("[")
        for part in parts:
            for record in _records(part):
                file.write(("\n" if rows == 0 else ",\n") + json.dumps(record, ensure_ascii=False))
                rows += 1
        file.write("\n]\n")
    return rows


def _write_parquet(out: Path, parts: list[Path]) -> int:
    import pyarrow
    import pyarrow.parquet

    types = {"rank": pyarrow.int32(), **dict.fromkeys(NUMBERS, pyarrow.float64())}
    schema = pyarrow.schema([(name, types.get(name, pyarrow.string())) for name in COLUMNS])
    rows = 0
    with pyarrow.parquet.ParquetWriter(out, schema) as writer:
        for part in parts:
            table = pyarrow.Table.from_pylist(list(_records(part)), schema=schema)
            rows += table.num_rows
            writer.write_table(table)
    return rows
