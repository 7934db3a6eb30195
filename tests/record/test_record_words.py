"""Diagnoses and allergies that somebody wrote in words: histories, relatives, reactions, and what no term knows."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from small_record import ICD10, PATIENT, SNOMED, concept, kinds, left, read, resource

from nof1.model.record import Course, Record

FIBRILLATION = ("atrial_fibrillation",)


def diagnosis(code: dict[str, Any] | str, **more: Any) -> Record:
    coded = {"text": code} if isinstance(code, str) else code
    return read(PATIENT, resource("Condition", **{"code": coded, "clinicalStatus": concept("active"), **more}))


@pytest.mark.parametrize(
    "text",
    [
        "History of atrial fibrillation",
        "Hx of atrial fibrillation",
        "H/o atrial fibrillation",
        "H/O: atrial fibrillation",
        "S/P atrial fibrillation",
        "Status post an atrial fibrillation",
        "Personal history of atrial fibrillation (situation)",
        "Atrial fibrillation, history of",
        "Prior atrial fibrillation",
    ],
)
def test_history_of_something_is_that_and_stopped(text: str) -> None:
    for code in ({"text": text}, concept("x", "urn:local", display=text)):
        (found,) = diagnosis(code, recordedDate="2026-11-01").conditions
        assert (found.terms, found.course, found.start) == (FIBRILLATION, Course.STOPPED, None)


def test_a_history_has_the_onset_that_is_stated() -> None:
    (found,) = diagnosis("History of atrial fibrillation", onsetDateTime="2019").conditions
    assert found.start == date(2019, 1, 1)


def test_what_says_nothing_of_the_past_keeps_its_status() -> None:
    for code in ("Past medical history: atrial fibrillation", concept("I48", ICD10, text="History of atrial fibrillation")):
        (found,) = diagnosis(code).conditions
        assert (found.terms, found.course) == (FIBRILLATION, Course.ACTIVE)


@pytest.mark.parametrize(
    "text",
    [
        "Family history of atrial fibrillation",
        "family hx: atrial fibrillation",
        "FH: atrial fibrillation",
        "FHx atrial fibrillation",
        "Maternal history of atrial fibrillation",
        "Atrial fibrillation, family history",
        "No history of atrial fibrillation",
    ],
)
def test_what_relatives_have_is_no_condition_of_the_person(text: str) -> None:
    record = diagnosis(text)
    assert (record.conditions[0].terms, record.details) == ((), {"conditions_not_recognised": [text]})


def test_a_code_does_not_outweigh_family_in_the_text() -> None:
    record = diagnosis(concept("49436004", SNOMED, text="Family history of atrial fibrillation"))
    assert (record.conditions[0].terms, kinds(record)) == ((), ["family_history"])
    assert diagnosis(concept("49436004", SNOMED, text="Atrial fibrillation (familial)")).conditions[0].terms == FIBRILLATION


@pytest.mark.parametrize(
    "state",
    [
        concept("refuted"),
        concept("Refuted"),
        {"text": "Refuted"},
        {"coding": [{"system": "urn:local", "code": "7"}, {"code": "refuted"}]},
        "refuted",
        {"coding": [{"display": "Entered in Error"}]},
    ],
)
def test_refuted_in_any_form_is_left_out(state: Any) -> None:
    for text in ("Atrial fibrillation", "History of atrial fibrillation"):
        record = diagnosis(text, verificationStatus=state)
        assert record.conditions == ()
        assert kinds(record) in (["refuted"], ["entered_in_error"])


def test_a_bare_state_of_older_records_is_read() -> None:
    record = diagnosis("Atrial fibrillation", clinicalStatus="resolved")
    assert (record.conditions[0].course, kinds(record)) == (Course.STOPPED, [])


def test_diagnoses_and_procedures_that_no_term_knows_are_counted() -> None:
    ill = [resource("Condition", str(at), code={"text": said}) for at, said in enumerate(("Zoster", "zoster ", "Acne"))]
    done = resource("Procedure", status="completed", code={"text": "Appendectomy"})
    known = resource("Condition", "k", code={"text": "Atrial fibrillation"})
    record = read(PATIENT, *ill, done, known)
    assert record.details == {"conditions_not_recognised": ["Acne", "Appendectomy", "Zoster"]}
    assert record.left_out == ()


def allergic(text: str, **more: Any) -> Record:
    return read(PATIENT, resource("AllergyIntolerance", code={"text": text}, **more))


@pytest.mark.parametrize(
    ("text", "drugs", "classes"),
    [
        ("Penicillin - anaphylaxis", (), ("penicillins",)),
        ("Penicillin (rash)", (), ("penicillins",)),
        ("PENICILLINS, hives", (), ("penicillins",)),
        ("Penicillin rash", (), ("penicillins",)),
        ("Allergic to penicillin: swelling", (), ("penicillins",)),
        ("H/o penicillin allergy", (), ("penicillins",)),
        ("Penicillin class antibiotics", (), ("penicillins",)),
        ("Penicillin (amoxicillin)", ("amoxicillin",), ("penicillins",)),
        ("Penicillin - tolerates amoxicillin", (), ("penicillins",)),
        ("Penicillin; tolerates: amoxicillin, codeine", (), ("penicillins",)),
        ("Aspirin; codeine and warfarin", ("aspirin", "codeine", "warfarin"), ()),
        ("rash from codeine", ("codeine",), ()),
        ("Amoxicillin-clavulanate", ("amoxicillin", "clavulanic acid"), ()),
        ("Not penicillin", (), ()),
        ("Ethinyl estradiol", (), ()),
    ],
)
def test_allergies_in_words(text: str, drugs: tuple[str, ...], classes: tuple[str, ...]) -> None:
    record = allergic(text)
    (found,) = record.allergies
    assert (found.drugs, found.classes) == (drugs, classes)
    assert kinds(record) == ([] if drugs or classes else ["allergy_not_recognised"])


def test_allergies_that_nothing_knows_are_listed_and_counted() -> None:
    record = allergic("Fantasin - rash")
    assert left(record, "allergy_not_recognised")[0].value == "Fantasin - rash"
    assert record.details == {"allergies_not_recognised": ["Fantasin - rash"]}
    assert allergic("Peanuts", category=["food"]).details == {}


def test_no_allergies_in_words() -> None:
    assert allergic("No known medication allergy").said_none == ("drug_allergies",)
    assert allergic("None known").said_none == ("allergies", "drug_allergies")
    assert allergic("None known", verificationStatus=concept("refuted")).said_none == ()


def test_an_allergy_taken_back_in_words_is_refuted() -> None:
    assert allergic("Aspirin", verificationStatus={"text": "refuted"}).allergies[0].is_refuted
    assert allergic("Aspirin", clinicalStatus="resolved").allergies[0].is_refuted
    assert kinds(allergic("Aspirin", verificationStatus="entered-in-error")) == ["entered_in_error"]
