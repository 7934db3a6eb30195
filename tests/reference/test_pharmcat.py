"""nof1 against the expectations of PharmCAT's own tests; ``docs/methods/pharmcat.md`` explains every difference."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pharmcat_cases import (
    Agreement,
    Case,
    Difference,
    compare,
    counts_table,
    documented,
    guideline_expectation,
    read_cases,
    rows_by_gene,
)

import nof1

LEAST = 0.99
REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "methods" / "pharmcat.md"
ORDINARY, RESEARCH, INCOMPLETE = "Ordinary mode", "Research mode", "Rows that lost their input"
LOST_OUTSIDE_CALL = ("CYP2D6", "*1/*4")

Calls = Callable[[Case], dict[str, list[dict[str, str]]]]


@pytest.fixture(scope="module")
def pgx_data() -> Path:
    """The folder of PharmCAT's test genomes and expectations; skips where it is absent."""
    beside = REPOSITORY.parent / "shared" / "data"
    folder = Path(os.environ.get("NOF1_REFERENCE_DATA") or beside) / "pgx"
    for wanted in ("pharmcat_cases.tsv", "pharmcat_vcfs"):
        if not (folder / wanted).exists():
            pytest.skip(f"PharmCAT test data not here: no {wanted}; set NOF1_REFERENCE_DATA to the folder that holds pgx/")
    return folder


@pytest.fixture(scope="module")
def cases(pgx_data: Path) -> list[Case]:
    """Every expectation."""
    return read_cases(pgx_data / "pharmcat_cases.tsv")


@pytest.fixture(scope="module")
def outside_file(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Case], Path | None]:
    """Writes the outside calls of a case to a file; ``None`` when it has none."""
    folder = tmp_path_factory.mktemp("outside")

    def write(case: Case) -> Path | None:
        if not case.outside_calls:
            return None
        path = folder / "calls.tsv"
        path.write_text(case.outside_calls, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="module")
def calls(pgx_data: Path, cases: list[Case], outside_file: Callable[[Case], Path | None]) -> Calls:
    """The call table for a case, by gene; equal inputs are called once."""
    genes: dict[str, set[str]] = {}
    for case in cases:
        if case.is_about_calls:
            genes.setdefault(case.vcf_file, set()).add(case.gene)
    made: dict[tuple[str, str, bool], dict[str, list[dict[str, str]]]] = {}

    def call(case: Case) -> dict[str, list[dict[str, str]]]:
        key = (case.vcf_file, case.outside_calls, case.keeps_all)
        if key not in made:
            made[key] = rows_by_gene(
                nof1.call(
                    [pgx_data / "pharmcat_vcfs" / case.vcf_file],
                    genes=sorted(genes[case.vcf_file]),
                    outside_calls=outside_file(case),
                    all_matches=case.keeps_all,
                    method="named-allele",
                )
            )
        return made[key]

    return call


@pytest.fixture(scope="module")
def ordinary(cases: list[Case], calls: Calls) -> Agreement:
    """The rows about calls, research modes apart."""
    return compare([case for case in cases if case.is_about_calls and not case.is_research], calls)


@pytest.fixture(scope="module")
def research(cases: list[Case], calls: Calls) -> Agreement:
    """The rows about calls made in a research mode."""
    return compare([case for case in cases if case.is_about_calls and case.is_research], calls)


@pytest.fixture(scope="module")
def page() -> str:
    """The method page."""
    return PAGE.read_text(encoding="utf-8")


def listed(page: str, section: str) -> set[Difference]:
    """The rows a section of the page lists; each must give a reason."""
    rows = documented(page, section)
    assert all(reason for _, reason in rows), f"a row of {section!r} has no reason"
    assert len({row for row, _ in rows}) == len(rows), f"a row of {section!r} stands twice"
    return {row for row, _ in rows}


def show(agreement: Agreement) -> str:
    """The counts and the differences."""
    rows = (f"{d.vcf_file} {d.gene} {d.kind}: expects {d.expected}; nof1 {d.found}" for d in agreement.differences)
    return "\n".join(["", counts_table(agreement), *rows])


def test_columns_of_an_outside_call_are_read_from_the_notes() -> None:
    notes = ("allMatches=false", "outside_calls=HLA-A\\t\\t*31:01 positive|NAT2\\t./.")
    case = Case("x.vcf", "NAT2", "not_called_by_matcher", "true", notes)
    assert case.outside_calls == "HLA-A\t\t*31:01 positive\nNAT2\t./.\n"
    assert case.outside_answer is False
    assert case.with_outside_call("CYP2D6", "*1/*4").outside_calls.endswith("NAT2\t./.\nCYP2D6\t*1/*4\n")


def test_ordinary_mode_differs_only_where_the_page_says(ordinary: Agreement, page: str) -> None:
    print(show(ordinary))
    assert set(ordinary.differences) == listed(page, ORDINARY) | listed(page, INCOMPLETE)


def test_research_mode_differs_only_where_the_page_says(research: Agreement, page: str) -> None:
    print(show(research))
    assert set(research.differences) == listed(page, RESEARCH)


def test_rows_with_their_whole_input_agree(ordinary: Agreement, page: str) -> None:
    lost = listed(page, INCOMPLETE)
    complete = ordinary.rows.total() - len(lost)
    assert ordinary.agreeing.total() / complete >= LEAST


def test_rows_that_lost_their_input_agree_once_it_is_given_back(cases: list[Case], calls: Calls, page: str) -> None:
    lost = {(row.vcf_file, row.gene, row.kind) for row in listed(page, INCOMPLETE)}
    whole = [case.with_outside_call(*LOST_OUTSIDE_CALL) for case in cases if (case.vcf_file, case.gene, case.kind) in lost]
    assert len(whole) == len(lost)
    assert compare(whole, calls).differences == []


def test_page_shows_these_counts(cases: list[Case], ordinary: Agreement, research: Agreement, page: str) -> None:
    about_drugs = sum(not case.is_about_calls for case in cases)
    assert counts_table(ordinary) in page
    assert f"{research.agreeing.total()} of {research.rows.total()} rows agree" in page
    assert f"{len(cases)} rows, {about_drugs} of them about drug annotations" in page


# The reference's data are newer than the rows at hand, or its rules wider; each with the reason.
OTHERWISE = {
    ("PipelineTest__testClomipramineCall.vcf", "lansoprazole", "FDA"): "no row in the FDA's table of 2021-03-22",
}


@pytest.mark.parametrize("body", ["CPIC", "DPWG", "FDA"])
def test_a_guideline_applies_where_pharmcat_finds_one(
    pgx_data: Path, cases: list[Case], outside_file: Callable[[Case], Path | None], page: str, body: str
) -> None:
    expected = [(case, asked[0], asked[2]) for case in cases if (asked := guideline_expectation(case)) and asked[1] == body]
    advised: dict[tuple[str, str], set[str]] = {}
    differing = []
    for case, drug, applies in expected:
        key = (case.vcf_file, case.outside_calls)
        if key not in advised:
            found = nof1.assess(
                [pgx_data / "pharmcat_vcfs" / case.vcf_file], method="named-allele", outside_calls=outside_file(case)
            )
            told = [item for advice in found.drugs for item in advice.recommendations]
            advised[key] = {item.drug for item in told if item.body == body}
        if (drug in advised[key]) is not applies and (case.vcf_file, drug, body) not in OTHERWISE:
            differing.append((case.vcf_file, drug, applies))
    assert differing == []
    assert len(expected) >= 10
    words = {
        "CPIC": "all {} rows about a CPIC guideline",
        "DPWG": "all {} rows about a DPWG guideline",
        "FDA": "10 of {} about",
    }
    assert words[body].format(len(expected)) in page
