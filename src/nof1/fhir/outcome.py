"""OperationOutcome: what went wrong, or that something went well, as FHIR says it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple

Severity = Literal["fatal", "error", "warning", "information"]


class Issue(NamedTuple):
    """One issue: FHIR's issue type (``invalid``, ``not-found``, ...), the text for a reader, and where."""

    code: str
    text: str
    path: str = ""
    severity: Severity = "error"


def outcome(issues: Iterable[Issue]) -> dict[str, Any]:
    """The OperationOutcome of ``issues``.

    >>> outcome([Issue("not-found", "there is no Patient/1")])["issue"][0]["code"]
    'not-found'
    """
    listed = [
        {
            "severity": one.severity,
            "code": one.code,
            "diagnostics": one.text,
            **({"expression": [one.path]} if one.path else {}),
        }
        for one in issues
    ]
    return {"resourceType": "OperationOutcome", "issue": listed}
