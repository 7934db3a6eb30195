"""How what is valid is spoilt: values, members and bytes. Everything follows from the random numbers that are handed in."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

from server_seeds import Json

_LONG = "x" * 1_000_000
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 1e308, 5e-324, 2**31, 2**63, 2**64, 10**400),
    *("", " ", "\t", "a\nb", "\0", "\ud800", "\udc00x", "é" * 300, "\u202e", "\u2028", "٣", "NaN", "x" * 5000),
    *("0000-00-00", "9999-12-31T23:59:60+14:00", "0001-01-01T00:00:00+14:00", "2020-02-30", "24:00:00"),
    *("Patient/p0", "Patient?_id=p0", "Nothing?x=y", "Patient?x", "Patient?name:=x", "Patient?", "urn:uuid:1", "#", "#c"),
    *("http://[", "//[", "../../etc/passwd", "%00", "%ff", "javascript:1", "a|b|c", "Patient/p0/_history/1"),
    *([], {}, [[]], [None], [{}], {"": ""}, {"reference": 1}, {"reference": {}}, {"coding": "x"}, [1, "a", None]),
    *({"resourceType": "Patient"}, {"resourceType": 1}, {"extension": [{"url": "u", "extension": []}]}),
)
# JSON text that no encoder writes
TOKENS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1E400", b"01", b"+1", b".5", b"1.", b"0x1", b"--1", b"1e"),
    *(
        b"'x'",
        b'"\\x"',
        b'"\\u12"',
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\x01"',
        b"undefined",
    ),
    *(b"1" * 400, b"0." + b"1" * 400, b"1" * 5000, b"/**/1", b"[1,]", b'{"a":1,}', b"\x00", b"True", b""),
)


def odd(rng: random.Random) -> Any:
    """A value that hardly any element takes."""
    chance = rng.random()
    if chance < 0.03:
        return nested(rng)
    return _LONG if chance < 0.033 else copy.deepcopy(rng.choice(ODD))  # what is changed further must not change here


def nested(rng: random.Random) -> Any:
    """Lists, objects or extensions in each other."""
    levels = rng.choice((5, 60, 99, 101, 150, 200))
    found: Any = "x"
    wrap = rng.choice(("list", "object", "extension", "item", "contained"))
    for _ in range(levels):
        if wrap == "list":
            found = [found]
        elif wrap == "object":
            found = {"a": found}
        else:
            inner = [found] if isinstance(found, dict) else []
            found = {"url": "u", "linkId": "1", "resourceType": "Basic", wrap: inner}
    return found


def deep(rng: random.Random) -> bytes:
    """JSON text deeper than any encoder of ours goes."""
    levels = rng.choice((900, 2_000, 100_000))
    opening, closing = rng.choice(((b"[", b"]"), (b'{"a":', b"}"), (b'{"extension":[', b"]}"), (b'{"item":[{"a":', b"}]}")))
    return opening * levels + (closing * levels if rng.random() < 0.5 else b"")


def respelt(content: Any, rng: random.Random, times: int = 0) -> Any:
    """A copy with one to three members changed, taken away, added, wrapped or put elsewhere."""
    whole = copy.deepcopy(content)
    for _ in range(times or rng.choice((1, 1, 1, 2, 3))):
        places = list(_places(whole))
        if not places:
            return odd(rng)
        holder, key = rng.choice(places)
        _change(holder, key, rng, places)
    return whole


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a value, with its holder."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        one = waiting.pop()
        keys = list(one) if isinstance(one, dict) else range(len(one)) if isinstance(one, list) else ()
        for key in keys:
            found.append((one, key))
            waiting.append(one[key])
    return found


def _change(holder: Any, key: Any, rng: random.Random, places: list[tuple[Any, Any]]) -> None:
    match rng.randrange(9):
        case 0 | 1 | 2:
            holder[key] = odd(rng)
        case 3:
            del holder[key]
        case 4:
            holder[key] = [holder[key]] if rng.random() < 0.5 else {"a": holder[key]}
        case 5:
            other, place = rng.choice(places)
            if place in other if isinstance(other, dict) else place < len(other):
                holder[key] = copy.deepcopy(other[place])
        case 6 if isinstance(holder, dict):
            holder[rng.choice(("_", "$", "", "extension", f"_{key}", f"{key}x", "valueString", "value[x]", "\0"))] = odd(rng)
        case 7 if isinstance(holder, list):
            holder.extend([holder[key]] * rng.choice((1, 5, 200)))
        case _ if isinstance(holder, dict):
            holder[rng.choice(("id", "meta", "resourceType", "reference", "contained"))] = holder.pop(key)


def written(content: Any, rng: random.Random) -> bytes:
    """JSON text, in one of the ways in which it may be written."""
    if rng.random() < 0.1:
        return json.dumps(content, indent=2).encode()
    return json.dumps(content, ensure_ascii=rng.random() < 0.8).encode("utf-8", "surrogatepass")


def spoilt(text: bytes, rng: random.Random) -> bytes:
    """The bytes flipped, cut, doubled or mixed with what is no JSON."""
    at = rng.randrange(len(text)) if text else 0
    match rng.randrange(10):
        case 0:
            return text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :]
        case 1:
            return text[:at]
        case 2:
            return text[:at] + text[at + rng.randrange(1, 20) :]
        case 3:
            return text[:at] + rng.randbytes(rng.randrange(1, 20)) + text[at:]
        case 4:
            return text + rng.choice((b"}", b",", text, b"\x00", b"\n{}", b"//"))
        case 5:
            return rng.choice((b"\xef\xbb\xbf", b"\xff\xfe", b" " * 1000, b"\x00", b"[")) + text
        case 6 | 7:
            return _with_token(text, rng)
        case 8:
            return _doubled(text, rng)
        case _:
            return deep(rng) if rng.random() < 0.3 else text.decode("utf-8", "replace").encode("utf-16")


def _with_token(text: bytes, rng: random.Random) -> bytes:
    """One value replaced by a token that is none."""
    parts = text.split(b": ")
    at = rng.randrange(1, len(parts)) if len(parts) > 1 else 0
    rest = parts[at]
    end = next((place for place, sign in enumerate(rest) if sign in b",]}"), len(rest))
    parts[at] = rng.choice(TOKENS) + rest[end:]
    return b": ".join(parts)


def _doubled(text: bytes, rng: random.Random) -> bytes:
    """A member that stands twice in one object."""
    member = rng.choice(
        (b'"resourceType":"Patient"', b'"id":"p0"', b'"id":"p1"', b'"meta":{}', b'"meta":{"versionId":"9"}', b'"status":"x"')
    )
    starts = [at for at, sign in enumerate(text) if sign == 0x7B]
    at = rng.choice(starts) + 1 if starts else 0
    return text[:at] + member + b"," + text[at:]


def bytes_of(content: Json | list[Json], rng: random.Random) -> bytes:
    """A body of ``content``: as it is, with other members, with other bytes."""
    match rng.randrange(10):
        case 0 | 1:
            return written(content, rng)
        case 2 | 3 | 4 | 5 | 6:
            return written(respelt(content, rng), rng)
        case _:
            return spoilt(written(content, rng), rng)
