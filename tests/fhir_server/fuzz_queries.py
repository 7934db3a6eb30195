"""Queries of searches: names and values of parameters, right ones and those that only nearly are."""

from __future__ import annotations

import random
import string
from urllib.parse import quote_plus

from fuzz_mutations import ODD
from server_seeds import MODIFIERS, RESULTS, VALUES

from nof1.fhir.definitions import definitions


def _good_pair(kind: str, rng: random.Random) -> tuple[str, str]:
    if rng.random() < 0.3:
        name = rng.choice(("_count", "_summary", "_total", "_include", "_revinclude", "_lastUpdated"))
        return name, RESULTS[name][1 if name == "_count" else 0]
    known = [one for one in definitions().parameters[kind].values() if one.kind not in ("special", "composite")]
    one = rng.choice(known)
    return one.code, "p0" if one.code == "_id" else rng.choice(VALUES[one.kind][:2])


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


def query(kind: str, rng: random.Random) -> str:
    """The query of a search for ``kind``, as text of an address; nearly half of them are good ones."""
    make = _good_pair if rng.random() < 0.45 else _pair
    pairs = [make(kind, rng) for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5)))]
    text = "&".join(f"{quote_plus(a, errors='replace')}={quote_plus(b, errors='replace')}" for a, b in pairs)
    if rng.random() < 0.1:
        text += rng.choice(("%", "%zz", "=%ff", "%00=%00", "%ED%A0%80", "&&", "=", "&=&", ";", "?", "#x", "&" * 2000, "+"))
    return text
