"""The synthetic example person on vancomycin and warfarin: what a pharmacist would discuss."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

import nof1
from nof1.cli.main import main
from nof1.report.dose_page import dose_page
from nof1.report.dose_text import dose_glance
from nof1.response.document import Dosing

FOLDER = Path(__file__).parents[2] / "examples" / "example-4-vancomycin-and-warfarin"
TODAY = date(2026, 11, 26)


def asked(drug: str) -> Dosing:
    return nof1.dose(drug, [FOLDER / "genome.vcf"], history=FOLDER / f"dose-{drug}.json", today=TODAY)


@pytest.fixture(scope="module")
def warfarin() -> Dosing:
    return asked("warfarin")


@pytest.fixture(scope="module")
def vancomycin() -> Dosing:
    return asked("vancomycin")


@pytest.mark.parametrize("drug", ["warfarin", "vancomycin"])
def test_the_present_dose_is_too_much_and_a_smaller_one_is_best(drug: str, request: pytest.FixtureRequest) -> None:
    found: Dosing = request.getfixturevalue(drug)
    assert found.present is not None
    best = found.options[0]
    assert best.regimen.daily < found.present.regimen.daily
    assert found.present.in_target < 0.5 < best.in_target
    assert found.present.above > 0.5


def test_inr_rises_on_its_way_and_falls_with_the_next_dose(warfarin: Dosing) -> None:
    assert warfarin.curve is not None
    hours, middle = warfarin.curve.hours, warfarin.curve.afterwards.middle
    now = min(range(len(hours)), key=lambda n: abs(hours[n] - warfarin.now))
    assert hours[-1] - warfarin.now == pytest.approx(14 * 24)
    assert middle[0] == pytest.approx(1.0, abs=0.02)  # the INR before the first dose
    assert middle[now] > middle[-1] > 2


def test_genes_of_the_genome_are_used(warfarin: Dosing) -> None:
    assert warfarin.genes["CYP2C9"].startswith("*1/*2")
    assert warfarin.starting[0].is_first
    assert warfarin.starting[0].per_week is not None


def test_the_target_stands_among_the_inrs(warfarin: Dosing, vancomycin: Dosing) -> None:
    drawn = {
        name: re.search(r'<svg class="course-drawing broad".*?</svg>', dose_page(found), re.DOTALL)
        for name, found in (("warfarin", warfarin), ("vancomycin", vancomycin))
    }
    assert drawn["warfarin"] and 'class="zone"' in drawn["warfarin"][0]
    assert drawn["vancomycin"] and "zone" not in drawn["vancomycin"][0]  # an area is no level
    assert "After a week" in dose_page(warfarin)
    assert "On the first day" in dose_page(vancomycin)


def test_a_glance_is_short(warfarin: Dosing) -> None:
    text = dose_glance(warfarin, is_fine=False)
    assert text.isascii()
    assert "Doses (oral) for the target" in text
    assert "Parameters" not in text
    assert len(text.splitlines()) < 50


def test_the_demo_writes_both_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path / "demo")]) == 0
    shown = capsys.readouterr().out
    pages = sorted(path.name for path in (tmp_path / "demo" / FOLDER.name).glob("*.html"))
    assert pages == ["dose-vancomycin.html", "dose-warfarin.html", "report.html"]
    assert "INR 2 to 3" in shown
    assert shown.splitlines()[-1].endswith("example-3-genome-and-record/report.html")
