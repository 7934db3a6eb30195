"""Wrong family rules and prevention are refused at load, each with its place and remedy; all problems at once."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nof1.knowledge.check_prevention import check
from nof1.knowledge.compiled import knowledge
from nof1.knowledge.prevention import Action, FamilyRule, Prevention, Service

CITED = {"source": "uspstf-2021-lung#summary", "status": "provisional", "checked": "2026-11-26"}
RULE: dict[str, Any] = {
    "id": "rule",
    "title": "rule",
    "body": "us",
    "year": 2026,
    "place": "here",
    "combine": "any",
    "means": "it",
    "patient": "it",
    **CITED,
}
CRITERION: dict[str, Any] = {
    "id": "one",
    "words": "one",
    "source": CITED["source"],
    "relatives": [{"degrees": [1], "conditions": ["breast_cancer"]}],
}
ACTION: dict[str, Any] = {
    **{name: RULE[name] for name in ("title", "body", "year", "place", "patient")},
    **CITED,
    "id": "action",
    "purpose": "purpose",
    "options": [{"service": "service", "months": [12, 12]}],
    "wanted": {},
    "strength": "strong",
    "grade": "A",
    "words": "it",
}
SERVICE: dict[str, Any] = {"id": "service", "title": "service", "patient": "it", "kind": "screening", **CITED}


def told(
    rule: dict[str, Any] | None = None, service: dict[str, Any] | None = None, action: dict[str, Any] | None = None
) -> str:
    problems: list[str] = []
    known = knowledge()
    rules = [msgspec.convert(RULE | {"criteria": [CRITERION]} | (rule or {}), FamilyRule)]
    services = [msgspec.convert(SERVICE | (service or {}), Service)]
    actions = [msgspec.convert(ACTION | (action or {}), Action)]
    made = Prevention({one.id: one for one in rules}, {one.id: one for one in services}, {one.id: one for one in actions})
    check(made, known.sources, known.care, problems.append, known.risks)
    return "\n".join(problems)


def test_what_is_right_is_not_told() -> None:
    assert told() == ""
    assert knowledge().prevention.rules


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"source": "nobody#x"}, "'nobody#x' is not in sources/"),
        ({"checked": "26.11.2026"}, "write YYYY-MM-DD"),
        ({"id": "Rule 1"}, "write lower-case letters"),
        ({"not_with": ["brest_cancer"]}, "did you mean 'breast_cancer'?"),
        ({"only_for": "femal"}, "'femal' asks for 'femal', which is no measurement"),
        ({"only_for": "age >"}, "family rule rule: 'age >'"),
        ({"hints": ["icd9|1"]}, "code 'icd9|1'; write system|code"),
        ({"criteria": []}, "criteria need ids that differ"),
        ({"criteria": [CRITERION, CRITERION]}, "criteria need ids that differ"),
        ({"criteria": [CRITERION | {"relatives": []}]}, "asks for nothing"),
        ({"criteria": [CRITERION | {"relatives": [{"degrees": [4], "conditions": ["cancer"]}]}]}, "of degree 1, 2 or 3"),
        ({"criteria": [CRITERION | {"relatives": [{"degrees": [1], "conditions": []}]}]}, "needs conditions"),
        (
            {
                "criteria": [
                    CRITERION | {"relatives": [{"degrees": [1], "conditions": ["cancer"], "before_by_sex": {"f": 60}}]}
                ]
            },
            "before_by_sex has ages for female and male",
        ),
        ({"combine": "points"}, "bands go from the highest points"),
    ],
)
def test_rules(more: dict[str, Any], words: str) -> None:
    assert words in told(rule=more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"codes": ["73761001"]}, "code '73761001'; write system|code"),
        ({"measurement": "systolik"}, "did you mean 'systolic'?"),
        ({"classes": ["stattin"]}, "did you mean 'statin'?"),
    ],
)
def test_services(more: dict[str, Any], words: str) -> None:
    assert words in told(service=more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"options": []}, "has no option"),
        ({"options": [{"service": "servise", "once": True}]}, "did you mean 'service'?"),
        ({"options": [{"service": "service"}]}, "months [soonest, latest], or once"),
        ({"options": [{"service": "service", "once": True, "months": [12, 12]}]}, "months [soonest, latest], or once"),
        ({"options": [{"service": "service", "months": [24, 12]}]}, "months [soonest, latest], or once"),
        ({"from_age": 60, "to_age": 50}, "from_age not above to_age"),
        ({"wanted": {"risks": ["x"]}}, "a risk without at_least"),
        ({"wanted": {"risks": ["pce-2014"], "at_least": 0.1}}, "did you mean 'pce-2013'?"),
        ({"wanted": {"family_rules": ["rul"]}}, "did you mean 'rule'?"),
        ({"wanted": {"when": "bmj >= 25"}}, "asks for 'bmj'"),
        ({"years_before_youngest": 10}, "needs from_age and youngest_of"),
        ({"also": ["nobody#x"]}, "'nobody#x' is not in sources/"),
    ],
)
def test_actions(more: dict[str, Any], words: str) -> None:
    assert words in told(action=more)
