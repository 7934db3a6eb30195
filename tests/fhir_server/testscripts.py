"""Runs FHIR R4 TestScript resources: fixtures, variables, setup, tests and teardown, against any client that makes requests.

Sources: the page of the resource TestScript and "Testing FHIR" of FHIR R4. Other than there, messages are JSON where nothing is said.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from testscript_checks import Json, Message, checked
from testscript_paths import ScriptError
from testscript_requests import PLACE, WITH_BODY, Known, filled, fixture, request_of


class Client(Protocol):
    """What makes the requests; ``url``: a path below the server's base, or a whole URL where the script gives one."""

    def request(
        self, method: str, url: str, headers: Mapping[str, str], content: bytes | None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body."""


class Status(StrEnum):
    """How an action ended. ``WARNING``: it failed where that is allowed. ``SKIP``: it was not tried."""

    PASS = "pass"
    FAIL = "fail"
    WARNING = "warning"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a script. ``part``: fixture, setup, teardown or the name of the test; ``at``: counted from 1."""

    part: str
    at: int
    kind: str
    label: str
    status: Status
    message: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of each action of a script, in order."""

    name: str
    actions: tuple[Action, ...]

    @property
    def is_passed(self) -> bool:
        """Nothing failed, and something was tried."""
        return not self.failures and any(action.status is Status.PASS for action in self.actions)

    @property
    def failures(self) -> list[Action]:
        """The actions that failed."""
        return [action for action in self.actions if action.status is Status.FAIL]


@dataclass(slots=True)
class _State:
    """A script under way."""

    script: Json
    client: Client
    known: Known
    actions: list[Action] = field(default_factory=list)


def run(script: Json, client: Client, fixtures: Mapping[str, Json] | None = None) -> Result:
    """Every action of a TestScript, tried in order against ``client``.

    ``fixtures``: what the references of the script's fixtures mean, by the reference or by its fixture id; contained resources
    need no mention. A failed setup skips the tests, a failed action the rest of its test; teardown is always tried and fails nothing.
    """
    state = _State(script, client, Known(script))
    is_ready = _fixtures_are_loaded(state, fixtures or {})
    is_ready = _run_part(state, "setup", script.get("setup", {}).get("action", []), is_ready) and is_ready
    for number, test in enumerate(script.get("test", []), 1):
        _run_part(state, test.get("name") or test.get("id") or f"test {number}", test.get("action", []), is_ready)
    _run_part(state, "teardown", script.get("teardown", {}).get("action", []), True)
    for one in script.get("fixture", []):
        if one.get("autodelete") and one.get("id") in state.known.on_server:
            _attempt(state, "teardown", 0, {"operation": {"type": {"code": "delete"}, "targetId": one["id"]}}, None)
    return Result(script.get("name") or script.get("id") or "", tuple(state.actions))


def _fixtures_are_loaded(state: _State, given: Mapping[str, Json]) -> bool:
    contained = {f"#{one.get('id')}": one for one in state.script.get("contained", [])}
    is_ready = True
    for number, one in enumerate(state.script.get("fixture", []), 1):
        name, reference = one.get("id", ""), one.get("resource", {}).get("reference", "")
        found = contained.get(reference) or given.get(reference) or given.get(name)
        if found is None:
            said = f"there is no resource for {reference or 'a fixture without reference'}"
            state.actions.append(Action("fixture", number, "fixture", name, Status.FAIL, said))
            is_ready = False
            continue
        state.known.fixtures[name] = Message(json.dumps(found).encode())
        if one.get("autocreate"):
            making = {"operation": {"type": {"code": "create"}, "sourceId": name, "label": name}}
            is_ready &= _attempt(state, "fixture", number, making, None) is not Status.FAIL
    return is_ready


def _run_part(state: _State, part: str, actions: Sequence[Json], is_ready: bool) -> bool:
    """The actions until one fails (in teardown all); whether none did."""
    for at, action in enumerate(actions, 1):
        if not is_ready:
            state.actions.append(Action(part, at, _kind(action), _label(action), Status.SKIP, "something before it failed"))
            continue
        following = actions[at] if at < len(actions) else None
        is_ready = _attempt(state, part, at, action, following) is not Status.FAIL
    return is_ready


def _attempt(state: _State, part: str, at: int, action: Json, following: Json | None) -> Status:
    kind, is_assert = _kind(action), "assert" in action
    status, said = Status.PASS, ""
    try:
        if ("operation" in action) == is_assert:
            raise ScriptError("an action is one operation or one assert")
        if is_assert and "validateProfileId" in action["assert"]:
            status, said = Status.SKIP, "validation against a profile is not tried"
        else:
            told = action[kind]
            said = _asserted(state.known, told) if is_assert else _operated(state, told, following)
            status = Status.FAIL if said else Status.PASS
    except ScriptError as error:
        status, said = Status.FAIL, f"the script: {error}"
    except Exception as error:  # whatever the client under test raises is a failure of it
        status, said = Status.FAIL, f"{type(error).__name__}: {error}"
    may_fail = part == "teardown" or (is_assert and action["assert"].get("warningOnly"))
    if status is Status.FAIL and may_fail:
        status = Status.WARNING
    state.actions.append(Action(part, at, kind, _label(action), status, said))
    return status


def _kind(action: Json) -> str:
    return "assert" if "assert" in action else "operation"


def _label(action: Json) -> str:
    said = action.get("assert") or action.get("operation") or {}
    return str(said.get("label") or said.get("description") or said.get("type", {}).get("code", ""))


# ------------------------------------------------------------------------------------------- operations and asserts


def _operated(state: _State, said: Json, following: Json | None) -> str:
    """Makes the request of an operation and keeps both messages; why it failed, if it did."""
    if "origin" in said and len(state.script.get("origin", [])) > 1:
        raise ScriptError("requests that another system makes are not waited for")
    known, request = state.known, request_of(state.known, said)
    sent = request.body if request.method in WITH_BODY else None
    status, headers, body = state.client.request(request.method, request.url, dict(request.headers), sent)
    known.request, known.response = request, Message(bytes(body), dict(headers), status)
    for name, message in (("requestId", known.request), ("responseId", known.response)):
        if name in said:
            known.fixtures[said[name]] = message
            known.on_server.pop(said[name], None)
    if status < 400 and request.method in ("POST", "PUT"):
        _remember_place(known, known.response, said)
    if status >= 400 and (following is None or "assert" not in following):
        return f"{request.method} {request.url} answered {status}, and no assert follows that expects it"
    return ""


def _remember_place(known: Known, response: Message, said: Json) -> None:
    """Where on the server that which was sent now lies, from the header Location or from the body."""
    content, place = response.content, PLACE.search(response.header("location") or "")
    if place:
        reference = f"{place[1]}/{place[2]}" + (f"/_history/{place[3]}" if place[3] else "")
    elif (
        isinstance(content, dict)
        and "id" in content
        and content.get("resourceType") not in (None, "Bundle", "OperationOutcome")
    ):
        version = content.get("meta", {}).get("versionId")
        reference = f"{content['resourceType']}/{content['id']}" + (f"/_history/{version}" if version else "")
    else:
        return
    for name in (said.get("sourceId"), said.get("responseId")):
        if name:
            known.on_server[name] = reference


def _asserted(known: Known, said: Json) -> str:
    """Why an assert does not hold; empty when it does."""
    is_of_request = said.get("direction") == "request"
    if is_of_request and {"response", "responseCode"} & said.keys():
        raise ScriptError("a request has no response code")
    if "sourceId" in said:
        about = fixture(known, said["sourceId"])
    elif known.response is None:
        raise ScriptError("no operation came before the assert")
    else:
        about = known.request if is_of_request else known.response
    return checked(said, about, known.request, lambda name: fixture(known, name), lambda text: filled(known, text))
