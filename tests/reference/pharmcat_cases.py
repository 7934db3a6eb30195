"""Expectations of PharmCAT's own tests, read from a table and compared with a nof1 call table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

RESEARCH = ("findCombinations=true", "callCyp2d6=true")
KEEP_ALL = "topCandidateOnly=false"
OUTSIDE = "outside_calls="
ABOUT_CALLS = (
    "matcher_diplotypes",
    "source_diplotypes",
    "printed_calls",
    "recommended_haplotypes",
    "called_by_matcher",
    "not_called_by_matcher",
    "activity_score",
)
HEADING = ["vcf file", "gene", "kind", "PharmCAT expects", "nof1 says", "reason"]
_NO_CALL = {"printed_calls": "Not called", "source_diplotypes": "Unknown/Unknown", "matcher_diplotypes": ""}
_NOTHING = ("", ".", "./.")
_CELLS = re.compile(r"(?<!\\)\|")

Row = Mapping[str, str]
Columns = Mapping[str, Iterable[object]]


@dataclass(frozen=True, slots=True)
class Case:
    """One expectation: of which file and gene, and with which settings."""

    vcf_file: str
    gene: str
    kind: str
    expected: str
    notes: tuple[str, ...]

    @property
    def is_about_calls(self) -> bool:
        """Not about drug annotations."""
        return self.kind in ABOUT_CALLS

    @property
    def is_research(self) -> bool:
        """Made with a mode PharmCAT keeps for research."""
        return any(mode in note for note in self.notes for mode in RESEARCH)

    @property
    def keeps_all(self) -> bool:
        """All fitting pairs are wanted, not the best alone."""
        return any(KEEP_ALL in note for note in self.notes)

    @property
    def outside_calls(self) -> str:
        """The table of outside calls as text, empty for none."""
        given = [note.removeprefix(OUTSIDE) for note in self.notes if note.startswith(OUTSIDE)]
        lines = [line for text in given for line in text.split("|")]
        return "".join(line.replace("\\t", "\t") + "\n" for line in lines)

    @property
    def outside_answer(self) -> bool | None:
        """Whether the outside call for the gene holds a result; ``None`` when there is no outside call for it."""
        for line in self.outside_calls.splitlines():
            gene, *cells = line.split("\t")
            if gene == self.gene:
                return any(cell not in _NOTHING for cell in cells)
        return None

    def with_outside_call(self, gene: str, diplotype: str) -> Case:
        """The same expectation with one more outside call."""
        return replace(self, notes=(*self.notes, f"{OUTSIDE}{gene}\\t{diplotype}"))


@dataclass(frozen=True, slots=True)
class Difference:
    """A row on which the two do not agree, as the method page writes it."""

    vcf_file: str
    gene: str
    kind: str
    expected: str
    found: str


@dataclass(slots=True)
class Agreement:
    """How many rows of each kind there are and agree, and the ones that do not."""

    rows: Counter[str] = field(default_factory=Counter)
    agreeing: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, case: Case, found: str) -> None:
        """Count one compared row."""
        self.rows[case.kind] += 1
        if found == case.expected:
            self.agreeing[case.kind] += 1
        else:
            self.differences.append(Difference(case.vcf_file, case.gene, case.kind, case.expected, found))

    @property
    def share(self) -> float:
        """Agreeing rows among all."""
        return self.agreeing.total() / self.rows.total()


def read_cases(path: Path) -> list[Case]:
    """Every row of the table of expectations."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Case(row["vcf_file"], row["gene"], row["kind"], row["expected"], tuple(row["notes"].split("; ")))
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def rows_by_gene(columns: Columns) -> dict[str, list[dict[str, str]]]:
    """The rows of one person's call table, by gene, in order."""
    genes: dict[str, list[dict[str, str]]] = {}
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, map(str, values), strict=True))
        genes.setdefault(row["gene"], []).append(row)
    return genes


def said(case: Case, rows: list[Row], others: Iterable[Case]) -> str:
    """What the call table says where the case expects something, in the words of the case.

    ``others`` are the expectations of the same kind, file and gene: PharmCAT asks for its several recommendation
    diplotypes one by one.
    """
    is_called = rows[0]["status"] != "no_call"
    match case.kind:
        case "called_by_matcher":
            return str(is_called and case.outside_answer is None).lower()
        case "not_called_by_matcher":
            return str(is_called is bool(case.outside_answer)).lower()
        case "activity_score":
            return " ; ".join(_distinct(row["activity_score"] for row in rows))
        case "recommended_haplotypes":
            found = _distinct(row["recommendation_diplotype"] or "Unknown/Unknown" for row in rows)
            wanted = {_pair(other.expected) for other in others}
            return case.expected if set(found) == wanted else " or ".join(text.replace("/", " ; ") for text in found)
    if not is_called:
        return _NO_CALL[case.kind]
    names = " ; ".join(row["diplotype"] for row in rows)
    if case.kind == "matcher_diplotypes" or (case.kind == "source_diplotypes" and names == case.expected):
        return names  # some expectations on source diplotypes are written in definition names, others as printed
    return " ; ".join(row["label"] for row in rows)


def compare(cases: Iterable[Case], calls: Callable[[Case], dict[str, list[dict[str, str]]]]) -> Agreement:
    """Every case against the call table ``calls`` gives for it."""
    wanted = list(cases)
    agreement = Agreement()
    for case in wanted:
        same = [
            other for other in wanted if (other.vcf_file, other.gene, other.kind) == (case.vcf_file, case.gene, case.kind)
        ]
        agreement.add(case, said(case, calls(case)[case.gene], same))
    return agreement


def counts_table(agreement: Agreement) -> str:
    """The counts as a Markdown table."""
    lines = ["| kind | rows | agree |", "|---|---|---|"]
    lines += [
        f"| {kind} | {agreement.rows[kind]} | {agreement.agreeing[kind]} |" for kind in ABOUT_CALLS if agreement.rows[kind]
    ]
    lines.append(f"| all | {agreement.rows.total()} | {agreement.agreeing.total()} |")
    return "\n".join(lines)


def documented(page: str, section: str) -> list[tuple[Difference, str]]:
    """The differences a section of the method page lists, each with its reason."""
    lines = page.split(f"\n### {section}\n", 1)[1].split("\n#", 1)[0].splitlines()
    table = [[cell.strip() for cell in _CELLS.split(line)[1:-1]] for line in lines if line.startswith("|")]
    if not table or table[0] != HEADING:
        raise ValueError(f"section {section!r} needs a table headed {' | '.join(HEADING)}")
    return [(Difference(*(cell.strip("`") for cell in row[:5])), row[5]) for row in table[2:]]


BODIES = {"CPIC_GUIDELINE": "CPIC", "DPWG_GUIDELINE": "DPWG", "FDA_ASSOC": "FDA"}


def guideline_expectation(case: Case) -> tuple[str, str, bool] | None:
    """The drug and body of a row about guidelines and whether the guideline matches; ``None`` for any other row."""
    source, _, number = case.expected.partition(" ; ")
    if not case.gene.startswith("drug:") or source not in BODIES:
        return None
    drug, body = case.gene.removeprefix("drug:"), BODIES[source]
    match case.kind:
        case "drug_testAnyMatchFromSource":
            return drug, body, True
        case "drug_testNoMatchFromSource":
            return drug, body, False
        case _:
            return drug, body, number != "0"


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def _pair(expected: str) -> str:
    return expected.replace(" ; ", "/")
