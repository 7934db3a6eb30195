"""What a damaged file still says, read a second time and simply: may a reader answer "reference" at a locus?

Nothing of the readers is used here. Each judge says why a reference is not borne out by the text; empty where it is.
"""

from __future__ import annotations

import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nof1.model.genome import CallCode, Locus

CATCH_ALL = {"<NON_REF>", "<*>", "<X>", "."}
PASSING = {"PASS", ".", "RefCall", ""}
COMPLEMENT = str.maketrans("ACGT", "TGCA")
NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{0,6})?")


@dataclass(frozen=True)
class Line:
    """One record of a VCF for one sample."""

    chromosome: str
    position: int
    end: int
    ref: str
    alts: tuple[str, ...]
    genotype: tuple[str, ...]
    passes: bool

    @property
    def is_block(self) -> bool:
        return all(alt in CATCH_ALL for alt in self.alts)

    def is_reference(self, locus: Locus) -> bool:
        """Whether the genotype leaves the bases of the locus as they are."""
        return bool(self.genotype) and all(part == "0" or self._leaves(part, locus) for part in self.genotype)

    def is_other(self, locus: Locus) -> bool:
        """Whether the genotype is readable and changes the base of a locus of one base, by a plain alternative."""
        plain = locus.is_snv and self.position == locus.position and self.ref == locus.ref and bool(self.genotype)
        return plain and any(
            part.isdigit() and 0 < int(part) <= len(self.alts) and len(self.alts[int(part) - 1]) == 1
            and self.alts[int(part) - 1] in set("ACGT") - {self.ref}
            for part in self.genotype
        ) and all(part.isdigit() and int(part) <= len(self.alts) for part in self.genotype)  # fmt: skip

    def _leaves(self, part: str, locus: Locus) -> bool:
        if not (part.isdigit() and 0 < int(part) <= len(self.alts)):
            return False
        ref, alt, start = self.ref, self.alts[int(part) - 1], self.position
        if set(ref + alt) - set("ACGTN"):
            return False
        while ref and alt and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
        while ref and alt and ref[0] == alt[0]:
            ref, alt, start = ref[1:], alt[1:], start + 1
        last = start + max(len(ref), 1) - 1
        inserted_behind = not ref and start - 1 >= locus.position + len(locus.ref) - 1
        return (not ref and not alt) or last < locus.position or start > locus.end or inserted_behind


def plain_name(contig: str) -> str:
    """``7`` for a contig in any style."""
    found = re.match(r"^NC_0000(\d\d)\.\d+$", contig)
    if found:
        return {23: "x", 24: "y"}.get(int(found[1]), str(int(found[1])))
    return re.sub(r"^(chromosome|chr)?[_ ]?0?", "", contig.strip().lower())


def vcf_lines(data: bytes, sample: str) -> list[Line]:
    """Records of ``sample``; lines of another number of columns than the header has are left out."""
    column, width = -1, 0
    found: list[Line] = []
    for raw in data.split(b"\n"):
        fields = raw.decode("utf-8", "replace").rstrip("\r").split("\t")
        if fields[0] == "#CHROM":
            names = [name.rstrip("\r") for name in fields[9:]]
            column, width = (9 + names.index(sample) if sample in names else -1), len(fields)
        elif column >= 0 and len(fields) >= width and not raw.startswith(b"#") and fields[1].isdigit():
            found.append(_line(fields, column))
    return found


def is_sorted(data: bytes) -> bool:
    """Whether records ascend, each contig stands in one piece, and no line is blank: tabix refuses other texts."""
    contig, last, seen = b"", 0, set[bytes]()
    for raw in data.removesuffix(b"\n").split(b"\n"):
        fields = raw.split(b"\t")
        if raw.startswith(b"#"):
            continue
        if len(fields) < 8 or not fields[1].isdigit():
            return False
        if fields[0] != contig and fields[0] in seen:
            return False
        last = last if fields[0] == contig else 0
        contig, position = fields[0], int(fields[1])
        if position < last:
            return False
        last = position
        seen.add(contig)
    return True


def _line(fields: Sequence[str], column: int) -> Line:
    values = dict(zip(fields[8].split(":"), fields[column].split(":"), strict=False))
    position, ref, alts = int(fields[1]), fields[3].upper(), tuple(fields[4].upper().split(","))
    end = position + len(ref) - 1
    if all(alt in CATCH_ALL for alt in alts) or any(alt.startswith("<") for alt in alts):
        end = max([end, *(int(text) for text in re.findall(r"(?:^|;)END=(\d+)", fields[7]))])
        end = max([end, *(position + int(text) for text in re.findall(r"(?:^|;)SVLEN=-?(\d+)", fields[7]))])
    genotype = tuple(re.split(r"[/|]", values.get("GT", "").lstrip("/|"))) if values.get("GT") else ()
    genotype = tuple(str(int(part)) if part.isdigit() and part.isascii() else part for part in genotype)
    return Line(plain_name(fields[0]), position, end, ref, alts, genotype, _passes(fields[6], values))


def _passes(marked: str, values: dict[str, str]) -> bool:
    quality = next((values[key] for key in ("GQ", "RGQ", "GQX") if NUMBER.fullmatch(values.get(key, ""))), "99")
    depth = next((values[key] for key in ("MIN_DP", "DP") if NUMBER.fullmatch(values.get(key, ""))), "99")
    told = set(re.split("[;,]", values.get("FT", ".")))
    return set(marked.split(";")) <= PASSING and told <= PASSING and float(quality) >= 20 and float(depth) >= 8


def against_vcf(data: bytes, sample: str, locus: Locus, code: CallCode, absent: str) -> str:
    """Why reference at ``locus`` is not what a VCF text says."""
    lines = [line for line in vcf_lines(data, sample) if line.chromosome == locus.chromosome.removeprefix("chr").lower()]
    near = [line for line in lines if line.position <= locus.end and line.end >= locus.position]
    if other := next((line for line in near if line.passes and line.is_other(locus)), None):
        return f"a record shows an alternative: {other}"
    bearing = [line for line in near if line.passes and line.is_reference(locus)]
    if code == CallCode.CALLED:
        return "" if bearing else f"no record says reference ({near[:2]})"
    if absent == "reference":
        odd = [line for line in near if line.position == locus.position and not line.is_reference(locus)]
        return f"a damaged record stands there: {odd[0]}" if odd and not bearing else ""
    bases = range(locus.position, locus.position + len(locus.ref))
    whole = all(any(line.position <= base <= line.end for line in bearing) for base in bases)
    return "" if whole else f"no block covers it ({near[:2]})"


def array_text(data: bytes) -> str:
    """The text of raw data, out of its archive where it is in one."""
    try:
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                data = b"\n".join(_member(opened, item) for item in opened.infolist()[:9])
        elif data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError):
        return ""
    return data.decode("utf-8", "replace")


def _member(opened: zipfile.ZipFile, item: zipfile.ZipInfo) -> bytes:
    try:
        return opened.read(item)
    except Exception:  # this one is damaged; another may be the one that was read
        return b""


def against_array(data: bytes, locus: Locus, places: Iterable[int]) -> str:
    """Why reference at ``locus`` is not what raw data say; ``places`` its position on each build."""
    known = {str(place) for place in places}
    shown = []
    for line in re.split(r"[\r\n]+", array_text(data)):
        words = re.sub(r'"', "", line).replace("\ufeff", "")
        if words.startswith("#"):
            continue
        for mark in ("\t", ",", ";", r" +"):  # whichever the file uses
            parts = [part.replace(" ", "") for part in re.split(mark, words)]
            if any(_same_id(part, locus.id) or part.lstrip("0") in known for part in parts):
                shown.append(line)
                letters = [part.upper() for part in parts[1:] if re.fullmatch(r"[ACGTDIacgtdi|/0-]{1,80}", part)]
                if letters and _says_reference(letters, locus):
                    return ""
    return f"no row says reference ({shown[:2]})"


def _same_id(part: str, identifier: str) -> bool:
    found = re.fullmatch(r"rs0*(\d+)", part.strip().lower())
    return bool(found) and f"rs{found[1]}" == identifier


def _says_reference(letters: Sequence[str], locus: Locus) -> bool:
    """Whether the letters can be the reference twice (once where one copy is normal), on either strand."""
    pool = re.sub(r"[|/0]", "", "".join(part for part in letters if part.strip("-0")))
    if locus.is_snv:
        return set(pool) in ({locus.ref}, {locus.ref.translate(COMPLEMENT)})
    return set(pool) <= {"I"} or set(pool) <= {"D"} or not set(pool) & {"I", "D"}


def against_bed(data: bytes, locus: Locus) -> str:
    """Why a locus without a record is not inside the regions of a BED text."""
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error):
            return "the text cannot be unpacked"
    intervals = []
    for line in re.split(r"\r\n|\r|\n", data.decode("utf-8", "replace")):
        found = re.match(r"^([^\s#]+)\s+([0-9]+)\s+([0-9]+)(?:\s|$)", line)
        if found and not line.startswith(("track", "browser")):
            intervals.append((plain_name(found[1]), int(found[2]) + 1, int(found[3])))
    mine = locus.chromosome.removeprefix("chr").lower()
    for base in range(locus.position, locus.position + len(locus.ref)):
        if not any(name == mine and start <= base <= end for name, start, end in intervals):
            return f"base {base} lies in no interval"
    return ""


def against_assay(data: bytes, locus: Locus, on_37: Locus | None) -> str:
    """Why a locus is not one of those that a declaration lists."""
    text = data.decode("utf-8", "replace")
    intervals = []
    for line in text.splitlines():
        words = [part.strip() for part in line.removeprefix("\ufeff").split("\t")]
        if line.startswith("#"):
            continue
        if locus.id in words:
            return ""
        numbers = [int(word) for word in words if re.fullmatch(r"[0-9]{1,10}", word)]
        length = max((len(word) for word in words if re.fullmatch(r"[ACGTNacgtn]+", word)), default=1)
        for start in numbers:
            intervals.append((start, max([start + length - 1, *numbers])))
    for place in (locus, on_37):
        if place is not None and all(
            any(start <= base <= end for start, end in intervals) for base in range(place.position, place.end + 1)
        ):
            return ""
    return "no line lists it"


def against_outside(text: str, names: Iterable[str]) -> str:
    """Why a diplotype is not what a file of calls says: a number of an allele that does not stand in it."""
    for name in names:
        for part in re.findall(r"\d+", re.sub(r"x≥?\d+", "", name)):  # copies can be written in several ways
            if part not in text and part.lstrip("0") not in text:
                return f"{name!r} has {part}, which the file does not"
    return ""
