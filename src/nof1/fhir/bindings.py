"""Required bindings: codes that must be of a value set, where the definitions list it."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from functools import cache
from typing import Any

from nof1.fhir.definitions import definitions
from nof1.fhir.problem import Problem, shown

Check = Callable[[dict[str, Any]], list[Problem]]
_LISTED = 12  # codes named in a message


@cache
def codes(value_set: str) -> frozenset[str]:
    """All codes of a value set, of any system; empty where it is not listed."""
    return frozenset().union(*definitions().codes.get(value_set, {}).values())


def code_fault(value: str, value_set: str) -> str:
    """Why a code is refused, with the way out."""
    known = sorted(codes(value_set))
    near = get_close_matches(value[:100], known, 3) or known
    more = ", …" if len(near) > _LISTED else ""
    return f"{shown(value)} is not a code of {value_set}: {', '.join(near[:_LISTED])}{more}"


def concept_check(value_set: str) -> Check | None:
    """A check of CodeableConcepts: one of the codings must be of the value set; None where it is not listed.

    Text alone does not say which of the codes is meant; only an extension may stand for the code (data-absent-reason).
    """
    listed = definitions().codes.get(value_set)
    if listed is None:
        return None

    def check(concept: dict[str, Any]) -> list[Problem]:
        codings = concept.get("coding", ())
        if any(one.get("code") in listed.get(one.get("system", ""), ()) for one in codings):
            return []
        if not codings and "extension" in concept:
            return []
        return [_concept_problem(codings, listed, value_set)]

    return check


def _concept_problem(codings: list[dict[str, Any]], listed: Any, value_set: str) -> Problem:
    for at, one in enumerate(codings):
        if one.get("system") in listed and "code" in one:
            return Problem(f"coding[{at}].code", code_fault(one["code"], value_set), "code-invalid")
    found = "; ".join(f"{one.get('system', '')}|{one.get('code', '')}" for one in codings[:3])
    said = f"none of the codings ({shown(found)}) is" if codings else "there is no coding that is"
    return Problem("coding", f"{said} of {value_set}; add a coding of the system {' or '.join(listed)}", "code-invalid")
