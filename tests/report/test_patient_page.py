"""The page for the patient: plain words, no codes, no orders; what is missing is said."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import sample
import sample_record
from outline import section, words

from nof1.model.findings import Action, Assessment, Kind
from nof1.report.html import page
from nof1.report.patient_words import Words

STYLE = Path(__file__).parents[2] / "src" / "nof1" / "report" / "style.css"


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample_record.with_record()


def part(made: Assessment) -> str:
    return section(page(made), "patient")


@pytest.fixture(scope="module")
def text(made: Assessment) -> str:
    return words(part(made))


def found(text: str, name: str) -> str:
    """What stands below the name of one medicine."""
    names = [
        "Glucol 500 mg",
        "Statinol forte",
        "Mycin",
        "Thinner",
        "Chemo infusion",
        "Creamol cream",
        "Herbal tea",
        "Medicines that affect",
    ]
    body = text.split("what was found", 1)[1].split(name, 1)[1]
    ends = [body.index(other) for other in names if other != name and other in body]
    return body[: min(ends)] if ends else body


def test_no_symbol_code_or_source_reaches_the_patient(made: Assessment, text: str) -> None:
    for call in sample.assessment().genes:
        assert not re.search(rf"(?<!\w){re.escape(call.gene)}(?!\w)", text), call.gene
    assert not re.search(r"\*\d|\brs\d|RxNorm|SNOMED|LOINC|#row|activity score|provisional|Metabolizer", text)
    for drug in made.drugs:
        for item in drug.recommendations:
            assert item.id not in text
            assert str(item.source) not in text


def test_it_orders_nothing_and_says_so(made: Assessment, text: str) -> None:
    assert "Do not start, stop or change a medicine because of it. Talk with your doctor or pharmacist first." in text
    assert made.disclaimer in text
    said = text.replace("Do not start, stop or change a medicine because of it", "")
    assert not re.search(r"do not take|never take|stop taking|take less|take more|halve", said, re.I)
    assert "Ask today whether it is right for you; ask your doctor today." in text
    assert "Ask today whether you should take both; speak to your doctor before the next dose." in text


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Do not take both.", "Ask today whether you should take both."),
        ("Never take both on the same day.", "Ask today whether you should take both."),
        ("Stop it at once.", "Ask before you change anything."),
        ("Halve the dose; call us.", "Ask before you change anything; call us."),
        ("Ask your doctor; do not stop it by yourself.", "Ask your doctor; do not stop it by yourself."),
        ("Do not take more than agreed.", "Do not take more than agreed."),
        ("Your HIV medicine may fail.", "Your HIV medicine may fail."),
        ("Seen at rs4149056.", ""),
        ("You have *15.", ""),
        ("Slow CYP3A5.", ""),
        ("Your ABCD is slow.", ""),
        ("", ""),
    ],
)
def test_wordings_are_made_safe(given: str, shown: str) -> None:
    assert Words({}, frozenset({"ABCD"})).safe(given) == shown


def test_medicines_stand_under_their_own_names(text: str) -> None:
    assert "Ask today whether it is right for you" in found(text, "Glucol 500 mg")
    assert "(planned)" in found(text, "Chemo infusion")
    assert "A result that decides about this medicine is not known yet." in found(text, "Chemo infusion")
    assert "Your care team has more details." in found(text, "Chemo infusion")  # one has no wording for the patient
    assert "See below: medicines that affect each other." in found(text, "Statinol forte")
    assert "Your record has an allergy that may concern this medicine." in found(text, "Thinner")
    assert "There is no data here on this medicine." in found(text, "Creamol cream")
    assert "not recognised, so nothing was looked up" in found(text, "Herbal tea")
    assert "Oldol" not in text  # stopped


def test_what_rests_on_lower_evidence_is_not_told(text: str) -> None:
    assert "P-lower" not in text


def test_what_holds_in_some_settings_is_told_as_that(made: Assessment) -> None:
    drug = made.drugs[0]
    only = replace(drug, recommendations=tuple(item for item in drug.recommendations if item.id == "glucol/cpic/some"))
    assert "Depending on what you take it for: P-some" in words(part(replace(made, drugs=(only,))))


def test_a_wording_with_a_code_is_replaced_by_where_to_ask(made: Assessment) -> None:
    drug = made.drugs[0]
    coded = replace(
        drug, recommendations=tuple(item for item in drug.recommendations if item.patient == sample_record.CODED)
    )
    text = words(part(replace(made, drugs=(coded,))))
    assert "Something was found that your care team should look at. They have the details." in text


def test_pairs_are_told_once_by_the_names_of_the_record(text: str) -> None:
    assert text.count("Statinol forte with Mycin : Together these medicines can harm muscles.") == 1
    assert "Please speak with your doctor or pharmacist today about: Statinol forte with Mycin Glucol 500 mg Thinner" in text


def test_questions_and_what_is_not_known(made: Assessment, text: str) -> None:
    for said in (
        "Is it right for me to have Statinol forte and Mycin together?",
        "Do I need a test before I take Chemo infusion, or while I take it?",
        "Not recognised, so not looked at: Herbal tea",
        "1 of the 3 genes that were looked for gave no answer.",
        "Some values in your record are old or do not agree with each other.",
        "Some entries of your record could not be read.",
        "Tell your pharmacist about everything else that you take.",
    ):
        assert said in text, said
    assert "another medicine that suits me better than" in text


def test_advice_that_asks_for_nothing_is_told_as_that(made: Assessment) -> None:
    drug = replace(made.drugs[-2], course="active", drug="glucol", interrupts=False)
    assert drug.headline is Action.USE
    text = words(part(replace(made, drugs=(drug,), interactions=())))
    assert "Nothing was found that asks for a change, by what is known here." in found(text, "Glucol 500 mg")


def test_another_medicine_alone_is_told_below(made: Assessment) -> None:
    drug = next(item for item in made.drugs if item.drug == "statinol")
    use = replace(made.drugs[-2].recommendations[0], id="statinol/cpic/use", patient="Your result asks for nothing.")
    both = replace(drug, recommendations=(*drug.recommendations, use))
    text = words(part(replace(made, drugs=(both,))))
    assert "See below: medicines that affect each other." in found(text, "Statinol forte")
    assert "asks for nothing" not in found(text, "Statinol forte")


def test_a_pair_asked_about_is_no_medicine_of_theirs(made: Assessment) -> None:
    asked = tuple(replace(item, is_taken=False) for item in made.interactions)
    text = words(part(replace(made, interactions=asked)))
    assert "Statinol forte with Mycin" not in text


def test_it_prints_on_its_own_page_after_everything_else(made: Assessment) -> None:
    html = page(made)
    assert html.index('class="patient"') > html.index("</footer>")
    style = STYLE.read_text()
    assert ".patient{break-before:page" in style.split("@media print{", 1)[1]


def test_a_record_without_medicines_and_nothing_found(made: Assessment) -> None:
    empty = replace(
        made,
        record={**made.record, "medications": [], "not_recognised": []},
        drugs=(),
        interactions=(),
        missing=(),
        genes=(),
    )
    text = words(part(empty))
    assert "Your record lists no medicine that you take now." in text
    assert "Please speak" not in text


def test_names_of_the_record_never_become_markup(made: Assessment) -> None:
    html = part(made)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 3


def test_duplicates_are_told_in_plain_words(made: Assessment) -> None:
    drug = made.drugs[0]
    twice = replace(drug.recommendations[0], kind=Kind.DUPLICATE, patient="", setting={})
    text = words(part(replace(made, drugs=(replace(drug, recommendations=(twice,)),))))
    assert "You may have two medicines of the same kind." in text
