"""What ``nof1 risk`` says of inputs at the edge of what can be: at each bound of each equation, twice, of a shape that is none,
of people who have died or were just born, of what-ifs for which an equation was not made. Never NaN, never a silent answer."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nof1.cli.main import main
from nof1.errors import InputError
from nof1.jobs.risk_given import read_input
from nof1.jobs.risks import risks
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.risk_equations import RiskEquation, RiskInput
from nof1.model.risks import RiskFinding
from nof1.risk.estimates import estimates

DAY = date(2026, 11, 26)
EQUATIONS = sorted(knowledge().risks)
QUICK = [name for name in EQUATIONS if not name.startswith("prevent")]  # contributions of many inputs take a second
PCE: dict[str, Any] = {
    "age": 55, "sex": "female", "cholesterol": "213 mg/dL", "hdl": "50 mg/dL", "systolic": "120 mm[Hg]", "treated": False,
    "smoker": False, "diabetes": False, "race": "white",
}  # fmt: skip
FIT = {"atrial_fibrillation": True, "type_2": True, "smoker": True}  # whom an equation is for, where it asks


def spelled(item: RiskInput, value: float) -> Any:
    return value if item.unit in ("1", "a") else f"{value!r} {item.unit}"


def typical(equation: RiskEquation) -> dict[str, Any]:
    """Somebody in the middle of every range."""
    found: dict[str, Any] = {}
    for item in equation.inputs:
        if item.kind == "number":
            low, high = item.domain or item.span or item.plausible
            found[item.name] = spelled(item, round((low + high) / 2) if item.name == "age" else (low + high) / 2)
        else:
            found[item.name] = FIT.get(item.name, False) if item.kind == "flag" else item.choices[0].code
    return found


def floats(told: Any) -> Iterator[float]:
    if isinstance(told, dict | list):
        for one in told.values() if isinstance(told, dict) else told:
            yield from floats(one)
    elif isinstance(told, float):
        yield told


def one_line(error: InputError) -> str:
    assert "\n" not in str(error)
    return str(error)


def asked(name: str, inputs: Any, suppose: Any = None) -> RiskFinding | str:
    """The finding, in which every outcome has a value, bounds or a reason and nothing is NaN; or the one line that is told."""
    try:
        answer = risks(name, inputs=inputs, suppose=suppose, today=DAY)
    except InputError as error:
        return one_line(error)
    assert all(map(math.isfinite, floats(msgspec.to_builtins(answer))))
    for one in answer.findings[0].estimates:
        assert [one.value is not None, one.low is not None and one.high is not None, bool(one.refused)].count(True) == 1
        if answer.findings[0].measure == "risk":
            assert all(0 <= end <= 1 for end in (one.value, one.low, one.high) if end is not None)
    return answer.findings[0]


@pytest.mark.parametrize("name", EQUATIONS)
def test_a_domain_holds_its_bounds_and_nothing_beyond(name: str) -> None:
    equation = knowledge().risks[name]
    known = knowledge()
    base = {one: read_input(known, equation, item, typical(equation)[one]) for item in equation.inputs if (one := item.name)}
    values = {one: read.value for one, read in base.items() if read is not None}
    for item in equation.inputs:
        if not item.domain or item.kind != "number":
            continue
        (low, high), (least, most) = item.domain, item.plausible
        ends = np.array([low, high, math.nextafter(low, -math.inf), math.nextafter(high, math.inf)])
        asked_for = ends[(ends >= least) & (ends <= most)]
        made = estimates(equation, {**values, item.name: asked_for})
        says = f"{item.title} lies outside {low:g} to {high:g}"
        for one in made.found:
            outside = [reason.people for reason in one.refused if reason.says.startswith(says)]
            beyond = outside[0].tolist() if outside else [False] * len(asked_for)
            assert beyond == [bool(value < low or value > high) for value in asked_for], item.name
            assert np.isnan(one.values[np.array(beyond)]).all()
        for value in ends[(ends < least) | (ends > most)].tolist():  # what cannot be is refused when it is read
            with pytest.raises(InputError, match="expected"):
                read_input(known, equation, item, spelled(item, value))


ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=12), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.sampled_from(["value", "unit", "x"]), st.one_of(st.floats(), st.text(max_size=5), st.none()), max_size=3),
    st.tuples(st.floats(), st.sampled_from(["mg/dL", "mmol/L", "mm[Hg]", "%", "a", "1", "kg/m2", "furlong", ""])).map(
        lambda pair: f"{pair[0]} {pair[1]}"
    ),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from(QUICK), value=ODD, is_supposed=st.booleans())
def test_any_input_gives_a_finding_or_one_line(data: st.DataObject, name: str, value: Any, is_supposed: bool) -> None:
    equation = knowledge().risks[name]
    item = data.draw(st.sampled_from(equation.inputs))
    base = typical(equation)
    asked(name, base, {item.name: value}) if is_supposed else asked(name, {**base, item.name: value})


@pytest.mark.parametrize("value", [[], ["yes", "no"], [True], (1,), {1}])
@pytest.mark.parametrize("name", ["smoker", "race", "age"])
def test_an_input_has_one_value(name: str, value: Any) -> None:
    assert asked("pce-2013", {**PCE, name: value}) == next(
        f"risk: pce-2013: {name} ({item.title}) is {value}; give one value"
        for item in knowledge().risks["pce-2013"].inputs
        if item.name == name
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"age": 50, "sex": "f", "age": 60}', "'age' stands twice"),
        ('{"age": 50, "sex": "f", "systolic": {"value": 120, "value": 160, "unit": "mm[Hg]"}}', "'value' stands twice"),
        ('{"age": 50, "sex": "f", "smoker": NaN}', "NaN is no number"),
        ('{"age": -Infinity, "sex": "f"}', "-Infinity is no number"),
        ("[" * 100_000, "nested too deep"),
    ],
)
def test_json_that_could_be_read_in_two_ways(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "inputs.json"
    path.write_text(text)
    assert main(["risk", "prevent-base", "--inputs", str(path)]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1 and said in told.err


@pytest.mark.parametrize(
    ("suppose", "says"),
    [
        ({"age": 30}, "age lies outside 40 to 79 years, for which the equation was made"),
        ({"age": 79.5}, "age lies outside 40 to 79 years, for which the equation was made"),
        ({"known_cvd": "yes"}, "atherosclerotic cardiovascular disease is known"),
    ],
)
def test_a_what_if_for_which_the_equation_was_not_made_has_no_value(suppose: dict[str, Any], says: str) -> None:
    found = asked("pce-2013", PCE, suppose)
    assert isinstance(found, RiskFinding) and found.estimates[0].value is not None
    (one,) = [item for item in found.estimates[0].supposed if item.id == "asked"]
    assert (one.value, one.change, one.low, one.high) == (None, None, None, None)
    assert one.says.startswith(says)


def person(**patient: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1970-05-01", **patient}


def of_record(folder: Path, *resources: dict[str, Any], name: str = "pce-2013") -> RiskFinding | str:
    path = folder / "record.json"
    entry = [{"resource": one} for one in resources]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}))
    try:
        return risks(name, record=path, today=DAY).findings[0]
    except InputError as error:
        return one_line(error)


@pytest.mark.parametrize(
    ("patient", "said"),
    [
        ({"deceasedBoolean": True}, "the person has died (the record says so)"),
        ({"deceasedDateTime": "2020-01-01"}, "the person died on 2020-01-01"),
        ({"deceasedDateTime": "2030-01-01"}, "the person has died (the record says so)"),
        ({"birthDate": None}, "not known: age (date of birth: not recorded); give age"),
        ({"gender": "other"}, "not known: sex (sex: not recorded); give sex"),
    ],
)
@pytest.mark.parametrize("name", ["pce-2013", "all"])
def test_nothing_is_foretold_of_the_dead_or_of_nobody(tmp_path: Path, patient: dict[str, Any], said: str, name: str) -> None:
    found = of_record(tmp_path, person(**patient), name=name)
    if name == "pce-2013" or "died" in said:
        assert isinstance(found, str) and said in found
    else:
        assert isinstance(found, RiskFinding)


def test_what_is_supposed_of_a_range_takes_its_place(tmp_path: Path) -> None:
    """A year of birth leaves two ages; what is supposed of the age is one."""
    path = tmp_path / "record.json"
    path.write_text(json.dumps(person(birthDate="1970")))
    found = risks("pce-2013", record=path, suppose={"age": 60}, today=DAY).findings[0].estimates[0]
    other = risks("pce-2013", record=path, inputs={"age": 60}, today=DAY).findings[0].estimates[0]
    (one,) = [item for item in found.supposed if item.id == "asked"]
    assert (one.low, one.high) == (other.low, other.high) != (None, None)


@pytest.mark.parametrize(("born", "shown"), [("2026-11-26", "0 years"), ("2026", "0 years"), ("2026-11", "0 years")])
def test_the_newly_born_are_outside_and_no_age_is_below_zero(tmp_path: Path, born: str, shown: str) -> None:
    found = of_record(tmp_path, person(birthDate=born))
    assert isinstance(found, RiskFinding) and found.standing == "refused"
    assert next(item for item in found.inputs if item.name == "age").shown == shown
    assert all("age lies outside" in reason.says for one in found.estimates for reason in one.refused)


def test_files_are_written_for_a_reader_who_is_gone(tmp_path: Path) -> None:
    (tmp_path / "in.json").write_text(json.dumps(PCE))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-c", "from nof1.cli.main import run; run()", "risk", "pce-2013", "--inputs", "in.json"]
    try:
        done = subprocess.run(
            [*command, "--json", "a.json", "--html", "a.html"],
            stdout=writer,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads((tmp_path / "a.json").read_text())["findings"]
    assert (tmp_path / "a.html").read_text().rstrip().endswith("</html>")


@pytest.mark.parametrize("bad", ["/dev/null", ".", "absent/a.html"])
def test_of_two_files_neither_is_written_where_one_cannot_be(
    bad: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.json").write_text(json.dumps(PCE))
    bad = str(tmp_path / bad) if bad != "/dev/null" else bad
    arguments = ["risk", "pce-2013", "--inputs", str(tmp_path / "in.json"), "--json", str(tmp_path / "a.json")]
    assert main([*arguments, "--html", bad]) == 2
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in.json"]


def test_one_thing_is_supposed_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.json").write_text(json.dumps(PCE))
    twice = ["--if", "systolic=100 mm[Hg]", "--if", "systolic=110 mm[Hg]"]
    assert main(["risk", "pce-2013", "--inputs", str(tmp_path / "in.json"), *twice]) == 2
    assert "'100 mm[Hg]' and '110 mm[Hg]'; ask for one at a time" in capsys.readouterr().err
