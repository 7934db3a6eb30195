"""An answer on doses as page, text, drawing in characters and JSON."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import msgspec
import pytest

import nof1
from dosing.dose_cases import MODEL, tacrolimus, vancomycin, written
from nof1.cli.main import main
from nof1.jobs.dosing import DoseWishes
from nof1.report.dose_page import dose_page
from nof1.report.dose_plot import FINE, plot
from nof1.report.dose_text import dose_text
from nof1.response.document import Dosing

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))
from outline import Outline

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def area() -> Dosing:
    return nof1.dose("vancomycin", history=vancomycin(), models=[MODEL], today=TODAY, wishes=DoseWishes(draws=1000))


@pytest.fixture(scope="module")
def trough() -> Dosing:
    wishes = DoseWishes(draws=1000)
    return nof1.dose("tacrolimus", history=tacrolimus(), models=["tacrolimus-campagne-2018"], today=TODAY, wishes=wishes)


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    found.close()
    return found


def test_the_page_is_whole_and_runs_nothing(area: Dosing) -> None:
    page = dose_page(area)
    found = outline(page)
    assert found.open == []
    assert "script" not in found.names
    assert len(found.ids) == len(set(found.ids))
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert not [link for link in found.links if not link.startswith(("#", "https://"))]
    assert "nan" not in re.findall(r"[a-z]+", page.lower())


def test_text_of_a_history_never_becomes_markup(area: Dosing) -> None:
    page = dose_page(replace(area, person="</title><script>alert(1)</script>\x1b", notes=("<b>bold</b>",)))
    assert "<script" not in page
    assert "<b>bold" not in page
    assert "\x1b" not in page


def test_what_must_be_read_first_stands_first(area: Dosing) -> None:
    blocked = replace(area, draft=None, blocked=("weight is not known",))
    page = dose_page(blocked)
    assert page.index(area.disclaimer) < page.index("No dose is drafted.") < page.index("<svg")
    assert "no advice to give a dose" in page
    assert f"edition {area.knowledge_edition[:12]}" in page


def test_the_drawing_says_what_it_shows(trough: Dosing) -> None:
    page = dose_page(trough)
    for name in ("broad", "slim"):
        assert f'aria-labelledby="course-{name}-title course-{name}-desc"' in page
    desc = re.search(r'<desc id="course-broad-desc">(.*?)</desc>', page)
    assert desc
    assert "5.1 µg/L at 47.8 h" in desc[1]
    assert "8 doses given" in desc[1]
    assert "The target is 4 to 11 µg/L" in desc[1]
    assert 'class="zone"' in page


def test_an_area_has_no_zone_among_levels(area: Dosing) -> None:
    drawn = re.search(r'<svg class="course-drawing broad".*?</svg>', dose_page(area), re.DOTALL)
    assert drawn
    assert "zone" not in drawn[0]
    assert drawn[0].count('class="seen"') == 2


def test_marks_lie_inside_the_drawing(area: Dosing) -> None:
    for name, wide, high in (("broad", 900, 380), ("slim", 400, 320)):
        drawn = re.search(rf'<svg class="course-drawing {name}".*?</svg>', dose_page(area), re.DOTALL)
        assert drawn
        for path in re.findall(r'class="(?:mine|prior)-(?:band|line)" d="([^"]*)"', drawn[0]):
            points = [tuple(map(float, point.split())) for point in re.findall(r"[\d.]+ [\d.]+", path)]
            assert len(points) > 100
            assert all(0 <= x <= wide and 0 <= y <= high for x, y in points)


def test_the_table_has_heads_and_every_option(area: Dosing) -> None:
    page = dose_page(area)
    table = re.search(r'<table class="fold doses".*?</table>', page, re.DOTALL)
    assert table
    assert table[0].count("<tbody") == len(area.options) + 1  # and the present one
    assert table[0].count('scope="col"') == 5
    assert table[0].count('scope="row"') == len(area.options) + 1
    assert "<caption" in table[0]


def test_an_alarm_stands_beside_its_level(area: Dosing) -> None:
    odd = replace(area, levels=(replace(area.levels[0], unlikely=0.0001), *area.levels[1:]))
    assert "⚠ implausible for a patient like this one" in dose_page(odd)
    assert "IMPLAUSIBLE" in dose_text(odd)
    assert "implausible" not in dose_page(area)


def test_a_draft_is_called_one(area: Dosing) -> None:
    drafted = replace(area, draft=area.options[0], blocked=())
    line = "Draft, for a prescriber to check: vancomycin, "
    assert line in dose_page(drafted)
    assert line in " ".join(dose_text(drafted).split())
    assert "No dose is drafted" not in dose_text(drafted)


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_text_keeps_to_the_width(area: Dosing, trough: Dosing, width: int) -> None:
    for found in (area, trough):
        long = [line for line in dose_text(found, width).splitlines() if len(line) > width]
        assert long == []


def test_text_can_be_ascii(area: Dosing, trough: Dosing) -> None:
    for found in (area, trough):
        text = dose_text(found, 100, is_fine=False)
        assert text.isascii()
        assert "?" not in text
        drawing = "\n".join(plot(found, 100, is_fine=False))
        assert drawing.count("O") >= 2
        assert "^" in drawing


def test_the_plot_has_levels_doses_and_target_where_they_belong(trough: Dosing) -> None:
    lines = plot(trough, 100)
    assert sum(line.count(FINE.level) for line in lines[1:15]) == 2
    assert lines[15].count(FINE.dose) == 8
    assert sum(line.count(FINE.zone) > 20 for line in lines[1:15]) == 2
    assert sum(line.count(FINE.now) for line in lines[1:15]) > 5


def test_text_names_figures_of_the_answer(area: Dosing) -> None:
    text = dose_text(area, 120)
    best = area.options[0]
    row = next(line for line in text.splitlines() if line.strip().startswith(f"{best.regimen.amount:g} mg over"))
    assert f"{best.exposure.middle:.0f} ({best.exposure.low:.0f} to {best.exposure.high:.0f}) mg·h/L" in row
    assert f"{100 * best.in_target:.0f} %" in row
    for name in area.sources:
        assert name in text


def test_without_models_every_face_says_so(area: Dosing) -> None:
    bare = replace(
        area,
        draft=None,
        models=(),
        options=(),
        curve=None,
        levels=(),
        present=None,
        loading=(),
        target=None,
        blocked=("no model holds",),
    )
    assert "no model holds" in dose_page(bare)
    assert "no model holds" in dose_text(bare)
    assert plot(bare, 100) == []
    outline(dose_page(bare))


def test_json_is_read_back_as_it_was(area: Dosing) -> None:
    assert msgspec.json.decode(msgspec.json.encode(area), type=Dosing) == area


def test_the_command_writes_both_files_whole(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    history, json_out, html_out = written(tmp_path, vancomycin()), tmp_path / "a.json", tmp_path / "a.html"
    arguments = ["dose", "vancomycin", "--history", str(history), "--model", MODEL, "--draws", "500"]
    fhir_out = tmp_path / "a.fhir.json"
    assert main([*arguments, "--json", str(json_out), "--html", str(html_out), "--fhir", str(fhir_out), "--quiet"]) == 0
    assert capsys.readouterr().out.split() == [str(json_out), str(html_out), str(fhir_out)]
    kinds = [entry["resource"]["resourceType"] for entry in msgspec.json.decode(fhir_out.read_bytes())["entry"]]
    assert kinds.count("RiskAssessment") >= 12
    assert msgspec.json.decode(json_out.read_bytes(), type=Dosing).drug == "vancomycin"
    assert html_out.read_text().startswith("<!doctype html>")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.fhir.json", "a.html", "a.json", "history.json"]


def test_help_names_a_drug_that_has_models(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["dose", "--help"]) == 0
    said = capsys.readouterr().out
    assert "not cleared" in said
    drug = re.search(r"nof1 dose (\S+) --history", said)
    assert drug
    known = nof1.jobs.dosing.shipped_knowledge()
    assert drug[1] in {model.drug for model in known.kinetics.models.values()}
