"""The same people in two call sets on two builds: their lines at our positions, what differs, and files of what is shared."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

Strand = str  # the base at a single-base position; otherwise what is changed, "" for nothing


@dataclass(frozen=True, slots=True)
class Line:
    """One record: its columns, and the genotype texts of the people compared, in their order."""

    position: int
    fixed: tuple[str, ...]
    calls: tuple[str, ...]


def lines(path: Path, positions: Sequence[int], people: Sequence[str]) -> dict[int, list[Line]]:
    """The records written at ``positions``, by position."""
    wanted = {str(position) for position in positions}
    found: dict[int, list[Line]] = defaultdict(list)
    with gzip.open(path, "rt") as text:
        columns: list[int] = []
        for line in text:
            if line.startswith("#CHROM"):
                names = line.rstrip("\n").split("\t")
                columns = [names.index(name) for name in people]
            elif not line.startswith("#") and line.split("\t", 2)[1] in wanted:
                cells = line.rstrip("\n").split("\t")
                calls = tuple(cells[column].split(":")[0] for column in columns)
                found[int(cells[1])].append(Line(int(cells[1]), tuple(cells[:5]), calls))
    return found


def samples(path: Path) -> list[str]:
    """The people of a file."""
    with gzip.open(path, "rt") as text:
        return next(line for line in text if line.startswith("#CHROM")).rstrip("\n").split("\t")[9:]


def strands(records: Sequence[Line], person: int, is_snv: bool) -> tuple[Strand, ...]:
    """What the strands of a person carry at one position by all its records: what differs from REF, or the base."""
    found: list[set[str]] = [set(), set()]
    count = 2
    for record in records:
        numbers = record.calls[person].replace("|", "/").split("/")
        count = len(numbers)
        texts = [record.fixed[3], *record.fixed[4].split(",")]
        for strand, number in enumerate(numbers):
            if number == ".":
                found[strand].add("?")
            elif is_snv and len(texts[int(number)]) == 1 and len(texts[0]) == 1:
                found[strand].add(texts[int(number)])
            else:
                found[strand].add(change(texts[0], texts[int(number)]))
    reference = {record.fixed[3] for record in records}
    return tuple(
        " ".join(sorted(each - reference - {""}) or sorted(reference) if is_snv else sorted(each - {""}))
        for each in found[:count]
    )


def change(ref: str, alt: str) -> str:
    """What is removed and added, without the bases that both texts share at their ends."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt = ref[1:], alt[1:]
    return f"{ref}>{alt}" if ref or alt else ""


def pair(carried: Sequence[Strand]) -> tuple[Strand, ...]:
    """The strands without order. One strand is not two: phase 3 writes men's X twice, the other call set once."""
    return tuple(sorted(carried))


def write(
    path: Path, records: Mapping[int, Sequence[Line]], people: Sequence[str], hidden: Mapping[int, frozenset[int]]
) -> Path:
    """A VCF of ``records``; people hidden at a position have no genotype there."""
    path.write_text("".join(_text(records, people, hidden)), encoding="utf-8")
    return path


def _text(
    records: Mapping[int, Sequence[Line]], people: Sequence[str], hidden: Mapping[int, frozenset[int]]
) -> Iterator[str]:
    contig = next(iter(records.values()))[0].fixed[0]
    yield f'##fileformat=VCFv4.2\n##contig=<ID={contig}>\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    yield "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *people]) + "\n"
    for position in sorted(records):
        blind = hidden.get(position, frozenset())
        for record in records[position]:
            calls = ["./." if person in blind else call for person, call in enumerate(record.calls)]
            yield "\t".join([*record.fixed, ".", "PASS", ".", "GT", *calls]) + "\n"
