"""The page, the terminal summary and the tree of reasons, on a made-up assessment that tries to break them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import sample
from outline import Outline

from nof1.errors import NotInKnowledge
from nof1.model.findings import Action, Assessment
from nof1.report import words
from nof1.report.explain import tree
from nof1.report.html import page
from nof1.report.markup import anchor, escape, tag
from nof1.report.text import summary


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample.assessment()


@pytest.fixture(scope="module")
def html(made: Assessment) -> str:
    return page(made)


@pytest.fixture(scope="module")
def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    found.close()
    return found


@pytest.fixture(scope="module")
def decoded(made: Assessment) -> dict[str, Any]:
    found = msgspec.json.decode(msgspec.json.encode(made))
    assert isinstance(found, dict)
    return found


def test_text_of_files_never_becomes_markup(html: str, outline: Outline) -> None:
    assert "<script" not in html
    assert "script" not in outline.names
    assert html.count("&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;") >= 4  # title, name, note, path
    assert "\x1b" not in html
    assert "\u202e" not in html
    assert not [link for link in outline.links if not link.startswith(("#", "https://"))]


@pytest.mark.parametrize("name", ["</style><b>", '"}*{display:none}', "</title>", "a\\", "\ud800x", "x" * 5000])
def test_a_name_breaks_neither_page_nor_style(made: Assessment, name: str) -> None:
    text = page(replace(made, person=name, drugs=(), genes=()))
    text.encode()
    style = text.split("<style>", 1)[1].split("</style>", 1)[0]
    assert style.endswith("}}")
    assert "display:none}" not in style.split("@page{@top-left", 1)[1]
    Outline().feed(text)


def test_every_element_is_closed_and_every_link_leads_somewhere(outline: Outline) -> None:
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)


def test_every_recommendation_links_to_its_source(made: Assessment, html: str, outline: Outline) -> None:
    for drug in made.drugs:
        for item in drug.recommendations:
            assert f"#{anchor('s', item.source.source)}" in outline.links
            assert anchor("s", item.source.source) in outline.ids
            assert f"<code>{escape(str(item.source))}</code>" in html
    assert "cited without details" in html  # one source is cited and not listed


def test_every_drug_gene_and_unknown_is_on_the_page(made: Assessment, html: str, outline: Outline) -> None:
    assert {anchor("d", drug.drug) for drug in made.drugs} <= set(outline.ids)
    assert {anchor("g", call.gene) for call in made.genes} <= set(outline.ids)
    for item in made.unknown:
        assert escape(item.reason) in html
    assert escape(made.disclaimer) in html
    assert made.knowledge_edition in html


def test_all_actions_appear_as_words_with_signs(html: str) -> None:
    for code in Action:
        assert f'href="#sign-{code.value}"' in html
        assert f">{words.TITLES[code]} <" in html or f"</svg>{words.TITLES[code]}" in html
        assert f"</svg>{words.action(code)}</span>" in html


def test_drugs_stand_in_order_of_urgency(outline: Outline) -> None:
    titles = [words.TITLES[code] for code in Action]
    headings = [re.sub(r" \d+$", "", text) for name, text in outline.headings if name == "h3"]
    shown = [text for text in headings if text in titles]
    assert shown == titles


def test_drugs_given_out_of_order_are_sorted(made: Assessment) -> None:
    assert page(made) == page(replace(made, drugs=tuple(words.by_urgency(made.drugs))))


def test_unseen_positions_come_first(made: Assessment, html: str) -> None:
    missing, asked = words.unseen(made)
    line = f"{missing:,} of {asked:,} positions were not seen"
    assert line in html
    assert html.index(line) < html.index("<h1")
    assert "not read as reference" in html


def test_a_declared_reference_is_said(made: Assessment) -> None:
    declared = replace(made, settings={**made.settings, "absent position": "reference"})
    assert "were declared to be reference" in page(declared)
    assert "were declared to be reference" in summary(declared)


def test_positions_are_drawn_by_shape(html: str) -> None:
    drawn = re.search(r'<svg class="positions"[^>]*aria-label="RYR1: [^"]*".*?</svg>', html, re.S)
    assert drawn
    for kind, words_ in (
        ("called", "60 called reference"),
        ("reference", "150 reference by block"),
        ("no_call", "12 no call"),
        ("not_covered", "90 not covered"),
    ):
        assert re.search(rf'<path class="{kind}" d="[^"]+"><title>{words_}</title>', drawn[0])
    assert drawn[0].count('class="variant"') == 1
    shapes = {
        re.search(rf'class="{kind}" d="M0 0([^"]+)"', html)[1] for kind in ("variant", "called", "no_call", "not_covered")
    }  # type: ignore[index]
    assert len(shapes) == 4


def test_candidates_lists_and_missing_genes(html: str) -> None:
    assert "2 possible results" in html
    assert "18 possible results" in html
    assert "which of them lie on the same strand is not known" in html
    assert "no phenotype assigned" in html
    assert "Not called" in html
    assert "typed elsewhere" in html
    assert "and 48 more" in html  # alleles not excluded, abbreviated


def test_partial_provisional_and_settings_are_visible(made: Assessment, html: str) -> None:
    partial = sum(item.is_partial for drug in made.drugs for item in drug.recommendations)
    assert html.count('class="partial"') == partial > 0
    assert 'class="status provisional"' in html
    assert html.count("dose figures are for adults, warnings for everyone") == 1  # said once for all
    assert "prior exposure: never taken" in html
    assert "minimum GQ where given" in html


def test_the_page_is_small_and_loads_nothing(html: str) -> None:
    assert len(html.encode()) < 600_000
    assert "default-src 'none'" in html
    assert not re.search(r"url\(|@import|src=|<link|<img|<iframe", html)


def test_an_empty_assessment_still_has_a_page(made: Assessment) -> None:
    empty = replace(made, drugs=(), genes=(), unknown=(), site_notes=(), files=(), sources={}, settings={})
    assert "No genome file was read" in page(empty)
    assert "No drug needs" in summary(empty)


def test_summary_says_what_matters_in_order(made: Assessment) -> None:
    text = summary(made)
    titles = [words.TITLES[code].upper() for code in Action]
    found = [line.split(" (")[0] for line in text.splitlines() if line.split(" (")[0] in titles]
    assert found == titles
    assert "positions were not seen" in text
    assert "several results possible: CYP2C19, SLCO1B1" in text
    assert "phase not known: DPYD" in text
    assert "not called: CYP2B6, HLA-A, MT-RNR1, TPMT" in text
    assert "UNKNOWN (4)" in text
    assert text.endswith("not CE-marked.")
    assert "\x1b" not in text


@pytest.mark.parametrize("width", [30, 60, 80, 100, 120])
def test_summary_keeps_its_width(made: Assessment, width: int) -> None:
    assert max(len(line) for line in summary(made, width).splitlines()) <= max(width, 50)


def test_summary_has_a_line_for_every_urgent_drug(made: Assessment) -> None:
    lines = summary(made).splitlines()
    for drug in made.drugs:
        if drug.headline.urgency < Action.USE.urgency:
            assert any(line.strip().startswith(drug.drug[:20]) for line in lines), drug.drug


def test_tree_of_a_gene(decoded: dict[str, Any]) -> None:
    head, steps = tree(decoded, "cyp2c9").split("\n\n")
    lines = steps.splitlines()
    assert head == "CYP2C9, how sure: phenotype ■ called, diplotype not stated"
    assert lines[0].startswith("CYP2C9 is *1/*2: found by genome  <methods-3#matcher>")
    assert lines[1].startswith("  ")
    assert lines[1].endswith("<clinpgx-functions#CYP2C9> [machine-read]")
    assert lines[2] == "    allele *1: Normal function  <clinpgx-functions#CYP2C9> [provisional]"


def test_tree_of_a_drug_shows_shared_reasons_once(decoded: dict[str, Any]) -> None:
    text = tree(decoded, "Abacavir")
    assert text.count("allele *1") == 1
    assert "(reasons: above)" in text
    assert "abacavir/cpic/rule-0 (CPIC: contraindicated, avoid; strength strong)" in text


def test_tree_of_a_recommendation_and_of_an_unknown(decoded: dict[str, Any]) -> None:
    assert "rule-1" not in tree(decoded, "ABACAVIR/cpic/rule-0")
    assert "would settle it: rs1, rs2" in tree(decoded, "tamoxifen")


def test_tree_of_something_else_names_what_there_is(decoded: dict[str, Any]) -> None:
    with pytest.raises(NotInKnowledge) as caught:
        tree(decoded, "trimapramine\x1b")
    message = str(caught.value)
    assert "\n" not in message
    assert "\x1b" not in message
    assert "trimipramine" in message
    assert "ABCG2" in message


@pytest.mark.parametrize("text", ["<", ">", "&", '"', "'", "&amp;", "</p>", "a" * 10])
def test_elements_escape_once(text: str) -> None:
    made = tag("p", tag("b", text, title=text))
    found = Outline()
    found.feed(made)
    assert found.open == []
    assert tag("i", made.upper()).count("<") == 2  # what is done to HTML gives plain text
