"""Rule obs-7: an observation with a value has no component of its own code.

By hand because as FHIRPath it compares every code of every component with every code of the observation.
"""

from __future__ import annotations

import json
from typing import Any

from nof1.fhir.problem import Problem

Json = dict[str, Any]


def repeated_codes(observation: Json) -> list[Problem]:
    """The problem, or none.

    >>> coded = {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]}
    >>> bool(repeated_codes({"code": coded, "valueInteger": 1, "component": [{"code": coded}]}))
    True
    >>> repeated_codes({"code": coded, "component": [{"code": coded}]})
    []
    """
    components = observation.get("component")
    if not components or not any(key.startswith(("value", "_value")) for key in observation):
        return []
    own = _codes(observation.get("code", {}))
    if own.isdisjoint(code for one in components for code in _codes(one.get("code", {}))):
        return []
    said = "a component has the code of the observation, which has a value itself; leave one of the two out (obs-7)"
    return [Problem("", said, "invariant")]


def _codes(concept: Json) -> set[str]:
    """The codings, written so that equal ones are the same text."""
    return {json.dumps(one, sort_keys=True, default=str) for one in concept.get("coding", ())}
