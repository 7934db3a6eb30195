"""What calls of other tools mean: spelling, tandems, copies, typing, and which of several sources is used."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import nof1
from nof1.genomics.outside_calls import parse_outside_calls
from nof1.knowledge.compiled import knowledge
from nof1.model.findings import CallStatus
from nof1.pgx.outside import outside_call, preferred
from nof1.pgx.table import Called, unanswered

ROOT = Path(__file__).parents[2]
GENE, TYPED = "CYP2D6", "HLA-B"


def answer(*rows: tuple[str, str], gene: str = GENE) -> Called:
    """The answer from (tool, diplotype) rows; an empty tool is a table written by hand."""
    calls = []
    for tool, diplotype in rows:
        if tool:
            calls += parse_outside_calls(f"Sample\tGenotype\tFilter\nS\t{diplotype}\tPASS\n", tool)
        else:
            calls += parse_outside_calls(f"{gene}\t{diplotype}\n", "table")
    return outside_call(knowledge().genes[gene], calls)


def names(called: Called) -> list[str]:
    return [item.name for item in called.diplotypes]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("*10+*36/*1", ["*1/*36+*10"]),
        ("*4+*68/*1", ["*1/*68+*4"]),
        ("*4.001+*68.001/*4.001", ["*4/*68+*4"]),
        ("*4.013/*1.001", ["*1/*4"]),
        ("*1+*1/*2", ["*1x2/*2"]),
        ("*1x4/*2", ["*1x≥3/*2"]),
        ("*36+*36+*10/*1", ["*1/*36x2+*10"]),
        ("*36x2+*10/*1", ["*1/*36x2+*10"]),
        ("*1/*2xN", ["*1/*2x2", "*1/*2x≥3"]),
        ("*41/*41x2-3", ["*41/*41x2", "*41/*41x3"]),
        ("*1/*4;*2/*10", ["*1/*4", "*2/*10"]),
        ("*1/*4 or *2/*10", ["*1/*4", "*2/*10"]),
        ("(*1/*4)xN", ["*1x2/*4", "*1x≥3/*4", "*1/*4x2", "*1/*4x≥3"]),
    ],
)
def test_spellings(written: str, read: list[str]) -> None:
    assert sorted(names(answer(("", written)))) == sorted(read)


def test_the_order_of_a_tandem_and_of_the_alleles_changes_nothing() -> None:
    rng = random.Random(1)
    for _ in range(200):
        sides = [[f"*{rng.choice([1, 2, 4, 10, 13, 36, 68])}" for _ in range(rng.randint(1, 4))] for _ in range(2)]
        first = names(answer(("", "/".join("+".join(side) for side in sides))))
        for side in sides:
            rng.shuffle(side)
        assert names(answer(("", "/".join("+".join(side) for side in reversed(sides))))) == first


@pytest.mark.parametrize("written", ["*36+*10/*1", "*68+*4/*1", "*13+*1/*1", "*1/*10x3", "*36x2+*10/*1"])
def test_what_the_knowledge_does_not_list_has_no_phenotype(written: str) -> None:
    """Every member is listed, the tandem is not: nothing is computed, least of all normal."""
    (phenotype,) = answer(("", written)).phenotypes
    assert (phenotype.term, phenotype.activity_score) == ("n/a", "")


@pytest.mark.parametrize(
    ("written", "terms"),
    [
        ("*1/*2xN", {"Ultrarapid Metabolizer"}),  # CPIC: *1 is 1, two copies of *2 are 2: 3 and more
        ("*4/*4x2", {"Poor Metabolizer"}),
        ("*1/*4;*1/*1", {"Intermediate Metabolizer", "Normal Metabolizer"}),
        ("*13/*68", {"Poor Metabolizer"}),
    ],
)
def test_listed_copies_and_hybrids_have_theirs(written: str, terms: set[str]) -> None:
    assert {item.term for item in answer(("", written)).phenotypes} == terms


def test_a_tools_unknown_allele_is_kept_without_phenotype() -> None:
    called = answer(("tool", "*1/*9999"))
    assert names(called) == ["*1/*9999"] and called.phenotypes[0].term == "n/a"
    assert any("no advice" in message for message in called.messages)


def test_several_calls() -> None:
    agreeing = answer(("a", "*10+*36/*1"), ("", "*1/*36+*10"))
    assert names(agreeing) == ["*1/*36+*10"] and any("2 outside calls agree" in text for text in agreeing.messages)
    differing = answer(("a", "*1/*4"), ("", "*1/*10"))
    assert names(differing) == ["*1/*4", "*1/*10"]
    assert any("do not say the same (Cyrius: *1/*4; table line 1: *1/*10)" in text for text in differing.messages)
    silent = answer(("a", "None"), ("", "*1/*10"))
    assert names(silent) == ["*1/*10"] and any("no result (Cyrius" in text for text in silent.messages)
    assert answer(("a", "None"), ("", "./.")).status is CallStatus.NO_CALL


def test_a_call_without_a_result_never_takes_the_genomes_place() -> None:
    genome, other, nothing = answer(("", "*1/*4")), answer(("", "*1/*10")), answer(("a", "None"))
    kept = preferred(genome, nothing)
    assert (names(kept), kept.status) == (["*1/*4"], CallStatus.CALLED)
    assert any("no result (Cyrius" in message for message in kept.messages)
    assert names(preferred(genome, other)) == ["*1/*10"]
    assert any("the genome shows *1/*4" in message for message in preferred(genome, other).messages)
    both = preferred(unanswered(GENE, "not read"), nothing)
    assert both.status is CallStatus.NO_CALL and "not read" in both.why and "Cyrius" in both.why


def typing(written: str) -> tuple[list[str], set[str], str]:
    called = answer(("", written), gene=TYPED)
    return names(called), {item.term for item in called.phenotypes}, " ".join((*called.messages, called.why))


NEGATIVE = "*15:02 negative; *15:11 negative; *57:01 negative; *58:01 negative"


@pytest.mark.parametrize(
    ("written", "pairs", "terms"),
    [
        ("*57:01:01/*07:02", ["*07:02/*57:01"], {"*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"}),
        (
            "HLA-B*57:01:01G/B*07:02P",
            ["*07:02/*57:01"],
            {"*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"},
        ),
        (
            "57:01:01:01/07:02:01:01",
            ["*07:02/*57:01"],
            {"*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"},
        ),
        (
            "*57:01:01,*57:01:02/*07:02",
            ["*07:02/*57:01"],
            {"*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative"},
        ),
        ("*57:01", ["*57:01"], {"*57:01 positive"}),
        ("*07:02", ["*07:02"], {"n/a"}),
        ("*57/*07:02", ["*07:02"], {"n/a"}),
        ("*57/*58:01", ["*58:01"], {"*58:01 positive"}),
        ("*07:02/*08:01", ["*07:02/*08:01"], {NEGATIVE}),
        ("*15:01:01:02N/*07:02", ["*07:02/*15:01N"], {NEGATIVE}),
        ("*57:01:01:99N/*07:02", ["*07:02/*57:01N"], {"n/a"}),
        ("*58:01L/*07:02", ["*07:02/*58:01L"], {"n/a"}),
        ("*57:01/*57:01:01:99N", ["*57:01/*57:01N"], {"*57:01 positive"}),  # the expressed one still counts
        ("*57:01N/*58:01Q", ["*57:01N/*58:01Q"], {"n/a"}),
        (
            "HLA-B*57:01/HLA-B*57:03+HLA-B*07:02",
            ["*07:02/*57:01", "*07:02/*57:03"],
            {"*15:02 negative; *15:11 negative; *57:01 positive; *58:01 negative", NEGATIVE},
        ),
    ],
)
def test_typing(written: str, pairs: list[str], terms: set[str]) -> None:
    found, meant, _ = typing(written)
    assert (sorted(found), meant) == (sorted(pairs), terms)


def test_one_field_and_changed_expression_are_told() -> None:
    assert "one field" in typing("*57/*58")[2] and typing("*57/*58")[0] == []
    assert "null allele" in typing("*57:01:01:99N/*07:02")[2]


def test_several_files_for_one_person_and_a_table_of_people(tmp_path: Path) -> None:
    """Two files, one of them without a result for a gene the genome calls: advice and table keep the genome there."""
    genome = next((ROOT / "examples" / "example-1-all-positions").glob("*.vcf*"))
    plain = nof1.assess([genome])
    symbol = next(call.gene for call in plain.genes if call.status is CallStatus.CERTAIN and call.diplotypes)
    cyrius, table = tmp_path / "cyrius.tsv", tmp_path / "table.tsv"
    cyrius.write_text(f"Sample\tGenotype\tFilter\n{plain.person}\t*1/*4;*2/*10\tMore_than_one_possible_genotype\n")
    table.write_text(f"{symbol}\tno result\nHLA-B\t*57:01/*07:02\n")
    before = {call.gene: call for call in plain.genes}
    after = {call.gene: call for call in nof1.assess([genome], outside_calls=[cyrius, table]).genes}
    assert after[symbol].diplotypes == before[symbol].diplotypes
    assert any("no result" in message for message in after[symbol].messages)
    assert [item.name for item in after["CYP2D6"].diplotypes] == ["*1/*4", "*2/*10"]
    assert after["HLA-B"].call_source == "outside"
    columns = nof1.call([genome], genes=[symbol, "CYP2D6"], outside_calls=[cyrius, table])
    alone = nof1.call([genome], genes=[symbol])
    rows = list(zip(columns["gene"], columns["diplotype"], strict=True))
    assert [name for gene, name in rows if gene == symbol] == list(alone["diplotype"])
    assert [name for gene, name in rows if gene == "CYP2D6"] == ["*1/*4", "*2/*10"]
