"""The FDA's table of pharmacogenetic associations as a user brings it, and what differs in it from the rows coded here.

Rows are compared by fingerprint; nothing is drawn from their words. What differs is kept as the file has it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from nof1.errors import RequestError
from nof1.knowledge.fda_page import read_page
from nof1.knowledge.shape import Spec, Status

COLUMNS = ("drug", "gene", "affectedsubgroups", "descriptionofgenedruginteraction")
_NEEDED = "Drug, Gene, Affected Subgroups, Description of Gene-Drug Interaction"
_SECTION_WORDS = {"recommend": "1", "impact": "2", "safety": "2", "pk": "3", "pharmacokinetic": "3"}
_DATES = ("collectedOn", "fdaContentCurrentDate", "date", "version")
_LONGEST, _MOST = 4000, 5000
_NAME = re.compile(r"\w[\w ,+()'-]{0,149}")


Pair = tuple[str, tuple[str, ...]]  # a drug and its genes


class CodedRow(Spec, frozen=True):
    """One row of ``guidelines/fda/rows.tsv``: a row that was read, known again by the ``fingerprint`` of its words."""

    section: str
    drug: str
    gene: str
    fingerprint: str
    source: str
    status: Status
    checked: str


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row as the file has it; ``section`` is empty where the file does not say."""

    section: str
    drug: str
    gene: str
    subgroups: str
    text: str

    @property
    def key(self) -> Pair:
        """What makes rows of two editions speak of the same: the drug, and its genes in any order."""
        return pair_key(self.drug, self.gene)

    @property
    def fingerprint(self) -> str:
        """12 hexadecimal digits over the subgroups and the description, whatever their case, spaces and full stops."""
        words = unicodedata.normalize("NFKC", f"{self.subgroups}\n{self.text}").casefold()
        return hashlib.blake2b(re.sub(r"[\s.]+", " ", words).strip().encode(), digest_size=6).hexdigest()


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file: its rows, the date it names (ISO; empty for none) and its digest (SHA-256)."""

    rows: tuple[TableRow, ...]
    date: str
    digest: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Rows of a newer table against the coded ones. ``same``: how many are known by their words."""

    same: int
    added: tuple[TableRow, ...]
    changed: tuple[TableRow, ...]
    removed: tuple[CodedRow, ...]


def pair_key(drug: str, gene: str) -> Pair:
    """Drug and genes in one spelling.

    >>> pair_key("Some  Drug", "A1 and/or B2") == pair_key("some drug", "B2/A1")
    True
    """
    genes = {word for word in re.findall(r"[a-z0-9-]+", gene.casefold()) if word not in ("and", "or")}
    return " ".join(drug.casefold().split()), tuple(sorted(genes))


def read_table(data: bytes, name: str) -> Table:
    """The table in ``data``: JSON, a saved web page, or text separated by commas or tabs. Raises ``RequestError``."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{name} byte {error.start}: not UTF-8; save it as UTF-8") from None
    raw: Sequence[Mapping[str, str]]
    start = text.lstrip()[:1]
    if start in ("{", "["):
        raw, when = _from_json(text, name)
    elif start == "<":
        raw, when = _from_page(text, name)
    else:
        raw, when = _from_text(text, name), ""
    rows = _checked(raw, name)
    return Table(tuple(dict.fromkeys(rows)), _iso(when), hashlib.sha256(data).hexdigest())


def compare(table: Table, coded: Sequence[CodedRow], *, is_partial: bool = False) -> Changes:
    """What differs. A section of which the file has no row is taken as not brought: its rows are not called removed.

    ``is_partial``: the file is a part of the table, so that nothing is called removed.
    """
    known: dict[Pair, list[CodedRow]] = {}
    for one in coded:
        known.setdefault(pair_key(one.drug, one.gene), []).append(one)
    brought: dict[Pair, list[TableRow]] = {}
    for row in table.rows:
        brought.setdefault(row.key, []).append(row)
    added = tuple(row for row in table.rows if row.key not in known)
    changed = tuple(row for row in table.rows if row.key in known and not any(_same(row, one) for one in known[row.key]))
    sections, reworded = {row.section for row in table.rows}, {row.key for row in changed}
    removed = tuple(
        one
        for one in coded
        if not is_partial
        and (key := pair_key(one.drug, one.gene)) not in reworded
        and not any(_same(row, one) for row in brought.get(key, []))
        and ("" in sections or one.section in sections)
    )
    return Changes(len(table.rows) - len(added) - len(changed), added, changed, removed)


def present(table: Table, coded: Sequence[CodedRow]) -> int:
    """How many of the coded rows the file speaks of: those whose drug and genes it names."""
    brought = {row.key for row in table.rows}
    return sum(pair_key(one.drug, one.gene) in brought for one in coded)


def _same(row: TableRow, coded: CodedRow) -> bool:
    return row.fingerprint == coded.fingerprint and row.section in ("", coded.section)


def _from_page(text: str, name: str) -> tuple[Sequence[Mapping[str, str]], str]:
    try:
        return read_page(text, COLUMNS)
    except ValueError as error:
        raise RequestError(f"{name}: no web page ({' '.join(str(error).split())}); save it again") from None


def _from_json(text: str, name: str) -> tuple[Sequence[Mapping[str, str]], str]:
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RequestError(f"{name}: no JSON ({' '.join(str(error).split())}); download it again") from None
    rows = content.get("table") if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RequestError(f"{name}: no list of rows under 'table'; bring the file as downloaded")
    when = next((str(content[key]) for key in _DATES if content.get(key)), "") if isinstance(content, dict) else ""
    found = []
    for number, row in enumerate(rows, start=1):
        cells = {_header(key): value for key, value in row.items()}
        if wrong := [key for key in COLUMNS if not isinstance(cells.get(key), str)]:
            raise RequestError(f"{name} row {number}: no text under {wrong[0]!r}; a row has {_NEEDED}")
        section = cells.get("section") or cells.get("table") or ""
        found.append({**{key: cells[key] for key in COLUMNS}, "section": str(section)})
    return found, when


def _from_text(text: str, name: str) -> list[Mapping[str, str]]:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    delimiter = "\t" if "\t" in first else ","
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise RequestError(f"{name}: no table ({error}); save it as CSV, TSV, HTML or JSON") from None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    headers = [_header(cell) for cell in lines[0]] if lines else []
    if not set(COLUMNS) <= set(headers):
        raise RequestError(f"{name} row 1: not the table's header; expected {_NEEDED}")
    for number, line in enumerate(lines, start=1):
        if len(line) != len(headers):
            quote = f"quote cells that hold {delimiter!r}"
            raise RequestError(f"{name} row {number}: {len(line)} cells; expected {len(headers)}, {quote}")
    return [dict(zip(headers, line, strict=True)) for line in lines[1:]]


def _header(cell: str) -> str:
    return re.sub(r"[^a-z]", "", cell.casefold())


def _checked(raw: Iterable[Mapping[str, str]], name: str) -> list[TableRow]:
    rows = [_row(cells) for cells in raw]
    if not rows:
        raise RequestError(f"{name}: no row of the table; expected columns {_NEEDED}")
    problems = list(_problems(rows))
    if len(rows) > _MOST:
        problems.insert(0, f"{len(rows)} rows; the table has some hundreds, at most {_MOST} are read")
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise RequestError(f"{name} {problems[0]}{more}")
    return rows


def _row(cells: Mapping[str, str]) -> TableRow:
    drug, gene, subgroups, text = (_clean(cells.get(key, "")) for key in COLUMNS)
    drug, gene = (re.sub(r"\s*[†*+]+$", "", cell) for cell in (drug, gene))
    return TableRow(_section(cells.get("section", "")), drug.replace("/", " and "), gene, subgroups, text)


def _clean(cell: str) -> str:
    """Words with single spaces; signs that no table shows are left out."""
    return " ".join("".join(sign for sign in cell if sign.isspace() or unicodedata.category(sign)[0] != "C").split())


def _section(text: str) -> str:
    if found := re.search(r"[123]", text):
        return found[0]
    return next((number for word, number in _SECTION_WORDS.items() if word in text.casefold()), "")


def _problems(rows: Iterable[TableRow]) -> Iterator[str]:
    for number, row in enumerate(rows, start=1):
        for what, cell in (("drug", row.drug), ("gene", row.gene), ("subgroup", row.subgroups), ("description", row.text)):
            if not cell:
                yield f"row {number}: no {what}; mend the row"
            elif len(cell) > _LONGEST:
                yield f"row {number}: a {what} of {len(cell)} letters; this is no row of the table"
        if row.drug and not _NAME.fullmatch(row.drug):
            yield f"row {number}: drug {row.drug[:60]!r} is no name of a drug; mend the row"


def _iso(text: str) -> str:
    """The date at the start of ``text`` as ISO 8601: written so, or as month/day/year; empty for neither."""
    if found := re.match(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        text = f"{found[3]}-{int(found[1]):02}-{int(found[2]):02}"
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return ""
