"""Binary in its own media type, as https://hl7.org/fhir/R4/binary.html#rest says: written, read, and harmless to a browser."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from serving import Server, served

from nof1.server.access import new_token
from nof1.store.audit import events
from nof1.store.database import opened

FHIR = "application/fhir+json"
PDF = b"%PDF-1.4\n\x00\xff\xfe not text" * 100
PATIENT = b'{"resourceType":"Patient","name":[{"family":"Moll"}]}'
Json = dict[str, Any]
Answer = tuple[int, dict[str, str], bytes]


def ask(server: Server, method: str, url: str, body: bytes = b"", **headers: str) -> Answer:
    return server.request(method, url, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def stored(server: Server, body: bytes = PDF, media: str = "application/pdf", **headers: str) -> str:
    """The path of a new Binary."""
    status, told, answer = ask(server, "POST", "/Binary", body, content_type=media, **headers)
    assert status == 201 and answer == b"", answer
    return told["location"].removeprefix(server.base).partition("/_history")[0]


def resource(server: Server, path: str) -> Json:
    status, told, body = ask(server, "GET", path, accept=FHIR)
    assert status == 200 and told["content-type"].startswith(FHIR)
    found: Json = json.loads(body)
    return found


def test_bytes_become_a_resource_and_come_back_as_they_were(server: Server):
    path = stored(server, x_security_context="Patient/somebody")
    found = resource(server, path)
    assert found["contentType"] == "application/pdf" and base64.b64decode(found["data"]) == PDF
    assert found["securityContext"] == {"reference": "Patient/somebody"}
    status, told, body = ask(server, "GET", path, accept="application/pdf")
    assert (status, body, told["content-type"]) == (200, PDF, "application/pdf")
    assert told["x-security-context"] == "Patient/somebody"
    assert told["etag"] == 'W/"1"' and told["last-modified"].endswith("GMT")
    status, told, body = ask(server, "HEAD", path, accept="application/pdf", accept_encoding="identity")
    assert (status, body, told["content-length"]) == (200, b"", str(len(PDF)))
    assert ask(server, "GET", path, accept="*/*", if_none_match='W/"1"')[0] == 304


@pytest.mark.parametrize("media", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/html; charset=utf-7"])
def test_a_stored_page_does_not_run_in_a_browser(server: Server, media: str):
    _, told, body = ask(server, "GET", stored(server, b"<script>alert(1)</script>", media), accept="text/html,*/*;q=0.8")
    assert body == b"<script>alert(1)</script>"
    assert told["content-type"] == media
    assert told["content-disposition"] == "attachment" and told["x-content-type-options"] == "nosniff"
    assert told["content-security-policy"].startswith("sandbox")


ASKED = [  # what is stored, Accept, whether the content comes
    ("application/pdf", "*/*", True),
    ("application/pdf", "application/pdf", True),
    ("application/pdf", "application/*", True),
    ("application/pdf", "image/png", True),  # another type: the content with the type that it has
    ("application/pdf", FHIR, False),
    ("application/pdf", f"application/pdf, {FHIR};q=0.1", False),
    ("application/pdf", "application/json", False),
    ("application/pdf", "application/json, text/plain, */*", False),
    ("application/vnd.xacml+json", "application/json", True),
    (FHIR, FHIR, False),
    (FHIR, "*/*", True),
]


@pytest.mark.parametrize(("media", "accept", "is_content"), ASKED)
def test_who_asks_for_the_resource_gets_it_and_others_the_content(server: Server, media: str, accept: str, is_content: bool):
    path = stored(server, PATIENT, media)
    status, told, body = ask(server, "GET", path, accept=accept)
    assert status == 200
    assert (body == PATIENT and told["content-type"] == media) == is_content
    assert is_content or json.loads(body)["resourceType"] == "Binary"


def test_format_goes_before_accept_and_means_fhir(server: Server):
    path = stored(server)
    for form in ("json", "application/json", "application/fhir%2Bjson"):
        assert json.loads(ask(server, "GET", f"{path}?_format={form}", accept="*/*")[2])["resourceType"] == "Binary"
    assert ask(server, "GET", f"{path}?_format=application/pdf")[0] == 406
    assert ask(server, "GET", f"{path}?_format=xml", accept="*/*")[0] == 406
    assert ask(server, "GET", path, accept="application/fhir+xml")[0] == 406
    assert ask(server, "GET", "/Patient", accept="image/png")[0] == 406  # of no other type


def test_update_makes_the_next_version_and_old_ones_are_read_natively(server: Server):
    path = stored(server)
    status, told, body = ask(server, "PUT", path, b"two", content_type="text/plain; charset=utf-8", if_match='W/"1"')
    assert (status, body) == (200, b"") and told["etag"] == 'W/"2"'
    assert ask(server, "GET", path)[1]["content-type"] == "text/plain; charset=utf-8"
    assert ask(server, "GET", f"{path}/_history/1")[2] == PDF
    assert ask(server, "PUT", path, b"three", content_type="text/plain", if_match='W/"1"')[0] == 412
    assert ask(server, "PUT", "/Binary/my.own", b"mine", content_type="text/plain", prefer="return=representation")[0] in (
        200,
        201,
    )
    assert resource(server, "/Binary/my.own")["data"] == base64.b64encode(b"mine").decode()
    assert ask(server, "DELETE", path)[0] == 204
    assert ask(server, "GET", path)[0] == 410


def test_a_binary_as_json_is_a_resource_and_any_other_json_is_content(server: Server):
    own = {"resourceType": "Binary", "contentType": "text/plain", "data": base64.b64encode(b"x").decode()}
    status, _, body = ask(server, "POST", "/Binary", json.dumps(own).encode(), content_type=FHIR)
    assert status == 201 and json.loads(body)["contentType"] == "text/plain"
    assert ask(server, "GET", f"/Binary/{json.loads(body)['id']}")[2] == b"x"
    assert resource(server, stored(server, PATIENT, FHIR))["contentType"] == FHIR
    (entry,) = json.loads(ask(server, "GET", f"/Binary?_id={json.loads(body)['id']}")[2])["entry"]
    assert entry["resource"]["data"] == own["data"]  # in a bundle it is always the resource


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x", {}, 415),
        (b"x", {"content_type": "nonsense"}, 415),
        (b"x", {"content_type": "text/plain\t; a=b"}, 415),
        (b"", {"content_type": "text/plain"}, 400),
        (b"{", {"content_type": FHIR}, 400),
        (b'{"resourceType":"Binary","data":"eA=="}', {"content_type": FHIR}, 422),
        (b'{"resourceType":"Binary","contentType":"text/plain\\nx-evil: 1","data":"eA=="}', {"content_type": FHIR}, 422),
        (b"x", {"content_type": "text/plain", "x_security_context": "no reference at all"}, 422),
    ],
)
def test_what_is_refused(server: Server, body: bytes, headers: dict[str, str], status: int):
    found, told, answer = ask(server, "POST", "/Binary", body, **headers)
    assert (found, json.loads(answer)["resourceType"]) == (status, "OperationOutcome"), answer
    assert told["content-type"].startswith(FHIR)


def test_what_no_header_can_hold_is_told_as_bytes(server: Server):
    own = {"resourceType": "Binary", "contentType": "text/pläin", "data": "eA=="}
    status, _, body = ask(server, "POST", "/Binary", json.dumps(own).encode(), content_type=FHIR)
    assert status == 201
    _, told, body = ask(server, "GET", f"/Binary/{json.loads(body)['id']}")
    assert body == b"x" and told["content-type"] == "application/octet-stream"


def test_twenty_megabytes(server: Server):
    whole = bytes(range(256)) * 80_000
    assert ask(server, "GET", stored(server, whole, "application/dicom"))[2] == whole


@pytest.fixture(scope="module")
def tokens() -> dict[str, tuple[str, str]]:
    return {role: new_token(f"the {role}", role) for role in ("read", "write")}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, tokens: Any) -> Iterator[tuple[Server, Path]]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens.txt").write_text("\n".join(line for _, line in tokens.values()))
    with served(folder, "--tokens", str(folder / "tokens.txt"), "--body", "1") as one:
        yield one, folder


def test_roles_size_and_audit_are_those_of_any_resource(guarded: tuple[Server, Path], tokens: Any):
    server, folder = guarded
    read, write = ({"authorization": f"Bearer {tokens[role][0]}"} for role in ("read", "write"))
    assert ask(server, "POST", "/Binary", b"x", content_type="text/plain")[0] == 401
    assert ask(server, "POST", "/Binary", b"x", content_type="text/plain", **read)[0] == 403
    assert ask(server, "POST", "/Binary", b"x" * 2_000_000, content_type="text/plain", **write)[0] == 413
    path = stored(server, b"secret words", "text/plain", **write)
    assert ask(server, "GET", path, accept="text/plain")[0] == 401
    assert ask(server, "GET", path, accept="text/plain", **read)[2] == b"secret words"
    store = opened(str(folder / "r.sqlite"))
    with store.read_audit() as r:
        kept = [json.loads(one.body) for one in events(r, count=1000)]
    store.close()
    told = [(one["subtype"][0]["code"], one["entity"][0]["what"]["reference"], one["outcome"]) for one in kept]
    assert [one[::2] for one in told] == [("create", "4"), ("create", "4"), ("create", "0"), ("read", "4"), ("read", "0")]
    assert told[-1][1] == path.strip("/")
    assert "secret" not in json.dumps(kept) and base64.b64encode(b"secret words").decode() not in json.dumps(kept)
