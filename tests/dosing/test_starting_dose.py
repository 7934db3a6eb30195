"""The dose to begin with by published equations, beside the doses by INR: in the answer, the page and the terminal."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import nof1
from dosing.dose_cases import vancomycin, warfarin
from nof1.errors import InputError
from nof1.jobs.dosing import DoseWishes
from nof1.report.dose_page import dose_page
from nof1.report.dose_start import TITLE
from nof1.report.dose_text import dose_text
from nof1.response.document import Dosing

TODAY = date(2026, 11, 26)
EVERY_POSITION = Path(__file__).parents[2] / "examples" / "example-1-all-positions" / "genome.vcf"


def ask(*genomes: Path, **changed: object) -> Dosing:
    return nof1.dose("warfarin", genomes, history=warfarin(**changed), today=TODAY, wishes=DoseWishes(draws=300))


@pytest.fixture(scope="module")
def white() -> Dosing:
    return ask()


@pytest.fixture(scope="module")
def african() -> Dosing:
    return ask(starting={"ancestry": "African", "target_inr": 2.5})


def test_the_dose_is_that_of_the_appendix(white: Dosing) -> None:
    """S1e by hand: 67 years, 165 cm, 68 kg, A/G, *1/*2."""
    first = next(item for item in white.starting if item.is_first)
    assert first.id == "iwpc-2009-pharmacogenetic"
    expected = (5.6044 - 0.2614 * 6 + 0.0087 * 165 + 0.0128 * 68 - 0.8677 - 0.5211) ** 2
    assert first.per_week == pytest.approx(expected)
    assert first.low is not None
    assert first.high is not None
    assert first.low < expected < first.high
    assert [row.group for row in first.off] == ["everybody", "white", "predicted 21 to 49 mg a week"]


def test_a_refused_one_says_why_and_what_stands_in(african: Dosing) -> None:
    genetic = african.starting[0]
    assert genetic.per_week is None
    assert not genetic.is_first
    assert "IWPC clinical equation (2009)" in genetic.refused[0].offers
    first = next(item for item in african.starting if item.is_first)
    assert first.id == "iwpc-2009-clinical"
    assert first.group == "Black or African American"
    for face in (dose_text(african), dose_page(african)):
        assert "CYP2C9 *5, *6, *8 and *11" in face
        assert "instead: IWPC clinical equation" in " ".join(face.split())


def test_every_face_has_the_interval_beside_the_dose(white: Dosing) -> None:
    for face in (" ".join(dose_text(white).split()), dose_page(white)):
        assert TITLE in face
        assert "24.5 mg a week (3.5 mg a day), 80 % interval 14.4 to 37.3 mg, measured on 1957 people (white)" in face
        assert "off by 8.6 (8.2 to 9.1) mg a week" in face
    assert {"iwpc-2009", "cpic-warfarin-2017"} & set(white.sources) == {"iwpc-2009"}


def test_the_page_keeps_its_links(african: Dosing) -> None:
    page = dose_page(african)
    assert 'href="#s-cpic-warfarin-2017"' in page
    assert 'id="s-cpic-warfarin-2017"' in page


def test_before_the_first_dose_it_stands_first() -> None:
    found = ask(doses=[], levels=[])
    text = dose_text(found)
    assert text.index(TITLE) < text.index("Doses (oral)")
    page = dose_page(found)
    assert page.index('id="starting"') < page.index('id="doses"')


def test_a_genome_that_shows_the_alleles_lifts_the_refusal() -> None:
    found = ask(EVERY_POSITION, genes={}, starting={"ancestry": "African", "target_inr": 2.5})
    assert found.starting[0].per_week is not None
    assert found.starting[0].is_first


def test_what_no_equation_asks_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="'ancestory' is no input; did you mean 'ancestry'"):
        ask(starting={"ancestory": "white"})
    with pytest.raises(InputError, match=r"ancestry .* is 'martian'; give one of white, asian, black, mixed"):
        ask(starting={"ancestry": "martian"})


def test_a_drug_without_equations_has_none() -> None:
    found = nof1.dose("vancomycin", history=vancomycin(), models=["vancomycin-thomson-2009"], today=TODAY)
    assert found.starting == ()
    assert TITLE not in dose_text(found)
    assert TITLE not in dose_page(found)
