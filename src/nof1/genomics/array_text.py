"""The text of an array's raw data as a table: which columns it has, who made it, and its rows as offsets into bytes.

A file has up to a million rows, of which a thousand are asked for. No row is split before it is known to be wanted:
separators are found in the whole text at once, and rsids and positions become numbers column by column.
"""

from __future__ import annotations

import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nof1.errors import GenomeError

HEAD = 1 << 16
_LIMIT = 1 << 29  # bytes of text; the largest arrays are a tenth of it
_ASK = "give the raw data file as the company or laboratory made it"
_NAMES = {
    "id": ("rsid", "snp", "snpname", "name", "id", "marker", "markername", "variant", "variantid"),
    "chromosome": ("chromosome", "chrom", "chr", "chromosomename"),
    "position": ("position", "pos", "bp", "basepair", "location"),
    "genotype": ("genotype", "result", "call", "calls", "gt"),
    "allele1": ("allele1", "a1", "allelea"),
    "allele2": ("allele2", "a2", "alleleb"),
}
_MAKERS = (
    (re.compile(rb"23andme", re.I), "23andMe"), (re.compile(rb"ancestrydna", re.I), "AncestryDNA"),
    (re.compile(rb"myheritage", re.I), "MyHeritage"), (re.compile(rb"living ?dna", re.I), "Living DNA"),
    (re.compile(rb"famfinder|family ?tree ?dna|ftdna", re.I), "FTDNA"),
)  # fmt: skip
_COLUMN_LINE = re.compile(
    rb"^#*[ \t]*(?:rsid|snp|snp[ _.]?name|name|id|marker|variant)[\t, ;]+(?:chr|chrom|chromosome)[\t, ;]+(?:pos|bp|base)",
    re.IGNORECASE | re.MULTILINE,
)
_ROW = re.compile(
    rb"^[\w.:-]+[\t, ;]+(?:chr)?(?:\d{1,2}|X|Y|XY|MT?|PAR)[\t, ;]+\d+[\t, ;]+[ACGTDI0-]{1,2}[\t, ;]*[ACGTDI0-]?[\t ]*$",
    re.MULTILINE,
)
_DAMAGED = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError)
_UNKNOWN_POSITION = frozenset({b"-", b"--", b"NA", b".", b"N/A"})


@dataclass(frozen=True)
class ArrayTable:
    """Rows of one file, none of them split.

    ``body`` the bytes of the rows; ``starts`` (rows,) and ``ends`` (rows, columns) int64 offsets of rows and of the ends of
    fields, with one separator between two fields; ``column`` the place of each known column; ``lines`` (rows,) line numbers
    in the user's file; ``comments`` the lines before the rows; ``maker`` the company, empty for a plain table.
    """

    path: Path
    body: bytes
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    column: dict[str, int]
    lines: NDArray[np.int64]
    comments: str
    maker: str

    @property
    def letters(self) -> NDArray[np.uint8]:
        """The body as numbers."""
        return np.frombuffer(self.body, np.uint8)

    def text(self, row: int, name: str) -> str:
        """One field as text."""
        place = self.column[name]
        begin = self.ends[row, place - 1] + 1 if place else self.starts[row]
        return self.body[begin : self.ends[row, place]].decode("utf-8", "replace").strip()

    def field(self, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Begin and end of a column's fields, (rows,) each."""
        place = self.column[name]
        return self.ends[:, place - 1] + 1 if place else self.starts, self.ends[:, place]

    def rs_numbers(self) -> NDArray[np.int64]:
        """(rows,) the number of each rsid, -1 for another identifier."""
        begin, end = self.field("id")
        text = self.letters
        next_ = np.minimum(begin + 1, len(text) - 1)
        is_rs = (end - begin > 2) & (text[begin] | 32 == ord("r")) & (text[next_] | 32 == ord("s"))
        number, ok = _numbers(text, begin + 2, np.where(is_rs, end, begin + 2))
        return np.where(is_rs & ok, number, -1)

    def positions(self) -> NDArray[np.int64]:
        """(rows,) positions, 0 = not given; ``GenomeError`` names the first row whose position is no number."""
        begin, end = self.field("position")
        number, ok = _numbers(self.letters, begin, end)
        for row in np.flatnonzero(~ok & (end > begin)).tolist():
            said = self.body[begin[row] : end[row]]
            if said not in _UNKNOWN_POSITION:
                shown = said[:30].decode("utf-8", "replace")
                raise GenomeError(f"{self.path} line {self.lines[row]}: position is {shown!r}, expected a number; {_ASK}")
        return np.where(ok, number, 0)


def is_array(path: Path) -> bool:
    """Whether the file looks like array raw data rather than VCF; a file that cannot be opened does not."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    if head[:4] == b"PK\x03\x04":
        return path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)
    if head[:2] == b"\x1f\x8b":
        try:
            head = zlib.decompressobj(31).decompress(head, HEAD)
        except zlib.error:
            return False
    head = _plain(head)
    if head.startswith((b"##fileformat=VCF", b"BCF")):
        return False
    first = head.split(b"\n", 1)[0]
    named = first.startswith(b"#") and any(pattern.search(first) for pattern, _ in _MAKERS)
    return bool(named or _COLUMN_LINE.search(head) or _ROW.match(head))


def read_table(path: Path) -> ArrayTable:
    """The rows of an array file (plain, gzip, or zip with one file).

    Raises ``GenomeError`` for a file that is cut short, binary, without rows, with several people, or with a row that has
    other columns than the first.
    """
    text = _plain(_load(path))
    if b"\0" in text:
        raise GenomeError(f"{path}: holds zero bytes (binary, or text in UTF-16); save it as plain text (UTF-8)")
    comments, names, start, line = _header(text)
    body = text[start:] + (b"" if text.endswith(b"\n") else b"\n")
    probe = body[: body.find(b"\n")]
    separator = b"\t" if b"\t" in probe else b"," if b"," in probe else b";" if b";" in probe else b" "
    if separator == b" ":
        body = re.sub(rb"[ ]*\n[ ]*", b"\n", re.sub(rb" +", b" ", body))
    elif b" " in body:
        body = body.replace(b" ", b"")
    width = body[: body.find(b"\n")].count(separator) + 1
    if not body.strip():
        raise GenomeError(f"{path}: has no rows of data; {_ASK}")
    column = _columns(path, line, names, width)
    starts, ends, lines = _rows(path, body, ord(separator), width, line + 1)
    maker = _maker(text[:start], names, separator)
    return _without_names(ArrayTable(path, body, starts, ends, column, lines, comments, maker), names)


def _plain(text: bytes) -> bytes:
    """Without byte order mark, carriage returns and quotes."""
    text = text.removeprefix(b"\xef\xbb\xbf")
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return text.translate(None, b'"') if b'"' in text else text


def _load(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if raw[:2] == b"PK":
            return _unzipped(path, raw)
        if raw[:2] == b"\x1f\x8b":
            raw = gzip.GzipFile(fileobj=io.BytesIO(raw)).read(_LIMIT + 1)
    except (gzip.BadGzipFile, *_DAMAGED) as error:
        raise GenomeError(f"{path}: is cut short or damaged ({error}); copy the file again") from error
    except OSError as error:
        raise GenomeError(f"{path}: cannot be opened ({error.strerror}); check the path") from error
    if len(raw) > _LIMIT:
        raise GenomeError(f"{path}: holds more than {_LIMIT >> 20} MB of text, which no array does; {_ASK}")
    return raw


def _unzipped(path: Path, raw: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(raw)) as packed:
        members = [item for item in packed.infolist() if not item.filename.startswith("__MACOSX")]
        members = [item for item in members if item.filename[-1:] != "/"]
        if len(members) != 1:
            shown = ", ".join(item.filename for item in members[:3]) or "nothing"
            raise GenomeError(f"{path}: the zip holds {len(members)} files ({shown}); unpack it and give one of them")
        if members[0].file_size > _LIMIT:
            raise GenomeError(f"{path}: holds more than {_LIMIT >> 20} MB of text, which no array does; {_ASK}")
        return packed.read(members[0])


def _header(text: bytes) -> tuple[str, list[str], int, int]:
    """The comment lines, the names of the columns (none where no line has them), where rows begin, and lines before."""
    place = count = 0
    names: list[str] = []
    while place < len(text):
        end = text.find(b"\n", place)
        end = len(text) if end < 0 else end
        line = text[place:end]
        is_comment = line.startswith(b"#") or not line.strip()
        if _COLUMN_LINE.match(line) or (not is_comment and not names and _is_names(line)):
            names = [_name(part) for part in re.split(rb"[\t,;]| +", line.lstrip(b"# \t").rstrip())]
        elif not is_comment:
            break
        place, count = end + 1, count + 1
    return text[:place].decode("utf-8", "replace"), names, place, count


def _is_names(line: bytes) -> bool:
    """Whether a line of several words holds no number: the names of columns."""
    parts = [part for part in re.split(rb"[\t,;]| +", line) if part]
    return len(parts) > 2 and not any(part.isdigit() for part in parts) and any(b"chr" in part.lower() for part in parts)


def _name(part: bytes) -> str:
    return re.sub(r"[^a-z0-9]", "", part.decode("utf-8", "replace").lower())


def _columns(path: Path, line: int, names: list[str], width: int) -> dict[str, int]:
    """The place of each column; more genotypes than one person's, or other columns, are an error."""
    if not names:
        if width not in (4, 5):
            raise GenomeError(
                f"{path} line {line + 1}: {width} columns; expected rsid, chromosome, position and genotype (or two alleles)"
            )
        kinds = ["id", "chromosome", "position", *(["genotype"] if width == 4 else ["allele1", "allele2"])]
        return {kind: place for place, kind in enumerate(kinds)}
    if len(names) != width:
        raise GenomeError(f"{path} line {line + 1}: {width} columns, but the line of names has {len(names)}; {_ASK}")
    found: dict[str, int] = {}
    others: list[str] = []
    for place, name in enumerate(names):
        kind = next((kind for kind, known in _NAMES.items() if name in known and kind not in found), "")
        if kind:
            found[kind] = place
        else:
            others.append(name or f"column {place + 1}")
    missing = [kind for kind in ("id", "chromosome", "position") if kind not in found]
    whole = "genotype" in found or {"allele1", "allele2"} <= set(found)
    if others or missing or not whole or len(found) == 6:
        said = f"columns {', '.join(others[:4])} are not understood"
        what = said if others else "the columns of a genotype are missing or double"
        raise GenomeError(
            f"{path} line {line}: {what}; an array file has rsid, chromosome, position and one genotype (or allele1 and "
            "allele2) of one person; split a table of several people into one file each"
        )
    return found


def _rows(
    path: Path, body: bytes, separator: int, width: int, first: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Where rows start and fields end, and line numbers; blank lines and comments are left out."""
    text = np.frombuffer(body, np.uint8)
    marks = np.flatnonzero((text == 10) | (text == separator))
    kinds = text[marks]
    if len(marks) % width == 0 and b"\n#" not in body:
        shape = kinds.reshape(-1, width)
        if (shape[:, -1] == 10).all() and np.count_nonzero(kinds == 10) == len(shape):  # every line alike: the rule
            ends = marks.reshape(-1, width)
            starts = np.concatenate([[0], ends[:-1, -1] + 1])
            return starts, ends, np.arange(first, first + len(ends))
    stops = marks[kinds == 10]
    starts = np.concatenate([[0], stops[:-1] + 1])
    lines = np.arange(first, first + len(stops))
    kept = (stops > starts) & (text[starts] != 35)
    starts, stops, lines = starts[kept], stops[kept], lines[kept]
    if not len(starts):
        raise GenomeError(f"{path}: has no rows of data; {_ASK}")
    marks = marks[kinds == separator]
    before = np.searchsorted(marks, starts)
    count = np.searchsorted(marks, stops) - before
    wrong = np.flatnonzero(count != width - 1)
    if len(wrong):
        row = int(wrong[0])
        shown = body[starts[row] : min(stops[row], starts[row] + 60)].decode("utf-8", "replace")
        raise GenomeError(
            f"{path} line {lines[row]}: {count[row] + 1} columns, expected {width}: {shown!r}; "
            "the line is cut short or damaged"
        )
    inner = marks[before[:, None] + np.arange(width - 1)] if width > 1 else np.zeros((len(starts), 0), np.int64)
    return starts, np.concatenate([inner, stops[:, None]], axis=1), lines


def _without_names(table: ArrayTable, names: list[str]) -> ArrayTable:
    """Without lines that repeat the names of the columns, as where two tables were put into one file."""
    place = table.column["position"]
    begin, end = table.field("position")
    words = np.flatnonzero((table.letters[begin] > ord("9")) & (end > begin)).tolist()
    same = [row for row in words if _name(table.body[begin[row] : end[row]]) == names[place]] if names else []
    if not same:
        return table
    starts, ends, lines = np.delete(table.starts, same), np.delete(table.ends, same, axis=0), np.delete(table.lines, same)
    return replace(table, starts=starts, ends=ends, lines=lines)


def is_among(values: NDArray[np.int64], wanted: Iterable[int]) -> NDArray[np.bool_]:
    """(rows,) whether each value is one of a few ``wanted``."""
    table = np.array(sorted(wanted), np.int64)
    if not len(table):
        return np.zeros(len(values), bool)
    return np.asarray(table.take(np.searchsorted(table, values), mode="clip") == values)


def _numbers(
    text: NDArray[np.uint8], begin: NDArray[np.int64], end: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Fields as whole numbers, and which of them are (at most 12 digits, none empty)."""
    length = end - begin
    ok = (length > 0) & (length <= 12)
    value = np.zeros(len(begin), np.int64)
    for place in range(int(length[ok].max()) if ok.any() else 0):
        inside = ok & (length > place)
        digit = text.take(begin + place, mode="clip") - np.uint8(48)  # below "0" wraps round to above 9
        ok &= ~inside | (digit <= 9)
        np.multiply(value, 10, out=value, where=inside)
        np.add(value, digit, out=value, where=inside)
    return value, ok


def _maker(head: bytes, names: list[str], separator: bytes) -> str:
    for pattern, name in _MAKERS:
        if pattern.search(head):
            return name
    is_csv = separator == b"," and not head.startswith(b"#")
    return "FTDNA" if is_csv and names in (["rsid", "chromosome", "position", "result"], _FAMFINDER) else ""


_FAMFINDER = ["name", "chromosome", "position", "allele1", "allele2"]
