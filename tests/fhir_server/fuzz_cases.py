"""Requests that a server must survive, made of spoilt resources, bundles, patches, searches, headers, paths."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

from fuzz_mutations import ODD, bytes_of, odd, respelt, spoilt, written
from fuzz_seeds import IDS, KINDS, MODIFIERS, PATCHES, RESOURCES, RESULTS, VALUES, Json

from nof1.fhir.definitions import definitions

_FHIR = ("content-type", "application/fhir+json")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 30)
_SEGMENTS = (
    *(
        "..",
        ".",
        "%2e%2e",
        "%2E%2E%2f%2e%2e",
        "..%2f..%2fetc%2fpasswd",
        "%5c..%5c",
        "%00",
        "%0a",
        "%0d%0aX:%20y",
        "%ff",
        "%",
    ),
    *("%zz", "%u0041", "%25%30%30", "%E2%80%A8", "%ED%A0%80", "a" * 64, "a" * 65, "a" * 5000, "", " ".replace(" ", "%20")),
    *("*", "_history", "_search", "metadata", "$everything", "$validate", "$nof1-assess", "$export", "$", "$x", "$%00"),
    *("0", "1", "9" * 30, "%D9%A3", "%C2%B2", "-1", "Patient", "Observation", "Nothing", "patient", "Resource", "HumanName"),
    *("Patient%3Fname=x", "Patient;a=b", "Patient,Observation", "p0", "p1", "p0%20", "$export-status", "$export-files"),
)
_HEADERS: dict[str, tuple[str, ...]] = {
    "accept": ("", "*/*", "application/xml", ",", ";;;", "a" * 8000, "application/fhir+json;q=x", "\xe9", "application/*", '"'),
    "content-type": (
        *("", "application/xml", "text/plain", "application/json; charset=utf-16", "application/fhir+json;;;", "a" * 8000),
        *("multipart/form-data", "application/x-www-form-urlencoded", "\xff", "application/json-patch+json", "json"),
    ),
    "prefer": (
        *("return=minimal", "return=representation", "return=OperationOutcome", "return=", "return=x", "handling=lenient"),
        *("handling=strict", "respond-async", ";;;,,,", '"', "return=minimal; handling=lenient, respond-async", "x" * 8000),
    ),
    "if-match": ('W/"1"', "1", "*", "", 'W/"x"', 'W/"' + "9" * 9 + '"', "9" * 5000, '"', "W/", "٣".encode().decode("latin-1"), "-1"),
    "if-none-match": ('W/"1"', "*", "", ",,,", "x" * 8000, '"'),
    "if-modified-since": (
        *("Wed, 21 Oct 2015 07:28:00 GMT", "Mon, 01 Jan 0001 00:00:00 -0000", "Mon, 01 Jan 0001 00:00:00 +1400", "", "x"),
        *("Fri, 31 Dec 9999 23:59:59 -2359", "0", "Mon, 99 Jan 2020 00:00:00 GMT", "1 Jan 99999999999 00:00:00 +9999999999"),
        *("1 1 1 1 1", "2020-01-01", ", ,", "Mon, 01 Jan 2020 99:99:99 GMT", "01 Jan 2020 00:00:00 +99999999999999999999"),
    ),
    "if-none-exist": (
        *("identifier=urn:test|1", "", "?", "x=y", "_id=p0", "identifier", "&&&", "%ff=%00", "_count=9", "name:=x", "_after=x"),
        *("_has:Observation:subject:code=x", "_sort=_id", "\xff=\xfe", "identifier=" + "x," * 2000, "_summary=count"),
    ),
    "accept-encoding": ("gzip", "gzip;q=0", "br", "identity", "*", "gzip, gzip", "x" * 8000),
    "content-encoding": ("gzip", "br", "x"),
    "authorization": ("Bearer x", "Basic eDp4", "Bearer", "Bearer " + "x" * 8000, "\xff"),
    "x-http-method-override": ("DELETE",),
    "host": ("x", "", "[", "\xff"),
    "range": ("bytes=0-1", "bytes=5-1,x"),
    "expect": ("x",),
}  # fmt: skip


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
        found = _many(rng) if at % 1500 == 700 else _export(rng) if at % 250 == 60 else rng.choice(makers)(rng)
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
    if rng.random() < 0.25:
        url = rng.choice(
            ("http://[", "//[::1", "?", "", "/", "Patient?_id=p0", "Patient?", "Patient/p0/_history", "_history", "metadata",
             "$export", "Patient/p0/$everything", "Patient/p0/$nof1-assess", "%00", "Patient/%00", "http://x.example/Patient",
             "Patient?name=%ff", "Patient/../..", "Patient/" + "a" * 3000, "\0", "Patient\n", "Patient?_count=" + "9" * 5000)
        )  # fmt: skip
    entry: Json = {"fullUrl": rng.choice(("urn:uuid:1", "urn:uuid:2", "", f"http://x/{kind}/{name}", "Patient?_id=p0"))}
    entry["request"] = {"method": method, "url": url}
    if rng.random() < 0.3:
        key = rng.choice(("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist"))
        entry["request"][key] = rng.choice(
            _HEADERS[f"if-{key[2:].lower()}"] if key == "ifMatch" else _HEADERS["if-none-exist"]
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
    if depth < 3 and rng.random() < 0.1:
        return {"request": {"method": "POST", "url": rng.choice(("", "/"))}, "resource": _whole(rng, depth + 1)}
    return entry


def _whole(rng: random.Random, depth: int = 0) -> Json:
    kind = rng.choice(("transaction", "batch", "transaction", "batch", "history", ""))
    return {
        "resourceType": "Bundle",
        "type": kind,
        "entry": [_entry(rng, depth) for _ in range(rng.choice((0, 1, 2, 3, 6)))],
    }


def _bundle(rng: random.Random) -> Case:
    return Case("bundle", "POST", rng.choice(("", "/")), (_FHIR,), bytes_of(_whole(rng), rng))


def _many(rng: random.Random) -> Case:
    """Thousands of entries, or bundles in bundles a hundred deep."""
    match rng.randrange(4):
        case 0:
            entries = [{"request": {"method": "GET", "url": f"Patient/p{at % 9}"}} for at in range(3000)]
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


def _pair(kind: str, rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.35:
        name = rng.choice(list(RESULTS))
        return name, rng.choice(RESULTS[name]) if rng.random() < 0.9 else str(rng.choice(ODD))
    one = rng.choice(list(definitions().parameters[kind].values()))
    name = one.code if rng.random() < 0.7 else f"{one.code}:{rng.choice(MODIFIERS)}"
    if rng.random() < 0.05:
        name = rng.choice((one.code.upper(), f"{one.code}.{one.code}", "", ":", ".", one.code[:-1], f"_has:{kind}", "\0"))
    values = VALUES[one.kind] if rng.random() < 0.85 else rng.choice(list(VALUES.values()))
    value = rng.choice(values) if rng.random() < 0.9 else str(rng.choice(ODD))
    if rng.random() < 0.1:
        at = rng.randrange(len(value) + 1)
        value = value[:at] + rng.choice(string.printable) + value[at:]
    return name, value if rng.random() < 0.95 else ",".join([value] * rng.choice((2, 50, 1500)))


def _query(kind: str, rng: random.Random) -> str:
    pairs = [_pair(kind, rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5)))]
    text = "&".join(f"{quote_plus(a, errors='replace')}={quote_plus(b, errors='replace')}" for a, b in pairs)
    if rng.random() < 0.1:
        text += rng.choice(
            ("%", "%zz", "=%ff", "%00=%00", "%ED%A0%80", "&&", "=", "&=&", ";", "?", "\xe9", "#x", "&" * 2000, "+")
        )
    return text


def _search(rng: random.Random) -> Case:
    kind = _kind(rng)
    query = _query(kind, rng)
    match rng.randrange(8):
        case 0:
            form = ("content-type", "application/x-www-form-urlencoded")
            body = query.encode("latin-1", "replace")
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
    return Case("search", "GET", f"{where}?{query}", (("prefer", "handling=lenient"),) if rng.random() < 0.2 else ())


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
    known = [_kind(rng), rng.choice(IDS), rng.choice(_SEGMENTS), rng.choice(_SEGMENTS), rng.choice(_SEGMENTS)]
    rng.shuffle(known)
    path = "/" + "/".join(known[: rng.choice((1, 1, 2, 2, 3, 4))])
    if rng.random() < 0.5:
        path = f"/{_kind(rng)}{path}"
    body = bytes_of(_resource(rng), rng) if rng.random() < 0.3 else b""
    return Case("path", rng.choice(_METHODS), path, (_FHIR,) if body else (), body)


def _conditional(rng: random.Random) -> Case:
    resource = _resource(rng, rng.choice(IDS) if rng.random() < 0.5 else "")
    kind = resource["resourceType"]
    match rng.randrange(3):
        case 0:
            condition = ("if-none-exist", rng.choice(_HEADERS["if-none-exist"]))
            return Case("conditional", "POST", f"/{kind}", (_FHIR, condition), bytes_of(resource, rng))
        case 1:
            return Case("conditional", "PUT", f"/{kind}?{_query(kind, rng)}", (_FHIR,), bytes_of(resource, rng))
        case _:
            return Case("conditional", "DELETE", f"/{kind}?{_query(kind, rng)}")


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
            return Case("operation", rng.choice(("POST", "GET")), f"{where}?{_query('Patient', rng)}", (_FHIR,), b"{}")
        case _:
            return Case("operation", "DELETE", f"/{_kind(rng)}/{rng.choice(IDS)}")


def _export(rng: random.Random) -> Case:
    name = rng.choice(("0" * 32, "f" * 32, "..", "%2e%2e", "x", "0" * 500, "%00" * 16))
    target = rng.choice(
        ("/$export", "/Patient/$export", "/Group/p0/$export", "/Group/$export", "/Nothing/$export", "/a/b/c/$export",
         "/Group/%00/$export", "/Group/" + "x" * 3000 + "/$export", f"/$export-status/{name}", f"/$export-files/{name}/Patient.ndjson",
         f"/$export-files/{'0' * 32}/{'A' * 300}.ndjson", f"/$export-files/{name}/..%2fexport.json", "/$export-files", "/$export-status/a/b")
    )  # fmt: skip
    query = rng.choice(
        ("", "?_type=Patient", "?_type=" + "x" * 5000, "?_since=soon", "?_type=%00", "?_outputFormat=%ff", "?x=y")
    )
    return Case("export", rng.choice(("GET", "GET", "POST", "DELETE", "PUT")), target + query)


def _with_headers(case: Case, rng: random.Random) -> Case:
    names = rng.sample(list(_HEADERS), rng.choice((1, 1, 2, 3)))
    more = tuple((name, rng.choice(_HEADERS[name])) for name in names)
    kept = tuple(one for one in case.headers if one[0] not in names or rng.random() < 0.1)
    return case._replace(headers=(*kept, *more))
