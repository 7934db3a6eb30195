"""The bytes of a resource: as they came, but for its id and the version it got."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from nof1.errors import RecordError

_Raw = dict[str, msgspec.Raw]
_DECODER = msgspec.json.Decoder(_Raw)
_ENCODER = msgspec.json.Encoder()
_FIRST = ("resourceType", "id", "meta")


def with_meta(body: bytes, id: str, vid: int, updated: int) -> bytes:  # noqa: A002
    """``body`` with ``id``, ``meta.versionId`` and ``meta.lastUpdated`` set, the bytes of every other member as they were.

    ``updated``: microseconds since 1970 UTC. Raises ``RecordError`` when ``body`` or its ``meta`` is no JSON object.

    >>> with_meta(b'{"resourceType": "Basic", "x": 1.50, "meta": {"tag": []}}', "a", 2, 1_500_000)
    b'{"resourceType":"Basic","id":"a","meta":{"versionId":"2","lastUpdated":"1970-01-01T00:00:01.500000Z","tag":[]},"x":1.50}'
    """
    try:
        members = _DECODER.decode(body)
        meta = _DECODER.decode(members["meta"]) if "meta" in members else {}
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordError(f"record: a resource or its meta is no JSON object: {error}") from error
    stamped = {
        "versionId": str(vid),
        "lastUpdated": instant(updated),
        **{key: value for key, value in meta.items() if key not in ("versionId", "lastUpdated")},
    }
    kept = {key: value for key, value in members.items() if key not in _FIRST}
    head = {"resourceType": members["resourceType"]} if "resourceType" in members else {}
    return _ENCODER.encode({**head, "id": id, "meta": stamped, **kept})


def instant(at: int) -> str:
    """A time in microseconds since 1970 UTC as an instant of FHIR.

    >>> instant(1_500_000)
    '1970-01-01T00:00:01.500000Z'
    """
    seconds, rest = divmod(at, 1_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC).isoformat()[:19]}.{rest:06}Z"
