"""Whether a stored value meets a written search value, by FHIR R4's page "Search", one kind of parameter at a time.

Slow and plain on purpose: it is what a server is compared with, so nothing here knows of indexes or of any server.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_ranges import (
    NotDefinedError,
    UnanswerableError,
    cut_prefix,
    date,
    decimal,
    moments,
    number,
    parts,
    plain,
    quantity,
)

CONTACTS = {"phone", "fax", "email", "pager", "url", "sms", "other"}
NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")
RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read what the specification leaves open.

    ``is_by_case``: codes by their case. ``is_text_within``: ``:text`` of a token anywhere in a text, not at its start.
    ``base``: the server's own address, which makes a reference local. ``now``: for ``ap`` of a date.
    ``systems``: (type, parameter) -> the system that a value set implies for a code.
    """

    is_by_case: bool = True
    is_text_within: bool = False
    base: str = ""
    now: datetime | None = None
    systems: Mapping[tuple[str, str], str] | None = None


# ------------------------------------------------------------------------------------------------------- tokens


def token(stored: Any, written: str, modifier: str, reading: Reading, system: str | None = None) -> bool:
    """``code``, ``system|code``, ``|code``, ``system|``; ``system``: what the value set of a code implies."""
    if modifier == "text":
        fits = _within if reading.is_text_within else _starts
        return any(fits(text, plain(written)) for text in _labels(stored))
    if modifier == "of-type":
        return _is_of_type(stored, written, reading)
    wanted = [plain(part) for part in parts(written, "|")]
    return any(_is_coding(one, wanted, reading) for one in _codings(stored, system))


def _is_coding(stored: tuple[Any, str], wanted: list[str], reading: Reading) -> bool:
    system, code = stored
    is_code = wanted[-1] == code if reading.is_by_case else wanted[-1].casefold() == code.casefold()
    if len(wanted) == 1:
        return is_code and code != ""
    if system is ...:
        raise UnanswerableError("the system of a code without one is not told")
    is_system = system == (wanted[0] or None)
    return is_system and (is_code or (wanted[-1] == "" and wanted[0] != ""))


def _codings(stored: Any, implied: str | None) -> list[tuple[Any, str]]:
    """(system, code) of a value: None for no system, ``...`` for one that is not told."""
    if isinstance(stored, bool):
        return [(implied or ..., str(stored).lower())]
    if not isinstance(stored, dict):
        return [(implied or ..., str(stored))]
    if "coding" in stored or set(stored) <= {"text", "id", "extension"}:
        return [(one.get("system"), str(one.get("code", ""))) for one in stored.get("coding", [])]
    if stored.get("system") in CONTACTS:
        return [(..., str(stored.get("value", "")))]
    return [(stored.get("system"), str(stored.get("code", stored.get("value", ""))))]


def _labels(stored: Any) -> list[str]:
    """What ``:text`` looks at: the text of a concept, the display of a coding, the text of an identifier's type."""
    if not isinstance(stored, dict):
        return []
    if "value" in stored:
        return [text for text in [stored.get("type", {}).get("text")] if text]
    found = [stored.get("text"), stored.get("display"), *(one.get("display") for one in stored.get("coding", []))]
    return [text for text in found if text]


def _is_of_type(stored: Any, written: str, reading: Reading) -> bool:
    wanted = [plain(part) for part in parts(written, "|")]
    if len(wanted) != 3 or not isinstance(stored, dict):
        return False
    types = _codings(stored.get("type", {}), None)
    return stored.get("value") == wanted[2] and any(_is_coding(one, wanted[:2], reading) for one in types)


# ------------------------------------------------------------------------------------------------ strings and URIs


def string(stored: Any, written: str, modifier: str) -> bool:
    """At the start, in any case and without accents; ``:contains`` anywhere; ``:exact`` the whole, as it is."""
    wanted, texts = plain(written), _texts(stored)
    if modifier == "exact":
        return wanted in texts
    return any((_within if modifier else _starts)(text, wanted) for text in texts)


def normal(text: str) -> str:
    """Without case and accents.

    >>> normal("Zoë ÅNGSTRÖM")
    'zoe angstrom'
    """
    spread = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in spread if not unicodedata.combining(sign)).casefold()


def _starts(text: str, wanted: str) -> bool:
    return normal(text).startswith(normal(wanted))


def _within(text: str, wanted: str) -> bool:
    return normal(wanted) in normal(text)


def _texts(stored: Any) -> list[str]:
    """The texts of a value: of a name and of an address every part."""
    if not isinstance(stored, dict):
        return [str(stored)]
    inner = [stored.get(name) for name in dict.fromkeys(NAME_PARTS + ADDRESS_PARTS)]
    return [text for part in inner if part for text in (part if isinstance(part, list) else [part])]


def uri(stored: Any, written: str, modifier: str) -> bool:
    """The whole; ``:below`` at its start."""
    if modifier == "below":
        return str(stored).startswith(plain(written))
    return bool(stored == plain(written))


# ---------------------------------------------------------------------------------------------------- references


def place(text: str, reading: Reading) -> tuple[str, str] | None:
    """Type and id of a reference to this server, whatever version it names; None for others.

    >>> place("Patient/1/_history/2", Reading())
    ('Patient', '1')
    """
    local = text.removeprefix(reading.base.rstrip("/") + "/") if reading.base else text
    found = RELATIVE.fullmatch(local)
    return (found[1], found[2]) if found else None


def reference(stored: Any, written: str, modifier: str, reading: Reading) -> bool:
    """``id``, ``Type/id``, a URL; ``:Type`` before an id; ``:identifier``; a canonical with or without its version."""
    if modifier == "identifier":
        return isinstance(stored, dict) and "identifier" in stored and token(stored["identifier"], written, "", reading)
    wanted = plain(written)
    if modifier:
        wanted = f"{modifier}/{wanted}" if "/" not in wanted else wanted
    text = stored.get("reference", "") if isinstance(stored, dict) else str(stored)
    there, meant = place(text, reading), place(wanted, reading)
    if modifier and (meant is None or meant[0] != modifier):
        return False
    if there is not None:
        return there == meant or ("/" not in wanted and there[1] == wanted)
    return bool(text) and wanted in (text, text.split("|")[0] if isinstance(stored, str) else text)


# ------------------------------------------------------------------------------------------------------ all kinds


MODIFIERS = {
    "token": {"text", "not", "above", "below", "in", "not-in", "of-type"}, "string": {"exact", "contains"},
    "reference": {"identifier", "above", "below"}, "uri": {"above", "below"},
}  # fmt: skip
EVALUATED = {"text", "not", "of-type", "exact", "contains", "identifier"}


def check_written(kind: str, written: str, modifier: str) -> None:
    """Raises where a modifier does not go with a kind, or a value is none of it, whatever is stored."""
    is_type = kind == "reference" and modifier[:1].isupper()
    if modifier and not is_type and modifier not in MODIFIERS.get(kind, ()):
        raise NotDefinedError(f"a {kind} has no modifier {modifier}")
    if modifier and not is_type and modifier not in EVALUATED and (kind, modifier) != ("uri", "below"):
        raise UnanswerableError(f"the modifier {modifier} of a {kind} is not evaluated")
    text = cut_prefix(parts(written, "|")[0])[1]
    if kind == "date":
        moments(text)
    elif kind in ("number", "quantity"):
        decimal(text)
    elif kind == "token" and modifier != "text" and len(parts(written, "|")) > (3 if modifier == "of-type" else 2):
        raise NotDefinedError(f"{written} is no token")


def by_kind(
    kind: str, values: Sequence[Any], written: str, modifier: str, reading: Reading, system: str | None = None
) -> bool:
    """Whether any of the stored values meets one written value of a parameter of this kind."""
    tests: dict[str, Callable[[Any], bool]] = {
        "token": lambda stored: token(stored, written, modifier, reading, system),
        "string": lambda stored: string(stored, written, modifier),
        "uri": lambda stored: uri(stored, written, modifier),
        "reference": lambda stored: reference(stored, written, modifier, reading),
        "date": lambda stored: date(stored, written, reading.now),
        "number": lambda stored: number(stored, written),
        "quantity": lambda stored: quantity(stored, written),
    }
    if kind not in tests:
        raise UnanswerableError(f"parameters of kind {kind} are not evaluated")
    return any(tests[kind](stored) for stored in values)
