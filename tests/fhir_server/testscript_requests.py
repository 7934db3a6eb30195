"""The HTTP request of an operation of a FHIR TestScript, and the variables and fixtures that go into it.

Source: the page "Testing FHIR" of FHIR R4. Other than there, messages are JSON where nothing is said.
"""

from __future__ import annotations

import json
import re
from base64 import b64decode
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from testscript_checks import MIME, Json, Message
from testscript_paths import ScriptError, by_expression, by_path, text_of

METHOD = {
    "read": "GET", "vread": "GET", "search": "GET", "history": "GET", "capabilities": "GET", "create": "POST", "batch": "POST",
    "transaction": "POST", "update": "PUT", "updateCreate": "PUT", "patch": "PATCH", "delete": "DELETE",
    "deleteCondSingle": "DELETE", "deleteCondMultiple": "DELETE",
}  # fmt: skip
WITH_BODY = ("POST", "PUT", "PATCH")
FORM = "application/x-www-form-urlencoded"
NAMED = re.compile(r"\$\{([^}]+)\}")
PLACE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?/?(?:\?.*)?$")


@dataclass(slots=True)
class Known:
    """What a script knows while it runs. ``on_server``: fixture id -> the reference of what was made of it."""

    script: Json
    fixtures: dict[str, Message] = field(default_factory=dict)
    on_server: dict[str, str] = field(default_factory=dict)
    request: Message = field(default_factory=Message)
    response: Message | None = None


# ---------------------------------------------------------------------------------------- fixtures and variables


def fixture(known: Known, name: str) -> Message:
    """A fixture of the script, or a request or response that was kept under this id."""
    if name not in known.fixtures:
        raise ScriptError(f"there is no fixture {name}, or none yet")
    return known.fixtures[name]


def filled(known: Known, text: str) -> str:
    """The text with the value of each ``${name}``; a name that no variable has is an error."""
    return NAMED.sub(lambda found: _value(known, found[1]), text)


def _value(known: Known, name: str) -> str:
    said = next((one for one in known.script.get("variable", []) if one.get("name") == name), None)
    if said is None:
        raise ScriptError(f"there is no variable {name}")
    found = _found(known, said)
    if not found and "defaultValue" in said:
        return str(said["defaultValue"])
    if len(found) != 1:
        raise ScriptError(f"the variable {name} has {len(found)} values")
    return text_of(found[0])


def _found(known: Known, said: Json) -> list[Any]:
    """What a variable evaluates to; nothing while its source is not there."""
    if len({"expression", "headerField", "path"} & said.keys()) > 1:
        raise ScriptError(f"the variable {said['name']} has more than one of expression, headerField and path")
    source = known.fixtures.get(said["sourceId"]) if "sourceId" in said else known.response
    if source is None:
        return []
    if "headerField" in said:
        value = source.header(said["headerField"])
        return [] if value is None else [value]
    if "expression" in said or "path" in said:
        if (content := source.content) is None:
            return []
        return by_expression(content, said["expression"]) if "expression" in said else by_path(content, said["path"])
    return []


def request_of(known: Known, said: Json) -> Message:
    """The request that an operation asks for."""
    code = said.get("type", {}).get("code") or ("read" if "method" not in said else "")
    content = _source(known, said)
    method = str(said.get("method") or METHOD.get(code) or ("POST" if content is not None else "GET")).upper()
    url = _url(known, said, code, content)
    # the id of a fixture is the one that it has on the server; a script that writes the URL means what it writes
    if (
        method == "PUT"
        and not {"url", "params"} & said.keys()
        and isinstance(content, dict)
        and (place := PLACE.search(url))
    ):
        content = content | {"id": place[2]}
    body, mime = _body(said, content)
    if code == "search" and method == "POST" and content is None:
        path, _, query = url.partition("?")
        url = path.removesuffix("/_search") + "/_search"
        body, mime = query.encode(), FORM
    headers = {"Accept": MIME["json"]}
    if accept := said.get("accept"):
        headers["Accept"] = MIME.get(str(accept), str(accept))
    if method in WITH_BODY:
        headers["Content-Type"] = mime
    for one in said.get("requestHeader", []):
        headers = {name: value for name, value in headers.items() if name.lower() != one["field"].lower()}
        headers[one["field"]] = filled(known, one["value"])
    return Message(body if method in WITH_BODY else b"", headers, 0, method, url)


def _source(known: Known, said: Json) -> Any:
    """The decoded body to send; variables in its texts are filled in where the script has such variables."""
    if "sourceId" not in said:
        return None
    message = fixture(known, said["sourceId"])
    if message.content is None:
        raise ScriptError(f"the fixture {said['sourceId']} is no JSON")
    return _all_filled(known, {one.get("name", "") for one in known.script.get("variable", [])}, deepcopy(message.content))


def _all_filled(known: Known, names: set[str], value: Any) -> Any:
    if isinstance(value, str):
        return NAMED.sub(lambda found: _value(known, found[1]) if found[1] in names else found[0], value)
    if isinstance(value, dict):
        return {key: _all_filled(known, names, inner) for key, inner in value.items()}
    return [_all_filled(known, names, inner) for inner in value] if isinstance(value, list) else value


def _body(said: Json, content: Any) -> tuple[bytes, str]:
    """What is sent and its type; a patch may stand in a Binary."""
    code, kind = said.get("type", {}).get("code"), said.get("contentType")
    mime = MIME.get(str(kind), str(kind)) if kind else MIME["json"]
    if content is None:
        return b"", mime
    if code == "patch" and isinstance(content, dict) and content.get("resourceType") == "Binary":
        return b64decode(content.get("data", "")), mime if kind else str(content.get("contentType", mime))
    return json.dumps(content).encode(), mime


def _url(known: Known, said: Json, code: str, content: Any) -> str:
    if "url" in said:
        url = filled(known, said["url"])
        url = url if re.match(r"[a-z]+://", url) else "/" + url.lstrip("/")
    elif "params" in said:
        url = _with_params(said, code, filled(known, said["params"]))
    elif "targetId" in said:
        url = _of_target(known, said["targetId"], code)
    else:
        url = _without_any(known, said, code, content)
    return _encoded(url) if said.get("encodeRequestUrl", True) else url


def _with_params(said: Json, code: str, params: str) -> str:
    """``[type]`` and the params after it; what the type of the operation adds to the path is put in where it is not there."""
    path, mark, query = params.partition("?")
    if path and not path.startswith("/"):
        path, mark, query = (path and f"/{path}", mark, query) if code != "search" or "=" not in path else ("", "?", params)
    added = {"history": "/_history", "capabilities": "/metadata"}.get(
        code, "" if code in METHOD or not code else f"/${code}"
    )
    if added and added.lstrip("/") not in path.split("/"):
        path += added
    base = "" if code == "capabilities" or "resource" not in said else f"/{said['resource']}"
    return f"{base}{path}{mark}{query}" if (base + path) else f"/{mark}{query}"


def _of_target(known: Known, name: str, code: str) -> str:
    """The URL of what a fixture became on the server, or of the resource of a response."""
    place = PLACE.search(known.on_server.get(name, ""))
    content = None if place else fixture(known, name).content
    if not place and isinstance(content, dict) and content.get("resourceType") == "Bundle" and content.get("entry"):
        content = content["entry"][0].get("resource")
    if place:
        kind, id_, version = place.groups()
    elif isinstance(content, dict) and "id" in content:
        kind, id_, version = content.get("resourceType", ""), content["id"], content.get("meta", {}).get("versionId")
    else:
        raise ScriptError(f"the fixture {name} has no id on the server")
    if code == "vread":
        if not version:
            raise ScriptError(f"the fixture {name} has no version")
        return f"/{kind}/{id_}/_history/{version}"
    added = "/_history" if code == "history" else "" if code in METHOD or not code else f"/${code}"
    return f"/{kind}/{id_}{added}"


def _without_any(known: Known, said: Json, code: str, content: Any) -> str:
    """The URL of an operation that has neither url, params nor targetId."""
    kind = said.get("resource") or (content.get("resourceType", "") if isinstance(content, dict) else "")
    if code == "capabilities":
        return "/metadata"
    if code in ("batch", "transaction"):
        return "/"
    if code in ("update", "updateCreate", "patch"):
        if said.get("sourceId") in known.on_server:
            return _of_target(known, said["sourceId"], code)
        if not (kind and isinstance(content, dict) and "id" in content):
            raise ScriptError(f"{code} has no id to act on")
        return f"/{kind}/{content['id']}"
    if code in ("create", "search"):
        return f"/{kind}"
    if code == "history":
        return f"/{kind}/_history" if kind else "/_history"
    if code in METHOD or not code:
        raise ScriptError(f"the operation {code or 'without type'} has neither url, params nor targetId")
    return (f"/{said['resource']}" if "resource" in said else "") + f"/${code}"


def _encoded(url: str) -> str:
    """Percent-encoded for HTTP; what is encoded already stays, and a plus is a plus."""
    path, mark, query = url.partition("?")
    path = quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", path), safe="%/:@!$&'()*+,;=~")
    return path + mark + quote(re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", query), safe="%/:@!$&'()*,;=?~")
