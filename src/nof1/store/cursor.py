"""Where a page begins, as text that a client gives back: the last place before it, and the last change that counts."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from nof1.fhir.definitions import definitions
from nof1.fhir.query_errors import QueryError
from nof1.store.sql_order import Key, Place

_LONGEST = 8000
_NUMBER = re.compile(r"-?(inf|\d+(\.\d+)?(e[+-]\d{1,3})?)")


class Cursor(NamedTuple):
    """``until``: the last change at the time of the first page. ``by``: parameter sorted by when none was asked for."""

    until: int
    by: str
    keys: list[Key]
    rid: int

    @property
    def place(self) -> Place:
        """The last place of the page before."""
        return Place(tuple(self.keys), self.rid)


def written(until: int, by: str, place: Place) -> str:
    """The cursor as text for an address."""
    keys = [str(key) if isinstance(key, float) else key for key in place.keys]  # JSON has no infinity
    return urlsafe_b64encode(msgspec.json.encode((until, by, keys, place.rid))).decode().rstrip("=")


def read(text: str, kinds: Sequence[str]) -> Cursor | None:
    """The cursor of a text, None for an empty one; ``kinds``: of the key of each sort, ``string``, ``date``, ....

    Raises ``QueryError`` for what this server never gave.
    """
    if not text:
        return None
    try:
        content = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)) if len(text) <= _LONGEST else b""
        until, by, keys, rid = msgspec.json.decode(content, type=tuple[int, str, list[str | int | None], int])
    except (ValueError, msgspec.DecodeError, UnicodeError) as error:
        raise _refused(text) from error
    expected = [*kinds, *(["date"] if by else [])]
    if len(keys) != len(expected) or not (0 <= until < 2**62 and 0 <= rid < 2**62) or (by and not _is_date(by)):
        raise _refused(text)
    return Cursor(until, by, [_key(text, key, kind) for key, kind in zip(keys, expected, strict=True)], rid)


def _is_date(parameter: str) -> bool:
    found = definitions().by_id.get(parameter)
    return found is not None and found.kind == "date"


def _key(text: str, key: str | int | None, kind: str) -> Key:
    if key is None:
        return None
    if kind == "date" and isinstance(key, int) and abs(key) < 2**63:
        return key
    if isinstance(key, str) and kind in ("number", "quantity") and _NUMBER.fullmatch(key):
        return float(key)
    if isinstance(key, str) and kind not in ("date", "number", "quantity") and "\0" not in key:
        return key
    raise _refused(text)


def _refused(text: str) -> QueryError:
    return QueryError("_after", text, "no place that this server gave for this search; begin at the first page")
