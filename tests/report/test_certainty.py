"""How sure a result is must be on the page and in the terminal as a word and a shape, and beside the advice."""

from __future__ import annotations

import re
from dataclasses import replace

import msgspec
import pytest
import sample
from test_report import Outline

from nof1.model.findings import Assessment, CallStatus, Chance
from nof1.model.likelihood import probability, spread
from nof1.report.chances import by_term, matched
from nof1.report.explain import tree
from nof1.report.html import page
from nof1.report.markup import anchor, escape
from nof1.report.text import summary

S = CallStatus
WORDS = {
    S.CERTAIN: "certain",
    S.ASSURED: "assured",
    S.PROBABLE: "probable",
    S.UNDETERMINED: "undetermined",
    S.NO_CALL: "no call",
    S.CALLED: "called",
}
SIGNS = {S.CERTAIN: "●", S.ASSURED: "◉", S.PROBABLE: "◐", S.UNDETERMINED: "○?", S.NO_CALL: "–", S.CALLED: "■"}
GENES = sample.GRADED | {S.CALLED: "CYP2D6", S.NO_CALL: "MT-RNR1"}


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample.graded()


@pytest.fixture(scope="module")
def html(made: Assessment) -> str:
    return page(made)


def gene_of(html: str, gene: str) -> str:
    """The part of the page about one gene."""
    return html.split(f'id="{anchor("g", gene)}"', 1)[1].split('<tbody id="g-', 1)[0]


def drug_of(html: str, drug: str) -> str:
    found = re.search(rf'<(article|tbody)[^>]* id="{anchor("d", drug)}".*?</\1>', html, re.S)
    assert found
    return found[0]


def first_row(html: str, gene: str) -> str:
    return gene_of(html, gene).split('<tr class="notes"', 1)[0]


def test_the_page_is_well_formed_and_runs_nothing(html: str) -> None:
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
    assert "script" not in outline.names


@pytest.mark.parametrize("status", list(S))
def test_every_status_has_a_word_and_a_shape_of_its_own(html: str, status: CallStatus) -> None:
    shown = f'class="sure s-{status.value}"><svg class="sign" aria-hidden="true"><use href="#sure-{status.value}"/></svg>'
    assert shown + WORDS[status] in first_row(html, GENES[status])
    drawn = re.findall(r'<symbol id="sure-([^"]+)"[^>]*>(.*?)</symbol>', html)
    assert {name for name, _ in drawn} == {code.value for code in S}
    assert len({shape for _, shape in drawn}) == len(S)


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("width", [80, 100, 120])
def test_every_status_has_a_word_and_a_sign_in_the_terminal(made: Assessment, status: CallStatus, width: int) -> None:
    lines = [line for line in summary(made, width).splitlines() if line.startswith(f"  {GENES[status]} ")]
    assert len(lines) == 1
    assert f" {SIGNS[status]} {WORDS[status]}" in lines[0]


def test_thresholds_are_those_of_the_assessment(made: Assessment, html: str) -> None:
    for text in (html, summary(made)):
        assert "assured (at least 0.99)" in text
        assert "probable (at least 0.95)" in text
        assert text.count("probable (at least 0.95)") == 1  # the legend stands once
    other = replace(made, settings={**made.settings, "assured": "at least 0.98"})
    assert "assured (at least 0.98)" in page(other)
    assert "0.99)" not in summary(other)


def test_an_undetermined_gene_never_looks_like_a_result(made: Assessment, html: str) -> None:
    row = first_row(html, sample.GRADED[S.UNDETERMINED])
    assert "Not settled. Possible:" in row
    assert 'class="term"' not in row
    assert 'class="label"' not in row
    for name, likely in (
        (sample.FIRST, "0.43 to 0.79"),
        (sample.SECOND, "0.17 to 0.53"),
        ("no named allele fits", "0.03 to 0.04"),
    ):
        assert re.search(rf'<li>{name} <span class="p">{likely}</span>', row)
    assert "Would settle it" in gene_of(html, sample.GRADED[S.UNDETERMINED])
    assert f"? {sample.FIRST}" in summary(made)
    for status in (S.CERTAIN, S.ASSURED, S.PROBABLE):
        assert f'class="term">{sample.FIRST} ' in first_row(html, sample.GRADED[status])


def test_ranges_and_the_diplotype_own_status(html: str) -> None:
    row = first_row(html, sample.GRADED[S.PROBABLE])
    assert "0.96 to 0.98" in row  # 0.9899 is not rounded up to the next threshold
    assert 's-probable"' in row
    assert 's-undetermined"' in row  # the diplotype's
    assert "+ 2 more" in row


@pytest.mark.parametrize("status", list(sample.GRADED))
def test_candidates_end_with_the_remainder(html: str, status: CallStatus) -> None:
    opened = re.search(r'<details class="candidates">.*?</details>', gene_of(html, sample.GRADED[status]), re.S)
    assert opened
    rows = re.findall(r"<tr>(.*?)</tr>", opened[0].split('<table class="ranked">', 1)[1].split("</table>", 1)[0], re.S)
    cells = [re.sub("<[^>]+>", "|", row) for row in rows[1:]]
    assert [cell.strip("|").split("|")[0] for cell in cells] == ["1", "2", "3", "–"]
    assert escape("*1/(*35 or *61 or 3 more)") in cells[1]
    assert "all other diplotypes together, not listed" in cells[3]
    assert "0.02" in cells[3]  # 0.0183
    assert opened[0].count('<svg class="bar"') >= 2
    assert "rs901" in opened[0]
    assert "0.23" in opened[0]
    assert "3 more positions" in opened[0]


def test_bars_are_as_long_as_the_probabilities(html: str) -> None:
    bars = re.search(r'<table class="bars">.*?</table>', gene_of(html, sample.GRADED[S.UNDETERMINED]), re.S)
    assert bars
    full = float(re.search(r'viewBox="0 0 (\d+)', bars[0])[1])  # type: ignore[index]
    low = [float(found) / full for found in re.findall(r'class="to-lowest" d="M.5 2.5h([\d.]+)', bars[0])]
    high = [float(found) / full for found in re.findall(r'class="to-highest" d="M.5 2.5h([\d.]+)', bars[0])]
    assert low == pytest.approx([0.4312, 0.1707, 0.0302], abs=0.001)
    assert high == pytest.approx([0.7931, 0.5304, 0.0402], abs=0.001)


def test_advice_on_an_undetermined_gene_is_marked(made: Assessment, html: str) -> None:
    for drug in ("drug-undetermined", "drug-both"):
        part = drug_of(html, drug)
        chips = part.count('<span class="chip c-undetermined">')
        rules = sum(len(item.recommendations) for item in made.drugs if item.drug == drug)
        assert chips == rules + 1  # beside the headline and at each recommendation
        assert part.count("not settled") >= chips
        assert '<use href="#sure-undetermined"/>' in part
    part = drug_of(html, "drug-undetermined")
    assert part.index("Poor Metabolizer, probability 0.17 to 0.53") < part.index(
        "Normal Metabolizer, probability 0.43 to 0.79"
    )
    both = drug_of(html, "drug-both")
    assert "Normal Metabolizer, probability 0.43 to 0.79</b> or <b>Poor Metabolizer, probability 0.17 to 0.53" in both


def test_advice_on_a_probable_gene_is_marked_and_on_a_sure_one_is_not(html: str) -> None:
    assert drug_of(html, "drug-probable").count('<span class="chip c-probable">') == 2
    assert "0.96 to 0.98" in drug_of(html, "drug-probable")
    for status in (S.CERTAIN, S.ASSURED):
        part = drug_of(html, f"drug-{status.value}")
        assert "chip" not in part
        assert f">{WORDS[status]}</span>" not in part.split('class="rests"')[0]
        assert f"</svg>{WORDS[status]}</span>" in part


def test_at_a_glance_keeps_unsettled_drugs_apart(html: str) -> None:
    glance = html.split('class="glance"', 1)[1].split("</table>", 1)[0]
    for drug, line in (("drug-undetermined", "undetermined"), ("drug-both", "undetermined"), ("drug-probable", "probable")):
        found = re.search(rf'<p class="line-{line}">(?:(?!</p>).)*{drug}', glance, re.S)
        assert found, drug
    settled = re.findall(r"<p>(<a .*?)</p>", glance)
    assert [re.findall(r"<bdi>([^<]+)", line) for line in settled] == [["drug-certain", "drug-assured"]]


def test_the_terminal_marks_advice_that_is_not_settled(made: Assessment) -> None:
    text = summary(made)
    lines = text.splitlines()
    at = next(place for place, line in enumerate(lines) if line.startswith("  drug-undetermined"))
    assert f"[not settled] if {sample.GRADED[S.UNDETERMINED]} Poor Metabolizer 0.17 to 0.53" in lines[at]
    assert "NOT SETTLED: drug-both" in text
    assert "PROBABLE: drug-probable" in text
    assert "undetermined: CYP2C19" in text


@pytest.mark.parametrize("width", [50, 60, 80, 100, 120])
def test_the_terminal_keeps_its_width(made: Assessment, width: int) -> None:
    assert max(len(line) for line in summary(made, width).splitlines()) <= width


def test_a_variants_only_file_says_so_first(made: Assessment) -> None:
    line = "The file lists variants only: most phenotypes stay undetermined."
    told = replace(made, assay={"kind": "variants_only", "headline": line})
    assert summary(told).startswith(line)
    html = page(told)
    body = html.split("<body>", 1)[1]
    assert re.sub(r"<svg.*?</svg>|<[^>]+>", "", body, flags=re.S).startswith(line)


def test_identity_and_confirmation_stand_before_the_name(made: Assessment, html: str) -> None:
    name = html.index("<h1")
    for text in ("X and Y show female", "x heterozygous 500", "Confirm in an accredited laboratory: many"):
        assert html.index(text) < name
    text = summary(made)
    assert "the sample may be another person" in " ".join(text.split()).replace(" ! ", " ")
    assert text.index("WHOSE GENOME IS THIS?") < text.index("GENES")


def test_an_agreeing_sex_raises_no_alarm(made: Assessment) -> None:
    agree = made.assay["identity"] | {"observed_sex": "male", "verdict": "agree"}
    html = page(replace(made, assay=made.assay | {"identity": agree, "confirm": ""}))
    assert 'class="alarm"' not in html
    assert "declared male, X and Y agree" in html


def test_what_was_tested_is_a_section(html: str) -> None:
    part = html.split('id="tested"', 1)[1].split("</section>", 1)[0]
    for text in (
        "1,234 positions with an answer",
        "77 positions without one: unknown, not reference",
        "55 positions by the laboratory",
        "no copy number",
        "Labor Nord &lt;script&gt;",
        "DISAGREES",
        "no population was declared: each of AFR, EAS, EUR was asked by itself; ranges are over them",
    ):
        assert text in part


def test_an_assessment_without_an_assay_section_has_a_page(made: Assessment) -> None:
    assert "What was tested, what was not" in page(replace(made, assay={}, settings={}, genes=(), drugs=()))


@pytest.mark.parametrize("declared", ["EAS", "EAS, EUR"])
def test_declared_populations_are_named(made: Assessment, declared: str) -> None:
    asked = tuple(declared.split(", "))
    genes = tuple(replace(call, populations=asked) if call.chances else call for call in made.genes)
    html = page(replace(made, genes=genes, settings={**made.settings, "population": declared}))
    assert f"declared: {declared}" in html
    assert "no population was declared" not in html


def test_explain_shows_chances_remainder_and_what_settles(made: Assessment) -> None:
    decoded = msgspec.json.decode(msgspec.json.encode(made))
    text = tree(decoded, sample.GRADED[S.UNDETERMINED])
    assert text.startswith("CYP2C19, how sure: phenotype ○? undetermined, diplotype ○? undetermined")
    for line in (
        "  Normal Metabolizer: 0.43 to 0.79",
        "  no named allele fits: 0.03 to 0.04",
        "  all other diplotypes together, not listed: 0.02",
        "  rs901: 0.23 (*2)",
    ):
        assert line in text.splitlines()
    drug = tree(decoded, "drug-undetermined")
    assert "NOT SETTLED: CYP2C19 Poor Metabolizer, probability 0.17 to 0.53" in drug


def test_explain_reads_an_older_assessment(made: Assessment) -> None:
    decoded = msgspec.json.decode(msgspec.json.encode(made))
    for call in decoded["genes"]:
        for name in ("diplotype_status", "populations", "chances", "remainder", "settles"):
            del call[name]
    assert tree(decoded, "CYP2C19").startswith("CYP2C19, how sure: phenotype ○? undetermined, diplotype not stated")


def test_a_printed_probability_never_looks_surer() -> None:
    for value in [place / 9973 for place in range(9974)]:
        text = probability(value)
        if text[0] not in "<>":
            assert 0 < float(text) < 1
            assert float(text) <= value + 1e-9
            assert float(text) == pytest.approx(value, abs=0.0101)


def test_phenotypes_are_joined_over_activity_scores() -> None:
    call = replace(
        sample.graded().genes[0],
        chances=(
            Chance("A", "2.0", "2.0", 0.5, 0.4, 0.6),
            Chance("B", "1.0", "1.0", 0.3, 0.2, 0.4),
            Chance("A", "1.5", "1.5", 0.2, 0.2, 0.2),
        ),
    )
    first, second = by_term(call)
    assert (first.phenotype, round(first.probability, 6), spread(first)) == ("A", 0.7, "0.60 to 0.80")
    assert second.phenotype == "B"
    assert [chance and chance.activity_score for _, chance in matched(call, "A (activity score 1.5)")] == ["1.5"]
    assert matched(call, "no result") == [("no result", None)]
