"""Every search parameter's expression over the official examples gives what fhirpathpy, another implementation, gives."""

from __future__ import annotations

import copy
import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from nof1.fhir.definitions import Parameter, definitions
from nof1.fhir.path import Node, compiled

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    fhirpathpy = pytest.importorskip("fhirpathpy", reason="fhirpathpy absent: install it to compare with it")
    from fhirpathpy.engine.nodes import ResourceNode
    from fhirpathpy.models import models

Resource = dict[str, Any]
# of the types with hundreds of examples, each of which is large: about as many as the others have
MOST = 30
# what fhirpathpy does not have; by hand in test_path.py
UNSUPPORTED = {"questionnaireresponse-extensions-QuestionnaireResponse-item-subject": "hasExtension"}
UNSUPPORTED_PARTS = {"%resource.referenceSeq.chromosome", "%resource.referenceSeq.referenceSeqId"}
# fhirpathpy casts a canonical to uri too, against testFHIRPathAsFunction11 of the suite of HL7
CAST = {"ConceptMap-source-uri": "sourceCanonical", "ConceptMap-target-uri": "targetCanonical"}
standing: list[Resource] = [{}]


def resolve(references: list[Any]) -> list[Any]:
    """What each reference is by its text, or contained; fhirpathpy has no resolve of its own."""
    found = []
    for one in references:
        data = getattr(one, "data", one)
        text = re.sub("/_history/.*", "", data.get("reference", ""))
        contained = [part["resourceType"] for part in standing[0].get("contained", ()) if "#" + part["id"] == text]
        kind = contained[0] if contained else text.rpartition("/")[0].rpartition("/")[2] or data.get("type", "")
        if kind in definitions().resources:
            found.append(ResourceNode.create_node({"resourceType": kind}, kind))
    return found


def for_the_other(expression: str) -> str:
    """The expression without what fhirpathpy does not know: the base type by name, and casts of several values."""
    text = re.sub(r"\b(?:Domain)?Resource\.", "", expression).replace("as(DateTime)", "ofType(dateTime)")
    return re.sub(r"\(([\w.]+) as (\w+)\)", r"\1.ofType(\2)", text)


@cache
def other(expression: str, base: str = "") -> Callable[[Any], list[Any]]:
    options = {"userInvocationTable": {"resolve": {"fn": resolve, "arity": {0: []}}}}
    text = for_the_other(expression)
    run = fhirpathpy.compile(text, models["r4"], options=options)

    def found(item: Any) -> list[Any]:
        item = copy.deepcopy(item)
        standing[0] = item
        return run(ResourceNode.create_node(item, base) if base else item, {})

    return found


def expressions() -> Iterator[tuple[str, Parameter]]:
    for kind, parameters in definitions().parameters.items():
        for parameter in parameters.values():
            yield kind, parameter


def counted(values: list[Any]) -> Counter[str]:
    """Values as text, numbers without the digits that only one of them keeps."""
    as_text = lambda one: float(one) if isinstance(one, Decimal) else str(one)  # noqa: E731
    return Counter(json.dumps(value, sort_keys=True, default=as_text) for value in values if value is not None)


def own(nodes: list[Node]) -> Counter[str]:
    return counted([node.value for node in nodes])


@pytest.mark.slow
def test_parameters_find_what_another_implementation_finds(r4_examples: dict[str, list[Resource]]) -> None:
    compared, answered, differing = 0, set(), {}
    for kind, parameter in expressions():
        if parameter.id in UNSUPPORTED:
            continue
        path = compiled(parameter.expression, kind)
        for resource in r4_examples.get(kind, ())[:MOST]:
            if CAST.get(parameter.id) in resource:
                continue
            mine, theirs = own(path(resource)), counted(other(parameter.expression)(resource))
            compared += 1
            answered.update([(parameter.id, kind)] if theirs else [])
            if mine != theirs:
                differing[parameter.id, kind, resource.get("id")] = (mine - theirs, theirs - mine)
    assert differing == {}
    assert compared > 19_000
    assert len(answered) > 1_000  # parameters of a type of which an example has a value


@pytest.mark.slow
def test_parts_of_composites_too(r4_examples: dict[str, list[Resource]]) -> None:
    answered, differing = Counter(), {}
    for kind, parameter in expressions():
        for resource in r4_examples.get(kind, ())[:MOST] if parameter.components else ():
            for node in compiled(parameter.expression, kind)(resource):
                for _, expression in parameter.components:
                    if expression in UNSUPPORTED_PARTS:
                        continue
                    mine = own(compiled(expression, node.kind)(node, resource))
                    theirs = counted(other(expression, node.kind)(node.value))
                    answered[parameter.id] += len(theirs)
                    if mine != theirs:
                        differing[parameter.id, kind, resource.get("id"), expression] = (mine - theirs, theirs - mine)
    assert differing == {}
    assert len([number for number in answered.values() if number]) > 15
