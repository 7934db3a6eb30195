"""Who is let in, how much, and what the audit keeps of it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from serving import Server, served

from nof1.errors import RequestError
from nof1.server.access import new_token, read_issuer, read_tokens
from nof1.server.serve import Settings, checked
from nof1.store.audit import events, verify
from nof1.store.database import opened

ISSUER, AUDIENCE = "https://issuer.example.org", "nof1"
PATIENT = b'{"resourceType":"Patient","name":[{"family":"Secret"}]}'
FHIR = {"content-type": "application/fhir+json"}


@pytest.fixture(scope="module")
def tokens() -> dict[str, tuple[str, str]]:
    return {role: new_token(f"the {role}", role) for role in ("read", "write", "admin")}  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def signer() -> tuple[Any, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return key, json.dumps({"keys": [{**public, "kid": "one", "alg": "RS256", "use": "sig"}]})


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, tokens: Any, signer: Any) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("guarded")
    (folder / "tokens.txt").write_text("# who may\n" + "\n".join(line for _, line in tokens.values()))
    (folder / "keys.json").write_text(signer[1])
    outside = ("--issuer", ISSUER, "--audience", AUDIENCE, "--keys", str(folder / "keys.json"))
    with served(folder, "--tokens", str(folder / "tokens.txt"), *outside, "--body", "1") as one:
        yield one


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def signed(key: Any, **claims: Any) -> str:
    whole = {"iss": ISSUER, "aud": AUDIENCE, "sub": "dr", "exp": time.time() + 60, "roles": ["read"], **claims}
    return jwt.encode({name: value for name, value in whole.items() if value is not None}, key, "RS256", {"kid": "one"})


def test_without_a_token_nothing_but_the_capabilities_is_told(guarded: Server):
    status, headers, body = guarded.request("GET", "/Patient", {}, b"")
    assert status == 401 and headers["www-authenticate"].startswith("Bearer") and b"OperationOutcome" in body
    assert guarded.request("GET", "/Patient", bearer("nof1_wrong"), b"")[0] == 401
    assert guarded.request("GET", "/metadata", {}, b"")[0] == 200


def test_roles(guarded: Server, tokens: Any):
    may = {role: bearer(token) for role, (token, _) in tokens.items()}
    for role, status in (("read", 403), ("write", 201), ("admin", 201)):
        assert guarded.request("POST", "/Patient", {**FHIR, **may[role]}, PATIENT)[0] == status, role
    for role, status in (("read", 200), ("write", 200)):
        assert guarded.request("GET", "/Patient?name=Secret", may[role], b"")[0] == status, role
    for role, status in (("read", 403), ("write", 403), ("admin", 202)):
        assert guarded.request("GET", "/$export", may[role], b"")[0] == status, role
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert guarded.request("POST", "/Patient/_search", {**form, **may["read"]}, b"name=Secret")[0] == 200


def test_tokens_of_an_outside_issuer(guarded: Server, signer: Any):
    key, other = signer[0], rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert guarded.request("GET", "/Patient", bearer(signed(key)), b"")[0] == 200
    assert guarded.request("POST", "/Patient", {**FHIR, **bearer(signed(key))}, PATIENT)[0] == 403
    assert guarded.request("POST", "/Patient", {**FHIR, **bearer(signed(key, roles="read write"))}, PATIENT)[0] == 201
    for wrong in (signed(other), signed(key, aud="else"), signed(key, iss="else"), signed(key, exp=time.time() - 5)):
        assert guarded.request("GET", "/Patient", bearer(wrong), b"")[0] == 401
    assert guarded.request("GET", "/Patient", bearer(signed(key, roles=None)), b"")[0] == 403
    assert guarded.request("GET", "/Patient", bearer(signed(key, exp=None)), b"")[0] == 401
    unsigned = jwt.encode(
        {"iss": ISSUER, "aud": AUDIENCE, "sub": "x", "exp": time.time() + 60, "roles": ["admin"]}, "", "none"
    )
    assert guarded.request("GET", "/Patient", bearer(unsigned), b"")[0] == 401


def test_a_body_that_is_too_long_is_refused(guarded: Server, tokens: Any):
    status, _, body = guarded.request("POST", "/Patient", {**FHIR, **bearer(tokens["write"][0])}, b"x" * (1024 * 1024 + 1))
    assert status == 413 and b"too-long" in body


def test_every_access_is_audited_before_it_is_answered_and_no_patient_is_in_the_log(guarded: Server, tokens: Any):
    folder = guarded.log.parent
    store = opened(str(folder / "r.sqlite"))
    try:
        with store.read_audit() as r:
            before = len(events(r, count=100_000))
        _, headers, _ = guarded.request("POST", "/Patient", {**FHIR, **bearer(tokens["write"][0])}, PATIENT)
        guarded.request("GET", "/Patient?name=Secret", bearer(tokens["read"][0]), b"")
        guarded.request("GET", "/Patient/none", bearer(tokens["read"][0]), b"")
        with store.read_audit() as r:
            told = [json.loads(one.body) for one in events(r, count=100_000)][before:]
            assert verify(r) is None
    finally:
        store.close()
    name = headers["location"].split("/_history")[0].rsplit("/", 2)[1:]
    kept = [(one["subtype"][0]["code"], one["action"], one["outcome"]) for one in told]
    assert kept == [("create", "C", "0"), ("search", "E", "0"), ("read", "R", "4")]
    assert told[0]["entity"][0]["what"]["reference"] == "/".join(name)
    assert told[0]["agent"][0]["who"]["display"] == "the write"
    assert base64.b64decode(told[1]["entity"][0]["query"]) == b"name=Secret"
    assert "Secret" not in guarded.log.read_text()


def test_beyond_loopback_only_with_tokens():
    with pytest.raises(RequestError, match=r"0\.0\.0\.0 can be reached by others"):
        checked(Settings("record.sqlite", host="0.0.0.0"))
    for command in (["--host", "0.0.0.0"], ["--tokens", "none.txt"], ["--issuer", "x"]):
        found = subprocess.run(
            [sys.executable, "-c", "from nof1.cli.main import run; run()", "serve", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        assert found.returncode == 2 and found.stderr.count("\n") == 1, found.stderr


def test_files_of_tokens_and_keys_that_are_none(tmp_path: Path):
    for text, said in (("", "holds none"), ("abc read x", "line 1"), ("#\n" + "0" * 64 + " king x", "line 2")):
        (tmp_path / "t").write_text(text)
        with pytest.raises(RequestError, match=said):
            read_tokens(tmp_path / "t")
    (tmp_path / "k").write_text("{}")
    with pytest.raises(RequestError, match="no key set"):
        read_issuer(ISSUER, AUDIENCE, tmp_path / "k")


def test_more_than_the_rate_is_told_to_wait(tmp_path: Path):
    with served(tmp_path, "--rate", "1") as one:
        found = [one.request("GET", "/Patient", {}, b"") for _ in range(110)]
    late = [headers for status, headers, _ in found if status == 429]
    assert late and all(int(headers["retry-after"]) >= 1 for headers in late)
