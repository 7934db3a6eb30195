"""Requests that a server must survive, made of spoilt resources, bundles, patches, searches, headers, paths."""

from __future__ import annotations

import base64
import gzip
import json
import random
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

from fuzz_mutations import bytes_of, odd, respelt, spoilt, written
from fuzz_queries import query
from server_seeds import HEADERS, IDS, KINDS, METHODS, PATCHES, RESOURCES, SEGMENTS, Json

from nof1.fhir.definitions import definitions

_FHIR = ("content-type", "application/fhir+json")


class Case(NamedTuple):
    """One request: what it is meant to hurt, then as it goes over the line. ``target``: path and query, as raw text."""

    about: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


def cases(seed: int, number: int) -> Iterator[Case]:
    """``number`` requests, the same for the same seed."""
    rng = random.Random(seed)
    makers = (
        *(_write,) * 26,
        *(_patch,) * 8,
        *(_bundle,) * 16,
        *(_search,) * 30,
        *(_path,) * 10,
        *(_cursor,) * 4,
        *(_conditional,) * 8,
        *(_operation,) * 6,
    )
    for at in range(number):
        if at % 1500 == 700:
            found = _many(rng)
        else:
            found = _export(rng) if at % 200 == 60 else _import(rng) if at % 100 == 90 else rng.choice(makers)(rng)
        yield _with_headers(found, rng) if rng.random() < 0.2 else found


def _kind(rng: random.Random) -> str:
    return rng.choice(KINDS) if rng.random() < 0.9 else rng.choice(sorted(definitions().resources))


def _resource(rng: random.Random, name: str = "") -> Json:
    found = dict(rng.choice(RESOURCES))
    return {**found, "id": name} if name else found


def _write(rng: random.Random) -> Case:
    name = rng.choice(IDS)
    resource = _resource(rng, name)
    kind = resource["resourceType"] if rng.random() < 0.95 else _kind(rng)
    method, target = rng.choice((("POST", f"/{kind}"), ("PUT", f"/{kind}/{name}"), ("POST", f"/{kind}/$validate")))
    return Case("write", method, target, (_FHIR,), bytes_of(resource, rng))


def _patch(rng: random.Random) -> Case:
    target = f"/{_kind(rng)}/{rng.choice(IDS)}" if rng.random() < 0.9 else f"/Patient?_id={rng.choice(IDS)}"
    media = ("content-type", rng.choice(("application/json-patch+json", "application/json-patch+json", "application/json")))
    return Case("patch", "PATCH", target, (media,), bytes_of(rng.choice(PATCHES), rng))


def _entry(rng: random.Random, depth: int = 0) -> Json:
    name = rng.choice(IDS)
    resource = _resource(rng, name)
    kind = resource["resourceType"]
    method = rng.choice(("POST", "PUT", "PUT", "GET", "DELETE", "PATCH"))
    url = kind if method == "POST" else f"{kind}/{name}"
    if rng.random() < 0.08:
        url = rng.choice(
            ("http://[", "//[::1", "?", "", "/", "Patient?_id=p0", "Patient?", "Patient/p0/_history", "_history", "metadata",
             "$export", "Patient/p0/$everything", "Patient/p0/$nof1-assess", "%00", "Patient/%00", "http://x.example/Patient",
             "Patient?name=%ff", "Patient/../..", "Patient/" + "a" * 3000, "\0", "Patient\n", "Patient?_count=" + "9" * 5000)
        )  # fmt: skip
    entry: Json = {
        "fullUrl": rng.choice(("", "", "", f"urn:uuid:{rng.randrange(9)}", f"http://x/{kind}/{name}", "Patient?_id=p0"))
    }
    entry["request"] = {"method": method, "url": url}
    if rng.random() < 0.1:
        key = rng.choice(("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist"))
        entry["request"][key] = rng.choice(
            HEADERS[f"if-{key[2:].lower()}"] if key == "ifMatch" else HEADERS["if-none-exist"]
        )
    if rng.random() < 0.3:
        said = rng.choice(
            ("urn:uuid:1", "urn:uuid:2", "Patient?_id=p0", "Patient?identifier=urn:test|1", "Basic?", "Nothing?x=y")
        )
        resource["subject"] = resource["author"] = {"reference": said}
    if method in ("POST", "PUT"):
        entry["resource"] = resource
    elif method == "PATCH":
        data = base64.b64encode(bytes_of(rng.choice(PATCHES), rng)).decode()
        entry["resource"] = {"resourceType": "Binary", "contentType": "application/json-patch+json", "data": data}
    if depth < 3 and rng.random() < 0.03:
        return {"request": {"method": "POST", "url": rng.choice(("", "/"))}, "resource": _whole(rng, depth + 1)}
    return entry


def _whole(rng: random.Random, depth: int = 0) -> Json:
    kind = rng.choice((*("transaction", "batch") * 6, "history", ""))
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [_entry(rng, depth) for _ in range(rng.choice((0, 1, 2, 3, 6)))],
    }


def _bundle(rng: random.Random) -> Case:
    body = written(_whole(rng), rng) if rng.random() < 0.5 else bytes_of(_whole(rng), rng)
    return Case("bundle", "POST", rng.choice(("", "/")), (_FHIR,), body)


def _many(rng: random.Random) -> Case:
    """Thousands of entries, or bundles in bundles a hundred deep."""
    match rng.randrange(4):
        case 0:
            number = rng.choice((3000, 3000, 30_000))
            entries = [{"request": {"method": "GET", "url": f"Patient/p{at % 9}"}} for at in range(number)]
            whole: Json = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        case 1:
            basic = {"resourceType": "Basic", "code": {"text": "x"}}
            entries = [{"resource": basic, "request": {"method": "POST", "url": "Basic"}} for _ in range(2000)]
            whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        case 2:
            entries = [
                {
                    "fullUrl": f"urn:uuid:{at}",
                    "request": {"method": "POST", "url": "Basic"},
                    "resource": {
                        "resourceType": "Basic",
                        "code": {"text": "x"},
                        "subject": {"reference": f"urn:uuid:{(at + 1) % 1000}"},
                        "author": {"reference": f"Patient?_id=p{at % 8}"},
                    },
                }
                for at in range(1000)
            ]
            whole = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        case _:
            whole = {"resourceType": "Bundle", "type": "batch", "entry": []}
            for _ in range(rng.choice((30, 100, 200))):
                inner = {"request": {"method": "POST", "url": ""}, "resource": whole}
                whole = {"resourceType": "Bundle", "type": "batch", "entry": [inner]}
    return Case("many", "POST", "", (_FHIR,), json.dumps(whole).encode())


def _search(rng: random.Random) -> Case:
    kind = _kind(rng)
    asked = query(kind, rng)
    match rng.randrange(8):
        case 0:
            form = ("content-type", "application/x-www-form-urlencoded")
            body = asked.encode("latin-1", "replace")
            return Case("search", "POST", f"/{kind}/_search", (form,), spoilt(body, rng) if rng.random() < 0.2 else body)
        case 1:
            where = rng.choice((f"/Patient/{rng.choice(IDS)}/{kind}", f"/Encounter/p1/{kind}", "/Patient/p0/*", ""))
        case 2:
            where = rng.choice(
                ("/_history", f"/{kind}/_history", f"/{kind}/{rng.choice(IDS)}/_history", "/Patient/p0/$everything")
            )
        case 3:
            where = f"/{kind}/{rng.choice(IDS)}"
        case _:
            where = f"/{kind}"
    return Case("search", "GET", f"{where}?{asked}", (("prefer", "handling=lenient"),) if rng.random() < 0.2 else ())


def _cursor(rng: random.Random) -> Case:
    forged: Any = [
        rng.choice((0, 5, 2**62, -1, 10**30, "x")),
        rng.choice(("", "clinical-date", "x", "\0")),
        [odd(rng)],
        rng.choice((0, 7, -1, "x")),
    ]
    text = written(respelt(forged, rng) if rng.random() < 0.5 else forged, rng)[:3000]
    after = base64.urlsafe_b64encode(text).decode().rstrip("=")
    after = rng.choice((after, after, after[:-2], "x", "====", "é", quote(text[:200]), "A" * 9000))
    where = rng.choice(("Patient", "Observation", "Patient/p0/$everything", "Patient/p0/*", "Basic"))
    sort = rng.choice(("", "&_sort=_id", "&_sort=-date", "&_sort=_lastUpdated", "&_count=1"))
    return Case("cursor", "GET", f"/{where}?_after={quote(after)}{sort}")


def _path(rng: random.Random) -> Case:
    known = [_kind(rng), rng.choice(IDS), rng.choice(SEGMENTS), rng.choice(SEGMENTS), rng.choice(SEGMENTS)]
    rng.shuffle(known)
    path = "/" + "/".join(known[: rng.choice((1, 1, 2, 2, 3, 4))])
    if rng.random() < 0.5:
        path = f"/{_kind(rng)}{path}"
    body = bytes_of(_resource(rng), rng) if rng.random() < 0.3 else b""
    return Case("path", rng.choice(METHODS), path, (_FHIR,) if body else (), body)


def _conditional(rng: random.Random) -> Case:
    resource = _resource(rng, rng.choice(IDS) if rng.random() < 0.5 else "")
    kind = resource["resourceType"]
    match rng.randrange(3):
        case 0:
            condition = ("if-none-exist", rng.choice(HEADERS["if-none-exist"]))
            return Case("conditional", "POST", f"/{kind}", (_FHIR, condition), bytes_of(resource, rng))
        case 1:
            return Case("conditional", "PUT", f"/{kind}?{query(kind, rng)}", (_FHIR,), bytes_of(resource, rng))
        case _:
            return Case("conditional", "DELETE", f"/{kind}?{query(kind, rng)}")


def _operation(rng: random.Random) -> Case:
    """Parameters of operations, and deletions by id."""
    match rng.randrange(3):
        case 0:
            held = {"name": "resource", "resource": _resource(rng)}
            whole = {"resourceType": "Parameters", "parameter": [held]}
            body = bytes_of(whole, rng) if rng.random() < 0.3 else written(respelt(whole, rng, 2), rng)
            return Case("operation", "POST", f"/{rng.choice(KINDS)}/$validate", (_FHIR,), body)
        case 1:
            where = rng.choice(
                (f"/Patient/{rng.choice(IDS)}/$nof1-assess", "/Patient/%00/$nof1-assess", "/Patient/$everything")
            )
            return Case("operation", rng.choice(("POST", "GET")), f"{where}?{query('Patient', rng)}", (_FHIR,), b"{}")
        case _:
            return Case("operation", "DELETE", f"/{_kind(rng)}/{rng.choice(IDS)}")


def _export(rng: random.Random) -> Case:
    name = rng.choice(("0" * 32, "f" * 32, "..", "%2e%2e", "x", "0" * 500, "%00" * 16))
    target = rng.choice(
        ("/$export", "/Patient/$export", "/Group/p0/$export", "/Group/$export", "/Nothing/$export", "/a/b/c/$export",
         "/Group/%00/$export", "/Group/" + "x" * 3000 + "/$export", f"/$export-status/{name}", f"/$export-files/{name}/Patient.ndjson",
         f"/$export-files/{'0' * 32}/{'A' * 300}.ndjson", f"/$export-files/{name}/..%2fexport.json", "/$export-files", "/$export-status/a/b")
    )  # fmt: skip
    asked = rng.choice(
        ("", "?_type=Patient", "?_type=" + "x" * 5000, "?_since=soon", "?_type=%00", "?_outputFormat=%ff", "?x=y")
    )
    return Case("export", rng.choice(("GET", "GET", "POST", "DELETE", "PUT")), target + asked)


def _import(rng: random.Random) -> Case:
    """Of what is not in the import folder, or not at all meant as a name; and packed bodies."""
    if rng.random() < 0.4:
        whole = bytes_of(_resource(rng), rng) if rng.random() < 0.9 else b" " * 80_000_000
        packed = gzip.compress(whole, 1)
        headers = (_FHIR, ("content-encoding", rng.choice(("gzip", "gzip", "GZIP", "gzip, gzip", "deflate"))))
        return Case("packed", "POST", "/Basic/$validate", headers, spoilt(packed, rng) if rng.random() < 0.4 else packed)
    name = rng.choice(
        ("..", "/etc/passwd", "../../etc", "", ".", "x" * 300, "x/" * 3000, "\0", "one.json", "*", "~", odd(rng))
    )
    whole = {"resourceType": "Parameters", "parameter": [{"name": "source", "valueString": name}]}
    body = written(whole, rng) if rng.random() < 0.6 else bytes_of(whole, rng)
    target = rng.choice(
        ("/$import", "/$import", "/$import", "/$import-status/x", f"/$import-status/{'0' * 32}", "/$import-status")
    )
    return Case("import", rng.choice(("POST", "POST", "POST", "GET", "DELETE")), target, (_FHIR,), body)


def _with_headers(case: Case, rng: random.Random) -> Case:
    names = rng.sample(list(HEADERS), rng.choice((1, 1, 2, 3)))
    more = tuple((name, rng.choice(HEADERS[name])) for name in names)
    kept = tuple(one for one in case.headers if one[0] not in names or rng.random() < 0.1)
    return case._replace(headers=(*kept, *more))
