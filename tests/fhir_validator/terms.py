"""Which codes a value set holds, as far as it can be said offline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any

LOINC = "http://loinc.org"
_LOINC_CODE = re.compile(r"(?:LA|LL|LP)?\d+-\d")
_ANSWER = re.compile(r"LA\d+-\d")


class Answer(Enum):
    """Whether a code is in a value set. ``FITS``: it could be, but the set's content is not at hand."""

    IN = "in"
    OUT = "out"
    FITS = "fits"


def is_loinc(code: str) -> bool:
    """Whether the last digit of a LOINC code is the check digit of the others (mod 10).

    Of answers, ``LA`` adds 5 or 8 to the sum, by the number of digits: found from, and true of, all answers of the guide.
    """
    if not _LOINC_CODE.fullmatch(code) or code.startswith(("LL", "LP")):
        return bool(_LOINC_CODE.fullmatch(code))
    digits, _, check = code.removeprefix("LA").partition("-")
    total = (8 if len(digits) % 2 else 5) if code.startswith("LA") else 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return (10 - total % 10) % 10 == int(check)


class Terms:
    """The code systems and value sets of a guide."""

    def __init__(self, content: list[dict[str, Any]]) -> None:
        self.sets = {one["url"]: one for one in content if one["resourceType"] == "ValueSet"}
        complete = [one for one in content if one["resourceType"] == "CodeSystem" and one.get("content") == "complete"]
        self.systems = {one["url"]: dict(_concepts(one)) for one in complete}
        self.answers: dict[str, set[str]] = {}

    def holds(self, value_set: str, coding: dict[str, Any]) -> Answer:
        """Whether the set holds the coding."""
        system, code = coding.get("system", ""), coding.get("code", "")
        if value_set.startswith(f"{LOINC}/vs/"):
            return Answer.FITS if system == LOINC and _ANSWER.fullmatch(code) and is_loinc(code) else Answer.OUT
        if value_set not in self.sets:
            return Answer.FITS
        answers = [self._part(part, system, code) for part in self.sets[value_set]["compose"]["include"]]
        return next((answer for answer in (Answer.IN, Answer.FITS) if answer in answers), Answer.OUT)

    def _part(self, part: dict[str, Any], system: str, code: str) -> Answer:
        if "valueSet" in part and "system" not in part:
            answers = [self.holds(name, {"system": system, "code": code}) for name in part["valueSet"]]
            return Answer.OUT if Answer.OUT in answers else answers[0]
        if part.get("system") != system:
            return Answer.OUT
        if "concept" in part:
            return Answer.IN if code in {one["code"] for one in part["concept"]} else Answer.OUT
        if system in self.systems and "filter" not in part:
            return Answer.IN if code in self.systems[system] else Answer.OUT
        return Answer.FITS if code else Answer.OUT

    def problem(self, coding: dict[str, Any]) -> str:
        """What is wrong with a coding by itself; empty where nothing is."""
        system, code = coding.get("system", ""), coding.get("code", "")
        if system == LOINC and code and not is_loinc(code):
            return f"{code!r} is no LOINC code"
        if system in self.systems and code not in self.systems[system]:
            return f"{code!r} is not in {system}"
        return ""


def _concepts(system: dict[str, Any]) -> Iterator[tuple[str, str]]:
    waiting = list(system.get("concept", ()))
    while waiting:
        one = waiting.pop()
        yield one["code"], one.get("display", "")
        waiting += one.get("concept", ())
