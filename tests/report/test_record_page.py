"""The page of a person with a record: every section says in words what it has to, and is absent where it has nothing."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
import sample
import sample_record
from outline import outline, rows, section, words

from nof1.model.findings import Action, Assessment, Kind
from nof1.report.html import page
from nof1.report.markup import anchor
from nof1.report.signs import BINS
from nof1.report.words import TITLES

SECTIONS = ("now", "medicines", "missing", "effective", "interactions", "compared", "exposure", "record", "patient")


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample_record.with_record()


@pytest.fixture(scope="module")
def html(made: Assessment) -> str:
    return page(made)


def card(html: str, drug: str) -> str:
    return html.split(f'id="{anchor("d", drug)}"', 1)[1].split("</article>", 1)[0]


def test_the_page_is_whole_and_loads_nothing(html: str) -> None:
    found = outline(html)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert not [link for link in found.links if not link.startswith(("#", "https://"))]
    assert "<script" not in html
    assert "script" not in found.names
    assert not re.search(r"url\(|@import|src=|<link|<img|<iframe", html)


def test_sections_are_there_and_urgent_comes_first(html: str) -> None:
    ids = [name for name in outline(html).ids if name in (*SECTIONS, "glance", "drugs", "genes", "sources", "about")]
    assert ids == [*SECTIONS[:-1], "glance", "drugs", "genes", "sources", "about", "patient"]
    nav = html.split("<nav", 1)[1].split("</nav>", 1)[0]
    assert [name for name in SECTIONS if f'href="#{name}"' in nav] == list(SECTIONS)


def test_without_a_record_none_of_it_is_there() -> None:
    for plain in (sample.assessment(), sample.graded()):
        html = page(plain)
        assert not set(SECTIONS) & set(outline(html).ids)
        nav = html.split("<nav", 1)[1].split("</nav>", 1)[0]
        assert not [name for name in SECTIONS if f'href="#{name}"' in nav]
        assert "No health record was given" in words(html)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("missing", "missing"),
        ("effective_phenotypes", "effective"),
        ("comparisons", "compared"),
        ("exposure_ratios", "exposure"),
    ],
)
def test_an_empty_section_is_left_out(made: Assessment, field: str, name: str) -> None:
    html = page(replace(made, **{field: ()}))
    assert name not in outline(html).ids
    assert f'href="#{name}"' not in html


def test_limits_say_whether_other_medicines_are_weighed(html: str) -> None:
    text = words(section(html, "about"))
    assert (
        "Other medicines, organ function, age, pregnancy and allergies are weighed as far as the record states them" in text
    )
    assert "what is not recorded is unknown, not absent" in text
    assert "No health record was given" not in text


def test_headings_descend_without_a_gap(html: str) -> None:
    levels = [int(name[1]) for name, _ in outline(html).headings]
    assert levels[0] <= 3  # the first section's
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_scopes(html: str) -> None:
    tables = re.findall(r"<table\b.*?</table>", html, re.S)
    captioned = [table for table in tables if "<caption" in table or 'class="genes"' in table or 'class="ranked' in table]
    assert len(captioned) == len(tables) > 8
    for table in tables:
        assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", table))


# --- what must change now


def test_urgent_says_who_what_why_instead_and_source(html: str) -> None:
    text = words(section(html, "now"))
    assert text.startswith("Must change now 3")
    for said in (
        "statinol with mycin both in the record contraindicated What Contraindicated",
        "Why Effect of grave. How grave works.",
        "Instead Advice of grave.",
        "pairs-3#row-3 provisional 2026-11-25",
        "Also Effect of also-grave.",
        "glucol taken",
        "Because of 28 mL/min/1.73 m² (equation from creatinine)",
        "What Avoid Do not give below this clearance.",
        "badol (against: An allergy is recorded.)",
        "thinner perhaps taken",
        "record b.json AllergyIntolerance/a1",
        "Test first 1 chemo (planned): test first: the result of DPYD is not settled; settled by rs1, rs2, rs3, rs4 and others",
    ):
        assert said in text, said
    assert text.count("statinol with mycin") == 1  # told once, from both sides


def test_what_never_interrupts_is_not_among_the_urgent(html: str) -> None:
    text = words(section(html, "now"))
    assert "kinetic" not in text
    assert "bleeding" not in text
    assert "badol avoid" not in text.lower().replace("badol (against", "")


def test_nothing_urgent_is_said_in_words(made: Assessment) -> None:
    calm = replace(made, drugs=(), interactions=())
    assert "Must change now 0 Nothing that is taken or planned interrupts" in words(section(page(calm), "now"))


def test_an_interrupting_interaction_without_its_table_is_still_urgent(made: Assessment) -> None:
    text = words(section(page(replace(made, interactions=())), "now"))
    assert "With mycin: Effect of grave. Advice of grave." in text


def test_an_unlikely_result_is_told_as_a_condition(made: Assessment) -> None:
    chemo = next(drug for drug in made.drugs if drug.drug == "chemo")
    loud = replace(chemo, recommendations=tuple(replace(item, interrupts=True) for item in chemo.recommendations))
    text = words(section(page(replace(made, drugs=(loud,))), "now"))
    assert "Only if CYP2C19 Poor" in text


# --- the table of medicines


def test_the_medicine_table_reads_without_colour(html: str) -> None:
    table = rows(section(html, "medicines"))
    assert table[0] == ["Medicine, as recorded", "Course", "Dose and route", "For this person, and why", "Not known"]
    by_name = {row[0].split(" ", 1)[0]: row for row in table[1:]}
    glucol = by_name["Glucol"]
    assert glucol[0] == "Glucol 500 mg glucol, by RxNorm 1"
    assert glucol[1] == "taken since 2026-01-01"
    assert glucol[2] == "500 mg twice a day oral"
    assert glucol[3].startswith("Avoid ! interrupts 28 mL/min/1.73 m²")
    assert "potassium is not known" in glucol[4]
    assert by_name["Statinol"][2] == "dose not recorded route not stated, taken as systemic"
    assert by_name["Chemo"][1].startswith("planned")
    assert by_name["Chemo"][3] == "Test first the result of DPYD is not settled"
    assert by_name["Thinner"][1].startswith("perhaps taken")
    assert "topical, local" in by_name["Creamol"][2]
    assert "given locally" in by_name["Creamol"][3]
    assert "That does not make it safe" in by_name["Creamol"][3]
    assert "Not recognised: nothing about it was assessed." in by_name["Herbal"][3]


def test_stopped_medicines_stand_last_and_get_no_advice(html: str) -> None:
    last = rows(section(html, "medicines"))[-1]
    assert last[0].startswith("Oldol")
    assert last[1] == "stopped since 2026-01-01, until 2026-02-02"
    assert last[3] == "no longer taken: not counted, except where its effect lasts"


def test_a_medicine_stopped_many_times_is_one_row(made: Assessment) -> None:
    old = next(item for item in made.record["medications"] if item["text"] == "Oldol")
    more = [*made.record["medications"], {**old, "since": "2019-05-05", "until": "2019-06-06"}]
    found = [
        row
        for row in rows(section(page(replace(made, record={**made.record, "medications": more})), "medicines"))
        if "Oldol" in row[0]
    ]
    assert [row[1] for row in found] == ["stopped since 2019-05-05, until 2026-02-02, 2 entries"]


def test_a_drug_with_only_unknowns_is_not_said_to_be_unheard_of(made: Assessment) -> None:
    drug = replace(made.drugs[0], recommendations=(), headline=Action.NO_RECOMMENDATION, interrupts=False)
    row = next(row for row in rows(section(page(replace(made, drugs=(drug,))), "medicines")) if row[0].startswith("Glucol"))
    assert row[3] == "No data here. That does not make it safe."
    assert row[4] == "potassium is not known"


def test_unrecognised_medicines_are_listed(html: str) -> None:
    assert f"Not recognised: Herbal tea {sample.INJECTION} : no data here" in words(section(html, "medicines"))


def test_a_record_without_medicines_says_so(made: Assessment) -> None:
    record = {**made.record, "medications": [], "not_recognised": []}
    assert "The record lists none." in words(section(page(replace(made, record=record)), "medicines"))
    record["said_none"] = ["medications"]
    assert "The record says that there are none." in words(section(page(replace(made, record=record)), "medicines"))


# --- effective phenotypes, interactions, classes, exposure, facts, missing


def test_effective_phenotypes_say_by_what_and_what_was_not_counted(html: str) -> None:
    _, first, second = rows(section(html, "effective"))
    assert first[:4] == [
        "CYP2C9",
        "Intermediate Metabolizer (activity score 1.5)",
        "→ Poor Metabolizer (activity score 0.0)",
        "mycin (strong inhibitor) b.json M/3",
    ]
    assert first[4].startswith("guideline")
    assert "not counted: creamol (moderate inhibitor): given locally" in first[5]
    assert second[2] == "= unchanged"
    assert second[4].startswith("lower evidence")
    assert "weak modulators never change a phenotype" in second[5]


def test_interrupting_interactions_stand_apart_and_by_severity(html: str) -> None:
    part = section(html, "interactions")
    loud, silent = part.split("Never interrupt ", 1)
    assert [row[1] for row in rows(loud)[1:2]] == ["contraindicated"]
    assert "kinetic" not in loud
    found = [[cell for cell in row if cell in ("serious", "moderate")] for row in rows(silent)[1:]]
    assert found == [["serious"], ["moderate"]]
    assert "monitor: muscle pain" in words(silent)
    assert words(loud).startswith("Interactions 4 Interrupt 2")


def test_no_known_interaction_is_not_called_safe(made: Assessment) -> None:
    assert "that does not rule one out" in words(section(page(replace(made, interactions=())), "interactions"))


def test_bins_are_words_with_signs_in_the_given_order(html: str) -> None:
    part = section(html, "compared")
    assert [row[0] for row in rows(part)[1:]] == ["usual", "caution or dose change", "avoid", "contraindicated", "no data"]
    for action in BINS.values():
        assert f'href="#sign-{action.value}"' in part
    assert "glucol (taken)" in words(part)
    assert "Drugs of one bin are tied." in words(part)


def test_exposure_is_for_information_only_and_drawn_to_scale(html: str) -> None:
    part = section(html, "exposure")
    assert "For information only; never sets a dose." in words(part)
    assert "4-fold (2 to 8)" in words(part)
    low, high = (float(value) for value in re.search(r'class="span" d="M([\d.]+) 4v8M([\d.]+) 4v8', part).groups())  # type: ignore[union-attr]
    middle = float(re.search(r'cx="([\d.]+)"', part)[1])  # type: ignore[index]
    one = float(re.search(r'class="scale" d="M0 \d+h\d+M([\d.]+) ', part)[1])  # type: ignore[index]
    assert middle - low == pytest.approx(high - middle, abs=0.2)  # 2, 4 and 8 are one doubling apart
    assert low - one == pytest.approx(middle - low, abs=0.2)


def test_facts_say_what_they_were_used_for_and_which_are_old(html: str) -> None:
    part = section(html, "record")
    table = rows(part)
    assert table[1][0] == "crcl"  # used facts first
    assert table[1][1].startswith("28 mL/min/1.73 m²")
    assert table[1][1].endswith("◷ rests on an old value")
    assert table[1][2] == "glucol"
    assert ["weight", "weight 71 kg, 2023-01-30 ◷ old", ""] in table
    assert [row[1] for row in table].count("female") == 1
    text = words(part)
    for said in (
        "Old or contradictory weight is 1395 days old (2023-01-30) creatinine: 80 and 140 umol/L on one day",
        "Pregnancy, 2026-08-01",
        "penicillin (rash, criticality high)",
        "Heart failure (present, since 2019-01-01)",
        "1 entry; no rule asks for them",
        "mother: thrombosis",
        "Facts that are not known (2); unknown is not taken as normal",
        "lactation is not recorded, and that says nothing",
        "Left out of the record 1",
        "potassium 9999 mmol/L outside what can be value implausible",
    ):
        assert said in text, said


def test_the_fact_that_would_help_most_comes_first(html: str) -> None:
    text = words(section(html, "missing"))
    assert "Most would be gained by knowing potassium : it bears on glucol ." in text
    assert "not weighed" in text
    assert "up to 0.12" in text


# --- cards


def test_order_within_a_card(html: str) -> None:
    text = words(card(html, "glucol"))
    order = [
        "Do not give below this clearance.",
        "Halve it.",
        "In some settings only",
        "Only after a stent.",
        "Lower evidence:",
        "Lower evidence says avoid.",
    ]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert "from the record" in text
    assert "! interrupts" in text
    assert text.count("lower evidence") >= 1


def test_what_holds_for_all_is_said_once(html: str) -> None:
    assert words(html).count("dose figures are for adults, warnings for everyone") == 1
    assert "basis" not in words(section(html, "drugs"))


def test_notes_stand_at_their_recommendation(html: str) -> None:
    part = next(part for part in card(html, "glucol").split('class="rec ') if "Halve it." in part)
    assert sample_record.OUTDATED in part
    assert sample_record.WITHHELD in part
    assert "evidence: graded 1A" in part


def test_bodies_that_differ_stand_side_by_side_with_the_policy(made: Assessment, html: str) -> None:
    text = words(card(html, "glucol"))
    assert "Bodies differ CPIC Choose an alternative DPWG Change the dose" in text
    assert "Shown first: the most urgent; among equals the order that this edition's policy gives them" in text
    stated = replace(made, settings={**made.settings, "order of bodies": "CPIC, DPWG"})
    assert "among equals CPIC, DPWG; then the stronger" in words(card(page(stated), "glucol"))


def test_alternatives_say_what_speaks_against_each(html: str) -> None:
    text = words(card(html, "glucol"))
    assert "otherol : nothing known here speaks against it" in text
    assert "badol : against: An allergy is recorded." in text
    assert "newdrug : not assessed here; that does not make it safe" in text


def test_an_alternative_that_needs_an_act_itself_is_not_called_free(made: Assessment) -> None:
    drugs = tuple(replace(drug, alternatives={"badol": ""}) if drug.drug == "glucol" else drug for drug in made.drugs)
    text = words(card(page(replace(made, drugs=drugs)), "glucol"))
    assert "badol : not ruled out; advice on it: Avoid" in text
    assert "nothing known here speaks against" not in text


def test_test_first_says_why_what_could_change_the_careful_choice_and_what_settles(html: str) -> None:
    text = words(card(html, "chemo"))
    for said in (
        "Test first Why the result of DPYD is not settled",
        "Would change CPIC: DPYD Poor Metabolizer, probability 0.01 to 0.04: avoid",
        "If treatment cannot wait CPIC: Avoid in poor ones. (lower: 25% of the starting dose)",
        "Settles it rs1, rs2, rs3, rs4, rs5, rs6 and others",
    ):
        assert said in text, said


def test_a_drug_that_only_waits_is_no_silent_one(html: str) -> None:
    text = words(card(html, "waiter"))
    assert "Test first Why" in text
    assert "no careful choice is stated by a guideline" in text
    assert "waiter" in words(section(html, "drugs").split("Test first", 1)[1])


def test_drugs_of_the_record_come_first_and_once(made: Assessment, html: str) -> None:
    headings = [text.strip() for name, text in outline(section(html, "drugs")).headings if name in ("h3", "h4")]
    assert headings[0] == "Taken or planned 6"
    assert headings[1:7] == ["mycin", "statinol", "glucol", "thinner", "chemo", "creamol"]
    assert headings[7].startswith(TITLES[Action.AVOID])
    assert all(html.count(f'id="{anchor("d", drug.drug)}"') == 1 for drug in made.drugs)


def test_every_interrupting_recommendation_is_marked_in_words(made: Assessment, html: str) -> None:
    for drug in made.drugs:
        if any(item.interrupts for item in drug.recommendations):
            assert "! interrupts" in words(card(html, drug.drug)), drug.drug


def test_kinds_are_said_in_words(made: Assessment) -> None:
    drug = next(drug for drug in made.drugs if drug.drug == "badol")
    for kind, word in (
        (Kind.FACT, "from the record"),
        (Kind.INTERACTION, "interaction"),
        (Kind.ALLERGY, "allergy"),
        (Kind.DUPLICATE, "same class twice"),
        (Kind.LOWER_EVIDENCE, "lower evidence"),
    ):
        one = replace(drug, recommendations=(replace(drug.recommendations[0], kind=kind),))
        assert f"avoid {word}" in words(card(page(replace(made, drugs=(one,))), "badol"))


def test_a_source_of_the_record_is_not_numbered(html: str) -> None:
    sources = section(html, "sources")
    assert "<code>record</code>" not in sources
    for name in ("guide-1", "label-2", "pairs-3"):
        assert f"<code>{name}</code>" in sources


def test_a_full_record_renders_fast(made: Assessment) -> None:
    from time import perf_counter

    more: dict[str, Any] = {"drugs": (*made.drugs, *sample.assessment().drugs), "genes": sample.assessment().genes}
    full = replace(made, **more)
    page(full)
    times = []
    for _ in range(5):
        start = perf_counter()
        page(full)
        times.append(perf_counter() - start)
    assert len(full.drugs) >= 95
    assert min(times) < 0.2  # 60 ms on an idle core; room for a busy one
