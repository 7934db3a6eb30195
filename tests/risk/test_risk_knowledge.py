"""Files of risk equations: a breach is one line with its remedy, and a folder of one's own adds an equation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from nof1.errors import KnowledgeError
from nof1.knowledge.check_risks import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.edition import SHIPPED
from nof1.knowledge.load import load
from nof1.knowledge.risk_equations import RiskEquation
from nof1.risk.estimates import estimates

FILE = SHIPPED / "risk_equations" / "framingham-2008.yaml"


def told(change: dict[str, Any]) -> list[str]:
    raw = yaml.safe_load(FILE.read_text())
    for path, value in change.items():
        at, *rest = path.split(".")
        spot: Any = raw
        for step in [at, *rest][:-1]:
            spot = spot[int(step)] if step.isdigit() else spot[step]
        last = path.split(".")[-1]
        spot[int(last) if last.isdigit() else last] = value
    known = knowledge()
    problems: list[str] = []
    check({"framingham-2008": msgspec.convert(raw, RiskEquation)}, known.sources, known.care, problems.append)
    return problems


def test_the_shipped_file_has_no_breach() -> None:
    assert told({}) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"value": "1 - survival ** exp(lp - mena)"}, "names 'mena', which nothing before it gives; did you mean 'mean'?"),
        ({"tables.0.rows.ln_age": [1.0]}, "row ln_age has 1 numbers for 2 columns"),
        ({"tables.0.columns.0": {"when": "sex_woman"}}, "names 'sex_woman'"),
        ({"source": "nobody-2020#x"}, "nobody-2020"),
        ({"inputs.2.unit": "mg/dl!"}, "write a UCUM unit"),
        ({"inputs.2.span": [5, 1]}, "range [5.0, 1.0]; write [low, high]"),
        ({"inputs.2.span": []}, "bounds need a domain or a span"),
        ({"inputs.2.reference": 5}, "reference and reference_source go together"),
        (
            {"inputs.2.found": [{"terms": ["cholesterrol"]}]},
            "term 'cholesterrol' is no known fact; did you mean 'cholesterol'?",
        ),
        ({"inputs.5.found": [{"classes": ["statinn"]}]}, "'statinn' is no class of terms/"),
        (
            {"outcomes.0.years": [10, 30], "tables.0.columns.0.years": 10, "tables.0.columns.1.years": 10},
            "no column for cvd within 30 years",
        ),
        ({"suppositions.0.sets": {"smokes": "0"}}, "sets 'smokes', which is no number or flag of inputs"),
        ({"one_way": {"age": 2}}, "one_way age: 2; name an input, with 1 or -1"),
        ({"terms.0.formula": "__import__('os')"}, "is not part of the formula language"),
        ({"checked": "soon"}, "soon"),
    ],
)
def test_a_breach_is_told_with_its_remedy(change: dict[str, Any], says: str) -> None:
    lines = told(change)
    assert [line for line in lines if says in line], lines
    assert all(line.startswith("risk_equations/framingham-2008") for line in lines)


def test_a_pack_adds_an_equation(tmp_path: Path) -> None:
    """The seam for equations whose licence keeps them out of the package."""
    raw = yaml.safe_load(FILE.read_text())
    raw["id"] = "qrisk3-2017"
    folder = tmp_path / "risk_equations"
    folder.mkdir()
    (folder / "qrisk3-2017.yaml").write_text(yaml.safe_dump(raw))
    known = load((SHIPPED, tmp_path))
    who = {
        "age": 61,
        "sex": "female",
        "cholesterol": 180,
        "hdl": 47,
        "systolic": 124,
        "treated": 0,
        "smoker": 1,
        "diabetes": 0,
    }
    value = estimates(known.risks["qrisk3-2017"], who).estimate("cvd", 10).values[0]
    assert value == pytest.approx(0.1048, abs=0.0005)


def test_the_name_of_a_file_is_its_id(tmp_path: Path) -> None:
    folder = tmp_path / "risk_equations"
    folder.mkdir()
    (folder / "other.yaml").write_text(FILE.read_text())
    with pytest.raises(KnowledgeError, match="id is 'framingham-2008'; the file must carry the same name"):
        load((SHIPPED, tmp_path))


def test_an_equation_of_records_is_not_written_twice() -> None:
    known = knowledge()
    assert known.care.policy is not None
    formula = next(one.formula for one in known.care.policy.equations if one.id == "ckd-epi-2021-creatinine")
    assert known.risks["ckd-epi-2021"].value == formula
    assert "142" not in (SHIPPED / "risk_equations" / "ckd-epi-2021.yaml").read_text()
