"""Polygenic scores in an assessment: only those that are named, only of adults, with what they rest on and what they are not."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from score_files import ROWS, panel, scoring_file, vcf

from nof1.cli.main import main
from nof1.errors import RequestError
from nof1.fhir.checked import problems
from nof1.jobs.assessed_scores import ScoresAsked
from nof1.jobs.one_person import assess
from nof1.jobs.scoring import ScoreWishes, score
from nof1.knowledge.kept_scores import add_scores
from nof1.model.findings import Assessment
from nof1.model.score_report import ScoreReport, ScoreStanding
from nof1.report.fhir import bundle
from nof1.report.html import page
from nof1.report.text import summary

TODAY = date(2026, 11, 26)
WHOLE = ("1000 A G 0/1", "2000 T C 1/1", "3000 T G 0/1", "4000 C A 0/0")
ABSENT = "no absolute risk"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def record(folder: Path, born: str = "1980-02-03", *more: dict[str, Any]) -> Path:
    patient = {"resourceType": "Patient", "id": "p", **({"birthDate": born} if born else {})}
    path = folder / "record.json"
    entries = [{"resource": one} for one in (patient, *more)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def consent(kind: str) -> dict[str, Any]:
    code = {"coding": [{"system": "urn:nof1:opt-in", "code": "polygenic-scores"}]}
    return {
        "resourceType": "Consent", "id": "c", "status": "active", "dateTime": "2026-10-05",
        "patient": {"reference": "Patient/p"}, "provision": {"type": kind, "code": [code]},
    }  # fmt: skip


def assessed(folder: Path, *records: str, born: str = "1980-02-03", more: tuple[Any, ...] = (), **asked: Any) -> Assessment:
    wanted = ScoresAsked(asked.pop("names", None) or [str(scoring_file(folder))], **asked)
    return assess([vcf(folder, *(records or WHOLE))], record=record(folder, born, *more), today=TODAY, scores=wanted)


def report(made: Assessment) -> ScoreReport:
    assert made.scores is not None
    return made.scores


def test_nobody_is_scored_who_did_not_ask(tmp_path: Path) -> None:
    add_scores(scoring_file(tmp_path))
    made = assess([vcf(tmp_path, *WHOLE)], record=record(tmp_path, "1980-02-03", consent("permit")), today=TODAY)
    assert made.scores is None and made.secondary is None
    for told in (page(made), summary(made), json.dumps(bundle(made))):
        assert "olygenic" not in told


def test_the_section_is_what_nof1_score_says(tmp_path: Path) -> None:
    made = report(assessed(tmp_path, panel=panel(tmp_path)))
    found = score(
        [vcf(tmp_path, *WHOLE)], [scoring_file(tmp_path)], panel=panel(tmp_path), wishes=ScoreWishes(are_adults=True)
    )
    assert (made.standing, made.adult, made.panel) == (ScoreStanding.CALCULATED, "46 years", "panel.tsv")
    assert made.scores == found.scores[0]  # type: ignore[union-attr]
    assert made.scores[0].value == 1 + 2 * 2 + 4
    assert ABSENT in made.meaning


def test_a_kept_score_is_named_by_its_id(tmp_path: Path) -> None:
    add_scores(scoring_file(tmp_path))
    assert report(assessed(tmp_path, names=["S1"])).scores[0].value == 9
    with pytest.raises(RequestError, match="no score 'S2' is kept"):
        assessed(tmp_path, names=["S2"])


def test_of_a_score_kept_on_both_builds_the_genome_s_is_taken(tmp_path: Path) -> None:
    path = scoring_file(tmp_path)
    add_scores(path)
    other = tmp_path / "37.txt"
    other.write_text(path.read_text().replace("GRCh38", "GRCh37").replace("\t1000\t", "\t1111\t"))
    add_scores(other)
    (one,) = report(assessed(tmp_path, names=["S1"])).scores
    assert (one.build, one.value, one.seen) == ("GRCh38", 9, 4)


@pytest.mark.parametrize(
    ("born", "is_adult", "told"),
    [
        ("2014-05-01", False, "the person's age is 12 years; polygenic scores are given to adults only (18 years)"),
        ("2014-05-01", True, "the person's age is 12 years; polygenic scores are given to adults only (18 years)"),
        ("2008-11-27", False, "the person's age is 17 years; polygenic scores are given to adults only (18 years)"),
        ("2008", False, "the person's age is 17 or 18 years (only the year of birth is recorded)"),
        ("", False, "the person's age is not known"),
        ("2008-11-26", False, ""),
        ("", True, ""),
    ],
)
def test_only_adults_by_what_the_record_says(tmp_path: Path, born: str, is_adult: bool, told: str) -> None:
    made = assessed(tmp_path, born=born, is_adult=is_adult)
    found = report(made)
    assert (found.standing is ScoreStanding.WITHHELD) == bool(told)
    assert found.reason.startswith(told)
    assert bool(found.scores) != bool(told)
    if told:
        assert "olygenic score" not in json.dumps(bundle(made))
        assert "made up" not in page(made) and "Withheld" in page(made) and "Withheld" in summary(made)


def test_a_minor_s_files_are_not_read(tmp_path: Path) -> None:
    found = report(assessed(tmp_path, born="2014-05-01", names=["no-such-score"]))
    assert found.standing is ScoreStanding.WITHHELD and found.asked == ("no-such-score",)


def test_a_refusal_on_record_holds(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="polygenic-scores were refused"):
        assessed(tmp_path, more=(consent("deny"),))
    assert report(assessed(tmp_path, more=(consent("permit"),))).scores


def test_blood_of_a_donor_is_not_scored(tmp_path: Path) -> None:
    transplant = {
        "resourceType": "Condition", "id": "t", "subject": {"reference": "Patient/p"},
        "clinicalStatus": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]},
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "Z94.84"}], "text": "Stem cell transplant"},
    }  # fmt: skip
    found = report(assessed(tmp_path, more=(transplant,)))
    assert found.standing is ScoreStanding.WITHHELD and "donor" in found.reason


def test_a_tumour_and_no_genome_are_refused(tmp_path: Path) -> None:
    wanted = ScoresAsked([str(scoring_file(tmp_path))], is_adult=True)
    with pytest.raises(RequestError, match="tumour"):
        assess([vcf(tmp_path, *WHOLE)], specimen="tumour", today=TODAY, scores=wanted)
    with pytest.raises(RequestError, match="need a genome file"):
        assess(record=record(tmp_path), today=TODAY, scores=wanted)


def test_too_few_rows_are_not_calculated_and_say_why(tmp_path: Path) -> None:
    made = assessed(tmp_path, WHOLE[0])
    (one,) = report(made).scores
    assert one.value is None and one.lowest is None
    why = "not calculated: only 1 of 4 rows (25.0%) could be scored, 75% are needed: 3 no record at this position"
    assert why in " ".join(summary(made).split())
    assert why in page(made)
    (told,) = observations(made)
    assert "valueQuantity" not in told and told["dataAbsentReason"]["text"].startswith(why)


def test_what_was_not_seen_bounds_the_sum(tmp_path: Path) -> None:
    """Rows 1, 2 and 4 are seen (1 + 4 + 0); row 3 can add 0, 4 or 8, and -1 or -2 where its weight is negative."""
    seen = (WHOLE[0], WHOLE[1], WHOLE[3])
    (one,) = report(assessed(tmp_path, *seen)).scores
    assert (one.value, one.spread, one.lowest, one.highest) == (5, None, 5, 13)
    (one,) = report(assessed(tmp_path, *seen, panel=panel(tmp_path))).scores
    assert one.value == pytest.approx(5 + 4 * 2 * 0.7) and (one.lowest, one.highest) == (5, 13)
    rows = [*ROWS[:2], (3000, "T", "G", -1.0), ROWS[3]]
    (one,) = report(assessed(tmp_path, *seen, names=[str(scoring_file(tmp_path, rows))])).scores
    assert (one.lowest, one.highest) == (3, 5)


def test_the_page_says_everything_and_that_it_is_no_risk(tmp_path: Path) -> None:
    made = assessed(tmp_path, WHOLE[0], WHOLE[1], WHOLE[3])
    told = " ".join(page(made).split())
    for words in (
        'id="scores"', 'href="#scores"', "S1", "made up", "not stated", "5 (no unit, no probability)", "3 of 4 rows (75.0%)",
        "73.3% of the weight", "1: no record at this position: unknown, not reference", "rows not seen: 1, which add nothing", "from 5 to 13", "CC0", "GRCh38",
        ABSENT, "No reference people were given",
    ):  # fmt: skip
        assert words in told, words
    assert "<script" not in told
    patient = told[told.index("For you, in plain words") :]
    mine = patient[patient.index("Polygenic scores") :]
    assert "no reason to start, stop or change anything" in mine
    assert not any(letter.isdigit() for letter in mine.partition("</section>")[0].partition("<li>")[2])


def test_scores_plan_nothing(tmp_path: Path) -> None:
    made = assessed(tmp_path)
    without = assess([vcf(tmp_path, *WHOLE)], record=record(tmp_path), today=TODAY)
    assert replace(made, scores=None) == without


def observations(made: Assessment) -> list[dict[str, Any]]:
    found = [one["resource"] for one in bundle(made)["entry"]]
    return [one for one in found if str(one.get("code", {}).get("text", "")).startswith("polygenic score")]


def test_the_bundle_has_an_observation_without_probability(tmp_path: Path) -> None:
    made = assessed(tmp_path)
    (told,) = observations(made)
    assert not [one for one in problems(told) if one.is_error]
    assert told["valueQuantity"] == {"value": 9.0}
    assert ABSENT in told["note"][0]["text"] and "licence: CC0" in str(told["note"])
    shares = {part["code"]["text"]: part["valueQuantity"]["value"] for part in told["component"]}
    assert shares == {"share of rows matched": 1.0, "share of weight matched": 1.0}
    assert not [one for one in bundle(made)["entry"] if one["resource"]["resourceType"] == "RiskAssessment"
                and "S1" in str(one)]  # fmt: skip


def test_the_answer_is_read_back_whole(tmp_path: Path) -> None:
    made = assessed(tmp_path, panel=panel(tmp_path))
    assert msgspec.json.decode(msgspec.json.encode(made), type=Assessment).scores == made.scores


def test_text_of_a_scoring_file_is_text(tmp_path: Path) -> None:
    path = scoring_file(tmp_path)
    path.write_text("#trait_reported=<b>Größe</b> \x1b[2J\u202e\n" + path.read_text())
    made = assessed(tmp_path, names=[str(path)])
    for told in (page(made), summary(made), json.dumps(bundle(made), ensure_ascii=False)):
        assert "Größe" in told and "\x1b" not in told and "\u202e" not in told
    assert "<b>Größe" not in page(made)


def test_an_array_is_told_as_one(tmp_path: Path) -> None:
    array = tmp_path / "array.txt"
    head = "# 23andMe, build 38\n# genotype call oriented with respect to the plus strand\n# rsid\tchromosome\tposition\tgenotype\n"
    array.write_text(head + "i1\t1\t1000\tAG\ni2\t1\t2000\tCC\ni3\t1\t3000\t--\ni4\t1\t4000\tCC\n")
    wanted = ScoresAsked([str(scoring_file(tmp_path))], is_adult=True)
    made = assess([array], build="GRCh38", strand="forward", sample="P", today=TODAY, scores=wanted)
    (one,) = report(made).scores
    assert (one.value, one.seen) == (5, 3)
    assert report(made).notes == (
        "array.txt: its genotypes are of an array: not confirmed by a laboratory, and what the array does not hold was not seen",
    )
    assert report(made).notes[0] in page(made)


def test_a_genome_of_several_files_is_one_person(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    files = [vcf(tmp_path, *WHOLE[:2]), vcf(tmp_path / "b", *WHOLE[2:])]
    wanted = ScoresAsked([str(scoring_file(tmp_path))], is_adult=True)
    (one,) = report(assess(files, today=TODAY, scores=wanted)).scores
    assert (one.value, one.seen) == (9, 4)


def test_one_of_several_people_is_named(tmp_path: Path) -> None:
    path = vcf(tmp_path, *WHOLE)
    text = path.read_text().replace("\tP\n", "\tP\tQ\n")
    path.write_text(
        "".join(line if line[0] == "#" else line[:-1] + "\t1/1:99:30\n" for line in text.splitlines(keepends=True))
    )
    wanted = ScoresAsked([str(scoring_file(tmp_path))], is_adult=True)
    (one,) = report(assess([path], sample="Q", today=TODAY, scores=wanted)).scores
    assert one.value == 2 + 4 + 16  # two of the alternative everywhere: G, C, not T, A
    with pytest.raises(RequestError, match="name one with --sample"):
        assess([path], today=TODAY, scores=wanted)


def test_imputed_genotypes_are_told_as_guessed(tmp_path: Path) -> None:
    made = assessed(tmp_path, "1000 A G 0/1 IMP", "2000 T C 1/1 IMP", "3000 T G 0/1", "4000 C A 0/0")
    (note,) = report(made).notes
    assert note.startswith("person.vcf: its genotypes are imputed (record 1 has IMP): what was guessed counts as seen")
    assert note in page(made) and "what was guessed" in " ".join(summary(made).split())


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(vcf(tmp_path, *WHOLE)), "--record", str(record(tmp_path)), "--out", str(tmp_path / "out"), "--quiet"]
    assert main(["knowledge", "add", "scores", str(scoring_file(tmp_path))]) == 0
    assert main(["assess", *files, "--scores", "S1", "--fhir"]) == 0
    document = json.loads((tmp_path / "out" / "assessment.json").read_text())
    assert document["scores"]["scores"][0]["value"] == 9
    for wrong, told in (
        (["--score-panel", "x"], "--score-panel is for polygenic scores; name them with --scores"),
        (["--adult"], "--adult is for polygenic scores"),
        (["--scores", "S1", "--score-reference", "x"], "give --components or --loadings too"),
        (["--scores", "S9"], "no score 'S9' is kept"),
    ):
        capsys.readouterr()
        assert main(["assess", *files, *wrong]) == 2
        said = capsys.readouterr().err
        assert told in said and said.count("\n") == 1
