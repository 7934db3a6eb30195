"""Wrong response files are refused at load, each with its place and remedy; all problems at once."""

from __future__ import annotations

import msgspec
import pytest

from nof1.knowledge.check_outcomes import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.outcomes import Band, Expected, Outcome, ReactionScale, Responses

CITED = {"source": "law-2003#abstract", "status": "provisional", "checked": "2026-11-26"}


def outcome(**more: object) -> Outcome:
    return msgspec.convert({"id": "systolic", "better": "lower", "scale": "linear", **CITED, **more}, Outcome)


def expected(**more: object) -> Expected:
    row = {"id": "row", "outcome": "systolic", "direction": "lower", "from_days": 28, "when_source": "law-2003#abstract"}
    return msgspec.convert({**row, "classes": ["thiazide"], **CITED, **more}, Expected)


def told(outcomes: list[Outcome], rows: list[Expected] | None = None, scales: list[ReactionScale] | None = None) -> str:
    problems: list[str] = []
    known = knowledge()
    responses = Responses({row.id: row for row in outcomes}, rows or [], {row.id: row for row in scales or []})
    check(responses, known.sources, known.care, problems.append)
    return "\n".join(problems)


def test_what_is_right_is_not_told() -> None:
    scale = knowledge().responses.scales["naranjo"]
    assert told([outcome()], [expected()], [scale]) == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"id": "systolik"}, "is no measurement of terms/; did you mean 'systolic'?"),
        ({"source": "nobody#x"}, "'nobody#x' is not in sources/"),
        ({"checked": "26.11.2026"}, "write YYYY-MM-DD"),
        ({"important": 5.0}, "important 5.0 without important_source"),
        ({"important": -5.0, "important_source": "law-2003#abstract"}, "write a size above 0"),
        ({"remission": 5.0}, "remission 5.0 without remission_source"),
        ({"level_of": ["digoxine"]}, "did you mean 'digoxin'?"),
    ],
)
def test_outcomes(more: dict[str, object], words: str) -> None:
    assert words in told([outcome(**more)])


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"id": "Row 1"}, "write lower-case letters"),
        ({"outcome": "systolik"}, "is none of response/; did you mean 'systolic'?"),
        ({"classes": ["thiazid"]}, "is no class of terms/; did you mean 'thiazide'?"),
        ({"classes": []}, "names neither drugs nor classes"),
        ({"drugs": ["metformine"]}, "is no drug of terms/drugs"),
        ({"from_days": -1}, "write days, 0 or more"),
        ({"mean": -9.1}, "sizes have no sign"),
        ({"mean_interval": [2.0, 1.0]}, "write [low, high]"),
        ({"least": 2.0, "most": 1.0}, "least 2.0 is above most 1.0"),
        ({"daily_dose": [1.0, 2.0]}, "daily_dose and dose_unit go together"),
        ({"daily_dose": [1.0, 2.0], "dose_unit": "mgs"}, "write a UCUM unit"),
        ({"partial": 0.2}, "partial without response"),
        ({"response": 0.2, "partial": 0.3, "response_source": "law-2003#abstract"}, "is not below response"),
        ({"response": 0.2}, "is not in sources/"),
        ({"when_source": "law-2003"}, "names no place"),
    ],
)
def test_expected_courses(more: dict[str, object], words: str) -> None:
    assert words in told([outcome()], [expected(**more)])


def test_sizes_of_a_ratio_must_be_relative() -> None:
    assert "sizes must be relative" in told([outcome(scale="log")], [expected(mean=9.1)])


def test_scales() -> None:
    scale = knowledge().responses.scales["naranjo"]
    replace = msgspec.structs.replace
    assert "bands go from the highest" in told([], [], [replace(scale, bands=[Band("a", 1), Band("b", 5), Band("c")])])
    assert "bands go from the highest" in told([], [], [replace(scale, bands=[Band("a", 1)])])
    assert "questions need ids that differ" in told(
        [], [], [replace(scale, questions=[*scale.questions, scale.questions[0]])]
    )
    assert "write a share of 1" in told([], [], [replace(scale, recovered=1.5)])
