"""Brings a newer FDA table of pharmacogenetic associations as a pack: what differs is kept as notes, not advice."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from nof1.errors import KnowledgeError, RequestError
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.fda_table import Changes, CodedRow, Table, TableRow, compare, present, read_table
from nof1.knowledge.load import load
from nof1.knowledge.schema import Source
from nof1.knowledge.tables import read_tsv

CODED = SHIPPED / "guidelines" / "fda" / "rows.tsv"
_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """What was brought, and where it lies. ``edition``: the coded edition it was compared with."""

    folder: Path
    table: Table
    date: str
    edition: str
    changes: Changes
    is_new: bool


def bring(file: Path, into: Path | None = None, when: str = "", *, is_partial: bool = False) -> Brought:
    """Read ``file``, compare it with the coded edition and write the pack; ``when`` (ISO) replaces the file's own date.

    ``is_partial``: the file is known to be a part of the table; without it, one that lacks most coded rows is refused.

    The pack appears whole or not at all, and only if it loads. A row that differs becomes a ``gap`` of its drug: the text of
    the file is shown beside the advice and nothing is derived from it. Raises ``RequestError``.
    """
    table = read_table(_read(file), file.name)
    day = _day(when or table.date, file.name, bool(when))
    coded = _coded()
    source = knowledge().sources[coded[0].source.partition("#")[0]]
    edition = source.version
    if day < edition:
        raise RequestError(f"{file.name} is of {day}, older than the edition coded here ({edition}); bring a newer one")
    if not is_partial:
        _must_be_whole(table, coded, file.name)
    changes = compare(table, coded, is_partial=is_partial)
    folder = into or _packs() / f"fda-associations-{day}"
    texts = {
        f"sources/fda-associations-{day}.yaml": _source(source, table, day, file.name),
        **_notes(changes, day, source),
    }
    written = {
        name: yaml.safe_dump(content, sort_keys=False, allow_unicode=True).encode() for name, content in texts.items()
    }
    return Brought(folder, table, day, edition, changes, _write(folder, written))


def _read(file: Path) -> bytes:
    try:
        with open(file, "rb") as opened:
            data = opened.read(_MOST_BYTES + 1)
    except OSError as error:
        raise RequestError(f"{str(file)!r} cannot be read ({error.strerror}); name a file") from None
    if len(data) > _MOST_BYTES:
        raise RequestError(f"{file.name}: more than {_MOST_BYTES} bytes; this is not the table")
    return data


def _day(text: str, name: str, is_option: bool) -> str:
    if not text:
        raise RequestError(f"{name} names no date; say of which day it is with --date YYYY-MM-DD")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise RequestError(f"{'--date' if is_option else name} is {text!r}; write YYYY-MM-DD") from None


def _must_be_whole(table: Table, coded: Sequence[CodedRow], name: str) -> None:
    found = present(table, coded)
    if 2 * found < len(coded):
        raise RequestError(
            f"{name} has {found} of the {len(coded)} rows coded here, so most would be told as gone; "
            "bring the whole table, or say --partial for a part of it"
        )


def _coded() -> list[CodedRow]:
    problems: list[str] = []
    rows = read_tsv(CODED, CodedRow, problems.append)
    if problems or not rows:
        raise KnowledgeError(problems or [f"{CODED.name}: no rows"])
    return rows


def _packs() -> Path:
    root = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(root) / "nof1" / "packs"


def _source(coded: Source, table: Table, day: str, name: str) -> dict[str, object]:
    source = {
        "id": _source_id(day),
        "title": f"{coded.title.partition(',')[0]} of {day}, as brought",
        "body": coded.body,
        "year": int(day[:4]),
        "url": coded.url,
        "licence": "as the file was obtained; its words are shown as they stand",
        "because": f"{len(table.rows)} rows of {name}; those that differ from the coded edition are shown, not coded",
        "version": f"{day}, SHA-256 {table.digest}",
    }
    return {"schema": 1, "sources": [source]}


def _source_id(day: str) -> str:
    return f"fda-associations-file-{day}"


def _notes(changes: Changes, day: str, coded: Source) -> dict[str, object]:
    """A file for each drug and gene that differ, with a gap and no rule."""
    said: dict[tuple[str, str], list[str]] = {}
    other = f"worded otherwise than coded from {coded.version}"
    for rows, how in ((changes.added, "a row not coded here"), (changes.changed, other)):
        for row in rows:
            said.setdefault((row.drug.lower(), _plain(row.gene)), []).append(_words(row, day, how))
    for gone in changes.removed:
        words = (
            f"FDA table of {day}: no such row on {gone.gene} any more; what is coded from {coded.version} may be outdated."
        )
        said.setdefault((gone.drug, _plain(gone.gene)), []).append(words)
    return {
        f"guidelines/fda-{day}/{drug.replace(' ', '_')}.{gene}.yaml": {
            "schema": 1,
            "drug": drug,
            "body": coded.body,
            "guideline": _source_id(day),
            "genes": [],
            "rules": [],
            "gap": " ".join(texts),
        }
        for (drug, gene), texts in said.items()
    }


def _words(row: TableRow, day: str, how: str) -> str:
    section = f"section {row.section}" if row.section else "section not stated"
    return f"FDA table of {day}, {section}, {how}: {row.gene}, {row.subgroups}: {row.text}"


def _plain(gene: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", gene).strip("_")[:100] or "gene"


def _write(folder: Path, texts: Mapping[str, bytes]) -> bool:
    """Write the pack beside its place, load it as it will be loaded, then move it; false where the same pack is there."""
    if folder.exists() and not folder.is_dir():
        raise RequestError(f"{str(folder)!r} is a file; choose another folder with --into")
    if folder.is_dir() and any(folder.iterdir()):
        if _content(folder) == dict(texts):
            return False
        raise RequestError(f"{str(folder)!r} holds something else; remove it, or choose another folder with --into")
    made: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
        for name, data in texts.items():
            (made / name).parent.mkdir(parents=True, exist_ok=True)
            with open(made / name, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        _must_load(made)
        made.chmod(0o755)
        os.replace(made, folder)
    except OSError as error:
        raise RequestError(f"{str(folder)!r} cannot be written ({error.strerror}); choose another with --into") from None
    finally:
        if made is not None and made.exists():
            shutil.rmtree(made)
    return True


def _must_load(made: Path) -> None:
    try:
        load((SHIPPED, made))
    except KnowledgeError as error:
        more = f" (and {len(error.problems) - 1} more)" if len(error.problems) > 1 else ""
        raise RequestError(f"the pack would not load: {error.problems[0]}{more}; nothing is written") from None


def _content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
