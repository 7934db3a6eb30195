"""``nof1 knowledge show``: everything the files say under one name, as YAML that reads back."""

from __future__ import annotations

import re

import pytest
import yaml

from nof1.cli.main import main
from nof1.knowledge.edition import SHIPPED


def show(name: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Heading to content."""
    assert main(["knowledge", "show", name]) == 0
    told = capsys.readouterr().out
    headings = re.findall(r"^# (.+)$", told, re.MULTILINE)
    contents = list(yaml.safe_load_all(told))
    assert len(headings) == len(contents)
    return dict(zip(headings, contents, strict=True))


def test_a_drug_shows_all_that_its_files_say(capsys: pytest.CaptureFixture[str]) -> None:
    found = show("warfarin", capsys)
    assert found["drug warfarin"]["rxnorm"] == "11289"
    files = [*SHIPPED.glob("drugs/warfarin.yaml"), *SHIPPED.glob("guidelines/*/warfarin.*.yaml")]
    assert len([heading for heading in found if heading.startswith("guideline on warfarin ")]) == len(files) > 3
    written = yaml.safe_load((SHIPPED / "limits/warfarin.yaml").read_text())["limits"]
    assert [heading for heading in found if heading.startswith("limit ")] == [f"limit {item['id']}" for item in written]
    assert found["limit pregnancy"]["actions"] == next(item["actions"] for item in written if item["id"] == "pregnancy")
    assert "class vitamin_k_antagonist" in found
    assert found["interaction anticoagulant-nsaid"]["severity"]  # by its class, not by its name


def test_a_brand_is_its_drug(capsys: pytest.CaptureFixture[str]) -> None:
    assert show("Coumadin", capsys) == show("WARFARIN", capsys)


@pytest.mark.parametrize(
    ("name", "heading"),
    [
        ("cyp2d6", "gene CYP2D6"),
        ("potassium", "measurement potassium"),
        ("hyperkalaemia", "condition hyperkalaemia"),
        ("egfr", "equation ckd-epi-2021-creatinine"),
        ("SSRI", "class ssri"),
        ("onc-3-stimulant-maoi", "interaction onc-3-stimulant-maoi"),
        ("fda-label-metformin", "source fda-label-metformin"),
        ("metformin", "limit egfr-below-30"),
    ],
)
def test_every_kind_is_found(name: str, heading: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert heading in show(name, capsys)


def test_a_class_shows_its_members_and_what_is_written_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    found = show("statin", capsys)
    assert "simvastatin" in found["members of statin"]
    written = yaml.safe_load((SHIPPED / "limits/statin.yaml").read_text())
    assert written["classes"] == ["statin"]
    assert {f"limit {item['id']} of statin" for item in written["limits"]} <= set(found)


def test_a_name_that_stands_nowhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "show", "nonetine"]) == 2
    told = capsys.readouterr().err
    assert "'nonetine' is no gene, drug, class, fact, interaction or source" in told
    assert "list genes | drugs | classes | facts" in told and told.count("\n") == 1
