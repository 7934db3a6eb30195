"""The terminal and the tree of reasons for a person with a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sample
import sample_record

from nof1.errors import NotInKnowledge
from nof1.model.findings import Assessment
from nof1.report.explain import tree
from nof1.report.text import summary


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample_record.with_record()


@pytest.fixture(scope="module")
def decoded(made: Assessment) -> dict[str, Any]:
    found = msgspec.json.decode(msgspec.json.encode(made))
    assert isinstance(found, dict)
    return found


def block(text: str, title: str) -> str:
    """The lines below a title, joined."""
    return " ".join(text.split(f"\n{title}", 1)[1].split("\n\n", 1)[0].split())


def test_urgent_then_taken_then_all_drugs(made: Assessment) -> None:
    text = summary(made, 100)
    titles = [
        "MUST CHANGE NOW (3)",
        "TAKEN OR PLANNED (6)",
        "EFFECTIVE PHENOTYPES",
        "INTERACTIONS THAT DO NOT INTERRUPT",
        "WOULD HELP MOST",
        "\nAVOID",
        "GENES",
    ]
    assert [text.index(title) for title in titles] == sorted(text.index(title) for title in titles)


def test_urgent_names_pair_drug_and_test(made: Assessment) -> None:
    text = block(summary(made, 100), "MUST CHANGE NOW")
    for said in (
        "! statinol with mycin: contraindicated Effect of grave. Advice of grave. <pairs-3#row-3>",
        "! glucol (taken): avoid 28 mL/min/1.73 m² (equation from creatinine): Do not give below this clearance.",
        "TEST FIRST (1) ! chemo (planned) the result of DPYD is not settled",
    ):
        assert said in text, said
    assert "kinetic" not in text


def test_every_medicine_taken_has_a_line(made: Assessment) -> None:
    text = block(summary(made, 100), "TAKEN OR PLANNED")
    for drug in ("mycin", "statinol", "glucol", "thinner", "chemo", "creamol"):
        assert drug in text
    assert "creamol taken no data here" in text
    assert "not recognised, not assessed: Herbal tea" in text
    assert "stopped: Oldol 2026-02-02" in text


def test_effective_phenotypes_and_interactions(made: Assessment) -> None:
    text = summary(made, 120)
    assert "-> Poor Metabolizer (activity score 0.0) by mycin (strong inhibitor) [guideline]" in block(text, "EFFECTIVE")
    assert "TPMT: Normal, unchanged; not counted: thinner" in block(text, "EFFECTIVE")
    assert block(text, "INTERACTIONS THAT DO NOT INTERRUPT").endswith(
        "thinner + painkiller serious Effect of bleeding statinol + mycin moderate Effect of kinetic"
    )


def test_a_calm_record_says_so(made: Assessment) -> None:
    assert "nothing that is taken or planned interrupts" in summary(replace(made, drugs=(), interactions=()))


def test_without_a_record_nothing_is_added() -> None:
    text = summary(sample.assessment())
    assert "MUST CHANGE NOW" not in text
    assert "TAKEN OR PLANNED" not in text


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120])
def test_the_width_is_kept(made: Assessment, width: int) -> None:
    for one in (made, replace(made, drugs=(), interactions=())):
        assert max(len(line) for line in summary(one, width).splitlines()) <= width


def test_tree_of_an_interaction_leads_to_the_record(decoded: dict[str, Any]) -> None:
    text = tree(decoded, "STATINOL+mycin/grave")
    assert text.startswith(
        "statinol+mycin/grave (contraindicated; contraindicated; interrupts)\n  Effect of grave. Advice of grave."
    )
    assert "    statinol: statinol 40 mg  <record#b.json M/1>" in text.splitlines()
    assert "never interrupts" in tree(decoded, "statinol+mycin/kinetic")


def test_tree_of_an_effective_phenotype(decoded: dict[str, Any]) -> None:
    lines = tree(decoded, "Effective cyp2c9").splitlines()
    assert lines[0].startswith(
        "CYP2C9 under the drugs taken: Intermediate Metabolizer (activity score 1.5) -> Poor Metabolizer"
    )
    assert lines[0].endswith("(guideline)")
    for line in ("  by: mycin (strong inhibitor)", "  in the record: b.json M/3", "    mycin: Mycin  <record#b.json M/3>"):
        assert line in lines
    assert any(line.startswith("  not counted: creamol") for line in lines)


def test_tree_of_a_fact_recommendation_leads_to_the_record(decoded: dict[str, Any]) -> None:
    assert "<record#b.json Observation/o1>" in tree(decoded, "glucol/limit/kidney")


def test_something_else_names_what_there_is(decoded: dict[str, Any]) -> None:
    with pytest.raises(NotInKnowledge, match=r"effective CYP2C9, effective TPMT, statinol\+mycin/kinetic"):
        tree(decoded, "effective nothing")


def test_an_older_file_without_these_sections_is_read(decoded: dict[str, Any]) -> None:
    older = {
        name: value for name, value in decoded.items() if name not in ("interactions", "effective_phenotypes", "record")
    }
    assert tree(older, "CYP2C9").startswith("CYP2C9, how sure")
    with pytest.raises(NotInKnowledge):
        tree(older, "effective CYP2C9")
