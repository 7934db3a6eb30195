"""``nof1 dose --record``: what a ward's record leaves out or says twice is said, and never answered in silence."""

from __future__ import annotations

import gzip
import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import nof1
from dosing.dose_cases import MODEL
from nof1.cli.main import main
from nof1.errors import RecordError
from nof1.jobs.dosing import DoseWishes
from nof1.response.document import Dosing
from nof1.response.from_record import FromRecord, case_of

sys.path.insert(0, str(Path(__file__).parents[1] / "response"))
from vancomycin_record import NOW, RXNORM, TODAY, UCUM, course, given, known, lab, level, models, read

PATIENT = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1964-05-04"}
Obj = dict[str, Any]


def written(folder: Path, *resources: Obj) -> Path:
    path = folder / "record.json"
    entries = [{"resource": one} for one in (PATIENT, *resources)]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def asked(folder: Path, *resources: Obj, **more: Any) -> Dosing:
    wishes = DoseWishes(now="2026-11-22T20:00Z", draws=300)
    record = [written(folder, *resources)]
    return nof1.dose("vancomycin", record=record, models=[MODEL], wishes=wishes, today=TODAY, **more)


def without(*codes: str) -> list[Obj]:
    return [item for item in course() if not item["id"].startswith(tuple(f"o{code}" for code in codes))]


def said(found: Dosing, *words: str) -> bool:
    texts = (*found.notes, *found.blocked, *(reason.text for item in found.refused for reason in item.reasons))
    return any(all(word in text for word in words) for text in texts)


@pytest.mark.parametrize(("code", "name"), [("29463", "weight"), ("2160", "creatinine")])
def test_what_a_model_needs_and_the_record_lacks_is_named(code: str, name: str, tmp_path: Path) -> None:
    found = asked(tmp_path, *without(code))
    assert (found.options, found.draft) == ((), None)
    assert said(found, "not known", name) or said(found, "needs", name)


def test_doses_with_a_date_only_are_not_followed_and_nothing_is_drafted(tmp_path: Path) -> None:
    dated = [given(f"2026-11-{day}", name=f"d{day}") for day in (20, 21, 22)]
    others = [item for item in course() if item["resourceType"] == "Observation"]
    found = asked(tmp_path, *dated, *others)
    assert found.doses == () and found.levels == () and found.draft is None
    assert said(found, "cannot be followed", "a date and no time of day", "MedicationAdministration/d21")


def test_a_dose_with_a_date_only_among_others_stops_the_levels_after_it(tmp_path: Path) -> None:
    found = asked(tmp_path, *course(), given("2026-11-21", name="dated"))
    assert len(found.doses) == 5
    assert said(found, "cannot be followed", "MedicationAdministration/dated")
    assert said(found, "is not used: a dose before it could not be followed")
    assert found.draft is None


def test_a_dose_and_a_level_that_stand_twice_count_once(tmp_path: Path) -> None:
    again = [{**course()[1], "id": "again"}, {**course()[5], "id": "level-again"}]
    found, plain = asked(tmp_path, *course(), *again), asked(tmp_path, *course())
    assert len(found.doses) == 5 and len(found.levels) == 2
    assert [item.exposure.middle for item in found.options] == [item.exposure.middle for item in plain.options]
    assert said(found, "stands twice", "MedicationAdministration/again", "counted once")
    assert found.draft is None


@pytest.mark.parametrize("number", [1, 5])
def test_what_was_entered_in_error_is_never_used(number: int, tmp_path: Path) -> None:
    wrong = {**course()[number], "id": "wrong", "status": "entered-in-error"}
    if number == 5:
        wrong["valueQuantity"] = {**wrong["valueQuantity"], "value": 99}
    else:
        wrong |= {"dosage": {**wrong["dosage"], "dose": {"value": 9000, "unit": "mg", "system": UCUM, "code": "mg"}}}
    found, plain = asked(tmp_path, *course(), wrong), asked(tmp_path, *course())
    assert len(found.doses) == 5 and [item.value for item in found.levels] == [14.2, 31.0]
    if found.options:  # a dose entered in error is a doubt, and levels after it wait for an answer
        assert [item.regimen for item in found.options] == [item.regimen for item in plain.options]


def test_resources_of_another_patient_are_not_this_one_s(tmp_path: Path) -> None:
    theirs = [{**item, "id": f"other-{item['id']}", "subject": {"reference": "Patient/q"}} for item in course()]
    theirs[5]["valueQuantity"] = {**theirs[5]["valueQuantity"], "value": 77.0}
    with pytest.raises(RecordError, match=r"about 2 patients \(p, q\)"):
        asked(tmp_path, *course(), *theirs)
    found, plain = asked(tmp_path, *course(), *theirs, patient="p"), asked(tmp_path, *course())
    assert [item.value for item in found.levels] == [14.2, 31.0]
    assert found.doses == plain.doses
    assert found.options == plain.options


# Warfarin: an effect that follows the doses over days

WARFARIN, INR = "11289", "34714-6"


def warfarin(*resources: Obj) -> FromRecord:
    dosing = known().kinetics.dosing["warfarin"]
    return case_of(read(*resources), known().care, "warfarin", models("warfarin"), NOW, dosing=dosing)


def tablets(days: range) -> list[Obj]:
    oral = {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]}
    return [given(f"2026-11-{day:02}T18:00:00Z", 5, f"w{day}", drug=WARFARIN, dosage={"route": oral}) for day in days]


def inr(value: float, when: str) -> Obj:
    return lab(INR, value, "{INR}", when)


def test_an_inr_with_a_date_only_is_used_at_midday_and_that_is_said() -> None:
    found = warfarin(*tablets(range(10, 22)), inr(1.8, "2026-11-15"), inr(2.6, "2026-11-20T08:00:00Z"))
    assert [(item.time, item.value) for item in found.case.levels] == [(4 * 24 + 18, 1.8), (9 * 24 + 14, 2.6)]
    assert any("2026-11-15" in note and "midday is taken" in note for note in found.notes)
    assert not any("midday" in note for note in found.case.doubts)


def test_an_inr_of_today_is_not_put_after_now() -> None:
    early = NOW.replace(hour=7)
    dosing = known().kinetics.dosing["warfarin"]
    record = read(*tablets(range(10, 22)), inr(2.4, "2026-11-22"))
    found = case_of(record, known().care, "warfarin", models("warfarin"), early, dosing=dosing)
    assert [item.time for item in found.case.levels] == [found.case.now]


def test_a_level_of_a_drug_with_a_date_only_is_still_not_used(tmp_path: Path) -> None:
    found = asked(tmp_path, *course(), level(22.0, "2026-11-21", name="dated"))
    assert [item.value for item in found.levels] == [14.2, 31.0]
    assert said(found, "2026-11-21", "a level means nothing without the time since the dose")


def ordered(start: str) -> Obj:
    return {
        "resourceType": "MedicationRequest",
        "id": "w",
        "status": "active",
        "intent": "order",
        "subject": {"reference": "Patient/p"},
        "authoredOn": start,
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": WARFARIN}], "text": "warfarin"},
        "dosageInstruction": [
            {
                "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}},
                "route": {"coding": [{"system": "http://snomed.info/sct", "code": "26643006"}]},
                "doseAndRate": [{"doseQuantity": {"value": 5, "unit": "mg", "system": UCUM, "code": "mg"}}],
            }
        ],
    }


@pytest.mark.parametrize("start", ["2026-08-01", "2026-11-14"])
def test_inrs_count_beside_an_order_without_times_of_doses(start: str) -> None:
    found = warfarin(ordered(start), inr(2.2, "2026-11-17"), inr(2.6, "2026-11-21T08:00:00Z"))
    assert [item.value for item in found.case.levels] == [2.2, 2.6]
    (dose,) = found.case.doses
    assert dose.is_steady is (start == "2026-08-01")
    assert found.case.levels[0].time > 0
    assert found.case.now - found.case.levels[1].time == pytest.approx(36)
    assert any("when doses were given is not recorded" in note for note in found.notes)


def test_a_steady_train_is_not_stretched_beyond_where_it_is_steady() -> None:
    """Two weeks after its begin on 1 November levels repeat themselves; an INR of the first week cannot be followed."""
    found = warfarin(ordered("2026-11-01"), inr(1.4, "2026-11-04"), inr(2.6, "2026-11-20"))
    assert [item.value for item in found.case.levels] == [2.6]
    assert any("1.4" in note and "before the first dose that is followed" in note for note in found.notes)


@pytest.mark.parametrize("name", ["sof_Barrett_Douglas", "sof_Merlin_Howell", "sof_Maurice_Bruen"])
def test_a_synthea_record_is_answered_or_refused_in_one_line(
    name: str, reference_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Orders of warfarin without amounts: no dose is followed, and nothing is drafted."""
    record = tmp_path / "record.json"
    paths = sorted((reference_data / "fhir" / "synthea").glob(f"{name}_*.gz"))
    if not paths:
        pytest.skip(f"no bundle {name} in {reference_data / 'fhir' / 'synthea'}: set NOF1_REFERENCE_DATA")
    record.write_bytes(gzip.decompress(paths[0].read_bytes()))
    out = tmp_path / "dose.json"
    arguments = ["dose", "warfarin", "--record", str(record), "--now", "2026-11-22T08:00Z", "--draws", "200"]
    code = main([*arguments, "--json", str(out)])
    told = capsys.readouterr()
    if code:
        assert code == 2 and told.err.count("\n") == 1 and "Traceback" not in told.err
        return
    made = json.loads(out.read_text())
    assert made["draft"] is None and made["blocked"]
    assert date.fromisoformat(made["created"])
