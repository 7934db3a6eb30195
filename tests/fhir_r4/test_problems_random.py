"""Resources changed at random: validation never raises, names a place that is there, and does not depend on order or memory."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from test_problems import SOUND

from nof1.fhir import shapes, structure
from nof1.fhir.checked import Problem, problems
from nof1.fhir.definitions import definitions

Resource = dict[str, Any]
Spot = tuple[Any, str | int, str]  # container, key, path
CODES = {"structure", "required", "value", "invariant", "code-invalid"}
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=20)  # half surrogate pairs too
NUMBERS = st.one_of(
    st.integers(),
    st.sampled_from([2**31, -(2**31) - 1, 2**63, 2**64, 10**400]),
    st.floats(),
)
PLAIN = st.one_of(st.none(), st.booleans(), NUMBERS, ANY_TEXT, st.sampled_from(["Patient/1", "#x", "2019-02-30", "final"]))
KEYS = st.one_of(ANY_TEXT, st.sampled_from(["id", "extension", "value", "valueString", "resourceType", "contained", "_id"]))
VALUES = st.recursive(PLAIN, lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=3))
RESOURCES = st.sampled_from(SOUND).map(deepcopy)


def spots(value: Any, path: str) -> list[Spot]:
    """Every place of a resource."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[Spot] = []
    for key, below in pairs:
        here = f"{path}.{key}" if isinstance(key, str) else f"{path}[{key}]"
        found += [(value, key, here), *spots(below, here)]
    return found


def of(resource: Resource) -> list[Spot]:
    return spots(resource, resource["resourceType"])


def assert_told_well(found: list[Problem]) -> None:
    for one in found:
        assert re.match(r"[A-Z][A-Za-z]+(\.|\[|$)", one.path)
        assert one.code in CODES
        assert one.message
        assert "\n" not in one.message + one.path
        (one.message + one.path).encode()  # nothing that an answer could not carry
        assert len(one.message) < 6000


@given(st.data(), RESOURCES)
@settings(max_examples=400, deadline=None)
def test_any_value_anywhere_is_judged(data: st.DataObject, resource: Resource) -> None:
    container, key, _ = data.draw(st.sampled_from(of(resource)))
    container[key] = data.draw(VALUES)
    assert_told_well(problems(resource))


@given(VALUES)
@settings(max_examples=200, deadline=None)
def test_anything_is_judged(value: object) -> None:
    found = problems(value)
    assert_told_well(found)
    assert any(one.is_error for one in found)


@given(st.data(), RESOURCES, st.text(st.characters(codec="ascii"), min_size=1, max_size=10), VALUES)
@settings(max_examples=200, deadline=None)
def test_an_unknown_member_is_told_where_it_is(data: st.DataObject, resource: Resource, key: str, value: object) -> None:
    containers = [(resource, resource["resourceType"])]
    containers += [(one[key], path) for one, key, path in of(resource) if isinstance(one[key], dict)]
    container, path = data.draw(st.sampled_from(containers))
    container[f"9{key}"] = value
    readable = problems(resource)
    assert_told_well(readable)
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:  # half of a surrogate pair: the text itself cannot be read, and nothing else is told
        assert any(one.is_error for one in readable)
    else:
        assert any(one.path.startswith(f"{path}.'9") and one.code == "structure" for one in readable)


@given(st.data(), RESOURCES)
@settings(max_examples=200, deadline=None)
def test_the_order_of_members_changes_nothing(data: st.DataObject, resource: Resource) -> None:
    container, key, _ = data.draw(st.sampled_from(of(resource)))
    container[key] = data.draw(VALUES)
    assert sorted(problems(turned(resource))) == sorted(problems(resource))


def turned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: turned(value[key]) for key in reversed(value)}
    return [turned(one) for one in value] if isinstance(value, list) else value


@given(st.lists(st.tuples(RESOURCES, st.integers(0, 10_000), VALUES), min_size=2, max_size=6))
@settings(max_examples=60, deadline=None)
def test_what_was_seen_before_changes_nothing(changes: list[tuple[Resource, int, object]]) -> None:
    for resource, at, value in changes:
        listed = of(resource)
        container, key, _ = listed[at % len(listed)]
        container[key] = value
    warm = [problems(resource) for resource, _, _ in changes]
    for (resource, _, _), found in zip(changes, warm, strict=True):
        shapes.plan_of.cache_clear()
        assert problems(resource) == found


def nested(key: str, item: Resource, depth: int) -> Any:
    value: Any = deepcopy(item)
    for _ in range(depth):
        value = {**item, key: [value]}
    return value


def test_deep_nesting_is_refused_and_not_followed() -> None:
    item = {"linkId": "1", "type": "group"}
    for depth in (structure.DEEPEST, 1_000, 50_000):
        resource = {"resourceType": "Questionnaire", "status": "draft", "item": [nested("item", item, depth)]}
        (problem,) = [one for one in problems(resource) if one.is_error]
        assert (problem.path, problem.code) == ("Questionnaire", "structure")
        taken_apart(resource)


def taken_apart(value: Any) -> None:
    """Unties what is nested too deeply for Python to forget at once."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        waiting.extend(below for below in (one.values() if isinstance(one, dict) else one) if isinstance(below, dict | list))
        one.clear()


def test_nesting_of_forty_is_followed() -> None:
    extension = {"url": "http://a"}
    deep = nested("extension", extension, 40)
    found = problems({"resourceType": "Patient", "extension": [deep]})
    path = "Patient" + ".extension[0]" * 41
    assert [one.path for one in found if one.is_error] == [path]  # the innermost has neither value nor extensions


def test_problems_are_counted_up_to_a_limit() -> None:
    many = {"resourceType": "Patient", "name": [{"nam": 1}] * 5000, **{f"x{at}": at for at in range(5000)}}
    assert 1 < len(problems(many)) <= structure.MOST + 1


def test_every_type_has_a_schema_that_its_own_name_passes() -> None:
    """A resource of nothing but its type lacks what is required, and only that."""
    for kind in definitions().resources:
        found = [one for one in problems({"resourceType": kind}) if one.is_error]
        needed = {f"{kind}.{one.name}" for one in definitions().types[kind].elements.values() if one.low}
        assert {one.path for one in found if one.code == "required"} <= needed
        assert {one.code for one in found} <= {"required", "invariant"}
