"""What a reader is told in the same words everywhere: nothing dropped in silence, nothing possible stated as a fact."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sample_record
from click.testing import CliRunner

from nof1.cli.assess import command
from nof1.decision.compare import by_and_for
from nof1.decision.whatif import Difference, WhatIf
from nof1.errors import RequestError
from nof1.jobs.one_person import assess
from nof1.model.findings import Action, Assessment, CallStatus, Compared, Comparison, Kind
from nof1.report.compared import comparison_text, what_if_text
from nof1.report.fhir import bundle
from nof1.report.html import page
from nof1.report.text import summary

A = Action
RECORD = Path(__file__).parents[2] / "examples" / "example-3-genome-and-record" / "record.json"


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def made() -> Assessment:
    return sample_record.with_record()


def compared(**more: Any) -> str:
    base = Compared("glucol", "avoid", (), (), ())
    return comparison_text(Comparison("c", "Class", (replace(base, **more),), sample_record.GUIDE, "Tied."))


def test_a_comparison_says_how_many_reasons_it_leaves_out() -> None:
    text = compared(why=("one", "two", "three", "four", "five"), unknown=("a", "b", "c", "d"))
    assert "and 2 more reasons" in text
    assert "and 1 more unknown" in text
    assert "four" not in text
    assert "more" not in compared(why=("one", "two", "three"))


def test_the_bin_without_data_has_the_words_of_the_summary() -> None:
    assert "  NO DATA HERE\n" in compared(bin="no data")


def test_a_line_says_by_whom_and_for_whom() -> None:
    item = sample_record.rec("a/b", (A.DOSE,), "Less.", body="DPWG", applies_to="adults of 65 years or older", setting={})
    assert by_and_for(item) == "DPWG, adults of 65 years or older"
    item = replace(item, applies_to="", setting={"age": "adults", "indication": "pain"})
    assert by_and_for(item) == "DPWG, adults, indication: pain"
    item = replace(item, setting={"age": "not stated: figures are for adults", "basis": "interaction"})
    assert by_and_for(item) == "DPWG"


def difference(drug: str, before: Action | None, after: Action | None, *removed: Any) -> Difference:
    return Difference(drug, before, after, (), removed)


NOTE = "strongol: its effect on CYP2D6 (strong inhibitor) may last after the last dose; how long is not known here"


def test_what_lasts_stands_beside_each_drug_that_it_holds_for() -> None:
    shifted = "Poor Metabolizer, from Normal Metabolizer by strongol (strong inhibitor, oral)"
    rests = sample_record.rec("codol/x", (A.AVOID,), "Do not give.", because_of={"CYP2D6": shifted}, setting={})
    other = sample_record.rec("otherol/x", (A.DOSE,), "Less.", because_of={"CYP2C9": "Poor Metabolizer"}, setting={})
    found = WhatIf(
        (
            difference("codol", A.AVOID, A.NO_RECOMMENDATION, rests),
            difference("otherol", A.DOSE, A.USE, other),
            difference("strongol", A.USE, None),
        ),
        (),
        (),
        (NOTE,),
    )
    codol, _, rest = what_if_text(found).partition("otherol:")
    assert flat(codol).startswith(f"codol: avoid -> no data here not at once: {NOTE}")
    assert "change the dose -> use" in rest
    assert "not at once" not in rest


def test_what_is_left_out_of_the_record_is_counted(made: Assessment) -> None:
    left = [{"kind": "k", "place": f"Observation/o{one}", "value": "v", "reason": "no unit"} for one in range(5)]
    text = summary(replace(made, record={**made.record, "left_out": left}))
    part = flat(text.split("\nLEFT OUT (5)", 1)[1].split("\n\n", 1)[0])
    assert "Observation/o2: no unit and 2 more: see the page" in part
    assert "Observation/o3" not in part
    assert "1 condition not recognised, or asked for by no rule" in part
    assert "LEFT OUT" not in summary(replace(made, record={**made.record, "left_out": [], "conditions": []}))


def test_a_record_alone_is_not_called_a_genome(made: Assessment) -> None:
    genes = tuple(replace(call, status=CallStatus.NO_CALL, phenotypes=(), diplotypes=(), chances=()) for call in made.genes)
    alone = replace(made, files=(), genes=genes)
    text, html = summary(alone), page(alone)
    assert f"Assessment of drugs for {text.split(' for ', 1)[1].splitlines()[0]}" in text
    assert "armacogenomic assessment" not in text + html
    assert text.count("No genome was given.") == 2
    assert "no call" not in text
    assert "not called" not in text
    assert "armacogenomic assessment" in summary(made)


def test_a_unit_reads_as_people_write_it(made: Assessment) -> None:
    for text in (summary(made), page(made), str(bundle(made))):
        assert "1.73 m²" in text
        assert "1.73_m2" not in text


def test_the_bundle_counts_what_the_page_counts(made: Assessment) -> None:
    report = next(one["resource"] for one in bundle(made)["entry"] if one["resource"]["resourceType"] == "DiagnosticReport")
    pairs = {"statinol", "mycin"}  # and each drug of its own that interrupts
    alone = {drug.drug for drug in made.drugs if drug.course and drug.interrupts} - pairs
    assert f"{len(pairs | alone)} drugs taken, planned or asked about with advice to interrupt for." in report["conclusion"]
    never = replace(made, record={}, interactions=(), drugs=tuple(replace(drug, course="") for drug in made.drugs))
    assert "interrupt for" not in str(bundle(never))


@pytest.mark.parametrize(
    ("status", "told"),
    [(CallStatus.UNDETERMINED, "It is possible, not known, that"), (CallStatus.PROBABLE, "It is likely, not certain, that")],
)
def test_the_patient_reads_no_possible_result_as_a_fact(made: Assessment, status: CallStatus, told: str) -> None:
    words = "Your body breaks this medicine down slowly. Ask your doctor."
    item = sample_record.rec("glucol/gene", (A.AVOID,), "x", patient=words, kind=Kind.GENE)
    drugs = tuple(
        replace(drug, recommendations=(item,), test_first=None) if drug.drug == "glucol" else drug for drug in made.drugs
    )
    genes = tuple(replace(call, status=status) if call.gene == "CYP2C9" else call for call in made.genes)
    html = page(replace(made, drugs=drugs, genes=genes)).split('id="patient"', 1)[1]
    assert f"{told} your body breaks this medicine down slowly. If so: Ask your doctor." in html
    assert f"<p>{words}</p>" not in html


@pytest.mark.parametrize("option", [["--report-status", "final"], ["--replaces", "r1"]])
def test_a_state_of_the_bundle_needs_the_bundle(option: list[str]) -> None:
    found = CliRunner().invoke(command, ["nowhere.vcf", *option])
    assert isinstance(found.exception, RequestError)
    assert "add --fhir" in str(found.exception)


def test_a_gene_typed_elsewhere_says_who_reports_it(tmp_path: Path) -> None:
    typed = tmp_path / "typed.tsv"
    typed.write_text("gene\tdiplotype\nCYP2D6\t*4/*4\nCYP2C19\t*1/*2;*1/*3;*2/*3;*2/*17\n")
    genes = {call.gene: call.because for call in assess((), record=RECORD, outside_calls=typed, drugs=["codeine"]).genes}
    assert (genes["CYP2D6"].claim, genes["CYP2D6"].value) == ("CYP2D6 is *4/*4", f"reported by {typed} line 2")
    assert genes["CYP2C19"].claim == "CYP2C19 may be *1/*2; *1/*3; *2/*3 and 1 more"
