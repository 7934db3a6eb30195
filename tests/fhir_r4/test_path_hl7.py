"""The FHIRPath suite of HL7 for R4: every expression of supported functions gives what the suite says, but for listed ones."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

from nof1.fhir.path import Node, PathError, compiled
from nof1.fhir.path_functions import FUNCTIONS
from nof1.fhir.path_lambdas import LAMBDAS

Resource = dict[str, Any]
# the suite's files by the type and id they have among the examples
INPUTS = {
    "patient-example": ("Patient", "example"),
    "observation-example": ("Observation", "example"),
    "questionnaire-example": ("Questionnaire", "3141"),
    "valueset-example-expansion": ("ValueSet", "example-expansion"),
    "explanationofbenefit-example": ("ExplanationOfBenefit", "EB3500"),
    "appointment-examplereq": ("Appointment", "examplereq"),
    "codesystem-example": ("CodeSystem", "example"),
}
# why a case is not as the suite says
DIFFERING = {
    "testSimpleFail": "unknown members are empty, not errors (strict mode)",
    "testSimpleWithWrongContext": "another type's path is empty, not an error (strict mode)",
    "testPolymorphismB": "unknown members are empty, not errors (strict mode)",
    "testPolymorphismAsB": "unknown members are empty, not errors (strict mode)",
    "testPolymorphicsB": "unknown members are empty, not errors (strict mode)",
    "testDollarOrderNotAllowed": "unordered collections are not refused",
    "testQuantity4": "quantities are compared exactly",
    "testIif6": "a single value that is no boolean counts as true",
    "testIif10": "iif() chooses for collections, as the invariants of R4 need",
    "testType12": "FHIR's boolean and FHIRPath's are one, as the invariants of R4 need (que-7)",
    "testType14": "FHIR's boolean and FHIRPath's are one",
    "testType22": "FHIR's types and FHIRPath's are one",
    "from-zulip-2": "allTrue() of what is no boolean is false, not an error",
    "testFHIRPathAsFunction21": "as() filters collections, as the invariants of R4 need (dom-3)",
    "testCombine1": "the example of the package has other codes than the suite's",
    "testFHIRPathIsFunction8": "the example of the package lacks the suite's extension",
    "testFHIRPathIsFunction9": "the example of the package lacks the suite's extension",
    "testFHIRPathIsFunction10": "the example of the package lacks the suite's extension",
    "testFHIRPathAsFunction14": "the example of the package has another version",
    "testFHIRPathAsFunction19": "the example of the package has another version",
}
MOST_UNSUPPORTED = 200


class Case(NamedTuple):
    name: str
    expression: str
    outputs: list[tuple[str, str]]
    is_invalid: bool
    is_predicate: bool
    is_ordered: bool
    file: str


def cases(path: Path) -> list[Case]:
    found = []
    for test in ElementTree.parse(path).getroot().iter("test"):
        expression = test.find("expression")
        if expression is None:
            continue
        found.append(
            Case(
                test.get("name", ""),
                expression.text or "",
                [(output.get("type", ""), output.text or "") for output in test.iter("output")],
                expression.get("invalid") is not None,
                test.get("predicate") == "true",
                test.get("ordered") != "false",
                test.get("inputfile", "").rpartition(".")[0],
            )
        )
    return found


def told(node: Node) -> tuple[str, str]:
    """A value as the suite writes it, its type being one of FHIRPath's own where it is derived from one."""
    value = node.value
    if isinstance(value, bool):
        return "boolean", str(value).lower()
    if isinstance(value, int | float | Decimal):
        return "number", str(Decimal(str(value)).normalize())
    if isinstance(value, dict):
        return "Quantity", str(value.get("value"))
    return "text", str(value)


def expected(kind: str, text: str) -> tuple[str, str]:
    if kind in ("integer", "decimal"):
        return "number", str(Decimal(text).normalize())
    if kind == "Quantity":
        return "Quantity", text.partition(" ")[0]
    return ("boolean", text) if kind == "boolean" else ("text", text.removeprefix("@").removeprefix("T"))


def judged(case: Case, resource: Resource) -> str:
    try:
        path = compiled(case.expression, resource["resourceType"])
    except PathError as error:
        return "right" if case.is_invalid else f"unsupported: {error}"
    try:
        found = path(resource)
    except PathError as error:
        return "right" if case.is_invalid else f"unsupported: {error}"
    if case.is_predicate:
        return "right" if bool(found) and case.outputs in ([], [("boolean", "true")]) else "wrong: predicate"
    mine, theirs = [told(node) for node in found], [expected(*output) for output in case.outputs]
    if not case.is_ordered:
        mine, theirs = sorted(mine), sorted(theirs)
    return "right" if mine == theirs and not case.is_invalid else f"wrong: {mine} for {theirs}"


def test_suite_of_hl7(reference_data: Path, r4_examples: dict[str, list[Resource]]) -> None:
    inputs = {}
    for file, (kind, name) in INPUTS.items():
        inputs[file] = next(one for one in r4_examples[kind] if one.get("id") == name)
    inputs[""] = inputs["patient-example"]
    suite = [case for case in cases(reference_data / "fhir/hl7_tests/tests-fhir-r4.xml") if case.file in inputs]
    answers = {case.name: (judged(case, inputs[case.file]), case.expression) for case in suite}
    wrong = {name: answer for name, answer in answers.items() if answer[0].startswith("wrong")}
    unsupported = [name for name, (answer, _) in answers.items() if answer.startswith("unsupported")]
    print(f"{len(answers) - len(wrong) - len(unsupported)} right, {len(wrong)} wrong, {len(unsupported)} unsupported")
    assert {name: answer for name, answer in wrong.items() if name not in DIFFERING} == {}
    assert set(DIFFERING) == set(wrong)
    assert len(unsupported) <= MOST_UNSUPPORTED
    assert not [one for one in (*FUNCTIONS, *LAMBDAS) for name in unsupported if f"function {one}()" in answers[name][0]]
